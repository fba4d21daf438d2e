#include "media/turn.h"

#include "base/clock.h"
#include "media/lane.h"

/* A decoder holds few pictures back, and one's work takes milliseconds: what takes so much longer
 * is not waited for. */
#define MOST_WAIT_US (2 * G_USEC_PER_SEC)

void vd_turn_init(VdTurn *turn)
{
    *turn = (VdTurn){.taken = GST_CLOCK_TIME_NONE, .seen = GST_CLOCK_TIME_NONE};
    vd_lock_init(&turn->lock);
    vd_cond_init(&turn->idle);
}

void vd_turn_clear(VdTurn *turn)
{
    vd_cond_clear(&turn->idle);
    vd_lock_clear(&turn->lock);
}

void vd_turn_give(VdTurn *turn, VdLane *lane)
{
    vd_lock(&turn->lock);
    turn->lane = lane;
    vd_unlock(&turn->lock);
}

void vd_turn_promise(VdTurn *turn, VdLane *coming, GstElement *motion)
{
    vd_lock(&turn->lock);
    turn->coming = coming;
    turn->motion = motion;
    turn->seen = GST_CLOCK_TIME_NONE;
    vd_unlock(&turn->lock);
}

/* [lock] */
static void forget_coming(VdTurn *turn)
{
    turn->coming = NULL;
    turn->ready = false;
    gst_clear_object(&turn->motion);
}

bool vd_turn_call_back(VdTurn *turn, VdLane *coming)
{
    vd_lock(&turn->lock);
    bool in_time = turn->lane != coming;
    if (in_time)
        forget_coming(turn);
    vd_unlock(&turn->lock);
    return in_time;
}

void vd_turn_leave(VdTurn *turn, VdLane *lane)
{
    vd_lock(&turn->lock);
    if (turn->lane == lane)
        turn->lane = NULL;
    if (turn->coming == lane)
        forget_coming(turn);
    if (turn->busy == lane)
        turn->busy = NULL;
    vd_cond_broadcast(&turn->idle);
    vd_unlock(&turn->lock);
}

static bool is_newer(GstClockTime pts, GstClockTime than)
{
    return !GST_CLOCK_TIME_IS_VALID(than) || !GST_CLOCK_TIME_IS_VALID(pts) || pts > than;
}

/* [lock] Whether there is no picture between the newest that was taken and this one of `coming`. */
static bool follows(const VdTurn *turn, GstClockTime pts)
{
    if (turn->lane == NULL || !GST_CLOCK_TIME_IS_VALID(turn->taken) || pts == turn->taken)
        return true;
    return is_newer(pts, turn->taken) && GST_CLOCK_TIME_IS_VALID(turn->seen) &&
           turn->seen <= turn->taken;
}

/* [lock] False: it is not its turn yet. */
static bool catch_up(VdTurn *turn, VdLane *lane, GstClockTime pts)
{
    gint64 deadline_us = vd_clock_now_us() + MOST_WAIT_US;
    bool waiting = true;

    while (waiting && turn->coming == lane && is_newer(pts, turn->taken) && !follows(turn, pts))
        waiting = vd_cond_wait_until(&turn->idle, &turn->lock, deadline_us);
    if (turn->coming == lane && (!waiting || follows(turn, pts)))
        return true;
    turn->seen = pts;
    return false;
}

/* [lock] Nobody's picture is on its way, so that whoever is called back or dropped takes none
 * along. */
static void hand_over(VdTurn *turn)
{
    turn->lane = turn->coming;
    turn->coming = NULL;
    turn->ready = false;
    vd_cond_broadcast(&turn->idle);
}

/* [lock] False: the old lane's last picture does not become ready. */
static bool wait_for_idle(VdTurn *turn, VdLane *lane)
{
    gint64 deadline_us = vd_clock_now_us() + MOST_WAIT_US;
    bool waiting = true;

    turn->ready = true;
    while (waiting && turn->coming == lane && turn->busy != NULL)
        waiting = vd_cond_wait_until(&turn->idle, &turn->lock, deadline_us);
    if (turn->coming == lane) {
        turn->busy = NULL; /* if it comes at all, it comes too late */
        hand_over(turn);
    }
    return waiting;
}

/* [lock], which it gives up while it copies. */
static void take_over(VdTurn *turn, VdLane *lane)
{
    bool idle = wait_for_idle(turn, lane);

    if (turn->lane != lane) /* it was called back */
        return;
    g_autoptr(GstElement) motion = g_steal_pointer(&turn->motion);
    vd_unlock(&turn->lock);
    if (motion != NULL && idle)
        vd_lane_go_on_from(lane, motion);
    vd_lock(&turn->lock);
}

bool vd_turn_take(VdTurn *turn, VdLane *lane, GstClockTime pts)
{
    vd_lock(&turn->lock);
    if (lane == turn->coming && catch_up(turn, lane, pts))
        take_over(turn, lane);
    else if (lane == turn->lane && turn->ready)
        hand_over(turn);
    bool taken = lane == turn->lane && is_newer(pts, turn->taken);
    if (taken) {
        turn->busy = lane;
        turn->taken = pts;
        vd_cond_broadcast(&turn->idle);
    }
    vd_unlock(&turn->lock);
    return taken;
}

bool vd_turn_is_held(VdTurn *turn, VdLane *lane)
{
    vd_lock(&turn->lock);
    bool held = turn->busy == lane;
    vd_unlock(&turn->lock);
    return held;
}

bool vd_turn_has(VdTurn *turn, const VdLane *lane)
{
    vd_lock(&turn->lock);
    bool has = turn->lane == lane;
    vd_unlock(&turn->lock);
    return has;
}

void vd_turn_done(VdTurn *turn, VdLane *lane)
{
    vd_lock(&turn->lock);
    if (turn->busy == lane)
        turn->busy = NULL;
    vd_cond_broadcast(&turn->idle);
    vd_unlock(&turn->lock);
}
