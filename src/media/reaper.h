#pragma once

#include <gst/gst.h>

/*
 * Takes pipelines down off the main loop: set_state(NULL) can block on a camera that is gone.
 * Each pipeline has a deadline of 5 s; one that misses it is left to its thread and counted.
 */
void vd_reaper_take(GstElement *pipeline); /* (transfer full) [any] */
/* Waits for what is under way, at most until deadline_us; answers how many were not done. [main] */
guint vd_reaper_drain(gint64 deadline_us);
guint vd_reaper_abandoned(void); /* [any] since the start */
