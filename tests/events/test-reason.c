#include "events/reasons.h"
#include "events/rules.h"

#include <string.h>

#define WALL0 G_GINT64_CONSTANT(1700000000000000)

static const VdRuleTimes times = {500 * 1000, 2000 * 1000};

#define ZONES                                               \
    "door min-size=2 min-ms=200: 0,0 0.5,0 0.5,0.5 0,0.5; " \
    "street ignore: 0,0.8 1,0.8 1,1 0,1; yard: 0.6,0 1,0 1,0.5 0.6,0.5"

/* A figure a tenth of the picture wide and high whose foot stands there, in hundredths. */
static VdBox box_at(int x, int y)
{
    return (VdBox){
        .x = (x - 5) * 65536 / 100,
        .y = (y - 10) * 65536 / 100,
        .width = 65536 / 10,
        .height = 65536 / 10,
        .area = 65536 / 200,
    };
}

static VdBox large_at(int x, int y)
{
    VdBox box = box_at(x, y);

    box.x -= 65536 / 10;
    box.width *= 3;
    return box;
}

static VdMotionFound found_of(double changed, double clean, guint components, double largest)
{
    VdMotionFound found = {.changed = changed, .clean = clean, .components = components};

    found.threshold = 16;
    found.min_area = 15;
    found.largest = box_at(50, 50);
    found.largest.area = (int)(largest * 65536 + 0.5);
    return found;
}

static void rules_begin(VdRules *rules, const char *text)
{
    g_autoptr(VdZones) zones = NULL;

    g_assert_true(vd_zones_parse(text, &zones, NULL));
    vd_rules_init(rules, "front", &times);
    g_assert_null(vd_rules_set_zones(rules, (VdMoment){1, WALL0}, zones));
}

static VdEvent *see_boxes(VdRules *rules, gint64 ms, const VdBox *boxes, guint n)
{
    VdMotionFound found = found_of(0.02, 0.015, n, 0.005);
    VdSighting sighting = {
        .us = ms * 1000,
        .wall_us = WALL0 + ms * 1000,
        .share = n / 200.0,
        .noise = 2.5,
        .found = &found,
        .boxes = boxes,
        .n_boxes = n,
    };

    return vd_rules_see(rules, &sighting);
}

static void assert_told(const VdRules *rules, const char *code, const char *text)
{
    g_autofree char *told = vd_reason_text(&rules->reason);

    g_assert_cmpstr(told, ==, text);
    g_assert_cmpstr(vd_reach_name(rules->reason.reach), ==, code);
}

/* --- what is not even judged ------------------------------------------------------------------ */

static void what_is_no_box_is_told_with_its_numbers(void)
{
    static const struct {
        double changed, clean, largest;
        guint components;
        bool young, light;
        const char *code, *text;
    } rows[] = {
        {0, 0, 0, 0, true, false, "background-young",
         "The background was too young to be believed: what moves is looked for as soon as it is "
         "learned."},
        {0, 0, 0, 0, false, false, "nothing-moved",
         "Nothing moved: no part of the picture changed."},
        {0.0002, 0, 0, 0, false, false, "nothing-moved",
         "0.02 % of the picture changed, in specks that are taken for noise: nothing moved."},
        {0.25, 0.2, 0, 0, false, true, "another-light",
         "25.00 % of the picture changed, and all of that is in another light: nothing moved."},
        {0.004, 0.001, 0.0008, 2, false, false, "too-small",
         "0.40 % of the picture changed; the largest thing that moved was 0.08 % of the picture, "
         "and motion-min-area=15 asks for 0.15 %."},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        VdMotionFound found =
            found_of(rows[i].changed, rows[i].clean, rows[i].components, rows[i].largest);
        VdSighting sighting = {
            .us = 1, .young = rows[i].young, .light = rows[i].light, .found = &found};
        VdRules rules;

        rules_begin(&rules, "");
        g_assert_null(vd_rules_see(&rules, &sighting));
        assert_told(&rules, rows[i].code, rows[i].text);
        g_assert_cmpuint(rules.reason.n_boxes, ==, rows[i].components > 0 ? 1 : 0);
        vd_rules_clear(&rules);
    }
}

