#pragma once

#include "camera/audience.h"
#include "camera/reporter.h"
#include "camera/status.h"

/*
 * One camera: its stream or its two, its views, and what is said of it. [main]
 *
 * With an analysis-uri the small stream is analysed and shown. The large one is received beside it
 * and decoded only while somebody asks for pictures wider than the small one has.
 */
typedef struct VdCamera VdCamera;

/* Something changed, or a second is over. (transfer none) */
typedef void (*VdCameraPublish)(VdStatus *status, void *data);

/* happened: called on any thread. */
VdCamera *vd_camera_new(VdCameraConfig *config, VdCameraPublish publish, VdHappened happened,
                        void *data);
/* Returns at once. Closes the mailboxes of everybody who watches it. */
void vd_camera_free(VdCamera *camera);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdCamera, vd_camera_free)

const char *vd_camera_id(const VdCamera *camera);
/* Takes over another configuration of the same id, interrupting no more than the difference asks.
 */
void vd_camera_configure(VdCamera *camera, VdCameraConfig *config);
/* Connects its streams anew; false: it is not enabled. */
bool vd_camera_restart(VdCamera *camera);
/* Looks after its streams; to be called about twice a second. */
void vd_camera_tick(VdCamera *camera);
VdReporter *vd_camera_reporter(VdCamera *camera); /* (transfer none) */
/* Says anew what there is to say. */
void vd_camera_publish(VdCamera *camera);

/* From now on pictures go to the audience's mailbox; opening twice does nothing more. */
void vd_camera_open(VdCamera *camera, VdAudience *audience);
void vd_camera_close(VdCamera *camera, VdAudience *audience);
