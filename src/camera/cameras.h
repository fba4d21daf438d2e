#pragma once

#include "camera/audience.h"
#include "camera/reporter.h"
#include "camera/status.h"
#include "config/config.h"

/*
 * The set of cameras. A new configuration changes what differs and nothing else. One timer looks
 * after all of them. [main]
 */
typedef struct VdCameras VdCameras;

typedef struct VdCamerasEvents {
    void (*published)(VdStatus *status, void *data); /* (transfer none) */
    void (*removed)(const char *id, void *data);     /* before its mailboxes close */
    void (*alive)(void *data);                       /* all were looked after; twice a second */
    VdHappened happened;                             /* [any] */
} VdCamerasEvents;

VdCameras *vd_cameras_new(const VdCamerasEvents *events, void *data); /* no camera yet */
void vd_cameras_free(VdCameras *cameras); /* returns at once, whatever they do */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdCameras, vd_cameras_free)

void vd_cameras_configure(VdCameras *cameras, const VdConfig *config);

/* Connects it anew. False with VD_ERROR_NOT_FOUND, or _CONFLICT where it is not enabled. */
bool vd_cameras_restart(VdCameras *cameras, const char *id, GError **error);

/* What watches it for events (transfer none); NULL: there is none of that id. */
VdReporter *vd_cameras_reporter(VdCameras *cameras, const char *id);

/* Of a camera that is no more: closes the audience's mailbox. */
void vd_cameras_open(VdCameras *cameras, const char *id, VdAudience *audience);
void vd_cameras_close(VdCameras *cameras, const char *id, VdAudience *audience);
