/**
 * SECTION:element-vdtamper
 * @title: vdtamper
 * @short_description: measures how good pictures are, and whether the camera was moved
 *
 * Lets video pass untouched and posts an element message `vd-quality` for one picture each
 * #GstVdTamper:interval-ms: how light, sharp, noisy and colourful it is, whether it is the one
 * before again, and how it is shifted against what the camera has shown in the last minute. What
 * that means is for others to judge. Pictures in CUDA memory (I420, NV12) are measured there.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m vdtestsrc num-buffers=60 ! vdtamper ! fakesink
 * ]|
 */
#include "plugins/gstvdtamper.h"

#include <math.h>

#include "plugins/vd-elements.h"
#include "plugins/vd-engine.h"
#include "plugins/vd-messages.h"

GST_DEBUG_CATEGORY_STATIC(vd_tamper_debug);
#define GST_CAT_DEFAULT vd_tamper_debug

/* A jump of the timestamps beyond which the old reference says nothing about the new scene. */
#define LONGEST_GAP (10 * GST_SECOND)
/* Squares of differences below this are nothing to tell sharpness by. */
#define LEAST_DETAIL 1.0

/* How often the reference is told: of a minute's mean it is not much that is missing then. */
#define KEEP_EVERY (10 * GST_SECOND)

enum { SIGNAL_RESTORE, N_SIGNALS };
enum { PROP_0, PROP_INTERVAL, PROP_ENABLED, N_PROPS, PROP_GPU_MEMORY = N_PROPS };

/* What VD_QUALITY_REFERENCE has: this, and behind it what the engine knows. */
typedef struct Reference {
    gint32 width, height; /* of the picture */
} Reference;

struct _GstVdTamper {
    GstBaseTransform parent;
    VdTally *tally;

    gint interval_ms; /* [object lock] */
    gboolean enabled; /* [object lock] */
    GBytes *given;    /* [object lock] (nullable) a Reference to go on from */

    /* [streaming thread] */
    GstVideoInfo info;
    VdEngine *engine; /* NULL: no caps yet */
    guint learned_in; /* the number of the engine that has the reference; 0: none does */
    guint64 number;
    GstClockTime seen; /* PTS of the last picture that was looked at */
    GstClockTime kept; /* and of the last whose reference was told */
    Reference *room;   /* for that */
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));

G_DEFINE_TYPE(GstVdTamper, gst_vd_tamper, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(vdtamper, VD_TAMPER_FACTORY, GST_RANK_NONE, GST_TYPE_VD_TAMPER)

/* --- properties ------------------------------------------------------------------------------ */

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    GstVdTamper *self = GST_VD_TAMPER(object);

    GST_OBJECT_LOCK(self);
    if (id == PROP_INTERVAL)
        self->interval_ms = g_value_get_int(value);
    else if (id == PROP_ENABLED)
        self->enabled = g_value_get_boolean(value);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    GST_OBJECT_UNLOCK(self);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    GstVdTamper *self = GST_VD_TAMPER(object);

    if (id == PROP_GPU_MEMORY) {
        vd_tally_get(self->tally, value);
        return;
    }
    GST_OBJECT_LOCK(self);
    if (id == PROP_INTERVAL)
        g_value_set_int(value, self->interval_ms);
    else if (id == PROP_ENABLED)
        g_value_set_boolean(value, self->enabled);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    GST_OBJECT_UNLOCK(self);
}

/* --- caps ------------------------------------------------------------------------------------ */

static gboolean set_caps(GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
    GstVdTamper *self = GST_VD_TAMPER(trans);
    GstVideoInfo info;

    if (!gst_video_info_from_caps(&info, in) || !vd_image_size_ok(&info))
        return FALSE;
    if (vd_engine_set_caps(&self->engine, self->tally, in) || info.width != self->info.width ||
        info.height != self->info.height)
        self->learned_in = 0;
    self->info = info;
    gst_base_transform_set_passthrough(trans, TRUE);
    return TRUE;
}

static gboolean start(GstBaseTransform *trans)
{
    GstVdTamper *self = GST_VD_TAMPER(trans);

    gst_video_info_init(&self->info);
    self->number = 0;
    self->seen = self->kept = GST_CLOCK_TIME_NONE;
    return TRUE;
}

static gboolean stop(GstBaseTransform *trans)
{
    GstVdTamper *self = GST_VD_TAMPER(trans);

    g_clear_pointer(&self->engine, vd_engine_free);
    self->learned_in = 0;
    return TRUE;
}

