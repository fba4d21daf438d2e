#include "http/control.h"

#include "http/listen.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_GROUPS = 65536, LINE = 1024 };

gid_t vd_control_group(void)
{
    /* cppcheck-suppress getgrnamCalled ; nobody else asks for groups */
    const struct group *group = getgrnam(VD_CONTROL_GROUP);

    return group != NULL ? group->gr_gid : (gid_t)-1;
}

int vd_control_listen(const char *path, gid_t group, GError **error)
{
    int fd = vd_listen(path, false, error);

    if (fd < 0)
        return -1;
    if (group != (gid_t)-1)
        (void)!chown(path, (uid_t)-1, group); /* root and our own user reach it all the same */
    if (chmod(path, 0660) == 0)
        return fd;
    g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "%s: its mode cannot be set: %s", path,
                g_strerror(errno));
    close(fd);
    unlink(path);
    return -1;
}

static bool has_group(int fd, gid_t group)
{
    socklen_t size = MAX_GROUPS * sizeof(gid_t);
    g_autofree gid_t *groups = g_malloc(size);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
        return false;
    for (gsize i = 0; i < size / sizeof *groups; i++)
        if (groups[i] == group)
            return true;
    return false;
}

static bool is_admin(int fd, const struct ucred *peer, gid_t group)
{
    if (peer->uid == 0 || peer->uid == geteuid())
        return true;
    return group != (gid_t)-1 && (peer->gid == group || has_group(fd, group));
}

/* As this machine's own file has it: a directory elsewhere could keep us waiting. */
static char *name_of(uid_t uid)
{
    FILE *file = fopen("/etc/passwd", "re");
    struct passwd entry = {0}, *found = NULL;
    char line[LINE], *name = NULL;

    while (file != NULL && name == NULL &&
           fgetpwent_r(file, &entry, line, sizeof line, &found) == 0)
        if (found->pw_uid == uid)
            name = g_strdup(found->pw_name);
    if (file != NULL)
        fclose(file);
    return name != NULL ? name : g_strdup_printf("%u", uid);
}

VdAccount *vd_control_peer(int fd, gid_t group)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || !is_admin(fd, &peer, group))
        return NULL;
    g_autofree char *name = name_of(peer.uid);
    VdAccount *account = vd_account_new(VD_UNIX, name);
    account->role = VD_ROLE_ADMIN;
    account->cameras = g_strsplit("*", " ", -1);
    return account;
}
