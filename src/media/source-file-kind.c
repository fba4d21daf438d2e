#include "media/source-file.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define FPS 25

/* clang-format off */
static const VdFileKind kinds[] = {
    {VD_FILE_MP4,   "qtdemux",       NULL},
    {VD_FILE_MKV,   "matroskademux", NULL},
    {VD_FILE_AVI,   "avidemux",      NULL},
    {VD_FILE_H264,  NULL,            "video/x-h264"},
    {VD_FILE_H265,  NULL,            "video/x-h265"},
    {VD_FILE_MJPEG, NULL,            "image/jpeg"},
};
static const struct {
    const char *media;
    const char *parser;
} parsers[] = {
    {"video/x-h264", "h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au"},
    {"video/x-h265", "h265parse config-interval=-1 ! video/x-h265,stream-format=byte-stream,alignment=au"},
    {"image/jpeg",   "jpegparse"},
};
static const struct {
    mode_t kind;
    const char *name;
} others[] = { /* what has a path and is no file */
    {S_IFDIR,  "a folder"},
    {S_IFIFO,  "a pipe"},
    {S_IFSOCK, "a socket"},
    {S_IFCHR,  "a device"},
    {S_IFBLK,  "a device"},
};
/* clang-format on */

/* What is there instead of a file; NULL: a file, or nothing. */
static const char *other_name(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        if ((status.st_mode & S_IFMT) == others[i].kind)
            return others[i].name;
    return NULL;
}

FILE *vd_file_open(const char *path, GError **error)
{
    const char *other = other_name(path);

    /* Opening a pipe would wait for whoever writes into it. */
    if (other != NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_UNSUPPORTED, "this is %s and no file", other);
        return NULL;
    }
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        g_set_error(error, VD_ERROR, errno == ENOENT ? VD_ERROR_NOT_FOUND : VD_ERROR_FAILED,
                    "the file cannot be opened: %s", g_strerror(errno));
    return file;
}

const VdFileKind *vd_file_kind(FILE *file, const char *path, GError **error)
{
    guint8 head[VD_FILE_HEAD];
    gsize got = fread(head, 1, sizeof head, file);
    VdFileType type = vd_file_type(head, got, path);

    rewind(file);
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].type == type)
            return &kinds[i];
    g_set_error(error, VD_ERROR, VD_ERROR_UNSUPPORTED,
                "this is no mp4, mkv, avi, H.264, H.265 or MJPEG file");
    return NULL;
}

const char *vd_file_parser(const char *media)
{
    for (gsize i = 0; i < G_N_ELEMENTS(parsers); i++)
        if (g_str_equal(parsers[i].media, media))
            return parsers[i].parser;
    return NULL;
}

static void learn_rate(VdFileClock *clock, GstPad *pad)
{
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(pad);
    int n = 0, d = 1;

    if (caps != NULL)
        gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &n, &d);
    if (clock->wanted_fps > 0)
        n = clock->wanted_fps, d = 1;
    else if (n <= d || n > 240 * d) /* parsers say 0/1 or 1/1 when they do not know */
        n = FPS, d = 1;
    clock->fps_n = n;
    clock->fps_d = d;
}

void vd_file_clock_stamp(VdFileClock *clock, GstPad *pad, GstBuffer *unit)
{
    if (clock->fps_n == 0)
        learn_rate(clock, pad);
    guint64 duration_n = GST_SECOND * (guint64)clock->fps_d;
    GST_BUFFER_PTS(unit) = gst_util_uint64_scale(clock->units, duration_n, (guint64)clock->fps_n);
    GST_BUFFER_DTS(unit) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_DURATION(unit) = duration_n / (guint64)clock->fps_n;
    clock->units++;
}
