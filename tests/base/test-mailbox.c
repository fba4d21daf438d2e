#include "base/clock.h"
#include "base/mailbox.h"

static VdPicture *picture(guint64 number)
{
    VdPicture *made = vd_picture_new("front", g_bytes_new_static("x", 1));

    made->number = number;
    return made;
}

static void post(VdMailbox *box, guint64 number)
{
    g_autoptr(VdPicture) made = picture(number);

    vd_mailbox_post(box, made);
}

static void the_newest_wins_and_the_step_tells_what_was_skipped(void)
{
    g_autoptr(VdMailbox) box = vd_mailbox_new();
    guint64 seen = 0;

    g_assert_null(vd_mailbox_take(box, &seen));
    for (guint64 i = 1; i <= 5; i++)
        post(box, 10 * i);
    g_autoptr(VdPicture) got = vd_mailbox_take(box, &seen);
    g_assert_cmpuint(got->number, ==, 50);
    g_assert_cmpuint(seen, ==, 5);
    g_assert_null(vd_mailbox_take(box, &seen));
}

static gpointer post_one(gpointer box)
{
    post(box, 7);
    return NULL;
}

static void a_waiting_reader_is_woken(void)
{
    g_autoptr(VdMailbox) box = vd_mailbox_new();
    guint64 seen = 0;
    GThread *poster = g_thread_new("poster", post_one, box);
    g_autoptr(VdPicture) got = vd_mailbox_wait(box, &seen, vd_clock_now_us() + 30 * G_USEC_PER_SEC);

    g_thread_join(poster);
    g_assert_cmpuint(got->number, ==, 7);
    g_assert_null(vd_mailbox_wait(box, &seen, vd_clock_now_us() + 1000));
}

static void count(void *calls)
{
    ++*(int *)calls;
}

static void close_wakes_and_ends_it(void)
{
    g_autoptr(VdMailbox) box = vd_mailbox_new();
    guint64 seen = 0;
    int calls = 0;

    vd_mailbox_watch(box, count, &calls);
    post(box, 1);
    vd_mailbox_close(box);
    g_assert_cmpint(calls, ==, 2);
    post(box, 2);
    g_assert_null(vd_mailbox_take(box, &seen));
    g_assert_true(vd_mailbox_closed(box));
    vd_mailbox_unwatch(box);
    g_assert_cmpint(calls, ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailbox/the_newest_wins_and_the_step_tells_what_was_skipped",
                    the_newest_wins_and_the_step_tells_what_was_skipped);
    g_test_add_func("/mailbox/a_waiting_reader_is_woken", a_waiting_reader_is_woken);
    g_test_add_func("/mailbox/close_wakes_and_ends_it", close_wakes_and_ends_it);
    return g_test_run();
}
