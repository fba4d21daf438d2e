#include "replay/run.h"

#include "base/error.h"
#include "base/file.h"
#include "media/mask-file.h"
#include "media/source-file.h"
#include "replay/difference.h"
#include "replay/judge.h"
#include "replay/pixels.h"
#include "replay/say.h"
#include "replay/settings.h"
#include "replay/visits.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_PERCENT 5 /* of a file, from one word of how far it is to the next */

/* One recording with one camera's settings. */
typedef struct Pass {
    guint clip, side;
    VdPlay *play; /* (nullable) */
    VdJudge judge;
    GArray *times; /* of the pictures, gint64 us */
    int width, height, mask_width, mask_height;
    VdPixels pixels; /* whose truth is NULL where there is none */
} Pass;

typedef struct Run {
    const VdReplayOptions *options;
    VdCameraConfig *cameras[2]; /* the second is NULL where there is nothing to compare with */
    guint sides;
    GMainLoop *loop;
    GError *error; /* (nullable) */
    bool done;

    Pass pass;
    GArray *incidents[2]; /* (nullable) of this recording */
    VdMaskFile *masks;    /* (nullable) */
    GString *tracks;      /* (nullable) lines of them, to be written */
    GArray *visits;       /* (nullable) */
    json_t *events;       /* (nullable) all that were told, to be written */
} Run;

static const char *const sides[] = {"a", "b"};

/* --- what is told ----------------------------------------------------------------------------- */

/* (transfer full) The line, and before what it says the recording and the settings. */
static json_t *of_pass(const Run *run, json_t *line, bool side)
{
    json_t *whole = json_object();
    json_t *clip = json_string(run->options->clips[run->pass.clip]);

    json_object_set(whole, "type", json_object_get(line, "type"));
    json_object_set_new(whole, "clip", clip != NULL ? clip : json_null()); /* a name not in UTF-8 */
    if (side)
        json_object_set_new(whole, "settings", json_string(sides[run->pass.side]));
    json_object_update(whole, line);
    json_decref(line);
    return whole;
}

static void on_told(json_t *event, void *data)
{
    Run *run = data;
    json_t *line = of_pass(run, event, true);

    if (run->events != NULL)
        json_array_append(run->events, line);
    vd_say(line);
}

static void on_read(guint percent, void *data)
{
    Run *run = data;

    if (percent % STEP_PERCENT == 0)
        vd_say(of_pass(run, json_pack("{s:s, s:i}", "type", "progress", "percent", (int)percent),
                       true));
}

static void say_pass(Run *run)
{
    const Pass *pass = &run->pass;
    gint64 last_us =
        pass->times->len > 0 ? g_array_index(pass->times, gint64, pass->times->len - 1) : 0;

    vd_say(of_pass(
        run,
        json_pack("{s:s, s:s?, s:i, s:I, s:o, s:i, s:i, s:i, s:i, s:i}", "type", "clip", "camera",
                  run->cameras[pass->side]->id, "pictures", (int)pass->times->len, "analysed",
                  (json_int_t)pass->judge.looked, "seconds", vd_say_seconds(last_us), "events",
                  (int)pass->judge.incidents->len, "width", pass->width, "height", pass->height,
                  "mask_width", pass->mask_width, "mask_height", pass->mask_height),
        true));
}

static void say_truth(Run *run)
{
    const Pass *pass = &run->pass;
    json_t *judged = NULL;

    if (run->visits != NULL)
        judged = vd_visits_judge(run->visits, pass->times, pass->judge.incidents);
    else if (pass->pixels.truth != NULL)
        judged = vd_pixels_judge(&pass->pixels);
    if (judged == NULL)
        return;
    json_object_set_new(judged, "type", json_string("truth"));
    vd_say(of_pass(run, judged, true));
}

/* --- a pass ----------------------------------------------------------------------------------- */

static void on_decoded(guint64 frames, GstClockTime pts, void *data)
{
    Run *run = data;
    gint64 us = (gint64)(pts / GST_USECOND);

    g_array_append_val(run->pass.times, us);
}

