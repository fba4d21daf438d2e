#include "api/change.h"

#include "base/error.h"
#include "config/etag.h"
#include "config/json.h"

#include <string.h>

/* --- whether it may be ------------------------------------------------------------------------ */

/* If-Match is "*" or marks in quotes, separated by commas; a weak one, W/"...", never matches. */
static bool mark_is_among(const char *if_match, const char *mark)
{
    g_auto(GStrv) marks = g_strsplit(if_match, ",", -1);
    g_autofree char *quoted = g_strdup_printf("\"%s\"", mark);

    for (gsize i = 0; marks[i] != NULL; i++) {
        const char *one = g_strstrip(marks[i]);

        if (g_str_equal(one, "*") || g_str_equal(one, quoted))
            return true;
    }
    return false;
}

static bool is_what_it_was(const VdOrder *order, const VdCameraConfig *camera, GError **error)
{
    if (order->if_match == NULL)
        return true;
    g_autofree char *mark = camera != NULL ? vd_camera_config_etag(camera) : NULL;
    if (mark != NULL && mark_is_among(order->if_match, mark))
        return true;
    g_set_error_literal(error, VD_ERROR, VD_ERROR_CHANGED,
                        "the configuration is not any more what If-Match says: read it again");
    return false;
}

/* --- what it comes to ------------------------------------------------------------------------- */

static VdEdit *edit_with(const VdOrder *order, const VdEditBase *on, GBytes *body,
                         GPtrArray *errors, GError **error)
{
    switch (order->verb) {
    case VD_VERB_CREATE:
        return vd_edit_create(on, body, errors, error);
    case VD_VERB_REPLACE:
        return vd_edit_replace(on, order->camera, body, errors, error);
    case VD_VERB_DELETE:
        return vd_edit_delete(on, order->camera, error);
    default:
        return vd_edit_patch(on, order->camera, body, errors, error);
    }
}

/* Switching on and off are changes of one option. */
static GBytes *body_of(const VdOrder *order)
{
    static const char on[] = "{\"enabled\":true}", off[] = "{\"enabled\":false}";

    if (order->verb == VD_VERB_ENABLE)
        return g_bytes_new_static(on, strlen(on));
    if (order->verb == VD_VERB_DISABLE)
        return g_bytes_new_static(off, strlen(off));
    return order->body != NULL ? g_bytes_ref(order->body) : NULL;
}

void vd_change_list_errors(const GPtrArray *errors, VdAnswer *answer)
{
    for (guint i = 0; i < errors->len; i++) {
        const VdConfigError *error = errors->pdata[i];

        vd_answer_add_detail(answer, error->option != NULL ? error->option : "", error->message);
    }
}

void vd_change_judge(VdChange *change, const VdOrder *order, const VdSettings *settings,
                     VdAnswer *answer)
{
    const VdEditBase on = {settings->base, settings->changes, settings->config};
    const VdCameraConfig *camera =
        order->camera != NULL ? vd_config_find(settings->config, order->camera) : NULL;
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    g_autoptr(GBytes) body = body_of(order);

    *change = (VdChange){0};
    if (!is_what_it_was(order, camera, &answer->error))
        return;
    change->edit = edit_with(order, &on, body, errors, &answer->error);
    vd_change_list_errors(errors, answer);
    if (change->edit == NULL)
        return;
    /* Of a camera all is kept that holds of it by then, also what was meant to be temporary. */
    const char *id = change->edit->id;
    change->kept = vd_changes_set(settings->kept, id, vd_changes_find(change->edit->changes, id));
}

void vd_change_take(VdChange *change, VdSettings *settings, bool kept)
{
    vd_changes_unref(settings->changes);
    settings->changes = vd_changes_ref(change->edit->changes);
    if (kept) {
        vd_changes_unref(settings->kept);
        settings->kept = vd_changes_ref(change->kept);
    }
    /* The files may have been read again meanwhile. */
    g_autoptr(GPtrArray) warnings =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    vd_config_free(settings->config);
    settings->config = vd_config_with(settings->base, settings->changes, warnings);
}

/* --- what is said of it ----------------------------------------------------------------------- */

void vd_change_tell(const VdChange *change, const VdOrder *order, bool kept, VdAnswer *answer)
{
    const VdEdit *edit = change->edit;
    json_t *plan = json_deep_copy(edit->plan);

    json_object_set_new(plan, "id", json_string(edit->id));
    json_object_set_new(plan, "done", json_boolean(!order->dry_run));
    json_object_set_new(plan, "kept", json_boolean(kept));
    answer->body = vd_json_bytes(plan);
    if (order->verb == VD_VERB_CREATE && !order->dry_run)
        answer->created = g_strdup(edit->id);
}

char *vd_change_text(const VdChange *change)
{
    const json_t *plan = change->edit->plan;
    GString *text = g_string_new(NULL);
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(plan, "changed"), i, one) g_string_append_printf(
        text, "%s%s", i > 0 ? ", " : "", json_string_value(json_object_get(one, "option")));
    const char *applies = json_string_value(json_object_get(plan, "applies"));
    g_string_append_printf(text, text->len > 0 ? " (%s)" : "%s", applies);
    return g_string_free(text, FALSE);
}

void vd_change_clear(VdChange *change)
{
    g_clear_pointer(&change->edit, vd_edit_free);
    g_clear_pointer(&change->kept, vd_changes_unref);
}
