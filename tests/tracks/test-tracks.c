#include "tracks/tracks.h"

#include <math.h>
#include <string.h>

#define ASPECT 0.5625
#define S      G_GUINT64_CONSTANT(1000000000)
#define WIDTH  0.05
#define HEIGHT 0.2

/* x: the middle of it, foot: its lower edge; shares of the picture. */
static VdBox box_at(double x, double foot)
{
    return (VdBox){.x = (int)((x - WIDTH / 2) * 65536),
                   .y = (int)((foot - HEIGHT) * 65536),
                   .width = (int)(WIDTH * 65536),
                   .height = (int)(HEIGHT * 65536)};
}

static const VdTrack *find(const VdTracks *tracks, guint64 id)
{
    for (guint i = 0; i < vd_tracks_count(tracks); i++)
        if (vd_tracks_get(tracks, i)->id == id)
            return vd_tracks_get(tracks, i);
    return NULL;
}

/* One at x0 + speed * t from 0 to seconds, unseen from..to. */
static VdTracks *walk(double x0, double speed, guint fps, double seconds, double from, double to)
{
    VdTracks *tracks = vd_tracks_new(0);

    for (guint i = 0; i <= (guint)(seconds * fps + 0.5); i++) {
        double t = (double)i / fps;
        VdBox box = box_at(x0 + speed * t, 0.5);

        vd_tracks_see(tracks, i * S / fps, ASPECT, &box, t > from && t < to ? 0 : 1, NULL);
    }
    return tracks;
}

static void one_who_walks_is_one_track_with_his_speed(void)
{
    static const guint rates[] = {2, 7, 30};

    for (gsize i = 0; i < G_N_ELEMENTS(rates); i++) {
        g_autoptr(VdTracks) tracks = walk(0.1, 0.1, rates[i], 5, 9, 9);
        const VdTrack *track = vd_tracks_get(tracks, 0);

        g_assert_cmpuint(vd_tracks_count(tracks), ==, 1);
        g_assert_cmpuint(track->id, ==, 1);
        g_assert_true(track->confirmed && track->visible && !track->covered);
        g_assert_cmpfloat_with_epsilon(track->speed, 0.1, 0.01);
        g_assert_cmpuint(track->born, ==, 0);
        g_assert_cmpuint(track->seen, ==, 5 * S);
        g_assert_cmpint(ABS(track->box.x - box_at(0.6, 0.5).x), <, 400);
        g_assert_cmpint(ABS(track->box.width - box_at(0.6, 0.5).width), <, 20);
        g_assert_cmpuint(track->path[0].pts, ==, 0);
        g_assert_cmpint(ABS(track->path[0].x - 6554), <, 10);
        g_assert_cmpint(ABS(track->path[0].y - 32768), <, 10);
    }
}

static void who_is_hidden_for_a_second_is_the_same(void)
{
    static const guint rates[] = {2, 7, 30};

    for (gsize i = 0; i < G_N_ELEMENTS(rates); i++) {
        g_autoptr(VdTracks) hidden = walk(0.1, 0.1, rates[i], 2.9, 2, 9);
        g_autoptr(VdTracks) back = walk(0.1, 0.1, rates[i], 4, 2, 3);

        g_assert_cmpuint(vd_tracks_count(hidden), ==, 1);
        g_assert_false(vd_tracks_get(hidden, 0)->visible);
        g_assert_true(vd_tracks_get(hidden, 0)->confirmed);
        g_assert_cmpuint(vd_tracks_count(back), ==, 1);
        g_assert_cmpuint(vd_tracks_get(back, 0)->id, ==, 1);
        g_assert_true(vd_tracks_get(back, 0)->visible);
    }
}

static void missed_pictures_make_no_other(void)
{
    g_autoptr(VdTracks) tracks = vd_tracks_new(0);
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);

    for (guint i = 0; i < 150; i++) {
        VdBox box = box_at(0.1 + 0.005 * i, 0.5);
        bool missed = i > 15 && g_rand_boolean(rand);

        vd_tracks_see(tracks, i * S / 15, ASPECT, &box, missed ? 0 : 1, NULL);
    }
    g_assert_cmpuint(vd_tracks_last_id(tracks), ==, 1);
}

