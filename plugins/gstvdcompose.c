/**
 * SECTION:element-vdcompose
 * @title: vdcompose
 * @short_description: draws what is known of a picture into it
 *
 * Boxes around what moves (from the buffer's regions of interest), the camera's name and state, the
 * time at which the picture was taken (from the buffer's reference timestamp), the masks' outlines,
 * those of zones with their names, and for placeholders a few lines in the middle. In place; a
 * picture with nothing to draw passes untouched. Words are turned into bitmaps when they change,
 * never for each picture. Pictures in CUDA memory (I420, NV12) are drawn into there, with bitmaps
 * that were brought there once.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=5 ! vdcompose title="Gate 1" state=live ! fakesink
 * ]|
 * On a machine with an NVIDIA GPU, in its memory:
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=5 ! cudaupload ! "video/x-raw(memory:CUDAMemory)" ! \
 *     vdcompose title="Gate 1" ! fakesink
 * ]|
 */
#include "plugins/gstvdcompose.h"

#include "plugins/vd-caption.h"
#include "plugins/vd-elements.h"
#include "plugins/vd-labels.h"
#include "plugins/vd-messages.h"
#include "plugins/vd-polygons.h"
#include "plugins/vd-zone-marks.h"

GST_DEBUG_CATEGORY_STATIC(vd_compose_debug);
#define GST_CAT_DEFAULT vd_compose_debug

typedef enum Part {
    PART_TITLE,
    PART_TIME,
    PART_STATE,
    PART_BOXES,
    PART_MASKS,
    PART_ZONES,
    PART_ENABLED,
    N_PARTS
} Part;
typedef enum Words {
    WORDS_TITLE,
    WORDS_STATE,
    WORDS_LINES,
    WORDS_POLYGONS,
    WORDS_ZONES,
    N_WORDS
} Words;

enum {
    PROP_0,
    PROP_TITLE,
    PROP_STATE,
    PROP_LINES,
    PROP_POLYGONS,
    PROP_ZONES,
    PROP_SHOW_TITLE,
    PROP_SHOW_TIME,
    PROP_SHOW_STATE,
    PROP_SHOW_BOXES,
    PROP_SHOW_MASKS,
    PROP_SHOW_ZONES,
    PROP_ENABLED,
    N_PROPS
};
#define FIRST_WORDS PROP_TITLE
#define FIRST_PART  PROP_SHOW_TITLE

struct _GstVdCompose {
    GstVdDrawing parent;

    char *words[N_WORDS];    /* [object lock] */
    gboolean parts[N_PARTS]; /* [object lock] */
    gboolean changed;        /* [object lock] */

    /* [streaming thread] */
    gboolean stale; /* what is below is for another size or other words */
    gboolean now[N_PARTS];
    VdCaption caption;
    VdkSpan *outline;
    size_t n_outline;
    VdZoneMarks zones;
    VdLabels labels;
    guint known_to; /* number of the engine that has all of that; 0: none has */
    GstCaps *unix_time;
};

static const VdkColour box_colour = {165, 89, 56}, ignored_colour = {95, 113, 104};
static const VdkColour object_colour = {178, 160, 30};
static const VdkColour outline_colour = {150, 60, 190};
static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE(GstVdCompose, gst_vd_compose, GST_TYPE_VD_DRAWING)
GST_ELEMENT_REGISTER_DEFINE(vdcompose, VD_COMPOSE_FACTORY, GST_RANK_NONE, GST_TYPE_VD_COMPOSE)

