/*
 * rtsp-camera - RTSP test cameras, live paced, with faults on command.
 *
 *   rtsp-camera [-a ADDRESS] [-p PORT] [-u USER:PASSWORD] [--basic] [--tls FILE] [--marks FILE]
 *               MOUNT...
 *
 * MOUNT is NAME=CLIP[+audio][*COUNT]: /NAME, or with a count /NAME0, /NAME1, ... CLIP is what
 * camera/clip.h says: a file, or "gen:h264:640x360@15". Says "listening PORT" when it does.
 *
 * Commands, one a line on standard input, are answered "ok [text]" or "error [text]". NAME is a
 * mount's or "*".
 *   stall NAME | resume NAME    send no pictures, keep the session
 *   lose NAME PERMILLE          leave out that share of the pictures, key frames too
 *   garbage NAME BYTES          units of random bytes instead of pictures; 0: pictures
 *   codec NAME CLIP             pictures of CLIP inside the announced session: size or codec wrong
 *   switch NAME CLIP            the same, but the next DESCRIBE announces CLIP
 *   remount NAME CLIP           drop its clients; the next DESCRIBE announces CLIP
 *   gone NAME | back NAME       404; there again
 *   drop NAME                   close the connections of its clients
 *   transport NAME udp|tcp|any  what SETUP may ask for; drops its clients
 *   auth USER:PASS [basic]      who may come in from now on (digest); "auth none": everybody
 *   refuse | silent | open      stop listening; take connections and never answer; answer again
 *   count                       connections, requests and pictures so far, as key=value
 *   quit | die                  leave; leave without saying goodbye
 */
#include "camera/door.h"
#include "camera/mount.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

typedef struct Server {
    CamDoor *door;
    GPtrArray *mounts;
    GMainLoop *loop;
} Server;

/* One command line: the mount it is about (when the table says so), and what stands behind it. */
typedef struct Order {
    CamMount *mount;
    const char *verb;
    const char *arg;  /* (nullable) */
    const char *more; /* (nullable) */
    GString *answer;
} Order;

static CamClip *order_clip(Order *order)
{
    g_autoptr(GError) error = NULL;
    CamClip *clip = order->arg ? cam_clip_get(order->arg, &error) : NULL;

    if (!clip)
        g_string_append(order->answer, error ? error->message : "which clip?");
    return clip;
}

static gboolean do_stall(Server *server, Order *order)
{
    cam_mount_stall(order->mount, order->verb[0] == 's');
    return TRUE;
}

static gboolean do_lose(Server *server, Order *order)
{
    cam_mount_lose(order->mount, order->arg ? (guint)atoi(order->arg) : 0);
    return TRUE;
}

static gboolean do_garbage(Server *server, Order *order)
{
    cam_mount_garble(order->mount, order->arg ? (guint)atoi(order->arg) : 0);
    return TRUE;
}

static gboolean do_codec(Server *server, Order *order)
{
    CamClip *clip = order_clip(order);

    if (clip)
        cam_mount_send(order->mount, clip);
    return clip != NULL;
}

static gboolean do_remount(Server *server, Order *order)
{
    CamClip *clip = order_clip(order);

    if (!clip)
        return FALSE;
    cam_mount_hide(order->mount);
    cam_mount_announce(order->mount, clip);
    if (order->verb[0] == 'r')
        cam_door_drop(server->door, cam_mount_path(order->mount));
    cam_mount_show(order->mount);
    return TRUE;
}

static gboolean do_gone(Server *server, Order *order)
{
    cam_mount_hide(order->mount);
    cam_door_drop(server->door, cam_mount_path(order->mount));
    return TRUE;
}

static gboolean do_back(Server *server, Order *order)
{
    cam_mount_show(order->mount);
    return TRUE;
}

static gboolean do_drop(Server *server, Order *order)
{
    cam_door_drop(server->door, cam_mount_path(order->mount));
    return TRUE;
}

static gboolean do_transport(Server *server, Order *order)
{
    GstRTSPLowerTrans udp = GST_RTSP_LOWER_TRANS_UDP, tcp = GST_RTSP_LOWER_TRANS_TCP;

    cam_mount_hide(order->mount);
    cam_mount_transports(order->mount, g_strcmp0(order->arg, "udp") == 0   ? udp
                                       : g_strcmp0(order->arg, "tcp") == 0 ? tcp
                                                                           : udp | tcp);
    cam_door_drop(server->door, cam_mount_path(order->mount));
    cam_mount_show(order->mount);
    return TRUE;
}

static gboolean set_auth(CamDoor *door, const char *pair, gboolean basic)
{
    g_auto(GStrv) part = g_strsplit(pair, ":", 2);

    if (part[0] && part[1])
        cam_door_auth(door, part[0], part[1], basic);
    else
        cam_door_auth(door, NULL, NULL, FALSE);
    return TRUE;
}

