#include "daemon.h"

#include "access/access.h"
#include "api/local.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/words.h"
#include "events/events.h"
#include "files.h"
#include "gstreamer.h"
#include "http/http.h"
#include "media/gpu.h"
#include "media/reaper.h"
#include "media/warm-up.h"
#include "service.h"
#include "settings.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define STATUS_MS   1000
#define DRAIN_US    (1 * G_USEC_PER_SEC) /* pipelines may take so long to go */
#define STOP_US     (1700 * 1000)        /* and all of the stopping so long */
#define PROGRESS_US (5 * G_USEC_PER_SEC) /* every part comes round more often than this */

typedef struct VdDaemon {
    const VdDaemonOptions *options;
    VdSettings settings;
    GMainLoop *loop;
    VdCommands *commands;
    VdEvents *events;
    VdLocal *local;
    VdAccess *access;
    VdHttps *tls; /* (nullable) plain */
    VdHttp *http;
    VdWarmUp *warm_up;      /* (nullable) no camera to watch */
    GArray *sources;        /* guint: signals and timers */
    gint64 fed_us, feed_us; /* when the watchdog was fed, and how often it wants that; 0: never */
} VdDaemon;

/* --- what happens ----------------------------------------------------------------------------- */

static void set_log_level(const VdDaemon *daemon)
{
    const char *own = daemon->options->log_level;
    VdLogLevel level;

    if (vd_log_level_find(own != NULL ? own : daemon->settings.config->log_level, &level))
        vd_log_set_level(level);
}

static gboolean on_stop(gpointer data)
{
    VdDaemon *daemon = data;

    g_main_loop_quit(daemon->loop);
    return G_SOURCE_CONTINUE;
}

/* False: whoever was known before is known on. */
static bool set_access(VdDaemon *daemon)
{
    const VdConfig *config = daemon->settings.config;
    const char *hosts = config->allowed_hosts != NULL ? config->allowed_hosts : "";
    g_auto(GStrv) names = g_strsplit(hosts, " ", -1);
    g_autoptr(GError) error = NULL;

    if (config->users_file == NULL && daemon->http != NULL &&
        vd_http_needs_accounts(daemon->http)) {
        vd_log_error(NULL, "users-file= cannot go while other machines reach this server: going on "
                           "with the users that were read before");
        return false;
    }
    if (vd_access_configure(daemon->access, config->users_file, (const char *const *)names, &error))
        return true;
    vd_log_error(NULL, "%s", error->message);
    return false;
}

/* Certificates take effect at once; whether there is TLS at all does not change any more. */
static void set_tls(VdDaemon *daemon)
{
    const VdConfig *config = daemon->settings.config;
    g_autoptr(GError) error = NULL;

    if ((config->tls_certificate != NULL) != (daemon->tls != NULL))
        vd_log_warning(NULL, "%s TLS takes effect when vedetted is started again",
                       daemon->tls != NULL ? "to end with" : "to begin with");
    else if (daemon->tls != NULL &&
             !vd_https_configure(daemon->tls, config->tls_certificate, config->tls_key, &error))
        vd_log_error(NULL, "%s; going on with the certificate that was read before",
                     error->message);
}

static gboolean on_reload(gpointer data)
{
    VdDaemon *daemon = data;

    vd_service_reloading();
    if (vd_settings_read_again(&daemon->settings, daemon->options)) {
        VdConfig *config = daemon->settings.config;
        g_autofree char *cameras = vd_counted(config->cameras->len, "camera");

        set_log_level(daemon);
        set_access(daemon);
        set_tls(daemon);
        vd_local_configure(daemon->local);
        vd_log_info(NULL, "%s is read again: %s", daemon->options->file, cameras);
    } else {
        vd_log_error(NULL, "%s has errors: going on with what was read before",
                     daemon->options->file);
    }
    vd_service_ready();
    return G_SOURCE_CONTINUE;
}

static void tell_status(VdDaemon *daemon)
{
    VdLocalCounts counts;

    vd_local_count(daemon->local, &counts);
    g_autofree char *cameras = vd_counted(counts.cameras, "camera");
    g_autofree char *viewers = vd_counted(counts.viewers, "viewer");
    g_autofree char *restart = vd_gpu_restart_wanted();
    g_autofree char *text = g_strdup_printf("%u of %s live, %s%s%s", counts.live, cameras, viewers,
                                            restart != NULL ? "; a restart is wanted: " : "",
                                            restart != NULL ? restart : "");
    vd_service_status(text);
}

