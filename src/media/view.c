#include "media/view.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "media/card.h"
#include "media/encode.h"
#include "media/video-encoder.h"

#define CARD_MS        1000
#define RESTART_US     G_USEC_PER_SEC
#define AT_ONCE        3 /* times that it is started again at once, and then each RESTART_US */
#define LATE_US        (G_USEC_PER_SEC / 10)
#define HUNG_US        (30 * G_USEC_PER_SEC) /* no machine is so slow */
#define CARD_WIDTH     640                   /* before any frame */
#define CARD_HEIGHT    360
#define COST_SMOOTHING 16             /* the mean is over about so many pictures */
#define KEY_US         G_USEC_PER_SEC /* from one key picture that was asked for to the next */

/* One picture to encode: a frame or a card. */
typedef struct Job {
    VdFrame *frame;    /* (nullable) */
    char *lines;       /* (nullable) a card's */
    int width, height; /* a card's */
    VdStep step;       /* its place in a video */
} Job;

/* What a put needs, taken under the lock and used after it. */
typedef struct Turn {
    VdEncode *encode; /* (nullable) nothing to do */
    Job job;
    bool key; /* it is to be a key picture */
} Turn;

struct VdView {
    char *id;
    VdCameraConfig *camera; /* [main] */
    VdRendition rendition;
    VdFrameHub *hub;
    VdMailbox *mailbox;
    VdStages *stages; /* (nullable) */
    guint listener;
    GSource *card_timer;    /* [main] (nullable) while there is no live picture */
    GSource *restart_timer; /* [main] (nullable) */
    gint64 restarted_us;    /* [main] when the encoder was last started again; 0: never */
    guint restarts;         /* [main] with little time between them */
    char *state, *reason;   /* [main] */
    VdMoment since;         /* [main] */

    VdLock lock;
    VdEncode *encode;     /* [lock] (nullable) while it waits for its restart */
    bool live;            /* [lock] */
    Job working, waiting; /* [lock] */
    bool busy;            /* [lock] something is in work */
    bool paced;           /* [lock] due is valid */
    GstClockTime due;     /* [lock] PTS at which the next frame is wanted */
    GstClockTime passed;  /* [lock] PTS of the newest frame, wanted or not */
    guint64 newest;       /* [lock] number of the newest frame taken */
    gint64 taken_us;      /* [lock] when it was taken */
    gint64 put_us;        /* [lock] */
    guint64 puts;         /* [lock] into this encoder */
    VdTimeline timeline;  /* [lock] */
    gint64 key_us;        /* [lock] when a key picture was last asked for */
    int width, height;    /* [lock] of the frames that come in; 0: none yet */
    VdViewStats stats;    /* [lock] */
};

static void job_clear(Job *job)
{
    vd_frame_unref(job->frame);
    g_free(job->lines);
    *job = (Job){0};
}

static Job job_steal(Job *job)
{
    Job stolen = *job;

    *job = (Job){0};
    return stolen;
}

static Job job_copy(const Job *job)
{
    return (Job){
        .frame = job->frame != NULL ? vd_frame_ref(job->frame) : NULL,
        .lines = g_strdup(job->lines),
        .width = job->width,
        .height = job->height,
        .step = job->step,
    };
}

static bool job_is_any(const Job *job)
{
    return job->frame != NULL || job->lines != NULL;
}

/*
 * [lock] Whether this frame's turn has come. The due time walks by whole periods, so the rate is
 * right in the mean also when it does not divide the camera's, and a frame that is nearer to it
 * than the next one will be is taken.
 */
static bool is_due(VdView *view, GstClockTime pts)
{
    GstClockTime interval = pts > view->passed ? pts - view->passed : 0;

    view->passed = pts;
    if (view->rendition.fps <= 0 || !GST_CLOCK_TIME_IS_VALID(pts))
        return true;
    GstClockTime period = GST_SECOND / (guint)view->rendition.fps;
    GstClockTime slack = MIN(interval / 2, period / 4);
    bool in_step = view->paced && pts < view->due + period && pts + 2 * period > view->due;
    if (in_step && pts + slack < view->due)
        return false;
    view->due = in_step ? view->due + period : pts + period;
    view->paced = true;
    return true;
}

/*
 * [lock] A machine that does not keep up with decoding has better things to do than to encode what
 * is old already: with that time left to it, the decoder catches up, and what is shown is new.
 */
