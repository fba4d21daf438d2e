#pragma once

#include "config/config.h"
#include "media/frame.h"

/*
 * Plays a recording through decoder, vdmask and vdmotion, set as for a live camera, but as fast as
 * they are and without a clock: what is told follows from the file and the settings alone.
 */
typedef struct VdPlay VdPlay;

/* A picture in which motion was looked for. */
typedef struct VdPlayed {
    VdReport *report; /* its number and its time are those in the recording */
    guint64 frame;    /* of all pictures, from 0 */
    int width, height, mask_width, mask_height;
    GBytes *mask; /* (nullable) a byte a pixel, row by row: 255 where it moves, 0 elsewhere */
} VdPlayed;

typedef struct VdPlayEvents {
    /* [streaming thread] So many of the pictures have been decoded; this one's time. */
    void (*decoded)(guint64 frames, GstClockTime pts, void *data);
    /* [streaming thread] In the order of the pictures (transfer none). False: it ends by that. */
    bool (*looked)(const VdPlayed *played, void *data, GError **error);
    /* [streaming thread] (nullable) Another hundredth of the file has been read. */
    void (*read)(guint percent, void *data);
    /* [main] Once, the last one. error: (nullable) one plain sentence; it did not come to the end.
     */
    void (*ended)(const GError *error, void *data);
} VdPlayEvents;

/*
 * Begins at once. masks: they are wanted. NULL with an error where there is no such file
 * (VD_ERROR_NOT_FOUND) or none that can be played. [main]
 */
VdPlay *vd_play_new(const VdCameraConfig *camera, const char *path, bool masks,
                    const VdPlayEvents *events, void *data, GError **error);
/* (nullable) When it returns nothing is called any more. [main] */
void vd_play_free(VdPlay *play);
