#include "http/pipe.h"

#include <fcntl.h>
#include <unistd.h>

enum { READING, WRITING, N_ENDS };

struct VdPipe {
    int kept[N_ENDS];   /* holds the bytes */
    int passed[N_ENDS]; /* empty but while a socket is written to */
    int nowhere;
    gsize size; /* of what is kept */
    gsize room; /* of either pipe */
};

static bool open_ends(int ends[N_ENDS])
{
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0)
        return true;
    ends[READING] = ends[WRITING] = -1;
    return false;
}

static void close_ends(int ends[N_ENDS])
{
    for (int i = 0; i < N_ENDS; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

/* Lets go of the pages; what sockets have of them stays theirs. */
static void empty(VdPipe *pipe, const int ends[N_ENDS])
{
    while (splice(ends[READING], NULL, pipe->nowhere, NULL, pipe->room, SPLICE_F_NONBLOCK) > 0)
        ;
}

/* There are limits for one pipe, and for all of those of one user. */
static bool make_room(VdPipe *pipe, gsize size)
{
    if (size <= pipe->room)
        return true;
    if (size > G_MAXINT)
        return false;
    int kept = fcntl(pipe->kept[WRITING], F_SETPIPE_SZ, (int)size);
    int passed = fcntl(pipe->passed[WRITING], F_SETPIPE_SZ, (int)size);
    pipe->room = (gsize)MAX(MIN(kept, passed), 0);
    return size <= pipe->room;
}

bool vd_pipe_fill(VdPipe *pipe, const struct iovec *pieces, int count)
{
    gsize size = 0;

    for (int i = 0; i < count; i++)
        size += pieces[i].iov_len;
    empty(pipe, pipe->kept);
    pipe->size = 0;
    if (!make_room(pipe, size))
        return false;
    if (writev(pipe->kept[WRITING], pieces, count) == (gssize)size) {
        pipe->size = size;
        return true;
    }
    empty(pipe, pipe->kept);
    return false;
}

gsize vd_pipe_send(VdPipe *pipe, int fd)
{
    gssize passed = tee(pipe->kept[READING], pipe->passed[WRITING], pipe->size, SPLICE_F_NONBLOCK);

    if (passed <= 0)
        return 0;
    gssize sent = splice(pipe->passed[READING], NULL, fd, NULL, (gsize)passed, SPLICE_F_NONBLOCK);
    if (sent < passed)
        empty(pipe, pipe->passed);
    return (gsize)MAX(sent, 0);
}

VdPipe *vd_pipe_new(void)
{
    VdPipe *pipe = g_new0(VdPipe, 1);
    bool kept = open_ends(pipe->kept), passed = open_ends(pipe->passed);

    pipe->nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (kept && passed && pipe->nowhere >= 0)
        return pipe;
    vd_pipe_free(pipe);
    return NULL;
}

void vd_pipe_free(VdPipe *pipe)
{
    if (pipe == NULL)
        return;
    close_ends(pipe->kept);
    close_ends(pipe->passed);
    if (pipe->nowhere >= 0)
        close(pipe->nowhere);
    g_free(pipe);
}
