#include "tests/emu/open.h"

#include <dlfcn.h>

void emu_open(const char *kernels)
{
    g_autofree char *name = g_strdup_printf("%s.so", kernels);
    g_autofree char *code = g_test_build_filename(G_TEST_BUILT, "emu", ".libs", name, NULL);
    g_autofree char *driver =
        g_test_build_filename(G_TEST_BUILT, "emu", ".libs", "libcuda.so.1", NULL);

    g_setenv("VEDETTE_EMU_KERNELS", code, TRUE);
    /* It stays: who opens this soname from now on gets this one. */
    static void *opened;
    opened = dlopen(driver, RTLD_LAZY);
    if (opened == NULL)
        g_error("%s", dlerror());
}

bool emu_open_library(const char *soname)
{
    g_autofree char *library = g_test_build_filename(G_TEST_BUILT, "emu", ".libs", soname, NULL);

    if (!g_file_test(library, G_FILE_TEST_EXISTS))
        return false;
    static void *opened;
    opened = dlopen(library, RTLD_LAZY);
    if (opened == NULL)
        g_error("%s", dlerror());
    return true;
}
