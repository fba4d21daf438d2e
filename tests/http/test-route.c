#include "base/error.h"
#include "base/limits.h"
#include "fake-api.h"
#include "http/client.h"
#include "http/handlers.h"
#include "http/query.h"
#include "http/route.h"

#include <string.h>

static const char *const ids[] = {"back", "front", NULL};

/* Status of what (method, path, query) is answered with; the reply where asked for. */
static unsigned ask_of(FakeApi *fake, const char *method, const char *path, const char *query,
                       gint64 length, VdReply *kept)
{
    VdRequest request = {.peer = "192.0.2.7", .user_agent = "curl/8"};
    VdReply reply = {0};

    if (vd_route_judge(&request, method, path, query, length, &reply)) {
        request.ticket = request.route->later ? vd_ticket_new(NULL, NULL) : NULL;
        reply = vd_route_answer(&request, fake_api_get(fake));
    }
    if (reply.kind == VD_REPLY_LATER) {
        g_autoptr(VdAnswer) answer = vd_ticket_take(request.ticket);
        reply = vd_reply_from_answer(answer);
    }
    unsigned status = reply.status;
    if (kept != NULL)
        *kept = (VdReply){0};
    if (kept != NULL && reply.n_viewers == 0)
        *kept = reply;
    else
        vd_reply_clear(&reply, fake_api_get(fake));
    vd_request_clear(&request);
    g_assert_cmpuint(fake_api_watching(fake), ==, 0);
    return status;
}

/* The same where both cameras are live. */
static unsigned ask(const char *method, const char *path, const char *query, gint64 length,
                    VdReply *kept)
{
    g_autoptr(FakeApi) fake = fake_api_new(ids);

    for (guint i = 0; ids[i] != NULL; i++)
        fake_api_post(fake, ids[i], 1, 100, false);
    return ask_of(fake, method, path, query, length, kept);
}

static char *body_of(VdReply *reply)
{
    return g_strndup(g_bytes_get_data(reply->body, NULL), g_bytes_get_size(reply->body));
}

/* The route's path with a camera, or a file, that there is. */
static char *real_path(const VdRoute *route)
{
    GString *path = g_string_new(route->path);

    g_string_replace(path, "{id}", "front", 0);
    g_string_replace(path, "{file}", "views/cameras.js", 0);
    return g_string_free(path, FALSE);
}

static void every_route_answers(void)
{
    guint count;
    const VdRoute *routes = vd_routes(&count);

    g_assert_cmpuint(count, >=, 10);
    for (guint i = 0; i < count; i++) {
        g_autofree char *path = real_path(&routes[i]);

        if (strcmp(routes[i].method, "GET") == 0) {
            g_assert_cmpuint(ask("GET", path, NULL, 0, NULL), ==, 200);
            g_assert_cmpuint(ask("GET", path, "", 0, NULL), ==, 200);
            g_assert_cmpuint(ask("HEAD", path, NULL, 0, NULL), ==, 200);
        } else {
            bool tells = strcmp(path, "/api/v1/session") == 0 && routes[i].method[0] == 'P';
            g_assert_cmpuint(ask(routes[i].method, path, NULL, 0, NULL), ==, tells ? 200 : 204);
            g_assert_cmpuint(
                ask(routes[i].method, path, NULL, (gint64)routes[i].max_body + 1, NULL), ==, 413);
        }
    }
}

/* What changes something is an operator's at least, but for one's own session. */
static void every_route_says_whom_it_is_for(void)
{
    guint count;
    const VdRoute *routes = vd_routes(&count);

    for (guint i = 0; i < count; i++) {
        const VdRoute *route = &routes[i];
        bool open = route->handler == vd_handle_asset || strcmp(route->path, "/healthz") == 0 ||
                    strcmp(route->path, "/readyz") == 0;
        bool reads = strcmp(route->method, "GET") == 0;

        g_test_message("%s %s", route->method, route->path);
        g_assert_true((route->role == VD_ROLE_NONE) == open);
        if (!reads && strcmp(route->path, "/api/v1/session") != 0)
            g_assert_cmpint(route->role, >=, VD_ROLE_OPERATOR);
    }
}

