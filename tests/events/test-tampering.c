#include "base/limits.h"
#include "config/tampers.h"
#include "events/tampering.h"

#include <math.h>

#define ALL     ((1u << VD_N_TAMPERS) - 1)
#define WALL_US (1700000000 * (gint64)G_USEC_PER_SEC)

/* A camera that is looked at twice a second, and what was told of it. */
typedef struct Watch {
    VdTampering tampering;
    VdQuality quality; /* of its pictures */
    gint64 us;
    guint looks;
    GPtrArray *happened;
} Watch;

static const VdQuality ordinary = {
    .light = 100,
    .white = 0.02,
    .detail = 400,
    .sharpness = 0.2,
    .noise = 2,
    .colour = 15,
    .learned = 60,
    .structure = 1,
    .match = 0.8,
    .here = 0.8,
};

static void watch_init(Watch *watch)
{
    VdTamperWish all = {ALL, 50};

    *watch = (Watch){.quality = ordinary, .us = 1000};
    watch->happened = g_ptr_array_new_with_free_func((GDestroyNotify)vd_event_unref);
    vd_tampering_init(&watch->tampering, "front");
    vd_tampering_set_wish(&watch->tampering, (VdMoment){watch->us, WALL_US + watch->us}, &all,
                          watch->happened);
}

static void watch_clear(Watch *watch)
{
    vd_tampering_clear(&watch->tampering);
    g_ptr_array_unref(watch->happened);
}

static VdMoment now_of(const Watch *watch)
{
    return (VdMoment){watch->us, WALL_US + watch->us};
}

static void look(Watch *watch)
{
    watch->us += G_USEC_PER_SEC / 2;
    watch->looks++;
    vd_tampering_see(&watch->tampering, now_of(watch), &watch->quality, watch->happened);
}

static void look_for(Watch *watch, double seconds)
{
    for (int i = 0; i < (int)(2 * seconds); i++)
        look(watch);
}

static void settle(Watch *watch)
{
    look_for(watch, 120);
    g_assert_cmpuint(watch->happened->len, ==, 0);
}

static void assert_told(const Watch *watch, guint at, VdEventKind kind, const char *what)
{
    g_assert_cmpuint(watch->happened->len, >, at);
    const VdEvent *event = watch->happened->pdata[at];
    g_assert_cmpint(event->kind, ==, kind);
    g_assert_cmpstr(event->camera, ==, "front");
    g_assert_cmpstr(json_string_value(json_object_get(event->fields, "what")), ==, what);
}

static double number_of(const Watch *watch, guint at, const char *name)
{
    const VdEvent *event = watch->happened->pdata[at];

    return json_number_value(json_object_get(event->fields, name));
}

/* What makes ordinary pictures into those of a camera that somebody has been at. */
static void cover(VdQuality *quality)
{
    quality->detail = 3;
    quality->light = 60;
    quality->sharpness = 0.07;
    quality->here = quality->match = 0.05;
}

static void blind(VdQuality *quality)
{
    quality->white = 0.6;
    quality->light = 180;
}

static void defocus(VdQuality *quality)
{
    quality->sharpness = 0.08;
    quality->detail = 200;
    quality->here = quality->match = 0.6;
}

static void turn_away(VdQuality *quality)
{
    quality->here = 0.05;
    quality->match = 0.1;
}

static void turn_a_little(VdQuality *quality)
{
    quality->shift_x = 0.08;
    quality->match = 0.7;
    quality->here = 0.3;
}

static void blacken(VdQuality *quality)
{
    quality->black = 1;
    quality->light = quality->detail = quality->sharpness = 0;
    quality->here = quality->match = 0;
}

static void disturb(VdQuality *quality)
{
    quality->noise = 16;
}

static const struct {
    const char *what;
    void (*happens)(VdQuality *quality);
    double after; /* seconds */
} deeds[] = {
    {"covered", cover, 6},    {"blinded", blind, 6},        {"defocused", defocus, 10},
    {"moved", turn_away, 10}, {"moved", turn_a_little, 10}, {"black", blacken, 6},
    {"noisy", disturb, 10},
};

