#include "http/route.h"

#include "base/limits.h"
#include "http/handlers.h"
#include "http/query.h"
#include "http/session.h"

#include <string.h>

#define ID       "{id}"
#define FILENAME "{file}"
#define VIEW     (1u << VD_PARAM_WIDTH | 1u << VD_PARAM_FPS | 1u << VD_PARAM_ANNOTATE)
#define JPEG     (VIEW | 1u << VD_PARAM_QUALITY)
#define ORDER    (1u << VD_PARAM_DRY_RUN | 1u << VD_PARAM_PERSIST)
#define EVENTS                                                                                    \
    (1u << VD_PARAM_CAMERA | 1u << VD_PARAM_KINDS | 1u << VD_PARAM_SINCE | 1u << VD_PARAM_UNTIL | \
     1u << VD_PARAM_ORDER | 1u << VD_PARAM_LIMIT | 1u << VD_PARAM_CURSOR)
#define EXPLAIN (1u << VD_PARAM_AT | 1u << VD_PARAM_SECONDS)
#define PAGE    (1u << VD_PARAM_LIMIT | 1u << VD_PARAM_CURSOR)
#define VIDEO   (VIEW | 1u << VD_PARAM_CODEC | 1u << VD_PARAM_BITRATE)

/* clang-format off */
#define BODY          .max_body = VD_MAX_JSON
#define ORDERED(what) .later = true, .verb = VD_VERB_##what, .params = ORDER

static const VdRoute routes[] = {
    { "GET", "/",                               VD_ROLE_NONE,     vd_handle_asset,    .asset = "index.html" },
    { "GET", "/web/" FILENAME,                  VD_ROLE_NONE,     vd_handle_asset },
    { "GET", "/api/v1/cameras",                 VD_ROLE_VIEWER,   vd_handle_cameras,  .params = PAGE },
    { "GET", "/api/v1/cameras/" ID,             VD_ROLE_VIEWER,   vd_handle_camera },
    { "GET", "/api/v1/cameras/" ID "/stream.mjpg",  VD_ROLE_VIEWER,   vd_handle_stream,   .params = JPEG },
    { "GET", "/api/v1/cameras/" ID "/stream.mp4",   VD_ROLE_VIEWER,   vd_handle_video,    .params = VIDEO },
    { "GET", "/api/v1/cameras/" ID "/snapshot.jpg", VD_ROLE_VIEWER,   vd_handle_snapshot, .params = JPEG },
    { "GET", "/api/v1/cameras/" ID "/explain",  VD_ROLE_VIEWER,   vd_handle_explain,  .later = true, .params = EXPLAIN },
    { "POST", "/api/v1/cameras",                VD_ROLE_ADMIN,    vd_handle_order,    ORDERED(CREATE), BODY, .all = true },
    { "DELETE", "/api/v1/cameras/" ID,          VD_ROLE_ADMIN,    vd_handle_order,    ORDERED(DELETE) },
    { "GET", "/api/v1/cameras/" ID "/configuration",  VD_ROLE_VIEWER,   vd_handle_configuration },
    { "PUT", "/api/v1/cameras/" ID "/configuration",  VD_ROLE_ADMIN,    vd_handle_order, ORDERED(REPLACE), BODY },
    { "PATCH", "/api/v1/cameras/" ID "/configuration", VD_ROLE_ADMIN,    vd_handle_order, ORDERED(PATCH), BODY },
    { "GET", "/api/v1/cameras/" ID "/configuration/origins", VD_ROLE_VIEWER,   vd_handle_origins },
    { "POST", "/api/v1/cameras/" ID "/enable",  VD_ROLE_OPERATOR, vd_handle_order,    ORDERED(ENABLE) },
    { "POST", "/api/v1/cameras/" ID "/disable", VD_ROLE_OPERATOR, vd_handle_order,    ORDERED(DISABLE) },
    { "POST", "/api/v1/cameras/" ID "/restart", VD_ROLE_OPERATOR, vd_handle_order,
      .later = true, .verb = VD_VERB_RESTART },
    { "GET", "/api/v1/changes",                 VD_ROLE_VIEWER,   vd_handle_changes,  .later = true },
    { "POST", "/api/v1/probe",                  VD_ROLE_ADMIN,    vd_handle_probe,    .later = true, BODY, .all = true },
    { "GET", "/api/v1/schema",                  VD_ROLE_VIEWER,   vd_handle_schema },
    { "POST", "/api/v1/cameras/" ID "/test-event",  VD_ROLE_OPERATOR, vd_handle_test_event, .later = true },
    { "GET", "/api/v1/events",                  VD_ROLE_VIEWER,   vd_handle_events,   .later = true, .params = EVENTS },
    { "GET", "/api/v1/events/stream",           VD_ROLE_VIEWER,   vd_handle_event_stream },
    { "GET", "/api/v1/wall.mjpg",               VD_ROLE_VIEWER,   vd_handle_wall,
      .params = JPEG | 1u << VD_PARAM_CAMERAS },
    { "GET", "/api/v1/viewers",                 VD_ROLE_OPERATOR, vd_handle_viewers,  .params = PAGE },
    { "DELETE", "/api/v1/viewers/" ID,          VD_ROLE_OPERATOR, vd_handle_dismiss },
    { "GET", "/api/v1/stats",                   VD_ROLE_VIEWER,   vd_handle_stats },
    { "GET", "/api/v1/version",                 VD_ROLE_VIEWER,   vd_handle_version },
    { "GET", "/api/v1/system",                  VD_ROLE_VIEWER,   vd_handle_system,   .later = true },
    { "GET", "/api/v1/session",                 VD_ROLE_VIEWER,   vd_handle_session },
    { "POST", "/api/v1/session",                VD_ROLE_VIEWER,   vd_handle_log_in },
    { "DELETE", "/api/v1/session",              VD_ROLE_VIEWER,   vd_handle_log_out },
    { "GET", "/metrics",                        VD_ROLE_VIEWER,   vd_handle_metrics,  .all = true },
    { "GET", "/healthz",                        VD_ROLE_NONE,     vd_handle_healthz },
    { "GET", "/readyz",                         VD_ROLE_NONE,     vd_handle_readyz },
};