static bool on_looked(const VdPlayed *played, void *data, GError **error)
{
    Run *run = data;
    Pass *pass = &run->pass;

    pass->width = played->width;
    pass->height = played->height;
    pass->mask_width = played->mask_width;
    pass->mask_height = played->mask_height;
    vd_judge_see(&pass->judge, played);
    if (run->masks != NULL && pass->side == 0 &&
        !vd_mask_file_add(run->masks, played->mask, played->mask_width, played->mask_height,
                          played->report->pts, error))
        return false;
    return pass->pixels.truth == NULL || vd_pixels_see(&pass->pixels, played, error);
}

static void clear_pass(Pass *pass)
{
    vd_play_free(pass->play);
    vd_judge_clear(&pass->judge);
    vd_mask_clip_free(pass->pixels.truth);
    g_clear_pointer(&pass->times, g_array_unref);
    *pass = (Pass){.clip = pass->clip, .side = pass->side};
}

static void on_ended(const GError *error, void *data);

static const VdPlayEvents play_events = {
    .decoded = on_decoded,
    .looked = on_looked,
    .read = on_read,
    .ended = on_ended,
};

static bool begin_pass(Run *run, GError **error)
{
    const VdReplayOptions *options = run->options;
    Pass *pass = &run->pass;
    const char *path = options->clips[pass->clip];
    VdCameraConfig *camera = run->cameras[pass->side];

    pass->times = g_array_new(FALSE, FALSE, sizeof(gint64));
    vd_judge_init(&pass->judge, camera, options->start_us, on_told, run);
    pass->judge.track_lines = pass->side == 0 ? run->tracks : NULL;
    if (options->truth != NULL && run->visits == NULL)
        pass->pixels.truth = vd_mask_clip_new(options->truth, error);
    if (options->truth != NULL && run->visits == NULL && pass->pixels.truth == NULL)
        return false;
    pass->play = vd_play_new(camera, path, run->masks != NULL || pass->pixels.truth != NULL,
                             &play_events, run, error);
    if (pass->play == NULL)
        g_prefix_error(error, "%s: ", path);
    return pass->play != NULL;
}

static void end(Run *run)
{
    g_main_loop_quit(run->loop);
}

/* Also of the beginning of a recording that has no end. */
static void say_all(Run *run)
{
    vd_judge_end(&run->pass.judge);
    say_pass(run);
    say_truth(run);
}

static void keep_incidents(Run *run)
{
    Pass *pass = &run->pass;

    g_clear_pointer(&run->incidents[pass->side], g_array_unref);
    run->incidents[pass->side] = g_array_ref(pass->judge.incidents);
    if (pass->side + 1 == run->sides && run->sides == 2)
        vd_say(of_pass(run, vd_difference(run->incidents[0], run->incidents[1]), false));
}

/* [main] */
static void on_ended(const GError *error, void *data)
{
    Run *run = data;
    Pass *pass = &run->pass;

    if (error == NULL || pass->times->len > 0)
        say_all(run);
    if (error != NULL) {
        run->error = g_error_copy(error);
        g_prefix_error(&run->error, "%s: ", run->options->clips[pass->clip]);
        end(run);
        return;
    }
    keep_incidents(run);
    clear_pass(pass);
    pass->side = (pass->side + 1) % run->sides;
    pass->clip += pass->side == 0;
    run->done = run->options->clips[pass->clip] == NULL;
    if (run->done || !begin_pass(run, &run->error))
        end(run);
}

/* --- files ------------------------------------------------------------------------------------ */

