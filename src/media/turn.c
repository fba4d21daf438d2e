#include "media/turn.h"

#include "base/clock.h"
#include "media/lane.h"

/* One picture's work takes milliseconds; what takes so much longer is not waited for. */
#define MOST_WAIT_US (G_USEC_PER_SEC / 2)

void vd_turn_init(VdTurn *turn)
{
    *turn = (VdTurn){.taken = GST_CLOCK_TIME_NONE};
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
    vd_unlock(&turn->lock);
}

/* [lock] */
static void forget_coming(VdTurn *turn)
{
    turn->coming = NULL;
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

/* [lock] The old lane's last picture is to be in the hub, and what was learned of it, learned. */
static void wait_for_idle(VdTurn *turn, VdLane *lane)
{
    gint64 deadline_us = vd_clock_now_us() + MOST_WAIT_US;

    while (turn->busy != NULL && turn->lane == lane)
        if (!vd_cond_wait_until(&turn->idle, &turn->lock, deadline_us))
            break;
}

/* [lock], which it gives up while it copies. */
static void take_over(VdTurn *turn, VdLane *lane)
{
    g_autoptr(GstElement) motion = g_steal_pointer(&turn->motion);

    turn->coming = NULL;
    turn->lane = lane;
    wait_for_idle(turn, lane);
    if (turn->lane != lane) /* it is about to be freed */
        return;
    bool stuck = turn->busy != NULL;
    turn->busy = NULL; /* if it comes at all, it comes too late */
    vd_unlock(&turn->lock);
    if (motion != NULL && !stuck)
        vd_lane_go_on_from(lane, motion);
    vd_lock(&turn->lock);
}

bool vd_turn_take(VdTurn *turn, VdLane *lane, GstClockTime pts)
{
    vd_lock(&turn->lock);
    if (lane == turn->coming && (is_newer(pts, turn->taken) || pts == turn->taken))
        take_over(turn, lane);
    bool taken = lane == turn->lane && is_newer(pts, turn->taken);
    if (taken) {
        turn->busy = lane;
        turn->taken = pts;
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

void vd_turn_done(VdTurn *turn, VdLane *lane)
{
    vd_lock(&turn->lock);
    if (turn->busy == lane)
        turn->busy = NULL;
    vd_cond_broadcast(&turn->idle);
    vd_unlock(&turn->lock);
}
