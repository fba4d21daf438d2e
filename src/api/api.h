#pragma once

#include "base/error.h"
#include "base/mailbox.h"

/*
 * What the outside may ask. HTTP knows this and nothing behind it. A table of functions, so that
 * the daemon gives its own and a test gives another. All are [any], none blocks: answers come from
 * immutable snapshots, whatever the cameras do.
 */
typedef struct VdApi VdApi;

/* What a viewer wants of a camera; -1 everywhere: the camera's own setting. */
typedef struct VdViewRequest {
    int width; /* pixels; 0: the frame's own */
    int fps;   /* 0: all */
    int quality;
    int annotate; /* 0, 1 */
    VdCodec codec;
    int bitrate; /* of a video, kbit/s; 0: what is usual */
} VdViewRequest;

/* Somebody who watches. Counters are his own; the camera's are sums of them. */
typedef struct VdViewer VdViewer;

struct VdApi {
    void *self;

    /* JSON bodies (transfer full). camera: NULL when there is none of that id. */
    GBytes *(*cameras)(void *self);
    GBytes *(*camera)(void *self, const char *id);
    GBytes *(*stats)(void *self);
    GBytes *(*version)(void *self);
    /* True when cameras can be asked for and the main loop moves; else why not (transfer full). */
    bool (*ready)(void *self, char **why);

    /*
     * Begins to watch: the mailbox is there at once, its first picture when it is ready. NULL with
     * VD_ERROR_NOT_FOUND, _INVALID (width, ...), _LIMIT (viewers, renditions), _UNSUPPORTED
     * (codec). `client` is shown in the status ("192.0.2.7 Firefox").
     */
    VdViewer *(*watch)(void *self, const char *camera, const VdViewRequest *want,
                       const char *client, GError **error);
    /* Whether watch() would do it now; false with its errors. *live: the camera is. */
    bool (*may_watch)(void *self, const char *camera, const VdViewRequest *want, bool *live,
                      GError **error);
    VdMailbox *(*mailbox)(VdViewer *viewer);                        /* (transfer none) */
    void (*sent)(VdViewer *viewer, guint64 bytes, guint64 skipped); /* one picture more */
    void (*unwatch)(VdViewer *viewer);

    /* Ids of all cameras that are enabled, sorted; NULL-terminated (transfer full). */
    char **(*ids)(void *self);
};
