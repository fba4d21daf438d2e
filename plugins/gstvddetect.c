/**
 * SECTION:element-vddetect
 * @title: vddetect
 * @short_description: finds objects with a YOLOX model and says so in messages
 *
 * Lets video pass untouched and shows #GstVdDetect:detect-fps pictures a second to a model that
 * ONNX Runtime runs in a thread of its own, which all elements with the same model share. Video
 * never waits for it: of the pictures that come meanwhile the newest is next. Each one that was
 * looked at makes an element message `vd-detect` with boxes, classes and scores.
 *
 * Behind vdmotion it looks where something moves, and at all of the picture each
 * #GstVdDetect:whole-interval-ms; alone, always at all of it. A model that cannot be used is a
 * warning, and #GstVdDetect:why-not says why.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m vdtestsrc num-buffers=30 ! vdmotion ! vddetect model=yolox_nano.onnx ! fakesink
 * ]|
 */
#include "plugins/gstvddetect.h"

#include "plugins/vd-detector.h"
#include "plugins/vd-messages.h"

GST_DEBUG_CATEGORY_STATIC(vd_detect_debug);
#define GST_CAT_DEFAULT vd_detect_debug

/* A jump of the timestamps beyond which what moved before is no reason to look. */
#define LONGEST_GAP (10 * GST_SECOND)

enum {
    PROP_0,
    PROP_MODEL,
    PROP_NAMES,
    PROP_CLASSES,
    PROP_RUNTIME,
    PROP_THREADS,
    PROP_LONGEST_MS,
    PROP_MIN_SCORE,
    PROP_DETECT_FPS,
    PROP_WHOLE_INTERVAL_MS,
    PROP_PART_SIZE,
    PROP_TILES,
    PROP_BUDGET,
    PROP_WAIT,
    PROP_WHY_NOT,
    N_PROPS,
    PROP_GPU_MEMORY = N_PROPS
};

typedef struct Settings {
    int threads, longest_ms;
    double min_score;
    int detect_fps, whole_interval_ms, part_size;
    gboolean tiles;
    int budget;
    gboolean wait;
} Settings;

struct _GstVdDetect {
    GstBaseTransform parent;
    VdTally *tally;

    Settings settings;             /* [object lock] */
    char *model, *names, *runtime; /* [object lock] (nullable) */
    char **classes;                /* [object lock] (nullable) NULL: all */
    char *why_not;                 /* [object lock] (nullable) */
    bool moves_known;              /* [object lock] vdmotion is before it */
    VdBox boxes[VDK_MAX_BOXES];    /* [object lock] what moved since the last look */
    int n_boxes;                   /* [object lock] */

    /* [streaming thread] */
    VdDetectorSeat *seat; /* (nullable) */
    GstVideoInfo info;
    GstCaps *caps;
    GstClockTime seen, due, whole_due; /* PTS of the last; when the next one is to be looked at */

    /* [detection thread] */
    const char *version;            /* (nullable) of ONNX Runtime */
    const char *const *names_known; /* (nullable) of the seat */
    guint64 number;
    bool failing; /* the last look did */
};

static GParamSpec *props[N_PROPS];

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(VD_ENGINE_CAPS));

