#pragma once

#include "media/ingest.h"

/* One ingest under test, with what it said and what came into its ring. Main thread only. */
typedef struct Kit {
    VdCameraConfig camera; /* set what matters before kit_start() */
    VdRing *ring;
    VdStages *stages;
    VdIngest *ingest;
    guint opened, changed, lost;
    VdLoss loss;
    char *text;    /* of the loss */
    GstCaps *caps; /* of the newest opened or changed */

    gint units, keys; /* atomic */
    gint backwards;   /* atomic; units whose PTS was not larger than the one before */
    gint64 last;      /* PTS; written by the pushing thread */
    gint64 longest;   /* largest step between two PTS */
} Kit;

void kit_init(Kit *kit);
void kit_start(Kit *kit, const char *uri);
void kit_clear(Kit *kit);

/* Runs the main loop until it is so; the test fails after 20 s. */
void kit_await_units(Kit *kit, gint units);
void kit_await_loss(Kit *kit, VdLoss loss, const char *text); /* text: is in its sentence */
void kit_await_changed(Kit *kit);
/* Runs the main loop until condition answers true. */
void kit_await(bool (*condition)(void *data), void *data, const char *what);
