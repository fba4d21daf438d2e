#include "gst-environment.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* "550.54.14", or "none". */
static char *driver_version(void)
{
    g_autofree char *version = NULL;

    if (!g_file_get_contents("/sys/module/nvidia/version", &version, NULL, NULL))
        return g_strdup("none");
    g_strstrip(version);
    return g_strcanon(g_steal_pointer(&version), "0123456789.", '-');
}

/* The first folder of a list as systemd gives it. */
static char *folder_from(const char *variable)
{
    const char *value = g_getenv(variable);

    if (value == NULL || value[0] != '/')
        return NULL;
    return g_strndup(value, strcspn(value, ":"));
}

static char *cache_folder(void)
{
    char *folder = folder_from("CACHE_DIRECTORY");

    if (folder == NULL)
        folder = folder_from("STATE_DIRECTORY");
    if (folder == NULL)
        folder = g_build_filename(g_get_user_cache_dir(), "vedette", NULL);
    return folder;
}

static void choose_registry(void)
{
    g_autofree char *folder = cache_folder(), *driver = driver_version();
    g_autofree char *name = g_strdup_printf("gst-registry-%s.bin", driver);
    g_autofree char *path = g_build_filename(folder, name, NULL);

    if (g_mkdir_with_parents(folder, 0700) == 0)
        g_setenv("GST_REGISTRY", path, FALSE);
}

/*
 * A resumed TLS session shows no certificate, and GIO keeps sessions by address alone: what
 * tls=any began tls=verify would resume. Without tickets there is nothing to resume.
 */
#define TLS_PRIORITY "NORMAL:%COMPAT:%NO_TICKETS"

void vd_gst_environment_prepare(void)
{
    g_setenv("G_TLS_GNUTLS_PRIORITY", TLS_PRIORITY, FALSE);
    g_setenv("GSETTINGS_BACKEND", "memory", FALSE); /* else GIO asks dconf for proxies */
    if (g_getenv("GST_REGISTRY") == NULL)
        choose_registry();
    if (g_getenv("GST_PLUGIN_PATH") == NULL && g_file_test(VD_GST_PLUGIN_DIR, G_FILE_TEST_IS_DIR))
        g_setenv("GST_PLUGIN_PATH", VD_GST_PLUGIN_DIR, FALSE);
}
