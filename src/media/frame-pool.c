#include "media/frame-pool.h"

#include "base/lock.h"

#include <gst/video/gstvideopool.h>
#include <gst/video/video.h>
#include <string.h>

#define MEMORY_TYPE "vd-frame"
#define MAX_SPARE   2 /* blocks kept for the next picture; a decoder needs one at a time */

/* The bytes of one picture, however many memories look at them. */
typedef struct Block {
    gatomicrefcount refs;
    gsize size, align;
    guint8 *bytes;
} Block;

typedef struct Memory {
    GstMemory parent;
    Block *block;
} Memory;

typedef struct VdFrameAllocator {
    GstAllocator parent;
    VdLock lock;
    Block *spare[MAX_SPARE]; /* [lock] (nullable) */
} VdFrameAllocator;

typedef GstAllocatorClass VdFrameAllocatorClass;

typedef GstVideoBufferPool VdFramePool;
typedef GstVideoBufferPoolClass VdFramePoolClass;

GType vd_frame_allocator_get_type(void);
GType vd_frame_pool_get_type(void);

G_DEFINE_TYPE(VdFrameAllocator, vd_frame_allocator, GST_TYPE_ALLOCATOR)
G_DEFINE_TYPE(VdFramePool, vd_frame_pool, GST_TYPE_VIDEO_BUFFER_POOL)

/* Zeroes: what concealment leaves out must not show what the memory was used for before. */
static Block *block_new(gsize size, gsize align)
{
    Block *block = g_new(Block, 1);

    block->size = size;
    block->align = align;
    block->bytes = g_aligned_alloc0(1, size, align + 1);
    return block;
}

static void block_free(Block *block)
{
    if (block == NULL)
        return;
    g_aligned_free(block->bytes);
    g_free(block);
}

static Block *take_block(VdFrameAllocator *allocator, gsize size, gsize align)
{
    Block *found = NULL;

    vd_lock(&allocator->lock);
    for (guint i = 0; i < MAX_SPARE && found == NULL; i++) {
        Block *spare = allocator->spare[i];
        if (spare != NULL && spare->size == size && spare->align == align)
            found = g_steal_pointer(&allocator->spare[i]);
    }
    vd_unlock(&allocator->lock);
    if (found == NULL)
        found = block_new(size, align);
    g_atomic_ref_count_init(&found->refs);
    return found;
}

static void give_block(VdFrameAllocator *allocator, Block *block)
{
    if (!g_atomic_ref_count_dec(&block->refs))
        return;
    vd_lock(&allocator->lock);
    for (guint i = 0; i < MAX_SPARE && block != NULL; i++)
        if (allocator->spare[i] == NULL)
            allocator->spare[i] = g_steal_pointer(&block);
    vd_unlock(&allocator->lock);
    block_free(block);
}

/* Takes over a reference of the block. */
static GstMemory *memory_new(GstAllocator *allocator, Block *block, GstMemoryFlags flags,
                             gsize offset, gsize size)
{
    Memory *memory = g_new0(Memory, 1);

    gst_memory_init(&memory->parent, flags, allocator, NULL, block->size, block->align, offset,
                    size);
    memory->block = block;
    return &memory->parent;
}

static GstMemory *allocate(GstAllocator *allocator, gsize size, GstAllocationParams *params)
{
    gsize align = params->align | (gst_memory_alignment | 15);
    gsize all = size + params->prefix + params->padding;
    Block *block = take_block((VdFrameAllocator *)allocator, all, align);

    return memory_new(allocator, block, params->flags & ~(guint)GST_MEMORY_FLAG_READONLY,
                      params->prefix, size);
}

static void deallocate(GstAllocator *allocator, GstMemory *memory)
{
    give_block((VdFrameAllocator *)allocator, ((Memory *)memory)->block);
    g_free(memory);
}

static gpointer map(GstMemory *memory, gsize size, GstMapFlags flags)
{
    return ((Memory *)memory)->block->bytes;
}

static void unmap(GstMemory *memory)
{
}

static gsize size_from(const GstMemory *memory, gssize offset, gssize size)
{
    if (size >= 0)
        return (gsize)size;
    return (gssize)memory->size > offset ? (gsize)((gssize)memory->size - offset) : 0;
}

static GstMemory *view(GstMemory *memory, gssize offset, gssize size)
{
    Block *block = ((Memory *)memory)->block;

    g_atomic_ref_count_inc(&block->refs);
    return memory_new(memory->allocator, block, GST_MEMORY_FLAG_READONLY,
                      (gsize)((gssize)memory->offset + offset), size_from(memory, offset, size));
}