static gint64 at_of(const Watch *watch, guint at)
{
    return ((const VdEvent *)watch->happened->pdata[at])->wall_us - WALL_US;
}

static void each_deed_begins_when_it_has_lasted_and_ends_when_it_has_been_over(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(deeds); i++) {
        Watch watch;
        bool begun = false;

        watch_init(&watch);
        settle(&watch);
        gint64 since_us = watch.us + G_USEC_PER_SEC / 2;
        deeds[i].happens(&watch.quality);
        look_for(&watch, 30);
        watch.quality = ordinary;
        look_for(&watch, 30);
        g_assert_cmpuint(watch.happened->len % 2, ==, 0);
        for (guint k = 0; k < watch.happened->len; k++) {
            const VdEvent *event = watch.happened->pdata[k];
            const char *what = json_string_value(json_object_get(event->fields, "what"));

            if (!g_str_equal(what, deeds[i].what)) /* black is covered as well */
                continue;
            g_assert_cmpint(event->kind, ==,
                            begun ? VD_KIND_TAMPERING_END : VD_KIND_TAMPERING_START);
            if (!begun)
                g_assert_cmpint(at_of(&watch, k), ==,
                                since_us + (gint64)(deeds[i].after * G_USEC_PER_SEC));
            else
                g_assert_cmpfloat_with_epsilon(number_of(&watch, k, "seconds"), 30, 1);
            g_assert_cmpfloat(number_of(&watch, k, "score"), >=, 50);
            g_assert_cmpfloat(number_of(&watch, k, "limit"), ==, 50);
            begun = true;
        }
        g_assert_true(begun);
        watch_clear(&watch);
    }
}

static void what_is_shorter_is_nothing(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(deeds); i++) {
        Watch watch;

        watch_init(&watch);
        settle(&watch);
        for (int round = 0; round < 5; round++) {
            deeds[i].happens(&watch.quality);
            look_for(&watch, deeds[i].after - 1);
            watch.quality = ordinary;
            look_for(&watch, 10);
        }
        g_assert_cmpuint(watch.happened->len, ==, 0);
        watch_clear(&watch);
    }
}

static void what_comes_back_within_five_seconds_has_not_ended(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    for (int round = 0; round < 4; round++) {
        cover(&watch.quality);
        look_for(&watch, 10);
        watch.quality = ordinary;
        look_for(&watch, 4);
    }
    g_assert_cmpuint(watch.happened->len, ==, 1);
    look_for(&watch, 2);
    g_assert_cmpuint(watch.happened->len, ==, 2);
    watch_clear(&watch);
}

static void a_score_that_hangs_between_release_and_limit_begins_and_ends_nothing(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    watch.quality.black = 0.9 + 0.07 * 0.85;
    look_for(&watch, 60);
    g_assert_cmpuint(watch.happened->len, ==, 0);
    watch.quality.black = 0.98;
    look_for(&watch, 10);
    g_assert_cmpuint(watch.happened->len, ==, 1);
    watch.quality.black = 0.9 + 0.07 * 0.85;
    look_for(&watch, 60);
    g_assert_cmpuint(watch.happened->len, ==, 1);
    watch.quality.black = 0.9;
    look_for(&watch, 6);
    g_assert_cmpuint(watch.happened->len, ==, 2);
    watch_clear(&watch);
}

static void a_shaken_camera_is_told_from_one_in_a_light_wind(void)
{
    static const double amplitudes[] = {0.003, 0.014};

    for (gsize i = 0; i < G_N_ELEMENTS(amplitudes); i++) {
        Watch watch;

        watch_init(&watch);
        settle(&watch);
        for (int n = 0; n < 60; n++) {
            watch.quality.shift_x = n % 2 == 0 ? amplitudes[i] : -amplitudes[i];
            look(&watch);
        }
        g_assert_cmpuint(watch.happened->len, ==, i);
        if (i == 1)
            assert_told(&watch, 0, VD_KIND_TAMPERING_START, "shaken");
        watch_clear(&watch);
    }
}

