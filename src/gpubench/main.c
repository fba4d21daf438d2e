#include <glib.h>
#include <gst/gst.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <sysexits.h>

#include "gpubench/cameras.h"
#include "gpubench/codecs.h"
#include "gpubench/operators.h"
#include "gst-environment.h"

/* vedette-gpubench: what the GPU of this machine does with cameras' pictures. docs/ has its page.
 */

#define MOST_STREAMS  256
#define MOST_PICTURES 96 /* of 3.3 MB: twice what the largest caches hold */
#define RATE          30

static int device, seconds = 2;
static gboolean info, quick, as_json, version;
static char *clip_file;

/* clang-format off */
static const GOptionEntry entries[] = {
    {"device", 'd', 0, G_OPTION_ARG_INT, &device, "Measure GPU N instead of 0", "N"},
    {"seconds", 's', 0, G_OPTION_ARG_INT, &seconds,
     "Measure each number of streams for so long, 1 to 60 (2)", "SECONDS"},
    {"info", 'i', 0, G_OPTION_ARG_NONE, &info,
     "Say what there is and what it decodes, and measure nothing", NULL},
    {"quick", 'q', 0, G_OPTION_ARG_NONE, &quick,
     "See whether everything works: short, and up to 2 streams", NULL},
    {"clip", 'c', 0, G_OPTION_ARG_FILENAME, &clip_file,
     "Decode FILE (.h264, .h265, .mjpeg, .mp4, .mkv) instead of a scene made here", "FILE"},
    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON instead of tables", NULL},
    {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
    {NULL},
};
/* clang-format on */

static bool parse(int *argc, char ***argv)
{
    g_autoptr(GOptionContext) context =
        g_option_context_new("- measure what a GPU does with cameras' pictures");
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, &error))
        g_printerr("vedette-gpubench: %s\n", error->message);
    else if (*argc > 1)
        g_printerr("vedette-gpubench: \"%s\" is not an option\n", (*argv)[1]);
    else if (device < 0 || seconds < 1 || seconds > 60)
        g_printerr("vedette-gpubench: --device is 0 or more, --seconds 1 to 60\n");
    else
        return true;
    return false;
}

static VdBenchPlan make_plan(void)
{
    if (quick)
        return (VdBenchPlan){
            .seconds = 0.3, .growth_s = 30, .batch_us = 5000, .batches = 1, .most_streams = 2};
    return (VdBenchPlan){.seconds = seconds,
                         .growth_s = 60 + 20 * seconds,
                         .batch_us = 50000,
                         .batches = 5,
                         .most_streams = MOST_STREAMS};
}

/* --- what is measured ------------------------------------------------------------------------ */

/* Half of the memory that is free at most. */
static guint pictures_for(const VdBenchGpu *gpu)
{
    size_t available = 0, total = 0;
    size_t each = vd_bench_image_bytes(VD_BENCH_WIDTH, VD_BENCH_HEIGHT);

    gpu->memory_info(&available, &total);
    return (guint)CLAMP(available / 2 / each, 2, MOST_PICTURES);
}

/* A run takes minutes, and may be ended. */
static void tell(VdBenchReport *report)
{
    if (as_json)
        return;
    g_autofree char *text = vd_bench_report_text(report);
    g_print("%s", text);
    fflush(stdout);
}

static bool measure_operators(const VdBenchPlan *plan, const VdBenchGpu *gpu, VdBenchReport *report,
                              VdBenchFindings *findings, GError **error)
{
    static bool (*const parts[])(const VdBenchPlan *plan, const VdBenchScene *scene,
                                 VdBenchReport *report, VdBenchFindings *findings,
                                 GError **error) = {vd_bench_operators, vd_bench_analysis,
                                                    vd_bench_jpegs};
    VdBenchScene scene;
    bool done = vd_bench_scene_init(&scene, gpu, pictures_for(gpu), error);

    for (gsize i = 0; done && i < G_N_ELEMENTS(parts); i++) {
        done = parts[i](plan, &scene, report, findings, error);
        tell(report);
    }
    vd_bench_scene_clear(&scene);
    return done;
}

