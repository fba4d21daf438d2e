#include "analysis-rig.h"
#include "media/view.h"

#include <math.h>

#define WIDTH      320
#define HEIGHT     240

#define MASK_BLACK 16 /* luma of vdmask's filling */

static VdPoint left_half[] = {{0, 0}, {32768, 0}, {32768, 65536}, {0, 65536}};
static VdPolygon left_mask = {.points = left_half, .n_points = G_N_ELEMENTS(left_half)};

static VdCameraConfig *camera_like(const VdCameraConfig *camera)
{
    VdCameraConfig *made = vd_camera_config_new(camera->id, camera->uri, NULL);

    g_assert_nonnull(made);
    return made;
}

static void mask_left(VdCameraConfig *camera)
{
    VdPolygon *polygons = g_new0(VdPolygon, 1);

    polygons->n_points = left_mask.n_points;
    polygons->points = g_memdup2(left_half, sizeof left_half);
    camera->masks = polygons;
    camera->n_masks = 1;
}

/* A bright square crosses the middle: what is right of it is predicted from what was left of it. */
static void paint_crossing(GstVideoFrame *frame, guint i)
{
    guint8 *luma = GST_VIDEO_FRAME_PLANE_DATA(frame, 0);
    int stride = GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0);

    for (int y = 80; y < 144; y++)
        for (int x = 0; x < 64; x++)
            luma[y * stride + 40 + (int)i * 3 + x] = (guint8)(120 + 2 * x);
}

static const MadeSpec crossing = {
    .width = WIDTH, .height = HEIGHT, .frames = 50, .encoder = MADE_H264, .paint = paint_crossing};

static void check_masked(VdFrame *plain, VdFrame *masked)
{
    g_assert_cmpfloat(made_mean(masked, 0, 0, 0, WIDTH / 2, HEIGHT), ==, MASK_BLACK);
    g_assert_cmpfloat(made_mean(masked, 1, 0, 0, WIDTH / 4, HEIGHT / 2), ==, 128);
    for (int x = WIDTH / 2 + 2; x < WIDTH; x += 10)
        g_assert_cmpfloat(made_mean(masked, 0, x, 0, 4, HEIGHT), ==,
                          made_mean(plain, 0, x, 0, 4, HEIGHT));
}

/* What is drawn over a picture must not reach those that are predicted from it. */
static void a_mask_covers_its_pixels_and_no_others(void)
{
    g_autoptr(GPtrArray) units = made_units(&crossing);
    AnalysisRig plain, masked;

    analysis_rig_init(&plain);
    analysis_rig_init(&masked);
    mask_left(masked.camera);
    analysis_rig_start(&plain, units);
    analysis_rig_start(&masked, units);
    made_play(&plain.source, units, &plain.seen);
    made_play(&masked.source, units, &masked.seen);
    for (guint i = 0; i < units->len; i++)
        check_masked(made_seen_frame(&plain.seen, i), made_seen_frame(&masked.seen, i));
    analysis_rig_clear(&plain);
    analysis_rig_clear(&masked);
}

static void a_masked_place_is_covered_in_the_jpeg_too(void)
{
    g_autoptr(GPtrArray) units = made_units(&crossing);
    VdRendition rendition = {.quality = 95, .width = WIDTH / 2};
    g_autoptr(VdMailbox) box = vd_mailbox_new();
    guint64 seen = 0;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    mask_left(rig.camera);
    analysis_rig_start(&rig, units);
    made_play(&rig.source, units, &rig.seen);
    VdView *view = vd_view_new(rig.camera, &rendition, rig.hub, box, NULL);
    g_autoptr(VdPicture) picture =
        vd_mailbox_wait(box, &seen, g_get_monotonic_time() + 30 * G_USEC_PER_SEC);
    g_assert_nonnull(picture);
    g_autoptr(VdFrame) shown = made_of_jpeg(picture->bytes);
    for (int x = 0; x < WIDTH / 4 - 8; x += 8)
        g_assert_cmpfloat(fabs(made_mean(shown, 0, x, 0, 8, HEIGHT / 2)), <, 2);
    vd_view_free(view);
    analysis_rig_clear(&rig);
}

