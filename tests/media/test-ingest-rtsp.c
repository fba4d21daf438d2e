#include "daemon/camera/door.h"
#include "daemon/camera/mount.h"
#include "ingest-kit.h"

/*
 * RTSP against a server in this process: what plays, and what each fault is called. Pictures are
 * generated: 160x90, 20 a second.
 */
static CamDoor *door;
static GPtrArray *mounts;

static const struct {
    const char *name, *spec, *media;
} clips[] = {
    {"h264", "gen:h264:160x90@20", "video/x-h264"},
    {"h265", "gen:h265:160x90@20", "video/x-h265"},
    {"mjpeg", "gen:mjpeg:160x90@20", "image/jpeg"},
};

static CamMount *mount_of(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(clips); i++)
        if (g_str_equal(clips[i].name, name))
            return i < mounts->len ? mounts->pdata[i] : NULL;
    g_assert_not_reached();
}

static char *uri_of(const char *user, const char *path)
{
    return g_strdup_printf("rtsp://%s%s127.0.0.1:%u/%s", user, user[0] != '\0' ? "@" : "",
                           cam_door_port(door), path);
}

static void start(Kit *kit, const char *user, const char *path)
{
    g_autofree char *uri = uri_of(user, path);

    kit_start(kit, uri);
}

static void plays(const char *name, VdTransport asked, const char *got)
{
    Kit kit;

    g_test_message("%s over %s", name, got);
    kit_init(&kit);
    kit.camera.transport = asked;
    start(&kit, "", name);
    kit_await_units(&kit, 30);
    g_assert_cmpstr(vd_ingest_transport(kit.ingest), ==, got);
    for (gsize i = 0; i < G_N_ELEMENTS(clips); i++)
        if (g_str_equal(clips[i].name, name))
            g_assert_true(
                gst_structure_has_name(gst_caps_get_structure(kit.caps, 0), clips[i].media));
    vd_ingest_free(g_steal_pointer(&kit.ingest));
    g_assert_cmpint(kit.backwards, ==, 0);
    kit_clear(&kit);
}

static void every_codec_plays_over_tcp(void)
{
    for (guint i = 0; i < mounts->len; i++) {
        plays(clips[i].name, VD_TRANSPORT_AUTO, "tcp");
        plays(clips[i].name, VD_TRANSPORT_TCP, "tcp");
    }
}

static void every_codec_plays_over_udp(void)
{
    for (guint i = 0; i < mounts->len; i++)
        plays(clips[i].name, VD_TRANSPORT_UDP, "udp");
}

static void allow(CamMount *mount, GstRTSPLowerTrans transports)
{
    cam_mount_hide(mount);
    cam_mount_transports(mount, transports);
    cam_door_drop(door, cam_mount_path(mount));
    cam_mount_show(mount);
}

static void a_server_without_tcp_is_played_over_udp(void)
{
    CamMount *mount = mount_of("h264");
    Kit kit;

    allow(mount, GST_RTSP_LOWER_TRANS_UDP);
    plays("h264", VD_TRANSPORT_AUTO, "udp");
    kit_init(&kit);
    kit.camera.transport = VD_TRANSPORT_TCP;
    start(&kit, "", "h264");
    kit_await_loss(&kit, VD_LOSS_UNSUPPORTED, "RTSP 461");
    kit_clear(&kit);
    allow(mount, GST_RTSP_LOWER_TRANS_TCP | GST_RTSP_LOWER_TRANS_UDP);
}

static void passwords_are_given_and_never_said(void)
{
    static const struct {
        const char *in_uri, *user, *password;
        VdTransport transport;
        bool basic, welcome;
    } rows[] = {
        {"me:s%40cret", NULL, NULL, VD_TRANSPORT_TCP, false, true},
        {"me:s@cret", NULL, NULL, VD_TRANSPORT_TCP, false, true},
        {"", "me", "s@cret", VD_TRANSPORT_TCP, false, true},
        {"me:s%40cret", "you", "wrong", VD_TRANSPORT_TCP, false, true},
        {"me", "you", "s@cret", VD_TRANSPORT_TCP, false, true},
        {"me:s%40cret", NULL, NULL, VD_TRANSPORT_TCP, true, true},
        {"me:s%40cret", NULL, NULL, VD_TRANSPORT_UDP, false, true},
        {"", NULL, NULL, VD_TRANSPORT_TCP, false, false},
        {"", NULL, NULL, VD_TRANSPORT_UDP, false, false},
        {"me:wrong", NULL, NULL, VD_TRANSPORT_TCP, false, false},
        {"me:wrong", NULL, NULL, VD_TRANSPORT_TCP, true, false},
        {"me:wrong", NULL, NULL, VD_TRANSPORT_UDP, false, false},
        {"you:s%40cret", NULL, NULL, VD_TRANSPORT_TCP, false, false},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Kit kit;
        g_test_message("row %zu", i);
        cam_door_auth(door, "me", "s@cret", rows[i].basic);
        kit_init(&kit);
        kit.camera.user = (char *)rows[i].user;
        kit.camera.password = (char *)rows[i].password;
        kit.camera.transport = rows[i].transport;
        start(&kit, rows[i].in_uri, "h264");
        if (rows[i].welcome) {
            kit_await_units(&kit, 2);
        } else {
            kit_await_loss(&kit, VD_LOSS_UNAUTHORIZED, "does not accept this user and password");
            g_assert_null(g_strstr_len(kit.text, -1, "cret"));
            g_assert_null(g_strstr_len(kit.text, -1, "wrong"));
        }
        kit_clear(&kit);
    }
    cam_door_auth(door, NULL, NULL, false);
}

