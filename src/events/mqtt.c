#include "events/mqtt.h"

#include "base/limits.h"
#include "base/lock.h"
#include "events/mqtt-link.h"
#include "events/mqtt-topics.h"

#include <string.h>

#define AT_ONCE 64 /* events */

/* What is retained of a camera. */
typedef struct Sensor {
    char *camera, *name;
    bool moves;
    char *state; /* (nullable) not known yet */
} Sensor;

typedef struct Settings {
    VdMqttBroker broker;
    char *topic, *discovery;
} Settings;

struct VdMqtt {
    VdEventHub *hub;
    Settings settings;
    GThread *thread; /* that publishes, while there is a link */
    guint watch;
    guint64 after; /* the thread's: the event that was told last */
    VdLock lock;
    VdMqttLink *link;      /* (nullable) no broker is configured; written by main under [lock] */
    GHashTable *sensors;   /* [lock] id -> Sensor */
    GHashTable *gone;      /* [lock] ids of cameras that are no more, but the broker retains them */
    guint64 told, dropped; /* [lock] */
    guint64 *failures;     /* atomic, shared with links: connections that failed or ended */
};

static Sensor *sensor_new(const char *camera, const char *name, bool moves, const char *state)
{
    Sensor *sensor = g_new0(Sensor, 1);

    sensor->camera = g_strdup(camera);
    sensor->name = g_strdup(name);
    sensor->moves = moves;
    sensor->state = g_strdup(state);
    return sensor;
}

static void sensor_free(void *data)
{
    Sensor *sensor = data;

    g_free(sensor->camera);
    g_free(sensor->name);
    g_free(sensor->state);
    g_free(sensor);
}

/* --- publishing: the thread's, without the lock ----------------------------------------------- */

static bool retain(VdMqtt *mqtt, const char *topic, const char *text)
{
    return vd_mqtt_link_publish(mqtt->link, topic, text, strlen(text), true);
}

static bool retain_of(VdMqtt *mqtt, const char *camera, const char *what, const char *text)
{
    g_autofree char *topic = vd_mqtt_topic(mqtt->settings.topic, camera, what);

    return retain(mqtt, topic, text);
}

/* Home Assistant makes a motion sensor of this. */
static void publish_discovery(VdMqtt *mqtt, const Sensor *sensor)
{
    const Settings *settings = &mqtt->settings;
    g_autofree char *topic =
        vd_mqtt_discovery_topic(settings->discovery, settings->topic, sensor->camera);
    g_autofree char *text = vd_mqtt_discovery(settings->topic, sensor->camera, sensor->name);

    retain(mqtt, topic, text);
}

/* What is empty is retained no longer. False: there is no connection. */
static bool forget(VdMqtt *mqtt, const char *camera)
{
    const Settings *settings = &mqtt->settings;
    g_autofree char *discovery =
        vd_mqtt_discovery_topic(settings->discovery, settings->topic, camera);

    return retain(mqtt, discovery, "") && retain_of(mqtt, camera, "motion", "") &&
           retain_of(mqtt, camera, "state", "");
}

static char **ids_of_gone(VdMqtt *mqtt)
{
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();
    GHashTableIter iter;
    void *camera;

    vd_lock(&mqtt->lock);
    g_hash_table_iter_init(&iter, mqtt->gone);
    while (g_hash_table_iter_next(&iter, &camera, NULL))
        g_strv_builder_add(ids, camera);
    vd_unlock(&mqtt->lock);
    return g_strv_builder_end(ids);
}

/* Of one that comes back meanwhile all is told anew behind this. */
static void forget_gone(VdMqtt *mqtt)
{
    g_auto(GStrv) ids = ids_of_gone(mqtt);

    for (guint i = 0; ids[i] != NULL; i++) {
        if (!forget(mqtt, ids[i]))
            continue;
        vd_lock(&mqtt->lock);
        g_hash_table_remove(mqtt->gone, ids[i]);
        vd_unlock(&mqtt->lock);
    }
}

static GPtrArray *copy_sensors(VdMqtt *mqtt)
{
    GPtrArray *copies = g_ptr_array_new_with_free_func(sensor_free);
    GHashTableIter iter;
    void *value;

    vd_lock(&mqtt->lock);
    g_hash_table_iter_init(&iter, mqtt->sensors);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Sensor *one = value;

        g_ptr_array_add(copies, sensor_new(one->camera, one->name, one->moves, one->state));
    }
    vd_unlock(&mqtt->lock);
    return copies;
}

/* How things are, for who comes to know them only now. */
static void greet(VdMqtt *mqtt)
{
    g_autoptr(GPtrArray) sensors = copy_sensors(mqtt);

    retain_of(mqtt, NULL, "status", "online");
    for (guint i = 0; i < sensors->len; i++) {
        const Sensor *sensor = sensors->pdata[i];

        publish_discovery(mqtt, sensor);
        retain_of(mqtt, sensor->camera, "motion", sensor->moves ? "ON" : "OFF");
        if (sensor->state != NULL)
            retain_of(mqtt, sensor->camera, "state", sensor->state);
    }
}

