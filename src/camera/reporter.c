#include "camera/reporter.h"

#include "base/lock.h"
#include "events/light.h"
#include "events/rules.h"
#include "events/tampering.h"

struct VdReporter {
    VdHappened happened;
    void *data;
    VdFrameHub *hub; /* (nullable) */
    guint listener;
    VdLock lock;
    VdRules rules;         /* [lock] */
    VdCrossings crossings; /* [lock] */
    VdLight light;         /* [lock] */
    VdReasons *reasons;    /* [lock] */
    VdTampering tampering; /* [lock] */
    guint64 seen;          /* [lock] the newest report that was looked at */
    guint64 measured;      /* [lock] the newest picture's whose quality was */
    char *source;          /* [main] (nullable) where the pictures come from that are looked at */
    char **classes;        /* [lock] (nullable) objects of these count, in place of what moves */
};

static void tell(VdReporter *reporter, VdEvent *event)
{
    if (event != NULL)
        reporter->happened(event, reporter->data);
}

/* (transfer full) */
static void tell_all(VdReporter *reporter, GPtrArray *happened)
{
    for (guint i = 0; i < happened->len; i++)
        tell(reporter, happened->pdata[i]);
    g_ptr_array_unref(happened);
}

/* Objects in the place of what moves: those of these classes, one a box. */
static guint boxes_of(const VdObjects *objects, const char *const *classes, VdBox *boxes)
{
    guint n = 0;

    for (guint i = 0; i < objects->n; i++) {
        const VdObject *object = &objects->each[i];

        if (!g_strv_contains(classes, object->name))
            continue;
        boxes[n++] = (VdBox){
            .x = object->x,
            .y = object->y,
            .width = object->width,
            .height = object->height,
            .cx = object->x + object->width / 2,
            .cy = object->y + object->height / 2,
            .area = (int)((gint64)object->width * object->height / 65536),
        };
    }
    return n;
}

static double share_of(const VdBox *boxes, guint n)
{
    double share = 0;

    for (guint i = 0; i < n; i++)
        share += boxes[i].area / 65536.0;
    return MIN(share, 1);
}

/*
 * [lock] boxes: room for VD_MAX_OBJECTS. objects: (nullable) none are known, as when the model
 * cannot be used: what moves counts then.
 */
static void choose_objects(const VdReporter *reporter, const VdObjects *objects,
                           VdSighting *sighting, VdBox *boxes)
{
    if (objects == NULL)
        return;
    sighting->objects = objects->each;
    sighting->n_objects = objects->n;
    if (reporter->classes == NULL)
        return;
    sighting->of_objects = true;
    sighting->moved = sighting->boxes;
    sighting->n_moved = sighting->n_boxes;
    sighting->boxes = boxes;
    sighting->n_boxes = boxes_of(objects, (const char *const *)reporter->classes, boxes);
    sighting->share = share_of(boxes, sighting->n_boxes);
}

static VdSighting sighting_of(const VdFrame *frame)
{
    const VdReport *report = frame->report;

    return (VdSighting){
        .us = frame->received_us,
        .wall_us = frame->captured_us,
        .young = !report->primed,
        .light = report->lighting.light != 0,
        .share = report->share,
        .noise = report->noise,
        .found = &report->found,
        .boxes = report->boxes,
        .n_boxes = report->n_boxes,
    };
}

static void add(GPtrArray *happened, VdEvent *event)
{
    if (event != NULL)
        g_ptr_array_add(happened, event);
}

