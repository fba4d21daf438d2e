#include "base/stages.h"

#include <stdlib.h>
#include <string.h>

struct VdStages {
    VdHistogram stages[VD_N_STAGES];
    gatomicrefcount refs;
};

VdStages *vd_stages_new(void)
{
    /* g_new0() knows nothing of cache lines; sizeof is a multiple of them. */
    VdStages *stages = aligned_alloc(_Alignof(VdStages), sizeof *stages);

    g_assert(stages != NULL);
    memset(stages, 0, sizeof *stages);
    g_atomic_ref_count_init(&stages->refs);
    return stages;
}

VdStages *vd_stages_ref(VdStages *stages)
{
    if (stages != NULL)
        g_atomic_ref_count_inc(&stages->refs);
    return stages;
}

void vd_stages_unref(VdStages *stages)
{
    if (stages != NULL && g_atomic_ref_count_dec(&stages->refs))
        free(stages);
}

const char *vd_stage_name(VdStage stage)
{
    static const char *const names[VD_N_STAGES] = {
        [VD_STAGE_RECEIVE] = "receive", [VD_STAGE_DECODE] = "decode",
        [VD_STAGE_ANALYSE] = "analyse", [VD_STAGE_DRAW] = "draw",
        [VD_STAGE_ENCODE] = "encode",   [VD_STAGE_QUEUE] = "queue",
        [VD_STAGE_SEND] = "send",       [VD_STAGE_TOTAL] = "total",
    };

    return names[stage];
}

void vd_stages_observe(VdStages *stages, VdStage stage, gint64 us)
{
    if (stages != NULL)
        vd_histogram_observe(&stages->stages[stage], us);
}

void vd_stages_read(const VdStages *stages, VdStage stage, VdHistogramReading *reading)
{
    vd_histogram_read(&stages->stages[stage], reading);
}
