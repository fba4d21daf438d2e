#include "http/pipe.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER, CLIENT, N_SIDES };

#define SIZE 30000

/* A connection over TCP whose server's side does not wait; its buffers as small as asked for. */
static void connect_sides(int sides[N_SIDES], int buffer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(listen(listener, 1), ==, 0);
    g_assert_cmpint(getsockname(listener, (struct sockaddr *)&address, &length), ==, 0);
    sides[CLIENT] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (buffer > 0)
        setsockopt(sides[CLIENT], SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    g_assert_cmpint(connect(sides[CLIENT], (struct sockaddr *)&address, length), ==, 0);
    sides[SERVER] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    g_assert_cmpint(sides[SERVER], >=, 0);
    if (buffer > 0)
        setsockopt(sides[SERVER], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    close(listener);
}

static void close_sides(const int sides[N_SIDES])
{
    for (int i = 0; i < N_SIDES; i++)
        close(sides[i]);
}

static guint8 *bytes_of(guint32 seed, gsize size)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    guint8 *bytes = g_malloc(size);

    for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8)g_rand_int(rand);
    return bytes;
}

/* In three pieces, none of which ends where a page does. */
static bool fill(VdPipe *pipe, guint8 *bytes, gsize size)
{
    const struct iovec pieces[] = {
        {bytes, 250}, {bytes + 250, size - 263}, {bytes + size - 13, 13}};

    return vd_pipe_fill(pipe, pieces, G_N_ELEMENTS(pieces));
}

static void assert_arrives(int fd, const guint8 *bytes, gsize size)
{
    g_autofree guint8 *got = g_malloc(size);

    g_assert_cmpint(recv(fd, got, size, MSG_WAITALL), ==, (gssize)size);
    g_assert_cmpmem(got, size, bytes, size);
}

static void assert_nothing_more(int fd)
{
    guint8 byte;

    g_assert_cmpint(recv(fd, &byte, 1, MSG_DONTWAIT), <, 0);
}

static void every_socket_gets_all_of_it(void)
{
    g_autofree guint8 *bytes = bytes_of(1, SIZE);
    VdPipe *pipe = vd_pipe_new();

    g_assert_true(fill(pipe, bytes, SIZE));
    for (int i = 0; i < 20; i++) {
        int sides[N_SIDES];

        connect_sides(sides, 0);
        g_assert_cmpuint(vd_pipe_send(pipe, sides[SERVER]), ==, SIZE);
        assert_arrives(sides[CLIENT], bytes, SIZE);
        assert_nothing_more(sides[CLIENT]);
        close_sides(sides);
    }
    vd_pipe_free(pipe);
}

static void a_unix_socket_gets_it_too(void)
{
    g_autofree guint8 *bytes = bytes_of(2, SIZE);
    VdPipe *pipe = vd_pipe_new();
    int sides[N_SIDES];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sides), ==,
                    0);
    g_assert_true(fill(pipe, bytes, SIZE));
    gsize sent = vd_pipe_send(pipe, sides[SERVER]);
    g_assert_cmpuint(sent, >, 0);
    assert_arrives(sides[CLIENT], bytes, sent);
    close_sides(sides);
    vd_pipe_free(pipe);
}

/* What is under way when the pipe gets other bytes, and those others. */
static void what_is_under_way_stays_as_it_was(void)
{
    VdPipe *pipe = vd_pipe_new();
    g_autofree guint8 *before = bytes_of(0, SIZE);
    int old[N_SIDES];

    connect_sides(old, 0);
    g_assert_true(fill(pipe, before, SIZE));
    g_assert_cmpuint(vd_pipe_send(pipe, old[SERVER]), ==, SIZE);
    for (guint32 i = 1; i <= 50; i++) {
        gsize size = SIZE + 777 * i; /* each time a little more */
        g_autofree guint8 *bytes = bytes_of(i, size);
        int sides[N_SIDES];

        g_assert_true(fill(pipe, bytes, size));
        connect_sides(sides, 0);
        g_assert_cmpuint(vd_pipe_send(pipe, sides[SERVER]), ==, size);
        assert_arrives(old[CLIENT], before, SIZE);
        close_sides(old);
        memcpy(old, sides, sizeof old);
        g_free(before);
        before = bytes_of(i, SIZE);
    }
    close_sides(old);
    vd_pipe_free(pipe);
}

