#include "events/rules.h"

#include <math.h>
#include <string.h>

#define SLOWEST_US \
    (2 * G_USEC_PER_SEC) /* pictures farther apart have others missing between them */

void vd_rules_init(VdRules *rules, const char *camera, const VdRuleTimes *times)
{
    *rules = (VdRules){.camera = g_strdup(camera), .times = *times};
    rules->limits = vd_limits_new(times, NULL);
}

void vd_rules_clear(VdRules *rules)
{
    g_clear_pointer(&rules->camera, g_free);
    g_clear_pointer(&rules->zones, vd_zones_unref);
    g_clear_pointer(&rules->limits, vd_limits_unref);
}

static void renew_limits(VdRules *rules)
{
    vd_limits_unref(rules->limits);
    rules->limits = vd_limits_new(&rules->times, rules->zones);
    rules->reason.limits = rules->limits;
}

void vd_rules_set_times(VdRules *rules, const VdRuleTimes *times)
{
    if (rules->times.min_us == times->min_us && rules->times.gap_us == times->gap_us)
        return;
    rules->times = *times;
    renew_limits(rules);
}

/* --- motion ----------------------------------------------------------------------------------- */

static json_t *time_json(gint64 wall_us)
{
    g_autofree char *text = vd_clock_iso8601(wall_us);

    return json_string(text);
}

static json_t *seconds_json(gint64 us)
{
    gint64 ms = us / 1000;

    return json_real((double)ms / 1000.0);
}

/* To a ten-thousandth. */
static json_t *part(double value)
{
    return json_real(round(value * 1e4) / 1e4);
}

static json_t *boxes_json(const VdRules *rules)
{
    json_t *boxes = json_array();

    for (guint i = 0; i < rules->n_boxes; i++) {
        const VdBox *box = &rules->boxes[i];
        json_array_append_new(boxes,
                              json_pack("{s:o,s:o,s:o,s:o}", "x", part(box->x / 65536.0), "y",
                                        part(box->y / 65536.0), "width", part(box->width / 65536.0),
                                        "height", part(box->height / 65536.0)));
    }
    return boxes;
}

/* The names of those in which something counted, as they are configured. */
static json_t *zones_json(const VdRules *rules)
{
    json_t *names = json_array();

    for (guint i = 0; rules->zones != NULL && i < rules->zones->count; i++)
        if (rules->places[i].counts)
            json_array_append_new(names, json_string(rules->zones->each[i].name));
    return names;
}

static json_t *classes_json(const VdRules *rules)
{
    json_t *names = json_array();

    for (guint i = 0; i < rules->n_classes; i++)
        json_array_append_new(names, json_string(rules->classes[i]));
    return names;
}

/* Why it is over. */
static json_t *ended_json(const VdRules *rules, gint64 us, const char *why)
{
    return json_pack("{s:s, s:o, s:o}", "ended", why, "pause_seconds",
                     seconds_json(MAX(us - rules->last.us, 0)), "gap_seconds",
                     seconds_json(rules->times.gap_us));
}

/* reasons: (transfer full) */
static VdEvent *motion_event(const VdRules *rules, VdEventKind kind, gint64 wall_us,
                             json_t *reasons)
{
    json_t *fields = json_object();

    json_object_set_new(fields, "since", time_json(rules->since.wall_us));
    if (kind == VD_KIND_MOTION_END) {
        json_object_set_new(fields, "until", time_json(rules->last.wall_us));
        json_object_set_new(fields, "seconds", seconds_json(rules->last.us - rules->since.us));
    }
    json_object_set_new(fields, "peak_share", part(rules->peak));
    json_object_set_new(fields, "zones", zones_json(rules));
    json_object_set_new(fields, "classes", classes_json(rules));
    json_object_set_new(fields, "boxes", boxes_json(rules));
    json_object_set_new(fields, "reasons", reasons);
    return vd_event_new(kind, rules->camera, wall_us, fields);
}

