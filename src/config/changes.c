#include "config/changes.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/reader.h"
#include "config/checks.h"

#include <string.h>

#define CAMERA "camera "

struct VdChanges {
    gatomicrefcount refs;
    GHashTable *cameras; /* id -> GHashTable of option -> text, counted */
};

static const char head[] = "# What the API changed beside the files in /etc. vedetted writes it "
                           "anew at each change.\n";

/* --- the object ------------------------------------------------------------------------------- */

VdChanges *vd_changes_new(void)
{
    VdChanges *changes = g_new0(VdChanges, 1);

    g_atomic_ref_count_init(&changes->refs);
    changes->cameras =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
    return changes;
}

VdChanges *vd_changes_ref(VdChanges *changes)
{
    g_atomic_ref_count_inc(&changes->refs);
    return changes;
}

void vd_changes_unref(VdChanges *changes)
{
    if (changes == NULL || !g_atomic_ref_count_dec(&changes->refs))
        return;
    g_hash_table_unref(changes->cameras);
    g_free(changes);
}

GHashTable *vd_changes_options_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

GHashTable *vd_changes_options_copy(GHashTable *options)
{
    GHashTable *copy = vd_changes_options_new();
    GHashTableIter iter;
    void *name, *text;

    if (options == NULL)
        return copy;
    g_hash_table_iter_init(&iter, options);
    while (g_hash_table_iter_next(&iter, &name, &text))
        g_hash_table_insert(copy, g_strdup(name), g_strdup(text));
    return copy;
}

GHashTable *vd_changes_find(const VdChanges *changes, const char *id)
{
    return g_hash_table_lookup(changes->cameras, id);
}

bool vd_changes_deleted(const VdChanges *changes, const char *id)
{
    GHashTable *options = vd_changes_find(changes, id);

    return options != NULL && g_hash_table_contains(options, VD_CHANGES_DELETED);
}

static int by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *sorted_keys(GHashTable *table)
{
    GPtrArray *keys = g_ptr_array_new();
    GHashTableIter iter;
    void *key;

    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_ptr_array_add(keys, key);
    g_ptr_array_sort(keys, by_text);
    return keys;
}

GPtrArray *vd_changes_ids(const VdChanges *changes)
{
    return sorted_keys(changes->cameras);
}

VdChanges *vd_changes_set(const VdChanges *changes, const char *id, GHashTable *options)
{
    VdChanges *made = vd_changes_new();
    GHashTableIter iter;
    void *key, *value;

    g_hash_table_iter_init(&iter, changes->cameras);
    while (g_hash_table_iter_next(&iter, &key, &value))
        g_hash_table_insert(made->cameras, g_strdup(key), g_hash_table_ref(value));
    if (options != NULL && g_hash_table_size(options) > 0)
        g_hash_table_insert(made->cameras, g_strdup(id), g_hash_table_ref(options));
    else
        g_hash_table_remove(made->cameras, id);
    return made;
}

/* --- from a text ------------------------------------------------------------------------------ */

typedef struct Parser {
    GHashTable *cameras;
    GHashTable *current; /* (nullable) options of the group */
    const char *name;
    GPtrArray *errors;
} Parser;

static void refuse(Parser *parser, guint line, const char *message)
{
    VdConfigError *error = g_new0(VdConfigError, 1);

    error->file = g_strdup(parser->name);
    error->line = line;
    error->message = g_strdup(message);
    g_ptr_array_add(parser->errors, error);
}

static void on_error(const char *message, guint line, void *data)
{
    Parser *parser = data;

    if (parser->errors->len < VD_MAX_CONFIG_ERRORS)
        refuse(parser, line, message);
}

static void on_group(const char *name, guint line, void *data)
{
    Parser *parser = data;
    const char *id = name + strlen(CAMERA);

    parser->current = NULL;
    if (!g_str_has_prefix(name, CAMERA) || !vd_check_id(id, NULL)) {
        on_error("the only groups here are [camera ID]", line, parser);
    } else if (g_hash_table_contains(parser->cameras, id)) {
        on_error("the camera stands here twice", line, parser);
    } else {
        parser->current = vd_changes_options_new();
        g_hash_table_insert(parser->cameras, g_strdup(id), parser->current);
    }
}

static void on_entry(const char *key, const char *value, guint line, void *data)
{
    Parser *parser = data;

    if (parser->current == NULL)
        on_error("stands in no [camera ID]", line, parser);
    else if (g_str_equal(key, VD_CHANGES_DELETED) && !g_str_equal(value, "true"))
        on_error("only " VD_CHANGES_DELETED "=true is allowed", line, parser);
    else if (!g_hash_table_insert(parser->current, g_strdup(key), g_strdup(value)))
        on_error("the option stands here twice", line, parser);
}

VdChanges *vd_changes_parse(const char *text, gsize length, const char *name, GPtrArray *errors)
{
    static const VdReaderEvents events = {on_group, on_entry, on_error};
    g_autoptr(VdChanges) changes = vd_changes_new();
    guint before = errors->len;
    Parser parser = {.cameras = changes->cameras, .name = name, .errors = errors};
    g_autofree char *too_large = g_strdup_printf("too large: %d bytes are allowed", VD_MAX_CHANGES);

    if (length > VD_MAX_CHANGES)
        refuse(&parser, 0, too_large);
    else
        vd_reader_run(text, length, &events, &parser);
    return errors->len == before ? g_steal_pointer(&changes) : NULL;
}

/* --- to a text -------------------------------------------------------------------------------- */

/* What the reader undoes; blanks count at the ends only. */
static void append_escaped(GString *out, const char *value)
{
    static const char letters[] = "tnr\\", meant[] = "\t\n\r\\";

    for (const char *c = value; *c != '\0'; c++) {
        const char *special = strchr(meant, *c);

        if (special != NULL)
            g_string_append_printf(out, "\\%c", letters[special - meant]);
        else if (*c == ' ' && (c == value || c[1] == '\0'))
            g_string_append(out, "\\s");
        else
            g_string_append_c(out, *c);
    }
}

static void append_camera(GString *out, const char *id, GHashTable *options)
{
    g_autoptr(GPtrArray) names = sorted_keys(options);

    g_string_append_printf(out, "\n[" CAMERA "%s]\n", id);
    for (guint i = 0; i < names->len; i++) {
        g_string_append_printf(out, "%s=", (char *)names->pdata[i]);
        append_escaped(out, g_hash_table_lookup(options, names->pdata[i]));
        g_string_append_c(out, '\n');
    }
}

char *vd_changes_text(const VdChanges *changes, GError **error)
{
    g_autoptr(GPtrArray) ids = vd_changes_ids(changes);
    g_autoptr(GString) out = g_string_new(head);

    for (guint i = 0; i < ids->len && out->len <= VD_MAX_CHANGES; i++)
        append_camera(out, ids->pdata[i], vd_changes_find(changes, ids->pdata[i]));
    if (out->len <= VD_MAX_CHANGES)
        return g_string_free(g_steal_pointer(&out), FALSE);
    g_set_error(error, VD_ERROR, VD_ERROR_LIMIT,
                "the changes are more than may be kept: %d bytes are allowed; what is the same for "
                "many cameras belongs into [defaults]",
                VD_MAX_CHANGES);
    return NULL;
}
