#include "plugins/vd-engine-cuda.h"

#include <errno.h>

/* fresh: set when what was in it is gone. */
static int reserve(VdCudaEngine *self, size_t state, size_t scratch, bool *fresh)
{
    if (self->state.size != state || self->scratch.size < scratch) {
        vd_cuda_release(self, &self->state);
        *fresh = true;
    }
    int error = vd_cuda_reserve(self, &self->state, state);
    if (error == 0)
        error = vd_cuda_reserve(self, &self->scratch, scratch);
    return error;
}

static int reserve_motion(VdCudaEngine *self, size_t state, size_t scratch, bool *fresh)
{
    int error = reserve(self, state, scratch, fresh);

    if (error == 0 && self->report == NULL)
        error = (int)CuMemAllocHost((void **)&self->report, sizeof *self->report);
    return error;
}

int vd_cuda_motion(VdEngine *engine, const VdkImage *image, int factor, int64_t elapsed_us,
                   const VdkMotionSettings *settings, bool fresh, uint8_t *mask)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    int width = image->luma.width / factor, height = image->luma.height / factor;
    size_t state = vdk_motion_state_size(width, height), pixels = (size_t)width * (size_t)height;
    int error = reserve_motion(self, state, vdk_cuda_motion_scratch_size(width, height), &fresh);

    engine->report = self->report;
    if (error == 0 && fresh)
        error = vd_cuda_clear(self, &self->state);
    if (error == 0 && fresh)
        error = vd_cuda_clear(self, &self->scratch);
    if (error == 0 && mask != NULL)
        error = vd_cuda_reserve(self, &self->mask, pixels);
    if (error != 0)
        return error;
    VdkPlane plane = {vd_cuda_pointer(self->mask.address), width, height, width};
    error = vdk_cuda_motion(self->cuda, self->stream, image, factor, elapsed_us, settings,
                            vd_cuda_pointer(self->state.address),
                            vd_cuda_pointer(self->scratch.address), mask != NULL ? &plane : NULL,
                            self->report);
    return error != 0 || mask == NULL ? error
                                      : vd_cuda_download(self, mask, self->mask.address, pixels);
}

int vd_cuda_quality(VdEngine *engine, const VdkImage *image, int64_t elapsed_us, int black,
                    bool fresh, VdkQualityReport *report)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    int error = reserve(self, vdk_quality_state_size(), vdk_quality_scratch_size(), &fresh);

    if (error == 0 && fresh)
        error = vd_cuda_clear(self, &self->state);
    if (error != 0)
        return error;
    return vdk_cuda_quality(self->cuda, self->stream, image, elapsed_us, black,
                            vd_cuda_pointer(self->state.address),
                            vd_cuda_pointer(self->scratch.address), report);
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

int vd_cuda_save_quality(VdEngine *engine, void *to)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    size_t size = vdk_quality_state_size();

    return self->state.size == size ? vd_cuda_download(self, to, self->state.address, size)
                                    : -EINVAL;
}

int vd_cuda_restore_quality(VdEngine *engine, const void *from)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    size_t size = vdk_quality_state_size();
    bool fresh = true;
    int error = reserve(self, size, vdk_quality_scratch_size(), &fresh);

    return error != 0 ? error : vd_cuda_upload(self, self->state.address, from, size);
}
