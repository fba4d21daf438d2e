#include "raw-client.h"
#include "site.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define STREAM "/api/v1/cameras/front/stream.mjpg"
#define CHROME                                                                                   \
    "User-Agent: Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36\r\n" \
    "Accept: image/avif,image/webp,image/*,*/*;q=0.8\r\n"

#define PATIENCE_US (60 * G_USEC_PER_SEC)

enum {
    FEW = 15, /* each of whom gets a copy */
    MANY = 40,
};

static const char *const ids[] = {"front", NULL};

typedef struct Crowd {
    Site at;
    RawClient *viewers[MANY];
} Crowd;

static void open_site(Crowd *crowd, gconstpointer tls)
{
    site_speak_tls(tls != NULL);
    site_open(&crowd->at, ids, 0);
}

static void close_site(Crowd *crowd, gconstpointer unused)
{
    for (guint i = 0; i < MANY && crowd->viewers[i] != NULL; i++)
        raw_close(crowd->viewers[i]);
    site_close(&crowd->at);
}

static void until(Crowd *crowd, guint (*value)(FakeApi *fake), guint wanted)
{
    gint64 deadline_us = g_get_monotonic_time() + PATIENCE_US;

    while (value(crowd->at.fake) != wanted && g_get_monotonic_time() < deadline_us)
        g_usleep(1000);
    g_assert_cmpuint(value(crowd->at.fake), ==, wanted);
}

/* A part is told of behind its last byte, which a viewer may have by then. */
static void until_sent(Crowd *crowd, guint64 count)
{
    gint64 deadline_us = g_get_monotonic_time() + PATIENCE_US;

    while (fake_api_sent(crowd->at.fake) < count && g_get_monotonic_time() < deadline_us)
        g_usleep(1000);
    g_assert_cmpuint(fake_api_sent(crowd->at.fake), ==, count);
}

static void watch(Crowd *crowd, guint count)
{
    for (guint i = 0; i < count; i++) {
        crowd->viewers[i] = raw_connect(crowd->at.port);
        raw_get(crowd->viewers[i], STREAM, "");
        g_autofree char *head = raw_head(crowd->viewers[i]);
        g_assert_cmpint(raw_status(head), ==, 200);
    }
    until(crowd, fake_api_watching, count);
}

static void assert_bytes(GBytes *bytes, guint64 number, gsize size)
{
    gsize got;
    const guint8 *data = g_bytes_get_data(bytes, &got);

    g_assert_cmpuint(got, ==, size);
    for (gsize i = 0; i < size; i++)
        if (data[i] != number % 251)
            g_error("byte %" G_GSIZE_FORMAT " of frame %" G_GUINT64_FORMAT, i, number);
}

static void assert_frame(RawClient *viewer, guint64 number, gsize size)
{
    g_autofree char *head = NULL;
    g_autoptr(GBytes) bytes = raw_part(viewer, &head);

    g_assert_nonnull(bytes);
    g_autofree char *text = raw_header(head, "X-Frame");
    g_assert_cmpuint(g_ascii_strtoull(text, NULL, 10), ==, number);
    assert_bytes(bytes, number, size);
}

static void assert_all_get(Crowd *crowd, guint count, guint64 number, gsize size)
{
    fake_api_post(crowd->at.fake, "front", number, size, false);
    for (guint i = 0; i < count; i++)
        assert_frame(crowd->viewers[i], number, size);
}

/* Ends of pipes that this process has open. */
static guint pipes(void)
{
    g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name;
    guint count = 0;

    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%s", name);
        g_autofree char *target = g_file_read_link(path, NULL);

        count += target != NULL && g_str_has_prefix(target, "pipe:");
    }
    return count;
}

static void a_few_viewers_need_no_pipe(Crowd *crowd, gconstpointer unused)
{
    guint before = pipes();

    watch(crowd, FEW);
    for (guint64 i = 1; i <= 3; i++)
        assert_all_get(crowd, FEW, i, 30000);
    g_assert_cmpuint(pipes(), ==, before);
}

/* What each of them gets is another: it is encrypted for him alone. */
static void encrypted_viewers_need_no_pipe(Crowd *crowd, gconstpointer unused)
{
    guint before = pipes();

    watch(crowd, MANY);
    for (guint64 i = 1; i <= 20; i++)
        assert_all_get(crowd, MANY, i, 30000 + 5000 * i);
    g_assert_cmpuint(pipes(), ==, before);
}

static void many_viewers_get_every_picture_from_one_pipe(Crowd *crowd, gconstpointer unused)
{
    guint before = pipes();

    watch(crowd, MANY);
    for (guint64 i = 1; i <= 20; i++)
        assert_all_get(crowd, MANY, i, 30000 + 5000 * i);
    g_assert_cmpuint(pipes(), ==, before + 4);
    for (guint i = 0; i < MANY; i++)
        raw_close(g_steal_pointer(&crowd->viewers[i]));
    until(crowd, fake_api_watching, 0);
    g_assert_cmpuint(pipes(), ==, before);
}

