#include "fake-api.h"

#include "base/clock.h"
#include "base/lock.h"

#include <string.h>

typedef struct Camera {
    char *id;
    VdMailbox *box;
    GBytes *json;
    bool removed, full;
} Camera;

struct VdViewer {
    FakeApi *fake;
    Camera *camera;
    guint number;
};

struct FakeApi {
    VdApi api;
    Camera *cameras;
    guint n_cameras;
    GBytes *all;
    VdLock lock;
    bool ready;                          /* [lock] */
    guint watching, numbers;             /* [lock] */
    guint dismissed;                     /* [lock] a number */
    guint64 sent, again, bytes, skipped; /* [lock] */
    gint64 begun_us, done_us;            /* [lock] */
    VdViewRequest wanted;                /* [lock] */
    char *client;                        /* [lock] */
    bool held;                           /* [lock] orders are not answered */
    GPtrArray *tickets;                  /* [lock] VdTicket: of those */
};

static Camera *find(FakeApi *fake, const char *id)
{
    for (guint i = 0; i < fake->n_cameras; i++)
        if (strcmp(fake->cameras[i].id, id) == 0 && !fake->cameras[i].removed)
            return &fake->cameras[i];
    return NULL;
}

static GBytes *cameras(void *self, const VdSight *sight, const VdPage *page)
{
    FakeApi *fake = self;
    GString *text = g_string_new(NULL);

    if (sight->cameras == NULL) {
        g_string_free(text, TRUE);
        return g_bytes_ref(fake->all);
    }
    for (guint i = 0; i < fake->n_cameras; i++)
        if (vd_sees(sight, fake->cameras[i].id))
            g_string_append_printf(text, "%s%s", text->len > 0 ? "," : "", fake->cameras[i].id);
    return g_string_free_to_bytes(text);
}

static GBytes *camera(void *self, const char *id)
{
    Camera *found = find(self, id);

    return found != NULL ? g_bytes_ref(found->json) : NULL;
}

static GBytes *configuration(void *self, const char *id, char **etag)
{
    *etag = g_strdup("0123");
    return camera(self, id);
}

static GBytes *fixed(void *self)
{
    return g_bytes_new_static("{}", 2);
}

static GBytes *viewers(void *self, const VdSight *sight, const VdPage *page)
{
    return fixed(self);
}

static bool ready(void *self, char **why)
{
    FakeApi *fake = self;

    vd_lock(&fake->lock);
    bool is = fake->ready;
    vd_unlock(&fake->lock);
    *why = is ? NULL : g_strdup("the main loop stands still");
    return is;
}

static Camera *find_free(FakeApi *fake, const char *id, GError **error)
{
    Camera *found = find(fake, id);

    if (found == NULL)
        g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "there is no camera %s", id);
    else if (found->full)
        g_set_error(error, VD_ERROR, VD_ERROR_LIMIT, "no rendition more of %s", id);
    return found != NULL && !found->full ? found : NULL;
}

static bool may_watch(void *self, const char *id, const VdViewRequest *want, bool *live,
                      GError **error)
{
    Camera *found = find_free(self, id, error);
    guint64 seen = 0;

    if (found == NULL)
        return false;
    g_autoptr(VdPicture) picture = vd_mailbox_take(found->box, &seen);
    *live = picture != NULL && !picture->placeholder;
    return true;
}

static VdViewer *watch(void *self, const char *id, const VdViewRequest *want, const char *client,
                       GError **error)
{
    FakeApi *fake = self;
    Camera *found = find_free(fake, id, error);

    if (found == NULL)
        return NULL;
    VdViewer *viewer = g_new0(VdViewer, 1);
    viewer->fake = fake;
    viewer->camera = found;
    vd_lock(&fake->lock);
    viewer->number = ++fake->numbers;
    fake->watching++;
    fake->wanted = *want;
    g_free(fake->client);
    fake->client = g_strdup(client);
    vd_unlock(&fake->lock);
    return viewer;
}

/* Any number will do; the viewer of it may come yet. */
static bool dismiss(void *self, const char *number, const VdSight *sight, GError **error)
{
    FakeApi *fake = self;

    vd_lock(&fake->lock);
    fake->dismissed = (guint)g_ascii_strtoull(number, NULL, 10);
    vd_unlock(&fake->lock);
    return true;
}

