#pragma once

#include "plugins/vd-avcodec.h"
#include "plugins/vd-sessions.h"

/*
 * Which of a kind's two encoders makes the next access unit: NVENC for pictures in CUDA memory
 * where it is allowed, has a session and works, the software one else. A picture that NVENC fails
 * at is encoded by the other at once, so that none is lost; NVENC is tried again at a key picture,
 * VD_ENCODERS_HOLD_OFF of the stream's time later at first, twice as long after each failure up to
 * VD_ENCODERS_LONGEST; when it was for want of a session, as soon as the ledger has room as well.
 * Pictures without a time try it once.
 *
 * [streaming thread], all of it. Errors are libavcodec's (< 0) or a CUresult (> 0).
 */
#define VD_ENCODERS_HOLD_OFF (10 * GST_SECOND)
#define VD_ENCODERS_LONGEST  (600 * GST_SECOND)

typedef struct VdEncoders VdEncoders;

typedef struct VdEncodersRequest {
    guint bitrate; /* kbit/s */
    bool hardware; /* NVENC is allowed */
    bool key;
    GstClockTime pts; /* or GST_CLOCK_TIME_NONE */
} VdEncodersRequest;

/* sessions has to outlive it. */
VdEncoders *vd_encoders_new(VdAvcodecKind kind, VdSessions *sessions);
void vd_encoders_free(VdEncoders *encoders); /* (nullable) */

/* Pictures are these from now on; ends what was. */
void vd_encoders_begin(VdEncoders *encoders, const GstVideoInfo *info);
/* (transfer full) *packet is this picture's, a key picture where that was asked for. */
int vd_encoders_encode(VdEncoders *encoders, GstBuffer *buffer, const VdEncodersRequest *request,
                       AVPacket **packet);

/* Of the last picture; until the next. NULL: none yet. */
const char *vd_encoders_name(const VdEncoders *encoders);
/* (nullable) Why it was not NVENC. */
const char *vd_encoders_why(const VdEncoders *encoders);
/* Those that there are, as far as that can be told before a picture: libavcodec's name, or NULL. */
const char *vd_encoders_installed(VdAvcodecKind kind, bool hardware);
/* (transfer full) */
char *vd_encoders_error_text(int error);