/* --- what ------------------------------------------------------------------------------------ */

static double part_of(guint32 value)
{
    return value / 65536.0;
}

/* Noise is in all differences alike, near and far, and goes from one to the other. */
static VdQuality quality_of(const VdkQualityReport *report, int black)
{
    double detail = report->coarse > report->fine ? (report->coarse - report->fine) / 16.0 : 0;
    double near = report->fine > report->noise ? (report->fine - report->noise) / 16.0 : 0;

    return (VdQuality){
        .light = MAX(report->mean / 16.0 - black, 0),
        .black = part_of(report->black),
        .white = part_of(report->white),
        .detail = detail,
        .sharpness = detail >= LEAST_DETAIL ? near / (near + detail) : 0,
        .noise = sqrt(report->noise / 32.0),
        .colour = report->colour / 16.0,
        .same = report->same / 4096.0,
        .learned = report->learned_ms / 1000.0,
        .structure = report->bins / 1088.0,
        .match = part_of(report->match),
        .here = part_of(report->here),
        .shift_x = report->shift_x / 1024.0,
        .shift_y = report->shift_y / 1024.0,
    };
}

/* reference: (nullable) */
static void post(GstVdTamper *self, GstClockTime pts, const VdQuality *quality, guint64 cost_us,
                 GBytes *reference)
{
    g_autoptr(GBytes) bytes = g_bytes_new(quality, sizeof *quality);
    GstStructure *message =
        gst_structure_new(VD_QUALITY_MESSAGE, VD_QUALITY_PTS, G_TYPE_UINT64, pts, VD_QUALITY_NUMBER,
                          G_TYPE_UINT64, self->number, VD_QUALITY_COST, G_TYPE_UINT64, cost_us,
                          VD_QUALITY_FOUND, G_TYPE_BYTES, bytes, NULL);

    if (reference != NULL)
        gst_structure_set(message, VD_QUALITY_REFERENCE, G_TYPE_BYTES, reference, NULL);
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_element(GST_OBJECT(self), message));
}

/* (nullable) One of pictures of another size says nothing about these. */
static const Reference *fitting(const GstVdTamper *self, GBytes *given)
{
    gsize size = 0;
    const Reference *from = given != NULL ? g_bytes_get_data(given, &size) : NULL;

    if (from == NULL || size != sizeof *from + vdk_quality_state_size() ||
        from->width != self->info.width || from->height != self->info.height)
        return NULL;
    return from;
}

/* reference: (nullable) is filled; from: (nullable) is gone on from. */
static int work(GstVdTamper *self, const VdkImage *image, gint64 elapsed_us, int black,
                const Reference *from, VdkQualityReport *report, Reference *reference)
{
    VdEngine *engine = self->engine;
    int error = from != NULL ? engine->ops->restore_quality(engine, from + 1) : 0;
    bool fresh = from == NULL && self->learned_in != engine->made;

    if (error == 0)
        error = engine->ops->quality(engine, image, fresh || from != NULL ? 0 : elapsed_us, black,
                                     fresh, report);
    if (error != 0 || reference == NULL)
        return error;
    *reference = (Reference){self->info.width, self->info.height};
    return engine->ops->save_quality(engine, reference + 1);
}

static int look(GstVdTamper *self, GstBuffer *buffer, gint64 elapsed_us, int black,
                const Reference *from, VdkQualityReport *report, Reference *reference)
{
    VdEngine *engine = self->engine;
    VdPicture picture;
    int error = engine->ops->begin(engine, buffer);

    if (error != 0)
        return error;
    error = engine->ops->map(engine, &self->info, buffer, GST_MAP_READ, &picture);
    if (error != 0)
        return engine->ops->end(engine, error);
    error = work(self, &picture.image, elapsed_us, black, from, report, reference);
    error = engine->ops->end(engine, error);
    engine->ops->unmap(engine, &picture);
    self->learned_in = error == 0 ? engine->made : 0;
    return error;
}

/* (nullable) Where the reference goes, when it is time to tell it. */
static Reference *room_for_reference(GstVdTamper *self, GstClockTime pts)
{
    bool first = !GST_CLOCK_TIME_IS_VALID(self->kept);

    if (!first && pts >= self->kept && pts - self->kept < KEEP_EVERY)
        return NULL;
    self->kept = pts;
    return first ? NULL : self->room;
}

