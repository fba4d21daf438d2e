#pragma once

#include <glib.h>

/*
 * What is done to a path that the configuration names. A file system whose server is gone, or a
 * driver, can let it wait for ever, so it is done on a thread of that path, in the order in which
 * it was asked for. The thread lives while there is something to do. One that hangs holds up its
 * path alone, and however often a source is tried anew, it is one thread.
 */
typedef void (*VdErrandStep)(void *data);

/*
 * [any] work: on the path's thread. then: afterwards, in the main loop's default context
 * (nullable). unref: data are not needed any more, on any thread (nullable).
 */
void vd_errand(const char *path, VdErrandStep work, VdErrandStep then, void *data,
               GDestroyNotify unref);
/*
 * [any] Forgets what was asked for with these data and is not begun: they are unreferenced. What is
 * begun goes on, and its `then` comes.
 */
void vd_errand_forget(const char *path, const void *data);
