#include <string.h>

#include "kernels/motion-state.h"
#include "pictures.h"

/* Every step of a frame against the same step taken a pixel at a time. */

static const Size step_sizes[] = {{1, 1}, {1, 7}, {7, 1}, {31, 3}, {33, 9}, {160, 90}, {480, 270}};

typedef struct Planes {
    VdkMotionPlanes at;
    void *state, *scratch;
} Planes;

static void planes_init(Planes *planes, Size size)
{
    gsize state = vdk_motion_state_size(size.width, size.height);
    gsize scratch = vdk_motion_scratch_size(size.width, size.height);

    planes->state = g_aligned_alloc0(1, state, 64);
    planes->scratch = g_aligned_alloc0(1, scratch, 64);
    vdk_motion_planes(size.width, size.height, planes->state, planes->scratch, &planes->at);
}

static void planes_clear(Planes *planes)
{
    g_aligned_free(planes->state);
    g_aligned_free(planes->scratch);
}

static void fill_planes(Planes *planes, guint32 seed)
{
    for (gsize i = 0; i < planes->at.pixels; i++) {
        planes->at.mean[i] = (gint16)(random_next(&seed) % (255 * 128 + 1));
        planes->at.noise[i] = (gint16)(random_next(&seed) % (48 * 128 + 1));
        planes->at.moving[i] = (guint16)(random_next(&seed) % 6000);
        planes->at.now[i] = (guint8)random_next(&seed);
        planes->at.clean[i] = random_next(&seed) % 2 ? 255 : 0;
    }
}

static void compare_shrink(Size size, int factor, Content content)
{
    int aw = size.width / factor, ah = size.height / factor;
    TestPicture picture;

    if (aw == 0 || ah == 0)
        return;
    picture_init(&picture, GREY, size.width, size.height, content, 1);
    g_autofree guint32 *sums = g_new(guint32, (gsize)aw);
    g_autofree guint8 *out = g_malloc((gsize)aw * (gsize)ah);
    vdk_cpu_shrink(&picture.image.luma, factor, aw, ah, sums, out);
    for (int y = 0; y < ah; y++)
        for (int x = 0; x < aw; x++) {
            guint64 sum = 0, n = (guint64)factor * (guint64)factor;

            for (int j = 0; j < factor; j++)
                for (int i = 0; i < factor; i++)
                    sum += *sample_at(&picture.image, 0, x * factor + i, y * factor + j);
            g_assert_cmpuint(out[y * aw + x], ==, (2 * sum + n) / (2 * n));
        }
    picture_clear(&picture);
}

static void boxes_are_averaged_and_rounded(void)
{
    for (gsize i = 0; i < n_test_sizes; i++)
        for (int factor = 1; factor <= 9; factor++)
            for (int content = 0; content < N_CONTENTS; content++)
                compare_shrink(test_sizes[i], factor, (Content)content);
    compare_shrink((Size){1919, 1079}, 100, NOISE);
}

static bool differs(const VdkMotionPlanes *at, int x, int y, int threshold)
{
    if (x < 0 || y < 0 || x >= at->width || y >= at->height)
        return false;
    gsize i = (gsize)y * (gsize)at->width + (gsize)x;
    int distance = ABS(at->now[i] * 128 - at->mean[i]);

    return distance > threshold * 128 + 5 * at->noise[i] / 2;
}

static void compare_compare(Size size, int threshold)
{
    guint32 raw, clean, slow_raw = 0, slow_clean = 0;
    Planes planes;

    planes_init(&planes, size);
    fill_planes(&planes, (guint32)threshold);
    vdk_cpu_compare(&planes.at, threshold, &raw, &clean);
    for (int y = 0; y < size.height; y++)
        for (int x = 0; x < size.width; x++) {
            int n = 0;

            for (int j = -2; j <= 2; j++)
                for (int i = -2; i <= 2; i++)
                    n += differs(&planes.at, x + i, y + j, threshold);
            slow_raw += differs(&planes.at, x, y, threshold);
            slow_clean += n >= 12;
            g_assert_cmpuint(planes.at.clean[y * size.width + x], ==, n >= 12 ? 255 : 0);
        }
    g_assert_cmpuint(raw, ==, slow_raw);
    g_assert_cmpuint(clean, ==, slow_clean);
    planes_clear(&planes);
}

