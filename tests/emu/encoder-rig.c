#include "encoder-rig.h"

#include <libavutil/opt.h>
#include <math.h>
#include <string.h>

/* How AVCUDADeviceContext begins; the header that has it wants CUDA's own. */
typedef struct CudaDevice {
    CUcontext context;
    CUstream stream;
} CudaDevice;

static Rig *logging;

static void G_GNUC_PRINTF(3, 0)
    keep_log(void *who, int level, const char *format, va_list arguments)
{
    if (logging && level <= AV_LOG_ERROR)
        g_vsnprintf(logging->log, sizeof(logging->log), format, arguments);
}

static void free_packet(gpointer packet)
{
    av_packet_free((AVPacket **)&packet);
}

void rig_init(Rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    logging = rig;
    av_log_set_callback(keep_log);
    int failed = av_hwdevice_ctx_create(&rig->device, AV_HWDEVICE_TYPE_CUDA, NULL, NULL, 0);
    g_assert_cmpint(failed, ==, 0);
    rig->frames = av_hwframe_ctx_alloc(rig->device);
    AVHWFramesContext *frames = (AVHWFramesContext *)rig->frames->data;
    frames->format = AV_PIX_FMT_CUDA;
    frames->sw_format = AV_PIX_FMT_NV12;
    frames->width = WIDTH;
    frames->height = HEIGHT;
    failed = av_hwframe_ctx_init(rig->frames);
    g_assert_cmpint(failed, ==, 0);
    rig->packets = g_ptr_array_new_with_free_func(free_packet);
}

void rig_clear(Rig *rig)
{
    avcodec_free_context(&rig->encoder);
    av_buffer_unref(&rig->frames);
    av_buffer_unref(&rig->device);
    g_ptr_array_unref(rig->packets);
    logging = NULL;
}

CUcontext context_of(const Rig *rig)
{
    return ((CudaDevice *)((AVHWDeviceContext *)rig->device->data)->hwctx)->context;
}

AVCodecContext *new_encoder(Rig *rig, const char *name)
{
    AVCodecContext *encoder = avcodec_alloc_context3(avcodec_find_encoder_by_name(name));

    encoder->width = WIDTH;
    encoder->height = HEIGHT;
    encoder->time_base = (AVRational){1, 25};
    encoder->framerate = (AVRational){25, 1};
    encoder->pix_fmt = AV_PIX_FMT_CUDA;
    encoder->hw_frames_ctx = av_buffer_ref(rig->frames);
    encoder->bit_rate = 2000000;
    encoder->gop_size = 250;
    encoder->max_b_frames = 0;
    av_opt_set(encoder->priv_data, "preset", "p4", 0);
    av_opt_set(encoder->priv_data, "tune", "ll", 0);
    av_opt_set_int(encoder->priv_data, "delay", 0, 0);
    av_opt_set_int(encoder->priv_data, "forced-idr", 1, 0);
    return encoder;
}

int try_to_open(Rig *rig, const char *name)
{
    rig->encoder = new_encoder(rig, name);
    return avcodec_open2(rig->encoder, NULL, NULL);
}

void rig_open(Rig *rig, const char *name)
{
    int failed = try_to_open(rig, name);

    g_assert_cmpint(failed, ==, 0);
}

/* --- pictures --- */

guint8 grey_at(int x, int y, int number)
{
    return (guint8)lrint(128 + 60 * sin((x + 3 * number) / 25.0) + 50 * cos(y / 19.0));
}

static AVFrame *new_host_picture(int number)
{
    AVFrame *host = av_frame_alloc();

    host->format = AV_PIX_FMT_NV12;
    host->width = WIDTH;
    host->height = HEIGHT;
    av_frame_get_buffer(host, 0);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            host->data[0][y * host->linesize[0] + x] = grey_at(x, y, number);
    for (int y = 0; y < HEIGHT / 2; y++)
        memset(host->data[1] + y * host->linesize[1], 100 + number, WIDTH);
    return host;
}

AVFrame *new_picture(Rig *rig, int number)
{
    AVFrame *picture = av_frame_alloc(), *host = new_host_picture(number);
    int failed = av_hwframe_get_buffer(rig->frames, picture, 0);
    CUcontext context = context_of(rig);

    g_assert_cmpint(failed, ==, 0);
    failed = av_hwframe_transfer_data(picture, host, 0);
    g_assert_cmpint(failed, ==, 0);
    assert_ok(cu->cuCtxPushCurrent(context));
    assert_ok(cu->cuStreamSynchronize(NULL));
    assert_ok(cu->cuCtxPopCurrent(&context));
    picture->pts = number;
    av_frame_free(&host);
    return picture;
}

/* --- encoding and decoding --- */

static int receive(Rig *rig)
{
    for (;;) {
        AVPacket *packet = av_packet_alloc();
        int result = avcodec_receive_packet(rig->encoder, packet);

        if (result < 0) {
            av_packet_free(&packet);
            return result == AVERROR(EAGAIN) || result == AVERROR_EOF ? 0 : result;
        }
        g_ptr_array_add(rig->packets, packet);
    }
}

int encode(Rig *rig, AVFrame *picture)
{
    int result = avcodec_send_frame(rig->encoder, picture);

    return result < 0 ? result : receive(rig);
}

int encode_some(Rig *rig, int from, int to)
{
    int result = 0;

    for (int i = from; i < to && result == 0; i++) {
        AVFrame *picture = new_picture(rig, i);

        emu_reset();
        result = encode(rig, picture);
        g_assert_cmpuint(counters_now().h2d + counters_now().d2h, ==, 0);
        av_frame_free(&picture);
    }
    return result;
}
