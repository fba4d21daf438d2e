#include "events/rules.h"

#include <string.h>

#define WALL0 G_GINT64_CONSTANT(1700000000000000)

static const VdRuleTimes times = {500 * 1000, 2000 * 1000};

static VdEvent *see(VdRules *rules, gint64 ms, int share_percent)
{
    VdBox box = {.x = 16384, .y = 0, .width = 32768, .height = 655 * share_percent};
    VdSighting sighting = {
        .us = ms * 1000,
        .wall_us = WALL0 + ms * 1000,
        .share = share_percent / 100.0,
        .boxes = &box,
        .n_boxes = share_percent > 0 ? 1 : 0,
    };

    return vd_rules_see(rules, &sighting);
}

/* "S500" or "E4000": what happened, and when. */
static void note(GString *told, VdEvent *event, gint64 ms)
{
    if (event != NULL)
        g_string_append_printf(told, "%s%c%d", told->len > 0 ? " " : "",
                               event->kind == VD_KIND_MOTION_START ? 'S' : 'E', (int)ms);
    vd_event_unref(event);
}

/*
 * A line a case: from 1 s on each character is a picture, 100 ms apart: '#' something moves, '.'
 * nothing does, ' ' it was not looked at and only time passed, '!' the camera is away.
 */
static void motion_begins_and_ends_as_the_table_says(void)
{
    static const struct {
        const char *pictures, *told;
    } rows[] = {
        {"..........", ""},
        {"#####.....", ""},
        {"######....", "S1500"},
        {"###......######", "S2400"},
        {"#....#", "S1500"},
        {"#.....#", ""},
        {"#......#....", ""},
        {"######....................", "S1500"},
        {"######.....................", "S1500 E3600"},
        {"######                     ", "S1500 E3600"},
        {"######...................#.....................", "S1500 E5600"},
        {"######!", "S1500 E1600"},
        {"###!", ""},
        {"###!###", ""},
        {"######!######", "S1500 E1600 S2200"},
        {"######.....................######", "S1500 E3600 S4200"},
        {"######                   #", "S1500"},
        {"!!!!", ""},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) told = g_string_new(NULL);
        VdRules rules;

        vd_rules_init(&rules, "front", &times);
        for (guint n = 0; rows[i].pictures[n] != '\0'; n++) {
            gint64 ms = 1000 + n * 100;
            VdMoment now = {ms * 1000, WALL0 + ms * 1000};

            switch (rows[i].pictures[n]) {
            case '#':
                note(told, see(&rules, ms, 10), ms);
                break;
            case '.':
                note(told, see(&rules, ms, 0), ms);
                break;
            case ' ':
                note(told, vd_rules_pass(&rules, now), ms);
                break;
            default:
                note(told, vd_rules_leave(&rules, now), ms);
            }
        }
        g_assert_cmpstr(told->str, ==, rows[i].told);
        vd_rules_clear(&rules);
    }
}

static void assert_json(VdEvent *event, const char *expected)
{
    gsize size;

    g_assert_nonnull(event);
    vd_event_number(event, 1);
    const char *json = g_bytes_get_data(event->json, &size);
    g_autofree char *text = g_strndup(json, size);
    g_assert_cmpstr(text, ==, expected);
    vd_event_unref(event);
}

