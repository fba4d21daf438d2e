#include "media/ring.h"

#include "base/clock.h"

/* A stream of 10 units a second, 100 bytes each, a key frame every second. */
typedef struct Stream {
    VdRing *ring;
    GstCaps *caps;
    guint number;
} Stream;

typedef struct Seen {
    guint units, keys;
    gint64 first, last; /* numbers of units, by their PTS */
    bool in_order;
    GstCaps *caps;
    VdRing *ring;
} Seen;

static void stream_init(Stream *stream, guint seconds, gsize bytes)
{
    stream->ring = vd_ring_new(seconds, bytes, NULL);
    stream->caps = gst_caps_from_string("video/x-h264,width=640,height=360");
    stream->number = 0;
}

static void stream_clear(Stream *stream)
{
    vd_ring_unref(stream->ring);
    gst_caps_unref(stream->caps);
}

static void push_sized(Stream *stream, bool key, gsize size)
{
    g_autoptr(GstBuffer) unit = gst_buffer_new_allocate(NULL, size, NULL);

    GST_BUFFER_PTS(unit) = stream->number * GST_SECOND / 10;
    if (!key)
        GST_BUFFER_FLAG_SET(unit, GST_BUFFER_FLAG_DELTA_UNIT);
    vd_ring_push(stream->ring, unit, stream->caps, 1000000 + stream->number * 100000, 0);
    stream->number++;
}

static void push(Stream *stream, guint count)
{
    for (guint i = 0; i < count; i++)
        push_sized(stream, stream->number % 10 == 0, 100);
}

