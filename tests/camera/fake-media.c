#include "fake-media.h"

#include "base/clock.h"

FakeMedia fake_media;

const char *vd_loss_name(VdLoss loss)
{
    return loss == VD_LOSS_REFUSED ? "refused" : "other";
}

VdIngest *vd_ingest_new(const VdCameraConfig *camera, const char *uri, VdRing *ring,
                        const VdIngestEvents *events, void *data)
{
    VdIngest *ingest = g_new0(VdIngest, 1);

    ingest->events = *events;
    ingest->data = data;
    ingest->ring = vd_ring_ref(ring);
    ingest->uri = g_strdup(uri);
    fake_media.ingest = ingest;
    fake_media.ingests++;
    fake_media.ingests_alive++;
    return ingest;
}

void vd_ingest_free(VdIngest *ingest)
{
    if (ingest == NULL)
        return;
    if (fake_media.ingest == ingest)
        fake_media.ingest = NULL;
    fake_media.ingests_alive--;
    vd_ring_unref(ingest->ring);
    g_free(ingest->uri);
    g_free(ingest);
}

const char *vd_ingest_transport(const VdIngest *ingest)
{
    return "test";
}

VdAnalysis *vd_analysis_new(const VdCameraConfig *camera, GstCaps *caps, VdRing *ring,
                            VdFrameHub *hub, const VdAnalysisEvents *events, void *data)
{
    VdAnalysis *analysis = g_new0(VdAnalysis, 1);

    analysis->events = *events;
    analysis->data = data;
    fake_media.analysis = analysis;
    fake_media.analyses++;
    fake_media.analyses_alive++;
    return analysis;
}

void vd_analysis_free(VdAnalysis *analysis)
{
    if (analysis == NULL)
        return;
    if (fake_media.analysis == analysis)
        fake_media.analysis = NULL;
    fake_media.analyses_alive--;
    g_free(analysis);
}

void vd_analysis_tick(VdAnalysis *analysis)
{
}

int vd_analysis_gpu(const VdAnalysis *analysis)
{
    return -1;
}

guint64 vd_analysis_gpu_memory(const VdAnalysis *analysis)
{
    return 0;
}

void vd_analysis_tell_detections(VdAnalysis *analysis, VdDetectionStats *stats)
{
    *stats = (VdDetectionStats){0};
}

const char *vd_analysis_why_no_gpu(const VdAnalysis *analysis)
{
    return "gpu=off";
}

void vd_analysis_configure(VdAnalysis *analysis, const VdCameraConfig *camera)
{
    fake_media.configured++;
}

void vd_analysis_stats(VdAnalysis *analysis, VdAnalysisStats *stats)
{
    *stats = analysis->stats;
}

static void push(const char *text)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(text);
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, 100, NULL);

    vd_ring_push(fake_media.ingest->ring, buffer, caps, vd_clock_now_us(), vd_clock_wall_us());
    gst_buffer_unref(buffer);
}

void fake_unit(void)
{
    push("video/x-h264, width=640, height=360");
}

void fake_opened(void)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string("video/x-h264, width=640, height=360");

    fake_unit();
    fake_media.ingest->events.opened(fake_media.ingest, caps, fake_media.ingest->data);
}

void fake_changed(const char *text)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(text);

    push(text);
    fake_media.ingest->events.changed(fake_media.ingest, caps, fake_media.ingest->data);
}

void fake_lost(VdLoss loss, const char *text)
{
    fake_media.ingest->events.lost(fake_media.ingest, loss, text, fake_media.ingest->data);
}

void fake_running(void)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string("video/x-raw, width=640, height=360");

    fake_media.analysis->stats.last_us = vd_clock_now_us();
    fake_media.analysis->events.running(fake_media.analysis, "avdec_h264", caps,
                                        fake_media.analysis->data);
}

void fake_failed(bool unsupported, const char *text)
{
    fake_media.analysis->events.failed(fake_media.analysis, unsupported, text,
                                       fake_media.analysis->data);
}
