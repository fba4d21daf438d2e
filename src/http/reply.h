#pragma once

#include "api/api.h"
#include "http/part.h"

/*
 * What a handler answers: a body, or viewers whose pictures are the body. It knows no sockets.
 * Whoever holds a reply clears it; viewers still in it are unwatched then.
 */
typedef enum VdReplyKind {
    VD_REPLY_BODY,
    VD_REPLY_STREAM,  /* `body`, then the pictures of `viewers`, until a mailbox closes */
    VD_REPLY_PICTURE, /* the first live picture of viewers[0], or 503 when none comes */
    VD_REPLY_EVENTS,  /* what happens from `after` on, as text/event-stream */
    VD_REPLY_LATER,   /* what the request's ticket is answered with */
    VD_REPLY_HEAD,    /* headers whose body would have a length that nobody knows */
} VdReplyKind;

typedef struct VdReply {
    unsigned status;
    VdReplyKind kind;
    GBytes *body;
    const char *type;       /* of the body; static */
    const char *cache;      /* Cache-Control; static */
    const char *state;      /* X-State of a picture; static, NULL: none */
    bool unbuffered;        /* a proxy must pass on at once what it gets */
    const char *policy;     /* Content-Security-Policy; static, NULL: none */
    char *allow;            /* the path's methods; NULL: not said */
    char *cookie;           /* Set-Cookie; NULL: none */
    const char *challenge;  /* WWW-Authenticate; static, NULL: none */
    char *etag;             /* without quotes; NULL: not said */
    char *location;         /* NULL: not said */
    unsigned retry_after_s; /* 0: not said */
    VdViewer **viewers;
    guint n_viewers;
    VdFraming framing;
    guint64 after;   /* the last event that is known already */
    bool last_twice; /* the last picture before a pause is sent again */
} VdReply;

#define VD_TYPE_JSON    "application/json"
#define VD_TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"
#define VD_TYPE_JPEG    "image/jpeg"
#define VD_TYPE_MP4     "video/mp4"
#define VD_TYPE_SSE     "text/event-stream"
#define VD_BOUNDARY     "vedette"
#define VD_TYPE_PARTS   "multipart/x-mixed-replace; boundary=" VD_BOUNDARY

/* body: (transfer full) */
VdReply vd_reply_json(unsigned status, GBytes *body);
/* {"error":{"code":code,"message":...,"details":[...]}}; details may be NULL. */
VdReply vd_reply_error(unsigned status, const char *code, const VdDetail *details, guint n_details,
                       const char *format, ...) G_GNUC_PRINTF(5, 6);
/* A snapshot, or 503 and the card that stands for it; jpeg: (nullable) (transfer full) */
VdReply vd_reply_picture(bool live, GBytes *jpeg);
/* What the API's error means in HTTP. */
VdReply vd_reply_from_error(const GError *error);
VdReply vd_reply_from_answer(const VdAnswer *answer);

void vd_reply_clear(VdReply *reply, VdApi *api);
