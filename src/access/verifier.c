#include "access/verifier.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"

#include <string.h>

#define REMEMBER_US (60 * G_USEC_PER_SEC)

typedef struct Waiter {
    VdVerified done;
    void *data;
    GDestroyNotify destroy;
} Waiter;

typedef struct Job {
    VdDigest key;
    VdAccount *account; /* (nullable) */
    char *place, *password;
    guint generation;
    GArray *waiters; /* Waiter [lock] */
} Job;

struct VdVerifier {
    VdKey key;
    GThread *thread;
    char *nobodys; /* [thread] a hash that costs as much as a user's */
    VdLock lock;
    VdCond changed;
    GQueue jobs;       /* [lock] Job; the first one is being verified */
    GHashTable *known; /* [lock] VdDigest -> gint64: until when */
    guint generation;  /* [lock] grows when accounts change */
    bool closed;       /* [lock] */
};

static void clear_waiter(void *data)
{
    Waiter *waiter = data;

    if (waiter->destroy != NULL)
        waiter->destroy(waiter->data);
}

static void free_job(void *data)
{
    Job *job = data;

    vd_account_unref(job->account);
    g_free(job->place);
    vd_secret_free(job->password);
    g_array_unref(job->waiters);
    g_free(job);
}

static gboolean is_past(gpointer key, gpointer until_us, gpointer now_us)
{
    return *(const gint64 *)until_us <= *(const gint64 *)now_us;
}

/* [lock] When there is no room, it is verified again the next time. */
static void remember(VdVerifier *verifier, const VdDigest *key)
{
    gint64 now_us = vd_clock_now_us(), until_us = now_us + REMEMBER_US;

    if (g_hash_table_size(verifier->known) >= VD_MAX_VERIFIED)
        g_hash_table_foreach_remove(verifier->known, is_past, &now_us);
    if (g_hash_table_size(verifier->known) < VD_MAX_VERIFIED)
        g_hash_table_replace(verifier->known, g_memdup2(key, sizeof *key),
                             g_memdup2(&until_us, sizeof until_us));
}

/* [lock] */
static bool remembers(VdVerifier *verifier, const VdDigest *key)
{
    const gint64 *until_us = g_hash_table_lookup(verifier->known, key);

    return until_us != NULL && vd_clock_now_us() < *until_us;
}

static bool verify(VdVerifier *verifier, const Job *job)
{
    if (job->account != NULL)
        return vd_password_matches(job->account->password, job->password);
    if (verifier->nobodys == NULL)
        verifier->nobodys = vd_password_hash("");
    if (verifier->nobodys != NULL)
        vd_password_matches(verifier->nobodys, job->password);
    return false;
}

/* The job that is next, which stays in the queue; NULL: closed. */
static Job *wait_for_job(VdVerifier *verifier)
{
    vd_lock(&verifier->lock);
    while (!verifier->closed && g_queue_is_empty(&verifier->jobs))
        vd_cond_wait(&verifier->changed, &verifier->lock);
    Job *job = verifier->closed ? NULL : g_queue_peek_head(&verifier->jobs);
    vd_unlock(&verifier->lock);
    return job;
}

/* From here on nobody joins it. False: closed, its waiters are not called any more. */
static bool take_off(VdVerifier *verifier, Job *job, bool good)
{
    vd_lock(&verifier->lock);
    g_queue_remove(&verifier->jobs, job);
    if (good && job->generation == verifier->generation)
        remember(verifier, &job->key);
    bool open = !verifier->closed;
    vd_unlock(&verifier->lock);
    return open;
}

static void *run(void *data)
{
    VdVerifier *verifier = data;
    Job *job;

    while ((job = wait_for_job(verifier)) != NULL) {
        bool good = verify(verifier, job);

        if (take_off(verifier, job, good))
            for (guint i = 0; i < job->waiters->len; i++) {
                const Waiter *waiter = &g_array_index(job->waiters, Waiter, i);
                waiter->done(waiter->data, good);
            }
        free_job(job);
    }
    return NULL;
}

/* [lock] One more of the same question, or NULL; *here: how many of its place wait. */
static Job *find_job(VdVerifier *verifier, const VdDigest *key, const char *place, guint *here)
{
    *here = 0;
    for (GList *at = verifier->jobs.head; at != NULL; at = at->next) {
        Job *job = at->data;

        if (vd_digest_same(&job->key, key) && job->generation == verifier->generation)
            return job;
        *here += strcmp(job->place, place) == 0;
    }
    return NULL;
}

/* [lock] */
static Job *add_job(VdVerifier *verifier, const VdDigest *key, const VdVerifying *question)
{
    Job *job = g_new0(Job, 1);

    job->key = *key;
    job->account = question->account != NULL ? vd_account_ref(question->account) : NULL;
    job->place = g_strdup(question->place);
    job->password = g_strdup(question->password);
    job->generation = verifier->generation;
    job->waiters = g_array_new(FALSE, FALSE, sizeof(Waiter));
    g_array_set_clear_func(job->waiters, clear_waiter);
    g_queue_push_tail(&verifier->jobs, job);
    vd_cond_signal(&verifier->changed);
    return job;
}

VdVerify vd_verifier_ask(VdVerifier *verifier, const VdVerifying *question, VdVerified done,
                         void *data, GDestroyNotify destroy)
{
    const char *const texts[] = {question->place, question->user, question->password};
    VdDigest key = vd_digest_with(&verifier->key, texts, G_N_ELEMENTS(texts));
    Waiter waiter = {done, data, destroy};
    guint here;

    vd_lock(&verifier->lock);
    VdVerify answer = VD_VERIFY_LATER;
    Job *job = find_job(verifier, &key, question->place, &here);
    if (question->account != NULL && remembers(verifier, &key))
        answer = VD_VERIFY_GOOD;
    else if (job == NULL &&
             (here >= VD_MAX_VERIFYING_HERE || verifier->jobs.length >= VD_MAX_VERIFYING))
        answer = VD_VERIFY_FULL;
    if (answer == VD_VERIFY_LATER) {
        job = job != NULL ? job : add_job(verifier, &key, question);
        g_array_append_val(job->waiters, waiter);
    }
    vd_unlock(&verifier->lock);
    return answer;
}

void vd_verifier_forget(VdVerifier *verifier)
{
    vd_lock(&verifier->lock);
    verifier->generation++;
    g_hash_table_remove_all(verifier->known);
    vd_unlock(&verifier->lock);
}

VdVerifier *vd_verifier_new(void)
{
    VdVerifier *verifier = g_new0(VdVerifier, 1);

    vd_random_key(&verifier->key);
    vd_lock_init(&verifier->lock);
    vd_cond_init(&verifier->changed);
    g_queue_init(&verifier->jobs);
    verifier->known = g_hash_table_new_full(vd_digest_hash, vd_digest_equal, g_free, g_free);
    verifier->thread = g_thread_new("passwords", run, verifier);
    return verifier;
}

void vd_verifier_free(VdVerifier *verifier)
{
    if (verifier == NULL)
        return;
    vd_lock(&verifier->lock);
    verifier->closed = true;
    vd_cond_signal(&verifier->changed);
    vd_unlock(&verifier->lock);
    g_thread_join(verifier->thread);
    g_queue_clear_full(&verifier->jobs, free_job);
    g_hash_table_unref(verifier->known);
    vd_secret_free(verifier->nobodys);
    vd_cond_clear(&verifier->changed);
    vd_lock_clear(&verifier->lock);
    g_free(verifier);
}
