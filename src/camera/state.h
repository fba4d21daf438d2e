#pragma once

#include <stdbool.h>

/*
 * What a received stream is doing, and what becomes of that when something happens: a table that
 * knows no clock and no GStreamer. Whoever asks does what entering the answered state means.
 */
typedef enum VdState {
    VD_STATE_OFF,         /* not wanted */
    VD_STATE_CONNECTING,  /* a connection is made; nothing came yet */
    VD_STATE_STARTING,    /* data comes and a decoder starts; no picture yet */
    VD_STATE_LIVE,        /* pictures come, or just data where nobody asks for pictures */
    VD_STATE_UNDECODABLE, /* data comes, but pictures cannot be made of it now */
    VD_STATE_WAITING,     /* no connection; the next try has its time */
    VD_N_STATES
} VdState;

typedef enum VdStateEvent {
    VD_EVENT_ENABLE,
    VD_EVENT_DISABLE,
    VD_EVENT_RENEW,       /* a new connection is asked for: the configuration changed */
    VD_EVENT_OPENED,      /* the first data of a connection */
    VD_EVENT_CHANGED,     /* other data inside the connection, or another decoder is asked for */
    VD_EVENT_DELIVERED,   /* a picture, or data where nobody asks for pictures */
    VD_EVENT_FAILED,      /* the decoder gave up; another may do better */
    VD_EVENT_UNSUPPORTED, /* the decoder gave up; no other will do better */
    VD_EVENT_STALLED,     /* no data, or no pictures out of it, for too long */
    VD_EVENT_LOST,        /* the connection ended or could not be made */
    VD_EVENT_TIMER,       /* the state's own time is over */
    VD_N_EVENTS
} VdStateEvent;

/*
 * The state after the event; false when the event says nothing new in this state. An answer equal
 * to the state is an order to enter it anew.
 */
bool vd_state_next(VdState state, VdStateEvent event, VdState *next);

const char *vd_state_name(VdState state); /* as the API says it: "live", "waiting", ... */

/* Whether there is a connection, or one is being made. */
bool vd_state_is_connected(VdState state);
