#pragma once

#include <stdbool.h>

/* The daemon as a whole: from a configuration file to a signal that ends it. */
typedef struct VdDaemonOptions {
    const char *file;
    const char *state;     /* (nullable) folder of what the API changed; NULL: none is kept */
    const char *log_level; /* (nullable) counts for more than the configuration's */
    bool insecure_listen;  /* addresses other than loopback are allowed */
} VdDaemonOptions;

#define VD_EXIT_USAGE  64 /* the command line is wrong: EX_USAGE */
#define VD_EXIT_CONFIG 78 /* the configuration is wrong: EX_CONFIG */

/* Runs until a signal ends it; answers the exit status. Call once. */
int vd_daemon_run(const VdDaemonOptions *options);
