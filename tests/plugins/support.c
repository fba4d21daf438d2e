#include "support.h"

/* --- an element in a harness ----------------------------------------------------------------- */

Rig *rig_new(const char *factory, const char *caps)
{
    Rig *rig = g_new0(Rig, 1);

    rig->harness = gst_harness_new(factory);
    rig->bus = gst_bus_new();
    gst_element_set_bus(rig->harness->element, rig->bus);
    if (caps != NULL)
        rig_set_caps(rig, caps);
    return rig;
}

void rig_free(Rig *rig)
{
    gst_element_set_bus(rig->harness->element, NULL);
    gst_harness_teardown(rig->harness);
    gst_bus_set_flushing(rig->bus, TRUE);
    gst_object_unref(rig->bus);
    g_free(rig);
}

void rig_set_caps(Rig *rig, const char *caps)
{
    g_autoptr(GstCaps) parsed = gst_caps_from_string(caps);

    g_assert_true(gst_video_info_from_caps(&rig->info, parsed));
    gst_harness_set_src_caps(rig->harness, g_steal_pointer(&parsed));
}

void rig_set(Rig *rig, const char *property, const char *value)
{
    gst_util_set_object_arg(G_OBJECT(rig->harness->element), property, value);
}

GstStructure *rig_message(Rig *rig, const char *name)
{
    GstMessage *message;
    GstStructure *found = NULL;

    while (found == NULL && (message = gst_bus_pop_filtered(rig->bus, GST_MESSAGE_ELEMENT))) {
        if (gst_message_has_name(message, name))
            found = gst_structure_copy(gst_message_get_structure(message));
        gst_message_unref(message);
    }
    return found;
}

GstCaps *rig_caps(Rig *rig)
{
    return gst_pad_get_current_caps(rig->harness->sinkpad);
}

/* --- pictures -------------------------------------------------------------------------------- */

static void map(GstVideoFrame *frame, const GstVideoInfo *info, GstBuffer *buffer, GstMapFlags how)
{
    g_assert_true(gst_video_frame_map(frame, info, buffer, how));
}

/* The luma pixel x, y lies in the sample *x, *y of the component. */
static guint8 *sample(GstVideoFrame *frame, guint component, int x, int y)
{
    x >>= GST_VIDEO_FORMAT_INFO_W_SUB(frame->info.finfo, component);
    y >>= GST_VIDEO_FORMAT_INFO_H_SUB(frame->info.finfo, component);
    return (guint8 *)GST_VIDEO_FRAME_COMP_DATA(frame, component) +
           y * GST_VIDEO_FRAME_COMP_STRIDE(frame, component) +
           x * GST_VIDEO_FRAME_COMP_PSTRIDE(frame, component);
}

void picture_rectangle(const GstVideoInfo *info, GstBuffer *buffer, int x, int y, int width,
                       int height, Colour colour)
{
    const guint8 values[] = {colour.y, colour.u, colour.v};
    GstVideoFrame frame;

    map(&frame, info, buffer, GST_MAP_READWRITE);
    for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS(&frame); c++) {
        for (int row = y; row < y + height; row++) {
            for (int column = x; column < x + width; column++)
                *sample(&frame, c, column, row) = values[c];
        }
    }
    gst_video_frame_unmap(&frame);
}

GstBuffer *picture_new(Rig *rig, Colour colour, GstClockTime pts)
{
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, rig->info.size, NULL);

    gst_buffer_memset(buffer, 0, 0xee, rig->info.size);
    picture_rectangle(&rig->info, buffer, 0, 0, rig->info.width, rig->info.height, colour);
    GST_BUFFER_PTS(buffer) = pts;
    return buffer;
}

int picture_at(const GstVideoInfo *info, GstBuffer *buffer, guint component, int x, int y)
{
    GstVideoFrame frame;

    map(&frame, info, buffer, GST_MAP_READ);
    int value = *sample(&frame, component, x, y);
    gst_video_frame_unmap(&frame);
    return value;
}

int picture_others(const GstVideoInfo *info, GstBuffer *buffer, int x, int y, int width, int height,
                   int luma)
{
    GstVideoFrame frame;
    int others = 0;

    map(&frame, info, buffer, GST_MAP_READ);
    for (int row = y; row < y + height; row++) {
        for (int column = x; column < x + width; column++)
            others += *sample(&frame, 0, column, row) != luma;
    }
    gst_video_frame_unmap(&frame);
    return others;
}

void assert_refused(const char *factory, const char *caps)
{
    Rig *rig = rig_new(factory, NULL);

    gst_harness_set_src_caps_str(rig->harness, caps);
    GstFlowReturn flow = gst_harness_push(rig->harness, gst_buffer_new_allocate(NULL, 4096, NULL));
    rig_free(rig);
    g_assert_cmpint(flow, ==, GST_FLOW_NOT_NEGOTIATED);
}
