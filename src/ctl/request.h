#pragma once

#include "ctl/ctl.h"

/* Requests to the daemon, at its control socket or by HTTPS. One connection a client. */
void vd_ctl_client_free(VdCtlClient *client); /* (nullable) */

/* Takes a part of a body as it comes; false ends the request. */
typedef bool (*VdCtlTake)(void *data, const char *bytes, gsize count);

typedef struct VdCtlRequest {
    const char *method; /* (nullable) NULL: GET */
    const char *path;   /* "/api/v1/stats" */
    const json_t *body; /* (nullable) */
    VdCtlTake take;     /* (nullable) of a 2xx, which is not kept then */
    void *data;
    guint timeout_s; /* 0: as long as it takes */
    guint silence_s; /* it is given up when nothing has come for so long; 0: it is not */
} VdCtlRequest;

/*
 * Asks, and says on stderr what is wrong. Answers how the program is to end; VD_CTL_DONE sets
 * *body ((transfer full), NUL behind it; empty with take).
 */
int vd_ctl_ask(VdCtl *ctl, const VdCtlRequest *request, GByteArray **body);
/* The same for JSON: *answer (transfer full), NULL where there is none. */
int vd_ctl_ask_json(VdCtl *ctl, const char *method, const char *path, const json_t *body,
                    json_t **answer);
/* A camera's path; NULL, and said: there can be none of this id (transfer full). */
char *vd_ctl_camera_path(const char *id, const char *rest);
