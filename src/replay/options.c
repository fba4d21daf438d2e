#include "replay/options.h"

#include "base/error.h"

static bool parse(VdReplayOptions *options, int *argc, char ***argv, GError **error)
{
    gboolean version = FALSE;
    /* clang-format off */
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "Take a camera's settings from FILE", "FILE"},
        {"against", 0, 0, G_OPTION_ARG_FILENAME, &options->against, "Compare with those from FILE", "FILE"},
        {"camera", 0, 0, G_OPTION_ARG_STRING, &options->camera, "Take those of this camera", "ID"},
        {"masks", 0, 0, G_OPTION_ARG_FILENAME, &options->masks, "Write the masks of what moves here", "FILE"},
        {"tracks", 0, 0, G_OPTION_ARG_FILENAME, &options->tracks, "Write what was followed here", "FILE"},
        {"events", 0, 0, G_OPTION_ARG_FILENAME, &options->events, "Write the events here", "FILE"},
        {"truth", 0, 0, G_OPTION_ARG_FILENAME, &options->truth, "Compare with these visits or masks", "FILE"},
        {"start", 0, 0, G_OPTION_ARG_STRING, &options->start, "When the recordings begin", "TIME"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
        {NULL},
    };
    /* clang-format on */
    g_autoptr(GOptionContext) context = g_option_context_new("CLIP... - replay recordings");

    g_option_context_add_main_entries(context, entries, NULL);
    bool parsed = g_option_context_parse(context, argc, argv, error);
    options->version = version;
    options->clips = *argv + 1;
    if (g_strcmp0(options->clips[0], "--") ==
        0) /* it stays before a name that begins with a dash */
        options->clips++;
    return parsed;
}

/* To a millisecond, which is what dates are told in. */
static bool read_start(VdReplayOptions *options, GError **error)
{
    if (options->start == NULL)
        return true;
    g_autoptr(GTimeZone) local = g_time_zone_new_local();
    g_autoptr(GDateTime) start = g_date_time_new_from_iso8601(options->start, local);
    if (start == NULL || g_date_time_to_unix(start) <= 0)
        return vd_refuse(error, "--start=%s: a time as 2026-11-27T08:00:00Z is wanted",
                         options->start);
    options->start_us = g_date_time_to_unix(start) * G_USEC_PER_SEC +
                        g_date_time_get_microsecond(start) / 1000 * 1000;
    return true;
}

static bool are_apart(const char *name, const char *path, const char *other, const char *its,
                      GError **error)
{
    return g_strcmp0(path, its) != 0 || path == NULL ||
           vd_refuse(error, "--%s and --%s name the same file", name, other);
}

static bool judge(const VdReplayOptions *options, GError **error)
{
    guint clips = g_strv_length(options->clips);

    if (clips == 0)
        return vd_refuse(error, "a recording is wanted");
    if (options->config == NULL && options->against != NULL)
        return vd_refuse(error, "--against compares with --config, which is missing");
    if (options->config == NULL && options->camera != NULL)
        return vd_refuse(error, "--camera names one of --config, which is missing");
    if (clips > 1 && options->masks != NULL)
        return vd_refuse(error, "--masks takes one recording at a time");
    if (clips > 1 && options->tracks != NULL)
        return vd_refuse(error, "--tracks takes one recording at a time");
    if (clips > 1 && options->truth != NULL)
        return vd_refuse(error, "--truth takes one recording at a time");
    return are_apart("masks", options->masks, "tracks", options->tracks, error) &&
           are_apart("masks", options->masks, "events", options->events, error) &&
           are_apart("tracks", options->tracks, "events", options->events, error);
}

bool vd_replay_options_parse(VdReplayOptions *options, int *argc, char ***argv, GError **error)
{
    *options = (VdReplayOptions){0};
    if (!parse(options, argc, argv, error))
        return false;
    return options->version || (judge(options, error) && read_start(options, error));
}

void vd_replay_options_clear(VdReplayOptions *options)
{
    g_free(options->config);
    g_free(options->against);
    g_free(options->camera);
    g_free(options->masks);
    g_free(options->tracks);
    g_free(options->events);
    g_free(options->truth);
    g_free(options->start);
}
