#pragma once

#include "clip.h"

#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>

/*
 * One camera of the server: a path, what it announces, what it sends, and how it misbehaves.
 * Pictures go out at the wall clock's pace whether anybody watches or not; a new session gets a
 * key frame at once.
 */
typedef struct CamMount CamMount;

/* /name on points, sending clip from picture first on; not there until cam_mount_show(). */
CamMount *cam_mount_new(GstRTSPMountPoints *points, const char *name, CamClip *clip,
                        gboolean audio);
const char *cam_mount_path(const CamMount *mount);
void cam_mount_show(CamMount *mount);
void cam_mount_hide(CamMount *mount); /* 404 from now on; sessions go on until dropped */

/* Faults; they hold until changed. */
void cam_mount_stall(CamMount *mount, gboolean stalled); /* no pictures, but a session */
void cam_mount_lose(CamMount *mount, guint permille);    /* leaves out pictures, key frames too */
/* Goes on with another clip: inside the announced session, or as what the next DESCRIBE says. */
void cam_mount_send(CamMount *mount, CamClip *clip);
void cam_mount_announce(CamMount *mount, CamClip *clip);
/* Empty units of this size instead of pictures; 0: pictures. */
void cam_mount_garble(CamMount *mount, guint bytes);
/* Lower transports a SETUP may ask for; takes effect with the next show. */
void cam_mount_transports(CamMount *mount, GstRTSPLowerTrans allowed);

typedef struct CamMountCounts {
    guint64 sent; /* pictures handed to a session */
    gboolean playing, stalled;
} CamMountCounts;
void cam_mount_counts(CamMount *mount, CamMountCounts *counts);

/*
 * Starts the thread that sends for all mounts. marks (nullable): for every key frame that goes out
 * a line "mark PATH MONOTONIC_US" is written there.
 */
void cam_pace_start(GPtrArray *mounts, FILE *marks);
void cam_pace_stop(void);
