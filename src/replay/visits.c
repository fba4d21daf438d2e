#include "replay/visits.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "replay/judge.h"
#include "replay/say.h"

#define SLACK_US (2 * G_USEC_PER_SEC)

/* --- reading ---------------------------------------------------------------------------------- */

static int column_of(char **head, const char *name)
{
    for (int i = 0; head[i] != NULL; i++)
        if (g_str_equal(g_strstrip(head[i]), name))
            return i;
    return -1;
}

static bool read_number(char **cells, int column, guint64 *number)
{
    return (guint)column < g_strv_length(cells) &&
           g_ascii_string_to_unsigned(g_strstrip(cells[column]), 10, 0, G_MAXUINT32, number, NULL);
}

static bool read_lines(GArray *visits, char **lines, const char *name, GError **error)
{
    g_auto(GStrv) head = g_strsplit(lines[0] != NULL ? lines[0] : "", ",", -1);
    int enter = column_of(head, "enter_frame"), leave = column_of(head, "leave_frame");

    if (enter < 0 || leave < 0)
        return vd_refuse(
            error, "%s is neither a video nor a table with enter_frame,leave_frame for a head",
            name);
    for (guint i = 1; lines[i] != NULL; i++) {
        g_auto(GStrv) cells = g_strsplit(lines[i], ",", -1);
        VdVisit visit;

        if (g_strstrip(lines[i])[0] == '\0')
            continue;
        if (!read_number(cells, enter, &visit.enter) || !read_number(cells, leave, &visit.leave) ||
            visit.leave < visit.enter)
            return vd_refuse(error, "%s:%u: the numbers of two pictures are wanted, the later last",
                             name, i + 1);
        if (visits->len == VD_MAX_VISITS)
            return vd_refuse(error, "%s:%u: at most %d visits are read", name, i + 1,
                             VD_MAX_VISITS);
        g_array_append_val(visits, visit);
    }
    return true;
}

GArray *vd_visits_parse(const char *text, const char *name, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GArray *visits = g_array_new(FALSE, FALSE, sizeof(VdVisit));

    if (!read_lines(visits, lines, name, error))
        g_clear_pointer(&visits, g_array_unref);
    return visits;
}

GArray *vd_visits_read(const char *path, GError **error)
{
    gsize length;
    g_autofree char *text = vd_file_read(path, VD_MAX_LABELS, &length, error);

    if (text == NULL) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    return vd_visits_parse(text, path, error);
}

/* --- judging ---------------------------------------------------------------------------------- */

/* Of a picture that is not there, the last one's. */
static gint64 time_of(const GArray *times, guint64 frame)
{
    if (times->len == 0)
        return 0;
    return g_array_index(times, gint64, MIN(frame, times->len - 1));
}

static VdIncident in_time(const VdVisit *visit, const GArray *times)
{
    return (VdIncident){time_of(times, visit->enter), time_of(times, visit->leave)};
}

/* Who has written it down saw somebody a little earlier, or later. */
static bool begins_in(const VdIncident *incident, const VdIncident *visit)
{
    return incident->since_us >= visit->since_us - SLACK_US &&
           incident->since_us <= visit->until_us + SLACK_US;
}

/* (nullable) The first that is of this visit. */
static const VdIncident *first_of(const GArray *incidents, const VdIncident *visit)
{
    for (guint i = 0; i < incidents->len; i++)
        if (begins_in(&g_array_index(incidents, VdIncident, i), visit))
            return &g_array_index(incidents, VdIncident, i);
    return NULL;
}

/* Those that are of no visit. */
static guint count_false(const GArray *visits, const GArray *times, const GArray *incidents)
{
    guint count = 0;

    for (guint i = 0; i < incidents->len; i++) {
        bool of_one = false;

        for (guint j = 0; j < visits->len && !of_one; j++) {
            VdIncident visit = in_time(&g_array_index(visits, VdVisit, j), times);
            of_one = begins_in(&g_array_index(incidents, VdIncident, i), &visit);
        }
        count += !of_one;
    }
    return count;
}

json_t *vd_visits_judge(const GArray *visits, const GArray *times, const GArray *incidents)
{
    guint found = 0, wrong = count_false(visits, times, incidents);
    json_t *each = json_array();

    for (guint i = 0; i < visits->len; i++) {
        VdIncident visit = in_time(&g_array_index(visits, VdVisit, i), times);
        const VdIncident *first = first_of(incidents, &visit);

        found += first != NULL;
        json_array_append_new(
            each, json_pack("{s:o, s:o, s:b, s:o}", "enter", vd_say_seconds(visit.since_us),
                            "leave", vd_say_seconds(visit.until_us), "found", first != NULL, "late",
                            first != NULL ? vd_say_seconds(first->since_us - visit.since_us)
                                          : json_null()));
    }
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "of", "visits", "visits",
                     (int)visits->len, "found", (int)found, "events", (int)incidents->len, "false",
                     (int)wrong, "precision", vd_say_ratio(incidents->len - wrong, incidents->len),
                     "recall", vd_say_ratio(found, visits->len), "each", each);
}
