#include "config/tampers.h"

static const char *const names[VD_N_TAMPERS + 1] = {
    [VD_TAMPER_COVERED] = "covered",     [VD_TAMPER_BLINDED] = "blinded",
    [VD_TAMPER_DEFOCUSED] = "defocused", [VD_TAMPER_MOVED] = "moved",
    [VD_TAMPER_SHAKEN] = "shaken",       [VD_TAMPER_FROZEN] = "frozen",
    [VD_TAMPER_BLACK] = "black",         [VD_TAMPER_NOISY] = "noisy",
    [VD_TAMPER_IR_FLIP] = "ir-flip",
};

const char *vd_tamper_name(VdTamper tamper)
{
    return names[tamper];
}

static bool find(const char *name, guint *kinds)
{
    for (guint i = 0; i < VD_N_TAMPERS; i++)
        if (g_str_equal(names[i], name)) {
            *kinds |= 1u << i;
            return true;
        }
    return false;
}

bool vd_tampers_read(const char *text, guint *kinds)
{
    guint read = 0;

    if (g_str_equal(text, "all"))
        read = (1u << VD_N_TAMPERS) - 1;
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    bool whole = g_str_equal(text, "all") || g_str_equal(text, "off");
    for (guint i = 0; !whole && parts[i] != NULL; i++)
        if (!find(g_strstrip(parts[i]), &read))
            return false;
    if (!whole && read == 0)
        return false;
    *kinds = read;
    return true;
}

char *vd_tampers_list(void)
{
    return g_strjoinv(", ", (char **)names);
}

VdTamperWish vd_tampers_wish(const VdCameraConfig *camera)
{
    VdTamperWish wish = {0, camera->tampering_sensitivity};

    if (camera->tampering != NULL)
        vd_tampers_read(camera->tampering, &wish.kinds);
    return wish;
}
