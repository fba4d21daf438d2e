#include "ingest-kit.h"

#include "media/source-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Files made here, so that their content is known: 20 pictures, 20 a second, a key frame every 5.
 */
static char *folder;

#define PICTURES                                  \
    "videotestsrc num-buffers=20 pattern=ball ! " \
    "video/x-raw,format=%s,width=162,height=90,framerate=20/1 ! "
#define X264  "x264enc tune=zerolatency key-int-max=5 speed-preset=ultrafast ! "
#define SOUND "audiotestsrc num-buffers=20 ! audio/x-raw,rate=44100,channels=1 ! avenc_aac ! m. "

static const struct {
    const char *name;
    const char *launch; /* ends at the element before the file */
    const char *format;
    const char *media;
    gint keys; /* of 20 */
} files[] = {
    {"a.mp4", PICTURES X264 "mp4mux", "I420", "video/x-h264", 4},
    {"sound.mp4", SOUND PICTURES X264 "h264parse ! m. mp4mux name=m", "I420", "video/x-h264", 4},
    {"a.mkv", PICTURES X264 "matroskamux", "Y42B", "video/x-h264", 4},
    {"a.avi", PICTURES "jpegenc ! avimux", "I420", "image/jpeg", 20},
    {"a.h264", PICTURES X264 "video/x-h264,stream-format=byte-stream ! identity", "I420",
     "video/x-h264", 4},
    {"a.mjpg", PICTURES "jpegenc", "I420", "image/jpeg", 20},
    {"h265.mkv", PICTURES "x265enc key-int-max=5 tune=zerolatency ! h265parse ! matroskamux",
     "I420", "video/x-h265", 4},
    {"a.h265",
     PICTURES "x265enc key-int-max=5 tune=zerolatency ! video/x-h265,stream-format=byte-stream ! "
              "identity",
     "I420", "video/x-h265", 4},
    {"444.mkv", PICTURES X264 "matroskamux", "Y444", "video/x-h264", 4},
};

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* False: an encoder is not installed. */
static bool make_launch(const char *name, const char *launch)
{
    g_autofree char *path = path_of(name);
    g_autofree char *whole = g_strdup_printf("%s ! filesink location=\"%s\"", launch, path);
    g_autoptr(GstElement) pipeline =
        gst_parse_launch_full(whole, NULL, GST_PARSE_FLAG_FATAL_ERRORS, NULL);

    if (pipeline == NULL)
        return false;
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_autoptr(GstMessage) message =
        gst_bus_timed_pop_filtered(bus, 30 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    bool made = message != NULL && GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return made;
}

static bool make(const char *name, const char *launch, const char *format)
{
    g_auto(GStrv) parts = g_strsplit(launch, "format=%s", 2);
    g_autofree char *with_format = parts[1] != NULL
                                       ? g_strconcat(parts[0], "format=", format, parts[1], NULL)
                                       : g_strdup(launch);

    return make_launch(name, with_format);
}

static void start(Kit *kit, const char *name)
{
    g_autofree char *path = path_of(name);
    g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);

    kit_start(kit, uri);
}

static void note_time(const VdUnit *unit, void *data)
{
    g_array_append_val(data, GST_BUFFER_PTS(unit->buffer));
}

/* Seconds from the second turn on: times follow the earliest arrivals, and the first may be late.
 */
static double seconds_after_a_turn(const GArray *times, guint *steps)
{
    *steps = times->len - 1 - 20;
    return (double)(g_array_index(times, GstClockTime, times->len - 1) -
                    g_array_index(times, GstClockTime, 20)) /
           GST_SECOND;
}

