#pragma once

#include "ctl/ctl.h"

/* A table for people: columns as wide as what is in them, two blanks between. */
typedef struct VdCtlTable VdCtlTable;

/* columns: "CAMERA|STATE|>FPS"; > aligns to the right. */
VdCtlTable *vd_ctl_table_new(const char *columns);
void vd_ctl_table_free(VdCtlTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdCtlTable, vd_ctl_table_free)

/* The next cell, row by row. text: (nullable) a hyphen */
void vd_ctl_table_add(VdCtlTable *table, const char *text);
void vd_ctl_table_addf(VdCtlTable *table, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The table as text, a line a row; no line is wider than `most`, where that is not 0 (transfer
 * full). */
char *vd_ctl_table_text(const VdCtlTable *table, guint most);
void vd_ctl_table_print(const VdCtlTable *table);
