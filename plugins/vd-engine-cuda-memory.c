#include "plugins/vd-engine-cuda.h"

#include <errno.h>

#define SMALLEST_SHEET (64 * 1024)
#define ALIGNMENT      256

static void count(VdCudaEngine *self, gssize bytes)
{
    if (self->tally != NULL)
        vd_tally_add(self->tally, bytes);
}

void vd_cuda_release(VdCudaEngine *self, VdCudaBlock *block)
{
    if (block->address != 0)
        gst_cuda_result(CuMemFree(block->address));
    count(self, -(gssize)block->size);
    *block = (VdCudaBlock){0};
}

int vd_cuda_reserve(VdCudaEngine *self, VdCudaBlock *block, size_t size)
{
    if (block->size >= size)
        return 0;
    vd_cuda_release(self, block);
    if (size > G_MAXUINT)
        return -ENOMEM;
    CUresult result = CuMemAlloc(&block->address, (guint)size);
    if (result != CUDA_SUCCESS)
        *block = (VdCudaBlock){0};
    else
        block->size = size;
    count(self, (gssize)block->size);
    return (int)result;
}

int vd_cuda_clear(VdCudaEngine *self, const VdCudaBlock *block)
{
    return vdk_cuda_clear(self->cuda, self->stream, vd_cuda_pointer(block->address), block->size);
}

/* GStreamer's library has no linear copy: one row of a picture is one. */
static int copy_row(VdCudaEngine *self, CUDA_MEMCPY2D *row, size_t bytes)
{
    row->srcPitch = row->dstPitch = row->WidthInBytes = bytes;
    row->Height = 1;
    return (int)CuMemcpy2DAsync(row, self->stream);
}

int vd_cuda_upload(VdCudaEngine *self, CUdeviceptr to, const void *from, size_t bytes)
{
    CUDA_MEMCPY2D row = {
        .srcMemoryType = CU_MEMORYTYPE_HOST,
        .srcHost = from,
        .dstMemoryType = CU_MEMORYTYPE_DEVICE,
        .dstDevice = to,
    };

    return copy_row(self, &row, bytes);
}

int vd_cuda_download(VdCudaEngine *self, void *to, CUdeviceptr from, size_t bytes)
{
    CUDA_MEMCPY2D row = {
        .srcMemoryType = CU_MEMORYTYPE_DEVICE,
        .srcDevice = from,
        .dstMemoryType = CU_MEMORYTYPE_HOST,
        .dstHost = to,
    };

    return copy_row(self, &row, bytes);
}

/* --- what is handed over once ---------------------------------------------------------------- */

static int place(VdCudaEngine *self, size_t bytes, CUdeviceptr *address)
{
    size_t wanted = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    GArray *sheets = self->sheets;
    VdCudaBlock *last =
        sheets->len > 0 ? &g_array_index(sheets, VdCudaBlock, sheets->len - 1) : NULL;

    if (last == NULL || last->size - self->used < wanted) {
        VdCudaBlock sheet = {0};
        int error = vd_cuda_reserve(self, &sheet, MAX(wanted, SMALLEST_SHEET));

        if (error != 0)
            return error;
        g_array_append_val(sheets, sheet);
        last = &g_array_index(sheets, VdCudaBlock, sheets->len - 1);
        self->used = 0;
    }
    *address = last->address + self->used;
    self->used += wanted;
    return 0;
}

int vd_cuda_keep(VdEngine *engine, const void *data, size_t bytes)
{
    VdCudaEngine *self = vd_cuda_engine(engine);
    CUdeviceptr address;

    if (bytes == 0 || g_hash_table_contains(self->kept, data))
        return 0;
    int error = place(self, bytes, &address);
    if (error == 0)
        error = vd_cuda_upload(self, address, data, bytes);
    if (error == 0)
        g_hash_table_insert(self->kept, (gpointer)data, vd_cuda_pointer(address));
    return error;
}

void *vd_cuda_kept(VdCudaEngine *self, const void *data)
{
    return g_hash_table_lookup(self->kept, data);
}

void vd_cuda_forget(VdEngine *engine)
{
    VdCudaEngine *self = vd_cuda_engine(engine);

    g_hash_table_remove_all(self->kept);
    for (guint i = 0; i < self->sheets->len; i++)
        vd_cuda_release(self, &g_array_index(self->sheets, VdCudaBlock, i));
    g_array_set_size(self->sheets, 0);
    self->used = 0;
}
