#include "base/clock.h"
#include "fault-site.h"
#include "media/gpu.h"
#include "tests/emu/codec-rig.h"

#include <string.h>

/*
 * Every function of the driver that a camera with a viewer of JPEGs and one of a video calls fails
 * at its first, second and hundredth call, alone, or at its first and hundredth for good: camera
 * and viewers go on, what is counted is what failed, and no memory stays behind. Calls count from
 * before the GPU is opened, and once more from when pictures come.
 */
#define SURVEYED      120 /* pictures: what is not called so often by then is not tried */
#define SETTLED       6   /* pictures after which it is under way */
#define REGULAR       30  /* calls in SURVEYED pictures: it comes again soon, whenever that is */
#define AHEAD         3   /* pictures before a fault that come at their own pace */
#define NOTICED       10  /* pictures within which a fault has an effect, if it ever has */
#define LOST_NOTICED  8   /* pictures within which a loss is noticed, also where nobody says so */
#define AFTER         5   /* pictures with the CPU that are looked at */
#define LONGEST_GAP_S 2   /* on however slow a machine */
#define USUAL_GAP_MS  200 /* the median */
#define CODE          999
#define HOLD_OFF_US   (10 * G_USEC_PER_SEC)

typedef struct Fault {
    const char *function;
    guint nth;
    bool sticky;
    bool under_way; /* calls count from when pictures come */
} Fault;

typedef struct Figures {
    GArray *gaps_ms, *view_gaps_ms[N_FAULT_VIEWS]; /* double */
    guint with_cpu, with_gpu, without, refused;
} Figures;

static Figures figures;
static GPtrArray *units;

static guint64 calls_of(const char *function)
{
    g_auto(GStrv) words = g_strsplit(emu_calls(), " ", -1);

    for (guint i = 0; words[i] != NULL; i++) {
        char *equals = strchr(words[i], '=');
        if (equals == NULL)
            continue;
        *equals = '\0';
        if (g_str_equal(words[i], function))
            return g_ascii_strtoull(equals + 1, NULL, 10);
    }
    return 0;
}

static void inject(const Fault *fault)
{
    g_autofree char *spec = g_strdup_printf("%s:%u:%d%s", fault->function, fault->nth, CODE,
                                            fault->sticky ? ":sticky" : "");

    g_assert_cmpint(emu_fail(spec), ==, 0);
}

/* As fast as it goes until the fault is near. */
static void go_near(FaultSite *site, const Fault *fault, guint64 fails_at)
{
    guint64 before = calls_of(fault->function), per_picture = 1;

    for (guint i = 0; fault->nth > 2 && (i < 2 || before + AHEAD * per_picture < fails_at); i++) {
        fault_site_hurry(site);
        guint64 now = calls_of(fault->function);
        per_picture = MAX(now - before, 1);
        before = now;
    }
}

static bool is_on_gpu(const FaultSite *site)
{
    return vd_analysis_gpu(site->rig.analysis) >= 0;
}

/* Until it runs with the CPU or, where a fault does that no harm, for so long as it might. */
static void live_through(FaultSite *site, const Fault *fault, guint64 fails_at)
{
    guint most = site->rig.source.count + SURVEYED + NOTICED, after = 0, unharmed = 0;

    while (after < AFTER && unharmed < NOTICED) {
        g_assert_cmpuint(site->rig.source.count, <, most);
        fault_site_step(site);
        if (!is_on_gpu(site))
            after++;
        else if (calls_of(fault->function) >= fails_at)
            unharmed++;
    }
    if (fault->sticky)
        g_assert_cmpuint(unharmed, <, LOST_NOTICED);
}

/* When it is no longer left alone. */
static void check_return(FaultSite *site)
{
    VdCameraConfig *camera = vd_camera_config_new("front", "rtsp://127.0.0.1/", NULL);
    guint most = site->rig.source.count + 300;

    vd_clock_hold(vd_clock_now_us() + HOLD_OFF_US, vd_clock_wall_us());
    g_free(camera->gpu);
    camera->gpu = g_strdup("0");
    vd_analysis_configure(site->rig.analysis, camera);
    vd_camera_config_unref(camera);
    while (!is_on_gpu(site)) {
        g_assert_cmpuint(site->rig.source.count, <, most);
        fault_site_step(site);
    }
    fault_site_await_newest(site);
    vd_clock_release();
}

/* It goes on with the CPU as if the stream were damaged, which is nobody's fault. */
static bool was_refused(const FaultSite *site)
{
    const char *why = vd_analysis_why_no_gpu(site->rig.analysis);

    return why != NULL && strstr(why, "makes nothing of the first key picture") != NULL;
}