static bool dismissed(VdViewer *viewer)
{
    vd_lock(&viewer->fake->lock);
    bool is = viewer->number == viewer->fake->dismissed;
    vd_unlock(&viewer->fake->lock);
    return is;
}

static VdMailbox *mailbox(VdViewer *viewer)
{
    return viewer->camera->box;
}

static void sent(VdViewer *viewer, const VdSent *sent)
{
    FakeApi *fake = viewer->fake;

    vd_lock(&fake->lock);
    fake->sent++;
    fake->again += sent->again;
    fake->begun_us = sent->begun_us;
    fake->done_us = sent->done_us;
    fake->bytes += sent->bytes;
    fake->skipped += sent->skipped;
    vd_unlock(&fake->lock);
}

static void unwatch(VdViewer *viewer)
{
    vd_lock(&viewer->fake->lock);
    viewer->fake->watching--;
    vd_unlock(&viewer->fake->lock);
    g_free(viewer);
}

/* Of a camera there is, an answer with the body that came or without one. */
static void answer(FakeApi *fake, const VdOrder *what, VdTicket *ticket)
{
    VdAnswer *answer = vd_answer_new();

    if (what->camera != NULL && find(fake, what->camera) == NULL)
        g_set_error(&answer->error, VD_ERROR, VD_ERROR_NOT_FOUND, "there is no camera %s",
                    what->camera);
    else
        answer->body = what->body != NULL ? g_bytes_ref(what->body) : NULL;
    if (what->if_match != NULL)
        answer->etag = g_strdup(what->if_match);
    if (what->camera == NULL)
        answer->created = g_strdup("made");
    vd_answer_give(answer, ticket);
}

static void order(void *self, const VdOrder *what, VdTicket *ticket)
{
    FakeApi *fake = self;

    vd_lock(&fake->lock);
    bool held = fake->held;
    if (held)
        g_ptr_array_add(fake->tickets, vd_ticket_ref(ticket));
    vd_unlock(&fake->lock);
    if (!held)
        answer(fake, what, ticket);
}

static void probe(void *self, GBytes *body, const char *who, VdTicket *ticket)
{
    VdAnswer *answer = vd_answer_new();

    answer->body = body != NULL ? g_bytes_ref(body) : NULL;
    vd_answer_give(answer, ticket);
}

/* Nothing has happened; what is asked of the journal is answered with {}. */
static GPtrArray *events_after(void *self, guint64 after, guint most)
{
    return g_ptr_array_new();
}

static guint64 an_event(void *self)
{
    return 7;
}

static void array_free(void *array)
{
    g_ptr_array_unref(array);
}

static GBytes *event_json(void *self, VdEvent *event, const VdSight *sight)
{
    return g_bytes_ref(event->json);
}

static void older_events(void *self, guint64 after, VdTicket *ticket)
{
    vd_ticket_answer(ticket, g_ptr_array_new(), array_free);
}

static void tell_system(void *self, VdTicket *ticket)
{
    VdAnswer *answer = vd_answer_new();

    answer->body = fixed(self);
    vd_answer_give(answer, ticket);
}

static void tell_changes(void *self, const VdSight *sight, VdTicket *ticket)
{
    tell_system(self, ticket);
}

static void explain(void *self, const char *id, const char *at, guint seconds, VdTicket *ticket)
{
    VdAnswer *answer = vd_answer_new();
    g_autofree char *text = g_strdup_printf("{\"camera\":\"%s\",\"at\":\"%s\",\"seconds\":%u}", id,
                                            at != NULL ? at : "now", seconds);

    answer->body = g_bytes_new(text, strlen(text));
    vd_answer_give(answer, ticket);
}

static void find_events(void *self, const VdEventQuery *query, VdTicket *ticket)
{
    VdAnswer *answer = vd_answer_new();

    answer->body = g_bytes_new_static("{}", 2);
    vd_answer_give(answer, ticket);
}

static void test_event(void *self, const char *camera, const char *who, VdTicket *ticket)
{
    vd_answer_give(vd_answer_new(), ticket);
}

