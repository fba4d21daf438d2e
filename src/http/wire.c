#include "http/wire.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { RECORD = 16 * 1024 }; /* the most bytes that one has */

static gssize send_plain(const VdWire *wire, const struct iovec *pieces, int count, gsize at)
{
    struct iovec left[VD_WIRE_PIECES];
    struct msghdr message = {.msg_iov = left};

    for (int i = 0; i < count; i++) {
        gsize skip = MIN(at, pieces[i].iov_len);

        at -= skip;
        if (skip < pieces[i].iov_len)
            left[message.msg_iovlen++] =
                (struct iovec){(char *)pieces[i].iov_base + skip, pieces[i].iov_len - skip};
    }
    gssize sent = sendmsg(wire->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? 0 : -1;
    return sent;
}

/* A record's worth of bytes: short pieces shall not become records of their own. */
static gsize gather(const struct iovec *pieces, int count, gsize at, guint8 record[RECORD])
{
    gsize size = 0;

    for (int i = 0; i < count && size < RECORD; i++) {
        gsize skip = MIN(at, pieces[i].iov_len);
        gsize more = MIN(pieces[i].iov_len - skip, RECORD - size);

        at -= skip;
        if (more > 0)
            memcpy(record + size, (const char *)pieces[i].iov_base + skip, more);
        size += more;
    }
    return size;
}

/* While the session is busy it does not look at what it is given: it sends on what it has. */
static gssize send_records(VdWire *wire, const struct iovec *pieces, int count, gsize at)
{
    guint8 record[RECORD];
    gsize sent = 0, size;

    while ((size = gather(pieces, count, at + sent, record)) > 0) {
        gssize taken = gnutls_record_send(wire->tls, record, size);

        wire->busy = taken == GNUTLS_E_AGAIN || taken == GNUTLS_E_INTERRUPTED;
        if (wire->busy)
            break;
        if (taken <= 0)
            return -1;
        sent += (gsize)taken;
    }
    return (gssize)sent;
}

gssize vd_wire_send(VdWire *wire, const struct iovec *pieces, int count, gsize at)
{
    return wire->tls != NULL ? send_records(wire, pieces, count, at)
                             : send_plain(wire, pieces, count, at);
}

bool vd_wire_is_left(const VdWire *wire)
{
    struct pollfd one = {.fd = wire->fd, .events = POLLRDHUP};

    return poll(&one, 1, 0) > 0;
}
