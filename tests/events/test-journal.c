#include "events/journal.h"

#include "asking.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAY ((gint64)24 * 3600 * G_USEC_PER_SEC)

static const VdJournalBounds bounds = {30, 64};
static char *folder, *file;
static gint64 an_hour_ago;

static void begin(void)
{
    folder = g_dir_make_tmp("vedette-journal-XXXXXX", NULL);
    file = g_build_filename(folder, "events.db", NULL);
}

static void end(void)
{
    const char *name;
    GDir *dir = g_dir_open(folder, 0, NULL);

    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
    g_clear_pointer(&file, g_free);
}

static void assert_found(VdJournal *journal, VdEventFilter filter, const char *expected)
{
    g_autofree char *found = ask(journal, &filter);

    g_assert_cmpstr(found, ==, expected);
}

/* --- questions -------------------------------------------------------------------------------- */

static void every_filter_finds_what_it_says(void)
{
    g_autoptr(VdJournal) journal = vd_journal_new(":memory:", &bounds);

    store(journal, VD_KIND_MOTION_START, "front", 1, an_hour_ago + 10);
    store(journal, VD_KIND_MOTION_END, "front", 2, an_hour_ago + 20);
    store(journal, VD_KIND_MOTION_START, "back", 3, an_hour_ago + 30);
    store(journal, VD_KIND_STORAGE, NULL, 4, an_hour_ago + 40);
    const struct {
        VdEventFilter filter;
        const char *expected;
    } rows[] = {
        {{0}, "4 3 2 1"},
        {{.oldest_first = true}, "1 2 3 4"},
        {{.limit = 2}, "4 3+"},
        {{.limit = 4}, "4 3 2 1"},
        {{.limit = 2, .before_id = 3}, "2 1"},
        {{.limit = 1, .after_id = 1, .oldest_first = true}, "2+"},
        {{.camera = "front"}, "2 1"},
        {{.camera = "it's \"; DROP"}, ""},
        {{.kinds = 1 << VD_KIND_MOTION_START}, "3 1"},
        {{.kinds = 1 << VD_KIND_MOTION_START | 1 << VD_KIND_STORAGE}, "4 3 1"},
        {{.kinds = 1 << VD_KIND_MOTION_START, .camera = "front"}, "1"},
        {{.since_us = an_hour_ago + 20}, "4 3 2"},
        {{.until_us = an_hour_ago + 20}, "1"},
        {{.since_us = an_hour_ago + 20, .until_us = an_hour_ago + 40}, "3 2"},
        {{.after_id = 99}, ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_found(journal, rows[i].filter, rows[i].expected);
}

static void who_sees_some_cameras_is_told_of_them(void)
{
    static const char *const some[] = {"fr?nt", "x*", NULL}, *const none[] = {"y", NULL};
    g_autoptr(VdJournal) journal = vd_journal_new(":memory:", &bounds);
    g_autoptr(VdEvent) others = vd_event_new(VD_KIND_CONFIGURATION, NULL, an_hour_ago,
                                             json_pack("{s:[s]}", "added", "back"));
    g_autoptr(VdEvent) ours = vd_event_new(VD_KIND_CONFIGURATION, NULL, an_hour_ago,
                                           json_pack("{s:[s]}", "added", "front"));
    const struct {
        VdEventFilter filter;
        const char *expected;
    } rows[] = {
        {{.seen = some}, "5 4 1"},
        {{.seen = some, .limit = 2}, "5 4+"},
        {{.seen = some, .limit = 2, .oldest_first = true}, "1 4+"},
        {{.seen = some, .camera = "back"}, ""},
        {{.seen = some, .camera = "front"}, "5 1"},
        {{.seen = some, .kinds = 1 << VD_KIND_STORAGE}, ""},
        {{.seen = none}, ""},
    };

    store(journal, VD_KIND_TEST, "front", 1, an_hour_ago);
    store(journal, VD_KIND_TEST, "back", 2, an_hour_ago);
    vd_event_number(others, 3);
    vd_journal_store(journal, others);
    vd_event_number(ours, 4);
    vd_journal_store(journal, ours);
    store(journal, VD_KIND_TEST, "front", 5, an_hour_ago);
    store(journal, VD_KIND_STORAGE, NULL, 6, an_hour_ago);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_found(journal, rows[i].filter, rows[i].expected);
}

static void a_reader_begins_now_and_goes_on_where_it_was(void)
{
    VdEventFilter all = {.reader = "hook", .oldest_first = true};
    VdEventFilter tests = {.reader = "tests", .oldest_first = true, .kinds = 1 << VD_KIND_TEST};

    begin();
    VdJournal *journal = vd_journal_new(file, &bounds);
    store(journal, VD_KIND_STORAGE, NULL, 1, an_hour_ago);
    assert_found(journal, all, "");
    assert_found(journal, tests, "");
    store(journal, VD_KIND_STORAGE, NULL, 2, an_hour_ago);
    store(journal, VD_KIND_STORAGE, NULL, 3, an_hour_ago);
    assert_found(journal, all, "2 3");
    assert_found(journal, tests, "");
    assert_found(journal, all, "2 3");
    vd_journal_done(journal, "hook", 2);
    vd_journal_free(journal);

    journal = vd_journal_new(file, &bounds);
    g_assert_cmpuint(vd_journal_last_id(journal), ==, 3);
    assert_found(journal, all, "3");
    store(journal, VD_KIND_TEST, NULL, 4, an_hour_ago);
    assert_found(journal, tests, "4");
    vd_journal_free(journal);
    end();
}

static void compare(GPtrArray *events, bool more, void *data)
{
    const VdEvent *event = events->pdata[0];

    g_assert_cmpuint(events->len, ==, 1);
    g_assert_true(g_bytes_equal(event->json, data));
    g_assert_cmpint(event->kind, ==, VD_KIND_TEST);
}

static void a_stored_event_comes_back_as_it_was(void)
{
    g_autoptr(VdEvent) event = vd_event_new(VD_KIND_TEST, "front", an_hour_ago + 7,
                                            json_pack("{s:f, s:[i]}", "a", 0.25, "b", 3));

    begin();
    VdJournal *journal = vd_journal_new(file, &bounds);
    vd_event_number(event, 5);
    vd_journal_store(journal, event);
    vd_journal_free(journal);
    journal = vd_journal_new(file, &bounds);
    g_assert_true(vd_journal_find(journal, &(VdEventFilter){0}, compare, event->json));
    vd_journal_free(journal);
    end();
}

/* --- limits ----------------------------------------------------------------------------------- */

typedef struct Block {
    VdLock lock;
    VdCond changed;
    bool inside, go;
} Block;

/* Keeps the journal's thread here until the test lets it go. */
static void block(GPtrArray *events, bool more, void *data)
{
    Block *block = data;

    vd_lock(&block->lock);
    block->inside = true;
    vd_cond_broadcast(&block->changed);
    while (!block->go)
        vd_cond_wait(&block->changed, &block->lock);
    vd_unlock(&block->lock);
}

static void ignore(GPtrArray *events, bool more, void *data)
{
    (*(guint *)data)++;
}

static void a_journal_that_hangs_takes_so_many_and_no_more_and_nobody_waits(void)
{
    g_autoptr(VdJournal) journal = vd_journal_new(":memory:", &bounds);
    Block hold = {.inside = false};
    VdEventFilter all = {.limit = 1};
    VdJournalStats stats;
    guint answers = 0;

    vd_lock_init(&hold.lock);
    vd_cond_init(&hold.changed);
    g_assert_true(vd_journal_find(journal, &all, block, &hold));
    vd_lock(&hold.lock);
    while (!hold.inside)
        vd_cond_wait(&hold.changed, &hold.lock);
    vd_unlock(&hold.lock);

    for (guint i = 1; i <= VD_MAX_EVENTS_QUEUED + 1; i++)
        store(journal, VD_KIND_TEST, NULL, i, an_hour_ago);
    for (guint i = 0; i < VD_MAX_QUESTIONS; i++)
        g_assert_true(vd_journal_find(journal, &all, ignore, &answers));
    g_assert_false(vd_journal_find(journal, &all, ignore, &answers));
    vd_journal_stats(journal, &stats);
    g_assert_cmpuint(stats.queued, ==, VD_MAX_EVENTS_QUEUED);
    g_assert_cmpuint(stats.dropped, ==, 1);

    vd_lock(&hold.lock);
    hold.go = true;
    vd_cond_broadcast(&hold.changed);
    vd_unlock(&hold.lock);
    while (stats.stored < VD_MAX_EVENTS_QUEUED)
        vd_journal_stats(journal, &stats);
    g_autofree char *newest = ask(journal, &all);
    g_assert_cmpstr(newest, ==, "4096+");
    g_assert_cmpuint(answers, ==, VD_MAX_QUESTIONS);
    vd_cond_clear(&hold.changed);
    vd_lock_clear(&hold.lock);
}

/* Opening a journal looks at its bounds. */
static void open_and_assert_oldest(const VdJournalBounds *bound, guint64 at_least, guint64 newest)
{
    g_autoptr(VdJournal) journal = vd_journal_new(file, bound);
    bool more = true;
    guint64 oldest = 0;

    while (oldest < at_least) {
        VdEventFilter first = {.limit = 1, .oldest_first = true};
        g_autoptr(GArray) ids = ask_ids(journal, &first, &more);
        oldest = ids->len > 0 ? g_array_index(ids, guint64, 0) : newest + 1;
    }
    g_assert_cmpuint(oldest, ==, at_least);
    VdEventFilter last = {.limit = 1};
    g_autoptr(GArray) ids = ask_ids(journal, &last, &more);
    g_assert_cmpuint(g_array_index(ids, guint64, 0), ==, newest);
}

static void what_is_too_old_goes_and_nothing_else(void)
{
    begin();
    vd_clock_hold(DAY, an_hour_ago + 10 * DAY);
    VdJournal *journal = vd_journal_new(file, &bounds);
    for (guint i = 1; i <= 1000; i++)
        store(journal, VD_KIND_TEST, NULL, i, an_hour_ago + (i <= 700 ? 0 : 5 * DAY));
    vd_journal_free(journal);
    open_and_assert_oldest(&(VdJournalBounds){6, 64}, 701, 1000);
    vd_clock_release();
    end();
}

static void what_is_too_much_goes_the_oldest_first(void)
{
    g_autofree char *text = g_strnfill(2000, 'x');
    VdJournalStats stats = {0};

    begin();
    VdJournal *journal = vd_journal_new(file, &(VdJournalBounds){365, 64});
    for (guint i = 1; i <= 2000; i++) {
        g_autoptr(VdEvent) event =
            vd_event_new(VD_KIND_TEST, NULL, vd_clock_wall_us(), json_pack("{s:s}", "text", text));
        vd_event_number(event, i);
        vd_journal_store(journal, event);
    }
    vd_journal_free(journal);
    journal = vd_journal_new(file, &(VdJournalBounds){365, 1});
    while (stats.bytes == 0 || stats.bytes > 1024 * 1024)
        vd_journal_stats(journal, &stats);
    VdEventFilter last = {.limit = 1};
    g_autofree char *newest = ask(journal, &last);
    g_assert_cmpstr(newest, ==, "2000+");
    VdEventFilter first = {.limit = 1, .oldest_first = true};
    g_autofree char *oldest = ask(journal, &first);
    g_assert_cmpint(atoi(oldest), >, 1000);
    vd_journal_free(journal);
    end();
}

/* Nor does it need its folder to be there. */
static void a_new_journal_is_its_owners_alone(void)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    mode_t mask = umask(0);
    GStatBuf found;

    begin();
    g_rmdir(folder);
    VdJournal *journal = vd_journal_new(file, &bounds);
    store(journal, VD_KIND_TEST, NULL, 1, an_hour_ago);
    assert_found(journal, (VdEventFilter){0}, "1");
    g_assert_cmpint(g_stat(folder, &found), ==, 0);
    g_assert_cmphex(found.st_mode & 0777, ==, 0700);
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *part = g_strconcat(file, parts[i], NULL);

        g_assert_cmpint(g_stat(part, &found), ==, 0);
        g_assert_cmphex(found.st_mode & 0777, ==, 0600);
    }
    vd_journal_free(journal);
    end();
    umask(mask);
}