/* [lock] happened: events are added to it. */
static void see(VdReporter *reporter, const VdFrame *frame, GPtrArray *happened)
{
    const VdReport *report = frame->report;
    const VdMoment now = {frame->received_us, frame->captured_us};
    VdSighting sighting = sighting_of(frame);
    VdBox boxes[VD_MAX_OBJECTS];

    reporter->seen = report->number;
    choose_objects(reporter, frame->objects, &sighting, boxes);
    add(happened, vd_light_see(&reporter->light, now, &report->lighting));
    add(happened, vd_rules_see(&reporter->rules, &sighting));
    vd_reasons_take(reporter->reasons, &reporter->rules.reason);
    if (report->primed)
        vd_crossings_see(&reporter->crossings, now.wall_us, report->tracks, report->n_tracks,
                         happened);
}

/* [lock] Several pictures have the same quality: it is looked at once. */
static bool is_measured_anew(VdReporter *reporter, const VdFrame *frame)
{
    bool anew = frame->measured != 0 && frame->measured != reporter->measured;

    reporter->measured = frame->measured;
    return anew;
}

/* [streaming thread] So have several the same report. */
static void on_frame(VdFrame *frame, void *data)
{
    VdReporter *reporter = data;
    GPtrArray *happened = NULL;

    vd_lock(&reporter->lock);
    bool measured = is_measured_anew(reporter, frame);
    bool looked = frame->report != NULL && frame->report->number != reporter->seen;
    if (measured || looked)
        happened = g_ptr_array_new();
    if (measured)
        vd_tampering_see(&reporter->tampering, (VdMoment){frame->received_us, frame->captured_us},
                         &frame->quality, happened);
    if (looked)
        see(reporter, frame, happened);
    vd_unlock(&reporter->lock);
    if (happened != NULL)
        tell_all(reporter, happened);
}

void vd_reporter_follow(VdReporter *reporter, VdFrameHub *hub)
{
    if (reporter->hub != NULL)
        vd_frame_hub_unlisten(reporter->hub, reporter->listener);
    reporter->hub = hub;
    vd_lock(&reporter->lock);
    vd_crossings_forget(&reporter->crossings);
    vd_light_forget(&reporter->light);
    vd_unlock(&reporter->lock);
    if (hub != NULL)
        reporter->listener = vd_frame_hub_listen(hub, on_frame, reporter);
}

/* "person, car"; NULL for none. */
static char **classes_from(const char *text)
{
    if (text == NULL)
        return NULL;
    char **classes = g_strsplit(text, ",", -1);
    for (guint i = 0; classes[i] != NULL; i++)
        g_strstrip(classes[i]);
    return classes;
}

/* Whether pictures come from somewhere else than before. */
static bool take_source(VdReporter *reporter, const VdCameraConfig *config)
{
    const char *source = config->analysis_uri != NULL ? config->analysis_uri : config->uri;
    bool other = reporter->source != NULL && !g_str_equal(reporter->source, source);

    g_free(reporter->source);
    reporter->source = g_strdup(source);
    return other;
}

void vd_reporter_configure(VdReporter *reporter, const VdCameraConfig *config)
{
    VdRuleTimes times = {config->event_min_ms * 1000LL, config->event_gap_ms * 1000LL};

    VdTamperWish wish = vd_tampers_wish(config);
    char **classes = classes_from(config->event_classes);
    GPtrArray *ended = g_ptr_array_new();
    bool other = take_source(reporter, config);

    vd_lock(&reporter->lock);
    g_strfreev(reporter->classes);
    reporter->classes = classes;
    vd_rules_set_times(&reporter->rules, &times);
    vd_crossings_set_lines(&reporter->crossings, config->lines);
    VdEvent *over = vd_rules_set_zones(&reporter->rules, vd_moment_now(), config->zones);
    vd_tampering_set_wish(&reporter->tampering, vd_moment_now(), &wish, ended);
    if (other)
        vd_tampering_forget(&reporter->tampering, vd_moment_now(), ended);
    vd_unlock(&reporter->lock);
    tell(reporter, over);
    tell_all(reporter, ended);
}

/* On the way from one state to another nothing has happened yet. */
static bool is_worth_telling(VdState state)
{
    return state != VD_STATE_CONNECTING && state != VD_STATE_STARTING;
}

