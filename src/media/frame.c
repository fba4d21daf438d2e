#include "media/frame.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "media/gate.h"

#include <string.h>

#define REPORT_LASTS ((GstClockTimeDiff)GST_SECOND)

typedef struct Listener {
    gatomicrefcount refs;
    guint id;
    VdFrameListener call;
    void *data;
    VdGate gate; /* shut by unlisten */
} Listener;

struct VdFrameHub {
    gatomicrefcount refs;
    VdLock lock;
    VdFrame *newest;       /* [lock] */
    guint64 newest_number; /* [lock] stays when the newest is forgotten */
    guint64 frames;        /* [lock] numbers given out */
    guint64 reports;       /* [lock] */
    VdTracks *tracks;      /* [lock] */
    GPtrArray *listeners;  /* [lock] Listener, by growing id */
    guint last_id;         /* [lock] */
    GBytes *scene;         /* [lock] (nullable) */
    gint64 scene_us;       /* [lock] when it was kept */
};

VdReport *vd_report_new(const VdBox *boxes, guint n_boxes)
{
    VdReport *report = g_malloc0(sizeof *report + n_boxes * sizeof *boxes);

    g_atomic_ref_count_init(&report->refs);
    report->aspect = 1;
    report->n_boxes = n_boxes;
    if (n_boxes > 0)
        memcpy(report->boxes, boxes, n_boxes * sizeof *boxes);
    return report;
}

VdReport *vd_report_ref(VdReport *report)
{
    g_atomic_ref_count_inc(&report->refs);
    return report;
}

void vd_report_unref(VdReport *report)
{
    if (report == NULL || !g_atomic_ref_count_dec(&report->refs))
        return;
    g_free(report->tracks);
    g_free(report->track_ids);
    g_free(report);
}

bool vd_report_is_fresh(const VdReport *report, GstClockTime pts)
{
    return report != NULL && GST_CLOCK_TIME_IS_VALID(pts) &&
           GST_CLOCK_DIFF(report->pts, pts) < REPORT_LASTS;
}

VdObjects *vd_objects_new(const VdObject *objects, guint n, GstClockTime pts)
{
    guint kept = MIN(n, VD_MAX_OBJECTS);
    VdObjects *copy = g_malloc0(sizeof *copy + kept * sizeof *objects);

    g_atomic_ref_count_init(&copy->refs);
    copy->pts = pts;
    copy->n = kept;
    if (kept > 0)
        memcpy(copy->each, objects, kept * sizeof *objects);
    return copy;
}

VdObjects *vd_objects_ref(VdObjects *objects)
{
    if (objects != NULL)
        g_atomic_ref_count_inc(&objects->refs);
    return objects;
}

void vd_objects_unref(VdObjects *objects)
{
    if (objects != NULL && g_atomic_ref_count_dec(&objects->refs))
        g_free(objects);
}

VdFrame *vd_frame_new(GstSample *sample)
{
    VdFrame *frame = g_new0(VdFrame, 1);

    g_atomic_ref_count_init(&frame->refs);
    frame->sample = sample;
    return frame;
}

VdFrame *vd_frame_ref(VdFrame *frame)
{
    g_atomic_ref_count_inc(&frame->refs);
    return frame;
}

void vd_frame_unref(VdFrame *frame)
{
    if (frame == NULL || !g_atomic_ref_count_dec(&frame->refs))
        return;
    vd_report_unref(frame->report);
    vd_objects_unref(frame->objects);
    gst_sample_unref(frame->sample);
    g_free(frame);
}

static void listener_unref(void *data)
{
    Listener *listener = data;

    if (!g_atomic_ref_count_dec(&listener->refs))
        return;
    vd_gate_clear(&listener->gate);
    g_free(listener);
}

VdFrameHub *vd_frame_hub_new(void)
{
    VdFrameHub *hub = g_new0(VdFrameHub, 1);

    g_atomic_ref_count_init(&hub->refs);
    vd_lock_init(&hub->lock);
    hub->tracks = vd_tracks_new(0);
    hub->listeners = g_ptr_array_new_with_free_func(listener_unref);
    return hub;
}

VdFrameHub *vd_frame_hub_ref(VdFrameHub *hub)
{
    g_atomic_ref_count_inc(&hub->refs);
    return hub;
}

void vd_frame_hub_unref(VdFrameHub *hub)
{
    if (hub == NULL || !g_atomic_ref_count_dec(&hub->refs))
        return;
    g_ptr_array_unref(hub->listeners);
    vd_frame_unref(hub->newest);
    g_bytes_unref(hub->scene);
    vd_tracks_free(hub->tracks);
    vd_lock_clear(&hub->lock);
    g_free(hub);
}

guint64 vd_frame_hub_number_frame(VdFrameHub *hub)
{
    vd_lock(&hub->lock);
    guint64 number = ++hub->frames;
    vd_unlock(&hub->lock);
    return number;
}

