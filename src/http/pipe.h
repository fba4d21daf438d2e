#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/uio.h>

/*
 * Bytes that go to many sockets. They are copied into the kernel once; each socket's queue then
 * refers to the same pages, which nobody writes to and which live until the last has done with
 * them. It belongs to one thread, which must have SIGPIPE blocked or ignored.
 */
typedef struct VdPipe VdPipe;

VdPipe *vd_pipe_new(void); /* (nullable) the kernel has no pipes to give */
void vd_pipe_free(VdPipe *pipe);

/* Takes these bytes instead of those it has; false: it has none now, because they are too many. */
bool vd_pipe_fill(VdPipe *pipe, const struct iovec *pieces, int count);

/*
 * Writes what it has, from the first byte on, to a socket that does not wait. The bytes taken; 0
 * also when the socket is dead or its kind, or the kernel, cannot do this: an ordinary write tells.
 */
gsize vd_pipe_send(VdPipe *pipe, int fd);
