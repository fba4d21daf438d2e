#include "access/access.h"

#include "access/attempts.h"
#include "access/credentials.h"
#include "access/origin.h"
#include "access/sessions.h"
#include "access/verifier.h"
#include "base/error.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/words.h"

struct VdAccess {
    VdVerifier *verifier;
    char *users_file;    /* [main] (nullable) */
    struct stat read_as; /* [main] the file, as it was when it was read */
    VdLock lock;
    VdUsers *users;       /* [lock] (nullable) nobody is asked who he is */
    char **names;         /* [lock] (nullable) */
    VdAttempts *attempts; /* [lock] */
    VdSessions *sessions; /* [lock] */
};

/* A password that is being verified. */
typedef struct Pending {
    VdAccess *access;
    VdRole role;
    char *place, *user;
    VdAccount *account; /* (nullable) */
    VdJudged judged;
    void *data;
    GDestroyNotify destroy;
} Pending;

static VdJudgement because(VdVerdict verdict)
{
    return (VdJudgement){.verdict = verdict};
}

/* It is his: may he? account: (transfer none) */
static VdJudgement judge_role(VdAccount *account, VdRole needed)
{
    return (VdJudgement){
        .verdict = account->role >= needed ? VD_VERDICT_ALLOWED : VD_VERDICT_ROLE,
        .account = vd_account_ref(account),
    };
}

static VdJudgement too_often(guint wait_s)
{
    return (VdJudgement){.verdict = VD_VERDICT_TOO_OFTEN, .wait_s = wait_s};
}

/* [lock] What was said is wrong. */
static VdJudgement count_failure(VdAccess *access, const char *place, const char *user)
{
    guint wait_s = vd_attempts_wait_s(access->attempts, place);

    if (wait_s > 0)
        return too_often(wait_s);
    vd_attempts_failed(access->attempts, place, user);
    return because(VD_VERDICT_NOBODY);
}

/* [lock] Nobody guesses 256 bits, so a right one counts also where other tries have failed. */
static VdJudgement judge_token(VdAccess *access, const VdAsk *ask, const char *token)
{
    VdAccount *account = vd_users_find_token(access->users, token);

    if (account == NULL)
        return count_failure(access, ask->place, NULL);
    return vd_account_expired(account) ? because(VD_VERDICT_NOBODY)
                                       : judge_role(account, ask->role);
}

/* [lock] Those that are over are no failure: pages keep their cookies. */
static VdJudgement judge_session(VdAccess *access, const VdAsk *ask, const char *cookie)
{
    VdAccount *account = vd_sessions_find(access->sessions, cookie);

    if (account == NULL)
        return because(VD_VERDICT_NOBODY);
    if (ask->changes &&
        (ask->csrf == NULL || !vd_sessions_csrf_matches(access->sessions, cookie, ask->csrf)))
        return because(VD_VERDICT_SITE);
    return judge_role(account, ask->role);
}

static void free_pending(void *data)
{
    Pending *pending = data;

    if (pending->destroy != NULL)
        pending->destroy(pending->data);
    vd_account_unref(pending->account);
    g_free(pending->place);
    g_free(pending->user);
    g_free(pending);
}

/* [verifier's thread] Accounts may have changed meanwhile. */
static void take_answer(void *data, bool good)
{
    const Pending *pending = data;
    VdAccess *access = pending->access;
    VdAccount *account = pending->account;

    vd_lock(&access->lock);
    bool held = good && access->users != NULL && vd_users_hold(access->users, account);
    if (!good)
        vd_attempts_failed(access->attempts, pending->place, pending->user);
    vd_unlock(&access->lock);
    pending->judged(pending->data,
                    held ? judge_role(account, pending->role) : because(VD_VERDICT_NOBODY));
}

static Pending *new_pending(VdAccess *access, const VdAsk *ask, const char *user,
                            VdAccount *account)
{
    Pending *pending = g_new0(Pending, 1);

    pending->access = access;
    pending->role = ask->role;
    pending->place = vd_attempts_place(ask->place);
    pending->user = g_strdup(user);
    pending->account = account != NULL ? vd_account_ref(account) : NULL;
    return pending;
}

