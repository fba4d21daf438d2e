#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * An RTSP camera for one client. It sends its pictures as fast as it can, halts in the middle of
 * some packets, and then keeps the connection until the client leaves. It has a thread of its own.
 */
#define HALTING_CAMERA_PICTURES 12

typedef struct HaltingCamera HaltingCamera;

/* halt_us: how long it halts each time; 0: for good, and no picture comes any more. */
HaltingCamera *halting_camera_new(bool tls, gint64 halt_us);
void halting_camera_free(HaltingCamera *camera);
char *halting_camera_uri(const HaltingCamera *camera); /* (transfer full) */

/* For kit_await(), which they wake. */
bool halting_camera_halts(void *camera);   /* it has halted once */
bool halting_camera_is_left(void *camera); /* the client has hung up */
