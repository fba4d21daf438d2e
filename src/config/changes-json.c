#include "config/changes-json.h"

#include "config/effective.h"
#include "config/json.h"
#include "config/value.h"

/* Of password and its file one change sets both: the other counts where it made a difference. */
static bool is_changed(const VdOption *option, GHashTable *changes, const VdCameraConfig *files,
                       const VdCameraConfig *now)
{
    return g_str_equal(option->group, "camera") &&
           now->origins[vd_option_index(option)].kind == VD_ORIGIN_API &&
           (g_hash_table_contains(changes, option->name) || !vd_option_equal(option, files, now));
}

static json_t *option_json(const VdOption *option, const VdCameraConfig *files,
                           const VdCameraConfig *now)
{
    g_autofree char *member = vd_option_member(option);

    return json_pack("{s:s,s:o,s:o,s:o}", "option", member, "value", vd_option_json(option, now),
                     "files", vd_option_json(option, files), "origin",
                     vd_option_origin_json(option, files));
}

/* now: (nullable) no camera is made of the changes */
static json_t *options_json(GHashTable *changes, const VdCameraConfig *files,
                            const VdCameraConfig *now)
{
    json_t *list = json_array();
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; now != NULL && i < count; i++)
        if (is_changed(&options[i], changes, files, now))
            json_array_append_new(list, option_json(&options[i], files, now));
    return list;
}

static const char *change_of(bool in_files, bool deleted, GHashTable *changes, bool there)
{
    if (deleted && g_hash_table_size(changes) == 1)
        return "removed";
    if (!there)
        return "unused";
    if (!in_files)
        return "added";
    return deleted ? "replaced" : "changed";
}

static bool options_equal(GHashTable *a, GHashTable *b)
{
    GHashTableIter iter;
    void *name, *text;

    if (a == NULL || b == NULL || g_hash_table_size(a) != g_hash_table_size(b))
        return a == b;
    g_hash_table_iter_init(&iter, a);
    while (g_hash_table_iter_next(&iter, &name, &text))
        if (g_strcmp0(g_hash_table_lookup(b, name), text) != 0)
            return false;
    return true;
}

static json_t *camera_json(const VdSettings *settings, const char *id)
{
    GHashTable *changes = vd_changes_find(settings->changes, id);
    bool deleted = vd_changes_deleted(settings->changes, id);
    bool in_files = vd_config_find(settings->base, id) != NULL;
    const VdCameraConfig *now = vd_config_find(settings->config, id);
    g_autoptr(VdCameraConfig) files = vd_camera_config_unchanged(settings->base, id, deleted);
    bool kept = options_equal(changes, vd_changes_find(settings->kept, id));

    return json_pack("{s:s,s:s,s:b,s:o}", "id", id, "change",
                     change_of(in_files, deleted, changes, now != NULL), "kept", kept, "options",
                     options_json(changes, files, now));
}

json_t *vd_changes_json(const VdSettings *settings)
{
    g_autoptr(GPtrArray) ids = vd_changes_ids(settings->changes);
    json_t *cameras = json_array();

    for (guint i = 0; i < ids->len; i++)
        json_array_append_new(cameras, camera_json(settings, ids->pdata[i]));
    return cameras;
}
