#include "base/error.h"
#include "base/file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *folder;

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static mode_t mode_of(const char *path)
{
    struct stat status;

    g_assert_cmpint(stat(path, &status), ==, 0);
    return status.st_mode & 07777;
}

static void a_file_is_replaced_with_its_mode(void)
{
    g_autofree char *path = path_of("a"), *beside = path_of("a.new");
    g_autoptr(GError) error = NULL;
    gsize length;

    g_assert_true(g_file_set_contents(beside, "half", -1, NULL)); /* of one that was killed */
    g_assert_true(vd_file_replace(path, &(VdText){"one", 3, 0600}, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(mode_of(path), ==, 0600);
    g_assert_true(vd_file_replace(path, &(VdText){"zw\0ei", 5, 0640}, &error));
    g_assert_cmpuint(mode_of(path), ==, 0640);
    g_autofree char *text = vd_file_read(path, 5, &length, &error);
    g_assert_cmpmem(text, length, "zw\0ei", 5);
    g_assert_cmpint(access(beside, F_OK), ==, -1);
}

static void what_cannot_be_written_leaves_the_old_one(void)
{
    g_autofree char *path = path_of("b"), *beside = path_of("b.new");
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    g_assert_true(vd_file_replace(path, &(VdText){"old", 3, 0600}, NULL));
    g_assert_cmpint(g_mkdir(beside, 0700), ==, 0);
    g_assert_false(vd_file_replace(path, &(VdText){"new", 3, 0600}, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_FAILED);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "old");
    g_rmdir(beside);
}

static void more_than_is_allowed_is_not_read(void)
{
    g_autofree char *path = path_of("c");
    g_autoptr(GError) error = NULL;
    gsize length;

    g_assert_true(g_file_set_contents(path, "12345", -1, NULL));
    g_assert_null(vd_file_read(path, 4, &length, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_LIMIT);
}

static void a_private_file_is_its_owners_alone(void)
{
    static const mode_t open_modes[] = {0640, 0604, 0660, 0601, 0644, 0777};
    g_autofree char *path = path_of("d");
    gsize length;

    g_assert_true(g_file_set_contents(path, "x", -1, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(open_modes); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *shown = g_strdup_printf("%04o", open_modes[i]);

        g_assert_cmpint(g_chmod(path, open_modes[i]), ==, 0);
        g_assert_null(vd_file_read_private(path, 9, &length, &error));
        g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, shown));
    }
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    g_autofree char *text = vd_file_read_private(path, 9, &length, NULL);
    g_assert_cmpstr(text, ==, "x");
}

static void a_private_file_of_somebody_else_is_refused(void)
{
    g_autofree char *path = path_of("e");
    g_autoptr(GError) error = NULL;
    gsize length;

    g_assert_true(g_file_set_contents(path, "x", -1, NULL));
    g_assert_cmpint(g_chmod(path, 0600), ==, 0);
    if (chown(path, 12345, (gid_t)-1) < 0) {
        g_test_skip("not root");
        return;
    }
    g_assert_null(vd_file_read_private(path, 9, &length, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
}

static void other_things_than_files_are_not_read(void)
{
    g_autoptr(GError) error = NULL;
    gsize length;

    g_assert_null(vd_file_read(folder, 9, &length, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_null(vd_file_read("/nonexistent/x", 9, &length, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_NOT_FOUND);
}

static void remove_folder(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = path_of(name);
        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("vedette-XXXXXX", NULL);
#define TEST(name) g_test_add_func("/file/" #name, name)
    TEST(a_file_is_replaced_with_its_mode);
    TEST(what_cannot_be_written_leaves_the_old_one);
    TEST(more_than_is_allowed_is_not_read);
    TEST(a_private_file_is_its_owners_alone);
    TEST(a_private_file_of_somebody_else_is_refused);
    TEST(other_things_than_files_are_not_read);
    int status = g_test_run();
    remove_folder();
    return status;
}
