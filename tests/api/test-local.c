#include "api/local.h"
#include "base/clock.h"
#include "base/limits.h"
#include "media/reaper.h"
#include "tests/api/answers.h"

#include <gst/gst.h>
#include <jansson.h>
#include <string.h>

static const char *const two_cameras = "[vedette]\nmax-viewers=40\n"
                                       "[camera front]\nuri=test:moving\nstream-width=160\n"
                                       "[camera back]\nuri=test:quiet\nenabled=false\n";
static const VdViewRequest as_configured = {-1, -1, -1, -1};
static const VdSight everything;
static const VdPage whole;

typedef struct Rig {
    VdCommands *commands;
    VdSettings settings;
    VdEvents *events;
    VdLocal *local;
    VdApi *api;
} Rig;

static void configure(Rig *rig, const char *text)
{
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);

    vd_settings_clear(&rig->settings);
    rig->settings.config = vd_config_parse(text, strlen(text), "test", errors);
    g_assert_nonnull(rig->settings.config);
    vd_local_configure(rig->local);
}

static void rig_init(Rig *rig)
{
    rig->commands = vd_commands_new();
    rig->settings = (VdSettings){0};
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(VdConfig) defaults = vd_config_new(none);

    rig->events = vd_events_new(NULL, defaults);
    rig->local = vd_local_new(rig->commands, &rig->settings, rig->events);
    rig->api = vd_local_api(rig->local);
    configure(rig, two_cameras);
}

static void rig_clear(Rig *rig)
{
    vd_local_free(rig->local);
    vd_events_free(rig->events);
    vd_commands_free(rig->commands);
    vd_settings_clear(&rig->settings);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
}

static VdViewer *watch(Rig *rig, const char *id, const VdViewRequest *want)
{
    g_autoptr(GError) error = NULL;
    VdViewer *viewer = rig->api->watch(rig->api->self, id, want, "test", &error);

    g_assert_no_error(error);
    return viewer;
}

static void refuse(Rig *rig, const char *id, const VdViewRequest *want, int code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(rig->api->watch(rig->api->self, id, want, "test", &error));
    g_assert_error(error, VD_ERROR, code);
}

static bool may_watch(Rig *rig, const char *id, const VdViewRequest *want)
{
    g_autoptr(GError) error = NULL;
    bool live, may = rig->api->may_watch(rig->api->self, id, want, &live, &error);

    g_assert_true(may == (error == NULL));
    return may;
}

static json_t *parse(GBytes *bytes)
{
    json_t *json = json_loadb(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 0, NULL);

    g_assert_nonnull(json);
    g_bytes_unref(bytes);
    return json;
}

static guint renditions(Rig *rig, const char *id)
{
    json_t *json = parse(rig->api->camera(rig->api->self, id));
    guint count = (guint)json_array_size(json_object_get(json, "renditions"));

    json_decref(json);
    return count;
}

static void equal_wishes_share_a_mailbox(void)
{
    Rig rig;

    rig_init(&rig);
    VdViewer *one = watch(&rig, "front", &(VdViewRequest){320, 5, 75, 1});
    VdViewer *same = watch(&rig, "front", &(VdViewRequest){319, 5, -1, -1});
    VdViewer *other = watch(&rig, "front", &(VdViewRequest){320, 5, 75, 0});
    g_assert_true(rig.api->mailbox(one) == rig.api->mailbox(same));
    g_assert_true(rig.api->mailbox(one) != rig.api->mailbox(other));
    rig.api->unwatch(one);
    rig.api->unwatch(same);
    rig.api->unwatch(other);
    rig_clear(&rig);
}

