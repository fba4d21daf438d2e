#include "ctl/replay-text.h"

#include "base/words.h"
#include "ctl/table.h"

#include <string.h>

struct VdCtlReplayText {
    const char *names[2];
    json_t *events, *crossed, *lights; /* of the recording that is played */
};

VdCtlReplayText *vd_ctl_replay_text_new(const char *a, const char *b)
{
    VdCtlReplayText *text = g_new0(VdCtlReplayText, 1);

    text->names[0] = a;
    text->names[1] = b;
    text->events = json_array();
    text->crossed = json_array();
    text->lights = json_array();
    return text;
}

void vd_ctl_replay_text_free(VdCtlReplayText *text)
{
    json_decref(text->events);
    json_decref(text->crossed);
    json_decref(text->lights);
    g_free(text);
}

static const char *text_of(const json_t *line, const char *name)
{
    const char *text = json_string_value(json_object_get(line, name));

    return text != NULL ? text : "-";
}

static double number_of(const json_t *line, const char *name)
{
    return json_number_value(json_object_get(line, name));
}

static int count_of(const json_t *line, const char *name)
{
    return (int)json_integer_value(json_object_get(line, name));
}

/* Nothing where there are no others. */
static char *settings_of(const VdCtlReplayText *text, const json_t *line)
{
    const char *name = text->names[g_str_equal(text_of(line, "settings"), "b")];

    return text->names[1] != NULL ? g_strdup_printf(" with %s", name) : g_strdup("");
}

static void say(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *line = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *plain = vd_ctl_plain(line);
    puts(plain);
}

/* --- events ----------------------------------------------------------------------------------- */

/* (transfer full) */
static char *zones_of(const json_t *event)
{
    g_autoptr(GString) names = g_string_new(NULL);
    const json_t *name;
    gsize i;

    json_array_foreach(json_object_get(event, "zones"), i, name)
    {
        const char *zone = json_string_value(name);
        g_string_append_printf(names, "%s%s", i > 0 ? "," : "", zone != NULL ? zone : "-");
    }
    return g_string_free(g_steal_pointer(&names), FALSE);
}

/* Whether it is told when the recordings began. */
static bool dated(const json_t *event)
{
    return json_object_get(event, "since_time") != NULL;
}

static void add_event(VdCtlTable *table, const json_t *event)
{
    g_autofree char *zones = zones_of(event);

    vd_ctl_table_addf(table, "%.1f", number_of(event, "since"));
    vd_ctl_table_addf(table, "%.1f", number_of(event, "until"));
    vd_ctl_table_addf(table, "%.1f", number_of(event, "seconds"));
    vd_ctl_table_addf(table, "%.1f%%", 100 * number_of(event, "peak_share"));
    vd_ctl_table_add(table, zones[0] != '\0' ? zones : NULL);
    if (dated(event))
        vd_ctl_table_add(table, text_of(event, "since_time"));
}

static void say_crossed(VdCtlReplayText *text)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new(">AT|LINE|DIRECTION|>TRACK");
    const json_t *event;
    gsize i;

    json_array_foreach(text->crossed, i, event)
    {
        vd_ctl_table_addf(table, "%.1f", number_of(event, "at"));
        vd_ctl_table_add(table, text_of(event, "line"));
        vd_ctl_table_add(table, text_of(event, "direction"));
        vd_ctl_table_addf(table, "%d", count_of(event, "track"));
    }
    if (json_array_size(text->crossed) > 0)
        vd_ctl_table_print(table);
    json_array_clear(text->crossed);
}

static void say_lights(VdCtlReplayText *text)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new(">SINCE|>SECONDS|>BRIGHTNESS|>BEFORE");
    const json_t *event;
    gsize i;

    json_array_foreach(text->lights, i, event)
    {
        vd_ctl_table_addf(table, "%.1f", number_of(event, "since"));
        vd_ctl_table_addf(table, "%.1f", number_of(event, "seconds"));
        vd_ctl_table_addf(table, "%.0f %%", number_of(event, "brightness") * 100);
        vd_ctl_table_addf(table, "%.0f %%", number_of(event, "brightness_before") * 100);
    }
    if (json_array_size(text->lights) > 0)
        vd_ctl_table_print(table);
    json_array_clear(text->lights);
}

static void say_clip(VdCtlReplayText *text, const json_t *line)
{
    g_autofree char *settings = settings_of(text, line);
    const json_t *first = json_array_get(text->events, 0);
    g_autoptr(VdCtlTable) table =
        vd_ctl_table_new(dated(first) ? ">SINCE|>UNTIL|>SECONDS|>PEAK|ZONES|TIME"
                                      : ">SINCE|>UNTIL|>SECONDS|>PEAK|ZONES");
    const json_t *event;
    gsize i;

    g_autofree char *events = vd_counted((guint)count_of(line, "events"), "event");

    say("%s%s: %s in %.1f s; %d pictures, %d analysed", text_of(line, "clip"), settings, events,
        number_of(line, "seconds"), count_of(line, "pictures"), count_of(line, "analysed"));
    json_array_foreach(text->events, i, event) add_event(table, event);
    if (json_array_size(text->events) > 0)
        vd_ctl_table_print(table);
    json_array_clear(text->events);
    say_crossed(text);
    say_lights(text);
}

