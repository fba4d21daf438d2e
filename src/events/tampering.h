#pragma once

#include "base/clock.h"
#include "config/tampers.h"
#include "events/event.h"
#include "plugins/vd-messages.h"

/*
 * Whether somebody or something has spoilt a camera's pictures, from how good they are. Each kind
 * has a score, 0..100, and has happened when that was at the limit or above it for as long as the
 * kind takes; it is over when it was below 7/10 of the limit for five seconds, or the camera is
 * away. Most are judged by what is normal for this camera, which is learned over ten minutes, and
 * six times as slowly while something looks wrong: so what stays becomes normal within hours. For
 * half a minute at the start, and behind each change between colour and grey, nothing is normal
 * yet, and only what is wrong in any camera's pictures is. It stays known while the camera is away,
 * for VD_SCENE_LASTS_US: who turns it round while it has no power is told of. Arithmetic on what is
 * given: it knows no clock.
 */
typedef struct VdTamperSign {
    double score;    /* of the newest picture */
    gint64 above_us; /* since when it is at the limit; 0: it is not */
    gint64 below_us; /* since when it is far below; 0: it is not */
    VdMoment since;  /* of what was told; all zero: nothing was */
    double peak;
} VdTamperSign;

/* Of a camera's pictures; what they mean stands with VdQuality. */
typedef struct VdNormal {
    gint64 us, here_us; /* how long it was learned */
    double light, white, contrast, sharpness, noise, here;
    double still; /* part of the pictures that were those before */
} VdNormal;

/* What is told of it beside events. */
typedef struct VdTamperFacts {
    guint kinds;                 /* that are looked for, 1 << VdTamper */
    double scores[VD_N_TAMPERS]; /* of the newest picture */
    gint64 since[VD_N_TAMPERS];  /* on the wall's clock; 0: it has not happened, or is over */
} VdTamperFacts;

#define VD_MAX_FLIPS 8

typedef struct VdTampering {
    char *camera;
    VdTamperWish wish;
    VdNormal normal;
    VdTamperSign each[VD_N_TAMPERS];
    gint64 seen_us;  /* the newest picture; 0: none */
    gint64 still_us; /* how long it has been the same */
    bool coloured, colour_known;
    double shift_x, shift_y, shake; /* the newest; its mean change */
    gint64 flips[VD_MAX_FLIPS];     /* the newest changes between colour and grey, in turn */
    guint n_flips;
} VdTampering;

void vd_tampering_init(VdTampering *tampering, const char *camera);
void vd_tampering_clear(VdTampering *tampering);

/* happened: events are added to each of these. What is not wished for any more is over. */
void vd_tampering_set_wish(VdTampering *tampering, VdMoment now, const VdTamperWish *wish,
                           GPtrArray *happened);
void vd_tampering_see(VdTampering *tampering, VdMoment now, const VdQuality *quality,
                      GPtrArray *happened);
void vd_tampering_tell(const VdTampering *tampering, VdTamperFacts *facts);
/* The camera is away: all is over. */
void vd_tampering_leave(VdTampering *tampering, VdMoment now, GPtrArray *happened);
/* What comes next is another camera's. */
void vd_tampering_forget(VdTampering *tampering, VdMoment now, GPtrArray *happened);
