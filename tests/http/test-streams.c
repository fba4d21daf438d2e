#include "base/clock.h"
#include "raw-client.h"
#include "site.h"

#include <string.h>
#include <sys/socket.h>

#define STREAM   "/api/v1/cameras/front/stream.mjpg"
#define SNAPSHOT "/api/v1/cameras/front/snapshot.jpg"
#define SAFARI \
    "User-Agent: Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/17 Safari/605.1\r\n"
#define CHROME                                                                                   \
    "User-Agent: Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36\r\n" \
    "Accept: image/avif,image/webp,image/*,*/*;q=0.8\r\n"

#define PATIENCE_US (60 * G_USEC_PER_SEC)
/* Before the server would find it out by asking: who closed its half is given 5 s. */
#define SOON_US (4 * G_USEC_PER_SEC)

static const char *const ids[] = {"back", "front", "side", NULL};

static void open_site(Site *site, gconstpointer tls)
{
    site_speak_tls(tls != NULL);
    site_open(site, ids, 0);
}

static void close_site(Site *site, gconstpointer unused)
{
    site_close(site);
}

/* A viewer whose reply's headers were read. */
static RawClient *view(Site *site, const char *target, const char *more)
{
    RawClient *client = raw_connect(site->port);

    raw_get(client, target, more);
    g_autofree char *head = raw_head(client);
    g_assert_cmpint(raw_status(head), ==, 200);
    return client;
}

/* The number of the frame in the next part, whose bytes must be its own; 0: the stream ended. */
static guint64 next_frame(RawClient *client, char **camera)
{
    g_autofree char *head = NULL;
    g_autoptr(GBytes) bytes = raw_part(client, &head);

    if (bytes == NULL)
        return 0;
    g_autofree char *text = raw_header(head, "X-Frame");
    guint64 number = g_ascii_strtoull(text, NULL, 10);
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    for (gsize i = 0; i < size; i++)
        if (data[i] != number % 251)
            g_error("byte %" G_GSIZE_FORMAT " of frame %s is of another", i, text);
    if (camera != NULL)
        *camera = raw_header(head, "X-Camera");
    return number;
}

static void until_watching(Site *site, guint count, gint64 most_us)
{
    gint64 deadline_us = g_get_monotonic_time() + most_us;

    while (fake_api_watching(site->fake) != count && g_get_monotonic_time() < deadline_us)
        g_usleep(1000);
    g_assert_cmpuint(fake_api_watching(site->fake), ==, count);
}

static void until_sent(Site *site, guint64 count)
{
    gint64 deadline_us = g_get_monotonic_time() + PATIENCE_US;

    while (fake_api_sent(site->fake) < count && g_get_monotonic_time() < deadline_us)
        g_usleep(1000);
    g_assert_cmpuint(fake_api_sent(site->fake), >=, count);
}

static void a_stream_s_headers_are_what_proxies_and_browsers_need(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) client = raw_connect(site->port);

    raw_get(client, STREAM, "");
    g_autofree char *head = raw_head(client);
    g_assert_true(g_str_has_prefix(head, "HTTP/1.1 200 OK\r\n"));
    static const char *const wanted[][2] = {
        {"Content-Type", "multipart/x-mixed-replace; boundary=vedette"},
        {"Cache-Control", "no-store"},
        {"X-Accel-Buffering", "no"},
        {"Connection", "close"},
        {"Transfer-Encoding", NULL},
        {"Content-Length", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autofree char *value = raw_header(head, wanted[i][0]);

        g_assert_cmpstr(value, ==, wanted[i][1]);
    }
}