/* Both are seen all the time, side by side or one through the other. */
static void two_that_cross_keep_their_ids(void)
{
    static const guint rates[] = {4, 30};

    for (gsize k = 0; k < G_N_ELEMENTS(rates); k++) {
        g_autoptr(VdTracks) tracks = vd_tracks_new(0);
        guint64 ids[2] = {0};

        for (guint i = 0; i <= 6 * rates[k]; i++) {
            double t = (double)i / rates[k];
            VdBox boxes[] = {box_at(0.2 + 0.1 * t, 0.5), box_at(0.8 - 0.1 * t, 0.52)};

            vd_tracks_see(tracks, i * S / rates[k], ASPECT, boxes, 2, ids);
            g_assert_cmpuint(ids[0], ==, 1);
            g_assert_cmpuint(ids[1], ==, 2);
        }
        g_assert_cmpuint(vd_tracks_last_id(tracks), ==, 2);
    }
}

/* What is seen of two that touch is one box around both. */
static void two_that_merge_come_out_as_who_they_were(void)
{
    g_autoptr(VdTracks) tracks = vd_tracks_new(0);
    guint64 ids[2] = {0};
    guint covered = 0;

    for (guint i = 0; i <= 60; i++) {
        double t = i / 10.0;
        VdBox boxes[] = {box_at(0.2 + 0.1 * t, 0.5), box_at(0.8 - 0.1 * t, 0.5)};
        guint n = 2;

        if (fabs(0.6 - 0.2 * t) < WIDTH) {
            int left = MIN(boxes[0].x, boxes[1].x), right = MAX(boxes[0].x, boxes[1].x);
            boxes[0].width += right - left;
            boxes[0].x = left;
            n = 1;
        }
        vd_tracks_see(tracks, i * S / 10, ASPECT, boxes, n, ids);
        g_assert_cmpuint(vd_tracks_count(tracks), ==, 2);
        g_assert_cmpuint(ids[0], ==, 1);
        covered += n == 1 && (find(tracks, 1)->covered || find(tracks, 2)->covered);
    }
    g_assert_cmpuint(covered, >=, 3);
    g_assert_cmpuint(ids[1], ==, 2);
    g_assert_cmpuint(vd_tracks_last_id(tracks), ==, 2);
}

static void pieces_of_one_begin_none_of_their_own(void)
{
    g_autoptr(VdTracks) tracks = vd_tracks_new(0);
    guint64 ids[2] = {0};

    for (guint i = 0; i < 40; i++) {
        VdBox whole = box_at(0.2 + 0.01 * i, 0.5);
        VdBox boxes[] = {whole, whole};

        boxes[0].height = whole.height * 2 / 5;
        boxes[1].y += whole.height / 2;
        boxes[1].height = whole.height / 2;
        vd_tracks_see(tracks, i * S / 10, ASPECT, i < 20 ? &whole : boxes, i < 20 ? 1 : 2, ids);
    }
    g_assert_cmpuint(vd_tracks_last_id(tracks), ==, 1);
    g_assert_cmpuint(ids[0], ==, 1);
    g_assert_cmpuint(ids[1], ==, 1);
    g_assert_cmpint(ABS(vd_tracks_get(tracks, 0)->box.height - box_at(0.5, 0.5).height), <, 400);
}

/* The PTS, in ms, of the first picture in which it is so. */
static guint confirmed_at(guint fps)
{
    g_autoptr(VdTracks) tracks = vd_tracks_new(0);
    VdBox box = box_at(0.5, 0.5);

    for (guint i = 0;; i++) {
        vd_tracks_see(tracks, i * S / fps, ASPECT, &box, 1, NULL);
        if (vd_tracks_get(tracks, 0)->confirmed)
            return i * 1000 / fps;
    }
}

static guint gone_at(guint fps, double seen_for)
{
    g_autoptr(VdTracks) tracks = vd_tracks_new(0);
    VdBox box = box_at(0.5, 0.5);

    for (guint i = 0;; i++) {
        vd_tracks_see(tracks, i * S / fps, ASPECT, &box, i <= seen_for * fps ? 1 : 0, NULL);
        if (vd_tracks_count(tracks) == 0)
            return i * 1000 / fps;
    }
}