static void a_frozen_picture_is_told_after_twenty_seconds(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    watch.quality.same = 1;
    look_for(&watch, 19.5);
    g_assert_cmpuint(watch.happened->len, ==, 0);
    look_for(&watch, 0.5);
    assert_told(&watch, 0, VD_KIND_TAMPERING_START, "frozen");
    watch.quality.same = 0.99;
    look_for(&watch, 6);
    assert_told(&watch, 1, VD_KIND_TAMPERING_END, "frozen");
    watch_clear(&watch);
}

static void what_never_moves_or_does_so_by_fits_is_not_frozen(void)
{
    for (int every = 1; every <= 5; every += 4) {
        Watch watch;

        watch_init(&watch);
        for (int n = 0; n < 4000; n++) {
            watch.quality.same = every == 1 || n % every != 0;
            look(&watch);
        }
        watch.quality.same = 1;
        look_for(&watch, 300);
        g_assert_cmpuint(watch.happened->len, ==, 0);
        watch_clear(&watch);
    }
}

static void night(VdQuality *quality)
{
    quality->colour = 0.1;
    quality->light = 50;
    quality->detail = 150;
    quality->noise = 6;
    quality->sharpness = 0.12;
    quality->here = quality->match = 0.15;
}

static void colour_that_comes_and_goes_is_an_ir_flip_and_dusk_is_not(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    night(&watch.quality);
    look_for(&watch, 60);
    watch.quality.here = watch.quality.match = 0.7;
    look_for(&watch, 600);
    g_assert_cmpuint(watch.happened->len, ==, 0);
    for (int n = 0; n < 4; n++) {
        watch.quality = ordinary;
        if (n % 2 != 0)
            night(&watch.quality);
        look_for(&watch, 20);
    }
    g_assert_cmpuint(watch.happened->len, ==, 1);
    assert_told(&watch, 0, VD_KIND_TAMPERING_START, "ir-flip");
    look_for(&watch, 400);
    g_assert_cmpuint(watch.happened->len, ==, 2);
    assert_told(&watch, 1, VD_KIND_TAMPERING_END, "ir-flip");
    watch_clear(&watch);
}

/* --- what is innocent --- */

static void a_light_that_goes_on_and_off_is_nothing(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    for (int n = 0; n < 30; n++) {
        double gain = n % 2 == 0 ? 0.3 : 1;

        watch.quality.light = 100 * gain;
        watch.quality.detail = 400 * gain * gain;
        watch.quality.sharpness = n % 2 == 0 ? 0.15 : 0.2;
        watch.quality.here = watch.quality.match = n % 2 == 0 ? 0.4 : 0.8;
        look_for(&watch, 40);
    }
    g_assert_cmpuint(watch.happened->len, ==, 0);
    watch_clear(&watch);
}

static void dusk_over_minutes_is_nothing(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    for (int n = 0; n < 1200; n++) {
        double gain = 1 - 0.9 * n / 1200;

        watch.quality.light = 100 * gain;
        watch.quality.detail = 400 * gain * gain;
        watch.quality.noise = 2 + 5.0 * n / 1200;
        watch.quality.sharpness = 0.2 - 0.06 * n / 1200;
        watch.quality.here = watch.quality.match = 0.8 - 0.3 * n / 1200;
        look(&watch);
    }
    g_assert_cmpuint(watch.happened->len, ==, 0);
    watch_clear(&watch);
}

static void a_lorry_that_stands_before_half_of_it_is_nothing(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    watch.quality.detail = 150;
    watch.quality.here = watch.quality.match = 0.38;
    watch.quality.light = 80;
    look_for(&watch, 60);
    g_assert_cmpuint(watch.happened->len, ==, 0);
    watch_clear(&watch);
}

static void a_noisy_camera_is_noisy_as_ever(void)
{
    Watch watch;

    watch_init(&watch);
    watch.quality.noise = 20;
    look_for(&watch, 3600);
    g_assert_cmpuint(watch.happened->len, ==, 0);
    watch_clear(&watch);
}