/* False: its camera is no more, or it has none. */
static bool note(VdMqtt *mqtt, const VdEvent *event)
{
    vd_lock(&mqtt->lock);
    Sensor *sensor =
        event->camera != NULL ? g_hash_table_lookup(mqtt->sensors, event->camera) : NULL;
    if (sensor != NULL && event->kind == VD_KIND_CAMERA_STATE) {
        g_free(sensor->state);
        sensor->state = g_strdup(json_string_value(json_object_get(event->fields, "to")));
    } else if (sensor != NULL) {
        sensor->moves = event->kind == VD_KIND_MOTION_START ||
                        (sensor->moves && event->kind != VD_KIND_MOTION_END);
    }
    vd_unlock(&mqtt->lock);
    return sensor != NULL;
}

static void count(VdMqtt *mqtt, bool told)
{
    vd_lock(&mqtt->lock);
    mqtt->told += told;
    mqtt->dropped += !told;
    vd_unlock(&mqtt->lock);
}

static void tell(VdMqtt *mqtt, const VdEvent *event)
{
    gsize size;
    const char *json = g_bytes_get_data(event->json, &size);
    g_autofree char *topic = vd_mqtt_topic(mqtt->settings.topic, event->camera, "events");
    bool known = note(mqtt, event);

    count(mqtt, vd_mqtt_link_publish(mqtt->link, topic, json, size, false));
    if (!known)
        return;
    if (event->kind == VD_KIND_MOTION_START || event->kind == VD_KIND_MOTION_END)
        retain_of(mqtt, event->camera, "motion",
                  event->kind == VD_KIND_MOTION_START ? "ON" : "OFF");
    else if (event->kind == VD_KIND_CAMERA_STATE)
        retain_of(mqtt, event->camera, "state",
                  json_string_value(json_object_get(event->fields, "to")));
}

/* Who is so late that they are forgotten goes on with those that are not. */
static void tell_news(VdMqtt *mqtt)
{
    guint told = AT_ONCE;

    while (told == AT_ONCE) {
        g_autoptr(GPtrArray) events = vd_event_hub_take(mqtt->hub, mqtt->after, AT_ONCE);

        if (events == NULL) {
            mqtt->after = vd_event_hub_forgotten(mqtt->hub);
            continue;
        }
        told = events->len;
        for (guint i = 0; i < told; i++) {
            tell(mqtt, events->pdata[i]);
            mqtt->after = ((VdEvent *)events->pdata[i])->id;
        }
    }
}

static void *run(void *data)
{
    VdMqtt *mqtt = data;
    bool anew;

    while (vd_mqtt_link_wait(mqtt->link, &anew)) {
        if (anew) {
            forget_gone(mqtt);
            greet(mqtt);
        }
        tell_news(mqtt);
    }
    return NULL;
}

static void on_happened(void *data)
{
    vd_mqtt_link_wake(data, false);
}

/* --- the broker, [main] ----------------------------------------------------------------------- */

/* What happened before is not told, but it says how things are. */
static void note_past(VdMqtt *mqtt)
{
    mqtt->after = vd_event_hub_forgotten(mqtt->hub);
    g_autoptr(GPtrArray) events = vd_event_hub_take(mqtt->hub, mqtt->after, VD_MAX_EVENTS_HELD);

    for (guint i = 0; events != NULL && i < events->len; i++) {
        note(mqtt, events->pdata[i]);
        mqtt->after = ((VdEvent *)events->pdata[i])->id;
    }
}

static void begin(VdMqtt *mqtt)
{
    g_autofree char *status = vd_mqtt_topic(mqtt->settings.topic, NULL, "status");
    VdMqttLink *link = vd_mqtt_link_new(&mqtt->settings.broker, status, mqtt->failures);

    vd_lock(&mqtt->lock);
    mqtt->link = link;
    vd_unlock(&mqtt->lock);
    note_past(mqtt);
    mqtt->watch = vd_event_hub_watch(mqtt->hub, on_happened, link);
    mqtt->thread = g_thread_new("mqtt-tell", run, mqtt);
}

static void end(VdMqtt *mqtt)
{
    g_autoptr(VdMqttLink) link = mqtt->link;

    if (link == NULL)
        return;
    vd_event_hub_unwatch(mqtt->hub, mqtt->watch);
    vd_mqtt_link_stop(link);
    g_thread_join(mqtt->thread);
    retain_of(mqtt, NULL, "status", "offline");
    vd_lock(&mqtt->lock);
    mqtt->link = NULL;
    vd_unlock(&mqtt->lock);
    vd_mqtt_link_leave(link);
}