static GstFlowReturn measure(GstVdTamper *self, GstBuffer *buffer, gint64 elapsed_us, GBytes *given)
{
    int black = self->info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255 ? 0 : 16;
    gint64 begin_us = g_get_monotonic_time();
    Reference *reference = room_for_reference(self, GST_BUFFER_PTS(buffer));
    g_autoptr(GBytes) kept = NULL;
    VdkQualityReport report = {0};
    int error = look(self, buffer, elapsed_us, black, fitting(self, given), &report, reference);

    if (error != 0) {
        vd_engine_post_error(GST_ELEMENT(self), "Measuring the picture failed.", error);
        return GST_FLOW_ERROR;
    }
    VdQuality quality = quality_of(&report, black);
    if (reference != NULL)
        kept = g_bytes_new(reference, sizeof *reference + vdk_quality_state_size());
    self->number++;
    post(self, GST_BUFFER_PTS(buffer), &quality, (guint64)(g_get_monotonic_time() - begin_us),
         kept);
    return GST_FLOW_OK;
}

/* A picture without a time is none: nothing could be learned from it. */
static GstFlowReturn transform_ip(GstBaseTransform *trans, GstBuffer *buffer)
{
    GstVdTamper *self = GST_VD_TAMPER(trans);
    GstClockTime pts = GST_BUFFER_PTS(buffer), before = self->seen;
    g_autoptr(GBytes) given = NULL;

    GST_OBJECT_LOCK(self);
    bool enabled = self->enabled;
    GstClockTime interval = (GstClockTime)self->interval_ms * GST_MSECOND;
    GST_OBJECT_UNLOCK(self);
    if (!enabled || !GST_CLOCK_TIME_IS_VALID(pts))
        return GST_FLOW_OK;
    bool anew = !GST_CLOCK_TIME_IS_VALID(before) || pts < before || pts - before > LONGEST_GAP;
    if (!anew && pts - before < interval)
        return GST_FLOW_OK;
    if (anew)
        self->learned_in = 0;
    self->seen = pts;
    GST_OBJECT_LOCK(self);
    given = g_steal_pointer(&self->given);
    GST_OBJECT_UNLOCK(self);
    return measure(self, buffer, anew ? 0 : (gint64)((pts - before) / GST_USECOND), given);
}

static void restore(GstVdTamper *self, GBytes *saved)
{
    GBytes *given = saved != NULL ? g_bytes_ref(saved) : NULL;

    GST_OBJECT_LOCK(self);
    GBytes *before = self->given;
    self->given = given;
    GST_OBJECT_UNLOCK(self);
    g_clear_pointer(&before, g_bytes_unref);
}

/* --- class ----------------------------------------------------------------------------------- */

static void install_properties(GObjectClass *object_class)
{
    GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING;

    props[PROP_INTERVAL] = g_param_spec_int(
        "interval-ms", "Interval",
        "Least time between two pictures that are looked at, milliseconds", 10, 5000, 500, flags);
    props[PROP_ENABLED] =
        g_param_spec_boolean("enabled", "Enabled", "Whether pictures are looked at", TRUE, flags);
    g_object_class_install_properties(object_class, N_PROPS, props);
    vd_tally_install(object_class, PROP_GPU_MEMORY);
}

static void finalize(GObject *object)
{
    g_clear_pointer(&GST_VD_TAMPER(object)->given, g_bytes_unref);
    g_free(GST_VD_TAMPER(object)->room);
    vd_tally_unref(GST_VD_TAMPER(object)->tally);
    G_OBJECT_CLASS(gst_vd_tamper_parent_class)->finalize(object);
}

static void gst_vd_tamper_class_init(GstVdTamperClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_tamper_debug, VD_TAMPER_FACTORY, 0, "picture quality");
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_properties(object_class);
    signals[SIGNAL_RESTORE] = g_signal_new_class_handler(
        VD_TAMPER_RESTORE, G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
        G_CALLBACK(restore), NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
    gst_element_class_set_static_metadata(element_class, "Picture quality", "Filter/Analyzer/Video",
                                          "Posts messages that say how good pictures are",
                                          PACKAGE_NAME);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    trans_class->start = start;
    trans_class->stop = stop;
    trans_class->set_caps = set_caps;
    trans_class->transform_ip = transform_ip;
    trans_class->passthrough_on_same_caps = TRUE;
}

static void gst_vd_tamper_init(GstVdTamper *self)
{
    self->tally = vd_tally_new();
    self->room = g_malloc(sizeof *self->room + vdk_quality_state_size());
    self->interval_ms = 500;
    self->enabled = TRUE;
    gst_video_info_init(&self->info);
    gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
}