static const char *const orders[] = { "newest", "oldest", NULL };
static const char *const codecs[] = { "h264", "h265", NULL }; /* from VD_CODEC_H264 on */

static const VdParam params[VD_N_PARAMS] = {
    [VD_PARAM_WIDTH]    = { "width",    16, VD_MAX_WIDTH,   true,  NULL,   "16..8192, or 0 for the camera's own" },
    [VD_PARAM_FPS]      = { "fps",      1,  60,             true,  NULL,   "1..60, or 0 for all" },
    [VD_PARAM_QUALITY]  = { "quality",  1,  100,            false, NULL,   "1..100" },
    [VD_PARAM_ANNOTATE] = { "annotate", 1,  1,              true,  NULL,   "0 or 1" },
    [VD_PARAM_CODEC]    = { "codec",    0,  0,              false, codecs, "h264 or h265" },
    [VD_PARAM_BITRATE]  = { "bitrate",  16, VD_MAX_BITRATE, false, NULL,   "16..50000 kbit/s" },
    [VD_PARAM_DRY_RUN]  = { "dry_run",  1,  1,              true,  NULL,   "0 or 1" },
    [VD_PARAM_PERSIST]  = { "persist",  1,  1,              true,  NULL,   "0 or 1" },
    [VD_PARAM_CAMERAS]  = { "cameras",  0,  0,              false, NULL,   "1..512 different ids, separated by commas" },
    [VD_PARAM_CAMERA]   = { "camera",   0,  0,              false, NULL,   "a camera's id", .text = true },
    [VD_PARAM_KINDS]    = { "kinds",    0,  0,              false, NULL,   "kinds of events, separated by commas", .text = true },
    [VD_PARAM_SINCE]    = { "since",    0,  0,              false, NULL,   "a time, as 2026-11-22T15:04:05Z", .text = true },
    [VD_PARAM_UNTIL]    = { "until",    0,  0,              false, NULL,   "a time, as 2026-11-22T15:04:05Z", .text = true },
    [VD_PARAM_AT]       = { "at",       0,  0,              false, NULL,   "a time, as 2026-11-22T15:04:05Z", .text = true },
    [VD_PARAM_SECONDS]  = { "seconds",  1,  60,             false, NULL,   "1..60" },
    [VD_PARAM_ORDER]    = { "order",    0,  0,              false, orders, "newest or oldest" },
    [VD_PARAM_LIMIT]    = { "limit",    1,  VD_MAX_EVENTS_FOUND, false, NULL, "1..1000" },
    [VD_PARAM_CURSOR]   = { "cursor",   0,  0,              false, NULL,   "what an answer said in next", .text = true },
};
/* clang-format on */

enum { MAX_DETAILS = 8 };

const VdRoute *vd_routes(guint *count)
{
    *count = G_N_ELEMENTS(routes);
    return routes;
}

const VdParam *vd_params(void)
{
    return params;
}

static gsize id_length(const char *text)
{
    gsize n = 0;

    while (g_ascii_islower(text[n]) || g_ascii_isdigit(text[n]) || (n > 0 && text[n] == '-'))
        n++;
    return n <= VD_MAX_ID ? n : 0;
}

