/*
 * track-run FILE FPS WIDTH HEIGHT - the tracks of a clip as MOTChallenge lines, in pixels of a
 * picture of this size: decoded and looked at faster than real time, each frame, at FPS by its PTS.
 */
#include "tracks/tracks.h"

#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Run {
    VdTracks *tracks;
    guint fps, width, height;
    int status;
} Run;

static void print_tracks(const Run *run, guint64 pts)
{
    guint64 frame = gst_util_uint64_scale_round(pts, run->fps, GST_SECOND) + 1;

    for (guint i = 0; i < vd_tracks_count(run->tracks); i++) {
        const VdTrack *track = vd_tracks_get(run->tracks, i);

        if (!vd_track_is_told(track, pts))
            continue;
        g_autofree char *line = vd_track_mot_line(track, frame, run->width, run->height);
        fputs(line, stdout);
    }
}

static void take_report(Run *run, const GstStructure *report)
{
    const GValue *value = gst_structure_get_value(report, VD_MOTION_BOXES);
    GBytes *bytes = value ? g_value_get_boxed(value) : NULL;
    guint64 pts = 0;
    gboolean primed = FALSE;
    gsize size = 0;
    const VdBox *boxes = bytes ? g_bytes_get_data(bytes, &size) : NULL;

    gst_structure_get(report, VD_MOTION_PTS, G_TYPE_UINT64, &pts, VD_MOTION_PRIMED, G_TYPE_BOOLEAN,
                      &primed, NULL);
    if (!primed)
        return;
    vd_tracks_see(run->tracks, pts, (double)run->height / run->width, boxes,
                  (guint)(size / sizeof *boxes), NULL);
    print_tracks(run, pts);
}

/* False at the end of the clip. */
static gboolean take_message(Run *run, GstMessage *message)
{
    g_autoptr(GError) error = NULL;

    switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ELEMENT:
        if (gst_message_has_name(message, VD_MOTION_MESSAGE))
            take_report(run, gst_message_get_structure(message));
        return TRUE;
    case GST_MESSAGE_ERROR:
        gst_message_parse_error(message, &error, NULL);
        fprintf(stderr, "track-run: %s\n", error->message);
        run->status = 1;
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
    g_autoptr(VdTracks) tracks = vd_tracks_new(0);
    Run run = {.tracks = tracks};
    gboolean more = TRUE;

    gst_init(&argc, &argv);
    if (argc != 5)
        return 2;
    run.fps = (guint)atoi(argv[2]);
    run.width = (guint)atoi(argv[3]);
    run.height = (guint)atoi(argv[4]);
    pipeline = gst_parse_launch("filesrc name=source ! decodebin ! " VD_MOTION_FACTORY
                                " analysis-fps=60 ! fakesink sync=false",
                                &error);
    if (!pipeline) {
        fprintf(stderr, "track-run: %s\n", error->message);
        return 1;
    }
    source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
    g_object_set(source, "location", argv[1], NULL);
    bus = gst_element_get_bus(pipeline);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    while (more) {
        g_autoptr(GstMessage) message = gst_bus_timed_pop(bus, 30 * GST_SECOND);

        more = message && take_message(&run, message);
        run.status = message ? run.status : 1;
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return run.status;
}
