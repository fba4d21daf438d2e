#include "media/encode.h"

#include "base/clock.h"
#include "base/lock.h"
#include "config/foot.h"
#include "config/polygons.h"
#include "media/flow.h"
#include "media/mp4.h"
#include "media/video-encoder.h"

#include <gst/pbutils/codec-utils.h>
#include <gst/video/video.h>
#include <string.h>

#define FULL      65536 /* of a VdBox's coordinates */
#define USUAL_FPS 25

/* When the picture in work went which way; the pipeline may outlive the encoder. Counted. */
typedef struct Watch {
    VdStages *stages; /* (nullable) */
    gint64 put_us;    /* when it was put in; 0: a card, or nothing. As the step */
    gint64 drawn_us;  /* [streaming thread] when it had been drawn */
} Watch;

struct VdEncode {
    gatomicrefcount refs;
    VdRendition rendition;
    VdEncodeEvents events;
    void *data;
    VdFlow *flow;
    GstElement *filter, *compose;
    GstElement *video;  /* (nullable) a video's encoder */
    GstCaps *unix_time; /* of the meta that carries the capture time */
    VdStep step;        /* of the picture that is put in; whoever has it in work reads it */
    Watch *watch;
    GstCaps *coded;  /* [streaming thread] (nullable) the newest of what comes out */
    GBytes *opening; /* [streaming thread] (nullable) made from that */

    VdLock lock;
    VdCameraConfig *camera; /* [lock] */
    bool changed;           /* [lock] compose does not know this camera yet */
    bool card;              /* [lock] compose is set up for one */
    GstCaps *caps;          /* [lock] (nullable) of the newest picture */
    char *codecs;           /* [lock] (nullable) */
};

/* What has to be done before a picture goes in, found under the lock and done after it. */
typedef struct Plan {
    VdCameraConfig *camera; /* (nullable) compose is set up anew */
    VdZones *zones;         /* (nullable) by which boxes count */
    bool card;
    bool lines;    /* they change */
    bool new_caps; /* the flow and the filter get new ones */
} Plan;

typedef struct Mapped {
    GstBuffer *buffer;
    GstMapInfo map;
} Mapped;

static void unmap(void *data)
{
    Mapped *mapped = data;

    gst_buffer_unmap(mapped->buffer, &mapped->map);
    gst_buffer_unref(mapped->buffer);
    g_free(mapped);
}

/* The bytes of the buffer, which lives as long as they do. NULL when it cannot be read. */
static GBytes *bytes_of(GstBuffer *buffer)
{
    Mapped *mapped = g_new0(Mapped, 1);

    if (!gst_buffer_map(buffer, &mapped->map, GST_MAP_READ)) {
        g_free(mapped);
        return NULL;
    }
    mapped->buffer = gst_buffer_ref(buffer);
    return g_bytes_new_with_free_func(mapped->map.data, mapped->map.size, unmap, mapped);
}

/* The decoder's configuration in the caps, (transfer full), or NULL. */
static GBytes *config_of(const GstStructure *structure)
{
    const GValue *value = gst_structure_get_value(structure, "codec_data");

    return value != NULL ? bytes_of(gst_value_get_buffer(value)) : NULL;
}

/* (nullable) GStreamer knows only those whose parameter sets lie outside. */
static char *codecs_of(VdCodec codec, GstCaps *caps)
{
    g_autofree char *outside = gst_codec_utils_caps_get_mime_codec(caps);
    const char *profile = outside != NULL ? strchr(outside, '.') : NULL;

    return profile != NULL ? g_strconcat(vd_mp4_entry(codec), profile, NULL) : NULL;
}

