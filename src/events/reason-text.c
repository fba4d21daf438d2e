#include "events/reason.h"

/* A share of the picture as people read it. */
static double percent(double share)
{
    return 100 * share;
}

static double area_percent(guint16 area)
{
    return percent(area / 65536.0);
}

static double seconds(guint ms)
{
    return ms / 1000.0;
}

/* "in zone door", or where any place counts "in the picture" */
static void append_place(GString *text, const VdReason *reason, guint place)
{
    if (place < VD_MAX_ZONES)
        g_string_append_printf(text, "in zone %s", reason->limits->zones->each[place].name);
    else
        g_string_append(text, "in the picture");
}

static void append_changed(GString *text, const VdReason *reason)
{
    g_string_append_printf(text, "%.2f %% of the picture changed",
                           percent((double)reason->changed));
}

static void append_away(GString *text, const VdReason *reason)
{
    g_string_append_printf(text, "There was no picture to look at: the camera was %s",
                           reason->state != NULL ? reason->state : "away");
    if (reason->code != NULL)
        g_string_append_printf(text, " (%s)", reason->code);
    g_string_append_c(text, '.');
}

static void append_young(GString *text, const VdReason *reason)
{
    g_string_append(text,
                    "The background was too young to be believed: what moves is looked for as "
                    "soon as it is learned.");
}

static void append_still(GString *text, const VdReason *reason)
{
    if (reason->changed > 0) {
        append_changed(text, reason);
        g_string_append(text, ", in specks that are taken for noise: nothing moved.");
    } else {
        g_string_append(text, "Nothing moved: no part of the picture changed.");
    }
}

static void append_light(GString *text, const VdReason *reason)
{
    append_changed(text, reason);
    g_string_append(text, ", and all of that is in another light: nothing moved.");
}

static void append_no_box(GString *text, const VdReason *reason)
{
    append_changed(text, reason);
    g_string_append_printf(text,
                           "; the largest thing that moved was %.2f %% of the picture, and "
                           "motion-min-area=%u asks for %.2f %%.",
                           area_percent(reason->largest), reason->min_area,
                           reason->min_area / 100.0);
}

/* "3 things moved", or of objects "3 objects were seen" */
static void append_seen(GString *text, const VdReason *reason)
{
    guint count = 0;

    for (guint i = 0; i < VD_N_FATES; i++)
        count += reason->fates[i];
    if (reason->of_objects && reason->reach != VD_REACH_NO_OBJECT)
        g_string_append_printf(text, count == 1 ? "%u object was seen" : "%u objects were seen",
                               count);
    else
        g_string_append_printf(text, count == 1 ? "%u thing moved" : "%u things moved", count);
}

static void append_no_object(GString *text, const VdReason *reason)
{
    append_seen(text, reason);
    g_string_append(text, ", and no object was seen that event-classes= names.");
}

/* The first box of this fate that is told; NULL: none. */
static const VdReasonBox *box_of(const VdReason *reason, VdFate fate)
{
    for (guint i = 0; i < reason->n_boxes; i++)
        if (reason->boxes[i].fate == fate)
            return &reason->boxes[i];
    return NULL;
}

static void append_small(GString *text, const VdReason *reason, const VdReasonBox *box)
{
    const VdZone *zone = &reason->limits->zones->each[box->zone];
    g_autofree char *asked = vd_zone_percent(zone->min_size);

    g_string_append_printf(
        text, "covers %.2f %% of the picture, and zone %s asks for %s %% (min-size=)",
        percent(box->width / 65536.0 * box->height / 65536.0), zone->name, asked);
}

