#include "base/error.h"
#include "base/limits.h"
#include "replay/difference.h"
#include "replay/judge.h"
#include "replay/pixels.h"
#include "replay/visits.h"

#include <glib/gstdio.h>

/* What is found, against what was written down and against what others found. */

#define S G_USEC_PER_SEC

static const char *refusal(const char *text)
{
    static char said[256];
    g_autoptr(GError) error = NULL;

    g_assert_null(vd_visits_parse(text, "t", &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
    g_strlcpy(said, error->message, sizeof said);
    return said;
}

static void a_table_is_read_by_its_head(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) visits = vd_visits_parse(
        "leave_frame, who ,enter_frame\r\n20,anna,10\r\n\n 40,ben, 30 \n", "t", &error);

    g_assert_no_error(error);
    g_assert_cmpuint(visits->len, ==, 2);
    g_assert_cmpuint(g_array_index(visits, VdVisit, 0).enter, ==, 10);
    g_assert_cmpuint(g_array_index(visits, VdVisit, 0).leave, ==, 20);
    g_assert_cmpuint(g_array_index(visits, VdVisit, 1).enter, ==, 30);
    g_assert_cmpuint(g_array_index(visits, VdVisit, 1).leave, ==, 40);
}

static void what_is_no_table_is_refused_with_its_line(void)
{
    static const char head[] =
        "t is neither a video nor a table with enter_frame,leave_frame for a head";
    static const char line[] = "t:3: the numbers of two pictures are wanted, the later last";

    g_assert_cmpstr(refusal(""), ==, head);
    g_assert_cmpstr(refusal("enter_frame,left\n1,2\n"), ==, head);
    g_assert_cmpstr(refusal("enter_frame,leave_frame\n1,2\n2,1\n"), ==, line);
    g_assert_cmpstr(refusal("enter_frame,leave_frame\n1,2\n5\n"), ==, line);
    g_assert_cmpstr(refusal("enter_frame,leave_frame\n1,2\n5,-6\n"), ==, line);
    g_assert_cmpstr(refusal("enter_frame,leave_frame\n1,2\n5,99999999999\n"), ==, line);
}

static void as_many_visits_are_read_as_there_may_be(void)
{
    g_autoptr(GString) text = g_string_new("enter_frame,leave_frame\n");

    for (guint i = 0; i < VD_MAX_VISITS; i++)
        g_string_append(text, "1,2\n");
    g_autoptr(GArray) visits = vd_visits_parse(text->str, "t", NULL);
    g_assert_cmpuint(visits->len, ==, VD_MAX_VISITS);
    g_string_append(text, "1,2\n");
    g_assert_cmpstr(refusal(text->str), ==, "t:10002: at most 10000 visits are read");
}

/* Whether a table of so many bytes is read. */
static bool table_is_read(const char *path, gsize length)
{
    g_autoptr(GString) text = g_string_new("enter_frame,leave_frame\n1,2\n");
    g_autoptr(GError) error = NULL;

    while (text->len < length) /* one long line: of each there is memory to take */
        g_string_append_c(text, ' ');
    g_assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
    g_autoptr(GArray) visits = vd_visits_read(path, &error);
    g_assert_true((visits == NULL) == (error != NULL));
    if (error != NULL)
        g_assert_true(g_str_has_prefix(error->message, path));
    return visits != NULL;
}

static void a_table_may_be_so_large_and_no_larger(void)
{
    g_autofree char *folder = g_dir_make_tmp("vedette-labels-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "visits.csv", NULL);

    g_assert_true(table_is_read(path, VD_MAX_LABELS));
    g_assert_false(table_is_read(path, VD_MAX_LABELS + 1));
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_false(vd_visits_read(path, NULL) != NULL);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static GArray *incidents_of(const VdIncident *each, guint count)
{
    return g_array_append_vals(g_array_new(FALSE, FALSE, sizeof(VdIncident)), each, count);
}

static void an_event_is_of_the_visit_in_which_it_begins(void)
{
    /* A picture a second. Visits 10-20, 30-40, 50-60; the last goes on behind the recording. */
    static const VdIncident each[] = {
        {8 * S, 12 * S},  /* two seconds before the first */
        {15 * S, 35 * S}, /* begins in the first, and covers the second */
        {45 * S, 46 * S}, /* of none */
        {52 * S, 70 * S},
    };
    g_autoptr(GArray) visits =
        vd_visits_parse("enter_frame,leave_frame\n10,20\n30,40\n50,99\n", "t", NULL);
    g_autoptr(GArray) incidents = incidents_of(each, G_N_ELEMENTS(each));
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));

    for (gint64 us = 0; us <= 60 * S; us += S)
        g_array_append_val(times, us);
    json_t *judged = vd_visits_judge(visits, times, incidents);
    json_t *expected =
        json_pack("{s:s, s:i, s:i, s:i, s:i, s:f, s:f, s:[{s:f,s:f,s:b,s:f},{s:f,s:f,s:b,s:n},"
                  "{s:f,s:f,s:b,s:f}]}",
                  "of", "visits", "visits", 3, "found", 2, "events", 4, "false", 1, "precision",
                  0.75, "recall", 0.6667, "each", "enter", 10.0, "leave", 20.0, "found", 1, "late",
                  -2.0, "enter", 30.0, "leave", 40.0, "found", 0, "late", "enter", 50.0, "leave",
                  60.0, "found", 1, "late", 2.0);
    g_assert_nonnull(expected);
    g_assert_true(json_equal(judged, expected));
    json_decref(judged);
    json_decref(expected);
}

static void where_there_is_nothing_nothing_is_divided(void)
{
    g_autoptr(GArray) visits = vd_visits_parse("enter_frame,leave_frame\n", "t", NULL);
    g_autoptr(GArray) incidents = incidents_of(NULL, 0);
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));
    json_t *judged = vd_visits_judge(visits, times, incidents);
    json_t *pixels = vd_pixels_judge(&(VdPixels){0});

    g_assert_true(json_is_null(json_object_get(judged, "precision")));
    g_assert_true(json_is_null(json_object_get(judged, "recall")));
    g_assert_true(json_is_null(json_object_get(pixels, "f")));
    json_decref(judged);
    json_decref(pixels);
}

