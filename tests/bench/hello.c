/*
 * hello PORT - the least that libmicrohttpd does: GET anything answers 17 bytes of JSON, from one
 * epoll thread. What the control plane is measured against. Ends with its standard input.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum MHD_Result answer(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    static char hello[] = "{\"hello\":\"world\"}";
    static int seen;
    struct MHD_Response *response;
    enum MHD_Result result;

    if (!*state) {
        *state = &seen;
        return MHD_YES;
    }
    response = MHD_create_response_from_buffer(sizeof hello - 1, hello, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

int main(int argc, char **argv)
{
    struct MHD_Daemon *server;
    char rest[64];

    if (argc != 2)
        return 2;
    server =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)strtoul(argv[1], NULL, 10), NULL,
                         NULL, answer, NULL, MHD_OPTION_CONNECTION_LIMIT, 200u, MHD_OPTION_END);
    if (!server)
        return 1;
    while (read(STDIN_FILENO, rest, sizeof rest) > 0)
        ;
    MHD_stop_daemon(server);
    return 0;
}
