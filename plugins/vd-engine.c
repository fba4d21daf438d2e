#include "plugins/vd-engine.h"

#include <errno.h>
#include <gst/video/gstvideopool.h>

#ifdef HAVE_CUDA
#include <gst/cuda/gstcudautils.h>
#endif

#include "plugins/vd-messages.h"

bool vd_engine_is_cuda(const GstCaps *caps)
{
    return gst_caps_get_size(caps) > 0 &&
           gst_caps_features_contains(gst_caps_get_features(caps, 0), VD_CUDA_MEMORY);
}

/* --- making one ------------------------------------------------------------------------------ */

static VdEngine *engine_for(bool cuda, VdTally *tally)
{
#ifdef HAVE_CUDA
    if (cuda)
        return vd_engine_cuda_new(tally);
#else
    g_assert(!cuda); /* the caps of the elements do not have it */
#endif
    return vd_engine_cpu_new();
}

bool vd_engine_set_caps(VdEngine **engine, VdTally *tally, const GstCaps *caps)
{
    VdEngine *made = engine_for(vd_engine_is_cuda(caps), tally);

    if (*engine != NULL && (*engine)->ops == made->ops) {
        vd_engine_free(made);
        return false;
    }
    vd_engine_free(*engine);
    *engine = made;
    return true;
}

void vd_engine_free(VdEngine *engine)
{
    if (engine == NULL)
        return;
    vd_engine_drop_pool(engine);
    engine->ops->free(engine);
}

/* --- buffers --------------------------------------------------------------------------------- */

void vd_engine_drop_pool(VdEngine *engine)
{
    if (engine->pool != NULL)
        gst_buffer_pool_set_active(engine->pool, FALSE);
    gst_clear_object(&engine->pool);
}

static GstBufferPool *make_pool(VdEngine *engine, const GstVideoInfo *info)
{
    g_autoptr(GstCaps) caps = gst_video_info_to_caps(info);
    GstBufferPool *pool = engine->ops->pool(engine, caps);
    GstStructure *config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_set_params(config, caps, (guint)info->size, 0, 0);
    if (!gst_buffer_pool_set_config(pool, config) || !gst_buffer_pool_set_active(pool, TRUE))
        g_clear_pointer(&pool, gst_object_unref);
    return pool;
}

int vd_engine_acquire(VdEngine *engine, GstBuffer *like, const GstVideoInfo *info,
                      GstBuffer **buffer)
{
    int error = engine->ops->choose(engine, like);

    if (error != 0)
        return error;
    if (engine->pool != NULL && !gst_video_info_is_equal(&engine->pooled, info))
        vd_engine_drop_pool(engine);
    if (engine->pool == NULL) {
        engine->pool = make_pool(engine, info);
        engine->pooled = *info;
    }
    if (engine->pool == NULL ||
        gst_buffer_pool_acquire_buffer(engine->pool, buffer, NULL) != GST_FLOW_OK)
        return -ENOMEM;
    return 0;
}

/* --- errors ---------------------------------------------------------------------------------- */

static const char *name_of(int error)
{
    const char *name = NULL;

    if (error < 0)
        return g_strerror(-error);
#ifdef HAVE_CUDA
    if (CuGetErrorName((CUresult)error, &name) != CUDA_SUCCESS)
        name = NULL;
#endif
    return name != NULL ? name : "an unknown CUDA error";
}

void vd_engine_post_error(GstElement *element, const char *sentence, int error)
{
    if (error > 0 || error == -ENOMEM)
        GST_ELEMENT_ERROR(element, RESOURCE, FAILED, ("%s", sentence),
                          ("%s (%d)", name_of(error), error));
    else
        GST_ELEMENT_ERROR(element, LIBRARY, FAILED, ("%s", sentence), ("vdk: %s", name_of(error)));
}