static void a_pixel_moves_when_twelve_of_the_25_around_it_differ(void)
{
    static const int thresholds[] = {1, 16, 50, 70, 255};

    for (gsize i = 0; i < G_N_ELEMENTS(step_sizes); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(thresholds); k++)
            compare_compare(step_sizes[i], thresholds[k]);
}

/* --- components, by flooding --- */

typedef struct Flood {
    guint8 *left; /* pixels not yet taken */
    int width, height;
    GArray *stack;
} Flood;

static VdkBox flood_from(Flood *flood, int start)
{
    int x0 = G_MAXINT, y0 = G_MAXINT, x1 = -1, y1 = -1;
    guint64 sum_x = 0, sum_y = 0, n = 0;

    g_array_append_val(flood->stack, start);
    flood->left[start] = 0;
    while (flood->stack->len > 0) {
        int at = g_array_index(flood->stack, int, flood->stack->len - 1);
        int x = at % flood->width, y = at / flood->width;

        g_array_set_size(flood->stack, flood->stack->len - 1);
        x0 = MIN(x0, x), x1 = MAX(x1, x), y0 = MIN(y0, y), y1 = MAX(y1, y);
        sum_x += (guint64)x, sum_y += (guint64)y, n++;
        for (int j = MAX(y - 1, 0); j <= MIN(y + 1, flood->height - 1); j++)
            for (int i = MAX(x - 1, 0); i <= MIN(x + 1, flood->width - 1); i++) {
                int next = j * flood->width + i;

                if (flood->left[next])
                    g_array_append_val(flood->stack, next);
                flood->left[next] = 0;
            }
    }
    g_assert(n > 0);
    return (VdkBox){(guint16)x0,
                    (guint16)y0,
                    (guint16)(x1 - x0 + 1),
                    (guint16)(y1 - y0 + 1),
                    (guint16)((2 * sum_x + n) / (2 * n)),
                    (guint16)((2 * sum_y + n) / (2 * n)),
                    (guint32)n};
}

static int box_order(gconstpointer one, gconstpointer other)
{
    const VdkBox *a = one, *b = other;
    const int keys[][2] = {
        {(int)b->area, (int)a->area}, {a->y, b->y},   {a->x, b->x},  {a->height, b->height},
        {a->width, b->width},         {a->cy, b->cy}, {a->cx, b->cx}};

    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

static void slow_components(const VdkMotionPlanes *at, int min_area, VdkMotionReport *report)
{
    g_autofree guint8 *left = g_memdup2(at->clean, at->pixels);
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(int));
    g_autoptr(GArray) boxes = g_array_new(FALSE, FALSE, sizeof(VdkBox));
    Flood flood = {left, at->width, at->height, stack};

    for (int i = 0; i < (int)at->pixels; i++) {
        if (!left[i])
            continue;
        VdkBox box = flood_from(&flood, i);
        report->components++;
        if ((guint64)box.area * 10000 < (guint64)min_area * at->pixels)
            continue;
        report->moving += box.area;
        g_array_append_val(boxes, box);
    }
    g_array_sort(boxes, box_order);
    report->n_boxes = MIN(boxes->len, VDK_MAX_BOXES);
    for (guint i = 0; i < report->n_boxes; i++)
        report->boxes[i] = g_array_index(boxes, VdkBox, i);
}

static void compare_components(Size size, guint percent, int min_area)
{
    VdkMotionReport fast = {0}, slow = {0};
    TestPicture mask;
    guint32 seed = percent, set = 0;
    Planes planes;

    planes_init(&planes, size);
    picture_init(&mask, GREY, size.width, size.height, BLACK, 1);
    for (gsize i = 0; i < planes.at.pixels; i++)
        planes.at.clean[i] = random_next(&seed) % 100 < percent ? 255 : 0;
    vdk_cpu_components(&planes.at, min_area, &mask.image.luma, &fast);
    slow_components(&planes.at, min_area, &slow);
    g_assert_cmpmem(&fast, sizeof(fast), &slow, sizeof(slow));
    for (int y = 0; y < size.height; y++)
        for (int x = 0; x < size.width; x++)
            set += *sample_at(&mask.image, 0, x, y) == 255;
    g_assert_cmpuint(set, ==, fast.moving);
    picture_clear(&mask);
    planes_clear(&planes);
}

