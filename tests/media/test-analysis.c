#include "analysis-rig.h"
#include "base/clock.h"

#include <math.h>

#define WIDTH  320
#define HEIGHT 240

/* --- frames ----------------------------------------------------------------------------------- */

static void check_order(AnalysisRig *rig, guint count)
{
    for (guint i = 0; i < count; i++) {
        VdFrame *frame = made_seen_frame(&rig->seen, i);
        g_assert_cmpuint(frame->number, ==, i + 1);
        g_assert_cmpint(frame->received_us, ==, made_unit_us(&rig->source, i));
        g_assert_cmpint(frame->captured_us, ==, made_unit_us(&rig->source, i));
        g_assert_cmpint(frame->decoded_us, >, 0);
        g_assert_cmpfloat(fabs(analysis_rig_block(frame) - made_number_grey(i)), <, 5);
    }
}

static void check_codec(const char *encoder, const char *decoder)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 70, .encoder = encoder};
    g_autoptr(GPtrArray) units = made_units(&spec);
    VdAnalysisStats stats;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    made_play(&rig.source, units, &rig.seen);
    made_await(analysis_rig_is_running, &rig);
    check_order(&rig, 70);
    g_assert_cmpstr(rig.decoder, ==, decoder);
    g_assert_cmpuint(rig.running, ==, 1);
    g_assert_cmpuint(rig.failed, ==, 0);
    vd_analysis_stats(rig.analysis, &stats);
    g_assert_cmpuint(stats.decoded, ==, 70);
    g_assert_cmpuint(stats.dropped, ==, 0);
    g_assert_cmpuint(stats.errors, ==, 0);
    g_assert_cmpint(stats.last_us, >, 0);
    analysis_rig_clear(&rig);
}

static void every_h264_unit_becomes_a_frame_with_its_times(void)
{
    check_codec(MADE_H264, "avdec_h264");
}

static void every_h265_unit_becomes_a_frame_with_its_times(void)
{
    check_codec(MADE_H265, "avdec_h265");
}

static void every_jpeg_becomes_a_frame_with_its_times(void)
{
    check_codec(MADE_JPEG, "jpegdec");
}

/* Place of the picture in the order of showing. */
static guint shown_as(GstSample *unit, GstSample *key)
{
    GstClockTime at = GST_BUFFER_PTS(gst_sample_get_buffer(unit));
    GstClockTime first = GST_BUFFER_PTS(gst_sample_get_buffer(key));

    return (guint)gst_util_uint64_scale_round(at - first, MADE_FPS, GST_SECOND);
}

/* With B frames a unit comes before others that are shown earlier. */
static void units_that_come_out_of_order_are_told_from_each_other(void)
{
    enum { FRAMES = 60, HELD_BACK = 8 };
    MadeSpec spec = {.width = WIDTH,
                     .height = HEIGHT,
                     .frames = FRAMES,
                     .encoder = "x264enc speed-preset=veryfast bframes=3 b-adapt=false "
                                "key-int-max=30 qp-max=24 ! h264parse ! "
                                "video/x-h264,stream-format=byte-stream,alignment=au"};
    g_autoptr(GPtrArray) units = made_units(&spec);
    guint unit_shown[FRAMES], late = 0;
    VdAnalysisStats stats;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    for (guint i = 0; i < FRAMES; i++) {
        guint place = shown_as(units->pdata[i], units->pdata[0]);
        g_assert_cmpuint(place, <, FRAMES);
        unit_shown[place] = i;
        late += place < i;
        if (i >= HELD_BACK)
            made_await_frames(&rig.seen, i - HELD_BACK + 1);
        made_push_shown(&rig.source, units->pdata[i], place);
    }
    g_assert_cmpuint(late, >=, FRAMES / 3); /* else there are no B frames */
    for (guint i = 0; i < made_seen_count(&rig.seen); i++) {
        VdFrame *frame = made_seen_frame(&rig.seen, i);
        g_assert_cmpint(frame->received_us, ==, made_unit_us(&rig.source, unit_shown[i]));
        g_assert_cmpfloat(fabs(analysis_rig_block(frame) - made_number_grey(i)), <, 5);
    }
    vd_analysis_stats(rig.analysis, &stats);
    g_assert_cmpuint(stats.errors, ==, 0);
    analysis_rig_clear(&rig);
}

