#include "gpubench/operators.h"

#include <math.h>

#define MANY_LANES 32
#define JPEG_LANES 32
#define RATE       30 /* pictures/s of a camera */

/* --- one by one ------------------------------------------------------------------------------ */

static const double luma = (double)VD_BENCH_WIDTH * VD_BENCH_HEIGHT;

/* All pictures' first half to the second. */
static int copy_pictures(VdBenchLane *lane)
{
    const VdBenchScene *scene = lane->scene;
    size_t bytes = vd_bench_image_bytes(VD_BENCH_WIDTH, VD_BENCH_HEIGHT) * (scene->n_pictures / 2);
    CUdeviceptr from = (CUdeviceptr)(guintptr)scene->pictures;

    return (int)scene->gpu->cu->cuMemcpyDtoDAsync(from + bytes, from, bytes, lane->stream);
}

/* Luma once, the background's mean and noise of each of its pixels, the report. */
static double motion_bytes(const VdBenchLane *lane)
{
    return luma + luma / (lane->factor * lane->factor) * 2 * sizeof(gint16) +
           sizeof(VdkMotionReport);
}

static double scale_bytes(const VdBenchLane *lane)
{
    return luma * 1.5 * (1 + 1.0 / 9);
}

static double convert_bytes(const VdBenchLane *lane)
{
    return luma * 1.5 * 2;
}

static double fill_bytes(const VdBenchLane *lane)
{
    return luma * 1.5 / 4;
}

static double pixelate_bytes(const VdBenchLane *lane)
{
    return luma * 1.5 / 4 * 2;
}

/* Two pixels wide. */
static double frames_bytes(const VdBenchLane *lane)
{
    double bytes = 0;

    for (int i = 0; i < VD_BENCH_FRAMES; i++) {
        const VdkRectangle *box = &lane->scene->boxes[i];

        bytes += (box->width + box->height - 4) * 2 * 2 * 1.5;
    }
    return bytes;
}

static double blend_bytes(const VdBenchLane *lane)
{
    const VdkPlane *text = &lane->scene->text;

    return (double)text->width * text->height * (1 + 1.5 * 2);
}

/* The picture, and what is compressed written; that it is also gathered is the encoder's affair. */
static double jpeg_bytes(const VdBenchLane *lane)
{
    return luma * 1.5 + lane->jpeg_report->length;
}

/* Those that draw leave their traces, and come after those for which pictures must be pictures. */
static const struct {
    const char *name;
    VdBenchRun run;
    double (*bytes)(const VdBenchLane *lane); /* after a run */
} operators[] = {
    {"motion, fused", vd_bench_lane_motion, motion_bytes},
    {"JPEG, quality 75", vd_bench_lane_jpeg, jpeg_bytes},
    {"scale to 640x360, BT.709 to full range", vd_bench_lane_scale, scale_bytes},
    {"scale, same size, BT.709 to full range", vd_bench_lane_convert, convert_bytes},
    {"fill a quarter", vd_bench_lane_fill, fill_bytes},
    {"pixelate a quarter", vd_bench_lane_pixelate, pixelate_bytes},
    {"16 frames", vd_bench_lane_frames, frames_bytes},
    {"compose 400x32 of text (blend)", vd_bench_lane_blend, blend_bytes},
};

static const VdBenchColumn operator_columns[] = {
    {"us", "us", 2},
    {"us_many", "us, many", 2},
    {"megabytes", "MB to move", 3},
    {"floor_us", "floor us", 3},
    {"floor_percent", "% of floor", 1},
    {"floor_percent_many", "%, many", 1},
};

static bool measure_operators(const VdBenchPlan *plan, VdBenchLane *lanes, guint n,
                              double bytes_per_us, VdBenchTable *table, VdBenchFindings *findings,
                              GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(operators); i++) {
        double us, many_us;

        if (!vd_bench_time(plan, lanes, 1, operators[i].run, &us, error) ||
            !vd_bench_time(plan, lanes, n, operators[i].run, &many_us, error))
            return false;
        double bytes = operators[i].bytes(lanes), floor_us = bytes / bytes_per_us;
        const double row[] = {
            us, many_us, bytes / 1e6, floor_us, floor_us / us * 100, floor_us / many_us * 100};
        vd_bench_table_row(table, operators[i].name, row);
        if (operators[i].run == vd_bench_lane_motion)
            findings->motion_floor_share = floor_us / MIN(us, many_us);
        if (operators[i].run == vd_bench_lane_jpeg)
            findings->jpeg_bytes = lanes->jpeg_report->length;
    }
    return true;
}

static bool measure_copy(const VdBenchPlan *plan, VdBenchLane *lane, VdBenchTable *table,
                         double *bytes_per_us, GError **error)
{
    guint copied = lane->scene->n_pictures / 2;
    double us, bytes = 2.0 * copied * (double)vd_bench_image_bytes(VD_BENCH_WIDTH, VD_BENCH_HEIGHT);

    if (!vd_bench_time(plan, lane, 1, copy_pictures, &us, error))
        return false;
    *bytes_per_us = bytes / us;
    const double row[] = {us, NAN, bytes / 1e6, us, 100, NAN};
    vd_bench_table_row(table, "copy from device to device", row);
    vd_bench_table_note(table, g_strdup_printf("floor: bytes that must move, at the %.0f GB/s of "
                                               "this copy (read and written)",
                                               bytes / us / 1e3));
    return true;
}

