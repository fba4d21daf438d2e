#include "gpubench/lane.h"

#include <string.h>

#define ANALYSIS_WIDTH 480
#define SMALL_WIDTH    640
#define SMALL_HEIGHT   360
#define PERIOD_US      33333

static const VdkMotionSettings motion_settings = {16, 10, 16};
static const VdkJpegSettings jpeg_settings = {75, 2, 2};
static const VdkConversion hd = {true, VDK_BT709};
static const VdkColour colour = {200, 60, 170};

/* --- memory ---------------------------------------------------------------------------------- */

/* Zeroed. */
static bool pinned(const VdBenchGpu *gpu, void **memory, size_t bytes, GError **error)
{
    if (!vd_bench_ok(gpu, (int)gpu->host_alloc(memory, bytes), "page-locked memory", error))
        return false;
    memset(*memory, 0, bytes);
    return true;
}

static bool take(const VdBenchGpu *gpu, void **memory, size_t bytes, GError **error)
{
    *memory = vd_bench_memory(gpu, bytes, error);
    return *memory != NULL;
}

static bool take_motion(VdBenchLane *lane, GError **error)
{
    const VdBenchGpu *gpu = lane->scene->gpu;
    int width, height;

    vdk_motion_size(VD_BENCH_WIDTH, VD_BENCH_HEIGHT, ANALYSIS_WIDTH, &width, &height,
                    &lane->factor);
    return take(gpu, &lane->state, vdk_motion_state_size(width, height), error) &&
           take(gpu, &lane->scratch, vdk_cuda_motion_scratch_size(width, height), error) &&
           pinned(gpu, (void **)&lane->report, sizeof *lane->report, error);
}

static bool take_drawing(VdBenchLane *lane, GError **error)
{
    VdkImage image = vd_bench_scene_picture(lane->scene, 0);
    size_t cells = vdk_cuda_pixelate_scratch_size(&image, &lane->scene->quarter, VD_BENCH_BLOCK);

    return take(lane->scene->gpu, &lane->cells, cells, error) &&
           take(lane->scene->gpu, &lane->picture,
                vd_bench_image_bytes(VD_BENCH_WIDTH, VD_BENCH_HEIGHT), error);
}

static bool take_jpeg(VdBenchLane *lane, GError **error)
{
    const VdBenchGpu *gpu = lane->scene->gpu;
    VdkImage image = vd_bench_scene_picture(lane->scene, 0);

    lane->jpeg_room = (size_t)VD_BENCH_WIDTH * VD_BENCH_HEIGHT;
    size_t scratch = vdk_cuda_jpeg_scratch_size(&image, &jpeg_settings, lane->jpeg_room);
    return take(gpu, &lane->jpeg_scratch, scratch, error) &&
           take(gpu, &lane->jpeg, lane->jpeg_room, error) &&
           pinned(gpu, (void **)&lane->jpeg_report, sizeof *lane->jpeg_report, error) &&
           pinned(gpu, (void **)&lane->jpeg_here, lane->jpeg_room, error);
}

bool vd_bench_lane_init(VdBenchLane *lane, const VdBenchScene *scene, guint first_picture,
                        guint parts, GError **error)
{
    const CudaFunctions *cu = scene->gpu->cu;

    *lane = (VdBenchLane){.scene = scene, .next = first_picture};
    int result = (int)cu->cuStreamCreate(&lane->stream, CU_STREAM_NON_BLOCKING);
    if (result == 0)
        result = (int)cu->cuEventCreate(&lane->done, CU_EVENT_DISABLE_TIMING);
    if (!vd_bench_ok(scene->gpu, result, "a stream of the GPU", error))
        return false;
    return (!(parts & VD_BENCH_MOTION) || take_motion(lane, error)) &&
           (!(parts & VD_BENCH_DRAWING) || take_drawing(lane, error)) &&
           (!(parts & VD_BENCH_JPEG) || take_jpeg(lane, error));
}

