#pragma once

#include <glib.h>
#include <stdbool.h>

/* The kinds of events there are. [any] */
typedef enum VdEventKind {
    VD_KIND_CAMERA_STATE,
    VD_KIND_MOTION_START,
    VD_KIND_MOTION_END,
    VD_KIND_LINE_CROSSED,
    VD_KIND_LIGHT_CHANGED,
    VD_KIND_TAMPERING_START,
    VD_KIND_TAMPERING_END,
    VD_KIND_CONFIGURATION,
    VD_KIND_VIEWER_LIMIT,
    VD_KIND_STORAGE,
    VD_KIND_GPU_FAULT,
    VD_KIND_TEST,
    VD_N_KINDS,
} VdEventKind;

const char *vd_event_kind_name(VdEventKind kind); /* "camera-state", ... */
bool vd_event_kind_find(const char *name, VdEventKind *kind);
/* What vd_event_kind_name() says of all, NULL-terminated. */
const char *const *vd_event_kind_names(void);
/* Whether text is names of kinds, separated by commas; *kinds: 1 << VdEventKind of each. */
bool vd_event_kinds_read(const char *text, guint *kinds);