/* The main loop runs, or this would not; the others must have come round lately. */
static void feed_watchdog(VdDaemon *daemon)
{
    gint64 now = vd_clock_now_us();

    if (daemon->feed_us == 0 || now - daemon->fed_us < daemon->feed_us)
        return;
    if (now - vd_http_last_progress_us(daemon->http) > PROGRESS_US)
        vd_log_change(VD_LOG_ERROR, NULL, "watchdog", "the HTTP thread does not move");
    else if (now - vd_local_last_progress_us(daemon->local) > PROGRESS_US)
        vd_log_change(VD_LOG_ERROR, NULL, "watchdog", "the cameras are not looked after");
    else
        vd_service_alive();
    daemon->fed_us = now;
}

static gboolean on_second(gpointer data)
{
    VdDaemon *daemon = data;

    vd_access_refresh(daemon->access);
    if (daemon->tls != NULL)
        vd_https_refresh(daemon->tls);
    tell_status(daemon);
    feed_watchdog(daemon);
    return G_SOURCE_CONTINUE;
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void keep(VdDaemon *daemon, guint source)
{
    g_array_append_val(daemon->sources, source);
}

static bool start_gstreamer(void)
{
    g_autoptr(GError) error = NULL;

    if (vd_gstreamer_start(&error))
        return true;
    vd_log_error(NULL, "%s", error->message);
    return false;
}

static bool start_http(VdDaemon *daemon, int *status)
{
    g_autoptr(GError) error = NULL;
    const char *told = daemon->settings.config->control_socket;
    g_autofree char *control =
        told != NULL ? g_strdup(told) : vd_service_runtime_file("control.sock");
    VdHttpSettings settings = {
        .listen = daemon->settings.config->listen,
        .listen_fd = vd_service_socket(),
        .control = control,
        .max_connections = daemon->settings.config->max_connections,
        .access = daemon->access,
        .tls = daemon->tls,
        .insecure_listen = daemon->options->insecure_listen,
    };

    daemon->http = vd_http_new(&settings, vd_local_api(daemon->local), &error);
    if (daemon->http == NULL) {
        vd_log_error(NULL, "%s", error->message);
        *status = g_error_matches(error, VD_ERROR, VD_ERROR_INVALID) ? VD_EXIT_CONFIG : 1;
        return false;
    }
    g_autofree char *cameras = vd_counted(daemon->settings.config->cameras->len, "camera");
    if (vd_http_port(daemon->http) != 0)
        vd_log_info(NULL, "serving %s on port %u%s", cameras, vd_http_port(daemon->http),
                    daemon->tls != NULL ? ", by TLS" : "");
    else
        vd_log_info(NULL, "serving %s on %s", cameras,
                    settings.listen_fd >= 0 ? "the Unix socket that was handed over"
                                            : settings.listen);
    return true;
}

/* A file of users that cannot be read is no reason to let everybody in. */
static bool start_access(VdDaemon *daemon, int *status)
{
    g_autoptr(GError) error = NULL;

    daemon->access = vd_access_new(&error);
    if (daemon->access == NULL) {
        vd_log_error(NULL, "%s", error->message);
        *status = 1;
    } else if (!set_access(daemon)) {
        *status = VD_EXIT_CONFIG;
    } else {
        return true;
    }
    return false;
}

static bool start_tls(VdDaemon *daemon, int *status)
{
    const VdConfig *config = daemon->settings.config;
    g_autoptr(GError) error = NULL;

    if (config->tls_certificate == NULL)
        return true;
    daemon->tls = vd_https_new();
    if (vd_https_configure(daemon->tls, config->tls_certificate, config->tls_key, &error))
        return true;
    vd_log_error(NULL, "%s", error->message);
    *status = VD_EXIT_CONFIG;
    return false;
}

static void start_sources(VdDaemon *daemon)
{
    daemon->feed_us = vd_service_watchdog_us() / 3;
    keep(daemon, g_unix_signal_add(SIGTERM, on_stop, daemon));
    keep(daemon, g_unix_signal_add(SIGINT, on_stop, daemon));
    keep(daemon, g_timeout_add(STATUS_MS, on_second, daemon));
}

static volatile sig_atomic_t exit_status; /* while it stops */

static void give_up(int signal_number)
{
    static const char text[] = "vedetted: something hangs while stopping; ending without it\n";

    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(exit_status);
}

/* Whatever hangs from here on, the process ends in time, with this status. */
static void limit_stopping(int status)
{
    const struct itimerval when = {
        .it_value = {STOP_US / G_USEC_PER_SEC, STOP_US % G_USEC_PER_SEC}};
    struct sigaction action = {.sa_handler = give_up};

    exit_status = status;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &when, NULL);
}

