#include <string.h>

#include "codec-rig.h"

/* The emulated libnvcuvid by itself: when the parser calls back, what a decoder refuses. */
#define MAKE(n, size, encoder)                                                             \
    "videotestsrc pattern=ball num-buffers=" n " ! video/x-raw,format=I420,framerate=25/1" \
    "," size " ! " encoder " ! video/x-h264,profile=main,stream-format=byte-stream"        \
    " ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=out"
#define LARGE     "width=322,height=242"
#define SMALL     "width=160,height=144"
#define PLAIN     "x264enc threads=1 speed-preset=ultrafast tune=zerolatency key-int-max=10"
#define REORDERED "x264enc threads=1 speed-preset=ultrafast bframes=2 b-adapt=false key-int-max=20"

enum { PICTURES = 40, MAX_SURFACES = 32 };

/* Somebody who decodes what a parser finds. */
typedef struct Client {
    CUcontext context;
    CUvideoparser parser;
    CUvideodecoder decoder;
    CUVIDEOFORMAT format;
    bool refuses; /* the sequence */
    guint sequences, decoded, ends;
    guint shown_at_sequence[4]; /* how many had been shown when it came */
    bool busy[MAX_SURFACES];
    GArray *times; /* gint64, of what has been shown */
} Client;

/* --- the client --- */

static CUVIDDECODECREATEINFO info_for(const CUVIDEOFORMAT *format)
{
    CUVIDDECODECREATEINFO info = {
        .ulWidth = format->coded_width,
        .ulHeight = format->coded_height,
        .ulNumDecodeSurfaces = format->min_num_decode_surfaces,
        .CodecType = format->codec,
        .ChromaFormat = format->chroma_format,
        .OutputFormat = cudaVideoSurfaceFormat_NV12,
        .ulTargetWidth = (gulong)format->display_area.right,
        .ulTargetHeight = (gulong)format->display_area.bottom,
        .ulNumOutputSurfaces = 1,
    };

    info.display_area.right = (short)format->display_area.right;
    info.display_area.bottom = (short)format->display_area.bottom;
    return info;
}

static int CUDAAPI on_sequence(void *data, CUVIDEOFORMAT *format)
{
    Client *client = data;
    CUVIDDECODECREATEINFO info = info_for(format);

    g_assert_cmpuint(client->sequences, <, G_N_ELEMENTS(client->shown_at_sequence));
    client->shown_at_sequence[client->sequences++] = client->times->len;
    client->format = *format;
    if (client->refuses)
        return 0;
    if (client->decoder)
        assert_ok(cuvid->cuvidDestroyDecoder(client->decoder));
    assert_ok(cuvid->cuvidCreateDecoder(&client->decoder, &info));
    return format->min_num_decode_surfaces;
}

static int CUDAAPI on_decode(void *data, CUVIDPICPARAMS *picture)
{
    Client *client = data;

    g_assert_cmpint(picture->CurrPicIdx, <, client->format.min_num_decode_surfaces);
    g_assert_false(client->busy[picture->CurrPicIdx]);
    client->busy[picture->CurrPicIdx] = true;
    client->decoded++;
    assert_ok(cuvid->cuvidDecodePicture(client->decoder, picture));
    return 1;
}

static int CUDAAPI on_display(void *data, CUVIDPARSERDISPINFO *info)
{
    Client *client = data;
    CUVIDPROCPARAMS how = {.progressive_frame = 1};
    CUdeviceptr address = 0;
    unsigned pitch = 0;

    if (!info) {
        client->ends++;
        return 1;
    }
    g_assert_true(client->busy[info->picture_index]);
    client->busy[info->picture_index] = false;
    g_array_append_val(client->times, info->timestamp);
    assert_ok(
        cuvid->cuvidMapVideoFrame(client->decoder, info->picture_index, &address, &pitch, &how));
    assert_ok(cuvid->cuvidUnmapVideoFrame(client->decoder, address));
    return 1;
}

static void client_init(Client *client, unsigned delay)
{
    CUVIDPARSERPARAMS parameters = {
        .CodecType = cudaVideoCodec_H264,
        .ulMaxNumDecodeSurfaces = 1,
        .ulMaxDisplayDelay = delay,
        .pUserData = client,
        .pfnSequenceCallback = on_sequence,
        .pfnDecodePicture = on_decode,
        .pfnDisplayPicture = on_display,
    };

    memset(client, 0, sizeof(*client));
    client->times = g_array_new(FALSE, FALSE, sizeof(gint64));
    assert_ok(cu->cuCtxCreate(&client->context, 0, 0));
    assert_ok(cuvid->cuvidCreateVideoParser(&client->parser, &parameters));
}

