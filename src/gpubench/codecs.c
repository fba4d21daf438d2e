#include "gpubench/codecs.h"

/* What codecs.h tells, asked of libnvcuvid and libnvidia-encode. */

static const struct {
    const char *key;
    cudaVideoCodec codec;
} codecs[] = {
    {"NVDEC H.264", cudaVideoCodec_H264}, {"NVDEC H.265", cudaVideoCodec_HEVC},
    {"NVDEC JPEG", cudaVideoCodec_JPEG},  {"NVDEC VP9", cudaVideoCodec_VP9},
    {"NVDEC AV1", cudaVideoCodec_AV1},
};

static char *answer_of(CuvidFunctions *cuvid, cudaVideoCodec codec)
{
    CUVIDDECODECAPS caps = {.eCodecType = codec, .eChromaFormat = cudaVideoChromaFormat_420};

    if (cuvid->cuvidGetDecoderCaps == NULL || cuvid->cuvidGetDecoderCaps(&caps) != CUDA_SUCCESS)
        return g_strdup("not told");
    if (!caps.bIsSupported)
        return g_strdup("no");
    return g_strdup_printf("%ux%u to %ux%u", caps.nMinWidth, caps.nMinHeight, caps.nMaxWidth,
                           caps.nMaxHeight);
}

static void add_decoder(VdBenchReport *report)
{
    CuvidFunctions *cuvid = NULL;

    if (cuvid_load_functions(&cuvid, NULL) != 0) {
        vd_bench_report_fact(report, "libnvcuvid", "not there: no NVDEC");
        return;
    }
    vd_bench_report_fact(report, "libnvcuvid", "there");
    for (gsize i = 0; i < G_N_ELEMENTS(codecs); i++) {
        g_autofree char *answer = answer_of(cuvid, codecs[i].codec);

        vd_bench_report_fact(report, codecs[i].key, answer);
    }
    cuvid_free_functions(&cuvid);
}

static void add_encoder(VdBenchReport *report)
{
    NvencFunctions *nvenc = NULL;
    uint32_t version = 0;

    if (nvenc_load_functions(&nvenc, NULL) != 0) {
        vd_bench_report_fact(report, "libnvidia-encode", "not there: no NVENC");
        return;
    }
    nvenc->NvEncodeAPIGetMaxSupportedVersion(&version);
    g_autofree char *there = g_strdup_printf("there, API %u.%u", version >> 4, version & 15);
    vd_bench_report_fact(report, "libnvidia-encode", there);
    nvenc_free_functions(&nvenc);
}

void vd_bench_codecs_facts(VdBenchReport *report)
{
    add_decoder(report);
    add_encoder(report);
}
