#include "media/lane.h"

#include "base/clock.h"
#include "base/lock.h"
#include "config/tampers.h"
#include "media/decoder.h"
#include "media/flow.h"
#include "media/look.h"

#include <gst/video/video.h>

#define LATE_UNITS 2 /* waiting behind a frame, which a burst of two does not reach */

struct VdLane {
    VdLaneEvents events;
    void *data;

    /* [main] to write */
    VdGpuSeat *seat; /* (nullable) */
    const char *decoder;
    VdFlow *flow;
    VdIntake *intake;
    GstElement *motion; /* (nullable) */
    GstElement *tamper; /* (nullable) */
    GstElement *detect; /* (nullable) */

    /* [streaming thread] */
    GstCaps *raw;      /* of the newest frame */
    gint64 decoded_us; /* when the decoder put out the picture that is in work */
    guint64 measured;  /* as in VdFrame */
    VdQuality quality;
    bool accepted; /* the decoder has said what it makes, or it is told that it does not */

    VdLock lock;
    GstCaps *announce; /* [lock] (nullable) of the newest frame, not told yet */
    bool unsupported;  /* [lock] */
    bool refused;      /* [lock] not told yet */
};

/* [detection thread] */
static void take_objects(VdLane *lane, const GstStructure *found)
{
    g_autoptr(GBytes) bytes = NULL;
    guint64 pts = 0, cost_us = 0;
    gsize size = 0;

    gst_structure_get_uint64(found, VD_DETECT_PTS, &pts);
    gst_structure_get_uint64(found, VD_DETECT_COST, &cost_us);
    if (!gst_structure_get(found, VD_DETECT_OBJECTS, G_TYPE_BYTES, &bytes, NULL))
        return;
    const VdObject *each = g_bytes_get_data(bytes, &size);
    g_autoptr(VdObjects) objects = vd_objects_new(each, (guint)(size / sizeof *each), pts);
    lane->events.detected(lane, objects, cost_us, lane->data);
}

static void take_detector(VdLane *lane, const GstStructure *state)
{
    const GValue *classes = gst_structure_get_value(state, VD_DETECT_CLASSES);

    lane->events.detects(lane, gst_structure_get_string(state, VD_DETECT_WHY_NOT),
                         classes != NULL ? g_value_get_boxed(classes) : NULL, lane->data);
}

/* [streaming thread] */
static void take_quality(VdLane *lane, const GstStructure *found)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GBytes) scene = NULL;

    if (!gst_structure_get(found, VD_QUALITY_PTS, G_TYPE_UINT64, &lane->measured, VD_QUALITY_FOUND,
                           G_TYPE_BYTES, &bytes, NULL))
        return;
    lane->measured++;
    lane->quality = *(const VdQuality *)g_bytes_get_data(bytes, NULL);
    if (gst_structure_get(found, VD_QUALITY_REFERENCE, G_TYPE_BYTES, &scene, NULL))
        lane->events.learned(lane, scene, lane->data);
}

/* vdmotion and vdtamper post before they pass the frame on: what is said of it comes first. */
static void on_message(GstMessage *message, void *data)
{
    VdLane *lane = data;
    const GstStructure *found = gst_message_get_structure(message);
    guint64 cost_us = 0;

    if (gst_structure_has_name(found, VD_DETECT_MESSAGE))
        take_objects(lane, found);
    if (gst_structure_has_name(found, VD_DETECT_STATE))
        take_detector(lane, found);
    if (gst_structure_has_name(found, VD_QUALITY_MESSAGE))
        take_quality(lane, found);
    if (!gst_structure_has_name(found, VD_MOTION_MESSAGE))
        return;
    g_autoptr(VdReport) report = vd_look_report(found);
    gst_structure_get_uint64(found, VD_MOTION_COST, &cost_us);
    lane->events.looked(lane, report, cost_us, lane->data);
}

/* The first frame, or one unlike those before. */
static void take_caps(VdLane *lane, GstCaps *caps)
{
    if (lane->raw == caps)
        return;
    bool same = lane->raw != NULL && gst_caps_is_equal(lane->raw, caps);
    gst_caps_replace(&lane->raw, caps);
    if (same)
        return;
    vd_lock(&lane->lock);
    gst_caps_replace(&lane->announce, caps);
    vd_unlock(&lane->lock);
    vd_flow_tell(lane->flow);
}

static void on_sample(GstSample *sample, void *data)
{
    VdLane *lane = data;
    GstClockTime pts = GST_BUFFER_PTS(gst_sample_get_buffer(sample));
    g_autoptr(VdFrame) frame = vd_frame_new(gst_sample_ref(sample));
    VdUnitTimes times;

    vd_intake_claim(lane->intake, pts, &times);
    frame->captured_us = times.captured_us;
    frame->received_us = times.received_us;
    frame->decoded_us = vd_clock_now_us();
    frame->late = vd_flow_level(lane->flow) >= LATE_UNITS;
    frame->measured = lane->measured;
    frame->quality = lane->quality;
    lane->events.picture(lane, frame, times.old, lane->decoded_us - times.given_us, lane->data);
    take_caps(lane, gst_sample_get_caps(sample));
}

