#include "made.h"

#include "media/source-entry.h"
#include "media/source-rtsp-chain.h"

#define GOP    30
#define JOINED 5 /* pictures that went by before the stream was joined */

static GPtrArray *units_of(const char *encoder)
{
    const MadeSpec spec = {.width = 160, .height = 96, .frames = 2 * GOP, .encoder = encoder};

    return made_units(&spec);
}

static GstBuffer *buffer_of(GPtrArray *units, guint i)
{
    return gst_sample_get_buffer(units->pdata[i]);
}

static GstCaps *caps_of(GPtrArray *units)
{
    return gst_sample_get_caps(units->pdata[0]);
}

static bool entry(const void *data, gsize size, GstCaps *caps)
{
    g_autoptr(GstBuffer) unit = gst_buffer_new_allocate(NULL, size, NULL);

    gst_buffer_fill(unit, 0, data, size);
    return vd_source_entry(unit, caps);
}

static void key_frames_are_entries_and_no_others(const void *encoder)
{
    g_autoptr(GPtrArray) units = units_of(encoder);

    g_assert_cmpuint(units->len, ==, 2 * GOP);
    for (guint i = 0; i < units->len; i++)
        g_assert_cmpint(vd_source_entry(buffer_of(units, i), caps_of(units)), ==, i % GOP == 0);
}

static void parameter_sets_make_no_entry(void)
{
    static const guint8 p_slice[] = {0,    0, 1, 0x67, 0x64, 0x80, 0,    0,    1,
                                     0x68, 1, 0, 0,    1,    0x41, 0x9a, 0x80, 0},
                        idr_slice[] = {0,    0, 1, 0x67, 0x64, 0x80, 0,    0,    1,
                                       0x68, 1, 0, 0,    1,    0x65, 0x88, 0x80, 0};
    g_autoptr(GstCaps) caps =
        gst_caps_from_string("video/x-h264,stream-format=byte-stream,alignment=au");

    g_assert_false(entry(p_slice, sizeof p_slice, caps));
    g_assert_true(entry(idr_slice, sizeof idr_slice, caps));
}

static void what_begins_without_idr_is_an_entry(void)
{
    /* A slice: first macroblock 0, then its type. */
    static const guint8 i_slice[] = {0, 0, 1, 0x41, 0x88, 0x80, 0, 0},
                        p_slice[] = {0, 0, 1, 0x41, 0x9a, 0x80, 0, 0};
    /* SEI: five bytes of type 5 with a byte against start codes among them, then type 6. */
    static const guint8 recovery[] = {0, 0, 1, 6,    5, 5, 0, 0,    3,    1,    7, 7,
                                      6, 1, 0, 0x80, 0, 0, 1, 0x41, 0x9a, 0x80, 0, 0},
                        no_recovery[] = {0, 0,    1, 6, 5, 5,    0,    0,    3, 1, 7,
                                         7, 0x80, 0, 0, 1, 0x41, 0x9a, 0x80, 0, 0};
    g_autoptr(GstCaps) caps =
        gst_caps_from_string("video/x-h264,stream-format=byte-stream,alignment=au");

    g_assert_true(entry(i_slice, sizeof i_slice, caps));
    g_assert_false(entry(p_slice, sizeof p_slice, caps));
    g_assert_true(entry(recovery, sizeof recovery, caps));
    g_assert_false(entry(no_recovery, sizeof no_recovery, caps));
}

static void open_groups_of_h265_are_entries(void)
{
    static const guint8 cra[] = {0, 0, 1, 21 << 1, 1, 0x80, 0, 0},
                        trail[] = {0, 0, 1, 1 << 1, 1, 0x80, 0, 0};
    g_autoptr(GstCaps) caps =
        gst_caps_from_string("video/x-h265,stream-format=byte-stream,alignment=au");

    g_assert_true(entry(cra, sizeof cra, caps));
    g_assert_false(entry(trail, sizeof trail, caps));
}

