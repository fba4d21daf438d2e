#include "config/edit.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/words.h"
#include "config/build.h"
#include "config/checks.h"
#include "config/effective.h"
#include "config/json.h"
#include "config/nearest.h"
#include "config/plan.h"
#include "config/value.h"

#include <string.h>

#define HIDDEN "***"

/* One document on its way to changes. */
typedef struct Editor {
    const VdEditBase *on;
    const VdCameraConfig *shown; /* what a member is compared with */
    GHashTable *before;          /* (nullable) the camera's changes up to now */
    GHashTable *after;
    GPtrArray *errors;
    guint errors_before;
    bool patches; /* of a member that is an object only what is named is another */
} Editor;

/* --- members ---------------------------------------------------------------------------------- */

static void refuse_member(Editor *editor, const char *member, const char *message)
{
    guint count = editor->errors->len - editor->errors_before;
    VdConfigError *error;

    if (count > VD_MAX_JSON_ERRORS)
        return;
    error = g_new0(VdConfigError, 1);
    error->option = g_strdup(member);
    error->message =
        g_strdup(count < VD_MAX_JSON_ERRORS ? message : "there is more: the rest is left out");
    g_ptr_array_add(editor->errors, error);
}

static void refuse_unknown(Editor *editor, const char *name)
{
    g_autofree char *nearest = vd_option_member_nearest(name);
    g_autofree char *shown = vd_shown(name);
    g_autofree char *message = g_strdup_printf(
        "%s is no option%s%s%s", shown, nearest != NULL ? "; did you mean " : "",
        nearest != NULL ? nearest : "; the schema has them all", nearest != NULL ? "?" : "");

    refuse_member(editor, vd_word_is_name(name) ? name : NULL, message);
}

/* Whether a text is what people are shown of the option already, with parts hidden or not. */
static bool is_shown(const Editor *editor, const VdOption *option, const json_t *value)
{
    g_autofree char *shown = vd_option_text(option, editor->shown);

    return (option->type == VD_OPTION_STRING || option->type == VD_OPTION_URI) &&
           g_strcmp0(json_string_value(value), shown) == 0;
}

/* A hidden part cannot be put in again, unless all is as it was. */
static bool check_hidden(const VdOption *option, const char *text, GError **error)
{
    if (option->secret && g_str_equal(text, HIDDEN)) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    HIDDEN " stands for a value that is set, and none is");
        return false;
    }
    if (option->type == VD_OPTION_URI && strstr(text, HIDDEN) != NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "write out what is hidden as " HIDDEN ": it is only known of the whole URI as "
                    "it is shown now");
        return false;
    }
    return true;
}

/* The normal form of a value that is new (transfer full), or NULL: it is what is shown already, or
 * it is wrong, with *error. */
static char *new_text(const Editor *editor, const VdOption *option, const json_t *value,
                      GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(VdCameraConfig) one = vd_camera_config_blank(NULL);
    g_autoptr(json_t) now = editor->patches ? vd_option_json(option, editor->shown) : NULL;
    g_autoptr(json_t) whole = vd_json_merged(now, value);

    if (is_shown(editor, option, value) ||
        (text = vd_option_text_of_json(option, whole, error)) == NULL ||
        !check_hidden(option, text, error) ||
        !vd_change_apply(editor->on->base, option, one, text, error) ||
        vd_option_equal(option, one, editor->shown))
        return NULL;
    return vd_option_plain(option, one);
}

/* What the API changed before stays changed, also where all else is replaced. */
static void keep(Editor *editor, const VdOption *option)
{
    const char *text =
        editor->before != NULL ? g_hash_table_lookup(editor->before, option->name) : NULL;

    if (text != NULL)
        g_hash_table_insert(editor->after, g_strdup(option->name), g_strdup(text));
}

static void take_member(Editor *editor, const char *name, const json_t *value, GHashTable *set)
{
    const VdOption *option = vd_option_of_member(name);
    g_autoptr(GError) error = NULL;

    if (option == NULL) {
        refuse_unknown(editor, name);
        return;
    }
    if (json_is_null(value)) {
        g_hash_table_remove(editor->after, option->name);
        return;
    }
    char *text = new_text(editor, option, value, &error);
    if (error != NULL)
        refuse_member(editor, name, error->message);
    else if (text == NULL)
        keep(editor, option);
    else
        g_hash_table_insert(set, g_strdup(option->name), text);
}

static void take_id(Editor *editor, const json_t *value)
{
    if (g_strcmp0(json_string_value(value), editor->shown->id) != 0)
        refuse_member(editor, "id", "a camera's id cannot be changed: it is in its addresses");
}

static bool is_filled(GHashTable *set, const char *name)
{
    const char *text = g_hash_table_lookup(set, name);

    return text != NULL && text[0] != '\0';
}