static guint hear(void *self, VdTicketWake wake, void *data)
{
    return 1;
}

static void unhear(void *self, guint id)
{
}

static char **ids(void *self)
{
    FakeApi *fake = self;
    GPtrArray *list = g_ptr_array_new();

    for (guint i = 0; i < fake->n_cameras; i++)
        if (!fake->cameras[i].removed)
            g_ptr_array_add(list, g_strdup(fake->cameras[i].id));
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(list, FALSE);
}

/* Of about the size that the daemon's own answer has. */
static char *json_of(const char *id)
{
    return g_strdup_printf(
        "{\"id\":\"%s\",\"name\":\"Camera %s\",\"state\":\"live\",\"reason\":"
        "\"\",\"since\":\"2026-11-22T15:04:05.123Z\",\"uri\":"
        "\"rtsp://***@192.0.2.1/stream1\",\"fps\":15.0,\"motion\":{\"share\":0.012},"
        "\"caps\":\"video/x-h264, width=640, height=360\",\"decoder\":"
        "\"avdec_h264\",\"drops\":0,\"reconnects\":1,\"viewers\":[]}",
        id, id);
}

FakeApi *fake_api_new(const char *const *names)
{
    static const VdApi table = {.cameras = cameras,
                                .camera = camera,
                                .stats = fixed,
                                .metrics = fixed,
                                .version = fixed,
                                .system = tell_system,
                                .changes = tell_changes,
                                .viewers = viewers,
                                .schema = fixed,
                                .configuration = configuration,
                                .origins = camera,
                                .dismiss = dismiss,
                                .dismissed = dismissed,
                                .ready = ready,
                                .watch = watch,
                                .may_watch = may_watch,
                                .mailbox = mailbox,
                                .sent = sent,
                                .unwatch = unwatch,
                                .explain = explain,
                                .order = order,
                                .probe = probe,
                                .events_after = events_after,
                                .last_event = an_event,
                                .forgotten_event = an_event,
                                .event_json = event_json,
                                .older_events = older_events,
                                .find_events = find_events,
                                .test_event = test_event,
                                .hear = hear,
                                .unhear = unhear,
                                .ids = ids};
    FakeApi *fake = g_new0(FakeApi, 1);
    g_autoptr(GString) all = g_string_new("{\"cameras\":[");

    fake->api = table;
    fake->api.self = fake;
    fake->ready = true;
    vd_lock_init(&fake->lock);
    fake->tickets = g_ptr_array_new_with_free_func((GDestroyNotify)vd_ticket_unref);
    fake->n_cameras = g_strv_length((char **)names);
    fake->cameras = g_new0(Camera, fake->n_cameras);
    for (guint i = 0; i < fake->n_cameras; i++) {
        char *json = json_of(names[i]);

        fake->cameras[i].id = g_strdup(names[i]);
        fake->cameras[i].box = vd_mailbox_new();
        fake->cameras[i].json = g_bytes_new_take(json, strlen(json));
        g_string_append_printf(all, "%s%s", i > 0 ? "," : "", json);
    }
    g_string_append(all, "]}");
    fake->all = g_bytes_new(all->str, all->len);
    return fake;
}

void fake_api_free(FakeApi *fake)
{
    for (guint i = 0; i < fake->n_cameras; i++) {
        g_free(fake->cameras[i].id);
        vd_mailbox_unref(fake->cameras[i].box);
        g_bytes_unref(fake->cameras[i].json);
    }
    g_free(fake->cameras);
    g_bytes_unref(fake->all);
    g_free(fake->client);
    g_ptr_array_unref(fake->tickets);
    vd_lock_clear(&fake->lock);
    g_free(fake);
}

VdApi *fake_api_get(FakeApi *fake)
{
    return &fake->api;
}

void fake_api_post_bytes(FakeApi *fake, const char *id, guint64 number, GBytes *jpeg,
                         bool placeholder)
{
    g_autoptr(VdPicture) picture = vd_picture_new(id, g_bytes_ref(jpeg));

    picture->number = number;
    picture->captured_us = vd_clock_wall_us();
    picture->received_us = vd_clock_now_us();
    picture->encoded_us = picture->received_us + 1234;
    picture->placeholder = placeholder;
    vd_mailbox_post(find(fake, id)->box, picture);
}

