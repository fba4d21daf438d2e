#include "config/options.h"

#include <string.h>

enum { WIDTH = 80 };

static const char *const when[] = {
    [VD_APPLY_NOTHING] = "",
    [VD_APPLY_LIVE] = "a reload changes it at once",
    [VD_APPLY_ANALYSIS] = "a reload begins the analysis anew",
    [VD_APPLY_RECONNECT] = "a reload connects the camera anew",
    [VD_APPLY_RESTART] = "takes effect at the next start",
};

/* "auto, tcp or udp" */
static char *list_values(const char *const *values)
{
    GString *text = g_string_new(values[0]);

    for (gsize i = 1; values[i] != NULL; i++)
        g_string_append_printf(text, "%s%s", values[i + 1] != NULL ? ", " : " or ", values[i]);
    return g_string_free(text, FALSE);
}

static char *allowed_text(const VdOption *option)
{
    if (option->values != NULL)
        return list_values(option->values);
    switch (option->type) {
    case VD_OPTION_BOOL:
        return g_strdup("true or false");
    case VD_OPTION_INT:
        return g_strdup_printf("%d to %d%s %s", option->min, option->max,
                               g_ascii_isdigit(option->unit[0]) ? ", in" : "", option->unit);
    case VD_OPTION_URI:
        return g_strdup("a URI or an absolute path");
    case VD_OPTION_POLYGONS:
        return g_strdup("polygons");
    case VD_OPTION_ZONES:
        return g_strdup("zones");
    case VD_OPTION_LINES:
        return g_strdup("lines");
    default:
        return g_strdup("text");
    }
}

/* Words of text, each line begun with prefix and ended before WIDTH. */
static void print_wrapped(FILE *out, const char *prefix, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    gsize column = 0;

    for (gsize i = 0; words[i] != NULL; i++) {
        gsize length = strlen(words[i]);

        if (column > 0 && column + 1 + length > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        fprintf(out, "%s%s", column == 0 ? prefix : " ", words[i]);
        column += length + (column == 0 ? strlen(prefix) : 1);
    }
    fputc('\n', out);
}

static void print_allowed(FILE *out, const char *prefix, const VdOption *option)
{
    g_autofree char *allowed = allowed_text(option);
    g_autofree char *text = g_strdup_printf("(%s; %s)", allowed, when[option->apply]);

    print_wrapped(out, prefix, text);
}

static void print_sample(FILE *out, const VdOption *option)
{
    fputc('\n', out);
    print_wrapped(out, "# ", option->help);
    print_allowed(out, "# ", option);
    fprintf(out, "#%s=%s\n", option->name, option->preset);
}

static void print_help(FILE *out, const VdOption *option)
{
    fprintf(out, "\n  %s=%s\n", option->name, option->preset);
    print_wrapped(out, "      ", option->help);
    print_allowed(out, "      ", option);
}

static void print_group(FILE *out, const char *group, bool own, bool sample)
{
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++)
        if (g_str_equal(options[i].group, group) && options[i].own == own)
            (sample ? print_sample : print_help)(out, &options[i]);
}

static const char sample_head[] =
    "# The configuration of vedetted(8); vedette.conf(5) explains it. Every option\n"
    "# stands here at its default. After a change: vedetted --check, and then\n"
    "# systemctl reload vedetted. Cameras may also stand in files of their own,\n"
    "# cameras.d/*.conf.\n"
    "\n"
    "[vedette]\n";
static const char sample_mqtt[] = "\n"
                                  "# An MQTT broker that is told what happens.\n"
                                  "[mqtt]\n";
static const char sample_webhook[] =
    "\n"
    "# One group for each web server that events are posted to. The name is made as a\n"
    "# camera's id is.\n"
    "#[webhook alarm]\n";
static const char sample_defaults[] =
    "\n"
    "# What holds for every camera that does not say otherwise itself.\n"
    "[defaults]\n";
static const char sample_camera[] =
    "\n"
    "# One group for each camera. The id is made of a-z, 0-9 and - and is part of its\n"
    "# addresses. Beside these options a camera may have any of those in [defaults].\n"
    "#[camera front]\n";

static const char help_head[] = "Options of vedette.conf and their defaults.\n\n[vedette]\n";
static const char help_mqtt[] = "\n[mqtt]\n";
static const char help_webhook[] = "\n[webhook NAME]\n";
static const char help_defaults[] = "\n[defaults], for all cameras, or [camera ID]\n";
static const char help_camera[] = "\n[camera ID] only\n";

void vd_options_print(FILE *out, bool sample)
{
    fputs(sample ? sample_head : help_head, out);
    print_group(out, "vedette", false, sample);
    fputs(sample ? sample_mqtt : help_mqtt, out);
    print_group(out, "mqtt", false, sample);
    fputs(sample ? sample_webhook : help_webhook, out);
    print_group(out, "webhook", false, sample);
    fputs(sample ? sample_defaults : help_defaults, out);
    print_group(out, "camera", false, sample);
    fputs(sample ? sample_camera : help_camera, out);
    print_group(out, "camera", true, sample);
}
