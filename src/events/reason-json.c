#include "config/shapes-json.h"
#include "events/reason.h"

#include <math.h>

/* Shares and times to a millionth. */
static json_t *number(double value)
{
    return json_real(round(value * 1e6) / 1e6);
}

static json_t *seconds(gint64 ms)
{
    return json_real((double)ms / 1000.0);
}

static json_t *time_json(gint64 wall_us)
{
    g_autofree char *text = wall_us != 0 ? vd_clock_iso8601(wall_us) : NULL;

    return text != NULL ? json_string(text) : json_null();
}

static json_t *zone_name(const VdReason *reason, guint zone)
{
    return zone < VD_MAX_ZONES ? json_string(reason->limits->zones->each[zone].name) : json_null();
}

static double largest_of(const VdReason *reason)
{
    return reason->largest / 65536.0;
}

static gint64 least_ms(const VdReason *reason)
{
    return vd_limits_least_us(reason->limits, reason->place) / 1000;
}

/* --- stages ----------------------------------------------------------------------------------- */

typedef struct Stage {
    const char *name, *unit, *option; /* the last two (nullable) */
    double value, limit;
    bool passed;
} Stage;

/* reached: false as soon as one was not passed; of the others nobody knows. */
static void add_stage(json_t *stages, bool *reached, const Stage *stage)
{
    json_t *json = json_pack("{s:s, s:s?, s:s?}", "stage", stage->name, "unit", stage->unit,
                             "option", stage->option);
    bool measured = stage->unit != NULL;

    json_object_set_new(json, "value", measured ? number(stage->value) : json_null());
    json_object_set_new(json, "limit", measured ? number(stage->limit) : json_null());
    json_object_set_new(json, "margin",
                        measured ? number(stage->value - stage->limit) : json_null());
    json_object_set_new(json, "passed", *reached ? json_boolean(stage->passed) : json_null());
    json_array_append_new(stages, json);
    *reached = *reached && stage->passed;
}

static void add_pixels(json_t *stages, bool *reached, const VdReason *reason)
{
    const Stage each[] = {
        {"background", NULL, NULL, 0, 0, reason->reach != VD_REACH_YOUNG},
        {"changed", "share", "motion-threshold", (double)reason->changed, 0, reason->changed > 0},
        {"cleaned", "share", NULL, (double)reason->clean, 0, reason->clean > 0},
        {"light", NULL, NULL, 0, 0, reason->reach != VD_REACH_LIGHT},
        {"size", "share", "motion-min-area", largest_of(reason), reason->min_area / 1e4,
         reason->n_moved > 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(each); i++)
        add_stage(stages, reached, &each[i]);
}

static guint judged_boxes(const VdReason *reason)
{
    guint count = 0;

    for (VdFate fate = VD_FATE_COUNTS; fate < VD_N_FATES; fate++)
        count += fate != VD_FATE_NO_BOX && fate != VD_FATE_NO_OBJECT ? reason->fates[fate] : 0;
    return count;
}

/* Objects are looked for whether something moves or not. */
static void add_objects(json_t *stages, bool *reached, const VdReason *reason)
{
    guint objects = judged_boxes(reason);
    const Stage stage = {"objects", "boxes", "event-classes", objects, 1, objects > 0};

    *reached = true;
    add_stage(stages, reached, &stage);
}

static void add_rules(json_t *stages, bool *reached, const VdReason *reason)
{
    guint place = reason->place, counting = reason->fates[VD_FATE_COUNTS];
    bool own = place < VD_MAX_ZONES && reason->limits->zones->each[place].min_ms >= 0;
    const Stage each[] = {
        {"zones", "boxes", "zones", counting, 1, counting > 0},
        {"time", "seconds", own ? "zones" : "event-min-ms", reason->ms[place] / 1e3,
         (double)least_ms(reason) / 1e3, reason->reach == VD_REACH_COUNTS},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(each); i++)
        add_stage(stages, reached, &each[i]);
}

static json_t *stages_json(const VdReason *reason)
{
    json_t *stages = json_array();
    bool reached = true;

    if (reason->reach == VD_REACH_AWAY)
        return stages;
    add_pixels(stages, &reached, reason);
    if (reason->of_objects)
        add_objects(stages, &reached, reason);
    add_rules(stages, &reached, reason);
    return stages;
}

/* --- zones and boxes -------------------------------------------------------------------------- */

static json_t *zone_json(const VdReason *reason, guint i)
{
    const VdZone *zone = &reason->limits->zones->each[i];
    gint64 limit_ms = vd_limits_least_us(reason->limits, i) / 1000;
    json_t *json =
        json_pack("{s:s, s:b, s:i, s:o, s:o}", "name", zone->name, "ignore", zone->ignore, "boxes",
                  (int)reason->counted[i], "min_size", number(zone->min_size / 1e4), "points",
                  vd_points_json(&zone->polygon));

    json_object_set_new(json, "seconds", zone->ignore ? json_null() : seconds(reason->ms[i]));
    json_object_set_new(json, "min_seconds", zone->ignore ? json_null() : seconds(limit_ms));
    json_object_set_new(json, "margin",
                        zone->ignore ? json_null() : seconds(reason->ms[i] - limit_ms));
    return json;
}

static json_t *zones_json(const VdReason *reason)
{
    json_t *zones = json_array();

    if (reason->limits == NULL || reason->limits->zones == NULL)
        return zones;
    for (guint i = 0; i < reason->limits->zones->count; i++)
        json_array_append_new(zones, zone_json(reason, i));
    return zones;
}

static json_t *box_json(const VdReason *reason, const VdReasonBox *box)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "x", number(box->x / 65536.0), "y",
                     number(box->y / 65536.0), "width", number(box->width / 65536.0), "height",
                     number(box->height / 65536.0), "share", number(box->area / 65536.0), "why",
                     vd_fate_name(box->fate), "zone", zone_name(reason, box->zone));
}

