#include "media/gpu-stream.h"

#define FPS_GUESS 30 /* of a stream that does not say */

static const struct {
    const char *media, *codec;
} codecs[] = {{"video/x-h264", "h264"}, {"video/x-h265", "h265"}, {"image/jpeg", "jpeg"}};

bool vd_gpu_stream_read(const GstCaps *caps, VdGpuStream *stream)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    guint depth = 8;

    *stream = (VdGpuStream){.chroma = gst_structure_get_string(structure, "chroma-format")};
    gst_structure_get_int(structure, "width", &stream->width);
    gst_structure_get_int(structure, "height", &stream->height);
    gst_structure_get_uint(structure, "bit-depth-luma", &depth);
    stream->depth = (int)depth;
    if (stream->chroma == NULL)
        stream->chroma = "4:2:0";
    for (guint i = 0; i < G_N_ELEMENTS(codecs); i++)
        if (gst_structure_has_name(structure, codecs[i].media))
            stream->codec = codecs[i].codec;
    return stream->codec != NULL;
}

double vd_gpu_stream_load(const GstCaps *caps, const VdGpuStream *stream)
{
    int numerator = FPS_GUESS, denominator = 1;

    gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &numerator,
                               &denominator);
    double fps = numerator > 0 && denominator > 0 ? (double)numerator / denominator : FPS_GUESS;
    return fps * stream->width * stream->height / 1e6;
}
