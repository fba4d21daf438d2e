#include "base/clock.h"
#include "base/limits.h"
#include "raw-client.h"
#include "site.h"

#include <string.h>

/* Viewers of a video, which cannot do without a picture that the next one builds on. */

#define STREAM      "/api/v1/cameras/front/stream.mp4"
#define PATIENCE_US (60 * G_USEC_PER_SEC)

enum { SIZE = 1000, LARGE = 200 * 1000, WIDTH = 640 };

static const char *const ids[] = {"front", NULL};

static void open_site(Site *site, gconstpointer tls)
{
    site_speak_tls(tls != NULL);
    site_open(site, ids, 0);
}

static void close_site(Site *site, gconstpointer unused)
{
    site_close(site);
}

static void until_watching(Site *site, guint count)
{
    gint64 deadline_us = g_get_monotonic_time() + PATIENCE_US;

    while (fake_api_watching(site->fake) != count && g_get_monotonic_time() < deadline_us)
        g_usleep(1000);
    g_assert_cmpuint(fake_api_watching(site->fake), ==, count);
}

static void until_sent(Site *site, guint64 count)
{
    gint64 deadline_us = g_get_monotonic_time() + PATIENCE_US;

    while (fake_api_sent(site->fake) < count && g_get_monotonic_time() < deadline_us)
        g_usleep(1000);
    g_assert_cmpuint(fake_api_sent(site->fake), ==, count);
}

/* The viewer sits when it has asked for a key picture: the server asks for no other reason. */
static void until_key_is_wanted(Site *site)
{
    gint64 deadline_us = g_get_monotonic_time() + PATIENCE_US;

    while (!fake_api_wants_key(site->fake, "front") && g_get_monotonic_time() < deadline_us)
        g_usleep(1000);
    g_assert_true(fake_api_wants_key(site->fake, "front"));
}

static void post(Site *site, guint64 number, bool delta)
{
    fake_api_post_video(site->fake, "front", number, SIZE, delta, WIDTH);
}

static RawClient *view(Site *site)
{
    RawClient *client = raw_connect(site->port);

    raw_get(client, STREAM, "");
    g_autofree char *head = raw_head(client);
    g_assert_cmpint(raw_status(head), ==, 200);
    return client;
}

static void assert_opening(RawClient *client)
{
    g_autoptr(GBytes) bytes = raw_bytes(client, strlen(FAKE_OPENING));

    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), FAKE_OPENING,
                    strlen(FAKE_OPENING));
}

/* The next picture's number, modulo 251, whose bytes must be its own; -1: the stream ended. */
static int next_picture(RawClient *client, gsize wanted)
{
    g_autoptr(GBytes) bytes = raw_bytes(client, wanted);
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);

    if (size == 0)
        return -1;
    g_assert_cmpuint(size, ==, wanted);
    for (gsize i = 1; i < size; i++)
        g_assert_cmpint(data[i], ==, data[0]);
    return data[0];
}

static void a_video_is_its_opening_and_then_every_picture(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) one = raw_connect(site->port);
    g_autoptr(RawClient) two = view(site);

    raw_get(one, STREAM, "");
    g_autofree char *head = raw_head(one);
    g_autofree char *type = raw_header(head, "Content-Type");
    g_assert_cmpstr(type, ==, "video/mp4");
    until_watching(site, 2);
    for (guint64 i = 1; i <= 50; i++) {
        post(site, i, i % 20 != 1);
        if (i == 1) {
            assert_opening(one);
            assert_opening(two);
        }
        g_assert_cmpint(next_picture(one, SIZE), ==, i);
        g_assert_cmpint(next_picture(two, SIZE), ==, i);
    }
    until_sent(site, 100);
    g_assert_cmpuint(fake_api_skipped(site->fake), ==, 0);
    g_assert_cmpuint(fake_api_bytes(site->fake), ==, 100 * SIZE + 2 * strlen(FAKE_OPENING));
}

/* So many that a pipe has the fragment for them, and one more who begins with an opening. */
static void many_viewers_get_the_same_bytes(Site *site, gconstpointer unused)
{
    RawClient *viewers[32];

    for (guint i = 0; i < G_N_ELEMENTS(viewers); i++)
        viewers[i] = view(site);
    until_watching(site, G_N_ELEMENTS(viewers));
    for (guint64 i = 1; i <= 10; i++) {
        post(site, i, i != 1 && i != 8);
        if (i == 1)
            for (guint j = 0; j < G_N_ELEMENTS(viewers); j++)
                assert_opening(viewers[j]);
        for (guint j = 0; j < G_N_ELEMENTS(viewers); j++)
            g_assert_cmpint(next_picture(viewers[j], SIZE), ==, i);
    }
    until_sent(site, 10 * G_N_ELEMENTS(viewers));
    g_autoptr(RawClient) late = view(site);
    until_key_is_wanted(site);
    post(site, 11, false);
    assert_opening(late);
    g_assert_cmpint(next_picture(late, SIZE), ==, 11);
    for (guint j = 0; j < G_N_ELEMENTS(viewers); j++) {
        g_assert_cmpint(next_picture(viewers[j], SIZE), ==, 11);
        raw_close(viewers[j]);
    }
}

