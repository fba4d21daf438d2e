#include "base/error.h"
#include "base/limits.h"
#include "config/zones.h"

#include <string.h>

#define TRIANGLE "0,0 1,0 1,1"
#define NAME     "a zone's name has 1 to 63 letters a-z, digits and -, and does not begin with -"
#define WORDS    "allowed are ignore, min-size=PERCENT and min-ms=MS"
#define SIZE                                                                             \
    "min-size is a percentage of the picture from 0 to 100, with two digits behind the " \
    "point at most"

static VdZones *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    VdZones *zones = NULL;

    g_assert_true(vd_zones_parse(text, &zones, &error));
    g_assert_no_error(error);
    return zones;
}

static void a_zone_has_what_is_written(void)
{
    g_autoptr(VdZones) zones = parse("drive: " TRIANGLE ";\tfront-1  ignore:" TRIANGLE
                                     " ;gate min-size=0.5% min-ms=0:.5,.5 1,.5 1,1 ;");

    g_assert_cmpuint(zones->count, ==, 3);
    g_assert_true(zones->counting);
    g_assert_cmpstr(zones->each[0].name, ==, "drive");
    g_assert_false(zones->each[0].ignore);
    g_assert_cmpint(zones->each[0].min_size, ==, 0);
    g_assert_cmpint(zones->each[0].min_ms, ==, -1);
    g_assert_cmpuint(zones->each[0].polygon.n_points, ==, 3);
    g_assert_cmpstr(zones->each[1].name, ==, "front-1");
    g_assert_true(zones->each[1].ignore);
    g_assert_cmpint(zones->each[2].min_size, ==, 50);
    g_assert_cmpint(zones->each[2].min_ms, ==, 0);
    g_assert_cmpint(zones->each[2].polygon.points[0].x, ==, 32768);
}

static void of_ignored_zones_alone_none_counts(void)
{
    g_autoptr(VdZones) zones = parse("a ignore: " TRIANGLE "; ignore ignore: " TRIANGLE);

    g_assert_false(zones->counting);
    g_assert_cmpstr(zones->each[1].name, ==, "ignore");
}

static void no_text_makes_no_zones(void)
{
    g_autofree char *text = vd_zones_text(NULL);

    g_assert_null(parse(""));
    g_assert_null(parse(" \t"));
    g_assert_cmpstr(text, ==, "");
    g_assert_true(vd_zones_equal(NULL, NULL));
    g_assert_null(vd_zones_ref(NULL));
    vd_zones_unref(NULL);
}

static void what_is_written_is_read_as_the_same(void)
{
    static const char *const rows[][2] = {
        {"a:" TRIANGLE, "a: " TRIANGLE},
        {"a min-size=0.50:" TRIANGLE ";b min-ms=07 : " TRIANGLE ";",
         "a min-size=0.5%: " TRIANGLE "; b min-ms=7: " TRIANGLE},
        {"a min-ms=60000 min-size=100%:" TRIANGLE, "a min-size=100% min-ms=60000: " TRIANGLE},
        {"a min-size=.07%:" TRIANGLE, "a min-size=0.07%: " TRIANGLE},
        {"a min-size=0:" TRIANGLE, "a: " TRIANGLE},
        {"a min-size=10.%:" TRIANGLE, "a min-size=10%: " TRIANGLE},
        {"a ignore:" TRIANGLE, "a ignore: " TRIANGLE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(VdZones) zones = parse(rows[i][0]);
        g_autofree char *text = vd_zones_text(zones);
        g_autoptr(VdZones) again = parse(text);

        g_assert_cmpstr(text, ==, rows[i][1]);
        g_assert_true(vd_zones_equal(zones, again));
    }
}

static void zones_that_differ_are_not_equal(void)
{
    static const char *const others[] = {
        "",
        "b: " TRIANGLE,
        "a ignore: " TRIANGLE,
        "a min-size=0.01: " TRIANGLE,
        "a min-ms=0: " TRIANGLE,
        "a: 0,0 1,0 1,0.9999",
        "a: " TRIANGLE " 0,1",
        "a: " TRIANGLE "; b: " TRIANGLE,
    };
    g_autoptr(VdZones) zones = parse("a: " TRIANGLE);

    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(VdZones) other = parse(others[i]);

        g_assert_false(vd_zones_equal(zones, other));
        g_assert_false(vd_zones_equal(other, zones));
    }
}