static void what_moves_and_is_no_object_is_told(void)
{
    const VdBox moved[] = {box_at(20, 30), box_at(70, 30)};
    VdSighting sighting = {.us = 1, .of_objects = true, .moved = moved, .n_moved = 2};
    VdRules rules;

    rules_begin(&rules, "");
    g_assert_null(vd_rules_see(&rules, &sighting));
    assert_told(&rules, "no-object",
                "2 things moved, and no object was seen that event-classes= names.");
    sighting.boxes = moved;
    sighting.n_boxes = 1;
    sighting.us = 2;
    g_assert_null(vd_rules_see(&rules, &sighting));
    assert_told(&rules, "too-short",
                "An object was seen in the picture for 0.0 s so far; 0.5 s are needed "
                "(event-min-ms=).");
    vd_rules_clear(&rules);
}

/* --- zones and times -------------------------------------------------------------------------- */

static void where_nothing_counts_each_box_says_why(void)
{
    const VdBox boxes[] = {box_at(55, 30), box_at(20, 90), box_at(20, 30), box_at(55, 60)};
    VdRules rules;

    rules_begin(&rules, ZONES);
    g_assert_null(see_boxes(&rules, 1000, boxes, 1));
    assert_told(&rules, "outside-zones",
                "1 thing moved; none counts: 1 outside all zones in which motion counts.");
    g_assert_null(see_boxes(&rules, 1100, boxes, 2));
    assert_told(&rules, "ignored-zone",
                "2 things moved; none counts: 1 outside all zones in which motion counts; 1 in "
                "zone street, which is ignored.");
    g_assert_null(see_boxes(&rules, 1200, boxes, 4));
    assert_told(&rules, "too-small-for-zone",
                "4 things moved; none counts: 2 outside all zones in which motion counts; 1 in "
                "zone street, which is ignored; 1 covers 1.00 % of the picture, and zone door asks "
                "for 2 % (min-size=).");
    vd_rules_clear(&rules);
}

static void what_is_too_short_is_told_with_the_time_of_its_zone(void)
{
    const VdBox boxes[] = {large_at(20, 30), box_at(80, 30)};
    VdRules rules;

    rules_begin(&rules, ZONES);
    g_assert_null(see_boxes(&rules, 1000, &boxes[1], 1));
    g_assert_null(see_boxes(&rules, 1100, &boxes[1], 1));
    assert_told(&rules, "too-short",
                "Something moved in zone yard for 0.1 s so far; 0.5 s are needed "
                "(event-min-ms=).");
    g_assert_cmpint(rules.reason.margin_ms, ==, -400);
    g_assert_null(see_boxes(&rules, 1200, boxes, 2));
    assert_told(&rules, "too-short",
                "Something moved in zone door for 0.0 s so far; 0.2 s are needed (the zone's "
                "min-ms=).");
    g_assert_cmpint(rules.reason.margin_ms, ==, -200);
    vd_rules_clear(&rules);
}

static void an_event_is_followed_from_its_beginning_to_its_end(void)
{
    const VdBox box = box_at(80, 30), outside = box_at(55, 60);
    VdRules rules;

    rules_begin(&rules, ZONES);
    g_assert_null(see_boxes(&rules, 1000, &box, 1));
    g_autoptr(VdEvent) begun = see_boxes(&rules, 1500, &box, 1);
    assert_told(&rules, "counts",
                "Something moved in zone yard for 0.5 s, and counts: 0.5 s are needed "
                "(event-min-ms=). The event began.");
    g_assert_cmpint(rules.reason.since_us, ==, WALL0 + 1000 * 1000);
    g_assert_null(see_boxes(&rules, 1700, &box, 1));
    assert_told(&rules, "counts",
                "Something moved in zone yard for 0.7 s, and counts: 0.5 s are needed "
                "(event-min-ms=). The event goes on.");
    g_assert_null(see_boxes(&rules, 2900, &outside, 1));
    assert_told(&rules, "outside-zones",
                "1 thing moved; none counts: 1 outside all zones in which motion counts. The event "
                "goes on: nothing has counted for 1.2 s, and it ends after 2.0 s (event-gap-ms=).");
    g_autoptr(VdEvent) over = see_boxes(&rules, 3800, NULL, 0);
    assert_told(&rules, "too-small",
                "2.00 % of the picture changed; the largest thing that moved was 0.50 % of the "
                "picture, and motion-min-area=15 asks for 0.15 %. The event ended: nothing had "
                "counted for 2.1 s, and event-gap-ms= is 2.0 s.");
    g_assert_cmpint(begun->kind, ==, VD_KIND_MOTION_START);
    g_assert_cmpint(over->kind, ==, VD_KIND_MOTION_END);
    vd_rules_clear(&rules);
}

