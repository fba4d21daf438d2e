#include "plugins/vd-engine-cuda.h"

/* Loading them takes milliseconds and device memory: the elements of one context share them. */
typedef struct Kernels {
    VdkCuda *cuda;
    guint users;
} Kernels;

G_LOCK_DEFINE_STATIC(kernels);
static GHashTable *kernels; /* [kernels] (nullable) GstCudaContext -> Kernels, those in use */

/* [kernels] */
static int load_kernels(GstCudaContext *context, Kernels **loaded)
{
    VdkCuda *cuda = NULL;
    int error = vdk_cuda_new(&cuda);

    if (error != 0)
        return error;
    *loaded = g_new0(Kernels, 1);
    (*loaded)->cuda = cuda;
    if (kernels == NULL)
        kernels = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(kernels, context, *loaded);
    return 0;
}

int vd_cuda_kernels_take(GstCudaContext *context, VdkCuda **cuda)
{
    int error = 0;

    G_LOCK(kernels);
    Kernels *found = kernels != NULL ? g_hash_table_lookup(kernels, context) : NULL;
    if (found == NULL)
        error = load_kernels(context, &found);
    if (error == 0) {
        found->users++;
        *cuda = found->cuda;
    }
    G_UNLOCK(kernels);
    return error;
}

void vd_cuda_kernels_give_back(GstCudaContext *context)
{
    G_LOCK(kernels);
    Kernels *found = g_hash_table_lookup(kernels, context);
    if (--found->users == 0) {
        g_hash_table_remove(kernels, context);
        vdk_cuda_free(found->cuda);
        g_free(found);
    }
    G_UNLOCK(kernels);
}