/* Takes the account (nullable). */
static VdJudgement judge_password(VdAccess *access, const VdAsk *ask,
                                  const VdCredentials *credentials, VdAccount *account,
                                  VdJudged judged, void *data, GDestroyNotify destroy)
{
    g_autoptr(VdAccount) owned = account;
    Pending *pending = new_pending(access, ask, credentials->user, account);
    VdVerifying question = {
        .place = pending->place,
        .user = credentials->user,
        .password = credentials->password,
        .account = account,
    };

    pending->judged = judged;
    pending->data = data;
    pending->destroy = destroy;
    VdVerify answer =
        vd_verifier_ask(access->verifier, &question, take_answer, pending, free_pending);
    if (answer == VD_VERIFY_LATER)
        return because(VD_VERDICT_LATER);
    pending->destroy = NULL;
    free_pending(pending);
    return answer == VD_VERIFY_GOOD ? judge_role(account, ask->role) : because(VD_VERDICT_BUSY);
}

/* [lock] The user who may have this password (nullable) (transfer full). */
static VdAccount *find_user(VdAccess *access, const char *name)
{
    VdAccount *account = vd_users_find(access->users, VD_USER, name);

    return account != NULL && !vd_account_expired(account) ? vd_account_ref(account) : NULL;
}

static VdJudgement judge_credentials(VdAccess *access, const VdAsk *ask,
                                     const VdCredentials *credentials, VdJudged judged, void *data,
                                     GDestroyNotify destroy)
{
    VdJudgement judgement = because(VD_VERDICT_NOBODY);
    VdAccount *account = NULL;

    vd_lock(&access->lock);
    if (access->users == NULL) { /* since a moment ago */
        judgement = because(VD_VERDICT_ALLOWED);
    } else if (credentials->token != NULL) {
        judgement = judge_token(access, ask, credentials->token);
    } else if (credentials->session != NULL) {
        judgement = judge_session(access, ask, credentials->session);
    } else if (credentials->user != NULL) {
        guint wait_s = vd_attempts_wait_s(access->attempts, ask->place);

        judgement = wait_s > 0 ? too_often(wait_s) : because(VD_VERDICT_LATER);
        account = find_user(access, credentials->user);
    }
    vd_unlock(&access->lock);
    if (judgement.verdict == VD_VERDICT_LATER)
        return judge_password(access, ask, credentials, account, judged, data, destroy);
    vd_account_unref(account);
    return judgement;
}

/* Whether a browser may have been made to send it. */
static VdVerdict judge_page(VdAccess *access, const VdAsk *ask)
{
    VdVerdict verdict = VD_VERDICT_ALLOWED;

    vd_lock(&access->lock);
    const char *const *names = (const char *const *)access->names;
    if (!vd_host_allowed(ask->host, names))
        verdict = VD_VERDICT_HOST;
    else if (ask->changes && !vd_origin_allowed(ask->origin, ask->encrypted, ask->host, names))
        verdict = VD_VERDICT_SITE;
    vd_unlock(&access->lock);
    return verdict;
}

VdJudgement vd_access_judge(VdAccess *access, const VdAsk *ask, VdJudged judged, void *data,
                            GDestroyNotify destroy)
{
    VdVerdict page = judge_page(access, ask);
    VdCredentials credentials;

    if (page != VD_VERDICT_ALLOWED || ask->role == VD_ROLE_NONE)
        return because(page);
    if (ask->peer != NULL && ask->authorization == NULL)
        return judge_role(ask->peer, ask->role);
    if (!vd_access_is_controlled(access))
        return because(VD_VERDICT_ALLOWED);
    vd_credentials_parse(&credentials, ask->authorization, ask->cookie);
    VdJudgement judgement = judge_credentials(access, ask, &credentials, judged, data, destroy);
    vd_credentials_clear(&credentials);
    return judgement;
}

bool vd_access_is_controlled(VdAccess *access)
{
    vd_lock(&access->lock);
    bool controlled = access->users != NULL;
    vd_unlock(&access->lock);
    return controlled;
}

char *vd_access_log_in(VdAccess *access, VdAccount *account)
{
    char *cookie = NULL;

    vd_lock(&access->lock);
    if (access->users != NULL && vd_users_hold(access->users, account))
        cookie = vd_sessions_begin(access->sessions, account);
    vd_unlock(&access->lock);
    return cookie;
}

