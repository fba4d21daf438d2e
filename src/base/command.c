#include "base/command.h"

#include "base/lock.h"

#include <glib-unix.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct Posted {
    VdCommand command;
    void *data;
    GDestroyNotify destroy;
} Posted;

struct VdCommands {
    int fd;
    guint source;
    VdLock lock;
    GArray *queue; /* [lock] Posted */
};

static void forget(void *posted)
{
    Posted *one = posted;

    if (one->destroy != NULL)
        one->destroy(one->data);
}

static GArray *new_queue(void)
{
    GArray *queue = g_array_new(FALSE, FALSE, sizeof(Posted));

    g_array_set_clear_func(queue, forget);
    return queue;
}

static gboolean work(int fd, GIOCondition condition, gpointer data)
{
    VdCommands *commands = data;
    GArray *fresh = new_queue();
    eventfd_t count;

    (void)eventfd_read(fd, &count);
    vd_lock(&commands->lock);
    g_autoptr(GArray) queue = commands->queue;
    commands->queue = fresh;
    vd_unlock(&commands->lock);
    for (guint i = 0; i < queue->len; i++) {
        Posted *one = &g_array_index(queue, Posted, i);
        one->command(one->data);
    }
    return G_SOURCE_CONTINUE;
}

VdCommands *vd_commands_new(void)
{
    VdCommands *commands = g_new0(VdCommands, 1);

    vd_lock_init(&commands->lock);
    commands->queue = new_queue();
    commands->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (commands->fd < 0)
        g_error("eventfd: %s", g_strerror(errno));
    commands->source = g_unix_fd_add(commands->fd, G_IO_IN, work, commands);
    return commands;
}

void vd_commands_free(VdCommands *commands)
{
    if (commands == NULL)
        return;
    g_source_remove(commands->source);
    g_array_unref(commands->queue);
    close(commands->fd);
    vd_lock_clear(&commands->lock);
    g_free(commands);
}

void vd_commands_post(VdCommands *commands, VdCommand command, void *data, GDestroyNotify destroy)
{
    Posted one = {command, data, destroy};

    vd_lock(&commands->lock);
    g_array_append_val(commands->queue, one);
    vd_unlock(&commands->lock);
    (void)eventfd_write(commands->fd, 1);
}
