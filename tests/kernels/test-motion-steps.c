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

static guint8 *now_at(const Planes *planes, int x, int y)
{
    x = CLAMP(x, 0, planes->at.width - 1);
    y = CLAMP(y, 0, planes->at.height - 1);
    return vdk_padded_row(&planes->at, planes->at.now, y) + x;
}

static void fill(guint8 *plane, gsize n, int least, int range, guint32 *seed)
{
    for (gsize i = 0; i < n; i++)
        plane[i] = (guint8)(least + (int)(random_next(seed) % (guint)range));
}

/* A picture and a background near it, so that each rule has something to decide. */
static void fill_planes(Planes *planes, guint32 seed)
{
    VdkMotionPlanes *at = &planes->at;

    for (int y = 0; y < at->height; y++)
        for (int x = 0; x < at->width; x++)
            *now_at(planes, x, y) = (guint8)((x / 9 + y / 7) % 3 * 60 + random_next(&seed) % 30);
    vdk_cpu_pad(at, at->now);
    fill(at->cb, at->cells, 118, 20, &seed);
    fill(at->cr, at->cells, 118, 20, &seed);
    at->shadows = true;
    for (guint k = 0; k < VDK_SAMPLES; k++) {
        fill(at->back.luma + k * at->back.room, at->pixels, 0, 200, &seed);
        fill(at->back.census + k * at->back.room, at->pixels, 0, 256, &seed);
        fill(at->back.cb + k * at->back.cell_room, at->cells, 118, 20, &seed);
        fill(at->back.cr + k * at->back.cell_room, at->cells, 118, 20, &seed);
    }
    fill(at->back.wider, at->pixels, 0, 40, &seed);
    fill(at->back.still, at->pixels, 0, 10, &seed);
    fill(at->back.last, at->pixels, 0, 90, &seed);
    fill(at->back.mean_cb, at->cells, 120, 14, &seed);
    fill(at->back.mean_cr, at->cells, 120, 14, &seed);
    for (gsize i = 0; i < at->pixels; i++) { /* in three bands: as it is, in shadow, anything */
        int grey = *now_at(planes, (int)(i % (gsize)at->width), (int)(i / (gsize)at->width));

        at->back.mean[i] = (guint8)(i * 3 / at->pixels == 0   ? grey
                                    : i * 3 / at->pixels == 1 ? grey * 2
                                                              : (int)(random_next(&seed) % 256));
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
    vdk_cpu_shrink(&picture.image.luma, factor, aw, ah, sums, out, (gsize)aw);
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

/* --- chroma --- */

static guint8 cell_mean(const VdkImage *image, int plane, int factor, int x, int y)
{
    int across = 2 * factor / covers_x(image, plane), down = 2 * factor / covers_y(image, plane);
    const VdkPlane *from = plane_of(image, plane);
    guint64 sum = 0, n = 0;

    for (int j = y * down; j < MIN((y + 1) * down, from->height); j++)
        for (int i = x * across; i < MIN((x + 1) * across, from->width); i++, n++)
            sum += *sample_at(image, plane, i, j);
    g_assert(n > 0);
    return (guint8)((2 * sum + n) / (2 * n));
}

static void compare_chroma(Size size, int factor, Layout layout)
{
    TestPicture picture;
    Planes planes;

    if (size.width < factor || size.height < factor)
        return;
    picture_init(&picture, layout, size.width, size.height, NOISE, 1);
    planes_init(&planes, (Size){size.width / factor, size.height / factor});
    vdk_cpu_shrink_chroma(&picture.image, factor, &planes.at);
    for (int y = 0; y < planes.at.down; y++)
        for (int x = 0; x < planes.at.across; x++) {
            bool grey = layout == GREY;
            int at = y * planes.at.across + x;

            g_assert_cmpuint(planes.at.cb[at], ==,
                             grey ? 128 : cell_mean(&picture.image, 1, factor, x, y));
            g_assert_cmpuint(planes.at.cr[at], ==,
                             grey ? 128 : cell_mean(&picture.image, 2, factor, x, y));
        }
    planes_clear(&planes);
    picture_clear(&picture);
}

static void cells_are_averaged_and_rounded(void)
{
    for (gsize i = 0; i < n_test_sizes; i++)
        for (int factor = 1; factor <= 5; factor++)
            for (int layout = 0; layout < N_LAYOUTS; layout++)
                compare_chroma(test_sizes[i], factor, (Layout)layout);
}

/* --- compare --- */

static const VdkMotionSettings settings = {.threshold = 16, .min_area = 10, .black = 16};

static guint8 slow_census(const Planes *planes, int x, int y)
{
    static const int around[8][2] = {{-2, -2}, {0, -2}, {2, -2}, {-2, 0},
                                     {2, 0},   {-2, 2}, {0, 2},  {2, 2}};
    int grey = *now_at(planes, x, y), census = 0;

    for (int k = 0; k < 8; k++)
        if (*now_at(planes, x + around[k][0], y + around[k][1]) > grey + 2 + grey * 24 / 256)
            census |= 1 << k;
    return (guint8)census;
}

static bool slow_agrees(const Planes *planes, int x, int y, guint sample)
{
    const VdkMotionPlanes *at = &planes->at;
    gsize pixel = (gsize)y * (gsize)at->width + (gsize)x,
          cell = (gsize)(y / 2) * (gsize)at->across + (gsize)(x / 2);
    int luma = ABS(*now_at(planes, x, y) - at->back.luma[sample * at->back.room + pixel]);
    int chroma = ABS(at->cb[cell] - at->back.cb[sample * at->back.cell_room + cell]) +
                 ABS(at->cr[cell] - at->back.cr[sample * at->back.cell_room + cell]);
    guint8 census = slow_census(planes, x, y) ^ at->back.census[sample * at->back.room + pixel];

    chroma = MIN(chroma, 204) * 5 / 4;
    return MAX(luma, chroma) + 5 * __builtin_popcount(census) <=
           MIN(settings.threshold + at->back.wider[pixel], 255);
}

static bool slow_shadow(const Planes *planes, int x, int y)
{
    const VdkMotionPlanes *at = &planes->at;
    gsize cell = (gsize)(y / 2) * (gsize)at->across + (gsize)(x / 2);
    int luma = MAX(*now_at(planes, x, y) - settings.black, 0), misses = 0;
    int back = MAX(at->back.mean[y * at->width + x] - settings.black, 0);

    if (ABS(at->cb[cell] - at->back.mean_cb[cell]) + ABS(at->cr[cell] - at->back.mean_cr[cell]) >
        10)
        return false;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            int near_x = CLAMP(x + i, 0, at->width - 1), near_y = CLAMP(y + j, 0, at->height - 1);
            int near = MAX(*now_at(planes, near_x, near_y) - settings.black, 0);
            int mean = MAX(at->back.mean[near_y * at->width + near_x] - settings.black, 0);

            misses += ABS(near * back - mean * luma) > 4 * MAX(back, 1);
        }
    if (256 * luma >= 90 * back && 256 * luma <= 150 * back)
        return misses <= 4;
    return 256 * luma >= 125 * back && 256 * luma <= 250 * back && misses <= 2;
}

static bool slow_differs(const Planes *planes, int x, int y)
{
    guint agree = 0;

    x = CLAMP(x, 0, planes->at.width - 1);
    y = CLAMP(y, 0, planes->at.height - 1);
    for (guint k = 0; k < VDK_SAMPLES; k++)
        agree += slow_agrees(planes, x, y, k);
    return agree < 2 && !slow_shadow(planes, x, y);
}

static void compare_compare(Size size)
{
    guint32 raw = 0, clean = 0;
    Planes planes;

    planes_init(&planes, size);
    fill_planes(&planes, 1);
    g_autofree guint8 *differs = g_malloc(planes.at.pixels);
    for (int y = 0; y < size.height; y++)
        for (int x = 0; x < size.width; x++)
            raw += differs[y * size.width + x] = slow_differs(&planes, x, y);
    g_assert_cmpuint(vdk_cpu_compare(&planes.at, &settings, 1), ==, raw);
    for (int y = 0; y < size.height; y++)
        for (int x = 0; x < size.width; x++) {
            int n = 0;

            for (int j = y - 4; j <= y + 4; j++)
                for (int i = x - 4; i <= x + 4; i++)
                    n += differs[CLAMP(j, 0, size.height - 1) * size.width +
                                 CLAMP(i, 0, size.width - 1)];
            clean += n >= 41;
            g_assert_cmpuint(planes.at.clean[y * size.width + x], ==, n >= 41 ? 255 : 0);
        }
    g_assert_cmpuint(planes.at.back.state->clean, ==, clean);
    planes_clear(&planes);
}

static void a_pixel_moves_when_most_of_the_81_around_it_differ(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(step_sizes); i++)
        compare_compare(step_sizes[i]);
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
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(VdkBox));
    Flood flood = {left, at->width, at->height, stack};

    for (int i = 0; i < (int)at->pixels; i++) {
        if (!left[i])
            continue;
        VdkBox box = flood_from(&flood, i);
        report->components++;
        report->clean += box.area;
        g_array_append_val(all, box);
        if ((guint64)box.area * 10000 < (guint64)min_area * at->pixels)
            continue;
        report->moving += box.area;
        g_array_append_val(boxes, box);
    }
    g_array_sort(boxes, box_order);
    g_array_sort(all, box_order);
    if (all->len > 0)
        report->largest = g_array_index(all, VdkBox, 0);
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

