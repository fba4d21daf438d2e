#include "events/webhooks.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"

#include <curl/curl.h>
#include <string.h>

#define AT_ONCE    64 /* events that are fetched from the journal */
#define TIMEOUT_MS 10000
#define CONNECT_MS 5000
#define FIRST_US   ((gint64)G_USEC_PER_SEC)
#define MOST_US    (300 * (gint64)G_USEC_PER_SEC)
#define KEPT_US    (VD_WEBHOOK_DAYS * 24 * 3600 * (gint64)G_USEC_PER_SEC)
#define IDLE_MS    60000
#define READER     "webhook:"

/* One server. The thread's, but for what the journal answers. */
typedef struct Hook {
    VdWebhookConfig *config;
    char *reader;   /* its name in the journal */
    guint kinds;    /* 1 << VdEventKind; 0: all */
    char **cameras; /* (nullable) all */
    GQueue events;  /* VdEvent, to be told in this order */
    bool asked;     /* [lock] the journal is asked and has not answered */
    bool more;      /* there may be others in the journal */
    CURL *request;  /* (nullable) the first of the events is on its way */
    struct curl_slist *headers;
    guint failures; /* in a row */
    gint64 next_us; /* when to try again; 0: at once */
    guint64 told, failed, dropped;
} Hook;

struct VdWebhooks {
    VdEventHub *hub;
    VdJournal *journal;
    CURLM *multi;
    GThread *thread;
    guint watch;
    VdLock lock;
    GPtrArray *wanted;                  /* [lock] (nullable) VdWebhookConfig to change over to */
    bool happened;                      /* [lock] there is something new in the journal */
    bool stopping;                      /* [lock] */
    GQueue found;                       /* [lock] Found */
    GPtrArray *hooks;                   /* the thread's: Hook */
    VdSinkFacts facts[VD_MAX_WEBHOOKS]; /* [lock] of the hooks */
    guint n_facts;                      /* [lock] */
};

/* What the journal answered to a hook that may be gone by then. */
typedef struct Found {
    VdWebhooks *webhooks;
    char *reader;
    GPtrArray *events; /* (nullable) VdEvent */
    bool more;
} Found;

/* --- what is sent ----------------------------------------------------------------------------- */

char *vd_webhook_signature(const char *secret, const char *timestamp, GBytes *body)
{
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, (const guchar *)secret, strlen(secret));
    gsize size;
    const guchar *bytes = g_bytes_get_data(body, &size);

    g_hmac_update(hmac, (const guchar *)timestamp, -1);
    g_hmac_update(hmac, (const guchar *)".", 1);
    g_hmac_update(hmac, bytes, (gssize)size);
    char *text = g_strconcat("sha256=", g_hmac_get_string(hmac), NULL);
    g_hmac_unref(hmac);
    return text;
}

gint64 vd_webhook_delay_us(guint failures, double random)
{
    gint64 delay_us = MIN(FIRST_US << MIN(failures - 1, 20), MOST_US);

    return (gint64)((double)delay_us * (0.75 + random / 2));
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
    g_autofree char *line = g_strdup_printf("%s: %s", name, value);

    return curl_slist_append(list, line);
}

static struct curl_slist *headers_of(const Hook *hook, const VdEvent *event)
{
    g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, event->id);
    g_autofree char *timestamp =
        g_strdup_printf("%" G_GINT64_FORMAT, vd_clock_wall_us() / G_USEC_PER_SEC);
    struct curl_slist *list = NULL;

    list = add_header(list, "Content-Type", "application/json");
    list = add_header(list, "X-Vedette-Event", vd_event_kind_name(event->kind));
    list = add_header(list, "X-Vedette-Id", id);
    list = add_header(list, "X-Vedette-Timestamp", timestamp);
    if (hook->config->secret != NULL) {
        g_autofree char *signature =
            vd_webhook_signature(hook->config->secret, timestamp, event->json);
        list = add_header(list, "X-Vedette-Signature", signature);
    }
    return add_header(list, "Expect", "");
}

static size_t discard(char *bytes, size_t size, size_t count, void *data)
{
    return size * count;
}