/* clang-format off */
static const struct { const char *text, *error; } wrongs[] = {
    {":" TRIANGLE, "zone 1 has no name: write NAME: and its points"},
    {"a:" TRIANGLE ";;", "zone 2 has no name: write NAME: and its points"},
    {TRIANGLE, "the name of zone 1 is wrong: " NAME},
    {"A:" TRIANGLE, "the name of zone 1 is wrong: " NAME},
    {"a", "zone 'a' has no points: write them behind a :"},
    {"a ignore; b:" TRIANGLE, "zone 'a' has no points: write them behind a :"},
    {"a:", "zone 'a' has too few points: 3 to 64 are allowed"},
    {"a:" TRIANGLE " 0,2", "zone 'a', point 4 is wrong: write x,y with both from 0 to 1, points "
     "apart by blanks, and a ; behind the last"},
    {"a:0,0 .5,.5 1,1", "the points of zone 'a' lie on one line: nothing is inside"},
    {"a:" TRIANGLE "; b:" TRIANGLE "; a:" TRIANGLE,
     "zone 'a' is there twice: each has a name of its own"},
    {"a ignroe:" TRIANGLE, "zone 'a': 'ignroe' is unknown (did you mean 'ignore'?): " WORDS},
    {"a min_size=5:" TRIANGLE, "zone 'a': 'min_size=5' is unknown (did you mean 'min-size'?): " WORDS},
    {"a speed=5:" TRIANGLE, "zone 'a': 'speed=5' is unknown: " WORDS},
    {"a min-size=:" TRIANGLE, "zone 'a': 'min-size=' is wrong: " SIZE},
    {"a min-size=-1:" TRIANGLE, "zone 'a': 'min-size=-1' is wrong: " SIZE},
    {"a min-size=100.01:" TRIANGLE, "zone 'a': 'min-size=100.01' is wrong: " SIZE},
    {"a min-size=0.005:" TRIANGLE, "zone 'a': 'min-size=0.005' is wrong: " SIZE},
    {"a min-size=5%%:" TRIANGLE, "zone 'a': 'min-size=5%%' is wrong: " SIZE},
    {"a min-size=1e1:" TRIANGLE, "zone 'a': 'min-size=1e1' is wrong: " SIZE},
    {"a min-ms=60001:" TRIANGLE, "zone 'a': 'min-ms=60001' is wrong: min-ms is a whole number from 0 to 60000 (ms)"},
    {"a min-ms=0.5:" TRIANGLE, "zone 'a': 'min-ms=0.5' is wrong: min-ms is a whole number from 0 to 60000 (ms)"},
    {"a ignore min-ms=5:" TRIANGLE, "zone 'a': min-size and min-ms are of zones in which motion "
     "counts, not of one that is ignored"},
};
/* clang-format on */

static void refused(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    VdZones *zones = NULL;

    g_assert_false(vd_zones_parse(text, &zones, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, expected);
    g_assert_null(zones);
}

static void each_error_says_which_zone_and_what_is_allowed(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(wrongs); i++)
        refused(wrongs[i].text, wrongs[i].error);
}

static void zones_and_their_points_have_limits(void)
{
    g_autoptr(GString) many = g_string_new(NULL);
    g_autoptr(GString) points = g_string_new("a: 0,0 1,0");
    g_autofree char *name = g_strnfill(VD_MAX_ID, 'n');
    g_autofree char *longest = g_strconcat(name, ":" TRIANGLE, NULL);
    g_autofree char *longer = g_strconcat("n", longest, NULL);

    for (int i = 0; i < VD_MAX_ZONES; i++)
        g_string_append_printf(many, "z%d: " TRIANGLE ";", i);
    for (int i = 2; i < VD_MAX_POLYGON_POINTS; i++)
        g_string_append(points, " 1,1");
    g_autoptr(VdZones) all = parse(many->str);
    g_autoptr(VdZones) full = parse(points->str);
    g_autoptr(VdZones) named = parse(longest);
    g_assert_cmpuint(all->count, ==, VD_MAX_ZONES);
    g_assert_cmpuint(full->each[0].polygon.n_points, ==, VD_MAX_POLYGON_POINTS);
    g_string_append(many, "more: " TRIANGLE);
    g_string_append(points, " 1,1");
    refused(many->str, "too many zones: 16 are allowed");
    refused(points->str, "zone 'a' has too many points: 3 to 64 are allowed");
    refused(longer, "the name of zone 1 is wrong: " NAME);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/zones/" #name, name)
    ADD(a_zone_has_what_is_written);
    ADD(of_ignored_zones_alone_none_counts);
    ADD(no_text_makes_no_zones);
    ADD(what_is_written_is_read_as_the_same);
    ADD(zones_that_differ_are_not_equal);
    ADD(each_error_says_which_zone_and_what_is_allowed);
    ADD(zones_and_their_points_have_limits);
    return g_test_run();
}
