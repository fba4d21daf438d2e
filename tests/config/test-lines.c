#include "base/error.h"
#include "base/limits.h"
#include "config/lines-json.h"

#include <string.h>

#define COURSE "0,0.5 1,0.5"
#define NAME   "a line's name has 1 to 63 letters a-z, digits and -, and does not begin with -"

static VdLines *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    VdLines *lines = NULL;

    g_assert_true(vd_lines_parse(text, &lines, &error));
    g_assert_no_error(error);
    return lines;
}

static void a_line_has_what_is_written(void)
{
    g_autoptr(VdLines) lines =
        parse("gate: " COURSE ";\tin  out: .5,0 .5,.5 1,1 ;drive in:" COURSE);

    g_assert_cmpuint(lines->count, ==, 3);
    g_assert_cmpstr(lines->each[0].name, ==, "gate");
    g_assert_cmpint(lines->each[0].ways, ==, VD_WAY_BOTH);
    g_assert_cmpuint(lines->each[0].course.n_points, ==, 2);
    g_assert_cmpint(lines->each[0].course.points[1].y, ==, 32768);
    g_assert_cmpstr(lines->each[1].name, ==, "in");
    g_assert_cmpint(lines->each[1].ways, ==, VD_WAY_OUT);
    g_assert_cmpuint(lines->each[1].course.n_points, ==, 3);
    g_assert_cmpint(lines->each[2].ways, ==, VD_WAY_IN);
}

/* As text and as JSON. */
static void what_is_written_is_read_as_the_same(void)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"a:" COURSE, "a: " COURSE},
        {"a both:" COURSE ";b  in : 0,0 0,0 1,1;", "a: " COURSE "; b in: 0,0 0,0 1,1"},
        {"c out: 0,0.33333 1,1 0.1,0.2", "c out: 0,0.33333 1,1 0.1,0.2"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VdLines) lines = parse(rows[i][0]);
        g_autofree char *text = vd_lines_text(lines);
        json_t *json = vd_lines_json(lines);
        g_autofree char *of_json = vd_lines_text_of_json(json, &error);
        g_assert_no_error(error);
        g_autoptr(VdLines) again = parse(of_json);

        g_assert_cmpstr(text, ==, rows[i][1]);
        g_assert_true(vd_lines_equal(lines, again));
        json_decref(json);
    }
}

static void lines_that_differ_are_not_equal(void)
{
    static const char *const others[] = {
        "",
        "b: " COURSE,
        "a in: " COURSE,
        "a: 0,0.5 1,0.6",
        "a: " COURSE " 0,1",
        "a: " COURSE "; b: " COURSE,
    };
    g_autoptr(VdLines) lines = parse("a: " COURSE);

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(VdLines) other = parse(others[i]);

        g_assert_false(vd_lines_equal(lines, other));
        g_assert_false(vd_lines_equal(other, lines));
    }
}

/* clang-format off */
static const struct { const char *text, *error; } wrongs[] = {
    {":" COURSE, "line 1 has no name: write NAME: and its points"},
    {"A:" COURSE, "the name of line 1 is wrong: " NAME},
    {"a", "line 'a' has no points: write them behind a :"},
    {"a: 0,0", "line 'a' has too few points: 2 to 64 are allowed"},
    {"a: 0,0 0,0", "the points of line 'a' are one: it has no length"},
    {"a: 0,0 1,2", "line 'a', point 2 is wrong: write x,y with both from 0 to 1, points apart by "
     "blanks, and a ; behind the last"},
    {"a:" COURSE "; a:" COURSE, "line 'a' is there twice: each has a name of its own"},
    {"a outt:" COURSE, "line 'a': 'outt' is unknown (did you mean 'out'?): allowed are in, out and both"},
}, wrong_json[] = {
    {"[]", "an object is wanted, with a line a member: {\"gate\": {\"points\": [[x, y], ...]}}"},
    {"{\"A\":{}}", "the name of line 1 is wrong: " NAME},
    {"{\"a\":[]}", "line 'a' is wrong: an object with points is wanted"},
    {"{\"a\":{}}", "line 'a' is wrong: its points are an array of 2 to 64 points [x, y]"},
    {"{\"a\":{\"points\":[[0,0],[1,2]]}}", "line 'a', point 2 is wrong: a point is [x, y] with both from 0 to 1"},
    {"{\"a\":{\"points\":[[0,0],[1,1]],\"direction\":\"in; b\"}}", "line 'a': direction: \"in\", \"out\" or \"both\" is wanted"},
    {"{\"a\":{\"points\":[[0,0],[1,1]],\"min_size\":1}}", "line 'a': 'min_size' is unknown: allowed are points and direction"},
};
/* clang-format on */

static void refused(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    VdLines *lines = NULL;

    g_assert_false(vd_lines_parse(text, &lines, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, expected);
    g_assert_null(lines);
}

static void each_error_says_which_line_and_what_is_allowed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(wrongs); i++)
        refused(wrongs[i].text, wrongs[i].error);
    for (gsize i = 0; i < G_N_ELEMENTS(wrong_json); i++) {
        g_autoptr(GError) error = NULL;
        json_t *json = json_loads(wrong_json[i].text, 0, NULL);

        g_assert_null(vd_lines_text_of_json(json, &error));
        g_assert_cmpstr(error->message, ==, wrong_json[i].error);
        json_decref(json);
    }
}

static void lines_and_their_points_have_limits(void)
{
    g_autoptr(GString) many = g_string_new(NULL);
    g_autoptr(GString) points = g_string_new("a: 0,0");

    for (int i = 0; i < VD_MAX_LINES; i++)
        g_string_append_printf(many, "l%d: " COURSE ";", i);
    for (int i = 1; i < VD_MAX_POLYGON_POINTS; i++)
        g_string_append(points, " 1,1");
    g_autoptr(VdLines) all = parse(many->str);
    g_autoptr(VdLines) full = parse(points->str);
    g_assert_cmpuint(all->count, ==, VD_MAX_LINES);
    g_assert_cmpuint(full->each[0].course.n_points, ==, VD_MAX_POLYGON_POINTS);
    g_string_append(many, "more: " COURSE);
    g_string_append(points, " 1,1");
    refused(many->str, "too many lines: 16 are allowed");
    refused(points->str, "line 'a' has too many points: 2 to 64 are allowed");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/lines/" #name, name)
    ADD(a_line_has_what_is_written);
    ADD(what_is_written_is_read_as_the_same);
    ADD(lines_that_differ_are_not_equal);
    ADD(each_error_says_which_line_and_what_is_allowed);
    ADD(lines_and_their_points_have_limits);
    return g_test_run();
}
