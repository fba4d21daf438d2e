#include "http/handlers.h"

#include "base/limits.h"
#include "http/client.h"
#include "web/resources.h"

#include <gio/gio.h>
#include <string.h>

#define POLICY                                                                       \
    "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; " \
    "form-action 'none'; frame-ancestors 'self'"

/* Of the pages' files by the end of their names. */
static const struct {
    const char *end, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

VdReply vd_handle_asset(const VdRequest *request, VdApi *api)
{
    const char *asset = request->route->asset;
    g_autofree char *path = g_strconcat("/vedette/", asset, NULL);
    GBytes *body =
        g_resource_lookup_data(vd_web_get_resource(), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    VdReply reply = {.status = 200, .body = body, .cache = "no-cache", .policy = POLICY};

    g_assert(body != NULL);
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_suffix(asset, types[i].end))
            reply.type = types[i].type;
    return reply;
}

static VdReply no_such_camera(const char *id)
{
    return vd_reply_error(404, "not_found", NULL, 0, "there is no camera %s", id);
}

VdReply vd_handle_cameras(const VdRequest *request, VdApi *api)
{
    return vd_reply_json(200, api->cameras(api->self));
}

VdReply vd_handle_camera(const VdRequest *request, VdApi *api)
{
    GBytes *body = api->camera(api->self, request->id);

    return body != NULL ? vd_reply_json(200, body) : no_such_camera(request->id);
}

VdReply vd_handle_stats(const VdRequest *request, VdApi *api)
{
    return vd_reply_json(200, api->stats(api->self));
}

VdReply vd_handle_version(const VdRequest *request, VdApi *api)
{
    return vd_reply_json(200, api->version(api->self));
}

VdReply vd_handle_healthz(const VdRequest *request, VdApi *api)
{
    static const char text[] = "{\"healthy\":true}";

    return vd_reply_json(200, g_bytes_new_static(text, strlen(text)));
}

VdReply vd_handle_readyz(const VdRequest *request, VdApi *api)
{
    static const char text[] = "{\"ready\":true}";
    g_autofree char *why = NULL;

    if (api->ready(api->self, &why))
        return vd_reply_json(200, g_bytes_new_static(text, strlen(text)));
    VdReply reply =
        vd_reply_error(503, "not_ready", NULL, 0, "%s", why != NULL ? why : "not ready");
    reply.retry_after_s = 1;
    return reply;
}

/* A reply with room for viewers that were not asked for yet. */
static VdReply viewers_reply(VdReplyKind kind, guint room)
{
    return (VdReply){.status = 200,
                     .kind = kind,
                     .type = VD_TYPE_PARTS,
                     .cache = "no-store",
                     .viewers = g_new0(VdViewer *, room)};
}

/* One viewer more; false: *reply has become the error. */
static bool add_viewer(VdReply *reply, const VdRequest *request, const char *camera, VdApi *api)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *client = vd_client_name(request->peer, request->user_agent);
    VdViewRequest want = {
        .width = request->numbers[VD_PARAM_WIDTH],
        .fps = request->numbers[VD_PARAM_FPS],
        .quality = request->numbers[VD_PARAM_QUALITY],
        .annotate = request->numbers[VD_PARAM_ANNOTATE],
    };
    VdViewer *viewer = api->watch(api->self, camera, &want, client, &error);

    if (viewer != NULL) {
        reply->viewers[reply->n_viewers++] = viewer;
        return true;
    }
    vd_reply_clear(reply, api);
    *reply = error != NULL ? vd_reply_from_error(error) : no_such_camera(camera);
    return false;
}

/* HEAD must not make a camera encode: the camera's being there is enough. */
static VdReply head_of(const VdRequest *request, const char *type, VdApi *api)
{
    g_autoptr(GBytes) body = request->id != NULL ? api->camera(api->self, request->id) : NULL;

    if (request->id != NULL && body == NULL)
        return no_such_camera(request->id);
    return (VdReply){.status = 200, .type = type, .cache = "no-store"};
}

VdReply vd_handle_stream(const VdRequest *request, VdApi *api)
{
    if (request->head)
        return head_of(request, VD_TYPE_PARTS, api);
    VdReply reply = viewers_reply(VD_REPLY_STREAM, 1);
    reply.quirks = vd_client_quirks(request->user_agent, request->accept);
    add_viewer(&reply, request, request->id, api);
    return reply;
}

VdReply vd_handle_snapshot(const VdRequest *request, VdApi *api)
{
    if (request->head)
        return head_of(request, VD_TYPE_JPEG, api);
    VdReply reply = viewers_reply(VD_REPLY_PICTURE, 1);
    add_viewer(&reply, request, request->id, api);
    return reply;
}

VdReply vd_handle_wall(const VdRequest *request, VdApi *api)
{
    if (request->head)
        return head_of(request, VD_TYPE_PARTS, api);
    g_auto(GStrv) all = request->cameras == NULL ? api->ids(api->self) : NULL;
    char **ids = request->cameras != NULL ? request->cameras : all;
    guint count = g_strv_length(ids);

    if (count == 0)
        return vd_reply_error(404, "not_found", NULL, 0, "there is no camera");
    if (count > VD_MAX_WALL_CAMERAS)
        return vd_reply_error(400, "bad_parameter", NULL, 0,
                              "there are %u cameras: name at most %d in cameras=", count,
                              VD_MAX_WALL_CAMERAS);
    VdReply reply = viewers_reply(VD_REPLY_STREAM, count);
    for (guint i = 0; i < count; i++)
        if (!add_viewer(&reply, request, ids[i], api))
            break;
    return reply;
}
