/**
 * SECTION:element-vdmask
 * @title: vdmask
 * @short_description: makes parts of the picture unrecognisable
 *
 * Fills the polygons with black or makes them coarse, in place, before anybody else sees the
 * picture. Without polygons buffers pass untouched. Polygons that cannot be read hide the whole
 * picture: showing what should have been hidden is the worse mistake. Pictures in CUDA memory
 * (I420, NV12) are masked there.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=5 ! vdmask polygons="0,0 1,0 0.5,0.5" ! fakesink
 * ]|
 * On a machine with an NVIDIA GPU, in its memory:
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=5 ! cudaupload ! "video/x-raw(memory:CUDAMemory)" ! \
 *     vdmask polygons="0,0 1,0 0.5,0.5" ! fakesink
 * ]|
 */
#include "plugins/gstvdmask.h"

#include "plugins/vd-elements.h"
#include "plugins/vd-messages.h"
#include "plugins/vd-polygons.h"

GST_DEBUG_CATEGORY_STATIC(vd_mask_debug);
#define GST_CAT_DEFAULT vd_mask_debug

#define SMALLEST_BLOCK  4
#define LARGEST_BLOCK   256
#define WHOLE_PICTURE   "0,0 1,0 1,1 0,1"

enum { PROP_0, PROP_POLYGONS, PROP_STYLE, PROP_BLOCK, N_PROPS };

typedef enum Style { STYLE_FILL, STYLE_PIXELATE } Style;

struct _GstVdMask {
    GstVdDrawing parent;

    char *text;       /* [object lock] */
    Style style;      /* [object lock] */
    int block;        /* [object lock] */
    gboolean changed; /* [object lock] the polygons */

    /* [streaming thread] */
    VdPolygons *polygons;
    VdkSpan *spans;
    size_t n_spans;
    Style now_style;
    int now_block;
    gboolean stale;   /* spans are of another size or of other polygons */
    gboolean renewed; /* they are not those that the engine knows */
};

static GParamSpec *props[N_PROPS];

G_DEFINE_TYPE(GstVdMask, gst_vd_mask, GST_TYPE_VD_DRAWING)
GST_ELEMENT_REGISTER_DEFINE(vdmask, VD_MASK_FACTORY, GST_RANK_NONE, GST_TYPE_VD_MASK)

/* --- properties ------------------------------------------------------------------------------ */

static GType style_type(void)
{
    static const GEnumValue values[] = {
        {STYLE_FILL, "Black", "fill"},
        {STYLE_PIXELATE, "Coarse blocks", "pixelate"},
        {0, NULL, NULL},
    };
    static gsize type;

    if (g_once_init_enter(&type))
        g_once_init_leave(&type, g_enum_register_static("GstVdMaskStyle", values));
    return type;
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    GstVdMask *self = GST_VD_MASK(object);

    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_POLYGONS:
        g_free(self->text);
        self->text = g_value_dup_string(value);
        self->changed = TRUE;
        break;
    case PROP_STYLE:
        self->style = (Style)g_value_get_enum(value);
        break;
    case PROP_BLOCK:
        self->block = g_value_get_int(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    GstVdMask *self = GST_VD_MASK(object);

    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_POLYGONS:
        g_value_set_string(value, self->text != NULL ? self->text : "");
        break;
    case PROP_STYLE:
        g_value_set_enum(value, (int)self->style);
        break;
    case PROP_BLOCK:
        g_value_set_int(value, self->block);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

/* --- pictures -------------------------------------------------------------------------------- */

static void resize(GstVdDrawing *drawing, const GstVideoInfo *info)
{
    GST_VD_MASK(drawing)->stale = TRUE;
}

static void take_polygons(GstVdMask *self, const char *text)
{
    g_clear_pointer(&self->polygons, vd_polygons_free);
    self->polygons = vd_polygons_parse(text);
    if (self->polygons == NULL) {
        GST_WARNING_OBJECT(self, "polygons \"%s\" cannot be read, hiding the whole picture", text);
        self->polygons = vd_polygons_parse(WHOLE_PICTURE);
    }
    self->stale = TRUE;
}

static void take_settings(GstVdMask *self)
{
    g_autofree char *text = NULL;

    GST_OBJECT_LOCK(self);
    bool changed = self->changed || self->polygons == NULL;
    if (changed)
        text = g_strdup(self->text);
    self->changed = FALSE;
    self->now_style = self->style;
    self->now_block = self->block;
    GST_OBJECT_UNLOCK(self);
    if (changed)
        take_polygons(self, text);
}

static gboolean prepare(GstVdDrawing *drawing, GstBuffer *buffer)
{
    GstVdMask *self = GST_VD_MASK(drawing);
    const GstVideoInfo *info = gst_vd_drawing_info(drawing);

    take_settings(self);
    if (self->stale) {
        g_free(self->spans);
        self->spans =
            vd_polygons_spans(self->polygons, 0, info->width, info->height, &self->n_spans);
        self->stale = FALSE;
        self->renewed = TRUE;
    }
    return self->n_spans > 0;
}

static int draw(GstVdDrawing *drawing, VdEngine *engine, GstBuffer *buffer, VdkImage *image)
{
    GstVdMask *self = GST_VD_MASK(drawing);
    int block = self->now_block > 0 ? self->now_block : image->luma.width / 32;
    bool full_range =
        gst_vd_drawing_info(drawing)->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    const VdkColour black = {full_range ? 0 : 16, 128, 128};

    if (self->renewed)
        engine->ops->forget(engine);
    self->renewed = FALSE;
    if (self->now_style == STYLE_FILL)
        return engine->ops->fill(engine, image, self->spans, self->n_spans, black);
    return engine->ops->pixelate(engine, image, self->spans, self->n_spans,
                                 CLAMP(block, SMALLEST_BLOCK, LARGEST_BLOCK));
}

/* --- class ----------------------------------------------------------------------------------- */

static void finalize(GObject *object)
{
    GstVdMask *self = GST_VD_MASK(object);

    g_free(self->text);
    g_free(self->spans);
    vd_polygons_free(self->polygons);
    G_OBJECT_CLASS(gst_vd_mask_parent_class)->finalize(object);
}

static void install_properties(GObjectClass *object_class)
{
    GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING;

    props[PROP_POLYGONS] =
        g_param_spec_string("polygons", "Polygons",
                            "What to hide: \"x,y x,y x,y; ...\" in 0..1 of the picture", "", flags);
    props[PROP_STYLE] =
        g_param_spec_enum("style", "Style", "How to hide it", style_type(), STYLE_FILL, flags);
    props[PROP_BLOCK] = g_param_spec_int(
        "block", "Block", "Pixels along the edge of a coarse block, at least 4; 0: width/32", 0,
        LARGEST_BLOCK, 0, flags);
    g_object_class_install_properties(object_class, N_PROPS, props);
}

static void gst_vd_mask_class_init(GstVdMaskClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstVdDrawingClass *drawing_class = GST_VD_DRAWING_CLASS(klass);

    GST_DEBUG_CATEGORY_INIT(vd_mask_debug, VD_MASK_FACTORY, 0, "privacy masks");
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    install_properties(object_class);
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), "Privacy mask",
                                          "Filter/Effect/Video", "Hides polygons of the picture",
                                          PACKAGE_NAME);
    gst_type_mark_as_plugin_api(style_type(), 0);
    drawing_class->resize = resize;
    drawing_class->prepare = prepare;
    drawing_class->draw = draw;
}

static void gst_vd_mask_init(GstVdMask *self)
{
}