static void what_cannot_be_read_is_no_entry(void)
{
    static const char *const texts[] = {"video/x-h264,stream-format=byte-stream",
                                        "video/x-h265,stream-format=byte-stream"};
    static const guint8 cut[] = {0, 0, 1, 6, 255, 255, 255, 255, 0, 0, 1, 0x41};
    guint8 noise[64];

    for (gsize t = 0; t < G_N_ELEMENTS(texts); t++) {
        g_autoptr(GstCaps) caps = gst_caps_from_string(texts[t]);
        for (gsize size = 0; size <= sizeof cut; size++)
            g_assert_false(entry(cut, size, caps));
        for (int round = 0; round < 2000; round++) {
            for (gsize i = 0; i < sizeof noise; i++)
                noise[i] = (guint8)g_test_rand_int_range(0, i % 4 < 3 ? 2 : 256);
            entry(noise, (gsize)g_test_rand_int_range(0, sizeof noise + 1), caps);
        }
    }
}

static void jpeg_and_packed_units_are_taken_at_their_word(void)
{
    g_autoptr(GstCaps) jpeg = gst_caps_new_empty_simple("image/jpeg");
    g_autoptr(GstCaps) packed = gst_caps_from_string("video/x-h264,stream-format=avc");

    g_assert_true(entry("", 0, jpeg));
    g_assert_true(entry("", 0, packed));
}

/* --- a stream joined in its middle ------------------------------------------------------------ */

typedef struct Joined {
    guint units;
    bool begins_whole;
} Joined;

static void on_unit(const VdUnit *unit, void *data)
{
    Joined *joined = data;

    if (joined->units++ == 0)
        joined->begins_whole = vd_source_entry(unit->buffer, unit->caps);
}

static void ignore_caps(GstCaps *caps, void *data)
{
}

static void no_loss(VdLoss loss, const char *text, void *data)
{
    g_error("lost: %s", text);
}

/* Whole packets from the picture on that was current when we came. */
static void play_from_the_middle(GPtrArray *packets, VdRtspChain *chain)
{
    guint pictures = 0;

    for (guint i = 0; i < packets->len; i++) {
        GstMapInfo map;
        g_assert_true(gst_buffer_map(buffer_of(packets, i), &map, GST_MAP_READ));
        bool last_of_picture = map.data[1] & 0x80;
        if (pictures >= JOINED)
            g_assert_true(vd_rtsp_chain_push(chain, map.data, map.size));
        gst_buffer_unmap(buffer_of(packets, i), &map);
        pictures += last_of_picture;
    }
}

static void a_stream_joined_in_its_middle_begins_with_its_key_frame(const void *encoder)
{
    static const VdSourceEvents events = {ignore_caps, ignore_caps, no_loss};
    g_autoptr(GPtrArray) packets = units_of(encoder);
    VdRing *ring = vd_ring_new(60, 1 << 24, NULL);
    VdSourceFeed *feed = vd_source_feed_new(ring, &events, NULL);
    VdRtspChain *chain = vd_rtsp_chain_new(feed, caps_of(packets));
    Joined joined = {0};

    guint id = vd_ring_subscribe(ring, on_unit, &joined, false);
    play_from_the_middle(packets, chain);
    vd_ring_unsubscribe(ring, id);
    g_assert_cmpuint(joined.units, ==, GOP);
    g_assert_true(joined.begins_whole);
    vd_rtsp_chain_free(chain);
    vd_source_feed_close(feed);
    vd_source_feed_unref(feed);
    vd_ring_unref(ring);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/source-entry/" #name, name)
    g_test_add_data_func("/source-entry/h264/key_frames_are_entries_and_no_others", MADE_H264,
                         key_frames_are_entries_and_no_others);
    g_test_add_data_func("/source-entry/h265/key_frames_are_entries_and_no_others", MADE_H265,
                         key_frames_are_entries_and_no_others);
    ADD(parameter_sets_make_no_entry);
    ADD(what_begins_without_idr_is_an_entry);
    ADD(open_groups_of_h265_are_entries);
    ADD(what_cannot_be_read_is_no_entry);
    ADD(jpeg_and_packed_units_are_taken_at_their_word);
    g_test_add_data_func(
        "/source-entry/h264/a_stream_joined_in_its_middle_begins_with_its_key_frame",
        MADE_H264 " ! rtph264pay aggregate-mode=zero-latency mtu=60000",
        a_stream_joined_in_its_middle_begins_with_its_key_frame);
    g_test_add_data_func(
        "/source-entry/h265/a_stream_joined_in_its_middle_begins_with_its_key_frame",
        MADE_H265 " ! rtph265pay aggregate-mode=zero-latency mtu=60000",
        a_stream_joined_in_its_middle_begins_with_its_key_frame);
    return g_test_run();
}
