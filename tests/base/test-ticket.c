#include "base/ticket.h"

static void count(void *data)
{
    (*(int *)data)++;
}

static void an_answer_wakes_and_is_taken_once(void)
{
    int woken = 0;
    g_autoptr(VdTicket) ticket = vd_ticket_new(count, &woken);

    g_assert_null(vd_ticket_take(ticket));
    vd_ticket_answer(ticket, g_strdup("yes"), g_free);
    g_assert_cmpint(woken, ==, 1);
    g_autofree char *answer = vd_ticket_take(ticket);
    g_assert_cmpstr(answer, ==, "yes");
    g_assert_null(vd_ticket_take(ticket));
}

static void an_answer_that_nobody_takes_is_freed(void)
{
    int freed = 0, woken = 0;
    VdTicket *ticket = vd_ticket_new(count, &woken);
    VdTicket *theirs = vd_ticket_ref(ticket);

    vd_ticket_abandon(ticket);
    vd_ticket_unref(ticket);
    vd_ticket_answer(theirs, &freed, count);
    g_assert_cmpint(freed, ==, 0);
    vd_ticket_unref(theirs);
    g_assert_cmpint(freed, ==, 1);
    g_assert_cmpint(woken, ==, 0);
}

static void *answer(void *ticket)
{
    vd_ticket_answer(ticket, g_strdup("yes"), g_free);
    vd_ticket_unref(ticket);
    return NULL;
}

static void who_abandons_is_not_woken_afterwards(void)
{
    for (guint i = 0; i < 200; i++) {
        int woken = 0;
        VdTicket *ticket = vd_ticket_new(count, &woken);
        GThread *thread = g_thread_new("answers", answer, vd_ticket_ref(ticket));

        vd_ticket_abandon(ticket);
        int at_that_moment = woken;
        g_thread_join(thread);
        g_assert_cmpint(woken, ==, at_that_moment);
        vd_ticket_unref(ticket);
    }
}

static void that_it_was_left_is_known_and_it_is_answered_all_the_same(void)
{
    int woken = 0;
    g_autoptr(VdTicket) ticket = vd_ticket_new(count, &woken);

    g_assert_false(vd_ticket_is_left(ticket));
    vd_ticket_leave(ticket);
    g_assert_true(vd_ticket_is_left(ticket));
    vd_ticket_answer(ticket, g_strdup("yes"), g_free);
    g_assert_cmpint(woken, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/ticket/" #name, name)
    TEST(an_answer_wakes_and_is_taken_once);
    TEST(an_answer_that_nobody_takes_is_freed);
    TEST(who_abandons_is_not_woken_afterwards);
    TEST(that_it_was_left_is_known_and_it_is_answered_all_the_same);
    return g_test_run();
}
