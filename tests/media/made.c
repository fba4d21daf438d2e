#include "made.h"

#include "base/clock.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <string.h>

#define AHEAD      6  /* units under way at once */
#define PATIENCE_S 90 /* a hang, on however slow a machine */

guint8 made_number_grey(guint i)
{
    return (guint8)(30 + i * 7 % 190);
}

static void fill(GstVideoFrame *frame, guint plane, int x, int y, int width, int height, int value)
{
    int stride = GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane);
    guint8 *data = GST_VIDEO_FRAME_PLANE_DATA(frame, plane);
    bool deep = GST_VIDEO_FRAME_COMP_DEPTH(frame, 0) > 8;

    for (int row = y; row < y + height; row++)
        for (int column = x; column < x + width; column++) {
            if (deep)
                GST_WRITE_UINT16_LE(data + row * stride + 2 * column, value * 4);
            else
                data[row * stride + column] = (guint8)value;
        }
}

void made_paint_number(GstVideoFrame *frame, guint i)
{
    fill(frame, 0, 0, 0, 32, 32, made_number_grey(i));
}

static GstBuffer *picture(const MadeSpec *spec, const GstVideoInfo *info, guint i)
{
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, info->size, NULL);
    GstVideoFrame frame;

    g_assert_true(gst_video_frame_map(&frame, info, buffer, GST_MAP_WRITE));
    for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(&frame); plane++)
        fill(&frame, plane, 0, 0, GST_VIDEO_FRAME_COMP_WIDTH(&frame, plane),
             GST_VIDEO_FRAME_COMP_HEIGHT(&frame, plane), 128);
    (spec->paint != NULL ? spec->paint : made_paint_number)(&frame, i);
    gst_video_frame_unmap(&frame);
    GST_BUFFER_PTS(buffer) = i * GST_SECOND / MADE_FPS;
    GST_BUFFER_DURATION(buffer) = GST_SECOND / MADE_FPS;
    return buffer;
}

static GstVideoInfo raw_info(const MadeSpec *spec)
{
    GstVideoFormat format =
        gst_video_format_from_string(spec->format != NULL ? spec->format : "I420");
    GstVideoInfo info;

    gst_video_info_set_format(&info, format, (guint)spec->width, (guint)spec->height);
    GST_VIDEO_INFO_FPS_N(&info) = MADE_FPS;
    GST_VIDEO_INFO_FPS_D(&info) = 1;
    if (spec->interlaced) {
        GST_VIDEO_INFO_INTERLACE_MODE(&info) = GST_VIDEO_INTERLACE_MODE_INTERLEAVED;
        GST_VIDEO_INFO_FIELD_ORDER(&info) = GST_VIDEO_FIELD_ORDER_TOP_FIELD_FIRST;
    }
    return info;
}

GPtrArray *made_units(const MadeSpec *spec)
{
    GPtrArray *units = g_ptr_array_new_with_free_func((GDestroyNotify)gst_sample_unref);
    GstVideoInfo info = raw_info(spec);
    g_autoptr(GstCaps) caps = gst_video_info_to_caps(&info);
    g_autofree char *launch = g_strdup_printf(
        "appsrc name=in format=time ! %s ! appsink name=out sync=false", spec->encoder);
    g_autoptr(GError) error = NULL;
    g_autoptr(GstElement) pipeline = gst_parse_launch(launch, &error);
    GstSample *sample;

    g_assert_no_error(error);
    g_autoptr(GstElement) in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
    g_autoptr(GstElement) out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    g_object_set(in, "caps", caps, "max-bytes", G_GUINT64_CONSTANT(0), NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    for (guint i = 0; i < spec->frames; i++)
        gst_app_src_push_buffer(GST_APP_SRC(in), picture(spec, &info, i));
    gst_app_src_end_of_stream(GST_APP_SRC(in));
    while ((sample = gst_app_sink_pull_sample(GST_APP_SINK(out))) != NULL)
        g_ptr_array_add(units, sample);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    g_assert_cmpuint(units->len, ==, spec->frames);
    return units;
}

VdFrame *made_frame(const MadeSpec *spec, guint i)
{
    GstVideoInfo info = raw_info(spec);
    g_autoptr(GstCaps) caps = gst_video_info_to_caps(&info);
    g_autoptr(GstBuffer) buffer = picture(spec, &info, i);
    VdFrame *frame = vd_frame_new(gst_sample_new(buffer, caps, NULL, NULL));

    frame->number = i + 1;
    frame->received_us = 1000 + (gint64)i;
    frame->captured_us = 2000 + (gint64)i;
    return frame;
}

VdFrame *made_of_jpeg(GBytes *jpeg)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GstElement) pipeline = gst_parse_launch(
        "appsrc name=in caps=image/jpeg ! jpegdec ! appsink name=out sync=false", &error);

    g_assert_no_error(error);
    g_autoptr(GstElement) in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
    g_autoptr(GstElement) out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    gst_app_src_push_buffer(GST_APP_SRC(in), gst_buffer_new_wrapped_bytes(jpeg));
    gst_app_src_end_of_stream(GST_APP_SRC(in));
    GstSample *sample = gst_app_sink_pull_sample(GST_APP_SINK(out));
    gst_element_set_state(pipeline, GST_STATE_NULL);
    g_assert_nonnull(sample);
    return vd_frame_new(sample);
}

