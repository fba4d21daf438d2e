#include "boxes.h"
#include "media/mp4.h"

#define ENTRY "moov/trak/mdia/minf/stbl/stsd"

static const char config[] = {1, 0x42, 0xc0, 0x1e, 0x7f};

static GBytes *opening(VdCodec codec, int width, int height)
{
    g_autoptr(GBytes) record = g_bytes_new_static(config, sizeof config);
    VdMp4Track track = {codec, width, height, record};

    return vd_mp4_opening(&track);
}

static void check_list(GBytes *mp4, const char *path, const char *types)
{
    g_autofree char *found = boxes_list(mp4, path);

    g_assert_cmpstr(found, ==, types);
}

static void an_opening_has_what_a_reader_needs(void)
{
    g_autoptr(GBytes) mp4 = opening(VD_CODEC_H264, 640, 360);

    check_list(mp4, "", "ftyp moov");
    check_list(mp4, "moov", "mvhd trak mvex");
    check_list(mp4, "moov/trak", "tkhd mdia");
    check_list(mp4, "moov/trak/mdia", "mdhd hdlr minf");
    check_list(mp4, "moov/trak/mdia/minf", "vmhd dinf stbl");
    check_list(mp4, "moov/trak/mdia/minf/stbl", "stsd stts stsc stsz stco");
    check_list(mp4, ENTRY, "avc3");
    check_list(mp4, ENTRY "/avc3", "avcC");
    g_assert_cmpuint(boxes_u32(mp4, "moov/trak/tkhd", 76), ==, 640 << 16);
    g_assert_cmpuint(boxes_u32(mp4, "moov/trak/tkhd", 80), ==, 360 << 16);
    g_assert_cmpuint(boxes_u32(mp4, "moov/trak/mdia/mdhd", 12), ==, 1000000);
    g_assert_cmpuint(boxes_u32(mp4, ENTRY "/avc3", 24), ==, 640 << 16 | 360);
    g_assert_cmpuint(boxes_u32(mp4, "moov/mvex/trex", 4), ==, 1);
}

static void a_decoder_s_configuration_is_in_the_box_of_its_codec(void)
{
    static const struct {
        VdCodec codec;
        const char *path;
    } cases[] = {{VD_CODEC_H264, ENTRY "/avc3/avcC"}, {VD_CODEC_H265, ENTRY "/hev1/hvcC"}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GBytes) mp4 = opening(cases[i].codec, 16, 16);
        g_autoptr(GBytes) found = boxes_find(mp4, cases[i].path);

        g_assert_cmpmem(g_bytes_get_data(found, NULL), g_bytes_get_size(found), config,
                        sizeof config);
    }
}

static void the_largest_picture_fits(void)
{
    g_autoptr(GBytes) mp4 = opening(VD_CODEC_H265, 8192, 8192);

    g_assert_cmpuint(boxes_u32(mp4, "moov/trak/tkhd", 76), ==, 8192u << 16);
    g_assert_cmpuint(boxes_u32(mp4, ENTRY "/hev1", 24), ==, 8192u << 16 | 8192u);
}

static void a_fragment_is_one_picture_at_its_time(void)
{
    static const VdStep step = {7, G_GINT64_CONSTANT(5000000000123), 66666};
    static const char unit[] = "unit";

    for (int delta = 0; delta < 2; delta++) {
        g_autoptr(GBytes) mp4 = vd_mp4_fragment(&step, delta, unit, sizeof unit);
        g_autoptr(GBytes) content = boxes_find(mp4, "mdat");
        const char *data = g_bytes_get_data(mp4, NULL);

        check_list(mp4, "", "moof mdat");
        check_list(mp4, "moof", "mfhd traf");
        check_list(mp4, "moof/traf", "tfhd tfdt trun");
        g_assert_cmpuint(boxes_u32(mp4, "moof/mfhd", 4), ==, 7);
        g_assert_cmpuint(boxes_u64(mp4, "moof/traf/tfdt", 4), ==, (guint64)step.at_us);
        g_assert_cmpuint(boxes_u32(mp4, "moof/traf/trun", 4), ==, 1);
        g_assert_cmpmem(data + boxes_u32(mp4, "moof/traf/trun", 8), sizeof unit, unit, sizeof unit);
        g_assert_cmpuint(boxes_u32(mp4, "moof/traf/trun", 12), ==, 66666);
        g_assert_cmpuint(boxes_u32(mp4, "moof/traf/trun", 16), ==, sizeof unit);
        /* sample_is_non_sync_sample */
        g_assert_cmpint((boxes_u32(mp4, "moof/traf/trun", 20) & 0x10000) != 0, ==, delta);
        g_assert_cmpmem(g_bytes_get_data(content, NULL), g_bytes_get_size(content), unit,
                        sizeof unit);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/mp4/" #name, name)
    TEST(an_opening_has_what_a_reader_needs);
    TEST(a_decoder_s_configuration_is_in_the_box_of_its_codec);
    TEST(the_largest_picture_fits);
    TEST(a_fragment_is_one_picture_at_its_time);
    return g_test_run();
}
