#pragma once

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
    VD_PARAM_CAMERAS,
    VD_N_PARAMS,
} VdParamId;

/*
 * A number within min..max, or zero where zero is given a meaning; when max is 0 a word of `words`
 * or, without those, a list.
 */
typedef struct VdParam {
    const char *name;
    int min, max;
    bool zero;
    const char *const *words; /* (nullable) NULL-terminated */
    const char *allowed;      /* the same in words, for details */
} VdParam;

enum { VD_MAX_TARGET = 2048 }; /* bytes of path and query; one more is a 414 */

typedef struct VdRoute VdRoute;

typedef struct VdRequest {
    const VdRoute *route;
    bool head;                /* only the headers are wanted */
    const char *peer;         /* "192.0.2.7" */
    const char *user_agent;   /* (nullable) */
    const char *accept;       /* (nullable) */
    char *id;                 /* what stands in {id}'s place */
    int numbers[VD_N_PARAMS]; /* of a word: its place; -1: not given */
    char **cameras;           /* (nullable) */
} VdRequest;

typedef VdReply (*VdHandler)(const VdRequest *request, VdApi *api);

struct VdRoute {
    const char *method;
    const char *path; /* {id} stands for one segment that is a camera's id */
    VdHandler handler;
    guint params;      /* 1 << VdParamId */
    size_t max_body;   /* bytes of request body it takes */
    const char *asset; /* of the page: its name in the resources */
};

const VdRoute *vd_routes(guint *count);
const VdParam *vd_params(void); /* VD_N_PARAMS of them */

/*
 * Judges what is known before the body: method, path and query as they stand in the request line,
 * and the body's length (-1: chunked, unknown). True: `request` is ready for vd_route_answer().
 * False: *reply says why not. Clear the request in both cases. peer, user_agent and
 * accept are the caller's.
 */
bool vd_route_judge(VdRequest *request, const char *method, const char *path, const char *query,
                    gint64 body_length, VdReply *reply);
VdReply vd_route_answer(const VdRequest *request, VdApi *api);
void vd_request_clear(VdRequest *request);