static guint64 timed(const AnalysisRig *rig, VdStage stage)
{
    VdHistogramReading reading;

    vd_stages_read(rig->source.stages, stage, &reading);
    return reading.sum_us > 0 ? reading.count : 0;
}

static void each_picture_is_timed(void)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 30, .encoder = MADE_H264};
    g_autoptr(GPtrArray) units = made_units(&spec);
    VdAnalysisStats stats;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    made_play(&rig.source, units, &rig.seen);
    vd_analysis_stats(rig.analysis, &stats);
    g_assert_cmpuint(stats.decoded, ==, 30);
    g_assert_cmpuint(stats.waiting, ==, 0);
    g_assert_cmpuint(timed(&rig, VD_STAGE_DECODE), ==, 30);
    g_assert_cmpuint(timed(&rig, VD_STAGE_ANALYSE), ==, stats.analysed);
    g_assert_cmpuint(stats.analysed, >=, 8); /* a third of them, from the first on */
    analysis_rig_clear(&rig);
}

static void a_restart_begins_with_the_newest_key_frame_and_numbers_go_on(void)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 45, .encoder = MADE_H264};
    g_autoptr(GPtrArray) units = made_units(&spec);
    VdAnalysisStats stats;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    rig.source.first_us += 60 * G_USEC_PER_SEC; /* not old by then, on however slow a machine */
    analysis_rig_start(&rig, units);
    made_play(&rig.source, units, &rig.seen);
    analysis_rig_stop(&rig);
    analysis_rig_start(&rig, units);
    made_await_frames(&rig.seen, 45 + 15); /* the key frame was unit 30 */
    for (guint i = 0; i < 15; i++) {
        VdFrame *frame = made_seen_frame(&rig.seen, 45 + i);
        g_assert_cmpuint(frame->number, ==, 46 + i);
        g_assert_cmpint(frame->received_us, ==, made_unit_us(&rig.source, 30 + i));
    }
    vd_analysis_stats(rig.analysis, &stats);
    g_assert_cmpuint(stats.decoded, ==, 60);
    analysis_rig_clear(&rig);
}

/* In a minute nothing is learned for twenty seconds: the next one has it from the one before. */
static void the_next_analysis_knows_the_scene_that_the_one_before_has_learned(void)
{
    enum { FRAMES = 21 };
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = FRAMES, .encoder = MADE_JPEG};
    g_autoptr(GPtrArray) units = made_units(&spec);
    AnalysisRig rig;

    analysis_rig_init(&rig);
    rig.source.first_us += 60 * G_USEC_PER_SEC;
    analysis_rig_start(&rig, units);
    for (guint i = 0; i < FRAMES; i++) {
        made_push_shown(&rig.source, units->pdata[i], i * MADE_FPS);
        made_await_frames(&rig.seen, i + 1);
    }
    analysis_rig_stop(&rig);
    g_autoptr(GBytes) scene = vd_frame_hub_scene(rig.hub);
    g_assert_nonnull(scene);
    analysis_rig_start(&rig, units);
    made_await_frames(&rig.seen, FRAMES + 1);
    VdFrame *next = made_seen_frame(&rig.seen, FRAMES);
    g_assert_cmpuint(next->measured, >, 0);
    g_assert_cmpfloat(next->quality.learned, ==, 20);
    analysis_rig_clear(&rig);
}

/* Units that came long before the decoder was there are caught up with, not shown one by one. */
static void an_old_backlog_is_decoded_but_only_its_newest_frame_shown(void)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 25, .encoder = MADE_H264};
    g_autoptr(GPtrArray) units = made_units(&spec);
    AnalysisRig rig;

    analysis_rig_init(&rig);
    rig.source.first_us -= 60 * G_USEC_PER_SEC;
    for (guint i = 0; i < units->len; i++)
        made_push(&rig.source, units->pdata[i]);
    analysis_rig_start(&rig, units);
    made_await_frames(&rig.seen, 1);
    VdFrame *frame = made_seen_frame(&rig.seen, 0);
    g_assert_cmpint(frame->received_us, ==, made_unit_us(&rig.source, 24));
    g_assert_cmpuint(frame->number, ==, 25);
    analysis_rig_clear(&rig);
}

