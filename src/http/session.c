#include "http/session.h"

#include "access/credentials.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/guard.h"

#include <jansson.h>
#include <string.h>

#define ATTRIBUTES "; Path=/; HttpOnly; SameSite=Strict"

/* A browser sends a cookie that came encrypted that way alone. value: what stands before them. */
static char *cookie_with_attributes(const VdRequest *request, const char *value)
{
    return g_strconcat(value, ATTRIBUTES, request->encrypted ? "; Secure" : NULL, NULL);
}

static json_t *texts_as_json(char **texts)
{
    json_t *list = json_array();

    for (guint i = 0; texts[i] != NULL; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

/* Where nobody is asked who he is, everybody is an admin. */
static json_t *nobody_as_json(void)
{
    return json_pack("{s:n, s:n, s:s, s:[s], s:n}", "kind", "name", "role",
                     vd_role_name(VD_ROLE_ADMIN), "cameras", "*", "expires");
}

static json_t *account_as_json(const VdAccount *account)
{
    g_autofree char *expires =
        account->expires_us != 0 ? vd_clock_iso8601(account->expires_us) : NULL;

    return json_pack("{s:s, s:s, s:s, s:o, s:s?}", "kind", vd_account_kind_name(account->kind),
                     "name", account->name, "role", vd_role_name(account->role), "cameras",
                     texts_as_json(account->cameras), "expires", expires);
}

/* csrf: (nullable) */
static VdReply tell(const VdRequest *request, const char *csrf)
{
    json_t *root = request->account != NULL ? account_as_json(request->account) : nobody_as_json();

    json_object_set_new(root, "csrf_token", csrf != NULL ? json_string(csrf) : json_null());
    char *body = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return vd_reply_json(200, g_bytes_new_with_free_func(body, strlen(body), free, body));
}

static char *csrf_of(const VdRequest *request, const char *cookie)
{
    return request->account != NULL && cookie != NULL ? vd_access_csrf(request->access, cookie)
                                                      : NULL;
}

VdReply vd_handle_session(const VdRequest *request, VdApi *api)
{
    g_autofree char *csrf = csrf_of(request, request->cookie);

    return tell(request, csrf);
}

VdReply vd_handle_log_in(const VdRequest *request, VdApi *api)
{
    if (request->account == NULL)
        return tell(request, NULL);
    g_autofree char *value = vd_access_log_in(request->access, request->account);
    if (value == NULL)
        return vd_reply_error(409, "conflict", NULL, 0, "the account has changed just now");
    g_autofree char *cookie = g_strconcat(VD_SESSION_COOKIE "=", value, NULL);
    g_autofree char *csrf = csrf_of(request, cookie);
    g_autofree char *who = vd_guard_name(request);
    vd_audit(who, NULL, "logged in");
    VdReply reply = tell(request, csrf);
    reply.cookie = cookie_with_attributes(request, cookie);
    return reply;
}

VdReply vd_handle_log_out(const VdRequest *request, VdApi *api)
{
    VdReply reply = {.status = 204, .cache = "no-store"};

    if (request->account != NULL && request->cookie != NULL)
        vd_access_log_out(request->access, request->cookie);
    reply.cookie = cookie_with_attributes(request, VD_SESSION_COOKIE "=; Max-Age=0");
    return reply;
}
