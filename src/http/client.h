#pragma once

#include <glib.h>
#include <stdbool.h>

/* "192.0.2.7 Firefox": what the status shows of a viewer (transfer full). */
char *vd_client_name(const char *peer, const char *user_agent);

/* What a browser needs of a stream that it shows in an <img>, beyond what the format says. */
typedef struct VdClientQuirks {
    /*
     * Blink shows a part when the next one's headers are there, which is a picture late: they are
     * sent at once. They cannot have that picture's length or time, so only who shows images, as
     * Accept tells, gets them so. (Seen with Chromium 156; the boundary line is not enough.)
     */
    bool headers_ahead;
    /*
     * WebKit shows a part when the next one begins, so the last before a pause stays unseen: it is
     * sent twice.
     */
    bool last_twice;
} VdClientQuirks;

VdClientQuirks vd_client_quirks(const char *user_agent, const char *accept); /* both nullable */
