#include "plugins/vd-sessions.h"

/* The ledger alone, no GPU. */

typedef struct Ledger {
    VdSessions *sessions;
} Ledger;

static void set_up(Ledger *ledger, gconstpointer unused)
{
    ledger->sessions = vd_sessions_new();
}

static void tear_down(Ledger *ledger, gconstpointer unused)
{
    vd_sessions_free(ledger->sessions);
}

/* As an element does it with a driver that gives `has` sessions. */
static bool open_session(VdSessions *sessions, guint device, guint has, bool ask)
{
    if (!vd_sessions_take(sessions, device, ask))
        return false;
    if (vd_sessions_open(sessions, device) <= has)
        return true;
    vd_sessions_refuse(sessions, device);
    return false;
}

static void without_a_refusal_there_is_no_limit(Ledger *ledger, gconstpointer unused)
{
    for (guint i = 0; i < 100; i++)
        g_assert_true(vd_sessions_take(ledger->sessions, 0, false));
    g_assert_cmpuint(vd_sessions_open(ledger->sessions, 0), ==, 100);
    g_assert_cmpint(vd_sessions_limit(ledger->sessions, 0), ==, VD_SESSIONS_UNKNOWN);
}

static void a_refusal_teaches_the_limit(Ledger *ledger, gconstpointer unused)
{
    for (guint i = 0; i < 3; i++)
        g_assert_true(open_session(ledger->sessions, 0, 3, false));
    g_assert_false(open_session(ledger->sessions, 0, 3, false));
    g_assert_cmpint(vd_sessions_limit(ledger->sessions, 0), ==, 3);
    g_assert_cmpuint(vd_sessions_open(ledger->sessions, 0), ==, 3);
    g_assert_false(vd_sessions_take(ledger->sessions, 0, false));
    vd_sessions_give_back(ledger->sessions, 0);
    g_assert_true(vd_sessions_take(ledger->sessions, 0, false));
    g_assert_false(vd_sessions_take(ledger->sessions, 0, false));
    g_assert_cmpuint(vd_sessions_open(ledger->sessions, 0), ==, 3);
}

/* Other programs ended theirs, or began some. */
static void asking_anyway_learns_anew(Ledger *ledger, gconstpointer unused)
{
    g_assert_true(open_session(ledger->sessions, 0, 1, false));
    g_assert_false(open_session(ledger->sessions, 0, 1, false));
    g_assert_true(open_session(ledger->sessions, 0, 2, true));
    g_assert_cmpint(vd_sessions_limit(ledger->sessions, 0), ==, VD_SESSIONS_UNKNOWN);
    g_assert_false(open_session(ledger->sessions, 0, 2, false));
    g_assert_cmpint(vd_sessions_limit(ledger->sessions, 0), ==, 2);
    vd_sessions_give_back(ledger->sessions, 0);
    g_assert_false(open_session(ledger->sessions, 0, 1, true));
    g_assert_cmpint(vd_sessions_limit(ledger->sessions, 0), ==, 1);
}

static void all_may_be_taken_by_others(Ledger *ledger, gconstpointer unused)
{
    g_assert_false(open_session(ledger->sessions, 0, 0, false));
    g_assert_cmpint(vd_sessions_limit(ledger->sessions, 0), ==, 0);
    g_assert_false(vd_sessions_take(ledger->sessions, 0, false));
    g_assert_cmpuint(vd_sessions_open(ledger->sessions, 0), ==, 0);
}

/* Both were on their way to a driver that has one session. */
static void two_refused_at_once_leave_the_truth(Ledger *ledger, gconstpointer unused)
{
    for (guint i = 0; i < 3; i++)
        g_assert_true(vd_sessions_take(ledger->sessions, 0, false));
    vd_sessions_refuse(ledger->sessions, 0);
    vd_sessions_refuse(ledger->sessions, 0);
    g_assert_cmpint(vd_sessions_limit(ledger->sessions, 0), ==, 1);
    g_assert_false(vd_sessions_take(ledger->sessions, 0, false));
}

static void devices_are_counted_apart(Ledger *ledger, gconstpointer unused)
{
    g_assert_true(open_session(ledger->sessions, 0, 1, false));
    g_assert_false(open_session(ledger->sessions, 0, 1, false));
    g_assert_true(open_session(ledger->sessions, 7, 1, false));
    g_assert_cmpint(vd_sessions_limit(ledger->sessions, 7), ==, VD_SESSIONS_UNKNOWN);
    g_assert_cmpuint(vd_sessions_open(ledger->sessions, 7), ==, 1);
}

#define TURNS 10000

static gpointer take_and_give(gpointer data)
{
    for (guint i = 0; i < TURNS; i++)
        if (vd_sessions_take(data, 0, false))
            vd_sessions_give_back(data, 0);
    return NULL;
}

static void threads_lose_no_session(Ledger *ledger, gconstpointer unused)
{
    GThread *threads[4];

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("taker", take_and_give, ledger->sessions);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(vd_sessions_open(ledger->sessions, 0), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add("/sessions/" #name, Ledger, NULL, set_up, name, tear_down)
    TEST(without_a_refusal_there_is_no_limit);
    TEST(a_refusal_teaches_the_limit);
    TEST(asking_anyway_learns_anew);
    TEST(all_may_be_taken_by_others);
    TEST(two_refused_at_once_leave_the_truth);
    TEST(devices_are_counted_apart);
    TEST(threads_lose_no_session);
    return g_test_run();
}
