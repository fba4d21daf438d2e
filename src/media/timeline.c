#include "media/timeline.h"

#include <stdbool.h>

#define LEAST_US 1000
#define FIRST_US (G_USEC_PER_SEC / 25)
#define SLACK_US (G_USEC_PER_SEC / 2) /* that network and decoder may take longer than usual */

static gint64 place(const VdTimeline *timeline, GstClockTime pts, gint64 now_us)
{
    bool timed = GST_CLOCK_TIME_IS_VALID(pts) && GST_CLOCK_TIME_IS_VALID(timeline->before);

    if (!timed || pts <= timeline->before)
        return now_us;
    gint64 at_us = timeline->at_us + (gint64)((pts - timeline->before) / 1000);
    return now_us - at_us > SLACK_US ? now_us : MIN(at_us, now_us);
}

VdStep vd_timeline_next(VdTimeline *timeline, GstClockTime pts, gint64 now_us)
{
    VdStep step = {.number = ++timeline->number, .at_us = now_us, .duration_us = FIRST_US};

    if (step.number > 1) {
        step.at_us = MAX(place(timeline, pts, now_us), timeline->at_us + LEAST_US);
        step.duration_us = step.at_us - timeline->at_us;
    }
    timeline->at_us = step.at_us;
    timeline->before = pts;
    return step;
}