/* A video's parameters are new, and so is what it begins with. */
static void take_coded(VdEncode *encode, GstCaps *caps, const VdEncoded *encoded)
{
    g_autoptr(GBytes) config = config_of(gst_caps_get_structure(caps, 0));
    VdMp4Track track = {encode->rendition.codec, encoded->width, encoded->height, config};

    g_clear_pointer(&encode->opening, g_bytes_unref);
    if (config != NULL)
        encode->opening = vd_mp4_opening(&track);
    gst_caps_replace(&encode->coded, caps);
    char *codecs = codecs_of(encode->rendition.codec, caps);
    vd_lock(&encode->lock);
    char *before = encode->codecs;
    encode->codecs = codecs;
    vd_unlock(&encode->lock);
    g_free(before);
}

/* The unit as a fragment; without anything to begin with it is of no use. */
static void take_unit(VdEncode *encode, GstSample *sample, VdEncoded *encoded)
{
    GstCaps *caps = gst_sample_get_caps(sample);
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    g_autoptr(GBytes) unit = bytes_of(buffer);
    gsize size;

    if (encode->coded == NULL || !gst_caps_is_equal(encode->coded, caps))
        take_coded(encode, caps, encoded);
    encoded->delta = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (unit == NULL || encode->opening == NULL)
        return;
    const void *bytes = g_bytes_get_data(unit, &size);
    encoded->opening = encode->opening;
    encoded->bytes = vd_mp4_fragment(&encode->step, encoded->delta, bytes, size);
}

static void on_sample(GstSample *sample, void *data)
{
    VdEncode *encode = data;
    const GstStructure *structure = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
    VdEncoded encoded = {0};

    gst_structure_get_int(structure, "width", &encoded.width);
    gst_structure_get_int(structure, "height", &encoded.height);
    if (encode->video != NULL)
        take_unit(encode, sample, &encoded);
    else
        encoded.bytes = bytes_of(gst_sample_get_buffer(sample));
    const Watch *watch = encode->watch;
    if (watch->put_us != 0)
        vd_stages_observe(watch->stages, VD_STAGE_ENCODE, vd_clock_now_us() - watch->drawn_us);
    encode->events.done(&encoded, encode->data);
    g_bytes_unref(encoded.bytes);
}

/* [streaming thread] */
static GstPadProbeReturn on_drawn(GstPad *pad, GstPadProbeInfo *info, void *data)
{
    Watch *watch = data;

    watch->drawn_us = vd_clock_now_us();
    if (watch->put_us != 0)
        vd_stages_observe(watch->stages, VD_STAGE_DRAW, watch->drawn_us - watch->put_us);
    return GST_PAD_PROBE_OK;
}

static void clear_watch(void *watch)
{
    vd_stages_unref(((Watch *)watch)->stages);
}

static void unref_watch(void *watch)
{
    g_atomic_rc_box_release_full(watch, clear_watch);
}

static void watch_drawing(VdEncode *encode)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(encode->compose, "src");

    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_drawn,
                      g_atomic_rc_box_acquire(encode->watch), unref_watch);
}

static void on_message(GstMessage *message, void *data)
{
    VdEncode *encode = data;

    if (vd_video_encoder_is_news(message))
        vd_flow_tell(encode->flow);
}

static void on_told(void *data)
{
    VdEncode *encode = data;

    encode->events.encoder(encode->data);
}

static void on_failed(const char *text, void *data)
{
    VdEncode *encode = data;

    encode->events.failed(text, encode->data);
}

static const VdFlowEvents flow_events = {
    .sample = on_sample, .message = on_message, .told = on_told, .failed = on_failed};

enum { CHAIN = 7 };

/* False when an element is missing. */
static bool fill_chain(const char *chain[CHAIN], VdCodec codec, GError **error)
{
    guint n = 0;

    chain[n++] = VD_SCALE_FACTORY;
    chain[n++] = "capsfilter";
    chain[n++] = VD_COMPOSE_FACTORY;
    if (codec == VD_CODEC_JPEG) {
        chain[n++] = VD_JPEGENC_FACTORY;
    } else {
        const VdVideoEncoder *encoder = vd_video_encoder_find(codec, error);

        if (encoder == NULL)
            return false;
        chain[n++] = encoder->factory;
        chain[n++] = encoder->parser;
        chain[n++] = encoder->caps;
    }
    chain[n] = NULL;
    return true;
}

