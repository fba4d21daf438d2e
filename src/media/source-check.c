#include "media/source-check.h"

#include "base/limits.h"

static const struct {
    const char *media;    /* caps name */
    const char *encoding; /* RTP encoding-name */
    const char *text;
} codecs[] = {
    {"video/x-h264", "H264", "H.264"},
    {"video/x-h265", "H265", "H.265"},
    {"image/jpeg", "JPEG", "MJPEG"},
};

const char *vd_source_codec(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(codecs); i++)
        if (g_str_equal(name, codecs[i].media) || g_ascii_strcasecmp(name, codecs[i].encoding) == 0)
            return codecs[i].text;
    return NULL;
}

static char *refuse_format(const char *codec, const GstStructure *s, const char *chroma,
                           guint depth)
{
    const char *profile = gst_structure_get_string(s, "profile");

    return g_strdup_printf("%s%s%s (%u-bit %s) is not supported; set the camera to 8-bit 4:2:0",
                           codec, profile != NULL ? " " : "", profile != NULL ? profile : "", depth,
                           chroma);
}

char *vd_source_check_caps(GstCaps *caps)
{
    const GstStructure *s = gst_caps_get_structure(caps, 0);
    const char *codec = vd_source_codec(gst_structure_get_name(s));
    const char *chroma = gst_structure_get_string(s, "chroma-format");
    guint luma = 8, colour = 8;
    int width = 1, height = 1;

    if (codec == NULL)
        return g_strdup_printf("the video is %s; only H.264, H.265 and MJPEG are supported",
                               gst_structure_get_name(s));
    gst_structure_get_uint(s, "bit-depth-luma", &luma);
    gst_structure_get_uint(s, "bit-depth-chroma", &colour);
    if (luma != 8 || (colour != 8 && g_strcmp0(chroma, "4:0:0") != 0))
        return refuse_format(codec, s, chroma != NULL ? chroma : "4:2:0", MAX(luma, colour));
    gst_structure_get_int(s, "width", &width);
    gst_structure_get_int(s, "height", &height);
    if (width < 1 || height < 1 || width > VD_MAX_WIDTH || height > VD_MAX_HEIGHT)
        return g_strdup_printf("the picture is %d x %d; at most %d x %d is supported", width,
                               height, VD_MAX_WIDTH, VD_MAX_HEIGHT);
    return NULL;
}

static bool same_field(const GstStructure *a, const GstStructure *b, const char *name)
{
    const GValue *x = gst_structure_get_value(a, name);
    const GValue *y = gst_structure_get_value(b, name);

    return x == NULL || y == NULL ? x == y : gst_value_compare(x, y) == GST_VALUE_EQUAL;
}

bool vd_source_same_stream(GstCaps *a, GstCaps *b)
{
    static const char *const fields[] = {"profile", "width", "height", "chroma-format",
                                         "interlace-mode"};
    const GstStructure *x = gst_caps_get_structure(a, 0);
    const GstStructure *y = gst_caps_get_structure(b, 0);

    if (!g_str_equal(gst_structure_get_name(x), gst_structure_get_name(y)))
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (!same_field(x, y, fields[i]))
            return false;
    return true;
}
