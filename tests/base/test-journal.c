#include "base/log.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What the journal is given. A child with mounts of its own puts sockets where the journal's are,
 * logs, and prints what came to them; it leaves with CANNOT where that is not permitted.
 */
#define CANNOT 77

static int listen_at(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        _exit(CANNOT);
    return fd;
}

/* Our standard error becomes what systemd connects a service's with. */
static void connect_stderr(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        dup2(fd, STDERR_FILENO) < 0)
        _exit(CANNOT);
}

/* The socket that entries come to. */
static int become_a_service(void)
{
    int flags = CLONE_NEWNS | (geteuid() != 0 ? CLONE_NEWUSER : 0);

    if (unshare(flags) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", "/run", "tmpfs", 0, NULL) < 0 ||
        g_mkdir_with_parents("/run/systemd/journal", 0755) < 0)
        _exit(CANNOT);
    int stream = listen_at("/run/systemd/journal/stdout", SOCK_STREAM);
    if (listen(stream, 1) < 0)
        _exit(CANNOT);
    int entries = listen_at("/run/systemd/journal/socket", SOCK_DGRAM);
    connect_stderr("/run/systemd/journal/stdout");
    return entries;
}

/* "FIELD=value|FIELD=value|", without what says where in the source it was. */
static void print_entry(int entries, int out)
{
    char entry[4096];
    gssize length = recv(entries, entry, sizeof entry - 1, MSG_DONTWAIT);

    entry[MAX(length, 0)] = '\0';
    g_auto(GStrv) fields = g_strsplit(entry, "\n", -1);
    for (guint i = 0; fields[i] != NULL; i++)
        if (fields[i][0] != '\0' && !g_str_has_prefix(fields[i], "CODE_") &&
            !g_str_has_prefix(fields[i], "SYSLOG_IDENTIFIER="))
            dprintf(out, "%s|", fields[i]);
    dprintf(out, "\n");
}

static void be_the_child(int out)
{
    int entries = become_a_service();

    vd_log_warning("front", "gone for %d s", 4);
    vd_log_error(NULL, "no cameras");
    vd_log_info("back", "live from rtsp://joe:secret@10.0.0.7/x\nMESSAGE=forged");
    for (guint i = 0; i < 3; i++)
        print_entry(entries, out);
    _exit(0);
}

static void the_journal_is_told_camera_and_priority(void)
{
    char told[4096] = "";
    gsize length = 0;
    gssize got;
    int ends[2], status;

    g_assert_cmpint(pipe(ends), ==, 0);
    pid_t child = fork();
    if (child == 0)
        be_the_child(ends[1]);
    close(ends[1]);
    while ((got = read(ends[0], told + length, sizeof told - 1 - length)) > 0)
        length += (gsize)got;
    close(ends[0]);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT) {
        g_test_skip("mounts of one's own are not permitted here");
        return;
    }
    g_assert_cmpint(status, ==, 0);
    g_assert_cmpstr(
        told, ==,
        "MESSAGE=front: gone for 4 s|CAMERA=front|PRIORITY=4|\n"
        "MESSAGE=no cameras|PRIORITY=3|\n"
        "MESSAGE=back: live from rtsp://***@10.0.0.7/x MESSAGE=forged|CAMERA=back|PRIORITY=6|\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/the_journal_is_told_camera_and_priority",
                    the_journal_is_told_camera_and_priority);
    return g_test_run();
}
