#include "tracks/track.h"

#include <math.h>

#define ONE 65536.0 /* VdBox's picture width and height */

/*
 * In sizes of the thing itself, the larger of its width and height, so that the same holds near and
 * far: people walk 0.8 of their height a second and turn round within one, cars go two to three
 * lengths. An edge of a blob is found to a tenth.
 */
#define NOISE         0.1
#define FIRST_SPEED   1.5
#define ACCELERATION  0.5 /* sizes^2/s^3 */
#define CROWD_NOISE   3   /* where it is in a crowd is known so much worse */
#define SIZE_SECONDS  0.3 /* in which a size follows what is found */

#define FIRST_STEP_NS G_GUINT64_CONSTANT(100000000)

/* --- rectangles ------------------------------------------------------------------------------- */

double vd_rect_area(const VdRect *rect)
{
    return (rect->right - rect->left) * (rect->bottom - rect->top);
}

double vd_rect_common(const VdRect *a, const VdRect *b)
{
    double width = MIN(a->right, b->right) - MAX(a->left, b->left);
    double height = MIN(a->bottom, b->bottom) - MAX(a->top, b->top);

    return width > 0 && height > 0 ? width * height : 0;
}

double vd_rect_overlap(const VdRect *a, const VdRect *b)
{
    double common = vd_rect_common(a, b);
    double all = vd_rect_area(a) + vd_rect_area(b) - common;

    return all > 0 ? common / all : 0;
}

VdRect vd_rect_union(const VdRect *a, const VdRect *b)
{
    return (VdRect){MIN(a->left, b->left), MIN(a->top, b->top), MAX(a->right, b->right),
                    MAX(a->bottom, b->bottom)};
}

VdRect vd_rect_of_box(const VdBox *box, double aspect)
{
    return (VdRect){box->x / ONE, box->y / ONE * aspect, (box->x + box->width) / ONE,
                    (box->y + box->height) / ONE * aspect};
}

/* --- one that moves --------------------------------------------------------------------------- */

static double size_of(const VdMover *mover)
{
    return MAX(mover->width, mover->height);
}

static double noise_of(const VdMover *mover)
{
    return NOISE * NOISE * size_of(mover) * size_of(mover);
}

static double middle_of(const VdRect *rect)
{
    return (rect->left + rect->right) / 2;
}

static VdRect place_of(const VdMover *mover)
{
    return (VdRect){mover->x.at - mover->width / 2, mover->y.at - mover->height,
                    mover->x.at + mover->width / 2, mover->y.at};
}

VdMover *vd_mover_new(guint64 id, guint64 pts, const VdRect *found)
{
    VdMover *mover = g_new0(VdMover, 1);

    mover->width = found->right - found->left;
    mover->height = found->bottom - found->top;
    double speed = FIRST_SPEED * size_of(mover);
    vd_axis_begin(&mover->x, middle_of(found), noise_of(mover), speed * speed);
    vd_axis_begin(&mover->y, found->bottom, noise_of(mover), speed * speed);
    mover->path_step = FIRST_STEP_NS;
    mover->in = -1;
    mover->track = (VdTrack){.id = id, .born = pts, .seen = pts};
    return mover;
}

void vd_mover_pass(VdMover *mover, double seconds)
{
    double acceleration = ACCELERATION * size_of(mover) * size_of(mover);

    vd_axis_pass(&mover->x, seconds, acceleration);
    vd_axis_pass(&mover->y, seconds, acceleration);
    mover->expected = place_of(mover);
    mover->own = mover->in = -1;
}

double vd_mover_distance(const VdMover *mover, const VdRect *found)
{
    return vd_axis_distance(&mover->x, middle_of(found), noise_of(mover)) +
           vd_axis_distance(&mover->y, found->bottom, noise_of(mover));
}

void vd_mover_see(VdMover *mover, const VdRect *found, double seconds, bool keep_size)
{
    double gain = seconds / (seconds + SIZE_SECONDS);

    vd_axis_see(&mover->x, middle_of(found), noise_of(mover));
    vd_axis_see(&mover->y, found->bottom, noise_of(mover));
    if (keep_size)
        return;
    mover->width += gain * (found->right - found->left - mover->width);
    mover->height += gain * (found->bottom - found->top - mover->height);
}

/* How far from..to must go so that it lies in low..high, or in the middle where that is shorter. */
static double way_into(double from, double to, double low, double high)
{
    if (to - from > high - low)
        return (low + high - from - to) / 2;
    return MAX(low - from, 0) + MIN(high - to, 0);
}

void vd_mover_stay_in(VdMover *mover, const VdRect *crowd)
{
    VdRect place = place_of(mover);
    double noise = CROWD_NOISE * CROWD_NOISE * noise_of(mover);
    double x = way_into(place.left, place.right, crowd->left, crowd->right);
    double y = way_into(place.top, place.bottom, crowd->top, crowd->bottom);

    vd_axis_see(&mover->x, mover->x.at + x, noise);
    vd_axis_see(&mover->y, mover->y.at + y, noise);
}

bool vd_mover_has_left(const VdMover *mover, double aspect)
{
    double middle = mover->y.at - mover->height / 2;

    return mover->x.at < 0 || mover->x.at > 1 || middle < 0 || middle > aspect;
}

/* --- what is told ----------------------------------------------------------------------------- */

static int part_of(double value, double whole)
{
    return (int)(CLAMP(value / whole, 0, 1) * ONE + 0.5);
}

static VdBox box_of(const VdRect *rect, double aspect)
{
    int left = part_of(rect->left, 1), right = part_of(rect->right, 1);
    int top = part_of(rect->top, aspect), bottom = part_of(rect->bottom, aspect);
    VdBox box = {.x = left, .y = top, .width = right - left, .height = bottom - top};

    box.cx = left + box.width / 2;
    box.cy = top + box.height / 2;
    box.area = (int)((gint64)box.width * box.height >> 16);
    return box;
}

/* Full, every second point goes, and those that follow lie twice as far apart. */
static void thin_out(VdMover *mover)
{
    VdTrack *track = &mover->track;

    track->n_path = (track->n_path + 1) / 2;
    for (guint i = 1; i < track->n_path; i++)
        track->path[i] = track->path[(gsize)2 * i];
    mover->path_step *= 2;
}

static void extend_path(VdMover *mover, guint64 pts, const VdBox *box)
{
    VdTrack *track = &mover->track;

    if (track->n_path > 0 && pts - track->path[track->n_path - 1].pts < mover->path_step)
        return;
    if (track->n_path == VD_MAX_TRACK_PATH)
        thin_out(mover);
    track->path[track->n_path++] =
        (VdTrackPoint){.pts = pts, .x = box->x + box->width / 2, .y = box->y + box->height};
}

void vd_mover_tell(VdMover *mover, guint64 pts, double aspect)
{
    VdRect place = place_of(mover);
    VdTrack *track = &mover->track;

    track->box = box_of(&place, aspect);
    track->speed = sqrt(mover->x.speed * mover->x.speed + mover->y.speed * mover->y.speed);
    track->visible = mover->own >= 0;
    track->covered = mover->in >= 0;
    if (track->visible)
        track->seen = pts;
    if (pts - track->born >= VD_TRACK_CONFIRM_NS && track->visible)
        track->confirmed = true;
    extend_path(mover, pts, &track->box);
}