/* Words with one dot or slash between two of them, so that nothing leads out of the folder. */
static gsize file_length(const char *text)
{
    gsize n = 0, word;

    while ((word = id_length(text + n)) > 0) {
        n += word;
        if (text[n] != '.' && text[n] != '/')
            return n;
        n++;
    }
    return 0;
}

/* What may stand in a pattern, once, for a part of the path. */
static const struct {
    const char *name;
    gsize (*length)(const char *text); /* of what fits at the beginning of the text; 0: nothing */
} holes[] = {{ID, id_length}, {FILENAME, file_length}};

/* True when path is what pattern says; then *id is what stands in its hole, where it has one. */
static bool path_matches(const char *pattern, const char *path, const char **id, gsize *length)
{
    gsize before = strcspn(pattern, "{");

    if (pattern[before] == '\0')
        return strcmp(pattern, path) == 0;
    if (strncmp(pattern, path, before) != 0)
        return false;
    for (guint i = 0; i < G_N_ELEMENTS(holes); i++) {
        if (!g_str_has_prefix(pattern + before, holes[i].name))
            continue;
        *id = path + before;
        *length = holes[i].length(*id);
        return *length > 0 && strcmp(pattern + before + strlen(holes[i].name), *id + *length) == 0;
    }
    return false;
}

/* The methods that the path of `route` answers, "GET, HEAD, OPTIONS". */
static char *methods_of(const VdRoute *route)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(routes); i++)
        if (strcmp(routes[i].path, route->path) == 0)
            g_string_append_printf(text,
                                   strcmp(routes[i].method, "GET") == 0 ? "%s, HEAD, " : "%s, ",
                                   routes[i].method);
    g_string_append(text, "OPTIONS");
    return g_string_free(text, FALSE);
}

/* Sets request->route and ->id; else *reply is 400, 404, 405 or what OPTIONS is answered with. */
static bool find_route(VdRequest *request, const char *method, const char *path, VdReply *reply)
{
    const VdRoute *other = NULL;
    const char *id = NULL;
    gsize length = 0;
    const char *wanted = request->head ? "GET" : method;

    for (guint i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (!path_matches(routes[i].path, path, &id, &length))
            continue;
        other = &routes[i];
        if (strcmp(routes[i].method, wanted) != 0)
            continue;
        request->route = &routes[i];
        request->id = id != NULL ? g_strndup(id, length) : NULL;
        return true;
    }
    if (other == NULL) {
        *reply = vd_reply_error(404, "not_found", NULL, 0, "there is nothing at %s", path);
        return false;
    }
    if (strcmp(method, "OPTIONS") == 0)
        *reply = (VdReply){.status = 204, .cache = "no-store"};
    else
        *reply = vd_reply_error(405, "method_not_allowed", NULL, 0, "%s cannot be done with %s",
                                method, path);
    reply->allow = methods_of(other);
    return false;
}

static bool length_fits(const VdRoute *route, gint64 length, VdReply *reply)
{
    if (length < 0)
        *reply = vd_reply_error(411, "length_required", NULL, 0,
                                "a request body must say its length in Content-Length");
    else if ((guint64)length > route->max_body)
        *reply = vd_reply_error(413, "too_large", NULL, 0,
                                "a request body of at most %" G_GSIZE_FORMAT " bytes is taken here",
                                route->max_body);
    else
        return true;
    return false;
}

static bool type_fits(const VdRequest *request, gint64 length, VdReply *reply)
{
    static const char *const types[] = {VD_TYPE_JSON, "application/merge-patch+json"};
    const char *type = request->content_type != NULL ? request->content_type : "";

    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (length == 0 || (strlen(types[i]) == strcspn(type, "; ") &&
                            g_ascii_strncasecmp(type, types[i], strlen(types[i])) == 0))
            return true;
    *reply = vd_reply_error(415, "unsupported_media_type", NULL, 0,
                            "a request body of Content-Type " VD_TYPE_JSON " is taken here");
    return false;
}

static const VdParam *find_param(const VdRoute *route, const char *name)
{
    for (guint i = 0; i < VD_N_PARAMS; i++)
        if ((route->params & 1u << i) != 0 && strcmp(params[i].name, name) == 0)
            return &params[i];
    return NULL;
}

static bool set_number(VdRequest *request, const VdParam *param, const char *value)
{
    gint64 number;

    if (!g_ascii_string_to_signed(value, 10, param->zero ? 0 : param->min, param->max, &number,
                                  NULL) ||
        (number != 0 && number < param->min))
        return false;
    request->numbers[param - params] = (int)number;
    return true;
}

