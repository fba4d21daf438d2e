#include "api/metrics.h"

#include "config/lines.h"

#include <string.h>

/* What a number is of; what a scope does not have is NULL. */
typedef struct Subject {
    const VdMetricsFacts *all;
    const VdStatusParts *camera;
    const VdReceiverFacts *stream;
    const VdGpuFacts *gpu;
    const VdSinkFacts *sink;
    guint line; /* of the camera's */
} Subject;

typedef enum Scope { DAEMON, CAMERA, LINE, STREAM, GPU, SINK } Scope;

/* label: (nullable) of a fixed enumeration; value() names its values. get: NULL of a histogram. */
typedef struct Family {
    VdMetric metric;
    Scope scope;
    double (*get)(const Subject *subject, guint which);
    const char *label;
    const char *(*value)(guint which);
    guint n_values;
} Family;

/* --- numbers ---------------------------------------------------------------------------------- */

#define GET(name, expression)                               \
    static double name(const Subject *subject, guint which) \
    {                                                       \
        return (double)(expression);                        \
    }
#define ALL    subject->all
#define CAM    subject->camera
#define STR    subject->stream
#define REPORT subject->camera->report

/* clang-format off */
GET(one,             1)
GET(cameras,         ALL->totals->cameras)
GET(viewers,         ALL->totals->viewers)
GET(viewers_limit,   ALL->totals->max_viewers)
GET(cpu,             ALL->process->cpu_seconds)
GET(resident,        ALL->process->resident_bytes)
GET(virtual,         ALL->process->virtual_bytes)
GET(descriptors,     ALL->process->descriptors)
GET(max_descriptors, ALL->process->max_descriptors)
GET(threads,         ALL->process->threads)
GET(abandoned,       ALL->process->abandoned_pipelines)
GET(started,         (double)ALL->totals->started_wall_us / G_USEC_PER_SEC)
GET(stored,          ALL->totals->journal.stored)
GET(events_lost,     ALL->totals->journal.dropped)
GET(queued,          ALL->totals->journal.queued)
GET(journal_bytes,   ALL->totals->journal.bytes)
GET(enabled,         CAM->config->enabled)
GET(analysed,        CAM->shown.analysis.analysed)
GET(motion,          REPORT != NULL ? REPORT->share : 0)
GET(boxes,           REPORT != NULL ? REPORT->n_boxes : 0)
GET(primed,          REPORT != NULL && REPORT->primed)
GET(crossings,       which == 0 ? CAM->crossed.in[subject->line] : CAM->crossed.out[subject->line])
GET(watching,        CAM->audience.viewers)
GET(slow,            CAM->audience.slow)
GET(renditions,      CAM->renditions->len)
GET(pictures,        CAM->audience.pictures)
GET(skipped,         CAM->audience.skipped)
GET(sent,            CAM->audience.bytes)
GET(state,           STR->state == which)
GET(units,           STR->ring.units)
GET(received,        STR->ring.bytes)
GET(frames,          STR->analysis.decoded)
GET(drops,           which == 0 ? STR->ring.dropped : STR->analysis.dropped)
GET(errors,          STR->analysis.errors)
GET(reconnects,      STR->reconnects)
GET(ring_bytes,      STR->ring.kept_bytes)
GET(ring_seconds,    STR->ring.kept_seconds)
GET(waiting,         STR->analysis.waiting)
GET(on_gpu,          STR->gpu >= 0)
GET(usable,          subject->gpu->usable)
GET(lost,            subject->gpu->lost)
GET(faults,          subject->gpu->faults)
GET(seats,           subject->gpu->seats)
GET(load,            subject->gpu->load * 1e6)
GET(failing,         subject->sink->failing)
GET(at_hand,         subject->sink->waiting)
GET(behind,          vd_sink_behind(subject->sink))
GET(told,            subject->sink->told)
GET(failures,        subject->sink->failures)
GET(dropped,         subject->sink->dropped)
/* clang-format on */

static const char *version_name(guint which)
{
    return PACKAGE_VERSION;
}

static const char *state_name(guint which)
{
    return vd_state_name((VdState)which);
}

static const char *stage_name(guint which)
{
    return vd_stage_name((VdStage)which);
}

static const char *reason_name(guint which)
{
    return which == 0 ? "no_key_frame_or_room" : "decoder_too_slow";
}