static void a_video_is_shared_by_what_is_asked_of_it(void)
{
    static const VdViewRequest h264 = {320, 5, -1, 1, VD_CODEC_H264, 0};
    static const VdViewRequest same[] = {{320, 5, -1, 1, VD_CODEC_H264, 2000},
                                         {319, 5, 40, 1, VD_CODEC_H264, 0}};
    static const VdViewRequest others[] = {{320, 5, -1, 1, VD_CODEC_JPEG, 0},
                                           {320, 5, -1, 1, VD_CODEC_H265, 0},
                                           {320, 5, -1, 1, VD_CODEC_H264, 1999}};
    Rig rig;

    rig_init(&rig);
    VdViewer *one = watch(&rig, "front", &h264);
    for (guint i = 0; i < G_N_ELEMENTS(same); i++) {
        VdViewer *viewer = watch(&rig, "front", &same[i]);
        g_assert_true(rig.api->mailbox(viewer) == rig.api->mailbox(one));
        rig.api->unwatch(viewer);
    }
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        VdViewer *viewer = watch(&rig, "front", &others[i]);
        g_assert_true(rig.api->mailbox(viewer) != rig.api->mailbox(one));
        rig.api->unwatch(viewer);
    }
    rig.api->unwatch(one);
    rig_clear(&rig);
}

static void who_asks_whether_he_may_watch_makes_nothing(void)
{
    Rig rig;

    rig_init(&rig);
    g_assert_true(may_watch(&rig, "front", &as_configured));
    g_assert_false(may_watch(&rig, "nobody", &as_configured));
    g_assert_false(may_watch(&rig, "front", &(VdViewRequest){5, -1, -1, -1}));
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpuint(renditions(&rig, "front"), ==, 0);
    rig_clear(&rig);
}

static void what_cannot_be_is_refused(void)
{
    Rig rig;

    rig_init(&rig);
    refuse(&rig, "nobody", &as_configured, VD_ERROR_NOT_FOUND);
    refuse(&rig, "front", &(VdViewRequest){15, -1, -1, -1}, VD_ERROR_INVALID);
    refuse(&rig, "front", &(VdViewRequest){VD_MAX_WIDTH + 1, -1, -1, -1}, VD_ERROR_INVALID);
    refuse(&rig, "front", &(VdViewRequest){-2, -1, -1, -1}, VD_ERROR_INVALID);
    refuse(&rig, "front", &(VdViewRequest){-1, 61, -1, -1}, VD_ERROR_INVALID);
    refuse(&rig, "front", &(VdViewRequest){-1, -1, 0, -1}, VD_ERROR_INVALID);
    refuse(&rig, "front", &(VdViewRequest){-1, -1, 101, -1}, VD_ERROR_INVALID);
    refuse(&rig, "front", &(VdViewRequest){-1, -1, -1, 2}, VD_ERROR_INVALID);
    for (int i = 0; i < 3; i++) {
        static const int bitrates[] = {-1, 15, VD_MAX_BITRATE + 1};
        VdViewRequest want = {-1, -1, -1, -1, VD_CODEC_H264, bitrates[i]};
        refuse(&rig, "front", &want, VD_ERROR_INVALID);
    }
    rig_clear(&rig);
}

static void one_more_viewer_than_allowed_is_refused(void)
{
    Rig rig;
    VdViewer *viewers[40];

    rig_init(&rig);
    for (guint i = 0; i < G_N_ELEMENTS(viewers); i++)
        viewers[i] = watch(&rig, "front", &as_configured);
    refuse(&rig, "back", &as_configured, VD_ERROR_LIMIT);
    rig.api->unwatch(viewers[0]);
    viewers[0] = watch(&rig, "back", &as_configured);
    for (guint i = 0; i < G_N_ELEMENTS(viewers); i++)
        rig.api->unwatch(viewers[i]);
    rig_clear(&rig);
}

static void one_more_rendition_than_allowed_is_refused(void)
{
    Rig rig;
    VdViewer *viewers[VD_MAX_RENDITIONS];

    rig_init(&rig);
    for (int i = 0; i < VD_MAX_RENDITIONS; i++)
        viewers[i] = watch(&rig, "front", &(VdViewRequest){100 + 2 * i, -1, -1, -1});
    refuse(&rig, "front", &(VdViewRequest){400, -1, -1, -1}, VD_ERROR_LIMIT);
    rig.api->unwatch(watch(&rig, "front", &(VdViewRequest){100, -1, -1, -1}));
    for (int i = 0; i < VD_MAX_RENDITIONS; i++)
        rig.api->unwatch(viewers[i]);
    rig_clear(&rig);
}