static void who_comes_later_begins_with_a_key_picture(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) first = view(site);

    until_key_is_wanted(site);
    for (guint64 i = 1; i <= 5; i++)
        post(site, i, i > 1);
    until_sent(site, 5);
    g_assert_false(fake_api_wants_key(site->fake, "front"));
    g_autoptr(RawClient) late = view(site);
    until_key_is_wanted(site);
    post(site, 6, true);
    post(site, 7, false);
    post(site, 8, true);
    assert_opening(late);
    g_assert_cmpint(next_picture(late, SIZE), ==, 7);
    g_assert_cmpint(next_picture(late, SIZE), ==, 8);
    assert_opening(first);
    for (guint64 i = 1; i <= 5; i++)
        g_assert_cmpint(next_picture(first, SIZE), ==, i);
    g_autoptr(RawClient) last = view(site);
    until_key_is_wanted(site);
    g_assert_cmpuint(fake_api_skipped(site->fake), <=, 1); /* 6, when 7 overtook it */
}

static void who_comes_right_behind_a_key_picture_begins_with_it(Site *site, gconstpointer unused)
{
    post(site, 1, false);
    g_autoptr(RawClient) client = view(site);
    assert_opening(client);
    g_assert_cmpint(next_picture(client, SIZE), ==, 1);
    g_assert_false(fake_api_wants_key(site->fake, "front"));
}

/* Both have the first picture, a small key picture. */
static void begin_both(Site *site, RawClient *slow, RawClient *fast)
{
    raw_get(slow, STREAM, "");
    g_autofree char *head = raw_head(slow);
    g_assert_nonnull(head);
    until_watching(site, 2);
    post(site, 1, false);
    assert_opening(slow);
    assert_opening(fast);
    g_assert_cmpint(next_picture(slow, SIZE), ==, 1);
    g_assert_cmpint(next_picture(fast, SIZE), ==, 1);
}

/* A key picture every 40: the slow one goes from one of those to another, the fast one has all. */
static void who_does_not_read_goes_on_with_the_newest_key_picture(Site *site, gconstpointer unused)
{
    enum { PICTURES = 210, EVERY = 40, LAST_KEY = 201 };
    g_autoptr(RawClient) slow = raw_connect_small(site->port, 8192);
    g_autoptr(RawClient) fast = view(site);
    int last = 1, number, pictures = 1;

    begin_both(site, slow, fast);
    for (guint64 i = 2; i <= PICTURES; i++) {
        fake_api_post_video(site->fake, "front", i, LARGE, i % EVERY != 1, WIDTH);
        g_assert_cmpint(next_picture(fast, LARGE), ==, i);
    }
    for (; last != PICTURES; last = number, pictures++) {
        number = next_picture(slow, LARGE);
        g_assert_cmpint(number, >, last);
        g_assert_true(number == last + 1 || number % EVERY == 1);
        if (number != last + 1)
            g_assert_cmpint(number, ==, LAST_KEY);
    }
    g_assert_cmpint(pictures, <, EVERY);
    until_sent(site, PICTURES + (guint64)pictures);
    g_assert_cmpuint(fake_api_skipped(site->fake), ==, (guint64)(PICTURES - pictures));
}

/* Nothing that it could go on with is kept: it waits for the next key picture. */
static void who_is_too_far_behind_waits_for_a_key_picture(Site *site, gconstpointer unused)
{
    enum { PICTURES = VD_MAX_BEHIND + 60 };
    g_autoptr(RawClient) slow = raw_connect_small(site->port, 8192);
    g_autoptr(RawClient) fast = view(site);
    int last = 1, number;

    begin_both(site, slow, fast);
    for (guint64 i = 2; i <= PICTURES; i++) {
        fake_api_post_video(site->fake, "front", i, LARGE, true, WIDTH);
        g_assert_cmpint(next_picture(fast, LARGE), ==, i);
    }
    fake_api_post_video(site->fake, "front", PICTURES + 1, LARGE, false, WIDTH);
    for (; last != PICTURES + 1; last = number) {
        number = next_picture(slow, LARGE);
        g_assert_true(number == last + 1 || number == PICTURES + 1);
    }
    g_assert_cmpint(next_picture(fast, LARGE), ==, PICTURES + 1);
}

static void a_video_ends_when_its_size_changes(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) client = view(site);

    until_watching(site, 1);
    post(site, 1, false);
    assert_opening(client);
    g_assert_cmpint(next_picture(client, SIZE), ==, 1);
    fake_api_post_video(site->fake, "front", 2, SIZE, false, 2 * WIDTH);
    g_assert_cmpint(next_picture(client, SIZE), ==, -1);
    until_watching(site, 0);
    g_autoptr(RawClient) again = view(site);
    assert_opening(again);
    g_assert_cmpint(next_picture(again, SIZE), ==, 2);
}

static void a_camera_that_goes_ends_it(Site *site, gconstpointer unused)
{
    g_autoptr(RawClient) client = view(site);

    until_watching(site, 1);
    fake_api_remove(site->fake, "front");
    g_autoptr(GBytes) rest = raw_rest(client);
    g_assert_cmpuint(g_bytes_get_size(rest), ==, 0);
    until_watching(site, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name)                                                                \
    g_test_add("/streams-video/" #name, Site, NULL, open_site, name, close_site); \
    g_test_add("/streams-video/tls/" #name, Site, "tls", open_site, name, close_site)
    TEST(a_video_is_its_opening_and_then_every_picture);
    TEST(many_viewers_get_the_same_bytes);
    TEST(who_comes_later_begins_with_a_key_picture);
    TEST(who_comes_right_behind_a_key_picture_begins_with_it);
    TEST(who_does_not_read_goes_on_with_the_newest_key_picture);
    TEST(who_is_too_far_behind_waits_for_a_key_picture);
    TEST(a_video_ends_when_its_size_changes);
    TEST(a_camera_that_goes_ends_it);
    return g_test_run();
}
