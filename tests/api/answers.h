#pragma once

#include "base/answer.h"
#include "base/ticket.h"

/* Answers that come later, awaited in the main loop. */

static inline void answer_is_there(void *data)
{
    g_main_context_wakeup(NULL);
}

static inline VdTicket *ask(void)
{
    return vd_ticket_new(answer_is_there, NULL);
}

/* Takes the ticket. (transfer full) */
static inline VdAnswer *await_answer(VdTicket *ticket)
{
    VdAnswer *answer;

    while ((answer = vd_ticket_take(ticket)) == NULL)
        g_main_context_iteration(NULL, TRUE);
    vd_ticket_unref(ticket);
    return answer;
}
