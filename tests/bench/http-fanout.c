/*
 * http-fanout - the HTTP server alone, with ready-made pictures: what a viewer more costs.
 *
 *   http-fanout [-p PORT] [-c CAMERAS] [-f FPS] [-t CERTIFICATE -k KEY] [-s BYTES | FILE.jpg...]
 *
 * Serves cameras cam0, cam1, ... until SIGTERM or SIGINT. Files are shown in turn; without one the
 * pictures are BYTES of noise (default 30000).
 */
#include "base/clock.h"
#include "http/http.h"
#include "tests/http/fake-api.h"

#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NOISE_PICTURES = 8 };

typedef struct Poster {
    FakeApi *fake;
    GPtrArray *jpegs; /* GBytes */
    guint cameras, fps;
    GThread *thread;
    gint stop; /* atomic */
} Poster;

static void *post_pictures(void *data)
{
    Poster *poster = data;
    gint64 next_us = g_get_monotonic_time();

    for (guint64 number = 1; !g_atomic_int_get(&poster->stop); number++) {
        for (guint i = 0; i < poster->cameras; i++) {
            char id[16];

            g_snprintf(id, sizeof id, "cam%u", i);
            fake_api_post_bytes(poster->fake, id, number,
                                poster->jpegs->pdata[(number + i) % poster->jpegs->len], false);
        }
        next_us += G_USEC_PER_SEC / poster->fps;
        gint64 left_us = next_us - g_get_monotonic_time();
        if (left_us > 0)
            g_usleep((gulong)left_us);
    }
    return NULL;
}

static void add_noise(GPtrArray *jpegs, gsize size)
{
    for (guint i = 0; i < NOISE_PICTURES; i++) {
        guint8 *data = g_malloc(size);

        for (gsize j = 0; j < size; j++)
            data[j] = (guint8)g_random_int();
        data[0] = data[size - 2] = 0xff;
        data[1] = 0xd8;
        data[size - 1] = 0xd9;
        g_ptr_array_add(jpegs, g_bytes_new_take(data, size));
    }
}

static bool add_files(GPtrArray *jpegs, char **files)
{
    for (; *files != NULL; files++) {
        g_autoptr(GError) error = NULL;
        char *data;
        gsize size;

        if (!g_file_get_contents(*files, &data, &size, &error)) {
            fprintf(stderr, "http-fanout: %s\n", error->message);
            return false;
        }
        g_ptr_array_add(jpegs, g_bytes_new_take(data, size));
    }
    return true;
}

static gboolean quit(void *loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

/* Until SIGTERM. */
static bool serve(Poster *poster, int port, VdHttps *tls)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autofree char *listen = g_strdup_printf("127.0.0.1:%d", port);
    VdHttpSettings settings = {
        .listen = listen, .listen_fd = -1, .max_connections = 2000, .tls = tls};
    g_autoptr(VdHttp) http = vd_http_new(&settings, fake_api_get(poster->fake), &error);

    if (http == NULL) {
        fprintf(stderr, "http-fanout: %s\n", error->message);
        return false;
    }
    printf("%s://127.0.0.1:%u/\n", tls != NULL ? "https" : "http", vd_http_port(http));
    fflush(stdout);
    g_unix_signal_add(SIGTERM, quit, loop);
    g_unix_signal_add(SIGINT, quit, loop);
    poster->thread = g_thread_new("poster", post_pictures, poster);
    g_main_loop_run(loop);
    g_atomic_int_set(&poster->stop, 1);
    g_thread_join(poster->thread);
    return true;
}

/* NULL: it says why not. */
static VdHttps *load_tls(const char *certificate, const char *key)
{
    g_autoptr(VdHttps) tls = vd_https_new();
    g_autoptr(GError) error = NULL;

    if (key != NULL && vd_https_configure(tls, certificate, key, &error))
        return g_steal_pointer(&tls);
    fprintf(stderr, "http-fanout: %s\n", error != NULL ? error->message : "-k is missing");
    return NULL;
}

static FakeApi *make_cameras(guint count)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < count; i++)
        g_ptr_array_add(ids, g_strdup_printf("cam%u", i));
    g_ptr_array_add(ids, NULL);
    return fake_api_new((const char *const *)ids->pdata);
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) jpegs = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    Poster poster = {.jpegs = jpegs, .cameras = 1, .fps = 15};
    int option, port = 0;
    gsize size = 30000;
    const char *certificate = NULL, *key = NULL;

    while ((option = getopt(argc, argv, "p:c:f:s:t:k:")) != -1) {
        int value = option != '?' ? atoi(optarg) : 0;

        if (option == 't')
            certificate = optarg;
        else if (option == 'k')
            key = optarg;
        else if (option == 'p')
            port = value;
        else if (option == 'c' && value > 0)
            poster.cameras = (guint)value;
        else if (option == 'f' && value > 0)
            poster.fps = (guint)value;
        else if (option == 's' && value >= 4)
            size = (gsize)value;
        else
            return 2;
    }
    g_autoptr(VdHttps) tls = certificate != NULL ? load_tls(certificate, key) : NULL;
    if (!add_files(jpegs, argv + optind) || (certificate != NULL && tls == NULL))
        return EXIT_FAILURE;
    if (jpegs->len == 0)
        add_noise(jpegs, size);
    poster.fake = make_cameras(poster.cameras);
    bool served = serve(&poster, port, tls);
    fake_api_free(poster.fake);
    return served ? EXIT_SUCCESS : EXIT_FAILURE;
}
