#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * An answer that is given later, on another thread. Who asks makes the ticket and leaves a
 * reference to who is to answer; neither waits for the other.
 */
typedef struct VdTicket VdTicket;

/*
 * There is an answer. Called once, on the thread that gave it and under the ticket's lock: it may
 * wake somebody and nothing else.
 */
typedef void (*VdTicketWake)(void *data);

VdTicket *vd_ticket_new(VdTicketWake wake, void *data);
VdTicket *vd_ticket_ref(VdTicket *ticket);
void vd_ticket_unref(VdTicket *ticket); /* with an answer that nobody took */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdTicket, vd_ticket_unref)

/* Answers (transfer full); a ticket is answered once. [any] */
void vd_ticket_answer(VdTicket *ticket, void *answer, GDestroyNotify destroy);
/* For who asked: the answer (transfer full), or NULL while there is none. [any] */
void *vd_ticket_take(VdTicket *ticket);
/* For who asked: nobody is woken any more when this has returned. [any] */
void vd_ticket_abandon(VdTicket *ticket);
/* For who asked: as far as he knows nobody waits for the answer any more. It is due all the same.
 * [any]
 */
void vd_ticket_leave(VdTicket *ticket);
/* For who is to answer: whether it was left, so that it is not worth much any more. [any] */
bool vd_ticket_is_left(VdTicket *ticket);
