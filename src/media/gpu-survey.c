#include "media/gpu-survey.h"

#include "base/limits.h"
#include "media/gpu-device.h"
#include "media/gpu.h"

#define ASKED (1u << VD_N_CODECS)

static guint known[VD_MAX_GPUS]; /* atomic: ASKED, and 1 << VdCodec of each that it decodes */

/* 8-bit 4:2:0 of any size, which is what our operators take; 0: it says nothing. */
static guint ask(GstContext *context)
{
    const VdGpuDevice device = {.name = (char *)"the GPU", .context = context};
    guint answers = ASKED;

    for (guint i = 0; i < VD_N_CODECS; i++) {
        const VdGpuStream stream = {
            .codec = vd_codec_name((VdCodec)i), .depth = 8, .chroma = "4:2:0"};
        g_autofree char *why = NULL;
        VdGpuAnswer answer = vd_gpu_device_decodes(&device, &stream, &why);

        if (answer == VD_GPU_SAYS_NOTHING)
            return 0;
        if (answer == VD_GPU_DECODES)
            answers |= 1u << i;
    }
    return answers;
}

void vd_gpu_survey(void)
{
    guint count = MIN(vd_gpu_count(), VD_MAX_GPUS);

    for (guint i = 0; i < VD_MAX_GPUS; i++) {
        guint answers = __atomic_load_n(&known[i], __ATOMIC_RELAXED);
        g_autoptr(GstContext) context = i < count && answers == 0 ? vd_gpu_context(i) : NULL;

        if (context != NULL)
            __atomic_store_n(&known[i], ask(context), __ATOMIC_RELAXED);
        else if (i >= count && answers != 0)
            __atomic_store_n(&known[i], 0, __ATOMIC_RELAXED);
    }
}

bool vd_gpu_decodes(guint number, guint *codecs)
{
    guint answers = __atomic_load_n(&known[number], __ATOMIC_RELAXED);

    *codecs = answers & (ASKED - 1);
    return answers != 0;
}
