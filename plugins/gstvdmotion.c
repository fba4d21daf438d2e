/**
 * SECTION:element-vdmotion
 * @title: vdmotion
 * @short_description: finds what moves and says so in messages
 *
 * Lets video pass untouched, compares it with a background that it learns, and posts an element
 * message `vd-motion` with boxes for the frames it looked at: #GstVdMotion:analysis-fps of them a
 * second, chosen by their timestamps. Pictures in CUDA memory (I420, NV12) are looked at there;
 * what comes back of one is a report of 2 kB.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m vdtestsrc num-buffers=30 ! vdmotion analysis-fps=5 ! fakesink
 * ]|
 * On a machine with an NVIDIA GPU, in its memory:
 * |[
 * gst-launch-1.0 -m vdtestsrc num-buffers=30 ! cudaupload ! "video/x-raw(memory:CUDAMemory)" ! \
 *     vdmotion ! fakesink
 * ]|
 */
#include "plugins/gstvdmotion.h"

#include "plugins/vd-elements.h"
#include "plugins/vd-engine.h"
#include "plugins/vd-messages.h"

GST_DEBUG_CATEGORY_STATIC(vd_motion_debug);
#define GST_CAT_DEFAULT vd_motion_debug

/* A jump of the timestamps beyond which the old background says nothing about the new scene. */
#define LONGEST_GAP (10 * GST_SECOND)

enum {
    PROP_0,
    PROP_ANALYSIS_FPS,
    PROP_ANALYSIS_WIDTH,
    PROP_THRESHOLD,
    PROP_MIN_AREA,
    PROP_MASKS,
    N_PROPS,
    PROP_GPU_MEMORY = N_PROPS
};
enum { SIGNAL_RESET, SIGNAL_SAVE, SIGNAL_RESTORE, N_SIGNALS };

typedef struct Settings {
    int analysis_fps, analysis_width;
    VdkMotionSettings motion;
    gboolean masks;
} Settings;

/* What "save" answers: this, and behind it what the engine knows. */
typedef struct Background {
    gint32 picture_width, picture_height, analysis_width, reserved;
    GstClockTime analysed, seen, due;
} Background;

struct _GstVdMotion {
    GstBaseTransform parent;
    VdTally *tally;

    Settings settings;    /* [object lock] */
    gboolean reset_asked; /* [object lock] */
    GBytes *given;        /* [object lock] (nullable) a background to go on with */

    /* [streaming thread] */
    GstVideoInfo info;
    VdEngine *engine;   /* NULL: no caps yet */
    int analysis_width; /* the one that the size below is of; 0: of none */
    int width, height, factor;
    guint learned_in; /* the number of the engine that knows the background; 0: none does */
    guint64 number;
    GstClockTime analysed, seen, due; /* PTS of the last analysed, of the last; when the next is */
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));

