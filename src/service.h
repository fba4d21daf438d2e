#pragma once

#include <glib.h>

/*
 * What a service manager is told: readiness, a line of status, signs of life. Does nothing where
 * there is none. [main]
 */
void vd_service_ready(void);
void vd_service_reloading(void); /* until vd_service_ready() */
void vd_service_stopping(void);
/* Said only when it differs from what was said before. */
void vd_service_status(const char *text);
void vd_service_alive(void);

/* How often vd_service_alive() must be called at least; 0: nobody waits for it. */
gint64 vd_service_watchdog_us(void);
/* A listening socket that was handed over, or -1. */
int vd_service_socket(void);
/* A file in the folder that lasts as long as the service ($RUNTIME_DIRECTORY); NULL: there is none
 * (transfer full). */
char *vd_service_runtime_file(const char *name);
