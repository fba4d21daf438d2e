#pragma once

#include "config/config.h"

/*
 * Lines of a camera's picture that what moves may cross. As text, one behind the other with a ;
 * between them: "NAME [in|out|both]: x,y x,y ..." with points as masks have them. Whoever goes
 * along a line from its first point to its last has "out" at his left and "in" at his right.
 */
typedef enum VdWays {
    VD_WAY_IN = 1,
    VD_WAY_OUT = 2,
    VD_WAY_BOTH = 3,
} VdWays;

typedef struct VdLine {
    char *name;       /* made as a camera's id is, once in a camera */
    VdWays ways;      /* those that count */
    VdPolygon course; /* 2 points or more; it is not closed */
} VdLine;

/* A camera's, in the order in which they are written: counted, immutable. */
struct VdLines {
    gatomicrefcount refs;
    guint count; /* 1..VD_MAX_LINES */
    VdLine each[];
};

/* An empty text makes none: *lines is NULL then ((transfer full) otherwise). */
bool vd_lines_parse(const char *text, VdLines **lines, GError **error);
/* What vd_lines_parse() makes the same lines of (transfer full). lines: (nullable) */
char *vd_lines_text(const VdLines *lines);
bool vd_lines_equal(const VdLines *a, const VdLines *b); /* both (nullable) */
VdLines *vd_lines_ref(VdLines *lines);                   /* (nullable) */
void vd_lines_unref(VdLines *lines);                     /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdLines, vd_lines_unref)
const char *vd_ways_name(VdWays ways); /* "in", "out" or "both" */
