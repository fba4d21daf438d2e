/*
 * motion-run FILE - what vdmotion finds in a clip, faster than real time. One line a report:
 * number, time in ms, share of the picture in motion, noise, whether primed, and boxes as
 * x,y,width,height in 1/65536 of the picture.
 */
#include "plugins/vd-messages.h"

#include <gst/gst.h>
#include <stdio.h>

static void print_report(const GstStructure *report)
{
    guint64 number = 0, pts = 0;
    double share = 0, noise = 0;
    gboolean primed = FALSE;
    const GValue *value = gst_structure_get_value(report, VD_MOTION_BOXES);
    GBytes *bytes = value ? g_value_get_boxed(value) : NULL;
    gsize size = 0;
    const VdBox *boxes = bytes ? g_bytes_get_data(bytes, &size) : NULL;

    gst_structure_get(report, VD_MOTION_NUMBER, G_TYPE_UINT64, &number, VD_MOTION_PTS,
                      G_TYPE_UINT64, &pts, VD_MOTION_SHARE, G_TYPE_DOUBLE, &share, VD_MOTION_NOISE,
                      G_TYPE_DOUBLE, &noise, VD_MOTION_PRIMED, G_TYPE_BOOLEAN, &primed, NULL);
    printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %.5f %.2f %d", number, pts / GST_MSECOND,
           share, noise, primed);
    for (gsize i = 0; i < size / sizeof *boxes; i++)
        printf(" %d,%d,%d,%d", boxes[i].x, boxes[i].y, boxes[i].width, boxes[i].height);
    printf("\n");
}

/* False at the end of the clip. */
static gboolean take_message(GstMessage *message, int *status)
{
    g_autoptr(GError) error = NULL;

    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ELEMENT:
        if (gst_message_has_name(message, VD_MOTION_MESSAGE))
            print_report(gst_message_get_structure(message));
        return TRUE;
    case GST_MESSAGE_ERROR:
        gst_message_parse_error(message, &error, NULL);
        fprintf(stderr, "motion-run: %s\n", error->message);
        *status = 1;
        return FALSE;
    default:
        return GST_MESSAGE_TYPE(message) != GST_MESSAGE_EOS;
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GstElement) pipeline = NULL;
    g_autoptr(GstElement) source = NULL;
    g_autoptr(GstBus) bus = NULL;
    gboolean more = TRUE;
    int status = 0;

    gst_init(&argc, &argv);
    if (argc != 2)
        return 2;
    pipeline = gst_parse_launch(
        "filesrc name=source ! decodebin ! " VD_MOTION_FACTORY " ! fakesink sync=false", &error);
    if (!pipeline) {
        fprintf(stderr, "motion-run: %s\n", error->message);
        return 1;
    }
    source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
    g_object_set(source, "location", argv[1], NULL);
    bus = gst_element_get_bus(pipeline);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    while (more) {
        g_autoptr(GstMessage) message = gst_bus_timed_pop(bus, 30 * GST_SECOND);

        more = message && take_message(message, &status);
        status = message ? status : 1;
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return status;
}