G_DEFINE_TYPE(GstVdMotion, gst_vd_motion, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(vdmotion, VD_MOTION_FACTORY, GST_RANK_NONE, GST_TYPE_VD_MOTION)

/* --- properties ------------------------------------------------------------------------------ */

static int *setting(GstVdMotion *self, guint id)
{
    switch (id) {
    case PROP_ANALYSIS_FPS:
        return &self->settings.analysis_fps;
    case PROP_ANALYSIS_WIDTH:
        return &self->settings.analysis_width;
    case PROP_THRESHOLD:
        return &self->settings.motion.threshold;
    case PROP_MIN_AREA:
        return &self->settings.motion.min_area;
    case PROP_MASKS:
        return &self->settings.masks;
    default:
        return NULL;
    }
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    int *place = setting(GST_VD_MOTION(object), id);

    if (place == NULL) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    *place = id == PROP_MASKS ? g_value_get_boolean(value) : g_value_get_int(value);
    GST_OBJECT_UNLOCK(object);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    const int *place = setting(GST_VD_MOTION(object), id);

    if (id == PROP_GPU_MEMORY) {
        vd_tally_get(GST_VD_MOTION(object)->tally, value);
        return;
    }
    if (place == NULL) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    if (id == PROP_MASKS)
        g_value_set_boolean(value, *place);
    else
        g_value_set_int(value, *place);
    GST_OBJECT_UNLOCK(object);
}

static void ask_reset(GstVdMotion *self)
{
    GST_OBJECT_LOCK(self);
    self->reset_asked = TRUE;
    GST_OBJECT_UNLOCK(self);
}

/* --- caps ------------------------------------------------------------------------------------ */

static gboolean set_caps(GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
    GstVdMotion *self = GST_VD_MOTION(trans);
    GstVideoInfo info;

    if (!gst_video_info_from_caps(&info, in) || !vd_image_size_ok(&info))
        return FALSE;
    if (info.width != self->info.width || info.height != self->info.height)
        self->analysis_width = 0;
    if (vd_engine_set_caps(&self->engine, self->tally, in))
        self->learned_in = 0;
    self->info = info;
    /* Caps without a frame rate get one on their way, and are not the same then. */
    gst_base_transform_set_passthrough(trans, TRUE);
    return TRUE;
}

static gboolean start(GstBaseTransform *trans)
{
    GstVdMotion *self = GST_VD_MOTION(trans);

    gst_video_info_init(&self->info);
    self->number = 0;
    self->analysed = self->seen = self->due = GST_CLOCK_TIME_NONE;
    return TRUE;
}

/* "save" may come from another thread at any time. */
static gboolean stop(GstBaseTransform *trans)
{
    GstVdMotion *self = GST_VD_MOTION(trans);

    GST_PAD_STREAM_LOCK(trans->sinkpad);
    g_clear_pointer(&self->engine, vd_engine_free);
    self->learned_in = 0;
    GST_PAD_STREAM_UNLOCK(trans->sinkpad);
    return TRUE;
}

/* --- when ------------------------------------------------------------------------------------ */

/* Time between the last two frames: what caps say of the rate is often wrong. */
static GstClockTime frame_period(const GstVdMotion *self, GstClockTime pts)
{
    if (GST_CLOCK_TIME_IS_VALID(self->seen) && pts > self->seen)
        return pts - self->seen;
    if (self->info.fps_n > 0)
        return gst_util_uint64_scale_int(GST_SECOND, self->info.fps_d, self->info.fps_n);
    return 0;
}

/* A stream without timestamps is taken for one with an even frame rate. */
static GstClockTime time_of(const GstVdMotion *self, const GstBuffer *buffer)
{
    if (GST_BUFFER_PTS_IS_VALID(buffer))
        return GST_BUFFER_PTS(buffer);
    if (!GST_CLOCK_TIME_IS_VALID(self->seen))
        return 0;
    return self->seen + frame_period(self, self->seen);
}

static bool jumps(const GstVdMotion *self, GstClockTime pts)
{
    if (!GST_CLOCK_TIME_IS_VALID(self->seen))
        return false;
    return pts < self->seen || pts - self->seen > LONGEST_GAP;
}

/* Keeps to the beat of 1/fps on average; the frame nearest to the beat is the one that is taken. */
static bool take(GstVdMotion *self, GstClockTime pts, GstClockTime period, int fps)
{
    GstClockTime interval = GST_SECOND / (guint)fps;

    if (GST_CLOCK_TIME_IS_VALID(self->due) &&
        pts + MIN(period, interval) / 2 + GST_USECOND < self->due)
        return false;
    if (GST_CLOCK_TIME_IS_VALID(self->due) && self->due + interval > pts)
        self->due += interval;
    else
        self->due = pts + interval;
    return true;
}

/* --- what ------------------------------------------------------------------------------------ */

static gboolean choose_size(GstVdMotion *self, int analysis_width)
{
    if (vdk_motion_size(self->info.width, self->info.height, analysis_width, &self->width,
                        &self->height, &self->factor) != 0)
        return FALSE;
    self->analysis_width = analysis_width;
    self->learned_in = 0;
    return TRUE;
}

static int of_65536(guint64 pixels, int whole)
{
    return (int)((pixels * 65536 + (guint)whole / 2) / (guint)whole);
}

/* A pixel of the analysis picture is factor x factor pixels; a rest at the edge belongs to none. */
static VdBox box_in_picture(const GstVdMotion *self, const VdkBox *box)
{
    guint64 factor = (guint)self->factor;
    int width = self->info.width, height = self->info.height;

    return (VdBox){
        .x = of_65536(box->x * factor, width),
        .y = of_65536(box->y * factor, height),
        .width = of_65536(box->width * factor, width),
        .height = of_65536(box->height * factor, height),
        .cx = of_65536((box->cx * 2 + 1) * factor, width * 2),
        .cy = of_65536((box->cy * 2 + 1) * factor, height * 2),
        .area = of_65536(box->area, self->width * self->height),
    };
}

static GBytes *boxes_of(const GstVdMotion *self, const VdkMotionReport *report)
{
    VdBox boxes[VDK_MAX_BOXES];

    for (guint i = 0; i < report->n_boxes; i++)
        boxes[i] = box_in_picture(self, &report->boxes[i]);
    return g_bytes_new(boxes, report->n_boxes * sizeof(VdBox));
}

static GBytes *found_of(const GstVdMotion *self, const VdkMotionReport *report,
                        const VdkMotionSettings *settings)
{
    double pixels = (double)report->width * report->height;
    VdMotionFound found = {
        .changed = report->raw / pixels,
        .clean = report->clean / pixels,
        .components = report->components,
        .threshold = settings->threshold,
        .min_area = settings->min_area,
    };

    if (report->components > 0)
        found.largest = box_in_picture(self, &report->largest);
    return g_bytes_new(&found, sizeof found);
}

/* Before the buffer goes there; out of band, so that no queue keeps what nobody takes. */
static void tell_downstream(GstVdMotion *self, const GstStructure *message)
{
    gst_pad_push_event(
        GST_BASE_TRANSFORM_SRC_PAD(self),
        gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM_OOB, gst_structure_copy(message)));
}

