#pragma once

#include "base/lock.h"
#include "media/source-kind.h"

/*
 * RTSP by a receiver of our own: one thread a stream agrees on it (source-rtsp-session.h) and then
 * reads its packets, over the connection (source-rtsp-tcp.c) or over UDP (source-rtsp-udp.c), until
 * none come any more or its owner stops it.
 */
typedef struct VdRtspPlayer {
    gatomicrefcount refs; /* of the owner and of the thread */
    VdSourceSettings *settings;
    VdSourceFeed *feed;

    VdLock lock;
    struct VdRtspSession *session; /* [lock] to interrupt and to end; else the thread's */
    bool stopped;                  /* [lock] */
    bool udp;                      /* [lock] */
    int fd;                        /* [lock] what the thread waits for; -1: none */
} VdRtspPlayer;

/* [rtsp thread] After PLAY; they return when it is over, and have said so where that is news. */
void vd_rtsp_receive_tcp(VdRtspPlayer *player);
void vd_rtsp_receive_udp(VdRtspPlayer *player);

/* [rtsp thread] The owner's stop shuts this socket down, until it is left. False: stopped. */
bool vd_rtsp_player_wait_at(VdRtspPlayer *player, int fd);
void vd_rtsp_player_leave(VdRtspPlayer *player);
bool vd_rtsp_player_is_stopped(VdRtspPlayer *player);

/* Says what went wrong in the words of a camera's owner. status: RTSP's, or 0. [any] */
void vd_rtsp_say(VdSourceFeed *feed, const VdSourceSettings *settings, VdLoss loss, int status);
