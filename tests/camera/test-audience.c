#include "camera/audience.h"

static const VdWish as_configured = {-1, -1, -1, -1};

static void seats_are_summed_also_after_they_left(void)
{
    g_autoptr(VdAudience) audience = vd_audience_new(&as_configured);
    VdSeat *one = vd_audience_join(audience, "one"), *two = vd_audience_join(audience, "two");
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
    VdSeat *seat = vd_audience_join(audience, NULL);
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
    VdSeat *one = vd_audience_join(audience, "one"), *two = vd_audience_join(audience, "two");

    g_array_set_clear_func(guests, vd_guest_clear);
    vd_audience_list(audience, guests, 1);
    g_assert_cmpuint(guests->len, ==, 1);
    g_assert_cmpstr(g_array_index(guests, VdGuest, 0).client, ==, "one");
    vd_seat_leave(one);
    vd_seat_leave(two);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/audience/" #name, name)
    ADD(seats_are_summed_also_after_they_left);
    ADD(who_skips_is_slow_until_he_keeps_up);
    ADD(no_more_guests_are_named_than_asked_for);
    return g_test_run();
}
