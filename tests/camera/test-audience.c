#include "camera/audience.h"

#include "base/clock.h"

static const VdWish as_configured = {-1, -1, -1, -1};

static void seats_are_summed_also_after_they_left(void)
{
    g_autoptr(VdAudience) audience = vd_audience_new(&as_configured);
    VdSeat *one = vd_audience_join(audience, "one", 1, NULL),
           *two = vd_audience_join(audience, "two", 2, NULL);
    VdAudienceCounts counts = {0};

    vd_seat_sent(one, 100, 0);
    vd_seat_sent(two, 10, 3);
    vd_seat_leave(two);
    vd_audience_count(audience, &counts);
    g_assert_cmpuint(counts.viewers, ==, 1);
    g_assert_cmpuint(counts.pictures, ==, 2);
    g_assert_cmpuint(counts.bytes, ==, 110);
    g_assert_cmpuint(counts.skipped, ==, 3);
    vd_seat_leave(one);
}

static void who_skips_is_slow_until_he_keeps_up(void)
{
    g_autoptr(VdAudience) audience = vd_audience_new(&as_configured);
    VdSeat *seat = vd_audience_join(audience, NULL, 3, NULL);
    VdAudienceCounts first = {0}, second = {0};

    vd_seat_sent(seat, 1, 5);
    vd_audience_count(audience, &first);
    g_assert_cmpuint(first.slow, ==, 1);
    vd_seat_sent(seat, 1, 0);
    vd_audience_count(audience, &second);
    g_assert_cmpuint(second.slow, ==, 0);
    vd_seat_leave(seat);
}

static void no_more_guests_are_named_than_asked_for(void)
{
    g_autoptr(VdAudience) audience = vd_audience_new(&as_configured);
    g_autoptr(GArray) guests = g_array_new(FALSE, FALSE, sizeof(VdGuest));
    VdSeat *one = vd_audience_join(audience, "one", 1, NULL),
           *two = vd_audience_join(audience, "two", 2, NULL);

    g_array_set_clear_func(guests, vd_guest_clear);
    vd_audience_list(audience, guests, 1);
    g_assert_cmpuint(guests->len, ==, 1);
    g_assert_cmpstr(g_array_index(guests, VdGuest, 0).client, ==, "one");
    vd_seat_leave(one);
    vd_seat_leave(two);
}

static void a_rate_is_counted_between_counts(void)
{
    g_autoptr(VdAudience) audience = vd_audience_new(&as_configured);
    g_autoptr(GArray) guests = g_array_new(FALSE, FALSE, sizeof(VdGuest));
    VdAudienceCounts counts = {0};

    vd_clock_hold(G_USEC_PER_SEC, G_USEC_PER_SEC);
    VdSeat *seat = vd_audience_join(audience, "one", 1, NULL);
    for (guint i = 0; i < 30; i++)
        vd_seat_sent(seat, 1, 0);
    vd_clock_advance(2 * G_USEC_PER_SEC);
    vd_audience_count(audience, &counts);
    vd_clock_advance(G_USEC_PER_SEC / 10); /* too short to say anything new */
    vd_audience_count(audience, &counts);
    vd_clock_release();
    g_array_set_clear_func(guests, vd_guest_clear);
    vd_audience_list(audience, guests, 9);
    g_assert_cmpfloat(g_array_index(guests, VdGuest, 0).fps, ==, 15.0);
    vd_seat_leave(seat);
}

static void one_is_dismissed_by_number(void)
{
    g_autoptr(VdAudience) audience = vd_audience_new(&as_configured);
    VdSeat *one = vd_audience_join(audience, "one", 1, NULL),
           *two = vd_audience_join(audience, "two", 2, NULL);

    g_assert_false(vd_audience_dismiss(audience, 3));
    g_assert_true(vd_audience_dismiss(audience, 2));
    g_assert_false(vd_seat_dismissed(one));
    g_assert_true(vd_seat_dismissed(two));
    vd_seat_leave(two);
    g_assert_false(vd_audience_dismiss(audience, 2));
    vd_seat_leave(one);
}

static VdHistogramReading timed(const VdStages *stages, VdStage stage)
{
    VdHistogramReading reading;

    vd_stages_read(stages, stage, &reading);
    return reading;
}

static void only_live_pictures_that_came_since_are_timed(void)
{
    g_autoptr(VdStages) stages = vd_stages_new();
    g_autoptr(VdAudience) audience = vd_audience_new(&as_configured);
    g_autoptr(VdPicture) picture = vd_picture_new("front", g_bytes_new_static("x", 1));

    vd_clock_hold(1000000, 0);
    VdSeat *seat = vd_audience_join(audience, NULL, 4, stages);
    vd_clock_release();
    picture->received_us = 998000;
    picture->encoded_us = 999999;
    vd_seat_timed(seat, picture, 1000100, 1000400); /* it was there before */
    picture->encoded_us = 1000000;
    vd_seat_timed(seat, picture, 1000100, 1000400);
    picture->placeholder = true;
    vd_seat_timed(seat, picture, 1000100, 1000400);
    g_assert_cmpuint(timed(stages, VD_STAGE_QUEUE).count, ==, 1);
    g_assert_cmpuint(timed(stages, VD_STAGE_QUEUE).sum_us, ==, 100);
    g_assert_cmpuint(timed(stages, VD_STAGE_SEND).count, ==, 1);
    g_assert_cmpuint(timed(stages, VD_STAGE_SEND).sum_us, ==, 300);
    g_assert_cmpuint(timed(stages, VD_STAGE_TOTAL).count, ==, 1);
    g_assert_cmpuint(timed(stages, VD_STAGE_TOTAL).sum_us, ==, 2400);
    g_assert_cmpuint(timed(stages, VD_STAGE_ENCODE).count, ==, 0);
    vd_seat_leave(seat);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/audience/" #name, name)
    ADD(seats_are_summed_also_after_they_left);
    ADD(who_skips_is_slow_until_he_keeps_up);
    ADD(a_rate_is_counted_between_counts);
    ADD(one_is_dismissed_by_number);
    ADD(no_more_guests_are_named_than_asked_for);
    ADD(only_live_pictures_that_came_since_are_timed);
    return g_test_run();
}
