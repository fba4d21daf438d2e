#include "api/metrics.h"
#include "tests/documents.h"

#include <gst/gst.h>
#include <string.h>

/* Of one camera with two streams, one with one, and a GPU. */
typedef struct Page {
    GPtrArray *statuses;
    VdStages *stages;
    char *text;
} Page;

static VdStatus *status_of(const char *id, bool two_streams, VdStages *stages)
{
    static const VdBox boxes[2] = {{.width = 1}, {.width = 2}};
    VdStatusParts parts = {
        .config = vd_camera_config_new(id, "test:quiet", NULL),
        .stages = vd_stages_ref(stages),
        .two_streams = two_streams,
        .shown = {.state = VD_STATE_LIVE,
                  .reconnects = 3,
                  .gpu = 0,
                  .ring = {.units = 1000, .bytes = 5000000000, .dropped = 7, .kept_seconds = 2.5},
                  .analysis =
                      {.decoded = 990, .analysed = 330, .dropped = 2, .errors = 1, .waiting = 4}},
        .main = {.state = VD_STATE_WAITING, .gpu = -1, .ring = {.units = 12}},
        .audience = {.viewers = 2, .slow = 1, .pictures = 20, .skipped = 5, .bytes = 12345},
        .report = vd_report_new(boxes, 2),
        .renditions = g_array_new(FALSE, FALSE, sizeof(VdRenditionStatus)),
        .guests = g_array_new(FALSE, FALSE, sizeof(VdGuest)),
    };

    parts.report->share = 0.0625;
    parts.report->primed = true;
    return vd_status_new(&parts);
}

static void page_init(Page *page)
{
    static const VdProcessFacts process = {.cpu_seconds = 1.25,
                                           .resident_bytes = 4096,
                                           .virtual_bytes = 8192,
                                           .threads = 9,
                                           .descriptors = 33,
                                           .max_descriptors = 1024,
                                           .abandoned_pipelines = 1};
    static const VdGpuFacts gpu = {
        .name = "none", .usable = true, .faults = 2, .seats = 3, .load = 62.5};
    static const VdTotals totals = {.started_wall_us = G_GINT64_CONSTANT(1790000000250000),
                                    .cameras = 2,
                                    .viewers = 2,
                                    .max_viewers = 1000,
                                    .journal = {7, 3, 4096, 2},
                                    .sinks = {{.name = "webhook:alarm",
                                               .failing = true,
                                               .waiting = 5,
                                               .told = 6,
                                               .failures = 8,
                                               .dropped = 9}},
                                    .n_sinks = 1};

    page->stages = vd_stages_new();
    vd_stages_observe(page->stages, VD_STAGE_DECODE, 150);
    vd_stages_observe(page->stages, VD_STAGE_DECODE, 20000000);
    page->statuses = g_ptr_array_new_with_free_func((GDestroyNotify)vd_status_unref);
    g_ptr_array_add(page->statuses, status_of("back", false, NULL));
    g_ptr_array_add(page->statuses, status_of("front", true, page->stages));
    VdMetricsFacts facts = {&totals, &process, page->statuses, &gpu, 1};
    GBytes *bytes = vd_metrics_text(&facts);
    gsize size = g_bytes_get_size(bytes);
    page->text = g_strndup(g_bytes_get_data(bytes, NULL), size);
    g_assert_cmpuint(strlen(page->text), ==, size);
    g_bytes_unref(bytes);
}

static void page_clear(Page *page)
{
    g_ptr_array_unref(page->statuses);
    vd_stages_unref(page->stages);
    g_free(page->text);
}

/* Whether it is a whole line, once. */
static bool has_line(const Page *page, const char *line)
{
    g_autofree char *whole = g_strdup_printf("\n%s\n", line);
    const char *found = strstr(page->text, whole);

    return found != NULL && strstr(found + 1, whole) == NULL;
}