static void a_part_says_what_it_is(Site *site, gconstpointer unused)
{
    g_autofree char *head = NULL;
    g_autofree char *card = NULL;

    fake_api_post(site->fake, "front", 7, 5000, false);
    g_autoptr(RawClient) client = view(site, STREAM, "");
    g_autoptr(GBytes) bytes = raw_part(client, &head);
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, 5000);
    static const char *const wanted[][2] = {
        {"Content-Type", "image/jpeg"}, {"Content-Length", "5000"},     {"X-Frame", "7"},
        {"X-Camera", "front"},          {"X-Processing-Time", "1.234"}, {"X-State", "live"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autofree char *value = raw_header(head, wanted[i][0]);

        g_assert_cmpstr(value, ==, wanted[i][1]);
    }
    g_autofree char *stamp = raw_header(head, "X-Timestamp");
    double age_s = (double)vd_clock_wall_us() / 1e6 - g_ascii_strtod(stamp, NULL);
    g_assert_cmpfloat(age_s, >=, 0);
    g_assert_cmpfloat(age_s, <, 60);
    g_assert_cmpuint(strlen(strchr(stamp, '.')), ==, 7);
    fake_api_post(site->fake, "front", 0, 100, true);
    g_autoptr(GBytes) card_bytes = raw_part(client, &card);
    g_autofree char *state = raw_header(card, "X-State");
    g_assert_cmpstr(state, ==, "placeholder");
}

static void the_next_boundary_follows_a_picture_at_once(Site *site, gconstpointer unused)
{
    fake_api_post(site->fake, "front", 1, 100, false);
    g_autoptr(RawClient) client = view(site, STREAM, "");
    next_frame(client, NULL);
    g_autoptr(GBytes) line = raw_bytes(client, strlen("\r\n--vedette\r\n"));
    g_assert_cmpmem(g_bytes_get_data(line, NULL), g_bytes_get_size(line), "\r\n--vedette\r\n", 13);
}

static void every_picture_reaches_both_viewers(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) one = view(site, STREAM, "");
    g_autoptr(RawClient) two = view(site, STREAM, "");

    until_watching(site, 2, PATIENCE_US);
    for (guint64 i = 1; i <= 50; i++) {
        fake_api_post(site->fake, "front", i, 1000 + i, false);
        g_assert_cmpuint(next_frame(one, NULL), ==, i);
        g_assert_cmpuint(next_frame(two, NULL), ==, i);
    }
    until_sent(site, 100);
    g_assert_cmpuint(fake_api_skipped(site->fake), ==, 0);
}

static void http_1_0_is_served_as_well(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) client = raw_connect(site->port);

    fake_api_post(site->fake, "front", 3, 1000, false);
    raw_send(client, "GET " STREAM " HTTP/1.0\r\n\r\n");
    g_autofree char *head = raw_head(client);
    g_assert_cmpint(raw_status(head), ==, 200);
    g_assert_cmpuint(next_frame(client, NULL), ==, 3);
}

static void who_does_not_read_gets_the_newest_afterwards(Site *site, gconstpointer unused)
{
    enum { PICTURES = 200, SIZE = 200 * 1000 };
    g_autoptr(RawClient) slow = raw_connect_small(site->port, 8192);
    g_autoptr(RawClient) fast = view(site, STREAM, "");
    guint64 last = 0, number, frames = 0;

    raw_get(slow, STREAM, "");
    until_watching(site, 2, PATIENCE_US);
    for (guint64 i = 1; i <= PICTURES; i++) {
        fake_api_post(site->fake, "front", i, SIZE, false);
        g_assert_cmpuint(next_frame(fast, NULL), ==, i);
    }
    g_autofree char *head = raw_head(slow);
    g_assert_nonnull(head);
    /* What the kernel had taken comes first, a picture or a few; then the newest, none between. */
    while (last != PICTURES) {
        number = next_frame(slow, NULL);
        g_assert_cmpuint(number, >, last);
        g_test_message("frame %" G_GUINT64_FORMAT, number);
        last = number;
        frames++;
    }
    g_assert_cmpuint(frames, <, 30);
    until_sent(site, PICTURES + frames);
    g_assert_cmpuint(fake_api_skipped(site->fake), ==, PICTURES - frames);
}

static void who_leaves_is_noticed_though_no_picture_comes(Site *site, gconstpointer unused)
{
    RawClient *client = view(site, STREAM, "");

    until_watching(site, 1, PATIENCE_US);
    raw_close(client);
    until_watching(site, 0, PATIENCE_US);
}

