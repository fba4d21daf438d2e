#include "ctl/request.h"
#include "ctl/table.h"

#include <stdlib.h>
#include <string.h>

/* --- when ------------------------------------------------------------------------------------- */

/* "3:12" or "03:12:40": the newest such time of day that has come (nullable) (transfer full). */
static GDateTime *time_of_day(const char *text)
{
    g_autoptr(GRegex) form =
        g_regex_new("^([01]?\\d|2[0-3]):([0-5]\\d)(?::([0-5]\\d))?$", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    if (!g_regex_match(form, text, 0, &match))
        return NULL;
    g_autofree char *hour = g_match_info_fetch(match, 1), *minute = g_match_info_fetch(match, 2);
    g_autofree char *second = g_match_info_fetch(match, 3);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) today = g_date_time_new_local(
        g_date_time_get_year(now), g_date_time_get_month(now), g_date_time_get_day_of_month(now),
        atoi(hour), atoi(minute), second != NULL ? atoi(second) : 0);

    return g_date_time_compare(today, now) <= 0 ? g_steal_pointer(&today)
                                                : g_date_time_add_days(today, -1);
}

/* What is asked of the daemon; of a time without seconds its whole minute (nullable) (transfer
 * full). */
static char *question_of(const char *text)
{
    bool minute = strlen(text) <= strlen("03:12");
    g_autoptr(GDateTime) day = time_of_day(text);
    g_autoptr(GTimeZone) local = g_time_zone_new_local();
    g_autoptr(GDateTime) time =
        day != NULL ? g_steal_pointer(&day) : g_date_time_new_from_iso8601(text, local);
    g_autoptr(GDateTime) utc = time != NULL ? g_date_time_to_utc(time) : NULL;

    return utc != NULL
               ? g_date_time_format(utc, minute ? "/explain?at=%Y-%m-%dT%H:%M:%SZ&seconds=60"
                                                : "/explain?at=%Y-%m-%dT%H:%M:%SZ")
               : NULL;
}

/* --- what is printed -------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void print_plain(const char *text)
{
    g_autofree char *plain = vd_ctl_plain(text != NULL ? text : "-");

    puts(plain);
}

static void add_number(VdCtlTable *table, const json_t *value, const char *unit)
{
    if (!json_is_number(value) || unit == NULL)
        vd_ctl_table_add(table, NULL);
    else if (strcmp(unit, "share") == 0)
        vd_ctl_table_addf(table, "%.2f %%", 100 * json_number_value(value));
    else if (strcmp(unit, "seconds") == 0)
        vd_ctl_table_addf(table, "%.1f s", json_number_value(value));
    else
        vd_ctl_table_addf(table, "%.0f", json_number_value(value));
}

static void add_passed(VdCtlTable *table, const json_t *passed)
{
    vd_ctl_table_add(table, json_is_boolean(passed) ? (json_is_true(passed) ? "yes" : "no") : NULL);
}

static void print_stages(const json_t *reason)
{
    g_autoptr(VdCtlTable) table =
        vd_ctl_table_new("STAGE|>VALUE|>LIMIT|>MARGIN|PASSED|LIMIT IS SET BY");
    const json_t *stage, *stages = json_object_get(reason, "stages");
    gsize i;

    json_array_foreach(stages, i, stage)
    {
        const char *unit = text_of(stage, "unit");

        vd_ctl_table_add(table, text_of(stage, "stage"));
        add_number(table, json_object_get(stage, "value"), unit);
        add_number(table, json_object_get(stage, "limit"), unit);
        add_number(table, json_object_get(stage, "margin"), unit);
        add_passed(table, json_object_get(stage, "passed"));
        vd_ctl_table_add(table, text_of(stage, "option"));
    }
    if (json_array_size(stages) == 0)
        return;
    puts("");
    vd_ctl_table_print(table);
}

static void print_zones(const json_t *reason)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new("ZONE|COUNTS|>BOXES|>MOVED|>NEEDED|>MARGIN");
    const json_t *zone, *zones = json_object_get(reason, "zones");
    gsize i;

    json_array_foreach(zones, i, zone)
    {
        vd_ctl_table_add(table, text_of(zone, "name"));
        vd_ctl_table_add(table, json_is_true(json_object_get(zone, "ignore")) ? "no" : "yes");
        add_number(table, json_object_get(zone, "boxes"), "boxes");
        add_number(table, json_object_get(zone, "seconds"), "seconds");
        add_number(table, json_object_get(zone, "min_seconds"), "seconds");
        add_number(table, json_object_get(zone, "margin"), "seconds");
    }
    if (json_array_size(zones) == 0)
        return;
    puts("");
    vd_ctl_table_print(table);
}

/* Whether people would be told the same of both. */
static bool is_alike(const json_t *line, const json_t *other)
{
    return g_strcmp0(text_of(line, "code"), text_of(other, "code")) == 0 &&
           g_strcmp0(text_of(line, "event"), text_of(other, "event")) == 0;
}

/* Lines that are alike are one, with the first one's sentence. */
static void print_around(const char *heading, const json_t *lines)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new("FROM|TO|VERDICT|EVENT|WHY");
    gsize count = json_array_size(lines);

    if (count == 0)
        return;
    for (gsize i = 0, end; i < count; i = end) {
        const json_t *line = json_array_get(lines, i);

        for (end = i + 1; end < count && is_alike(line, json_array_get(lines, end)); end++)
            continue;
        vd_ctl_table_add(table, text_of(line, "from"));
        vd_ctl_table_add(table, text_of(json_array_get(lines, end - 1), "to"));
        vd_ctl_table_add(table, text_of(line, "code"));
        vd_ctl_table_add(table, text_of(line, "event"));
        vd_ctl_table_add(table, text_of(line, "text"));
    }
    printf("\n%s\n", heading);
    vd_ctl_table_print(table);
}

static void print_explanation(const json_t *answer)
{
    const json_t *verdict = json_object_get(answer, "verdict");
    const json_t *reason = json_object_get(answer, "reason");
    g_autofree char *head = g_strdup_printf("%s at %s: %s", text_of(answer, "camera"),
                                            text_of(answer, "at"), text_of(verdict, "code"));

    print_plain(head);
    print_plain(text_of(verdict, "text"));
    print_stages(reason);
    print_zones(reason);
    print_around("The minute before:", json_object_get(answer, "before"));
    print_around("The minute after:", json_object_get(answer, "after"));
}

/* --- the command ------------------------------------------------------------------------------ */

int vd_ctl_explain(VdCtl *ctl)
{
    const char *wanted = ctl->options[VD_CTL_AT];
    g_autofree char *rest = wanted != NULL ? question_of(wanted) : g_strdup("/explain");
    json_t *answer;

    if (rest == NULL)
        return vd_ctl_fail(VD_CTL_USAGE,
                           "--at=%s: a time is wanted, as 2027-01-01T00:00:00Z or 03:12", wanted);
    g_autofree char *path = vd_ctl_camera_path(ctl->arguments[0], rest);
    if (path == NULL)
        return VD_CTL_USAGE;
    int exit = vd_ctl_ask_json(ctl, NULL, path, NULL, &answer);
    if (exit != VD_CTL_DONE)
        return exit;
    if (ctl->options[VD_CTL_JSON] != NULL)
        vd_ctl_print_json(answer);
    else
        print_explanation(answer);
    json_decref(answer);
    return VD_CTL_DONE;
}
