#include "base/event-kind.h"

static const char *const kind_names[VD_N_KINDS + 1] = {
    [VD_KIND_CAMERA_STATE] = "camera-state",
    [VD_KIND_MOTION_START] = "motion-start",
    [VD_KIND_MOTION_END] = "motion-end",
    [VD_KIND_LINE_CROSSED] = "line-crossed",
    [VD_KIND_LIGHT_CHANGED] = "light-changed",
    [VD_KIND_CONFIGURATION] = "configuration",
    [VD_KIND_VIEWER_LIMIT] = "viewer-limit",
    [VD_KIND_STORAGE] = "storage",
    [VD_KIND_TAMPERING_START] = "tampering-start",
    [VD_KIND_TAMPERING_END] = "tampering-end",
    [VD_KIND_GPU_FAULT] = "gpu-fault",
    [VD_KIND_TEST] = "test",
};

const char *vd_event_kind_name(VdEventKind kind)
{
    return kind_names[kind];
}

const char *const *vd_event_kind_names(void)
{
    return kind_names;
}

bool vd_event_kind_find(const char *name, VdEventKind *kind)
{
    for (int i = 0; i < VD_N_KINDS; i++)
        if (g_str_equal(kind_names[i], name)) {
            *kind = (VdEventKind)i;
            return true;
        }
    return false;
}

bool vd_event_kinds_read(const char *text, guint *kinds)
{
    g_auto(GStrv) names = g_strsplit(text, ",", -1);
    guint read = 0;

    for (guint i = 0; names[i] != NULL; i++) {
        VdEventKind kind;

        if (!vd_event_kind_find(g_strstrip(names[i]), &kind))
            return false;
        read |= 1u << kind;
    }
    *kinds = read;
    return true;
}