/* Of pictures that are larger than what a socket takes at once, and than a pipe may be. */
static void large_pictures_arrive_whole(Crowd *crowd, gconstpointer unused)
{
    watch(crowd, MANY);
    assert_all_get(crowd, MANY, 1, 700 * 1000);
    assert_all_get(crowd, MANY, 2, 5 * 1000 * 1000);
    assert_all_get(crowd, MANY, 3, 1000);
}

/* It holds nobody back, and what it gets late is whole, whatever the pipe has had since. */
static void who_stops_in_the_middle_of_a_picture_gets_the_rest(Crowd *crowd, gconstpointer unused)
{
    enum { PICTURES = 30, SIZE = 300 * 1000 };
    g_autoptr(RawClient) slow = raw_connect_small(crowd->at.port, 8192);
    guint64 last = 0, frames = 0;

    watch(crowd, MANY);
    raw_get(slow, STREAM, "");
    g_autofree char *head = raw_head(slow);
    until(crowd, fake_api_watching, MANY + 1);
    for (guint64 i = 1; i <= PICTURES; i++)
        assert_all_get(crowd, MANY, i, SIZE);
    while (last != PICTURES) {
        g_autofree char *part_head = NULL;
        g_autoptr(GBytes) bytes = raw_part(slow, &part_head);
        g_assert_nonnull(bytes);
        g_autofree char *text = raw_header(part_head, "X-Frame");
        guint64 number = g_ascii_strtoull(text, NULL, 10);

        g_assert_cmpuint(number, >, last);
        assert_bytes(bytes, number, SIZE);
        last = number;
        frames++;
    }
    g_assert_cmpuint(frames, <, PICTURES);
    until_sent(crowd, MANY * PICTURES + frames);
    g_assert_cmpuint(fake_api_skipped(crowd->at.fake), ==, PICTURES - frames);
}

/* Chrome has the parts framed in another way, which is not what the pipe has. */
static void another_framing_is_not_mixed_up(Crowd *crowd, gconstpointer unused)
{
    g_autoptr(RawClient) other = raw_connect(crowd->at.port);

    watch(crowd, MANY);
    raw_get(other, STREAM, CHROME);
    g_autofree char *head = raw_head(other);
    until(crowd, fake_api_watching, MANY + 1);
    assert_all_get(crowd, MANY, 1, 30000);
    static const char opening[] = "\r\n--vedette\r\nContent-Type: image/jpeg\r\n\r\n";
    g_autoptr(GBytes) begin = raw_bytes(other, strlen(opening));
    g_autoptr(GBytes) picture = raw_bytes(other, 30000);
    g_autoptr(GBytes) end = raw_bytes(other, strlen(opening));
    g_assert_cmpmem(g_bytes_get_data(begin, NULL), g_bytes_get_size(begin), opening,
                    strlen(opening));
    assert_bytes(picture, 1, 30000);
    g_assert_true(g_bytes_equal(begin, end));
}

static void without_pipes_all_get_copies(Crowd *crowd, gconstpointer unused)
{
    struct rlimit usual, few;
    guint before = pipes();

    watch(crowd, MANY);
    int next = dup(STDERR_FILENO);
    close(next);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &usual), ==, 0);
    few = (struct rlimit){.rlim_cur = (rlim_t)next + 1, .rlim_max = usual.rlim_max};
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
    for (guint64 i = 1; i <= 3; i++)
        assert_all_get(crowd, MANY, i, 30000);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &usual), ==, 0);
    g_assert_cmpuint(pipes(), ==, before);
    assert_all_get(crowd, MANY, 4, 30000);
    g_assert_cmpuint(pipes(), ==, before + 4);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add("/fanout/" #name, Crowd, NULL, open_site, name, close_site)
    TEST(a_few_viewers_need_no_pipe);
    TEST(many_viewers_get_every_picture_from_one_pipe);
    TEST(large_pictures_arrive_whole);
    TEST(who_stops_in_the_middle_of_a_picture_gets_the_rest);
    TEST(another_framing_is_not_mixed_up);
    TEST(without_pipes_all_get_copies);
#define TEST_TLS(name) g_test_add("/fanout/tls/" #name, Crowd, "tls", open_site, name, close_site)
    TEST_TLS(encrypted_viewers_need_no_pipe);
    TEST_TLS(large_pictures_arrive_whole);
    TEST_TLS(who_stops_in_the_middle_of_a_picture_gets_the_rest);
    TEST_TLS(another_framing_is_not_mixed_up);
    return g_test_run();
}
