#include "config/test-uri.h"

static const VdTestUri plain = {VD_TEST_MOVING, 640, 360, 15, 1, 3, 4, 8};

static void what_is_not_said_has_its_default(void)
{
    VdTestUri test;

    g_assert_true(vd_test_uri_parse("test:moving", &test, NULL));
    g_assert_cmpmem(&test, sizeof test, &plain, sizeof plain);
    g_assert_true(vd_test_uri_parse("TEST:quiet?", &test, NULL));
    g_assert_cmpint(test.scene, ==, VD_TEST_QUIET);
}

static void every_parameter_is_taken(void)
{
    VdTestUri test;
    VdTestUri expected = {VD_TEST_FAILING, 1280, 720, 30, 9, 16, 0, 20, 5};

    g_assert_true(vd_test_uri_parse(
        "test:failing?width=1280&height=720&fps=30&seed=9&figures=16&noise=0&up=20&down=5", &test,
        NULL));
    g_assert_cmpmem(&test, sizeof test, &expected, sizeof expected);
}

static void what_is_wrong_is_named_with_what_is_allowed(void)
{
    static const struct {
        const char *uri;
        const char *text; /* the error has this in it */
    } rows[] = {
        {"moving", "\"test:\""},
        {"", "\"test:\""},
        {"test:", "allowed are moving, quiet, light, failing"},
        {"test:Moving", "test scene 'Moving' is unknown (did you mean 'moving'?)"},
        {"test:moving?&", "the parameter '' is unknown"},
        {"test:moving?size=3", "the parameter 'size' is unknown"},
        {"test:moving?wid=3", "'wid' is unknown (did you mean 'width'?): allowed are width, "
                              "height, fps, seed, figures, noise, up, down"},
        {"test:moving?widthh=3", "'widthh' is unknown (did you mean 'width'?)"},
        {"test:moving?width", "width='' is wrong: a whole number from 16 to 4096"},
        {"test:moving?width=", "width='' is wrong: a whole number from 16 to 4096"},
        {"test:moving?width=15", "from 16 to 4096"},
        {"test:moving?width=4097", "from 16 to 4096"},
        {"test:moving?height=2305", "from 16 to 2304"},
        {"test:moving?fps=0", "fps='0' is wrong: a whole number from 1 to 60"},
        {"test:moving?fps=15.5", "fps='15.5'"},
        {"test:moving?fps= 15", "fps=' 15'"},
        {"test:moving?fps=-1", "from 1 to 60"},
        {"test:moving?figures=17", "from 0 to 16"},
        {"test:moving?noise=33", "from 0 to 32"},
        {"test:moving?seed=99999999999999999999", "seed="},
        {"test:failing?up=0", "up='0' is wrong: a whole number from 1 to 3600"},
        {"test:moving?fps=15&fps=16", "fps= is given twice"},
        {"test:movign", "test scene 'movign' is unknown (did you mean 'moving'?)"},
        {"test:moving?figure=4", "'figure' is unknown (did you mean 'figures'?)"},
        {"test:rtsp://joe:secret@h", "'rtsp://***@h' is unknown"},
        {"test:moving?fps=15&", "the parameter '' is unknown"},
        {"test:moving?fps=15;noise=2", "fps='15;noise=2'"},
        {"test:moving?fps=0&size=3&width=9",
         "the parameter fps='0' is wrong: a whole number from 1 to 60 is allowed; the parameter "
         "'size' is unknown: allowed are width, height, fps, seed, figures, noise, up, down; the "
         "parameter width='9' is wrong: a whole number from 16 to 4096 is allowed"},
        {"test:movign?fps=0", "allowed are moving, quiet, light, failing; the parameter fps='0'"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        VdTestUri test = plain;

        g_test_message("%s", rows[i].uri);
        g_assert_false(vd_test_uri_parse(rows[i].uri, &test, &error));
        g_assert_nonnull(error);
        g_assert_nonnull(g_strstr_len(error->message, -1, rows[i].text));
        g_assert_cmpmem(&test, sizeof test, &plain, sizeof plain);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/test-uri/what_is_not_said_has_its_default", what_is_not_said_has_its_default);
    g_test_add_func("/test-uri/every_parameter_is_taken", every_parameter_is_taken);
    g_test_add_func("/test-uri/what_is_wrong_is_named_with_what_is_allowed",
                    what_is_wrong_is_named_with_what_is_allowed);
    return g_test_run();
}
