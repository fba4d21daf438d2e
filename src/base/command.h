#pragma once

#include <glib.h>

/*
 * Questions and orders for the main loop, posted from other threads and done in the order in which
 * they came. A wake-up costs one write to an eventfd; nobody waits for the answer.
 */
typedef struct VdCommands VdCommands;
typedef void (*VdCommand)(void *data);

/* Serves the default main context. [main] */
VdCommands *vd_commands_new(void);
/* What is not done yet is dropped, its data freed. Nobody may post any more. [main] */
void vd_commands_free(VdCommands *commands);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdCommands, vd_commands_free)

/* Runs command(data) on the main loop, then destroy(data). destroy: (nullable). [any] */
void vd_commands_post(VdCommands *commands, VdCommand command, void *data, GDestroyNotify destroy);
