#pragma once

#include <glib.h>
#include <stdbool.h>

/* The command line. */
typedef struct VdReplayOptions {
    char *config, *against;                /* (nullable) files */
    char *camera;                          /* (nullable) an id */
    char *masks, *tracks, *events, *truth; /* (nullable) files */
    char *start;                           /* (nullable) when the recordings begin */
    gint64 start_us;                       /* the same; 0: nobody knows */
    char **clips;                          /* NULL-terminated, one at least; argv's */
    bool version;
} VdReplayOptions;

/* To be cleared whatever the answer is. */
bool vd_replay_options_parse(VdReplayOptions *options, int *argc, char ***argv, GError **error);
void vd_replay_options_clear(VdReplayOptions *options);
