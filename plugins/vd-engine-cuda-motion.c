#include "plugins/vd-engine-cuda.h"

#include <errno.h>

static int reserve_motion(VdCudaEngine *self, size_t state, size_t scratch, bool *fresh)
{
    if (self->state.size != state || self->scratch.size < scratch) {
        vd_cuda_release(&self->state);
        *fresh = true;
    }
    int error = vd_cuda_reserve(&self->state, state);
    if (error == 0)
        error = vd_cuda_reserve(&self->scratch, scratch);
    if (error == 0 && self->report == NULL)
        error = (int)CuMemAllocHost((void **)&self->report, sizeof *self->report);
    return error;
}

int vd_cuda_motion(VdEngine *engine, const VdkPlane *luma, int factor, int64_t elapsed_us,
                   const VdkMotionSettings *settings, bool fresh)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    int width = luma->width / factor, height = luma->height / factor;
    size_t state = vdk_motion_state_size(width, height);
    int error = reserve_motion(self, state, vdk_cuda_motion_scratch_size(width, height), &fresh);

    engine->report = self->report;
    if (error == 0 && fresh)
        error = vd_cuda_clear(self, &self->state);
    if (error == 0 && fresh)
        error = vd_cuda_clear(self, &self->scratch);
    if (error != 0)
        return error;
    return vdk_cuda_motion(self->cuda, self->stream, luma, factor, elapsed_us, settings,
                           vd_cuda_pointer(self->state.address),
                           vd_cuda_pointer(self->scratch.address), NULL, self->report);
}

int vd_cuda_save(VdEngine *engine, int width, int height, void *to)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    size_t size = vdk_motion_state_size(width, height);

    if (self->context == NULL || self->state.size != size)
        return -EINVAL;
    int error = (int)CuCtxPushCurrent(gst_cuda_context_get_handle(self->context));
    if (error != 0)
        return error;
    return engine->ops->end(engine, vd_cuda_download(self, to, self->state.address, size));
}

int vd_cuda_restore(VdEngine *engine, int width, int height, const void *from)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    size_t size = vdk_motion_state_size(width, height);
    bool fresh = true;
    int error = reserve_motion(self, size, vdk_cuda_motion_scratch_size(width, height), &fresh);

    if (error == 0)
        error = vd_cuda_clear(self, &self->scratch);
    return error != 0 ? error : vd_cuda_upload(self, self->state.address, from, size);
}
