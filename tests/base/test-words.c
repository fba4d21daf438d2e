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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/words/one_is_no_plural", one_is_no_plural);
    return g_test_run();
}