static void who_leaves_is_noticed_at_the_next_picture(Site *site, gconstpointer unused)
{
    RawClient *client = view(site, STREAM, "");

    until_watching(site, 1, PATIENCE_US);
    raw_close(client);
    fake_api_post(site->fake, "front", 1, 1000, false);
    until_watching(site, 0, SOON_US);
}

static void who_closes_only_its_sending_half_gets_its_pictures(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) client = view(site, STREAM, "");

    until_watching(site, 1, PATIENCE_US);
    shutdown(client->fd, SHUT_WR);
    for (guint64 i = 1; i <= 20; i++) {
        g_autofree char *head = NULL;

        fake_api_post(site->fake, "front", i, 1000, false);
        g_autoptr(GBytes) part = raw_part(client, &head);
        g_assert_nonnull(part);
        g_assert_cmpuint(g_bytes_get_size(part), ==, 1000);
    }
}

static void who_leaves_in_the_middle_of_a_picture_is_noticed(Site *site, gconstpointer unused)
{
    RawClient *client = raw_connect_small(site->port, 8192);

    fake_api_post(site->fake, "front", 1, 4 * 1000 * 1000, false);
    raw_get(client, STREAM, "");
    g_autofree char *head = raw_head(client);
    until_watching(site, 1, PATIENCE_US);
    raw_close(client);
    until_watching(site, 0, SOON_US);
}

static void a_mailbox_that_closes_ends_the_stream(Site *site, gconstpointer unused)
{
    fake_api_post(site->fake, "front", 1, 1000, false);
    g_autoptr(RawClient) client = view(site, STREAM, "");
    g_assert_cmpuint(next_frame(client, NULL), ==, 1);
    fake_api_remove(site->fake, "front");
    g_autoptr(GBytes) rest = raw_rest(client);
    g_assert_cmpuint(g_bytes_get_size(rest), ==, 13);
    until_watching(site, 0, SOON_US);
}

static void the_wall_carries_all_cameras_in_turn(Site *site, gconstpointer unused)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; ids[i] != NULL; i++)
        fake_api_post(site->fake, ids[i], 10 + i, 2000, false);
    g_autoptr(RawClient) client = view(site, "/api/v1/wall.mjpg", "");
    for (guint i = 0; ids[i] != NULL; i++) {
        char *camera = NULL;

        g_assert_cmpuint(next_frame(client, &camera), >=, 10);
        g_hash_table_add(seen, camera);
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==, 3);
    fake_api_post(site->fake, "side", 50, 100, false);
    g_autofree char *camera = NULL;
    g_assert_cmpuint(next_frame(client, &camera), ==, 50);
    g_assert_cmpstr(camera, ==, "side");
}

static void a_busy_camera_does_not_crowd_out_another(Site *site, gconstpointer unused)
{
    enum { BUSY = 300, SIZE = 100 * 1000 };
    g_autoptr(RawClient) client = raw_connect_small(site->port, 8192);
    guint before_other = 0;

    raw_get(client, "/api/v1/wall.mjpg?cameras=back,front", "");
    until_watching(site, 2, PATIENCE_US);
    for (guint64 i = 1; i <= BUSY; i++)
        fake_api_post(site->fake, "back", i, SIZE, false);
    fake_api_post(site->fake, "front", 1, SIZE, false);
    g_autofree char *head = raw_head(client);
    for (bool other = false; !other; before_other++) {
        g_autofree char *camera = NULL;

        next_frame(client, &camera);
        other = strcmp(camera, "front") == 0;
    }
    g_assert_cmpuint(before_other, <, 30);
}

static void the_wall_ends_when_a_camera_goes(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) client = view(site, "/api/v1/wall.mjpg?cameras=back,front", "");

    until_watching(site, 2, PATIENCE_US);
    fake_api_remove(site->fake, "back");
    g_autoptr(GBytes) rest = raw_rest(client);
    until_watching(site, 0, SOON_US);
}