bool vd_bench_operators(const VdBenchPlan *plan, const VdBenchScene *scene, VdBenchReport *report,
                        VdBenchFindings *findings, GError **error)
{
    VdBenchTable *table =
        vd_bench_report_table(report, "operators", "Operators, a 1920x1080 NV12 picture",
                              operator_columns, G_N_ELEMENTS(operator_columns));
    guint n = MIN(MANY_LANES, plan->most_streams);
    VdBenchLane *lanes =
        vd_bench_lanes_new(scene, n, VD_BENCH_MOTION | VD_BENCH_DRAWING | VD_BENCH_JPEG, error);
    double bytes_per_us = 0;

    bool done = lanes != NULL && measure_copy(plan, lanes, table, &bytes_per_us, error) &&
                measure_operators(plan, lanes, n, bytes_per_us, table, findings, error);
    vd_bench_table_note(table, g_strdup_printf("many: on %u streams, given work by %u threads; %u "
                                               "pictures in turn, more than a cache holds",
                                               n, vd_bench_threads(n), scene->n_pictures));
    vd_bench_lanes_free(lanes, n);
    return done;
}

/* --- as many as there may be ----------------------------------------------------------------- */

/* Memory that is out ends the growing; what fails with one stream fails. */
static bool ended_early(VdBenchTable *table, guint n, GError **error)
{
    if (n == 1)
        return false;
    vd_bench_table_note(table, g_strdup_printf("ended at %u streams: %s", n, (*error)->message));
    g_clear_error(error);
    return true;
}

static int mask_and_find_motion(VdBenchLane *lane)
{
    int result = vd_bench_lane_fill(lane);

    lane->next--; /* the same picture */
    return result == 0 ? vd_bench_lane_motion(lane) : result;
}

static const VdBenchColumn analysis_columns[] = {
    {"streams", "streams", 0},
    {"per_second", "pictures/s", 0},
    {"cameras", "cameras' worth", 1},
    {"cpu_ms", "CPU ms each", 3},
    {"megabytes_each", "MB a camera", 2},
};

bool vd_bench_analysis(const VdBenchPlan *plan, const VdBenchScene *scene, VdBenchReport *report,
                       VdBenchFindings *findings, GError **error)
{
    VdBenchTable *table = vd_bench_report_table(
        report, "analysis", "Analysis of 1080p30, decode excluded: mask and motion, waited for",
        analysis_columns, G_N_ELEMENTS(analysis_columns));

    for (guint n = 1; n <= plan->most_streams; n *= 2) {
        size_t used = vd_bench_memory_used(scene->gpu);
        VdBenchLane *lanes = vd_bench_lanes_new(scene, n, VD_BENCH_MOTION, error);
        VdBenchRate rate;

        used = vd_bench_memory_used(scene->gpu) - used;
        bool done =
            lanes != NULL && vd_bench_rate(plan, lanes, n, mask_and_find_motion, &rate, error);
        vd_bench_lanes_free(lanes, n);
        if (!done)
            return ended_early(table, n, error);
        const double row[] = {n, rate.per_second, rate.per_second / RATE, rate.cpu_ms,
                              (double)used / n / 1e6};
        g_autofree char *name = g_strdup_printf("%u stream%s", n, n > 1 ? "s" : "");
        vd_bench_table_row(table, name, row);
        findings->analysis_per_second =
            fmax(findings->analysis_per_second, rate.per_second); /* not NAN where one is not */
    }
    return true;
}

static const VdBenchColumn jpeg_columns[] = {
    {"streams", "streams", 0},
    {"per_second", "JPEGs/s", 0},
    {"cpu_ms", "CPU ms each", 3},
    {"kilobytes", "kB each", 1},
};

bool vd_bench_jpegs(const VdBenchPlan *plan, const VdBenchScene *scene, VdBenchReport *report,
                    VdBenchFindings *findings, GError **error)
{
    VdBenchTable *table = vd_bench_report_table(
        report, "jpeg", "JPEGs of 1920x1080, quality 75, to the host's memory", jpeg_columns,
        G_N_ELEMENTS(jpeg_columns));

    for (guint n = 1; n <= MIN(JPEG_LANES, plan->most_streams); n *= 2) {
        VdBenchLane *lanes = vd_bench_lanes_new(scene, n, VD_BENCH_JPEG, error);
        VdBenchRate rate;
        bool done =
            lanes != NULL && vd_bench_rate(plan, lanes, n, vd_bench_lane_whole_jpeg, &rate, error);

        for (guint i = 0; done && i < n; i++) /* one may have had no turn */
            findings->jpeg_bytes = fmax(findings->jpeg_bytes, lanes[i].jpeg_report->length);
        vd_bench_lanes_free(lanes, n);
        if (!done)
            return ended_early(table, n, error);
        const double row[] = {n, rate.per_second, rate.cpu_ms, findings->jpeg_bytes / 1e3};
        g_autofree char *name = g_strdup_printf("%u stream%s", n, n > 1 ? "s" : "");
        vd_bench_table_row(table, name, row);
    }
    return true;
}