static void a_camera_that_is_away_is_told_with_its_state(void)
{
    VdReason reason;

    vd_reason_away(&reason, WALL0, "waiting", "timeout");
    g_autofree char *text = vd_reason_text(&reason);
    g_assert_cmpstr(text, ==, "There was no picture to look at: the camera was waiting (timeout).");
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static void assert_json(json_t *json, const char *expected)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));

    g_assert_cmpstr(text, ==, expected);
    free(text);
}

static void each_stage_has_its_value_limit_and_margin(void)
{
    const VdBox boxes[] = {box_at(20, 90), box_at(80, 30)};
    VdRules rules;

    rules_begin(&rules, ZONES);
    g_assert_null(see_boxes(&rules, 1000, boxes, 2));
    g_assert_null(see_boxes(&rules, 1200, boxes, 2));
    json_t *json = vd_reason_json(&rules.reason);
    assert_json(
        json_object_get(json, "stages"),
        "[{\"stage\":\"background\",\"unit\":null,\"option\":null,\"value\":null,\"limit\":null,"
        "\"margin\":null,\"passed\":true},"
        "{\"stage\":\"changed\",\"unit\":\"share\",\"option\":\"motion-threshold\",\"value\":0.02,"
        "\"limit\":0.0,\"margin\":0.02,\"passed\":true},"
        "{\"stage\":\"cleaned\",\"unit\":\"share\",\"option\":null,\"value\":0.015,\"limit\":0.0,"
        "\"margin\":0.015,\"passed\":true},"
        "{\"stage\":\"light\",\"unit\":null,\"option\":null,\"value\":null,\"limit\":null,"
        "\"margin\":null,\"passed\":true},"
        "{\"stage\":\"size\",\"unit\":\"share\",\"option\":\"motion-min-area\",\"value\":0.005005,"
        "\"limit\":0.0015,\"margin\":0.003505,\"passed\":true},"
        "{\"stage\":\"zones\",\"unit\":\"boxes\",\"option\":\"zones\",\"value\":1.0,\"limit\":1.0,"
        "\"margin\":0.0,\"passed\":true},"
        "{\"stage\":\"time\",\"unit\":\"seconds\",\"option\":\"event-min-ms\",\"value\":0.2,"
        "\"limit\":0.5,\"margin\":-0.3,\"passed\":false}]");
    const json_t *zones = json_object_get(json, "zones");
    g_assert_cmpuint(json_array_size(zones), ==, 3);
    const json_t *street = json_array_get(zones, 1), *yard = json_array_get(zones, 2);
    g_assert_cmpint(json_integer_value(json_object_get(street, "boxes")), ==, 1);
    g_assert_true(json_is_null(json_object_get(street, "margin")));
    g_assert_cmpint(json_integer_value(json_object_get(yard, "boxes")), ==, 1);
    g_assert_cmpfloat(json_real_value(json_object_get(yard, "margin")), ==, -0.3);
    assert_json(json_array_get(json_object_get(json, "boxes"), 0),
                "{\"x\":0.149994,\"y\":0.799988,\"width\":0.099991,\"height\":0.099991,"
                "\"share\":0.00499,\"why\":\"ignored-zone\",\"zone\":\"street\"}");
    json_decref(json);
    vd_rules_clear(&rules);
}

static void what_was_not_reached_is_not_judged(void)
{
    VdMotionFound found = found_of(0.004, 0.001, 1, 0.0008);
    VdSighting sighting = {.us = 1, .found = &found};
    VdRules rules;

    rules_begin(&rules, "");
    g_assert_null(vd_rules_see(&rules, &sighting));
    json_t *json = vd_reason_json(&rules.reason), *stages = json_object_get(json, "stages");
    g_assert_false(json_boolean_value(json_object_get(json_array_get(stages, 4), "passed")));
    g_assert_true(json_is_false(json_object_get(json_array_get(stages, 4), "passed")));
    g_assert_cmpfloat(json_real_value(json_object_get(json_array_get(stages, 4), "margin")), ==,
                      -0.000707);
    g_assert_true(json_is_null(json_object_get(json_array_get(stages, 5), "passed")));
    g_assert_true(json_is_null(json_object_get(json_array_get(stages, 6), "passed")));
    json_decref(json);
    vd_rules_clear(&rules);
}

/* --- what is kept ----------------------------------------------------------------------------- */

typedef struct Kept {
    VdRules rules;
    VdReasons *reasons;
} Kept;