static const char *way_name(guint which)
{
    return which == 0 ? "in" : "out";
}

/* clang-format off */
static const Family families[] = {
    {{"vedette_build_info", "gauge", "Always 1, of this version."}, DAEMON, one, "version", version_name, 1},
    {{"vedette_cameras", "gauge", "Cameras that are configured."}, DAEMON, cameras},
    {{"vedette_viewers", "gauge", "Viewers of all cameras."}, DAEMON, viewers},
    {{"vedette_viewers_limit", "gauge", "The most viewers there may be (max-viewers)."}, DAEMON, viewers_limit},
    {{"vedette_abandoned_pipelines_total", "counter", "Pipelines that took longer than 5 s to end."}, DAEMON, abandoned},
    {{"process_cpu_seconds_total", "counter", "CPU time, user and system, of all threads."}, DAEMON, cpu},
    {{"process_resident_memory_bytes", "gauge", "Memory that is resident."}, DAEMON, resident},
    {{"process_virtual_memory_bytes", "gauge", "Memory that has addresses."}, DAEMON, virtual},
    {{"process_start_time_seconds", "gauge", "When the process began, in seconds since 1970."}, DAEMON, started},
    {{"process_open_fds", "gauge", "Descriptors that are open."}, DAEMON, descriptors},
    {{"process_max_fds", "gauge", "The most descriptors that may be open."}, DAEMON, max_descriptors},
    {{"process_threads", "gauge", "Threads there are."}, DAEMON, threads},

    {{"vedette_events_stored_total", "counter", "Events that are kept in the journal."}, DAEMON, stored},
    {{"vedette_events_lost_total", "counter", "Events that were told and could not be kept."}, DAEMON, events_lost},
    {{"vedette_events_queued", "gauge", "Events on their way to the journal."}, DAEMON, queued},
    {{"vedette_journal_bytes", "gauge", "Bytes that the journal takes."}, DAEMON, journal_bytes},

    {{"vedette_camera_enabled", "gauge", "1 when the camera is enabled."}, CAMERA, enabled},
    {{"vedette_camera_analysed_frames_total", "counter", "Pictures searched for motion."}, CAMERA, analysed},
    {{"vedette_camera_motion_ratio", "gauge", "Part of the newest picture that moves, 0 to 1."}, CAMERA, motion},
    {{"vedette_camera_motion_boxes", "gauge", "Boxes around what moves in the newest picture."}, CAMERA, boxes},
    {{"vedette_camera_motion_primed", "gauge", "1 when the background is old enough to be believed."}, CAMERA, primed},
    {{"vedette_camera_line_crossings_total", "counter", "Who crossed a line, since lines= is as it is."}, LINE, crossings, "direction", way_name, 2},
    {{"vedette_camera_viewers", "gauge", "Viewers of the camera."}, CAMERA, watching},
    {{"vedette_camera_slow_viewers", "gauge", "Viewers that left out a picture within the last second."}, CAMERA, slow},
    {{"vedette_camera_renditions", "gauge", "Renditions that are encoded."}, CAMERA, renditions},
    {{"vedette_camera_sent_pictures_total", "counter", "Pictures that viewers were sent, whole."}, CAMERA, pictures},
    {{"vedette_camera_skipped_pictures_total", "counter", "Pictures that viewers were too slow for."}, CAMERA, skipped},
    {{"vedette_camera_sent_bytes_total", "counter", "Bytes that viewers were sent."}, CAMERA, sent},

    {{"vedette_camera_state", "gauge", "1 of the state that the stream is in, 0 of the others."}, STREAM, state, "state", state_name, VD_N_STATES},
    {{"vedette_camera_units_total", "counter", "Access units that were received."}, STREAM, units},
    {{"vedette_camera_received_bytes_total", "counter", "Bytes of the access units that were received."}, STREAM, received},
    {{"vedette_camera_frames_total", "counter", "Pictures that were decoded."}, STREAM, frames},
    {{"vedette_camera_drops_total", "counter", "Access units that were thrown away."}, STREAM, drops, "reason", reason_name, 2},
    {{"vedette_camera_decode_errors_total", "counter", "Access units that gave no whole picture."}, STREAM, errors},
    {{"vedette_camera_reconnects_total", "counter", "Connections that were made, but for the first."}, STREAM, reconnects},
    {{"vedette_camera_ring_bytes", "gauge", "Bytes of the encoded stream that are kept."}, STREAM, ring_bytes},
    {{"vedette_camera_ring_seconds", "gauge", "Seconds of the encoded stream that are kept."}, STREAM, ring_seconds},
    {{"vedette_camera_decode_queue_units", "gauge", "Access units that wait for the decoder."}, STREAM, waiting},
    {{"vedette_camera_on_gpu", "gauge", "1 when the stream is decoded and analysed on a GPU."}, STREAM, on_gpu},

    {{"vedette_gpu_usable", "gauge", "1 unless the GPU is left alone after a fault."}, GPU, usable},
    {{"vedette_gpu_lost", "gauge", "1 when the GPU does not answer until vedetted is restarted."}, GPU, lost},
    {{"vedette_gpu_faults_total", "counter", "What failed on the GPU."}, GPU, faults},
    {{"vedette_gpu_streams", "gauge", "Streams that are decoded there."}, GPU, seats},
    {{"vedette_gpu_pixels_per_second", "gauge", "Pixels to decode there, as measured."}, GPU, load},

    {{"vedette_sink_failing", "gauge", "1 when what was tried last failed, or there is no connection."}, SINK, failing},
    {{"vedette_sink_waiting_events", "gauge", "Events that are at hand and not told yet."}, SINK, at_hand},
    {{"vedette_sink_behind_seconds", "gauge", "Seconds since what waits longest to be told happened."}, SINK, behind},
    {{"vedette_sink_told_total", "counter", "Events that it was told."}, SINK, told},
    {{"vedette_sink_failures_total", "counter", "Tries that failed."}, SINK, failures},
    {{"vedette_sink_dropped_total", "counter", "Events that it is not told any more."}, SINK, dropped},

    {{"vedette_stage_seconds", "histogram", "Time that pictures take on each part of their way."}, CAMERA, NULL, "stage", stage_name, VD_N_STAGES},
};
/* clang-format on */