static void a_wrong_method_is_told_the_right_ones(void)
{
    static const char *const wrong[] = {"get", "TRACE", "BREW"};
    guint count;
    const VdRoute *routes = vd_routes(&count);

    for (guint i = 0; i < count; i++)
        for (guint j = 0; j < G_N_ELEMENTS(wrong); j++) {
            g_autofree char *path = real_path(&routes[i]);
            VdReply reply;

            g_assert_cmpuint(ask(wrong[j], path, NULL, 0, &reply), ==, 405);
            g_assert_nonnull(strstr(reply.allow, routes[i].method));
            g_assert_true(g_str_has_suffix(reply.allow, ", OPTIONS"));
            vd_reply_clear(&reply, NULL);
        }
    g_assert_cmpuint(ask("POST", "/api/v1/cameras/front", NULL, 0, NULL), ==, 405);
    g_assert_cmpuint(ask("GET", "/api/v1/cameras/front/restart", NULL, 0, NULL), ==, 405);
}

static void options_tells_the_methods(void)
{
    VdReply reply;

    g_assert_cmpuint(ask("OPTIONS", "/api/v1/cameras", NULL, 0, &reply), ==, 204);
    g_assert_cmpstr(reply.allow, ==, "GET, HEAD, POST, OPTIONS");
    vd_reply_clear(&reply, NULL);
    g_assert_cmpuint(ask("OPTIONS", "/nowhere", NULL, 0, NULL), ==, 404);
}

static void what_is_not_there_is_a_404(void)
{
    static const char *const paths[] = {
        "",
        "//",
        "/api",
        "/api/v1/",
        "/api/v1/cameras/",
        "/api/v1/cameras/nobody",
        "/api/v1/cameras/nobody/stream.mjpg",
        "/api/v1/cameras/nobody/snapshot.jpg",
        "/api/v1/cameras/Front",
        "/api/v1/cameras/-front",
        "/api/v1/cameras/front/",
        "/api/v1/cameras/front/x",
        "/api/v1/cameras/front%2fstream.mjpg/x",
        "/api/v1/cameras/../stats",
        "/../../etc/passwd",
    };

    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_test_message("%s", paths[i]);
        g_assert_cmpuint(ask("GET", paths[i], NULL, 0, NULL), ==, 404);
    }
    g_assert_cmpuint(ask("HEAD", "/api/v1/cameras/nobody/stream.mjpg", NULL, 0, NULL), ==, 404);
}

static void an_id_has_a_limit(void)
{
    g_autofree char *longest = g_strnfill(VD_MAX_ID, 'a');
    g_autofree char *path = g_strconcat("/api/v1/cameras/", longest, NULL);
    g_autofree char *over = g_strconcat(path, "a", NULL);
    VdReply reply;

    g_assert_cmpuint(ask("GET", path, NULL, 0, &reply), ==, 404);
    g_autofree char *text = body_of(&reply);
    g_assert_nonnull(strstr(text, "there is no camera"));
    vd_reply_clear(&reply, NULL);
    g_assert_cmpuint(ask("GET", over, NULL, 0, &reply), ==, 404);
    g_autofree char *over_text = body_of(&reply);
    g_assert_nonnull(strstr(over_text, "there is nothing at"));
    vd_reply_clear(&reply, NULL);
}