static bool is_settled(void *data)
{
    AnalysisRig *rig = data;
    VdAnalysisStats stats;

    vd_analysis_stats(rig->analysis, &stats);
    return stats.decoded + stats.dropped >= rig->source.count;
}

/* What does not fit is dropped up to a key frame, so that no frame is decoded from nothing. */
static void a_flood_loses_units_up_to_a_key_frame_and_no_frame_is_damaged(void)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 90, .encoder = MADE_H264};
    g_autoptr(GPtrArray) units = made_units(&spec);
    VdAnalysisStats stats;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    for (guint round = 0; round < 10; round++)
        for (guint i = 0; i < units->len; i++)
            made_push(&rig.source, units->pdata[i]);
    made_await(is_settled, &rig);
    made_play(&rig.source, units, &rig.seen);
    vd_analysis_stats(rig.analysis, &stats);
    g_assert_cmpuint(stats.dropped, >, 0);
    g_assert_cmpuint(stats.errors, ==, 0);
    guint count = made_seen_count(&rig.seen);
    for (guint i = 0; i < count; i++) {
        VdFrame *frame = made_seen_frame(&rig.seen, i);
        gint64 behind = frame->received_us - rig.source.first_us;
        guint unit = (guint)((behind * MADE_FPS + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC);
        g_assert_cmpfloat(fabs(analysis_rig_block(frame) - made_number_grey(unit % 90)), <, 5);
    }
    analysis_rig_clear(&rig);
}

/* Holds the first frame up until the others wait. */
typedef struct Holder {
    VdLock lock;
    VdCond pushed;
    bool all; /* [lock] */
} Holder;

static void hold_up(VdFrame *frame, void *data)
{
    Holder *holder = data;

    vd_lock(&holder->lock);
    while (!holder->all)
        vd_cond_wait(&holder->pushed, &holder->lock);
    vd_unlock(&holder->lock);
}

static void let_go(Holder *holder)
{
    vd_lock(&holder->lock);
    holder->all = true;
    vd_cond_broadcast(&holder->pushed);
    vd_unlock(&holder->lock);
}

static void a_frame_with_others_behind_it_is_late(void)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 10, .encoder = MADE_H264};
    g_autoptr(GPtrArray) units = made_units(&spec);
    Holder holder = {0};
    AnalysisRig rig;

    vd_lock_init(&holder.lock);
    vd_cond_init(&holder.pushed);
    analysis_rig_init(&rig);
    guint listener = vd_frame_hub_listen(rig.hub, hold_up, &holder);
    analysis_rig_start(&rig, units);
    for (guint i = 0; i < units->len; i++)
        made_push(&rig.source, units->pdata[i]);
    let_go(&holder);
    made_await_frames(&rig.seen, 10);
    for (guint i = 1; i < 10; i++)
        g_assert_cmpint(made_seen_frame(&rig.seen, i)->late, ==, i < 8);
    vd_frame_hub_unlisten(rig.hub, listener);
    analysis_rig_clear(&rig);
    vd_cond_clear(&holder.pushed);
    vd_lock_clear(&holder.lock);
}

static void check_format(const char *format, int width, int height, const char *encoder)
{
    MadeSpec spec = {
        .format = format, .width = width, .height = height, .frames = 8, .encoder = encoder};
    g_autoptr(GPtrArray) units = made_units(&spec);
    int out_width = 0, out_height = 0;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    made_play(&rig.source, units, &rig.seen);
    check_order(&rig, 8);
    const GstStructure *structure =
        gst_caps_get_structure(gst_sample_get_caps(made_seen_frame(&rig.seen, 7)->sample), 0);
    gst_structure_get_int(structure, "width", &out_width);
    gst_structure_get_int(structure, "height", &out_height);
    g_assert_cmpint(out_width, ==, width);
    g_assert_cmpint(out_height, ==, height);
    analysis_rig_clear(&rig);
}

