#include "plugins/vd-engine-cuda.h"

#define SMALLEST_JPEG 4096

/* Mostly enough for a camera's picture; what one took that did not fit shows how much more is. */
static size_t first_room(const VdkImage *image)
{
    return SMALLEST_JPEG + (size_t)image->luma.width * (size_t)image->luma.height / 4;
}

static int reserve_jpeg(VdCudaEngine *self, const VdkImage *image, const VdkJpegSettings *settings,
                        size_t room)
{
    int error = vd_cuda_reserve(self, &self->jpeg, room);

    if (error == 0)
        error = vd_cuda_reserve(self, &self->scratch,
                                vdk_cuda_jpeg_scratch_size(image, settings, self->jpeg.size));
    if (error == 0 && self->jpeg_report == NULL)
        error = (int)CuMemAllocHost((void **)&self->jpeg_report, sizeof *self->jpeg_report);
    return error;
}

/* Scratch begins with zeros, for pictures of one shape. */
static int make_ready(VdCudaEngine *self, const VdkImage *image)
{
    const VdCudaJpegShape shape = {image->luma.width, image->luma.height, self->jpeg.size};

    if (shape.width == self->jpeg_shape.width && shape.height == self->jpeg_shape.height &&
        shape.room == self->jpeg_shape.room)
        return 0;
    self->jpeg_shape = shape;
    return vd_cuda_clear(self, &self->scratch);
}

static int try_jpeg(VdCudaEngine *self, const VdkImage *image, const VdkJpegSettings *settings,
                    size_t room)
{
    int error = reserve_jpeg(self, image, settings, room);

    if (error == 0)
        error = make_ready(self, image);
    if (error == 0)
        error = vdk_cuda_jpeg(
            self->cuda, self->stream, image, settings, vd_cuda_pointer(self->scratch.address),
            vd_cuda_pointer(self->jpeg.address), self->jpeg.size, self->jpeg_report);
    if (error == 0)
        error = (int)CuStreamSynchronize(self->stream);
    if (error != 0)
        self->jpeg_shape = (VdCudaJpegShape){0};
    return error;
}

int vd_cuda_jpeg(VdEngine *engine, const VdkImage *image, const VdkJpegSettings *settings,
                 size_t *length)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    int error = try_jpeg(self, image, settings, first_room(image));

    if (error == 0 && !self->jpeg_report->fits)
        error = try_jpeg(self, image, settings, (size_t)self->jpeg_report->length * 3 / 2);
    if (error == 0)
        *length = self->jpeg_report->length;
    return error;
}

int vd_cuda_fetch(VdEngine *engine, void *to)
{
    VdCudaEngine *self = vd_cuda_engine(engine);

    return vdk_cuda_jpeg_fetch(self->cuda, self->stream, vd_cuda_pointer(self->jpeg.address),
                               self->jpeg_report, to);
}
