#pragma once

#include "base/ticket.h"

#include <glib.h>
#include <stdbool.h>

/* One of the things that are wrong with what was asked. */
typedef struct VdDetail {
    const char *option;
    const char *allowed;
} VdDetail;

/* What an order came to. */
typedef struct VdAnswer {
    GError *error;   /* (nullable) nothing was done: VD_ERROR */
    GArray *details; /* VdDetail, with texts of its own: all that is wrong with the body */
    bool of_query;   /* what is wrong stands in the query, and not in the body */
    GBytes *body;    /* (nullable) JSON */
    char *etag;      /* (nullable) the mark of the configuration that holds now */
    char *created;   /* (nullable) the id of a camera that was not there before */
} VdAnswer;
VdAnswer *vd_answer_new(void);
void vd_answer_add_detail(VdAnswer *answer, const char *option, const char *allowed);
void vd_answer_free(VdAnswer *answer);
void vd_answer_give(VdAnswer *answer, VdTicket *ticket); /* (transfer full) [any] */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdAnswer, vd_answer_free)
