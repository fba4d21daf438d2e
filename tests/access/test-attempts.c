#include "access/attempts.h"
#include "base/clock.h"
#include "base/limits.h"

#define HERE  "192.0.2.7"
#define THERE "192.0.2.8"
#define S     ((gint64)G_USEC_PER_SEC)

static void fail(VdAttempts *attempts, const char *address, const char *user, guint times)
{
    for (guint i = 0; i < times; i++)
        vd_attempts_failed(attempts, address, user);
}

static void pauses_double_after_the_fifth_failure(void)
{
    static const guint waits[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900};
    VdAttempts *attempts = vd_attempts_new();

    vd_clock_hold(1, 0);
    for (guint i = 0; i < G_N_ELEMENTS(waits); i++) {
        fail(attempts, HERE, NULL, 1);
        g_assert_cmpuint(vd_attempts_wait_s(attempts, HERE), ==, waits[i]);
        if (waits[i] == 0)
            continue;
        vd_clock_advance(waits[i] * S - 1);
        g_assert_cmpuint(vd_attempts_wait_s(attempts, HERE), ==, 1);
        vd_clock_advance(1);
        g_assert_cmpuint(vd_attempts_wait_s(attempts, HERE), ==, 0);
    }
    vd_attempts_free(attempts);
}

static void an_address_that_has_not_failed_may_always_try(void)
{
    VdAttempts *attempts = vd_attempts_new();

    vd_clock_hold(1, 0);
    for (guint i = 0; i < 500; i++) {
        g_autofree char *address = g_strdup_printf("198.51.100.%u", i % 250);
        fail(attempts, address, "anna", 1);
    }
    g_assert_cmpuint(vd_attempts_wait_s(attempts, "198.51.100.9"), >, 0);
    g_assert_cmpuint(vd_attempts_wait_s(attempts, HERE), ==, 0);
    vd_attempts_free(attempts);
}

static void while_many_fail_for_a_user_each_address_has_one_try(void)
{
    VdAttempts *attempts = vd_attempts_new();

    vd_clock_hold(1, 0);
    fail(attempts, "198.51.100.1", "anna", 30);
    fail(attempts, HERE, "bo", 1);
    g_assert_cmpuint(vd_attempts_wait_s(attempts, HERE), ==, 0);
    fail(attempts, THERE, "anna", 1);
    g_assert_cmpuint(vd_attempts_wait_s(attempts, THERE), ==, 60);
    vd_attempts_free(attempts);
}

static void an_hour_without_one_forgets_failures(void)
{
    VdAttempts *attempts = vd_attempts_new();

    vd_clock_hold(1, 0);
    fail(attempts, HERE, "anna", 25);
    vd_clock_advance(3600 * S - 1);
    fail(attempts, HERE, "anna", 1);
    g_assert_cmpuint(vd_attempts_wait_s(attempts, HERE), ==, 900);
    vd_clock_advance(3600 * S);
    fail(attempts, HERE, "anna", 5);
    g_assert_cmpuint(vd_attempts_wait_s(attempts, HERE), ==, 0);
    vd_attempts_free(attempts);
}

static void an_ipv6_customer_is_one_address(void)
{
    static const char *const places[][2] = {
        {"2001:db8:1:2::1", "2001:db8:1:2"},
        {"2001:db8:1:2:ffff:1:2:3", "2001:db8:1:2"},
        {"2001:db8:1:3::1", "2001:db8:1:3"},
        {"::1", "0:0:0:0"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"192.0.2.7", "192.0.2.7"},
        {"local", "local"},
    };
    VdAttempts *attempts = vd_attempts_new();

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *place = vd_attempts_place(places[i][0]);
        g_assert_cmpstr(place, ==, places[i][1]);
    }
    vd_clock_hold(1, 0);
    fail(attempts, "2001:db8:1:2::1", NULL, 6);
    g_assert_cmpuint(vd_attempts_wait_s(attempts, "2001:db8:1:2::2"), ==, 1);
    g_assert_cmpuint(vd_attempts_wait_s(attempts, "2001:db8:1:3::1"), ==, 0);
    vd_attempts_free(attempts);
}

static void a_flood_of_addresses_drives_out_itself_and_not_who_failed_more(void)
{
    VdAttempts *attempts = vd_attempts_new();

    vd_clock_hold(1, 0);
    fail(attempts, HERE, NULL, 12);
    fail(attempts, "10.0.0.0", NULL, 5);
    for (guint i = 1; i < VD_MAX_ATTEMPTS + 100; i++) {
        g_autofree char *address = g_strdup_printf("10.%u.%u.1", i / 256, i % 256);
        vd_clock_advance(1);
        fail(attempts, address, address, 1);
    }
    g_assert_cmpuint(vd_attempts_wait_s(attempts, HERE), ==, 64);
    fail(attempts, "10.0.0.0", NULL, 1); /* its sixth */
    g_assert_cmpuint(vd_attempts_wait_s(attempts, "10.0.0.0"), ==, 1);
    fail(attempts, "10.0.1.1", NULL, 5); /* its first was forgotten: not its sixth */
    g_assert_cmpuint(vd_attempts_wait_s(attempts, "10.0.1.1"), ==, 0);
    vd_attempts_free(attempts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/attempts/" #name, name)
    TEST(pauses_double_after_the_fifth_failure);
    TEST(an_address_that_has_not_failed_may_always_try);
    TEST(while_many_fail_for_a_user_each_address_has_one_try);
    TEST(an_hour_without_one_forgets_failures);
    TEST(an_ipv6_customer_is_one_address);
    TEST(a_flood_of_addresses_drives_out_itself_and_not_who_failed_more);
    return g_test_run();
}