/* What hits a view alone costs the camera no GPU, and is none of its faults. */
static guint faults_wanted(const FaultSite *site)
{
    return is_on_gpu(site) || was_refused(site) ? 0 : 1;
}

static void check_gpu(FaultSite *site, const Fault *fault)
{
    VdGpuFacts facts;

    g_assert_cmpuint(vd_gpu_faults(), ==, faults_wanted(site));
    if (vd_gpu_count() == 0) { /* the driver failed when it was asked for it */
        figures.without++;
        g_assert_false(is_on_gpu(site));
        g_assert_cmpint(emu_fail(NULL), ==, 0);
        check_return(site);
        return;
    }
    vd_gpu_tell(0, &facts);
    figures.with_gpu += is_on_gpu(site);
    figures.with_cpu += !is_on_gpu(site);
    g_assert_true(fault->sticky || !facts.lost);
    g_assert_true(facts.lost || !fault->sticky || !fault->under_way);
    g_assert_false(fault->sticky && facts.usable); /* lost, or it could not even be opened */
    g_assert_true(!fault->sticky || !is_on_gpu(site));
    figures.refused += was_refused(site);
    g_assert_cmpint(emu_fail(NULL), ==, 0);
    if (!is_on_gpu(site) && !fault->sticky)
        check_return(site);
}

static bool see_more(const FaultSite *site, const guint64 *enough)
{
    for (guint i = 0; i < N_FAULT_VIEWS; i++)
        if (site->views[i].view != NULL && site->views[i].posts < enough[i])
            return true;
    return false;
}

static void see_more_of_views(FaultSite *site)
{
    guint most = site->rig.source.count + 300;
    guint64 enough[N_FAULT_VIEWS];

    for (guint i = 0; i < N_FAULT_VIEWS; i++)
        enough[i] = site->views[i].posts + 2;
    while (see_more(site, enough)) {
        g_assert_cmpuint(site->rig.source.count, <, most);
        fault_site_step(site);
    }
}

static void keep(GArray *gaps_ms, gint64 gap_us)
{
    double gap_ms = (double)gap_us / 1000;

    g_array_append_val(gaps_ms, gap_ms);
}

static void keep_figures(const FaultSite *site, gint64 gap_us)
{
    g_test_message("  %s; without a picture for %.0f ms, JPEGs for %.0f ms, a video for %.0f ms",
                   vd_gpu_count() == 0 ? "there is no GPU"
                   : is_on_gpu(site)   ? "goes on with the GPU"
                                       : "goes on with the CPU",
                   (double)gap_us / 1e3, (double)site->views[FAULT_JPEG].longest_without_us / 1e3,
                   (double)site->views[FAULT_VIDEO].longest_without_us / 1e3);
    if (!is_on_gpu(site))
        keep(figures.gaps_ms, gap_us);
    for (guint i = 0; i < N_FAULT_VIEWS; i++)
        keep(figures.view_gaps_ms[i], site->views[i].longest_without_us);
}

/*
 * GStreamer's decoder keeps the picture that it was about to fill or to give back when these fail,
 * and with it the pool that it is from.
 */
static bool leaves_memory(const char *function)
{
    return g_str_has_prefix(function, "cuvidMapVideoFrame") ||
           g_str_has_prefix(function, "cuvidUnmapVideoFrame");
}

/* libavcodec leaves to the session's end what it could not unmap, which is a mistake of its own. */
static bool is_counted_as_mistake(const char *function)
{
    return g_str_equal(function, "nvEncUnmapInputResource");
}

static void check_memory(const Fault *fault, guint64 live_bytes)
{
    struct VedetteEmuCounters counters = counters_now();

    if (!fault->sticky && !leaves_memory(fault->function))
        g_assert_cmpuint(counters.live_bytes, ==, live_bytes);
    if (!is_counted_as_mistake(fault->function))
        g_assert_cmpuint(counters.faults, ==, 0);
    emu_reset();
}

static void survive(const Fault *fault)
{
    guint64 fails_at = fault->nth, live_bytes = counters_now().live_bytes;
    FaultSite site;

    g_test_message("%s:%u%s, %s", fault->function, fault->nth, fault->sticky ? ", sticky" : "",
                   fault->under_way ? "under way" : "from the start");
    emu_reset();
    if (!fault->under_way)
        inject(fault);
    fault_site_open(&site, units);
    if (fault->under_way) {
        while (site.rig.source.count < SETTLED)
            fault_site_hurry(&site);
        fails_at += calls_of(fault->function);
        inject(fault);
    }
    go_near(&site, fault, fails_at);
    fault_site_watch_views(&site);
    live_through(&site, fault, fails_at);
    see_more_of_views(&site);
    fault_site_await_newest(&site);
    gint64 gap_us = fault_site_check_pictures(&site);
    keep_figures(&site, gap_us);
    g_assert_cmpint(gap_us, <, LONGEST_GAP_S * G_USEC_PER_SEC);
    g_assert_cmpuint(site.rig.failed, ==, 0);
    check_gpu(&site, fault);
    fault_site_check_pictures(&site);
    fault_site_close(&site);
    vd_gpu_close();
    g_assert_cmpint(emu_fail(NULL), ==, 0);
    check_memory(fault, live_bytes);
}

