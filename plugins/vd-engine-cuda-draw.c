#include "plugins/vd-engine-cuda.h"

#include <errno.h>

static int copy_plane(VdCudaEngine *self, const VdkPlane *from, const VdkPlane *to, int step)
{
    CUDA_MEMCPY2D plane = {
        .srcMemoryType = CU_MEMORYTYPE_DEVICE,
        .srcDevice = (CUdeviceptr)(guintptr)from->data,
        .srcPitch = (size_t)from->pitch,
        .dstMemoryType = CU_MEMORYTYPE_DEVICE,
        .dstDevice = (CUdeviceptr)(guintptr)to->data,
        .dstPitch = (size_t)to->pitch,
        .WidthInBytes = (size_t)from->width * (size_t)step,
        .Height = (size_t)from->height,
    };

    return (int)CuMemcpy2DAsync(&plane, self->stream);
}

int vd_cuda_copy(VdEngine *engine, const VdkImage *from, VdkImage *to)
{
    int error = copy_plane(vd_cuda_engine(engine), &from->luma, &to->luma, 1);

    for (int i = 0; i < vd_image_chroma_planes(from) && error == 0; i++)
        error = copy_plane(vd_cuda_engine(engine), &from->chroma[i], &to->chroma[i], from->step);
    return error;
}

int vd_cuda_scale(VdEngine *engine, const VdkImage *from, const VdkConversion *conversion,
                  VdkImage *to)
{
    return vdk_cuda_scale(vd_cuda_engine(engine)->cuda, vd_cuda_engine(engine)->stream, from,
                          conversion, to);
}

static int keep_spans(VdCudaEngine *self, const VdkSpan *spans, size_t n, VdkCudaSpans *kept)
{
    int error = vd_cuda_keep(&self->engine, spans, n * sizeof *spans);

    *kept = (VdkCudaSpans){
        .spans = error == 0 ? vd_cuda_kept(self, spans) : NULL,
        .n = (uint32_t)n,
        .bounds = vdk_cuda_bounds(spans, n),
    };
    return error;
}

int vd_cuda_fill(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n,
                 VdkColour colour)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    VdkCudaSpans kept;
    int error = keep_spans(self, spans, n, &kept);

    return error != 0 ? error : vdk_cuda_fill(self->cuda, self->stream, image, &kept, colour);
}

int vd_cuda_pixelate(VdEngine *engine, VdkImage *image, const VdkSpan *spans, size_t n, int block)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    VdkCudaSpans kept;
    int error = keep_spans(self, spans, n, &kept);

    if (error == 0)
        error = vd_cuda_reserve(self, &self->scratch,
                                vdk_cuda_pixelate_scratch_size(image, &kept, block));
    if (error != 0)
        return error;
    return vdk_cuda_pixelate(self->cuda, self->stream, image, &kept, block,
                             vd_cuda_pointer(self->scratch.address));
}

int vd_cuda_blend(VdEngine *engine, VdkImage *image, const VdkBlit *blits, size_t n)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    VdkBlit kept[VDK_MAX_BLITS];
    int error = n <= VDK_MAX_BLITS ? 0 : -EINVAL;

    for (size_t i = 0; i < n && error == 0; i++) {
        const VdkPlane *alpha = &blits[i].alpha;

        error = vd_cuda_keep(engine, alpha->data, (size_t)alpha->pitch * (size_t)alpha->height);
        kept[i] = blits[i];
        kept[i].alpha.data = vd_cuda_kept(self, alpha->data);
    }
    return error != 0 ? error : vdk_cuda_blend(self->cuda, self->stream, image, kept, n);
}

int vd_cuda_frames(VdEngine *engine, VdkImage *image, const VdkRectangle *frames, size_t n,
                   int thick, VdkColour colour)
{
    return vdk_cuda_frames(vd_cuda_engine(engine)->cuda, vd_cuda_engine(engine)->stream, image,
                           frames, n, thick, colour);
}
