#include "access/sessions.h"

#include "base/clock.h"
#include "base/limits.h"

#define IDLE_US (8 * 3600 * (gint64)G_USEC_PER_SEC)
#define MOST_US (7 * 24 * 3600 * (gint64)G_USEC_PER_SEC)

typedef struct Session {
    VdDigest cookie;
    VdAccount *account;
    gint64 begun_us, used_us;
} Session;

struct VdSessions {
    VdKey key;      /* of CSRF tokens */
    GHashTable *by; /* &session->cookie -> Session */
};

static void free_session(void *data)
{
    Session *session = data;

    vd_account_unref(session->account);
    g_free(session);
}

VdSessions *vd_sessions_new(void)
{
    VdSessions *sessions = g_new0(VdSessions, 1);

    vd_random_key(&sessions->key);
    sessions->by = g_hash_table_new_full(vd_digest_hash, vd_digest_equal, NULL, free_session);
    return sessions;
}

void vd_sessions_free(VdSessions *sessions)
{
    if (sessions == NULL)
        return;
    g_hash_table_unref(sessions->by);
    g_free(sessions);
}

static bool is_over(const Session *session, gint64 now_us)
{
    return now_us - session->used_us >= IDLE_US || now_us - session->begun_us >= MOST_US ||
           vd_account_expired(session->account);
}

static void make_room(VdSessions *sessions)
{
    GHashTableIter iter;
    const Session *least = NULL;
    gpointer value;

    if (g_hash_table_size(sessions->by) < VD_MAX_SESSIONS)
        return;
    g_hash_table_iter_init(&iter, sessions->by);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Session *session = value;

        if (least == NULL || session->used_us < least->used_us)
            least = session;
    }
    g_hash_table_remove(sessions->by, &least->cookie);
}

char *vd_sessions_begin(VdSessions *sessions, VdAccount *account)
{
    char *cookie = vd_random_text("");
    Session *session = g_new0(Session, 1);

    make_room(sessions);
    session->cookie = vd_digest(cookie);
    session->account = vd_account_ref(account);
    session->begun_us = session->used_us = vd_clock_now_us();
    g_hash_table_insert(sessions->by, &session->cookie, session);
    return cookie;
}

VdAccount *vd_sessions_find(VdSessions *sessions, const char *cookie)
{
    VdDigest digest = vd_digest(cookie);
    Session *session = g_hash_table_lookup(sessions->by, &digest);
    gint64 now_us = vd_clock_now_us();

    if (session == NULL)
        return NULL;
    if (is_over(session, now_us)) {
        g_hash_table_remove(sessions->by, &digest);
        return NULL;
    }
    session->used_us = now_us;
    return session->account;
}

bool vd_sessions_end(VdSessions *sessions, const char *cookie)
{
    VdDigest digest = vd_digest(cookie);

    return g_hash_table_remove(sessions->by, &digest);
}

static gboolean is_not_held(gpointer key, gpointer session, gpointer users)
{
    return !vd_users_hold(users, ((const Session *)session)->account);
}

guint vd_sessions_check(VdSessions *sessions, const VdUsers *users)
{
    return g_hash_table_foreach_remove(sessions->by, is_not_held, (gpointer)users);
}

char *vd_sessions_csrf(const VdSessions *sessions, const char *cookie)
{
    const char *const texts[] = {cookie};
    VdDigest digest = vd_digest_with(&sessions->key, texts, G_N_ELEMENTS(texts));

    return vd_digest_text(&digest);
}

bool vd_sessions_csrf_matches(const VdSessions *sessions, const char *cookie, const char *csrf)
{
    const char *const texts[] = {cookie};
    VdDigest wanted = vd_digest_with(&sessions->key, texts, G_N_ELEMENTS(texts)), said;

    return vd_digest_read(&said, csrf) && vd_digest_same(&wanted, &said);
}