static void set_up(VdEncode *encode, const char *encoder)
{
    const VdRendition *rendition = &encode->rendition;
    GstElement *element = vd_flow_element(encode->flow, encoder);

    encode->filter = gst_object_ref(vd_flow_element(encode->flow, "capsfilter"));
    encode->compose = gst_object_ref(vd_flow_element(encode->flow, VD_COMPOSE_FACTORY));
    encode->unix_time = gst_caps_new_empty_simple(VD_UNIX_TIME);
    if (rendition->codec != VD_CODEC_JPEG) {
        encode->video = gst_object_ref(element);
        vd_video_encoder_set_up(element, rendition->bitrate, VD_KEY_PICTURES);
    } else {
        g_object_set(element, "quality", rendition->quality, NULL);
    }
}

VdEncode *vd_encode_new(const VdCameraConfig *camera, const VdRendition *rendition,
                        VdStages *stages, const VdEncodeEvents *events, void *data, GError **error)
{
    const char *chain[CHAIN];

    if (!fill_chain(chain, rendition->codec, error))
        return NULL;
    VdEncode *encode = g_new0(VdEncode, 1);
    g_atomic_ref_count_init(&encode->refs);
    encode->rendition = *rendition;
    encode->watch = g_atomic_rc_box_new0(Watch);
    encode->watch->stages = vd_stages_ref(stages);
    encode->events = *events;
    encode->data = data;
    vd_lock_init(&encode->lock);
    encode->flow = vd_flow_new(chain, NULL, &flow_events, encode, error);
    if (encode->flow == NULL) {
        vd_encode_unref(encode);
        return NULL;
    }
    set_up(encode, chain[3]);
    watch_drawing(encode);
    vd_encode_configure(encode, camera);
    vd_flow_start(encode->flow);
    return encode;
}

void vd_encode_close(VdEncode *encode)
{
    vd_flow_close(encode->flow);
}

VdEncode *vd_encode_ref(VdEncode *encode)
{
    g_atomic_ref_count_inc(&encode->refs);
    return encode;
}

void vd_encode_unref(VdEncode *encode)
{
    if (encode == NULL || !g_atomic_ref_count_dec(&encode->refs))
        return;
    vd_flow_unref(encode->flow);
    gst_clear_object(&encode->filter);
    gst_clear_object(&encode->compose);
    gst_clear_object(&encode->video);
    gst_clear_caps(&encode->coded);
    g_bytes_unref(encode->opening);
    unref_watch(encode->watch);
    g_free(encode->codecs);
    gst_clear_caps(&encode->unix_time);
    gst_clear_caps(&encode->caps);
    vd_camera_config_unref(encode->camera);
    vd_lock_clear(&encode->lock);
    g_free(encode);
}

void vd_encode_configure(VdEncode *encode, const VdCameraConfig *camera)
{
    VdCameraConfig *now = vd_camera_config_ref((VdCameraConfig *)camera);

    if (encode->video != NULL)
        vd_video_encoder_allow_gpu(encode->video, !g_str_equal(camera->gpu, "off"));
    vd_lock(&encode->lock);
    VdCameraConfig *before = encode->camera;
    encode->camera = now;
    encode->changed = true;
    vd_unlock(&encode->lock);
    vd_camera_config_unref(before);
}

void vd_encode_set_state(VdEncode *encode, const char *state)
{
    g_object_set(encode->compose, "state", state, NULL);
}

guint64 vd_encode_drained(VdEncode *encode)
{
    return vd_flow_drained(encode->flow);
}

void vd_encode_fail(VdEncode *encode, const char *text)
{
    vd_flow_fail(encode->flow, text);
}

