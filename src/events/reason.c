#include "events/reason.h"

#include <string.h>

G_STATIC_ASSERT(sizeof(VdReason) <= 256);

/* clang-format off */
static const char *const names[VD_N_REACHES] = {
    [VD_REACH_AWAY]      = "away",
    [VD_REACH_YOUNG]     = "background-young",
    [VD_REACH_STILL]     = "nothing-moved",
    [VD_REACH_LIGHT]     = "another-light",
    [VD_REACH_NO_BOX]    = "too-small",
    [VD_REACH_NO_OBJECT] = "no-object",
    [VD_REACH_OUTSIDE]   = "outside-zones",
    [VD_REACH_IGNORED]   = "ignored-zone",
    [VD_REACH_SMALL]     = "too-small-for-zone",
    [VD_REACH_SHORT]     = "too-short",
    [VD_REACH_COUNTS]    = "counts",
};

static const char *const outcomes[VD_N_OUTCOMES] = {
    [VD_OUTCOME_NONE]    = "none",
    [VD_OUTCOME_GOES_ON] = "goes-on",
    [VD_OUTCOME_OVER]    = "over",
    [VD_OUTCOME_BEGAN]   = "began",
};

/* How far a picture came in which the best box has this fate. */
static const VdReach reach_of[VD_N_FATES] = {
    [VD_FATE_COUNTS]    = VD_REACH_SHORT, /* until its time is told */
    [VD_FATE_NO_BOX]    = VD_REACH_NO_BOX,
    [VD_FATE_NO_OBJECT] = VD_REACH_NO_OBJECT,
    [VD_FATE_OUTSIDE]   = VD_REACH_OUTSIDE,
    [VD_FATE_IGNORED]   = VD_REACH_IGNORED,
    [VD_FATE_SMALL]     = VD_REACH_SMALL,
};
/* clang-format on */

const char *vd_reach_name(VdReach reach)
{
    return names[reach];
}

const char *vd_outcome_name(VdOutcome outcome)
{
    return outcomes[outcome];
}

const char *vd_fate_name(VdFate fate)
{
    return names[fate == VD_FATE_COUNTS ? VD_REACH_COUNTS : reach_of[fate]];
}

/* --- what it is judged by --------------------------------------------------------------------- */

VdLimits *vd_limits_new(const VdRuleTimes *times, VdZones *zones)
{
    VdLimits *limits = g_new0(VdLimits, 1);

    g_atomic_ref_count_init(&limits->refs);
    limits->times = *times;
    limits->zones = vd_zones_ref(zones);
    return limits;
}

VdLimits *vd_limits_ref(VdLimits *limits)
{
    if (limits != NULL)
        g_atomic_ref_count_inc(&limits->refs);
    return limits;
}

void vd_limits_unref(VdLimits *limits)
{
    if (limits == NULL || !g_atomic_ref_count_dec(&limits->refs))
        return;
    vd_zones_unref(limits->zones);
    g_free(limits);
}

gint64 vd_limits_least_us(const VdLimits *limits, guint place)
{
    int ms = place < VD_MAX_ZONES ? limits->zones->each[place].min_ms : -1;

    return ms >= 0 ? ms * 1000LL : limits->times.min_us;
}

/* --- one picture ------------------------------------------------------------------------------ */

static guint16 narrow(int value)
{
    return (guint16)CLAMP(value, 0, G_MAXUINT16);
}

void vd_reason_add(VdReason *reason, const VdBox *box, const VdStand *stand)
{
    reason->fates[stand->fate]++;
    reason->reach = (guint8)MAX((VdReach)reason->reach, reach_of[stand->fate]);
    for (guint i = 0; i <= VD_MAX_ZONES; i++)
        reason->counted[i] = (guint8)(reason->counted[i] + (stand->places >> i & 1));
    if (stand->fate == VD_FATE_IGNORED)
        reason->counted[stand->zone]++;
    if (reason->n_boxes == VD_REASON_BOXES)
        return;
    reason->boxes[reason->n_boxes++] = (VdReasonBox){
        .x = narrow(box->x),
        .y = narrow(box->y),
        .width = narrow(box->width),
        .height = narrow(box->height),
        .area = narrow(box->area),
        .fate = (guint8)stand->fate,
        .zone = (guint8)stand->zone,
    };
}

static void take_found(VdReason *reason, const VdMotionFound *found)
{
    reason->changed = (float)found->changed;
    reason->clean = (float)found->clean;
    reason->components = found->components;
    reason->largest = narrow(found->largest.area);
    reason->threshold = (guint8)found->threshold;
    reason->min_area = (guint16)found->min_area;
}

/* Boxes that moved where none is judged: what is too small, and what is no object. */
static void add_unjudged(VdReason *reason, const VdSighting *sighting)
{
    const VdStand no_box = {VD_FATE_NO_BOX, VD_MAX_ZONES, 0};
    const VdStand no_object = {VD_FATE_NO_OBJECT, VD_MAX_ZONES, 0};

    if (reason->n_moved == 0 && sighting->found != NULL && sighting->found->largest.area > 0)
        vd_reason_add(reason, &sighting->found->largest, &no_box);
    for (guint i = 0; sighting->of_objects && i < sighting->n_moved; i++)
        vd_reason_add(reason, &sighting->moved[i], &no_object);
}

void vd_reason_begin(VdReason *reason, const VdSighting *sighting, VdLimits *limits)
{
    *reason = (VdReason){
        .limits = limits,
        .wall_us = sighting->wall_us,
        .first_us = sighting->wall_us,
        .last_us = sighting->wall_us,
        .pictures = 1,
        .noise = (float)sighting->noise,
        .reach = sighting->young   ? VD_REACH_YOUNG
                 : sighting->light ? VD_REACH_LIGHT
                                   : VD_REACH_STILL,
        .place = VD_MAX_ZONES,
        .margin_ms = G_MININT32,
        .of_objects = sighting->of_objects,
        .n_moved = (guint8)(sighting->of_objects ? sighting->n_moved : sighting->n_boxes),
    };
    if (sighting->found != NULL)
        take_found(reason, sighting->found);
    if (!sighting->young && sighting->n_boxes == 0)
        add_unjudged(reason, sighting);
}

void vd_reason_place(VdReason *reason, guint place, gint64 us, bool counts)
{
    VdReach reach = counts ? VD_REACH_COUNTS : VD_REACH_SHORT;
    guint16 ms = (guint16)MIN(us / 1000, G_MAXUINT16);
    gint32 margin_ms = ms - (gint32)(vd_limits_least_us(reason->limits, place) / 1000);

    reason->ms[place] = ms;
    if (reach < (VdReach)reason->reach ||
        (reach == (VdReach)reason->reach && margin_ms <= reason->margin_ms))
        return;
    reason->reach = (guint8)reach;
    reason->place = (guint8)place;
    reason->margin_ms = margin_ms;
}

void vd_reason_away(VdReason *reason, gint64 wall_us, const char *state, const char *code)
{
    *reason = (VdReason){
        .state = state,
        .code = code,
        .wall_us = wall_us,
        .first_us = wall_us,
        .last_us = wall_us,
        .reach = VD_REACH_AWAY,
        .place = VD_MAX_ZONES,
    };
}
