#include "events/mqtt-link.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"

#include <errno.h>
#include <mosquitto.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define KEEPALIVE_S 30
#define LOOP_MS     1000
#define LEAST_US    ((gint64)G_USEC_PER_SEC) /* between tries, then twice as long ... */
#define MOST_US     (60 * (gint64)G_USEC_PER_SEC)

struct VdMqttLink {
    gatomicrefcount refs;
    struct mosquitto *client;
    char *host;
    int port;
    int sending;       /* eventfd: there is something to send, or it is over */
    guint64 *failures; /* atomic, shared */
    VdLock lock;
    VdCond woken, ended;
    bool happened, anew, stopped; /* [lock] for who waits */
    bool over;                    /* [lock] */
    bool connected;               /* [lock] */
    bool missed;                  /* [lock] a message was refused since how things are was told */
    guint waiting;                /* [lock] messages on their way to the socket */
};

VdMqttLink *vd_mqtt_link_ref(VdMqttLink *link)
{
    g_atomic_ref_count_inc(&link->refs);
    return link;
}

void vd_mqtt_link_unref(VdMqttLink *link)
{
    if (link == NULL || !g_atomic_ref_count_dec(&link->refs))
        return;
    mosquitto_destroy(link->client);
    g_atomic_rc_box_release(link->failures);
    vd_cond_clear(&link->ended);
    vd_cond_clear(&link->woken);
    vd_lock_clear(&link->lock);
    close(link->sending);
    g_free(link->host);
    g_free(link);
}

/* --- publishing ------------------------------------------------------------------------------- */

/* A place for a message. Without a connection libmosquitto would keep it for the next one. */
static bool reserve(VdMqttLink *link)
{
    vd_lock(&link->lock);
    bool free_place = link->connected && link->waiting < VD_MAX_MQTT_WAITING;
    if (free_place)
        link->waiting++;
    else
        link->missed = true;
    vd_unlock(&link->lock);
    return free_place;
}

/* One message less waits. What could not be told meanwhile shows in how things are now. */
static void release(VdMqttLink *link)
{
    vd_lock(&link->lock);
    link->waiting -= link->waiting > 0 ? 1 : 0; /* it may be of the connection before */
    if (link->waiting == 0 && link->missed && link->connected) {
        link->missed = false;
        link->anew = true;
        vd_cond_signal(&link->woken);
    }
    vd_unlock(&link->lock);
}

static void wake_sender(VdMqttLink *link)
{
    static const guint64 one = 1;

    (void)!write(link->sending, &one, sizeof one);
}

bool vd_mqtt_link_publish(VdMqttLink *link, const char *topic, const void *text, gsize size,
                          bool retain)
{
    if (!reserve(link))
        return false;
    if (mosquitto_publish(link->client, NULL, topic, (int)size, text, 0, retain) !=
        MOSQ_ERR_SUCCESS) {
        release(link);
        return false;
    }
    wake_sender(link);
    return true;
}

bool vd_mqtt_link_connected(VdMqttLink *link)
{
    vd_lock(&link->lock);
    bool connected = link->connected;
    vd_unlock(&link->lock);
    return connected;
}

/* --- for who publishes ------------------------------------------------------------------------ */

void vd_mqtt_link_wake(VdMqttLink *link, bool anew)
{
    vd_lock(&link->lock);
    link->happened = true;
    link->anew = link->anew || anew;
    vd_cond_signal(&link->woken);
    vd_unlock(&link->lock);
}

void vd_mqtt_link_stop(VdMqttLink *link)
{
    vd_lock(&link->lock);
    link->stopped = true;
    vd_cond_signal(&link->woken);
    vd_unlock(&link->lock);
}

bool vd_mqtt_link_wait(VdMqttLink *link, bool *anew)
{
    vd_lock(&link->lock);
    while (!link->stopped && !link->happened && !link->anew)
        vd_cond_wait(&link->woken, &link->lock);
    bool stopped = link->stopped;
    *anew = link->anew;
    link->happened = link->anew = false;
    vd_unlock(&link->lock);
    return !stopped;
}

/* --- the connection's thread ------------------------------------------------------------------ */

static void on_disconnect(struct mosquitto *client, void *data, int why)
{
    VdMqttLink *link = data;

    vd_lock(&link->lock);
    link->connected = false;
    vd_unlock(&link->lock);
}

static void on_connect(struct mosquitto *client, void *data, int result)
{
    VdMqttLink *link = data;

    if (result != 0) {
        vd_log_change(VD_LOG_WARNING, NULL, "mqtt", "mqtt: %s:%d: %s; trying again", link->host,
                      link->port, mosquitto_connack_string(result));
        return;
    }
    vd_log_change(VD_LOG_INFO, NULL, "mqtt", "mqtt: connected to %s:%d", link->host, link->port);
    vd_lock(&link->lock);
    link->connected = link->anew = true;
    link->missed = false;
    link->waiting = 0; /* what waited for the connection before is lost */
    vd_cond_signal(&link->woken);
    vd_unlock(&link->lock);
}

