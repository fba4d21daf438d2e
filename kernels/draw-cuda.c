#include "kernels/draw-cuda.h"

#include <errno.h>
#include <string.h>

#include "kernels/cuda-driver.h"
#include "kernels/span.h"

/* Launches of what draws: what each kernel does stands beside it. */

#define WARP          32
#define MOST_ARGUMENT 4096 /* bytes */

_Static_assert(sizeof(VdkBlendJob) <= MOST_ARGUMENT && sizeof(VdkFramesJob) <= MOST_ARGUMENT,
               "goes along with a launch");

static void take_colour(uint8_t values[3], VdkColour colour)
{
    values[0] = colour.y;
    values[1] = colour.u;
    values[2] = colour.v;
}

/* A warp for each of n things, in every layer. */
static VdkGrid warps_for(size_t n, int n_layers)
{
    return (VdkGrid){
        .blocks_x = vdk_blocks_for(n * WARP, VDK_DRAW_BLOCK),
        .blocks_y = (unsigned)n_layers,
        .blocks_z = 1,
        .threads_x = VDK_DRAW_BLOCK,
        .threads_y = 1,
    };
}

VdkRectangle vdk_cuda_bounds(const VdkSpan *spans, size_t n)
{
    int x0 = n > 0 ? spans[0].x0 : 0, x1 = x0;

    for (size_t i = 0; i < n; i++) {
        x0 = spans[i].x0 < x0 ? spans[i].x0 : x0;
        x1 = spans[i].x1 > x1 ? spans[i].x1 : x1;
    }
    if (n == 0)
        return (VdkRectangle){0};
    return (VdkRectangle){x0, spans[0].y, x1 - x0, spans[n - 1].y - spans[0].y + 1};
}

static bool spans_ok(const VdkCudaSpans *spans)
{
    return spans && (spans->n == 0 || spans->spans);
}

/* --- fill -------------------------------------------------------------------------------------*/

int vdk_cuda_fill(VdkCuda *cuda, VdkCudaStream stream, VdkImage *image, const VdkCudaSpans *spans,
                  VdkColour colour)
{
    VdkFillJob job = {0};
    int n_layers = vdk_image_layers(image, job.on.layers);

    if (!cuda || n_layers < 0 || !spans_ok(spans))
        return -EINVAL;
    if (spans->n == 0)
        return 0;
    job.on.spans = spans->spans;
    job.on.n = spans->n;
    take_colour(job.values, colour);
    return vdk_cuda_launch(cuda, stream, VDK_KERNEL_FILL, warps_for(job.on.n, n_layers), &job);
}

static bool frames_ok(const VdkRectangle *frames, size_t n)
{
    if (n > VDK_MAX_BOXES || (n > 0 && !frames))
        return false;
    for (size_t i = 0; i < n; i++)
        if (frames[i].width < 1 || frames[i].height < 1)
            return false;
    return true;
}

int vdk_cuda_frames(VdkCuda *cuda, VdkCudaStream stream, VdkImage *image,
                    const VdkRectangle *frames, size_t n, int thick, VdkColour colour)
{
    VdkFramesJob job = {.thick = thick};

    job.n_layers = vdk_image_layers(image, job.layers);
    if (!cuda || job.n_layers < 0 || !frames_ok(frames, n) || thick < 1)
        return -EINVAL;
    if (n == 0)
        return 0;
    memcpy(job.frames, frames, n * sizeof *frames);
    take_colour(job.values, colour);
    return vdk_cuda_launch(cuda, stream, VDK_KERNEL_FRAMES,
                           (VdkGrid){(unsigned)n, 1, 1, VDK_DRAW_BLOCK, 1}, &job);
}

/* --- pixelate ---------------------------------------------------------------------------------*/

/* The cells of the spans' bounds, as chroma sees them: its samples begin up to a few pixels left
 * of and above them. */
