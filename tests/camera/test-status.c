#include "base/clock.h"
#include "camera/status.h"

#include <jansson.h>
#include <string.h>

#define NOW  (1000 * (gint64)G_USEC_PER_SEC)
#define WALL (1790000000 * (gint64)G_USEC_PER_SEC)

static const char *const text_of_config = "[camera front]\n"
                                          "name=Türe süd\n"
                                          "uri=rtsp://admin:geheim1@192.0.2.7/live?token=geheim2\n"
                                          "analysis-uri=rtsp://admin:geheim1@192.0.2.7/sub\n"
                                          "user=geheim3\n"
                                          "password=geheim4\n";

static VdCameraConfig *config_of(const char *text)
{
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    g_autoptr(VdConfig) config = vd_config_parse(text, strlen(text), "test", errors);

    g_assert_nonnull(config);
    return vd_camera_config_ref(config->cameras->pdata[0]);
}

static VdReceiverFacts facts_of(VdState state)
{
    return (VdReceiverFacts){
        .state = state,
        .reason = g_strdup(state == VD_STATE_LIVE ? "" : "nobody answers"),
        .loss = state == VD_STATE_LIVE ? VD_N_LOSSES : VD_LOSS_TIMEOUT,
        .since = {NOW - 5 * G_USEC_PER_SEC, WALL - 5 * G_USEC_PER_SEC},
        .transport = "tcp",
        .codec = "h264",
        .width = 640,
        .height = 360,
        .announced_fps = 15,
        .decoder = g_strdup("avdec_h264"),
        .gpu = -1,
        .no_gpu = g_strdup("gpu=off"),
        .reconnects = 3,
        .error = g_strdup("the other side \xff ended it"),
        .error_at = {NOW - 60 * (gint64)G_USEC_PER_SEC, WALL - 60 * (gint64)G_USEC_PER_SEC},
        .ring = {.units = 100, .bytes = 1000, .dropped = 7, .last_us = NOW - 1000, .fps = 14.98765},
        .analysis = {.decoded = 99, .dropped = 2, .errors = 1, .analysed_fps = 9.9},
    };
}

static void add_rendition(VdStatusParts *parts)
{
    VdRenditionStatus one = {
        .rendition = {.width = 320, .fps = 5, .quality = 75, .annotate = true},
        .view = {.pictures = 10, .skipped = 1, .bytes = 1234, .cost_us = 900},
        .audience = {.viewers = 2, .slow = 1, .pictures = 20},
    };
    VdGuest guest = {.client = g_strdup("192.0.2.9 Firefox"), .since_wall_us = WALL};

    g_array_append_val(parts->renditions, one);
    g_array_append_val(parts->guests, guest);
    parts->audience = one.audience;
}

static VdStatusParts parts_of(VdState state, bool two_streams)
{
    static const VdBox box = {.x = 16384, .y = 32768, .width = 6554, .height = 65536, .area = 655};
    VdStatusParts parts = {.config = config_of(text_of_config), .two_streams = two_streams};

    parts.shown = facts_of(state);
    if (two_streams)
        parts.main = facts_of(VD_STATE_WAITING);
    parts.bitrate = 512000;
    parts.report = vd_report_new(&box, 1);
    parts.report->share = 0.01;
    parts.report->track_ids = g_new0(guint64, 1);
    parts.report->track_ids[0] = 12;
    parts.report->n_tracks = 1;
    parts.report->tracks = g_new0(VdTrackMark, 1);
    parts.report->tracks[0] = (VdTrackMark){.id = 12, .box = box, .speed = 0.25, .age = 1500000000};
    parts.newest_frame_us = NOW - 40000;
    parts.renditions = g_array_new(FALSE, FALSE, sizeof(VdRenditionStatus));
    parts.guests = g_array_new(FALSE, FALSE, sizeof(VdGuest));
    g_array_set_clear_func(parts.guests, vd_guest_clear);
    add_rendition(&parts);
    return parts;
}

static VdStatus *status_of(VdState state, bool two_streams)
{
    VdStatusParts parts = parts_of(state, two_streams);

    return vd_status_new(&parts);
}

static json_t *parsed(GBytes *bytes)
{
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);
    json_t *json = json_loadb(text, size, 0, NULL);

    g_assert_nonnull(json);
    return json;
}

static json_t *json_of(VdStatus *status)
{
    g_autoptr(GBytes) bytes = vd_status_whole_json(status);

    return parsed(bytes);
}

