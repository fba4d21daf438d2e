#include "media/multipart.h"

#include "base/error.h"
#include "base/limits.h"
#include "media/source-jpeg.h"

#include <string.h>

#define MOST_LINE     (8 * 1024)
#define MOST_HEADERS  (32 * 1024)
#define MOST_BOUNDARY 200

typedef enum State {
    BETWEEN, /* looking for a boundary line */
    HEADERS,
    BODY,
    ENDED,
} State;

typedef enum Step {
    AGAIN, /* the state has moved: look again */
    WAIT,  /* more bytes are needed */
    FAILED,
} Step;

typedef enum Answer { NO, MAYBE, YES } Answer;

struct VdMultipart {
    VdMultipartPart part;
    void *data;
    State state;
    char *boundary;      /* (nullable) without leading dashes */
    bool sure;           /* a part has come behind this boundary */
    GByteArray *pending; /* not taken yet */
    gsize start;         /* of pending, already taken */

    gsize headers;   /* bytes of this part's headers */
    bool has_length; /* the body's, as the header says */
    gsize length;
    gsize searched;  /* bytes of the body without a delimiter */
    VdJpegWalk walk; /* through the body */
};

/* "multipart/x-mixed-replace; boundary=\"--x\"" (transfer full) (nullable) */
static char *boundary_of(const char *content_type)
{
    g_autofree char *lower = g_ascii_strdown(content_type, -1);
    const char *found = strstr(lower, "boundary");

    if (found == NULL)
        return NULL;
    const char *value = content_type + (found - lower) + strlen("boundary");
    value += strspn(value, " \t");
    if (*value++ != '=')
        return NULL;
    value += strspn(value, " \t");
    bool quoted = *value == '"';
    value += quoted;
    gsize length = strcspn(value, quoted ? "\"" : "; \t\r\n");
    gsize dashes = MIN(strspn(value, "-"), length);
    length -= dashes;
    return length > 0 && length <= MOST_BOUNDARY ? g_strndup(value + dashes, length) : NULL;
}

VdMultipart *vd_multipart_new(const char *content_type, VdMultipartPart part, void *data)
{
    VdMultipart *multipart = g_new0(VdMultipart, 1);

    multipart->part = part;
    multipart->data = data;
    multipart->boundary = content_type != NULL ? boundary_of(content_type) : NULL;
    multipart->pending = g_byte_array_new();
    return multipart;
}

void vd_multipart_free(VdMultipart *multipart)
{
    if (multipart == NULL)
        return;
    g_byte_array_unref(multipart->pending);
    g_free(multipart->boundary);
    g_free(multipart);
}

bool vd_multipart_ended(const VdMultipart *multipart)
{
    return multipart->state == ENDED;
}

static const guint8 *pending(const VdMultipart *multipart, gsize *length)
{
    *length = multipart->pending->len - multipart->start;
    return multipart->pending->data + multipart->start;
}

/* The next line without its end; WAIT: it is not whole yet. *taken: with its end. */
static bool next_line(const VdMultipart *multipart, const char **line, gsize *length, gsize *taken)
{
    gsize there;
    const guint8 *data = pending(multipart, &there);
    const guint8 *end = there > 0 ? memchr(data, '\n', there) : NULL;

    if (end == NULL)
        return false;
    *line = (const char *)data;
    *taken = (gsize)(end - data) + 1;
    *length = *taken - 1;
    while (*length > 0 && strchr("\r \t", (*line)[*length - 1]) != NULL &&
           (*line)[*length - 1] != '\0')
        --*length;
    return true;
}

static bool is_text(const char *line, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isprint(line[i]) && line[i] != '\t')
            return false;
    return true;
}

/* Whether it is a boundary line; a closing one has two dashes behind. */
static bool is_boundary(const VdMultipart *multipart, const char *line, gsize length, bool *closing)
{
    gsize name = strlen(multipart->boundary);
    gsize dashes = 0;

    while (dashes < length && line[dashes] == '-')
        dashes++;
    if (length < dashes + name || memcmp(line + dashes, multipart->boundary, name) != 0)
        return false;
    const char *rest = line + dashes + name;
    gsize left = length - dashes - name;
    *closing = left == 2 && memcmp(rest, "--", 2) == 0;
    return left == 0 || *closing;
}

