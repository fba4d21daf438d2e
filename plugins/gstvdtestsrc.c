/**
 * SECTION:element-vdtestsrc
 * @title: vdtestsrc
 * @short_description: a camera that needs no camera
 *
 * Built-in scenes in real time: figures at places that arithmetic tells (vd-scene.h), a quiet room
 * with a noisy sensor, a light switch, and a camera that breaks after #GstVdTestsrc:up-ms. Frame n
 * of a scene is always the same picture.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 vdtestsrc scene=light num-buffers=9 ! video/x-raw,width=320 ! fakesink
 * ]|
 */
#include "plugins/gstvdtestsrc.h"

#include <gst/video/gstvideopool.h>
#include <string.h>

#include "plugins/vd-elements.h"
#include "plugins/vd-image.h"
#include "plugins/vd-messages.h"
#include "plugins/vd-scene.h"

GST_DEBUG_CATEGORY_STATIC(vd_testsrc_debug);
#define GST_CAT_DEFAULT vd_testsrc_debug

#define DEFAULT_WIDTH   640
#define DEFAULT_HEIGHT  360
#define DEFAULT_FPS     15
#define DEFAULT_UP_MS   5000
#define DEFAULT_FIGURES 3
#define DEFAULT_NOISE   2
#define NOISE_TABLE     65536 /* noise rows start anywhere in it */
#define CAPS                                                                \
    "video/x-raw, format = (string) I420, width = (int) [ 16, 4096 ], "     \
    "height = (int) [ 16, 4096 ], framerate = (fraction) [ 1/10, 120/1 ], " \
    "colorimetry = (string) bt601"

enum { PROP_0, PROP_SCENE, PROP_SEED, PROP_UP_MS, PROP_FIGURES, PROP_NOISE, N_PROPS };

typedef enum Scene { SCENE_MOVING, SCENE_QUIET, SCENE_LIGHT, SCENE_FAILING } Scene;

typedef struct Settings {
    Scene scene;
    guint seed, up_ms, figures, noise;
} Settings;

struct _GstVdTestsrc {
    GstPushSrc parent;

    Settings settings; /* [object lock] */

    /* [streaming thread] */
    Settings now;
    GstVideoInfo info;
    guint64 number;
    guint8 *background[2]; /* luma without and with light; NULL: to be made */
    guint8 *noise;         /* NOISE_TABLE values and a row more, added modulo 256 */
    VdkSpan *spans;        /* room for one figure */
};

static GParamSpec *props[N_PROPS];
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(CAPS));

