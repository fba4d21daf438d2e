#include "kernels/device.h"

#include "kernels/draw-cuda.h"

/* A thread a sample that alpha reaches; blocks are as wide as a warp, so that rows are pieces. */
extern "C" __global__ void __launch_bounds__(VDK_DRAW_TILE_X *VDK_DRAW_TILE_Y)
    vdk_blend(VdkBlendJob job)
{
    const VdkLayer *layer = &job.layers[blockIdx.z];
    const int x = job.at.x0 / layer->sx + (int)(blockIdx.x * blockDim.x + threadIdx.x);
    const int y = job.at.y0 / layer->sy + (int)(blockIdx.y * blockDim.y + threadIdx.y);

    if (x <= (job.at.x1 - 1) / layer->sx && y <= (job.at.y1 - 1) / layer->sy)
        vdk_blend_sample(&job.layers[0], layer, &job.alpha, &job.at, x, y, job.values[blockIdx.z]);
}
VDK_KERNEL(vdk_blend)
