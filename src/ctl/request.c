#include "ctl/request.h"

#include "base/clock.h"
#include "base/file.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

#define DEFAULT_SOCKET "/run/vedette/control.sock"

enum {
    MAX_ANSWER = 64 * 1024 * 1024,
    MAX_TOKEN_FILE = 4096,
    CONNECT_S = 10,
    TIMEOUT_S = 30,
};

struct VdCtlClient {
    CURL *curl;
    struct curl_slist *headers;
    char why[CURL_ERROR_SIZE];
    /* of the request that runs */
    const VdCtlRequest *request;
    GByteArray *body;
    bool enough, silent;
    gint64 heard_us; /* when something came last */
};

void vd_ctl_client_free(VdCtlClient *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->curl);
    curl_slist_free_all(client->headers);
    g_free(client);
}

static long status_of(VdCtlClient *client)
{
    long status = 0;

    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t take_body(char *bytes, size_t one, size_t count, void *data)
{
    VdCtlClient *client = data;

    client->heard_us = vd_clock_now_us();
    if (client->request->take != NULL && status_of(client) / 100 == 2) {
        client->enough = !client->request->take(client->request->data, bytes, count);
        return client->enough ? 0 : count;
    }
    if (client->body->len + count > MAX_ANSWER)
        return 0;
    g_byte_array_append(client->body, (const guint8 *)bytes, (guint)count);
    return count;
}

/* curl asks each second at least whether it is to go on. */
static int look_around(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    VdCtlClient *client = data;
    gint64 silence_us = client->request->silence_s * G_USEC_PER_SEC;

    client->silent = silence_us > 0 && vd_clock_now_us() - client->heard_us > silence_us;
    return client->silent || vd_ctl_interrupted() ? 1 : 0;
}

/* False: said. */
static bool read_token(const VdCtl *ctl, char **token)
{
    const char *file = ctl->options[VD_CTL_TOKEN_FILE];
    g_autoptr(GError) error = NULL;
    gsize length;

    *token = g_strdup(g_getenv("VEDETTE_TOKEN"));
    if (file != NULL) {
        g_free(*token);
        *token = vd_file_read(file, MAX_TOKEN_FILE, &length, &error);
        if (*token == NULL) {
            vd_ctl_fail(VD_CTL_USAGE, "--token-file=%s: %s", file, error->message);
            return false;
        }
    }
    if (*token == NULL || strpbrk(g_strstrip(*token), "\r\n") == NULL)
        return true;
    vd_ctl_fail(VD_CTL_USAGE, "a token is one line");
    g_clear_pointer(token, g_free);
    return false;
}

/* Whether what goes there is read by nobody on its way: HTTPS, or it stays on this machine. */
static bool is_private(const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    const char *host = uri != NULL ? g_uri_get_host(uri) : NULL;
    g_autoptr(GInetAddress) address = host != NULL ? g_inet_address_new_from_string(host) : NULL;

    return g_str_has_prefix(url, "https://") || g_strcmp0(host, "localhost") == 0 ||
           (address != NULL && g_inet_address_get_is_loopback(address));
}

static bool add_headers(VdCtl *ctl, VdCtlClient *client)
{
    const char *url = ctl->options[VD_CTL_URL];
    g_autofree char *token = NULL;

    if (!read_token(ctl, &token))
        return false;
    if (token != NULL && token[0] != '\0' && url != NULL && !is_private(url)) {
        vd_ctl_fail(VD_CTL_USAGE, "--url=%s: a token goes to other machines by https:// alone",
                    url);
        return false;
    }
    client->headers = curl_slist_append(NULL, "Expect:");
    client->headers = curl_slist_append(client->headers, "Content-Type: application/json");
    if (token != NULL && token[0] != '\0') {
        g_autofree char *header = g_strconcat("Authorization: Bearer ", token, NULL);
        client->headers = curl_slist_append(client->headers, header);
    }
    return true;
}

/* False: said. */
static bool make_client(VdCtl *ctl)
{
    const char *url = ctl->options[VD_CTL_URL], *file = ctl->options[VD_CTL_SOCKET];

    if (url != NULL && !g_str_has_prefix(url, "https://") && !g_str_has_prefix(url, "http://")) {
        vd_ctl_fail(VD_CTL_USAGE, "--url=%s: https://HOST:PORT is wanted", url);
        return false;
    }
    if (url != NULL && strchr(url, '@') != NULL) {
        vd_ctl_fail(VD_CTL_USAGE, "--url: others see what stands on a command line: use a token");
        return false;
    }
    VdCtlClient *client = ctl->client = g_new0(VdCtlClient, 1);
    client->curl = curl_easy_init();
    if (!add_headers(ctl, client))
        return false;
    curl_easy_setopt(client->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(client->curl, CURLOPT_USERAGENT, "vedettectl");
    curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->why);
    curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, client->headers);
    curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, client);
    curl_easy_setopt(client->curl, CURLOPT_XFERINFOFUNCTION, look_around);
    curl_easy_setopt(client->curl, CURLOPT_XFERINFODATA, client);
    curl_easy_setopt(client->curl, CURLOPT_NOPROGRESS, 0L);
    if (ctl->options[VD_CTL_CACERT] != NULL) { /* instead of the system's, not beside them */
        curl_easy_setopt(client->curl, CURLOPT_CAINFO, ctl->options[VD_CTL_CACERT]);
        curl_easy_setopt(client->curl, CURLOPT_CAPATH, NULL);
    }
    if (url == NULL)
        curl_easy_setopt(client->curl, CURLOPT_UNIX_SOCKET_PATH,
                         file != NULL ? file : DEFAULT_SOCKET);
    if (url == NULL || !g_str_has_prefix(url, "https://")) /* a token is read by no proxy */
        curl_easy_setopt(client->curl, CURLOPT_PROXY, "");
    return true;
}

