#pragma once

#include <gst/rtsp-server/rtsp-server.h>

/* The camera's front door: who may come in, and whether anybody answers. Main loop only. */
typedef struct CamDoor CamDoor;

typedef enum CamDoorState {
    CAM_DOOR_OPEN,   /* answers */
    CAM_DOOR_SHUT,   /* does not listen: connections are refused */
    CAM_DOOR_SILENT, /* takes connections and never says a word */
} CamDoorState;

/*
 * Shut until it is set open. port 0: any free one, kept from then on. tls (nullable): a PEM file
 * with certificate and key.
 */
CamDoor *cam_door_new(const char *address, guint port, const char *tls, GError **error);
void cam_door_free(CamDoor *door);
GstRTSPMountPoints *cam_door_points(CamDoor *door); /* (transfer none) */
guint cam_door_port(const CamDoor *door);

/* Anything but open drops everybody. FALSE when the port cannot be had. */
gboolean cam_door_set(CamDoor *door, CamDoorState state);
/* user NULL: everybody may. For those who connect from now on. */
void cam_door_auth(CamDoor *door, const char *user, const char *password, gboolean basic);
/* Closes the connections of those who play path now; NULL: of all. Returns before it is done. */
void cam_door_drop(CamDoor *door, const char *path);
/* Ends sessions that timed out; call it now and then. */
void cam_door_clean(CamDoor *door);

typedef struct CamDoorCounts {
    guint64 connections; /* taken, also silent ones */
    guint64 describes;
    guint64 plays;
} CamDoorCounts;
void cam_door_counts(const CamDoor *door, CamDoorCounts *counts);