static const VdTransport both[] = {VD_TRANSPORT_AUTO, VD_TRANSPORT_UDP};

static void a_path_that_is_not_there_is_not_found(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
        Kit kit;
        kit_init(&kit);
        kit.camera.transport = both[i];
        start(&kit, "me:secret", "nothing");
        kit_await_loss(&kit, VD_LOSS_NOT_FOUND, "has no stream of this path");
        kit_clear(&kit);
    }
}

static void a_shut_door_refuses(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
        Kit kit;
        cam_door_set(door, CAM_DOOR_SHUT);
        kit_init(&kit);
        kit.camera.transport = both[i];
        start(&kit, "", "h264");
        kit_await_loss(&kit, VD_LOSS_REFUSED, "nobody takes connections at 127.0.0.1:");
        kit_clear(&kit);
        g_assert_true(cam_door_set(door, CAM_DOOR_OPEN));
    }
}

static void a_name_that_is_not_known_is_called_that(void)
{
    static const struct {
        const char *scheme;
        VdTransport transport;
    } rows[] = {{"rtsp", VD_TRANSPORT_AUTO},
                {"rtsp", VD_TRANSPORT_TCP},
                {"rtsp", VD_TRANSPORT_UDP},
                {"rtsps", VD_TRANSPORT_AUTO},
                {"rtsps", VD_TRANSPORT_UDP}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *uri =
            g_strdup_printf("%s://me:secret@no-such-host.invalid/x", rows[i].scheme);
        Kit kit;
        kit_init(&kit);
        kit.camera.transport = rows[i].transport;
        kit_start(&kit, uri);
        kit_await_loss(&kit, VD_LOSS_UNKNOWN_HOST, "the host no-such-host.invalid is not known");
        kit_clear(&kit);
    }
}

static void who_is_silent_is_said_not_to_answer(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
        Kit kit;
        g_assert_true(cam_door_set(door, CAM_DOOR_SILENT));
        kit_init(&kit);
        kit.camera.transport = both[i];
        kit.camera.connect_timeout_ms = 700;
        start(&kit, "", "h264");
        kit_await_loss(&kit, VD_LOSS_TIMEOUT, "does not answer");
        kit_clear(&kit);
        g_assert_true(cam_door_set(door, CAM_DOOR_OPEN));
    }
}

static void freeing_a_silent_one_returns_at_once(void)
{
    g_assert_true(cam_door_set(door, CAM_DOOR_SILENT));
    for (guint i = 0; i < 8; i++) {
        Kit kit;
        kit_init(&kit);
        kit.camera.transport = both[i % 2];
        start(&kit, "", "h264");
        if (i > 3) /* let it come as far as waiting for an answer */
            g_main_context_iteration(NULL, FALSE);
        kit_clear(&kit); /* looks at the time */
    }
    g_assert_true(cam_door_set(door, CAM_DOOR_OPEN));
}

static void who_hangs_up_has_closed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
        Kit kit;
        kit_init(&kit);
        kit.camera.transport = both[i];
        start(&kit, "", "h264");
        kit_await_units(&kit, 3);
        cam_door_drop(door, "/h264");
        kit_await_loss(&kit, VD_LOSS_CLOSED, "ended the stream");
        kit_clear(&kit);
    }
}

/* A media of its own for who comes next, with nothing in it from before. */
static void renew(CamMount *mount)
{
    cam_mount_hide(mount);
    cam_door_drop(door, cam_mount_path(mount));
    cam_mount_show(mount);
}

static void a_stream_without_pictures_is_a_timeout(void)
{
    CamMount *mount = mount_of("h264");
    Kit kit;

    cam_mount_stall(mount, TRUE);
    renew(mount);
    kit_init(&kit);
    kit.camera.connect_timeout_ms = 700;
    start(&kit, "", "h264");
    kit_await_loss(&kit, VD_LOSS_TIMEOUT, "answer");
    kit_clear(&kit);
    cam_mount_stall(mount, FALSE);
}

static void a_stall_is_not_lost_by_ingest(void)
{
    CamMount *mount = mount_of("h264");
    Kit kit;

    kit_init(&kit);
    start(&kit, "", "h264");
    kit_await_units(&kit, 5);
    cam_mount_stall(mount, TRUE);
    cam_mount_stall(mount, FALSE);
    kit_await_units(&kit, g_atomic_int_get(&kit.units) + 10);
    g_assert_cmpint(kit.backwards, ==, 0);
    kit_clear(&kit);
}

