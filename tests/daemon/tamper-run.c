/*
 * tamper-run CLIP FPS - what vdtamper and the rules find wrong with a clip's pictures, faster than
 * real time: an event a line, and then of each kind its highest score.
 */
#include "events/tampering.h"

#include <gst/gst.h>
#include <stdio.h>

typedef struct Run {
    VdTampering tampering;
    double most[VD_N_TAMPERS];
    guint64 pictures, looks;
    int fps;
} Run;

/* Clips without times, and those whose times are nobody's, have this many pictures a second. */
static GstPadProbeReturn on_picture(GstPad *pad, GstPadProbeInfo *info, void *data)
{
    Run *run = data;
    GstBuffer *picture = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));

    GST_BUFFER_PTS(picture) = gst_util_uint64_scale_int(run->pictures++, GST_SECOND, run->fps);
    GST_PAD_PROBE_INFO_DATA(info) = picture;
    return GST_PAD_PROBE_OK;
}

static void print_event(const VdEvent *event)
{
    g_autofree char *fields = json_dumps(event->fields, JSON_COMPACT);

    printf("%s %s\n", vd_event_kind_name(event->kind), fields);
}

static void take_quality(Run *run, const GstStructure *found)
{
    g_autoptr(GPtrArray) happened = g_ptr_array_new_with_free_func((GDestroyNotify)vd_event_unref);
    g_autoptr(GBytes) bytes = NULL;
    guint64 pts = 0;

    gst_structure_get(found, VD_QUALITY_FOUND, G_TYPE_BYTES, &bytes, VD_QUALITY_PTS, G_TYPE_UINT64,
                      &pts, NULL);
    gint64 us = (gint64)(pts / GST_USECOND) + 1;
    vd_tampering_see(&run->tampering, (VdMoment){us, us}, g_bytes_get_data(bytes, NULL), happened);
    run->looks++;
    for (guint i = 0; i < VD_N_TAMPERS; i++)
        run->most[i] = MAX(run->most[i], run->tampering.each[i].score);
    for (guint i = 0; i < happened->len; i++)
        print_event(happened->pdata[i]);
}

/* False at the end of the clip. */
static bool take_message(Run *run, GstMessage *message, int *status)
{
    g_autoptr(GError) error = NULL;

    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ELEMENT:
        if (gst_message_has_name(message, VD_QUALITY_MESSAGE))
            take_quality(run, gst_message_get_structure(message));
        return true;
    case GST_MESSAGE_ERROR:
        gst_message_parse_error(message, &error, NULL);
        fprintf(stderr, "tamper-run: %s\n", error->message);
        *status = 1;
        return false;
    default:
        return GST_MESSAGE_TYPE(message) != GST_MESSAGE_EOS;
    }
}

static GstElement *play(Run *run, const char *clip, GError **error)
{
    GstElement *pipeline = gst_parse_launch("filesrc name=source ! decodebin ! " VD_TAMPER_FACTORY
                                            " name=tamper ! fakesink sync=false",
                                            error);

    if (pipeline == NULL)
        return NULL;
    g_autoptr(GstElement) source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
    g_autoptr(GstElement) tamper = gst_bin_get_by_name(GST_BIN(pipeline), "tamper");
    g_autoptr(GstPad) pad = gst_element_get_static_pad(tamper, "sink");
    g_object_set(source, "location", clip, NULL);
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, run, NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    return pipeline;
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) happened = g_ptr_array_new();
    g_autoptr(GstElement) pipeline = NULL;
    g_autoptr(GError) error = NULL;
    bool more = true;
    int status = 0;

    gst_init(&argc, &argv);
    if (argc != 3)
        return 2;
    Run run = {.fps = MAX(atoi(argv[2]), 1)};
    vd_tampering_init(&run.tampering, "clip");
    VdTamperWish all = {(1u << VD_N_TAMPERS) - 1, 50};
    vd_tampering_set_wish(&run.tampering, (VdMoment){0}, &all, happened);
    pipeline = play(&run, argv[1], &error);
    if (pipeline == NULL) {
        fprintf(stderr, "tamper-run: %s\n", error->message);
        return 1;
    }
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    while (more) {
        g_autoptr(GstMessage) message = gst_bus_timed_pop(bus, 30 * GST_SECOND);

        more = message != NULL && take_message(&run, message, &status);
        status = message != NULL ? status : 1;
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    printf("looks %" G_GUINT64_FORMAT, run.looks);
    for (guint i = 0; i < VD_N_TAMPERS; i++)
        printf(" %s %.0f", vd_tamper_name((VdTamper)i), run.most[i]);
    printf("\n");
    vd_tampering_clear(&run.tampering);
    return status;
}
