#include "api/process.h"

#include "base/clock.h"
#include "media/gpu.h"
#include "media/reaper.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define DIGITS 9

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

/* The second number of /proc/self/statm: pages in memory. */
static guint64 resident_bytes(void)
{
    g_autofree char *text = NULL;
    char *end = NULL;

    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        return 0;
    g_ascii_strtoull(text, &end, 10);
    return g_ascii_strtoull(end, NULL, 10) * (guint64)sysconf(_SC_PAGESIZE);
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

static json_t *process(const VdTotals *totals)
{
    double uptime_seconds = (double)totals->uptime_us / G_USEC_PER_SEC;

    return json_pack("{s:i,s:f,s:f,s:I,s:i,s:i,s:i}", "pid", (int)getpid(), "uptime_seconds",
                     uptime_seconds, "cpu_seconds", cpu_seconds(), "rss_bytes",
                     (json_int_t)resident_bytes(), "threads", (int)entries_of("/proc/self/task"),
                     "descriptors", (int)entries_of("/proc/self/fd"), "abandoned_pipelines",
                     (int)vd_reaper_abandoned());
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

static json_t *gpus(void)
{
    json_t *array = json_array();

    for (guint i = 0; i < vd_gpu_count(); i++) {
        VdGpuFacts facts;
        vd_gpu_tell(i, &facts);
        json_array_append_new(array,
                              json_pack("{s:i,s:s,s:b,s:b,s:I,s:i,s:f}", "number", (int)i, "name",
                                        facts.name, "usable", facts.usable, "lost", facts.lost,
                                        "faults", (json_int_t)facts.faults, "streams",
                                        (int)facts.seats, "megapixels_per_second", facts.load));
    }
    return array;
}

GBytes *vd_totals_json(const VdTotals *totals)
{
    g_autofree char *now = vd_clock_iso8601(vd_clock_wall_us());
    g_autofree char *restart = vd_gpu_restart_wanted();
    json_t *object =
        json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:I,s:s?}", "time", now, "version", PACKAGE_VERSION,
                  "process", process(totals), "cameras", cameras(totals), "streams",
                  streams(totals), "viewers", viewers(totals), "gpus", gpus(), "gpu_faults",
                  (json_int_t)vd_gpu_faults(), "restart_wanted", restart);
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));

    json_decref(object);
    return g_bytes_new_with_free_func(text, strlen(text), free, text);
}
