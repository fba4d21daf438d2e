#include "config/gpu-wish.h"

#include "base/limits.h"

static const char *const words[] = {"auto", "require", "off"}; /* VdGpuMode */

bool vd_gpu_wish_parse(const char *text, VdGpuWish *wish)
{
    gint64 number;

    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_str_equal(text, words[i])) {
            *wish = (VdGpuWish){.mode = (VdGpuMode)i};
            return true;
        }
    }
    if (!g_ascii_string_to_signed(text, 10, 0, VD_MAX_GPUS - 1, &number, NULL))
        return false;
    *wish = (VdGpuWish){VD_GPU_NUMBER, (int)number};
    return true;
}

VdGpuWish vd_gpu_wish_of(const char *text)
{
    VdGpuWish wish = {.mode = VD_GPU_OFF};

    vd_gpu_wish_parse(text, &wish);
    return wish;
}

guint vd_gpu_wish_numbers(const VdGpuWish *wish)
{
    if (wish->mode == VD_GPU_OFF)
        return 0;
    return wish->mode == VD_GPU_NUMBER ? 1u << wish->number : G_MAXUINT;
}