/* --- troubles --------------------------------------------------------------------------------- */

static void assert_moved_aside_and_begun_anew(const char *content, gssize length)
{
    g_autofree char *aside = g_strconcat(file, ".broken", NULL);
    g_autofree char *moved = NULL;

    g_assert_true(g_file_set_contents(file, content, length, NULL));
    VdJournal *journal = vd_journal_new(file, &bounds);
    g_assert_cmpuint(vd_journal_last_id(journal), ==, 0);
    store(journal, VD_KIND_TEST, NULL, 1, an_hour_ago);
    assert_found(journal, (VdEventFilter){0}, "1");
    vd_journal_free(journal);
    gsize size;
    g_assert_true(g_file_get_contents(aside, &moved, &size, NULL));
    g_assert_cmpmem(moved, size, content, (gsize)length);
}

static void what_is_no_journal_is_moved_aside(void)
{
    begin();
    assert_moved_aside_and_begun_anew("this is no database, but it is long enough to look at it",
                                      56);
    end();
}

static void a_damaged_journal_is_moved_aside(void)
{
    g_autofree char *content = NULL;
    gsize length;

    begin();
    VdJournal *journal = vd_journal_new(file, &bounds);
    for (guint i = 1; i <= 2000; i++)
        store(journal, VD_KIND_TEST, "front", i, vd_clock_wall_us());
    vd_journal_free(journal);
    g_assert_true(g_file_get_contents(file, &content, &length, NULL));
    g_assert_cmpuint(length, >, 65536);
    memset(content + 8192, 0x5a, 16384);
    assert_moved_aside_and_begun_anew(content, (gssize)length);
    end();
}

