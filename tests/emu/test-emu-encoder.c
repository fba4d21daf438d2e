#include <math.h>

#include "encoder-rig.h"

/* libavcodec's h264_nvenc and hevc_nvenc on the emulated encoder: their pictures and key frames. */
typedef struct Kind {
    const char *encoder;
    enum AVCodecID id;
} Kind;

static const Kind kinds[] = {{"h264_nvenc", AV_CODEC_ID_H264}, {"hevc_nvenc", AV_CODEC_ID_HEVC}};

static double psnr_of(const AVFrame *seen, int number)
{
    double sum = 0;

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double off = seen->data[0][y * seen->linesize[0] + x] - grey_at(x, y, number);

            sum += off * off;
        }
    return 10 * log10(255.0 * 255.0 * WIDTH * HEIGHT / fmax(sum, 1));
}

/* What libavcodec's own decoder makes of a packet, NULL: of the end. (transfer full) AVFrame */
static AVFrame *decode(AVCodecContext *decoder, const AVPacket *packet)
{
    AVFrame *frame = av_frame_alloc();
    int failed = avcodec_send_packet(decoder, packet);

    g_assert_cmpint(failed, ==, 0);
    if (avcodec_receive_frame(decoder, frame) < 0)
        av_frame_free(&frame);
    return frame;
}

static AVCodecContext *new_decoder(enum AVCodecID id)
{
    AVCodecContext *decoder = avcodec_alloc_context3(avcodec_find_decoder(id));

    decoder->thread_count = 1;
    int failed = avcodec_open2(decoder, NULL, NULL);
    g_assert_cmpint(failed, ==, 0);
    return decoder;
}

/* --- tests --- */

static void pictures_come_back_as_they_were(gconstpointer data)
{
    const Kind *kind = data;
    AVCodecContext *decoder = new_decoder(kind->id);
    Rig rig;

    rig_init(&rig);
    rig_open(&rig, kind->encoder);
    g_assert_cmpint(encode_some(&rig, 0, PICTURES), ==, 0);
    g_assert_cmpuint(rig.packets->len, ==, PICTURES);
    for (guint i = 0; i < PICTURES; i++) {
        const AVPacket *packet = rig.packets->pdata[i];
        AVFrame *seen = decode(decoder, packet);

        g_assert_nonnull(seen);
        g_assert_cmpint(packet->pts, ==, i);
        g_assert_cmpint(packet->flags & AV_PKT_FLAG_KEY, ==, i == 0 ? AV_PKT_FLAG_KEY : 0);
        g_assert_cmpfloat(psnr_of(seen, (int)i), >, 38);
        g_assert_cmpint(abs(seen->data[1][0] - (100 + (int)i)), <=, 4);
        av_frame_free(&seen);
    }
    g_assert_cmpint(encode(&rig, NULL), ==, 0);
    g_assert_cmpuint(rig.packets->len, ==, PICTURES);
    avcodec_free_context(&decoder);
    rig_clear(&rig);
}

/* (transfer full) Luma of all pictures that a decoder makes of the packets, row after row. */
static GByteArray *luma_of(const Rig *rig, const char *name)
{
    AVCodecContext *decoder = avcodec_alloc_context3(avcodec_find_decoder_by_name(name));
    GByteArray *luma = g_byte_array_new();
    AVFrame *frame = av_frame_alloc();

    decoder->thread_count = 1;
    decoder->pkt_timebase = rig->encoder->time_base;
    int failed = avcodec_open2(decoder, NULL, NULL);
    g_assert_cmpint(failed, ==, 0);
    for (guint i = 0; i <= rig->packets->len; i++) {
        failed =
            avcodec_send_packet(decoder, i < rig->packets->len ? rig->packets->pdata[i] : NULL);
        g_assert_cmpint(failed, ==, 0);
        for (; avcodec_receive_frame(decoder, frame) >= 0; av_frame_unref(frame))
            for (int y = 0; y < HEIGHT; y++)
                g_byte_array_append(luma, frame->data[0] + y * frame->linesize[0], WIDTH);
    }
    av_frame_free(&frame);
    avcodec_free_context(&decoder);
    return luma;
}

static void ffmpegs_own_nvdec_gives_the_cpus_pictures(gconstpointer data)
{
    bool hevc = ((const Kind *)data)->id == AV_CODEC_ID_HEVC;
    Rig rig;

    rig_init(&rig);
    rig_open(&rig, ((const Kind *)data)->encoder);
    int failed = encode_some(&rig, 0, PICTURES);
    g_assert_cmpint(failed, ==, 0);
    g_autoptr(GByteArray) a = luma_of(&rig, hevc ? "hevc_cuvid" : "h264_cuvid");
    g_autoptr(GByteArray) b = luma_of(&rig, hevc ? "hevc" : "h264");
    g_assert_cmpuint(a->len, ==, PICTURES * WIDTH * HEIGHT);
    g_assert_cmpmem(a->data, a->len, b->data, b->len);
    rig_clear(&rig);
}