static void a_file_is_played_round_and_round(gconstpointer data)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(GstClockTime));
    gsize row = GPOINTER_TO_SIZE(data);
    guint steps;
    Kit kit;

    if (!make(files[row].name, files[row].launch, files[row].format)) {
        g_test_skip("an encoder is missing");
        return;
    }
    kit_init(&kit);
    kit.camera.file_fps = 20;
    vd_ring_subscribe(kit.ring, note_time, times, false);
    start(&kit, files[row].name);
    kit_await_units(&kit, 70); /* three and a half turns */
    g_assert_cmpstr(vd_ingest_transport(kit.ingest), ==, "file");
    g_assert_true(gst_structure_has_name(gst_caps_get_structure(kit.caps, 0), files[row].media));
    g_assert_cmpint(kit.changed, ==, 0);
    vd_ingest_free(g_steal_pointer(&kit.ingest));
    gint units = kit.units;
    g_assert_cmpint(kit.backwards, ==, 0);
    /* Key frames return with every turn. */
    g_assert_cmpint(kit.keys, >=, units * files[row].keys / 20 - files[row].keys / 4);
    g_assert_cmpint(kit.longest, <, 200 * (gint64)GST_MSECOND); /* no gap at the turn */
    double seconds = seconds_after_a_turn(times, &steps);
    g_assert_cmpfloat(seconds, >, steps * 0.05 * 0.9);
    g_assert_cmpfloat(seconds, <, steps * 0.05 * 1.2 + 0.2);
    kit_clear(&kit);
}

static void without_loop_a_file_ends(void)
{
    static const char *const names[] = {"a.mp4", "a.h264"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        Kit kit;
        if (!make(names[i], files[i == 0 ? 0 : 4].launch, "I420")) {
            g_test_skip("x264enc is missing");
            return;
        }
        kit_init(&kit);
        kit.camera.loop = false;
        start(&kit, names[i]);
        kit_await_loss(&kit, VD_LOSS_CLOSED, "to its end");
        g_assert_cmpint(kit.units, ==, 20);
        g_assert_cmpint(kit.keys, ==, 4);
        g_assert_cmpuint(kit.opened, ==, 1);
        kit_clear(&kit);
    }
}

/* As ffmpeg writes B frames: the first units are decoded before the edit list's time 0. */
static bool make_with_b_frames(const char *name)
{
    g_autofree char *path = path_of(name);
    const char *const argv[] = {
        "ffmpeg",   "-v",      "error",        "-y",
        "-f",       "lavfi",   "-i",           "testsrc=s=162x90:r=20:d=1",
        "-c:v",     "libx264", "-g",           "5",
        "-pix_fmt", "yuv420p", "-x264-params", "bframes=3:b-adapt=0:scenecut=0",
        path,       NULL};
    int status = 1;

    return g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                        &status, NULL) &&
           status == 0;
}

static void note_key(const VdUnit *unit, void *data)
{
    g_string_append_c(data,
                      GST_BUFFER_FLAG_IS_SET(unit->buffer, GST_BUFFER_FLAG_DELTA_UNIT) ? '-' : 'K');
}

static void units_decoded_before_time_zero_come_once(void)
{
    g_autoptr(GString) keys = g_string_new(NULL);
    Kit kit;

    if (!make_with_b_frames("b.mp4")) {
        g_test_skip("ffmpeg is missing");
        return;
    }
    kit_init(&kit);
    guint subscription = vd_ring_subscribe(kit.ring, note_key, keys, false);
    start(&kit, "b.mp4");
    kit_await_units(&kit, 42);
    vd_ring_unsubscribe(kit.ring, subscription);
    g_string_truncate(keys, 40);
    g_assert_cmpstr(keys->str, ==, "K----K----K----K----K----K----K----K----");
    g_assert_cmpint(kit.backwards, >, 0); /* else there are no B frames */
    kit_clear(&kit);
}

static void what_cannot_be_decoded_is_refused_by_its_name(void)
{
    static const struct {
        const char *name, *launch, *text;
    } rows[] = {
        {"10.mp4", "videotestsrc num-buffers=5 ! video/x-raw,format=I420_10LE ! x264enc ! mp4mux",
         "(10-bit 4:2:0) is not supported"},
        {"sound.mp4.only", "audiotestsrc num-buffers=9 ! avenc_aac ! mp4mux", "carries no video"},
        {"theora.mkv", "videotestsrc num-buffers=5 ! vp8enc ! matroskamux",
         "the video in it is video/x-vp8"},
    };
    guint tried = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Kit kit;
        if (!make_launch(rows[i].name, rows[i].launch))
            continue;
        kit_init(&kit);
        start(&kit, rows[i].name);
        kit_await_loss(&kit, VD_LOSS_UNSUPPORTED, rows[i].text);
        g_assert_cmpint(kit.units, ==, 0);
        kit_clear(&kit);
        tried++;
    }
    if (tried == 0)
        g_test_skip("all encoders are missing");
}