static const char *text_at(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

static double number_at(const json_t *json, const char *name)
{
    g_assert_true(json_is_number(json_object_get(json, name)));
    return json_number_value(json_object_get(json, name));
}

static void everything_stands_under_its_name(void)
{
    g_autoptr(VdStatus) status = status_of(VD_STATE_LIVE, false);
    json_t *json = json_of(status);
    const json_t *motion = json_object_get(json, "motion");
    const json_t *box = json_array_get(json_object_get(motion, "boxes"), 0);
    const json_t *track = json_array_get(json_object_get(motion, "tracks"), 0);
    const json_t *viewers = json_object_get(json, "viewers");
    const json_t *rendition = json_array_get(json_object_get(json, "renditions"), 0);

    g_assert_cmpstr(text_at(json, "id"), ==, "front");
    g_assert_cmpstr(text_at(json, "name"), ==, "Türe süd");
    g_assert_cmpstr(text_at(json, "state"), ==, "live");
    g_assert_true(json_is_null(json_object_get(json, "reason_code")));
    g_assert_cmpfloat_with_epsilon(number_at(json, "since_seconds"), 5, 1e-6);
    g_assert_cmpfloat_with_epsilon(number_at(json, "fps"), 14.988, 1e-6);
    g_assert_cmpfloat_with_epsilon(number_at(json, "last_frame_age_seconds"), 0.04, 1e-6);
    g_assert_cmpint(json_integer_value(json_object_get(json, "bitrate")), ==, 512000);
    g_assert_cmpint(json_integer_value(json_object_get(json, "reconnects")), ==, 3);
    g_assert_cmpfloat_with_epsilon(number_at(box, "x"), 0.25, 1e-6);
    g_assert_cmpfloat_with_epsilon(number_at(box, "height"), 1, 1e-6);
    g_assert_cmpfloat(number_at(box, "track"), ==, 12);
    g_assert_cmpfloat(number_at(track, "id"), ==, 12);
    g_assert_cmpfloat_with_epsilon(number_at(track, "y"), 0.5, 1e-6);
    g_assert_cmpfloat_with_epsilon(number_at(track, "speed"), 0.25, 1e-6);
    g_assert_cmpfloat_with_epsilon(number_at(track, "age_seconds"), 1.5, 1e-6);
    g_assert_true(json_is_false(json_object_get(track, "visible")));
    g_assert_cmpint(json_integer_value(json_object_get(viewers, "count")), ==, 2);
    g_assert_cmpint(json_integer_value(json_object_get(rendition, "width")), ==, 320);
    g_assert_true(json_is_null(json_object_get(json, "main_stream")));
    json_decref(json);
}

static void the_last_error_is_told_after_it_is_over_and_is_valid_utf_8(void)
{
    g_autoptr(VdStatus) status = status_of(VD_STATE_LIVE, false);
    json_t *json = json_of(status);
    const json_t *error = json_object_get(json, "last_error");

    g_assert_nonnull(strstr(text_at(error, "text"), "ended it"));
    g_assert_cmpfloat_with_epsilon(number_at(error, "age_seconds"), 60, 1e-6);
    g_assert_cmpint(
        json_integer_value(json_object_get(json_object_get(json, "drops"), "no_key_frame_or_room")),
        ==, 7);
    json_decref(json);
}

static void ages_stand_when_the_wall_clock_is_set(void)
{
    const VdMoment a_minute_ago = {NOW - 60 * (gint64)G_USEC_PER_SEC, WALL + G_USEC_PER_SEC};
    VdStatusParts parts = parts_of(VD_STATE_WAITING, false);

    parts.shown.since = parts.shown.away = parts.shown.error_at = a_minute_ago;
    g_autoptr(VdStatus) status = vd_status_new(&parts);
    json_t *json = json_of(status);
    g_assert_cmpfloat_with_epsilon(number_at(json, "since_seconds"), 60, 1e-6);
    g_assert_cmpfloat_with_epsilon(number_at(json, "away_seconds"), 60, 1e-6);
    g_assert_cmpfloat_with_epsilon(number_at(json_object_get(json, "last_error"), "age_seconds"),
                                   60, 1e-6);
    json_decref(json);
}

static void a_camera_with_two_streams_tells_both(void)
{
    g_autoptr(VdStatus) status = status_of(VD_STATE_LIVE, true);
    json_t *json = json_of(status);
    const json_t *main_stream = json_object_get(json, "main_stream");

    g_assert_cmpstr(text_at(json, "state"), ==, "live");
    g_assert_cmpstr(text_at(main_stream, "state"), ==, "waiting");
    g_assert_cmpstr(text_at(main_stream, "reason"), ==, "nobody answers");
    g_assert_cmpstr(text_at(main_stream, "reason_code"), ==, "timeout");
    json_decref(json);
}

static void what_is_held_on_gpus_is_a_sum(void)
{
    VdStatusParts parts = parts_of(VD_STATE_LIVE, true);

    parts.shown.gpu_memory = 1000;
    parts.main.gpu_memory = 200;
    g_array_index(parts.renditions, VdRenditionStatus, 0).encoder.gpu_memory = 30;
    g_autoptr(VdStatus) with = vd_status_new(&parts);
    g_autoptr(VdStatus) without = status_of(VD_STATE_LIVE, true);
    json_t *json = json_of(with);
    g_assert_cmpint(json_integer_value(json_object_get(json, "gpu_memory")), ==, 1230);
    json_decref(json);
    json = json_of(without);
    g_assert_true(json_is_null(json_object_get(json, "gpu_memory")));
    json_decref(json);
}

static void no_secret_is_told(void)
{
    g_autoptr(VdStatus) status = status_of(VD_STATE_WAITING, true);
    g_autoptr(GBytes) bytes = vd_status_whole_json(status);
    g_autofree char *text = g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));

    g_assert_null(strstr(text, "geheim"));
    g_assert_nonnull(strstr(text, "rtsp://***@192.0.2.7/live?token=***"));
    g_assert_nonnull(strstr(text, "\"password\":\"***\""));
}