static void where_no_file_can_be_made_events_are_kept_in_memory(void)
{
    VdJournal *journal = vd_journal_new("/nonexistent/folder/events.db", &bounds);

    store(journal, VD_KIND_TEST, NULL, 1, an_hour_ago);
    assert_found(journal, (VdEventFilter){0}, "1");
    vd_journal_free(journal);
}

typedef struct Troubles {
    gint failed, mended; /* atomic */
} Troubles;

static void note_trouble(const char *text, void *data)
{
    Troubles *troubles = data;

    g_atomic_int_inc(text != NULL ? &troubles->failed : &troubles->mended);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};

    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

static void a_full_disk_is_said_once_and_what_comes_then_is_counted(void)
{
    Troubles troubles = {0};
    VdJournalStats stats;
    guint64 id = 0;

    begin();
    signal(SIGXFSZ, SIG_IGN);
    VdJournal *journal = vd_journal_new(file, &bounds);
    vd_journal_on_trouble(journal, note_trouble, &troubles);
    store(journal, VD_KIND_TEST, NULL, ++id, vd_clock_wall_us());
    assert_found(journal, (VdEventFilter){0}, "1");
    limit_files(8192);
    for (guint i = 0; i < 3; i++) {
        store(journal, VD_KIND_TEST, NULL, ++id, vd_clock_wall_us());
        assert_found(journal, (VdEventFilter){0}, "1");
    }
    limit_files(RLIM_INFINITY);
    store(journal, VD_KIND_TEST, NULL, ++id, vd_clock_wall_us());
    assert_found(journal, (VdEventFilter){0}, "5 1");
    vd_journal_stats(journal, &stats);
    g_assert_cmpuint(stats.stored, ==, 2);
    g_assert_cmpuint(stats.dropped, ==, 3);
    g_assert_cmpint(troubles.failed, ==, 1);
    g_assert_cmpint(troubles.mended, ==, 1);
    vd_journal_free(journal);
    end();
}

