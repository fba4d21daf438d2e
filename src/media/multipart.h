#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Reads multipart/x-mixed-replace as cameras send it, in chunks of any size: with garbage or a
 * blank line before the first boundary, or none at all; boundaries with more or fewer dashes than
 * announced, or not announced; without Content-Length or with a wrong one; lines that end in LF or
 * CRLF. A JPEG is handed out with its last byte, not when the next boundary comes. Pure.
 */
typedef struct VdMultipart VdMultipart;

/* One part's body, at least one byte; valid during the call. */
typedef void (*VdMultipartPart)(const guint8 *body, gsize length, void *data);

/* content_type: of the response, with the boundary parameter or without. (nullable) */
VdMultipart *vd_multipart_new(const char *content_type, VdMultipartPart part, void *data);
void vd_multipart_free(VdMultipart *multipart);
/* False: this cannot go on; the error says why in words for the camera's owner. */
bool vd_multipart_feed(VdMultipart *multipart, const guint8 *bytes, gsize length, GError **error);
/* The closing boundary has come; what follows is ignored. */
bool vd_multipart_ended(const VdMultipart *multipart);
