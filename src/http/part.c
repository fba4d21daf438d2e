#include "http/part.h"

#include <stdio.h>
#include <string.h>

#define BOUNDARY "\r\n--vedette\r\n"
#define N_PIECES 3

/* What stands between two pictures, but for the headers of VD_FRAMING_FULL. */
static const char *const between[VD_N_FRAMINGS] = {
    [VD_FRAMING_FULL] = BOUNDARY,
    [VD_FRAMING_AHEAD] = BOUNDARY "Content-Type: image/jpeg\r\n\r\n",
    [VD_FRAMING_OPENING] = "",
    [VD_FRAMING_BARE] = "",
};

VdPart *vd_part_new(VdPicture *picture, guint64 number)
{
    VdPart *part = g_new(VdPart, 1);

    part->refs = 1;
    part->number = number;
    part->picture = picture;
    int size =
        snprintf(part->head, sizeof part->head,
                 "Content-Type: image/jpeg\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n"
                 "X-Timestamp: %" G_GINT64_FORMAT ".%06d\r\nX-Frame: %" G_GUINT64_FORMAT "\r\n"
                 "X-Camera: %s\r\nX-Processing-Time: %.3f\r\nX-State: %s\r\n\r\n",
                 g_bytes_get_size(picture->bytes), picture->captured_us / G_USEC_PER_SEC,
                 (int)(picture->captured_us % G_USEC_PER_SEC), picture->number, picture->camera,
                 (double)(picture->encoded_us - picture->received_us) / 1000.0,
                 picture->placeholder ? "placeholder" : "live");
    g_assert(size > 0 && (gsize)size < sizeof part->head); /* a camera's id has a limit */
    part->head_size = (gsize)size;
    return part;
}

VdPart *vd_part_ref(VdPart *part)
{
    part->refs++;
    return part;
}

void vd_part_unref(VdPart *part)
{
    if (part == NULL || --part->refs > 0)
        return;
    vd_picture_unref(part->picture);
    g_free(part);
}

static struct iovec of_bytes(GBytes *bytes)
{
    struct iovec piece = {0};

    if (bytes != NULL)
        piece.iov_base = (void *)g_bytes_get_data(bytes, &piece.iov_len);
    return piece;
}

static void list_pieces(const VdPart *part, VdFraming framing, struct iovec pieces[N_PIECES])
{
    const char *end = between[framing];

    pieces[0] = (struct iovec){0};
    if (framing == VD_FRAMING_FULL)
        pieces[0] = (struct iovec){(void *)part->head, part->head_size};
    else if (framing == VD_FRAMING_OPENING)
        pieces[0] = of_bytes(part->picture->opening);
    pieces[1] = of_bytes(part->picture->bytes);
    pieces[2] = (struct iovec){(void *)end, strlen(end)};
}

gsize vd_part_size(const VdPart *part, VdFraming framing)
{
    struct iovec pieces[N_PIECES];

    list_pieces(part, framing, pieces);
    return pieces[0].iov_len + pieces[1].iov_len + pieces[2].iov_len;
}

VdFraming vd_part_usual(const VdPart *part)
{
    return part->picture->opening != NULL ? VD_FRAMING_BARE : VD_FRAMING_FULL;
}

const char *vd_part_opening(VdFraming framing)
{
    return between[framing];
}

void vd_part_append_refusal(GString *parts, const char *camera, GBytes *json)
{
    gsize size;
    const char *text = g_bytes_get_data(json, &size);

    g_string_append_printf(parts,
                           BOUNDARY "Content-Type: application/json\r\n"
                                    "Content-Length: %" G_GSIZE_FORMAT "\r\nX-Camera: %s\r\n\r\n",
                           size, camera);
    g_string_append_len(parts, text, (gssize)size);
}

bool vd_part_fill(const VdPart *part, VdPipe *pipe)
{
    struct iovec pieces[N_PIECES];

    list_pieces(part, vd_part_usual(part), pieces);
    return vd_pipe_fill(pipe, pieces, N_PIECES);
}

/* What the pipe leaves over is copied: that also has the socket tell when there is room again. */
gssize vd_part_send(const VdPart *part, VdFraming framing, gsize at, VdPipe *pipe, VdWire *wire)
{
    gsize piped = pipe != NULL && wire->tls == NULL && at == 0 ? vd_pipe_send(pipe, wire->fd) : 0;
    struct iovec pieces[N_PIECES];

    if (piped == vd_part_size(part, framing))
        return (gssize)piped;
    list_pieces(part, framing, pieces);
    gssize copied = vd_wire_send(wire, pieces, N_PIECES, at + piped);
    return copied < 0 ? -1 : (gssize)piped + copied;
}