/* --- kill -9 ---------------------------------------------------------------------------------- */

static int told_at; /* the child's: where it says which events it was told of */

static void tell(GPtrArray *events, bool more, void *data)
{
    for (guint i = 0; i < events->len; i++)
        if (write(told_at, &((VdEvent *)events->pdata[i])->id, sizeof(guint64)) < 0)
            _exit(1);
}

static G_NORETURN void store_until_killed(guint64 id)
{
    VdJournal *journal = vd_journal_new(file, &bounds);

    for (;;) {
        VdEventFilter fresh = {.after_id = id, .oldest_first = true};
        for (guint n = 1 + (guint)(id % 7); n > 0; n--)
            store(journal, VD_KIND_TEST, "front", ++id, vd_clock_wall_us());
        while (!vd_journal_find(journal, &fresh, tell, NULL))
            sched_yield();
    }
}

/* Killed when it was told of so many more than the first. Answers the last number it was told of.
 */
static guint64 run_child(guint64 from, gulong more, GHashTable *told)
{
    int ends[2], status;
    guint64 id, last = from;

    g_assert_cmpint(pipe(ends), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        told_at = ends[1];
        store_until_killed(from);
    }
    close(ends[1]);
    g_assert_cmpint(read(ends[0], &id, sizeof id), ==, sizeof id);
    do
        g_hash_table_add(told, GSIZE_TO_POINTER(last = id));
    while (more-- > 0 && read(ends[0], &id, sizeof id) == sizeof id);
    kill(child, SIGKILL);
    while (read(ends[0], &id, sizeof id) == sizeof id)
        g_hash_table_add(told, GSIZE_TO_POINTER(last = id));
    close(ends[0]);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
    return last;
}