static void client_clear(Client *client)
{
    assert_ok(cuvid->cuvidDestroyVideoParser(client->parser));
    if (client->decoder)
        assert_ok(cuvid->cuvidDestroyDecoder(client->decoder));
    assert_ok(cu->cuCtxDestroy(client->context));
    g_array_unref(client->times);
}

static gint64 time_at(const Client *client, guint i)
{
    return g_array_index(client->times, gint64, i);
}

/* --- feeding it --- */

static GPtrArray *make(const char *launch)
{
    g_autoptr(GError) error = NULL;

    if (!have_elements(launch))
        return NULL;
    GPtrArray *units = play(launch, &error);
    g_assert_no_error(error);
    return units;
}

static void feed(Client *client, const guint8 *data, gsize size, gulong flags, gint64 timestamp)
{
    CUVIDSOURCEDATAPACKET packet = {flags, size, data, timestamp};

    assert_ok(cuvid->cuvidParseVideoData(client->parser, &packet));
}

static void feed_units(Client *client, GPtrArray *units, guint n, gulong flags)
{
    for (guint i = 0; i < n; i++) {
        GstBuffer *buffer = gst_sample_get_buffer(units->pdata[i]);
        GstMapInfo map;

        g_assert_true(gst_buffer_map(buffer, &map, GST_MAP_READ));
        feed(client, map.data, map.size, flags | CUVID_PKT_TIMESTAMP,
             (gint64)GST_BUFFER_PTS(buffer));
        gst_buffer_unmap(buffer, &map);
    }
}

static void feed_end(Client *client)
{
    feed(client, NULL, 0, CUVID_PKT_ENDOFSTREAM, 0);
}

static GByteArray *join(GPtrArray *units)
{
    GByteArray *bytes = g_byte_array_new();

    for (guint i = 0; i < units->len; i++) {
        GstMapInfo map;

        g_assert_true(gst_buffer_map(gst_sample_get_buffer(units->pdata[i]), &map, GST_MAP_READ));
        g_byte_array_append(bytes, map.data, (guint)map.size);
        gst_buffer_unmap(gst_sample_get_buffer(units->pdata[i]), &map);
    }
    return bytes;
}

/* --- the parser --- */

static int compare_times(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

    return x < y ? -1 : x > y;
}

static void pictures_come_in_the_order_of_display(gconstpointer unused)
{
    g_autoptr(GPtrArray) units = make(MAKE("40", LARGE, REORDERED));
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));
    Client client;

    if (!units)
        return;
    for (guint i = 0; i < units->len; i++) {
        gint64 time = (gint64)GST_BUFFER_PTS(gst_sample_get_buffer(units->pdata[i]));

        g_array_append_val(times, time);
    }
    g_assert_cmpint(g_array_index(times, gint64, 1), >, g_array_index(times, gint64, 2));
    g_array_sort(times, compare_times);
    client_init(&client, 0);
    feed_units(&client, units, PICTURES, CUVID_PKT_ENDOFPICTURE);
    feed_end(&client);
    g_assert_cmpuint(client.sequences, ==, 1);
    g_assert_cmpuint(client.decoded, ==, PICTURES);
    g_assert_cmpuint(client.times->len, ==, PICTURES);
    for (guint i = 0; i < PICTURES; i++)
        g_assert_cmpint(time_at(&client, i), ==, g_array_index(times, gint64, i));
    client_clear(&client);
}

static void what_is_shown_lags_by_the_display_delay(gconstpointer unused)
{
    g_autoptr(GPtrArray) units = make(MAKE("40", LARGE, PLAIN));

    for (unsigned delay = 0; units && delay < 5; delay++) {
        Client client;

        client_init(&client, delay);
        feed_units(&client, units, 30, CUVID_PKT_ENDOFPICTURE);
        g_assert_cmpuint(client.decoded, ==, 30);
        g_assert_cmpuint(client.times->len, ==, 30 - delay);
        feed_end(&client);
        g_assert_cmpuint(client.times->len, ==, 30);
        client_clear(&client);
    }
}

