#include "events/crossings.h"

#define ONE    65536
#define WIDTH  0.05
#define HEIGHT 0.2
#define BIRTH  G_GUINT64_CONSTANT(400000000)

/* Where feet are, one a picture; x < 0: not seen there. */
typedef struct Step {
    double x, y;
} Step;

static VdTrackMark mark_at(guint64 id, Step from, Step at, guint64 age)
{
    return (VdTrackMark){
        .id = id,
        .box = {.x = (int)((at.x - WIDTH / 2) * ONE),
                .y = (int)((at.y - HEIGHT) * ONE),
                .width = (int)(WIDTH * ONE),
                .height = (int)(HEIGHT * ONE)},
        .speed = 0.1,
        .age = age,
        .visible = at.x >= 0,
        .from_x = (int)(from.x * ONE),
        .from_y = (int)(from.y * ONE),
    };
}

static void set_lines(VdCrossings *crossings, const char *text)
{
    VdLines *lines = NULL;

    g_assert_true(vd_lines_parse(text, &lines, NULL));
    vd_crossings_set_lines(crossings, lines);
    vd_lines_unref(lines);
}

/* "gate in 1, ..." of one who is confirmed at his second step. */
static char *walk(const char *lines, const Step *steps, guint n)
{
    GString *told = g_string_new(NULL);
    VdCrossings crossings;

    vd_crossings_init(&crossings, "front");
    set_lines(&crossings, lines);
    for (guint i = 1; i < n; i++) {
        g_autoptr(GPtrArray) happened = g_ptr_array_new_with_free_func((void *)vd_event_unref);
        VdTrackMark mark = mark_at(7, steps[0], steps[i], BIRTH * i);

        vd_crossings_see(&crossings, 1000, &mark, 1, happened);
        for (guint k = 0; k < happened->len; k++) {
            const VdEvent *event = happened->pdata[k];
            const char *line = NULL, *direction = NULL;
            json_int_t count, track;

            g_assert_cmpint(event->kind, ==, VD_KIND_LINE_CROSSED);
            g_assert_cmpstr(event->camera, ==, "front");
            g_assert_cmpint(json_unpack(event->fields, "{s:s,s:s,s:I,s:I,s:{s:F}}", "line", &line,
                                        "direction", &direction, "count", &count, "track", &track,
                                        "box", "x", &(double){0}),
                            ==, 0);
            g_assert_cmpint(track, ==, 7);
            g_string_append_printf(told, "%s%s %s %d", told->len > 0 ? ", " : "", line, direction,
                                   (int)count);
        }
    }
    vd_crossings_clear(&crossings);
    return g_string_free(told, FALSE);
}

#define GATE "gate: 0.2,0.5 0.8,0.5"
#define DOWN                \
    {0.5, 0.3}, {0.5, 0.4}, \
    {                       \
        0.5, 0.6            \
    }
#define UP                  \
    {0.5, 0.6}, {0.5, 0.4}, \
    {                       \
        0.5, 0.3            \
    }