static void assert_del(json_t *object, const char *names)
{
    g_auto(GStrv) each = g_strsplit(names, " ", -1);

    for (guint i = 0; each[i] != NULL; i++)
        g_assert_cmpint(json_object_del(object, each[i]), ==, 0);
}

/* What is told briefly is told in the same words. */
static void lists_leave_out_what_is_long(void)
{
    VdStatusParts parts = parts_of(VD_STATE_LIVE, true);

    parts.tampering =
        (VdTamperFacts){.kinds = 1u << VD_TAMPER_BLACK | 1u << VD_TAMPER_MOVED, .scores = {0}};
    parts.tampering.since[VD_TAMPER_BLACK] = WALL;
    g_autoptr(VdStatus) status = vd_status_new(&parts);
    g_autoptr(GBytes) bytes = vd_status_brief_json(status);
    json_t *brief = parsed(bytes), *whole = json_of(status);

    g_assert_cmpstr(text_at(json_object_get(whole, "configuration"), "name"), ==, "Türe süd");
    assert_del(whole,
               "time since away_since tries fps_announced units bytes ring_bytes ring_seconds "
               "frames last_unit_age_seconds drops last_frame_age_seconds gpu_memory no_gpu_reason "
               "analyser "
               "configuration crossed renditions");
    assert_del(json_object_get(whole, "main_stream"),
               "since away_since tries fps_announced units bytes ring_bytes ring_seconds frames "
               "last_unit_age_seconds drops no_gpu_reason");
    assert_del(json_object_get(whole, "motion"), "boxes tracks noise frames cost_us");
    assert_del(json_object_get(whole, "viewers"), "clients pictures skipped bytes");
    assert_del(json_object_get(whole, "tampering"), "moved");
    g_assert_cmpuint(json_object_size(json_object_get(brief, "tampering")), ==, 1);
    g_assert_true(json_equal(brief, whole));
    json_decref(brief);
    json_decref(whole);
}

static void the_json_is_made_once(void)
{
    g_autoptr(VdStatus) status = status_of(VD_STATE_LIVE, false);
    g_autoptr(GBytes) first = vd_status_brief_json(status);
    g_autoptr(GBytes) second = vd_status_brief_json(status);
    g_autoptr(GBytes) whole = vd_status_whole_json(status);
    g_autoptr(GBytes) again = vd_status_whole_json(status);

    g_assert_true(first == second && whole == again);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    vd_clock_hold(NOW, WALL);
#define ADD(name) g_test_add_func("/status/" #name, name)
    ADD(everything_stands_under_its_name);
    ADD(the_last_error_is_told_after_it_is_over_and_is_valid_utf_8);
    ADD(ages_stand_when_the_wall_clock_is_set);
    ADD(a_camera_with_two_streams_tells_both);
    ADD(what_is_held_on_gpus_is_a_sum);
    ADD(no_secret_is_told);
    ADD(lists_leave_out_what_is_long);
    ADD(the_json_is_made_once);
    return g_test_run();
}
