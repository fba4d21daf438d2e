#include "tracks/tracks.h"

#include "tracks/assignment.h"
#include "tracks/track.h"

#include <string.h>

/* A box may be a track's that is so near (99 % of what two coordinates scatter), or so alike. */
#define MOST_DISTANCE 9.21
#define ALIKE         0.3
/* What a pair costs is 0..2, and a half more for a guess; less than that neither has one. */
#define GUESS_COST     0.5
#define NOTHING_COST   3.0
#define FORBIDDEN_COST 100.0
/* Parts of an area: of a track that a box covers, of a box that is inside of a track, ... */
#define COVERS    0.5
#define INSIDE    0.7
#define ROOM      0.6 /* ... of all who are in it, what a box has to have */
#define CROWDED   1.5 /* ... of one who is in it, what a box has that is not his alone */
#define MOST_MORE 1.3 /* of a side that is expected, what the parts of it may have together */

struct VdTracks {
    guint64 last_id;
    guint64 pts;
    bool begun;
    guint count;
    VdMover *each[VD_MAX_TRACKS];
};

/* One picture while it is looked at. */
typedef struct Look {
    guint64 pts;
    double seconds; /* since the one before */
    double aspect;
    guint n_boxes;
    VdRect boxes[VD_MAX_TRACK_BOXES];
    VdMover *owner[VD_MAX_TRACK_BOXES]; /* (nullable) whom it was given to, or is a part of */
    guint crowd[VD_MAX_TRACK_BOXES];    /* how many are in it besides its owner */
} Look;

/* --- who gets which box ----------------------------------------------------------------------- */

static double cost_of(const VdMover *mover, const VdRect *box)
{
    double distance = vd_mover_distance(mover, box) / MOST_DISTANCE;
    double overlap = vd_rect_overlap(&mover->expected, box);

    if (distance > 1 && overlap < ALIKE)
        return FORBIDDEN_COST;
    return MIN(distance, 1) + 1 - overlap + (mover->track.confirmed ? 0 : GUESS_COST);
}

static void give(Look *look, VdMover *mover, guint box)
{
    mover->own = (int)box;
    mover->found = look->boxes[box];
    look->owner[box] = mover;
}

/* Each box has a column more, so that it need not be given to anybody. */
static void assign(VdTracks *tracks, Look *look)
{
    guint columns = tracks->count + look->n_boxes, taken[VD_MAX_TRACK_BOXES];
    double *cost = g_new(double, (gsize)look->n_boxes *columns);

    for (guint box = 0; box < look->n_boxes; box++) {
        for (guint i = 0; i < columns; i++)
            cost[(gsize)box * columns + i] =
                i < tracks->count ? cost_of(tracks->each[i], &look->boxes[box]) : NOTHING_COST;
    }
    vd_assign(cost, look->n_boxes, columns, taken);
    g_free(cost);
    for (guint box = 0; box < look->n_boxes; box++)
        if (taken[box] < tracks->count)
            give(look, tracks->each[taken[box]], box);
}

/* --- boxes that are less than one, and more --------------------------------------------------- */

static bool is_part(const VdMover *mover, const VdRect *box)
{
    return mover->track.confirmed && mover->own >= 0 &&
           vd_rect_common(&mover->expected, box) >= INSIDE * vd_rect_area(box);
}

static bool fits(const VdRect *whole, const VdRect *expected)
{
    return whole->right - whole->left <= MOST_MORE * (expected->right - expected->left) &&
           whole->bottom - whole->top <= MOST_MORE * (expected->bottom - expected->top);
}

/* What is found in several pieces is put together. */
static void join_parts(VdTracks *tracks, Look *look)
{
    for (guint box = 0; box < look->n_boxes; box++) {
        for (guint i = 0; i < tracks->count && look->owner[box] == NULL; i++) {
            VdMover *mover = tracks->each[i];

            if (!is_part(mover, &look->boxes[box]))
                continue;
            VdRect whole = vd_rect_union(&mover->found, &look->boxes[box]);
            if (fits(&whole, &mover->expected))
                mover->found = whole;
            look->owner[box] = mover;
        }
    }
}

/* The box that covers most of it, -1: none. */
static int cover_of(const VdMover *mover, const Look *look)
{
    double most = COVERS * vd_rect_area(&mover->expected);
    int found = -1;

    for (guint box = 0; box < look->n_boxes; box++) {
        double common = vd_rect_common(&mover->expected, &look->boxes[box]);

        if (common > most) {
            most = common;
            found = (int)box;
        }
    }
    return found;
}

/* Those who got no box may be in one together with others. */
static void find_crowds(VdTracks *tracks, Look *look)
{
    for (guint i = 0; i < tracks->count; i++) {
        VdMover *mover = tracks->each[i];

        if (!mover->track.confirmed || mover->own >= 0)
            continue;
        mover->in = cover_of(mover, look);
        if (mover->in >= 0)
            look->crowd[mover->in]++;
    }
}

static bool is_in(const VdMover *mover, guint box)
{
    return mover->in == (int)box || mover->own == (int)box;
}

/* Whether all who are in the box have room in it: then it is seen that they are there. */
static bool has_room(const VdTracks *tracks, const Look *look, guint box)
{
    double wanted = 0;

    for (guint i = 0; i < tracks->count; i++)
        if (is_in(tracks->each[i], box))
            wanted += vd_rect_area(&tracks->each[i]->expected);
    return vd_rect_area(&look->boxes[box]) >= ROOM * wanted;
}

