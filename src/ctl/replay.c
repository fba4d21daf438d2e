#include "ctl/replay-text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The work is done by a process of its own, vedette-replay, which has GStreamer in it and may be
 * taken down by a broken file. What it tells comes in lines of JSON.
 */
#define PROGRAM  "vedette-replay"
#define MAX_LINE (1024 * 1024)

typedef struct Replay {
    VdCtl *ctl;
    VdCtlReplayText *text;
    GPid pid;
    int fd;
    GString *line;
    char *error; /* (nullable) what it said was wrong */
    bool bar;    /* how far it is stands on the terminal */
    gint64 begin_us;
} Replay;

/* --- lines ------------------------------------------------------------------------------------ */

static void clear_bar(Replay *replay)
{
    if (replay->bar)
        fputs("\r\033[K", stderr);
    replay->bar = false;
}

static void draw_bar(Replay *replay, const json_t *line)
{
    const char *clip = json_string_value(json_object_get(line, "clip"));
    g_autofree char *plain = vd_ctl_plain(clip != NULL ? clip : "-");
    int percent = (int)json_integer_value(json_object_get(line, "percent"));

    if (!isatty(STDERR_FILENO))
        return;
    clear_bar(replay);
    fprintf(stderr, "%s: %d %%, %.0f s", plain, percent,
            (double)(g_get_monotonic_time() - replay->begin_us) / G_USEC_PER_SEC);
    fflush(stderr);
    replay->bar = true;
}

static void take_line(Replay *replay)
{
    json_t *line = json_loads(replay->line->str, 0, NULL);
    const char *type = json_string_value(json_object_get(line, "type"));

    if (g_strcmp0(type, "error") == 0) {
        const char *text = json_string_value(json_object_get(line, "text"));
        g_free(replay->error);
        replay->error = g_strdup(text);
    } else if (replay->ctl->options[VD_CTL_JSON] != NULL && line != NULL) {
        g_autofree char *plain = vd_ctl_plain(replay->line->str);
        puts(plain);
    } else if (g_strcmp0(type, "progress") == 0) {
        draw_bar(replay, line);
    } else if (line != NULL) {
        clear_bar(replay);
        vd_ctl_replay_text_take(replay->text, line);
    }
    fflush(stdout);
    json_decref(line);
    g_string_truncate(replay->line, 0);
}

static void take_bytes(Replay *replay, const char *bytes, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (bytes[i] == '\n')
            take_line(replay);
        else if (replay->line->len < MAX_LINE)
            g_string_append_c(replay->line, bytes[i]);
}

/* --- the process ------------------------------------------------------------------------------ */

/* The one beside us, or that which is installed (transfer full). */
static char *find_program(void)
{
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = own != NULL ? g_path_get_dirname(own) : NULL;
    g_autofree char *beside = folder != NULL ? g_build_filename(folder, PROGRAM, NULL) : NULL;

    if (beside != NULL && g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer(&beside);
    return g_build_filename(VD_LIBEXECDIR, PROGRAM, NULL);
}

/* (transfer full) Its options are called as ours are. */
static GPtrArray *command_of(const VdCtl *ctl)
{
    static const VdCtlOptionId passed[] = {VD_CTL_CONFIG, VD_CTL_AGAINST, VD_CTL_CAMERA,
                                           VD_CTL_TRUTH,  VD_CTL_MASKS,   VD_CTL_TRACKS,
                                           VD_CTL_EVENTS, VD_CTL_START};
    GPtrArray *command = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(command, find_program());
    for (gsize i = 0; i < G_N_ELEMENTS(passed); i++)
        if (ctl->options[passed[i]] != NULL)
            g_ptr_array_add(command, g_strdup_printf("--%s=%s", vd_ctl_options()[passed[i]].name,
                                                     ctl->options[passed[i]]));
    g_ptr_array_add(command, g_strdup("--"));
    for (guint i = 0; i < ctl->count; i++)
        g_ptr_array_add(command, g_strdup(ctl->arguments[i]));
    g_ptr_array_add(command, NULL);
    return command;
}

static bool start(Replay *replay)
{
    g_autoptr(GPtrArray) command = command_of(replay->ctl);
    g_autoptr(GError) error = NULL;

    if (g_spawn_async_with_pipes(NULL, (char **)command->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                 NULL, NULL, &replay->pid, NULL, &replay->fd, NULL, &error))
        return true;
    vd_ctl_fail(VD_CTL_REFUSED, "%s", error->message);
    return false;
}

/* Until it has told all, or a signal comes, which does only while there is nothing to read. */
static void listen_to(Replay *replay)
{
    struct pollfd readable = {.fd = replay->fd, .events = POLLIN};
    sigset_t blocked, before;
    char bytes[4096];
    ssize_t got = 1;

    vd_ctl_interrupted();
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    while (got > 0 && !vd_ctl_interrupted())
        if (ppoll(&readable, 1, NULL, &before) > 0) {
            got = read(replay->fd, bytes, sizeof bytes);
            take_bytes(replay, bytes, (gsize)MAX(got, 0));
        }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (vd_ctl_interrupted())
        kill(replay->pid, SIGTERM);
}

static int end(Replay *replay)
{
    int status = 0;

    close(replay->fd);
    /* Who interrupts once more does not want to wait for what it takes away. */
    for (bool again = vd_ctl_interrupted(); waitpid(replay->pid, &status, 0) < 0 && errno == EINTR;
         again = true)
        kill(replay->pid, again ? SIGKILL : SIGTERM);
    g_spawn_close_pid(replay->pid);
    clear_bar(replay);
    if (vd_ctl_interrupted())
        return vd_ctl_fail(VD_CTL_REFUSED, "it was interrupted");
    if (!WIFEXITED(status))
        return vd_ctl_fail(VD_CTL_REFUSED, PROGRAM " crashed: signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) != VD_CTL_DONE || replay->error != NULL)
        return vd_ctl_fail(WEXITSTATUS(status), "%s",
                           replay->error != NULL ? replay->error : PROGRAM " failed");
    return VD_CTL_DONE;
}

int vd_ctl_replay(VdCtl *ctl)
{
    const char *a = ctl->options[VD_CTL_CONFIG], *b = ctl->options[VD_CTL_AGAINST];
    Replay replay = {.ctl = ctl, .begin_us = g_get_monotonic_time()};

    if (!start(&replay))
        return VD_CTL_REFUSED;
    replay.text = vd_ctl_replay_text_new(a, b);
    replay.line = g_string_new(NULL);
    listen_to(&replay);
    int exit = end(&replay);
    vd_ctl_replay_text_free(replay.text);
    g_string_free(replay.line, TRUE);
    g_free(replay.error);
    return exit;
}
