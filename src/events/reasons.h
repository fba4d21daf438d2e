#pragma once

#include "events/reason.h"

/*
 * The reasons of one camera's last VD_MAX_REASONS seconds, and of more: of each second the picture
 * that came farthest, and seconds in which nothing moved, one after the other, are one. It knows no
 * clock.
 */
typedef struct VdReasons VdReasons;

VdReasons *vd_reasons_new(void);
void vd_reasons_free(VdReasons *reasons);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdReasons, vd_reasons_free)

/* Copies it and takes references of its own; allocates nothing. */
void vd_reasons_take(VdReasons *reasons, const VdReason *reason);

/* A time that is asked for: the reason that came farthest of so many seconds from at_us on. */
typedef struct VdReasonsWanted {
    gint64 at_us;
    guint seconds;  /* 1 at least */
    gint64 span_us; /* what is told of before and of after */
} VdReasonsWanted;

/*
 * Copies of those from span_us before the wanted time to span_us after it, oldest first (transfer
 * full). *found: the place of the one that is wanted; -1: none is of that time, nor at most a
 * second older. *oldest_us: since when there are reasons; 0: there are none.
 */
GArray *vd_reasons_around(const VdReasons *reasons, const VdReasonsWanted *wanted, gint *found,
                          gint64 *oldest_us);
