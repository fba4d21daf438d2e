#include "base/error.h"
#include "base/limits.h"
#include "config/store.h"
#include "texts.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- help: a folder, and system calls of which one fails or ends the process ---------------- */

#define OLD "[camera front]\nname=old\n"

typedef struct Folder {
    char *path, *file, *bad, *temp;
    char *text; /* new; of more than one write */
} Folder;

static void folder_set_up(Folder *folder, gconstpointer unused)
{
    g_autofree char *name = texts_repeat("x", 100000);

    folder->path = g_dir_make_tmp("vedette-XXXXXX", NULL);
    folder->file = g_build_filename(folder->path, "changes.conf", NULL);
    folder->bad = g_build_filename(folder->path, "changes.conf.bad", NULL);
    folder->temp = g_build_filename(folder->path, "changes.conf.new", NULL);
    folder->text = g_strconcat("# ", name, "\n[camera front]\nname=new\n", NULL);
}

static void folder_tear_down(Folder *folder, gconstpointer unused)
{
    g_remove(folder->file);
    g_remove(folder->bad);
    g_remove(folder->temp);
    g_assert_cmpint(g_rmdir(folder->path), ==, 0); /* nothing else is in it */
    g_free(folder->path);
    g_free(folder->file);
    g_free(folder->bad);
    g_free(folder->temp);
    g_free(folder->text);
}

static void write_old(const Folder *folder)
{
    g_autoptr(GError) error = NULL;

    vd_store_write(folder->path, OLD, &error);
    g_assert_no_error(error);
}

static char *content(const char *file)
{
    char *text = NULL;

    g_file_get_contents(file, &text, NULL, NULL);
    return text;
}

static bool exists(const char *file)
{
    return g_file_test(file, G_FILE_TEST_EXISTS);
}

static struct {
    guint step, at; /* the step to go wrong, from 1; how many there were */
    int number;     /* its errno; 0: the process ends there */
    bool late;      /* it ends when the call is done */
} fault;

/* Whether the call is to be made. */
static bool begin(void)
{
    bool now = ++fault.at == fault.step;

    if (now && fault.number == 0 && !fault.late)
        _exit(0);
    if (now && fault.number != 0)
        errno = fault.number;
    return !now || fault.number == 0;
}

static void end(void)
{
    if (fault.at == fault.step && fault.number == 0)
        _exit(0);
}

static int faulty_openat(int folder, const char *name, int flags, mode_t mode)
{
    int fd = begin() ? openat(folder, name, flags, mode) : -1;

    end();
    return fd;
}

/* In pieces, as a nearly full disk takes them. */
static ssize_t faulty_write(int fd, const void *data, size_t size)
{
    ssize_t written = begin() ? write(fd, data, MIN(size, 30000)) : -1;

    end();
    return written;
}

static int faulty_fsync(int fd)
{
    int result = begin() ? fsync(fd) : -1;

    end();
    return result;
}

static int faulty_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    int result = begin() ? renameat(from_folder, from, to_folder, to) : -1;

    end();
    return result;
}

static const VdFileCalls faulty = {faulty_openat, faulty_write, faulty_fsync, faulty_renameat};

/* openat of the folder and the file, 4 times write, fsync, renameat, fsync of the folder */
enum { STEPS = 2 + 4 + 3, RENAME = STEPS - 1 };

