#include "api/local.h"
#include "media/reaper.h"
#include "tests/api/answers.h"
#include "tests/documents.h"

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
    g_autofree char *text = document_text("http-api.md");
    g_auto(GStrv) chapters = g_strsplit(text, "\n## Bodies\n", 2);

    g_assert_cmpuint(g_strv_length(chapters), ==, 2);
    return g_strsplit(chapters[1], "\n### ", -1);
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

static VdEvents *new_events(void)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(VdConfig) defaults = vd_config_new(none);

    return vd_events_new(NULL, defaults);
}

static VdLocal *local_with_a_camera(VdCommands *commands, VdSettings *settings, VdEvents *events)
{
    VdLocal *local = vd_local_new(commands, settings, events);
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);

    settings->config = vd_config_parse(one_camera, strlen(one_camera), "test", errors);
    g_assert_nonnull(settings->config);
    vd_local_configure(local);
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
    g_autoptr(VdEvents) events = new_events();
    VdSettings settings = {0};
    VdLocal *local = local_with_a_camera(commands, &settings, events);
    VdApi *api = vd_local_api(local);
    VdViewer *viewer = api->watch(api->self, "front", &as_configured, "test", NULL);
    json_t *json = live_camera(api);

    compare(json, "`/api/v1/cameras/{id}`");
    json_decref(json);
    api->unwatch(viewer);
    vd_local_free(local);
    vd_settings_clear(&settings);
}

static void the_body_of_the_sums_is_as_it_is_told(void)
{
    g_autoptr(VdCommands) commands = vd_commands_new();
    g_autoptr(VdEvents) events = new_events();
    VdSettings settings = {0};
    VdLocal *local = local_with_a_camera(commands, &settings, events);
    VdApi *api = vd_local_api(local);
    json_t *json = parse(api->stats(api->self));

    compare(json, "`/api/v1/stats`");
    json_decref(json);
    vd_local_free(local);
    vd_settings_clear(&settings);
}

static void the_body_of_the_system_is_as_it_is_told(void)
{
    g_autoptr(VdCommands) commands = vd_commands_new();
    g_autoptr(VdEvents) events = new_events();
    VdSettings settings = {0};
    VdLocal *local = local_with_a_camera(commands, &settings, events);
    VdApi *api = vd_local_api(local);
    VdTicket *ticket = ask();

    api->system(api->self, ticket);
    g_autoptr(VdAnswer) answer = await_answer(ticket);
    json_t *json = parse(g_bytes_ref(answer->body));
    compare(json, "`/api/v1/system`");
    json_decref(json);
    vd_local_free(local);
    vd_settings_clear(&settings);
}

static void the_body_of_the_changes_is_as_it_is_told(void)
{
    static const char changes[] = "[camera front]\nstream-fps=5\n";
    g_autoptr(VdCommands) commands = vd_commands_new();
    g_autoptr(VdEvents) events = new_events();
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    VdSettings settings = {
        .base = vd_config_parse(one_camera, strlen(one_camera), "test", errors),
        .changes = vd_changes_parse(changes, strlen(changes), "changes.conf", errors),
        .kept = vd_changes_new(),
    };
    VdTicket *ticket = ask();

    settings.config = vd_config_with(settings.base, settings.changes, errors);
    g_assert_cmpuint(errors->len, ==, 0);
    VdLocal *local = vd_local_new(commands, &settings, events);
    VdApi *api = vd_local_api(local);
    api->changes(api->self, &(VdSight){0}, ticket);
    g_autoptr(VdAnswer) answer = await_answer(ticket);
    json_t *json = parse(g_bytes_ref(answer->body));
    compare(json, "`/api/v1/changes`");
    json_decref(json);
    vd_local_free(local);
    vd_settings_clear(&settings);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/docs/" #name, name)
    ADD(the_body_of_a_live_camera_is_as_it_is_told);
    ADD(the_body_of_the_sums_is_as_it_is_told);
    ADD(the_body_of_the_system_is_as_it_is_told);
    ADD(the_body_of_the_changes_is_as_it_is_told);
    int result = g_test_run();

    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
    return result;
}