static void who_crosses_is_told_as_the_table_says(void)
{
    static const struct {
        const char *lines;
        Step steps[6];
        guint n;
        const char *told;
    } rows[] = {
        {GATE, {DOWN}, 3, "gate in 1"},
        {GATE, {UP}, 3, "gate out 1"},
        {"gate: 0.8,0.5 0.2,0.5", {DOWN}, 3, "gate out 1"},
        {"gate in: 0.2,0.5 0.8,0.5", {DOWN}, 3, "gate in 1"},
        {"gate out: 0.2,0.5 0.8,0.5", {DOWN}, 3, ""},
        {"", {DOWN}, 3, ""},
        /* beside it, and along it */
        {GATE, {{0.1, 0.3}, {0.1, 0.4}, {0.1, 0.6}}, 3, ""},
        {GATE, {{0.9, 0.3}, {0.9, 0.4}, {0.9, 0.6}}, 3, ""},
        {GATE, {{0.1, 0.4}, {0.5, 0.4}, {0.9, 0.4}}, 3, ""},
        /* while it was a guess, or was not seen */
        {GATE, {{0.5, 0.4}, {0.5, 0.6}}, 2, "gate in 1"},
        {GATE, {{0.5, 0.4}, {-1, 0.5}, {0.5, 0.6}}, 3, "gate in 1"},
        /* there and back; trembling upon it */
        {GATE,
         {{0.5, 0.4}, {0.5, 0.6}, {0.5, 0.4}, {0.5, 0.6}},
         4,
         "gate in 1, gate out 1, gate in 2"},
        {GATE, {{0.5, 0.49}, {0.5, 0.505}, {0.5, 0.495}, {0.505, 0.505}, {0.5, 0.499}}, 5, ""},
        {GATE,
         {{0.5, 0.49}, {0.5, 0.505}, {0.5, 0.52}, {0.5, 0.499}, {0.5, 0.505}},
         5,
         "gate in 1"},
        /* to it, and on */
        {GATE, {{0.5, 0.4}, {0.5, 0.5}, {0.5, 0.6}}, 3, "gate in 1"},
        {GATE, {{0.5, 0.6}, {0.5, 0.5}, {0.5, 0.4}}, 3, "gate out 1"},
        /* through a corner once, over two of its parts not at all */
        {"c: 0.2,0.5 0.5,0.5 0.8,0.5", {DOWN}, 3, "c in 1"},
        {"v: 0.4,0.2 0.5,0.8 0.6,0.2", {{0.3, 0.3}, {0.7, 0.3}}, 2, ""},
        {GATE "; low: 0,0.55 1,0.55", {DOWN}, 3, "gate in 1, low in 1"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *told = walk(rows[i].lines, rows[i].steps, rows[i].n);

        g_test_message("%zu", i);
        g_assert_cmpstr(told, ==, rows[i].told);
    }
}

static guint see(VdCrossings *crossings, guint64 id, Step at, guint64 age)
{
    g_autoptr(GPtrArray) happened = g_ptr_array_new_with_free_func((void *)vd_event_unref);
    VdTrackMark mark = mark_at(id, (Step){0.5, 0.3}, at, age);

    vd_crossings_see(crossings, 0, &mark, 1, happened);
    return happened->len;
}

/* How many are told of a crossing at each of these times. */
static guint told_at(VdCrossings *crossings, gint64 begin_us, gint64 interval_us, guint n)
{
    guint told = 0;

    for (guint i = 0; i < n; i++) {
        g_autoptr(GPtrArray) happened = g_ptr_array_new_with_free_func((void *)vd_event_unref);
        VdTrackMark mark = mark_at(1, (Step){0.5, 0.3}, (Step){0.5, i % 2 ? 0.3 : 0.6}, BIRTH);

        vd_crossings_see(crossings, begin_us + i * interval_us, &mark, 1, happened);
        told += happened->len;
    }
    return told;
}

static void rain_is_counted_and_told_now_and_then(void)
{
    VdCrossings crossings;

    vd_crossings_init(&crossings, "front");
    set_lines(&crossings, GATE);
    /* ten a second for a hundred seconds: the first sixty, and one for each second */
    g_assert_cmpuint(told_at(&crossings, 0, 100000, 1000), ==, 60 + 99);
    g_assert_cmpuint(crossings.crossed.in[0], ==, 500);
    g_assert_cmpuint(crossings.crossed.out[0], ==, 500);
    g_assert_cmpuint(crossings.untold, ==, 9);
    /* a minute's pause, and all are told again; so they are when the clock was set back */
    g_assert_cmpuint(told_at(&crossings, 160000000, 0, 100), ==, 60);
    g_assert_cmpuint(told_at(&crossings, 1000000, 0, 100), ==, 60);
    vd_crossings_clear(&crossings);
}

static void other_lines_count_anew_and_other_pictures_tell_nothing_twice(void)
{
    VdCrossings crossings;

    vd_crossings_init(&crossings, "front");
    set_lines(&crossings, GATE);
    g_assert_cmpuint(see(&crossings, 1, (Step){0.5, 0.6}, BIRTH), ==, 1);
    set_lines(&crossings, GATE);
    g_assert_cmpuint(crossings.crossed.in[0], ==, 1);
    vd_crossings_forget(&crossings);
    g_assert_cmpuint(see(&crossings, 1, (Step){0.5, 0.6}, 20 * BIRTH), ==, 0);
    g_assert_cmpuint(see(&crossings, 1, (Step){0.5, 0.4}, 21 * BIRTH), ==, 1);
    set_lines(&crossings, "gate: 0,0.5 1,0.5");
    g_assert_cmpuint(crossings.crossed.in[0] + crossings.crossed.out[0], ==, 0);
    g_assert_cmpuint(see(&crossings, 1, (Step){0.5, 0.6}, 22 * BIRTH), ==, 1);
    g_assert_cmpuint(crossings.crossed.in[0], ==, 1);
    vd_crossings_clear(&crossings);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/crossings/" #name, name)
    ADD(who_crosses_is_told_as_the_table_says);
    ADD(rain_is_counted_and_told_now_and_then);
    ADD(other_lines_count_anew_and_other_pictures_tell_nothing_twice);
    return g_test_run();
}