static void components_are_those_of_a_flood(void)
{
    static const guint percents[] = {0, 3, 20, 35, 41, 50, 80, 100};

    for (gsize i = 0; i < G_N_ELEMENTS(step_sizes); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(percents); k++) {
            compare_components(step_sizes[i], percents[k], 1);
            compare_components(step_sizes[i], percents[k], 50);
        }
}

/* Spirals and combs: what joins late must still be one. */
static void what_joins_late_is_one(void)
{
    VdkMotionReport report = {0};
    Planes planes;

    planes_init(&planes, (Size){63, 40});
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 63; x++)
            planes.at.clean[y * 63 + x] = x % 2 == 0 || y == 39 ? 255 : 0;
    vdk_cpu_components(&planes.at, 1, NULL, &report);
    g_assert_cmpuint(report.components, ==, 1);
    g_assert_cmpuint(report.boxes[0].area, ==, 32 * 39 + 63);
    planes_clear(&planes);
}

/* --- learning --- */

static int stepped(int from, int to, int rate)
{
    int way = (to - from) * rate; /* 1/32768 of the way, rounded half up */

    return from + (int)((way + 16384 - (((way + 16384) % 32768 + 32768) % 32768)) / 32768);
}

static void learn_one(const VdkMotionPlanes *at, gsize i, const VdkLearning *by, int out[3])
{
    int now = at->now[i] * 128, distance = ABS(now - at->mean[i]);
    bool moves = at->clean[i] != 0;

    out[0] = moves ? at->mean[i] : stepped(at->mean[i], now, by->mean_rate);
    out[1] = moves ? at->noise[i] : stepped(at->noise[i], MIN(distance, 48 * 128), by->noise_rate);
    out[2] = moves ? at->moving[i] + by->time : MAX(at->moving[i] - 2 * by->time, 0);
    if (out[2] >= by->patience) {
        out[0] = now;
        out[2] = 0;
    }
}

static void compare_learning(Size size, VdkLearning by)
{
    static int slow[3 * 480 * 270];
    Planes planes;
    guint64 noise = 0;

    planes_init(&planes, size);
    fill_planes(&planes, (guint32)by.mean_rate);
    g_assert(planes.at.pixels > 0 && planes.at.pixels <= G_N_ELEMENTS(slow) / 3);
    for (gsize i = 0; i < planes.at.pixels; i++)
        learn_one(&planes.at, i, &by, slow + 3 * i);
    vdk_cpu_learn(&planes.at, &by);
    for (gsize i = 0; i < planes.at.pixels; i++) {
        g_assert_cmpint(planes.at.mean[i], ==, slow[3 * i]);
        g_assert_cmpint(planes.at.noise[i], ==, slow[3 * i + 1]);
        g_assert_cmpint(planes.at.moving[i], ==, slow[3 * i + 2]);
        noise += (guint64)slow[3 * i + 1];
    }
    g_assert_cmpuint(planes.at.state->noise, ==, 2 * noise / planes.at.pixels);
    planes_clear(&planes);
}

static void learning_moves_what_does_not_move(void)
{
    static const VdkLearning lessons[] = {
        {32767, 32767, 1009, 6000}, {500, 250, 10, 6000}, {1, 1, 9, 6000}, {16384, 9000, 50, 6000}};

    for (gsize i = 0; i < G_N_ELEMENTS(step_sizes); i++)
        for (gsize k = 0; k < G_N_ELEMENTS(lessons); k++)
            compare_learning(step_sizes[i], lessons[k]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/motion-steps/boxes-are-averaged-and-rounded", boxes_are_averaged_and_rounded);
    g_test_add_func("/motion-steps/a-pixel-moves-when-twelve-of-the-25-around-it-differ",
                    a_pixel_moves_when_twelve_of_the_25_around_it_differ);
    g_test_add_func("/motion-steps/components-are-those-of-a-flood",
                    components_are_those_of_a_flood);
    g_test_add_func("/motion-steps/what-joins-late-is-one", what_joins_late_is_one);
    g_test_add_func("/motion-steps/learning-moves-what-does-not-move",
                    learning_moves_what_does_not_move);
    return g_test_run();
}