static void tell_light(GstStructure *message, const VdkMotionReport *report)
{
    gst_structure_set(message, VD_MOTION_LIGHT, G_TYPE_BOOLEAN, report->light != 0, VD_MOTION_ANEW,
                      G_TYPE_BOOLEAN, report->anew != 0, VD_MOTION_BRIGHTNESS, G_TYPE_DOUBLE,
                      report->brightness / 256.0, VD_MOTION_DARK, G_TYPE_DOUBLE,
                      report->dark / 256.0, VD_MOTION_BRIGHT, G_TYPE_DOUBLE, report->bright / 256.0,
                      NULL);
}

/* mask: (nullable) */
static void post(GstVdMotion *self, GstClockTime pts, const Settings *settings, guint64 cost_us,
                 GBytes *mask)
{
    const VdkMotionReport *report = self->engine->report;
    g_autoptr(GBytes) boxes = boxes_of(self, report);
    g_autoptr(GBytes) found = found_of(self, report, &settings->motion);
    double pixels = (double)report->width * report->height;

    GstStructure *message = gst_structure_new(
        VD_MOTION_MESSAGE, VD_MOTION_PTS, G_TYPE_UINT64, pts, VD_MOTION_NUMBER, G_TYPE_UINT64,
        self->number, VD_MOTION_SHARE, G_TYPE_DOUBLE, report->moving / pixels, VD_MOTION_NOISE,
        G_TYPE_DOUBLE, report->noise / 256.0, VD_MOTION_PRIMED, G_TYPE_BOOLEAN, report->primed != 0,
        VD_MOTION_COST, G_TYPE_UINT64, cost_us, VD_MOTION_WIDTH, G_TYPE_UINT, report->width,
        VD_MOTION_HEIGHT, G_TYPE_UINT, report->height, VD_MOTION_BOXES, G_TYPE_BYTES, boxes,
        VD_MOTION_FOUND, G_TYPE_BYTES, found, NULL);
    tell_light(message, report);
    tell_downstream(self, message);
    if (mask != NULL)
        gst_structure_set(message, VD_MOTION_MASK, G_TYPE_BYTES, mask, NULL);
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_element(GST_OBJECT(self), message));
}

static gint64 elapsed_us(const GstVdMotion *self, GstClockTime pts, GstClockTime period)
{
    if (!GST_CLOCK_TIME_IS_VALID(self->analysed))
        return 0;
    GstClockTime elapsed = pts >= self->analysed ? pts - self->analysed : period;
    return (gint64)(MIN(elapsed, LONGEST_GAP) / GST_USECOND);
}

