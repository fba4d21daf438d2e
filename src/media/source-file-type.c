#include "media/source-file.h"

#include <string.h>

static const struct {
    const char *ending;
    VdFileType type;
} endings[] = {
    {".h264", VD_FILE_H264}, {".264", VD_FILE_H264}, {".avc", VD_FILE_H264},
    {".h265", VD_FILE_H265}, {".265", VD_FILE_H265}, {".hevc", VD_FILE_H265},
};

static VdFileType type_by_name(const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
        if (g_str_has_suffix(lower, endings[i].ending))
            return endings[i].type;
    return VD_FILE_UNKNOWN;
}

/* The first NAL unit: H.265 streams begin with a VPS, SPS or AUD, whose headers no H.264 has. */
static VdFileType type_by_nal(const guint8 *nal, gsize length)
{
    if (length < 2 || nal[0] & 0x80)
        return VD_FILE_UNKNOWN;
    int h265 = nal[0] >> 1 & 0x3f;
    if ((h265 >= 32 && h265 <= 35) && (nal[0] & 1) == 0 && nal[1] == 1)
        return VD_FILE_H265;
    return VD_FILE_H264;
}

static bool begins_nal(const guint8 *head, gsize length, gsize *nal)
{
    gsize zeros = 0;

    while (zeros < length && head[zeros] == 0)
        zeros++;
    *nal = zeros + 1;
    return zeros >= 2 && zeros < length && head[zeros] == 1;
}

VdFileType vd_file_type(const guint8 *head, gsize length, const char *name)
{
    static const guint8 ebml[] = {0x1a, 0x45, 0xdf, 0xa3};
    gsize nal;

    if (length >= 12 && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "AVI ", 4) == 0)
        return VD_FILE_AVI;
    if (length >= 4 && memcmp(head, ebml, 4) == 0)
        return VD_FILE_MKV;
    if (length >= 8 && (memcmp(head + 4, "ftyp", 4) == 0 || memcmp(head + 4, "moov", 4) == 0 ||
                        memcmp(head + 4, "mdat", 4) == 0))
        return VD_FILE_MP4;
    if (length >= 3 && head[0] == 0xff && head[1] == 0xd8 && head[2] == 0xff)
        return VD_FILE_MJPEG;
    if (!begins_nal(head, length, &nal))
        return VD_FILE_UNKNOWN;
    VdFileType named = type_by_name(name);
    return named != VD_FILE_UNKNOWN ? named : type_by_nal(head + nal, length - nal);
}