G_DEFINE_TYPE(GstVdTestsrc, gst_vd_testsrc, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE(vdtestsrc, VD_TESTSRC_FACTORY, GST_RANK_NONE, GST_TYPE_VD_TESTSRC)

/* --- properties ------------------------------------------------------------------------------ */

static GType scene_type(void)
{
    static const GEnumValue values[] = {
        {SCENE_MOVING, "Figures that move", "moving"},
        {SCENE_QUIET, "Nothing but noise", "quiet"},
        {SCENE_LIGHT, "A light that is switched every 10 s", "light"},
        {SCENE_FAILING, "Figures, and an error after up-ms", "failing"},
        {0, NULL, NULL},
    };
    static gsize type;

    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("GstVdTestsrcScene", values));
    return type;
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    Settings *settings = &GST_VD_TESTSRC(object)->settings;

    GST_OBJECT_LOCK(object);
    switch (id) {
    case PROP_SCENE:
        settings->scene = (Scene)g_value_get_enum(value);
        break;
    case PROP_SEED:
        settings->seed = g_value_get_uint(value);
        break;
    case PROP_UP_MS:
        settings->up_ms = g_value_get_uint(value);
        break;
    case PROP_FIGURES:
        settings->figures = g_value_get_uint(value);
        break;
    case PROP_NOISE:
        settings->noise = g_value_get_uint(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(object);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    GST_OBJECT_LOCK(object);
    Settings settings = GST_VD_TESTSRC(object)->settings;
    GST_OBJECT_UNLOCK(object);

    switch (id) {
    case PROP_SCENE:
        g_value_set_enum(value, (int)settings.scene);
        break;
    case PROP_SEED:
        g_value_set_uint(value, settings.seed);
        break;
    case PROP_UP_MS:
        g_value_set_uint(value, settings.up_ms);
        break;
    case PROP_FIGURES:
        g_value_set_uint(value, settings.figures);
        break;
    case PROP_NOISE:
        g_value_set_uint(value, settings.noise);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

/* --- caps ------------------------------------------------------------------------------------ */

static void free_memory(GstVdTestsrc *self)
{
    g_clear_pointer(&self->background[0], g_free);
    g_clear_pointer(&self->background[1], g_free);
    g_clear_pointer(&self->noise, g_free);
    g_clear_pointer(&self->spans, g_free);
}

static GstCaps *fixate(GstBaseSrc *src, GstCaps *caps)
{
    caps = gst_caps_make_writable(gst_caps_truncate(caps));
    GstStructure *structure = gst_caps_get_structure(caps, 0);
    gst_structure_fixate_field_nearest_int(structure, "width", DEFAULT_WIDTH);
    gst_structure_fixate_field_nearest_int(structure, "height", DEFAULT_HEIGHT);
    gst_structure_fixate_field_nearest_fraction(structure, "framerate", DEFAULT_FPS, 1);
    return GST_BASE_SRC_CLASS(gst_vd_testsrc_parent_class)->fixate(src, caps);
}

static gboolean set_caps(GstBaseSrc *src, GstCaps *caps)
{
    GstVdTestsrc *self = GST_VD_TESTSRC(src);

    if (!gst_video_info_from_caps(&self->info, caps))
        return FALSE;
    free_memory(self);
    gst_base_src_set_blocksize(src, (guint)self->info.size);
    return TRUE;
}

/* A pool of video buffers, downstream's or our own. */
static gboolean decide_allocation(GstBaseSrc *src, GstQuery *query)
{
    GstBufferPool *pool = NULL;
    guint size = (guint)GST_VD_TESTSRC(src)->info.size, min = 0, max = 0;
    GstCaps *caps;

    gst_query_parse_allocation(query, &caps, NULL);
    bool offered = gst_query_get_n_allocation_pools(query) > 0;
    if (offered)
        gst_query_parse_nth_allocation_pool(query, 0, &pool, &size, &min, &max);
    if (pool == NULL)
        pool = gst_video_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_set_params(config, caps, size, min, max);
    gst_buffer_pool_set_config(pool, config);
    if (offered)
        gst_query_set_nth_allocation_pool(query, 0, pool, size, min, max);
    else
        gst_query_add_allocation_pool(query, pool, size, min, max);
    gst_object_unref(pool);
    return GST_BASE_SRC_CLASS(gst_vd_testsrc_parent_class)->decide_allocation(src, query);
}

static gboolean start(GstBaseSrc *src)
{
    GstVdTestsrc *self = GST_VD_TESTSRC(src);

    self->number = 0;
    gst_video_info_init(&self->info);
    return TRUE;
}

static gboolean stop(GstBaseSrc *src)
{
    free_memory(GST_VD_TESTSRC(src));
    return TRUE;
}

/* --- pictures -------------------------------------------------------------------------------- */

static void prepare_background(GstVdTestsrc *self)
{
    int width = self->info.width, height = self->info.height;

    for (int light = 0; light < 2; light++) {
        guint8 *luma = g_malloc((gsize)width * (gsize)height);

        self->background[light] = luma;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++)
                *luma++ = vd_scene_background(self->now.seed, x, y, light != 0);
        }
    }
}

/* The sum of two even spreads: small values more often than large ones. */
static void prepare_noise(GstVdTestsrc *self)
{
    guint n = NOISE_TABLE + (guint)self->info.width, spread = self->now.noise + 1;

    self->noise = g_malloc(n);
    for (guint i = 0; i < n; i++) {
        guint32 random = vd_scene_hash(self->now.seed, i, 0x30000);

        self->noise[i] = (guint8)((random & 0xffff) % spread - (random >> 16) % spread);
    }
}

/* Takes over changed settings; makes anew what depends on them. */
static void prepare(GstVdTestsrc *self)
{
    GST_OBJECT_LOCK(self);
    Settings settings = self->settings;
    GST_OBJECT_UNLOCK(self);

    if (settings.seed != self->now.seed || settings.noise != self->now.noise)
        free_memory(self);
    self->now = settings;
    if (self->noise != NULL)
        return;
    prepare_background(self);
    prepare_noise(self);
    self->spans = g_new(VdkSpan, self->info.height);
}

static void draw_background(GstVdTestsrc *self, const VdkImage *image, int64_t time_us)
{
    bool light = self->now.scene != SCENE_LIGHT || vd_scene_light(time_us);
    const guint8 *from = self->background[light];
    int width = image->luma.width;

    for (int y = 0; y < image->luma.height; y++, from += width) {
        guint32 random = vd_scene_hash(self->now.seed, (guint32)self->number, (guint32)y);
        const guint8 *noise = self->noise + random % NOISE_TABLE;
        guint8 *to = image->luma.data + (gsize)y * (gsize)image->luma.pitch;

        for (int x = 0; x < width; x++)
            to[x] = (guint8)(from[x] + noise[x]);
    }
    for (int i = 0; i < 2; i++) {
        const VdkPlane *chroma = &image->chroma[i];

        for (int y = 0; y < chroma->height; y++)
            memset(chroma->data + (gsize)y * (gsize)chroma->pitch, 128, (gsize)chroma->width);
    }
}

/* Half the width of an ellipse in the row whose centre is dy/2 above or below its middle. */
static int half_chord(const VdSceneFigure *figure, int row)
{
    gint64 w = figure->width, h = figure->height, dy = 2 * (gint64)row + 1 - h;
    gint64 room = w * w * (h * h - dy * dy);
    gint64 half = 0;

    while (4 * (half + 1) * (half + 1) * h * h <= room)
        half++;
    return (int)half;
}

static size_t figure_spans(const VdSceneFigure *figure, VdkSpan *spans)
{
    size_t n = 0;

    for (int row = 0; row < figure->height; row++) {
        int x0 = figure->x, x1 = figure->x + figure->width;

        if (figure->disc) {
            int half = half_chord(figure, row);

            x0 = figure->x + figure->width / 2 - half;
            x1 = x0 + 2 * half;
        }
        if (x1 > x0)
            spans[n++] = (VdkSpan){.y = figure->y + row, .x0 = x0, .x1 = x1};
    }
    return n;
}

static void draw_figures(GstVdTestsrc *self, VdkImage *image, int64_t time_us)
{
    for (guint i = 0; i < self->now.figures; i++) {
        VdSceneFigure figure =
            vd_scene_figure(self->now.seed, i, time_us, image->luma.width, image->luma.height);
        size_t n = figure_spans(&figure, self->spans);

        vdk_cpu()->fill(image, self->spans, n, figure.colour);
    }
}

static GstClockTime time_of(const GstVdTestsrc *self, guint64 number)
{
    return gst_util_uint64_scale(number, (guint64)self->info.fps_d * GST_SECOND,
                                 (guint64)self->info.fps_n);
}

static GstFlowReturn fill(GstPushSrc *src, GstBuffer *buffer)
{
    GstVdTestsrc *self = GST_VD_TESTSRC(src);
    GstVideoFrame frame;
    GstClockTime time = time_of(self, self->number);
    int64_t time_us = (int64_t)(time / GST_USECOND);

    prepare(self);
    if (self->now.scene == SCENE_FAILING && time_us >= (int64_t)self->now.up_ms * 1000) {
        GST_ELEMENT_ERROR(self, RESOURCE, READ, ("The test scene has failed, as it should."),
                          (NULL));
        return GST_FLOW_ERROR;
    }
    if (!gst_video_frame_map(&frame, &self->info, buffer, GST_MAP_WRITE)) {
        GST_ELEMENT_ERROR(self, RESOURCE, WRITE, ("A picture cannot be written."), (NULL));
        return GST_FLOW_ERROR;
    }
    VdkImage image = vd_image_from_frame(&frame);
    draw_background(self, &image, time_us);
    if (self->now.scene == SCENE_MOVING || self->now.scene == SCENE_FAILING)
        draw_figures(self, &image, time_us);
    gst_video_frame_unmap(&frame);
    GST_BUFFER_PTS(buffer) = time;
    GST_BUFFER_DURATION(buffer) = time_of(self, self->number + 1) - time;
    GST_BUFFER_OFFSET(buffer) = self->number++;
    GST_BUFFER_OFFSET_END(buffer) = self->number;
    return GST_FLOW_OK;
}

/* The base class holds each frame back until its time has come. */
static void get_times(GstBaseSrc *src, GstBuffer *buffer, GstClockTime *begin, GstClockTime *end)
{
    *begin = GST_BUFFER_PTS(buffer);
    *end = *begin + GST_BUFFER_DURATION(buffer);
}

/* --- class ----------------------------------------------------------------------------------- */

static void install_properties(GObjectClass *object_class)
{
    GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING;

    props[PROP_SCENE] = g_param_spec_enum("scene", "Scene", "What there is to see", scene_type(),
                                          SCENE_MOVING, flags);
    props[PROP_SEED] =
        g_param_spec_uint("seed", "Seed", "Another seed, another scene", 0, G_MAXUINT, 1, flags);
    props[PROP_UP_MS] =
        g_param_spec_uint("up-ms", "Time up", "Milliseconds until the scene \"failing\" fails", 0,
                          G_MAXUINT, DEFAULT_UP_MS, flags);
    props[PROP_FIGURES] = g_param_spec_uint("figures", "Figures", "Number of figures", 0,
                                            VD_SCENE_MAX_FIGURES, DEFAULT_FIGURES, flags);
    props[PROP_NOISE] = g_param_spec_uint("noise", "Noise", "Largest noise in grey levels", 0, 32,
                                          DEFAULT_NOISE, flags);
    g_object_class_install_properties(object_class, N_PROPS, props);
}

static void gst_vd_testsrc_class_init(GstVdTestsrcClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GstBaseSrcClass *src_class = GST_BASE_SRC_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_testsrc_debug, VD_TESTSRC_FACTORY, 0, "test scenes");
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    install_properties(object_class);
    gst_element_class_set_static_metadata(element_class, "Test scenes", "Source/Video",
                                          "A live camera made of arithmetic", PACKAGE_NAME);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    gst_type_mark_as_plugin_api(scene_type(), 0);
    src_class->fixate = fixate;
    src_class->set_caps = set_caps;
    src_class->decide_allocation = decide_allocation;
    src_class->start = start;
    src_class->stop = stop;
    src_class->get_times = get_times;
    GST_PUSH_SRC_CLASS(klass)->fill = fill;
}

static void gst_vd_testsrc_init(GstVdTestsrc *self)
{
    self->settings = (Settings){.scene = SCENE_MOVING,
                                .seed = 1,
                                .up_ms = DEFAULT_UP_MS,
                                .figures = DEFAULT_FIGURES,
                                .noise = DEFAULT_NOISE};
    gst_video_info_init(&self->info);
    gst_base_src_set_format(GST_BASE_SRC(self), GST_FORMAT_TIME);
    gst_base_src_set_live(GST_BASE_SRC(self), TRUE);
}
