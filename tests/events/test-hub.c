#include "events/hub.h"

#include "asking.h"
#include "base/clock.h"
#include "base/limits.h"

/* the events of these tests are of 1970 */
static const VdJournalBounds bounds = {36500, 64};

static guint64 post(VdEventHub *hub, gint64 wall_us)
{
    return vd_event_hub_post(hub, vd_event_new(VD_KIND_TEST, "front", wall_us, NULL));
}

static void assert_taken(VdEventHub *hub, guint64 after, guint most, const char *expected)
{
    g_autoptr(GPtrArray) events = vd_event_hub_take(hub, after, most);
    g_autoptr(GString) text = g_string_new(NULL);

    g_assert_nonnull(events);
    for (guint i = 0; i < events->len; i++)
        g_string_append_printf(text, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "",
                               ((VdEvent *)events->pdata[i])->id);
    g_assert_cmpstr(text->str, ==, expected);
}

static void numbers_are_microseconds_and_grow_whatever_the_clock_does(void)
{
    g_autoptr(VdJournal) journal = vd_journal_new(":memory:", &bounds);
    g_autoptr(VdEventHub) hub = vd_event_hub_new(journal);

    g_assert_cmpuint(post(hub, 1000), ==, 1000);
    g_assert_cmpuint(post(hub, 1000), ==, 1001);
    g_assert_cmpuint(post(hub, 400), ==, 1002);
    g_assert_cmpuint(post(hub, 5000), ==, 5000);
    g_assert_cmpuint(vd_event_hub_last_id(hub), ==, 5000);
}

static void a_listener_takes_what_is_behind_its_place(void)
{
    g_autoptr(VdJournal) journal = vd_journal_new(":memory:", &bounds);
    g_autoptr(VdEventHub) hub = vd_event_hub_new(journal);

    for (gint64 i = 1; i <= 5; i++)
        post(hub, i * 10);
    assert_taken(hub, 0, 2, "10 20");
    assert_taken(hub, 20, 10, "30 40 50");
    assert_taken(hub, 35, 10, "40 50");
    assert_taken(hub, 50, 10, "");
    assert_taken(hub, 99, 10, "");
}

static void what_is_not_held_any_more_is_the_journals(void)
{
    g_autoptr(VdJournal) journal = vd_journal_new(":memory:", &bounds);
    g_autoptr(VdEventHub) hub = vd_event_hub_new(journal);

    for (gint64 i = 1; i <= VD_MAX_EVENTS_HELD + 3; i++)
        post(hub, i);
    g_assert_cmpuint(vd_event_hub_forgotten(hub), ==, 3);
    g_assert_null(vd_event_hub_take(hub, 2, 10));
    assert_taken(hub, 3, 2, "4 5");
    VdEventFilter filter = {.after_id = 1, .oldest_first = true, .limit = 2};
    g_autofree char *found = ask(journal, &filter);
    g_assert_cmpstr(found, ==, "2 3+");
}

static void count_up(void *data)
{
    (*(guint *)data)++;
}

static void every_watcher_is_woken_until_it_stops(void)
{
    g_autoptr(VdJournal) journal = vd_journal_new(":memory:", &bounds);
    g_autoptr(VdEventHub) hub = vd_event_hub_new(journal);
    guint first = 0, second = 0;

    guint one = vd_event_hub_watch(hub, count_up, &first);
    guint two = vd_event_hub_watch(hub, count_up, &second);
    post(hub, 1);
    vd_event_hub_unwatch(hub, one);
    post(hub, 2);
    vd_event_hub_unwatch(hub, two);
    post(hub, 3);
    g_assert_cmpuint(first, ==, 1);
    g_assert_cmpuint(second, ==, 2);
}

static void *post_many(void *data)
{
    for (guint i = 0; i < 500; i++)
        post(data, 7);
    return NULL;
}

static void the_journal_gets_what_many_threads_post_in_the_order_of_numbers(void)
{
    g_autoptr(VdJournal) journal = vd_journal_new(":memory:", &bounds);
    g_autoptr(VdEventHub) hub = vd_event_hub_new(journal);
    GThread *threads[4];
    bool more;

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("poster", post_many, hub);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    VdEventFilter filter = {.after_id = 1500, .oldest_first = true};
    g_autoptr(GArray) ids = ask_ids(journal, &filter, &more);
    g_assert_cmpuint(ids->len, ==, 506);
    for (guint i = 0; i < ids->len; i++)
        g_assert_cmpuint(g_array_index(ids, guint64, i), ==, 1501 + i);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hub/numbers", numbers_are_microseconds_and_grow_whatever_the_clock_does);
    g_test_add_func("/hub/take", a_listener_takes_what_is_behind_its_place);
    g_test_add_func("/hub/forgotten", what_is_not_held_any_more_is_the_journals);
    g_test_add_func("/hub/watchers", every_watcher_is_woken_until_it_stops);
    g_test_add_func("/hub/order", the_journal_gets_what_many_threads_post_in_the_order_of_numbers);
    return g_test_run();
}
