#pragma once

#include "plugins/vd-text.h"

/*
 * Zones' outlines with their names, those in which motion counts in one colour and those that are
 * ignored in another. One size of picture at a time.
 */
typedef struct VdZoneName {
    VdText text;
    int x, y;
} VdZoneName;

typedef struct VdZoneMarks {
    VdkSpan *outlines[2]; /* of zones that count, of ignored ones; (nullable) */
    size_t n_outlines[2];
    GArray *names; /* (nullable) VdZoneName */
} VdZoneMarks;

/*
 * zones: (nullable) "NAME ...: x,y x,y x,y; NAME ...: ..." where of the words behind a name
 * "ignore" alone is looked at. False: it cannot be read, and nothing is drawn. lines: pixels.
 */
bool vd_zone_marks_set(VdZoneMarks *marks, const char *zones, int lines, int width, int height);
void vd_zone_marks_clear(VdZoneMarks *marks);

bool vd_zone_marks_any(const VdZoneMarks *marks);
/* Answers what the engine answers. */
int vd_zone_marks_draw(const VdZoneMarks *marks, const VdCanvas *canvas);