static void renditions_that_nobody_watches_stand_in_nobody_s_way(void)
{
    VdViewer *viewers[VD_MAX_RENDITIONS];
    Rig rig;

    rig_init(&rig);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < VD_MAX_RENDITIONS; i++)
            viewers[i] = watch(&rig, "front", &(VdViewRequest){100 + 2 * i, round, -1, -1});
        for (int i = 0; i < VD_MAX_RENDITIONS; i++)
            rig.api->unwatch(viewers[i]);
    }
    while (renditions(&rig, "front") == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(renditions(&rig, "front"), <=, VD_MAX_RENDITIONS);
    rig_clear(&rig);
}

static VdPicture *first_picture(Rig *rig, VdViewer *viewer)
{
    gint64 deadline = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;
    guint64 seen = 0;
    VdPicture *picture;

    while ((picture = vd_mailbox_take(rig->api->mailbox(viewer), &seen)) == NULL ||
           picture->placeholder) {
        vd_picture_unref(picture);
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        g_main_context_iteration(NULL, FALSE);
        g_usleep(1000);
    }
    return picture;
}

static void pictures_come_as_asked_for_and_are_counted(void)
{
    Rig rig;

    rig_init(&rig);
    VdViewer *viewer = watch(&rig, "front", &as_configured);
    g_autoptr(VdPicture) picture = first_picture(&rig, viewer);
    g_assert_cmpint(picture->width, ==, 160);
    VdSent sent = {.picture = picture, .bytes = 1000, .skipped = 2};
    rig.api->sent(viewer, &sent);
    while (renditions(&rig, "front") != 1)
        g_main_context_iteration(NULL, TRUE);
    rig.api->unwatch(viewer);
    rig_clear(&rig);
}