static void a_wall_begins_with_who_is_left_out(Site *site, gconstpointer unused)
{
    fake_api_fill(site->fake, "back");
    fake_api_fill(site->fake, "side");
    fake_api_post(site->fake, "front", 3, 1000, false);
    g_autoptr(RawClient) client = view(site, "/api/v1/wall.mjpg", "");
    for (guint i = 0; i < 3; i += 2) {
        g_autofree char *head = NULL;
        g_autoptr(GBytes) json = raw_part(client, &head);
        g_autofree char *type = raw_header(head, "Content-Type");
        g_autofree char *camera = raw_header(head, "X-Camera");

        g_assert_cmpstr(type, ==, "application/json");
        g_assert_cmpstr(camera, ==, ids[i]);
        const guint8 *text = g_bytes_get_data(json, NULL);
        g_assert_cmpuint(text[0], ==, '{');
    }
    g_assert_cmpuint(next_frame(client, NULL), ==, 3);
    g_assert_cmpuint(fake_api_watching(site->fake), ==, 1);
}

static void webkit_gets_the_last_picture_twice(Site *site, gconstpointer unused)
{
    fake_api_post(site->fake, "front", 5, 1000, false);
    g_autoptr(RawClient) safari = view(site, STREAM, SAFARI);
    g_assert_cmpuint(next_frame(safari, NULL), ==, 5);
    g_assert_cmpuint(next_frame(safari, NULL), ==, 5);
    fake_api_post(site->fake, "front", 6, 1000, false);
    g_assert_cmpuint(next_frame(safari, NULL), ==, 6);
    until_sent(site, 3);
    g_assert_cmpuint(fake_api_again(site->fake), ==, 1);
}

static void blink_gets_the_next_headers_ahead(Site *site, gconstpointer unused)
{
    static const char ahead[] = "\r\n--vedette\r\nContent-Type: image/jpeg\r\n\r\n";
    g_autoptr(RawClient) client = view(site, STREAM, CHROME);

    for (guint64 i = 1; i < 4; i++) {
        g_autoptr(GBytes) head = raw_bytes(client, strlen(ahead));

        g_assert_cmpmem(g_bytes_get_data(head, NULL), g_bytes_get_size(head), ahead, strlen(ahead));
        fake_api_post(site->fake, "front", i, 1000, false);
        g_autoptr(GBytes) picture = raw_bytes(client, 1000);
        g_assert_cmpint(((const guint8 *)g_bytes_get_data(picture, NULL))[999], ==, i);
    }
}

/* Asks for a snapshot and answers its status; the reply's head and body. */
static int snapshot(Site *site, char **head, GBytes **body)
{
    g_autoptr(RawClient) client = raw_connect(site->port);

    raw_get(client, SNAPSHOT, "");
    *head = raw_head(client);
    g_autofree char *length = raw_header(*head, "Content-Length");
    *body = raw_bytes(client, strtoul(length, NULL, 10));
    return raw_status(*head);
}

static void a_snapshot_is_the_newest_picture(Site *site, gconstpointer unused)
{
    g_autofree char *head = NULL;
    g_autoptr(GBytes) body = NULL;

    fake_api_post(site->fake, "front", 1, 100, false);
    fake_api_post(site->fake, "front", 2, 200, false);
    int status = snapshot(site, &head, &body);
    g_assert_cmpint(status, ==, 200);
    g_autofree char *type = raw_header(head, "Content-Type");
    g_assert_cmpstr(type, ==, "image/jpeg");
    g_assert_cmpuint(g_bytes_get_size(body), ==, 200);
    until_watching(site, 0, SOON_US);
}

static void a_snapshot_waits_for_the_first_live_picture(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) client = raw_connect(site->port);

    fake_api_post(site->fake, "front", 0, 50, true);
    raw_get(client, SNAPSHOT, "");
    until_watching(site, 1, PATIENCE_US);
    fake_api_post(site->fake, "front", 1, 100, false);
    g_autofree char *body = NULL;
    g_assert_cmpint(raw_reply(client, NULL, &body), ==, 200);
    /* The connection goes on as any other. */
    raw_get(client, "/healthz", "");
    g_assert_cmpint(raw_reply(client, NULL, NULL), ==, 200);
}