/* Without a mark at its end a picture is known to be whole when the next begins. */
static void a_stream_may_come_in_any_pieces(gconstpointer unused)
{
    static const gsize sizes[] = {1, 3, 1000, 1 << 20};
    g_autoptr(GPtrArray) units = make(MAKE("40", LARGE, PLAIN));

    if (!units)
        return;
    g_autoptr(GByteArray) bytes = join(units);
    for (gsize k = 0; k < G_N_ELEMENTS(sizes); k++) {
        Client client;

        client_init(&client, 0);
        for (gsize at = 0; at < bytes->len; at += sizes[k])
            feed(&client, bytes->data + at, MIN(sizes[k], bytes->len - at), 0, 0);
        g_assert_cmpuint(client.decoded, ==, PICTURES - 1);
        feed_end(&client);
        g_assert_cmpuint(client.decoded, ==, PICTURES);
        /* 25 a second of a clock of 10 MHz, since nobody said when. */
        for (guint i = 0; i < PICTURES; i++)
            g_assert_cmpint(time_at(&client, i), ==, 400000 * i);
        client_clear(&client);
    }
}

static void another_size_is_another_sequence(gconstpointer unused)
{
    g_autoptr(GPtrArray) large = make(MAKE("40", LARGE, PLAIN));
    g_autoptr(GPtrArray) small = make(MAKE("40", SMALL, REORDERED));
    Client client;

    if (!large || !small)
        return;
    client_init(&client, 4);
    feed_units(&client, large, PICTURES, CUVID_PKT_ENDOFPICTURE);
    g_assert_cmpint(client.format.display_area.right, ==, 322);
    g_assert_cmpint(client.format.display_area.bottom, ==, 242);
    g_assert_cmpuint(client.format.coded_width, ==, 336);
    g_assert_cmpuint(client.format.coded_height, ==, 256);
    feed_units(&client, small, PICTURES, CUVID_PKT_ENDOFPICTURE);
    g_assert_cmpint(client.format.display_area.right, ==, 160);
    feed_units(&client, large, PICTURES, CUVID_PKT_ENDOFPICTURE);
    feed_end(&client);
    g_assert_cmpuint(client.sequences, ==, 3);
    for (guint i = 0; i < 3; i++)
        g_assert_cmpuint(client.shown_at_sequence[i], ==, i * PICTURES);
    g_assert_cmpuint(client.times->len, ==, 3 * PICTURES);
    client_clear(&client);
}

static void after_an_end_the_parser_goes_on(gconstpointer unused)
{
    g_autoptr(GPtrArray) units = make(MAKE("40", LARGE, REORDERED));
    Client client;

    if (!units)
        return;
    client_init(&client, 2);
    feed_units(&client, units, PICTURES, CUVID_PKT_ENDOFPICTURE);
    feed(&client, NULL, 0, CUVID_PKT_ENDOFSTREAM | CUVID_PKT_NOTIFY_EOS, 0);
    g_assert_cmpuint(client.ends, ==, 1);
    g_assert_cmpuint(client.times->len, ==, PICTURES);
    feed_units(&client, units, PICTURES, 0);
    feed_end(&client);
    g_assert_cmpuint(client.ends, ==, 1);
    g_assert_cmpuint(client.times->len, ==, 2 * PICTURES);
    g_assert_cmpuint(client.sequences, ==, 1);
    client_clear(&client);
}

static void a_discontinuity_drops_what_has_begun(gconstpointer unused)
{
    g_autoptr(GPtrArray) units = make(MAKE("40", LARGE, PLAIN));
    Client client;

    if (!units)
        return;
    g_autoptr(GByteArray) bytes = join(units);
    client_init(&client, 4);
    feed_units(&client, units, 10, CUVID_PKT_ENDOFPICTURE);
    feed(&client, bytes->data, 100, 0, 0);
    feed(&client, NULL, 0, CUVID_PKT_DISCONTINUITY, 0);
    g_assert_cmpuint(client.times->len, ==, 10);
    feed_units(&client, units, 10, CUVID_PKT_ENDOFPICTURE);
    feed_end(&client);
    g_assert_cmpuint(client.decoded, ==, 20);
    g_assert_cmpuint(client.times->len, ==, 20);
    client_clear(&client);
}

static void a_sequence_that_is_refused_is_asked_for_again(gconstpointer unused)
{
    g_autoptr(GPtrArray) units = make(MAKE("40", LARGE, PLAIN));
    Client client;

    if (!units)
        return;
    client_init(&client, 0);
    client.refuses = true;
    feed_units(&client, units, 3, CUVID_PKT_ENDOFPICTURE);
    g_assert_cmpuint(client.sequences, ==, 3);
    g_assert_cmpuint(client.decoded, ==, 0);
    client.refuses = false;
    feed_units(&client, units, 10, CUVID_PKT_ENDOFPICTURE);
    g_assert_cmpuint(client.sequences, ==, 4);
    g_assert_cmpuint(client.times->len, ==, 10);
    client_clear(&client);
}

/* --- the decoder --- */