void vd_access_log_out(VdAccess *access, const char *cookie)
{
    VdCredentials credentials;

    vd_credentials_parse(&credentials, NULL, cookie);
    vd_lock(&access->lock);
    if (credentials.session != NULL)
        vd_sessions_end(access->sessions, credentials.session);
    vd_unlock(&access->lock);
    vd_credentials_clear(&credentials);
}

char *vd_access_csrf(VdAccess *access, const char *cookie)
{
    VdCredentials credentials;
    char *csrf = NULL;

    vd_credentials_parse(&credentials, NULL, cookie);
    vd_lock(&access->lock);
    if (credentials.session != NULL &&
        vd_sessions_find(access->sessions, credentials.session) != NULL)
        csrf = vd_sessions_csrf(access->sessions, credentials.session);
    vd_unlock(&access->lock);
    vd_credentials_clear(&credentials);
    return csrf;
}

/* Takes the users (nullable). */
static void take_users(VdAccess *access, VdUsers *users)
{
    g_autoptr(VdUsers) none = vd_users_new();

    vd_lock(&access->lock);
    VdUsers *before = access->users;
    access->users = users;
    vd_sessions_check(access->sessions, users != NULL ? users : none);
    vd_unlock(&access->lock);
    vd_verifier_forget(access->verifier);
    vd_users_free(before);
}

/* Sets *users, which is NULL when there is no file; false: it cannot be used. */
static bool load_users(const char *path, VdUsers **users, GError **error)
{
    *users = path != NULL ? vd_users_load(path, error) : NULL;
    return path == NULL || *users != NULL;
}

/* Those of users whose password is hashed as it is not done any more. */
static void warn_of_old_hashes(const VdUsers *users)
{
    for (guint i = 0; users != NULL && i < users->accounts->len; i++) {
        const VdAccount *account = users->accounts->pdata[i];

        if (account->kind == VD_USER && vd_password_hash_state(account->password) == VD_HASH_OLD)
            vd_log_warning(NULL,
                           "the password of user %s is hashed with other costs than are usual "
                           "now: set it again",
                           account->name);
    }
}

bool vd_access_configure(VdAccess *access, const char *users_file, const char *const *names,
                         GError **error)
{
    struct stat read_as = vd_file_look(users_file);
    VdUsers *users;

    if (!load_users(users_file, &users, error))
        return false;
    warn_of_old_hashes(users);
    char *path = g_strdup(users_file);
    g_free(access->users_file);
    access->users_file = path;
    access->read_as = read_as;
    vd_lock(&access->lock);
    char **before = access->names;
    access->names = g_strdupv((char **)names);
    vd_unlock(&access->lock);
    g_strfreev(before);
    take_users(access, users);
    return true;
}

void vd_access_refresh(VdAccess *access)
{
    g_autoptr(GError) error = NULL;
    struct stat now = vd_file_look(access->users_file);
    VdUsers *users;

    if (access->users_file == NULL || vd_file_is_same(&now, &access->read_as))
        return;
    access->read_as = now;
    if (!load_users(access->users_file, &users, &error)) {
        vd_log_error(NULL, "%s; going on with the users that were read before", error->message);
        return;
    }
    warn_of_old_hashes(users);
    g_autofree char *accounts = vd_counted(users->accounts->len, "account");
    vd_log_info(NULL, "%s is read again: %s", access->users_file, accounts);
    take_users(access, users);
}

VdAccess *vd_access_new(GError **error)
{
    if (!vd_secret_start()) {
        g_set_error_literal(error, VD_ERROR, VD_ERROR_FAILED,
                            "libsodium: the system gives no random numbers");
        return NULL;
    }
    VdAccess *access = g_new0(VdAccess, 1);
    vd_lock_init(&access->lock);
    access->attempts = vd_attempts_new();
    access->sessions = vd_sessions_new();
    access->verifier = vd_verifier_new();
    return access;
}

void vd_access_free(VdAccess *access)
{
    if (access == NULL)
        return;
    vd_verifier_free(access->verifier);
    vd_users_free(access->users);
    vd_attempts_free(access->attempts);
    vd_sessions_free(access->sessions);
    g_strfreev(access->names);
    g_free(access->users_file);
    vd_lock_clear(&access->lock);
    g_free(access);
}