static void escapes_are_decoded_or_refused(void)
{
    g_assert_cmpuint(ask("GET", "/api/v1/cameras/%66ront", NULL, 0, NULL), ==, 200);
    g_assert_cmpuint(ask("GET", "/%61pi/v1/stats", NULL, 0, NULL), ==, 200);
    g_assert_cmpuint(ask("GET", "/api/v1/cameras/fr%zznt", NULL, 0, NULL), ==, 400);
    g_assert_cmpuint(ask("GET", "/healthz%", NULL, 0, NULL), ==, 400);
    g_assert_cmpuint(ask("GET", "/healthz%0", NULL, 0, NULL), ==, 400);
    g_assert_cmpuint(ask("GET", "/healthz%00", NULL, 0, NULL), ==, 400);
}

static void a_body_is_refused_by_its_length(void)
{
    g_assert_cmpuint(ask("GET", "/healthz", NULL, 1, NULL), ==, 413);
    g_assert_cmpuint(ask("GET", "/healthz", NULL, G_MAXINT64, NULL), ==, 413);
    g_assert_cmpuint(ask("GET", "/healthz", NULL, -1, NULL), ==, 411);
    g_assert_cmpuint(ask("GET", "/nowhere", NULL, 1, NULL), ==, 404);
}

static void a_target_has_a_limit(void)
{
    g_autofree char *fits = g_strnfill(VD_MAX_TARGET - strlen("/healthz"), '&');
    g_autofree char *over = g_strconcat(fits, "&", NULL);

    g_assert_cmpuint(ask("GET", "/healthz", fits, 0, NULL), ==, 200);
    g_assert_cmpuint(ask("GET", "/healthz", over, 0, NULL), ==, 414);
}

#define VIDEO "/api/v1/cameras/front/stream.mp4"

/* The first route that takes the parameter is asked with this value; whether it takes that. */
static bool takes(guint id, int value)
{
    g_autofree char *query = g_strdup_printf("%s=%d", vd_params()[id].name, value);
    guint count, at = 0;
    const VdRoute *routes = vd_routes(&count);

    while ((routes[at].params & 1u << id) == 0)
        at++;
    g_assert_cmpuint(at, <, count);
    g_autofree char *path = real_path(&routes[at]);
    unsigned status = ask(routes[at].method, path, query, 0, NULL);
    g_assert_true(status == 200 || status == 204 || status == 400);
    return status != 400;
}

static void numbers_keep_to_their_ranges(void)
{
    for (guint i = 0; i < VD_N_PARAMS; i++) {
        const VdParam *param = &vd_params()[i];

        if (param->max == 0)
            continue;
        g_assert_true(takes(i, param->min));
        g_assert_true(takes(i, param->max));
        g_assert_false(takes(i, param->max + 1));
        g_assert_false(takes(i, -1));
        g_assert_true(takes(i, 0) == param->zero);
        if (param->min > 1)
            g_assert_false(takes(i, param->min - 1));
    }
}

static void what_is_no_number_is_refused(void)
{
    static const char *const queries[] = {"width=",      "width",
                                          "width=+640",  "width=640x",
                                          "width=0x280", "width=99999999999999999",
                                          "width=%",     "width=64&width=65",
                                          "fps=1.5"};

    for (guint i = 0; i < G_N_ELEMENTS(queries); i++) {
        g_test_message("%s", queries[i]);
        g_assert_cmpuint(ask("GET", "/api/v1/cameras/front/stream.mjpg", queries[i], 0, NULL), ==,
                         400);
    }
}

static void a_codec_is_a_word_that_is_known(void)
{
    static const char *const wrong[] = {
        "codec=",      "codec=jpeg", "codec=H264", "codec=h26",
        "codec=h264x", "codec=0",    "codec=av1",  "codec=h264&codec=h265",
        "quality=5",   "cameras=a"};

    g_assert_cmpuint(ask("GET", VIDEO, "codec=h264", 0, NULL), ==, 200);
    g_assert_cmpuint(ask("GET", VIDEO, "codec=h265&width=320&fps=0", 0, NULL), ==, 200);
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_test_message("%s", wrong[i]);
        g_assert_cmpuint(ask("GET", VIDEO, wrong[i], 0, NULL), ==, 400);
    }
    g_assert_cmpuint(ask("GET", "/api/v1/cameras/front/stream.mjpg", "codec=h264", 0, NULL), ==,
                     400);
}

