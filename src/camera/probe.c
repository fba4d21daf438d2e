#include "camera/probe.h"

#include "base/clock.h"
#include "base/limits.h"

struct VdProbe {
    VdReceiver *receiver;
    VdProbeDone done;
    void *data;
    gint64 begun_us;
    VdProbeFacts facts; /* once it is over */
    bool over;
    guint source; /* that says so; 0: it has, or it goes on */
};

static gboolean on_over(gpointer data)
{
    VdProbe *probe = data;

    probe->source = 0;
    probe->done(probe, &probe->facts, probe->data);
    return G_SOURCE_REMOVE;
}

/* The receiver is in the middle of something: who is told may free it. */
static void end(VdProbe *probe)
{
    probe->over = true;
    probe->source = g_idle_add_full(G_PRIORITY_DEFAULT, on_over, probe, NULL);
}

static gint64 age_us(const VdProbe *probe)
{
    return MAX(vd_clock_now_us() - probe->begun_us, 1);
}

/* What the receiver would do next, trying again above all, is not waited for. */
static void on_changed(VdReceiver *receiver, void *data)
{
    VdProbe *probe = data;
    VdProbeFacts *facts = &probe->facts;

    if (probe->over)
        return;
    vd_receiver_facts_clear(&facts->receiver);
    vd_receiver_tell(receiver, &facts->receiver);
    VdState state = facts->receiver.state;
    if (state == VD_STATE_STARTING && facts->unit_us == 0)
        facts->unit_us = age_us(probe);
    if (state == VD_STATE_LIVE)
        facts->picture_us = age_us(probe);
    if (state == VD_STATE_LIVE || state == VD_STATE_WAITING || state == VD_STATE_UNDECODABLE)
        end(probe);
}

/* Data came, or this would have been over before. */
static void end_late(VdProbe *probe)
{
    VdReceiverFacts *facts = &probe->facts.receiver;

    g_free(facts->reason);
    facts->reason = g_strdup_printf("no picture within %d s", VD_MAX_PROBE_MS / 1000);
    facts->loss = VD_LOSS_TIMEOUT;
    end(probe);
}

/* It is for pictures, and its time-out is of use only where it comes before the end. */
static VdCameraConfig *config_for(const VdCameraConfig *camera)
{
    VdCameraConfig *config = vd_camera_config_copy(camera);

    config->enabled = config->analysis = true;
    config->connect_timeout_ms = MIN(config->connect_timeout_ms, VD_MAX_PROBE_OPEN_MS);
    return config;
}

VdProbe *vd_probe_new(const VdCameraConfig *camera, VdProbeDone done, void *data)
{
    VdProbe *probe = g_new0(VdProbe, 1);
    g_autoptr(VdCameraConfig) config = config_for(camera);

    probe->done = done;
    probe->data = data;
    probe->begun_us = vd_clock_now_us();
    probe->receiver = vd_receiver_new(NULL, NULL, NULL, on_changed, probe);
    vd_receiver_configure(probe->receiver, config, VD_APPLY_RECONNECT);
    return probe;
}

void vd_probe_free(VdProbe *probe)
{
    if (probe == NULL)
        return;
    g_clear_handle_id(&probe->source, g_source_remove);
    vd_receiver_free(probe->receiver);
    vd_receiver_facts_clear(&probe->facts.receiver);
    g_free(probe);
}

void vd_probe_tick(VdProbe *probe)
{
    if (probe->over)
        return;
    vd_receiver_tick(probe->receiver);
    if (!probe->over && age_us(probe) >= VD_MAX_PROBE_MS * 1000LL)
        end_late(probe);
}
