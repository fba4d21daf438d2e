#include "base/words.h"

static void one_is_no_plural(void)
{
    static const struct {
        guint count;
        const char *text;
    } rows[] = {{0, "0 cameras"}, {1, "1 camera"}, {2, "2 cameras"}, {11, "11 cameras"}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = vd_counted(rows[i].count, "camera");
        g_assert_cmpstr(text, ==, rows[i].text);
    }
}

static void wrong_values_are_shown_short_and_without_secrets(void)
{
    static const struct {
        const char *value, *text;
    } rows[] = {
        {"", "''"},
        {"a\nb", "'a?b'"},
        {"rtsp://joe:secret@h/x", "'rtsp://***@h/x'"},
        {"t\xc3\xbcr \xfd", "'t\xc3\xbcr \xef\xbf\xbd'"},
        {"123456789 123456789 123456789 123456789 123456789 123456789 1",
         "'123456789 123456789 123456789 123456789 123456789 123456789 ...'"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = vd_shown(rows[i].value);
        g_assert_cmpstr(text, ==, rows[i].text);
    }
}

static void words_that_are_not_known_are_found(void)
{
    static const char *const known[] = {"person", "traffic light", NULL};
    static const struct {
        const char *list, *missing;
    } rows[] = {
        {NULL, NULL},
        {"", NULL},
        {"person", NULL},
        {" traffic light ,person", NULL},
        {"persn, person,Person", "persn+Person"},
        {"a,,b", "a+b"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) missing = vd_words_missing(rows[i].list, known);
        g_autofree char *text = missing != NULL ? g_strjoinv("+", missing) : NULL;
        g_assert_cmpstr(text, ==, rows[i].missing);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/words/one_is_no_plural", one_is_no_plural);
    g_test_add_func("/words/wrong_values_are_shown_short_and_without_secrets",
                    wrong_values_are_shown_short_and_without_secrets);
    g_test_add_func("/words/words_that_are_not_known_are_found",
                    words_that_are_not_known_are_found);
    return g_test_run();
}
