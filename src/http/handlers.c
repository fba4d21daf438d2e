#include "http/handlers.h"

#include "base/error.h"
#include "base/log.h"
#include "http/client.h"
#include "http/guard.h"
#include "http/part.h"
#include "web/resources.h"

#include <gio/gio.h>
#include <string.h>

#define POLICY                                                 \
    "default-src 'self'; object-src 'none'; base-uri 'none'; " \
    "form-action 'none'; frame-ancestors 'self'"

enum { MARK_LENGTH = 16 };

/* Of the pages' files by the end of their names. */
static const struct {
    const char *end, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

/* A file's mark, by which a browser asks whether it is another now. */
static char *mark_of(GBytes *file)
{
    char *mark = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, file);

    mark[MARK_LENGTH] = '\0';
    return mark;
}

/* Out of all resources, so that GLib's G_RESOURCE_OVERLAYS can put a folder in the files' place. */
VdReply vd_handle_asset(const VdRequest *request, VdApi *api)
{
    const char *asset = request->route->asset != NULL ? request->route->asset : request->id;
    g_autofree char *path = g_strconcat("/vedette/", asset, NULL);
    GBytes *body = vd_web_get_resource() != NULL
                       ? g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL)
                       : NULL;

    if (body == NULL)
        return vd_reply_error(404, "not_found", NULL, 0, "the page has no file %s", asset);
    VdReply reply = {.status = 200, .body = body, .cache = "no-cache", .policy = POLICY};
    reply.etag = mark_of(body);
    if (request->known != NULL && strstr(request->known, reply.etag) != NULL) {
        reply.status = 304;
        g_clear_pointer(&reply.body, g_bytes_unref);
    }
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_suffix(asset, types[i].end))
            reply.type = types[i].type;
    return reply;
}

static VdReply no_such_camera(const char *id)
{
    return vd_reply_error(404, "not_found", NULL, 0, "there is no camera %s", id);
}

/* body: (nullable) the cursor was none of the list's */
static VdReply list_reply(GBytes *body)
{
    static const VdDetail cursor = {"cursor", "what an answer said in next"};

    return body != NULL ? vd_reply_json(200, body)
                        : vd_reply_error(400, "bad_parameter", &cursor, 1,
                                         "cursor is not what an answer said in next");
}

static VdPage page_of(const VdRequest *request)
{
    return (VdPage){
        .cursor = request->texts[VD_PARAM_CURSOR],
        .limit = (guint)MAX(request->numbers[VD_PARAM_LIMIT], 0),
    };
}

VdReply vd_handle_cameras(const VdRequest *request, VdApi *api)
{
    VdPage page = page_of(request);

    return list_reply(api->cameras(api->self, &request->sight, &page));
}

VdReply vd_handle_camera(const VdRequest *request, VdApi *api)
{
    GBytes *body = api->camera(api->self, request->id);

    return body != NULL ? vd_reply_json(200, body) : no_such_camera(request->id);
}

VdReply vd_handle_configuration(const VdRequest *request, VdApi *api)
{
    char *etag;
    GBytes *body = api->configuration(api->self, request->id, &etag);

    if (body == NULL)
        return no_such_camera(request->id);
    VdReply reply = vd_reply_json(200, body);
    reply.etag = etag;
    return reply;
}

VdReply vd_handle_origins(const VdRequest *request, VdApi *api)
{
    GBytes *body = api->origins(api->self, request->id);

    return body != NULL ? vd_reply_json(200, body) : no_such_camera(request->id);
}

VdReply vd_handle_changes(const VdRequest *request, VdApi *api)
{
    api->changes(api->self, &request->sight, request->ticket);
    return (VdReply){.kind = VD_REPLY_LATER};
}

VdReply vd_handle_explain(const VdRequest *request, VdApi *api)
{
    guint seconds = (guint)MAX(request->numbers[VD_PARAM_SECONDS], 1);

    api->explain(api->self, request->id, request->texts[VD_PARAM_AT], seconds, request->ticket);
    return (VdReply){.kind = VD_REPLY_LATER};
}

VdReply vd_handle_schema(const VdRequest *request, VdApi *api)
{
    return vd_reply_json(200, api->schema(api->self));
}

VdReply vd_handle_stats(const VdRequest *request, VdApi *api)
{
    return vd_reply_json(200, api->stats(api->self));
}

VdReply vd_handle_viewers(const VdRequest *request, VdApi *api)
{
    VdPage page = page_of(request);

    return list_reply(api->viewers(api->self, &request->sight, &page));
}