static bool is_worth_it(const VdView *view, const VdFrame *frame)
{
    return !frame->late || vd_clock_now_us() - view->taken_us >= LATE_US;
}

static GstClockTime pts_of(const VdFrame *frame)
{
    return GST_BUFFER_PTS(gst_sample_get_buffer(frame->sample));
}

/*
 * [lock] What waits comes into work. The turn's job is a copy: a failure clears the original.
 * wants_key: the mailbox does.
 */
static Turn take_turn(VdView *view, bool wants_key)
{
    view->busy = view->encode != NULL && job_is_any(&view->waiting);
    if (!view->busy)
        return (Turn){0};
    view->working = job_steal(&view->waiting);
    Job *job = &view->working;
    view->put_us = vd_clock_now_us();
    view->puts++;
    job->step = vd_timeline_next(&view->timeline,
                                 job->frame != NULL ? pts_of(job->frame) : GST_CLOCK_TIME_NONE,
                                 view->put_us - vd_mailbox_begun_us(view->mailbox));
    bool key = wants_key && view->put_us - view->key_us >= KEY_US;
    if (key)
        view->key_us = view->put_us;
    return (Turn){.encode = vd_encode_ref(view->encode), .job = job_copy(job), .key = key};
}

static void run_turn(Turn *turn)
{
    const Job *job = &turn->job;
    VdDrawing drawing = {.step = job->step, .key = turn->key, .lines = job->lines};

    if (turn->encode == NULL)
        return;
    if (job->frame != NULL) {
        drawing.report = job->frame->report;
        drawing.objects = job->frame->objects;
        drawing.captured_us = job->frame->captured_us;
        vd_encode_put(turn->encode, job->frame->sample, &drawing);
    } else {
        g_autoptr(GstSample) card = vd_card_sample(job->width, job->height);
        vd_encode_put(turn->encode, card, &drawing);
    }
    vd_encode_unref(turn->encode);
    job_clear(&turn->job);
}

/*
 * [lock] GStreamer may drop a picture while it negotiates anew, without a word; nothing would ever
 * end the wait for it. A picture that is still on its way is waited for: the first one of many
 * views at once takes its time, on a slow machine seconds.
 */
static bool is_stuck(const VdView *view)
{
    return view->busy && view->encode != NULL &&
           (vd_encode_drained(view->encode) >= view->puts ||
            vd_clock_now_us() - view->put_us > HUNG_US);
}

/* [any] The newest job waits; what waited before is lost. (transfer full) */
static void offer(VdView *view, Job job)
{
    bool wants_key = vd_mailbox_wants_key(view->mailbox);
    VdEncode *stuck = NULL;
    Turn turn = {0};

    vd_lock(&view->lock);
    Job lost = job_steal(&view->waiting);
    if (lost.frame != NULL)
        view->stats.skipped++;
    view->waiting = job;
    if (!view->busy)
        turn = take_turn(view, wants_key);
    else if (is_stuck(view))
        stuck = vd_encode_ref(view->encode);
    vd_unlock(&view->lock);
    job_clear(&lost);
    run_turn(&turn);
    if (stuck != NULL)
        vd_encode_fail(stuck, "a picture went in and did not come out");
    vd_encode_unref(stuck);
}

/* [any] */
static void on_frame(VdFrame *frame, void *data)
{
    VdView *view = data;
    GstClockTime pts = pts_of(frame);
    const GstStructure *structure = gst_caps_get_structure(gst_sample_get_caps(frame->sample), 0);

    vd_lock(&view->lock);
    bool newer = view->live && frame->number > view->newest;
    bool worth_it = newer && is_worth_it(view, frame);
    bool wanted = worth_it && is_due(view, pts);
    if (newer && !worth_it)
        view->stats.skipped++;
    if (wanted) {
        view->newest = frame->number;
        view->taken_us = vd_clock_now_us();
        gst_structure_get_int(structure, "width", &view->width);
        gst_structure_get_int(structure, "height", &view->height);
    }
    vd_unlock(&view->lock);
    if (wanted)
        offer(view, (Job){.frame = vd_frame_ref(frame)});
}

static void post(VdView *view, const Job *job, const VdEncoded *encoded)
{
    g_autoptr(VdPicture) picture = vd_picture_new(view->id, g_bytes_ref(encoded->bytes));

    picture->opening = encoded->opening != NULL ? g_bytes_ref(encoded->opening) : NULL;
    picture->delta = encoded->delta;
    picture->encoded_us = vd_clock_now_us();
    picture->width = encoded->width;
    picture->height = encoded->height;
    picture->placeholder = job->frame == NULL;
    picture->number = job->frame != NULL ? job->frame->number : 0;
    picture->received_us = job->frame != NULL ? job->frame->received_us : picture->encoded_us;
    picture->captured_us = job->frame != NULL ? job->frame->captured_us : vd_clock_wall_us();
    vd_mailbox_post(view->mailbox, picture);
}

