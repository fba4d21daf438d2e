#include "events/journal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "events/store.h"

#include <string.h>

#define PRUNE_US (60 * (gint64)G_USEC_PER_SEC) /* how often the bounds are looked at */

typedef enum JobKind { STORE, FIND, DONE } JobKind;

typedef struct Job {
    JobKind kind;
    VdEvent *event;        /* STORE */
    VdEventFilter filter;  /* FIND; with copies of its texts */
    char *camera, *reader; /* FIND, DONE */
    char **seen;           /* FIND */
    guint64 id;            /* DONE */
    VdJournalAnswer answer;
    void *data;
} Job;

struct VdJournal {
    VdStore *store; /* the thread's */
    guint64 first_last_id;
    VdJournalTrouble trouble;
    void *trouble_data;
    GThread *thread;
    bool failing;    /* the thread's: it was said that it cannot be written */
    guint batch;     /* the thread's: events that are not committed */
    gint64 prune_us; /* the thread's: when to look at the bounds */

    VdLock lock;
    VdCond posted;
    GQueue jobs;                 /* [lock] Job */
    guint n_stores, n_questions; /* [lock] in the queue */
    bool stopping;               /* [lock] */
    VdJournalBounds bounds;      /* [lock] */
    VdJournalStats stats;        /* [lock] */
};

static void job_free(Job *job)
{
    vd_event_unref(job->event);
    g_free(job->camera);
    g_strfreev(job->seen);
    g_free(job->reader);
    g_free(job);
}

/* --- the thread ------------------------------------------------------------------------------- */

static void count(VdJournal *journal, guint stored, guint dropped)
{
    vd_lock(&journal->lock);
    journal->stats.stored += stored;
    journal->stats.dropped += dropped;
    vd_unlock(&journal->lock);
}

/* Said once until it changes: a disk stays full for hours. */
static void tell_trouble(VdJournal *journal, const char *text)
{
    bool failing = text != NULL;

    if (journal->failing == failing)
        return;
    journal->failing = failing;
    if (failing)
        vd_log_error(NULL, "journal: %s: events are told and not kept", text);
    else
        vd_log_info(NULL, "journal: it can be written again");
    if (journal->trouble != NULL)
        journal->trouble(text, journal->trouble_data);
}

/* True: all that was added is kept. */
static bool commit(VdJournal *journal)
{
    g_autoptr(GError) error = NULL;
    guint batch = journal->batch;

    journal->batch = 0;
    if (!vd_store_commit(journal->store, &error)) {
        count(journal, 0, batch);
        tell_trouble(journal, error->message);
        return false;
    }
    count(journal, batch, 0);
    if (batch > 0)
        tell_trouble(journal, NULL);
    return true;
}

static void store_event(VdJournal *journal, const Job *job)
{
    g_autoptr(GError) error = NULL;

    if (vd_store_add(journal->store, job->event, &error)) {
        journal->batch++;
        return;
    }
    count(journal, 0, journal->batch + 1);
    journal->batch = 0;
    tell_trouble(journal, error->message);
}

/* What is answered is kept: who asks was not told of anything that may still get lost. */
static void answer(VdJournal *journal, const Job *job)
{
    g_autoptr(GError) error = NULL;
    bool more = false;

    commit(journal);
    g_autoptr(GPtrArray) events = vd_store_find(journal->store, &job->filter, &more, &error);
    commit(journal);
    if (events == NULL)
        vd_log_change(VD_LOG_ERROR, NULL, "journal", "journal: it cannot be read: %s",
                      error->message);
    job->answer(events, more, job->data);
}

static void do_job(VdJournal *journal, Job *job)
{
    switch (job->kind) {
    case STORE:
        store_event(journal, job);
        break;
    case FIND:
        answer(journal, job);
        break;
    case DONE:
        vd_store_done(journal->store, job->reader, job->id, NULL);
        break;
    }
}

/* One step, or none; what is waited for must not wait for long. */
static void prune(VdJournal *journal, const VdJournalBounds *bounds)
{
    g_autoptr(GError) error = NULL;
    bool more = false;

    if (!vd_store_prune(journal->store, bounds, vd_clock_wall_us(), &more, &error)) {
        vd_store_commit(journal->store, NULL);
        tell_trouble(journal, error->message);
        more = false;
    }
    if (!more)
        journal->prune_us = vd_clock_now_us() + PRUNE_US;
    guint64 bytes = vd_store_bytes(journal->store);
    vd_lock(&journal->lock);
    journal->stats.bytes = bytes;
    vd_unlock(&journal->lock);
}