/* --- truth ------------------------------------------------------------------------------------ */

/* (transfer full) */
static char *ratio_of(const json_t *line, const char *name)
{
    const json_t *ratio = json_object_get(line, name);

    return json_is_real(ratio) ? g_strdup_printf("%.3f", json_real_value(ratio)) : g_strdup("-");
}

static void say_visits(const json_t *line)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new(">ENTER|>LEAVE|FOUND|>LATE");
    const json_t *visit;
    gsize i;

    say("%d of %d visits found, %d of %d events false", count_of(line, "found"),
        count_of(line, "visits"), count_of(line, "false"), count_of(line, "events"));
    json_array_foreach(json_object_get(line, "each"), i, visit)
    {
        const json_t *late = json_object_get(visit, "late");

        vd_ctl_table_addf(table, "%.1f", number_of(visit, "enter"));
        vd_ctl_table_addf(table, "%.1f", number_of(visit, "leave"));
        vd_ctl_table_add(table, json_is_true(json_object_get(visit, "found")) ? "yes" : "no");
        if (json_is_real(late))
            vd_ctl_table_addf(table, "%.1f", json_real_value(late));
        else
            vd_ctl_table_add(table, NULL);
    }
    if (i > 0)
        vd_ctl_table_print(table);
}

static void say_truth(VdCtlReplayText *text, const json_t *line)
{
    g_autofree char *settings = settings_of(text, line);
    g_autofree char *precision = ratio_of(line, "precision"), *recall = ratio_of(line, "recall");
    g_autofree char *f = ratio_of(line, "f");
    bool visits = g_str_equal(text_of(line, "of"), "visits");

    if (visits)
        say_visits(line);
    else
        say("pixels of %d masks: F %s", count_of(line, "pictures"), f);
    say("precision %s, recall %s%s", precision, recall, settings);
}

/* --- difference ------------------------------------------------------------------------------- */

static void add_span(VdCtlTable *table, const json_t *span)
{
    if (span == NULL) {
        vd_ctl_table_add(table, NULL);
        vd_ctl_table_add(table, NULL);
        return;
    }
    vd_ctl_table_addf(table, "%.1f", number_of(span, "since"));
    vd_ctl_table_addf(table, "%.1f", number_of(span, "until"));
}

static void say_difference(const VdCtlReplayText *text, const json_t *line)
{
    const json_t *moved = json_object_get(line, "moved"), *one;
    const json_t *only_a = json_object_get(line, "only_a");
    const json_t *only_b = json_object_get(line, "only_b");
    g_autoptr(VdCtlTable) table = vd_ctl_table_new(">SINCE A|>UNTIL A|>SINCE B|>UNTIL B");
    gsize i;

    say("A is %s, B is %s: %d of the events the same, %zu at other times, %zu only with A, %zu "
        "only with "
        "B",
        text->names[0], text->names[1], count_of(line, "same"), json_array_size(moved),
        json_array_size(only_a), json_array_size(only_b));
    json_array_foreach(moved, i, one)
    {
        add_span(table, json_object_get(one, "a"));
        add_span(table, json_object_get(one, "b"));
    }
    json_array_foreach(only_a, i, one)
    {
        add_span(table, one);
        add_span(table, NULL);
    }
    json_array_foreach(only_b, i, one)
    {
        add_span(table, NULL);
        add_span(table, one);
    }
    if (json_array_size(moved) + json_array_size(only_a) + json_array_size(only_b) > 0)
        vd_ctl_table_print(table);
}

void vd_ctl_replay_text_take(VdCtlReplayText *text, const json_t *line)
{
    const char *type = text_of(line, "type");

    if (g_str_equal(type, "event") && g_str_equal(text_of(line, "kind"), "motion-end"))
        json_array_append(text->events, (json_t *)line);
    else if (g_str_equal(type, "event") && g_str_equal(text_of(line, "kind"), "line-crossed"))
        json_array_append(text->crossed, (json_t *)line);
    else if (g_str_equal(type, "event") && g_str_equal(text_of(line, "kind"), "light-changed"))
        json_array_append(text->lights, (json_t *)line);
    else if (g_str_equal(type, "clip"))
        say_clip(text, line);
    else if (g_str_equal(type, "truth"))
        say_truth(text, line);
    else if (g_str_equal(type, "difference"))
        say_difference(text, line);
}