static void forget_motion(VdRules *rules)
{
    rules->told = false;
    rules->since = rules->last = (VdMoment){0};
    rules->peak = 0;
    rules->n_boxes = 0;
    rules->n_classes = 0;
    memset(rules->places, 0, sizeof rules->places);
}

static VdEvent *end_motion(VdRules *rules, VdMoment now, const char *why)
{
    VdEvent *event = NULL;

    if (rules->told)
        event =
            motion_event(rules, VD_KIND_MOTION_END, now.wall_us, ended_json(rules, now.us, why));
    forget_motion(rules);
    return event;
}

VdEvent *vd_rules_set_zones(VdRules *rules, VdMoment now, VdZones *zones)
{
    if (vd_zones_equal(rules->zones, zones))
        return NULL;
    VdEvent *event = end_motion(rules, now, "zones");
    VdZones *before = rules->zones;

    rules->zones = vd_zones_ref(zones);
    vd_zones_unref(before);
    renew_limits(rules);
    return event;
}

/* How long nothing may be seen in the place until it is forgotten. */
static gint64 most_pause_us(const VdRules *rules, guint place)
{
    return MAX(vd_limits_least_us(rules->limits, place), rules->interval_us * 3 / 2);
}

/* Forgets where something has moved, but not for long enough; whether there is any place left. */
static bool forget_places(VdRules *rules, gint64 us)
{
    bool any = false;

    for (guint i = 0; i < G_N_ELEMENTS(rules->places); i++) {
        VdPlace *place = &rules->places[i];

        if (place->since.us == 0)
            continue;
        if (!(rules->told && place->counts) && us - place->last_us > most_pause_us(rules, i))
            *place = (VdPlace){0};
        any = any || place->since.us != 0;
    }
    return any;
}

VdEvent *vd_rules_pass(VdRules *rules, VdMoment now)
{
    bool any = forget_places(rules, now.us);

    if (rules->told && now.us - rules->last.us > rules->times.gap_us)
        return end_motion(rules, now, "gap");
    if (!rules->told && !any)
        forget_motion(rules);
    return NULL;
}

VdEvent *vd_rules_leave(VdRules *rules, VdMoment now)
{
    return end_motion(rules, now, "away");
}

/* What of a picture counts. */
typedef struct Seen {
    guint places; /* bits */
    double share;
    guint n_boxes;
    VdBox boxes[VD_RULES_BOXES];
} Seen;

static Seen judge(VdRules *rules, const VdSighting *sighting)
{
    Seen seen = {0};
    double share = 0;

    for (guint i = 0; i < sighting->n_boxes; i++) {
        const VdBox *box = &sighting->boxes[i];
        VdStand stand = vd_foot_stand(rules->zones, box->x, box->y, box->width, box->height);
        guint places = stand.places;

        vd_reason_add(&rules->reason, box, &stand);
        seen.places |= places;
        share += places != 0 ? box->area / 65536.0 : 0;
        if (places != 0 && seen.n_boxes < VD_RULES_BOXES)
            seen.boxes[seen.n_boxes++] = *box;
    }
    seen.share = rules->zones == NULL ? sighting->share : MIN(share, sighting->share);
    return seen;
}

/* Whether something moves in a place where it counts. */
static bool take_places(VdRules *rules, guint places, VdMoment now)
{
    bool counts = false;

    for (guint i = 0; i < G_N_ELEMENTS(rules->places); i++) {
        VdPlace *place = &rules->places[i];

        if ((places >> i & 1) == 0)
            continue;
        if (place->since.us == 0)
            place->since = now;
        place->last_us = now.us;
        place->counts =
            place->counts || now.us - place->since.us >= vd_limits_least_us(rules->limits, i);
        if (place->counts && !rules->told &&
            (rules->since.us == 0 || place->since.us < rules->since.us))
            rules->since = place->since;
        counts = counts || place->counts;
        vd_reason_place(&rules->reason, i, now.us - place->since.us, place->counts);
    }
    return counts;
}

