#include "halting-camera.h"
#include "ingest-kit.h"

static HaltingCamera *start(Kit *kit, bool tls, gint64 halt_us)
{
    HaltingCamera *camera = halting_camera_new(tls, halt_us);
    g_autofree char *uri = halting_camera_uri(camera);

    kit_init(kit);
    kit->camera.tls = VD_TLS_ANY;
    kit_start(kit, uri);
    return camera;
}

/* The camera is not freed before: a TLS stream that is cancelled while it reads leaks its error. */
static void finish(Kit *kit, HaltingCamera *camera)
{
    kit_clear(kit);
    kit_await(halting_camera_is_left, camera, "the end of the connection");
    halting_camera_free(camera);
}

/* Longer than our side waits before it looks at the clock. */
static void a_halt_within_a_packet_loses_no_picture(void)
{
    for (guint tls = 0; tls < 2; tls++) {
        Kit kit;
        g_test_message("%s TLS", tls ? "with" : "without");
        HaltingCamera *camera = start(&kit, tls, 1300 * 1000);
        kit_await_units(&kit, HALTING_CAMERA_PICTURES);
        g_assert_cmpuint(kit.changed, ==, 0);
        finish(&kit, camera);
    }
}

static void who_waits_within_a_packet_leaves_when_told(void)
{
    for (guint tls = 0; tls < 2; tls++) {
        Kit kit;
        g_test_message("%s TLS", tls ? "with" : "without");
        HaltingCamera *camera = start(&kit, tls, 0);
        kit_await(halting_camera_halts, camera, "the halt");
        kit_await_units(&kit, 2);
        finish(&kit, camera);
    }
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/media/rtsp-tcp/" #name, name)
    ADD(who_waits_within_a_packet_leaves_when_told);
    ADD(a_halt_within_a_packet_loses_no_picture);
    return g_test_run();
}