static bool clean_at(const Planes *planes, int x, int y)
{
    const VdkMotionPlanes *at = &planes->at;

    return x >= 0 && y >= 0 && x < at->width && y < at->height && at->clean[y * at->width + x] != 0;
}

static bool raw_at(const Planes *planes, int x, int y)
{
    return planes->at.raw[(y + 4) * (planes->at.width + 8) + x + 4] != 0;
}

static bool slow_held(const Planes *planes, int x, int y)
{
    bool crowd = false;

    for (int j = y - 4; j <= y + 4; j++)
        for (int i = x - 4; i <= x + 4; i++)
            crowd |= clean_at(planes, i, j);
    return clean_at(planes, x, y) || (raw_at(planes, x, y) && crowd);
}

/* What luma's samples and the rest of a pixel become where nothing is held anywhere near. */
static void assert_learnt(const Planes *planes, const Planes *before, const VdkLearning *by, int x,
                          int y)
{
    const VdkMotionPlanes *at = &planes->at;
    const VdkBackground *was = &before->at.back;
    gsize pixel = (gsize)y * (gsize)at->width + (gsize)x;
    guint8 samples[VDK_SAMPLES];

    for (guint k = 0; k < VDK_SAMPLES; k++)
        samples[k] = was->luma[k * was->room + pixel];
    for (guint i = 0; i < by->lessons; i++) {
        VdkLesson lesson = vdk_lesson(by, i);
        guint32 drawn = vdk_draw_pixel((guint32)pixel, lesson.key);
        int near_x = x + lesson.dx, near_y = y + lesson.dy;

        if (lesson.writes_own && (drawn & 0xffff) < by->learn)
            samples[lesson.own] = *now_at(planes, x, y);
        if (lesson.writes_near && drawn >> 16 < by->learn && near_x >= 0 && near_y >= 0 &&
            near_x < at->width && near_y < at->height)
            samples[lesson.near] = *now_at(planes, near_x, near_y);
        if (i > 0)
            continue;
        int way = *now_at(planes, x, y) - was->mean[pixel];
        int step = MIN((ABS(way) + 3) / 4, by->steps);
        g_assert_cmpint(at->back.mean[pixel], ==, was->mean[pixel] + (way < 0 ? -step : step));
        int wider = was->wider[pixel];
        if (raw_at(planes, x, y))
            wider = MAX(MIN(wider + by->steps, by->widest), MIN(wider, 255));
        else if ((drawn & 0xffff) < by->narrow)
            wider = MAX(wider - 1, 0);
        g_assert_cmpint(at->back.wider[pixel], ==, wider);
    }
    for (guint k = 0; k < VDK_SAMPLES; k++)
        g_assert_cmpuint(at->back.luma[k * at->back.room + pixel], ==, samples[k]);
}

