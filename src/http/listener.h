#pragma once

#include "api/api.h"

/*
 * One who is told of events as they happen, as server-sent events: he has a place among them and
 * takes what is behind it when his socket has room. What is not in memory any more comes from the
 * journal. While nothing happens he is told so, by a comment every VD_HEARTBEAT_US. It belongs to
 * one thread.
 */
#define VD_HEARTBEAT_US (15 * G_USEC_PER_SEC)

typedef struct VdListener VdListener;

/*
 * sight: what he sees, whose texts outlive him. after: the number of the last event that he knows.
 * answered: wakes whoever reads for him.
 */
VdListener *vd_listener_new(VdApi *api, const VdSight *sight, guint64 after, VdTicketWake answered,
                            void *data);
void vd_listener_free(VdListener *listener); /* (nullable) */

/* Copies what there is for him; 0: nothing is, until something happens or he is due. */
gsize vd_listener_read(VdListener *listener, char *buffer, gsize room, gint64 now_us);
/* When he is to be told that nothing happened. */
gint64 vd_listener_due_us(const VdListener *listener);