static void see(const VdUnit *unit, void *data)
{
    Seen *seen = data;
    gint64 number = (gint64)(GST_BUFFER_PTS(unit->buffer) / (GST_SECOND / 10));

    if (seen->units == 0) {
        seen->first = number;
        seen->in_order = true;
    } else {
        seen->in_order = seen->in_order && number > seen->last;
    }
    seen->units++;
    seen->keys += !GST_BUFFER_FLAG_IS_SET(unit->buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    seen->last = number;
    seen->caps = unit->caps;
}

static VdRingStats stats_of(Stream *stream)
{
    VdRingStats stats;

    vd_ring_stats(stream->ring, &stats);
    return stats;
}

static void units_before_the_first_key_frame_are_dropped(void)
{
    Stream stream;
    Seen seen = {0};

    stream_init(&stream, 5, 100000);
    vd_ring_subscribe(stream.ring, see, &seen, true);
    push_sized(&stream, false, 10);
    push_sized(&stream, false, 10);
    push_sized(&stream, true, 10);
    push_sized(&stream, false, 10);
    g_assert_cmpuint(seen.units, ==, 2);
    g_assert_cmpint(seen.first, ==, 2);
    g_assert_cmpuint(stats_of(&stream).dropped, ==, 2);
    g_assert_cmpuint(stats_of(&stream).units, ==, 4);
    stream_clear(&stream);
}

static void a_backlog_begins_with_the_newest_key_frame(void)
{
    Stream stream;
    Seen with = {0}, without = {0};

    stream_init(&stream, 5, 100000);
    push(&stream, 25);
    vd_ring_subscribe(stream.ring, see, &with, true);
    vd_ring_subscribe(stream.ring, see, &without, false);
    g_assert_cmpint(with.first, ==, 20);
    g_assert_cmpuint(with.units, ==, 5);
    push(&stream, 10);
    g_assert_cmpint(with.last, ==, 34);
    g_assert_cmpuint(with.units, ==, 15);
    g_assert_true(with.in_order);
    g_assert_cmpint(without.first, ==, 25);
    g_assert_cmpuint(without.units, ==, 10);
    stream_clear(&stream);
}

static void the_oldest_gop_goes_when_the_others_cover_the_time(void)
{
    Stream stream;

    stream_init(&stream, 2, 100000);
    push(&stream, 30);
    g_assert_cmpfloat_with_epsilon(stats_of(&stream).kept_seconds, 2.9, 0.001);
    push(&stream, 1);
    g_assert_cmpfloat_with_epsilon(stats_of(&stream).kept_seconds, 2.0, 0.001);
    push(&stream, 500);
    g_assert_cmpfloat(stats_of(&stream).kept_seconds, >=, 2.0);
    g_assert_cmpfloat(stats_of(&stream).kept_seconds, <, 3.0);
    stream_clear(&stream);
}

static void bytes_are_bounded_one_over(void)
{
    Stream stream;

    stream_init(&stream, 100, 2000); /* two GOPs to the byte */
    push(&stream, 20);
    g_assert_cmpuint(stats_of(&stream).kept_bytes, ==, 2000);
    g_assert_cmpuint(stats_of(&stream).dropped, ==, 0);
    push(&stream, 1); /* one over: the oldest GOP goes */
    g_assert_cmpuint(stats_of(&stream).kept_bytes, ==, 1100);
    g_assert_cmpuint(stats_of(&stream).dropped, ==, 0);
    stream_clear(&stream);
}

static void a_gop_that_is_too_large_loses_its_tail_until_the_next_key_frame(void)
{
    Stream stream;
    Seen live = {0}, late = {0};

    stream_init(&stream, 100, 500);
    vd_ring_subscribe(stream.ring, see, &live, false);
    push(&stream, 8);
    g_assert_cmpuint(stats_of(&stream).kept_bytes, ==, 500);
    g_assert_cmpuint(stats_of(&stream).dropped, ==, 3);
    g_assert_cmpuint(live.units, ==, 8); /* what is not kept was seen all the same */
    vd_ring_subscribe(stream.ring, see, &late, true);
    g_assert_cmpuint(late.units, ==, 5);
    push(&stream, 2);
    g_assert_cmpuint(late.units, ==, 5); /* nothing behind a hole */
    push(&stream, 3);
    g_assert_cmpuint(late.units, ==, 8);
    g_assert_cmpuint(late.keys, ==, 2);
    g_assert_cmpuint(stats_of(&stream).kept_bytes, ==, 300);
    stream_clear(&stream);
}

static void a_unit_larger_than_the_ring_is_seen_but_not_kept(void)
{
    Stream stream;
    Seen seen = {0};

    stream_init(&stream, 100, 500);
    vd_ring_subscribe(stream.ring, see, &seen, false);
    push_sized(&stream, true, 501);
    push_sized(&stream, false, 10);
    g_assert_cmpuint(seen.units, ==, 2);
    g_assert_cmpuint(stats_of(&stream).kept_bytes, ==, 0);
    g_assert_cmpuint(stats_of(&stream).dropped, ==, 2);
    stream_clear(&stream);
}

static void new_caps_empty_the_ring_at_their_key_frame(void)
{
    Stream stream;
    Seen seen = {0};

    stream_init(&stream, 100, 100000);
    push(&stream, 10);
    gst_caps_unref(stream.caps);
    stream.caps = gst_caps_from_string("video/x-h264,width=1280,height=720");
    push_sized(&stream, false, 100); /* not decodable with what is known */
    g_assert_cmpuint(stats_of(&stream).kept_bytes, ==, 1000);
    g_assert_cmpuint(stats_of(&stream).dropped, ==, 1);
    push_sized(&stream, true, 100);
    g_assert_cmpuint(stats_of(&stream).kept_bytes, ==, 100);
    vd_ring_subscribe(stream.ring, see, &seen, true);
    g_assert_cmpuint(seen.units, ==, 1);
    g_assert_true(gst_caps_is_equal(seen.caps, stream.caps));
    stream_clear(&stream);
}

static void after_a_break_a_key_frame_must_come_first(void)
{
    Stream stream;
    Seen seen = {0};

    stream_init(&stream, 100, 100000);
    push(&stream, 15);
    g_assert_cmpint(stats_of(&stream).last_us, ==, 2400000);
    vd_ring_subscribe(stream.ring, see, &seen, false);
    vd_ring_break(stream.ring);
    g_assert_cmpint(stats_of(&stream).last_us, ==, 0);
    g_assert_cmpfloat(stats_of(&stream).fps, ==, 0);
    g_assert_cmpuint(stats_of(&stream).kept_bytes, ==, 1500);
    push(&stream, 6);
    g_assert_cmpuint(seen.units, ==, 1);
    g_assert_cmpint(seen.first, ==, 20);
    stream_clear(&stream);
}

static void the_rate_is_that_of_the_last_seconds(void)
{
    Stream stream;

    stream_init(&stream, 2, 100000);
    push(&stream, 200);
    g_assert_cmpfloat_with_epsilon(stats_of(&stream).fps, 10.0, 0.01);
    stream_clear(&stream);
}

static void the_rate_of_a_slow_stream_is_told_too(void)
{
    static const gint64 steps_s[] = {1, 3, 5, 10, 50};

    for (gsize i = 0; i < G_N_ELEMENTS(steps_s); i++) {
        Stream stream;
        stream_init(&stream, 2, 100000);
        for (gint64 n = 0; n < 5; n++) {
            g_autoptr(GstBuffer) unit = gst_buffer_new_allocate(NULL, 100, NULL);
            GST_BUFFER_PTS(unit) = (guint64)(n * steps_s[i]) * GST_SECOND;
            vd_ring_push(stream.ring, unit, stream.caps, (1 + n * steps_s[i]) * G_USEC_PER_SEC, 0);
            if (n > 0)
                g_assert_cmpfloat_with_epsilon(stats_of(&stream).fps, 1. / (double)steps_s[i],
                                               0.001);
        }
        stream_clear(&stream);
    }
}

static gpointer push_on(gpointer data)
{
    push(data, 20000);
    return NULL;
}

static void who_has_left_is_not_called_any_more(void)
{
    Stream stream;

    stream_init(&stream, 2, 100000);
    GThread *pusher = g_thread_new("pusher", push_on, &stream);
    for (guint i = 0; i < 200; i++) {
        Seen *seen = g_new0(Seen, 1); /* freed at once: a late call is a use after free */
        guint id = vd_ring_subscribe(stream.ring, see, seen, i % 2 == 0);
        g_thread_yield();
        vd_ring_unsubscribe(stream.ring, id);
        g_assert_true(seen->units == 0 || seen->in_order);
        g_free(seen);
    }
    g_thread_join(pusher);
    stream_clear(&stream);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/ring/" #name, name)
    ADD(units_before_the_first_key_frame_are_dropped);
    ADD(a_backlog_begins_with_the_newest_key_frame);
    ADD(the_oldest_gop_goes_when_the_others_cover_the_time);
    ADD(bytes_are_bounded_one_over);
    ADD(a_gop_that_is_too_large_loses_its_tail_until_the_next_key_frame);
    ADD(a_unit_larger_than_the_ring_is_seen_but_not_kept);
    ADD(new_caps_empty_the_ring_at_their_key_frame);
    ADD(after_a_break_a_key_frame_must_come_first);
    ADD(the_rate_is_that_of_the_last_seconds);
    ADD(the_rate_of_a_slow_stream_is_told_too);
    ADD(who_has_left_is_not_called_any_more);
    return g_test_run();
}