/* [streaming thread] The unit of a picture that goes no further has been answered for as well. */
static bool on_decoded(GstClockTime pts, void *data)
{
    VdLane *lane = data;
    VdUnitTimes times;

    lane->decoded_us = vd_clock_now_us();
    if (lane->events.decoded(lane, pts, lane->data))
        return true;
    vd_intake_claim(lane->intake, pts, &times);
    return false;
}

/* [streaming thread] */
static bool on_caps(GstCaps *caps, void *data)
{
    VdLane *lane = data;
    g_autoptr(GError) error = NULL;
    GstVideoInfo info;

    lane->accepted = true;
    if (vd_decoder_accepts(caps, &error) && gst_video_info_from_caps(&info, caps)) {
        vd_intake_set_fields(lane->intake, GST_VIDEO_INFO_IS_INTERLACED(&info));
        return true;
    }
    vd_lock(&lane->lock);
    lane->unsupported = true;
    vd_unlock(&lane->lock);
    vd_flow_fail(lane->flow, error->message);
    return false;
}

/* [streaming thread] A decoder knows what it will make once it has read the first key unit. */
static void on_drained(void *data)
{
    VdLane *lane = data;

    if (lane->accepted || lane->seat == NULL)
        return;
    lane->accepted = true;
    vd_lock(&lane->lock);
    lane->refused = true;
    vd_unlock(&lane->lock);
    vd_flow_tell(lane->flow);
}

/* [main] */
static void on_told(void *data)
{
    VdLane *lane = data;

    vd_lock(&lane->lock);
    g_autoptr(GstCaps) caps = g_steal_pointer(&lane->announce);
    bool refused = lane->refused;
    lane->refused = false;
    vd_unlock(&lane->lock);
    if (caps != NULL)
        lane->events.running(lane, caps, lane->data);
    else if (refused)
        lane->events.refused(lane, lane->data);
    else if (vd_intake_take_quiet(lane->intake))
        lane->events.quiet(lane, lane->data);
}

/* [main] */
static void on_failed(const char *text, void *data)
{
    VdLane *lane = data;

    vd_lock(&lane->lock);
    bool unsupported = lane->unsupported;
    vd_unlock(&lane->lock);
    lane->events.failed(lane, unsupported, text, lane->data);
}

static const VdFlowEvents flow_events = {
    .sample = on_sample,
    .message = on_message,
    .decoded = on_decoded,
    .caps = on_caps,
    .drained = on_drained,
    .told = on_told,
    .failed = on_failed,
};

/* [streaming thread] It may wait for the driver here, and nobody waits for it. */
static GstPadProbeReturn ask_memory(GstPad *pad, GstPadProbeInfo *info, void *number)
{
    vd_gpu_ask_memory(GPOINTER_TO_UINT(number));
    return GST_PAD_PROBE_OK;
}

static void watch_memory(VdLane *lane)
{
    GstElement *decoder = vd_flow_element(lane->flow, lane->decoder);
    g_autoptr(GstPad) pad = gst_element_get_static_pad(decoder, "src");

    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, ask_memory,
                      GINT_TO_POINTER(vd_gpu_seat_number(lane->seat)), NULL);
}

/* A camera's video does not depend on it: without the element it goes on. */
static bool can_detect(VdLane *lane, const VdCameraConfig *camera)
{
    if (camera->detector_model == NULL)
        return false;
    g_autoptr(GstElementFactory) factory = gst_element_factory_find(VD_DETECT_FACTORY);
    if (factory == NULL)
        lane->events.detects(lane, "vedette was built without ONNX Runtime", NULL, lane->data);
    return factory != NULL;
}

static void set_up_detect(VdLane *lane, const VdCameraConfig *camera)
{
    lane->detect = gst_object_ref(vd_flow_element(lane->flow, VD_DETECT_FACTORY));
    g_object_set(lane->detect, "model", camera->detector_model, "names", camera->detector_names,
                 "threads", camera->detector_threads, NULL);
}

