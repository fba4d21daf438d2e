#include "config/gpu-wish.h"
#include "config/nearest.h"
#include "config/options.h"
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

/* --- help --------------------------------------------------------------------------------- */

static char *printed(bool sample)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    vd_options_print(out, sample);
    fclose(out);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}

static char *source_file(const char *path)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *file = g_build_filename(top != NULL ? top : ".", path, NULL);
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    g_file_get_contents(file, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

static VdConfig *parse(const char *text)
{
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    VdConfig *config = vd_config_parse(text, strlen(text), "x.conf", errors);

    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *line = vd_config_error_text(errors->pdata[i]);
        g_test_message("%s", line);
    }
    g_assert_nonnull(config);
    return config;
}

/* --- the table ------------------------------------------------------------------------------ */

static void every_option_is_described_and_its_default_allowed(void)
{
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        const VdOption *option = &options[i];

        g_assert_true(vd_option_find(option->group, option->name) == option);
        g_assert_cmpuint(strspn(option->name, "abcdefghijklmnopqrstuvwxyz-"), ==,
                         strlen(option->name));
        g_assert_cmpint(option->apply, !=, VD_APPLY_NOTHING);
        g_assert_nonnull(option->unit);
        if (option->type == VD_OPTION_INT) {
            g_assert_cmpint(option->min, <, option->max);
            g_assert_cmpstr(option->unit, !=, "");
        }
        g_assert_true(strlen(option->help) > 20 &&
                      strchr(".2", option->help[strlen(option->help) - 1]));
    }
    g_assert_null(vd_option_find("vedette", "uri"));
}

/* The text of each default is what is read from it. */
static void defaults_are_written_as_they_are_read(void)
{
    g_autoptr(VdConfig) config = parse("[webhook a]\nurl=http://a/\n[camera a]\nuri=test:quiet\n");
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        void *owner = g_str_equal(options[i].group, "camera")    ? config->cameras->pdata[0]
                      : g_str_equal(options[i].group, "webhook") ? config->webhooks->pdata[0]
                                                                 : config;
        g_autofree char *text = vd_option_text(&options[i], owner);
        const char *expected = g_str_equal(options[i].name, "uri")    ? "test:quiet"
                               : g_str_equal(options[i].name, "name") ? "a"
                               : g_str_equal(options[i].name, "url")  ? "http://a/"
                                                                      : options[i].preset;

        g_assert_cmpstr(text, ==, expected);
    }
}

static void polygons_are_written_as_they_are_read(void)
{
    const VdOption *masks = vd_option_find("camera", "masks");
    g_autoptr(VdCameraConfig) camera = vd_camera_config_new("a", "test:quiet", NULL);
    g_autoptr(VdCameraConfig) again = vd_camera_config_new("a", "test:quiet", NULL);

    g_assert_true(
        vd_option_set(masks, camera, " 0.1 , 0.1 .4,0.1 0.40,1.0;0,0 0.33333,0 1,0.75;", NULL));
    g_autofree char *text = vd_option_text(masks, camera);
    g_assert_cmpstr(text, ==, "0.1,0.1 0.4,0.1 0.4,1; 0,0 0.33333,0 1,0.75");
    g_assert_cmpint(vd_camera_config_compare(camera, again), ==, VD_APPLY_LIVE);
    g_assert_true(vd_option_set(masks, again, text, NULL));
    g_assert_cmpint(vd_camera_config_compare(camera, again), ==, VD_APPLY_NOTHING);
}

/* A value in 65536ths must survive being written and read. */
static void every_coordinate_survives(void)
{
    const VdOption *masks = vd_option_find("camera", "masks");
    g_autoptr(VdCameraConfig) camera = vd_camera_config_new("a", "test:quiet", NULL);

    g_assert_true(vd_option_set(masks, camera, "0,0 1,0 1,1", NULL));
    for (int x = 0; x <= 65536; x += 7) {
        camera->masks[0].points[1].x = x > 0 ? x : 1;
        g_autofree char *text = vd_option_text(masks, camera);
        g_autoptr(VdCameraConfig) again = vd_camera_config_new("a", "test:quiet", NULL);
        g_assert_true(vd_option_set(masks, again, text, NULL));
        g_assert_true(vd_option_equal(masks, camera, again));
    }
}

/* --- near words ------------------------------------------------------------------------------ */

/* clang-format off */
static const struct { const char *a, *b; guint distance; } distances[] = {
    {"", "", 0}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "ABC", 0}, {"a_b", "a-b", 0},
    {"abc", "acb", 1}, {"abc", "ab", 1}, {"abc", "abcd", 1}, {"abc", "xbc", 1}, {"ca", "abc", 3},
    {"listen", "silent", 4},
};
static const struct { const char *word, *nearest; } near_words[] = {
    {"trasnport", "transport"}, {"latency", "latency-ms"}, {"analysis_fps", "analysis-fps"},
    {"Name", "name"}, {"passwort", "password"}, {"url", "uri"}, {"mask", "masks"},
    {"zoom", NULL}, {"x", NULL}, {"", NULL}, {"quality", "jpeg-quality"},
    {"averyveryverylongnamethatnobodywouldevertypeintoafile", NULL},
};
/* clang-format on */

