#include "service.h"

#include "base/clock.h"
#include "base/log.h"

#include <systemd/sd-daemon.h>
#include <unistd.h>

void vd_service_ready(void)
{
    sd_notify(0, "READY=1");
}

void vd_service_reloading(void)
{
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, vd_clock_now_us());
}

void vd_service_stopping(void)
{
    sd_notify(0, "STOPPING=1\nSTATUS=stopping");
}

void vd_service_status(const char *text)
{
    static char *said;

    if (g_strcmp0(said, text) == 0)
        return;
    g_free(said);
    said = g_strdup(text);
    sd_notifyf(0, "STATUS=%s", text);
}

void vd_service_alive(void)
{
    sd_notify(0, "WATCHDOG=1");
}

gint64 vd_service_watchdog_us(void)
{
    guint64 us = 0;

    return sd_watchdog_enabled(0, &us) > 0 ? (gint64)us : 0;
}

int vd_service_socket(void)
{
    int count = sd_listen_fds(1);

    if (count <= 0)
        return -1;
    for (int i = 1; i < count; i++)
        close(SD_LISTEN_FDS_START + i);
    if (count > 1)
        vd_log_warning(NULL, "%d sockets were handed over; only the first is used", count);
    return SD_LISTEN_FDS_START;
}

char *vd_service_runtime_file(const char *name)
{
    const char *given = g_getenv("RUNTIME_DIRECTORY");

    if (given == NULL || given[0] != '/')
        return NULL;
    g_autofree char *first = g_strndup(given, strcspn(given, ":"));
    return g_build_filename(first, name, NULL);
}
