#include "config/plan.h"

#include "config/json.h"
#include "config/value.h"

const char *vd_apply_name(VdApply apply)
{
    static const char *const names[] = {
        [VD_APPLY_NOTHING] = "nothing",   [VD_APPLY_LIVE] = "live",
        [VD_APPLY_ANALYSIS] = "analysis", [VD_APPLY_RECONNECT] = "reconnect",
        [VD_APPLY_RESTART] = "restart",
    };

    return names[apply];
}

static json_t *changed_json(const VdOption *option, const VdCameraConfig *old,
                            const VdCameraConfig *now)
{
    g_autofree char *member = vd_option_member(option);

    return json_pack("{s:s,s:o,s:o,s:s}", "option", member, "from", vd_option_json(option, old),
                     "to", vd_option_json(option, now), "applies", vd_apply_name(option->apply));
}

json_t *vd_plan_json(const VdCameraConfig *old, const VdCameraConfig *now)
{
    json_t *changed = json_array();
    guint count;
    const VdOption *options = vd_options(&count);

    if (old == NULL || now == NULL)
        return json_pack("{s:o,s:s}", "changed", changed, "applies",
                         old == now ? vd_apply_name(VD_APPLY_NOTHING)
                                    : (old == NULL ? "added" : "removed"));
    for (guint i = 0; i < count; i++)
        if (g_str_equal(options[i].group, "camera") && !vd_option_equal(&options[i], old, now))
            json_array_append_new(changed, changed_json(&options[i], old, now));
    return json_pack("{s:o,s:s}", "changed", changed, "applies",
                     vd_apply_name(vd_camera_config_compare(old, now)));
}
