#include "events/event.h"

#include <string.h>

static void an_event_is_one_object_with_its_fields_behind_what_all_have(void)
{
    g_autoptr(VdEvent) event =
        vd_event_new(VD_KIND_CAMERA_STATE, "front", G_GINT64_CONSTANT(1700000000123456),
                     json_pack("{s:s, s:f}", "to", "live", "share", 0.1));
    static const char expected[] =
        "{\"id\":42,\"time\":\"2023-11-14T22:13:20.123Z\",\"kind\":\"camera-state\","
        "\"camera\":\"front\",\"to\":\"live\",\"share\":0.1}";
    gsize size;

    vd_event_number(event, 42);
    const char *json = g_bytes_get_data(event->json, &size);
    g_assert_cmpmem(json, size, expected, strlen(expected));
}

static void an_event_of_no_camera_says_null(void)
{
    g_autoptr(VdEvent) event = vd_event_new(VD_KIND_CONFIGURATION, NULL, 0, NULL);
    gsize size;

    vd_event_number(event, G_GUINT64_CONSTANT(9007199254740991));
    const char *json = g_bytes_get_data(event->json, &size);
    g_autofree char *text = g_strndup(json, size);
    g_assert_cmpstr(text, ==,
                    "{\"id\":9007199254740991,\"time\":\"1970-01-01T00:00:00.000Z\","
                    "\"kind\":\"configuration\",\"camera\":null}");
}

static void every_kind_is_found_by_its_name(void)
{
    VdEventKind kind;

    for (guint i = 0; i < VD_N_KINDS; i++) {
        g_assert_true(vd_event_kind_find(vd_event_kind_name((VdEventKind)i), &kind));
        g_assert_cmpuint(kind, ==, i);
    }
    g_assert_null(vd_event_kind_names()[VD_N_KINDS]);
    g_assert_false(vd_event_kind_find("motion", &kind));
}

static void assert_seen(VdEvent *event, const char *const *cameras, const char *expected)
{
    g_autoptr(VdEvent) seen = vd_event_seen(event, cameras);
    gsize size = 0;
    const char *json = seen != NULL ? g_bytes_get_data(seen->json, &size) : "";
    g_autofree char *text = g_strndup(json, size);

    g_assert_cmpstr(text, ==, expected);
}

static void who_sees_some_cameras_sees_what_is_of_them(void)
{
    static const char *const some[] = {"f*", "gate", NULL};
    g_autoptr(VdEvent) front = vd_event_new(VD_KIND_TEST, "front", 0, NULL);
    g_autoptr(VdEvent) back = vd_event_new(VD_KIND_TEST, "back", 0, NULL);
    g_autoptr(VdEvent) disk = vd_event_new(VD_KIND_STORAGE, NULL, 0, NULL);

    vd_event_number(front, 1);
    vd_event_number(back, 2);
    vd_event_number(disk, 3);
    assert_seen(front, some, g_bytes_get_data(front->json, NULL));
    assert_seen(back, some, "");
    assert_seen(disk, some, "");
    assert_seen(disk, NULL, g_bytes_get_data(disk->json, NULL));
}

static void a_change_is_cut_to_the_cameras_that_are_seen(void)
{
    static const char *const some[] = {"f*", NULL}, *const others[] = {"x", NULL};
    g_autoptr(VdEvent) change =
        vd_event_new(VD_KIND_CONFIGURATION, NULL, 0,
                     json_pack("{s:[s,s], s:[s], s:[], s:s}", "added", "back", "front", "removed",
                               "garden", "changed", "who", "anna"));

    vd_event_number(change, 9);
    assert_seen(
        change, some,
        "{\"id\":9,\"time\":\"1970-01-01T00:00:00.000Z\",\"kind\":\"configuration\","
        "\"camera\":null,\"added\":[\"front\"],\"removed\":[],\"changed\":[],\"who\":null}");
    assert_seen(change, others, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event/json", an_event_is_one_object_with_its_fields_behind_what_all_have);
    g_test_add_func("/event/no-camera", an_event_of_no_camera_says_null);
    g_test_add_func("/event/kinds", every_kind_is_found_by_its_name);
    g_test_add_func("/event/seen", who_sees_some_cameras_sees_what_is_of_them);
    g_test_add_func("/event/cut", a_change_is_cut_to_the_cameras_that_are_seen);
    return g_test_run();
}