static void what_nobody_watches_lingers_and_ends(void)
{
    Rig rig;

    rig_init(&rig);
    VdViewer *viewer = watch(&rig, "back", &as_configured);
    while (renditions(&rig, "back") == 0)
        g_main_context_iteration(NULL, TRUE);
    VdMailbox *before = vd_mailbox_ref(rig.api->mailbox(viewer));
    rig.api->unwatch(viewer);
    viewer = watch(&rig, "back", &as_configured);
    g_assert_true(rig.api->mailbox(viewer) == before);
    rig.api->unwatch(viewer);
    gint64 left = g_get_monotonic_time();
    while (renditions(&rig, "back") > 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpint(g_get_monotonic_time() - left, >=, 1900 * 1000);
    vd_mailbox_unref(before);
    rig_clear(&rig);
}

static void a_removed_camera_closes_its_mailboxes(void)
{
    Rig rig;

    rig_init(&rig);
    VdViewer *viewer = watch(&rig, "front", &as_configured);
    while (renditions(&rig, "front") == 0)
        g_main_context_iteration(NULL, TRUE);
    configure(&rig, "[camera back]\nuri=test:quiet\n");
    g_assert_true(vd_mailbox_closed(rig.api->mailbox(viewer)));
    g_assert_null(rig.api->camera(rig.api->self, "front"));
    refuse(&rig, "front", &as_configured, VD_ERROR_NOT_FOUND);
    rig.api->unwatch(viewer);
    rig_clear(&rig);
}

static void a_camera_removed_before_it_was_opened_closes_too(void)
{
    Rig rig;

    rig_init(&rig);
    VdViewer *viewer = watch(&rig, "front", &as_configured);
    configure(&rig, "[camera back]\nuri=test:quiet\n");
    g_assert_true(vd_mailbox_closed(rig.api->mailbox(viewer)));
    while (g_main_context_iteration(NULL, FALSE))
        ;
    rig.api->unwatch(viewer);
    rig_clear(&rig);
}

static void lists_are_sorted_and_only_enabled_cameras_have_ids(void)
{
    Rig rig;

    rig_init(&rig);
    json_t *json = parse(rig.api->cameras(rig.api->self, &everything, &whole));
    const json_t *list = json_object_get(json, "cameras");
    g_auto(GStrv) ids = rig.api->ids(rig.api->self);

    g_assert_cmpuint(json_array_size(list), ==, 2);
    g_assert_cmpstr(json_string_value(json_object_get(json_array_get(list, 0), "id")), ==, "back");
    g_assert_cmpstr(json_string_value(json_object_get(json_array_get(list, 1), "id")), ==, "front");
    g_assert_cmpuint(g_strv_length(ids), ==, 1);
    g_assert_cmpstr(ids[0], ==, "front");
    json_decref(json);
    rig_clear(&rig);
}

static void an_answer_is_made_once(void)
{
    Rig rig;

    rig_init(&rig);
    g_autoptr(GBytes) one = rig.api->camera(rig.api->self, "front");
    g_autoptr(GBytes) same = rig.api->camera(rig.api->self, "front");
    g_autoptr(GBytes) all = rig.api->cameras(rig.api->self, &everything, &whole);
    g_autoptr(GBytes) still_all = rig.api->cameras(rig.api->self, &everything, &whole);
    g_assert_true(one == same);
    g_assert_true(all == still_all);
    rig_clear(&rig);
}

static void the_process_tells_what_it_uses(void)
{
    Rig rig;

    rig_init(&rig);
    json_t *json = parse(rig.api->stats(rig.api->self));
    const json_t *process = json_object_get(json, "process");

    g_assert_cmpint(json_integer_value(json_object_get(process, "threads")), >=, 1);
    g_assert_cmpint(json_integer_value(json_object_get(process, "descriptors")), >=, 3);
    g_assert_cmpint(json_integer_value(json_object_get(process, "rss_bytes")), >, 1000000);
    g_assert_cmpint(json_integer_value(json_object_get(json_object_get(json, "cameras"), "total")),
                    ==, 2);
    json_decref(json);
    json = parse(rig.api->version(rig.api->self));
    g_assert_cmpstr(json_string_value(json_object_get(json, "version")), ==, PACKAGE_VERSION);
    json_decref(json);
    rig_clear(&rig);
}

static void it_is_not_ready_while_the_main_loop_stands(void)
{
    Rig rig;
    g_autofree char *why = NULL, *none = NULL;

    vd_clock_hold(100 * (gint64)G_USEC_PER_SEC, 0);
    rig_init(&rig);
    g_assert_true(rig.api->ready(rig.api->self, &none));
    vd_clock_advance(6 * G_USEC_PER_SEC);
    g_assert_false(rig.api->ready(rig.api->self, &why));
    g_assert_nonnull(strstr(why, "main loop"));
    rig_clear(&rig);
    vd_clock_release();
}

static void lists_are_of_what_is_seen(void)
{
    static const char *const back_alone[] = {"ba?k", NULL}, *const none[] = {"x*", NULL};
    const VdSight back = {back_alone}, nothing = {none};
    Rig rig;

    rig_init(&rig);
    json_t *json = parse(rig.api->cameras(rig.api->self, &back, &whole));
    json_t *cameras = json_object_get(json, "cameras");
    g_assert_cmpuint(json_array_size(cameras), ==, 1);
    g_assert_cmpstr(json_string_value(json_object_get(json_array_get(cameras, 0), "id")), ==,
                    "back");
    json_decref(json);
    json = parse(rig.api->cameras(rig.api->self, &nothing, &whole));
    g_assert_cmpuint(json_array_size(json_object_get(json, "cameras")), ==, 0);
    json_decref(json);
    VdViewer *viewer = watch(&rig, "back", &as_configured);
    json = parse(rig.api->viewers(rig.api->self, &nothing, &whole));
    g_assert_cmpuint(json_array_size(json_object_get(json, "viewers")), ==, 0);
    json_decref(json);
    json = parse(rig.api->viewers(rig.api->self, &back, &whole));
    json_t *seen = json_array_get(json_object_get(json, "viewers"), 0);
    g_autofree char *number = g_strdup_printf("%" JSON_INTEGER_FORMAT,
                                              json_integer_value(json_object_get(seen, "number")));
    json_decref(json);
    g_assert_false(rig.api->dismiss(rig.api->self, number, &nothing, NULL));
    g_assert_true(rig.api->dismiss(rig.api->self, number, &back, NULL));
    rig.api->unwatch(viewer);
    rig_clear(&rig);
}

/* The ids in an answer, and what it says is next: "a,b>b". */
static char *page_of(Rig *rig, const char *cursor, guint limit)
{
    const VdPage page = {cursor, limit};
    json_t *json = parse(rig->api->cameras(rig->api->self, &everything, &page));
    const json_t *list = json_object_get(json, "cameras");
    const char *next = json_string_value(json_object_get(json, "next"));
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < json_array_size(list); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? "," : "",
                               json_string_value(json_object_get(json_array_get(list, i), "id")));
    g_string_append_printf(text, ">%s", next != NULL ? next : "");
    json_decref(json);
    return g_string_free(text, FALSE);
}