static void every_number_stands_where_it_belongs(void)
{
    static const char *const lines[] = {
        ("vedette_build_info{version=\"" PACKAGE_VERSION "\"} 1"),
        "vedette_cameras 2",
        "vedette_viewers 2",
        "vedette_viewers_limit 1000",
        "vedette_abandoned_pipelines_total 1",
        "process_cpu_seconds_total 1.25",
        "process_resident_memory_bytes 4096",
        "process_virtual_memory_bytes 8192",
        "process_start_time_seconds 1790000000.25",
        "process_open_fds 33",
        "process_max_fds 1024",
        "process_threads 9",
        "vedette_events_stored_total 7",
        "vedette_events_lost_total 3",
        "vedette_events_queued 2",
        "vedette_journal_bytes 4096",
        "vedette_sink_failing{sink=\"webhook:alarm\"} 1",
        "vedette_sink_waiting_events{sink=\"webhook:alarm\"} 5",
        "vedette_sink_behind_seconds{sink=\"webhook:alarm\"} 0",
        "vedette_sink_told_total{sink=\"webhook:alarm\"} 6",
        "vedette_sink_failures_total{sink=\"webhook:alarm\"} 8",
        "vedette_sink_dropped_total{sink=\"webhook:alarm\"} 9",
        "vedette_camera_enabled{camera=\"back\"} 1",
        "vedette_camera_analysed_frames_total{camera=\"front\"} 330",
        "vedette_camera_motion_ratio{camera=\"front\"} 0.0625",
        "vedette_camera_motion_boxes{camera=\"front\"} 2",
        "vedette_camera_motion_primed{camera=\"front\"} 1",
        "vedette_camera_viewers{camera=\"front\"} 2",
        "vedette_camera_slow_viewers{camera=\"front\"} 1",
        "vedette_camera_renditions{camera=\"front\"} 0",
        "vedette_camera_sent_pictures_total{camera=\"front\"} 20",
        "vedette_camera_skipped_pictures_total{camera=\"front\"} 5",
        "vedette_camera_sent_bytes_total{camera=\"front\"} 12345",
        "vedette_camera_state{camera=\"back\",stream=\"shown\",state=\"live\"} 1",
        "vedette_camera_state{camera=\"front\",stream=\"main\",state=\"live\"} 0",
        "vedette_camera_state{camera=\"front\",stream=\"main\",state=\"waiting\"} 1",
        "vedette_camera_units_total{camera=\"front\",stream=\"shown\"} 1000",
        "vedette_camera_units_total{camera=\"front\",stream=\"main\"} 12",
        "vedette_camera_received_bytes_total{camera=\"front\",stream=\"shown\"} 5000000000",
        "vedette_camera_frames_total{camera=\"front\",stream=\"shown\"} 990",
        /* clang-format off */
        "vedette_camera_drops_total{camera=\"front\",stream=\"shown\",reason=\"no_key_frame_or_room\"} 7",
        "vedette_camera_drops_total{camera=\"front\",stream=\"shown\",reason=\"decoder_too_slow\"} 2",
        /* clang-format on */
        "vedette_camera_decode_errors_total{camera=\"front\",stream=\"shown\"} 1",
        "vedette_camera_reconnects_total{camera=\"front\",stream=\"shown\"} 3",
        "vedette_camera_ring_seconds{camera=\"front\",stream=\"shown\"} 2.5",
        "vedette_camera_decode_queue_units{camera=\"front\",stream=\"shown\"} 4",
        "vedette_camera_on_gpu{camera=\"front\",stream=\"shown\"} 1",
        "vedette_camera_on_gpu{camera=\"front\",stream=\"main\"} 0",
        "vedette_gpu_usable{gpu=\"0\"} 1",
        "vedette_gpu_lost{gpu=\"0\"} 0",
        "vedette_gpu_faults_total{gpu=\"0\"} 2",
        "vedette_gpu_streams{gpu=\"0\"} 3",
        "vedette_gpu_pixels_per_second{gpu=\"0\"} 62500000",
        "vedette_stage_seconds_bucket{camera=\"front\",stage=\"decode\",le=\"0.0001\"} 0",
        "vedette_stage_seconds_bucket{camera=\"front\",stage=\"decode\",le=\"0.0002\"} 1",
        "vedette_stage_seconds_bucket{camera=\"front\",stage=\"decode\",le=\"10\"} 1",
        "vedette_stage_seconds_bucket{camera=\"front\",stage=\"decode\",le=\"+Inf\"} 2",
        "vedette_stage_seconds_sum{camera=\"front\",stage=\"decode\"} 20.00015",
        "vedette_stage_seconds_count{camera=\"front\",stage=\"decode\"} 2",
        "vedette_stage_seconds_count{camera=\"back\",stage=\"total\"} 0",
    };
    Page page;

    page_init(&page);
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_test_message("%s", lines[i]);
        g_assert_true(has_line(&page, lines[i]));
    }
    g_assert_null(strstr(page.text, "camera=\"back\",stream=\"main\""));
    page_clear(&page);
}

