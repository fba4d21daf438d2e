#include "base/error.h"
#include "config/edit.h"
#include "texts.h"

#define TRIANGLE "\"points\":[[0,0],[1,0],[1,1]]"
#define DRIVE    "\"drive\":{" TRIANGLE ",\"min_size\":0.5}"
#define STREET   "\"street\":{\"points\":[[0,0],[1,0],[0,1]],\"ignore\":true}"

/* --- help: what holds, from one edit to the next ---------------------------------------------- */

typedef VdEdit *(*Edit)(const VdEditBase *on, const char *id, GBytes *json, GPtrArray *errors,
                        GError **error);

typedef struct Setup {
    VdConfig *base, *config;
    VdChanges *changes;
    json_t *plan;
} Setup;

static void set_up(Setup *setup, const char *zones)
{
    g_autofree char *text = g_strconcat("[camera a]\nuri=test:quiet\nzones=", zones, "\n", NULL);

    setup->base = texts_config(text);
    setup->changes = vd_changes_new();
    setup->config = vd_config_with(setup->base, setup->changes, NULL);
    setup->plan = NULL;
}

static void tear_down(Setup *setup)
{
    vd_config_free(setup->base);
    vd_config_free(setup->config);
    vd_changes_unref(setup->changes);
    json_decref(setup->plan);
}

/* What is wrong, or "" (transfer full). */
static char *edit(Setup *setup, Edit how, const char *zones)
{
    VdEditBase on = {setup->base, setup->changes, setup->config};
    g_autofree char *text = g_strdup_printf("{\"zones\":%s}", zones);
    g_autoptr(GBytes) json = g_bytes_new(text, strlen(text));
    g_autoptr(GPtrArray) errors = texts_errors();
    g_autoptr(GError) error = NULL;
    g_autoptr(VdEdit) made = how(&on, "a", json, errors, &error);

    g_assert_true((made == NULL) == (errors->len > 0));
    if (made == NULL)
        return texts_of_errors(errors);
    vd_config_free(setup->config);
    setup->config = g_steal_pointer(&made->config);
    vd_changes_unref(setup->changes);
    setup->changes = g_steal_pointer(&made->changes);
    json_decref(setup->plan);
    setup->plan = g_steal_pointer(&made->plan);
    return g_strdup("");
}

static void done(Setup *setup, Edit how, const char *zones, const char *expected)
{
    g_autofree char *errors = edit(setup, how, zones);
    g_autofree char *text = texts_option(setup->config, "a", "zones");

    g_test_message("%s", zones);
    g_assert_cmpstr(errors, ==, "");
    g_assert_cmpstr(text, ==, expected);
}

static void has_changes(const Setup *setup, const char *expected)
{
    g_autofree char *text = vd_changes_text(setup->changes, NULL);

    g_assert_cmpstr(strchr(text, '\n') + 1, ==, expected);
}

/* --- edits ------------------------------------------------------------------------------------ */

static void a_patch_changes_one_property_of_one_zone(void)
{
    static const struct {
        const char *json, *zones;
    } steps[] = {
        {"{" DRIVE "," STREET "}", "drive min-size=0.5%: 0,0 1,0 1,1; street ignore: 0,0 1,0 0,1"},
        {"{\"street\":{\"ignore\":false},\"drive\":{\"min_ms\":0}}",
         "drive min-size=0.5% min-ms=0: 0,0 1,0 1,1; street: 0,0 1,0 0,1"},
        {"{\"drive\":{\"min_size\":null,\"min_ms\":null}}",
         "drive: 0,0 1,0 1,1; street: 0,0 1,0 0,1"},
        {"{\"drive\":{\"points\":[[0,0],[0.5,0],[1,1]]},\"none\":null}",
         "drive: 0,0 0.5,0 1,1; street: 0,0 1,0 0,1"},
        {"{\"drive\":null,\"gate\":{" TRIANGLE "}}", "street: 0,0 1,0 0,1; gate: 0,0 1,0 1,1"},
        {"{}", "street: 0,0 1,0 0,1; gate: 0,0 1,0 1,1"},
        {"{\"street\":null,\"gate\":null}", ""},
        {"{" DRIVE "}", "drive min-size=0.5%: 0,0 1,0 1,1"},
        {"null", ""},
    };
    Setup setup;

    set_up(&setup, "");
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        done(&setup, vd_edit_patch, steps[i].json, steps[i].zones);
    has_changes(&setup, "");
    tear_down(&setup);
}

#define SHOWN(name)                                                        \
    "\"" name "\":{\"points\":[[0.0,0.0],[1.0,0.0],[1.0,1.0]],\"ignore\":" \
    "false,\"min_size\":0.0,\"min_ms\":null}"