const VdMetric *vd_metric(guint number)
{
    return number < G_N_ELEMENTS(families) ? &families[number].metric : NULL;
}

/* --- text ------------------------------------------------------------------------------------- */

/* printf() is most of the time that a page of thousands of lines takes. */
static void add_count(GString *page, guint64 count)
{
    char digits[20];
    guint at = sizeof digits;

    do {
        digits[--at] = (char)('0' + count % 10);
        count /= 10;
    } while (count > 0);
    g_string_append_len(page, digits + at, sizeof digits - at);
}

static void add_number(GString *page, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (number >= 0 && number < 0x1p53 && number == (double)(guint64)number)
        add_count(page, (guint64)number);
    else
        g_string_append(page, g_ascii_formatd(text, sizeof text, "%.15g", number));
}

static void add_label(GString *labels, const char *name, const char *value)
{
    g_string_append(labels, labels->len > 0 ? "," : "");
    g_string_append(labels, name);
    g_string_append(labels, "=\"");
    g_string_append(labels, value);
    g_string_append_c(labels, '"');
}

/* name + suffix {labels more} and a space, for a value to follow. */
static void add_series(GString *page, const char *name, const char *suffix, const GString *labels)
{
    g_string_append(page, name);
    g_string_append(page, suffix);
    if (labels->len > 0) {
        g_string_append_c(page, '{');
        g_string_append_len(page, labels->str, (gssize)labels->len);
        g_string_append_c(page, '}');
    }
    g_string_append_c(page, ' ');
}

static const char *bound(guint bucket)
{
    static const char *const bounds[VD_BUCKETS + 1] = {
        "0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005", "0.01", "0.02", "0.05",
        "0.1",    "0.2",    "0.5",    "1",     "2",     "5",     "10",   "+Inf",
    };

    return bounds[bucket];
}

static void add_histogram(GString *page, const char *name, GString *labels, const VdStages *stages,
                          VdStage stage)
{
    VdHistogramReading reading = {0};
    gsize length = labels->len;

    if (stages != NULL)
        vd_stages_read(stages, stage, &reading);
    for (guint i = 0; i <= VD_BUCKETS; i++) {
        add_label(labels, "le", bound(i));
        add_series(page, name, "_bucket", labels);
        g_string_truncate(labels, length);
        add_count(page, reading.counts[i]);
        g_string_append_c(page, '\n');
    }
    add_series(page, name, "_sum", labels);
    add_number(page, (double)reading.sum_us / G_USEC_PER_SEC);
    g_string_append_c(page, '\n');
    add_series(page, name, "_count", labels);
    add_count(page, reading.count);
    g_string_append_c(page, '\n');
}

