#include "api/local.h"
#include "media/reaper.h"

#include <gst/gst.h>
#include <jansson.h>
#include <string.h>

/* What docs/http-api.md says of the bodies, against the bodies. */

static const char *const one_camera = "[camera front]\nuri=test:moving\nanalysis-uri=test:moving\n";
static const VdViewRequest as_configured = {-1, -1, -1, -1};

static GHashTable *new_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/* The chapter on bodies, in parts: the text before the first of its headings, and each of them. */
static char **read_bodies(void)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".", "docs", "http-api.md", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    const char *bodies = strstr(text, "\n## Bodies\n");
    g_assert_nonnull(bodies);
    return g_strsplit(bodies, "\n### ", -1);
}

/* Adds the words in `backticks`. */
static void add_words(GHashTable *words, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "`", -1);

    for (gsize i = 0; parts[i] != NULL; i++)
        if (i % 2 == 1)
            g_hash_table_add(words, g_strdup(parts[i]));
}

/* What the table under a heading has in its first column. */
static GHashTable *fields_of(char **bodies, const char *heading)
{
    GHashTable *fields = new_set();

    for (gsize i = 1; bodies[i] != NULL; i++) {
        g_auto(GStrv) lines = g_strsplit(bodies[i], "\n", -1);

        for (gsize j = 1; g_str_equal(lines[0], heading) && lines[j] != NULL; j++) {
            g_auto(GStrv) columns = g_strsplit(lines[j], "|", 3);

            if (g_strv_length(columns) == 3)
                add_words(fields, columns[1]);
        }
    }
    g_assert_cmpuint(g_hash_table_size(fields), >, 0);
    return fields;
}

static void collect_keys(const json_t *json, GHashTable *keys)
{
    void *at = json_is_object(json) ? json_object_iter((json_t *)json) : NULL;

    for (; at != NULL; at = json_object_iter_next((json_t *)json, at)) {
        const char *key = json_object_iter_key(at);

        g_hash_table_add(keys, g_strdup(key));
        if (!g_str_equal(key, "configuration"))
            collect_keys(json_object_iter_value(at), keys);
    }
    for (gsize i = 0; json_is_array(json) && i < json_array_size(json); i++)
        collect_keys(json_array_get(json, i), keys);
}

/* Answers a word of `some` that is not in `all`, or NULL. */
static const char *missing(GHashTable *some, GHashTable *all)
{
    GHashTableIter iter;
    void *word;

    g_hash_table_iter_init(&iter, some);
    while (g_hash_table_iter_next(&iter, &word, NULL))
        if (!g_hash_table_contains(all, word))
            return word;
    return NULL;
}

/* Every key is told, and every field that is told is a key. */
static void compare(const json_t *json, const char *heading)
{
    g_auto(GStrv) bodies = read_bodies();
    g_autoptr(GHashTable) fields = fields_of(bodies, heading);
    g_autoptr(GHashTable) told = new_set(), keys = new_set();

    for (gsize i = 0; bodies[i] != NULL; i++)
        add_words(told, bodies[i]);
    collect_keys(json, keys);
    g_assert_cmpstr(missing(keys, told), ==, NULL);
    g_assert_cmpstr(missing(fields, keys), ==, NULL);
}

static json_t *parse(GBytes *bytes)
{
    json_t *json = json_loadb(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 0, NULL);

    g_assert_nonnull(json);
    g_bytes_unref(bytes);
    return json;
}

static VdLocal *local_with_a_camera(VdCommands *commands)
{
    VdLocal *local = vd_local_new(commands);
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    g_autoptr(VdConfig) config = vd_config_parse(one_camera, strlen(one_camera), "test", errors);

    g_assert_nonnull(config);
    vd_local_configure(local, config);
    return local;
}

/* Once there is a box in it. */
static json_t *live_camera(VdApi *api)
{
    for (;;) {
        json_t *json = parse(api->camera(api->self, "front"));
        const json_t *motion = json_object_get(json, "motion");

        if (json_array_size(json_object_get(motion, "boxes")) > 0)
            return json;
        json_decref(json);
        g_main_context_iteration(NULL, TRUE);
    }
}

static void the_body_of_a_live_camera_is_as_it_is_told(void)
{
    g_autoptr(VdCommands) commands = vd_commands_new();
    VdLocal *local = local_with_a_camera(commands);
    VdApi *api = vd_local_api(local);
    VdViewer *viewer = api->watch(api->self, "front", &as_configured, "test", NULL);
    json_t *json = live_camera(api);

    compare(json, "`/api/v1/cameras/{id}`");
    json_decref(json);
    api->unwatch(viewer);
    vd_local_free(local);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
}

static void the_body_of_the_sums_is_as_it_is_told(void)
{
    g_autoptr(VdCommands) commands = vd_commands_new();
    VdLocal *local = local_with_a_camera(commands);
    VdApi *api = vd_local_api(local);
    json_t *json = parse(api->stats(api->self));

    compare(json, "`/api/v1/stats`");
    json_decref(json);
    vd_local_free(local);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/docs/" #name, name)
    ADD(the_body_of_a_live_camera_is_as_it_is_told);
    ADD(the_body_of_the_sums_is_as_it_is_told);
    return g_test_run();
}
