#include "media/gpu-nvdec.h"

#include <ffnvcodec/dynlink_loader.h>

static const struct {
    const char *name, *shown;
    cudaVideoCodec codec;
} codecs[] = {
    {"h264", "H.264", cudaVideoCodec_H264},
    {"h265", "H.265", cudaVideoCodec_HEVC},
    {"jpeg", "JPEG", cudaVideoCodec_JPEG},
};

static const struct {
    const char *name;
    cudaVideoChromaFormat format;
} chromas[] = {
    {"4:0:0", cudaVideoChromaFormat_Monochrome},
    {"4:2:0", cudaVideoChromaFormat_420},
    {"4:2:2", cudaVideoChromaFormat_422},
    {"4:4:4", cudaVideoChromaFormat_444},
};

/* The library stays loaded: GStreamer's decoders use it as well. */
static CuvidFunctions *library(void)
{
    static CuvidFunctions *functions;
    static bool tried;

    if (!tried)
        cuvid_load_functions(&functions, NULL);
    tried = true;
    return functions;
}

static const char *shown(const VdGpuStream *stream)
{
    for (guint i = 0; i < G_N_ELEMENTS(codecs); i++)
        if (g_str_equal(codecs[i].name, stream->codec))
            return codecs[i].shown;
    return stream->codec;
}

static CUVIDDECODECAPS question(const VdGpuStream *stream)
{
    CUVIDDECODECAPS caps = {.eChromaFormat = cudaVideoChromaFormat_420};

    for (guint i = 0; i < G_N_ELEMENTS(codecs); i++)
        if (g_str_equal(codecs[i].name, stream->codec))
            caps.eCodecType = codecs[i].codec;
    for (guint i = 0; i < G_N_ELEMENTS(chromas); i++)
        if (g_str_equal(chromas[i].name, stream->chroma))
            caps.eChromaFormat = chromas[i].format;
    caps.nBitDepthMinus8 = (unsigned)MAX(stream->depth - 8, 0);
    return caps;
}

/* Our operators take 8-bit NV12 from it, which only 4:2:0 becomes. */
static bool is_analysable(const VdGpuStream *stream, char **why)
{
    if (stream->depth == 8 && g_str_equal(stream->chroma, "4:2:0"))
        return true;
    *why = g_strdup_printf("%d-bit %s is analysed by the CPU", stream->depth, stream->chroma);
    return false;
}

static bool size_fits(const VdGpuStream *stream, const CUVIDDECODECAPS *caps, char **why)
{
    unsigned width = (unsigned)stream->width, height = (unsigned)stream->height;
    unsigned blocks = (width + 15) / 16 * ((height + 15) / 16);

    if (width == 0 ||
        (width >= caps->nMinWidth && height >= caps->nMinHeight && width <= caps->nMaxWidth &&
         height <= caps->nMaxHeight && blocks <= caps->nMaxMBCount))
        return true;
    *why = g_strdup_printf("its NVDEC decodes %s of %ux%u to %ux%u", shown(stream), caps->nMinWidth,
                           caps->nMinHeight, caps->nMaxWidth, caps->nMaxHeight);
    return false;
}

VdGpuAnswer vd_gpu_nvdec_decodes(const VdGpuStream *stream, char **why)
{
    CUVIDDECODECAPS caps = question(stream);
    CuvidFunctions *cuvid = library();

    if (!is_analysable(stream, why))
        return VD_GPU_DECODES_NOT;
    if (cuvid == NULL || cuvid->cuvidGetDecoderCaps == NULL) {
        *why = g_strdup("the NVIDIA driver comes without its decoder (libnvcuvid)");
        return VD_GPU_DECODES_NOT;
    }
    if (cuvid->cuvidGetDecoderCaps(&caps) != CUDA_SUCCESS) {
        *why = g_strdup("its NVDEC does not say what it can decode");
        return VD_GPU_SAYS_NOTHING;
    }
    if (!caps.bIsSupported || !(caps.nOutputFormatMask & 1U << cudaVideoSurfaceFormat_NV12)) {
        *why = g_strdup_printf("its NVDEC does not decode %s", shown(stream));
        return VD_GPU_DECODES_NOT;
    }
    return size_fits(stream, &caps, why) ? VD_GPU_DECODES : VD_GPU_DECODES_NOT;
}