static void a_long_list_is_told_in_pages(void)
{
    static const struct {
        const char *cursor;
        guint limit;
        const char *page;
    } pages[] = {
        {NULL, 0, "a,b,c,d,e>"}, {NULL, 2, "a,b>b"},     {"b", 2, "c,d>d"},
        {"d", 2, "e>"},          {"e", 2, ">"},          {"bb", 0, "c,d,e>"},
        {NULL, 5, "a,b,c,d,e>"}, {NULL, 4, "a,b,c,d>d"}, {"zz", 1, ">"},
    };
    static const char *const wrong[] = {"A", "b/c", "b\"", "\xff"};
    const VdSight odd = {(const char *const[]){"a", "c", "e", NULL}};
    Rig rig;

    rig_init(&rig);
    configure(&rig, "[camera a]\nuri=test:quiet\nenabled=false\n"
                    "[camera b]\nuri=test:quiet\nenabled=false\n"
                    "[camera c]\nuri=test:quiet\nenabled=false\n"
                    "[camera d]\nuri=test:quiet\nenabled=false\n"
                    "[camera e]\nuri=test:quiet\nenabled=false\n");
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *page = page_of(&rig, pages[i].cursor, pages[i].limit);
        g_assert_cmpstr(page, ==, pages[i].page);
    }
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_null(rig.api->cameras(rig.api->self, &everything, &(VdPage){wrong[i], 1}));
    json_t *json = parse(rig.api->cameras(rig.api->self, &odd, &(VdPage){"a", 1}));
    g_assert_cmpstr(json_string_value(json_object_get(json, "next")), ==, "c");
    json_decref(json);
    rig_clear(&rig);
}

static void viewers_are_told_in_pages(void)
{
    json_int_t last = 0, numbers[3];
    VdViewer *viewers[3];
    Rig rig;

    rig_init(&rig);
    for (int i = 0; i < 3; i++)
        viewers[i] = watch(&rig, i == 1 ? "back" : "front", &as_configured);
    json_t *json = parse(rig.api->viewers(rig.api->self, &everything, &whole));
    for (guint i = 0; i < 3; i++) {
        const json_t *viewer = json_array_get(json_object_get(json, "viewers"), i);
        numbers[i] = json_integer_value(json_object_get(viewer, "number"));
        g_assert_cmpint(numbers[i], >, last);
        last = numbers[i];
    }
    g_assert_true(json_is_null(json_object_get(json, "next")));
    json_decref(json);
    g_autofree char *cursor = g_strdup_printf("%" JSON_INTEGER_FORMAT, numbers[0]);
    json = parse(rig.api->viewers(rig.api->self, &everything, &(VdPage){cursor, 1}));
    const json_t *second = json_array_get(json_object_get(json, "viewers"), 0);
    g_assert_cmpuint(json_array_size(json_object_get(json, "viewers")), ==, 1);
    g_assert_cmpint(json_integer_value(json_object_get(second, "number")), ==, numbers[1]);
    g_autofree char *next = g_strdup_printf("%" JSON_INTEGER_FORMAT, numbers[1]);
    g_assert_cmpstr(json_string_value(json_object_get(json, "next")), ==, next);
    json_decref(json);
    g_assert_null(rig.api->viewers(rig.api->self, &everything, &(VdPage){"x", 0}));
    for (int i = 0; i < 3; i++)
        rig.api->unwatch(viewers[i]);
    rig_clear(&rig);
}