static void kept_init(Kept *kept, const char *zones)
{
    rules_begin(&kept->rules, zones);
    kept->reasons = vd_reasons_new();
}

static void kept_clear(Kept *kept)
{
    vd_reasons_free(kept->reasons);
    vd_rules_clear(&kept->rules);
}

/* figures: 0: nothing moves at all */
static void keep(Kept *kept, gint64 ms, guint figures)
{
    const VdBox boxes[] = {box_at(80, 30), box_at(20, 90)};
    VdMotionFound found = found_of(figures > 0 ? 0.02 : 0.0001, 0, figures, 0.005 * figures);
    VdSighting sighting = {
        .us = ms * 1000,
        .wall_us = WALL0 + ms * 1000,
        .found = &found,
        .boxes = boxes,
        .n_boxes = figures,
    };

    vd_event_unref(vd_rules_see(&kept->rules, &sighting));
    vd_reasons_take(kept->reasons, &kept->rules.reason);
}

/* "too-short@1000..1900 " of each that is near. */
static char *told_around(const Kept *kept, gint64 ms, gint64 span_ms, gint *found)
{
    GString *text = g_string_new(NULL);
    gint64 oldest;
    const VdReasonsWanted wanted = {WALL0 + ms * 1000, 1, span_ms * 1000};
    g_autoptr(GArray) near = vd_reasons_around(kept->reasons, &wanted, found, &oldest);

    for (guint i = 0; i < near->len; i++) {
        const VdReason *reason = &g_array_index(near, VdReason, i);

        g_string_append_printf(text, "%s@%d..%d ", vd_reach_name(reason->reach),
                               (int)((reason->first_us - WALL0) / 1000),
                               (int)((reason->last_us - WALL0) / 1000));
    }
    return g_string_free(text, FALSE);
}

static void a_second_keeps_what_came_farthest_and_calm_ones_are_one(void)
{
    gint found;
    Kept kept;

    kept_init(&kept, "");
    for (int ms = 0; ms < 5000; ms += 200)
        keep(&kept, ms, 0);
    keep(&kept, 5000, 0);
    keep(&kept, 5200, 1);
    keep(&kept, 5400, 1);
    keep(&kept, 5600, 0);
    for (int ms = 6000; ms < 9000; ms += 200)
        keep(&kept, ms, 0);
    g_autofree char *all = told_around(&kept, 5300, 60000, &found);
    g_assert_cmpstr(all, ==,
                    "nothing-moved@0..5000 too-short@5200..5600 nothing-moved@6000..8800 ");
    g_assert_cmpint(found, ==, 1);
    g_autofree char *near = told_around(&kept, 7000, 500, &found);
    g_assert_cmpstr(near, ==, "nothing-moved@6000..8800 ");
    g_assert_cmpint(found, ==, 0);
    g_autofree char *none = told_around(&kept, 20000, 500, &found);
    g_assert_cmpstr(none, ==, "");
    g_assert_cmpint(found, ==, -1);
    kept_clear(&kept);
}

static void the_beginning_of_an_event_is_what_its_second_tells(void)
{
    gint found;
    gint64 oldest;
    Kept kept;

    kept_init(&kept, "");
    for (int ms = 1000; ms < 2000; ms += 100)
        keep(&kept, ms, 1);
    g_autoptr(GArray) near = vd_reasons_around(
        kept.reasons, &(VdReasonsWanted){WALL0 + 1000 * 1000, 1, 0}, &found, &oldest);
    g_assert_cmpint(found, ==, 0);
    const VdReason *reason = &g_array_index(near, VdReason, 0);
    g_assert_cmpint(reason->outcome, ==, VD_OUTCOME_BEGAN);
    g_assert_cmpint(reason->wall_us, ==, WALL0 + 1500 * 1000);
    g_assert_cmpuint(reason->pictures, ==, 10);
    g_assert_cmpuint(reason->ms[VD_MAX_ZONES], ==, 500);
    kept_clear(&kept);
}