static bool write_with_fault(const Folder *folder, guint step, int number, GError **error)
{
    fault.step = step;
    fault.at = 0;
    fault.number = number;
    return vd_store_write_with(&faulty, folder->path, folder->text, error);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void a_text_is_written_for_its_owner_alone(Folder *folder, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    struct stat status;
    mode_t mask = umask(0);

    g_assert_true(vd_store_write(folder->path, folder->text, &error));
    umask(mask);
    g_assert_cmpint(stat(folder->file, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0600);
    g_autofree char *text = content(folder->file);
    g_assert_cmpstr(text, ==, folder->text);
    g_assert_false(exists(folder->temp));
}

static void it_takes_the_steps_that_are_tried_below(Folder *folder, gconstpointer unused)
{
    bool good = write_with_fault(folder, 0, 0, NULL);

    g_assert_true(good);
    g_assert_cmpuint(fault.at, ==, STEPS);
}

static void an_error_at_any_step_leaves_the_old_file(Folder *folder, gconstpointer unused)
{
    static const int numbers[] = {ENOSPC, EIO, EROFS};

    for (guint step = 1; step <= STEPS; step++)
        for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
            g_autoptr(GError) error = NULL;
            write_old(folder);
            bool good = write_with_fault(folder, step, numbers[i], &error);
            g_autofree char *text = content(folder->file);

            g_assert_false(good);
            g_assert_error(error, VD_ERROR, VD_ERROR_FAILED);
            g_assert_nonnull(strstr(error->message, g_strerror(numbers[i])));
            g_assert_cmpstr(text, ==, step <= RENAME ? OLD : folder->text);
            g_assert_false(exists(folder->temp));
            g_assert_true(g_str_has_prefix(error->message, folder->path));
            g_assert_true((strstr(error->message, "may get lost") != NULL) == (step > RENAME));
        }
}

static void an_interrupted_write_goes_on(Folder *folder, gconstpointer unused)
{
    for (guint step = 3; step <= 6; step++) {
        bool good = write_with_fault(folder, step, EINTR, NULL);
        g_assert_true(good);
        g_autofree char *text = content(folder->file);
        g_assert_cmpstr(text, ==, folder->text);
    }
}

/* What is on the disk when the process is killed before or behind each step. */
static void a_crash_leaves_the_old_file_or_the_new_one_whole(Folder *folder, gconstpointer unused)
{
    for (guint step = 1; step <= STEPS; step++)
        for (int late = 0; late <= 1; late++) {
            int status;

            write_old(folder);
            pid_t child = fork();
            if (child == 0) {
                fault.late = late != 0;
                write_with_fault(folder, step, 0, NULL);
                _exit(1); /* it was to end before */
            }
            g_assert_cmpint(waitpid(child, &status, 0), ==, child);
            g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            bool replaced = step > RENAME || (step == RENAME && late);
            g_autofree char *text = content(folder->file);
            g_assert_cmpstr(text, ==, replaced ? folder->text : OLD);

            /* what the crash left behind is in nobody's way */
            g_assert_true(vd_store_write(folder->path, folder->text, NULL));
            g_assert_false(exists(folder->temp));
        }
}

static void a_link_in_the_place_of_the_new_file_is_not_followed(Folder *folder,
                                                                gconstpointer unused)
{
    write_old(folder);
    g_assert_cmpint(symlink(folder->file, folder->temp), ==, 0);
    g_assert_true(vd_store_write(folder->path, folder->text, NULL));
    g_assert_false(g_file_test(folder->file, G_FILE_TEST_IS_SYMLINK));
    g_autofree char *text = content(folder->file);
    g_assert_cmpstr(text, ==, folder->text);
}

enum { WRITES = 50 };

static void *write_often(void *data)
{
    const Folder *folder = data;
    guint good = 0;

    for (int i = 0; i < WRITES; i++)
        good += vd_store_write(folder->path, folder->text, NULL);
    return GUINT_TO_POINTER(good);
}

static void two_at_once_wait_for_each_other(Folder *folder, gconstpointer unused)
{
    GThread *threads[2];
    guint good = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("writer", write_often, folder);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        good += GPOINTER_TO_UINT(g_thread_join(threads[i]));
    g_autofree char *text = content(folder->file);
    g_assert_cmpuint(good, ==, 2 * WRITES);
    g_assert_cmpstr(text, ==, folder->text);
}

static void a_folder_is_made_but_not_its_parents(Folder *folder, gconstpointer unused)
{
    g_autofree char *inner = g_build_filename(folder->path, "a", NULL);
    g_autofree char *deep = g_build_filename(inner, "b", "c", NULL);
    g_autofree char *file = g_build_filename(inner, "changes.conf", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(vd_store_write(inner, OLD, NULL));
    g_assert_true(exists(file));
    g_assert_false(vd_store_write(deep, OLD, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_FAILED);
    g_assert_true(g_remove(file) == 0 && g_rmdir(inner) == 0);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void what_is_written_is_read(Folder *folder, gconstpointer unused)
{
    g_autoptr(GPtrArray) errors = texts_errors();
    g_autoptr(VdChanges) none = vd_store_read(folder->path, errors);

    write_old(folder);
    g_autoptr(VdChanges) changes = vd_store_read(folder->path, errors);
    g_assert_null(vd_changes_find(none, "front"));
    g_assert_cmpstr(g_hash_table_lookup(vd_changes_find(changes, "front"), "name"), ==, "old");
    g_assert_cmpuint(errors->len, ==, 0);
}

static void a_damaged_file_is_named_and_kept(Folder *folder, gconstpointer unused)
{
    g_autoptr(GPtrArray) errors = texts_errors();
    g_autoptr(GError) error = NULL;

    g_assert_true(vd_store_write(folder->path, "[camera front]\nna", NULL));
    g_assert_null(vd_store_read(folder->path, errors));
    g_autofree char *lines = texts_of_errors(errors);
    g_autofree char *expected =
        g_strconcat(folder->file, ":2: neither [group], nor option=value, nor # comment", NULL);
    g_assert_cmpstr(lines, ==, expected);
    g_assert_true(vd_store_set_aside(folder->path, &error));
    g_autofree char *bad = content(folder->bad);
    g_assert_cmpstr(bad, ==, "[camera front]\nna");
    g_assert_false(exists(folder->file));
    g_assert_false(vd_store_set_aside(folder->path, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_FAILED);
}

static void one_byte_too_many_is_not_read(Folder *folder, gconstpointer unused)
{
    g_autofree char *large = texts_repeat("#######\n", VD_MAX_CHANGES / 8);
    g_autofree char *larger = g_strconcat(large, "#", NULL);
    g_autoptr(GPtrArray) errors = texts_errors();

    g_assert_true(vd_store_write(folder->path, large, NULL));
    g_autoptr(VdChanges) changes = vd_store_read(folder->path, errors);
    g_assert_nonnull(changes);
    g_assert_true(vd_store_write(folder->path, larger, NULL));
    g_assert_null(vd_store_read(folder->path, errors));
    g_autofree char *lines = texts_of_errors(errors);
    g_assert_nonnull(strstr(lines, ": too large: 1048576 bytes are allowed"));
}

static void what_is_no_file_is_an_error(Folder *folder, gconstpointer unused)
{
    g_autoptr(GPtrArray) errors = texts_errors();

    g_assert_cmpint(g_mkdir(folder->file, 0700), ==, 0);
    g_assert_null(vd_store_read(folder->path, errors));
    g_autofree char *lines = texts_of_errors(errors);
    g_assert_true(g_str_has_suffix(lines, "changes.conf: cannot be read: it is not a plain file"));
    g_assert_cmpint(g_rmdir(folder->file), ==, 0);
}

static void the_folder_is_wished_given_or_the_usual_one(void)
{
    g_setenv("STATE_DIRECTORY", "/x/vedette:/y", TRUE);
    g_autofree char *wished = vd_store_folder("/z", true), *given = vd_store_folder(NULL, false);
    g_unsetenv("STATE_DIRECTORY");
    g_autofree char *usual = vd_store_folder(NULL, true);

    g_assert_cmpstr(wished, ==, "/z");
    g_assert_cmpstr(given, ==, "/x/vedette");
    g_assert_cmpstr(usual, ==, VD_STATEDIR);
    g_assert_null(vd_store_folder(NULL, false));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add("/store/" #name, Folder, NULL, folder_set_up, name, folder_tear_down)
    ADD(a_text_is_written_for_its_owner_alone);
    ADD(it_takes_the_steps_that_are_tried_below);
    ADD(an_error_at_any_step_leaves_the_old_file);
    ADD(an_interrupted_write_goes_on);
    ADD(a_crash_leaves_the_old_file_or_the_new_one_whole);
    ADD(a_link_in_the_place_of_the_new_file_is_not_followed);
    ADD(two_at_once_wait_for_each_other);
    ADD(a_folder_is_made_but_not_its_parents);
    ADD(what_is_written_is_read);
    ADD(a_damaged_file_is_named_and_kept);
    ADD(one_byte_too_many_is_not_read);
    ADD(what_is_no_file_is_an_error);
    g_test_add_func("/store/the_folder_is_wished_given_or_the_usual_one",
                    the_folder_is_wished_given_or_the_usual_one);
    return g_test_run();
}
