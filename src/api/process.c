#include "api/process.h"

#include "base/clock.h"
#include "config/json.h"
#include "media/gpu.h"
#include "media/reaper.h"

#include <gst/gst.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void add_stream(VdTotals *totals, const VdReceiverFacts *facts, double bitrate)
{
    totals->units += facts->ring.units;
    totals->bytes_received += facts->ring.bytes;
    totals->frames += facts->analysis.decoded;
    totals->reconnects += facts->reconnects;
    totals->dropped += facts->ring.dropped + facts->analysis.dropped + facts->analysis.errors;
    totals->fps += facts->ring.fps;
    totals->fps_decoded += facts->analysis.decoded_fps;
    totals->fps_analysed += facts->analysis.analysed_fps;
    totals->bitrate += bitrate;
}

void vd_totals_add(VdTotals *totals, const VdStatusParts *camera)
{
    totals->cameras++;
    totals->enabled += camera->config->enabled;
    totals->states[camera->shown.state]++;
    add_stream(totals, &camera->shown, camera->bitrate);
    if (camera->two_streams)
        add_stream(totals, &camera->main, camera->main_bitrate);
    totals->slow_viewers += camera->audience.slow;
    totals->renditions += camera->renditions->len;
    totals->pictures += camera->audience.pictures;
    totals->skipped += camera->audience.skipped;
    totals->bytes_sent += camera->audience.bytes;
}

/* The first two numbers of /proc/self/statm: pages with an address, and pages in memory. */
static void read_memory(VdProcessFacts *facts)
{
    guint64 page = (guint64)sysconf(_SC_PAGESIZE);
    g_autofree char *text = NULL;
    char *end = NULL;

    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        return;
    facts->virtual_bytes = g_ascii_strtoull(text, &end, 10) * page;
    facts->resident_bytes = g_ascii_strtoull(end, NULL, 10) * page;
}