/* The body may use another boundary than was announced: it is right. */
static bool adopt_boundary(VdMultipart *multipart, const char *line, gsize length)
{
    gsize dashes = 0;

    while (dashes < length && line[dashes] == '-')
        dashes++;
    if (multipart->sure || dashes < 2 || length == dashes || length - dashes > MOST_BOUNDARY ||
        !is_text(line, length))
        return false;
    g_free(multipart->boundary);
    multipart->boundary = g_strndup(line + dashes, length - dashes);
    return true;
}

static bool is_header(const char *line, gsize length, const char *name)
{
    return length > strlen(name) && g_ascii_strncasecmp(line, name, strlen(name)) == 0;
}

static void begin_headers(VdMultipart *multipart)
{
    multipart->state = HEADERS;
    multipart->headers = 0;
    multipart->has_length = false;
    multipart->length = 0;
}

static void begin_body(VdMultipart *multipart)
{
    multipart->state = BODY;
    multipart->searched = 0;
    multipart->walk = (VdJpegWalk){0};
}

/* What stands before a boundary is thrown away; a line without an end bit by bit. */
static Step skip_unended_line(VdMultipart *multipart)
{
    gsize there;

    pending(multipart, &there);
    if (there > MOST_LINE)
        multipart->start += there - MOST_LINE;
    return WAIT;
}

static Step step_between(VdMultipart *multipart)
{
    const char *line;
    gsize length, taken;
    bool closing = false;

    if (!next_line(multipart, &line, &length, &taken))
        return skip_unended_line(multipart);
    /* The first boundary may be missing altogether. */
    bool headers = !multipart->sure && (is_header(line, length, "content-type:") ||
                                        is_header(line, length, "content-length:"));
    bool known = multipart->boundary != NULL && is_boundary(multipart, line, length, &closing);
    if (closing && multipart->sure)
        multipart->state = ENDED;
    else if (headers || known || adopt_boundary(multipart, line, length))
        begin_headers(multipart);
    if (!headers)
        multipart->start += taken;
    return AGAIN;
}

static bool read_length(VdMultipart *multipart, const char *line, gsize length, GError **error)
{
    gsize at = strlen("content-length:");
    gsize value = 0;

    while (at < length && (line[at] == ' ' || line[at] == '\t'))
        at++;
    bool digits = at < length;
    for (; at < length && value <= VD_MAX_PART; at++) {
        digits = digits && g_ascii_isdigit(line[at]);
        value = value * 10 + (gsize)(line[at] - '0');
        if (!digits)
            return true; /* no number: as if it were not there */
    }
    if (!digits)
        return true;
    if (value > VD_MAX_PART) {
        g_set_error(error, VD_ERROR, VD_ERROR_LIMIT, "a picture is said to have more than %d MB",
                    VD_MAX_PART / 1024 / 1024);
        return false;
    }
    multipart->has_length = true;
    multipart->length = value;
    return true;
}

static Step step_headers(VdMultipart *multipart, GError **error)
{
    const char *line;
    gsize length, taken, there;
    bool closing = false;

    if (!next_line(multipart, &line, &length, &taken)) {
        pending(multipart, &there);
        if (there <= MOST_HEADERS)
            return WAIT;
        taken = there;
        length = 1;
        line = "";
    }
    multipart->headers += taken;
    if (multipart->headers > MOST_HEADERS) {
        g_set_error(error, VD_ERROR, VD_ERROR_LIMIT,
                    "what should be headers of a picture goes on for more than %d kB",
                    MOST_HEADERS / 1024);
        return FAILED;
    }
    if (is_header(line, length, "content-length:") && !read_length(multipart, line, length, error))
        return FAILED;
    if (multipart->boundary != NULL && is_boundary(multipart, line, length, &closing))
        begin_headers(multipart); /* a part without anything */
    else if (length == 0)
        begin_body(multipart);
    multipart->start += taken; /* also folded lines, which nobody here needs */
    return AGAIN;
}

static Step finish_part(VdMultipart *multipart, gsize body, gsize taken)
{
    gsize there;
    const guint8 *data = pending(multipart, &there);

    multipart->sure = true;
    multipart->state = BETWEEN;
    if (body > 0)
        multipart->part(data, body, multipart->data);
    multipart->start += taken;
    return AGAIN;
}

/* Whether a boundary's name ends its line here, but for the closing dashes; MAYBE: cut short. */
static Answer ends_line(const guint8 *rest, gsize length)
{
    gsize at = 0;

    while (at < 2 && at < length && rest[at] == '-')
        at++;
    while (at < length && (rest[at] == ' ' || rest[at] == '\t' || rest[at] == '\r'))
        at++;
    return at == length ? MAYBE : rest[at] == '\n' ? YES : NO;
}