static void masks_and_thresholds_change_live_without_losing_a_frame(void)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 40, .encoder = MADE_H264};
    g_autoptr(GPtrArray) units = made_units(&spec);
    AnalysisRig rig;

    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    made_play(&rig.source, units, &rig.seen);
    VdCameraConfig *masked = camera_like(rig.camera), *open = camera_like(rig.camera);
    mask_left(masked);
    masked->motion_threshold = 200;
    masked->analysis_fps = 30;
    vd_analysis_configure(rig.analysis, masked);
    made_play(&rig.source, units, &rig.seen);
    vd_analysis_configure(rig.analysis, open);
    made_play(&rig.source, units, &rig.seen);
    for (guint i = 0; i < 120; i++)
        g_assert_cmpuint(made_seen_frame(&rig.seen, i)->number, ==, i + 1);
    for (guint i = 0; i < 120; i++) {
        double grey = i >= 40 && i < 80 ? MASK_BLACK : made_number_grey(i % 40);
        g_assert_cmpfloat(fabs(analysis_rig_block(made_seen_frame(&rig.seen, i)) - grey), <, 5);
    }
    vd_camera_config_unref(masked);
    vd_camera_config_unref(open);
    analysis_rig_clear(&rig);
}

#define SQUARE       40
#define STILL_FRAMES 60

/* Still for two seconds, then a bright square walks to the right, 3 pixels a frame. */
static void paint_square(GstVideoFrame *frame, guint i)
{
    guint8 *luma = GST_VIDEO_FRAME_PLANE_DATA(frame, 0);
    int stride = GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0);

    if (i < STILL_FRAMES)
        return;
    for (int y = 100; y < 100 + SQUARE; y++)
        for (int x = 0; x < SQUARE; x++)
            luma[y * stride + 20 + (int)(i - STILL_FRAMES) * 3 + x] = 230;
}

static void a_walking_square_is_reported_with_the_frames_where_it_walks(void)
{
    MadeSpec spec = {.width = WIDTH,
                     .height = HEIGHT,
                     .frames = STILL_FRAMES + 60,
                     .encoder = MADE_H264,
                     .paint = paint_square};
    g_autoptr(GPtrArray) units = made_units(&spec);
    guint64 last = 0;
    VdAnalysisStats stats;
    guint with_box = 0;
    AnalysisRig rig;

    analysis_rig_init(&rig);
    analysis_rig_start(&rig, units);
    made_play(&rig.source, units, &rig.seen);
    for (guint i = 0; i < units->len; i++) {
        VdFrame *frame = made_seen_frame(&rig.seen, i);
        g_assert_nonnull(frame->report);
        GstClockTime pts = GST_BUFFER_PTS(gst_sample_get_buffer(frame->sample));
        g_assert_cmpuint(frame->report->pts, <=, pts);
        g_assert_cmpuint(pts - frame->report->pts, <, 110 * GST_MSECOND);
        g_assert_cmpuint(frame->report->number, >=, last);
        last = frame->report->number;
        if (i < STILL_FRAMES)
            g_assert_cmpuint(frame->report->n_boxes, ==, 0);
        if (i < STILL_FRAMES + 10 || frame->report->pts != pts || frame->report->n_boxes == 0)
            continue;
        const VdBox *box = &frame->report->boxes[0];
        int x = 20 + (int)(i - STILL_FRAMES) * 3 + SQUARE / 2, y = 100 + SQUARE / 2;
        with_box++;
        /* the box may trail where the square has been */
        g_assert_cmpint(box->x * WIDTH / 65536, <=, x);
        g_assert_cmpint((box->x + box->width) * WIDTH / 65536, >=, x);
        g_assert_cmpint(ABS((box->y + box->height / 2) * HEIGHT / 65536 - y), <, 12);
    }
    g_assert_cmpuint(with_box, >=, 12);
    vd_analysis_stats(rig.analysis, &stats);
    g_assert_cmpuint(stats.analysed, ==, last);
    g_assert_cmpuint(stats.analysed, >=, 38);
    g_assert_cmpuint(stats.analysed, <=, 42);
    analysis_rig_clear(&rig);
}

static void without_analysis_frames_come_without_reports(void)
{
    MadeSpec spec = {.width = WIDTH, .height = HEIGHT, .frames = 10, .encoder = MADE_H264};
    g_autoptr(GPtrArray) units = made_units(&spec);
    AnalysisRig rig;

    analysis_rig_init(&rig);
    rig.camera->analysis = false;
    analysis_rig_start(&rig, units);
    vd_analysis_configure(rig.analysis, rig.camera);
    made_play(&rig.source, units, &rig.seen);
    g_assert_null(made_seen_frame(&rig.seen, 9)->report);
    analysis_rig_clear(&rig);
}

#define ADD(test) g_test_add_func("/analysis-motion/" #test, test)

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    ADD(a_mask_covers_its_pixels_and_no_others);
    ADD(a_masked_place_is_covered_in_the_jpeg_too);
    ADD(masks_and_thresholds_change_live_without_losing_a_frame);
    ADD(a_walking_square_is_reported_with_the_frames_where_it_walks);
    ADD(without_analysis_frames_come_without_reports);
    return g_test_run();
}
