#pragma once

#include <gst/gst.h>
#include <stdbool.h>

/*
 * appsrc ! elements ! appsink, all in one streaming thread (the appsrc's): what analysis and views
 * have in common. Nothing goes to the bus's queue, so that the main loop sleeps while frames flow.
 */
typedef struct VdFlow VdFlow;

typedef struct VdFlowEvents {
    /* [streaming thread] Something came out (transfer none). */
    void (*sample)(GstSample *sample, void *data);
    /* [streaming thread, and an element's own] (nullable) An element message. */
    void (*message)(GstMessage *message, void *data);
    /*
     * [streaming thread] (nullable) The first element puts out a buffer with this PTS. False keeps
     * it from the elements behind it.
     */
    bool (*decoded)(GstClockTime pts, void *data);
    /*
     * [streaming thread] (nullable) The first element's output gets these caps. False keeps them
     * from the elements behind it, which would only say that they cannot negotiate.
     */
    bool (*caps)(GstCaps *caps, void *data);
    /* [streaming thread] (nullable) All that was pushed so far is worked off. */
    void (*drained)(void *data);
    /* [main] (nullable) vd_flow_tell() was called, once or several times. */
    void (*told)(void *data);
    /* [main] The pipeline cannot go on; said once. text: one plain sentence. */
    void (*failed)(const char *text, void *data);
} VdFlowEvents;

/*
 * factories: NULL-terminated; each element can be had by its factory's name, until the flow is
 * closed. One with a "/" in it is caps that what comes from the element before it must have.
 * context: (nullable) for elements that ask for one of its type. Nothing runs before
 * vd_flow_start(). After vd_flow_close() no event is called (it waits for one that is under way),
 * what is pushed is lost, and the pipeline goes to the reaper. All of these answer at once. [main]
 */
VdFlow *vd_flow_new(const char *const *factories, GstContext *context, const VdFlowEvents *events,
                    void *data, GError **error);
GstElement *vd_flow_element(VdFlow *flow, const char *factory); /* (transfer none) */
void vd_flow_start(VdFlow *flow);
void vd_flow_close(VdFlow *flow);
void vd_flow_unref(VdFlow *flow); /* [any] the owner's, after close */

/* [any] These never block. */
void vd_flow_set_caps(VdFlow *flow, GstCaps *caps);
void vd_flow_push(VdFlow *flow, GstBuffer *buffer); /* (transfer full) */
guint vd_flow_level(VdFlow *flow);                  /* buffers that wait to be worked on */
/* How many of all that were pushed had been worked off when none waited, whatever came of them. */
guint64 vd_flow_drained(VdFlow *flow);
void vd_flow_tell(VdFlow *flow);
void vd_flow_fail(VdFlow *flow, const char *text); /* as if an element had said it */

/* [main] What its elements hold of a GPU's memory, as far as they tell: VD_GPU_MEMORY. */
guint64 vd_flow_gpu_memory(VdFlow *flow);
