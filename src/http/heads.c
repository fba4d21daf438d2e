#include "http/heads.h"

#include "base/clock.h"

#include <string.h>
#include <sys/socket.h>

static const char too_slow[] =
    "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nContent-Length: 76\r\n"
    "Connection: close\r\n\r\n"
    "{\"error\":{\"code\":\"too_slow\",\"message\":\"the request took too long to come\"}}\n";

void vd_head_begin(GQueue *heads, VdHead *head)
{
    if (head->waiting)
        return;
    head->waiting = TRUE;
    head->since_us = vd_clock_now_us();
    head->link.data = head;
    g_queue_push_tail_link(heads, &head->link);
}

void vd_head_end(GQueue *heads, VdHead *head)
{
    if (head->waiting)
        g_queue_unlink(heads, &head->link);
    head->waiting = FALSE;
}

guint vd_heads_expire(GQueue *heads, gint64 oldest_us)
{
    const struct iovec text = {(void *)too_slow, strlen(too_slow)};
    guint count = 0;
    VdHead *head;

    while ((head = g_queue_peek_head(heads)) != NULL && head->since_us < oldest_us) {
        vd_head_end(heads, head);
        vd_wire_send(&head->wire, &text, 1, 0);
        /* libmicrohttpd reads the end of it, and closes. */
        shutdown(head->wire.fd, SHUT_RDWR);
        count++;
    }
    return count;
}
