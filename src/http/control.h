#pragma once

#include "access/account.h"
#include "base/error.h"

#include <sys/types.h>

/*
 * The control socket: a Unix socket of this machine's administrators, who need no password. Who is
 * at its other end the kernel says, with the groups that his process had when it connected: nothing
 * is looked up that could keep the server waiting.
 */
#define VD_CONTROL_GROUP "vedette"

/* The group's number; (gid_t)-1: there is none. May wait for the system's directory: not on the
 * server's thread. */
gid_t vd_control_group(void);
/* Listens at the path, with mode 0660 and, where that is allowed, the group. -1 with *error. */
int vd_control_listen(const char *path, gid_t group, GError **error);
/*
 * An admin's account "unix NAME" for root, the server's own user and members of the group; NULL:
 * somebody who may what anybody may (transfer full).
 */
VdAccount *vd_control_peer(int fd, gid_t group);
