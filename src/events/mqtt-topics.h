#pragma once

#include <glib.h>

/* What the broker's topics are called, and what Home Assistant is told. All (transfer full). [any]
 */

/* "vedette/front/motion"; camera: (nullable) of none. */
char *vd_mqtt_topic(const char *base, const char *camera, const char *what);
/* Where Home Assistant looks for the camera's motion sensor. */
char *vd_mqtt_discovery_topic(const char *prefix, const char *base, const char *camera);
/* What it makes that sensor of, JSON; name: the camera's. */
char *vd_mqtt_discovery(const char *base, const char *camera, const char *name);
