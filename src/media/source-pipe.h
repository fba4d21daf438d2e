#pragma once

#include "media/source-feed.h"

/*
 * A source that is a GStreamer pipeline: its bus is heard by the main loop, its appsink fills the
 * feed, and the reaper takes it down. [main] but where said.
 */
typedef struct VdSourcePipe VdSourcePipe;

/* First say on each bus message; true: dealt with. */
typedef bool (*VdSourceHear)(VdSourcePipe *pipe, GstMessage *message, void *data);

/* description: as gst-launch-1.0 takes it. NULL: the feed was told which element is missing. */
VdSourcePipe *vd_source_pipe_new(VdSourceFeed *feed, const char *description, VdSourceHear hear,
                                 void *data);
void vd_source_pipe_free(VdSourcePipe *pipe);
VdSourceFeed *vd_source_pipe_feed(VdSourcePipe *pipe);   /* (transfer none) */
GstElement *vd_source_pipe_pipeline(VdSourcePipe *pipe); /* (transfer none) */
/* (transfer none) the element of that name in the description, which must be there */
GstElement *vd_source_pipe_element(VdSourcePipe *pipe, const char *name);

/* [any] What comes to this appsink are units; their running time is the stream time. */
void vd_source_pipe_deliver(VdSourceFeed *feed, GstElement *appsink);
/*
 * Does what can wait for this path, on the path's thread (source-errand.h). When the pipe is freed
 * meanwhile, the reaper takes the pipeline only afterwards: one thread hangs, not two. data: unref
 * is called on any thread.
 */
void vd_source_pipe_errand(VdSourcePipe *pipe, const char *path,
                           void (*work)(GstElement *pipeline, void *data), void *data,
                           GDestroyNotify unref);
/* PLAYING; a failure is an error message on the bus, so it comes to `hear`. */
void vd_source_pipe_play(VdSourcePipe *pipe);

/* The nearest loss of an element's error, and GStreamer's own words for it. */
VdLoss vd_source_pipe_loss(const GError *error);
char *vd_source_pipe_words(GstMessage *message); /* (transfer full) */