G_DEFINE_TYPE(GstVdDetect, gst_vd_detect, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(vddetect, VD_DETECT_FACTORY, GST_RANK_NONE, GST_TYPE_VD_DETECT)

/* --- properties ------------------------------------------------------------------------------ */

static int *number_of(Settings *settings, guint id)
{
    switch (id) {
    case PROP_THREADS:
        return &settings->threads;
    case PROP_LONGEST_MS:
        return &settings->longest_ms;
    case PROP_DETECT_FPS:
        return &settings->detect_fps;
    case PROP_WHOLE_INTERVAL_MS:
        return &settings->whole_interval_ms;
    case PROP_PART_SIZE:
        return &settings->part_size;
    case PROP_TILES:
        return &settings->tiles;
    case PROP_BUDGET:
        return &settings->budget;
    case PROP_WAIT:
        return &settings->wait;
    default:
        return NULL;
    }
}

static char **text_of(GstVdDetect *self, guint id)
{
    switch (id) {
    case PROP_MODEL:
        return &self->model;
    case PROP_NAMES:
        return &self->names;
    case PROP_RUNTIME:
        return &self->runtime;
    case PROP_WHY_NOT:
        return &self->why_not;
    default:
        return NULL;
    }
}

/* "person, car" */
static char **classes_from(const char *text)
{
    if (text == NULL || text[0] == '\0')
        return NULL;
    char **classes = g_strsplit(text, ",", -1);
    for (guint i = 0; classes[i] != NULL; i++)
        g_strstrip(classes[i]);
    return classes;
}

static void take_text(char **place, const GValue *value)
{
    g_free(*place);
    *place = g_value_dup_string(value);
}

/* [object lock] False: there is no such property. */
static bool take_value(GstVdDetect *self, guint id, const GValue *value)
{
    int *number = number_of(&self->settings, id);

    if (text_of(self, id) != NULL)
        take_text(text_of(self, id), value);
    else if (id == PROP_CLASSES) {
        g_strfreev(self->classes);
        self->classes = classes_from(g_value_get_string(value));
    } else if (id == PROP_MIN_SCORE)
        self->settings.min_score = g_value_get_double(value);
    else if (number != NULL)
        *number =
            G_VALUE_HOLDS_BOOLEAN(value) ? g_value_get_boolean(value) : g_value_get_int(value);
    else
        return false;
    return true;
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    GST_OBJECT_LOCK(object);
    bool known = take_value(GST_VD_DETECT(object), id, value);
    GST_OBJECT_UNLOCK(object);
    if (!known)
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/* [object lock] */
static bool give_value(GstVdDetect *self, guint id, GValue *value)
{
    int *number = number_of(&self->settings, id);

    if (text_of(self, id) != NULL)
        g_value_set_string(value, *text_of(self, id));
    else if (id == PROP_CLASSES)
        g_value_take_string(value, self->classes != NULL ? g_strjoinv(",", self->classes) : NULL);
    else if (id == PROP_MIN_SCORE)
        g_value_set_double(value, self->settings.min_score);
    else if (number != NULL && G_VALUE_HOLDS_BOOLEAN(value))
        g_value_set_boolean(value, *number);
    else if (number != NULL)
        g_value_set_int(value, *number);
    else
        return false;
    return true;
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id == PROP_GPU_MEMORY) {
        vd_tally_get(GST_VD_DETECT(object)->tally, value);
        return;
    }
    GST_OBJECT_LOCK(object);
    bool known = give_value(GST_VD_DETECT(object), id, value);
    GST_OBJECT_UNLOCK(object);
    if (!known)
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

/* --- what was found, in the detection thread -------------------------------------------------- */

static void post(GstVdDetect *self, GstStructure *structure)
{
    gst_element_post_message(GST_ELEMENT(self),
                             gst_message_new_element(GST_OBJECT(self), structure));
}

static void tell_state(GstVdDetect *self, const char *why_not)
{
    GST_OBJECT_LOCK(self);
    g_free(self->why_not);
    self->why_not = g_strdup(why_not);
    GST_OBJECT_UNLOCK(self);
    if (why_not != NULL)
        GST_ELEMENT_WARNING(self, RESOURCE, FAILED, ("%s", why_not),
                            ("Video passes, and nothing is detected."));
    post(self, gst_structure_new(VD_DETECT_STATE, VD_DETECT_WHY_NOT, G_TYPE_STRING, why_not,
                                 VD_DETECT_RUNTIME, G_TYPE_STRING, self->version, VD_DETECT_CLASSES,
                                 G_TYPE_STRV, self->names_known, NULL));
}

static void on_opened(gpointer data, const char *version, const char *const *names,
                      const char *why_not)
{
    GstVdDetect *self = data;

    self->names_known = names;
    self->version = g_intern_string(version);
    self->failing = false;
    tell_state(self, why_not);
}

/* A look that fails, and the first after it that does not. */
static void take_outcome(GstVdDetect *self, const GError *error)
{
    bool failing = error != NULL;

    if (failing != self->failing)
        tell_state(self, failing ? error->message : NULL);
    self->failing = failing;
}

static bool is_wanted(GstVdDetect *self, const char *name)
{
    GST_OBJECT_LOCK(self);
    bool wanted =
        self->classes == NULL || g_strv_contains((const char *const *)self->classes, name);
    GST_OBJECT_UNLOCK(self);
    return wanted;
}

static int of_65536(float value, int whole)
{
    return CLAMP((int)(value * 65536 / (float)whole + 0.5F), 0, 65536);
}

static VdObject object_of(const VdLook *look, const VdFound *found, const char *name)
{
    int width = look->info.width, height = look->info.height;
    int x = of_65536(found->left, width), y = of_65536(found->top, height);
    VdObject object = {
        .x = x,
        .y = y,
        .width = of_65536(found->right, width) - x,
        .height = of_65536(found->bottom, height) - y,
        .score = of_65536(found->score, 1),
    };

    g_strlcpy(object.name, name, sizeof object.name);
    return object;
}

static GBytes *objects_of(GstVdDetect *self, const VdLook *look, const VdFoundList *list,
                          const char *const *names)
{
    GArray *objects = g_array_new(FALSE, FALSE, sizeof(VdObject));

    for (gsize i = 0; i < list->n; i++) {
        const char *name = names[list->found[i].kind];

        if (!is_wanted(self, name))
            continue;
        VdObject object = object_of(look, &list->found[i], name);
        g_array_append_val(objects, object);
    }
    gsize size = objects->len * sizeof(VdObject);
    return g_bytes_new_take(g_array_free(objects, FALSE), size);
}

static void on_looked(gpointer data, const VdLook *look, const VdFoundList *list,
                      const char *const *names, guint runs, guint64 cost_us, const GError *error)
{
    GstVdDetect *self = data;

    take_outcome(self, error);
    if (list == NULL)
        return;
    g_autoptr(GBytes) objects = objects_of(self, look, list, names);
    self->number++;
    post(self, gst_structure_new(VD_DETECT_MESSAGE, VD_DETECT_PTS, G_TYPE_UINT64, look->pts,
                                 VD_DETECT_NUMBER, G_TYPE_UINT64, self->number, VD_DETECT_RUNS,
                                 G_TYPE_UINT, runs, VD_DETECT_WHOLE, G_TYPE_BOOLEAN,
                                 (gboolean)look->whole, VD_DETECT_COST, G_TYPE_UINT64, cost_us,
                                 VD_DETECT_OBJECTS, G_TYPE_BYTES, objects, NULL));
}

/* --- its place at the detector ---------------------------------------------------------------- */

static gboolean start(GstBaseTransform *trans)
{
    static const VdDetectorEvents events = {on_opened, on_looked};
    GstVdDetect *self = GST_VD_DETECT(trans);

    GST_OBJECT_LOCK(self);
    g_autofree char *model = g_strdup(self->model), *names = g_strdup(self->names),
                    *runtime = g_strdup(self->runtime);
    Settings settings = self->settings;
    self->moves_known = false;
    self->n_boxes = 0;
    GST_OBJECT_UNLOCK(self);
    gst_video_info_init(&self->info);
    self->number = 0;
    self->seen = self->due = self->whole_due = GST_CLOCK_TIME_NONE;
    if (model == NULL) {
        on_opened(self, NULL, NULL, "No model is set.");
        return TRUE;
    }
    VdDetectorWish wish = {runtime, model, names, settings.threads, settings.longest_ms};
    self->seat = vd_detector_sit(&wish, self->tally, &events, self);
    return TRUE;
}

static gboolean stop(GstBaseTransform *trans)
{
    GstVdDetect *self = GST_VD_DETECT(trans);

    g_clear_pointer(&self->seat, vd_detector_leave);
    gst_clear_caps(&self->caps);
    return TRUE;
}

static gboolean set_caps(GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
    GstVdDetect *self = GST_VD_DETECT(trans);
    GstVideoInfo info;

    if (!gst_video_info_from_caps(&info, in) || !vd_image_size_ok(&info))
        return FALSE;
    self->info = info;
    gst_caps_replace(&self->caps, in);
    /* Caps without a frame rate get one on their way, and are not the same then. */
    gst_base_transform_set_passthrough(trans, TRUE);
    return TRUE;
}

/* --- what moved ------------------------------------------------------------------------------- */

/* Boxes add up until the next look: what moved since the last one is worth it. */
static void take_motion(GstVdDetect *self, const GstStructure *structure)
{
    g_autoptr(GBytes) bytes = NULL;
    gsize size = 0;

    if (!gst_structure_get(structure, VD_MOTION_BOXES, G_TYPE_BYTES, &bytes, NULL))
        return;
    const VdBox *boxes = g_bytes_get_data(bytes, &size);
    GST_OBJECT_LOCK(self);
    self->moves_known = true;
    for (gsize i = 0; i < size / sizeof *boxes && self->n_boxes < VDK_MAX_BOXES; i++)
        self->boxes[self->n_boxes++] = boxes[i];
    GST_OBJECT_UNLOCK(self);
}

static gboolean sink_event(GstBaseTransform *trans, GstEvent *event)
{
    const GstStructure *structure = gst_event_get_structure(event);

    if (structure != NULL && gst_structure_has_name(structure, VD_MOTION_MESSAGE))
        take_motion(GST_VD_DETECT(trans), structure);
    return GST_BASE_TRANSFORM_CLASS(gst_vd_detect_parent_class)->sink_event(trans, event);
}

/* --- a picture -------------------------------------------------------------------------------- */

/* A stream without timestamps is taken for one with its caps' frame rate. */
static GstClockTime time_of(const GstVdDetect *self, const GstBuffer *buffer)
{
    if (GST_BUFFER_PTS_IS_VALID(buffer))
        return GST_BUFFER_PTS(buffer);
    if (!GST_CLOCK_TIME_IS_VALID(self->seen) || self->info.fps_n <= 0)
        return 0;
    return self->seen + gst_util_uint64_scale_int(GST_SECOND, self->info.fps_d, self->info.fps_n);
}

/* Keeps to the beat on average; *due (nullable) is when the next one is. */
static bool is_due(GstClockTime *due, GstClockTime pts, GstClockTime interval)
{
    if (GST_CLOCK_TIME_IS_VALID(*due) && pts + GST_MSECOND < *due)
        return false;
    *due =
        GST_CLOCK_TIME_IS_VALID(*due) && *due + interval > pts ? *due + interval : pts + interval;
    return true;
}

/* What moved since the last look; true: vdmotion tells it. */
static bool take_boxes(GstVdDetect *self, VdLook *look)
{
    GST_OBJECT_LOCK(self);
    bool known = self->moves_known;
    look->n_boxes = self->n_boxes;
    memcpy(look->boxes, self->boxes, (gsize)self->n_boxes * sizeof(VdBox));
    self->n_boxes = 0;
    GST_OBJECT_UNLOCK(self);
    return known;
}

static VdLook *look_at(GstVdDetect *self, GstBuffer *buffer, GstClockTime pts,
                       const Settings *settings)
{
    VdLook *look = g_new0(VdLook, 1);

    look->buffer = gst_buffer_ref(buffer);
    look->caps = gst_caps_ref(self->caps);
    look->info = self->info;
    look->pts = pts;
    look->tiles = settings->tiles;
    look->side = settings->part_size;
    look->least = (float)settings->min_score;
    look->awaited = settings->wait;
    look->longest_us = settings->longest_ms * G_TIME_SPAN_MILLISECOND;
    look->whole = !take_boxes(self, look) ||
                  is_due(&self->whole_due, pts, (guint)settings->whole_interval_ms * GST_MSECOND);
    return look;
}

static void consider(GstVdDetect *self, GstBuffer *buffer, GstClockTime pts,
                     const Settings *settings)
{
    if (!is_due(&self->due, pts, GST_SECOND / (guint)settings->detect_fps))
        return;
    g_autoptr(VdLook) look = look_at(self, buffer, pts, settings);
    if (!look->whole && look->n_boxes == 0)
        return;
    vd_detector_ask(self->seat, g_steal_pointer(&look), settings->budget);
    if (settings->wait)
        vd_detector_await(self->seat);
}

static GstFlowReturn transform_ip(GstBaseTransform *trans, GstBuffer *buffer)
{
    GstVdDetect *self = GST_VD_DETECT(trans);
    GstClockTime pts = time_of(self, buffer);

    GST_OBJECT_LOCK(self);
    Settings settings = self->settings;
    GST_OBJECT_UNLOCK(self);
    if (GST_CLOCK_TIME_IS_VALID(self->seen) && (pts < self->seen || pts - self->seen > LONGEST_GAP))
        self->due = self->whole_due = GST_CLOCK_TIME_NONE;
    self->seen = pts;
    if (self->seat != NULL)
        consider(self, buffer, pts, &settings);
    return GST_FLOW_OK;
}

/* --- class ----------------------------------------------------------------------------------- */

static void install_texts(void)
{
    GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

    props[PROP_MODEL] = g_param_spec_string("model", "Model", "ONNX file of a YOLOX", NULL, flags);
    props[PROP_NAMES] = g_param_spec_string(
        "names", "Classes' names", "File with one name a line; NULL: COCO's, of a model with 80",
        NULL, flags);
    props[PROP_RUNTIME] =
        g_param_spec_string("runtime", "ONNX Runtime",
                            "Its library's path; NULL: the one that is installed", NULL, flags);
    props[PROP_CLASSES] =
        g_param_spec_string("classes", "Classes", "Names of those to tell, with commas; NULL: all",
                            NULL, (flags & ~GST_PARAM_MUTABLE_READY) | GST_PARAM_MUTABLE_PLAYING);
    props[PROP_WHY_NOT] =
        g_param_spec_string("why-not", "Why not", "Why nothing is detected; NULL: it is", NULL,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

static void install_numbers(void)
{
    GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
    GParamFlags ready = flags | GST_PARAM_MUTABLE_READY, live = flags | GST_PARAM_MUTABLE_PLAYING;

    props[PROP_THREADS] =
        g_param_spec_int("threads", "Threads", "Threads of one run", 1, 64, 1, ready);
    props[PROP_LONGEST_MS] = g_param_spec_int(
        "longest-ms", "Longest run", "A model that takes longer for one is refused, milliseconds",
        1, 60000, 2000, ready);
    props[PROP_MIN_SCORE] = g_param_spec_double(
        "min-score", "Lowest score", "What is less sure is left out", 0.01, 1, 0.4, live);
    props[PROP_DETECT_FPS] =
        g_param_spec_int("detect-fps", "Pictures a second",
                         "Most pictures to look at in a second of the stream", 1, 60, 5, live);
    props[PROP_WHOLE_INTERVAL_MS] =
        g_param_spec_int("whole-interval-ms", "Whole picture",
                         "Time between looks at all of the picture behind vdmotion, milliseconds",
                         0, 600000, 2000, live);
    props[PROP_PART_SIZE] =
        g_param_spec_int("part-size", "Part's size",
                         "Width and height of a part of the picture that is looked at by itself, "
                         "pixels; 0: the model's",
                         0, 4096, 0, live);
    props[PROP_TILES] = g_param_spec_boolean(
        "tiles", "Tiles", "Look at all of the picture in parts as well", FALSE, live);
    props[PROP_BUDGET] =
        g_param_spec_int("budget", "Budget", "Most of the time that detecting may take, per cent",
                         1, 100, 100, live);
    props[PROP_WAIT] = g_param_spec_boolean(
        "wait", "Wait", "Let video wait for each picture that is looked at", FALSE, live);
}

static void finalize(GObject *object)
{
    GstVdDetect *self = GST_VD_DETECT(object);

    g_free(self->model);
    g_free(self->names);
    g_free(self->runtime);
    g_free(self->why_not);
    g_strfreev(self->classes);
    vd_tally_unref(self->tally);
    G_OBJECT_CLASS(gst_vd_detect_parent_class)->finalize(object);
}

static void gst_vd_detect_class_init(GstVdDetectClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_detect_debug, VD_DETECT_FACTORY, 0, "object detection");
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_texts();
    install_numbers();
    g_object_class_install_properties(object_class, N_PROPS, props);
    vd_tally_install(object_class, PROP_GPU_MEMORY);
    gst_element_class_set_static_metadata(element_class, "Object detector", "Filter/Analyzer/Video",
                                          "Posts messages that say which objects are where",
                                          PACKAGE_NAME);
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &src_template);
    trans_class->start = start;
    trans_class->stop = stop;
    trans_class->set_caps = set_caps;
    trans_class->sink_event = sink_event;
    trans_class->transform_ip = transform_ip;
    trans_class->passthrough_on_same_caps = TRUE;
}

static void gst_vd_detect_init(GstVdDetect *self)
{
    self->tally = vd_tally_new();
    self->settings = (Settings){
        .threads = 1,
        .longest_ms = 2000,
        .min_score = 0.4,
        .detect_fps = 5,
        .whole_interval_ms = 2000,
        .budget = 100,
    };
    gst_video_info_init(&self->info);
    gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
}
