#include "kernels/cpu.h"

static const VdkOps cpu_ops = {
    .name = "cpu",
    .motion = vdk_cpu_motion,
    .quality = vdk_cpu_quality,
    .scale = vdk_cpu_scale,
    .fill = vdk_cpu_fill,
    .pixelate = vdk_cpu_pixelate,
    .blend = vdk_cpu_blend,
};

const VdkOps *vdk_cpu(void)
{
    return &cpu_ops;
}
