#include "ctl/request.h"
#include "ctl/secret-line.h"

#include <string.h>

/* --- values ----------------------------------------------------------------------------------- */

/* What the schema says of an option; NULL: there is none of this name. */
static const json_t *rule_of(const json_t *schema, const char *option)
{
    return json_object_get(json_object_get(schema, "properties"), option);
}

static bool has_type(const json_t *rule, const char *type)
{
    const json_t *types = json_object_get(rule, "type"), *one;
    gsize i;

    if (json_is_string(types))
        return strcmp(json_string_value(types), type) == 0;
    json_array_foreach(types, i, one) if (json_is_string(one) &&
                                          strcmp(json_string_value(one), type) == 0) return true;
    return false;
}

/* A value as its option wants it; what cannot be one goes as a text, and the daemon says what is
 * allowed. */
static json_t *value_of(const json_t *rule, const char *text)
{
    gint64 number;

    if (text[0] == '\0')
        return json_null();
    if (has_type(rule, "integer") &&
        g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return json_integer(number);
    if (has_type(rule, "boolean") && strcmp(text, "true") == 0)
        return json_true();
    if (has_type(rule, "boolean") && strcmp(text, "false") == 0)
        return json_false();
    bool nested = has_type(rule, "array") || has_type(rule, "object");
    json_t *whole = nested ? json_loads(text, 0, NULL) : NULL;
    return whole != NULL ? whole : json_string(text);
}

/* Arguments are seen by everybody on the machine. */
static int judge_secret(const json_t *rule, const char *option, const char *text)
{
    if (!json_is_true(json_object_get(rule, "writeOnly")) || text[0] == '\0')
        return VD_CTL_DONE;
    return vd_ctl_fail(VD_CTL_USAGE,
                       "%s=: others see what stands on a command line: write %s=- and type it",
                       option, option);
}

/* The daemon refuses wrong values; what is no text cannot even be sent to it. */
static int put_value(json_t *into, const json_t *rule, const char *option, const char *text)
{
    if (json_object_set_new(into, option, value_of(rule, text)) == 0)
        return VD_CTL_DONE;
    return vd_ctl_fail(VD_CTL_USAGE, "%s=: this is no UTF-8", option);
}

static int take_assignment(json_t *into, const json_t *schema, const char *argument)
{
    const char *equals = strchr(argument, '=');

    if (equals == NULL)
        return vd_ctl_fail(VD_CTL_USAGE, "%s: OPTION=VALUE is wanted", argument);
    g_autofree char *option = g_strndup(argument, (gsize)(equals - argument));
    g_strdelimit(option, "-", '_');
    const json_t *rule = rule_of(schema, option);
    if (rule == NULL)
        return vd_ctl_fail(VD_CTL_USAGE, "there is no option %s: see vedette.conf(5)", option);
    if (strcmp(equals + 1, "-") != 0) {
        int exit = judge_secret(rule, option, equals + 1);
        return exit == VD_CTL_DONE ? put_value(into, rule, option, equals + 1) : exit;
    }
    int exit;
    char *typed = vd_ctl_secret_line(option, &exit);
    if (typed == NULL)
        return exit;
    exit = put_value(into, rule, option, typed);
    vd_ctl_secret_free(typed);
    return exit;
}

/* The arguments from this one on as a JSON object. */
static int read_options(VdCtl *ctl, guint from, json_t *into)
{
    json_t *schema;
    int exit = vd_ctl_ask_json(ctl, NULL, "/api/v1/schema", NULL, &schema);

    for (guint i = from; exit == VD_CTL_DONE && i < ctl->count; i++)
        exit = take_assignment(into, schema, ctl->arguments[i]);
    json_decref(schema);
    return exit;
}

/* --- orders ----------------------------------------------------------------------------------- */

static char *text_of_value(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    char *copy = g_strdup(text != NULL ? text : "nothing");

    free(text);
    return copy;
}

static void print_change(const json_t *change)
{
    g_autofree char *from = text_of_value(json_object_get(change, "from"));
    g_autofree char *to = text_of_value(json_object_get(change, "to"));
    g_autofree char *line =
        g_strdup_printf("%s: %s, was %s (%s)", json_string_value(json_object_get(change, "option")),
                        to, from, json_string_value(json_object_get(change, "applies")));
    g_autofree char *plain = vd_ctl_plain(line);

    puts(plain);
}

/* What an order's answer says for people. */
static void print_answer(const json_t *answer)
{
    const json_t *change;
    const char *id = json_string_value(json_object_get(answer, "id"));
    const char *applies = json_string_value(json_object_get(answer, "applies"));
    gsize i;

    json_array_foreach(json_object_get(answer, "changed"), i, change) print_change(change);
    printf("%s: %s%s%s\n", id != NULL ? id : "done", applies != NULL ? applies : "done",
           json_is_false(json_object_get(answer, "kept")) ? ", until vedetted ends" : "",
           json_is_false(json_object_get(answer, "done")) ? "; nothing was done (--dry-run)" : "");
}

/* With the query that --dry-run and --no-persist mean. */
static int order(VdCtl *ctl, const char *method, const char *path, const json_t *body)
{
    bool dry = ctl->options[VD_CTL_DRY_RUN] != NULL;
    bool passing = ctl->options[VD_CTL_NO_PERSIST] != NULL;
    g_autofree char *full =
        g_strconcat(path, dry || passing ? "?" : "", dry ? "dry_run=1" : "",
                    dry && passing ? "&" : "", passing ? "persist=0" : "", NULL);
    json_t *answer;
    int exit = vd_ctl_ask_json(ctl, method, full, body, &answer);

    if (exit == VD_CTL_DONE && ctl->options[VD_CTL_JSON] != NULL) {
        json_t *nothing = answer != NULL ? json_incref(answer) : json_object();
        vd_ctl_print_json(nothing);
        json_decref(nothing);
    } else if (exit == VD_CTL_DONE && answer != NULL) {
        print_answer(answer);
    }
    json_decref(answer);
    return exit;
}

static int order_camera(VdCtl *ctl, const char *method, const char *rest, const json_t *body)
{
    g_autofree char *path = vd_ctl_camera_path(ctl->arguments[0], rest);

    return path != NULL ? order(ctl, method, path, body) : VD_CTL_USAGE;
}

int vd_ctl_add(VdCtl *ctl)
{
    json_t *body = json_pack("{s:s}", "id", ctl->arguments[0]);
    int exit = body != NULL ? read_options(ctl, 1, body)
                            : vd_ctl_fail(VD_CTL_USAGE, "the camera's id is no UTF-8");

    if (exit == VD_CTL_DONE)
        exit = order(ctl, "POST", "/api/v1/cameras", body);
    json_decref(body);
    return exit;
}

int vd_ctl_set(VdCtl *ctl)
{
    json_t *body = json_object();
    int exit = read_options(ctl, 1, body);

    if (exit == VD_CTL_DONE)
        exit = order_camera(ctl, "PATCH", "/configuration", body);
    json_decref(body);
    return exit;
}

int vd_ctl_remove(VdCtl *ctl)
{
    return order_camera(ctl, "DELETE", "", NULL);
}

int vd_ctl_enable(VdCtl *ctl)
{
    return order_camera(ctl, "POST", "/enable", NULL);
}

int vd_ctl_disable(VdCtl *ctl)
{
    return order_camera(ctl, "POST", "/disable", NULL);
}

int vd_ctl_restart(VdCtl *ctl)
{
    return order_camera(ctl, "POST", "/restart", NULL);
}

/* --- a try ------------------------------------------------------------------------------------ */

static void print_reached(const json_t *found)
{
    const char *decoder = json_string_value(json_object_get(found, "decoder"));
    g_autofree char *line = g_strdup_printf(
        "reached: %s %dx%d over %s, decoded by %s; the first picture came after %d ms",
        json_string_value(json_object_get(found, "codec")),
        (int)json_integer_value(json_object_get(found, "width")),
        (int)json_integer_value(json_object_get(found, "height")),
        json_string_value(json_object_get(found, "transport")), decoder,
        (int)json_integer_value(json_object_get(found, "first_picture_ms")));
    g_autofree char *plain = vd_ctl_plain(line);

    puts(plain);
}

static int tell_found(VdCtl *ctl, const json_t *found)
{
    const char *reason = json_string_value(json_object_get(found, "reason"));
    bool reached = json_is_true(json_object_get(found, "reached"));

    if (ctl->options[VD_CTL_JSON] != NULL)
        vd_ctl_print_json(found);
    else if (reached)
        print_reached(found);
    return reached ? VD_CTL_DONE
                   : vd_ctl_fail(VD_CTL_REFUSED, "not reached: %s", reason != NULL ? reason : "");
}

int vd_ctl_probe(VdCtl *ctl)
{
    json_t *body = json_object(), *found = NULL;
    int exit = read_options(ctl, 0, body);

    if (exit == VD_CTL_DONE)
        exit = vd_ctl_ask_json(ctl, "POST", "/api/v1/probe", body, &found);
    if (exit == VD_CTL_DONE)
        exit = tell_found(ctl, found);
    json_decref(found);
    json_decref(body);
    return exit;
}