static void a_snapshot_that_waited_in_vain_says_so(Site *site, gconstpointer unused)
{
    g_autofree char *head = NULL;
    g_autoptr(GBytes) body = NULL;
    gint64 begin_us = vd_clock_now_us();

    int status = snapshot(site, &head, &body);
    g_assert_cmpint(status, ==, 503);
    g_assert_cmpint(vd_clock_now_us() - begin_us, >=, 4 * G_USEC_PER_SEC);
    g_autofree char *type = raw_header(head, "Content-Type");
    g_assert_cmpstr(type, ==, "application/json");
    g_autofree char *retry = raw_header(head, "Retry-After");
    g_assert_nonnull(retry);
}

/* The held clock goes on, and the server's loop has gone round once, whole, when this returns. */
static void advance(Site *site, gint64 us)
{
    g_autoptr(RawClient) client = raw_connect(site->port);

    vd_clock_advance(us);
    /* the first two may be answered in a round that began before */
    for (guint i = 0; i < 3; i++) {
        raw_get(client, "/healthz", "");
        g_assert_cmpint(raw_reply(client, NULL, NULL), ==, 200);
    }
}

/* The clock is read behind each picture: what one viewer's takes is not the next one's. */
static void first_and_last_byte_are_told_with_their_times(Site *site, gconstpointer unused)
{
    enum { SIZE = 8 * 1000 * 1000, MORE_THAN_A_TICK_US = 1200 * 1000 };
    gint64 posted_us = vd_clock_now_us(), begun_us, done_us;

    vd_clock_hold(posted_us, vd_clock_wall_us());
    g_autoptr(RawClient) slow = raw_connect_small(site->port, 8192);
    raw_get(slow, STREAM, "");
    g_autofree char *head = raw_head(slow);
    until_watching(site, 1, PATIENCE_US);
    fake_api_post(site->fake, "front", 1, SIZE, false);
    advance(site, 0);
    advance(site, MORE_THAN_A_TICK_US);
    g_assert_cmpuint(fake_api_sent(site->fake), ==, 0);
    g_assert_cmpuint(next_frame(slow, NULL), ==, 1);
    until_sent(site, 1);
    fake_api_times(site->fake, &begun_us, &done_us);
    g_assert_cmpint(begun_us, ==, posted_us);
    g_assert_cmpint(done_us, ==, posted_us + MORE_THAN_A_TICK_US);
    vd_clock_release();
}

/* The loop has other things to do once a second, and each of these begins at another time. */
static void a_snapshot_waits_as_long_as_it_says(Site *site, gconstpointer unused)
{
    vd_clock_hold(vd_clock_now_us(), vd_clock_wall_us());
    for (gint64 phase_us = 0; phase_us < G_USEC_PER_SEC; phase_us += G_USEC_PER_SEC / 4) {
        g_autoptr(RawClient) client = raw_connect(site->port);

        advance(site, G_USEC_PER_SEC);
        advance(site, phase_us);
        raw_get(client, SNAPSHOT, "");
        until_watching(site, 1, PATIENCE_US);
        advance(site, 0); /* it has its deadline now, too */
        advance(site, G_USEC_PER_SEC - phase_us);
        for (guint second = 2; second < 5; second++)
            advance(site, G_USEC_PER_SEC);
        advance(site, G_USEC_PER_SEC + phase_us - 1);
        g_assert_cmpuint(fake_api_watching(site->fake), ==, 1);
        advance(site, 1);
        g_assert_cmpint(raw_reply(client, NULL, NULL), ==, 503);
        g_assert_cmpuint(fake_api_watching(site->fake), ==, 0);
    }
    vd_clock_release();
}

static void a_placeholder_is_the_body_of_a_503(Site *site, gconstpointer unused)
{
    g_autofree char *head = NULL;
    g_autoptr(GBytes) body = NULL;

    fake_api_post(site->fake, "front", 0, 77, true);
    int status = snapshot(site, &head, &body);
    g_assert_cmpint(status, ==, 503);
    g_autofree char *type = raw_header(head, "Content-Type");
    g_assert_cmpstr(type, ==, "image/jpeg");
    g_autofree char *state = raw_header(head, "X-State");
    g_assert_cmpstr(state, ==, "placeholder");
    g_assert_cmpuint(g_bytes_get_size(body), ==, 77);
}

