/*
 * main() of the fuzz targets where libFuzzer's is not linked in (--enable-fuzz): replays every file
 * of tests/fuzz/corpus/NAME for the target fuzz-NAME, whole and cut off at up to CUTS places, and
 * answers as TAP. With arguments it replays these files instead.
 */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CUTS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
/* A target that has nothing to prepare leaves it out. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    return 0;
}

/* A copy of exactly this size, so that a sanitizer sees a read of one byte more. */
static void run_copy(const char *data, gsize size)
{
    g_autofree uint8_t *copy = g_memdup2(data, size);

    LLVMFuzzerTestOneInput(copy != NULL ? copy : (const uint8_t *)"", size);
}

static void replay(const char *file, guint number)
{
    g_autofree char *data = NULL;
    g_autofree char *name = g_path_get_basename(file);
    g_autoptr(GError) error = NULL;
    gsize size;

    printf("# %s\n", file); /* said first: after a crash it tells which one it was */
    fflush(stdout);
    if (!g_file_get_contents(file, &data, &size, &error)) {
        printf("not ok %u - %s: %s\n", number, name, error->message);
        return;
    }
    for (gsize cut = 0; cut < CUTS; cut++)
        run_copy(data, size / CUTS * cut + MIN(cut, size % CUTS));
    run_copy(data, size);
    printf("ok %u - %s\n", number, name);
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *files_of(const char *folder)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        g_ptr_array_add(files, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(files, by_name);
    return files;
}

/* ".../tests/fuzz/fuzz-config" -> "$top_srcdir/tests/fuzz/corpus/config" */
static char *corpus_of(const char *program)
{
    g_autofree char *name = g_path_get_basename(program);
    const char *dash = strstr(name, "fuzz-");
    const char *top = g_getenv("top_srcdir");

    return g_build_filename(top != NULL ? top : ".", "tests", "fuzz", "corpus",
                            dash != NULL ? dash + strlen("fuzz-") : name, NULL);
}

int main(int argc, char **argv)
{
    g_autofree char *corpus = corpus_of(argv[0]);
    g_autoptr(GPtrArray) files = files_of(corpus);

    LLVMFuzzerInitialize(&argc, &argv);
    if (argc > 1)
        g_ptr_array_set_size(files, 0);
    for (int i = 1; i < argc; i++)
        g_ptr_array_add(files, g_strdup(argv[i]));
    if (files->len == 0) {
        printf("1..1\nnot ok 1 - no files in %s\n", corpus);
        return EXIT_FAILURE;
    }
    printf("1..%u\n", files->len);
    for (guint i = 0; i < files->len; i++)
        replay(files->pdata[i], i + 1);
    return EXIT_SUCCESS;
}
