#include "api/explain.h"

#include "base/clock.h"
#include "config/json.h"
#include "events/reasons.h"

#define AROUND_US (60 * (gint64)G_USEC_PER_SEC) /* what is told of before and of after */
#define NEWEST_US (3 * (gint64)G_USEC_PER_SEC)  /* now is what was at most so long ago */

typedef struct Question {
    VdCameras *cameras;
    const VdSettings *settings;
    char *camera, *at; /* at: (nullable) */
    guint seconds;
    VdTicket *ticket;
} Question;

static void question_free(void *data)
{
    Question *question = data;

    g_free(question->camera);
    g_free(question->at);
    vd_ticket_unref(question->ticket);
    g_free(question);
}

/* What is known of a time. */
typedef struct Found {
    const char *camera;
    gint64 at_us, oldest_us;
    bool analysed; /* that is asked for */
    GArray *near;  /* VdReason */
    gint place;    /* in it; -1: none is of that time */
} Found;

/* --- why there is none ------------------------------------------------------------------------ */

static json_t *why_none(const Found *found)
{
    g_autofree char *oldest = vd_clock_iso8601(found->oldest_us);

    if (found->at_us > vd_clock_wall_us() + (gint64)G_USEC_PER_SEC)
        return json_pack("{s:s, s:s}", "code", "not-yet", "text", "This time is still to come.");
    if (!found->analysed)
        return json_pack("{s:s, s:s}", "code", "not-analysed", "text",
                         "What moves is not looked for: analysis=false is configured.");
    if (found->oldest_us != 0 && found->at_us < found->oldest_us)
        return json_pack("{s:s, s:s+}", "code", "not-kept", "text",
                         "Of this time nothing is known but its events: reasons are kept since ",
                         oldest);
    return json_pack("{s:s, s:s}", "code", "no-picture", "text",
                     "No picture was analysed in this second.");
}

/* --- the answer ------------------------------------------------------------------------------- */

static json_t *lines_json(const Found *found, guint from, guint to)
{
    json_t *lines = json_array();

    for (guint i = from; i < to; i++)
        json_array_append_new(lines, vd_reason_line(&g_array_index(found->near, VdReason, i)));
    return lines;
}

/* Of those that lie before the time that is asked for. */
static guint count_before(const Found *found)
{
    guint count = 0;

    while (count < found->near->len &&
           g_array_index(found->near, VdReason, count).first_us <= found->at_us)
        count++;
    return count;
}

static json_t *time_json(gint64 us)
{
    g_autofree char *text = vd_clock_iso8601(us);

    return us != 0 ? json_string(text) : json_null();
}

static GBytes *body_of(const Found *found)
{
    bool known = found->place >= 0;
    guint before = known ? (guint)found->place : count_before(found);
    guint after = known ? before + 1 : before;
    json_t *reason =
        known ? vd_reason_json(&g_array_index(found->near, VdReason, before)) : json_null();
    json_t *verdict = known ? json_incref(json_object_get(reason, "verdict")) : why_none(found);

    return vd_json_bytes(json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "camera", found->camera,
                                   "at", time_json(found->at_us), "kept_since",
                                   time_json(found->oldest_us), "verdict", verdict, "reason",
                                   reason, "before", lines_json(found, 0, before), "after",
                                   lines_json(found, after, found->near->len)));
}

/* Who does not say when asks for the newest. */
static void take_newest(Found *found)
{
    if (found->place >= 0 || found->near->len == 0)
        return;
    const VdReason *newest = &g_array_index(found->near, VdReason, found->near->len - 1);
    if (found->at_us - newest->last_us <= NEWEST_US)
        found->place = (gint)found->near->len - 1;
}

static void refuse_time(VdAnswer *answer)
{
    vd_answer_add_detail(answer, "at", "a time, as 2026-11-22T15:04:05Z");
    answer->of_query = true;
    g_set_error(&answer->error, VD_ERROR, VD_ERROR_INVALID,
                "1 of the query's parameters cannot be taken");
}

static void explain(const Question *question, VdReporter *reporter, VdAnswer *answer)
{
    Found found = {.camera = question->camera, .at_us = vd_clock_wall_us()};

    if (question->at != NULL && !vd_clock_read_iso8601(question->at, &found.at_us)) {
        refuse_time(answer);
        return;
    }
    const VdCameraConfig *config = vd_config_find(question->settings->config, question->camera);
    found.analysed = config != NULL && config->analysis;
    const VdReasonsWanted wanted = {found.at_us, question->seconds, AROUND_US};
    found.near = vd_reporter_reasons(reporter, &wanted, &found.place, &found.oldest_us);
    if (question->at == NULL)
        take_newest(&found);
    answer->body = body_of(&found);
    g_array_unref(found.near);
}

static void answer_question(void *data)
{
    const Question *question = data;
    VdReporter *reporter = vd_cameras_reporter(question->cameras, question->camera);
    VdAnswer *answer = vd_answer_new();

    if (reporter != NULL)
        explain(question, reporter, answer);
    else
        g_set_error(&answer->error, VD_ERROR, VD_ERROR_NOT_FOUND, "there is no camera %s",
                    question->camera);
    vd_answer_give(answer, question->ticket);
}

void vd_explain_post(VdCommands *commands, VdCameras *cameras, const VdSettings *settings,
                     const char *camera, const char *at, guint seconds, VdTicket *ticket)
{
    Question *question = g_new0(Question, 1);

    question->cameras = cameras;
    question->settings = settings;
    question->camera = g_strdup(camera);
    question->at = g_strdup(at);
    question->seconds = seconds;
    question->ticket = vd_ticket_ref(ticket);
    vd_commands_post(commands, answer_question, question, question_free);
}