static bool build(VdLane *lane, const VdCameraConfig *camera, GstCaps *caps, GError **error)
{
    VdGpuSeat *seat = lane->seat;
    guint n = 0;

    lane->decoder = seat != NULL ? vd_gpu_seat_decoder(seat) : vd_decoder_choose(caps, error);
    if (lane->decoder == NULL)
        return false;
    const char *factories[7] = {NULL};
    factories[n++] = lane->decoder;
    if (seat != NULL)
        factories[n++] = "video/x-raw(" VD_CUDA_MEMORY ")";
    factories[n++] = VD_MASK_FACTORY;
    if (camera->analysis) {
        factories[n++] = VD_MOTION_FACTORY;
        factories[n++] = VD_TAMPER_FACTORY;
    }
    bool detect = can_detect(lane, camera);
    if (detect)
        factories[n++] = VD_DETECT_FACTORY;
    lane->flow = vd_flow_new(factories, seat != NULL ? vd_gpu_seat_context(seat) : NULL,
                             &flow_events, lane, error);
    if (lane->flow == NULL)
        return false;
    vd_decoder_set_up(vd_flow_element(lane->flow, lane->decoder));
    if (seat != NULL)
        watch_memory(lane);
    if (detect)
        set_up_detect(lane, camera);
    if (!camera->analysis)
        return true;
    lane->motion = gst_object_ref(vd_flow_element(lane->flow, VD_MOTION_FACTORY));
    lane->tamper = gst_object_ref(vd_flow_element(lane->flow, VD_TAMPER_FACTORY));
    g_object_set(lane->motion, "analysis-width", camera->analysis_width, NULL);
    return true;
}

VdLane *vd_lane_new(const VdCameraConfig *camera, GstCaps *caps, VdGpuSeat *seat,
                    const VdLaneEvents *events, void *data, GError **error)
{
    VdLane *lane = g_new0(VdLane, 1);

    lane->events = *events;
    lane->data = data;
    lane->seat = seat;
    vd_lock_init(&lane->lock);
    if (!build(lane, camera, caps, error)) {
        vd_lane_free(lane);
        return NULL;
    }
    vd_lane_configure(lane, camera);
    lane->intake = vd_intake_new(lane->flow, caps);
    if (seat != NULL)
        vd_intake_expect_pictures(lane->intake);
    return lane;
}

/* [main] Its elements may say so much later. */
static void on_lost(void *data)
{
    VdLane *lane = data;

    lane->events.failed(lane, false, "the GPU is lost", lane->data);
}

void vd_lane_remember(VdLane *lane, GBytes *scene)
{
    if (lane->tamper != NULL)
        g_signal_emit_by_name(lane->tamper, VD_TAMPER_RESTORE, scene);
}

void vd_lane_start(VdLane *lane, VdRing *ring)
{
    if (lane->seat != NULL)
        vd_gpu_seat_watch(lane->seat, on_lost, lane);
    vd_flow_start(lane->flow);
    vd_intake_start(lane->intake, ring);
}

void vd_lane_free(VdLane *lane)
{
    if (lane == NULL)
        return;
    if (lane->intake != NULL)
        vd_intake_stop(lane->intake);
    if (lane->flow != NULL)
        vd_flow_close(lane->flow);
    vd_intake_free(lane->intake);
    vd_flow_unref(lane->flow);
    gst_clear_object(&lane->motion);
    gst_clear_object(&lane->tamper);
    gst_clear_object(&lane->detect);
    vd_gpu_leave(lane->seat);
    gst_clear_caps(&lane->raw);
    gst_clear_caps(&lane->announce);
    vd_lock_clear(&lane->lock);
    g_free(lane);
}

void vd_lane_configure(VdLane *lane, const VdCameraConfig *camera)
{
    VdTamperWish wish = vd_tampers_wish(camera);

    vd_look_set_up(vd_flow_element(lane->flow, VD_MASK_FACTORY), lane->motion, camera);
    if (lane->tamper != NULL)
        g_object_set(lane->tamper, "enabled", wish.kinds != 0, NULL);
    if (lane->detect != NULL)
        g_object_set(lane->detect, "detect-fps", camera->detect_fps, "min-score",
                     camera->detect_min_score / 100.0, "budget", camera->detect_budget, "classes",
                     camera->detect_classes, NULL);
}

const char *vd_lane_decoder(const VdLane *lane)
{
    return lane->decoder;
}

VdGpuSeat *vd_lane_seat(const VdLane *lane)
{
    return lane->seat;
}

int vd_lane_gpu(const VdLane *lane)
{
    return lane->seat != NULL ? vd_gpu_seat_number(lane->seat) : -1;
}

char *vd_lane_place(int gpu)
{
    return gpu >= 0 ? g_strdup_printf("GPU %d", gpu) : g_strdup("the CPU");
}

guint64 vd_lane_gpu_memory(VdLane *lane)
{
    if (lane->seat == NULL)
        return 0;
    return vd_decoder_gpu_memory(vd_flow_element(lane->flow, lane->decoder)) +
           vd_flow_gpu_memory(lane->flow);
}

void vd_lane_intake(VdLane *lane, VdIntakeStats *stats)
{
    vd_intake_stats(lane->intake, stats);
}

GstElement *vd_lane_motion(VdLane *lane)
{
    return lane->motion != NULL ? gst_object_ref(lane->motion) : NULL;
}

void vd_lane_go_on_from(VdLane *lane, GstElement *motion)
{
    g_autoptr(GBytes) saved = NULL;

    if (lane->motion == NULL)
        return;
    g_signal_emit_by_name(motion, VD_MOTION_SAVE, &saved);
    if (saved != NULL)
        g_signal_emit_by_name(lane->motion, VD_MOTION_RESTORE, saved);
}