static void join_passwords(Editor *editor, GHashTable *set)
{
    bool password = g_hash_table_contains(set, "password");
    bool file = g_hash_table_contains(set, "password-file");

    if (is_filled(set, "password") && is_filled(set, "password-file"))
        refuse_member(editor, "password_file", "only one of password and password_file is allowed");
    if (password || file) {
        g_hash_table_remove(editor->after, "password");
        g_hash_table_remove(editor->after, "password-file");
    }
}

static void take_document(Editor *editor, json_t *document)
{
    g_autoptr(GHashTable) set = vd_changes_options_new();
    GHashTableIter iter;
    void *name, *text;

    for (void *at = json_object_iter(document); at != NULL;
         at = json_object_iter_next(document, at)) {
        if (g_str_equal(json_object_iter_key(at), "id"))
            take_id(editor, json_object_iter_value(at));
        else
            take_member(editor, json_object_iter_key(at), json_object_iter_value(at), set);
    }
    join_passwords(editor, set);
    g_hash_table_iter_init(&iter, set);
    while (g_hash_table_iter_next(&iter, &name, &text))
        g_hash_table_insert(editor->after, g_strdup(name), g_strdup(text));
}

/* --- what is to hold -------------------------------------------------------------------------- */

void vd_edit_free(VdEdit *edit)
{
    if (edit == NULL)
        return;
    g_free(edit->id);
    vd_changes_unref(edit->changes);
    vd_config_free(edit->config);
    json_decref(edit->plan);
    g_free(edit);
}

/* The configuration with one camera replaced, added or removed. now: (transfer none) (nullable) */
static VdConfig *with_camera(const VdConfig *config, const char *id, VdCameraConfig *now)
{
    VdConfig *made = vd_config_without_cameras(config);

    for (guint i = 0; i < config->cameras->len; i++) {
        VdCameraConfig *camera = config->cameras->pdata[i];

        if (!g_str_equal(camera->id, id))
            g_ptr_array_add(made->cameras, vd_camera_config_ref(camera));
    }
    if (now != NULL)
        g_ptr_array_add(made->cameras, vd_camera_config_ref(now));
    vd_config_finish(made);
    return made;
}

/* after: (transfer none) (nullable) the camera's changes */
static VdEdit *finish(const VdEditBase *on, const char *id, GHashTable *after, GError **error)
{
    g_autoptr(VdChanges) changes = vd_changes_set(on->changes, id, after);
    g_autoptr(VdCameraConfig) now =
        vd_camera_config_with(on->base, id, vd_changes_find(changes, id), NULL);
    g_autofree char *text = vd_changes_text(changes, error);

    if (text == NULL)
        return NULL;
    g_autoptr(VdEdit) edit = g_new0(VdEdit, 1);
    edit->id = g_strdup(id);
    edit->changes = g_steal_pointer(&changes);
    edit->config = with_camera(on->config, id, now);
    edit->plan = vd_plan_json(vd_config_find(on->config, id), now);
    if (edit->config->cameras->len > VD_MAX_CAMERAS) {
        g_set_error(error, VD_ERROR, VD_ERROR_LIMIT, "too many cameras: %d are allowed",
                    VD_MAX_CAMERAS);
        g_clear_pointer(&edit, vd_edit_free);
    }
    return g_steal_pointer(&edit);
}

static bool has_uri(const Editor *editor, const char *id, bool deleted)
{
    return g_hash_table_contains(editor->after, "uri") ||
           (!deleted && vd_config_find(editor->on->base, id) != NULL);
}

/* The editor's changes are those of the document; false with *error: it cannot be taken. */
static bool accept_document(Editor *editor, const char *id, json_t *document, GError **error)
{
    bool deleted = g_hash_table_contains(editor->after, VD_CHANGES_DELETED);

    take_document(editor, document);
    if (editor->errors->len == editor->errors_before && !has_uri(editor, id, deleted))
        refuse_member(editor, "uri",
                      "missing: every camera needs it, as in "
                      "\"rtsp://192.0.2.10/stream\"");
    if (editor->errors->len == editor->errors_before)
        return true;
    g_autofree char *members = vd_counted(editor->errors->len - editor->errors_before, "member");
    g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "%s of the document cannot be taken", members);
    return false;
}

/* Takes the document and makes of the editor's changes what is to hold. */
static VdEdit *apply_document(Editor *editor, const char *id, json_t *document, GError **error)
{
    return accept_document(editor, id, document, error)
               ? finish(editor->on, id, editor->after, error)
               : NULL;
}

static json_t *read_document(GBytes *json, GError **error)
{
    if (json == NULL) {
        g_set_error_literal(error, VD_ERROR, VD_ERROR_INVALID, "there is no body: a JSON object");
        return NULL;
    }
    gsize length;
    const char *text = g_bytes_get_data(json, &length);

    return vd_json_object(text != NULL ? text : "", length, error);
}