/* Of pixels that are held: nothing but a little of what stands still. */
static void assert_kept(const Planes *planes, const Planes *before, int x, int y)
{
    const VdkBackground *is = &planes->at.back, *was = &before->at.back;
    gsize pixel = (gsize)y * (gsize)planes->at.width + (gsize)x;

    g_assert_cmpuint(is->wider[pixel], ==,
                     raw_at(planes, x, y) ? was->wider[pixel] : is->wider[pixel]);
    for (guint k = 0; k < VDK_SAMPLES; k++) {
        guint8 sample = is->luma[k * is->room + pixel];
        bool known = sample == was->luma[k * was->room + pixel];

        for (int j = y - 1; j <= y + 1; j++)
            for (int i = x - 1; i <= x + 1; i++)
                known |= sample == *now_at(planes, i, j);
        g_assert_true(known);
    }
}

static void copy_planes(Planes *to, const Planes *from)
{
    int width = from->at.width, height = from->at.height;

    planes_init(to, (Size){width, height});
    memcpy(to->state, from->state, vdk_motion_state_size(width, height));
    memcpy(to->scratch, from->scratch, vdk_motion_scratch_size(width, height));
}

static void compare_learning(Size size, gint64 elapsed_us, gint64 age_us)
{
    Planes planes, before;
    guint learnt = 0, kept = 0;

    planes_init(&planes, size);
    fill_planes(&planes, 1);
    planes.at.back.state->age_us = age_us;
    planes.at.back.state->frames = 100;
    VdkLearning by = vdk_learning(planes.at.back.state, elapsed_us, settings.threshold);
    vdk_cpu_compare(&planes.at, &settings, by.steps);
    for (int y = 0; y < size.height; y++) /* on the right nothing moves */
        for (int x = size.width / 3; x < size.width; x++)
            planes.at.clean[y * size.width + x] = 0;
    copy_planes(&before, &planes);
    vdk_cpu_learn(&planes.at, &by);
    for (int y = 0; y < size.height; y++)
        for (int x = 0; x < size.width; x++) {
            bool held = slow_held(&planes, x, y);

            for (int j = MAX(y - 1, 0); j <= MIN(y + 1, size.height - 1) && !held; j++)
                for (int i = MAX(x - 1, 0); i <= MIN(x + 1, size.width - 1); i++)
                    held |= slow_held(&planes, i, j);
            if (held && slow_held(&planes, x, y)) {
                assert_kept(&planes, &before, x, y);
                kept++;
            } else if (!held) {
                assert_learnt(&planes, &before, &by, x, y);
                learnt++;
            }
        }
    if (planes.at.pixels > 1000) {
        g_assert_cmpuint(learnt, >, planes.at.pixels / 4);
        g_assert_cmpuint(kept, >, planes.at.pixels / 20);
    }
    planes_clear(&planes);
    planes_clear(&before);
}

static void learning_writes_what_rests_and_holds_what_moves(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(step_sizes); i++) {
        compare_learning(step_sizes[i], 33333, 20 * VDK_SECOND_US);
        compare_learning(step_sizes[i], 500000, 20 * VDK_SECOND_US);
        compare_learning(step_sizes[i], 100000, VDK_SECOND_US);
        compare_learning(step_sizes[i], 0, VDK_SECOND_US);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/motion-steps/boxes-are-averaged-and-rounded", boxes_are_averaged_and_rounded);
    g_test_add_func("/motion-steps/cells-are-averaged-and-rounded", cells_are_averaged_and_rounded);
    g_test_add_func("/motion-steps/a-pixel-moves-when-most-of-the-81-around-it-differ",
                    a_pixel_moves_when_most_of_the_81_around_it_differ);
    g_test_add_func("/motion-steps/components-are-those-of-a-flood",
                    components_are_those_of_a_flood);
    g_test_add_func("/motion-steps/what-joins-late-is-one", what_joins_late_is_one);
    g_test_add_func("/motion-steps/learning-writes-what-rests-and-holds-what-moves",
                    learning_writes_what_rests_and_holds_what_moves);
    return g_test_run();
}