/* [lock] */
static void account(VdView *view, gsize size)
{
    double cost_us = (double)(vd_clock_now_us() - view->put_us);
    guint weight = view->stats.pictures == 0 ? 1 : COST_SMOOTHING;

    view->stats.cost_us += (cost_us - view->stats.cost_us) / weight;
    view->stats.pictures++;
    view->stats.bytes += size;
}

/* [streaming thread] */
static void on_done(const VdEncoded *encoded, void *data)
{
    VdView *view = data;
    gsize size = encoded->bytes != NULL ? g_bytes_get_size(encoded->bytes) : 0;
    bool wants_key = encoded->delta && vd_mailbox_wants_key(view->mailbox);

    vd_lock(&view->lock);
    Job job = job_steal(&view->working);
    account(view, size);
    Turn turn = take_turn(view, wants_key);
    vd_unlock(&view->lock);
    if (size > 0)
        post(view, &job, encoded);
    job_clear(&job);
    run_turn(&turn);
}

static void offer_newest(VdView *view)
{
    g_autoptr(VdFrame) frame = vd_frame_hub_newest(view->hub);

    if (frame != NULL)
        on_frame(frame, view);
}

static void offer_card(VdView *view)
{
    Job job = {0};

    vd_lock(&view->lock);
    int width = view->width, height = view->height;
    vd_unlock(&view->lock);
    if (width == 0) {
        width = CARD_WIDTH;
        height = CARD_HEIGHT;
    }
    vd_encode_size(&view->rendition, width, height, &job.width, &job.height);
    job.lines =
        vd_card_text(view->camera->name, view->state, view->reason, view->since, vd_moment_now());
    offer(view, job);
}

static gboolean on_card_timer(void *data)
{
    offer_card(data);
    return G_SOURCE_CONTINUE;
}

static GSource *timer(guint ms, GSourceFunc call, VdView *view)
{
    GSource *source = g_timeout_source_new(ms);

    g_source_set_callback(source, call, view, NULL);
    g_source_attach(source, NULL);
    return source;
}