/* --- properties ------------------------------------------------------------------------------ */

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    GstVdCompose *self = GST_VD_COMPOSE(object);

    GST_OBJECT_LOCK(self);
    if (id >= FIRST_WORDS && id < FIRST_WORDS + N_WORDS) {
        g_free(self->words[id - FIRST_WORDS]);
        self->words[id - FIRST_WORDS] = g_value_dup_string(value);
    } else if (id >= FIRST_PART && id < FIRST_PART + N_PARTS) {
        self->parts[id - FIRST_PART] = g_value_get_boolean(value);
    } else {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    self->changed = TRUE;
    GST_OBJECT_UNLOCK(self);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    GstVdCompose *self = GST_VD_COMPOSE(object);

    GST_OBJECT_LOCK(self);
    if (id >= FIRST_WORDS && id < FIRST_WORDS + N_WORDS) {
        const char *words = self->words[id - FIRST_WORDS];

        g_value_set_string(value, words != NULL ? words : "");
    } else if (id >= FIRST_PART && id < FIRST_PART + N_PARTS) {
        g_value_set_boolean(value, self->parts[id - FIRST_PART]);
    } else {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

/* --- what there is to draw ------------------------------------------------------------------- */

static void resize(GstVdDrawing *drawing, const GstVideoInfo *info)
{
    GST_VD_COMPOSE(drawing)->stale = TRUE;
}

static void set_outline(GstVdCompose *self, const GstVideoInfo *info, const char *text)
{
    g_autoptr(VdPolygons) polygons = vd_polygons_parse(self->now[PART_MASKS] ? text : NULL);

    g_clear_pointer(&self->outline, g_free);
    self->n_outline = 0;
    if (polygons == NULL)
        GST_WARNING_OBJECT(self, "polygons \"%s\" cannot be read, drawing none", text);
    else
        self->outline = vd_polygons_spans(polygons, 1 + info->height / 360, info->width,
                                          info->height, &self->n_outline);
}

static void set_zones(GstVdCompose *self, const GstVideoInfo *info, const char *text)
{
    if (!vd_zone_marks_set(&self->zones, self->now[PART_ZONES] ? text : NULL,
                           1 + info->height / 360, info->width, info->height))
        GST_WARNING_OBJECT(self, "zones \"%s\" cannot be read, drawing none", text);
}

static int label_size(const GstVideoInfo *info)
{
    return MAX(info->height / 36, 10);
}

static void take_settings(GstVdCompose *self)
{
    const GstVideoInfo *info = gst_vd_drawing_info(GST_VD_DRAWING(self));
    char *words[N_WORDS] = {0};

    GST_OBJECT_LOCK(self);
    bool changed = self->changed || self->stale;
    self->changed = self->stale = FALSE;
    for (int i = 0; changed && i < N_WORDS; i++)
        words[i] = g_strdup(self->words[i]);
    for (int i = 0; i < N_PARTS; i++)
        self->now[i] = self->parts[i];
    GST_OBJECT_UNLOCK(self);
    if (!changed)
        return;
    VdCaptionWords caption = {
        .title = self->now[PART_TITLE] ? words[WORDS_TITLE] : NULL,
        .state = self->now[PART_STATE] ? words[WORDS_STATE] : NULL,
        .lines = words[WORDS_LINES],
        .time = self->now[PART_TIME],
    };
    vd_caption_set(&self->caption, &caption, info->width, info->height);
    vd_labels_set_size(&self->labels, label_size(info));
    set_outline(self, info, words[WORDS_POLYGONS]);
    set_zones(self, info, words[WORDS_ZONES]);
    self->known_to = 0;
    for (int i = 0; i < N_WORDS; i++)
        g_free(words[i]);
}

/* Which boxes: of what moves and counts, of what moves and does not, of objects; any of them. */
typedef enum Kind { KIND_MOTION = 1, KIND_IGNORED = 2, KIND_OBJECT = 4, KIND_ANY = 7 } Kind;

static Kind kind_of(const GstVideoRegionOfInterestMeta *region)
{
    const char *type = g_quark_to_string(region->roi_type);

    if (g_strcmp0(type, VD_ROI_MOTION) == 0)
        return KIND_MOTION;
    if (g_strcmp0(type, VD_ROI_IGNORED) == 0)
        return KIND_IGNORED;
    return type != NULL && g_str_has_prefix(type, VD_ROI_OBJECT) ? KIND_OBJECT : 0;
}

static GstVideoRegionOfInterestMeta *next_box(GstBuffer *buffer, Kind kinds, gpointer *state)
{
    GstMeta *meta;

    while ((meta = gst_buffer_iterate_meta_filtered(
                buffer, state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) != NULL) {
        GstVideoRegionOfInterestMeta *region = (GstVideoRegionOfInterestMeta *)meta;

        if ((kind_of(region) & kinds) != 0)
            return region;
    }
    return NULL;
}

static gboolean prepare(GstVdDrawing *drawing, GstBuffer *buffer)
{
    GstVdCompose *self = GST_VD_COMPOSE(drawing);
    gpointer state = NULL;

    take_settings(self);
    if (!self->now[PART_ENABLED])
        return FALSE;
    if (self->n_outline > 0 || vd_zone_marks_any(&self->zones) ||
        vd_caption_has_words(&self->caption))
        return TRUE;
    if (self->now[PART_TIME] &&
        gst_buffer_get_reference_timestamp_meta(buffer, self->unix_time) != NULL)
        return TRUE;
    return self->now[PART_BOXES] && next_box(buffer, KIND_ANY, &state) != NULL;
}

/* --- drawing --------------------------------------------------------------------------------- */

/* What of a box lies in the picture. */
static bool box_in_picture(const GstVideoRegionOfInterestMeta *box, const VdkImage *image,
                           VdkRectangle *frame)
{
    guint width = (guint)image->luma.width, height = (guint)image->luma.height;

    if (box->x >= width || box->y >= height || box->w == 0 || box->h == 0)
        return false;
    *frame = (VdkRectangle){
        .x = (int)box->x,
        .y = (int)box->y,
        .width = (int)MIN(box->w, width - box->x),
        .height = (int)MIN(box->h, height - box->y),
    };
    return true;
}

static int draw_boxes(VdEngine *engine, GstBuffer *buffer, Kind kind, VdkColour colour,
                      VdkImage *image)
{
    const GstVideoRegionOfInterestMeta *box;
    VdkRectangle frames[VDK_MAX_BOXES];
    gpointer state = NULL;
    size_t n = 0;

    for (int i = 0; i < VDK_MAX_BOXES && (box = next_box(buffer, kind, &state)) != NULL; i++)
        n += box_in_picture(box, image, &frames[n]);
    return engine->ops->frames(engine, image, frames, n, 1 + image->luma.height / 240, colour);
}

/* What it is stands above its box, or in it where the picture ends there. */
static int draw_label(GstVdCompose *self, const GstVideoRegionOfInterestMeta *box,
                      const VdCanvas *canvas)
{
    const char *word = g_quark_to_string(box->roi_type) + strlen(VD_ROI_OBJECT);
    const VdText *text = vd_labels_get(&self->labels, box->roi_type, word);
    VdkRectangle frame;

    if (text == NULL || !box_in_picture(box, canvas->image, &frame))
        return 0;
    int y = frame.y >= text->height ? frame.y - text->height : frame.y;
    return vd_text_draw(text, canvas, frame.x, y);
}

static int draw_objects(GstVdCompose *self, GstBuffer *buffer, const VdCanvas *canvas)
{
    const GstVideoRegionOfInterestMeta *box;
    gpointer state = NULL;
    int error = draw_boxes(canvas->engine, buffer, KIND_OBJECT, object_colour, canvas->image);

    for (int i = 0;
         i < VDK_MAX_BOXES && error == 0 && (box = next_box(buffer, KIND_OBJECT, &state)) != NULL;
         i++)
        error = draw_label(self, box, canvas);
    return error;
}

static gint64 unix_time_of(GstVdCompose *self, GstBuffer *buffer)
{
    const GstReferenceTimestampMeta *meta =
        gst_buffer_get_reference_timestamp_meta(buffer, self->unix_time);

    return meta != NULL ? (gint64)meta->timestamp : VD_CAPTION_NO_TIME;
}

/* After other words, and on another GPU: the clock's characters too, though few are drawn yet. */
static int make_known(GstVdCompose *self, VdEngine *engine)
{
    if (vd_labels_is_full(&self->labels)) {
        vd_labels_set_size(&self->labels, self->labels.size);
        self->known_to = 0;
    }
    if (self->known_to == engine->made)
        return 0;
    engine->ops->forget(engine);
    int error = vd_clock_face_keep(self->caption.face, engine);
    if (error == 0)
        self->known_to = engine->made;
    return error;
}

static int draw(GstVdDrawing *drawing, VdEngine *engine, GstBuffer *buffer, VdkImage *image)
{
    GstVdCompose *self = GST_VD_COMPOSE(drawing);
    const GstVideoInfo *info = gst_vd_drawing_info(drawing);
    VdCanvas canvas = {engine, image, info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255};
    int error = make_known(self, engine);

    if (error == 0 && self->n_outline > 0)
        error = engine->ops->fill(engine, image, self->outline, self->n_outline, outline_colour);
    if (error == 0)
        error = vd_zone_marks_draw(&self->zones, &canvas);
    if (error == 0 && self->now[PART_BOXES])
        error = draw_boxes(engine, buffer, KIND_IGNORED, ignored_colour, image);
    if (error == 0 && self->now[PART_BOXES])
        error = draw_boxes(engine, buffer, KIND_MOTION, box_colour, image);
    if (error == 0 && self->now[PART_BOXES])
        error = draw_objects(self, buffer, &canvas);
    if (error != 0)
        return error;
    return vd_caption_draw(&self->caption, unix_time_of(self, buffer), &canvas);
}

/* --- class ----------------------------------------------------------------------------------- */

static void finalize(GObject *object)
{
    GstVdCompose *self = GST_VD_COMPOSE(object);

    for (int i = 0; i < N_WORDS; i++)
        g_free(self->words[i]);
    vd_caption_clear(&self->caption);
    g_free(self->outline);
    vd_zone_marks_clear(&self->zones);
    vd_labels_clear(&self->labels);
    gst_caps_unref(self->unix_time);
    G_OBJECT_CLASS(gst_vd_compose_parent_class)->finalize(object);
}

static void add_words(guint id, const char *name, const char *nick, const char *blurb)
{
    props[id] =
        g_param_spec_string(name, nick, blurb, "",
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
}

static void add_switch(guint id, const char *name, const char *nick, const char *blurb)
{
    props[id] = g_param_spec_boolean(name, nick, blurb, TRUE,
                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                         GST_PARAM_MUTABLE_PLAYING);
}

static void install_properties(GObjectClass *object_class)
{
    add_words(PROP_TITLE, "title", "Title", "The camera's name");
    add_words(PROP_STATE, "state", "State", "The camera's state");
    add_words(PROP_LINES, "lines", "Lines", "Lines in the middle of the picture");
    add_words(PROP_POLYGONS, "polygons", "Polygons",
              "Masks to outline: \"x,y x,y x,y; ...\" in 0..1 of the picture");
    add_words(PROP_ZONES, "zones", "Zones",
              "Zones to outline: \"NAME [ignore]: x,y x,y x,y; ...\" in 0..1 of the picture");
    add_switch(PROP_SHOW_TITLE, "show-title", "Show title", "Draw the title");
    add_switch(PROP_SHOW_TIME, "show-time", "Show time",
               "Draw the wall clock's time of the picture, when the buffer has one");
    add_switch(PROP_SHOW_STATE, "show-state", "Show state", "Draw the state");
    add_switch(PROP_SHOW_BOXES, "show-boxes", "Show boxes", "Draw boxes around what moves");
    add_switch(PROP_SHOW_MASKS, "show-masks", "Show masks", "Draw the polygons' outlines");
    add_switch(PROP_SHOW_ZONES, "show-zones", "Show zones", "Draw zones with their names");
    add_switch(PROP_ENABLED, "enabled", "Enabled", "Draw anything at all");
    g_object_class_install_properties(object_class, N_PROPS, props);
}

static void gst_vd_compose_class_init(GstVdComposeClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstVdDrawingClass *drawing_class = GST_VD_DRAWING_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_compose_debug, VD_COMPOSE_FACTORY, 0, "drawing");
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_properties(object_class);
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), "Composer",
                                          "Filter/Editor/Video",
                                          "Draws boxes, names, times and states", PACKAGE_NAME);
    drawing_class->resize = resize;
    drawing_class->prepare = prepare;
    drawing_class->draw = draw;
}

static void gst_vd_compose_init(GstVdCompose *self)
{
    for (int i = 0; i < N_PARTS; i++)
        self->parts[i] = TRUE;
    self->unix_time = gst_caps_new_empty_simple(VD_UNIX_TIME);
}