static gboolean do_auth(Server *server, Order *order)
{
    return set_auth(server->door, order->arg ? order->arg : "none",
                    g_strcmp0(order->more, "basic") == 0);
}

static gboolean do_door(Server *server, Order *order)
{
    CamDoorState state = order->verb[0] == 'r'   ? CAM_DOOR_SHUT
                         : order->verb[0] == 's' ? CAM_DOOR_SILENT
                                                 : CAM_DOOR_OPEN;

    return cam_door_set(server->door, state);
}

static gboolean do_count(Server *server, Order *order)
{
    CamDoorCounts door;

    cam_door_counts(server->door, &door);
    g_string_append_printf(order->answer,
                           "connections=%" G_GUINT64_FORMAT " describes=%" G_GUINT64_FORMAT
                           " plays=%" G_GUINT64_FORMAT,
                           door.connections, door.describes, door.plays);
    for (guint i = 0; i < server->mounts->len; i++) {
        CamMount *mount = g_ptr_array_index(server->mounts, i);
        CamMountCounts counts;

        cam_mount_counts(mount, &counts);
        g_string_append_printf(order->answer, " %s.sent=%" G_GUINT64_FORMAT " %s.playing=%d",
                               cam_mount_path(mount) + 1, counts.sent, cam_mount_path(mount) + 1,
                               counts.playing);
    }
    return TRUE;
}

static gboolean do_leave(Server *server, Order *order)
{
    if (order->verb[0] == 'd')
        raise(SIGKILL);
    g_main_loop_quit(server->loop);
    return TRUE;
}

/* clang-format off */
static const struct {
    const char *verb;
    gboolean of_mount;
    gboolean (*run)(Server *server, Order *order);
} commands[] = {
    {"stall", TRUE, do_stall},         {"resume", TRUE, do_stall},
    {"lose", TRUE, do_lose},           {"garbage", TRUE, do_garbage},
    {"codec", TRUE, do_codec},         {"remount", TRUE, do_remount}, {"switch", TRUE, do_remount},
    {"gone", TRUE, do_gone},           {"back", TRUE, do_back},
    {"drop", TRUE, do_drop},           {"transport", TRUE, do_transport},
    {"auth", FALSE, do_auth},          {"count", FALSE, do_count},
    {"refuse", FALSE, do_door},        {"silent", FALSE, do_door},
    {"open", FALSE, do_door},
    {"quit", FALSE, do_leave},         {"die", FALSE, do_leave},
};
/* clang-format on */

static gboolean run_on_mounts(Server *server, gsize command, const char *name, Order *order)
{
    gboolean done = FALSE;

    for (guint i = 0; name && i < server->mounts->len; i++) {
        order->mount = g_ptr_array_index(server->mounts, i);
        if (strcmp(name, "*") == 0 || strcmp(name, cam_mount_path(order->mount) + 1) == 0)
            done = commands[command].run(server, order);
    }
    return done;
}

static gboolean obey(Server *server, const char *line, GString *answer)
{
    g_auto(GStrv) word = g_strsplit_set(line, " \t\r\n", 4);
    guint n = g_strv_length(word);
    Order order = {.verb = n ? word[0] : "", .answer = answer};

    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
        guint first = commands[i].of_mount ? 2 : 1;

        if (strcmp(order.verb, commands[i].verb) != 0)
            continue;
        order.arg = n > first && *word[first] ? word[first] : NULL;
        order.more = n > first + 1 && *word[first + 1] ? word[first + 1] : NULL;
        if (commands[i].of_mount)
            return run_on_mounts(server, i, n > 1 ? word[1] : NULL, &order);
        return commands[i].run(server, &order);
    }
    g_string_append(answer, "no such command");
    return FALSE;
}

/* The end of input means that whoever gave the commands is gone, and so are we. */
static gboolean on_input(GIOChannel *input, GIOCondition condition, gpointer data)
{
    Server *server = data;
    g_autofree char *line = NULL;
    g_autoptr(GString) answer = g_string_new(NULL);
    GIOStatus status = g_io_channel_read_line(input, &line, NULL, NULL, NULL);

    if (status == G_IO_STATUS_AGAIN)
        return G_SOURCE_CONTINUE;
    if (status != G_IO_STATUS_NORMAL) {
        g_main_loop_quit(server->loop);
        return G_SOURCE_REMOVE;
    }
    printf("%s ", obey(server, g_strchomp(line), answer) ? "ok" : "error");
    printf("%s\n", answer->str);
    fflush(stdout);
    return G_SOURCE_CONTINUE;
}