static void stop_timer(GSource **source)
{
    if (*source != NULL)
        g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

static void start(VdView *view);

static gboolean on_restart_timer(void *data)
{
    VdView *view = data;

    gint64 now_us = vd_clock_now_us();

    stop_timer(&view->restart_timer);
    view->restarts = now_us - view->restarted_us > 2 * RESTART_US ? 1 : view->restarts + 1;
    view->restarted_us = now_us;
    start(view);
    return G_SOURCE_REMOVE;
}

/* A fault of a moment costs a picture; of a GPU that is lost, one or two may still be about. */
static void restart_later(VdView *view)
{
    gint64 due_us =
        view->restarts < AT_ONCE ? 0 : view->restarted_us + RESTART_US - vd_clock_now_us();

    if (view->restart_timer == NULL)
        view->restart_timer =
            timer((guint)CLAMP(due_us / 1000, 0, RESTART_US / 1000), on_restart_timer, view);
}

/* Takes the encoder away; a frame that was in work with it is lost. */
static void stop(VdView *view)
{
    vd_lock(&view->lock);
    VdEncode *encode = g_steal_pointer(&view->encode);
    Job working = job_steal(&view->working);
    view->busy = false;
    vd_unlock(&view->lock);
    job_clear(&working);
    if (encode != NULL)
        vd_encode_close(encode);
    vd_encode_unref(encode);
}

static void on_failed(const char *text, void *data)
{
    VdView *view = data;

    vd_log_change(VD_LOG_WARNING, view->id, "view", "a view failed (%s), starting it again", text);
    stop(view);
    restart_later(view);
}

static void on_encoder(void *data)
{
    VdView *view = data;
    VdEncoderFacts facts;

    vd_view_tell_encoder(view, &facts);
    vd_log_change(VD_LOG_INFO, view->id, vd_codec_name(view->rendition.codec), "%s by %s%s%s",
                  vd_codec_name(view->rendition.codec), facts.name,
                  facts.no_gpu != NULL ? ", not on a GPU: " : "",
                  facts.no_gpu != NULL ? facts.no_gpu : "");
    vd_encoder_facts_clear(&facts);
}

static const VdEncodeEvents encode_events = {
    .done = on_done, .encoder = on_encoder, .failed = on_failed};

static void start(VdView *view)
{
    g_autoptr(GError) error = NULL;
    VdEncode *encode =
        vd_encode_new(view->camera, &view->rendition, view->stages, &encode_events, view, &error);
    if (encode == NULL) {
        vd_log_change(VD_LOG_ERROR, view->id, "view", "no view: %s", error->message);
        restart_later(view);
        return;
    }
    vd_encode_set_state(encode, view->state);
    vd_lock(&view->lock);
    view->encode = encode;
    view->puts = 0;
    Turn turn = take_turn(view, false); /* an encoder's first picture is one */
    vd_unlock(&view->lock);
    run_turn(&turn);
}

VdView *vd_view_new(const VdCameraConfig *camera, const VdRendition *rendition, VdFrameHub *hub,
                    VdMailbox *mailbox, VdStages *stages)
{
    VdView *view = g_new0(VdView, 1);

    vd_lock_init(&view->lock);
    view->id = g_strdup(camera->id);
    view->camera = vd_camera_config_ref((VdCameraConfig *)camera);
    view->rendition = *rendition;
    view->hub = vd_frame_hub_ref(hub);
    view->mailbox = vd_mailbox_ref(mailbox);
    view->stages = vd_stages_ref(stages);
    view->state = g_strdup("");
    view->live = true;
    start(view);
    view->listener = vd_frame_hub_listen(hub, on_frame, view);
    offer_newest(view);
    return view;
}

void vd_view_free(VdView *view)
{
    if (view == NULL)
        return;
    vd_frame_hub_unlisten(view->hub, view->listener);
    stop_timer(&view->card_timer);
    stop_timer(&view->restart_timer);
    stop(view);
    job_clear(&view->waiting);
    vd_mailbox_unref(view->mailbox);
    vd_stages_unref(view->stages);
    vd_frame_hub_unref(view->hub);
    vd_camera_config_unref(view->camera);
    g_free(view->state);
    g_free(view->reason);
    g_free(view->id);
    vd_lock_clear(&view->lock);
    g_free(view);
}

void vd_view_configure(VdView *view, const VdCameraConfig *camera)
{
    VdCameraConfig *before = view->camera;

    view->camera = vd_camera_config_ref((VdCameraConfig *)camera);
    vd_camera_config_unref(before);
    if (view->encode != NULL)
        vd_encode_configure(view->encode, camera);
}

static void set_live(VdView *view, bool live)
{
    vd_lock(&view->lock);
    view->live = live;
    Job lost = job_steal(&view->waiting); /* of the state that was */
    vd_unlock(&view->lock);
    job_clear(&lost);
}

void vd_view_set_state(VdView *view, bool live, const char *state, const char *reason,
                       VdMoment since)
{
    bool same = live == view->live && g_strcmp0(state, view->state) == 0 &&
                g_strcmp0(reason, view->reason) == 0 && since.us == view->since.us;

    if (same)
        return;
    g_free(view->state);
    g_free(view->reason);
    view->state = g_strdup(state);
    view->reason = g_strdup(reason);
    view->since = since;
    if (view->encode != NULL)
        vd_encode_set_state(view->encode, state);
    stop_timer(&view->card_timer);
    if (live != view->live)
        set_live(view, live);
    if (live) {
        offer_newest(view);
        return;
    }
    offer_card(view);
    view->card_timer = timer(CARD_MS, on_card_timer, view);
}

void vd_view_stats(VdView *view, VdViewStats *stats)
{
    vd_lock(&view->lock);
    *stats = view->stats;
    vd_unlock(&view->lock);
}

bool vd_view_can(VdCodec codec, GError **error)
{
    return codec == VD_CODEC_JPEG || vd_video_encoder_find(codec, error) != NULL;
}

void vd_view_tell_encoder(VdView *view, VdEncoderFacts *facts)
{
    *facts = (VdEncoderFacts){0};
    if (view->encode != NULL)
        vd_encode_tell(view->encode, facts);
}

void vd_encoder_facts_clear(VdEncoderFacts *facts)
{
    g_clear_pointer(&facts->name, g_free);
    g_clear_pointer(&facts->no_gpu, g_free);
    g_clear_pointer(&facts->codecs, g_free);
}