static void follow(VdTracks *tracks, VdReport *report)
{
    VdTrackMark marks[VD_MAX_TRACKS];

    report->track_ids = g_new0(guint64, report->n_boxes);
    vd_tracks_see(tracks, report->pts, report->aspect, report->boxes, report->n_boxes,
                  report->track_ids);
    report->n_tracks = vd_tracks_mark(tracks, marks);
    report->tracks = g_memdup2(marks, report->n_tracks * sizeof *marks);
}

void vd_frame_hub_take_report(VdFrameHub *hub, VdReport *report)
{
    vd_lock(&hub->lock);
    report->number = ++hub->reports;
    if (report->primed)
        follow(hub->tracks, report);
    vd_unlock(&hub->lock);
}

void vd_frame_hub_numbers(VdFrameHub *hub, guint64 *frames, guint64 *reports)
{
    vd_lock(&hub->lock);
    *frames = hub->frames;
    *reports = hub->reports;
    vd_unlock(&hub->lock);
}

/*
 * (transfer full) The first listener after this id. Walking by ids needs no copy of the list and
 * stands listeners that come and go between two calls.
 */
static Listener *listener_after(VdFrameHub *hub, guint id)
{
    Listener *found = NULL;

    vd_lock(&hub->lock);
    for (guint i = 0; i < hub->listeners->len && found == NULL; i++) {
        Listener *listener = hub->listeners->pdata[i];
        if (listener->id > id) {
            found = listener;
            g_atomic_ref_count_inc(&found->refs);
        }
    }
    vd_unlock(&hub->lock);
    return found;
}

/* Keeps the frame as the newest unless a newer one is there. */
static bool keep(VdFrameHub *hub, VdFrame *frame)
{
    VdFrame *before = NULL;

    vd_lock(&hub->lock);
    bool newer = frame->number > hub->newest_number;
    if (newer) {
        before = g_steal_pointer(&hub->newest);
        hub->newest = vd_frame_ref(frame);
        hub->newest_number = frame->number;
    }
    vd_unlock(&hub->lock);
    vd_frame_unref(before);
    return newer;
}

void vd_frame_hub_post(VdFrameHub *hub, VdFrame *frame)
{
    Listener *listener;
    guint id = 0;

    if (!keep(hub, frame))
        return;
    while ((listener = listener_after(hub, id)) != NULL) {
        id = listener->id;
        if (vd_gate_enter(&listener->gate)) {
            listener->call(frame, listener->data);
            vd_gate_leave(&listener->gate);
        }
        listener_unref(listener);
    }
}

VdFrame *vd_frame_hub_newest(VdFrameHub *hub)
{
    vd_lock(&hub->lock);
    VdFrame *frame = hub->newest != NULL ? vd_frame_ref(hub->newest) : NULL;
    vd_unlock(&hub->lock);
    return frame;
}

void vd_frame_hub_clear(VdFrameHub *hub)
{
    vd_lock(&hub->lock);
    VdFrame *before = g_steal_pointer(&hub->newest);
    vd_unlock(&hub->lock);
    vd_frame_unref(before);
}

void vd_frame_hub_keep_scene(VdFrameHub *hub, GBytes *scene)
{
    GBytes *now = scene != NULL ? g_bytes_ref(scene) : NULL;

    vd_lock(&hub->lock);
    GBytes *before = hub->scene;
    hub->scene = now;
    hub->scene_us = vd_clock_now_us();
    vd_unlock(&hub->lock);
    g_bytes_unref(before);
}

GBytes *vd_frame_hub_scene(VdFrameHub *hub)
{
    vd_lock(&hub->lock);
    bool fresh = hub->scene != NULL && vd_clock_now_us() - hub->scene_us <= VD_SCENE_LASTS_US;
    GBytes *scene = fresh ? g_bytes_ref(hub->scene) : NULL;
    vd_unlock(&hub->lock);
    return scene;
}

guint vd_frame_hub_listen(VdFrameHub *hub, VdFrameListener listener, void *data)
{
    Listener *made = g_new0(Listener, 1);

    g_atomic_ref_count_init(&made->refs);
    made->call = listener;
    made->data = data;
    vd_gate_init(&made->gate);
    vd_lock(&hub->lock);
    made->id = ++hub->last_id;
    guint id = made->id;
    g_ptr_array_add(hub->listeners, made);
    vd_unlock(&hub->lock);
    return id;
}

void vd_frame_hub_unlisten(VdFrameHub *hub, guint id)
{
    Listener *gone = NULL;

    vd_lock(&hub->lock);
    for (guint i = 0; i < hub->listeners->len && gone == NULL; i++)
        if (((Listener *)hub->listeners->pdata[i])->id == id)
            gone = g_ptr_array_steal_index(hub->listeners, i);
    vd_unlock(&hub->lock);
    if (gone == NULL)
        return;
    vd_gate_shut(&gone->gate);
    listener_unref(gone);
}