/* Where NVDEC or a clip is missing the rest is still worth having. */
static void measure_cameras(const VdBenchPlan *plan, const VdBenchGpu *gpu, VdBenchReport *report,
                            VdBenchFindings *findings)
{
    g_autoptr(GError) error = NULL;
    VdBenchClip clip;

    if (!vd_bench_clip_init(&clip, clip_file, &error) ||
        !vd_bench_cameras(plan, gpu, &clip, report, findings, &error)) {
        VdBenchTable *table =
            vd_bench_report_table(report, "skipped", "Left out: decoding by NVDEC", NULL, 0);

        vd_bench_table_note(table, g_strdup(error->message));
    }
    vd_bench_clip_clear(&clip);
}

/* --- sums and goals -------------------------------------------------------------------------- */

static const VdBenchColumn bus_columns[] = {{"kilobytes_per_second", "kB/s", 1}};

static void add_bus(VdBenchReport *report, const VdBenchFindings *findings)
{
    VdBenchTable *table =
        vd_bench_report_table(report, "bus", "Over the bus, for a 1080p camera of 30 pictures/s",
                              bus_columns, G_N_ELEMENTS(bus_columns));
    const struct {
        const char *name;
        double bytes; /* a picture */
    } rows[] = {
        {"to the GPU: the compressed clip", findings->clip_bytes},
        {"from the GPU: motion's reports", sizeof(VdkMotionReport)},
        {"from the GPU while watched: JPEGs", findings->jpeg_bytes + sizeof(VdkJpegReport)},
        {"for comparison: the pictures themselves", VD_BENCH_WIDTH * VD_BENCH_HEIGHT * 1.5},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const double row[] = {rows[i].bytes * RATE / 1e3};

        vd_bench_table_row(table, rows[i].name, row);
    }
    vd_bench_table_note(table,
                        g_strdup("counted: what our code copies, and the clip's bytes, which "
                                 "NVDEC reads; launches and the driver's own are not"));
}

static void add_goals(VdBenchReport *report, const VdBenchFindings *findings)
{
    vd_bench_report_goal(report, "fused motion, of the memory's floor",
                         findings->motion_floor_share * 100, "%", VD_BENCH_AT_LEAST, 60);
    vd_bench_report_goal(report, "analysis alone, of what NVDEC alone decodes",
                         findings->analysis_per_second / findings->decode_per_second * 100, "%",
                         VD_BENCH_AT_LEAST, 100);
    vd_bench_report_goal(report, "CPU a picture of a camera, all of it on the GPU",
                         findings->cpu_ms, "ms", VD_BENCH_AT_MOST, 0.5);
    vd_bench_report_goal(report, "GPU memory of a camera, beyond the context",
                         findings->camera_megabytes, "MB", VD_BENCH_AT_MOST, 60);
}

static bool measure(const VdBenchGpu *gpu, VdBenchReport *report, GError **error)
{
    VdBenchPlan plan = make_plan();
    VdBenchFindings findings = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};

    if (!measure_operators(&plan, gpu, report, &findings, error))
        return false;
    measure_cameras(&plan, gpu, report, &findings);
    tell(report);
    add_bus(report, &findings);
    add_goals(report, &findings);
    return true;
}

static int run(const VdBenchGpu *gpu, VdBenchReport *report, GError **error)
{
    vd_bench_gpu_facts(gpu, (guint)device, report);
    vd_bench_codecs_facts(report);
    tell(report);
    if (!info && !measure(gpu, report, error))
        return EX_SOFTWARE;
    tell(report);
    if (as_json) {
        g_autofree char *text = vd_bench_report_json(report);
        g_print("%s\n", text);
    }
    return 0;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VdBenchReport) report = vd_bench_report_new();
    VdBenchGpu gpu = {0};
    int status = EX_UNAVAILABLE;

    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    if (!parse(&argc, &argv))
        return EX_USAGE;
    if (version) {
        g_print("vedette-gpubench %s\n", PACKAGE_VERSION);
        return 0;
    }
    vd_gst_environment_prepare();
    if (gst_init_check(NULL, NULL, &error) && vd_bench_gpu_open(&gpu, (guint)device, &error))
        status = run(&gpu, report, &error);
    if (error != NULL)
        g_printerr("vedette-gpubench: %s\n", error->message);
    vd_bench_gpu_close(&gpu);
    return status;
}