/* --- operations ------------------------------------------------------------------------------- */

/* Refuses an id that none can have. */
static void check_new_id(Editor *editor)
{
    const char *id = editor->shown->id;
    g_autoptr(GError) error = NULL;

    if (id == NULL)
        refuse_member(editor, "id", "missing: the camera's id is wanted, a text");
    else if (!vd_check_id(id, &error))
        refuse_member(editor, "id", error->message);
}

VdEdit *vd_edit_create(const VdEditBase *on, GBytes *json, GPtrArray *errors, GError **error)
{
    g_autoptr(json_t) document = read_document(json, error);
    const char *id = json_string_value(json_object_get(document, "id"));

    if (document == NULL)
        return NULL;
    if (id != NULL && vd_config_find(on->config, id) != NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_CONFLICT, "there is a camera '%s' already", id);
        return NULL;
    }
    g_autoptr(VdCameraConfig) shown = vd_camera_config_unchanged(on->base, id, true);
    g_autoptr(GHashTable) after = vd_changes_options_new();
    Editor editor = {on, shown, NULL, after, errors, errors->len, false};

    if (id != NULL && vd_config_find(on->base, id) != NULL)
        g_hash_table_insert(after, g_strdup(VD_CHANGES_DELETED), g_strdup("true"));
    check_new_id(&editor);
    return apply_document(&editor, id, document, error);
}

static VdEdit *refuse_missing(const char *id, GError **error)
{
    g_autofree char *shown = vd_shown(id);

    g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "there is no camera %s", shown);
    return NULL;
}

VdEdit *vd_edit_replace(const VdEditBase *on, const char *id, GBytes *json, GPtrArray *errors,
                        GError **error)
{
    const VdCameraConfig *now = vd_config_find(on->config, id);

    if (now == NULL && vd_config_find(on->base, id) == NULL)
        return refuse_missing(id, error);
    g_autoptr(json_t) document = read_document(json, error);
    if (document == NULL)
        return NULL;
    g_autoptr(VdCameraConfig) in_files = vd_camera_config_unchanged(on->base, id, false);
    g_autoptr(GHashTable) after = vd_changes_options_new();
    GHashTable *before = now != NULL ? vd_changes_find(on->changes, id) : NULL;
    Editor editor = {on, now != NULL ? now : in_files, before, after, errors, errors->len, false};

    if (now != NULL && vd_changes_deleted(on->changes, id))
        g_hash_table_insert(after, g_strdup(VD_CHANGES_DELETED), g_strdup("true"));
    return apply_document(&editor, id, document, error);
}

VdEdit *vd_edit_patch(const VdEditBase *on, const char *id, GBytes *json, GPtrArray *errors,
                      GError **error)
{
    const VdCameraConfig *now = vd_config_find(on->config, id);

    if (now == NULL)
        return refuse_missing(id, error);
    g_autoptr(json_t) document = read_document(json, error);
    if (document == NULL)
        return NULL;
    GHashTable *before = vd_changes_find(on->changes, id);
    g_autoptr(GHashTable) after = vd_changes_options_copy(before);
    Editor editor = {on, now, before, after, errors, errors->len, true};

    return apply_document(&editor, id, document, error);
}

VdEdit *vd_edit_delete(const VdEditBase *on, const char *id, GError **error)
{
    g_autoptr(GHashTable) after = vd_changes_options_new();

    if (vd_config_find(on->config, id) == NULL)
        return refuse_missing(id, error);
    if (vd_config_find(on->base, id) != NULL)
        g_hash_table_insert(after, g_strdup(VD_CHANGES_DELETED), g_strdup("true"));
    return finish(on, id, after, error);
}

/* What a new camera could not be called is wrong here, too. */
static void take_trial_id(Editor *editor, json_t *document)
{
    const json_t *value = json_object_get(document, "id");
    g_autoptr(GError) error = NULL;

    if (value != NULL && !json_is_string(value))
        refuse_member(editor, "id", "a camera's id is a text");
    else if (value != NULL && !vd_check_id(json_string_value(value), &error))
        refuse_member(editor, "id", error->message);
    json_object_del(document, "id");
}

VdCameraConfig *vd_edit_trial(const VdEditBase *on, const char *id, GBytes *json, GPtrArray *errors,
                              GError **error)
{
    g_autoptr(json_t) document = read_document(json, error);

    if (document == NULL)
        return NULL;
    g_autoptr(VdCameraConfig) shown = vd_camera_config_unchanged(on->base, id, true);
    g_autoptr(GHashTable) after = vd_changes_options_new();
    Editor editor = {on, shown, NULL, after, errors, errors->len, false};

    take_trial_id(&editor, document);
    return accept_document(&editor, id, document, error)
               ? vd_camera_config_with(on->base, id, after, NULL)
               : NULL;
}