/* Why boxes of this fate do not count, told by the first of them. */
static void append_fate(GString *text, const VdReason *reason, VdFate fate)
{
    const VdReasonBox *box = box_of(reason, fate);

    g_string_append_printf(text, " %u ", reason->fates[fate]);
    if (fate == VD_FATE_OUTSIDE)
        g_string_append(text, "outside all zones in which motion counts");
    else if (box == NULL)
        g_string_append(text, fate == VD_FATE_IGNORED ? "in a zone that is ignored"
                                                      : "smaller than a zone asks for");
    else if (fate == VD_FATE_IGNORED)
        g_string_append_printf(text, "in zone %s, which is ignored",
                               reason->limits->zones->each[box->zone].name);
    else
        append_small(text, reason, box);
}

static void append_nowhere(GString *text, const VdReason *reason)
{
    bool more = false;

    append_seen(text, reason);
    g_string_append(text, "; none counts:");
    for (VdFate fate = VD_FATE_OUTSIDE; fate < VD_N_FATES; fate++) {
        if (reason->fates[fate] == 0)
            continue;
        g_string_append(text, more ? ";" : "");
        append_fate(text, reason, fate);
        more = true;
    }
    g_string_append_c(text, '.');
}

/* The option that says for how long. */
static const char *time_option(const VdReason *reason)
{
    guint place = reason->place;

    return place < VD_MAX_ZONES && reason->limits->zones->each[place].min_ms >= 0
               ? "the zone's min-ms="
               : "event-min-ms=";
}

/* "Something moved in zone door for 0.3 s" */
static void append_time(GString *text, const VdReason *reason)
{
    g_string_append(text, reason->of_objects ? "An object was seen " : "Something moved ");
    append_place(text, reason, reason->place);
    g_string_append_printf(text, " for %.1f s", seconds(reason->ms[reason->place]));
}

static void append_needed(GString *text, const VdReason *reason)
{
    g_string_append_printf(text, "%.1f s are needed (%s).",
                           (double)vd_limits_least_us(reason->limits, reason->place) / 1e6,
                           time_option(reason));
}

static void append_short(GString *text, const VdReason *reason)
{
    append_time(text, reason);
    g_string_append(text, " so far; ");
    append_needed(text, reason);
}

static void append_counts(GString *text, const VdReason *reason)
{
    append_time(text, reason);
    g_string_append(text, ", and counts: ");
    append_needed(text, reason);
}

static void (*const append_reach[VD_N_REACHES])(GString *text, const VdReason *reason) = {
    [VD_REACH_AWAY] = append_away,       [VD_REACH_YOUNG] = append_young,
    [VD_REACH_STILL] = append_still,     [VD_REACH_LIGHT] = append_light,
    [VD_REACH_NO_BOX] = append_no_box,   [VD_REACH_NO_OBJECT] = append_no_object,
    [VD_REACH_OUTSIDE] = append_nowhere, [VD_REACH_IGNORED] = append_nowhere,
    [VD_REACH_SMALL] = append_nowhere,   [VD_REACH_SHORT] = append_short,
    [VD_REACH_COUNTS] = append_counts,
};

static void append_outcome(GString *text, const VdReason *reason)
{
    if (reason->outcome == VD_OUTCOME_NONE)
        return;
    double gap = (double)reason->limits->times.gap_us / 1e6;

    if (reason->outcome == VD_OUTCOME_BEGAN)
        g_string_append(text, " The event began.");
    else if (reason->outcome == VD_OUTCOME_OVER)
        g_string_append_printf(text,
                               " The event ended: nothing had counted for %.1f s, and "
                               "event-gap-ms= is %.1f s.",
                               seconds(reason->pause_ms), gap);
    else if (reason->reach == VD_REACH_COUNTS)
        g_string_append(text, " The event goes on.");
    else
        g_string_append_printf(text,
                               " The event goes on: nothing has counted for %.1f s, and it ends "
                               "after %.1f s (event-gap-ms=).",
                               seconds(reason->pause_ms), gap);
}

char *vd_reason_text(const VdReason *reason)
{
    GString *text = g_string_new(NULL);

    append_reach[reason->reach](text, reason);
    append_outcome(text, reason);
    return g_string_free(text, FALSE);
}
