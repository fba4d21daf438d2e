#include "media/gpu-balance.h"

/* The greater load of the two GPUs when the stream has moved. */
static double load_after(const VdGpuBurden *from, const VdGpuBurden *to, double load)
{
    return MAX(from->load - load, to->load + load);
}

bool vd_gpu_balance(const VdGpuBurden *gpus, guint n_gpus, const VdGpuStay *stays, guint n_stays,
                    VdGpuMove *move)
{
    double before = 0, after = 0; /* of the best so far */

    for (guint i = 0; i < n_stays; i++) {
        const VdGpuBurden *from = &gpus[stays[i].gpu];
        for (guint to = 0; to < n_gpus; to++) {
            double now = load_after(from, &gpus[to], stays[i].load);
            if (!from->usable || !gpus[to].usable || to == stays[i].gpu ||
                (stays[i].may & 1u << to) == 0 || now >= from->load * (1 - VD_GPU_LEAST_GAIN))
                continue;
            if (from->load < before || (from->load == before && now >= after))
                continue;
            before = from->load;
            after = now;
            *move = (VdGpuMove){i, to};
        }
    }
    return before > 0;
}
