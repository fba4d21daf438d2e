#include "ctl/request.h"

#include <string.h>

enum {
    MAX_LINE = 1024 * 1024,
    SILENCE_S = 50, /* three of the heartbeats that vedetted sends every 15 s */
};

/* What comes of the stream of events. */
typedef struct Watch {
    VdCtl *ctl;
    GString *line;
    guint64 left; /* events to print yet; 0: no end */
    bool ended, too_long;
} Watch;

static bool is_wanted(const Watch *watch, const json_t *event)
{
    const char *camera = json_string_value(json_object_get(event, "camera"));
    const VdCtl *ctl = watch->ctl;

    for (guint i = 0; i < ctl->count; i++)
        if (camera != NULL && strcmp(ctl->arguments[i], camera) == 0)
            return true;
    return ctl->count == 0;
}

/* Texts separated by commas; (nullable) there are none, or other values. */
static char *list_of(const json_t *array)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const json_t *one;
    gsize i;

    json_array_foreach(array, i, one)
    {
        if (!json_is_string(one))
            return NULL;
        g_string_append_printf(text, "%s%s", i > 0 ? "," : "", json_string_value(one));
    }
    return text->len > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

/* The fields of its kind, "to=waiting reason=..."; those that every event has come before, and
 * reasons are for "explain". */
static void append_fields(GString *text, const json_t *event)
{
    static const char *const known[] = {"id", "time", "kind", "camera", "reasons", NULL};
    const char *name;
    const json_t *value;

    json_object_foreach((json_t *)event, name, value)
    {
        g_autofree char *list = list_of(value);

        if (list != NULL)
            g_string_append_printf(text, " %s=%s", name, list);
        if (g_strv_contains(known, name) || json_is_array(value) || json_is_null(value))
            continue;
        char *json = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        g_string_append_printf(text, " %s=%s", name,
                               json_is_string(value) ? json_string_value(value) : json);
        free(json);
    }
}

static void print_event(const json_t *event)
{
    const char *camera = json_string_value(json_object_get(event, "camera"));
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%s %s %s", json_string_value(json_object_get(event, "time")),
                           camera != NULL ? camera : "-",
                           json_string_value(json_object_get(event, "kind")));
    append_fields(text, event);
    g_autofree char *plain = vd_ctl_plain(text->str);
    puts(plain);
}

static void take_event(Watch *watch, const char *text)
{
    json_t *event = json_loads(text, 0, NULL);

    if (event != NULL && is_wanted(watch, event)) {
        if (watch->ctl->options[VD_CTL_JSON] != NULL)
            vd_ctl_print_json(event);
        else
            print_event(event);
        fflush(stdout);
        watch->ended = watch->left == 1;
        watch->left -= watch->left > 0 ? 1 : 0;
    }
    json_decref(event);
}

static void take_line(Watch *watch)
{
    static const char data[] = "data: ";

    if (g_str_has_prefix(watch->line->str, data))
        take_event(watch, watch->line->str + strlen(data));
    g_string_truncate(watch->line, 0);
}

static bool take_bytes(void *data, const char *bytes, gsize count)
{
    Watch *watch = data;

    for (gsize i = 0; i < count && !watch->ended; i++) {
        if (bytes[i] == '\n')
            take_line(watch);
        else if (watch->line->len < MAX_LINE)
            g_string_append_c(watch->line, bytes[i]);
        else
            watch->ended = watch->too_long = true;
    }
    return !watch->ended;
}

int vd_ctl_watch(VdCtl *ctl)
{
    const char *wanted = ctl->options[VD_CTL_COUNT];
    Watch watch = {.ctl = ctl};
    VdCtlRequest request = {.path = "/api/v1/events/stream",
                            .take = take_bytes,
                            .data = &watch,
                            .silence_s = SILENCE_S};
    g_autoptr(GByteArray) body = NULL;

    if (wanted != NULL &&
        !g_ascii_string_to_unsigned(wanted, 10, 1, G_MAXUINT32, &watch.left, NULL))
        return vd_ctl_fail(VD_CTL_USAGE, "--count=%s: a number from 1 on is wanted", wanted);
    watch.line = g_string_new(NULL);
    int exit = vd_ctl_ask(ctl, &request, &body);
    g_string_free(watch.line, TRUE);
    if (watch.too_long)
        return vd_ctl_fail(VD_CTL_REFUSED, "an event is longer than it can be: is it vedetted?");
    if (exit == VD_CTL_DONE && !watch.ended && !vd_ctl_interrupted())
        return vd_ctl_fail(VD_CTL_AWAY, "vedetted has ended the connection");
    return exit;
}