/* --- learning --- */

static void in_the_first_half_minute_only_black_and_white_are_known(void)
{
    Watch watch;

    watch_init(&watch);
    look_for(&watch, 10);
    cover(&watch.quality);
    look_for(&watch, 19);
    g_assert_cmpuint(watch.happened->len, ==, 0);
    watch_clear(&watch);
    watch_init(&watch);
    blacken(&watch.quality);
    look_for(&watch, 10);
    assert_told(&watch, 0, VD_KIND_TAMPERING_START, "black");
    watch_clear(&watch);
}

static void what_stays_becomes_normal_within_hours(void)
{
    Watch watch;

    watch_init(&watch);
    look_for(&watch, 700);
    cover(&watch.quality);
    look_for(&watch, 300);
    watch.quality.structure = 0; /* of the reference, which is blank by then */
    look_for(&watch, 900);
    g_assert_cmpuint(watch.happened->len, ==, 1);
    look_for(&watch, 3 * 3600);
    g_assert_cmpuint(watch.happened->len, ==, 2);
    assert_told(&watch, 1, VD_KIND_TAMPERING_END, "covered");
    watch_clear(&watch);
}

/* --- settings, and the camera's life --- */

static void be_away(Watch *watch, gint64 us)
{
    vd_tampering_leave(&watch->tampering, now_of(watch), watch->happened);
    watch->us += us;
}

static void what_is_wrong_is_over_while_the_camera_is_away_and_told_again_behind_it(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    cover(&watch.quality);
    look_for(&watch, 20);
    be_away(&watch, 60 * G_USEC_PER_SEC);
    g_assert_cmpuint(watch.happened->len, ==, 2);
    assert_told(&watch, 1, VD_KIND_TAMPERING_END, "covered");
    look_for(&watch, 20);
    g_assert_cmpuint(watch.happened->len, ==, 3);
    assert_told(&watch, 2, VD_KIND_TAMPERING_START, "covered");
    watch_clear(&watch);
}

static void a_camera_that_comes_back_turned_away_is_told_and_one_that_does_not_is_not(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    be_away(&watch, 90 * G_USEC_PER_SEC);
    settle(&watch);
    be_away(&watch, VD_SCENE_LASTS_US - G_USEC_PER_SEC);
    turn_away(&watch.quality);
    look_for(&watch, 20);
    g_assert_cmpuint(watch.happened->len, ==, 1);
    assert_told(&watch, 0, VD_KIND_TAMPERING_START, "moved");
    watch_clear(&watch);
}

static void behind_ten_minutes_it_is_learned_anew(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    be_away(&watch, VD_SCENE_LASTS_US);
    turn_away(&watch.quality);
    look_for(&watch, 60);
    g_assert_cmpuint(watch.happened->len, ==, 0);
    watch_clear(&watch);
}

static void of_another_camera_nothing_is_known(void)
{
    Watch watch;

    watch_init(&watch);
    settle(&watch);
    turn_away(&watch.quality);
    look_for(&watch, 20);
    vd_tampering_forget(&watch.tampering, now_of(&watch), watch.happened);
    g_assert_cmpuint(watch.happened->len, ==, 2);
    assert_told(&watch, 1, VD_KIND_TAMPERING_END, "moved");
    look_for(&watch, 60);
    g_assert_cmpuint(watch.happened->len, ==, 2);
    watch_clear(&watch);
}