static void what_is_no_video_file_is_said_plainly(void)
{
    static const struct {
        const char *name;
        const char *content;
        gsize length;
        VdLoss loss;
        const char *text;
    } rows[] = {
        {"empty.mp4", "", 0, VD_LOSS_UNSUPPORTED, "this is no mp4"},
        {"text.mp4", "hello", 5, VD_LOSS_UNSUPPORTED, "this is no mp4"},
        {"half.mp4",
         "\0\0\0\x18"
         "ftypisom\0\0\0\0",
         16, VD_LOSS_GARBAGE, "cannot be played: there is no stream in it that is known"},
        {"half.avi", "RIFF\x10\0\0\0AVI LIST", 16, VD_LOSS_GARBAGE,
         "cannot be played: there is no stream in it that is known"},
        {"nal.h264", "\0\0\0\1\x09garbage\0\0\1more", 18, VD_LOSS_GARBAGE, ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = path_of(rows[i].name);
        Kit kit;

        g_test_message("%s", rows[i].name);
        g_assert_true(g_file_set_contents(path, rows[i].content, (gssize)rows[i].length, NULL));
        kit_init(&kit);
        kit_start(&kit, path);
        kit_await_loss(&kit, rows[i].loss, rows[i].text);
        kit_clear(&kit);
    }
}

static void what_is_not_there_is_said_plainly(void)
{
    static const struct {
        const char *uri;
        VdLoss loss;
        const char *text;
    } rows[] = {
        {"file:///nowhere/at%20all.mp4", VD_LOSS_NOT_FOUND, "No such file"},
        {"/nowhere.mp4", VD_LOSS_NOT_FOUND, "No such file"},
        {"file:///", VD_LOSS_UNSUPPORTED, "this is a folder and no file"},
        {"file:///dev/zero", VD_LOSS_UNSUPPORTED, "this is a device and no file"},
        {"v4l2:///dev/video-none", VD_LOSS_NOT_FOUND, "there is no device /dev/video-none"},
        {"v4l2:///dev/null", VD_LOSS_UNSUPPORTED, "/dev/null is no video device"},
        {"v4l2:///tmp", VD_LOSS_UNSUPPORTED, "/tmp is no video device"},
        {"/dev/video-none", VD_LOSS_NOT_FOUND, "there is no device /dev/video-none"},
        {"gopher://host/1", VD_LOSS_UNSUPPORTED, "no source \"gopher:\""},
        {"test:nothing", VD_LOSS_UNSUPPORTED, "test scene 'nothing' is unknown"},
        {"test:moving?fps=0", VD_LOSS_UNSUPPORTED, "fps='0' is wrong: a whole number from 1 to 60"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Kit kit;
        g_test_message("%s", rows[i].uri);
        kit_init(&kit);
        kit_start(&kit, rows[i].uri);
        kit_await_loss(&kit, rows[i].loss, rows[i].text);
        kit_clear(&kit);
    }
}

static void a_pipe_and_a_socket_are_called_that(void)
{
    static const struct {
        const char *name;
        mode_t kind;
        const char *text;
    } rows[] = {
        {"pipe", S_IFIFO, "this is a pipe and no file"},
        {"socket", S_IFSOCK, "this is a socket and no file"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = path_of(rows[i].name);
        Kit kit;
        g_assert_cmpint(mknod(path, rows[i].kind | 0600, 0), ==, 0);
        kit_init(&kit);
        kit_start(&kit, path);
        kit_await_loss(&kit, VD_LOSS_UNSUPPORTED, rows[i].text);
        kit_clear(&kit);
    }
}

/* A node whose device is unplugged, or was never there. */
static void a_video_device_without_a_driver_is_refused(void)
{
    g_autofree char *path = path_of("video-gone");
    g_autofree char *uri = g_strconcat("v4l2://", path, NULL);
    Kit kit;

    if (mknod(path, S_IFCHR | 0600, makedev(81, 255)) != 0) {
        g_test_skip("device nodes cannot be made here");
        return;
    }
    kit_init(&kit);
    kit_start(&kit, uri);
    kit_await_loss(&kit, VD_LOSS_REFUSED, "video-gone cannot be opened: No such device");
    kit_clear(&kit);
}

static void a_scene_is_a_camera(void)
{
    Kit kit;

    kit_init(&kit);
    kit_start(&kit, "test:moving?width=162&height=90&fps=30");
    kit_await_units(&kit, 10);
    g_assert_cmpstr(vd_ingest_transport(kit.ingest), ==, "test");
    g_assert_cmpint(kit.keys, ==, kit.units);
    kit_clear(&kit);
    kit_init(&kit);
    kit_start(&kit, "test:failing?width=162&height=90&up=1");
    kit_await_loss(&kit, VD_LOSS_CLOSED, "");
    g_assert_cmpuint(kit.opened, ==, 1);
    kit_clear(&kit);
}

static void a_type_is_known_by_its_bytes_first(void)
{
    static const struct {
        const char *head;
        gsize length;
        const char *name;
        VdFileType type;
    } rows[] = {
        {"\0\0\0\x18"
         "ftypisom",
         12, "x.mkv", VD_FILE_MP4},
        {"\x1a\x45\xdf\xa3....", 8, "x.mp4", VD_FILE_MKV},
        {"RIFF....AVI LIST", 16, "x", VD_FILE_AVI},
        {"RIFF....WAVE....", 16, "x.avi", VD_FILE_UNKNOWN},
        {"\xff\xd8\xff\xe0", 4, "x.h264", VD_FILE_MJPEG},
        {"\0\0\0\1\x67\x64", 6, "x", VD_FILE_H264},
        {"\0\0\1\x40\x01", 5, "x", VD_FILE_H265},
        {"\0\0\1\x46\x01", 5, "x.264", VD_FILE_H264},
        {"\0\0\1\x65\x01", 5, "X.HEVC", VD_FILE_H265},
        {"\0\0", 2, "x.h264", VD_FILE_UNKNOWN},
        {"", 0, "x.mp4", VD_FILE_UNKNOWN},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpint(vd_file_type((const guint8 *)rows[i].head, rows[i].length, rows[i].name),
                        ==, rows[i].type);
}

static void real_clips_play(void)
{
    static const struct {
        const char *name;
        double fps;
    } rows[] = {
        {"pets09_s2l1.mp4", 7},           {"libvpl_cars_320x240.h264", 25},
        {"libvpl_cars_320x240.h265", 25}, {"libvpl_cars_320x240.mjpeg", 25},
        {"openh264_BA_MW_D.264", 25},
    };
    const char *shared = g_getenv("VEDETTE_SHARED");

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path =
            g_build_filename(shared != NULL ? shared : "", "data", rows[i].name, NULL);
        Kit kit;
        if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
            g_test_skip("the real clips are not there");
            return;
        }
        g_test_message("%s", rows[i].name);
        kit_init(&kit);
        kit_start(&kit, path);
        kit_await_units(&kit, 8);
        g_assert_cmpint(kit.backwards, ==, 0);
        kit_clear(&kit);
    }
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("vedette-ingest-XXXXXX", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *name =
            g_strdup_printf("/ingest/file/a_file_is_played_round_and_round/%s", files[i].name);
        g_test_add_data_func(name, GSIZE_TO_POINTER(i), a_file_is_played_round_and_round);
    }
#define ADD(name) g_test_add_func("/ingest/file/" #name, name)
    ADD(without_loop_a_file_ends);
    ADD(units_decoded_before_time_zero_come_once);
    ADD(what_cannot_be_decoded_is_refused_by_its_name);
    ADD(what_is_no_video_file_is_said_plainly);
    ADD(what_is_not_there_is_said_plainly);
    ADD(a_pipe_and_a_socket_are_called_that);
    ADD(a_video_device_without_a_driver_is_refused);
    ADD(a_scene_is_a_camera);
    ADD(a_type_is_known_by_its_bytes_first);
    ADD(real_clips_play);
    int result = g_test_run();

    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = path_of(name);
        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
    return result;
}
