#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/*
 * When somebody was there, as somebody else has written down: a CSV file whose head names the
 * columns enter_frame and leave_frame, pictures counted from 0.
 */
typedef struct VdVisit {
    guint64 enter, leave;
} VdVisit;

/* GArray of VdVisit (transfer full), or NULL with an error that names the line. */
GArray *vd_visits_read(const char *path, GError **error);
GArray *vd_visits_parse(const char *text, const char *name, GError **error);

/*
 * Which of them the incidents (VdIncident) found, and which incidents are of none: one is of the
 * visit in which it begins, two seconds more or less, so that one that never ends has found no more
 * than its first. times: of the pictures, gint64 us. (transfer full)
 */
json_t *vd_visits_judge(const GArray *visits, const GArray *times, const GArray *incidents);
