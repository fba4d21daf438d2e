#include <errno.h>

#include "kernels/cuda-driver.h"
#include "kernels/draw-cuda.h"

int vdk_cuda_scale(VdkCuda *cuda, VdkCudaStream stream, const VdkImage *from,
                   const VdkConversion *conversion, VdkImage *to)
{
    VdkScaleJob job = {0};

    job.n_layers = vdk_image_layers(to, job.to);
    if (!cuda || !vdk_image_ok(from) || job.n_layers < 0)
        return -EINVAL;
    if (conversion && conversion->matrix != VDK_BT601 && conversion->matrix != VDK_BT709)
        return -EINVAL;
    job.from = *from;
    job.convert = conversion && (conversion->limited || conversion->matrix != VDK_BT601);
    if (job.convert)
        job.matrix = vdk_matrix_q14(conversion);
    const VdkLayer *coarsest = &job.to[job.n_layers - 1];
    return vdk_cuda_launch(cuda, stream, VDK_KERNEL_SCALE,
                           vdk_tiles_for(coarsest->width, coarsest->height), &job);
}