static void take_peak(VdRules *rules, const Seen *seen)
{
    if (seen->share < rules->peak && rules->n_boxes > 0)
        return;
    rules->peak = seen->share;
    rules->n_boxes = seen->n_boxes;
    memcpy(rules->boxes, seen->boxes, seen->n_boxes * sizeof(VdBox));
}

static bool knows_class(const VdRules *rules, const char *name)
{
    for (guint i = 0; i < rules->n_classes; i++)
        if (g_str_equal(rules->classes[i], name))
            return true;
    return false;
}

/* Where motion counts: what is elsewhere has nothing to do with it. */
static void take_classes(VdRules *rules, const VdSighting *sighting)
{
    for (guint i = 0; i < sighting->n_objects; i++) {
        const VdObject *object = &sighting->objects[i];

        if (rules->n_classes < VD_RULES_CLASSES && !knows_class(rules, object->name) &&
            vd_foot_zones(rules->zones, object->x, object->y, object->width, object->height) != 0)
            g_strlcpy(rules->classes[rules->n_classes++], object->name, VD_OBJECT_NAME);
    }
}

static void count_picture(VdRules *rules, gint64 us)
{
    rules->interval_us = rules->seen_us != 0 ? CLAMP(us - rules->seen_us, 0, SLOWEST_US) : 0;
    rules->seen_us = us;
}

/* Whether something that moves counts, and for long enough. */
static bool take_motion(VdRules *rules, const VdSighting *sighting, VdMoment now)
{
    Seen seen = judge(rules, sighting);

    if (seen.places == 0)
        return false;
    take_peak(rules, &seen);
    take_classes(rules, sighting);
    if (!take_places(rules, seen.places, now))
        return false;
    rules->last = now;
    return true;
}

/* Of an event that had begun before this picture. */
static void take_outcome(VdRules *rules, gint64 us)
{
    if (!rules->told)
        return;
    rules->reason.outcome = VD_OUTCOME_GOES_ON;
    rules->reason.since_us = rules->since.wall_us;
    rules->reason.pause_ms = (guint32)(MAX(us - rules->last.us, 0) / 1000);
}

VdEvent *vd_rules_see(VdRules *rules, const VdSighting *sighting)
{
    VdMoment now = {sighting->us, sighting->wall_us};

    vd_reason_begin(&rules->reason, sighting, rules->limits);
    if (sighting->young)
        return NULL;
    count_picture(rules, now.us);
    take_outcome(rules, now.us);
    VdEvent *event = vd_rules_pass(rules, now);
    bool counts = take_motion(rules, sighting, now);
    if (event != NULL)
        rules->reason.outcome = VD_OUTCOME_OVER;
    else if (counts)
        rules->reason.pause_ms = 0;
    if (event != NULL || rules->told || !counts)
        return event;
    rules->told = true;
    rules->reason.outcome = VD_OUTCOME_BEGAN;
    rules->reason.since_us = rules->since.wall_us;
    return motion_event(rules, VD_KIND_MOTION_START, now.wall_us, vd_reason_brief(&rules->reason));
}

/* --- state ------------------------------------------------------------------------------------ */

/* From a camera: what is not UTF-8 must not make the event invalid. */
static json_t *text_or_null(const char *text)
{
    if (text == NULL || text[0] == '\0')
        return json_null();
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

VdEvent *vd_rules_enter(VdRules *rules, VdMoment now, const char *state, const char *reason_code,
                        const char *reason)
{
    const char *from = rules->state;

    if (g_strcmp0(state, from) == 0 && g_strcmp0(reason_code, rules->reason_code) == 0)
        return NULL;
    rules->state = state;
    rules->reason_code = reason_code;
    return vd_event_new(VD_KIND_CAMERA_STATE, rules->camera, now.wall_us,
                        json_pack("{s:s?, s:s, s:o, s:s?}", "from", from, "to", state, "reason",
                                  text_or_null(reason), "reason_code", reason_code));
}