static void bounds_are_those_of_the_histogram(void)
{
    Page page;

    page_init(&page);
    for (guint i = 0; i < VD_BUCKETS; i++) {
        g_autofree char *line = g_strdup_printf(
            "vedette_stage_seconds_bucket{camera=\"back\",stage=\"send\",le=\"%g\"} 0",
            (double)vd_bucket_us(i) / 1e6);
        g_assert_true(has_line(&page, line));
    }
    page_clear(&page);
}

/* What a label may be is fixed, but for cameras and GPUs. */
static void labels_are_few(void)
{
    static const char *const known[] = {"version", "camera", "stream", "state", "reason",
                                        "stage",   "gpu",    "le",     "sink",  NULL};
    g_autoptr(GRegex) regex = g_regex_new("([a-z]+)=\"", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    guint count = 0;
    Page page;

    page_init(&page);
    for (g_regex_match(regex, page.text, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL)) {
        g_autofree char *label = g_match_info_fetch(match, 1);

        g_assert_true(g_strv_contains(known, label));
        count++;
    }
    g_assert_cmpuint(count, >, 500);
    page_clear(&page);
}

static void a_counter_is_called_total_and_nothing_else_is(void)
{
    const VdMetric *metric;
    Page page;
    guint count = 0;

    page_init(&page);
    for (; (metric = vd_metric(count)) != NULL; count++) {
        g_autofree char *help = g_strdup_printf("# HELP %s %s\n", metric->name, metric->help);
        g_autofree char *type = g_strdup_printf("# TYPE %s %s\n", metric->name, metric->type);

        g_assert_nonnull(strstr(page.text, help));
        g_assert_nonnull(strstr(page.text, type));
        g_assert_true(g_str_has_suffix(metric->name, "_total") ==
                      g_str_equal(metric->type, "counter"));
    }
    g_assert_cmpuint(count, >, 35);
    page_clear(&page);
}

/* Every metric that a dashboard or a rule asks for is one of ours. */
static void check_names(const char *file)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".", file, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GRegex) regex = g_regex_new("\\b(vedette|process)_[a-z_]+", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autoptr(GString) names = g_string_new(" ");
    guint count = 0;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    for (guint i = 0; vd_metric(i) != NULL; i++)
        g_string_append_printf(names, "%s ", vd_metric(i)->name);
    g_string_append(names, "vedette_stage_seconds_bucket vedette_stage_seconds_sum ");
    g_string_append(names, "vedette_stage_seconds_count ");
    for (g_regex_match(regex, text, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL), count++) {
        g_autofree char *name = g_match_info_fetch(match, 0);
        g_autofree char *word = g_strdup_printf(" %s ", name);

        g_test_message("%s", name);
        g_assert_nonnull(strstr(names->str, word));
    }
    g_assert_cmpuint(count, >, 5);
}

static void dashboard_and_rules_ask_for_what_there_is(void)
{
    check_names("etc/grafana/vedette.json");
    check_names("etc/prometheus/vedette.rules.yml");
}

static void the_manual_tells_every_metric(void)
{
    g_autofree char *text = document_text("http-api.md");

    for (guint i = 0; vd_metric(i) != NULL; i++) {
        g_autofree char *word = g_strdup_printf("`%s`", vd_metric(i)->name);

        g_test_message("%s", word);
        g_assert_nonnull(strstr(text, word));
    }
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/metrics/" #name, name)
    ADD(every_number_stands_where_it_belongs);
    ADD(bounds_are_those_of_the_histogram);
    ADD(labels_are_few);
    ADD(a_counter_is_called_total_and_nothing_else_is);
    ADD(dashboard_and_rules_ask_for_what_there_is);
    ADD(the_manual_tells_every_metric);
    return g_test_run();
}
