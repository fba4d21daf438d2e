#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Time. now: monotonic, for deadlines and ages; wall: microseconds since 1970 UTC, for people.
 * [any]. A test sets the clock by hand; what it set stays until vd_clock_release().
 */
gint64 vd_clock_now_us(void);
gint64 vd_clock_wall_us(void);

/*
 * When something happened, on both: an age is counted on the one that nobody sets, a date is told
 * as the other one had it then. All zero: it did not.
 */
typedef struct VdMoment {
    gint64 us, wall_us;
} VdMoment;
VdMoment vd_moment_now(void);

/* Tests only: from now on both clocks stand at these values. */
void vd_clock_hold(gint64 now_us, gint64 wall_us);
void vd_clock_advance(gint64 us);
void vd_clock_release(void);

/* "2026-11-22T15:04:05.123Z", of the years 1970 to 9999 (transfer full). */
char *vd_clock_iso8601(gint64 wall_us);
/* What such a text says, of any zone, UTC where it names none; false: it is none. */
bool vd_clock_read_iso8601(const char *text, gint64 *wall_us);