static void what_a_full_socket_leaves_does_not_reach_the_next(void)
{
    enum { LARGE = 400 * 1000 };
    g_autofree guint8 *bytes = bytes_of(3, LARGE);
    VdPipe *pipe = vd_pipe_new();
    int small[N_SIDES], other[N_SIDES];

    connect_sides(small, 4096);
    connect_sides(other, 0);
    g_assert_true(fill(pipe, bytes, LARGE));
    gsize sent = vd_pipe_send(pipe, small[SERVER]);
    g_assert_cmpuint(sent, >, 0);
    g_assert_cmpuint(sent, <, LARGE);
    g_assert_cmpuint(vd_pipe_send(pipe, small[SERVER]), ==, 0); /* it is full */
    gsize also = vd_pipe_send(pipe, other[SERVER]);
    g_assert_cmpuint(also, >, SIZE);
    assert_arrives(other[CLIENT], bytes, also);
    assert_arrives(small[CLIENT], bytes, sent);
    assert_nothing_more(small[CLIENT]);
    close_sides(small);
    close_sides(other);
    vd_pipe_free(pipe);
}

static void a_dead_socket_takes_nothing(void)
{
    g_autofree guint8 *bytes = bytes_of(4, SIZE);
    VdPipe *pipe = vd_pipe_new();
    int dead[N_SIDES], alive[N_SIDES];

    connect_sides(dead, 0);
    connect_sides(alive, 0);
    g_assert_true(fill(pipe, bytes, SIZE));
    shutdown(dead[SERVER], SHUT_WR);
    g_assert_cmpuint(vd_pipe_send(pipe, dead[SERVER]), ==, 0);
    g_assert_cmpuint(vd_pipe_send(pipe, alive[SERVER]), ==, SIZE);
    assert_arrives(alive[CLIENT], bytes, SIZE);
    close_sides(dead);
    close_sides(alive);
    vd_pipe_free(pipe);
}

/* The bytes themselves are not looked at: that many are never there. */
static void too_many_bytes_do_not_go_in(void)
{
    g_autofree guint8 *bytes = bytes_of(5, SIZE);
    const gsize sizes[] = {1 << 30, (gsize)G_MAXINT + 1};
    VdPipe *pipe = vd_pipe_new();
    int sides[N_SIDES];

    connect_sides(sides, 0);
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        struct iovec piece = {bytes, sizes[i]};

        g_assert_true(fill(pipe, bytes, SIZE));
        g_assert_false(vd_pipe_fill(pipe, &piece, 1));
        g_assert_cmpuint(vd_pipe_send(pipe, sides[SERVER]), ==, 0);
    }
    g_assert_true(fill(pipe, bytes, SIZE));
    g_assert_cmpuint(vd_pipe_send(pipe, sides[SERVER]), ==, SIZE);
    assert_arrives(sides[CLIENT], bytes, SIZE);
    close_sides(sides);
    vd_pipe_free(pipe);
}

/* The lowest descriptor that is free; those above are, too. */
static int next_descriptor(void)
{
    int fd = dup(STDERR_FILENO), number = fd;

    close(fd);
    return number;
}

static void without_descriptors_there_is_none(void)
{
    struct rlimit usual, few;
    int first = next_descriptor();

    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &usual), ==, 0);
    for (int left = 0; left < 5; left++) {
        few = (struct rlimit){.rlim_cur = (rlim_t)(first + left), .rlim_max = usual.rlim_max};
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
        g_assert_null(vd_pipe_new());
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &usual), ==, 0);
        g_assert_cmpint(next_descriptor(), ==, first);
    }
    VdPipe *pipe = vd_pipe_new();
    g_assert_nonnull(pipe);
    vd_pipe_free(pipe);
    g_assert_cmpint(next_descriptor(), ==, first);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    signal(SIGPIPE, SIG_IGN);
#define TEST(name) g_test_add_func("/pipe/" #name, name)
    TEST(every_socket_gets_all_of_it);
    TEST(a_unix_socket_gets_it_too);
    TEST(what_is_under_way_stays_as_it_was);
    TEST(what_a_full_socket_leaves_does_not_reach_the_next);
    TEST(a_dead_socket_takes_nothing);
    TEST(too_many_bytes_do_not_go_in);
    TEST(without_descriptors_there_is_none);
    return g_test_run();
}
