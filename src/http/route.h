#pragma once

#include "access/access.h"
#include "http/reply.h"

/*
 * From (method, path, query) to a reply. The route table says which paths there are, which handler
 * answers and which parameters it takes; tests and documents walk the same table. Pure: no socket,
 * no thread, no state. [any]
 */
typedef enum VdParamId {
    VD_PARAM_WIDTH,
    VD_PARAM_FPS,
    VD_PARAM_QUALITY,
    VD_PARAM_ANNOTATE,
    VD_PARAM_CODEC,
    VD_PARAM_BITRATE,
    VD_PARAM_DRY_RUN,
    VD_PARAM_PERSIST,
    VD_PARAM_CAMERAS,
    VD_PARAM_CAMERA,
    VD_PARAM_KINDS,
    VD_PARAM_SINCE,
    VD_PARAM_UNTIL,
    VD_PARAM_AT,
    VD_PARAM_SECONDS,
    VD_PARAM_ORDER,
    VD_PARAM_LIMIT,
    VD_PARAM_CURSOR,
    VD_N_PARAMS,
} VdParamId;

/*
 * A number within min..max, or zero where zero is given a meaning; when max is 0 a word of `words`
 * or, without those, a text or a list.
 */
typedef struct VdParam {
    const char *name;
    int min, max;
    bool zero;
    const char *const *words; /* (nullable) NULL-terminated */
    const char *allowed;      /* the same in words, for details */
    bool text;                /* the handler judges it */
} VdParam;

typedef struct VdRoute VdRoute;

typedef struct VdRequest {
    const VdRoute *route;
    bool head;                /* only the headers are wanted */
    bool encrypted;           /* it came by TLS */
    const char *peer;         /* "192.0.2.7" */
    const char *user_agent;   /* (nullable) */
    const char *accept;       /* (nullable) */
    const char *content_type; /* (nullable) */
    const char *last_event;   /* (nullable) Last-Event-ID */
    const char *cookie;       /* (nullable) */
    const char *csrf;         /* (nullable) X-CSRF-Token, which pages of ours send */
    VdAccess *access;         /* (nullable) everybody may do everything */
    VdAccount *account;       /* (nullable) who sends it, where somebody asks */
    VdSight sight;            /* which cameras he sees */
    const char *if_match;     /* (nullable) */
    const char *known;        /* (nullable) If-None-Match */
    GBytes *body;             /* (nullable) */
    VdTicket *ticket;         /* of a VD_REPLY_LATER */
    char *id;                 /* what stands in {id}'s or {file}'s place */
    int numbers[VD_N_PARAMS]; /* of a word: its place; -1: not given */
    char *texts[VD_N_PARAMS]; /* (nullable) */
    char **cameras;           /* (nullable) */
} VdRequest;

typedef VdReply (*VdHandler)(const VdRequest *request, VdApi *api);

struct VdRoute {
    const char *method;
    const char *path; /* {id} stands for a camera's id or a number, {file} for a page's file */
    VdRole role;      /* that it needs */
    VdHandler handler;
    guint params;      /* 1 << VdParamId */
    size_t max_body;   /* bytes of request body it takes */
    const char *asset; /* (nullable) name of the page's file, where {file} does not say it */
    bool all;          /* who sees some cameras alone may not */
    bool later;        /* it is answered later */
    VdVerb verb;       /* of an order */
};

const VdRoute *vd_routes(guint *count);
const VdParam *vd_params(void); /* VD_N_PARAMS of them */

/*
 * Judges what is known before the body: method, path and query as they stand in the request line,
 * and the body's length (-1: chunked, unknown). True: `request` is ready for vd_route_answer().
 * False: *reply says why not. Clear the request in both cases. encrypted, peer, user_agent, accept,
 * content_type, if_match, cookie, csrf and access are the caller's.
 */
bool vd_route_judge(VdRequest *request, const char *method, const char *path, const char *query,
                    gint64 body_length, VdReply *reply);
VdReply vd_route_answer(const VdRequest *request, VdApi *api);
void vd_request_clear(VdRequest *request);