static const char *place(const VdCtl *ctl)
{
    if (ctl->options[VD_CTL_URL] != NULL)
        return ctl->options[VD_CTL_URL];
    return ctl->options[VD_CTL_SOCKET] != NULL ? ctl->options[VD_CTL_SOCKET] : DEFAULT_SOCKET;
}

/* Why there is no answer. Of a Unix socket curl says that it is a port of localhost's. */
static const char *trouble_of(const VdCtl *ctl, CURLcode code)
{
    const VdCtlClient *client = ctl->client;
    long number = 0;

    curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &number);
    if (code == CURLE_COULDNT_CONNECT && ctl->options[VD_CTL_URL] == NULL && number != 0)
        return g_strerror((int)number);
    return client->why[0] != '\0' ? client->why : curl_easy_strerror(code);
}

static CURLcode perform(VdCtl *ctl, const VdCtlRequest *request)
{
    VdCtlClient *client = ctl->client;
    const char *base =
        ctl->options[VD_CTL_URL] != NULL ? ctl->options[VD_CTL_URL] : "http://localhost";
    gsize length = strlen(base);
    g_autofree char *url = g_strdup_printf(
        "%.*s%s", (int)(length - (g_str_has_suffix(base, "/") ? 1 : 0)), base, request->path);
    char *body = request->body != NULL ? json_dumps(request->body, JSON_COMPACT) : NULL;

    client->request = request;
    client->enough = client->silent = false;
    client->heard_us = vd_clock_now_us();
    client->why[0] = '\0';
    curl_easy_setopt(client->curl, CURLOPT_URL, url);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE, body != NULL ? -1L : 0L);
    if (body == NULL)
        curl_easy_setopt(client->curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, (long)request->timeout_s);
    CURLcode code = curl_easy_perform(client->curl);
    curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, NULL);
    free(body);
    return code;
}

