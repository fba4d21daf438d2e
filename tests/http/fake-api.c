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
};

struct FakeApi {
    VdApi api;
    Camera *cameras;
    guint n_cameras;
    GBytes *all;
    VdLock lock;
    bool ready;                   /* [lock] */
    guint watching;               /* [lock] */
    guint64 sent, bytes, skipped; /* [lock] */
    VdViewRequest wanted;         /* [lock] */
    char *client;                 /* [lock] */
};

static Camera *find(FakeApi *fake, const char *id)
{
    for (guint i = 0; i < fake->n_cameras; i++)
        if (strcmp(fake->cameras[i].id, id) == 0 && !fake->cameras[i].removed)
            return &fake->cameras[i];
    return NULL;
}

static GBytes *cameras(void *self)
{
    return g_bytes_ref(((FakeApi *)self)->all);
}

static GBytes *camera(void *self, const char *id)
{
    Camera *found = find(self, id);

    return found != NULL ? g_bytes_ref(found->json) : NULL;
}

static GBytes *fixed(void *self)
{
    return g_bytes_new_static("{}", 2);
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
    fake->watching++;
    fake->wanted = *want;
    g_free(fake->client);
    fake->client = g_strdup(client);
    vd_unlock(&fake->lock);
    return viewer;
}

static VdMailbox *mailbox(VdViewer *viewer)
{
    return viewer->camera->box;
}

static void sent(VdViewer *viewer, guint64 bytes, guint64 skipped)
{
    FakeApi *fake = viewer->fake;

    vd_lock(&fake->lock);
    fake->sent++;
    fake->bytes += bytes;
    fake->skipped += skipped;
    vd_unlock(&fake->lock);
}

static void unwatch(VdViewer *viewer)
{
    vd_lock(&viewer->fake->lock);
    viewer->fake->watching--;
    vd_unlock(&viewer->fake->lock);
    g_free(viewer);
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
                                .version = fixed,
                                .ready = ready,
                                .watch = watch,
                                .may_watch = may_watch,
                                .mailbox = mailbox,
                                .sent = sent,
                                .unwatch = unwatch,
                                .ids = ids};
    FakeApi *fake = g_new0(FakeApi, 1);
    g_autoptr(GString) all = g_string_new("{\"cameras\":[");

    fake->api = table;
    fake->api.self = fake;
    fake->ready = true;
    vd_lock_init(&fake->lock);
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