static void assert_all_there(GHashTable *told, guint64 newest)
{
    g_autoptr(VdJournal) journal = vd_journal_new(file, &bounds);
    guint64 after = 0;
    bool more = true;

    g_assert_cmpuint(vd_journal_last_id(journal), >=, newest);
    while (more) {
        VdEventFilter page = {.after_id = after, .oldest_first = true};
        g_autoptr(GArray) ids = ask_ids(journal, &page, &more);
        for (guint i = 0; i < ids->len; i++) {
            after = g_array_index(ids, guint64, i);
            g_hash_table_remove(told, GSIZE_TO_POINTER(after));
        }
    }
    g_assert_cmpuint(g_hash_table_size(told), ==, 0);
}

static void a_kill_loses_nothing_that_somebody_was_told_of(void)
{
    guint64 newest = 0;

    begin();
    for (guint round = 0; round < 20; round++) {
        g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);

        newest = run_child(newest + 1000, (gulong)g_test_rand_int_range(0, 400), told);
        assert_all_there(told, newest);
    }
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    vd_log_set_level(VD_LOG_ERROR);
    an_hour_ago = vd_clock_wall_us() - 3600 * (gint64)G_USEC_PER_SEC;
    g_test_add_func("/journal/filters", every_filter_finds_what_it_says);
    g_test_add_func("/journal/seen", who_sees_some_cameras_is_told_of_them);
    g_test_add_func("/journal/readers", a_reader_begins_now_and_goes_on_where_it_was);
    g_test_add_func("/journal/comes-back", a_stored_event_comes_back_as_it_was);
    g_test_add_func("/journal/limits",
                    a_journal_that_hangs_takes_so_many_and_no_more_and_nobody_waits);
    g_test_add_func("/journal/old", what_is_too_old_goes_and_nothing_else);
    g_test_add_func("/journal/large", what_is_too_much_goes_the_oldest_first);
    g_test_add_func("/journal/private", a_new_journal_is_its_owners_alone);
    g_test_add_func("/journal/foreign", what_is_no_journal_is_moved_aside);
    g_test_add_func("/journal/damaged", a_damaged_journal_is_moved_aside);
    g_test_add_func("/journal/no-file", where_no_file_can_be_made_events_are_kept_in_memory);
    g_test_add_func("/journal/full-disk", a_full_disk_is_said_once_and_what_comes_then_is_counted);
    g_test_add_func("/journal/kill", a_kill_loses_nothing_that_somebody_was_told_of);
    return g_test_run();
}
