#pragma once

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

/* What the elements' tests share: an element in a harness with a bus, and pictures to push. */
typedef struct Rig {
    GstHarness *harness;
    GstBus *bus;
    GstVideoInfo info; /* of what is pushed */
} Rig;

typedef struct Colour {
    guint8 y, u, v;
} Colour;

/* caps (nullable): of what will be pushed. */
Rig *rig_new(const char *factory, const char *caps);
void rig_free(Rig *rig);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rig, rig_free)
void rig_set_caps(Rig *rig, const char *caps);
void rig_set(Rig *rig, const char *property, const char *value);
/* The next element message of that name, NULL when there is none. */
GstStructure *rig_message(Rig *rig, const char *name);
/* The caps that the element last sent downstream. */
GstCaps *rig_caps(Rig *rig);

/* A picture of one colour, in the format of rig->info. */
GstBuffer *picture_new(Rig *rig, Colour colour, GstClockTime pts);
void picture_rectangle(const GstVideoInfo *info, GstBuffer *buffer, int x, int y, int width,
                       int height, Colour colour);
/* The sample of component 0..2 that covers luma pixel x, y. */
int picture_at(const GstVideoInfo *info, GstBuffer *buffer, guint component, int x, int y);
/* Luma pixels in the rectangle that are not `luma`. */
int picture_others(const GstVideoInfo *info, GstBuffer *buffer, int x, int y, int width, int height,
                   int luma);

/* Fails unless pushing a picture of these caps is refused. */
void assert_refused(const char *factory, const char *caps);