static bool is_same(const struct stat *a, const char *path)
{
    struct stat b;

    return path != NULL && stat(path, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

/* What is read must not be what is written, by whatever name. */
static bool is_read(const VdReplayOptions *options, const char *path, GError **error)
{
    const char *const read[] = {options->config, options->against, options->truth};
    struct stat written;

    if (stat(path, &written) != 0)
        return false;
    for (guint i = 0; options->clips[i] != NULL; i++)
        if (is_same(&written, options->clips[i]))
            return !vd_refuse(error, "%s is one of the recordings and cannot be written", path);
    for (gsize i = 0; i < G_N_ELEMENTS(read); i++)
        if (is_same(&written, read[i]))
            return !vd_refuse(error, "%s is read and cannot be written", path);
    return false;
}

/* Better before an hour of work than after it. */
static bool may_write(const VdReplayOptions *options, const char *path, GError **error)
{
    if (is_read(options, path, error))
        return false;
    g_autofree char *folder = g_path_get_dirname(path);

    /* What is there is replaced as a whole, which a device had better not be. */
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return vd_refuse(error, "%s cannot be written: it is no file", path);
    if (access(folder, W_OK | X_OK) != 0)
        return vd_refuse(error, "%s cannot be written: %s", path, g_strerror(errno));
    return true;
}

static bool write_text(const char *path, const char *text, gsize length, GError **error)
{
    VdText file = {.bytes = text, .length = length, .mode = 0644};

    if (vd_file_replace(path, &file, error))
        return true;
    g_prefix_error(error, "%s cannot be written: ", path);
    return false;
}

static bool write_events(const Run *run, GError **error)
{
    json_t *whole = json_pack("{s:O}", "events", run->events);
    g_autofree char *text = vd_say_text(whole);

    json_decref(whole);
    return write_text(run->options->events, text, strlen(text), error);
}

/* Visits are a table; whatever else is a video is one of masks. */
static bool open_truth(Run *run, GError **error)
{
    const char *path = run->options->truth;
    FILE *file = vd_file_open(path, error);

    if (file == NULL) {
        g_prefix_error(error, "%s: ", path);
        return false;
    }
    const VdFileKind *kind = vd_file_kind(file, path, NULL);
    fclose(file);
    if (kind != NULL)
        return true;
    run->visits = vd_visits_read(path, error);
    return run->visits != NULL;
}

static bool open_files(Run *run, GError **error)
{
    const VdReplayOptions *options = run->options;

    if (options->truth != NULL && !open_truth(run, error))
        return false;
    if (options->events != NULL && !may_write(options, options->events, error))
        return false;
    if (options->tracks != NULL && !may_write(options, options->tracks, error))
        return false;
    if (options->masks != NULL) {
        if (!may_write(options, options->masks, error))
            return false;
        run->masks = vd_mask_file_new(options->masks, error);
        if (run->masks == NULL)
            return false;
    }
    run->events = options->events != NULL ? json_array() : NULL;
    run->tracks = options->tracks != NULL ? g_string_new(NULL) : NULL;
    return true;
}

static bool close_files(Run *run, GError **error)
{
    if (run->masks != NULL && !vd_mask_file_finish(run->masks, error))
        return false;
    if (run->tracks != NULL &&
        !write_text(run->options->tracks, run->tracks->str, run->tracks->len, error))
        return false;
    return run->events == NULL || write_events(run, error);
}

/* --- all -------------------------------------------------------------------------------------- */

static gboolean on_signal(void *data)
{
    end(data);
    return G_SOURCE_CONTINUE;
}

static bool take_settings(Run *run, GError **error)
{
    const VdReplayOptions *options = run->options;

    run->cameras[0] = vd_replay_settings(options->config, options->camera, error);
    if (run->cameras[0] != NULL && options->against != NULL)
        run->cameras[1] = vd_replay_settings(options->against, options->camera, error);
    run->sides = options->against != NULL ? 2 : 1;
    return run->cameras[run->sides - 1] != NULL;
}

static bool play_all(Run *run, GError **error)
{
    guint signals[] = {g_unix_signal_add(SIGINT, on_signal, run),
                       g_unix_signal_add(SIGTERM, on_signal, run)};
    bool begun = begin_pass(run, error);

    if (begun)
        g_main_loop_run(run->loop);
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        g_source_remove(signals[i]);
    clear_pass(&run->pass);
    if (run->error != NULL)
        g_propagate_error(error, g_steal_pointer(&run->error));
    return begun && run->done;
}

bool vd_replay_run(const VdReplayOptions *options, GError **error)
{
    Run run = {.options = options, .loop = g_main_loop_new(NULL, FALSE)};
    bool done = take_settings(&run, error) && open_files(&run, error) && play_all(&run, error) &&
                close_files(&run, error);

    for (guint i = 0; i < G_N_ELEMENTS(sides); i++) {
        g_clear_pointer(&run.cameras[i], vd_camera_config_unref);
        g_clear_pointer(&run.incidents[i], g_array_unref);
    }
    vd_mask_file_free(run.masks);
    g_clear_pointer(&run.visits, g_array_unref);
    json_decref(run.events);
    if (run.tracks != NULL)
        g_string_free(run.tracks, TRUE);
    g_main_loop_unref(run.loop);
    return done;
}
