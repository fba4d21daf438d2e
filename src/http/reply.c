#include "http/reply.h"

#include <jansson.h>

enum { RETRY_AFTER_S = 5 };

VdReply vd_reply_json(unsigned status, GBytes *body)
{
    return (VdReply){.status = status, .body = body, .type = VD_TYPE_JSON, .cache = "no-store"};
}

static json_t *details_as_json(const VdDetail *details, guint n_details)
{
    json_t *list = json_array();

    for (guint i = 0; i < n_details; i++)
        json_array_append_new(list, json_pack("{s:s%, s:s}", "option", details[i].option,
                                              strnlen(details[i].option, 64), "allowed",
                                              details[i].allowed));
    return list;
}

VdReply vd_reply_error(unsigned status, const char *code, const VdDetail *details, guint n_details,
                       const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    /* What a client sent may stand in it and need not be UTF-8. */
    g_autofree char *message = g_utf8_make_valid(text, -1);
    json_t *error = json_pack("{s:s, s:s}", "code", code, "message", message);

    if (n_details > 0)
        json_object_set_new(error, "details", details_as_json(details, n_details));
    json_t *root = json_pack("{s:o}", "error", error);
    char *body = json_dumps(root, JSON_COMPACT);

    json_decref(root);
    return vd_reply_json(status, g_bytes_new_with_free_func(body, strlen(body), free, body));
}

VdReply vd_reply_picture(bool live, GBytes *jpeg)
{
    return (VdReply){.status = live ? 200 : 503,
                     .body = jpeg,
                     .type = VD_TYPE_JPEG,
                     .cache = "no-store",
                     .state = live ? "live" : "placeholder",
                     .retry_after_s = live ? 0 : RETRY_AFTER_S};
}

/* What the API's error means in HTTP. */
typedef struct Meaning {
    unsigned status;
    const char *code;
} Meaning;

static Meaning meaning_of(const GError *error)
{
    static const Meaning meanings[] = {
        [VD_ERROR_FAILED] = {500, "failed"},       [VD_ERROR_INVALID] = {400, "bad_parameter"},
        [VD_ERROR_NOT_FOUND] = {404, "not_found"}, [VD_ERROR_LIMIT] = {503, "limit"},
        [VD_ERROR_BUSY] = {503, "busy"},           [VD_ERROR_UNSUPPORTED] = {501, "unsupported"},
        [VD_ERROR_CONFLICT] = {409, "conflict"},   [VD_ERROR_CHANGED] = {412, "changed"},
    };
    guint at = VD_ERROR_FAILED;

    if (error->domain == VD_ERROR && (guint)error->code < G_N_ELEMENTS(meanings))
        at = (guint)error->code;
    return meanings[at];
}

static VdReply refusal(Meaning meaning, const GError *error, const VdDetail *details, guint count)
{
    VdReply reply =
        vd_reply_error(meaning.status, meaning.code, details, count, "%s", error->message);

    if (reply.status == 503)
        reply.retry_after_s = RETRY_AFTER_S;
    return reply;
}

VdReply vd_reply_from_error(const GError *error)
{
    return refusal(meaning_of(error), error, NULL, 0);
}

VdReply vd_reply_from_answer(const VdAnswer *answer)
{
    const Meaning wrong_body = {422, "invalid"};
    guint count = answer->details->len;

    bool body = count > 0 && !answer->of_query;

    if (answer->error != NULL)
        return refusal(body ? wrong_body : meaning_of(answer->error), answer->error,
                       (const VdDetail *)(void *)answer->details->data, count);
    if (answer->body == NULL)
        return (VdReply){.status = 204, .cache = "no-store"};
    VdReply reply = vd_reply_json(answer->created != NULL ? 201 : 200, g_bytes_ref(answer->body));
    reply.etag = g_strdup(answer->etag);
    if (answer->created != NULL)
        reply.location = g_strconcat("/api/v1/cameras/", answer->created, NULL);
    return reply;
}

void vd_reply_clear(VdReply *reply, VdApi *api)
{
    for (guint i = 0; i < reply->n_viewers; i++)
        api->unwatch(reply->viewers[i]);
    g_clear_pointer(&reply->viewers, g_free);
    reply->n_viewers = 0;
    g_clear_pointer(&reply->body, g_bytes_unref);
    g_clear_pointer(&reply->allow, g_free);
    g_clear_pointer(&reply->cookie, g_free);
    g_clear_pointer(&reply->etag, g_free);
    g_clear_pointer(&reply->location, g_free);
}
