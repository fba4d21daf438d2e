#include "gpubench/context.h"

#include <gst/cuda/gstcudacontext.h>
#include <gst/cuda/gstcudaloader.h>
#include <gst/cuda/gstcudautils.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstCudaContext, gst_object_unref)

bool vd_bench_context_driver(void)
{
    return gst_cuda_load_library();
}

GstContext *vd_bench_context_new(guint number)
{
    g_autoptr(GstCudaContext) cuda = gst_cuda_context_new(number);

    return cuda != NULL ? gst_context_new_cuda_context(cuda) : NULL;
}

bool vd_bench_context_enter(GstContext *context)
{
    g_autoptr(GstCudaContext) cuda = NULL;

    gst_structure_get(gst_context_get_structure(context), GST_CUDA_CONTEXT_TYPE,
                      GST_TYPE_CUDA_CONTEXT, &cuda, NULL);
    return gst_cuda_context_push(cuda);
}

void vd_bench_context_leave(void)
{
    gst_cuda_context_pop(NULL);
}

bool vd_bench_context_answer(GstContext *context, GstMessage *message)
{
    const char *type;

    if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_NEED_CONTEXT ||
        !gst_message_parse_context_type(message, &type) ||
        !g_str_equal(type, GST_CUDA_CONTEXT_TYPE))
        return false;
    gst_element_set_context(GST_ELEMENT(GST_MESSAGE_SRC(message)), context);
    return true;
}
