#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * How much of each GPU's memory is in use, by all programs, as the driver said when it was last
 * asked. [any]
 */

/* Asks it, which takes as long as it takes: once a second at most, unless at_once. */
void vd_gpu_memory_ask(guint number, GstContext *context, bool at_once);
/* Bytes; 0: not known. */
void vd_gpu_memory_tell(guint number, guint64 *used, guint64 *total);
void vd_gpu_memory_forget(void); /* what was said of all */