static const CUVIDEOFORMAT some_format = {
    .codec = cudaVideoCodec_H264,
    .min_num_decode_surfaces = 4,
    .coded_width = 336,
    .coded_height = 256,
    .display_area = {0, 0, 322, 242},
    .chroma_format = cudaVideoChromaFormat_420,
};

static void a_decoder_refuses_what_the_device_cannot(gconstpointer unused)
{
    CUVIDDECODECREATEINFO good = info_for(&some_format), info;
    CUVIDDECODECAPS caps = {.eCodecType = cudaVideoCodec_HEVC,
                            .eChromaFormat = cudaVideoChromaFormat_420};
    CUvideodecoder decoder = NULL;
    CUcontext context = NULL;

    g_assert_cmpint(cuvid->cuvidCreateDecoder(&decoder, &good), ==, 201);
    assert_ok(cu->cuCtxCreate(&context, 0, 0));
#define REFUSES(code, change) \
    info = good;              \
    change;                   \
    g_assert_cmpint(cuvid->cuvidCreateDecoder(&decoder, &info), ==, code)
    REFUSES(801, info.CodecType = cudaVideoCodec_VP9);
    REFUSES(801, info.ChromaFormat = cudaVideoChromaFormat_422);
    REFUSES(801, info.bitDepthMinus8 = 2);
    REFUSES(801, info.OutputFormat = cudaVideoSurfaceFormat_P016);
    REFUSES(801, info.ulTargetWidth = 161);
    REFUSES(1, info.ulWidth = 4112);
    REFUSES(1, info.ulNumDecodeSurfaces = 33);
    REFUSES(1, info.ulNumOutputSurfaces = 0);
    assert_ok(cuvid->cuvidGetDecoderCaps(&caps));
    g_assert_cmpint(caps.bIsSupported, ==, 1);
    g_assert_cmpuint(caps.nMaxWidth, ==, 8192);
    g_assert_cmpuint(caps.nOutputFormatMask, ==, 1 << cudaVideoSurfaceFormat_NV12);
    caps.nBitDepthMinus8 = 2;
    assert_ok(cuvid->cuvidGetDecoderCaps(&caps));
    g_assert_cmpint(caps.bIsSupported, ==, 0);
    assert_ok(cu->cuCtxDestroy(context));
}

/* 4 surfaces of 336x256 and 1 picture of 322x242, rows of 512 bytes. */
static void surfaces_take_memory_of_the_device(gconstpointer unused)
{
    CUVIDDECODECREATEINFO info = info_for(&some_format);
    guint64 before = counters_now().live_bytes;
    CUvideodecoder decoder = NULL;
    CUcontext context = NULL;

    assert_ok(cu->cuCtxCreate(&context, 0, 0));
    assert_ok(cuvid->cuvidCreateDecoder(&decoder, &info));
    g_assert_cmpuint(counters_now().live_bytes - before, ==, 512 * (4 * 384 + 363));
    assert_ok(cuvid->cuvidDestroyDecoder(decoder));
    g_assert_cmpuint(counters_now().live_bytes, ==, before);
    g_assert_cmpint(cuvid->cuvidDestroyDecoder(decoder), ==, 400);
    assert_ok(cu->cuCtxDestroy(context));
}

static void an_unmapped_picture_is_gone(gconstpointer unused)
{
    g_autoptr(GPtrArray) units = make(MAKE("40", LARGE, PLAIN));
    CUVIDPROCPARAMS how = {.progressive_frame = 1};
    CUdeviceptr address = 0, other = 0;
    unsigned pitch = 0;
    Client client;

    if (!units)
        return;
    client_init(&client, 0);
    feed_units(&client, units, 1, CUVID_PKT_ENDOFPICTURE);
    g_assert_cmpint(cuvid->cuvidMapVideoFrame(client.decoder, 1, &address, &pitch, &how), ==, 1);
    assert_ok(cuvid->cuvidMapVideoFrame(client.decoder, 0, &address, &pitch, &how));
    g_assert_cmpint(cuvid->cuvidMapVideoFrame(client.decoder, 0, &other, &pitch, &how), ==, 205);
    const guint8 *luma = emu_view(address);
    g_assert_cmphex(luma[0], ==, 16);
    g_assert_cmphex(luma[pitch * 242], ==, 128);
    assert_ok(cuvid->cuvidUnmapVideoFrame(client.decoder, address));
    g_assert_cmphex(luma[0], ==, 0xdb);
    g_assert_cmpint(cuvid->cuvidUnmapVideoFrame(client.decoder, address), ==, 1);
    client_clear(&client);
}