/* What a refusal's details say: {"option":..., "allowed":...}, and whatever else. */
static void say_details(const json_t *details)
{
    const json_t *detail, *value;
    const char *name;
    gsize i;

    json_array_foreach(details, i, detail)
    {
        g_autoptr(GString) line = g_string_new(NULL);

        json_object_foreach((json_t *)detail, name, value) if (json_is_string(value))
            g_string_append_printf(line, "%s%s", line->len > 0 ? ": " : "",
                                   json_string_value(value));
        g_autofree char *plain = vd_ctl_plain(line->str);
        fprintf(stderr, "  %s\n", plain);
    }
}

static int refused(const GByteArray *body, long status)
{
    json_t *root = json_loadb((const char *)body->data, body->len, 0, NULL);
    const json_t *error = json_object_get(root, "error");
    const char *message = json_string_value(json_object_get(error, "message"));

    if (message != NULL)
        vd_ctl_fail(0, "%s", message);
    else
        vd_ctl_fail(0, "the answer was HTTP status %ld", status);
    say_details(json_object_get(error, "details"));
    json_decref(root);
    if (status == 404)
        return VD_CTL_NOT_FOUND;
    return status == 401 || status == 403 ? VD_CTL_FORBIDDEN : VD_CTL_REFUSED;
}

static int say_away(const VdCtl *ctl, const VdCtlRequest *request, CURLcode code)
{
    if (ctl->client->silent)
        return vd_ctl_fail(VD_CTL_AWAY,
                           "nothing has come from %s for %u s: vedetted or the way there is gone",
                           place(ctl), request->silence_s);
    return vd_ctl_fail(VD_CTL_AWAY, "vedetted cannot be asked at %s: %s", place(ctl),
                       trouble_of(ctl, code));
}

int vd_ctl_ask(VdCtl *ctl, const VdCtlRequest *request, GByteArray **body)
{
    if (ctl->client == NULL && !make_client(ctl))
        return VD_CTL_USAGE;
    g_autoptr(GByteArray) answer = ctl->client->body = g_byte_array_new();
    CURLcode code = perform(ctl, request);
    long status = status_of(ctl->client);

    if (code != CURLE_OK && !ctl->client->enough && !vd_ctl_interrupted())
        return say_away(ctl, request, code);
    if (vd_ctl_interrupted() && request->take == NULL)
        return VD_CTL_REFUSED;
    if (status / 100 != 2 && !vd_ctl_interrupted())
        return refused(answer, status);
    g_byte_array_append(answer, (const guint8 *)"", 1);
    g_byte_array_set_size(answer, answer->len - 1);
    *body = g_steal_pointer(&answer);
    return VD_CTL_DONE;
}

int vd_ctl_ask_json(VdCtl *ctl, const char *method, const char *path, const json_t *body,
                    json_t **answer)
{
    VdCtlRequest request = {.method = method, .path = path, .body = body, .timeout_s = TIMEOUT_S};
    g_autoptr(GByteArray) text = NULL;
    int exit = vd_ctl_ask(ctl, &request, &text);

    *answer = NULL;
    if (exit != VD_CTL_DONE || text == NULL || (text->len == 0 && method != NULL))
        return exit;
    *answer = json_loadb((const char *)text->data, text->len, 0, NULL);
    return *answer != NULL ? VD_CTL_DONE
                           : vd_ctl_fail(VD_CTL_REFUSED, "the answer is no JSON: is it vedetted?");
}

char *vd_ctl_camera_path(const char *id, const char *rest)
{
    static const char letters[] = G_CSET_a_2_z G_CSET_DIGITS "-";

    if (id[0] != '\0' && id[0] != '-' && strspn(id, letters) == strlen(id))
        return g_strconcat("/api/v1/cameras/", id, rest, NULL);
    vd_ctl_fail(VD_CTL_USAGE, "\"%s\" is no camera's id: it has small letters, digits and hyphens",
                id);
    return NULL;
}
