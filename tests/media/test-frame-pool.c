#include "media/frame-pool.h"

#include <gst/video/video.h>
#include <string.h>

static GstBufferPool *proposed_pool(const char *text, GstAllocator **allocator)
{
    g_autoptr(GstCaps) caps = gst_caps_from_string(text);
    GstQuery *query = gst_query_new_allocation(caps, TRUE);
    GstBufferPool *pool = NULL;
    guint size;

    vd_frame_pool_propose(query);
    g_assert_true(gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, NULL));
    if (gst_query_get_n_allocation_pools(query) > 0) {
        gst_query_parse_nth_allocation_pool(query, 0, &pool, &size, NULL, NULL);
        gst_query_parse_nth_allocation_param(query, 0, allocator, NULL);
        GstStructure *config = gst_buffer_pool_get_config(pool);
        gst_buffer_pool_config_set_params(config, caps, size, 0, 0);
        gst_buffer_pool_config_set_allocator(config, *allocator, NULL);
        gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
        g_assert_true(gst_buffer_pool_set_config(pool, config));
        g_assert_true(gst_buffer_pool_set_active(pool, TRUE));
    }
    gst_query_unref(query);
    return pool;
}

static GstBuffer *acquire(GstBufferPool *pool)
{
    GstBuffer *buffer = NULL;

    g_assert_cmpint(gst_buffer_pool_acquire_buffer(pool, &buffer, NULL), ==, GST_FLOW_OK);
    return buffer;
}

static guint8 *bytes_of(GstBuffer *buffer)
{
    GstMapInfo map;

    g_assert_true(gst_buffer_map(buffer, &map, GST_MAP_READ));
    gst_buffer_unmap(buffer, &map);
    return map.data;
}

#define CAPS "video/x-raw,format=I420,width=64,height=48"

typedef struct Rig {
    GstBufferPool *pool;
    GstAllocator *allocator;
} Rig;

static void rig_init(Rig *rig)
{
    rig->pool = proposed_pool(CAPS, &rig->allocator);
    g_assert_nonnull(rig->pool);
}

static void rig_clear(Rig *rig)
{
    gst_buffer_pool_set_active(rig->pool, FALSE);
    gst_object_unref(rig->pool);
    gst_object_unref(rig->allocator);
}

static void only_raw_video_gets_a_pool(void)
{
    GstAllocator *allocator = NULL;

    g_assert_null(proposed_pool("image/jpeg,width=64,height=48", &allocator));
    g_assert_null(allocator);
}

/* As libav does: mapped for writing while the picture is handed on. */
static void a_picture_in_use_is_handed_on_without_a_copy(void)
{
    GstMapInfo map;
    Rig rig;

    rig_init(&rig);
    GstBuffer *buffer = acquire(rig.pool);
    g_assert_true(gst_buffer_map(buffer, &map, GST_MAP_READWRITE));
    memset(map.data, 77, map.size);
    GstBuffer *given = gst_buffer_copy(buffer);
    g_assert_true(bytes_of(given) == map.data);
    g_assert_nonnull(gst_buffer_get_video_meta(given));
    gst_buffer_unmap(buffer, &map);
    gst_buffer_unref(buffer);
    g_assert_cmpint(bytes_of(given)[100], ==, 77);
    gst_buffer_unref(given);
    rig_clear(&rig);
}

static void who_writes_into_what_was_handed_on_gets_a_copy(void)
{
    GstMapInfo map, other;
    Rig rig;

    rig_init(&rig);
    GstBuffer *buffer = acquire(rig.pool);
    g_assert_true(gst_buffer_map(buffer, &map, GST_MAP_READWRITE));
    memset(map.data, 77, map.size);
    GstBuffer *given = gst_buffer_copy(buffer);
    g_assert_true(gst_buffer_map(given, &other, GST_MAP_READWRITE));
    g_assert_true(other.data != map.data);
    g_assert_cmpuint(other.size, ==, map.size);
    g_assert_cmpint(memcmp(other.data, map.data, map.size), ==, 0);
    memset(other.data, 5, other.size);
    g_assert_cmpint(map.data[0], ==, 77);
    g_assert_cmpint(map.data[map.size - 1], ==, 77);
    gst_buffer_unmap(given, &other);
    gst_buffer_unmap(buffer, &map);
    gst_buffer_unref(given);
    gst_buffer_unref(buffer);
    rig_clear(&rig);
}

static void a_picture_that_is_looked_at_is_not_decoded_into(void)
{
    GstMapInfo map;
    Rig rig;

    rig_init(&rig);
    GstBuffer *buffer = acquire(rig.pool);
    g_assert_true(gst_buffer_map(buffer, &map, GST_MAP_READWRITE));
    GstBuffer *given = gst_buffer_copy(buffer);
    gst_buffer_unmap(buffer, &map);
    gst_buffer_unref(buffer);
    GstBuffer *next = acquire(rig.pool);
    g_assert_true(bytes_of(next) != map.data);
    gst_buffer_unref(given);
    GstBuffer *third = acquire(rig.pool);
    g_assert_true(bytes_of(third) == map.data); /* now it may be used again */
    gst_buffer_unref(next);
    gst_buffer_unref(third);
    rig_clear(&rig);
}

static void a_part_of_a_picture_can_be_shared(void)
{
    GstMapInfo map;
    Rig rig;

    rig_init(&rig);
    GstBuffer *buffer = acquire(rig.pool);
    gst_buffer_memset(buffer, 0, 1, 100);
    gst_buffer_memset(buffer, 100, 2, 100);
    GstBuffer *part = gst_buffer_copy_region(buffer, GST_BUFFER_COPY_MEMORY, 90, 20);
    GstBuffer *deep = gst_buffer_copy_deep(part);
    gst_buffer_memset(deep, 0, 3, 20);
    g_assert_true(gst_buffer_map(part, &map, GST_MAP_READ));
    g_assert_cmpuint(map.size, ==, 20);
    g_assert_cmpint(map.data[9], ==, 1);
    g_assert_cmpint(map.data[10], ==, 2);
    gst_buffer_unmap(part, &map);
    gst_buffer_unref(deep);
    gst_buffer_unref(part);
    gst_buffer_unref(buffer);
    rig_clear(&rig);
}

static void pictures_outlive_the_pool(void)
{
    Rig rig;

    rig_init(&rig);
    GstBuffer *buffer = acquire(rig.pool);
    GstBuffer *given = gst_buffer_copy(buffer);
    gst_buffer_unref(buffer);
    rig_clear(&rig);
    g_assert_cmpint(bytes_of(given)[0], ==, 0);
    gst_buffer_unref(given);
}

#define ADD(test) g_test_add_func("/frame-pool/" #test, test)

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    ADD(only_raw_video_gets_a_pool);
    ADD(a_picture_in_use_is_handed_on_without_a_copy);
    ADD(who_writes_into_what_was_handed_on_gets_a_copy);
    ADD(a_picture_that_is_looked_at_is_not_decoded_into);
    ADD(a_part_of_a_picture_can_be_shared);
    ADD(pictures_outlive_the_pool);
    return g_test_run();
}
