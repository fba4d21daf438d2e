#include "base/log.h"
#include "config/options.h"
#include "config/store.h"
#include "daemon.h"
#include "files.h"
#include "settings.h"

#include <glib.h>
#include <locale.h>
#include <malloc.h>
#include <string.h>

/*
 * Each connection has threads of its own, and glibc would give each new one another arena, up to
 * eight a core: the holes that cameras leave when they come back again and again are as many as
 * there are arenas.
 */
#define MALLOC_ARENAS 4

#define DEFAULT_FILE  VD_SYSCONFDIR "/vedette.conf"

static char *file, *log_level, *state;
static gboolean check, help_config, print_sample, insecure_listen, version;

/* clang-format off */
static const GOptionEntry entries[] = {
    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &file,
     "Read FILE and cameras.d/*.conf beside it instead of " DEFAULT_FILE, "FILE"},
    {"check", 0, 0, G_OPTION_ARG_NONE, &check,
     "Report every error in the configuration and end", NULL},
    {"help-config", 0, 0, G_OPTION_ARG_NONE, &help_config,
     "Describe all options of the configuration", NULL},
    {"print-config-sample", 0, 0, G_OPTION_ARG_NONE, &print_sample,
     "Print a configuration with every option at its default", NULL},
    {"insecure-listen", 0, 0, G_OPTION_ARG_NONE, &insecure_listen,
     "Let other machines in without TLS and accounts, too", NULL},
    {"log-level", 0, 0, G_OPTION_ARG_STRING, &log_level,
     "Log error, warning, info or debug messages and graver ones", "LEVEL"},
    {"state", 0, 0, G_OPTION_ARG_FILENAME, &state,
     "Keep what is changed by API, and events, in FOLDER instead of " VD_STATEDIR, "FOLDER"},
    {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
    {NULL},
};
/* clang-format on */

static bool parse(int *argc, char ***argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("- stream many cameras");
    g_autoptr(GError) error = NULL;
    VdLogLevel level;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        g_printerr("vedetted: %s\n", error->message);
    } else if (*argc > 1) {
        g_printerr("vedetted: \"%s\" is not an option; cameras stand in the configuration\n",
                   (*argv)[1]);
    } else if (log_level != NULL && !vd_log_level_find(log_level, &level)) {
        g_printerr("vedetted: --log-level=%s: allowed are error, warning, info and debug\n",
                   log_level);
    } else {
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    vd_files_hold_standard();
    mallopt(M_ARENA_MAX, MALLOC_ARENAS);
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    if (!parse(&argc, &argv))
        return VD_EXIT_USAGE;
    g_autofree char *folder = vd_store_folder(state, file == NULL);
    VdDaemonOptions options = {
        .file = file != NULL ? file : DEFAULT_FILE,
        .state = folder,
        .log_level = log_level,
        .insecure_listen = insecure_listen,
    };

    if (version) {
        g_print("vedetted %s\n", PACKAGE_VERSION);
    } else if (help_config || print_sample) {
        vd_options_print(stdout, print_sample);
    } else {
        return check ? vd_settings_check(&options) : vd_daemon_run(&options);
    }
    return 0;
}