static void birth_and_death_are_by_time(void)
{
    g_assert_cmpuint(confirmed_at(2), ==, 500);
    g_assert_cmpuint(confirmed_at(10), ==, 400);
    g_assert_cmpuint(confirmed_at(30), ==, 400);
    g_assert_cmpuint(gone_at(2, 0), ==, 500);
    g_assert_cmpuint(gone_at(10, 0.1), ==, 500);
    g_assert_cmpuint(gone_at(30, 0.1), ==, 433);
    g_assert_cmpuint(gone_at(2, 3), ==, 5500);
    g_assert_cmpuint(gone_at(10, 3), ==, 5100);
    g_assert_cmpuint(gone_at(30, 3), ==, 5033);
}

static void who_leaves_the_picture_is_gone_at_once(void)
{
    g_autoptr(VdTracks) tracks = walk(0.5, 0.2, 10, 3, 2.45, 9);

    g_assert_cmpuint(vd_tracks_count(tracks), ==, 0);
}

static void what_jumps_is_another(void)
{
    g_autoptr(VdTracks) tracks = vd_tracks_new(40);
    guint64 id = 0;

    for (guint i = 0; i < 20; i++) {
        VdBox box = box_at(i < 10 ? 0.1 : 0.9, 0.5);

        vd_tracks_see(tracks, i * S / 10, ASPECT, &box, 1, &id);
    }
    g_assert_cmpuint(id, ==, 42);
    g_assert_cmpuint(vd_tracks_count(tracks), ==, 2);
    g_assert_false(find(tracks, 41)->visible);
}

static void time_that_goes_back_begins_anew_without_an_id_twice(void)
{
    g_autoptr(VdTracks) tracks = vd_tracks_new(0);
    VdBox box = box_at(0.5, 0.5);
    guint64 id = 0;

    vd_tracks_see(tracks, 5 * S, ASPECT, &box, 1, &id);
    vd_tracks_see(tracks, 4 * S, ASPECT, &box, 1, &id);
    g_assert_cmpuint(id, ==, 2);
    g_assert_cmpuint(vd_tracks_count(tracks), ==, 1);
    vd_tracks_see(tracks, 15 * S, ASPECT, &box, 1, &id);
    g_assert_cmpuint(id, ==, 3);
}

/* --- many, and all that can be ---------------------------------------------------------------- */

static void make_crowd(VdBox *boxes, guint n, double t)
{
    for (guint i = 0; i < n; i++) {
        boxes[i] = box_at(0.06 + 0.1 * (i % 8) + 0.01 * t, 0.12 + 0.11 * (i / 8.0));
        boxes[i].height /= 3;
        boxes[i].y += boxes[i].height * 2;
    }
}

static void sixty_four_are_told_apart(void)
{
    g_autoptr(VdTracks) tracks = vd_tracks_new(0);
    VdBox boxes[VD_MAX_TRACK_BOXES];
    guint64 ids[VD_MAX_TRACK_BOXES];

    for (guint i = 0; i < 50; i++) {
        make_crowd(boxes, VD_MAX_TRACK_BOXES, i / 10.0);
        vd_tracks_see(tracks, i * S / 10, ASPECT, boxes, VD_MAX_TRACK_BOXES, ids);
        for (guint k = 0; k < VD_MAX_TRACK_BOXES; k++)
            g_assert_cmpuint(ids[k], ==, k + 1);
    }
    g_assert_cmpuint(vd_tracks_count(tracks), ==, VD_MAX_TRACK_BOXES);
}

static void more_boxes_and_tracks_than_may_be_are_left_aside(void)
{
    g_autoptr(VdTracks) tracks = vd_tracks_new(0);
    VdBox boxes[VD_MAX_TRACK_BOXES + 1];
    guint64 ids[VD_MAX_TRACK_BOXES + 1] = {0};
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    guint most = 0;

    make_crowd(boxes, VD_MAX_TRACK_BOXES + 1, 0);
    vd_tracks_see(tracks, 0, ASPECT, boxes, VD_MAX_TRACK_BOXES + 1, ids);
    g_assert_cmpuint(ids[VD_MAX_TRACK_BOXES - 1], !=, 0);
    g_assert_cmpuint(ids[VD_MAX_TRACK_BOXES], ==, 0);
    for (guint i = 1; i < 200; i++) {
        for (guint k = 0; k < VD_MAX_TRACK_BOXES; k++)
            boxes[k] = (VdBox){.x = g_rand_int_range(rand, 0, 65000),
                               .y = g_rand_int_range(rand, 0, 65000),
                               .width = g_rand_int_range(rand, 0, 500),
                               .height = g_rand_int_range(rand, 0, 500)};
        vd_tracks_see(tracks, i * S / 30, ASPECT, boxes, VD_MAX_TRACK_BOXES, ids);
        g_assert_cmpuint(vd_tracks_count(tracks), <=, VD_MAX_TRACKS);
        most = MAX(most, vd_tracks_count(tracks));
    }
    g_assert_cmpuint(most, ==, VD_MAX_TRACKS);
}