VdReply vd_handle_dismiss(const VdRequest *request, VdApi *api)
{
    g_autoptr(GError) error = NULL;

    if (!api->dismiss(api->self, request->id, &request->sight, &error))
        return vd_reply_from_error(error);
    g_autofree char *who = vd_guard_name(request);
    vd_audit(who, NULL, "viewer %s sent away", request->id);
    return (VdReply){.status = 204, .cache = "no-store"};
}

VdReply vd_handle_metrics(const VdRequest *request, VdApi *api)
{
    VdReply reply = vd_reply_json(200, api->metrics(api->self));

    reply.type = VD_TYPE_METRICS;
    return reply;
}

VdReply vd_handle_version(const VdRequest *request, VdApi *api)
{
    return vd_reply_json(200, api->version(api->self));
}

VdReply vd_handle_system(const VdRequest *request, VdApi *api)
{
    api->system(api->self, request->ticket);
    return (VdReply){.kind = VD_REPLY_LATER};
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

/* Ids of those that are enabled and that he sees. */
static char **ids_seen(const VdRequest *request, VdApi *api)
{
    g_autoptr(GStrvBuilder) seen = g_strv_builder_new();
    g_auto(GStrv) ids = api->ids(api->self);

    for (guint i = 0; ids[i] != NULL; i++)
        if (vd_sees(&request->sight, ids[i]))
            g_strv_builder_add(seen, ids[i]);
    return g_strv_builder_end(seen);
}

VdReply vd_handle_wall(const VdRequest *request, VdApi *api)
{
    g_auto(GStrv) all = request->cameras == NULL ? ids_seen(request, api) : NULL;
    char **ids = request->cameras != NULL ? request->cameras : all;

    if (ids[0] == NULL)
        return vd_reply_error(404, "not_found", NULL, 0, "there is no camera");
    return wall_of(request, ids, api);
}

VdReply vd_handle_order(const VdRequest *request, VdApi *api)
{
    g_autofree char *who = vd_guard_name(request);
    const VdOrder order = {
        .verb = request->route->verb,
        .camera = request->id,
        .body = request->body,
        .if_match = request->if_match,
        .dry_run = request->numbers[VD_PARAM_DRY_RUN] == 1,
        .temporary = request->numbers[VD_PARAM_PERSIST] == 0,
        .who = who,
    };

    api->order(api->self, &order, request->ticket);
    return (VdReply){.kind = VD_REPLY_LATER};
}

VdReply vd_handle_events(const VdRequest *request, VdApi *api)
{
    const VdEventQuery query = {
        .camera = request->texts[VD_PARAM_CAMERA],
        .kinds = request->texts[VD_PARAM_KINDS],
        .since = request->texts[VD_PARAM_SINCE],
        .until = request->texts[VD_PARAM_UNTIL],
        .cursor = request->texts[VD_PARAM_CURSOR],
        .oldest_first = request->numbers[VD_PARAM_ORDER] == 1,
        .limit = (guint)MAX(request->numbers[VD_PARAM_LIMIT], 0),
        .sight = request->sight,
    };

    api->find_events(api->self, &query, request->ticket);
    return (VdReply){.kind = VD_REPLY_LATER};
}

/* Who comes back says which event he had last; who is new is told what happens from now on. */
VdReply vd_handle_event_stream(const VdRequest *request, VdApi *api)
{
    static const VdDetail last = {"Last-Event-ID", "the id of an event"};
    guint64 after = api->last_event(api->self);

    if (request->last_event != NULL &&
        !g_ascii_string_to_unsigned(request->last_event, 10, 0, G_MAXINT64, &after, NULL))
        return vd_reply_error(400, "bad_parameter", &last, 1,
                              "Last-Event-ID is not the id of an event");
    return (VdReply){.status = 200,
                     .kind = VD_REPLY_EVENTS,
                     .type = VD_TYPE_SSE,
                     .cache = "no-store",
                     .unbuffered = true,
                     .after = after};
}

VdReply vd_handle_test_event(const VdRequest *request, VdApi *api)
{
    g_autofree char *who = vd_client_name(request->peer, request->user_agent);

    api->test_event(api->self, request->id, who, request->ticket);
    return (VdReply){.kind = VD_REPLY_LATER};
}

VdReply vd_handle_probe(const VdRequest *request, VdApi *api)
{
    g_autofree char *who = vd_guard_name(request);

    api->probe(api->self, request->body, who, request->ticket);
    return (VdReply){.kind = VD_REPLY_LATER};
}