/* Where the line before a boundary's name begins; false: it does not stand at a line's start. */
static bool begins_line(const guint8 *data, gsize name, gsize *start)
{
    *start = name;
    while (*start > 0 && data[*start - 1] == '-')
        --*start;
    return name - *start >= 2 && (*start == 0 || data[*start - 1] == '\n');
}

/* Looks for a line that is a boundary; *body: what stands before it. */
static bool find_delimiter(VdMultipart *multipart, const guint8 *data, gsize length, gsize *body)
{
    gsize name = multipart->boundary != NULL ? strlen(multipart->boundary) : 0;
    const guint8 *found = NULL;

    if (name == 0)
        return false;
    while (multipart->searched < length &&
           (found = memmem(data + multipart->searched, length - multipart->searched,
                           multipart->boundary, name)) != NULL) {
        gsize at = (gsize)(found - data), start;
        Answer ends =
            begins_line(data, at, &start) ? ends_line(found + name, length - at - name) : NO;
        multipart->searched = at;
        if (ends == MAYBE)
            return false;
        multipart->searched++;
        if (ends == NO)
            continue;
        start -= start > 0;
        start -= start > 0 && data[start - 1] == '\r';
        *body = start;
        return true;
    }
    if (length >= name) /* a name may be cut by the end of what is here */
        multipart->searched = MAX(multipart->searched, length - name + 1);
    return false;
}

static bool ends_as_jpeg(const guint8 *data, gsize length)
{
    return length >= 4 && data[0] == 0xff && data[1] == 0xd8 && data[length - 2] == 0xff &&
           data[length - 1] == 0xd9;
}

/* A part may have no headers at all; or a blank line before them, which is what MAYBE asks. */
static Answer begins_headers(const VdMultipart *multipart, const guint8 *data, gsize length)
{
    static const char name[] = "content-";
    gsize compared = MIN(length, sizeof name - 1);

    if (multipart->headers > strlen("\r\n") ||
        g_ascii_strncasecmp((const char *)data, name, compared) != 0)
        return NO;
    return compared < sizeof name - 1 ? MAYBE : YES;
}

static Step step_body(VdMultipart *multipart, GError **error)
{
    gsize there, body;
    const guint8 *data = pending(multipart, &there);

    if (multipart->has_length && multipart->length == 0)
        return finish_part(multipart, 0, 0);
    if (there > 0 && (data[0] == '\r' || data[0] == '\n')) { /* one blank line too many */
        multipart->start++;
        multipart->has_length = false;
        return AGAIN;
    }
    Answer headers = begins_headers(multipart, data, there);
    if (headers == MAYBE)
        return WAIT;
    if (headers == YES) {
        begin_headers(multipart);
        return AGAIN;
    }
    if (multipart->has_length) {
        if (there < multipart->length)
            return WAIT;
        if (ends_as_jpeg(data, multipart->length))
            return finish_part(multipart, multipart->length, multipart->length);
        multipart->has_length = false; /* it is wrong, or this is another kind of part */
    }
    gsize end = vd_jpeg_end(&multipart->walk, data, there);
    bool delimited = find_delimiter(multipart, data, there, &body);
    if (end > 0 && (!delimited || end <= body))
        return finish_part(multipart, end, end);
    if (delimited) /* also of a picture that was cut short */
        return finish_part(multipart, body, body);
    if (there > VD_MAX_PART) {
        g_set_error(error, VD_ERROR, VD_ERROR_LIMIT, "a picture has more than %d MB",
                    VD_MAX_PART / 1024 / 1024);
        return FAILED;
    }
    return WAIT;
}

static Step step(VdMultipart *multipart, GError **error)
{
    switch (multipart->state) {
    case BETWEEN:
        return step_between(multipart);
    case HEADERS:
        return step_headers(multipart, error);
    case BODY:
        return step_body(multipart, error);
    default:
        return WAIT;
    }
}

bool vd_multipart_feed(VdMultipart *multipart, const guint8 *bytes, gsize length, GError **error)
{
    Step result;

    if (multipart->state == ENDED)
        return true;
    g_byte_array_append(multipart->pending, bytes, (guint)length);
    do
        result = step(multipart, error);
    while (result == AGAIN);
    g_byte_array_remove_range(multipart->pending, 0, (guint)multipart->start);
    multipart->start = 0;
    return result != FAILED;
}