static int look(GstVdMotion *self, GstBuffer *buffer, gint64 elapsed,
                const VdkMotionSettings *settings, guint8 *mask)
{
    bool full = self->info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    VdkMotionSettings wanted = {settings->threshold, settings->min_area, full ? 0 : 16};
    VdEngine *engine = self->engine;
    VdPicture picture;
    int error = engine->ops->begin(engine, buffer);

    if (error != 0)
        return error;
    bool fresh = self->learned_in != engine->made;
    error = engine->ops->map(engine, &self->info, buffer, GST_MAP_READ, &picture);
    if (error != 0)
        return engine->ops->end(engine, error);
    error = engine->ops->motion(engine, &picture.image, self->factor, fresh ? 0 : elapsed, &wanted,
                                fresh, mask);
    error = engine->ops->end(engine, error);
    engine->ops->unmap(engine, &picture);
    self->learned_in = error == 0 ? engine->made : 0;
    return error;
}

static GstFlowReturn analyse(GstVdMotion *self, GstBuffer *buffer, GstClockTime pts, gint64 elapsed,
                             const Settings *settings)
{
    gsize pixels = (gsize)self->width * (gsize)self->height;
    guint8 *memory = settings->masks ? g_malloc(pixels) : NULL;
    g_autoptr(GBytes) mask = memory != NULL ? g_bytes_new_take(memory, pixels) : NULL;
    gint64 begin_us = g_get_monotonic_time();
    int error = look(self, buffer, elapsed, &settings->motion, memory);
    gint64 cost_us = g_get_monotonic_time() - begin_us;

    if (error != 0) {
        vd_engine_post_error(GST_ELEMENT(self), "Looking for motion failed.", error);
        return GST_FLOW_ERROR;
    }
    self->number++;
    self->analysed = pts;
    post(self, pts, settings, (guint64)MAX(cost_us, 0), mask);
    return GST_FLOW_OK;
}

/* --- the background, to another element and from one ------------------------------------------ */

static GBytes *background(GstVdMotion *self)
{
    gsize size = sizeof(Background) + vdk_motion_state_size(self->width, self->height);
    g_autofree Background *to = g_malloc0(size);

    *to = (Background){self->info.width, self->info.height, self->analysis_width, 0, self->analysed,
                       self->seen,       self->due};
    if (self->engine->ops->save(self->engine, self->width, self->height, to + 1) != 0)
        return NULL;
    return g_bytes_new_take(g_steal_pointer(&to), size);
}

static GBytes *save(GstVdMotion *self)
{
    GstPad *pad = GST_BASE_TRANSFORM_SINK_PAD(self);
    GBytes *saved = NULL;

    GST_PAD_STREAM_LOCK(pad);
    if (self->engine != NULL && self->learned_in != 0 && self->learned_in == self->engine->made)
        saved = background(self);
    GST_PAD_STREAM_UNLOCK(pad);
    return saved;
}

static void give(GstVdMotion *self, GBytes *saved)
{
    GBytes *given = saved != NULL ? g_bytes_ref(saved) : NULL;

    GST_OBJECT_LOCK(self);
    GBytes *before = self->given;
    self->given = given;
    GST_OBJECT_UNLOCK(self);
    g_clear_pointer(&before, g_bytes_unref);
}

/* One of pictures of another size says nothing about these. */
static const Background *fitting(const GstVdMotion *self, GBytes *given)
{
    gsize size;
    const Background *from = g_bytes_get_data(given, &size);

    if (size != sizeof *from + vdk_motion_state_size(self->width, self->height) ||
        from->picture_width != self->info.width || from->picture_height != self->info.height ||
        from->analysis_width != self->analysis_width)
        return NULL;
    return from;
}

/* What cannot be gone on with is learned anew. */
static void go_on(GstVdMotion *self, GstBuffer *buffer, GBytes *given)
{
    const Background *from = fitting(self, given);
    VdEngine *engine = self->engine;

    if (from == NULL || engine->ops->begin(engine, buffer) != 0)
        return;
    int error = engine->ops->restore(engine, self->width, self->height, from + 1);
    if (engine->ops->end(engine, error) != 0)
        return;
    self->learned_in = engine->made;
    self->analysed = from->analysed;
    self->seen = from->seen;
    self->due = from->due;
}

/* --- a frame --------------------------------------------------------------------------------- */

static Settings take_settings(GstVdMotion *self, gboolean *reset, GBytes **given)
{
    GST_OBJECT_LOCK(self);
    Settings settings = self->settings;
    *reset = self->reset_asked;
    self->reset_asked = FALSE;
    *given = g_steal_pointer(&self->given);
    GST_OBJECT_UNLOCK(self);
    return settings;
}