/* All values of the family's label; labels: what comes before it, left as it was. */
static void add_samples(GString *page, const Family *family, const Subject *subject,
                        GString *labels)
{
    gsize length = labels->len;

    for (guint i = 0; i < MAX(family->n_values, 1); i++) {
        if (family->label != NULL)
            add_label(labels, family->label, family->value(i));
        if (family->get == NULL && subject->camera != NULL) {
            add_histogram(page, family->metric.name, labels, subject->camera->stages, (VdStage)i);
        } else if (family->get != NULL) {
            add_series(page, family->metric.name, "", labels);
            add_number(page, family->get(subject, i));
            g_string_append_c(page, '\n');
        }
        g_string_truncate(labels, length);
    }
}

static void add_stream(GString *page, const Family *family, Subject subject, GString *labels,
                       const VdReceiverFacts *stream)
{
    gsize length = labels->len;

    subject.stream = stream;
    add_label(labels, "stream", stream == &subject.camera->main ? "main" : "shown");
    add_samples(page, family, &subject, labels);
    g_string_truncate(labels, length);
}

static void add_lines(GString *page, const Family *family, Subject subject, GString *labels)
{
    const VdLines *lines = subject.camera->config->lines;
    gsize length = labels->len;

    for (subject.line = 0; lines != NULL && subject.line < lines->count; subject.line++) {
        add_label(labels, "line", lines->each[subject.line].name);
        add_samples(page, family, &subject, labels);
        g_string_truncate(labels, length);
    }
}

static void add_cameras(GString *page, const Family *family, Subject subject, GString *labels)
{
    const GPtrArray *statuses = subject.all->statuses;

    for (guint i = 0; i < statuses->len; i++) {
        subject.camera = vd_status_parts(statuses->pdata[i]);
        g_string_truncate(labels, 0);
        add_label(labels, "camera", subject.camera->config->id);
        if (family->scope == CAMERA)
            add_samples(page, family, &subject, labels);
        else if (family->scope == LINE)
            add_lines(page, family, subject, labels);
        else
            add_stream(page, family, subject, labels, &subject.camera->shown);
        if (family->scope == STREAM && subject.camera->two_streams)
            add_stream(page, family, subject, labels, &subject.camera->main);
    }
}

static void add_gpus(GString *page, const Family *family, Subject subject, GString *labels)
{
    for (guint i = 0; i < subject.all->n_gpus; i++) {
        char number[12];

        g_snprintf(number, sizeof number, "%u", i);
        subject.gpu = &subject.all->gpus[i];
        g_string_truncate(labels, 0);
        add_label(labels, "gpu", number);
        add_samples(page, family, &subject, labels);
    }
}

static void add_sinks(GString *page, const Family *family, Subject subject, GString *labels)
{
    const VdTotals *totals = subject.all->totals;

    for (guint i = 0; i < totals->n_sinks; i++) {
        subject.sink = &totals->sinks[i];
        g_string_truncate(labels, 0);
        add_label(labels, "sink", subject.sink->name);
        add_samples(page, family, &subject, labels);
    }
}

static void add_family(GString *page, const Family *family, const VdMetricsFacts *facts)
{
    g_autoptr(GString) labels = g_string_new(NULL);
    Subject subject = {.all = facts};

    g_string_append_printf(page, "# HELP %s %s\n# TYPE %s %s\n", family->metric.name,
                           family->metric.help, family->metric.name, family->metric.type);
    if (family->scope == DAEMON)
        add_samples(page, family, &subject, labels);
    else if (family->scope == GPU)
        add_gpus(page, family, subject, labels);
    else if (family->scope == SINK)
        add_sinks(page, family, subject, labels);
    else
        add_cameras(page, family, subject, labels);
}

GBytes *vd_metrics_text(const VdMetricsFacts *facts)
{
    GString *page = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(families); i++)
        add_family(page, &families[i], facts);
    return g_string_free_to_bytes(page);
}
