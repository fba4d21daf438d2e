#include "base/error.h"
#include "gst-environment.h"
#include "replay/run.h"
#include "replay/say.h"

#include <gst/gst.h>
#include <locale.h>
#include <signal.h>

/*
 * vedette-replay: runs recordings through what analyses live cameras, and tells what comes of it.
 * A process of its own, which vedettectl starts, so that a file that decoders stumble over takes
 * nothing down with it.
 */

/* How it ends; vedettectl(1) has the same. */
enum { DONE = 0, FAILED = 1, USAGE = 2, NOT_FOUND = 4 };

static int say_error(int status, const GError *error)
{
    g_autofree char *text = g_utf8_make_valid(error->message, -1);

    vd_say(json_pack("{s:s, s:s}", "type", "error", "text", text));
    return status;
}

static int replay(const VdReplayOptions *options)
{
    g_autoptr(GError) error = NULL;

    vd_gst_environment_prepare();
    if (!gst_init_check(NULL, NULL, &error)) {
        g_prefix_error(&error, "GStreamer does not start: ");
        return say_error(FAILED, error);
    }
    if (vd_replay_run(options, &error))
        return DONE;
    if (error == NULL) /* it was interrupted */
        return FAILED;
    bool missing = g_error_matches(error, VD_ERROR, VD_ERROR_NOT_FOUND);
    return say_error(missing ? NOT_FOUND : FAILED, error);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    VdReplayOptions options;
    int status = DONE;

    signal(SIGPIPE,
           SIG_IGN); /* who reads may leave first: what was begun is taken away all the same */
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    if (!vd_replay_options_parse(&options, &argc, &argv, &error))
        status = say_error(USAGE, error);
    else if (options.version)
        g_print("vedette-replay %s\n", PACKAGE_VERSION);
    else
        status = replay(&options);
    vd_replay_options_clear(&options);
    return status;
}