static void who_does_not_wait_for_a_snapshot_is_noticed(Site *site, gconstpointer unused)
{
    RawClient *client = raw_connect(site->port);

    raw_get(client, SNAPSHOT, "");
    until_watching(site, 1, PATIENCE_US);
    raw_close(client);
    until_watching(site, 0, PATIENCE_US);
}

static void stopping_does_not_wait_for_viewers(gconstpointer tls)
{
    Site site;
    g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func((GDestroyNotify)raw_close);

    open_site(&site, tls);
    for (int i = 0; i < 20; i++) {
        RawClient *client = raw_connect(site.port);

        g_ptr_array_add(clients, client);
        raw_get(client, i % 3 == 0 ? SNAPSHOT : i % 3 == 1 ? STREAM : "/api/v1/wall.mjpg", "");
    }
    until_watching(&site, 7 + 7 + 6 * 3, PATIENCE_US);
    gint64 begin_us = vd_clock_now_us();
    close_site(&site, NULL);
    g_assert_cmpint(vd_clock_now_us() - begin_us, <, SOON_US); /* snapshots would wait for 5 s */
}

/* Viewers that come and go while pictures are posted: for the sanitizers. */
static void *come_and_go(void *data)
{
    Site *site = data;

    for (int i = 0; i < 100; i++) {
        g_autoptr(RawClient) client = raw_connect(site->port);

        raw_get(client, i % 2 == 0 ? STREAM : "/api/v1/wall.mjpg", "");
        g_autofree char *head = raw_head(client);
        if (i % 3 == 0)
            next_frame(client, NULL);
    }
    return NULL;
}

static void viewers_come_and_go(Site *site, gconstpointer unused)
{
    GThread *threads[3];

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("viewer", come_and_go, site);
    for (guint64 i = 1; fake_api_sent(site->fake) < 100; i++) {
        for (guint j = 0; ids[j] != NULL; j++)
            fake_api_post(site->fake, ids[j], i, 20000, false);
        g_usleep(500);
    }
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    until_watching(site, 0, PATIENCE_US);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name)                                                          \
    g_test_add("/streams/" #name, Site, NULL, open_site, name, close_site); \
    g_test_add("/streams/tls/" #name, Site, "tls", open_site, name, close_site)
    TEST(a_stream_s_headers_are_what_proxies_and_browsers_need);
    TEST(a_part_says_what_it_is);
    TEST(the_next_boundary_follows_a_picture_at_once);
    TEST(every_picture_reaches_both_viewers);
    TEST(http_1_0_is_served_as_well);
    TEST(who_does_not_read_gets_the_newest_afterwards);
    TEST(who_leaves_is_noticed_though_no_picture_comes);
    TEST(who_leaves_is_noticed_at_the_next_picture);
    TEST(who_closes_only_its_sending_half_gets_its_pictures);
    TEST(who_leaves_in_the_middle_of_a_picture_is_noticed);
    TEST(a_mailbox_that_closes_ends_the_stream);
    TEST(the_wall_carries_all_cameras_in_turn);
    TEST(a_busy_camera_does_not_crowd_out_another);
    TEST(the_wall_ends_when_a_camera_goes);
    TEST(a_wall_begins_with_who_is_left_out);
    TEST(webkit_gets_the_last_picture_twice);
    TEST(blink_gets_the_next_headers_ahead);
    TEST(a_snapshot_is_the_newest_picture);
    TEST(a_snapshot_waits_for_the_first_live_picture);
    TEST(a_snapshot_that_waited_in_vain_says_so);
    TEST(first_and_last_byte_are_told_with_their_times);
    TEST(a_snapshot_waits_as_long_as_it_says);
    TEST(a_placeholder_is_the_body_of_a_503);
    TEST(who_does_not_wait_for_a_snapshot_is_noticed);
    TEST(viewers_come_and_go);
    g_test_add_data_func("/streams/stopping_does_not_wait_for_viewers", NULL,
                         stopping_does_not_wait_for_viewers);
    g_test_add_data_func("/streams/tls/stopping_does_not_wait_for_viewers", "tls",
                         stopping_does_not_wait_for_viewers);
    return g_test_run();
}