/* [lock] Waits for work, or for the time to look at the bounds; false: it is over. */
static bool wait_for_jobs(VdJournal *journal)
{
    while (journal->jobs.length == 0 && !journal->stopping && vd_clock_now_us() < journal->prune_us)
        if (!vd_cond_wait_until(&journal->posted, &journal->lock, journal->prune_us))
            break;
    return journal->jobs.length > 0 || !journal->stopping;
}

static void *run(void *data)
{
    VdJournal *journal = data;

    vd_lock(&journal->lock);
    while (wait_for_jobs(journal)) {
        GQueue jobs = journal->jobs;
        VdJournalBounds bounds = journal->bounds;

        g_queue_init(&journal->jobs);
        journal->n_stores = journal->n_questions = 0;
        vd_unlock(&journal->lock);
        for (Job *job; (job = g_queue_pop_head(&jobs)) != NULL; job_free(job))
            do_job(journal, job);
        commit(journal);
        if (vd_clock_now_us() >= journal->prune_us)
            prune(journal, &bounds);
        vd_lock(&journal->lock);
    }
    vd_unlock(&journal->lock);
    return NULL;
}

/* --- orders ----------------------------------------------------------------------------------- */

/* [lock] */
static void post(VdJournal *journal, Job *job)
{
    g_queue_push_tail(&journal->jobs, job);
    vd_cond_signal(&journal->posted);
}

void vd_journal_store(VdJournal *journal, VdEvent *event)
{
    vd_lock(&journal->lock);
    if (journal->n_stores < VD_MAX_EVENTS_QUEUED) {
        Job *job = g_new0(Job, 1);
        job->kind = STORE;
        job->event = vd_event_ref(event);
        journal->n_stores++;
        post(journal, job);
    } else {
        journal->stats.dropped++;
    }
    vd_unlock(&journal->lock);
}

bool vd_journal_find(VdJournal *journal, const VdEventFilter *filter, VdJournalAnswer answer_to,
                     void *data)
{
    vd_lock(&journal->lock);
    bool room = journal->n_questions < VD_MAX_QUESTIONS;
    if (room) {
        Job *job = g_new0(Job, 1);
        job->kind = FIND;
        job->filter = *filter;
        job->filter.camera = job->camera = g_strdup(filter->camera);
        job->seen = g_strdupv((char **)filter->seen);
        job->filter.seen = (const char *const *)job->seen;
        job->filter.reader = job->reader = g_strdup(filter->reader);
        job->answer = answer_to;
        job->data = data;
        journal->n_questions++;
        post(journal, job);
    }
    vd_unlock(&journal->lock);
    return room;
}

void vd_journal_done(VdJournal *journal, const char *reader, guint64 id)
{
    Job *job = g_new0(Job, 1);

    job->kind = DONE;
    job->reader = g_strdup(reader);
    job->id = id;
    vd_lock(&journal->lock);
    post(journal, job);
    vd_unlock(&journal->lock);
}

void vd_journal_set_bounds(VdJournal *journal, const VdJournalBounds *bounds)
{
    vd_lock(&journal->lock);
    journal->bounds = *bounds;
    vd_unlock(&journal->lock);
}

void vd_journal_stats(VdJournal *journal, VdJournalStats *stats)
{
    vd_lock(&journal->lock);
    *stats = journal->stats;
    stats->queued = journal->n_stores;
    vd_unlock(&journal->lock);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static VdStore *open_store(const char *file)
{
    g_autoptr(GError) error = NULL;
    VdStore *store = vd_store_open(file, &error);

    if (store != NULL)
        return store;
    vd_log_error(NULL, "journal: %s: %s: events are kept in memory only", file, error->message);
    return vd_store_open(VD_STORE_IN_MEMORY, NULL);
}

VdJournal *vd_journal_new(const char *file, const VdJournalBounds *bounds)
{
    VdJournal *journal = g_new0(VdJournal, 1);

    journal->store = open_store(file);
    journal->first_last_id = vd_store_last_id(journal->store);
    journal->bounds = *bounds;
    vd_lock_init(&journal->lock);
    vd_cond_init(&journal->posted);
    g_queue_init(&journal->jobs);
    journal->thread = g_thread_new("journal", run, journal);
    return journal;
}

void vd_journal_free(VdJournal *journal)
{
    if (journal == NULL)
        return;
    vd_lock(&journal->lock);
    journal->stopping = true;
    vd_cond_signal(&journal->posted);
    vd_unlock(&journal->lock);
    g_thread_join(journal->thread);
    vd_store_close(journal->store);
    vd_cond_clear(&journal->posted);
    vd_lock_clear(&journal->lock);
    g_free(journal);
}

void vd_journal_on_trouble(VdJournal *journal, VdJournalTrouble trouble, void *data)
{
    journal->trouble = trouble;
    journal->trouble_data = data;
}

guint64 vd_journal_last_id(const VdJournal *journal)
{
    return journal->first_last_id;
}
