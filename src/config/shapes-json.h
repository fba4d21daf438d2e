#pragma once

#include "config/polygons.h"

#include <jansson.h>

/*
 * Shapes as JSON: points [[x,y],...], masks [[[x,y],...],...], and shapes with a name, an object
 * with one a member. The texts are as the file has them (transfer full), NULL with *error when the
 * value is not of that form; whether it is allowed is for their parsers to say.
 */
json_t *vd_points_json(const VdPolygon *points);

json_t *vd_polygons_json(const VdPolygon *polygons, guint count);
char *vd_polygons_text_of_json(const json_t *value, GError **error);

/* What there is to know of a kind of shapes to read them. */
typedef struct VdShapeKind {
    const char *thing, *example; /* what one is called, and a name that one could have */
    const char *const *members;  /* "points" first, which alone is needed; ends with NULL */
    const char *allowed;         /* the same as a sentence has them */
    int least;                   /* points */
    bool (*check_name)(const char *name, GError **error);
    /* Appends what the text has for this member, whose place in members is not 0. */
    bool (*append)(GString *text, guint member, const json_t *value, GError **error);
} VdShapeKind;

char *vd_shapes_text_of_json(const VdShapeKind *kind, const json_t *value, GError **error);