static void one_answer_names_everything_that_is_wrong(void)
{
    VdReply reply;

    g_assert_cmpuint(ask("GET", "/api/v1/cameras/front/stream.mjpg",
                         "width=9000&colour=%22red&fps=15&quality=0", 0, &reply),
                     ==, 400);
    g_autofree char *text = body_of(&reply);
    g_assert_cmpstr(
        text, ==,
        "{\"error\":{\"code\":\"bad_parameter\",\"message\":\"3 of the query's parameters cannot "
        "be taken; known here: width, fps, quality, annotate\",\"details\":[{\"option\":\"width\","
        "\"allowed\":\"16..8192, or 0 for the camera's own\"},{\"option\":\"colour\",\"allowed\":"
        "\"width, fps, quality, annotate\"},{\"option\":\"quality\",\"allowed\":\"1..100\"}]}}");
    g_assert_cmpstr(reply.type, ==, "application/json");
    vd_reply_clear(&reply, NULL);
    g_assert_cmpuint(ask("GET", "/healthz", "verbose=1", 0, &reply), ==, 400);
    g_autofree char *other = body_of(&reply);
    g_assert_cmpstr(other, ==,
                    "{\"error\":{\"code\":\"bad_parameter\",\"message\":\"1 of the query's "
                    "parameters cannot be taken; no parameters are known here\",\"details\":"
                    "[{\"option\":\"verbose\",\"allowed\":\"no parameters are known here\"}]}}");
    vd_reply_clear(&reply, NULL);
}

static void an_answer_is_utf8_whatever_was_asked(void)
{
    static const char *const paths[] = {"/%ff%fe", "/api/v1/cameras/%c3%28"};

    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        VdReply reply;

        g_assert_cmpuint(ask("GET", paths[i], NULL, 0, &reply), ==, 404);
        g_autofree char *text = body_of(&reply);
        g_assert_true(g_utf8_validate(text, -1, NULL));
        vd_reply_clear(&reply, NULL);
    }
    VdReply reply;
    g_assert_cmpuint(ask("GET", "/healthz", "%ff=1", 0, &reply), ==, 400);
    g_autofree char *text = body_of(&reply);
    g_assert_true(g_utf8_validate(text, -1, NULL));
    vd_reply_clear(&reply, NULL);
}

static unsigned ask_wall(const char *query)
{
    return ask("GET", "/api/v1/wall.mjpg", query, 0, NULL);
}

/* "cameras=aa,ab,..."; the path and so many of them fit in VD_MAX_TARGET. */
static char *many_cameras(guint count)
{
    GString *query = g_string_new("cameras=");

    for (guint i = 0; i < count; i++)
        g_string_append_printf(query, "%s%c%c", i > 0 ? "," : "", 'a' + i / 26, 'a' + i % 26);
    return g_string_free(query, FALSE);
}

static void the_wall_takes_a_list_of_cameras(void)
{
    g_autofree char *most = many_cameras(VD_MAX_CAMERAS);
    g_autofree char *over = many_cameras(VD_MAX_CAMERAS + 1);

    g_assert_cmpuint(ask_wall("cameras=front"), ==, 200);
    g_assert_cmpuint(ask_wall("cameras=front,back&fps=5&width=320"), ==, 200);
    g_assert_cmpuint(ask_wall("cameras=front%2Cback"), ==, 200);
    g_assert_cmpuint(ask_wall("cameras=front,nobody"), ==, 404);
    g_assert_cmpuint(ask_wall("cameras="), ==, 400);
    g_assert_cmpuint(ask_wall("cameras=front,,back"), ==, 400);
    g_assert_cmpuint(ask_wall("cameras=front,front"), ==, 400);
    g_assert_cmpuint(ask_wall("cameras=Front"), ==, 400);
    g_assert_cmpuint(ask_wall(most), ==, 404);
    g_assert_cmpuint(ask_wall(over), ==, 400);
}

