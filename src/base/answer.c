#include "base/answer.h"

static void clear_detail(void *data)
{
    VdDetail *detail = data;

    g_free((void *)detail->option);
    g_free((void *)detail->allowed);
}

VdAnswer *vd_answer_new(void)
{
    VdAnswer *answer = g_new0(VdAnswer, 1);

    answer->details = g_array_new(FALSE, FALSE, sizeof(VdDetail));
    g_array_set_clear_func(answer->details, clear_detail);
    return answer;
}

void vd_answer_add_detail(VdAnswer *answer, const char *option, const char *allowed)
{
    const VdDetail detail = {g_strdup(option), g_strdup(allowed)};

    g_array_append_val(answer->details, detail);
}

void vd_answer_free(VdAnswer *answer)
{
    if (answer == NULL)
        return;
    g_clear_error(&answer->error);
    g_array_unref(answer->details);
    g_bytes_unref(answer->body);
    g_free(answer->etag);
    g_free(answer->created);
    g_free(answer);
}

static void free_answer(void *answer)
{
    vd_answer_free(answer);
}

void vd_answer_give(VdAnswer *answer, VdTicket *ticket)
{
    vd_ticket_answer(ticket, answer, free_answer);
}