void fake_api_post(FakeApi *fake, const char *id, guint64 number, gsize size, bool placeholder)
{
    guint8 *data = g_malloc(size);

    memset(data, (int)(number % 251), size);
    g_autoptr(GBytes) jpeg = g_bytes_new_take(data, size);
    fake_api_post_bytes(fake, id, number, jpeg, placeholder);
}

void fake_api_post_video(FakeApi *fake, const char *id, guint64 number, gsize size, bool delta,
                         int width)
{
    guint8 *data = g_malloc(size);

    memset(data, (int)(number % 251), size);
    g_autoptr(VdPicture) picture = vd_picture_new(id, g_bytes_new_take(data, size));
    picture->opening = g_bytes_new_static(FAKE_OPENING, strlen(FAKE_OPENING));
    picture->number = number;
    picture->delta = delta;
    picture->width = width;
    picture->height = width / 2;
    vd_mailbox_post(find(fake, id)->box, picture);
}

bool fake_api_wants_key(FakeApi *fake, const char *id)
{
    return vd_mailbox_wants_key(find(fake, id)->box);
}

void fake_api_remove(FakeApi *fake, const char *id)
{
    Camera *found = find(fake, id);

    found->removed = true;
    vd_mailbox_close(found->box);
}

void fake_api_fill(FakeApi *fake, const char *id)
{
    find(fake, id)->full = true;
}

void fake_api_set_ready(FakeApi *fake, bool is)
{
    vd_lock(&fake->lock);
    fake->ready = is;
    vd_unlock(&fake->lock);
}

void fake_api_hold(FakeApi *fake)
{
    vd_lock(&fake->lock);
    fake->held = true;
    vd_unlock(&fake->lock);
}

guint fake_api_held(FakeApi *fake)
{
    vd_lock(&fake->lock);
    guint count = fake->tickets->len;
    vd_unlock(&fake->lock);
    return count;
}

bool fake_api_is_left(FakeApi *fake)
{
    vd_lock(&fake->lock);
    bool left = vd_ticket_is_left(fake->tickets->pdata[0]);
    vd_unlock(&fake->lock);
    return left;
}

void fake_api_answer(FakeApi *fake, const char *body)
{
    vd_lock(&fake->lock);
    g_autoptr(VdTicket) ticket = g_ptr_array_steal_index(fake->tickets, 0);
    vd_unlock(&fake->lock);
    g_autoptr(GBytes) bytes = g_bytes_new(body, strlen(body));
    VdOrder what = {.camera = fake->cameras[0].id, .body = bytes};

    answer(fake, &what, ticket);
}

static guint64 read_counter(FakeApi *fake, const guint64 *counter)
{
    vd_lock(&fake->lock);
    guint64 value = *counter;
    vd_unlock(&fake->lock);
    return value;
}

guint fake_api_watching(FakeApi *fake)
{
    vd_lock(&fake->lock);
    guint value = fake->watching;
    vd_unlock(&fake->lock);
    return value;
}

guint64 fake_api_again(FakeApi *fake)
{
    return read_counter(fake, &fake->again);
}

void fake_api_times(FakeApi *fake, gint64 *begun_us, gint64 *done_us)
{
    vd_lock(&fake->lock);
    *begun_us = fake->begun_us;
    *done_us = fake->done_us;
    vd_unlock(&fake->lock);
}

guint64 fake_api_sent(FakeApi *fake)
{
    return read_counter(fake, &fake->sent);
}

guint64 fake_api_bytes(FakeApi *fake)
{
    return read_counter(fake, &fake->bytes);
}

guint64 fake_api_skipped(FakeApi *fake)
{
    return read_counter(fake, &fake->skipped);
}

VdViewRequest fake_api_wanted(FakeApi *fake)
{
    vd_lock(&fake->lock);
    VdViewRequest wanted = fake->wanted;
    vd_unlock(&fake->lock);
    return wanted;
}

char *fake_api_client(FakeApi *fake)
{
    vd_lock(&fake->lock);
    char *client = g_strdup(fake->client);
    vd_unlock(&fake->lock);
    return client;
}
