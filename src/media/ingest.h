#pragma once

#include "config/config.h"
#include "media/ring.h"

/*
 * One connection to one source, from URI to ring. It lives for one try: when it is lost it stays
 * lost, and the owner makes a new one. [main] for all functions; streaming threads only push.
 */
typedef struct VdIngest VdIngest;

/* Why a source cannot be had; the state machine and the back-off judge by these. */
typedef enum VdLoss {
    VD_LOSS_REFUSED,      /* nobody listens, or the host cannot be reached */
    VD_LOSS_UNKNOWN_HOST, /* its name is not known */
    VD_LOSS_TIMEOUT,      /* no answer, or no access unit within connect-timeout */
    VD_LOSS_UNAUTHORIZED, /* 401, 403 */
    VD_LOSS_UNTRUSTED,    /* its TLS certificate: text says why */
    VD_LOSS_NOT_FOUND,    /* 404, no such file or device */
    VD_LOSS_UNSUPPORTED,  /* no video, or none that we can decode: text says what it is */
    VD_LOSS_GARBAGE,      /* what comes is not what it says it is */
    VD_LOSS_CLOSED,       /* the other side ended it */
    VD_LOSS_STALLED,      /* judged by the camera, not by ingest */
    VD_LOSS_FAILED,       /* anything else */
    VD_N_LOSSES
} VdLoss;
const char *vd_loss_name(VdLoss loss); /* "refused", "timeout", ... as the API says it */

typedef struct VdIngestEvents {
    /* The first access unit is in the ring. caps are the stream's (transfer none). */
    void (*opened)(VdIngest *ingest, GstCaps *caps, void *data);
    /* Codec, profile or size changed inside the session. */
    void (*changed)(VdIngest *ingest, GstCaps *caps, void *data);
    /* Said once, and nothing after it. text: one plain sentence without secrets. */
    void (*lost)(VdIngest *ingest, VdLoss loss, const char *text, void *data);
} VdIngestEvents;

/*
 * uri is the camera's uri or its analysis-uri; other settings are taken from camera. Starts at
 * once and answers at once; failures come as `lost`, also those found here, from the main loop.
 * Events are called from the main loop's default context.
 */
VdIngest *vd_ingest_new(const VdCameraConfig *camera, const char *uri, VdRing *ring,
                        const VdIngestEvents *events, void *data);
/*
 * Takes it down: no event is called from now on, nothing more comes into the ring, and the
 * pipeline goes to NULL on a worker, which is abandoned (and counted) when it hangs. Returns at
 * once.
 */
void vd_ingest_free(VdIngest *ingest);

/* How the stream comes: "tcp", "udp", "http", "file", "v4l2", "test" ([main], (transfer none)). */
const char *vd_ingest_transport(const VdIngest *ingest);