static void take_absence(VdReporter *reporter, VdMoment now, const char *state, const char *code)
{
    VdReason reason;

    vd_reason_away(&reason, now.wall_us, state, code);
    vd_lock(&reporter->lock);
    vd_reasons_take(reporter->reasons, &reason);
    vd_unlock(&reporter->lock);
}

void vd_reporter_take(VdReporter *reporter, const VdReceiverFacts *facts)
{
    VdMoment now = vd_moment_now();
    const char *code = facts->loss < VD_N_LOSSES ? vd_loss_name(facts->loss) : NULL;
    VdEvent *over = NULL, *state = NULL;

    if (facts->state != VD_STATE_LIVE)
        take_absence(reporter, now, vd_state_name(facts->state), code);
    if (!is_worth_telling(facts->state))
        return;
    GPtrArray *ended = g_ptr_array_new();
    vd_lock(&reporter->lock);
    if (facts->state != VD_STATE_LIVE) {
        over = vd_rules_leave(&reporter->rules, now);
        vd_light_forget(&reporter->light);
        vd_tampering_leave(&reporter->tampering, now, ended);
    }
    state = vd_rules_enter(&reporter->rules, now, vd_state_name(facts->state), code, facts->reason);
    vd_unlock(&reporter->lock);
    tell(reporter, over);
    tell_all(reporter, ended);
    tell(reporter, state);
}

void vd_reporter_tampering(VdReporter *reporter, VdTamperFacts *facts)
{
    vd_lock(&reporter->lock);
    vd_tampering_tell(&reporter->tampering, facts);
    vd_unlock(&reporter->lock);
}

VdCrossed vd_reporter_crossed(VdReporter *reporter)
{
    vd_lock(&reporter->lock);
    VdCrossed crossed = reporter->crossings.crossed;
    vd_unlock(&reporter->lock);
    return crossed;
}

GArray *vd_reporter_reasons(VdReporter *reporter, const VdReasonsWanted *wanted, gint *found,
                            gint64 *oldest_us)
{
    vd_lock(&reporter->lock);
    GArray *near = vd_reasons_around(reporter->reasons, wanted, found, oldest_us);
    vd_unlock(&reporter->lock);
    return near;
}

void vd_reporter_tick(VdReporter *reporter)
{
    vd_lock(&reporter->lock);
    VdEvent *event = vd_rules_pass(&reporter->rules, vd_moment_now());
    vd_unlock(&reporter->lock);
    tell(reporter, event);
}

VdReporter *vd_reporter_new(const char *camera, VdHappened happened, void *data)
{
    VdReporter *reporter = g_new0(VdReporter, 1);

    reporter->happened = happened;
    reporter->data = data;
    vd_lock_init(&reporter->lock);
    vd_rules_init(&reporter->rules, camera, &(VdRuleTimes){0});
    vd_crossings_init(&reporter->crossings, camera);
    vd_light_init(&reporter->light, camera);
    reporter->reasons = vd_reasons_new();
    vd_tampering_init(&reporter->tampering, camera);
    return reporter;
}

void vd_reporter_free(VdReporter *reporter)
{
    if (reporter == NULL)
        return;
    vd_reporter_follow(reporter, NULL);
    GPtrArray *ended = g_ptr_array_new();
    vd_tampering_leave(&reporter->tampering, vd_moment_now(), ended);
    tell_all(reporter, ended);
    tell(reporter, vd_rules_leave(&reporter->rules, vd_moment_now()));
    vd_reasons_free(reporter->reasons);
    vd_rules_clear(&reporter->rules);
    vd_crossings_clear(&reporter->crossings);
    vd_light_clear(&reporter->light);
    vd_tampering_clear(&reporter->tampering);
    g_strfreev(reporter->classes);
    g_free(reporter->source);
    vd_lock_clear(&reporter->lock);
    g_free(reporter);
}
