#include "http/guard.h"

#include "http/client.h"

#include <string.h>

#define ALL_CAMERAS "*"

/*
 * A browser asks its user for a password when it is challenged for Basic. Pages have a login of
 * their own, and say their CSRF token, or an empty one, with all they ask.
 */
static const char *challenge_for(const VdRequest *request)
{
    return request->csrf != NULL ? "Bearer realm=\"vedette\""
                                 : "Basic realm=\"vedette\", charset=\"UTF-8\"";
}

static VdReply refuse_role(const VdRequest *request, const VdAccount *account)
{
    return vd_reply_error(403, "forbidden", NULL, 0, "%s %s is a %s; here the role %s is needed",
                          vd_account_kind_name(account->kind), account->name,
                          vd_role_name(account->role), vd_role_name(request->route->role));
}

static VdReply refuse_nobody(const VdRequest *request)
{
    VdReply reply =
        vd_reply_error(401, "unauthorized", NULL, 0,
                       "a user with his password, a token or a session is needed: none was sent, "
                       "or it is wrong or over");

    reply.challenge = challenge_for(request);
    return reply;
}

static VdReply refuse_for_now(unsigned status, const char *code, guint wait_s, const char *why)
{
    VdReply reply = vd_reply_error(status, code, NULL, 0, "%s", why);

    reply.retry_after_s = wait_s;
    return reply;
}

static VdReply refuse(const VdRequest *request, const VdJudgement *judgement)
{
    switch (judgement->verdict) {
    case VD_VERDICT_ROLE:
        return refuse_role(request, judgement->account);
    case VD_VERDICT_SITE:
        return vd_reply_error(403, "wrong_site", NULL, 0,
                              "a page of another site may change nothing here, and one of ours "
                              "must say its X-CSRF-Token");
    case VD_VERDICT_HOST:
        return vd_reply_error(421, "unknown_host", NULL, 0,
                              "this server does not know itself by the name that the Host header "
                              "says: allowed-hosts= lists its names");
    case VD_VERDICT_TOO_OFTEN:
        return refuse_for_now(429, "too_many_failures", judgement->wait_s,
                              "too many tries from this address have failed");
    case VD_VERDICT_BUSY:
        return refuse_for_now(503, "busy", 1, "too many passwords wait to be verified");
    case VD_VERDICT_ALLOWED:
    case VD_VERDICT_LATER:
    case VD_VERDICT_NOBODY:
        break;
    }
    return refuse_nobody(request);
}

/* Takes the account (nullable). */
static void belongs_to(VdRequest *request, VdAccount *account)
{
    request->account = account;
    if (account == NULL || g_strv_contains((const char *const *)account->cameras, ALL_CAMERAS))
        return;
    request->sight.cameras = (const char *const *)account->cameras;
}

/* A camera that the request names and he does not see. */
static const char *unseen(const VdRequest *request)
{
    if (strstr(request->route->path, "/cameras/") != NULL && request->id != NULL &&
        !vd_sees(&request->sight, request->id))
        return request->id;
    for (guint i = 0; request->cameras != NULL && request->cameras[i] != NULL; i++)
        if (!vd_sees(&request->sight, request->cameras[i]))
            return request->cameras[i];
    return NULL;
}

bool vd_guard_admit(VdRequest *request, VdJudgement judgement, VdReply *reply)
{
    if (judgement.verdict != VD_VERDICT_ALLOWED) {
        *reply = refuse(request, &judgement);
        vd_account_unref(judgement.account);
        return false;
    }
    belongs_to(request, judgement.account);
    if (request->route->all && request->sight.cameras != NULL) {
        *reply = vd_reply_error(403, "forbidden", NULL, 0,
                                "an account that sees all cameras is needed here");
        return false;
    }
    const char *camera = unseen(request);
    if (camera != NULL)
        *reply = vd_reply_error(404, "not_found", NULL, 0, "there is no camera %s", camera);
    return camera == NULL;
}

char *vd_guard_name(const VdRequest *request)
{
    g_autofree char *client = vd_client_name(request->peer, request->user_agent);
    const VdAccount *account = request->account;

    if (account == NULL)
        return g_steal_pointer(&client);
    return g_strdup_printf("%s %s, %s", vd_account_kind_name(account->kind), account->name, client);
}