static void the_end_tells_how_long_and_the_peak_with_its_boxes(void)
{
    VdRules rules;

    vd_rules_init(&rules, "front", &times);
    g_assert_null(see(&rules, 1000, 10));
    assert_json(see(&rules, 1500, 20),
                "{\"id\":1,\"time\":\"2023-11-14T22:13:21.500Z\",\"kind\":\"motion-start\","
                "\"camera\":\"front\",\"since\":\"2023-11-14T22:13:21.000Z\",\"peak_share\":0.2,"
                "\"zones\":[],\"classes\":[],\"boxes\":[{\"x\":0.25,\"y\":0.0,\"width\":0.5,"
                "\"height\":0.1999}],\"reasons\":{\"text\":\"Something moved in the picture for "
                "0.5 s, and counts: 0.5 s are needed (event-min-ms=). The event began.\","
                "\"changed\":0.0,\"cleaned\":0.0,\"largest\":0.0,\"min_area\":0.0,"
                "\"boxes\":1,\"counted\":1,\"zone\":null,\"seconds\":0.5,"
                "\"min_seconds\":0.5}}");
    g_assert_null(see(&rules, 2000, 40));
    g_assert_null(see(&rules, 2250, 5));
    assert_json(see(&rules, 4251, 0),
                "{\"id\":1,\"time\":\"2023-11-14T22:13:24.251Z\",\"kind\":\"motion-end\","
                "\"camera\":\"front\",\"since\":\"2023-11-14T22:13:21.000Z\","
                "\"until\":\"2023-11-14T22:13:22.250Z\",\"seconds\":1.25,\"peak_share\":0.4,"
                "\"zones\":[],\"classes\":[],\"boxes\":[{\"x\":0.25,\"y\":0.0,\"width\":0.5,"
                "\"height\":0.3998}],\"reasons\":{\"ended\":\"gap\",\"pause_seconds\":2.001,"
                "\"gap_seconds\":2.0}}");
    vd_rules_clear(&rules);
}

static void an_event_tells_so_many_boxes_and_no_more(void)
{
    VdBox boxes[VD_RULES_BOXES + 1] = {0};
    VdSighting sighting = {.us = 1, .share = 0.5, .boxes = boxes, .n_boxes = VD_RULES_BOXES + 1};
    VdRules rules;

    vd_rules_init(&rules, "front", &(VdRuleTimes){0, 0});
    g_autoptr(VdEvent) event = vd_rules_see(&rules, &sighting);
    g_assert_cmpuint(json_array_size(json_object_get(event->fields, "boxes")), ==, VD_RULES_BOXES);
    vd_rules_clear(&rules);
}

static void new_times_count_for_motion_that_is_there(void)
{
    VdRules rules;

    vd_rules_init(&rules, "front", &times);
    g_assert_null(see(&rules, 1000, 10));
    vd_rules_set_times(&rules, &(VdRuleTimes){100 * 1000, 300 * 1000});
    g_autoptr(VdEvent) begun = see(&rules, 1100, 10);
    g_autoptr(VdEvent) over = see(&rules, 1401, 0);
    g_assert_cmpint(begun->kind, ==, VD_KIND_MOTION_START);
    g_assert_cmpint(over->kind, ==, VD_KIND_MOTION_END);
    vd_rules_clear(&rules);
}

/* --- zones ------------------------------------------------------------------------------------ */

/* Two halves of the picture, the left one with its own time, and a strip in both that does not
 * count. */
#define ZONES                                \
    "left min-ms=200: 0,0 0.5,0 0.5,1 0,1; " \
    "street ignore: 0,0.8 1,0.8 1,1 0,1; "   \
    "right min-size=1: 0.5001,0 1,0 1,1 0.5001,1"

/* What is seen: a figure on the left, on the right, a small one there, and one on the street. */
static VdBox figure(char where)
{
    static const struct {
        char where;
        int x, y, size;
    } places[] = {
        {'L', 10, 50, 20},
        {'R', 70, 50, 20},
        {'r', 70, 50, 9},
        {'S', 10, 79, 20},
    };

    for (guint i = 0; i < G_N_ELEMENTS(places); i++)
        if (places[i].where == where)
            return (VdBox){
                .x = places[i].x * 655,
                .y = places[i].y * 655,
                .width = places[i].size * 655,
                .height = places[i].size * 655,
                .area = 65536 / 100,
            };
    g_assert_not_reached();
}

static VdEvent *see_figures(VdRules *rules, gint64 ms, const char *figures)
{
    VdBox boxes[8];
    VdSighting sighting = {.us = ms * 1000, .wall_us = WALL0 + ms * 1000, .boxes = boxes};

    for (; *figures != '\0'; figures++)
        boxes[sighting.n_boxes++] = figure(*figures);
    sighting.share = sighting.n_boxes / 100.0;
    return vd_rules_see(rules, &sighting);
}