static void garbage_is_called_garbage(void)
{
    CamMount *mount = mount_of("h264");
    Kit kit;

    cam_mount_garble(mount, 3000);
    renew(mount);
    kit_init(&kit);
    kit.camera.connect_timeout_ms = 8000; /* in which garbage has come for certain */
    start(&kit, "", "h264");
    kit_await_loss(&kit, VD_LOSS_GARBAGE, "no key frame");
    kit_clear(&kit);
    cam_mount_garble(mount, 0);
}

static void another_size_is_a_change(void)
{
    CamMount *mount = mount_of("h264");
    CamClip *small = cam_clip_get(clips[0].spec, NULL);
    CamClip *large = cam_clip_get("gen:h264:320x180@20", NULL);
    int width = 0;
    Kit kit;

    kit_init(&kit);
    start(&kit, "", "h264");
    kit_await_units(&kit, 5);
    cam_mount_send(mount, large);
    kit_await_changed(&kit);
    gst_structure_get_int(gst_caps_get_structure(kit.caps, 0), "width", &width);
    g_assert_cmpint(width, ==, 320);
    g_assert_cmpuint(kit.opened, ==, 1);
    g_assert_cmpuint(kit.lost, ==, 0);
    g_assert_cmpint(kit.backwards, ==, 0);
    kit_clear(&kit);
    cam_mount_send(mount, small);
}

static void the_wrong_codec_neither_opens_nor_crashes(void)
{
    CamMount *mount = mount_of("h264");
    CamClip *right = cam_clip_get(clips[0].spec, NULL);
    CamClip *wrong = cam_clip_get(clips[1].spec, NULL);
    Kit kit;

    if (wrong == NULL) {
        g_test_skip("x265enc is missing");
        return;
    }
    cam_mount_send(mount, wrong);
    renew(mount);
    kit_init(&kit);
    kit.camera.connect_timeout_ms = 8000;
    start(&kit, "", "h264");
    kit_await_loss(&kit, VD_LOSS_GARBAGE, "no key frame");
    g_assert_cmpint(kit.units, ==, 0);
    kit_clear(&kit);
    cam_mount_send(mount, right);
}

static guint count_entries(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    guint count = 0;

    while (dir != NULL && g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

static void connect_once(bool wait)
{
    Kit kit;

    kit_init(&kit);
    start(&kit, "", "h264");
    if (wait)
        kit_await_units(&kit, 1);
    kit_clear(&kit);
}

static bool has_settled(void *descriptors)
{
    /* the server's side of the last connections goes when it notices */
    return count_entries("/proc/self/fd") <= *(guint *)descriptors + 8;
}

static void sixty_connections_leave_no_descriptors_behind(void)
{
    for (guint i = 0; i < 5; i++)
        connect_once(true);
    guint before = count_entries("/proc/self/fd");
    for (guint i = 0; i < 60; i++)
        connect_once(i % 3 == 0);
    kit_await(has_settled, &before, "the end of all connections");
}

static gboolean on_tick(gpointer unused)
{
    cam_door_clean(door);
    return G_SOURCE_CONTINUE;
}

/* False: no server here (an encoder is missing). */
static bool open_door(void)
{
    g_autoptr(GError) error = NULL;

    door = cam_door_new("127.0.0.1", 0, NULL, &error);
    g_assert_no_error(error);
    mounts = g_ptr_array_new();
    for (gsize i = 0; i < G_N_ELEMENTS(clips); i++) {
        CamClip *clip = cam_clip_get(clips[i].spec, NULL);
        if (clip == NULL)
            return false;
        CamMount *mount = cam_mount_new(cam_door_points(door), clips[i].name, clip, FALSE);
        cam_mount_show(mount);
        g_ptr_array_add(mounts, mount);
    }
    g_timeout_add(500, on_tick, NULL);
    cam_pace_start(mounts, NULL);
    return cam_door_set(door, CAM_DOOR_OPEN);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    if (open_door()) {
#define ADD(name) g_test_add_func("/ingest/rtsp/" #name, name)
        ADD(every_codec_plays_over_tcp);
        ADD(every_codec_plays_over_udp);
        ADD(a_server_without_tcp_is_played_over_udp);
        ADD(passwords_are_given_and_never_said);
        ADD(a_path_that_is_not_there_is_not_found);
        ADD(a_shut_door_refuses);
        ADD(a_name_that_is_not_known_is_called_that);
        ADD(who_is_silent_is_said_not_to_answer);
        ADD(freeing_a_silent_one_returns_at_once);
        ADD(who_hangs_up_has_closed);
        ADD(a_stream_without_pictures_is_a_timeout);
        ADD(a_stall_is_not_lost_by_ingest);
        ADD(garbage_is_called_garbage);
        ADD(another_size_is_a_change);
        ADD(the_wrong_codec_neither_opens_nor_crashes);
        ADD(sixty_connections_leave_no_descriptors_behind);
    }
    int result = g_test_run();
    cam_pace_stop();
    return result;
}