static void pictures_of_four_two_two_and_odd_sizes_pass(void)
{
    check_format("Y42B", WIDTH, HEIGHT, MADE_H264);
    check_format("Y42B", WIDTH, HEIGHT, MADE_JPEG);
    check_format("NV12", WIDTH, HEIGHT, MADE_H264);
    check_format("Y42B", 322, 241, MADE_JPEG);
    check_format("I420", 321, 241, MADE_JPEG);
    check_format("Y444", 321, 241, MADE_H264);
    check_format("I420", 322, 242, MADE_H264);
    check_format("I420", 322, 242, MADE_H265);
}

static void an_interlaced_stream_plays_without_errors(void)
{
    MadeSpec spec = {.width = WIDTH,
                     .height = HEIGHT,
                     .frames = 60,
                     .interlaced = true,
                     .encoder =
                         "x264enc tune=zerolatency interlaced=true key-int-max=30 ! h264parse ! "
                         "video/x-h264,stream-format=byte-stream,alignment=au"};
    g_autoptr(GPtrArray) units = made_units(&spec);
    VdAnalysisStats stats;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    made_play(&rig.source, units, &rig.seen);
    vd_analysis_stats(rig.analysis, &stats);
    g_assert_cmpuint(stats.errors, ==, 0);
    analysis_rig_clear(&rig);
}

static bool ran_twice(void *data)
{
    return ((AnalysisRig *)data)->running >= 2;
}

static void a_change_of_size_in_mid_stream_goes_through(void)
{
    MadeSpec large = {.width = WIDTH, .height = HEIGHT, .frames = 20, .encoder = MADE_H264};
    MadeSpec small = {.width = 160, .height = 120, .frames = 20, .encoder = MADE_H264};
    g_autoptr(GPtrArray) before = made_units(&large), after = made_units(&small);
    int width = 0;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    analysis_rig_start(&rig, before);
    made_play(&rig.source, before, &rig.seen);
    made_await(analysis_rig_is_running, &rig);
    made_play(&rig.source, after, &rig.seen);
    made_await(ran_twice, &rig);
    g_assert_cmpuint(rig.running, ==, 2);
    g_assert_cmpuint(rig.failed, ==, 0);
    gst_structure_get_int(gst_caps_get_structure(rig.caps, 0), "width", &width);
    g_assert_cmpint(width, ==, 160);
    g_assert_cmpuint(made_seen_frame(&rig.seen, 39)->number, ==, 40);
    analysis_rig_clear(&rig);
}

/* --- what cannot be had ----------------------------------------------------------------------- */

static void ten_bit_pictures_are_refused_with_a_sentence(void)
{
    MadeSpec spec = {
        .format = "I420_10LE", .width = WIDTH, .height = HEIGHT, .frames = 4, .encoder = MADE_H264};
    g_autoptr(GPtrArray) units = made_units(&spec);
    g_autoptr(GstCaps) bare = gst_caps_copy(gst_sample_get_caps(units->pdata[0]));
    AnalysisRig rig;

    /* as the parser says it */
    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    g_assert_cmpuint(rig.failed, ==, 0); /* not before the main loop */
    made_await(analysis_rig_has_failed, &rig);
    g_assert_cmpstr(rig.text, ==, "the stream is 10-bit H.264; only 8-bit video can be analysed");
    g_assert_true(rig.unsupported);
    analysis_rig_clear(&rig);

    /* and when nothing but the decoder tells */
    gst_structure_remove_fields(gst_caps_get_structure(bare, 0), "bit-depth-luma",
                                "bit-depth-chroma", "profile", NULL);
    for (guint i = 0; i < units->len; i++) {
        GstSample *sample = units->pdata[i];
        units->pdata[i] = gst_sample_new(gst_sample_get_buffer(sample), bare, NULL, NULL);
        gst_sample_unref(sample);
    }
    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    for (guint i = 0; i < units->len; i++)
        made_push(&rig.source, units->pdata[i]);
    made_await(analysis_rig_has_failed, &rig);
    g_assert_cmpstr(rig.text, ==,
                    "the pictures are 10-bit I420_10LE; only 8-bit YUV can be analysed");
    g_assert_true(rig.unsupported);
    g_assert_cmpuint(made_seen_count(&rig.seen), ==, 0);
    analysis_rig_clear(&rig);
}

