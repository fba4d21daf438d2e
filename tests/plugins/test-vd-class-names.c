#include "plugins/vd-class-names.h"

#include <glib/gstdio.h>

#include "plugins/vd-messages.h"

static char **names_of(const char *text, gssize length, int n, GError **error)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("vedette-XXXXXX.names", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_true(g_close(fd, NULL));
    g_assert_true(g_file_set_contents(path, text, length, NULL));
    char **names = vd_class_names_new(path, n, error);
    g_unlink(path);
    return names;
}

static void eighty_classes_are_those_of_coco(void)
{
    g_auto(GStrv) eighty = vd_class_names_new(NULL, 80, NULL),
                  two = vd_class_names_new(NULL, 2, NULL);

    g_assert_cmpuint(g_strv_length(eighty), ==, 80);
    g_assert_cmpstr(eighty[0], ==, "person");
    g_assert_cmpstr(eighty[2], ==, "car");
    g_assert_cmpstr(eighty[16], ==, "dog");
    g_assert_cmpstr(eighty[79], ==, "toothbrush");
    for (int i = 0; i < 80; i++)
        g_assert_cmpuint(strlen(eighty[i]), <, VD_OBJECT_NAME);
    g_assert_cmpuint(g_strv_length(two), ==, 2);
    g_assert_cmpstr(two[1], ==, "class 1");
}

static void a_file_has_one_a_line(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) names = names_of(" fox \r\nB\xc3\xa4r\n\n", -1, 2, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(g_strv_length(names), ==, 2);
    g_assert_cmpstr(names[0], ==, "fox");
    g_assert_cmpstr(names[1], ==, "B\xc3\xa4r");
}

static void what_is_no_list_of_names_is_refused(void)
{
    g_autofree char *most = g_strnfill(VD_OBJECT_NAME - 1, 'a');
    g_autofree char *over = g_strnfill(VD_OBJECT_NAME, 'a');
    g_autofree char *large = g_strnfill(VD_CLASS_NAMES_MAX_FILE + 1, 'a');
    const struct {
        const char *text;
        gssize length;
        const char *error; /* NULL: it is one */
    } files[] = {
        {"fox", -1, NULL},
        {most, -1, NULL},
        {over, -1, "*, line 1: not a name of 1 to 31 bytes"},
        {"", -1, "* has 0 names, and the model has 1 classes"},
        {"fox\nbear", -1, "* has 2 names, and the model has 1 classes"},
        {"fo\x07x", -1, "*, line 1: not a name of 1 to 31 bytes"},
        {"fo\xffx", -1, "*, line 1: not a name of 1 to 31 bytes"},
        {"fo\0x", 4, "* cannot be read: it is no text, or too long"},
        {large, -1, "* cannot be read: it is no text, or too long"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) names = names_of(files[i].text, files[i].length, 1, &error);

        g_assert_cmpint(names != NULL, ==, files[i].error == NULL);
        if (files[i].error == NULL)
            continue;
        g_test_message("%s", error->message);
        g_assert_true(g_pattern_match_simple(files[i].error, error->message));
    }
}

static void a_file_that_is_missing_is_said(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(vd_class_names_new("/nonexistent/names", 80, &error));
    g_assert_cmpstr(error->message, ==,
                    "The classes' names /nonexistent/names cannot be read: No such file or "
                    "directory");
}

static void what_is_no_file_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("vedette-XXXXXX", &error);
    g_autofree char *pipe = g_build_filename(folder, "pipe", NULL);

    g_assert_no_error(error);
    g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
    g_assert_null(vd_class_names_new(pipe, 80, &error));
    g_assert_true(g_str_has_suffix(error->message, "pipe are not in a file"));
    g_clear_error(&error);
    g_assert_null(vd_class_names_new(folder, 80, &error));
    g_assert_true(g_str_has_suffix(error->message, " are not in a file"));
    g_unlink(pipe);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/class-names/eighty-classes-are-those-of-coco",
                    eighty_classes_are_those_of_coco);
    g_test_add_func("/class-names/a-file-has-one-a-line", a_file_has_one_a_line);
    g_test_add_func("/class-names/what-is-no-list-of-names-is-refused",
                    what_is_no_list_of_names_is_refused);
    g_test_add_func("/class-names/a-file-that-is-missing-is-said", a_file_that_is_missing_is_said);
    g_test_add_func("/class-names/what-is-no-file-is-refused", what_is_no_file_is_refused);
    return g_test_run();
}
