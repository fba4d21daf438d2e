#include "base/ticket.h"

#include "base/lock.h"

struct VdTicket {
    gatomicrefcount refs;
    VdLock lock;
    VdTicketWake wake; /* [lock] (nullable) */
    void *data;
    void *answer; /* [lock] (nullable) */
    GDestroyNotify destroy;
    gint left; /* atomic */
};

VdTicket *vd_ticket_new(VdTicketWake wake, void *data)
{
    VdTicket *ticket = g_new0(VdTicket, 1);

    g_atomic_ref_count_init(&ticket->refs);
    vd_lock_init(&ticket->lock);
    ticket->wake = wake;
    ticket->data = data;
    return ticket;
}

VdTicket *vd_ticket_ref(VdTicket *ticket)
{
    g_atomic_ref_count_inc(&ticket->refs);
    return ticket;
}

void vd_ticket_unref(VdTicket *ticket)
{
    if (ticket == NULL || !g_atomic_ref_count_dec(&ticket->refs))
        return;
    if (ticket->answer != NULL)
        ticket->destroy(ticket->answer);
    vd_lock_clear(&ticket->lock);
    g_free(ticket);
}

void vd_ticket_answer(VdTicket *ticket, void *answer, GDestroyNotify destroy)
{
    vd_lock(&ticket->lock);
    g_assert(ticket->answer == NULL);
    ticket->answer = answer;
    ticket->destroy = destroy;
    if (ticket->wake != NULL)
        ticket->wake(ticket->data);
    vd_unlock(&ticket->lock);
}

void *vd_ticket_take(VdTicket *ticket)
{
    vd_lock(&ticket->lock);
    void *answer = g_steal_pointer(&ticket->answer);
    vd_unlock(&ticket->lock);
    return answer;
}

void vd_ticket_abandon(VdTicket *ticket)
{
    vd_lock(&ticket->lock);
    ticket->wake = NULL;
    vd_unlock(&ticket->lock);
}

void vd_ticket_leave(VdTicket *ticket)
{
    g_atomic_int_set(&ticket->left, 1);
}

bool vd_ticket_is_left(VdTicket *ticket)
{
    return g_atomic_int_get(&ticket->left) != 0;
}
