#include "http/listen.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void assert_refused(const char *where, bool insecure)
{
    g_autoptr(GError) error = NULL;

    g_test_message("%s", where);
    g_assert_cmpint(vd_listen(where, insecure, &error), ==, -1);
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, where));
}

static void loopback_is_listened_on(void)
{
    static const char *const good[] = {"127.0.0.1:0", "127.9.9.9:0", "[::1]:0",
                                       "[::ffff:127.0.0.1]:0"};

    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        int fd = vd_listen(good[i], false, &error);

        if (fd < 0 && good[i][0] == '[' && g_error_matches(error, VD_ERROR, VD_ERROR_FAILED)) {
            g_test_message("no IPv6 here");
            continue;
        }
        g_assert_no_error(error);
        g_assert_cmpuint(vd_listen_port(fd), >, 0);
        close(fd);
    }
}

static void other_addresses_need_to_be_allowed(void)
{
    assert_refused("0.0.0.0:0", false);
    assert_refused("192.0.2.1:8080", false);
    assert_refused("[::]:8080", false);
    int fd = vd_listen("0.0.0.0:0", true, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
}

static void nonsense_is_refused(void)
{
    static const char *const bad[] = {
        "",          "8080",          ":8080",           "localhost:8080",
        "127.0.0.1", "127.0.0.1:",    "127.0.0.1:65536", "127.0.0.1:-1",
        "::1:8080",  "[127.0.0.1]:1", "[::1]",           "[]:1"};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_refused(bad[i], true);
}

/* fd is closed. */
static void assert_not_taken(int fd, int code)
{
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(vd_listen_take(fd, false, &error), ==, -1);
    g_assert_error(error, VD_ERROR, code);
    g_assert_true(
        g_str_has_prefix(error->message, "the socket that was handed over (LISTEN_FDS): "));
    g_assert_cmpint(fcntl(fd, F_GETFD), ==, -1);
}

static void sockets_of_others_are_judged_by_their_address(void)
{
    int loopback = vd_listen("127.0.0.1:0", false, NULL);
    int any = vd_listen("0.0.0.0:0", true, NULL);
    int ends[2];

    g_assert_cmpint(vd_listen_take(loopback, false, NULL), ==, loopback);
    g_assert_cmpint(vd_listen_take(any, true, NULL), ==, any);
    assert_not_taken(any, VD_ERROR_INVALID);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    g_assert_cmpint(vd_listen_take(ends[0], false, NULL), ==, ends[0]);
    close(ends[0]);
    close(ends[1]);
    g_assert_cmpint(pipe(ends), ==, 0);
    assert_not_taken(ends[0], VD_ERROR_FAILED);
    close(ends[1]);
    close(loopback);
}

static void an_address_in_use_says_so(void)
{
    g_autoptr(GError) error = NULL;
    int first = vd_listen("127.0.0.1:0", false, NULL);
    g_autofree char *same = g_strdup_printf("127.0.0.1:%u", vd_listen_port(first));

    g_assert_cmpint(vd_listen(same, false, &error), ==, -1);
    g_assert_error(error, VD_ERROR, VD_ERROR_FAILED);
    close(first);
}

static void a_unix_socket_that_was_left_behind_is_replaced(void)
{
    g_autofree char *folder = g_dir_make_tmp("vedette-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "s", NULL);
    g_autoptr(GError) error = NULL;
    int first = vd_listen(path, false, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(vd_listen_port(first), ==, 0);
    g_assert_cmpint(vd_listen(path, false, &error), ==, -1); /* somebody listens */
    g_assert_error(error, VD_ERROR, VD_ERROR_FAILED);
    close(first);
    g_clear_error(&error);
    int second = vd_listen(path, false, &error);
    g_assert_no_error(error);
    close(second);
    g_unlink(path);
    g_rmdir(folder);
}

static void a_unix_socket_s_path_has_a_limit(void)
{
    g_autofree char *name = g_strnfill(200, 'x');
    g_autofree char *path = g_strconcat("/tmp/", name, NULL);

    assert_refused(path, false);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/listen/" #name, name)
    TEST(loopback_is_listened_on);
    TEST(other_addresses_need_to_be_allowed);
    TEST(nonsense_is_refused);
    TEST(sockets_of_others_are_judged_by_their_address);
    TEST(an_address_in_use_says_so);
    TEST(a_unix_socket_that_was_left_behind_is_replaced);
    TEST(a_unix_socket_s_path_has_a_limit);
    return g_test_run();
}