static guint entries_of(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    guint count = 0;

    while (dir != NULL && g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

static double cpu_seconds(void)
{
    struct rusage usage = {0};

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / G_USEC_PER_SEC;
}

void vd_process_read(VdProcessFacts *facts)
{
    struct rlimit descriptors = {0};

    *facts = (VdProcessFacts){
        .cpu_seconds = cpu_seconds(),
        .threads = entries_of("/proc/self/task"),
        .descriptors = entries_of("/proc/self/fd"),
        .abandoned_pipelines = vd_reaper_abandoned(),
    };
    read_memory(facts);
    getrlimit(RLIMIT_NOFILE, &descriptors);
    facts->max_descriptors = descriptors.rlim_cur;
}

static json_t *process(const VdTotals *totals)
{
    VdProcessFacts facts;
    double uptime_seconds = (double)totals->uptime_us / G_USEC_PER_SEC;

    vd_process_read(&facts);
    return json_pack("{s:i,s:f,s:f,s:I,s:i,s:i,s:i}", "pid", (int)getpid(), "uptime_seconds",
                     uptime_seconds, "cpu_seconds", facts.cpu_seconds, "rss_bytes",
                     (json_int_t)facts.resident_bytes, "threads", (int)facts.threads, "descriptors",
                     (int)facts.descriptors, "abandoned_pipelines", (int)facts.abandoned_pipelines);
}

static json_t *cameras(const VdTotals *totals)
{
    json_t *object = json_object();

    json_object_set_new(object, "total", json_integer(totals->cameras));
    json_object_set_new(object, "enabled", json_integer(totals->enabled));
    for (VdState state = VD_STATE_OFF; state < VD_N_STATES; state++)
        json_object_set_new(object, vd_state_name(state), json_integer(totals->states[state]));
    return object;
}

static json_t *streams(const VdTotals *totals)
{
    return json_pack("{s:f,s:f,s:f,s:I,s:I,s:I,s:I,s:I,s:I}", "fps", totals->fps, "fps_decoded",
                     totals->fps_decoded, "fps_analysed", totals->fps_analysed, "bitrate",
                     (json_int_t)totals->bitrate, "units", (json_int_t)totals->units, "bytes",
                     (json_int_t)totals->bytes_received, "frames", (json_int_t)totals->frames,
                     "dropped", (json_int_t)totals->dropped, "reconnects",
                     (json_int_t)totals->reconnects);
}

static json_t *viewers(const VdTotals *totals)
{
    return json_pack("{s:i,s:i,s:i,s:i,s:I,s:I,s:I}", "count", (int)totals->viewers, "max",
                     (int)totals->max_viewers, "slow", (int)totals->slow_viewers, "renditions",
                     (int)totals->renditions, "pictures", (json_int_t)totals->pictures, "skipped",
                     (json_int_t)totals->skipped, "bytes", (json_int_t)totals->bytes_sent);
}

static json_t *bytes_or_null(guint64 bytes, bool known)
{
    return known ? json_integer((json_int_t)bytes) : json_null();
}

static json_t *gpus(void)
{
    json_t *array = json_array();

    for (guint i = 0; i < vd_gpu_count(); i++) {
        VdGpuFacts facts;
        vd_gpu_tell(i, &facts);
        bool known = facts.memory_total != 0;
        json_array_append_new(array,
                              json_pack("{s:i,s:s,s:b,s:b,s:I,s:i,s:f,s:o,s:o}", "number", (int)i,
                                        "name", facts.name, "usable", facts.usable, "lost",
                                        facts.lost, "faults", (json_int_t)facts.faults, "streams",
                                        (int)facts.seats, "megapixels_per_second", facts.load,
                                        "memory_used", bytes_or_null(facts.memory_used, known),
                                        "memory_total", bytes_or_null(facts.memory_total, known)));
    }
    return array;
}

double vd_sink_behind(const VdSinkFacts *sink)
{
    gint64 behind_us = sink->oldest_wall_us != 0 ? vd_clock_wall_us() - sink->oldest_wall_us : 0;

    return (double)MAX(behind_us, 0) / G_USEC_PER_SEC;
}

static json_t *sinks(const VdTotals *totals)
{
    json_t *array = json_array();

    for (guint i = 0; i < totals->n_sinks; i++) {
        const VdSinkFacts *sink = &totals->sinks[i];

        json_array_append_new(
            array, json_pack("{s:s,s:b,s:i,s:f,s:I,s:I,s:I}", "name", sink->name, "failing",
                             sink->failing, "waiting", (int)sink->waiting, "behind_seconds",
                             vd_sink_behind(sink), "told", (json_int_t)sink->told, "failures",
                             (json_int_t)sink->failures, "dropped", (json_int_t)sink->dropped));
    }
    return array;
}

static json_t *events(const VdTotals *totals)
{
    const VdJournalStats *journal = &totals->journal;

    return json_pack("{s:I,s:I,s:i,s:I,s:o}", "stored", (json_int_t)journal->stored, "lost",
                     (json_int_t)journal->dropped, "queued", (int)journal->queued, "journal_bytes",
                     (json_int_t)journal->bytes, "sinks", sinks(totals));
}

GBytes *vd_totals_json(const VdTotals *totals)
{
    g_autofree char *now = vd_clock_iso8601(vd_clock_wall_us());
    g_autofree char *restart = vd_gpu_restart_wanted();
    json_t *object = json_pack(
        "{s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:s?}", "time", now, "version", PACKAGE_VERSION,
        "process", process(totals), "cameras", cameras(totals), "streams", streams(totals),
        "viewers", viewers(totals), "events", events(totals), "gpus", gpus(), "gpu_faults",
        (json_int_t)vd_gpu_faults(), "restart_wanted", restart);

    return vd_json_bytes(object);
}

GBytes *vd_version_json(void)
{
    g_autofree char *gstreamer = gst_version_string();

    return vd_json_bytes(json_pack("{s:s,s:s,s:s}", "name", "vedette", "version", PACKAGE_VERSION,
                                   "gstreamer", gstreamer));
}
