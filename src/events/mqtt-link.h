#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * The connection to a broker. A thread of its own keeps it up, tries again when it is lost, and is
 * waited for by nobody: it ends by itself. Another thread, its user's, waits until there is
 * something to tell and publishes. [any]
 */
typedef struct VdMqttLink VdMqttLink;

typedef struct VdMqttBroker {
    char *host, *user, *password; /* (nullable) but the host */
    int port;
    bool tls;
} VdMqttBroker;

/* status: the topic that is offline by the last will. failures: of g_atomic_rc_box, counts the
 * connections that failed or ended. */
VdMqttLink *vd_mqtt_link_new(const VdMqttBroker *broker, const char *status, guint64 *failures);
VdMqttLink *vd_mqtt_link_ref(VdMqttLink *link);
void vd_mqtt_link_unref(VdMqttLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdMqttLink, vd_mqtt_link_unref)
/* Takes leave of the broker behind what is published already. The link stays the caller's. */
void vd_mqtt_link_leave(VdMqttLink *link);

/* Never waits: false where there is no connection, or VD_MAX_MQTT_WAITING messages wait already. */
bool vd_mqtt_link_publish(VdMqttLink *link, const char *topic, const void *text, gsize size,
                          bool retain);
bool vd_mqtt_link_connected(VdMqttLink *link);

/* Something happened; anew: how things are is to be told anew. */
void vd_mqtt_link_wake(VdMqttLink *link, bool anew);
/* For one thread: waits for that. It is told anew also behind a connection that is new, and when
 * all that waited has gone after something was refused. False: it was stopped. */
bool vd_mqtt_link_wait(VdMqttLink *link, bool *anew);
void vd_mqtt_link_stop(VdMqttLink *link);
