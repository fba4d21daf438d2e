#pragma once

#include "plugins/vd-look.h"

/*
 * A model, its thread, and those who show it pictures: all elements of a process that want the same
 * model share it, so that its memory is there once and detecting takes as much of the machine as
 * its budget allows, however many cameras there are. They get their turn one after the other, and
 * of each the newest picture counts.
 */
typedef struct VdDetectorSeat VdDetectorSeat;

typedef struct VdDetectorWish {
    const char *library; /* (nullable) of vd_onnx_open() */
    const char *model;
    const char *names; /* (nullable) of vd_class_names_new() */
    int threads;
    int longest_ms; /* a model that takes longer for one run is refused */
} VdDetectorWish;

/* [detection thread], both. */
typedef struct VdDetectorEvents {
    /*
     * Once. why_not: (nullable) a sentence; nothing is looked at then. names: (nullable) of all
     * classes; they last as long as the seat.
     */
    void (*opened)(gpointer data, const char *version, const char *const *names,
                   const char *why_not);
    /* list is NULL when it failed, error says why. */
    void (*looked)(gpointer data, const VdLook *look, const VdFoundList *list,
                   const char *const *names, guint runs, guint64 cost_us, const GError *error);
} VdDetectorEvents;

/* Opening a model takes a while, so that happens in its thread. */
VdDetectorSeat *vd_detector_sit(const VdDetectorWish *wish, VdTally *tally,
                                const VdDetectorEvents *events, gpointer data);
/* Ends a look that is under way; nothing is told any more when it returns. (nullable) */
void vd_detector_leave(VdDetectorSeat *seat);

/*
 * [any] look: (transfer full) in the place of one that still waits, whose motion it takes over.
 * budget: per cent of the time that the detector may spend; after this look it rests as long as
 * that wants. A run that takes ten times longest_ms is ended, and its look has failed.
 */
void vd_detector_ask(VdDetectorSeat *seat, VdLook *look, int budget);
/* [any] Until all that was asked for has been told, or there will be nothing. */
void vd_detector_await(VdDetectorSeat *seat);
