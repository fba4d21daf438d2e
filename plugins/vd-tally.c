#include "plugins/vd-tally.h"

#include "plugins/vd-messages.h"

#define CUDA_MEMORY "gst.cuda.memory" /* GstCudaMemory's type; where it is none, there is none */

struct VdTally {
    gatomicrefcount refs;
    gsize bytes; /* atomic */
};

/* A picture's memory, as long as it lives. */
typedef struct Counted {
    VdTally *tally;
    gsize bytes;
} Counted;

VdTally *vd_tally_new(void)
{
    VdTally *tally = g_new0(VdTally, 1);

    g_atomic_ref_count_init(&tally->refs);
    return tally;
}

VdTally *vd_tally_ref(VdTally *tally)
{
    g_atomic_ref_count_inc(&tally->refs);
    return tally;
}

void vd_tally_unref(VdTally *tally)
{
    if (g_atomic_ref_count_dec(&tally->refs))
        g_free(tally);
}

void vd_tally_add(VdTally *tally, gssize bytes)
{
    g_atomic_pointer_add(&tally->bytes, bytes);
}

static void discount(gpointer data)
{
    Counted *counted = data;

    vd_tally_add(counted->tally, -(gssize)counted->bytes);
    vd_tally_unref(counted->tally);
    g_free(counted);
}

static void add_memory(VdTally *tally, GstMemory *memory)
{
    GQuark quark = g_quark_from_static_string("vd-tally");
    Counted *counted;

    if (!gst_memory_is_type(memory, CUDA_MEMORY) ||
        gst_mini_object_get_qdata(GST_MINI_OBJECT_CAST(memory), quark) != NULL)
        return;
    counted = g_new(Counted, 1);
    counted->tally = vd_tally_ref(tally);
    gst_memory_get_sizes(memory, NULL, &counted->bytes);
    vd_tally_add(tally, (gssize)counted->bytes);
    gst_mini_object_set_qdata(GST_MINI_OBJECT_CAST(memory), quark, counted, discount);
}

void vd_tally_add_picture(VdTally *tally, GstBuffer *buffer)
{
    for (guint i = 0; i < gst_buffer_n_memory(buffer); i++)
        add_memory(tally, gst_buffer_peek_memory(buffer, i));
}

void vd_tally_install(GObjectClass *klass, guint id)
{
    g_object_class_install_property(
        klass, id,
        g_param_spec_uint64(VD_GPU_MEMORY, "GPU memory",
                            "Bytes that it holds on a GPU, with the pictures that it saw first", 0,
                            G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

void vd_tally_get(VdTally *tally, GValue *value)
{
    g_value_set_uint64(value, (gsize)g_atomic_pointer_get(&tally->bytes));
}
