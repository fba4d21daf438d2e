#pragma once

#include "camera/receiver.h"

/*
 * One try to reach a source: a camera's own receiver, until there is a picture or there will be
 * none. It stands in no list of cameras and logs nothing. [main]
 */
typedef struct VdProbe VdProbe;

/* What came of it. */
typedef struct VdProbeFacts {
    VdReceiverFacts receiver; /* live: it was reached; else reason and loss say why it was not */
    gint64 unit_us;           /* from the beginning to the first data; 0: none came */
    gint64 picture_us;        /* and to the first decoded picture */
} VdProbeFacts;

/* It is over, said once, from the main loop (facts: transfer none); the probe may be freed here. */
typedef void (*VdProbeDone)(VdProbe *probe, const VdProbeFacts *facts, void *data);

/* Begins at once, whether the camera is enabled or not. done may come from vd_probe_tick(). */
VdProbe *vd_probe_new(const VdCameraConfig *camera, VdProbeDone done, void *data);
void vd_probe_free(VdProbe *probe); /* returns at once; done is not called any more */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdProbe, vd_probe_free)

/* Looks at ages; to be called about twice a second. */
void vd_probe_tick(VdProbe *probe);