static const json_t *codec_of(const json_t *system, const char *name)
{
    const json_t *list = json_object_get(system, "codecs");

    for (guint i = 0; i < json_array_size(list); i++) {
        const json_t *codec = json_array_get(list, i);

        if (g_str_equal(json_string_value(json_object_get(codec, "codec")), name))
            return codec;
    }
    g_assert_not_reached();
}

static void it_says_what_this_machine_can_do(void)
{
    Rig rig;

    rig_init(&rig);
    VdTicket *first = ask(), *second = ask(); /* while it looks for what there is */
    rig.api->system(rig.api->self, first);
    rig.api->system(rig.api->self, second);
    g_autoptr(VdAnswer) one = await_answer(first), two = await_answer(second);
    VdTicket *later = ask();
    rig.api->system(rig.api->self, later);
    g_autoptr(VdAnswer) same = await_answer(later);
    g_assert_true(g_bytes_equal(one->body, two->body) && g_bytes_equal(one->body, same->body));
    json_t *json = parse(g_bytes_ref(one->body));
    const json_t *limits = json_object_get(json, "limits");
    g_assert_cmpint(json_integer_value(json_object_get(limits, "cameras")), ==, VD_MAX_CAMERAS);
    g_assert_cmpint(json_integer_value(json_object_get(limits, "viewers")), ==, 40);
    g_assert_cmpint(json_integer_value(json_object_get(limits, "connections")), ==, 1100);
    g_assert_cmpint(json_integer_value(json_object_get(limits, "body_bytes")), ==, VD_MAX_JSON);
    g_autoptr(GstElementFactory) decoder = gst_element_factory_find("jpegdec");
    g_assert_cmpstr(json_string_value(json_object_get(codec_of(json, "jpeg"), "decoder")), ==,
                    decoder != NULL ? "jpegdec" : "avdec_mjpeg");
    g_assert_cmpstr(json_string_value(json_object_get(codec_of(json, "jpeg"), "encoder")), ==,
                    "vdjpegenc");
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "h264" : "h265";
        g_autofree char *factory = g_strdup_printf("vd%senc", name);
        g_autoptr(GstElementFactory) encoder = gst_element_factory_find(factory);
        const char *told = json_string_value(json_object_get(codec_of(json, name), "encoder"));
        if (encoder == NULL)
            g_assert_null(told);
        else if (told != NULL)
            g_assert_cmpstr(told, ==, i == 0 ? "libx264" : "libx265");
    }
    json_decref(json);
    rig_clear(&rig);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/local/" #name, name)
    ADD(lists_are_of_what_is_seen);
    ADD(a_long_list_is_told_in_pages);
    ADD(viewers_are_told_in_pages);
    ADD(it_says_what_this_machine_can_do);
    ADD(equal_wishes_share_a_mailbox);
    ADD(a_video_is_shared_by_what_is_asked_of_it);
    ADD(who_asks_whether_he_may_watch_makes_nothing);
    ADD(what_cannot_be_is_refused);
    ADD(one_more_viewer_than_allowed_is_refused);
    ADD(one_more_rendition_than_allowed_is_refused);
    ADD(renditions_that_nobody_watches_stand_in_nobody_s_way);
    ADD(pictures_come_as_asked_for_and_are_counted);
    ADD(what_nobody_watches_lingers_and_ends);
    ADD(a_removed_camera_closes_its_mailboxes);
    ADD(a_camera_removed_before_it_was_opened_closes_too);
    ADD(lists_are_sorted_and_only_enabled_cameras_have_ids);
    ADD(an_answer_is_made_once);
    ADD(the_process_tells_what_it_uses);
    ADD(it_is_not_ready_while_the_main_loop_stands);
    return g_test_run();
}