#define FULL "{\"error\":{\"code\":\"limit\",\"message\":\"no rendition more of front\"}}"

static void the_api_s_errors_keep_their_meaning(void)
{
    g_autoptr(FakeApi) fake = fake_api_new(ids);
    VdReply reply;

    fake_api_fill(fake, "front");
    g_assert_cmpuint(ask_of(fake, "GET", "/api/v1/cameras/front/stream.mjpg", NULL, 0, &reply), ==,
                     503);
    g_assert_cmpuint(reply.retry_after_s, >, 0);
    g_autofree char *text = body_of(&reply);
    g_assert_cmpstr(text, ==, FULL);
    vd_reply_clear(&reply, NULL);
}

static VdReply wall_of(FakeApi *fake, const char *query)
{
    VdRequest request = {.peer = "192.0.2.7"};
    VdReply reply;

    if (vd_route_judge(&request, "GET", "/api/v1/wall.mjpg", query, 0, &reply))
        reply = vd_route_answer(&request, fake_api_get(fake));
    vd_request_clear(&request);
    return reply;
}

static void a_wall_carries_every_camera_that_there_may_be(void)
{
    g_autofree char *query = many_cameras(VD_MAX_CAMERAS);
    g_auto(GStrv) all = g_strsplit(strchr(query, '=') + 1, ",", -1);
    g_autoptr(FakeApi) fake = fake_api_new((const char *const *)all);
    VdReply reply = wall_of(fake, "width=320");

    g_assert_cmpuint(reply.status, ==, 200);
    g_assert_cmpuint(reply.n_viewers, ==, VD_MAX_CAMERAS);
    vd_reply_clear(&reply, fake_api_get(fake));
}

static void a_wall_leaves_out_who_is_at_its_limit(void)
{
    static const char *const queries[] = {NULL, "cameras=front,back"};

    for (guint i = 0; i < G_N_ELEMENTS(queries); i++) {
        g_autoptr(FakeApi) fake = fake_api_new(ids);

        fake_api_fill(fake, "front");
        VdReply reply = wall_of(fake, queries[i]);
        g_assert_cmpuint(reply.status, ==, 200);
        g_assert_cmpuint(reply.n_viewers, ==, 1);
        g_autofree char *text = body_of(&reply);
        g_assert_cmpstr(text, ==,
                        "\r\n--vedette\r\nContent-Type: application/json\r\nContent-Length: 65\r\n"
                        "X-Camera: front\r\n\r\n" FULL);
        vd_reply_clear(&reply, fake_api_get(fake));
        fake_api_fill(fake, "back");
        reply = wall_of(fake, queries[i]);
        g_assert_cmpuint(reply.status, ==, 503);
        g_assert_cmpuint(reply.retry_after_s, >, 0);
        vd_reply_clear(&reply, fake_api_get(fake));
    }
}

static void assert_head_is_as_get(FakeApi *fake, const char *path, unsigned status)
{
    VdReply get, head;

    g_assert_cmpuint(ask_of(fake, "GET", path, NULL, 0, &get), ==, status);
    g_assert_cmpuint(ask_of(fake, "HEAD", path, NULL, 0, &head), ==, status);
    g_assert_cmpuint(head.retry_after_s, ==, get.retry_after_s);
    g_assert_cmpstr(head.type, ==, get.type);
    vd_reply_clear(&get, NULL);
    vd_reply_clear(&head, NULL);
}