static void an_unknown_codec_is_refused_with_a_sentence(void)
{
    g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func((GDestroyNotify)gst_sample_unref);
    g_autoptr(GstCaps) caps = gst_caps_new_empty_simple("video/x-vp8");
    VdAnalysisStats stats;
    AnalysisRig rig;

    g_ptr_array_add(units, gst_sample_new(NULL, caps, NULL, NULL));
    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    vd_analysis_configure(rig.analysis, rig.camera);
    made_await(analysis_rig_has_failed, &rig);
    g_assert_true(rig.unsupported);
    g_assert_true(g_str_has_prefix(rig.text, "the stream is video/x-vp8"));
    vd_analysis_stats(rig.analysis, &stats);
    g_assert_cmpuint(stats.decoded, ==, 0);
    analysis_rig_stop(&rig);
    analysis_rig_start(&rig, units); /* freed before the main loop says it */
    analysis_rig_clear(&rig);
}

/* --- damage ----------------------------------------------------------------------------------- */

static GstSample *garbage(GstSample *like)
{
    gsize size = 700;
    guint8 *bytes = g_malloc(size);

    for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8)g_random_int_range(0, 256);
    g_autoptr(GstBuffer) buffer = gst_buffer_new_wrapped(bytes, size);
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (gst_structure_has_name(gst_caps_get_structure(gst_sample_get_caps(like), 0), "image/jpeg"))
        GST_BUFFER_FLAG_UNSET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    return gst_sample_new(buffer, gst_sample_get_caps(like), NULL, NULL);
}

static bool goes_on(void *data)
{
    AnalysisRig *rig = data;
    VdFrame *newest = vd_frame_hub_newest(rig->hub);
    gint64 due = made_unit_us(&rig->source, rig->source.count - 1);
    bool there = newest != NULL && newest->received_us == due;

    vd_frame_unref(newest);
    return there;
}

static void check_garbage(const char *encoder)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 60, .encoder = encoder};
    g_autoptr(GPtrArray) units = made_units(&spec);
    g_autoptr(GPtrArray) bad = g_ptr_array_new_with_free_func((GDestroyNotify)gst_sample_unref);
    VdAnalysisStats stats;
    AnalysisRig rig;

    for (guint i = 0; i < 5; i++)
        g_ptr_array_add(bad, garbage(units->pdata[0]));
    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    made_play(&rig.source, units, &rig.seen);
    for (guint i = 0; i < bad->len; i++)
        made_push(&rig.source, bad->pdata[i]);
    for (guint i = 0; i < units->len; i++) {
        made_push(&rig.source, units->pdata[i]);
        made_await(goes_on, &rig);
    }
    vd_analysis_stats(rig.analysis, &stats);
    g_assert_cmpuint(stats.errors, >=, 5);
    g_assert_cmpuint(stats.errors, <=, 10);
    g_assert_cmpuint(rig.failed, ==, 0);
    analysis_rig_clear(&rig);
}

static void garbage_between_units_is_survived_and_counted(void)
{
    check_garbage(MADE_H264);
    check_garbage(MADE_H265);
    check_garbage(MADE_JPEG);
}

static bool plays_or_is_refused(void *data)
{
    const AnalysisRig *rig = data;

    return rig->text != NULL || made_seen_count((MadeSeen *)&rig->seen) >= 1;
}

typedef struct Supply {
    AnalysisRig *rig;
    GPtrArray *units;
} Supply;

static gboolean push_one(void *data)
{
    const Supply *supply = data;
    MadeSource *source = &supply->rig->source;

    made_push(source, supply->units->pdata[source->count % supply->units->len]);
    return G_SOURCE_CONTINUE;
}

/*
 * Every unit cut, shifted or overwritten in some way: frames, or a sentence about the pictures when
 * the damage happens to say another size or format; no hang and no crash.
 */
