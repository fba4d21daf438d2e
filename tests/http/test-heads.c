#include "http/heads.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection whose request is awaited, and its other side. */
typedef struct Line {
    VdHead head;
    int client;
} Line;

static void open_line(Line *line)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    *line = (Line){.head.wire.fd = fds[0], .client = fds[1]};
}

static void close_line(Line *line)
{
    close(line->head.wire.fd);
    close(line->client);
}

static void who_is_too_slow_is_told_and_ended(void)
{
    GQueue heads = G_QUEUE_INIT;
    char text[400] = "";
    Line line;

    open_line(&line);
    vd_head_begin(&heads, &line.head);
    g_assert_cmpuint(vd_heads_expire(&heads, line.head.since_us), ==, 0);
    g_assert_cmpuint(vd_heads_expire(&heads, line.head.since_us + 1), ==, 1);
    g_assert_cmpint(recv(line.client, text, sizeof text - 1, 0), >, 0);
    g_assert_true(g_str_has_prefix(text, "HTTP/1.1 408 "));
    g_autofree char *length =
        g_strdup_printf("Content-Length: %zu\r\n", strlen(strstr(text, "\r\n\r\n") + 4));
    g_assert_nonnull(strstr(text, length));
    g_assert_cmpint(recv(line.client, text, sizeof text, 0), ==, 0);
    g_assert_cmpuint(vd_heads_expire(&heads, G_MAXINT64), ==, 0); /* once */
    vd_head_end(&heads, &line.head);
    close_line(&line);
}

static void who_is_answered_or_left_is_not_ended(void)
{
    GQueue heads = G_QUEUE_INIT;
    Line lines[3];
    char text[1];

    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        open_line(&lines[i]);
        vd_head_begin(&heads, &lines[i].head);
        vd_head_begin(&heads, &lines[i].head);
    }
    vd_head_end(&heads, &lines[1].head);
    vd_head_end(&heads, &lines[1].head);
    g_assert_cmpuint(vd_heads_expire(&heads, G_MAXINT64), ==, 2);
    g_assert_cmpint(recv(lines[1].client, text, sizeof text, MSG_DONTWAIT), ==, -1);
    g_assert_cmpuint(heads.length, ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        close_line(&lines[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/heads/" #name, name)
    TEST(who_is_too_slow_is_told_and_ended);
    TEST(who_is_answered_or_left_is_not_ended);
    return g_test_run();
}