static void head_is_refused_as_get_is(void)
{
    static const char *const paths[] = {"/api/v1/cameras/front/stream.mjpg", VIDEO,
                                        "/api/v1/cameras/front/snapshot.jpg", "/api/v1/wall.mjpg"};
    static const char *const none[] = {NULL};
    g_autoptr(FakeApi) fake = fake_api_new(ids);
    g_autoptr(FakeApi) empty = fake_api_new(none);

    fake_api_fill(fake, "front");
    fake_api_fill(fake, "back");
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        assert_head_is_as_get(fake, paths[i], 503);
        assert_head_is_as_get(empty, paths[i], 404);
    }
    g_assert_cmpuint(ask("HEAD", "/api/v1/wall.mjpg", "cameras=nope", 0, NULL), ==, 404);
}

static void head_of_a_snapshot_says_what_there_is(void)
{
    static const char path[] = "/api/v1/cameras/front/snapshot.jpg";
    g_autoptr(FakeApi) fake = fake_api_new(ids);
    VdReply reply;

    fake_api_post(fake, "front", 0, 100, true);
    g_assert_cmpuint(ask_of(fake, "HEAD", path, NULL, 0, &reply), ==, 503);
    g_assert_cmpstr(reply.state, ==, "placeholder");
    g_assert_cmpuint(reply.retry_after_s, ==, 5);
    fake_api_post(fake, "front", 1, 100, false);
    g_assert_cmpuint(ask_of(fake, "HEAD", path, NULL, 0, &reply), ==, 200);
    g_assert_cmpstr(reply.state, ==, "live");
    g_assert_cmpstr(reply.type, ==, "image/jpeg");
    vd_reply_clear(&reply, NULL);
}

/* What a stream's query makes a camera be asked for. */
static VdViewRequest wanted_by(const char *path, const char *query, const char *type)
{
    g_autoptr(FakeApi) fake = fake_api_new(ids);
    VdRequest request = {.peer = "192.0.2.7", .user_agent = "Mozilla/5.0 Gecko/1 Firefox/120.0"};
    VdReply reply;

    g_assert_true(vd_route_judge(&request, "GET", path, query, 0, &reply));
    reply = vd_route_answer(&request, fake_api_get(fake));
    g_assert_cmpuint(reply.n_viewers, ==, 1);
    g_assert_cmpstr(reply.type, ==, type);
    VdViewRequest wanted = fake_api_wanted(fake);
    g_autofree char *client = fake_api_client(fake);
    g_assert_cmpstr(client, ==, "192.0.2.7 Firefox");
    vd_reply_clear(&reply, fake_api_get(fake));
    vd_request_clear(&request);
    g_assert_cmpuint(fake_api_watching(fake), ==, 0);
    return wanted;
}

static void a_wish_reaches_the_camera_as_it_was_said(void)
{
    VdViewRequest wanted =
        wanted_by("/api/v1/cameras/front/stream.mjpg", "width=320&annotate=0", VD_TYPE_PARTS);

    g_assert_cmpint(wanted.width, ==, 320);
    g_assert_cmpint(wanted.fps, ==, -1);
    g_assert_cmpint(wanted.quality, ==, -1);
    g_assert_cmpint(wanted.annotate, ==, 0);
    g_assert_cmpint(wanted.codec, ==, VD_CODEC_JPEG);
    g_assert_cmpint(wanted.bitrate, ==, 0);
}

static void a_video_is_h264_unless_it_was_said(void)
{
    VdViewRequest plain = wanted_by(VIDEO, NULL, "video/mp4");
    VdViewRequest wanted = wanted_by(VIDEO, "codec=h265&bitrate=500&fps=5", "video/mp4");

    g_assert_cmpint(plain.codec, ==, VD_CODEC_H264);
    g_assert_cmpint(plain.bitrate, ==, 0);
    g_assert_cmpint(plain.width, ==, -1);
    g_assert_cmpint(wanted.codec, ==, VD_CODEC_H265);
    g_assert_cmpint(wanted.bitrate, ==, 500);
    g_assert_cmpint(wanted.fps, ==, 5);
    g_assert_cmpint(wanted_by(VIDEO, "codec=h264", "video/mp4").codec, ==, VD_CODEC_H264);
}

