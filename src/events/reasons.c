#include "events/reasons.h"

#include "base/limits.h"

/* A clock that is set back less than this is taken for pictures in another order. */
#define BACK_US (10 * (gint64)G_USEC_PER_SEC)
/* Pictures no farther apart than this are of one calm. */
#define CALM_US (2 * (gint64)G_USEC_PER_SEC)

struct VdReasons {
    guint first, n;
    VdReason each[VD_MAX_REASONS]; /* pages of it are there as soon as they are used */
};

VdReasons *vd_reasons_new(void)
{
    return g_new0(VdReasons, 1);
}

static VdReason *at(const VdReasons *reasons, guint i)
{
    return (VdReason *)&reasons->each[(reasons->first + i) % VD_MAX_REASONS];
}

static VdReason *newest(const VdReasons *reasons)
{
    return reasons->n > 0 ? at(reasons, reasons->n - 1) : NULL;
}

void vd_reasons_free(VdReasons *reasons)
{
    if (reasons == NULL)
        return;
    for (guint i = 0; i < reasons->n; i++)
        vd_limits_unref(at(reasons, i)->limits);
    g_free(reasons);
}

static gint64 second_of(gint64 us)
{
    return us / (gint64)G_USEC_PER_SEC;
}

static void put(VdReason *to, const VdReason *from)
{
    vd_limits_ref(from->limits);
    vd_limits_unref(to->limits);
    *to = *from;
}

static void push(VdReasons *reasons, const VdReason *reason)
{
    if (reasons->n == VD_MAX_REASONS)
        reasons->first = (reasons->first + 1) % VD_MAX_REASONS;
    else
        reasons->n++;
    put(newest(reasons), reason);
}

/* What is told of the wall clock's time before it was set back is told anew. */
static void drop_later(VdReasons *reasons, gint64 wall_us)
{
    while (reasons->n > 0 && newest(reasons)->last_us - wall_us > BACK_US) {
        g_clear_pointer(&newest(reasons)->limits, vd_limits_unref);
        reasons->n--;
    }
}

static bool is_calm(const VdReason *reason)
{
    return reason->reach <= VD_REACH_STILL && reason->outcome == VD_OUTCOME_NONE;
}

static bool is_of_one_calm(const VdReason *before, const VdReason *now)
{
    return is_calm(before) && is_calm(now) && before->reach == now->reach &&
           before->limits == now->limits && before->state == now->state &&
           before->code == now->code && now->wall_us - before->last_us <= CALM_US;
}

static bool begins_or_ends(const VdReason *reason)
{
    return reason->outcome >= VD_OUTCOME_OVER;
}

/* Whether it tells more of a second than the other one. */
static bool comes_farther(const VdReason *reason, const VdReason *than)
{
    if (begins_or_ends(reason) != begins_or_ends(than))
        return begins_or_ends(reason);
    if (reason->outcome != than->outcome && begins_or_ends(reason))
        return reason->outcome > than->outcome;
    if (reason->reach != than->reach)
        return reason->reach > than->reach;
    if (reason->margin_ms != than->margin_ms)
        return reason->margin_ms > than->margin_ms;
    if (reason->largest != than->largest)
        return reason->largest > than->largest;
    return reason->changed > than->changed;
}

static void join(VdReason *before, const VdReason *now)
{
    gint64 first_us = before->first_us, last_us = MAX(before->last_us, now->last_us);
    guint32 pictures = before->pictures + now->pictures;

    if (comes_farther(now, before))
        put(before, now);
    before->first_us = first_us;
    before->last_us = last_us;
    before->pictures = pictures;
}

void vd_reasons_take(VdReasons *reasons, const VdReason *reason)
{
    drop_later(reasons, reason->wall_us);
    VdReason *before = newest(reasons);

    if (before != NULL && (is_of_one_calm(before, reason) ||
                           second_of(reason->wall_us) <= second_of(before->first_us)))
        join(before, reason);
    else
        push(reasons, reason);
}

static void clear_reason(void *reason)
{
    vd_limits_unref(((VdReason *)reason)->limits);
}

/* One a second older will do where there is none: pictures may be farther apart. */
static bool is_wanted(const VdReason *reason, const VdReasonsWanted *wanted)
{
    gint64 second = second_of(wanted->at_us);

    return second_of(reason->first_us) < second + wanted->seconds &&
           second_of(reason->last_us) + 1 >= second;
}

static bool is_too_old(const VdReason *reason, const VdReasonsWanted *wanted)
{
    return second_of(reason->last_us) < second_of(wanted->at_us);
}

/* Of those that are wanted the one that came farthest, and of equal ones the later. */
static bool is_better(const VdReason *reason, const VdReason *than, const VdReasonsWanted *wanted)
{
    return is_too_old(than, wanted) || !comes_farther(than, reason);
}

GArray *vd_reasons_around(const VdReasons *reasons, const VdReasonsWanted *wanted, gint *found,
                          gint64 *oldest_us)
{
    GArray *near = g_array_new(FALSE, FALSE, sizeof(VdReason));
    gint64 from_us = wanted->at_us - wanted->span_us;
    gint64 to_us = wanted->at_us + wanted->seconds * (gint64)G_USEC_PER_SEC + wanted->span_us;
    const VdReason *best = NULL;

    g_array_set_clear_func(near, clear_reason);
    *found = -1;
    *oldest_us = reasons->n > 0 ? at(reasons, 0)->first_us : 0;
    for (guint i = 0; i < reasons->n; i++) {
        const VdReason *reason = at(reasons, i);

        if (reason->last_us < from_us || reason->first_us > to_us)
            continue;
        if (is_wanted(reason, wanted) && (best == NULL || is_better(reason, best, wanted))) {
            best = reason;
            *found = (gint)near->len;
        }
        vd_limits_ref(reason->limits);
        g_array_append_vals(near, reason, 1);
    }
    return near;
}