static void only_what_is_wished_for_is_told(void)
{
    Watch watch;
    VdTamperFacts facts;
    VdTamperWish wish = {1u << VD_TAMPER_BLACK, 50}, none = {0, 50};

    watch_init(&watch);
    settle(&watch);
    vd_tampering_set_wish(&watch.tampering, now_of(&watch), &wish, watch.happened);
    cover(&watch.quality);
    look_for(&watch, 20);
    g_assert_cmpuint(watch.happened->len, ==, 0);
    blacken(&watch.quality);
    look_for(&watch, 20);
    g_assert_cmpuint(watch.happened->len, ==, 1);
    vd_tampering_tell(&watch.tampering, &facts);
    g_assert_cmpuint(facts.kinds, ==, wish.kinds);
    g_assert_cmpfloat(facts.scores[VD_TAMPER_BLACK], >, 70);
    g_assert_cmpint(facts.since[VD_TAMPER_BLACK], >, WALL_US);
    vd_tampering_set_wish(&watch.tampering, now_of(&watch), &none, watch.happened);
    assert_told(&watch, 1, VD_KIND_TAMPERING_END, "black");
    watch_clear(&watch);
}

static void sensitivity_moves_the_limit(void)
{
    static const int sensitivities[] = {20, 60};

    for (gsize i = 0; i < G_N_ELEMENTS(sensitivities); i++) {
        VdTamperWish wish = {ALL, sensitivities[i]};
        Watch watch;

        watch_init(&watch);
        vd_tampering_set_wish(&watch.tampering, now_of(&watch), &wish, watch.happened);
        settle(&watch);
        watch.quality.white = 0.02 + 0.3; /* a score of 43 */
        look_for(&watch, 20);
        g_assert_cmpuint(watch.happened->len, ==, i);
        watch_clear(&watch);
    }
}

static void names_are_read_as_they_are_written(void)
{
    guint kinds = 77;

    g_assert_true(vd_tampers_read("all", &kinds));
    g_assert_cmpuint(kinds, ==, ALL);
    g_assert_true(vd_tampers_read("off", &kinds));
    g_assert_cmpuint(kinds, ==, 0);
    g_assert_true(vd_tampers_read("moved, ir-flip", &kinds));
    g_assert_cmpuint(kinds, ==, 1u << VD_TAMPER_MOVED | 1u << VD_TAMPER_IR_FLIP);
    g_assert_false(vd_tampers_read("moved,stolen", &kinds));
    g_assert_false(vd_tampers_read("all,moved", &kinds));
    g_assert_false(vd_tampers_read("", &kinds));
    g_assert_cmpuint(kinds, ==, 1u << VD_TAMPER_MOVED | 1u << VD_TAMPER_IR_FLIP);
    g_autofree char *list = vd_tampers_list();
    g_assert_cmpstr(list, ==,
                    "covered, blinded, defocused, moved, shaken, frozen, black, noisy, ir-flip");
}

#define TEST(name) g_test_add_func("/tampering/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(each_deed_begins_when_it_has_lasted_and_ends_when_it_has_been_over);
    TEST(what_is_shorter_is_nothing);
    TEST(what_comes_back_within_five_seconds_has_not_ended);
    TEST(a_score_that_hangs_between_release_and_limit_begins_and_ends_nothing);
    TEST(a_shaken_camera_is_told_from_one_in_a_light_wind);
    TEST(a_frozen_picture_is_told_after_twenty_seconds);
    TEST(what_never_moves_or_does_so_by_fits_is_not_frozen);
    TEST(colour_that_comes_and_goes_is_an_ir_flip_and_dusk_is_not);
    TEST(a_light_that_goes_on_and_off_is_nothing);
    TEST(dusk_over_minutes_is_nothing);
    TEST(a_lorry_that_stands_before_half_of_it_is_nothing);
    TEST(a_noisy_camera_is_noisy_as_ever);
    TEST(in_the_first_half_minute_only_black_and_white_are_known);
    TEST(what_stays_becomes_normal_within_hours);
    TEST(what_is_wrong_is_over_while_the_camera_is_away_and_told_again_behind_it);
    TEST(a_camera_that_comes_back_turned_away_is_told_and_one_that_does_not_is_not);
    TEST(behind_ten_minutes_it_is_learned_anew);
    TEST(of_another_camera_nothing_is_known);
    TEST(only_what_is_wished_for_is_told);
    TEST(sensitivity_moves_the_limit);
    TEST(names_are_read_as_they_are_written);
    return g_test_run();
}