static void what_nothing_encodes_is_501(void)
{
    g_autoptr(GError) error = g_error_new(VD_ERROR, VD_ERROR_UNSUPPORTED, "nothing encodes h265");
    VdReply reply = vd_reply_from_error(error);

    g_assert_cmpuint(reply.status, ==, 501);
    g_assert_cmpuint(reply.retry_after_s, ==, 0);
    g_autofree char *text = body_of(&reply);
    g_assert_cmpstr(text, ==,
                    "{\"error\":{\"code\":\"unsupported\",\"message\":\"nothing encodes "
                    "h265\"}}");
    vd_reply_clear(&reply, NULL);
}

static void readyz_says_why_not(void)
{
    g_autoptr(FakeApi) fake = fake_api_new(ids);
    VdRequest request = {0};
    VdReply reply;

    fake_api_set_ready(fake, false);
    g_assert_true(vd_route_judge(&request, "GET", "/readyz", NULL, 0, &reply));
    reply = vd_route_answer(&request, fake_api_get(fake));
    g_assert_cmpuint(reply.status, ==, 503);
    g_autofree char *text = body_of(&reply);
    g_assert_nonnull(strstr(text, "the main loop stands still"));
    vd_reply_clear(&reply, fake_api_get(fake));
    vd_request_clear(&request);
}

static void agents_are_known_by_name(void)
{
    static const struct {
        const char *agent, *name;
        bool twice, ahead;
    } cases[] = {
        {NULL, "a", false},
        {"", "a", false},
        {"curl/8.1", "a curl", false},
        {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/120.0.0.0 Safari/537.36",
         "a Chrome", false, true},
        {"Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 "
         "Safari/605.1.15",
         "a Safari", true},
        {"Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120 Safari/604.1",
         "a Chrome iOS", true},
        {"my-script/1.0 (x)", "a my-script", false},
        {"\xff\x01 evil", "a ", false},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = vd_client_name("a", cases[i].agent);

        g_assert_cmpstr(name, ==, cases[i].name);
        VdClientQuirks quirks = vd_client_quirks(cases[i].agent, "image/avif,image/*");
        g_assert_cmpint(quirks.last_twice, ==, cases[i].twice);
        g_assert_cmpint(quirks.headers_ahead, ==, cases[i].ahead);
        g_assert_false(vd_client_quirks(cases[i].agent, "*/*").headers_ahead);
        g_assert_false(vd_client_quirks(cases[i].agent, NULL).headers_ahead);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/route/" #name, name)
    TEST(every_route_answers);
    TEST(a_wrong_method_is_told_the_right_ones);
    TEST(options_tells_the_methods);
    TEST(what_is_not_there_is_a_404);
    TEST(an_id_has_a_limit);
    TEST(escapes_are_decoded_or_refused);
    TEST(a_body_is_refused_by_its_length);
    TEST(a_target_has_a_limit);
    TEST(numbers_keep_to_their_ranges);
    TEST(what_is_no_number_is_refused);
    TEST(a_codec_is_a_word_that_is_known);
    TEST(a_video_is_h264_unless_it_was_said);
    TEST(what_nothing_encodes_is_501);
    TEST(one_answer_names_everything_that_is_wrong);
    TEST(an_answer_is_utf8_whatever_was_asked);
    TEST(the_wall_takes_a_list_of_cameras);
    TEST(the_api_s_errors_keep_their_meaning);
    TEST(a_wall_carries_every_camera_that_there_may_be);
    TEST(a_wall_leaves_out_who_is_at_its_limit);
    TEST(head_is_refused_as_get_is);
    TEST(head_of_a_snapshot_says_what_there_is);
    TEST(a_wish_reaches_the_camera_as_it_was_said);
    TEST(readyz_says_why_not);
    TEST(every_route_says_whom_it_is_for);
    TEST(agents_are_known_by_name);
    return g_test_run();
}