static void assert_keys(const Rig *rig, const int *wanted, gsize n)
{
    gsize found = 0;

    for (guint i = 0; i < rig->packets->len; i++)
        if (((AVPacket *)rig->packets->pdata[i])->flags & AV_PKT_FLAG_KEY) {
            g_assert_cmpuint(found, <, n);
            g_assert_cmpuint(i, ==, (guint)wanted[found]);
            found++;
        }
    g_assert_cmpuint(found, ==, n);
}

static void key_frames_come_when_they_are_due_or_asked_for(gconstpointer data)
{
    static const int keys[] = {0, 10, 15, 25};
    const Kind *kind = data;
    Rig rig;

    rig_init(&rig);
    rig.encoder = new_encoder(&rig, kind->encoder);
    rig.encoder->gop_size = 10;
    g_assert_cmpint(avcodec_open2(rig.encoder, NULL, NULL), ==, 0);
    g_assert_cmpint(encode_some(&rig, 0, 15), ==, 0);
    AVFrame *picture = new_picture(&rig, 15);
    picture->pict_type = AV_PICTURE_TYPE_I;
    g_assert_cmpint(encode(&rig, picture), ==, 0);
    av_frame_free(&picture);
    g_assert_cmpint(encode_some(&rig, 16, PICTURES), ==, 0);
    assert_keys(&rig, keys, G_N_ELEMENTS(keys));
    rig_clear(&rig);
}

static void a_changed_rate_takes_effect_with_a_key_frame(gconstpointer data)
{
    static const int keys[] = {0, 15};
    const Kind *kind = data;
    Rig rig;

    rig_init(&rig);
    rig_open(&rig, kind->encoder);
    g_assert_cmpint(encode_some(&rig, 0, 15), ==, 0);
    rig.encoder->bit_rate = 60000;
    g_assert_cmpint(encode_some(&rig, 15, PICTURES), ==, 0);
    assert_keys(&rig, keys, G_N_ELEMENTS(keys));
    const AVPacket *before = rig.packets->pdata[14], *after = rig.packets->pdata[PICTURES - 1];
    g_assert_cmpint(after->size * 2, <, before->size);
    rig_clear(&rig);
}

static int grey_of_packet(const AVPacket *packet)
{
    AVCodecContext *decoder = new_decoder(AV_CODEC_ID_H264);
    AVFrame *seen = decode(decoder, packet);

    g_assert_nonnull(seen);
    int grey = seen->data[0][seen->linesize[0] * 100 + 100];
    av_frame_free(&seen);
    avcodec_free_context(&decoder);
    return grey;
}

/* libavcodec encodes in order of the default stream, which a non-blocking one does not wait for. */
static void only_the_sessions_stream_is_waited_for(gconstpointer unused)
{
    AVFrame *picture;
    CUstream other;
    Rig rig;

    rig_init(&rig);
    CUcontext context = context_of(&rig);
    rig_open(&rig, "h264_nvenc");
    picture = new_picture(&rig, 0);
    CUdeviceptr luma = (CUdeviceptr)(gsize)picture->data[0];
    gsize size = (gsize)picture->linesize[0] * HEIGHT;
    assert_ok(cu->cuCtxPushCurrent(context));
    assert_ok(cu->cuStreamCreate(&other, CU_STREAM_NON_BLOCKING));
    assert_ok(cu->cuMemsetD8Async(luma, 200, size, NULL));
    assert_ok(cu->cuMemsetD8Async(luma, 30, size, other));
    g_assert_cmpint(encode(&rig, picture), ==, 0);
    assert_ok(cu->cuStreamDestroy(other));
    assert_ok(cu->cuCtxPopCurrent(&context));
    g_assert_cmpint(abs(grey_of_packet(rig.packets->pdata[0]) - 200), <=, 2);
    av_frame_free(&picture);
    rig_clear(&rig);
}

static void add_tests(void)
{
#define ADD_KINDS(name)                                                                         \
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {                                           \
        g_autofree char *path = g_strdup_printf("/emu/encoder/" #name "/%s", kinds[i].encoder); \
                                                                                                \
        add_codec_test(path, name, &kinds[i]);                                                  \
    }
    ADD_KINDS(pictures_come_back_as_they_were)
    ADD_KINDS(ffmpegs_own_nvdec_gives_the_cpus_pictures)
    ADD_KINDS(key_frames_come_when_they_are_due_or_asked_for)
    ADD_KINDS(a_changed_rate_takes_effect_with_a_key_frame)
    add_codec_test("/emu/encoder/only_the_sessions_stream_is_waited_for",
                   only_the_sessions_stream_is_waited_for, NULL);
}

int main(int argc, char **argv)
{
    return codec_rig_run(argc, argv, "libselftest", add_tests);
}
