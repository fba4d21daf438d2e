#include "http/control.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, GROUP = 64321, OTHER_GROUP = 64322 };

static char *folder, *path;

/* Who connects. */
typedef struct Caller {
    uid_t uid;
    gid_t gid, more; /* more: 0: no group beside */
} Caller;

static void be(const Caller *caller)
{
    if (setgroups(caller->more != 0 ? 1 : 0, &caller->more) < 0 || setgid(caller->gid) < 0 ||
        setuid(caller->uid) < 0)
        _exit(errno);
}

/* In a process of its own, as caller where that is not NULL; how connect() ended. */
static int call(const Caller *caller)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int status;
    pid_t child = fork();

    if (child == 0) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        g_strlcpy(address.sun_path, path, sizeof address.sun_path);
        if (caller != NULL)
            be(caller);
        _exit(connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* The account that a caller gets, who is gone by then. */
static VdAccount *account_of(int listener, const Caller *caller)
{
    g_assert_cmpint(call(caller), ==, 0);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    VdAccount *account = vd_control_peer(fd, GROUP);
    close(fd);
    return account;
}

static int listen_here(gid_t group)
{
    g_autoptr(GError) error = NULL;
    int fd = vd_control_listen(path, group, &error);

    g_assert_no_error(error);
    return fd;
}

static void our_own_user_is_an_admin_of_all_cameras(void)
{
    int listener = listen_here((gid_t)-1);
    g_autoptr(VdAccount) account = account_of(listener, NULL);

    g_assert_nonnull(account);
    g_assert_cmpint(account->kind, ==, VD_UNIX);
    g_assert_cmpint(account->role, ==, VD_ROLE_ADMIN);
    g_assert_cmpstr(account->cameras[0], ==, "*");
    g_assert_null(account->cameras[1]);
    if (geteuid() == 0)
        g_assert_cmpstr(account->name, ==, "root");
    close(listener);
}

static void the_group_is_an_admin_and_nobody_else_is(void)
{
    static const struct {
        Caller caller;
        bool admin;
    } cases[] = {
        {{NOBODY, GROUP, 0}, true},        {{NOBODY, OTHER_GROUP, GROUP}, true},
        {{NOBODY, OTHER_GROUP, 0}, false}, {{NOBODY, OTHER_GROUP, GROUP + 2}, false},
        {{NOBODY, 0, 0}, false}, /* root's group makes no root */
        {{0, OTHER_GROUP, 0}, true},
    };

    if (geteuid() != 0) {
        g_test_skip("only root connects as somebody else");
        return;
    }
    int listener = listen_here(GROUP);
    g_assert_cmpint(chmod(path, 0666), ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VdAccount) account = account_of(listener, &cases[i].caller);

        g_test_message("%u, %u and %u", cases[i].caller.uid, cases[i].caller.gid,
                       cases[i].caller.more);
        g_assert_cmpint(account != NULL, ==, cases[i].admin);
    }
    close(listener);
}

static void a_user_without_a_name_is_called_by_his_number(void)
{
    if (geteuid() != 0) {
        g_test_skip("only root connects as somebody else");
        return;
    }
    int listener = listen_here(GROUP);
    g_autoptr(VdAccount) account = account_of(listener, &(Caller){64399, GROUP, 0});

    g_assert_nonnull(account);
    g_assert_cmpstr(account->name, ==, "64399");
    close(listener);
}

static void the_file_is_the_groups_and_others_do_not_get_in(void)
{
    bool root = geteuid() == 0;
    int listener = listen_here(root ? GROUP : getegid());
    GStatBuf status;

    g_assert_cmpint(g_stat(path, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 07777, ==, 0660);
    g_assert_cmpuint(status.st_gid, ==, root ? GROUP : getegid());
    if (root) {
        g_assert_cmpint(call(&(Caller){NOBODY, OTHER_GROUP, 0}), ==, EACCES);
        g_assert_cmpint(call(&(Caller){NOBODY, OTHER_GROUP, GROUP}), ==, 0);
    }
    close(listener);
}

static void a_path_where_nothing_can_be_is_refused(void)
{
    g_autofree char *none = g_build_filename(folder, "none", "control.sock", NULL);
    g_autofree char *file = g_build_filename(folder, "file", NULL);
    g_autoptr(GError) error = NULL, second = NULL;

    g_assert_cmpint(vd_control_listen(none, (gid_t)-1, &error), ==, -1);
    g_assert_nonnull(strstr(error->message, none));
    g_assert_true(g_file_set_contents(file, "kept", -1, NULL));
    g_assert_cmpint(vd_control_listen(file, (gid_t)-1, &second), ==, -1);
    g_assert_true(g_file_test(file, G_FILE_TEST_IS_REGULAR));
    g_remove(file);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("vedette-XXXXXX", NULL);
    path = g_build_filename(folder, "control.sock", NULL);
    g_assert_cmpint(chmod(folder, 0755), ==, 0);
    g_test_add_func("/control/our_own_user_is_an_admin_of_all_cameras",
                    our_own_user_is_an_admin_of_all_cameras);
    g_test_add_func("/control/the_group_is_an_admin_and_nobody_else_is",
                    the_group_is_an_admin_and_nobody_else_is);
    g_test_add_func("/control/a_user_without_a_name_is_called_by_his_number",
                    a_user_without_a_name_is_called_by_his_number);
    g_test_add_func("/control/the_file_is_the_groups_and_others_do_not_get_in",
                    the_file_is_the_groups_and_others_do_not_get_in);
    g_test_add_func("/control/a_path_where_nothing_can_be_is_refused",
                    a_path_where_nothing_can_be_is_refused);
    int status = g_test_run();
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
    return status;
}