void vd_encode_tell(VdEncode *encode, VdEncoderFacts *facts)
{
    vd_lock(&encode->lock);
    facts->on_gpu =
        encode->caps != NULL &&
        gst_caps_features_contains(gst_caps_get_features(encode->caps, 0), VD_CUDA_MEMORY);
    facts->codecs = g_strdup(encode->codecs);
    vd_unlock(&encode->lock);
    facts->gpu_memory = vd_flow_gpu_memory(encode->flow);
    if (encode->video != NULL)
        vd_video_encoder_tell(encode->video, facts);
    else
        facts->name = g_strdup(VD_JPEGENC_FACTORY);
}

void vd_encode_size(const VdRendition *rendition, int width, int height, int *out_width,
                    int *out_height)
{
    *out_width = width;
    *out_height = height;
    if (rendition->width <= 0 || rendition->width >= width) {
        if (rendition->codec != VD_CODEC_JPEG) {
            *out_width = MAX(width & ~1, 2);
            *out_height = MAX(height & ~1, 2);
        }
        return;
    }
    *out_width = MAX(rendition->width & ~1, 2);
    gint64 exact = gst_util_uint64_scale_int_round((guint64)*out_width, height, width);
    *out_height = MAX((int)((exact + 1) & ~1), 2);
}

static Plan make_plan(VdEncode *encode, GstCaps *caps, bool card)
{
    Plan plan = {.card = card};

    vd_lock(&encode->lock);
    if (encode->changed || card != encode->card)
        plan.camera = vd_camera_config_ref(encode->camera);
    plan.zones = vd_zones_ref(encode->camera->zones);
    plan.lines = card || encode->card;
    plan.new_caps = gst_caps_replace(&encode->caps, caps);
    encode->changed = false;
    encode->card = card;
    vd_unlock(&encode->lock);
    return plan;
}

/*
 * These caps with a rate (transfer full): a video's encoder shares its bits out by it, and may keep
 * a picture back where there is none.
 */
static GstCaps *with_rate(const GstCaps *caps, int fps)
{
    GstCaps *copy = gst_caps_copy(caps);
    const GstStructure *structure = gst_caps_get_structure(copy, 0);
    int own = 0, per = 1;

    gst_structure_get_fraction(structure, "framerate", &own, &per);
    if (fps > 0 || own <= 0)
        gst_caps_set_simple(copy, "framerate", GST_TYPE_FRACTION, fps > 0 ? fps : USUAL_FPS, 1,
                            NULL);
    return copy;
}

/* The filter asks for the size that pictures of these caps come out in, in the same memory. */
static void give_caps(VdEncode *encode, GstCaps *caps)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    int width, height;

    if (!gst_structure_get_int(structure, "width", &width) ||
        !gst_structure_get_int(structure, "height", &height))
        return;
    vd_encode_size(&encode->rendition, width, height, &width, &height);
    g_autoptr(GstCaps) wanted = gst_caps_new_simple("video/x-raw", "width", G_TYPE_INT, width,
                                                    "height", G_TYPE_INT, height, NULL);
    gst_caps_set_features_simple(wanted, gst_caps_features_copy(gst_caps_get_features(caps, 0)));
    g_object_set(encode->filter, "caps", wanted, NULL);
    g_autoptr(GstCaps) given = with_rate(caps, encode->rendition.fps);
    vd_flow_set_caps(encode->flow, given);
}

/* A card is its lines: what the camera shows in its pictures has no place there. */
static void configure_compose(VdEncode *encode, const VdCameraConfig *camera, bool card)
{
    g_autofree char *polygons = vd_polygons_text(camera->masks, camera->n_masks);
    g_autofree char *zones = vd_zones_text(camera->zones);

    /* clang-format off */
    g_object_set(encode->compose,
                 "title", camera->name,
                 "polygons", polygons,
                 "zones", zones,
                 "show-title", camera->show_name && !card,
                 "show-time", camera->show_time && !card,
                 "show-state", camera->show_state && !card,
                 "show-boxes", camera->show_boxes && !card,
                 "show-masks", camera->show_masks && !card,
                 "show-zones", camera->show_zones && !card,
                 "enabled", encode->rendition.annotate || card,
                 NULL);
    /* clang-format on */
}