/* "S1500 left,right": what happened, when, and in which zones. */
static void note_zones(GString *told, VdEvent *event, gint64 ms)
{
    const json_t *zones = event != NULL ? json_object_get(event->fields, "zones") : NULL;

    note(told, event != NULL ? vd_event_ref(event) : NULL, ms);
    for (gsize i = 0; i < json_array_size(zones); i++)
        g_string_append_printf(told, "%c%s", i > 0 ? ',' : ' ',
                               json_string_value(json_array_get(zones, i)));
    vd_event_unref(event);
}

/* From 1 s on each word is what is seen in a picture, 100 ms apart; - is nothing. */
static void zones_count_as_the_table_says(void)
{
    static const char gone[] = " - - - - - - - - - - - - - - - - - - - - -";
    static const struct {
        const char *pictures;
        bool gone; /* nothing moves afterwards */
        const char *told;
    } rows[] = {
        {"L L L", true, "S1200 left E3300 left"},
        {"L L", true, ""},
        {"R R R R R", true, ""}, /* the camera's own time is longer */
        {"R R R R R R", true, "S1500 right E3600 right"},
        {"r r r r r r r r", true, ""},
        {"S S S S S S S S", true, ""},
        {"S SL S", true, ""}, /* once and not again */
        {"SL SL SL", true, "S1200 left E3300 left"},
        {"R R R LR LR LR LR", true, "S1500 left,right E3700 left,right"},
        {"LR LR LR R R R", true, "S1200 left E3600 left,right"},
        {"R LR LR LR R", true, "S1300 left E3400 left"}, /* right is left before its time */
        {"L L L - - - - L - - R R R R R R", true, "S1200 left E4600 left,right"},
        {"L L - - - L L", true, ""}, /* a longer pause than the zone's time */
        {"L L L S S S S S S S S S S S S S S S S S S S S S", false, "S1200 left E3300 left"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat(rows[i].pictures, rows[i].gone ? gone : "", NULL);
        g_auto(GStrv) pictures = g_strsplit(text, " ", -1);
        g_autoptr(GString) told = g_string_new(NULL);
        g_autoptr(VdZones) zones = NULL;
        VdRules rules;

        g_assert_true(vd_zones_parse(ZONES, &zones, NULL));
        vd_rules_init(&rules, "front", &times);
        g_assert_null(vd_rules_set_zones(&rules, (VdMoment){1, WALL0}, zones));
        for (guint n = 0; pictures[n] != NULL; n++) {
            const char *figures = g_str_equal(pictures[n], "-") ? "" : pictures[n];
            gint64 ms = 1000 + n * 100;

            note_zones(told, see_figures(&rules, ms, figures), ms);
        }
        g_test_message("%s", rows[i].pictures);
        g_assert_cmpstr(told->str, ==, rows[i].told);
        vd_rules_clear(&rules);
    }
}

static void boxes_and_share_are_of_what_counts(void)
{
    g_autoptr(VdZones) zones = NULL;
    VdRules rules;

    g_assert_true(vd_zones_parse(ZONES, &zones, NULL));
    vd_rules_init(&rules, "front", &(VdRuleTimes){0, 0});
    g_assert_null(vd_rules_set_zones(&rules, (VdMoment){1, WALL0}, zones));
    g_assert_null(see_figures(&rules, 1000, "SSr"));
    g_autoptr(VdEvent) event = see_figures(&rules, 1100, "SSrRR");
    const json_t *reasons = json_object_get(event->fields, "reasons");
    g_assert_cmpint(json_integer_value(json_object_get(reasons, "boxes")), ==, 5);
    g_assert_cmpint(json_integer_value(json_object_get(reasons, "counted")), ==, 2);
    g_assert_cmpstr(json_string_value(json_object_get(reasons, "zone")), ==, "right");
    json_object_del(event->fields, "reasons");
    char *text = json_dumps(event->fields, JSON_COMPACT | JSON_REAL_PRECISION(9));
    g_assert_cmpstr(text, ==,
                    "{\"since\":\"2023-11-14T22:13:21.100Z\",\"peak_share\":0.02,"
                    "\"zones\":[\"right\"],\"classes\":[],\"boxes\":["
                    "{\"x\":0.6996,\"y\":0.4997,\"width\":0.1999,\"height\":0.1999},"
                    "{\"x\":0.6996,\"y\":0.4997,\"width\":0.1999,\"height\":0.1999}]}");
    free(text);
    vd_rules_clear(&rules);
}

static VdObject object_at(int x, const char *name)
{
    VdObject object = {.x = x, .y = 30000, .width = 1000, .height = 1000, .score = 60000};

    g_strlcpy(object.name, name, sizeof object.name);
    return object;
}

/* What it was, where motion counts: each class once, and no more of them than may be. */
static void an_event_tells_what_stood_where_it_moved(void)
{
    g_autoptr(VdZones) zones = NULL;
    const VdBox box = {.x = 10000, .y = 30000, .width = 1000, .height = 1000, .area = 9};
    VdObject objects[VD_RULES_CLASSES + 3];
    VdSighting sighting = {.us = 1, .boxes = &box, .n_boxes = 1, .objects = objects};
    VdRules rules;

    objects[0] = object_at(10000, "dog");
    objects[1] = object_at(50000, "car"); /* elsewhere */
    objects[2] = object_at(12000, "dog");
    for (int i = 0; i < VD_RULES_CLASSES; i++) {
        g_autofree char *name = g_strdup_printf("class %d", i);

        objects[3 + i] = object_at(10000, name);
    }
    g_assert_true(vd_zones_parse("left: 0,0 0.5,0 0.5,1 0,1", &zones, NULL));
    vd_rules_init(&rules, "front", &(VdRuleTimes){0, 1000});
    g_assert_null(vd_rules_set_zones(&rules, (VdMoment){1, WALL0}, zones));
    sighting.n_objects = 3;
    g_autoptr(VdEvent) start = vd_rules_see(&rules, &sighting);
    const json_t *classes = json_object_get(start->fields, "classes");
    g_assert_cmpuint(json_array_size(classes), ==, 1);
    g_assert_cmpstr(json_string_value(json_array_get(classes, 0)), ==, "dog");
    sighting.us++;
    sighting.n_objects = G_N_ELEMENTS(objects);
    g_assert_null(vd_rules_see(&rules, &sighting));
    g_autoptr(VdEvent) end = vd_rules_leave(&rules, (VdMoment){3, WALL0});
    classes = json_object_get(end->fields, "classes");
    g_assert_cmpuint(json_array_size(classes), ==, VD_RULES_CLASSES);
    vd_rules_clear(&rules);
}

static void other_zones_begin_anew(void)
{
    g_autoptr(VdZones) zones = NULL, same = NULL, others = NULL;
    VdRules rules;

    g_assert_true(vd_zones_parse(ZONES, &zones, NULL));
    g_assert_true(vd_zones_parse(ZONES, &same, NULL));
    g_assert_true(vd_zones_parse("left: 0,0 0.5,0 0.5,1 0,1", &others, NULL));
    vd_rules_init(&rules, "front", &times);
    g_assert_null(vd_rules_set_zones(&rules, (VdMoment){1, WALL0}, zones));
    g_assert_null(see_figures(&rules, 1000, "L"));
    g_autoptr(VdEvent) begun = see_figures(&rules, 1200, "L");
    g_assert_cmpint(begun->kind, ==, VD_KIND_MOTION_START);
    g_assert_null(vd_rules_set_zones(&rules, (VdMoment){1, WALL0}, same));
    g_autoptr(VdEvent) over = vd_rules_set_zones(&rules, (VdMoment){1300 * 1000, WALL0}, others);
    g_assert_cmpint(over->kind, ==, VD_KIND_MOTION_END);
    g_assert_cmpuint(json_array_size(json_object_get(over->fields, "zones")), ==, 1);
    g_assert_null(see_figures(&rules, 1400, "L"));
    g_assert_null(see_figures(&rules, 1800, "L"));
    g_autoptr(VdEvent) again = see_figures(&rules, 1900, "L");
    g_assert_cmpint(again->kind, ==, VD_KIND_MOTION_START);
    g_autoptr(VdEvent) none = vd_rules_set_zones(&rules, (VdMoment){2000 * 1000, WALL0}, NULL);
    g_assert_cmpint(none->kind, ==, VD_KIND_MOTION_END);
    g_assert_null(rules.zones);
    vd_rules_clear(&rules);
}

/* --- state ------------------------------------------------------------------------------------ */

/* As of a camera that is analysed once a second, while time passes twice a second. */
static void pictures_may_be_farther_apart_than_motion_is_long(void)
{
    g_autoptr(GString) told = g_string_new(NULL);
    VdRules rules;

    vd_rules_init(&rules, "front", &times);
    for (gint64 ms = 1000; ms <= 8500; ms += 500) {
        bool moves = ms == 2000 || (ms >= 4000 && ms <= 5000);

        if (ms % 1000 == 0)
            note(told, see(&rules, ms, moves ? 10 : 0), ms);
        else
            note(told, vd_rules_pass(&rules, (VdMoment){ms * 1000, WALL0 + ms * 1000}), ms);
    }
    g_assert_cmpstr(told->str, ==, "S5000 E7500");
    vd_rules_clear(&rules);
}

static void a_state_is_told_when_it_or_its_reason_is_another(void)
{
    static const struct {
        const char *state, *code, *reason, *told;
    } rows[] = {
        {"live", NULL, "", "{\"from\":null,\"to\":\"live\",\"reason\":null,\"reason_code\":null}"},
        {"live", NULL, "", NULL},
        {"waiting", "stalled", "nothing came for 4 s",
         "{\"from\":\"live\",\"to\":\"waiting\",\"reason\":\"nothing came for 4 s\","
         "\"reason_code\":\"stalled\"}"},
        {"waiting", "stalled", "nothing came for 5 s", NULL},
        {"waiting", "refused", "refused \xff",
         "{\"from\":\"waiting\",\"to\":\"waiting\",\"reason\":\"refused \xef\xbf\xbd\","
         "\"reason_code\":\"refused\"}"},
        {"off", NULL, "",
         "{\"from\":\"waiting\",\"to\":\"off\",\"reason\":null,\"reason_code\":null}"},
    };
    VdRules rules;

    vd_rules_init(&rules, "front", &times);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(VdEvent) event = vd_rules_enter(&rules, (VdMoment){1, WALL0}, rows[i].state,
                                                  rows[i].code, rows[i].reason);

        if (rows[i].told == NULL) {
            g_assert_null(event);
            continue;
        }
        char *text = json_dumps(event->fields, JSON_COMPACT);
        g_assert_cmpstr(text, ==, rows[i].told);
        free(text);
    }
    vd_rules_clear(&rules);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rules/motion", motion_begins_and_ends_as_the_table_says);
    g_test_add_func("/rules/peak", the_end_tells_how_long_and_the_peak_with_its_boxes);
    g_test_add_func("/rules/boxes", an_event_tells_so_many_boxes_and_no_more);
    g_test_add_func("/rules/times", new_times_count_for_motion_that_is_there);
    g_test_add_func("/rules/slow", pictures_may_be_farther_apart_than_motion_is_long);
    g_test_add_func("/rules/zones", zones_count_as_the_table_says);
    g_test_add_func("/rules/counting-boxes", boxes_and_share_are_of_what_counts);
    g_test_add_func("/rules/classes", an_event_tells_what_stood_where_it_moved);
    g_test_add_func("/rules/other-zones", other_zones_begin_anew);
    g_test_add_func("/rules/state", a_state_is_told_when_it_or_its_reason_is_another);
    return g_test_run();
}