void made_source_init(MadeSource *source)
{
    source->stages = vd_stages_new();
    source->ring = vd_ring_new(60, 64 * 1024 * 1024, source->stages);
    source->count = 0;
    source->first_us = vd_clock_now_us();
}

void made_source_clear(MadeSource *source)
{
    g_clear_pointer(&source->ring, vd_ring_unref);
    g_clear_pointer(&source->stages, vd_stages_unref);
}

gint64 made_unit_us(const MadeSource *source, guint i)
{
    return source->first_us + (gint64)i * G_USEC_PER_SEC / MADE_FPS;
}

void made_push(MadeSource *source, GstSample *unit)
{
    made_push_shown(source, unit, source->count);
}

void made_push_shown(MadeSource *source, GstSample *unit, guint place)
{
    g_autoptr(GstBuffer) buffer = gst_buffer_copy(gst_sample_get_buffer(unit));
    gint64 time_us = made_unit_us(source, source->count++);

    GST_BUFFER_PTS(buffer) = (GstClockTime)made_unit_us(source, place) * 1000;
    GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
    vd_ring_push(source->ring, buffer, gst_sample_get_caps(unit), time_us, time_us);
}

static void see(VdFrame *frame, void *data)
{
    MadeSeen *seen = data;

    vd_lock(&seen->lock);
    g_ptr_array_add(seen->frames, vd_frame_ref(frame));
    vd_unlock(&seen->lock);
    g_main_context_wakeup(NULL);
}

void made_seen_init(MadeSeen *seen, VdFrameHub *hub)
{
    vd_lock_init(&seen->lock);
    seen->hub = vd_frame_hub_ref(hub);
    seen->frames = g_ptr_array_new_with_free_func((GDestroyNotify)vd_frame_unref);
    seen->id = vd_frame_hub_listen(hub, see, seen);
}

void made_seen_clear(MadeSeen *seen)
{
    vd_frame_hub_unlisten(seen->hub, seen->id);
    g_ptr_array_unref(seen->frames);
    vd_frame_hub_unref(seen->hub);
    vd_lock_clear(&seen->lock);
}

guint made_seen_count(MadeSeen *seen)
{
    vd_lock(&seen->lock);
    guint count = seen->frames->len;
    vd_unlock(&seen->lock);
    return count;
}

VdFrame *made_seen_frame(MadeSeen *seen, guint i)
{
    vd_lock(&seen->lock);
    g_assert_cmpuint(i, <, seen->frames->len);
    VdFrame *frame = seen->frames->pdata[i];
    vd_unlock(&seen->lock);
    return frame;
}

static gboolean give_up(void *data)
{
    g_error("what the test waits for does not come");
    return G_SOURCE_REMOVE;
}

void made_await(MadeCondition condition, void *data)
{
    guint guard = g_timeout_add_seconds(PATIENCE_S, give_up, NULL);

    while (!condition(data))
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(guard);
}

typedef struct Enough {
    MadeSeen *seen;
    guint count;
} Enough;

static bool is_enough(void *data)
{
    const Enough *enough = data;

    return made_seen_count(enough->seen) >= enough->count;
}

void made_await_frames(MadeSeen *seen, guint count)
{
    Enough enough = {.seen = seen, .count = count};

    made_await(is_enough, &enough);
}

void made_play(MadeSource *source, GPtrArray *units, MadeSeen *seen)
{
    guint before = made_seen_count(seen);

    for (guint i = 0; i < units->len; i++) {
        if (i >= AHEAD)
            made_await_frames(seen, before + i - AHEAD + 1);
        made_push(source, units->pdata[i]);
    }
    made_await_frames(seen, before + units->len);
}

double made_mean(VdFrame *frame, guint plane, int x, int y, int width, int height)
{
    GstVideoInfo info;
    GstVideoFrame mapped;
    guint64 sum = 0;

    g_assert_true(gst_video_info_from_caps(&info, gst_sample_get_caps(frame->sample)));
    g_assert_true(
        gst_video_frame_map(&mapped, &info, gst_sample_get_buffer(frame->sample), GST_MAP_READ));
    const guint8 *data = GST_VIDEO_FRAME_PLANE_DATA(&mapped, plane);
    for (int row = y; row < y + height; row++)
        for (int column = x; column < x + width; column++)
            sum += data[row * GST_VIDEO_FRAME_PLANE_STRIDE(&mapped, plane) + column];
    gst_video_frame_unmap(&mapped);
    return (double)sum / (width * height);
}
