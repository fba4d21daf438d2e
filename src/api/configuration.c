#include "api/configuration.h"

#include "config/changes-json.h"
#include "config/etag.h"
#include "config/json.h"

GBytes *vd_configuration_json(VdRoster *roster, const char *id, char **etag)
{
    g_autoptr(VdStatus) status = vd_roster_find(roster, id);

    if (status == NULL)
        return NULL;
    const VdCameraConfig *config = vd_status_parts(status)->config;
    *etag = vd_camera_config_etag(config);
    return vd_json_bytes(vd_camera_config_json(config));
}

GBytes *vd_origins_json(VdRoster *roster, const char *id)
{
    g_autoptr(VdStatus) status = vd_roster_find(roster, id);

    if (status == NULL)
        return NULL;
    return vd_json_bytes(vd_camera_config_origins_json(vd_status_parts(status)->config));
}

/* --- what was changed beside the files -------------------------------------------------------- */

typedef struct Question {
    const VdSettings *settings;
    char **cameras; /* (nullable) patterns of those that are seen */
    VdTicket *ticket;
} Question;

static void question_free(void *data)
{
    Question *question = data;

    g_strfreev(question->cameras);
    vd_ticket_unref(question->ticket);
    g_free(question);
}

static void answer(void *data)
{
    const Question *question = data;
    const VdSight sight = {(const char *const *)question->cameras};
    json_t *cameras = vd_changes_json(question->settings);
    VdAnswer *answer = vd_answer_new();

    for (gsize i = json_array_size(cameras); i-- > 0;)
        if (!vd_sees(&sight, json_string_value(json_object_get(json_array_get(cameras, i), "id"))))
            json_array_remove(cameras, i);
    answer->body = vd_json_bytes(json_pack("{s:o}", "cameras", cameras));
    vd_answer_give(answer, question->ticket);
}

void vd_changes_ask(VdCommands *commands, const VdSettings *settings, const VdSight *sight,
                    VdTicket *ticket)
{
    Question *question = g_new0(Question, 1);

    question->settings = settings;
    question->cameras = g_strdupv((char **)sight->cameras);
    question->ticket = vd_ticket_ref(ticket);
    vd_commands_post(commands, answer, question, question_free);
}