/* --- what becomes of them --------------------------------------------------------------------- */

static void settle(const VdTracks *tracks, const Look *look, VdMover *mover)
{
    bool crowded = mover->own >= 0 && look->crowd[mover->own] > 0;

    if (crowded && vd_rect_area(&mover->found) > CROWDED * vd_rect_area(&mover->expected)) {
        vd_mover_stay_in(mover, &mover->found);
    } else if (mover->own >= 0) {
        vd_mover_see(mover, &mover->found, look->seconds, crowded);
    } else if (mover->in >= 0) {
        vd_mover_stay_in(mover, &look->boxes[mover->in]);
        if (has_room(tracks, look, (guint)mover->in))
            mover->track.seen = look->pts;
    }
}

static bool is_over(const VdMover *mover, const Look *look)
{
    guint64 unseen = look->pts - mover->track.seen;

    if (mover->own >= 0)
        return false;
    if (!mover->track.confirmed)
        return unseen > VD_TRACK_GUESS_NS;
    if (mover->in >= 0)
        return unseen > VD_TRACK_COVERED_NS;
    return unseen > VD_TRACK_LOST_NS || vd_mover_has_left(mover, look->aspect);
}

static void bury(VdTracks *tracks, const Look *look)
{
    guint kept = 0;

    for (guint i = 0; i < tracks->count; i++) {
        if (is_over(tracks->each[i], look))
            g_free(tracks->each[i]);
        else
            tracks->each[kept++] = tracks->each[i];
    }
    tracks->count = kept;
}

/* What nobody expected is something new, unless known ones are in it. */
static void begin_new(VdTracks *tracks, Look *look)
{
    for (guint box = 0; box < look->n_boxes && tracks->count < VD_MAX_TRACKS; box++) {
        if (look->owner[box] != NULL || look->crowd[box] > 0 ||
            vd_rect_area(&look->boxes[box]) <= 0)
            continue;
        VdMover *mover = vd_mover_new(++tracks->last_id, look->pts, &look->boxes[box]);
        tracks->each[tracks->count++] = mover;
        give(look, mover, box);
    }
}

static void forget(VdTracks *tracks)
{
    for (guint i = 0; i < tracks->count; i++)
        g_free(tracks->each[i]);
    tracks->count = 0;
}

static guint64 id_of_box(const VdTracks *tracks, const Look *look, guint box)
{
    guint64 id = look->owner[box] != NULL ? look->owner[box]->track.id : 0;

    for (guint i = 0; i < tracks->count; i++)
        if (tracks->each[i]->in == (int)box && (id == 0 || tracks->each[i]->track.id < id))
            id = tracks->each[i]->track.id;
    return id;
}

static void look_at(VdTracks *tracks, Look *look)
{
    for (guint i = 0; i < tracks->count; i++)
        vd_mover_pass(tracks->each[i], look->seconds);
    assign(tracks, look);
    join_parts(tracks, look);
    find_crowds(tracks, look);
    for (guint i = 0; i < tracks->count; i++)
        settle(tracks, look, tracks->each[i]);
    begin_new(tracks, look);
    bury(tracks, look);
    for (guint i = 0; i < tracks->count; i++)
        vd_mover_tell(tracks->each[i], look->pts, look->aspect);
}

/* --- for all ---------------------------------------------------------------------------------- */

VdTracks *vd_tracks_new(guint64 last_id)
{
    VdTracks *tracks = g_new0(VdTracks, 1);

    tracks->last_id = last_id;
    return tracks;
}

void vd_tracks_free(VdTracks *tracks)
{
    if (tracks == NULL)
        return;
    forget(tracks);
    g_free(tracks);
}

void vd_tracks_see(VdTracks *tracks, guint64 pts, double aspect, const VdBox *boxes, guint n_boxes,
                   guint64 *ids)
{
    Look look = {.pts = pts, .aspect = aspect, .n_boxes = MIN(n_boxes, VD_MAX_TRACK_BOXES)};

    if (tracks->begun && (pts < tracks->pts || pts - tracks->pts > VD_TRACK_APART_NS))
        forget(tracks);
    look.seconds = tracks->count > 0 ? (double)(pts - tracks->pts) / 1e9 : 0;
    tracks->pts = pts;
    tracks->begun = true;
    for (guint i = 0; i < look.n_boxes; i++)
        look.boxes[i] = vd_rect_of_box(&boxes[i], aspect);
    look_at(tracks, &look);
    for (guint i = 0; ids != NULL && i < n_boxes; i++)
        ids[i] = i < look.n_boxes ? id_of_box(tracks, &look, i) : 0;
}

guint vd_tracks_count(const VdTracks *tracks)
{
    return tracks->count;
}

const VdTrack *vd_tracks_get(const VdTracks *tracks, guint at)
{
    return &tracks->each[at]->track;
}

guint vd_tracks_mark(const VdTracks *tracks, VdTrackMark *marks)
{
    guint n = 0;

    for (guint i = 0; i < tracks->count; i++) {
        const VdTrack *track = &tracks->each[i]->track;

        if (track->confirmed)
            marks[n++] = (VdTrackMark){
                .id = track->id,
                .box = track->box,
                .speed = track->speed,
                .age = tracks->pts - track->born,
                .visible = track->visible,
                .from_x = track->path[0].x,
                .from_y = track->path[0].y,
            };
    }
    return n;
}

guint64 vd_tracks_last_id(const VdTracks *tracks)
{
    return tracks->last_id;
}