static bool set_word(VdRequest *request, const VdParam *param, const char *value)
{
    for (int i = 0; param->words[i] != NULL; i++) {
        if (strcmp(param->words[i], value) != 0)
            continue;
        request->numbers[param - params] = i;
        return true;
    }
    return false;
}

static bool set_text(VdRequest *request, const VdParam *param, const char *value)
{
    char **text = &request->texts[param - params];

    if (*text != NULL || value[0] == '\0')
        return false;
    *text = g_strdup(value);
    return true;
}

static bool set_cameras(VdRequest *request, const char *value)
{
    g_auto(GStrv) ids = g_strsplit(value, ",", VD_MAX_CAMERAS + 1);
    guint count = g_strv_length(ids);

    if (count == 0 || count > VD_MAX_CAMERAS)
        return false;
    for (guint i = 0; i < count; i++) {
        gsize length = id_length(ids[i]);

        if (length == 0 || ids[i][length] != '\0')
            return false;
        for (guint j = 0; j < i; j++)
            if (strcmp(ids[i], ids[j]) == 0)
                return false;
    }
    request->cameras = g_steal_pointer(&ids);
    return true;
}

static bool set_param(VdRequest *request, const VdParam *param, const char *value)
{
    if (param->max != 0)
        return request->numbers[param - params] == -1 && set_number(request, param, value);
    if (param->words != NULL)
        return request->numbers[param - params] == -1 && set_word(request, param, value);
    if (param->text)
        return set_text(request, param, value);
    return request->cameras == NULL && set_cameras(request, value);
}

/* The route's parameters by name: "width, fps"; empty where it takes none. */
static char *known_params(const VdRoute *route)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < VD_N_PARAMS; i++)
        if ((route->params & 1u << i) != 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", params[i].name);
    return g_string_free(text, FALSE);
}

/* Collects everything that is wrong with the query, so that one answer tells all of it. */
static bool parse_query(VdRequest *request, const char *query, VdReply *reply)
{
    g_autofree char *known = known_params(request->route);
    const char *allowed = known[0] != '\0' ? known : "no parameters are known here";
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    VdDetail details[MAX_DETAILS];
    char *name, *value;

    while (names->len < MAX_DETAILS && vd_query_next(&query, &name, &value)) {
        g_autofree char *owned = value;
        const VdParam *param = name != NULL ? find_param(request->route, name) : NULL;

        if (param != NULL && value != NULL && set_param(request, param, value)) {
            g_free(name);
            continue;
        }
        details[names->len].allowed = param != NULL ? param->allowed : allowed;
        char *shown = g_utf8_make_valid(name != NULL ? name : "(broken escape)", -1);
        details[names->len].option = shown;
        g_ptr_array_add(names, shown);
        g_free(name);
    }
    if (names->len == 0)
        return true;
    *reply = vd_reply_error(400, "bad_parameter", details, names->len,
                            "%u of the query's parameters cannot be taken; %s%s", names->len,
                            known[0] != '\0' ? "known here: " : "", allowed);
    return false;
}

bool vd_route_judge(VdRequest *request, const char *method, const char *path, const char *query,
                    gint64 body_length, VdReply *reply)
{
    request->head = strcmp(method, "HEAD") == 0;
    for (guint i = 0; i < VD_N_PARAMS; i++)
        request->numbers[i] = -1;
    if (strlen(path) + (query != NULL ? strlen(query) : 0) > VD_MAX_TARGET) {
        *reply = vd_reply_error(414, "uri_too_long", NULL, 0,
                                "path and query may have %d bytes together", VD_MAX_TARGET);
        return false;
    }
    g_autofree char *decoded = vd_percent_decode(path, strlen(path), false);
    if (decoded == NULL) {
        *reply = vd_reply_error(400, "bad_path", NULL, 0, "the path has a broken %%-escape");
        return false;
    }
    return find_route(request, method, decoded, reply) &&
           length_fits(request->route, body_length, reply) &&
           type_fits(request, body_length, reply) &&
           (query == NULL || parse_query(request, query, reply));
}

VdReply vd_route_answer(const VdRequest *request, VdApi *api)
{
    return request->route->handler(request, api);
}

void vd_request_clear(VdRequest *request)
{
    g_clear_pointer(&request->id, g_free);
    for (guint i = 0; i < VD_N_PARAMS; i++)
        g_clear_pointer(&request->texts[i], g_free);
    g_clear_pointer(&request->cameras, g_strfreev);
    g_clear_pointer(&request->body, g_bytes_unref);
    g_clear_pointer(&request->ticket, vd_ticket_unref);
    g_clear_pointer(&request->account, vd_account_unref);
}