static void a_picture_of_another_parser_is_refused(gconstpointer unused)
{
    CUVIDDECODECREATEINFO info = info_for(&some_format);
    CUVIDPICPARAMS picture = {.CurrPicIdx = 0};
    CUvideodecoder decoder = NULL;
    CUcontext context = NULL;

    assert_ok(cu->cuCtxCreate(&context, 0, 0));
    assert_ok(cuvid->cuvidCreateDecoder(&decoder, &info));
    g_assert_cmpint(cuvid->cuvidDecodePicture(decoder, &picture), ==, 801);
    picture.CurrPicIdx = 4;
    g_assert_cmpint(cuvid->cuvidDecodePicture(decoder, &picture), ==, 1);
    assert_ok(cuvid->cuvidDestroyDecoder(decoder));
    assert_ok(cu->cuCtxDestroy(context));
}

static void a_decoder_becomes_smaller_and_no_larger(gconstpointer unused)
{
    CUVIDDECODECREATEINFO info = info_for(&some_format);
    CUVIDRECONFIGUREDECODERINFO wanted = {.ulWidth = 160,
                                          .ulHeight = 144,
                                          .ulTargetWidth = 160,
                                          .ulTargetHeight = 144,
                                          .ulNumDecodeSurfaces = 2};
    CUvideodecoder decoder = NULL;
    CUcontext context = NULL;

    assert_ok(cu->cuCtxCreate(&context, 0, 0));
    info.ulMaxWidth = 400;
    info.ulMaxHeight = 256;
    assert_ok(cuvid->cuvidCreateDecoder(&decoder, &info));
    assert_ok(cuvid->cuvidReconfigureDecoder(decoder, &wanted));
    g_assert_cmpuint(counters_now().live_bytes, ==, 512 * (2 * 216 + 216));
    wanted.ulWidth = wanted.ulTargetWidth = 400;
    assert_ok(cuvid->cuvidReconfigureDecoder(decoder, &wanted));
    wanted.ulWidth = wanted.ulTargetWidth = 416;
    g_assert_cmpint(cuvid->cuvidReconfigureDecoder(decoder, &wanted), ==, 1);
    assert_ok(cuvid->cuvidDestroyDecoder(decoder));
    assert_ok(cu->cuCtxDestroy(context));
}

/* --- locks --- */

typedef struct Holder {
    CUvideoctxlock lock;
    int held; /* (atomic) */
} Holder;

static gpointer hold(gpointer data)
{
    Holder *holder = data;

    for (int i = 0; i < 1000; i++) {
        CUdevice device = -1;

        assert_ok(cuvid->cuvidCtxLock(holder->lock, 0));
        g_assert_cmpint(g_atomic_int_add(&holder->held, 1), ==, 0);
        assert_ok(cu->cuCtxGetDevice(&device));
        g_atomic_int_add(&holder->held, -1);
        assert_ok(cuvid->cuvidCtxUnlock(holder->lock, 0));
        g_assert_cmpint(cu->cuCtxGetDevice(&device), ==, 201);
    }
    return NULL;
}

static void a_lock_makes_its_context_one_threads(gconstpointer unused)
{
    CUcontext context = NULL;
    Holder holder = {NULL, 0};

    assert_ok(cu->cuCtxCreate(&context, 0, 0));
    assert_ok(cu->cuCtxPopCurrent(&context));
    assert_ok(cuvid->cuvidCtxLockCreate(&holder.lock, context));
    GThread *other = g_thread_new("other", hold, &holder);
    hold(&holder);
    g_thread_join(other);
    assert_ok(cuvid->cuvidCtxLockDestroy(holder.lock));
    g_assert_cmpint(cuvid->cuvidCtxLock(holder.lock, 0), ==, 400);
    assert_ok(cu->cuCtxDestroy(context));
}

static void add_tests(void)
{
#define ADD(name) add_codec_test("/emu/cuvid/" #name, name, NULL)
    ADD(pictures_come_in_the_order_of_display);
    ADD(what_is_shown_lags_by_the_display_delay);
    ADD(a_stream_may_come_in_any_pieces);
    ADD(another_size_is_another_sequence);
    ADD(after_an_end_the_parser_goes_on);
    ADD(a_discontinuity_drops_what_has_begun);
    ADD(a_sequence_that_is_refused_is_asked_for_again);
    ADD(a_decoder_refuses_what_the_device_cannot);
    ADD(surfaces_take_memory_of_the_device);
    ADD(an_unmapped_picture_is_gone);
    ADD(a_picture_of_another_parser_is_refused);
    ADD(a_decoder_becomes_smaller_and_no_larger);
    ADD(a_lock_makes_its_context_one_threads);
}

int main(int argc, char **argv)
{
    return codec_rig_run(argc, argv, "libselftest", add_tests);
}
