#include "analysis-rig.h"

#include "media/reaper.h"

static void on_running(VdAnalysis *analysis, const char *decoder, GstCaps *caps, void *data)
{
    AnalysisRig *rig = data;

    g_assert_true(analysis == rig->analysis);
    rig->running++;
    g_free(rig->decoder);
    rig->decoder = g_strdup(decoder);
    gst_caps_replace(&rig->caps, caps);
}

static void on_failed(VdAnalysis *analysis, bool unsupported, const char *text, void *data)
{
    AnalysisRig *rig = data;

    g_assert_true(analysis == rig->analysis);
    rig->failed++;
    rig->unsupported = unsupported;
    g_free(rig->text);
    rig->text = g_strdup(text);
}

static const VdAnalysisEvents events = {.running = on_running, .failed = on_failed};

void analysis_rig_init(AnalysisRig *rig)
{
    g_autoptr(GError) error = NULL;

    *rig = (AnalysisRig){0};
    made_source_init(&rig->source);
    rig->hub = vd_frame_hub_new();
    made_seen_init(&rig->seen, rig->hub);
    rig->camera = vd_camera_config_new("front", "rtsp://127.0.0.1/", &error);
    g_assert_no_error(error);
}

void analysis_rig_start(AnalysisRig *rig, GPtrArray *units)
{
    rig->analysis = vd_analysis_new(rig->camera, gst_sample_get_caps(units->pdata[0]),
                                    rig->source.ring, rig->hub, &events, rig);
}

void analysis_rig_stop(AnalysisRig *rig)
{
    g_clear_pointer(&rig->analysis, vd_analysis_free);
}

void analysis_rig_clear(AnalysisRig *rig)
{
    analysis_rig_stop(rig);
    made_seen_clear(&rig->seen);
    vd_frame_hub_unref(rig->hub);
    made_source_clear(&rig->source);
    vd_camera_config_unref(rig->camera);
    gst_clear_caps(&rig->caps);
    g_free(rig->decoder);
    g_free(rig->text);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
}

bool analysis_rig_is_running(void *data)
{
    return ((AnalysisRig *)data)->running > 0;
}

bool analysis_rig_has_failed(void *data)
{
    return ((AnalysisRig *)data)->failed > 0;
}

double analysis_rig_block(VdFrame *frame)
{
    return made_mean(frame, 0, 8, 8, 16, 16);
}