static void settings_clear(Settings *settings)
{
    g_free(settings->broker.host);
    g_free(settings->broker.user);
    g_free(settings->broker.password);
    g_free(settings->topic);
    g_free(settings->discovery);
}

static Settings settings_of(const VdConfig *config)
{
    return (Settings){
        .broker =
            {
                .host = g_strdup(config->mqtt_host),
                .user = g_strdup(config->mqtt_user),
                .password = g_strdup(config->mqtt_password),
                .port = config->mqtt_port,
                .tls = config->mqtt_tls,
            },
        .topic = g_strdup(config->mqtt_topic),
        .discovery = g_strdup(config->mqtt_discovery),
    };
}

static bool settings_equal(const Settings *a, const Settings *b)
{
    const VdMqttBroker *one = &a->broker, *other = &b->broker;

    return g_strcmp0(one->host, other->host) == 0 && g_strcmp0(one->user, other->user) == 0 &&
           g_strcmp0(one->password, other->password) == 0 && one->port == other->port &&
           one->tls == other->tls && g_strcmp0(a->topic, b->topic) == 0 &&
           g_strcmp0(a->discovery, b->discovery) == 0;
}

/* [lock] From before, those that are not in now. More than there can be are not remembered. */
static void note_gone(VdMqtt *mqtt, GHashTable *now)
{
    GHashTableIter iter;
    void *camera;

    g_hash_table_iter_init(&iter, mqtt->sensors);
    while (g_hash_table_iter_next(&iter, &camera, NULL))
        if (!g_hash_table_contains(now, camera) && g_hash_table_size(mqtt->gone) < VD_MAX_CAMERAS)
            g_hash_table_add(mqtt->gone, g_strdup(camera));
    g_hash_table_iter_init(&iter, now);
    while (g_hash_table_iter_next(&iter, &camera, NULL))
        g_hash_table_remove(mqtt->gone, camera);
}

/* Cameras that stay keep what is known of them. */
static void take_cameras(VdMqtt *mqtt, const VdConfig *config)
{
    GHashTable *sensors = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, sensor_free);

    vd_lock(&mqtt->lock);
    for (guint i = 0; i < config->cameras->len; i++) {
        const VdCameraConfig *camera = config->cameras->pdata[i];
        const Sensor *before = g_hash_table_lookup(mqtt->sensors, camera->id);
        Sensor *sensor = sensor_new(camera->id, camera->name, before != NULL && before->moves,
                                    before != NULL ? before->state : NULL);

        g_hash_table_insert(sensors, sensor->camera, sensor);
    }
    note_gone(mqtt, sensors);
    g_hash_table_unref(mqtt->sensors);
    mqtt->sensors = sensors;
    vd_unlock(&mqtt->lock);
}

void vd_mqtt_configure(VdMqtt *mqtt, const VdConfig *config)
{
    Settings wanted = settings_of(config);

    take_cameras(mqtt, config);
    if (settings_equal(&mqtt->settings, &wanted)) {
        settings_clear(&wanted);
        if (mqtt->link != NULL)
            vd_mqtt_link_wake(mqtt->link, true);
        return;
    }
    end(mqtt);
    settings_clear(&mqtt->settings);
    mqtt->settings = wanted;
    if (wanted.broker.host != NULL)
        begin(mqtt);
}

bool vd_mqtt_tell(VdMqtt *mqtt, VdSinkFacts *facts)
{
    vd_lock(&mqtt->lock);
    g_autoptr(VdMqttLink) link = mqtt->link != NULL ? vd_mqtt_link_ref(mqtt->link) : NULL;
    *facts = (VdSinkFacts){
        .name = "mqtt",
        .told = mqtt->told,
        .failures = __atomic_load_n(mqtt->failures, __ATOMIC_RELAXED),
        .dropped = mqtt->dropped,
    };
    vd_unlock(&mqtt->lock);
    facts->failing = link == NULL || !vd_mqtt_link_connected(link);
    return link != NULL;
}

VdMqtt *vd_mqtt_new(VdEventHub *hub)
{
    VdMqtt *mqtt = g_new0(VdMqtt, 1);

    mqtt->hub = hub;
    mqtt->failures = g_atomic_rc_box_new0(guint64);
    vd_lock_init(&mqtt->lock);
    mqtt->sensors = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, sensor_free);
    mqtt->gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return mqtt;
}

void vd_mqtt_free(VdMqtt *mqtt)
{
    if (mqtt == NULL)
        return;
    end(mqtt);
    settings_clear(&mqtt->settings);
    g_hash_table_unref(mqtt->sensors);
    g_hash_table_unref(mqtt->gone);
    g_atomic_rc_box_release(mqtt->failures);
    vd_lock_clear(&mqtt->lock);
    g_free(mqtt);
}
