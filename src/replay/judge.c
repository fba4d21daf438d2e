#include "replay/judge.h"

#include "replay/say.h"

void vd_judge_init(VdJudge *judge, const VdCameraConfig *camera, gint64 start_us, VdTold told,
                   void *data)
{
    VdRuleTimes times = {camera->event_min_ms * 1000LL, camera->event_gap_ms * 1000LL};

    *judge = (VdJudge){.start_us = start_us, .told = told, .data = data};
    judge->incidents = g_array_new(FALSE, FALSE, sizeof(VdIncident));
    vd_rules_init(&judge->rules, camera->id, &times);
    vd_event_unref(vd_rules_set_zones(&judge->rules, (VdMoment){0}, camera->zones));
    vd_crossings_init(&judge->crossings, camera->id);
    vd_crossings_set_lines(&judge->crossings, camera->lines);
    vd_light_init(&judge->light, camera->id);
    judge->tracks = vd_tracks_new(0);
}

void vd_judge_clear(VdJudge *judge)
{
    if (judge->incidents == NULL)
        return;
    g_clear_pointer(&judge->incidents, g_array_unref);
    vd_rules_clear(&judge->rules);
    vd_crossings_clear(&judge->crossings);
    vd_light_clear(&judge->light);
    vd_tracks_free(judge->tracks);
}

/* Rules tell dates; what is told of a recording is the time in it. */
static gint64 time_of(const VdJudge *judge, const json_t *date)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(json_string_value(date), NULL);

    return g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time) -
           judge->start_us;
}

/* as: under which name the date stays, where there is one. */
static void replace_date(const VdJudge *judge, json_t *line, const char *name, const char *as)
{
    json_t *date = json_object_get(line, name);

    if (date == NULL)
        return;
    if (judge->start_us != 0)
        json_object_set(line, as, date);
    json_object_set_new(line, name, vd_say_seconds(time_of(judge, date)));
}

static json_t *line_of(const VdJudge *judge, const VdEvent *event)
{
    json_t *line =
        json_pack("{s:s, s:s, s:o, s:I}", "type", "event", "kind", vd_event_kind_name(event->kind),
                  "at", vd_say_seconds(judge->last_us), "frame", (json_int_t)judge->frame);

    if (judge->start_us != 0) {
        g_autofree char *date = vd_clock_iso8601(event->wall_us);
        json_object_set_new(line, "time", json_string(date));
    }
    json_object_update(line, event->fields);
    replace_date(judge, line, "since", "since_time");
    replace_date(judge, line, "until", "until_time");
    return line;
}

/* event: (nullable) (transfer full) */
static void tell(VdJudge *judge, VdEvent *event)
{
    if (event == NULL)
        return;
    if (event->kind == VD_KIND_MOTION_END) {
        VdIncident incident = {time_of(judge, json_object_get(event->fields, "since")),
                               time_of(judge, json_object_get(event->fields, "until"))};
        g_array_append_val(judge->incidents, incident);
    }
    judge->told(line_of(judge, event), judge->data);
    vd_event_unref(event);
}

static void add_track_lines(const VdJudge *judge, const VdPlayed *played)
{
    for (guint i = 0; i < vd_tracks_count(judge->tracks); i++) {
        const VdTrack *track = vd_tracks_get(judge->tracks, i);

        if (!vd_track_is_told(track, played->report->pts))
            continue;
        g_autofree char *line = vd_track_mot_line(track, played->frame + 1, (guint)played->width,
                                                  (guint)played->height);
        g_string_append(judge->track_lines, line);
    }
}

static void follow(VdJudge *judge, const VdPlayed *played, gint64 wall_us)
{
    const VdReport *report = played->report;
    g_autoptr(GPtrArray) crossed = g_ptr_array_new();
    VdTrackMark marks[VD_MAX_TRACKS];

    vd_tracks_see(judge->tracks, report->pts, report->aspect, report->boxes, report->n_boxes, NULL);
    vd_crossings_see(&judge->crossings, wall_us, marks, vd_tracks_mark(judge->tracks, marks),
                     crossed);
    for (guint i = 0; i < crossed->len; i++)
        tell(judge, crossed->pdata[i]);
    if (judge->track_lines != NULL)
        add_track_lines(judge, played);
}

void vd_judge_see(VdJudge *judge, const VdPlayed *played)
{
    const VdReport *report = played->report;
    gint64 us = (gint64)(report->pts / GST_USECOND);

    judge->looked++;
    judge->last_us = us;
    judge->frame = played->frame;
    VdSighting sighting = {
        .us = us,
        .wall_us = judge->start_us + us,
        .young = !report->primed,
        .light = report->lighting.light != 0,
        .share = report->share,
        .noise = report->noise,
        .found = &report->found,
        .boxes = report->boxes,
        .n_boxes = report->n_boxes,
    };
    tell(judge,
         vd_light_see(&judge->light, (VdMoment){sighting.us, sighting.wall_us}, &report->lighting));
    tell(judge, vd_rules_see(&judge->rules, &sighting));
    if (report->primed)
        follow(judge, played, sighting.wall_us);
}

void vd_judge_end(VdJudge *judge)
{
    VdMoment end = {judge->last_us, judge->start_us + judge->last_us};

    tell(judge, vd_rules_leave(&judge->rules, end));
}