static void damaged_units_never_end_it(void)
{
    static const char *const encoders[] = {MADE_H264, MADE_H265, MADE_JPEG};

    for (guint e = 0; e < G_N_ELEMENTS(encoders); e++) {
        MadeSpec spec = {.width = 160, .height = 120, .frames = 60, .encoder = encoders[e]};
        g_autoptr(GPtrArray) units = made_units(&spec);
        AnalysisRig rig;
        analysis_rig_init(&rig);
        analysis_rig_start(&rig, units);
        for (guint i = 0; i < units->len; i++) {
            GstSample *sample = units->pdata[i];
            g_autoptr(GstBuffer) buffer = gst_buffer_copy_deep(gst_sample_get_buffer(sample));
            gsize size = gst_buffer_get_size(buffer);
            guint8 noise = (guint8)g_test_rand_int_range(0, 256);
            for (guint j = 0; j < 1 + i / 10; j++)
                gst_buffer_fill(buffer, (gsize)g_test_rand_int_range(5, (gint32)size), &noise, 1);
            if (i % 7 == 3)
                gst_buffer_set_size(buffer, (gssize)(size / 2));
            g_autoptr(GstSample) bad =
                gst_sample_new(buffer, gst_sample_get_caps(sample), NULL, NULL);
            made_push(&rig.source, bad);
        }
        Supply good = {&rig, units};
        guint timer = g_timeout_add(5, push_one, &good);
        made_await(plays_or_is_refused, &rig);
        g_source_remove(timer);
        if (rig.text != NULL)
            g_assert_true(g_str_has_prefix(rig.text, "the pictures are "));
        analysis_rig_clear(&rig);
    }
}

/* --- life ------------------------------------------------------------------------------------- */

static void it_can_be_freed_at_any_moment(void)
{
    MadeSpec spec = {.width = 160, .height = 120, .frames = 30, .encoder = MADE_H264};
    g_autoptr(GPtrArray) units = made_units(&spec);
    AnalysisRig rig;

    analysis_rig_init(&rig);
    for (guint round = 0; round < 100; round++) {
        analysis_rig_start(&rig, units);
        for (guint i = 0; i < round % 20; i++)
            made_push(&rig.source, units->pdata[i]);
        if (round % 3 == 0)
            made_await_frames(&rig.seen, made_seen_count(&rig.seen));
        analysis_rig_stop(&rig);
        guint count = made_seen_count(&rig.seen);
        g_main_context_iteration(NULL, FALSE);
        g_assert_cmpuint(made_seen_count(&rig.seen), ==, count); /* nothing after free */
    }
    g_assert_cmpuint(rig.failed, ==, 0);
    analysis_rig_clear(&rig);
}

#define ADD(test) g_test_add_func("/analysis/" #test, test)

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    ADD(every_h264_unit_becomes_a_frame_with_its_times);
    ADD(every_h265_unit_becomes_a_frame_with_its_times);
    ADD(every_jpeg_becomes_a_frame_with_its_times);
    ADD(units_that_come_out_of_order_are_told_from_each_other);
    ADD(each_picture_is_timed);
    ADD(a_restart_begins_with_the_newest_key_frame_and_numbers_go_on);
    ADD(the_next_analysis_knows_the_scene_that_the_one_before_has_learned);
    ADD(an_old_backlog_is_decoded_but_only_its_newest_frame_shown);
    ADD(a_frame_with_others_behind_it_is_late);
    ADD(a_flood_loses_units_up_to_a_key_frame_and_no_frame_is_damaged);
    ADD(pictures_of_four_two_two_and_odd_sizes_pass);
    ADD(an_interlaced_stream_plays_without_errors);
    ADD(a_change_of_size_in_mid_stream_goes_through);
    ADD(ten_bit_pictures_are_refused_with_a_sentence);
    ADD(an_unknown_codec_is_refused_with_a_sentence);
    ADD(garbage_between_units_is_survived_and_counted);
    ADD(damaged_units_never_end_it);
    ADD(it_can_be_freed_at_any_moment);
    return g_test_run();
}