static void pixels_make_precision_recall_and_f(void)
{
    VdPixels counted = {.pictures = 2, .right = 60, .wrong = 20, .missed = 40, .still = 1000};
    json_t *judged = vd_pixels_judge(&counted);

    g_assert_cmpfloat(json_real_value(json_object_get(judged, "precision")), ==, 0.75);
    g_assert_cmpfloat(json_real_value(json_object_get(judged, "recall")), ==, 0.6);
    g_assert_cmpfloat(json_real_value(json_object_get(judged, "f")), ==, 0.6667);
    json_decref(judged);
}

static void events_that_overlap_are_the_same_one(void)
{
    static const VdIncident as[] = {
        {1 * S, 2 * S}, {5 * S, 6 * S}, {8 * S, 9 * S}, {20 * S, 30 * S}};
    static const VdIncident bs[] = {
        {1 * S, 2 * S}, {3 * S, 4 * S}, {9 * S, 10 * S}, {21 * S, 22 * S}, {29 * S, 31 * S}};
    g_autoptr(GArray) a = incidents_of(as, G_N_ELEMENTS(as));
    g_autoptr(GArray) b = incidents_of(bs, G_N_ELEMENTS(bs));
    json_t *difference = vd_difference(a, b);
    json_t *expected = json_pack(
        "{s:s, s:i, s:[{s:{s:f,s:f},s:{s:f,s:f}},{s:{s:f,s:f},s:{s:f,s:f}}], s:[{s:f,s:f}], "
        "s:[{s:f,s:f},{s:f,s:f}]}",
        "type", "difference", "same", 1, "moved", "a", "since", 8.0, "until", 9.0, "b", "since",
        9.0, "until", 10.0, "a", "since", 20.0, "until", 30.0, "b", "since", 21.0, "until", 22.0,
        "only_a", "since", 5.0, "until", 6.0, "only_b", "since", 3.0, "until", 4.0, "since", 29.0,
        "until", 31.0);

    g_assert_nonnull(expected);
    g_assert_true(json_equal(difference, expected));
    json_decref(difference);
    json_decref(expected);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/replay/labels/" #name, name)
    TEST(a_table_is_read_by_its_head);
    TEST(what_is_no_table_is_refused_with_its_line);
    TEST(as_many_visits_are_read_as_there_may_be);
    TEST(a_table_may_be_so_large_and_no_larger);
    TEST(an_event_is_of_the_visit_in_which_it_begins);
    TEST(where_there_is_nothing_nothing_is_divided);
    TEST(pixels_make_precision_recall_and_f);
    TEST(events_that_overlap_are_the_same_one);
    return g_test_run();
}
