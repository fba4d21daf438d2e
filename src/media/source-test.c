#include "base/clock.h"
#include "config/test-uri.h"
#include "media/source-kind.h"
#include "media/source-pipe.h"

#include "plugins/vd-messages.h"

/* Built-in scenes; they are encoded so that all behind the ring is as with a real camera. */

/*
 * For how many ms "failing" works from now on; 0 while it is away. Up and down follow the clock, so
 * that every try finds the same camera.
 */
static gint64 working_ms(const VdTestUri *test)
{
    gint64 up_ms = test->up * G_GINT64_CONSTANT(1000);
    gint64 cycle_ms = up_ms + test->down * G_GINT64_CONSTANT(1000);

    return test->down == 0 ? up_ms : MAX(up_ms - vd_clock_now_us() / 1000 % cycle_ms, 0);
}

static void *start(const VdSourceSettings *settings, VdSourceFeed *feed)
{
    g_autoptr(GError) error = NULL;
    VdTestUri test;

    if (!vd_test_uri_parse(settings->location, &test, &error)) {
        vd_source_feed_lost(feed, VD_LOSS_UNSUPPORTED, "%s", error->message);
        return NULL;
    }
    gint64 up_ms = working_ms(&test);
    if (test.scene == VD_TEST_FAILING && up_ms == 0) {
        vd_source_feed_lost(feed, VD_LOSS_REFUSED, "the test scene is away, as it should be");
        return NULL;
    }
    g_autofree char *description = g_strdup_printf(
        VD_TESTSRC_FACTORY " scene=%s seed=%d figures=%d noise=%d up-ms=%" G_GINT64_FORMAT " "
                           "! video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1 "
                           "! " VD_JPEGENC_FACTORY " quality=90 ! appsink name=sink sync=false",
        vd_test_scene_name(test.scene), test.seed, test.figures, test.noise, up_ms, test.width,
        test.height, test.fps);
    VdSourcePipe *pipe = vd_source_pipe_new(feed, description, NULL, NULL);

    if (pipe != NULL) {
        vd_source_pipe_deliver(feed, vd_source_pipe_element(pipe, "sink"));
        vd_source_feed_hear(feed, VD_HEARD_ANSWER);
        vd_source_pipe_play(pipe);
    }
    return pipe;
}

static void stop(void *source)
{
    vd_source_pipe_free(source);
}

static const char *transport(const void *source)
{
    return "test";
}

const VdSourceKind vd_source_test = {start, stop, transport};
