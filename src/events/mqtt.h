#pragma once

#include "config/config.h"
#include "events/hub.h"
#include "events/sink.h"

/*
 * Tells an MQTT broker what happens: TOPIC/CAMERA/motion is ON or OFF, TOPIC/CAMERA/state the
 * camera's state, both retained; TOPIC/CAMERA/events and TOPIC/events have each event as JSON;
 * TOPIC/status is online, and by the last will offline. Home Assistant finds a motion sensor for
 * each camera, and none for one that was removed. What happens while the broker is away is not told
 * later: only how things are is.
 * [main]
 */
typedef struct VdMqtt VdMqtt;

VdMqtt *vd_mqtt_new(VdEventHub *hub);
/* Connects, or connects anew where its options changed; without a host it is told nothing. */
void vd_mqtt_configure(VdMqtt *mqtt, const VdConfig *config);
/* [any] How the broker takes it; false: there is none. */
bool vd_mqtt_tell(VdMqtt *mqtt, VdSinkFacts *facts);
void vd_mqtt_free(VdMqtt *mqtt);
