#include "media/warm-up.h"

#include "media/card.h"
#include "media/encode.h"

#define WIDTH  640
#define HEIGHT 360

struct VdWarmUp {
    VdEncode *encode; /* (nullable) it is over, or could not be built */
    GSource *over;    /* (nullable) [streaming thread] until the encoder is closed, then [main] */
};

static void end(VdWarmUp *warm_up)
{
    if (warm_up->encode != NULL)
        vd_encode_close(warm_up->encode);
    g_clear_pointer(&warm_up->encode, vd_encode_unref);
}

/* [main] */
static gboolean on_over(void *data)
{
    end(data);
    return G_SOURCE_REMOVE;
}

/* An encoder cannot be closed by its own thread. */
static void on_done(const VdEncoded *encoded, void *data)
{
    VdWarmUp *warm_up = data;

    warm_up->over = g_idle_source_new();
    g_source_set_callback(warm_up->over, on_over, warm_up, NULL);
    g_source_attach(warm_up->over, NULL);
}

/* Whoever watches is told of what is wrong by his own view. */
static void on_failed(const char *text, void *data)
{
    end(data);
}

VdWarmUp *vd_warm_up_new(void)
{
    static const VdEncodeEvents events = {.done = on_done, .failed = on_failed};
    static const VdRendition rendition = {.quality = 75, .annotate = true};
    static const VdDrawing drawing = {.lines = "0123456789 abcdefghijklmnopqrstuvwxyz"};
    VdWarmUp *warm_up = g_new0(VdWarmUp, 1);
    g_autoptr(VdCameraConfig) camera = vd_camera_config_new("warm-up", "test:quiet", NULL);
    g_autoptr(GstSample) card = vd_card_sample(WIDTH, HEIGHT);

    warm_up->encode = vd_encode_new(camera, &rendition, NULL, &events, warm_up, NULL);
    if (warm_up->encode != NULL)
        vd_encode_put(warm_up->encode, card, &drawing);
    return warm_up;
}

void vd_warm_up_free(VdWarmUp *warm_up)
{
    if (warm_up == NULL)
        return;
    end(warm_up);
    if (warm_up->over != NULL)
        g_source_destroy(warm_up->over);
    g_clear_pointer(&warm_up->over, g_source_unref);
    g_free(warm_up);
}