static GstFlowReturn transform_ip(GstBaseTransform *trans, GstBuffer *buffer)
{
    GstVdMotion *self = GST_VD_MOTION(trans);
    g_autoptr(GBytes) given = NULL;
    gboolean reset;
    Settings settings = take_settings(self, &reset, &given);

    if (settings.analysis_width != self->analysis_width &&
        !choose_size(self, settings.analysis_width)) {
        GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("The picture's size cannot be analysed."), (NULL));
        return GST_FLOW_ERROR;
    }
    if (given != NULL)
        go_on(self, buffer, given);
    GstClockTime pts = time_of(self, buffer), period = frame_period(self, pts);
    if (jumps(self, pts)) {
        self->due = GST_CLOCK_TIME_NONE;
        reset |= GST_BUFFER_IS_DISCONT(buffer);
    }
    self->seen = pts;
    if (reset) {
        self->learned_in = 0;
        self->due = GST_CLOCK_TIME_NONE;
    }
    if (!take(self, pts, period, settings.analysis_fps))
        return GST_FLOW_OK;
    return analyse(self, buffer, pts, elapsed_us(self, pts, period), &settings);
}

/* --- class ----------------------------------------------------------------------------------- */

static void install_properties(GObjectClass *object_class)
{
    GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING;

    props[PROP_ANALYSIS_FPS] =
        g_param_spec_int("analysis-fps", "Analysed frames a second",
                         "Most frames to look at in a second of the stream", 1, 60, 10, flags);
    props[PROP_ANALYSIS_WIDTH] = g_param_spec_int(
        "analysis-width", "Analysis width",
        "Largest width of the averaged picture that is looked at; a change starts the background "
        "anew",
        32, 4096, 480, flags);
    props[PROP_THRESHOLD] = g_param_spec_int(
        "threshold", "Threshold", "Grey levels that a pixel must differ by, beyond its own noise",
        1, 255, 20, flags);
    props[PROP_MIN_AREA] =
        g_param_spec_int("min-area", "Smallest area",
                         "Smallest box, in 1/10000 of the picture's area", 1, 10000, 10, flags);
    props[PROP_MASKS] = g_param_spec_boolean("masks", "Masks",
                                             "Messages carry the mask of what moves", FALSE, flags);
    g_object_class_install_properties(object_class, N_PROPS, props);
    vd_tally_install(object_class, PROP_GPU_MEMORY);
}

static void finalize(GObject *object)
{
    g_clear_pointer(&GST_VD_MOTION(object)->given, g_bytes_unref);
    vd_tally_unref(GST_VD_MOTION(object)->tally);
    G_OBJECT_CLASS(gst_vd_motion_parent_class)->finalize(object);
}

static void install_signals(GType type)
{
    GSignalFlags flags = G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION;

    signals[SIGNAL_RESET] = g_signal_new_class_handler("reset", type, flags, G_CALLBACK(ask_reset),
                                                       NULL, NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_SAVE] = g_signal_new_class_handler(VD_MOTION_SAVE, type, flags, G_CALLBACK(save),
                                                      NULL, NULL, NULL, G_TYPE_BYTES, 0);
    signals[SIGNAL_RESTORE] =
        g_signal_new_class_handler(VD_MOTION_RESTORE, type, flags, G_CALLBACK(give), NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);
}

static void gst_vd_motion_class_init(GstVdMotionClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_motion_debug, VD_MOTION_FACTORY, 0, "motion detection");
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    install_properties(object_class);
    object_class->finalize = finalize;
    install_signals(G_TYPE_FROM_CLASS(klass));
    gst_element_class_set_static_metadata(element_class, "Motion detector", "Filter/Analyzer/Video",
                                          "Posts messages that say where something moves",
                                          PACKAGE_NAME);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    trans_class->start = start;
    trans_class->stop = stop;
    trans_class->set_caps = set_caps;
    trans_class->transform_ip = transform_ip;
    trans_class->passthrough_on_same_caps = TRUE;
}

static void gst_vd_motion_init(GstVdMotion *self)
{
    self->tally = vd_tally_new();
    self->settings = (Settings){
        .analysis_fps = 10, .analysis_width = 480, .motion = {.threshold = 20, .min_area = 10}};
    gst_video_info_init(&self->info);
    gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
}
