#pragma once

#include "camera/audience.h"
#include "camera/status.h"

/*
 * What is known of the cameras outside the main loop: the newest status of each, and who watches
 * what. Everything stands under one lock, which is held for no call out of here. [any]
 */
typedef struct VdRoster VdRoster;

VdRoster *vd_roster_new(void);
/* Nobody may hold a room any more. */
void vd_roster_free(VdRoster *roster);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdRoster, vd_roster_free)

/* --- statuses --- */

/* Replaces what was known of the camera (transfer none). */
void vd_roster_publish(VdRoster *roster, VdStatus *status);
/* Answers the audiences that it had (transfer full): VdAudience. */
GPtrArray *vd_roster_remove(VdRoster *roster, const char *id);
VdStatus *vd_roster_find(VdRoster *roster, const char *id); /* (nullable) (transfer full) */
/* Sorted by id (transfer full): VdStatus. */
GPtrArray *vd_roster_all(VdRoster *roster, guint64 *edition);
/* Another one whenever a camera was published or removed. */
guint64 vd_roster_edition(VdRoster *roster);

/* --- who watches --- */

/* An audience and how many watch in it. Stays in the roster for a while after the last one left. */
typedef struct VdRoom VdRoom;

/* Those that are open (transfer full): VdRoom. */
GPtrArray *vd_roster_rooms(VdRoster *roster);
void vd_roster_set_max_viewers(VdRoster *roster, guint max_viewers);
void vd_roster_viewers(VdRoster *roster, guint *viewers, guint *max_viewers);

/*
 * One viewer more for a wish (transfer full). *fresh: the room was made for him, and its audience
 * is to be opened. *evicted: (nullable) (transfer full) an empty one that had to make room for it,
 * whose audience is to be closed before. NULL with VD_ERROR_NOT_FOUND or _LIMIT.
 */
VdRoom *vd_roster_enter(VdRoster *roster, const char *id, const VdWish *wish, bool *fresh,
                        VdRoom **evicted, GError **error);
/* Whether vd_roster_enter() would do it now; false with its errors. */
bool vd_roster_may_enter(VdRoster *roster, const char *id, const VdWish *wish, GError **error);
/* Answers whether he was the last. */
bool vd_roster_leave(VdRoster *roster, VdRoom *room);
VdAudience *vd_room_audience(const VdRoom *room); /* (transfer none) */
const char *vd_room_camera(const VdRoom *room);   /* its id */
void vd_room_unref(VdRoom *room);

/*
 * Takes out the rooms that have been empty for `linger_us` (transfer full): VdRoom. *more: others
 * are empty, but not for so long.
 */
GPtrArray *vd_roster_sweep(VdRoster *roster, gint64 linger_us, bool *more);
