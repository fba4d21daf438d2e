#include "base/clock.h"
#include "ctl/request.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENT "data: {\"id\":1,\"time\":\"x\",\"kind\":\"test\",\"camera\":\"front\"}\n\n"

/* Somebody who tells events, and at last nothing any more. */
typedef struct Server {
    int listening;
    guint16 port;
    int printed; /* what vedettectl prints can be read here */
    GThread *thread;
} Server;

static void server_init(Server *server, int printed)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    *server =
        (Server){.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .printed = printed};
    g_assert_true(bind(server->listening, (struct sockaddr *)&address, size) == 0 &&
                  listen(server->listening, 1) == 0 &&
                  getsockname(server->listening, (struct sockaddr *)&address, &size) == 0);
    server->port = ntohs(address.sin_port);
}

static void say(int fd, const char *text)
{
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (gssize)strlen(text));
}

/* Until the text ends so. */
static void read_until(int fd, const char *end)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char byte;

    while (!g_str_has_suffix(text->str, end) && read(fd, &byte, 1) == 1)
        g_string_append_c(text, byte);
    g_assert_true(g_str_has_suffix(text->str, end));
}

/* Each event has been printed before time goes by. */
static void *serve(void *data)
{
    const Server *server = data;
    int fd = accept(server->listening, NULL, NULL);
    char byte;

    read_until(fd, "\r\n\r\n");
    say(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    for (guint i = 0; i < 3; i++) {
        say(fd, EVENT);
        read_until(server->printed, "\n");
        vd_clock_advance(40 * G_USEC_PER_SEC);
    }
    vd_clock_advance(11 * G_USEC_PER_SEC);
    g_assert_cmpint(read(fd, &byte, 1), ==, 0);
    close(fd);
    return NULL;
}

static void watch(void)
{
    Server server;
    int out[2];

    g_assert_cmpint(pipe(out), ==, 0);
    g_assert_cmpint(dup2(out[1], STDOUT_FILENO), ==, STDOUT_FILENO);
    server_init(&server, out[0]);
    vd_clock_hold(1, 1);
    server.thread = g_thread_new("server", serve, &server);
    g_autofree char *url = g_strdup_printf("http://127.0.0.1:%u", server.port);
    VdCtl ctl = {.options[VD_CTL_URL] = url};
    g_assert_cmpint(vd_ctl_watch(&ctl), ==, VD_CTL_AWAY);
    g_thread_join(server.thread);
    vd_ctl_client_free(ctl.client);
    close(server.listening);
}

static void who_hears_nothing_for_three_heartbeats_gives_up(void)
{
    if (g_test_subprocess()) {
        watch();
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("vedettectl: nothing has come from http://127.0.0.1:* for 50 s: "
                              "vedetted or the way there is gone\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/watch/who_hears_nothing_for_three_heartbeats_gives_up",
                    who_hears_nothing_for_three_heartbeats_gives_up);
    return g_test_run();
}