static json_t *boxes_json(const VdReason *reason)
{
    json_t *boxes = json_array();

    for (guint i = 0; i < reason->n_boxes; i++)
        json_array_append_new(boxes, box_json(reason, &reason->boxes[i]));
    return boxes;
}

/* --- all of it -------------------------------------------------------------------------------- */

static json_t *verdict_json(const VdReason *reason)
{
    g_autofree char *text = vd_reason_text(reason);

    return json_pack("{s:s, s:s}", "code", vd_reach_name(reason->reach), "text", text);
}

static json_t *event_json(const VdReason *reason)
{
    json_t *json = json_pack("{s:s, s:o}", "state", vd_outcome_name(reason->outcome), "since",
                             time_json(reason->since_us));
    bool knows = reason->limits != NULL;
    gint64 gap_ms = knows ? reason->limits->times.gap_us / 1000 : 0;

    json_object_set_new(json, "pause_seconds", seconds(reason->pause_ms));
    json_object_set_new(json, "gap_seconds", knows ? seconds(gap_ms) : json_null());
    json_object_set_new(json, "margin", knows ? seconds(reason->pause_ms - gap_ms) : json_null());
    return json;
}

json_t *vd_reason_json(const VdReason *reason)
{
    return json_pack("{s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:i, s:o, s:o, s:o}", "time",
                     time_json(reason->wall_us), "from", time_json(reason->first_us), "to",
                     time_json(reason->last_us), "pictures", (int)reason->pictures, "verdict",
                     verdict_json(reason), "event", event_json(reason), "noise",
                     number((double)reason->noise), "threshold", (int)reason->threshold, "stages",
                     stages_json(reason), "zones", zones_json(reason), "boxes", boxes_json(reason));
}

json_t *vd_reason_line(const VdReason *reason)
{
    g_autofree char *text = vd_reason_text(reason);

    return json_pack("{s:o, s:o, s:s, s:s, s:s}", "from", time_json(reason->first_us), "to",
                     time_json(reason->last_us), "code", vd_reach_name(reason->reach), "event",
                     vd_outcome_name(reason->outcome), "text", text);
}

json_t *vd_reason_brief(const VdReason *reason)
{
    g_autofree char *text = vd_reason_text(reason);

    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:i, s:i, s:o, s:o, s:o}", "text", text, "changed",
                     number((double)reason->changed), "cleaned", number((double)reason->clean),
                     "largest", number(largest_of(reason)), "min_area",
                     number(reason->min_area / 1e4), "boxes", (int)reason->n_moved, "counted",
                     (int)reason->fates[VD_FATE_COUNTS], "zone", zone_name(reason, reason->place),
                     "seconds", seconds(reason->ms[reason->place]), "min_seconds",
                     seconds(least_ms(reason)));
}