static void a_long_way_has_its_beginning_and_its_end(void)
{
    g_autoptr(VdTracks) tracks = walk(0.1, 0.001, 10, 600, 900, 900);
    const VdTrack *track = vd_tracks_get(tracks, 0);

    g_assert_cmpuint(track->n_path, <=, VD_MAX_TRACK_PATH);
    g_assert_cmpuint(track->n_path, >=, VD_MAX_TRACK_PATH / 2);
    g_assert_cmpuint(track->path[0].pts, ==, 0);
    for (guint i = 1; i < track->n_path; i++) {
        g_assert_cmpuint(track->path[i].pts, >, track->path[i - 1].pts);
        g_assert_cmpint(track->path[i].x, >, track->path[i - 1].x);
    }
    g_assert_cmpuint(track->path[track->n_path - 1].pts, >, 500 * S);
}

static void the_same_pictures_give_the_same_bytes(void)
{
    g_autoptr(GString) first = g_string_new(NULL);

    for (int run = 0; run < 2; run++) {
        g_autoptr(VdTracks) tracks = vd_tracks_new(0);
        g_autoptr(GRand) rand = g_rand_new_with_seed(11);
        g_autoptr(GString) all = g_string_new(NULL);

        for (guint i = 0; i < 100; i++) {
            VdBox boxes[8];
            for (guint k = 0; k < 8; k++)
                boxes[k] = box_at(0.1 * (k + 1) + g_rand_double_range(rand, -0.05, 0.05), 0.5);
            vd_tracks_see(tracks, i * S / 10, ASPECT, boxes, 8, NULL);
            for (guint k = 0; k < vd_tracks_count(tracks); k++) {
                const VdTrack *track = vd_tracks_get(tracks, k);
                g_string_append_len(all, (const char *)&track->box, sizeof track->box);
                g_string_append_len(all, (const char *)&track->speed, sizeof track->speed);
            }
        }
        if (run == 0)
            g_string_append_len(first, all->str, (gssize)all->len);
        g_assert_cmpmem(all->str, all->len, first->str, first->len);
    }
}

static void a_line_is_as_the_challenge_has_it(void)
{
    VdTrack track = {.id = 7, .confirmed = true, .seen = S};
    track.box = (VdBox){.x = 32768, .y = 16384, .width = 6554, .height = 65536 / 3};
    g_autofree char *line = vd_track_mot_line(&track, 12, 768, 576);

    g_assert_cmpstr(line, ==, "12,7,384.00,144.00,76.80,192.00,1,-1,-1,-1\n");
    g_assert_true(vd_track_is_told(&track, S + VD_TRACK_GUESS_NS));
    g_assert_false(vd_track_is_told(&track, S + VD_TRACK_GUESS_NS + 1));
    track.confirmed = false;
    g_assert_false(vd_track_is_told(&track, S));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/tracks/" #name, name)
    ADD(one_who_walks_is_one_track_with_his_speed);
    ADD(who_is_hidden_for_a_second_is_the_same);
    ADD(missed_pictures_make_no_other);
    ADD(two_that_cross_keep_their_ids);
    ADD(two_that_merge_come_out_as_who_they_were);
    ADD(pieces_of_one_begin_none_of_their_own);
    ADD(birth_and_death_are_by_time);
    ADD(who_leaves_the_picture_is_gone_at_once);
    ADD(what_jumps_is_another);
    ADD(time_that_goes_back_begins_anew_without_an_id_twice);
    ADD(sixty_four_are_told_apart);
    ADD(more_boxes_and_tracks_than_may_be_are_left_aside);
    ADD(a_long_way_has_its_beginning_and_its_end);
    ADD(the_same_pictures_give_the_same_bytes);
    ADD(a_line_is_as_the_challenge_has_it);
    return g_test_run();
}