static void ignore(const int *numbers, gsize count)
{
    for (gsize i = 0; i < count; i++)
        signal(numbers[i], SIG_IGN);
}

/* GLib gives a signal its default action back when its source is removed. */
static void forget_signals(VdDaemon *daemon)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

    for (guint i = 0; i < daemon->sources->len; i++)
        g_source_remove(g_array_index(daemon->sources, guint, i));
    /* Who asks twice shall not find half of it left behind: it ends in time in any case. */
    ignore(numbers, G_N_ELEMENTS(numbers));
}

static void stop(VdDaemon *daemon)
{
    vd_service_stopping();
    forget_signals(daemon);
    vd_http_free(daemon->http);
    vd_https_free(daemon->tls);
    vd_access_free(daemon->access);
    vd_warm_up_free(daemon->warm_up);
    vd_local_free(daemon->local);
    vd_events_free(daemon->events);
    vd_commands_free(daemon->commands);
    guint hanging = vd_reaper_drain(vd_clock_now_us() + DRAIN_US);
    if (hanging > 0) {
        g_autofree char *pipelines = vd_counted(hanging, "pipeline");
        vd_log_warning(NULL, "stopping waits in vain for %s; ending without", pipelines);
        _exit(exit_status);
    }
    vd_gpu_close();
}

static int serve(VdDaemon *daemon)
{
    int status = 0;

    daemon->loop = g_main_loop_new(NULL, FALSE);
    daemon->commands = vd_commands_new();
    daemon->events = vd_events_new(daemon->settings.folder, daemon->settings.config);
    daemon->local = vd_local_new(daemon->commands, &daemon->settings, daemon->events);
    /* who finds it listening finds its cameras, and may already send a signal */
    start_sources(daemon);
    vd_local_configure(daemon->local);
    if (start_access(daemon, &status) && start_tls(daemon, &status) &&
        start_http(daemon, &status)) {
        vd_service_ready();
        if (daemon->settings.config->cameras->len > 0)
            daemon->warm_up = vd_warm_up_new();
        g_main_loop_run(daemon->loop);
        vd_log_info(NULL, "stopping");
    }
    limit_stopping(status);
    stop(daemon);
    g_main_loop_unref(daemon->loop);
    return status;
}

int vd_daemon_run(const VdDaemonOptions *options)
{
    /* Scripts send the USR ones to any daemon, for it to open its logs anew; by default they end
     * it. */
    static const int meant_for_others[] = {SIGPIPE, SIGUSR1, SIGUSR2};
    VdDaemon daemon = {.options = options, .sources = g_array_new(FALSE, FALSE, sizeof(guint))};
    int status = 1;

    ignore(meant_for_others, G_N_ELEMENTS(meant_for_others));
    /* from now on: one that comes while GStreamer starts must not end the daemon */
    keep(&daemon, g_unix_signal_add(SIGHUP, on_reload, &daemon));
    vd_log_take_over();
    if (!vd_settings_read(&daemon.settings, options)) {
        status = VD_EXIT_CONFIG;
    } else {
        const VdConfig *config = daemon.settings.config;

        set_log_level(&daemon);
        vd_files_raise((guint)config->max_connections, (guint)config->max_viewers,
                       config->cameras->len);
        if (start_gstreamer())
            status = serve(&daemon);
    }
    vd_settings_clear(&daemon.settings);
    g_array_unref(daemon.sources);
    return status;
}