/* Asked of a minute, it tells of what nearly was an event in it, and not of its first second. */
static void of_many_seconds_what_came_farthest_is_told(void)
{
    gint found;
    gint64 oldest;
    Kept kept;

    kept_init(&kept, "");
    for (int ms = 0; ms < 90000; ms += 500)
        keep(&kept, ms, ms == 40000 || ms == 40500 || ms == 50000 || ms == 70000 ? 1 : 0);
    const VdReasonsWanted minute = {WALL0, 60, 0}, quiet = {WALL0 + 41000 * 1000, 5, 0};
    g_autoptr(GArray) near = vd_reasons_around(kept.reasons, &minute, &found, &oldest);
    const VdReason *reason = &g_array_index(near, VdReason, found);
    g_assert_cmpint(reason->wall_us, ==, WALL0 + 40500 * 1000);
    g_assert_cmpint(reason->outcome, ==, VD_OUTCOME_BEGAN);
    g_autoptr(GArray) other = vd_reasons_around(kept.reasons, &quiet, &found, &oldest);
    reason = &g_array_index(other, VdReason, found);
    g_assert_cmpint(reason->reach, ==, VD_REACH_STILL);
    kept_clear(&kept);
}

static void so_many_seconds_are_kept_and_no_more(void)
{
    gint found;
    gint64 oldest;
    Kept kept;

    kept_init(&kept, "");
    for (int i = 0; i < VD_MAX_REASONS + 1; i++)
        keep(&kept, i * 1000, 1);
    g_autoptr(GArray) near = vd_reasons_around(
        kept.reasons, &(VdReasonsWanted){WALL0, 1, G_MAXINT32 * (gint64)1000}, &found, &oldest);
    g_assert_cmpuint(near->len, ==, VD_MAX_REASONS);
    g_assert_cmpint(oldest, ==, WALL0 + 1000 * 1000);
    kept_clear(&kept);
}

static void limits_stay_those_of_then(void)
{
    gint found;
    gint64 oldest;
    Kept kept;

    kept_init(&kept, ZONES);
    keep(&kept, 1000, 1);
    vd_event_unref(vd_rules_set_zones(&kept.rules, (VdMoment){1, WALL0}, NULL));
    vd_rules_set_times(&kept.rules, &(VdRuleTimes){9000 * 1000, 1000});
    keep(&kept, 2000, 1);
    g_autoptr(GArray) near = vd_reasons_around(
        kept.reasons, &(VdReasonsWanted){WALL0 + 1000 * 1000, 1, 5000 * 1000}, &found, &oldest);
    g_autofree char *then = vd_reason_text(&g_array_index(near, VdReason, 0));
    g_autofree char *now = vd_reason_text(&g_array_index(near, VdReason, 1));
    g_assert_cmpstr(then, ==,
                    "Something moved in zone yard for 0.0 s so far; 0.5 s are needed "
                    "(event-min-ms=).");
    g_assert_cmpstr(now, ==,
                    "Something moved in the picture for 0.0 s so far; 9.0 s are needed "
                    "(event-min-ms=).");
    kept_clear(&kept);
}

static void a_clock_that_is_set_back_begins_anew(void)
{
    gint found;
    Kept kept;

    kept_init(&kept, "");
    keep(&kept, 100000, 1);
    keep(&kept, 101000, 1);
    keep(&kept, 50000, 1);
    g_autofree char *all = told_around(&kept, 50000, 100000, &found);
    g_assert_true(g_str_has_suffix(all, "@50000..50000 "));
    g_assert_cmpint(found, ==, 0);
    kept_clear(&kept);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reason/no-box", what_is_no_box_is_told_with_its_numbers);
    g_test_add_func("/reason/no-object", what_moves_and_is_no_object_is_told);
    g_test_add_func("/reason/nowhere", where_nothing_counts_each_box_says_why);
    g_test_add_func("/reason/short", what_is_too_short_is_told_with_the_time_of_its_zone);
    g_test_add_func("/reason/event", an_event_is_followed_from_its_beginning_to_its_end);
    g_test_add_func("/reason/away", a_camera_that_is_away_is_told_with_its_state);
    g_test_add_func("/reason/stages", each_stage_has_its_value_limit_and_margin);
    g_test_add_func("/reason/not-reached", what_was_not_reached_is_not_judged);
    g_test_add_func("/reasons/seconds", a_second_keeps_what_came_farthest_and_calm_ones_are_one);
    g_test_add_func("/reasons/beginning", the_beginning_of_an_event_is_what_its_second_tells);
    g_test_add_func("/reasons/minute", of_many_seconds_what_came_farthest_is_told);
    g_test_add_func("/reasons/bound", so_many_seconds_are_kept_and_no_more);
    g_test_add_func("/reasons/limits", limits_stay_those_of_then);
    g_test_add_func("/reasons/clock", a_clock_that_is_set_back_begins_anew);
    return g_test_run();
}