static void take_cells(VdkPixelateJob *job, int n_layers, const VdkRectangle *bounds)
{
    const VdkLayer *luma = &job->on.layers[0], *coarsest = &job->on.layers[n_layers - 1];
    int x0 = vdk_larger(bounds->x, 0), y0 = vdk_larger(bounds->y, 0);
    int x1 = vdk_smaller((int64_t)bounds->x + bounds->width, luma->width);
    int y1 = vdk_smaller((int64_t)bounds->y + bounds->height, luma->height);

    job->column = x0 / coarsest->sx * coarsest->sx / job->block;
    job->row = y0 / coarsest->sy * coarsest->sy / job->block;
    job->columns = x1 > x0 ? (x1 - 1) / job->block - job->column + 1 : 0;
    job->rows = y1 > y0 ? (y1 - 1) / job->block - job->row + 1 : 0;
}

/* Answers the number of layers; 0 when there is nothing to do. */
static int pixelate_job(const VdkImage *image, const VdkCudaSpans *spans, int block,
                        VdkPixelateJob *job)
{
    int n_layers = vdk_image_layers(image, job->on.layers);

    if (n_layers < 0 || !spans_ok(spans) || block < 1 || block > VDK_MAX_SIZE)
        return -EINVAL;
    job->on.spans = spans->spans;
    job->on.n = spans->n;
    job->block = block;
    take_cells(job, n_layers, &spans->bounds);
    return job->columns > 0 && job->rows > 0 ? n_layers : 0;
}

size_t vdk_cuda_pixelate_scratch_size(const VdkImage *image, const VdkCudaSpans *spans, int block)
{
    VdkPixelateJob job = {0};
    int n_layers = pixelate_job(image, spans, block, &job);

    return n_layers > 0 ? (size_t)n_layers * (size_t)job.columns * (size_t)job.rows : 0;
}

int vdk_cuda_pixelate(VdkCuda *cuda, VdkCudaStream stream, VdkImage *image,
                      const VdkCudaSpans *spans, int block, void *scratch)
{
    VdkPixelateJob job = {.means = scratch};
    int n_layers = pixelate_job(image, spans, block, &job);

    if (!cuda || n_layers < 0 || (n_layers > 0 && !scratch))
        return -EINVAL;
    if (n_layers == 0)
        return 0;
    size_t cells = (size_t)job.columns * (size_t)job.rows;
    int error =
        vdk_cuda_launch(cuda, stream, VDK_KERNEL_CELL_MEANS, warps_for(cells, n_layers), &job);
    if (error != 0)
        return error;
    return vdk_cuda_launch(cuda, stream, VDK_KERNEL_PIXELATE, warps_for(job.on.n, n_layers), &job);
}

/* --- blend ------------------------------------------------------------------------------------*/

static bool blits_ok(const VdkBlit *blits, size_t n)
{
    if (n > VDK_MAX_BLITS || (n > 0 && !blits))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!vdk_plane_ok(&blits[i].alpha, 1))
            return false;
    return true;
}

static void add_part(VdkBlendJob *job, const VdkBlit *blit)
{
    const VdkOverlap at = vdk_overlap(&job->layers[0], &blit->alpha, blit->x, blit->y);

    if (at.x0 >= at.x1 || at.y0 >= at.y1)
        return;
    VdkBlendPart *part = &job->parts[job->n++];
    part->alpha = blit->alpha;
    part->at = at;
    take_colour(part->values, blit->colour);
    job->x0 = vdk_smaller(job->x0, at.x0);
    job->y0 = vdk_smaller(job->y0, at.y0);
    job->x1 = vdk_larger(job->x1, at.x1);
    job->y1 = vdk_larger(job->y1, at.y1);
}

int vdk_cuda_blend(VdkCuda *cuda, VdkCudaStream stream, VdkImage *image, const VdkBlit *blits,
                   size_t n)
{
    VdkBlendJob job = {.x0 = VDK_MAX_SIZE, .y0 = VDK_MAX_SIZE};
    int n_layers = vdk_image_layers(image, job.layers);

    if (!cuda || n_layers < 0 || !blits_ok(blits, n))
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        add_part(&job, &blits[i]);
    if (job.n == 0)
        return 0;
    VdkGrid grid = vdk_tiles_for(job.x1 - job.x0, job.y1 - job.y0);
    grid.blocks_z = (unsigned)n_layers;
    return vdk_cuda_launch(cuda, stream, VDK_KERNEL_BLEND, grid, &job);
}