void vd_bench_lane_clear(VdBenchLane *lane)
{
    if (lane->scene == NULL)
        return;
    const VdBenchGpu *gpu = lane->scene->gpu;
    void *const on_gpu[] = {lane->state,   lane->scratch,      lane->cells,
                            lane->picture, lane->jpeg_scratch, lane->jpeg};
    void *const here[] = {lane->report, lane->jpeg_report, lane->jpeg_here};

    if (lane->stream != NULL)
        gpu->cu->cuStreamSynchronize(lane->stream);
    for (gsize i = 0; i < G_N_ELEMENTS(on_gpu); i++)
        vd_bench_free(gpu, on_gpu[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(here); i++)
        if (here[i] != NULL)
            gpu->host_free(here[i]);
    if (lane->done != NULL)
        gpu->cu->cuEventDestroy(lane->done);
    if (lane->stream != NULL)
        gpu->cu->cuStreamDestroy(lane->stream);
    *lane = (VdBenchLane){0};
}

VdBenchLane *vd_bench_lanes_new(const VdBenchScene *scene, guint n, guint parts, GError **error)
{
    VdBenchLane *lanes = g_new0(VdBenchLane, n);

    for (guint i = 0; i < n; i++)
        if (!vd_bench_lane_init(&lanes[i], scene, scene->n_pictures * i / n, parts, error)) {
            vd_bench_lanes_free(lanes, n);
            return NULL;
        }
    return lanes;
}

void vd_bench_lanes_free(VdBenchLane *lanes, guint n)
{
    for (guint i = 0; lanes != NULL && i < n; i++)
        vd_bench_lane_clear(&lanes[i]);
    g_free(lanes);
}

/* --- operators ------------------------------------------------------------------------------- */

static VdkImage next_picture(VdBenchLane *lane)
{
    return vd_bench_scene_picture(lane->scene, lane->next++);
}

static VdkCuda *vdk(const VdBenchLane *lane)
{
    return lane->scene->gpu->vdk;
}

int vd_bench_lane_motion(VdBenchLane *lane)
{
    VdkImage image = next_picture(lane);

    return vdk_cuda_motion(vdk(lane), lane->stream, &image, lane->factor, PERIOD_US,
                           &motion_settings, lane->state, lane->scratch, NULL, lane->report);
}

int vd_bench_lane_scale(VdBenchLane *lane)
{
    VdkImage from = next_picture(lane);
    VdkImage to = vd_bench_image(lane->picture, SMALL_WIDTH, SMALL_HEIGHT, 1);

    return vdk_cuda_scale(vdk(lane), lane->stream, &from, &hd, &to);
}

int vd_bench_lane_convert(VdBenchLane *lane)
{
    VdkImage from = next_picture(lane);
    VdkImage to = vd_bench_image(lane->picture, VD_BENCH_WIDTH, VD_BENCH_HEIGHT, 1);

    return vdk_cuda_scale(vdk(lane), lane->stream, &from, &hd, &to);
}

int vd_bench_lane_fill(VdBenchLane *lane)
{
    VdkImage image = next_picture(lane);

    return vdk_cuda_fill(vdk(lane), lane->stream, &image, &lane->scene->quarter, colour);
}

int vd_bench_lane_pixelate(VdBenchLane *lane)
{
    VdkImage image = next_picture(lane);

    return vdk_cuda_pixelate(vdk(lane), lane->stream, &image, &lane->scene->quarter, VD_BENCH_BLOCK,
                             lane->cells);
}

int vd_bench_lane_frames(VdBenchLane *lane)
{
    VdkImage image = next_picture(lane);

    return vdk_cuda_frames(vdk(lane), lane->stream, &image, lane->scene->boxes, VD_BENCH_FRAMES, 2,
                           colour);
}

int vd_bench_lane_blend(VdBenchLane *lane)
{
    VdkImage image = next_picture(lane);
    const VdkBlit blit = {lane->scene->text, 32, 32, colour};

    return vdk_cuda_blend(vdk(lane), lane->stream, &image, &blit, 1);
}

int vd_bench_lane_jpeg(VdBenchLane *lane)
{
    VdkImage image = next_picture(lane);

    return vdk_cuda_jpeg(vdk(lane), lane->stream, &image, &jpeg_settings, lane->jpeg_scratch,
                         lane->jpeg, lane->jpeg_room, lane->jpeg_report);
}

int vd_bench_lane_wait(VdBenchLane *lane)
{
    return (int)lane->scene->gpu->cu->cuStreamSynchronize(lane->stream);
}

int vd_bench_lane_whole_jpeg(VdBenchLane *lane)
{
    int result = vd_bench_lane_jpeg(lane);

    if (result == 0)
        result = vd_bench_lane_wait(lane);
    if (result == 0)
        result = vdk_cuda_jpeg_fetch(vdk(lane), lane->stream, lane->jpeg, lane->jpeg_report,
                                     lane->jpeg_here);
    return result == 0 ? vd_bench_lane_wait(lane) : result;
}