static gboolean on_signal(gpointer data)
{
    g_main_loop_quit(((Server *)data)->loop);
    return G_SOURCE_CONTINUE;
}

/* Sessions whose client vanished without a word are only found by looking. */
static gboolean on_tick(gpointer data)
{
    cam_door_clean(((Server *)data)->door);
    return G_SOURCE_CONTINUE;
}

/* Takes "*COUNT" or "+audio" off the end of a mount's text. */
static char *cut(char *text, char mark)
{
    char *at = strrchr(text, mark);

    if (!at)
        return NULL;
    *at = '\0';
    return at + 1;
}

static gboolean add_mounts(Server *server, const char *spec, GError **error)
{
    g_auto(GStrv) part = g_strsplit(spec, "=", 2);
    const char *count, *tail;
    CamClip *clip;
    guint n;

    if (g_strv_length(part) != 2) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "NAME=CLIP, not %s", spec);
        return FALSE;
    }
    count = cut(part[1], '*');
    tail = g_str_has_suffix(part[1], "+audio") ? cut(part[1], '+') : NULL;
    clip = cam_clip_get(part[1], error);
    if (!clip)
        return FALSE;
    n = count ? (guint)atoi(count) : 1;
    for (guint i = 0; i < n; i++) {
        g_autofree char *name = count ? g_strdup_printf("%s%u", part[0], i) : g_strdup(part[0]);

        g_ptr_array_add(server->mounts,
                        cam_mount_new(cam_door_points(server->door), name, clip, tail != NULL));
    }
    return TRUE;
}

typedef struct Options {
    char *address, *user, *tls, *marks;
    int port;
    gboolean basic;
} Options;

static gboolean parse_options(Options *options, int *argc, char ***argv, GError **error)
{
    /* clang-format off */
    const GOptionEntry entries[] = {
        {"address", 'a', 0, G_OPTION_ARG_STRING, &options->address, "listen there", "ADDRESS"},
        {"port", 'p', 0, G_OPTION_ARG_INT, &options->port, "0: any", "PORT"},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &options->user, "who may come in", "USER:PASSWORD"},
        {"basic", 0, 0, G_OPTION_ARG_NONE, &options->basic, "basic instead of digest", NULL},
        {"tls", 0, 0, G_OPTION_ARG_FILENAME, &options->tls, "certificate and key", "FILE"},
        {"marks", 0, 0, G_OPTION_ARG_FILENAME, &options->marks, "when key frames went", "FILE"},
        {NULL},
    };
    /* clang-format on */
    g_autoptr(GOptionContext) context = g_option_context_new("MOUNT...");

    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, gst_init_get_option_group());
    return g_option_context_parse(context, argc, argv, error);
}

static gboolean start(Server *server, Options *options, int argc, char **argv, GError **error)
{
    FILE *marks = NULL;

    server->door = cam_door_new(options->address ? options->address : "127.0.0.1",
                                (guint)options->port, options->tls, error);
    if (!server->door)
        return FALSE;
    for (int i = 1; i < argc; i++)
        if (!add_mounts(server, argv[i], error))
            return FALSE;
    if (options->marks)
        marks = fopen(options->marks, "ae");
    if (options->user)
        set_auth(server->door, options->user, options->basic);
    for (guint i = 0; i < server->mounts->len; i++)
        cam_mount_show(g_ptr_array_index(server->mounts, i));
    cam_pace_start(server->mounts, marks);
    if (!cam_door_set(server->door, CAM_DOOR_OPEN)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, "cannot listen on port %d",
                    options->port);
        return FALSE;
    }
    return TRUE;
}

int main(int argc, char **argv)
{
    Server server = {.mounts = g_ptr_array_new(), .loop = g_main_loop_new(NULL, FALSE)};
    Options options = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GIOChannel) input = g_io_channel_unix_new(0);

    if (!parse_options(&options, &argc, &argv, &error) || argc < 2 ||
        !start(&server, &options, argc, argv, &error)) {
        fprintf(stderr, "rtsp-camera: %s\n", error ? error->message : "no mounts");
        /* cppcheck-suppress memleak */
        return 2;
    }
    g_timeout_add_seconds(1, on_tick, &server);
    g_unix_signal_add(SIGTERM, on_signal, &server);
    g_unix_signal_add(SIGINT, on_signal, &server);
    g_io_add_watch(input, G_IO_IN | G_IO_HUP, on_input, &server);
    printf("listening %u\n", cam_door_port(server.door));
    fflush(stdout);
    g_main_loop_run(server.loop);
    cam_pace_stop();
    /* cppcheck-suppress memleak */
    return 0; /* sessions may still be open; the process ends, nothing to hand back */
}
