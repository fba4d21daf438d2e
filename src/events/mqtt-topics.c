#include "events/mqtt-topics.h"

#include <jansson.h>

char *vd_mqtt_topic(const char *base, const char *camera, const char *what)
{
    return camera != NULL ? g_strdup_printf("%s/%s/%s", base, camera, what)
                          : g_strdup_printf("%s/%s", base, what);
}

char *vd_mqtt_discovery_topic(const char *prefix, const char *base, const char *camera)
{
    return g_strdup_printf("%s/binary_sensor/%s_%s/motion/config", prefix, base, camera);
}

char *vd_mqtt_discovery(const char *base, const char *camera, const char *name)
{
    g_autofree char *unique = g_strdup_printf("%s_%s_motion", base, camera);
    g_autofree char *device = g_strdup_printf("%s_%s", base, camera);
    g_autofree char *state = vd_mqtt_topic(base, camera, "motion");
    g_autofree char *status = vd_mqtt_topic(base, NULL, "status");
    json_t *config =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:[s], s:s, s:s}}", "name", "Motion",
                  "unique_id", unique, "device_class", "motion", "state_topic", state, "payload_on",
                  "ON", "payload_off", "OFF", "availability_topic", status, "device", "identifiers",
                  device, "name", name, "manufacturer", "vedette");
    char *text = json_dumps(config, JSON_COMPACT);
    char *copy = g_strdup(text);

    free(text);
    json_decref(config);
    return copy;
}