static void follow_plan(VdEncode *encode, Plan *plan, GstCaps *caps, const char *lines)
{
    if (plan->new_caps)
        give_caps(encode, caps);
    if (plan->camera != NULL)
        configure_compose(encode, plan->camera, plan->card);
    g_clear_pointer(&plan->camera, vd_camera_config_unref);
    if (plan->lines)
        g_object_set(encode->compose, "lines", lines != NULL ? lines : "", NULL);
}

static guint scaled(int part, int whole)
{
    return (guint)(((gint64)MAX(part, 0) * whole + FULL / 2) / FULL);
}

static void size_of(GstCaps *caps, int *width, int *height)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);

    gst_structure_get_int(structure, "width", width);
    gst_structure_get_int(structure, "height", height);
}

/* A model's classes are few, and so are these types. */
static void add_objects(GstBuffer *buffer, const VdObjects *objects, GstCaps *caps)
{
    int width = 0, height = 0;

    size_of(caps, &width, &height);
    for (guint i = 0; i < objects->n; i++) {
        const VdObject *object = &objects->each[i];
        g_autofree char *type = g_strconcat(VD_ROI_OBJECT, object->name, NULL);

        gst_buffer_add_video_region_of_interest_meta(
            buffer, type, scaled(object->x, width), scaled(object->y, height),
            scaled(object->width, width), scaled(object->height, height));
    }
}

/* zones: (nullable) */
static void add_boxes(GstBuffer *buffer, const VdReport *report, const VdZones *zones,
                      GstCaps *caps)
{
    int width = 0, height = 0;

    size_of(caps, &width, &height);
    for (guint i = 0; i < report->n_boxes; i++) {
        const VdBox *box = &report->boxes[i];
        bool counts = vd_foot_zones(zones, box->x, box->y, box->width, box->height) != 0;

        gst_buffer_add_video_region_of_interest_meta(
            buffer, counts ? VD_ROI_MOTION : VD_ROI_IGNORED, scaled(box->x, width),
            scaled(box->y, height), scaled(box->width, width), scaled(box->height, height));
    }
}

/* The frame belongs to others too: a new header over the same memory carries what is ours. */
void vd_encode_put(VdEncode *encode, GstSample *sample, const VdDrawing *drawing)
{
    GstCaps *caps = gst_sample_get_caps(sample);
    GstBuffer *buffer = gst_buffer_copy(gst_sample_get_buffer(sample));
    Plan plan = make_plan(encode, caps, drawing->lines != NULL);

    follow_plan(encode, &plan, caps, drawing->lines);
    encode->step = drawing->step;
    encode->watch->put_us = drawing->lines == NULL ? vd_clock_now_us() : 0;
    GST_BUFFER_PTS(buffer) = (GstClockTime)drawing->step.at_us * 1000;
    if (drawing->key && encode->video != NULL)
        vd_video_encoder_want_key(encode->video);
    if (drawing->lines == NULL && encode->rendition.annotate) {
        gst_buffer_add_reference_timestamp_meta(buffer, encode->unix_time,
                                                (GstClockTime)drawing->captured_us * 1000,
                                                GST_CLOCK_TIME_NONE);
        if (drawing->report != NULL)
            add_boxes(buffer, drawing->report, plan.zones, caps);
        if (drawing->objects != NULL)
            add_objects(buffer, drawing->objects, caps);
    }
    vd_zones_unref(plan.zones);
    vd_flow_push(encode->flow, buffer);
}