/* [the connection's thread] It has gone to the socket. */
static void on_published(struct mosquitto *client, void *data, int number)
{
    release(data);
}

static bool is_over(VdMqttLink *link)
{
    vd_lock(&link->lock);
    bool over = link->over;
    vd_unlock(&link->lock);
    return over;
}

/* mosquitto_loop() is no use: not every libmosquitto sends before it comes round again when another
 * thread publishes. */
static int talk_once(VdMqttLink *link)
{
    struct pollfd fds[] = {
        {.fd = mosquitto_socket(link->client), .events = POLLIN},
        {.fd = link->sending, .events = POLLIN},
    };
    guint64 times;
    int result = MOSQ_ERR_SUCCESS;

    if (mosquitto_want_write(link->client))
        fds[0].events |= POLLOUT;
    poll(fds, G_N_ELEMENTS(fds), LOOP_MS);
    if (fds[1].revents != 0)
        (void)!read(link->sending, &times, sizeof times);
    if ((fds[0].revents & ~POLLOUT) != 0)
        result = mosquitto_loop_read(link->client, 1);
    if (result == MOSQ_ERR_SUCCESS && mosquitto_want_write(link->client))
        result = mosquitto_loop_write(link->client, 1);
    return result == MOSQ_ERR_SUCCESS ? mosquitto_loop_misc(link->client) : result;
}

/* Until the connection is over: why. */
static int talk(VdMqttLink *link)
{
    int result = mosquitto_connect(link->client, link->host, link->port, KEEPALIVE_S);
    bool leaving = false;

    while (result == MOSQ_ERR_SUCCESS) {
        if (!leaving && is_over(link)) {
            leaving = true;
            mosquitto_disconnect(link->client);
        }
        result = talk_once(link);
    }
    return result;
}

static const char *reason(int result)
{
    return result == MOSQ_ERR_ERRNO ? g_strerror(errno) : mosquitto_strerror(result);
}

/* on_connect() has said it when it was refused. */
static void note_failure(VdMqttLink *link, int result)
{
    if (is_over(link))
        return;
    __atomic_add_fetch(link->failures, 1, __ATOMIC_RELAXED);
    if (result != MOSQ_ERR_NO_CONN && result != MOSQ_ERR_CONN_REFUSED)
        vd_log_change(VD_LOG_WARNING, NULL, "mqtt", "mqtt: %s:%d: %s; trying again", link->host,
                      link->port, reason(result));
}

/* False: it is over. */
static bool wait_to_try_again(VdMqttLink *link, gint64 delay_us)
{
    gint64 until_us = vd_clock_now_us() + delay_us;

    vd_lock(&link->lock);
    while (!link->over && vd_cond_wait_until(&link->ended, &link->lock, until_us))
        ;
    bool over = link->over;
    vd_unlock(&link->lock);
    return !over;
}

static void *keep_talking(void *data)
{
    VdMqttLink *link = data;
    gint64 delay_us = LEAST_US, begun_us;

    do {
        begun_us = vd_clock_now_us();
        note_failure(link, talk(link));
        delay_us = vd_clock_now_us() - begun_us > MOST_US ? LEAST_US : MIN(2 * delay_us, MOST_US);
    } while (wait_to_try_again(link, delay_us / 2));
    vd_mqtt_link_unref(link);
    return NULL;
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void prepare(struct mosquitto *client, const VdMqttBroker *broker, const char *status)
{
    mosquitto_threaded_set(client, true);
    mosquitto_connect_callback_set(client, on_connect);
    mosquitto_disconnect_callback_set(client, on_disconnect);
    mosquitto_publish_callback_set(client, on_published);
    mosquitto_will_set(client, status, (int)strlen("offline"), "offline", 0, true);
    if (broker->user != NULL)
        mosquitto_username_pw_set(client, broker->user, broker->password);
    if (broker->tls) {
        mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1);
        mosquitto_tls_set(client, NULL, "/etc/ssl/certs", NULL, NULL, NULL);
    }
}

VdMqttLink *vd_mqtt_link_new(const VdMqttBroker *broker, const char *status, guint64 *failures)
{
    VdMqttLink *link = g_new0(VdMqttLink, 1);

    mosquitto_lib_init(); /* OpenSSL, too, which takes megabytes; again it does nothing */
    g_atomic_ref_count_init(&link->refs);
    link->host = g_strdup(broker->host);
    link->port = broker->port;
    link->sending = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    link->failures = g_atomic_rc_box_acquire(failures);
    vd_lock_init(&link->lock);
    vd_cond_init(&link->woken);
    vd_cond_init(&link->ended);
    link->client = mosquitto_new(NULL, true, link);
    prepare(link->client, broker, status);
    g_thread_unref(g_thread_new("mqtt", keep_talking, vd_mqtt_link_ref(link)));
    return link;
}

void vd_mqtt_link_leave(VdMqttLink *link)
{
    vd_lock(&link->lock);
    link->over = true;
    vd_cond_signal(&link->ended);
    vd_unlock(&link->lock);
    wake_sender(link);
}