static void one_zone_of_the_files_can_be_removed(void)
{
    Setup setup;

    set_up(&setup, "a: 0,0 1,0 1,1; b: 0,0 1,0 1,1");
    done(&setup, vd_edit_patch, "{\"a\":null}", "b: 0,0 1,0 1,1");
    has_changes(&setup, "\n[camera a]\nzones=b: 0,0 1,0 1,1\n");
    char *plan = json_dumps(setup.plan, JSON_COMPACT | JSON_REAL_PRECISION(9));
    g_assert_cmpstr(plan, ==,
                    "{\"changed\":[{\"option\":\"zones\",\"from\":{" SHOWN("a") "," SHOWN(
                        "b") "},\"to\":{" SHOWN("b") "},\"applies\":\"live\"}],"
                                                     "\"applies\":\"live\"}");
    free(plan);
    done(&setup, vd_edit_patch, "null", "a: 0,0 1,0 1,1; b: 0,0 1,0 1,1");
    has_changes(&setup, "");
    tear_down(&setup);
}

static void a_whole_configuration_has_whole_zones(void)
{
    Setup setup;

    set_up(&setup, "");
    done(&setup, vd_edit_patch, "{" DRIVE "," STREET "}",
         "drive min-size=0.5%: 0,0 1,0 1,1; street ignore: 0,0 1,0 0,1");
    g_autofree char *wrong = edit(&setup, vd_edit_replace, "{\"street\":{\"ignore\":false}}");
    g_assert_cmpstr(
        wrong, ==,
        "zones: zone 'street' is wrong: its points are an array of 3 to 64 points [x, y]");
    done(&setup, vd_edit_replace, "{" STREET ",\"drive\":null}", "street ignore: 0,0 1,0 0,1");
    done(&setup, vd_edit_replace, "{" SHOWN("b") "}", "b: 0,0 1,0 1,1");
    tear_down(&setup);
}

/* --- errors ----------------------------------------------------------------------------------- */

/* clang-format off */
#define SIZE "min_size: a number from 0 to 100 is wanted (percent of the picture)"
#define MS   "min_ms: a whole number from 0 to 60000 is wanted (ms), or null"
static const struct { const char *zones, *error; } wrongs[] = {
    {"\"a: 0,0 1,0 1,1\"", "an object is wanted, with a zone a member: {\"drive\": {\"points\": [[x, y], ...]}}"},
    {"{\"A b\":{}}", "the name of zone 1 is wrong: a zone's name has 1 to 63 letters a-z, digits and -, and does not begin with -"},
    {"{\"a\":[[0,0],[1,0],[1,1]]}", "zone 'a' is wrong: an object with points is wanted"},
    {"{\"a\":{}}", "zone 'a' is wrong: its points are an array of 3 to 64 points [x, y]"},
    {"{\"a\":{\"points\":{\"x\":1}}}", "zone 'a' is wrong: its points are an array of 3 to 64 points [x, y]"},
    {"{\"a\":{\"points\":[[0,0],[1,0],[1,2]]}}", "zone 'a', point 3 is wrong: a point is [x, y] with both from 0 to 1"},
    {"{\"a\":{\"points\":[[0,0],[1,0]]}}", "zone 'a' has too few points: 3 to 64 are allowed"},
    {"{\"a\":{" TRIANGLE ",\"ignroe\":true}}", "zone 'a': 'ignroe' is unknown (did you mean 'ignore'?): allowed are points, ignore, min_size and min_ms"},
    {"{\"a\":{" TRIANGLE ",\"speed\":1}}", "zone 'a': 'speed' is unknown: allowed are points, ignore, min_size and min_ms"},
    {"{\"a\":{" TRIANGLE ",\"ignore\":1}}", "zone 'a': ignore: true or false is wanted, without quotes"},
    {"{\"a\":{" TRIANGLE ",\"min_size\":100.1}}", "zone 'a': " SIZE},
    {"{\"a\":{" TRIANGLE ",\"min_size\":-1}}", "zone 'a': " SIZE},
    {"{\"a\":{" TRIANGLE ",\"min_size\":\"5%\"}}", "zone 'a': " SIZE},
    {"{\"a\":{" TRIANGLE ",\"min_ms\":60001}}", "zone 'a': " MS},
    {"{\"a\":{" TRIANGLE ",\"min_ms\":0.5}}", "zone 'a': " MS},
    {"{\"a\":{" TRIANGLE ",\"ignore\":true,\"min_size\":5}}", "zone 'a': min-size and min-ms are of zones in which motion counts, not of one that is ignored"},
};
/* clang-format on */

static void each_error_says_which_zone_and_what_is_allowed(void)
{
    static const Edit edits[] = {vd_edit_patch, vd_edit_replace};
    Setup setup;

    set_up(&setup, "");
    for (gsize i = 0; i < 2 * G_N_ELEMENTS(wrongs); i++) {
        g_autofree char *expected = g_strconcat("zones: ", wrongs[i / 2].error, NULL);
        g_autofree char *errors = edit(&setup, edits[i % 2], wrongs[i / 2].zones);

        g_assert_cmpstr(errors, ==, expected);
    }
    has_changes(&setup, "");
    tear_down(&setup);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/zones-json/" #name, name)
    ADD(a_patch_changes_one_property_of_one_zone);
    ADD(one_zone_of_the_files_can_be_removed);
    ADD(a_whole_configuration_has_whole_zones);
    ADD(each_error_says_which_zone_and_what_is_allowed);
    return g_test_run();
}
