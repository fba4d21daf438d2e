#include "api/probes.h"

#include "api/change.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/uri.h"
#include "camera/probe.h"
#include "camera/status-json.h"
#include "config/edit.h"

#define TICK_MS 500
#define NAME    "(probe)" /* of the camera that there is none of: no other can be called so */

struct VdProbes {
    VdCommands *commands;
    const VdSettings *settings;
    GPtrArray *running; /* Asked */
    guint timer;        /* while there are some */
};

/* A connection that somebody wants tried. */
typedef struct Asked {
    VdProbes *probes;
    GBytes *body; /* (nullable) */
    char *who;
    VdTicket *ticket;
    char *shown;    /* (nullable) the uri, as it may be seen */
    VdProbe *probe; /* (nullable) once it runs */
} Asked;

static void asked_free(void *data)
{
    Asked *asked = data;

    vd_probe_free(asked->probe);
    vd_ticket_unref(asked->ticket);
    g_bytes_unref(asked->body);
    g_free(asked->who);
    g_free(asked->shown);
    g_free(asked);
}

/* --- running ---------------------------------------------------------------------------------- */

/* Answers (transfer full) and lets go of it. */
static void finish(Asked *asked, VdAnswer *answer)
{
    vd_answer_give(answer, asked->ticket);
    g_ptr_array_remove_fast(asked->probes->running, asked);
}

static void on_done(VdProbe *probe, const VdProbeFacts *facts, void *data)
{
    const bool reached = facts->receiver.state == VD_STATE_LIVE;
    Asked *asked = data;
    VdAnswer *answer = vd_answer_new();

    vd_audit(asked->who, NULL, "tried %s (%s)", asked->shown,
             reached ? "reached" : facts->receiver.reason);
    answer->body = vd_probe_to_json(facts);
    finish(asked, answer);
}

static void give_up(Asked *asked)
{
    VdAnswer *answer = vd_answer_new();

    vd_audit(asked->who, NULL, "tried %s (given up: nobody waits for it)", asked->shown);
    g_set_error_literal(&answer->error, VD_ERROR, VD_ERROR_BUSY,
                        "the client closed its sending half: nothing is tried for it any more");
    finish(asked, answer);
}

static gboolean on_tick(gpointer data)
{
    VdProbes *probes = data;

    for (guint i = probes->running->len; i-- > 0;) {
        Asked *asked = probes->running->pdata[i];

        if (vd_ticket_is_left(asked->ticket))
            give_up(asked);
        else
            vd_probe_tick(asked->probe);
    }
    if (probes->running->len > 0)
        return G_SOURCE_CONTINUE;
    probes->timer = 0;
    return G_SOURCE_REMOVE;
}

/* --- beginning -------------------------------------------------------------------------------- */

static VdCameraConfig *judge(const Asked *asked, VdAnswer *answer)
{
    const VdSettings *settings = asked->probes->settings;
    const VdEditBase on = {settings->base, settings->changes, settings->config};
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    VdCameraConfig *camera = vd_edit_trial(&on, NAME, asked->body, errors, &answer->error);

    vd_change_list_errors(errors, answer);
    return camera;
}

static bool has_room(const VdProbes *probes, GError **error)
{
    if (probes->running->len < VD_MAX_PROBES)
        return true;
    g_set_error(error, VD_ERROR, VD_ERROR_LIMIT, "%d connections are being tried already",
                VD_MAX_PROBES);
    return false;
}

static void run(Asked *asked, const VdCameraConfig *camera)
{
    VdProbes *probes = asked->probes;

    asked->shown = vd_redact_uri(camera->uri);
    asked->probe = vd_probe_new(camera, on_done, asked);
    g_ptr_array_add(probes->running, asked);
    if (probes->timer == 0)
        probes->timer = g_timeout_add(TICK_MS, on_tick, probes);
}

static void begin(void *data)
{
    Asked **letter = data, *asked = *letter;
    g_autoptr(VdAnswer) answer = vd_answer_new();
    g_autoptr(VdCameraConfig) camera = judge(asked, answer);

    if (camera != NULL && has_room(asked->probes, &answer->error))
        run(g_steal_pointer(letter), camera);
    else
        vd_answer_give(g_steal_pointer(&answer), asked->ticket);
}

static void letter_free(void *data)
{
    Asked **letter = data;

    if (*letter != NULL)
        asked_free(*letter);
    g_free(letter);
}

void vd_probes_post(VdProbes *probes, GBytes *body, const char *who, VdTicket *ticket)
{
    Asked **letter = g_new0(Asked *, 1), *asked = *letter = g_new0(Asked, 1);

    asked->probes = probes;
    asked->body = body != NULL ? g_bytes_ref(body) : NULL;
    asked->who = g_strdup(who);
    asked->ticket = vd_ticket_ref(ticket);
    vd_commands_post(probes->commands, begin, letter, letter_free);
}

VdProbes *vd_probes_new(VdCommands *commands, const VdSettings *settings)
{
    VdProbes *probes = g_new0(VdProbes, 1);

    probes->commands = commands;
    probes->settings = settings;
    probes->running = g_ptr_array_new_with_free_func(asked_free);
    return probes;
}

void vd_probes_free(VdProbes *probes)
{
    if (probes == NULL)
        return;
    g_clear_handle_id(&probes->timer, g_source_remove);
    g_ptr_array_unref(probes->running);
    g_free(probes);
}
