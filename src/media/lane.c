#include "media/lane.h"

#include "base/clock.h"
#include "base/lock.h"
#include "config/polygons.h"
#include "media/decoder.h"
#include "media/flow.h"

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

    /* [streaming thread] */
    GstCaps *raw; /* of the newest frame */

    VdLock lock;
    GstCaps *announce; /* [lock] (nullable) of the newest frame, not told yet */
    bool unsupported;  /* [lock] */
};

static VdReport *report_from(const GstStructure *found)
{
    const VdBox *boxes = NULL;
    gboolean primed = FALSE;
    GBytes *bytes = NULL;
    gsize size = 0;

    gst_structure_get(found, VD_MOTION_BOXES, G_TYPE_BYTES, &bytes, NULL);
    if (bytes != NULL)
        boxes = g_bytes_get_data(bytes, &size);
    VdReport *report = vd_report_new(boxes, (guint)(size / sizeof *boxes));
    gst_structure_get_uint64(found, VD_MOTION_PTS, &report->pts);
    gst_structure_get_double(found, VD_MOTION_SHARE, &report->share);
    gst_structure_get_double(found, VD_MOTION_NOISE, &report->noise);
    gst_structure_get_boolean(found, VD_MOTION_PRIMED, &primed);
    report->primed = primed;
    g_clear_pointer(&bytes, g_bytes_unref);
    return report;
}

/* vdmotion posts before it passes the frame on: of each frame, its report comes first. */
static void on_message(GstMessage *message, void *data)
{
    VdLane *lane = data;
    const GstStructure *found = gst_message_get_structure(message);
    guint64 cost_us = 0;

    if (!gst_structure_has_name(found, VD_MOTION_MESSAGE))
        return;
    g_autoptr(VdReport) report = report_from(found);
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
    lane->events.picture(lane, frame, times.old, lane->data);
    take_caps(lane, gst_sample_get_caps(sample));
}

/* [streaming thread] The unit of a picture that goes no further has been answered for as well. */
static bool on_decoded(GstClockTime pts, void *data)
{
    VdLane *lane = data;
    VdUnitTimes times;

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

/* [main] */
static void on_told(void *data)
{
    VdLane *lane = data;

    vd_lock(&lane->lock);
    g_autoptr(GstCaps) caps = g_steal_pointer(&lane->announce);
    vd_unlock(&lane->lock);
    if (caps != NULL)
        lane->events.running(lane, caps, lane->data);
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
    .told = on_told,
    .failed = on_failed,
};

static bool build(VdLane *lane, const VdCameraConfig *camera, GstCaps *caps, GError **error)
{
    VdGpuSeat *seat = lane->seat;

    lane->decoder = seat != NULL ? vd_gpu_seat_decoder(seat) : vd_decoder_choose(caps, error);
    if (lane->decoder == NULL)
        return false;
    const char *factories[] = {
        lane->decoder,
        seat != NULL ? "video/x-raw(" VD_CUDA_MEMORY ")" : VD_MASK_FACTORY,
        seat != NULL ? VD_MASK_FACTORY : NULL,
        NULL,
        NULL,
    };
    if (camera->analysis)
        factories[seat != NULL ? 3 : 2] = VD_MOTION_FACTORY;
    lane->flow = vd_flow_new(factories, seat != NULL ? vd_gpu_seat_context(seat) : NULL,
                             &flow_events, lane, error);
    if (lane->flow == NULL)
        return false;
    vd_decoder_set_up(vd_flow_element(lane->flow, lane->decoder));
    if (!camera->analysis)
        return true;
    lane->motion = gst_object_ref(vd_flow_element(lane->flow, VD_MOTION_FACTORY));
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

void vd_lane_start(VdLane *lane, VdRing *ring)
{
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
    vd_gpu_leave(lane->seat);
    gst_clear_caps(&lane->raw);
    gst_clear_caps(&lane->announce);
    vd_lock_clear(&lane->lock);
    g_free(lane);
}

void vd_lane_configure(VdLane *lane, const VdCameraConfig *camera)
{
    GstElement *mask = vd_flow_element(lane->flow, VD_MASK_FACTORY);
    g_autofree char *polygons = vd_polygons_text(camera->masks, camera->n_masks);

    g_object_set(mask, "polygons", polygons, NULL);
    gst_util_set_object_arg(G_OBJECT(mask), "style",
                            camera->mask_style == VD_MASK_PIXELATE ? "pixelate" : "fill");
    if (lane->motion != NULL)
        g_object_set(lane->motion, "analysis-fps", camera->analysis_fps, "threshold",
                     camera->motion_threshold, "min-area", camera->motion_min_area, NULL);
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