/* What is called, and how often within SURVEYED pictures; under_way: once pictures come. */
static char **survey(bool under_way)
{
    FaultSite site;

    emu_reset();
    fault_site_open(&site, units);
    for (guint i = 0; i < SURVEYED; i++) {
        if (i == SETTLED && under_way)
            emu_reset();
        fault_site_hurry(&site);
    }
    g_assert_true(is_on_gpu(&site));
    g_assert_cmpuint(site.rig.failed, ==, 0);
    char **calls = g_strsplit(emu_calls(), " ", -1);
    fault_site_close(&site);
    vd_gpu_close();
    return calls;
}

static void sweep(bool under_way, bool sticky)
{
    static const guint nths[] = {1, 100, 2};
    const guint n_nths = sticky ? 2 : G_N_ELEMENTS(nths);
    guint64 least = under_way ? REGULAR : 1;
    g_auto(GStrv) calls = survey(under_way);

    for (guint i = 0; calls[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(calls[i], "=", 2);
        g_test_message("%s calls of %s in %d pictures", pair[1], pair[0], SURVEYED);
        for (guint k = 0; k < n_nths; k++) {
            Fault fault = {pair[0], nths[k], sticky, under_way};
            if (g_ascii_strtoull(pair[1], NULL, 10) >= MAX(nths[k], least))
                survive(&fault);
        }
    }
}

static void a_call_that_fails_at_the_start_costs_no_camera(gconstpointer data)
{
    sweep(false, false);
}

static void a_call_that_fails_later_costs_no_camera(gconstpointer data)
{
    sweep(true, false);
}

static void a_gpu_that_is_lost_at_the_start_costs_no_camera(gconstpointer data)
{
    sweep(false, true);
}

static void a_gpu_that_is_lost_later_costs_no_camera(gconstpointer data)
{
    sweep(true, true);
}

static int compare(gconstpointer a, gconstpointer b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double tell(const char *what, GArray *gaps_ms)
{
    if (gaps_ms->len == 0)
        return 0;
    g_array_sort(gaps_ms, compare);
    g_test_message("longest time without %s: median %.0f ms, 90 %% %.0f ms, most %.0f ms, of %u",
                   what, g_array_index(gaps_ms, double, gaps_ms->len / 2),
                   g_array_index(gaps_ms, double, gaps_ms->len * 9 / 10),
                   g_array_index(gaps_ms, double, gaps_ms->len - 1), gaps_ms->len);
    return g_array_index(gaps_ms, double, gaps_ms->len / 2);
}

static void tell_figures(gconstpointer data)
{
    g_test_message("%u went on with the CPU, %u of them after a refused key picture, %u with the "
                   "GPU, %u had none",
                   figures.with_cpu, figures.refused, figures.with_gpu, figures.without);
    g_assert_cmpuint(figures.refused, >, 0);
    g_assert_cmpfloat(tell("a picture, where the CPU goes on", figures.gaps_ms), <, USUAL_GAP_MS);
    g_assert_cmpfloat(tell("a JPEG", figures.view_gaps_ms[FAULT_JPEG]), <, USUAL_GAP_MS);
    g_assert_cmpfloat(tell("a video's picture", figures.view_gaps_ms[FAULT_VIDEO]), <,
                      USUAL_GAP_MS);
}

static void add_tests(void)
{
    units = fault_site_units();
#define ADD(test) add_codec_test("/gpu-faults/" #test, test, NULL)
    ADD(a_call_that_fails_at_the_start_costs_no_camera);
    ADD(a_call_that_fails_later_costs_no_camera);
    ADD(a_gpu_that_is_lost_at_the_start_costs_no_camera);
    ADD(a_gpu_that_is_lost_later_costs_no_camera);
    ADD(tell_figures);
}

int main(int argc, char **argv)
{
    figures.gaps_ms = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < N_FAULT_VIEWS; i++)
        figures.view_gaps_ms[i] = g_array_new(FALSE, FALSE, sizeof(double));
    int failed = codec_rig_run(argc, argv, "libkernels", add_tests);
    g_array_unref(figures.gaps_ms);
    for (guint i = 0; i < N_FAULT_VIEWS; i++)
        g_array_unref(figures.view_gaps_ms[i]);
    g_ptr_array_unref(units);
    return failed;
}
