#include "http/handlers.h"

#include "base/error.h"
#include "http/client.h"
#include "http/part.h"
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

static VdViewRequest wish_of(const VdRequest *request)
{
    VdViewRequest want = {
        .width = request->numbers[VD_PARAM_WIDTH],
        .fps = request->numbers[VD_PARAM_FPS],
        .quality = request->numbers[VD_PARAM_QUALITY],
        .annotate = request->numbers[VD_PARAM_ANNOTATE],
    };

    if ((request->route->params & 1u << VD_PARAM_CODEC) != 0) {
        want.codec = VD_CODEC_H264 + (VdCodec)MAX(request->numbers[VD_PARAM_CODEC], 0);
        want.bitrate = MAX(request->numbers[VD_PARAM_BITRATE], 0);
    }
    return want;
}

/* One viewer more. HEAD must not make a camera encode: it is only asked whether GET could. */
static bool add_viewer(VdReply *reply, const VdRequest *request, const char *camera, VdApi *api,
                       GError **error)
{
    g_autofree char *client = vd_client_name(request->peer, request->user_agent);
    VdViewRequest want = wish_of(request);
    bool live;

    if (request->head)
        return api->may_watch(api->self, camera, &want, &live, error);
    VdViewer *viewer = api->watch(api->self, camera, &want, client, error);
    if (viewer == NULL)
        return false;
    reply->viewers[reply->n_viewers++] = viewer;
    return true;
}

/* Of nothing yet, with room for so many viewers. */
static VdReply stream_reply(guint room, const char *type)
{
    return (VdReply){.status = 200,
                     .kind = VD_REPLY_STREAM,
                     .type = type,
                     .cache = "no-store",
                     .unbuffered = true,
                     .viewers = g_new0(VdViewer *, room)};
}

/* What `reply` becomes. */
static VdReply refuse(VdReply *reply, const GError *error, VdApi *api)
{
    vd_reply_clear(reply, api);
    return vd_reply_from_error(error);
}

static VdReply of_one_camera(VdReply *reply, const VdRequest *request, VdApi *api)
{
    g_autoptr(GError) error = NULL;

    return add_viewer(reply, request, request->id, api, &error) ? *reply
                                                                : refuse(reply, error, api);
}

VdReply vd_handle_stream(const VdRequest *request, VdApi *api)
{
    VdClientQuirks quirks = vd_client_quirks(request->user_agent, request->accept);
    VdReply reply = stream_reply(1, VD_TYPE_PARTS);

    reply.framing = quirks.headers_ahead ? VD_FRAMING_AHEAD : VD_FRAMING_FULL;
    reply.last_twice = quirks.last_twice;
    return of_one_camera(&reply, request, api);
}

VdReply vd_handle_video(const VdRequest *request, VdApi *api)
{
    VdReply reply = stream_reply(1, VD_TYPE_MP4);

    reply.framing = VD_FRAMING_OPENING;
    return of_one_camera(&reply, request, api);
}

/* It does not wait, as GET does, for what may still come. */
static VdReply snapshot_head(const VdRequest *request, VdApi *api)
{
    g_autoptr(GError) error = NULL;
    VdViewRequest want = wish_of(request);
    bool live;

    if (!api->may_watch(api->self, request->id, &want, &live, &error))
        return vd_reply_from_error(error);
    VdReply reply = vd_reply_picture(live, NULL);
    reply.kind = VD_REPLY_HEAD;
    return reply;
}

VdReply vd_handle_snapshot(const VdRequest *request, VdApi *api)
{
    if (request->head)
        return snapshot_head(request, api);
    VdReply reply = {.status = 200, .kind = VD_REPLY_PICTURE, .viewers = g_new0(VdViewer *, 1)};
    return of_one_camera(&reply, request, api);
}

/* A name that nobody knows is the client's mistake, unless it did not say any. */
static bool may_be_left_out(const VdRequest *request, const GError *error)
{
    return request->cameras == NULL || g_error_matches(error, VD_ERROR, VD_ERROR_LIMIT) ||
           g_error_matches(error, VD_ERROR, VD_ERROR_BUSY);
}

static void say_left_out(GString *parts, const char *camera, const GError *error)
{
    VdReply why = vd_reply_from_error(error);

    vd_part_append_refusal(parts, camera, why.body);
    g_bytes_unref(why.body);
}

/* All that can be served; it is refused, for the last one's reason, when none can. */
static VdReply wall_of(const VdRequest *request, char **ids, VdApi *api)
{
    VdReply reply = stream_reply(g_strv_length(ids), VD_TYPE_PARTS);
    g_autoptr(GString) left_out = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    guint served = 0;

    for (guint i = 0; ids[i] != NULL; i++) {
        g_clear_error(&error);
        if (add_viewer(&reply, request, ids[i], api, &error))
            served++;
        else if (may_be_left_out(request, error))
            say_left_out(left_out, ids[i], error);
        else
            return refuse(&reply, error, api);
    }
    if (served == 0) {
        if (ids[1] != NULL)
            g_prefix_error(&error, "none of these cameras can be watched now: ");
        return refuse(&reply, error, api);
    }
    reply.body = g_string_free_to_bytes(g_steal_pointer(&left_out));
    return reply;
}

VdReply vd_handle_wall(const VdRequest *request, VdApi *api)
{
    g_auto(GStrv) all = request->cameras == NULL ? api->ids(api->self) : NULL;
    char **ids = request->cameras != NULL ? request->cameras : all;

    if (ids[0] == NULL)
        return vd_reply_error(404, "not_found", NULL, 0, "there is no camera");
    return wall_of(request, ids, api);
}
