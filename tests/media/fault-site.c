#include "fault-site.h"

#include "base/clock.h"

#include <string.h>

#define WIDTH  160
#define HEIGHT 80
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

static void open_view(FaultSite *site, FaultView *view, const VdRendition *rendition)
{
    view->mailbox = vd_mailbox_new();
    if (vd_view_can(rendition->codec, NULL))
        view->view = vd_view_new(site->rig.camera, rendition, site->rig.hub, view->mailbox, NULL);
}

void fault_site_open(FaultSite *site, GPtrArray *units)
{
    static const VdRendition renditions[N_FAULT_VIEWS] = {
        [FAULT_JPEG] = {.width = WIDTH / 2, .quality = 80, .annotate = true},
        [FAULT_VIDEO] = {.codec = VD_CODEC_H264, .bitrate = 200},
    };

    *site = (FaultSite){.units = units, .opened_us = vd_clock_now_us()};
    analysis_rig_init(&site->rig);
    site->rig.source.first_us +=
        60 * G_USEC_PER_SEC; /* not old by then, on however slow a machine */
    analysis_rig_start(&site->rig, units);
    for (guint i = 0; i < N_FAULT_VIEWS; i++)
        open_view(site, &site->views[i], &renditions[i]);
}

void fault_site_close(FaultSite *site)
{
    for (guint i = 0; i < N_FAULT_VIEWS; i++) {
        vd_view_free(site->views[i].view);
        vd_mailbox_unref(site->views[i].mailbox);
    }
    analysis_rig_clear(&site->rig);
}

static void look_at(FaultView *view)
{
    guint64 posts = view->posts;
    gint64 now_us = g_get_monotonic_time();
    VdPicture *picture;

    while ((picture = vd_mailbox_take(view->mailbox, &posts)) != NULL)
        vd_picture_unref(picture);
    if (view->posted_us != 0)
        view->longest_without_us = MAX(view->longest_without_us, now_us - view->posted_us);
    if (posts != view->posts)
        view->posted_us = now_us;
    view->posts = posts;
}

void fault_site_watch_views(FaultSite *site)
{
    for (guint i = 0; i < N_FAULT_VIEWS; i++) {
        look_at(&site->views[i]);
        site->views[i].posted_us = g_get_monotonic_time();
        site->views[i].longest_without_us = 0;
    }
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
    for (guint i = 0; i < N_FAULT_VIEWS; i++)
        look_at(&site->views[i]);
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