static void send_first(VdWebhooks *webhooks, Hook *hook)
{
    const VdEvent *event = g_queue_peek_head(&hook->events);
    CURL *request = curl_easy_init();
    gsize size;
    const char *json = g_bytes_get_data(event->json, &size);

    hook->headers = headers_of(hook, event);
    curl_easy_setopt(request, CURLOPT_URL, hook->config->url);
    curl_easy_setopt(request, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(request, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(request, CURLOPT_PRIVATE, hook);
    curl_easy_setopt(request, CURLOPT_POSTFIELDSIZE, (long)size);
    curl_easy_setopt(request, CURLOPT_POSTFIELDS, json);
    curl_easy_setopt(request, CURLOPT_HTTPHEADER, hook->headers);
    curl_easy_setopt(request, CURLOPT_USERAGENT, "vedette/" PACKAGE_VERSION);
    curl_easy_setopt(request, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
    curl_easy_setopt(request, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(request, CURLOPT_WRITEFUNCTION, discard);
    hook->request = request;
    curl_multi_add_handle(webhooks->multi, request);
}

static void end_request(VdWebhooks *webhooks, Hook *hook)
{
    if (hook->request == NULL)
        return;
    curl_multi_remove_handle(webhooks->multi, hook->request);
    g_clear_pointer(&hook->request, curl_easy_cleanup);
    g_clear_pointer(&hook->headers, curl_slist_free_all);
}

/* --- hooks ------------------------------------------------------------------------------------ */

static Hook *hook_new(VdWebhookConfig *config)
{
    Hook *hook = g_new0(Hook, 1);

    hook->config = vd_webhook_config_ref(config);
    hook->reader = g_strconcat(READER, config->id, NULL);
    hook->more = true;
    if (config->kinds != NULL)
        vd_event_kinds_read(config->kinds, &hook->kinds);
    if (config->cameras != NULL)
        hook->cameras = g_strsplit(config->cameras, ",", -1);
    return hook;
}

static void forget_events(Hook *hook)
{
    g_queue_clear_full(&hook->events, (GDestroyNotify)vd_event_unref);
}

static void hook_free(void *data)
{
    Hook *hook = data;

    forget_events(hook);
    vd_webhook_config_unref(hook->config);
    g_strfreev(hook->cameras);
    g_free(hook->reader);
    g_free(hook);
}

static Hook *find_hook(GPtrArray *hooks, const char *reader)
{
    for (guint i = 0; i < hooks->len; i++)
        if (g_str_equal(((Hook *)hooks->pdata[i])->reader, reader))
            return hooks->pdata[i];
    return NULL;
}

static void count_on(Hook *hook, const Hook *before)
{
    hook->told = before->told;
    hook->failed = before->failed;
    hook->dropped = before->dropped;
}

/* A hook of the same name keeps its counters, and its place in the journal, which is by name. */
static void change_over(VdWebhooks *webhooks, GPtrArray *wanted)
{
    g_autoptr(GPtrArray) before = webhooks->hooks;

    webhooks->hooks = g_ptr_array_new_with_free_func(hook_free);
    for (guint i = 0; i < before->len; i++)
        end_request(webhooks, before->pdata[i]);
    for (guint i = 0; i < wanted->len; i++) {
        Hook *hook = hook_new(wanted->pdata[i]);
        const Hook *same = find_hook(before, hook->reader);

        if (same != NULL)
            count_on(hook, same);
        g_ptr_array_add(webhooks->hooks, hook);
    }
}

/* --- the journal ------------------------------------------------------------------------------ */

static void found_free(Found *found)
{
    if (found->events != NULL)
        g_ptr_array_unref(found->events);
    g_free(found->reader);
    g_free(found);
}

/* [the journal's thread] */
static void on_found(GPtrArray *events, bool more, void *data)
{
    Found *found = data;
    VdWebhooks *webhooks = found->webhooks;

    found->events = events != NULL ? g_ptr_array_ref(events) : NULL;
    found->more = more;
    vd_lock(&webhooks->lock);
    g_queue_push_tail(&webhooks->found, found);
    vd_unlock(&webhooks->lock);
    curl_multi_wakeup(webhooks->multi);
}

static void ask_journal(VdWebhooks *webhooks, Hook *hook)
{
    Found *found = g_new0(Found, 1);
    VdEventFilter filter = {
        .reader = hook->reader,
        .kinds = hook->kinds,
        .since_us = vd_clock_wall_us() - KEPT_US,
        .oldest_first = true,
        .limit = AT_ONCE,
    };

    found->webhooks = webhooks;
    found->reader = g_strdup(hook->reader);
    hook->more = false;
    hook->asked = vd_journal_find(webhooks->journal, &filter, on_found, found);
    if (!hook->asked) {
        hook->more = true;
        hook->next_us = vd_clock_now_us() + FIRST_US;
        found_free(found);
    }
}

/* Of all cameras, or of those that the hook is for. */
static bool is_for(const Hook *hook, const VdEvent *event)
{
    return hook->cameras == NULL ||
           (event->camera != NULL &&
            g_strv_contains((const char *const *)hook->cameras, event->camera));
}

static void take_found(VdWebhooks *webhooks, const Found *found)
{
    Hook *hook = find_hook(webhooks->hooks, found->reader);
    guint64 passed = 0;

    if (hook == NULL || !hook->asked)
        return;
    hook->asked = false;
    hook->more |= found->more;
    for (guint i = 0; found->events != NULL && i < found->events->len; i++) {
        VdEvent *event = found->events->pdata[i];

        if (is_for(hook, event))
            g_queue_push_tail(&hook->events, vd_event_ref(event));
        else if (hook->events.length == 0)
            passed = event->id;
    }
    if (passed > 0)
        vd_journal_done(webhooks->journal, hook->reader, passed);
}

/* --- the thread ------------------------------------------------------------------------------- */

static void pop_first(VdWebhooks *webhooks, Hook *hook)
{
    g_autoptr(VdEvent) event = g_queue_pop_head(&hook->events);

    vd_journal_done(webhooks->journal, hook->reader, event->id);
}

static void judge(VdWebhooks *webhooks, Hook *hook, CURLcode result)
{
    long status = 0;

    curl_easy_getinfo(hook->request, CURLINFO_RESPONSE_CODE, &status);
    end_request(webhooks, hook);
    if (result == CURLE_OK && status >= 200 && status < 300) {
        pop_first(webhooks, hook);
        hook->told++;
        if (hook->failures > 0)
            vd_log_info(NULL, "webhook %s: it is told again", hook->config->id);
        hook->failures = 0;
        hook->next_us = 0;
        return;
    }
    hook->failed++;
    if (hook->failures++ == 0 && result == CURLE_OK)
        vd_log_warning(NULL, "webhook %s: answered with %ld; trying again", hook->config->id,
                       status);
    else if (hook->failures == 1)
        vd_log_warning(NULL, "webhook %s: %s; trying again", hook->config->id,
                       curl_easy_strerror(result));
    hook->next_us = vd_clock_now_us() + vd_webhook_delay_us(hook->failures, g_random_double());
}

/* Whether there were some: what follows them is due now. */
static bool take_results(VdWebhooks *webhooks)
{
    CURLMsg *message;
    bool some = false;
    int left;

    while ((message = curl_multi_info_read(webhooks->multi, &left)) != NULL) {
        Hook *hook = NULL;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &hook);
        judge(webhooks, hook, message->data.result);
        some = true;
    }
    return some;
}

/* Answers in how many ms to look again. */
static int serve(VdWebhooks *webhooks, Hook *hook)
{
    gint64 wait_us = hook->next_us - vd_clock_now_us();

    if (hook->request != NULL || hook->asked)
        return IDLE_MS;
    if (wait_us > 0)
        return (int)MIN(wait_us / 1000 + 1, IDLE_MS);
    while (hook->events.length > 0 &&
           ((VdEvent *)hook->events.head->data)->wall_us < vd_clock_wall_us() - KEPT_US) {
        pop_first(webhooks, hook);
        hook->dropped++;
    }
    if (hook->events.length > 0)
        send_first(webhooks, hook);
    else if (hook->more)
        ask_journal(webhooks, hook);
    return IDLE_MS;
}

/* False: it is over. */
static bool take_orders(VdWebhooks *webhooks)
{
    vd_lock(&webhooks->lock);
    GPtrArray *wanted = g_steal_pointer(&webhooks->wanted);
    GQueue found = webhooks->found;
    g_queue_init(&webhooks->found);
    bool happened = webhooks->happened, stopping = webhooks->stopping;
    webhooks->happened = false;
    vd_unlock(&webhooks->lock);
    for (guint i = 0; happened && i < webhooks->hooks->len; i++)
        ((Hook *)webhooks->hooks->pdata[i])->more = true;
    for (Found *one; (one = g_queue_pop_head(&found)) != NULL; found_free(one))
        take_found(webhooks, one);
    if (wanted != NULL) {
        change_over(webhooks, wanted);
        g_ptr_array_unref(wanted);
    }
    return !stopping;
}

static VdSinkFacts facts_of(const Hook *hook)
{
    const VdEvent *first = g_queue_peek_head((GQueue *)&hook->events);
    VdSinkFacts facts = {
        .failing = hook->failures > 0,
        .waiting = hook->events.length,
        .oldest_wall_us = first != NULL ? first->wall_us : 0,
        .told = hook->told,
        .failures = hook->failed,
        .dropped = hook->dropped,
    };

    g_strlcpy(facts.name, hook->reader, sizeof facts.name);
    return facts;
}

static void keep_facts(VdWebhooks *webhooks)
{
    vd_lock(&webhooks->lock);
    webhooks->n_facts = MIN(webhooks->hooks->len, VD_MAX_WEBHOOKS);
    for (guint i = 0; i < webhooks->n_facts; i++)
        webhooks->facts[i] = facts_of(webhooks->hooks->pdata[i]);
    vd_unlock(&webhooks->lock);
}

static void *run(void *data)
{
    VdWebhooks *webhooks = data;
    int running;

    while (take_orders(webhooks)) {
        int wait_ms = IDLE_MS;

        keep_facts(webhooks);
        for (guint i = 0; i < webhooks->hooks->len; i++)
            wait_ms = MIN(wait_ms, serve(webhooks, webhooks->hooks->pdata[i]));
        curl_multi_perform(webhooks->multi, &running);
        if (!take_results(webhooks))
            curl_multi_poll(webhooks->multi, NULL, 0, wait_ms, NULL);
    }
    for (guint i = 0; i < webhooks->hooks->len; i++)
        end_request(webhooks, webhooks->hooks->pdata[i]);
    return NULL;
}

/* --- for others ------------------------------------------------------------------------------- */

/* [any] under the hub's lock */
static void on_happened(void *data)
{
    VdWebhooks *webhooks = data;

    vd_lock(&webhooks->lock);
    webhooks->happened = true;
    vd_unlock(&webhooks->lock);
    curl_multi_wakeup(webhooks->multi);
}

VdWebhooks *vd_webhooks_new(VdEventHub *hub, VdJournal *journal)
{
    VdWebhooks *webhooks = g_new0(VdWebhooks, 1);

    webhooks->hub = hub;
    webhooks->journal = journal;
    webhooks->hooks = g_ptr_array_new_with_free_func(hook_free);
    vd_lock_init(&webhooks->lock);
    return webhooks;
}

/* The thread, and what curl needs, are there from the first hook on. */
void vd_webhooks_configure(VdWebhooks *webhooks, GPtrArray *hooks)
{
    if (hooks->len == 0 && webhooks->thread == NULL)
        return;
    vd_lock(&webhooks->lock);
    g_autoptr(GPtrArray) before = webhooks->wanted;
    webhooks->wanted = g_ptr_array_ref(hooks);
    vd_unlock(&webhooks->lock);
    if (webhooks->thread == NULL) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        webhooks->multi = curl_multi_init();
        webhooks->watch = vd_event_hub_watch(webhooks->hub, on_happened, webhooks);
        webhooks->thread = g_thread_new("webhooks", run, webhooks);
    }
    curl_multi_wakeup(webhooks->multi);
}

guint vd_webhooks_tell(VdWebhooks *webhooks, VdSinkFacts *sinks)
{
    vd_lock(&webhooks->lock);
    guint count = webhooks->n_facts;
    memcpy(sinks, webhooks->facts, count * sizeof *sinks);
    vd_unlock(&webhooks->lock);
    return count;
}

void vd_webhooks_stop(VdWebhooks *webhooks)
{
    if (webhooks->thread == NULL)
        return;
    vd_event_hub_unwatch(webhooks->hub, webhooks->watch);
    vd_lock(&webhooks->lock);
    webhooks->stopping = true;
    vd_unlock(&webhooks->lock);
    curl_multi_wakeup(webhooks->multi);
    g_thread_join(g_steal_pointer(&webhooks->thread));
}

void vd_webhooks_free(VdWebhooks *webhooks)
{
    if (webhooks == NULL)
        return;
    g_queue_clear_full(&webhooks->found, (GDestroyNotify)found_free);
    if (webhooks->wanted != NULL)
        g_ptr_array_unref(webhooks->wanted);
    g_ptr_array_unref(webhooks->hooks);
    curl_multi_cleanup(webhooks->multi);
    vd_lock_clear(&webhooks->lock);
    g_free(webhooks);
}
