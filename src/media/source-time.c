#include "media/source-time.h"

/* Further off than this the stream's clock has jumped, and what we knew of it is void. */
#define JUMP_NS (1 * (gint64)GST_SECOND)
/* A late unit moves the shift by 1/1024 of its lateness: camera clocks drift, networks jitter. */
#define DRIFT_SHIFT 10
/* A DTS this far from the PTS is one of a stream that reorders, and not a rounding. */
#define REORDER_NS (5 * (gint64)GST_MSECOND)

/* A key frame is shown behind all that came before it, also where a file's turns overlap. */
static void follow(VdSourceTime *time, gint64 stream_ns, gint64 pts, gint64 now_ns, bool key)
{
    gint64 late = now_ns - (stream_ns + time->shift_ns);
    bool jump = !time->started || ABS(late) > JUMP_NS;

    if (jump)
        time->shift_ns = now_ns - stream_ns;
    else if (late < 0)
        time->shift_ns += late;
    else
        time->shift_ns += late >> DRIFT_SHIFT;
    if (jump || key)
        time->show_shift_ns = MAX(time->shift_ns, time->shown_ns + 1 - pts);
}

/*
 * Streams with B frames go back again and again. One that does so now and then only has a clock
 * that was corrected, as a jitter buffer does: its times are to be straightened, not believed.
 */
#define BACK_WEIGHT 8
#define BELIEVE     20

static void watch_order(VdSourceTime *time, gint64 pts, gint64 stream_ns)
{
    if (!time->started || ABS(pts - time->newest_ns) > JUMP_NS)
        time->newest_ns = pts;
    if (pts < time->newest_ns)
        time->backs += BACK_WEIGHT;
    else if (time->backs > 0)
        time->backs--;
    if (time->backs >= BELIEVE || ABS(stream_ns - pts) > REORDER_NS)
        time->reorders = true;
    time->newest_ns = MAX(time->newest_ns, pts);
}

void vd_source_time_stamp(VdSourceTime *time, GstBuffer *buffer, gint64 now_ns)
{
    gint64 pts = (gint64)GST_BUFFER_PTS(buffer);
    gint64 stream_ns = GST_BUFFER_DTS_IS_VALID(buffer) ? (gint64)GST_BUFFER_DTS(buffer) : pts;
    bool key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);

    watch_order(time, pts, stream_ns);
    follow(time, stream_ns, pts, now_ns, key);
    gint64 decode_ns = stream_ns + time->shift_ns;
    gint64 show_ns = pts + (time->reorders ? time->show_shift_ns : time->shift_ns);
    if (time->started) {
        decode_ns = MAX(decode_ns, time->decoded_ns + 1);
        if (!time->reorders)
            show_ns = MAX(show_ns, time->shown_ns + 1);
    }
    GST_BUFFER_DTS(buffer) = time->reorders ? (GstClockTime)decode_ns : GST_CLOCK_TIME_NONE;
    GST_BUFFER_PTS(buffer) = (GstClockTime)show_ns;
    time->started = true;
    time->decoded_ns = decode_ns;
    time->shown_ns = MAX(time->shown_ns, show_ns);
}