static GstMemory *copy(GstMemory *memory, gssize offset, gssize size)
{
    if (!GST_MEMORY_IS_READONLY(memory))
        return view(memory, offset, size);
    gsize length = size_from(memory, offset, size);
    GstAllocationParams params = {.align = memory->align};
    GstMemory *made = gst_allocator_alloc(NULL, length, &params);
    GstMapInfo target;
    if (made != NULL && gst_memory_map(made, &target, GST_MAP_WRITE)) {
        const guint8 *from = ((Memory *)memory)->block->bytes + memory->offset + offset;
        memcpy(target.data, from, length);
        gst_memory_unmap(made, &target);
    }
    return made;
}

static void vd_frame_allocator_finalize(GObject *object)
{
    VdFrameAllocator *allocator = (VdFrameAllocator *)object;

    for (guint i = 0; i < MAX_SPARE; i++)
        block_free(allocator->spare[i]);
    vd_lock_clear(&allocator->lock);
    G_OBJECT_CLASS(vd_frame_allocator_parent_class)->finalize(object);
}

static void vd_frame_allocator_class_init(VdFrameAllocatorClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = vd_frame_allocator_finalize;
    klass->alloc = allocate;
    klass->free = deallocate;
}

static void vd_frame_allocator_init(VdFrameAllocator *allocator)
{
    GstAllocator *parent = &allocator->parent;

    vd_lock_init(&allocator->lock);
    parent->mem_type = MEMORY_TYPE;
    parent->mem_map = map;
    parent->mem_unmap = unmap;
    parent->mem_copy = copy;
    parent->mem_share = view;
    GST_OBJECT_FLAG_SET(parent, GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
}

/*
 * A picture that somebody still looks at must not be decoded into: its buffer is thrown away, and
 * the next one gets another block.
 */
static void release_buffer(GstBufferPool *pool, GstBuffer *buffer)
{
    GstMemory *memory = gst_buffer_n_memory(buffer) > 0 ? gst_buffer_peek_memory(buffer, 0) : NULL;

    if (memory != NULL && gst_memory_is_type(memory, MEMORY_TYPE) &&
        !g_atomic_ref_count_compare(&((Memory *)memory)->block->refs, 1))
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_TAG_MEMORY);
    GST_BUFFER_POOL_CLASS(vd_frame_pool_parent_class)->release_buffer(pool, buffer);
}

static void vd_frame_pool_class_init(VdFramePoolClass *klass)
{
    GST_BUFFER_POOL_CLASS(klass)->release_buffer = release_buffer;
}

static void vd_frame_pool_init(VdFramePool *pool)
{
}

void vd_frame_pool_propose(GstQuery *query)
{
    GstAllocationParams params;
    GstCaps *caps;
    GstVideoInfo info;

    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL);
    gst_query_parse_allocation(query, &caps, NULL);
    if (caps == NULL || !gst_video_info_from_caps(&info, caps) ||
        GST_VIDEO_INFO_FORMAT(&info) == GST_VIDEO_FORMAT_ENCODED)
        return;
    g_autoptr(GstBufferPool) pool =
        gst_object_ref_sink(g_object_new(vd_frame_pool_get_type(), NULL));
    g_autoptr(GstAllocator) allocator =
        gst_object_ref_sink(g_object_new(vd_frame_allocator_get_type(), NULL));
    gst_allocation_params_init(&params);
    gst_query_add_allocation_param(query, allocator, &params);
    gst_query_add_allocation_pool(query, pool, (guint)info.size, 0, 0);
}

static bool is_in_system_memory(GstQuery *query)
{
    GstCaps *caps;

    gst_query_parse_allocation(query, &caps, NULL);
    return caps != NULL && gst_caps_features_is_equal(gst_caps_get_features(caps, 0),
                                                      GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY);
}

static GstPadProbeReturn answer_allocation(GstPad *pad, GstPadProbeInfo *info, void *data)
{
    GstQuery *query = GST_PAD_PROBE_INFO_QUERY(info);

    if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION || !is_in_system_memory(query))
        return GST_PAD_PROBE_OK;
    vd_frame_pool_propose(query);
    return GST_PAD_PROBE_HANDLED;
}

void vd_frame_pool_offer(GstElement *sink)
{
    g_autoptr(GstPad) pad = gst_element_get_static_pad(sink, "sink");

    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, answer_allocation, NULL, NULL);
}
