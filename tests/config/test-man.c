#include "config/options.h"
#include "tests/documents.h"

#include <string.h>

/* Entry "name=default" -> its text up to the next entry. */
static GHashTable *entries_of(const char *page)
{
    static const char mark[] = "\n.It Va ";
    GHashTable *entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *text = man_page_text(page);
    g_auto(GStrv) parts = g_strsplit(text, mark, -1);

    for (gsize i = 1; parts[i] != NULL; i++) {
        gsize head = strcspn(parts[i], "\n");
        char *name = g_strndup(parts[i], head);

        g_assert_true(g_hash_table_insert(entries, name, g_strdup(parts[i] + head)));
    }
    return entries;
}

static void every_option_has_an_entry_with_its_default_and_range(void)
{
    g_autoptr(GHashTable) entries = entries_of("vedette.conf.5");
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        g_autofree char *head = g_strdup_printf("%s=%s", options[i].name, options[i].preset);
        const char *text = g_hash_table_lookup(entries, head);

        g_test_message("%s", head);
        g_assert_nonnull(text);
        if (options[i].type == VD_OPTION_INT) {
            g_autofree char *range = g_strdup_printf("%d to %d", options[i].min, options[i].max);
            g_assert_nonnull(strstr(text, range));
            g_assert_nonnull(strstr(text, options[i].unit));
        }
        for (gsize j = 0; options[i].values != NULL && options[i].values[j] != NULL; j++)
            g_assert_nonnull(strstr(text, options[i].values[j]));
    }
    g_assert_cmpuint(g_hash_table_size(entries), ==, count);
}

static void the_pages_are_rendered_without_warnings(void)
{
    static const char *const pages[] = {"vedettectl.1", "vedetted.8", "vedette.conf.5",
                                        "vedette-gpubench.1"};
    g_autofree char *man = g_find_program_in_path("man");

    if (man == NULL) {
        g_test_skip("no man");
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *path = document_path(pages[i]);
        const char *command[] = {man, "--warnings", "-E", "UTF-8", "-l", path, NULL};
        g_autofree char *out = NULL, *err = NULL;
        g_autoptr(GError) error = NULL;
        int status;

        g_spawn_sync(NULL, (char **)command, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status,
                     &error);
        g_assert_no_error(error);
        g_assert_true(g_spawn_check_wait_status(status, &error));
        g_assert_cmpstr(err, ==, "");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/man/every_option_has_an_entry_with_its_default_and_range",
                    every_option_has_an_entry_with_its_default_and_range);
    g_test_add_func("/man/the_pages_are_rendered_without_warnings",
                    the_pages_are_rendered_without_warnings);
    return g_test_run();
}