static void the_distance_counts_edits(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(distances); i++) {
        g_assert_cmpuint(vd_word_distance(distances[i].a, distances[i].b), ==,
                         distances[i].distance);
        g_assert_cmpuint(vd_word_distance(distances[i].b, distances[i].a), ==,
                         distances[i].distance);
    }
}

static void mistyped_options_have_a_nearest_one(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(near_words); i++)
        g_assert_cmpstr(vd_option_nearest("camera", near_words[i].word), ==, near_words[i].nearest);
}

/* --- what is made of the table --------------------------------------------------------------- */

static void the_installed_file_is_the_printed_one(void)
{
    g_autofree char *sample = printed(true);
    g_autofree char *file = source_file("etc/vedette.conf");

    if (!g_str_equal(sample, file))
        g_test_message("make update-conf writes it anew");
    g_assert_cmpstr(file, ==, sample);
}

static void the_installed_files_change_nothing(void)
{
    g_autofree char *file = source_file("etc/vedette.conf");
    g_autofree char *example = source_file("etc/cameras.d/example.conf");
    g_autoptr(VdConfig) config = parse(file);
    g_autoptr(VdConfig) nothing = parse("");
    g_autoptr(VdConfig) cameras = parse(example);

    g_assert_cmpuint(config->cameras->len, ==, 0);
    g_assert_cmpuint(cameras->cameras->len, ==, 0);
    g_assert_cmpint(vd_config_compare_daemon(config, nothing), ==, VD_APPLY_NOTHING);
}

/* With the # taken away from every option the file says the same. */
static void uncommented_the_file_gives_the_defaults(void)
{
    g_autofree char *file = source_file("etc/vedette.conf");
    g_autoptr(GRegex) commented = g_regex_new("^#(?=[a-z-]+=|\\[)", G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GRegex) no_uri = g_regex_new("^uri=$", G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GRegex) one_password = g_regex_new("^password-file=$", G_REGEX_MULTILINE, 0, NULL);
    g_autofree char *bare = g_regex_replace_literal(commented, file, -1, 0, "", 0, NULL);
    g_autofree char *with_uri =
        g_regex_replace_literal(no_uri, bare, -1, 0, "uri=test:quiet", 0, NULL);
    g_autofree char *text = g_regex_replace_literal(one_password, with_uri, -1, 0, "", 0, NULL);
    g_autoptr(VdConfig) config = parse(text);
    g_autoptr(VdCameraConfig) camera = vd_camera_config_new("front", "test:quiet", NULL);

    g_assert_cmpint(vd_camera_config_compare(vd_config_find(config, "front"), camera), ==,
                    VD_APPLY_NOTHING);
}

static void the_help_names_every_option_with_its_default(void)
{
    g_autofree char *help = printed(false);
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        g_autofree char *line = g_strdup_printf("\n  %s=%s\n", options[i].name, options[i].preset);
        g_assert_nonnull(strstr(help, line));
    }
    g_auto(GStrv) lines = g_strsplit(help, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++)
        g_assert_cmpuint(strlen(lines[i]), <=, 80);
}

static void wishes_are_words_or_numbers(void)
{
    VdGpuWish wish = {.mode = VD_GPU_OFF, .number = 7};
    static const char *const wrong[] = {"", "on", "Auto", "-1", "16", "1 ", "0x1", "1.0"};

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(vd_gpu_wish_parse(wrong[i], &wish));
    g_assert_cmpint(wish.number, ==, 7);
    g_assert_true(vd_gpu_wish_parse("15", &wish));
    g_assert_cmpint(wish.mode, ==, VD_GPU_NUMBER);
    g_assert_cmpint(wish.number, ==, 15);
    g_assert_true(vd_gpu_wish_parse("require", &wish));
    g_assert_cmpint(wish.mode, ==, VD_GPU_REQUIRE);
    g_assert_cmphex(vd_gpu_wish_numbers(&wish), ==, G_MAXUINT);
    wish = (VdGpuWish){VD_GPU_NUMBER, 3};
    g_assert_cmphex(vd_gpu_wish_numbers(&wish), ==, 8);
    wish.mode = VD_GPU_OFF;
    g_assert_cmphex(vd_gpu_wish_numbers(&wish), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/options/" #name, name)
    ADD(every_option_is_described_and_its_default_allowed);
    ADD(defaults_are_written_as_they_are_read);
    ADD(polygons_are_written_as_they_are_read);
    ADD(every_coordinate_survives);
    ADD(the_distance_counts_edits);
    ADD(mistyped_options_have_a_nearest_one);
    ADD(the_installed_file_is_the_printed_one);
    ADD(the_installed_files_change_nothing);
    ADD(uncommented_the_file_gives_the_defaults);
    ADD(the_help_names_every_option_with_its_default);
    ADD(wishes_are_words_or_numbers);
    return g_test_run();
}
