#include "events/mqtt.h"

#include "base/limits.h"
#include "events/journal.h"
#include "events/mqtt-topics.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <glib/gstdio.h>
#include <mosquitto.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SENSOR     "homeassistant/binary_sensor/vedette_front/motion/config"
#define DEADLINE_S 120 /* what is awaited comes at once, on a machine that has time */

static const VdJournalBounds bounds = {36500, 64};

/* --- a gate before the library ---------------------------------------------------------------- */

static gint gate_closed, gate_reached; /* atomic */

/* Ours stands before the library's. */
int mosquitto_publish(struct mosquitto *client, int *number, const char *topic, int size,
                      const void *text, int qos, bool retain)
{
    static int (*real)(struct mosquitto *, int *, const char *, int, const void *, int, bool);

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "mosquitto_publish");
    while (g_atomic_int_get(&gate_closed)) {
        g_atomic_int_set(&gate_reached, 1);
        g_usleep(1000);
    }
    return real(client, number, topic, size, text, qos, retain);
}

/* --- a broker --------------------------------------------------------------------------------- */

typedef struct Broker {
    char *program; /* (nullable) there is none on this machine */
    char *folder, *configuration;
    guint16 port;
    GPid pid;
} Broker;

static int bound_socket(guint16 *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_true(bind(fd, (struct sockaddr *)&address, size) == 0 &&
                  getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* [the child] It shall not outlive a test that fails. */
static void die_together(void *data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void broker_start(Broker *broker)
{
    char *command[] = {broker->program, (char *)"-c", broker->configuration, NULL};
    g_autoptr(GError) error = NULL;

    g_spawn_async(NULL, command, NULL,
                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                      G_SPAWN_STDERR_TO_DEV_NULL,
                  die_together, NULL, &broker->pid, &error);
    g_assert_no_error(error);
}

static void broker_kill(Broker *broker)
{
    if (broker->pid == 0)
        return;
    g_assert_cmpint(kill(broker->pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(broker->pid, NULL, 0), ==, broker->pid);
    broker->pid = 0;
}

static void broker_init(Broker *broker)
{
    broker->program = g_find_program_in_path("mosquitto");
    if (broker->program == NULL)
        broker->program = g_find_program_in_path("/usr/sbin/mosquitto");
    if (broker->program == NULL)
        return;
    close(bound_socket(&broker->port));
    broker->folder = g_dir_make_tmp("vedette-XXXXXX", NULL);
    broker->configuration = g_build_filename(broker->folder, "mosquitto.conf", NULL);
    g_autofree char *text = g_strdup_printf("listener %u 127.0.0.1\nallow_anonymous true\n%s",
                                            broker->port, geteuid() == 0 ? "user root\n" : "");
    g_assert_true(g_file_set_contents(broker->configuration, text, -1, NULL));
    broker_start(broker);
}

static void broker_clear(Broker *broker)
{
    broker_kill(broker);
    if (broker->folder != NULL)
        g_assert_true(g_unlink(broker->configuration) == 0 && g_rmdir(broker->folder) == 0);
    g_free(broker->configuration);
    g_free(broker->folder);
    g_free(broker->program);
}

/* --- a client that reads ---------------------------------------------------------------------- */

typedef struct Reader {
    struct mosquitto *client;
    GHashTable *newest; /* topic -> text */
} Reader;

static void on_message(struct mosquitto *client, void *data,
                       const struct mosquitto_message *message)
{
    Reader *reader = data;

    g_hash_table_insert(
        reader->newest, g_strdup(message->topic),
        g_strndup(message->payloadlen > 0 ? message->payload : "", (gsize)message->payloadlen));
}

static gint64 deadline(void)
{
    return g_get_monotonic_time() + DEADLINE_S * G_USEC_PER_SEC;
}

/* Of these topics. The broker may not listen yet. */
static Reader *reader_new(const Broker *broker, const char *topics)
{
    Reader *reader = g_new0(Reader, 1);
    gint64 until_us = deadline();

    reader->newest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    reader->client = mosquitto_new(NULL, true, reader);
    mosquitto_message_callback_set(reader->client, on_message);
    while (mosquitto_connect(reader->client, "127.0.0.1", broker->port, 300) != MOSQ_ERR_SUCCESS) {
        g_assert_cmpint(g_get_monotonic_time(), <, until_us);
        g_usleep(1000);
    }
    g_assert_cmpint(mosquitto_subscribe(reader->client, NULL, topics, 0), ==, MOSQ_ERR_SUCCESS);
    return reader;
}

static void reader_free(Reader *reader)
{
    mosquitto_destroy(reader->client);
    g_hash_table_unref(reader->newest);
    g_free(reader);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reader, reader_free)

static const char *newest(const Reader *reader, const char *topic)
{
    return g_hash_table_lookup(reader->newest, topic);
}

/* Reads on until the newest text of a topic is this one; NULL: any. */
static const char *await(Reader *reader, const char *topic, const char *text)
{
    gint64 until_us = deadline();

    while (newest(reader, topic) == NULL ||
           (text != NULL && !g_str_equal(newest(reader, topic), text))) {
        if (g_get_monotonic_time() > until_us)
            g_error("%s is not %s but %s", topic, text, newest(reader, topic));
        g_assert_cmpint(mosquitto_loop(reader->client, 100, 1), ==, MOSQ_ERR_SUCCESS);
    }
    return newest(reader, topic);
}

/* --- the sink --------------------------------------------------------------------------------- */

typedef struct Rig {
    Broker broker;
    VdJournal *journal;
    VdEventHub *hub;
    VdMqtt *mqtt;
} Rig;

static void rig_init(Rig *rig, gconstpointer unused)
{
    *rig = (Rig){.journal = vd_journal_new(":memory:", &bounds)};
    rig->hub = vd_event_hub_new(rig->journal);
    rig->mqtt = vd_mqtt_new(rig->hub);
    broker_init(&rig->broker);
}

static void rig_clear(Rig *rig, gconstpointer unused)
{
    vd_mqtt_free(rig->mqtt);
    broker_clear(&rig->broker);
    vd_journal_free(rig->journal);
    vd_event_hub_free(rig->hub);
}

static void configure(Rig *rig, guint16 port, const char *cameras)
{
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    g_autofree char *text = g_strdup_printf("[mqtt]\nhost=127.0.0.1\nport=%u\n%s", port, cameras);
    VdConfig *config = vd_config_parse(text, strlen(text), "test", errors);

    g_assert_nonnull(config);
    vd_mqtt_configure(rig->mqtt, config);
    vd_config_free(config);
}

#define FRONT "[camera front]\nuri=test:quiet\nname=Front door\n"
#define BACK  "[camera back]\nuri=test:quiet\n"

static guint64 post(Rig *rig, VdEventKind kind, json_t *fields)
{
    return vd_event_hub_post(rig->hub, vd_event_new(kind, "front", 1000, fields));
}

static void post_state(Rig *rig, const char *state)
{
    post(rig, VD_KIND_CAMERA_STATE, json_pack("{s:s}", "to", state));
}

static VdSinkFacts facts_of(Rig *rig)
{
    VdSinkFacts facts;

    g_assert_true(vd_mqtt_tell(rig->mqtt, &facts));
    return facts;
}

/* Until so many events were told or dropped. */
static VdSinkFacts await_events(Rig *rig, guint64 count)
{
    gint64 until_us = deadline();
    VdSinkFacts facts = facts_of(rig);

    while (facts.told + facts.dropped < count) {
        g_assert_cmpint(g_get_monotonic_time(), <, until_us);
        g_usleep(1000);
        facts = facts_of(rig);
    }
    return facts;
}

static bool is_without_broker(const Rig *rig)
{
    if (rig->broker.program == NULL)
        g_test_skip("no mosquitto");
    return rig->broker.program == NULL;
}

/* --- names ------------------------------------------------------------------------------------ */

static void topics_and_sensors_have_their_names(void)
{
    g_autofree char *of_camera = vd_mqtt_topic("house", "front", "motion");
    g_autofree char *of_all = vd_mqtt_topic("house", NULL, "status");
    g_autofree char *found = vd_mqtt_discovery_topic("ha", "house", "front");
    g_autofree char *sensor = vd_mqtt_discovery("house", "front", "The \"door\"");

    g_assert_cmpstr(of_camera, ==, "house/front/motion");
    g_assert_cmpstr(of_all, ==, "house/status");
    g_assert_cmpstr(found, ==, "ha/binary_sensor/house_front/motion/config");
    g_assert_cmpstr(
        sensor, ==,
        "{\"name\":\"Motion\",\"unique_id\":\"house_front_motion\",\"device_class\":\"motion\","
        "\"state_topic\":\"house/front/motion\",\"payload_on\":\"ON\",\"payload_off\":\"OFF\","
        "\"availability_topic\":\"house/status\",\"device\":{\"identifiers\":[\"house_front\"],"
        "\"name\":\"The \\\"door\\\"\",\"manufacturer\":\"vedette\"}}");
}

/* --- with a broker ---------------------------------------------------------------------------- */

static void a_camera_is_found_and_what_happens_is_told(Rig *rig, gconstpointer unused)
{
    if (is_without_broker(rig))
        return;
    g_autoptr(Reader) reader = reader_new(&rig->broker, "#");
    g_autofree char *sensor = vd_mqtt_discovery("vedette", "front", "Front door");

    configure(rig, rig->broker.port, FRONT);
    await(reader, SENSOR, sensor);
    await(reader, "vedette/front/motion", "OFF");
    g_assert_cmpstr(newest(reader, "vedette/status"), ==, "online");
    g_assert_null(newest(reader, "vedette/front/state"));
    post_state(rig, "live");
    await(reader, "vedette/front/state", "live");
    post(rig, VD_KIND_MOTION_START, NULL);
    await(reader, "vedette/front/motion", "ON");
    post(rig, VD_KIND_MOTION_END, NULL);
    await(reader, "vedette/front/motion", "OFF");
    guint64 number = post(rig, VD_KIND_TEST, NULL);
    g_autofree char *id = g_strdup_printf("{\"id\":%" G_GUINT64_FORMAT ",", number);
    while (!g_str_has_prefix(await(reader, "vedette/front/events", NULL), id))
        g_assert_cmpint(mosquitto_loop(reader->client, 100, 1), ==, MOSQ_ERR_SUCCESS);
    VdSinkFacts facts = await_events(rig, 4);
    g_assert_cmpuint(facts.told, ==, 4);
    g_assert_cmpuint(facts.dropped + facts.failures, ==, 0);
    g_assert_false(facts.failing);
    g_autoptr(Reader) late = reader_new(&rig->broker, "#");
    await(late, "vedette/front/state", "live");
    await(late, "vedette/front/motion", "OFF");
    g_assert_null(newest(late, "vedette/front/events"));
    g_clear_pointer(&rig->mqtt, vd_mqtt_free);
    await(reader, "vedette/status", "offline");
}

static void a_camera_that_goes_is_retained_no_longer(Rig *rig, gconstpointer unused)
{
    if (is_without_broker(rig))
        return;
    g_autoptr(Reader) reader = reader_new(&rig->broker, "#");

    configure(rig, rig->broker.port, FRONT BACK);
    post_state(rig, "live");
    await(reader, "vedette/front/state", "live");
    await(reader, "vedette/back/motion", "OFF");
    configure(rig, rig->broker.port, BACK);
    await(reader, SENSOR, "");
    await(reader, "vedette/front/motion", "");
    await(reader, "vedette/front/state", "");
    post_state(rig, "off"); /* it is told as an event, and leaves nothing */
    await_events(rig, 2);
    g_autoptr(Reader) late = reader_new(&rig->broker, "#");
    await(late, "vedette/back/motion", "OFF");
    await(late, "vedette/status", "online");
    g_assert_null(newest(late, SENSOR));
    g_assert_null(newest(late, "vedette/front/motion"));
    g_assert_null(newest(late, "vedette/front/state"));
    configure(rig, rig->broker.port, FRONT BACK);
    await(reader, "vedette/front/motion", "OFF");
    g_assert_cmpstr(newest(reader, "vedette/front/state"), ==, "");
}

static void a_broker_that_comes_back_is_told_how_things_are(Rig *rig, gconstpointer unused)
{
    if (is_without_broker(rig))
        return;
    g_autoptr(Reader) reader = reader_new(&rig->broker, "#");
    gint64 until_us = deadline();

    configure(rig, rig->broker.port, FRONT BACK);
    await(reader, "vedette/status", "online");
    post_state(rig, "live");
    await(reader, "vedette/front/state", "live");
    broker_kill(&rig->broker);
    while (!facts_of(rig).failing) {
        g_assert_cmpint(g_get_monotonic_time(), <, until_us);
        g_usleep(1000);
    }
    post_state(rig, "waiting");
    post(rig, VD_KIND_MOTION_START, NULL);
    VdSinkFacts facts = await_events(rig, 3);
    g_assert_cmpuint(facts.told, ==, 1);
    g_assert_cmpuint(facts.dropped, ==, 2);
    configure(rig, rig->broker.port, FRONT);
    broker_start(&rig->broker);
    g_autoptr(Reader) again = reader_new(&rig->broker, "#");
    await(again, "vedette/front/state", "waiting");
    await(again, "vedette/front/motion", "ON");
    await(again, "vedette/status", "online");
    const char *back = newest(again, "vedette/back/motion");
    g_assert_true(back == NULL || back[0] == '\0'); /* it may be forgotten before he came */
    g_assert_null(newest(again, "vedette/front/events"));
    g_assert_cmpuint(facts_of(rig).failures, >=, 1);
    g_assert_false(facts_of(rig).failing);
}

/* The sink's own connection to the broker. */
static int find_connection(const Broker *broker, int other)
{
    for (int fd = 3; fd < 1024; fd++) {
        struct sockaddr_in peer = {0};
        socklen_t size = sizeof peer;

        if (fd != other && getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
            peer.sin_family == AF_INET && ntohs(peer.sin_port) == broker->port)
            return fd;
    }
    g_assert_not_reached();
}

static void who_is_lost_is_offline_by_the_last_will(Rig *rig, gconstpointer unused)
{
    if (is_without_broker(rig))
        return;
    g_autoptr(Reader) reader = reader_new(&rig->broker, "vedette/status");

    configure(rig, rig->broker.port, FRONT);
    await(reader, "vedette/status", "online");
    shutdown(find_connection(&rig->broker, mosquitto_socket(reader->client)), SHUT_RDWR);
    await(reader, "vedette/status", "offline");
    await(reader, "vedette/status", "online");
    g_assert_cmpuint(facts_of(rig).failures, ==, 1);
}

/* Nobody waits for what it publishes: its lock is free meanwhile. */
static void a_library_that_stands_still_holds_up_nobody(Rig *rig, gconstpointer unused)
{
    if (is_without_broker(rig))
        return;
    g_autoptr(Reader) reader = reader_new(&rig->broker, "#");

    alarm(2 * DEADLINE_S);
    g_atomic_int_set(&gate_closed, 1);
    configure(rig, rig->broker.port, FRONT);
    while (!g_atomic_int_get(&gate_reached))
        g_usleep(1000);
    g_assert_false(facts_of(rig).failing);
    post_state(rig, "live");
    configure(rig, rig->broker.port, FRONT BACK);
    g_assert_null(newest(reader, "vedette/status"));
    g_atomic_int_set(&gate_closed, 0);
    await(reader, "vedette/back/motion", "OFF");
    await(reader, "vedette/front/state", "live");
    alarm(0);
}

/* Of large events, until some are dropped; answers how many it has been told of. */
static guint64 post_until_dropped(Rig *rig)
{
    g_autofree char *large = g_strnfill(4096, 'x');
    guint64 posted = 0;

    while (await_events(rig, posted).dropped == 0) {
        g_assert_cmpuint(posted, <, 100000);
        for (guint i = 0; i < 256; i++, posted++)
            post(rig, VD_KIND_TEST, json_pack("{s:s}", "who", large));
    }
    return posted;
}

static void a_broker_that_stands_still_is_left_behind_and_told_then(Rig *rig, gconstpointer unused)
{
    if (is_without_broker(rig))
        return;
    g_autoptr(Reader) reader = reader_new(&rig->broker, "vedette/+/state");

    configure(rig, rig->broker.port, FRONT);
    while (facts_of(rig).failing)
        g_usleep(1000);
    g_assert_cmpint(kill(rig->broker.pid, SIGSTOP), ==, 0);
    guint64 posted = post_until_dropped(rig);
    g_assert_cmpuint(facts_of(rig).told, >=, VD_MAX_MQTT_WAITING - 8);
    post_state(rig, "waiting");
    VdSinkFacts facts = await_events(rig, posted + 1);
    g_assert_cmpuint(facts.told + facts.dropped, ==, posted + 1);
    g_assert_cmpint(kill(rig->broker.pid, SIGCONT), ==, 0);
    await(reader, "vedette/front/state", "waiting");
}

/* --- without one ------------------------------------------------------------------------------ */

static void without_a_host_nothing_is_told(Rig *rig, gconstpointer unused)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(VdConfig) config = vd_config_new(none);
    VdSinkFacts facts;

    vd_mqtt_configure(rig->mqtt, config);
    post_state(rig, "live");
    g_assert_false(vd_mqtt_tell(rig->mqtt, &facts));
}

/* Nobody listens there, or somebody does who says nothing. Were any call to wait for the broker it
 * would do so for 30 s and more. */
static void cost_nothing(Rig *rig, guint16 port)
{
    const guint count = VD_MAX_EVENTS_HELD / 2;
    gint64 begun_us = g_get_monotonic_time();

    configure(rig, port, FRONT);
    for (guint i = 0; i < count; i++)
        post(rig, VD_KIND_TEST, NULL);
    configure(rig, port, BACK);
    VdSinkFacts facts = await_events(rig, count);
    g_assert_cmpuint(facts.dropped, ==, count);
    g_assert_cmpuint(facts.told, ==, 0);
    g_assert_true(facts.failing);
    g_clear_pointer(&rig->mqtt, vd_mqtt_free);
    g_assert_cmpint(g_get_monotonic_time() - begun_us, <, 20 * G_USEC_PER_SEC);
}

static void a_broker_that_is_not_there_costs_nothing(Rig *rig, gconstpointer unused)
{
    guint16 port;
    int fd = bound_socket(&port); /* and does not listen */

    cost_nothing(rig, port);
    close(fd);
}

static void a_broker_that_says_nothing_costs_nothing(Rig *rig, gconstpointer unused)
{
    guint16 port;
    int fd = bound_socket(&port);

    g_assert_cmpint(listen(fd, 8), ==, 0);
    cost_nothing(rig, port);
    close(fd);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mosquitto_lib_init();
    g_test_add_func("/mqtt/topics_and_sensors_have_their_names",
                    topics_and_sensors_have_their_names);
#define ADD(name) g_test_add("/mqtt/" #name, Rig, NULL, rig_init, name, rig_clear)
    ADD(a_camera_is_found_and_what_happens_is_told);
    ADD(a_camera_that_goes_is_retained_no_longer);
    ADD(a_broker_that_comes_back_is_told_how_things_are);
    ADD(who_is_lost_is_offline_by_the_last_will);
    ADD(a_library_that_stands_still_holds_up_nobody);
    ADD(a_broker_that_stands_still_is_left_behind_and_told_then);
    ADD(without_a_host_nothing_is_told);
    ADD(a_broker_that_is_not_there_costs_nothing);
    ADD(a_broker_that_says_nothing_costs_nothing);
    return g_test_run();
}
