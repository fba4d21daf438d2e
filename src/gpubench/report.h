#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * What was measured, in the order in which it was: facts, tables of numbers, goals. Written as text
 * for people or as JSON, from the same. A number that was not measured is NAN: "-" in text, null in
 * JSON. [main]
 */
typedef struct VdBenchReport VdBenchReport;
typedef struct VdBenchTable VdBenchTable;

typedef struct VdBenchColumn {
    const char *key;  /* in JSON, with its unit: "us_per_frame" */
    const char *head; /* in text */
    int decimals;
} VdBenchColumn;

VdBenchReport *vd_bench_report_new(void);
void vd_bench_report_free(VdBenchReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdBenchReport, vd_bench_report_free)

/* A fact of the device or of the run. */
void vd_bench_report_fact(VdBenchReport *report, const char *key, const char *value);

/* (transfer none). title and columns must last as long as the report. */
VdBenchTable *vd_bench_report_table(VdBenchReport *report, const char *key, const char *title,
                                    const VdBenchColumn *columns, guint n_columns);
/* values: one a column. */
void vd_bench_table_row(VdBenchTable *table, const char *name, const double *values);
/* What is counted, why it ended early, or why there is nothing. (transfer full) */
void vd_bench_table_note(VdBenchTable *table, char *note);

typedef enum VdBenchSense { VD_BENCH_AT_LEAST, VD_BENCH_AT_MOST } VdBenchSense;
/* value NAN: it was not measured, which is neither met nor missed. */
void vd_bench_report_goal(VdBenchReport *report, const char *what, double value, const char *unit,
                          VdBenchSense sense, double target);

/* What came since the last call. (transfer full) */
char *vd_bench_report_text(VdBenchReport *report);
/* All of it. (transfer full) */
char *vd_bench_report_json(const VdBenchReport *report);
