#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * The encoding sessions of this process on each GPU. A driver that has no more says so only when it
 * is asked, and asking takes as long as opening: what it answered is kept here, so that nobody asks
 * in vain until a session ends. Knows nothing of GPUs.
 */
#define VD_SESSIONS_UNKNOWN (-1)

typedef struct VdSessions VdSessions;

VdSessions *vd_sessions_new(void);
void vd_sessions_free(VdSessions *sessions); /* (nullable) */

/* [any] All of these. */

/*
 * Takes one, to be opened now. False: the limit that was learned is reached. `ask` forgets it
 * first: other programs may have ended theirs.
 */
bool vd_sessions_take(VdSessions *sessions, guint device, bool ask);
/* One that was taken has ended, or did not come to be for another reason than the limit. */
void vd_sessions_give_back(VdSessions *sessions, guint device);
/* The driver has none for the one that was taken: the others are all there are. */
void vd_sessions_refuse(VdSessions *sessions, guint device);

guint vd_sessions_open(VdSessions *sessions, guint device);
/* How many the driver gives this process, as learned, or VD_SESSIONS_UNKNOWN. */
int vd_sessions_limit(VdSessions *sessions, guint device);
