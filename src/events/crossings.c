#include "events/crossings.h"

#include <stdlib.h>
#include <string.h>

/* One that is older and was not known comes from other pictures, whose lines were told. */
#define NEW_NS      G_GUINT64_CONSTANT(2000000000)
#define INTERVAL_US G_USEC_PER_SEC /* of events, in the long run */

/* --- geometry --------------------------------------------------------------------------------- */

/* Whether the point is to the right of a to b, or on it. */
static bool is_right(VdPoint a, VdPoint b, VdPoint point)
{
    return (gint64)(b.x - a.x) * (point.y - a.y) >= (gint64)(b.y - a.y) * (point.x - a.x);
}

/* 1: from left to right, -1: from right to left, 0: not, or back again. */
static int crosses(const VdPolygon *course, VdPoint from, VdPoint to)
{
    int sum = 0;

    for (guint i = 0; i + 1 < course->n_points; i++) {
        VdPoint a = course->points[i], b = course->points[i + 1];

        if (is_right(a, b, from) != is_right(a, b, to) &&
            is_right(from, to, a) != is_right(from, to, b))
            sum += is_right(a, b, to) ? 1 : -1;
    }
    return (sum > 0) - (sum < 0);
}

/* --- who is where ----------------------------------------------------------------------------- */

static VdPoint foot_of(const VdBox *box)
{
    return (VdPoint){box->x + box->width / 2, box->y + box->height};
}

static const VdCrosser *find(const VdCrossings *crossings, guint64 track)
{
    for (guint i = 0; i < crossings->n; i++)
        if (crossings->each[i].track == track)
            return &crossings->each[i];
    return NULL;
}

static VdCrosser crosser_of(const VdCrossings *crossings, const VdTrackMark *track)
{
    const VdCrosser *known = find(crossings, track->id);

    if (known != NULL)
        return *known;
    if (track->age > NEW_NS)
        return (VdCrosser){track->id, foot_of(&track->box)};
    return (VdCrosser){track->id, {track->from_x, track->from_y}};
}

static bool is_stride(const VdBox *box, VdPoint from, VdPoint to)
{
    return 4 * abs(to.x - from.x) >= box->width || 8 * abs(to.y - from.y) >= box->height;
}

/* --- what is told ----------------------------------------------------------------------------- */

static double part(int value)
{
    return value / 65536.0;
}

/* The generic cell rate algorithm (ITU-T I.371), in its form of a virtual schedule. */
static bool may_tell(VdCrossings *crossings, gint64 wall_us)
{
    if (wall_us < crossings->seen_us || crossings->full_us < wall_us) /* also: the clock was set */
        crossings->full_us = wall_us;
    crossings->seen_us = wall_us;
    if (crossings->full_us - wall_us > (VD_CROSSINGS_AT_ONCE - 1) * INTERVAL_US)
        return false;
    crossings->full_us += INTERVAL_US;
    return true;
}

/* NULL: it is counted and not told. */
static VdEvent *crossed(VdCrossings *crossings, guint at, bool in, gint64 wall_us,
                        const VdTrackMark *track)
{
    guint64 count = in ? ++crossings->crossed.in[at] : ++crossings->crossed.out[at];

    if (!may_tell(crossings, wall_us)) {
        crossings->untold++;
        return NULL;
    }
    json_t *box = json_pack("{s:f,s:f,s:f,s:f}", "x", part(track->box.x), "y", part(track->box.y),
                            "width", part(track->box.width), "height", part(track->box.height));
    json_t *fields = json_pack("{s:s,s:s,s:I,s:I,s:I,s:f,s:o}", "line",
                               crossings->lines->each[at].name, "direction", in ? "in" : "out",
                               "count", (json_int_t)count, "untold", (json_int_t)crossings->untold,
                               "track", (json_int_t)track->id, "speed", track->speed, "box", box);

    crossings->untold = 0;
    return vd_event_new(VD_KIND_LINE_CROSSED, crossings->camera, wall_us, fields);
}

static void stride(VdCrossings *crossings, VdPoint from, VdPoint to, gint64 wall_us,
                   const VdTrackMark *track, GPtrArray *happened)
{
    for (guint i = 0; crossings->lines != NULL && i < crossings->lines->count; i++) {
        const VdLine *line = &crossings->lines->each[i];
        int way = crosses(&line->course, from, to);

        if ((line->ways & (way > 0 ? VD_WAY_IN : way < 0 ? VD_WAY_OUT : 0)) == 0)
            continue;
        VdEvent *event = crossed(crossings, i, way > 0, wall_us, track);
        if (event != NULL)
            g_ptr_array_add(happened, event);
    }
}

void vd_crossings_see(VdCrossings *crossings, gint64 wall_us, const VdTrackMark *tracks, guint n,
                      GPtrArray *happened)
{
    VdCrosser now[VD_MAX_TRACKS];
    guint kept = MIN(n, VD_MAX_TRACKS);

    for (guint i = 0; i < kept; i++) {
        VdPoint foot = foot_of(&tracks[i].box);

        now[i] = crosser_of(crossings, &tracks[i]);
        if (!tracks[i].visible || !is_stride(&tracks[i].box, now[i].foot, foot))
            continue;
        stride(crossings, now[i].foot, foot, wall_us, &tracks[i], happened);
        now[i].foot = foot;
    }
    if (kept > 0)
        memcpy(crossings->each, now, kept * sizeof now[0]);
    crossings->n = kept;
}

/* --- for the reporter ------------------------------------------------------------------------- */

void vd_crossings_init(VdCrossings *crossings, const char *camera)
{
    *crossings = (VdCrossings){.camera = g_strdup(camera)};
}

void vd_crossings_clear(VdCrossings *crossings)
{
    g_free(crossings->camera);
    vd_lines_unref(crossings->lines);
}

void vd_crossings_set_lines(VdCrossings *crossings, VdLines *lines)
{
    if (vd_lines_equal(crossings->lines, lines))
        return;
    vd_lines_unref(crossings->lines);
    crossings->lines = vd_lines_ref(lines);
    crossings->crossed = (VdCrossed){0};
}

void vd_crossings_forget(VdCrossings *crossings)
{
    crossings->n = 0;
}
