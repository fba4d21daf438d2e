#include "base/clock.h"
#include "base/limits.h"
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

/* `size` bytes; a key picture or a delta */
static void post_video(VdMailbox *box, guint64 number, bool delta, gsize size)
{
    g_autoptr(VdPicture) made = vd_picture_new("front", g_bytes_new_take(g_malloc(size), size));

    made->number = number;
    made->delta = delta;
    vd_mailbox_post(box, made);
}

/* The number of the picture that a reader gets; 0: none. */
static guint64 take(VdMailbox *box, guint64 *seen)
{
    g_autoptr(VdPicture) got = vd_mailbox_take(box, seen);

    return got != NULL ? got->number : 0;
}

static void deltas_come_one_by_one_until_a_key_picture_replaces_them(void)
{
    g_autoptr(VdMailbox) box = vd_mailbox_new();
    guint64 seen = 0, slow = 0;

    for (guint64 i = 1; i <= 4; i++)
        post_video(box, i, i != 1, 10);
    for (guint64 i = 1; i <= 4; i++)
        g_assert_cmpuint(take(box, &seen), ==, i);
    g_assert_cmpuint(take(box, &seen), ==, 0);
    g_assert_cmpuint(take(box, &slow), ==, 1);
    g_assert_cmpuint(vd_mailbox_oldest(box), ==, 1);
    post_video(box, 5, false, 10);
    post_video(box, 6, true, 10);
    g_assert_cmpuint(vd_mailbox_oldest(box), ==, 5);
    g_assert_cmpuint(take(box, &seen), ==, 5);
    g_assert_cmpuint(take(box, &slow), ==, 5);
    g_assert_cmpuint(slow, ==, 5);
    g_assert_cmpuint(take(box, &slow), ==, 6);
}

static void check_bound(guint most, gsize size)
{
    g_autoptr(VdMailbox) box = vd_mailbox_new();
    guint64 seen = 0, slow = 0, late = 2;

    post_video(box, 1, false, size);
    for (guint64 i = 2; i <= most; i++)
        post_video(box, i, true, size);
    g_assert_cmpuint(vd_mailbox_oldest(box), ==, 1);
    g_assert_cmpuint(take(box, &seen), ==, 1);
    post_video(box, most + 1, true, size);
    g_assert_cmpuint(vd_mailbox_oldest(box), ==, 2);
    g_assert_cmpuint(take(box, &seen), ==, 2);
    /* what it would begin with is gone: it waits for a key picture */
    g_assert_cmpuint(take(box, &slow), ==, 0);
    g_assert_cmpuint(slow, ==, 0);
    g_assert_cmpuint(take(box, &late), ==, 3);
    post_video(box, most + 2, false, size);
    g_assert_cmpuint(take(box, &slow), ==, most + 2);
    g_assert_cmpuint(take(box, &seen), ==, most + 2);
}

static void no_more_is_kept_than_the_limits_say(void)
{
    check_bound(VD_MAX_BEHIND, 1);
    check_bound(8, VD_MAX_BEHIND_BYTES / 8);
}

static void a_picture_is_kept_however_large_it_is(void)
{
    g_autoptr(VdMailbox) box = vd_mailbox_new();
    guint64 seen = 0;

    post_video(box, 1, false, VD_MAX_BEHIND_BYTES + 1);
    g_assert_cmpuint(take(box, &seen), ==, 1);
    post_video(box, 2, true, VD_MAX_BEHIND_BYTES + 1);
    g_assert_cmpuint(take(box, &seen), ==, 2);
}

static void a_key_picture_is_wanted_until_it_comes(void)
{
    g_autoptr(VdMailbox) box = vd_mailbox_new();

    g_assert_cmpuint(vd_mailbox_oldest(box), ==, 0);
    g_assert_false(vd_mailbox_wants_key(box));
    vd_mailbox_want_key(box);
    post_video(box, 1, true, 10);
    g_assert_true(vd_mailbox_wants_key(box));
    post_video(box, 2, false, 10);
    g_assert_false(vd_mailbox_wants_key(box));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mailbox/the_newest_wins_and_the_step_tells_what_was_skipped",
                    the_newest_wins_and_the_step_tells_what_was_skipped);
    g_test_add_func("/mailbox/a_waiting_reader_is_woken", a_waiting_reader_is_woken);
    g_test_add_func("/mailbox/close_wakes_and_ends_it", close_wakes_and_ends_it);
    g_test_add_func("/mailbox/deltas_come_one_by_one_until_a_key_picture_replaces_them",
                    deltas_come_one_by_one_until_a_key_picture_replaces_them);
    g_test_add_func("/mailbox/no_more_is_kept_than_the_limits_say",
                    no_more_is_kept_than_the_limits_say);
    g_test_add_func("/mailbox/a_picture_is_kept_however_large_it_is",
                    a_picture_is_kept_however_large_it_is);
    g_test_add_func("/mailbox/a_key_picture_is_wanted_until_it_comes",
                    a_key_picture_is_wanted_until_it_comes);
    return g_test_run();
}
