#pragma once

#include "kernels/quality-pixel.h"

/* What a call of VdkOps.quality amounts to, for either back end; 0 or -EINVAL. On the host. */
int vdk_quality_job(const VdkImage *image, int64_t elapsed_us, int black, void *state,
                    void *scratch, VdkQualityJob *job);
