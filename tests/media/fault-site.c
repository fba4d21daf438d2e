#include "fault-site.h"

#include "base/clock.h"

#include <string.h>

#define WIDTH  160
#define HEIGHT 120
#define FRAMES 240
/*
 * GStreamer's decoder gives a picture the time of the oldest unit that it has no picture of: for
 * each that the driver refused, those that follow are told to be of a unit before.
 */
#define MOST_BEHIND 2
#define TICK        15 /* units between two looks at what it costs */
#define UNIT_MS     (1000 / MADE_FPS)

GPtrArray *fault_site_units(void)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = FRAMES, .encoder = MADE_H264};

    return made_units(&spec);
}

void fault_site_open(FaultSite *site, GPtrArray *units)
{
    static const VdRendition rendition = {.width = WIDTH / 2, .quality = 80, .annotate = true};

    *site = (FaultSite){
        .units = units,
        .mailbox = vd_mailbox_new(),
        .opened_us = vd_clock_now_us(),
    };
    analysis_rig_init(&site->rig);
    site->rig.source.first_us +=
        60 * G_USEC_PER_SEC; /* not old by then, on however slow a machine */
    analysis_rig_start(&site->rig, units);
    site->view = vd_view_new(site->rig.camera, &rendition, site->rig.hub, site->mailbox);
}

void fault_site_close(FaultSite *site)
{
    vd_view_free(site->view);
    vd_mailbox_unref(site->mailbox);
    analysis_rig_clear(&site->rig);
}

static void look_at_view(FaultSite *site)
{
    guint64 posts = site->posts;
    gint64 now_us = g_get_monotonic_time();
    g_autoptr(VdPicture) picture = vd_mailbox_take(site->mailbox, &posts);

    if (site->posted_us != 0)
        site->longest_without_us = MAX(site->longest_without_us, now_us - site->posted_us);
    if (picture == NULL)
        return;
    site->posts = posts;
    site->posted_us = now_us;
}

void fault_site_watch_view(FaultSite *site)
{
    look_at_view(site);
    site->posted_us = g_get_monotonic_time();
    site->longest_without_us = 0;
}

static void push(FaultSite *site)
{
    MadeSource *source = &site->rig.source;

    made_push(source, site->units->pdata[source->count % site->units->len]);
    if (source->count % TICK == 0)
        vd_analysis_tick(site->rig.analysis);
}

static gboolean be_due(void *data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

static bool is_due(void *data)
{
    return *(bool *)data;
}

void fault_site_step(FaultSite *site)
{
    bool due = false;

    push(site);
    g_timeout_add(UNIT_MS, be_due, &due);
    made_await(is_due, &due);
    look_at_view(site);
}

static GstClockTime pts_of(const VdFrame *frame)
{
    return GST_BUFFER_PTS(gst_sample_get_buffer(frame->sample));
}

static bool has_newest(void *data)
{
    AnalysisRig *rig = &((FaultSite *)data)->rig;
    guint count = made_seen_count(&rig->seen);

    guint newest = rig->source.count - 1;

    return count > 0 &&
           pts_of(made_seen_frame(&rig->seen, count - 1)) >=
               (guint64)made_unit_us(&rig->source, newest - MIN(newest, MOST_BEHIND)) * 1000;
}

void fault_site_await_newest(FaultSite *site)
{
    made_await(has_newest, site);
}

void fault_site_hurry(FaultSite *site)
{
    push(site);
    fault_site_await_newest(site);
}

gint64 fault_site_check_pictures(FaultSite *site)
{
    MadeSeen *seen = &site->rig.seen;
    guint count = made_seen_count(seen);
    gint64 longest_us = made_seen_frame(seen, 0)->decoded_us - site->opened_us;

    for (guint i = 1; i < count; i++) {
        const VdFrame *before = made_seen_frame(seen, i - 1), *frame = made_seen_frame(seen, i);
        g_assert_cmpuint(pts_of(frame), >, pts_of(before));
        longest_us = MAX(longest_us, frame->decoded_us - before->decoded_us);
    }
    return longest_us;
}
