#include "made-scene.h"

#include <string.h>

#define BLACK      16
#define WHITE      235
#define NOISE_SIZE (1 << 16)
#define NOISE_ROOM (NOISE_SIZE + 4096) /* a row may begin anywhere in it */
#define BLOCK      8

static guint32 random_next(guint32 *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static guint32 hash(guint32 x, guint32 y, guint32 salt)
{
    guint32 h = x * 0x85ebca6bu ^ y * 0xc2b2ae35u ^ salt * 0x9e3779b9u;

    h ^= h >> 15;
    h *= 0x2c1b3c6du;
    return h ^ h >> 13;
}

/* --- what there is --- */

/* Grain of several sizes, -32..31. */
static int grain(int x, int y, guint32 salt)
{
    return (int)(hash((guint32)x / 2, (guint32)y / 2, salt) % 24 +
                 hash((guint32)x / 7, (guint32)y / 5, salt + 1) % 40) -
           32;
}

static bool is_house(const MadeScene *scene, int x, int y)
{
    return y < scene->height * 6 / 10 && x > scene->width * 4 / 10;
}

static bool is_tree(const MadeScene *scene, int x, int y)
{
    return y < scene->height * 7 / 10 && x < scene->width * 3 / 10;
}

/* A house with windows, a tree, a road with a kerb. */
static int reflects_at(const MadeScene *scene, int x, int y)
{
    int brick = (x / 6 + y / 3) % 2 * 8, kerb = scene->height * 7 / 10;

    if (is_house(scene, x, y) && x % 24 < 10 && y % 20 < 12)
        return 40 + grain(x, y, 5) / 8;
    if (is_house(scene, x, y))
        return 120 + brick + grain(x, y, 1) / 4;
    if (is_tree(scene, x, y))
        return 70 + grain(x, y, 2);
    if (y >= kerb && y < kerb + 3)
        return 190;
    return 90 + y * 40 / scene->height + grain(x, y, 3) / 3;
}

static void paint(MadeScene *scene)
{
    for (int y = 0; y < scene->height; y++)
        for (int x = 0; x < scene->width; x++) {
            int at = y * scene->width + x;

            scene->reflects[at] = (guint8)reflects_at(scene, x, y);
            scene->leaf[at] = is_tree(scene, x, y);
        }
    for (int y = 0; y < scene->height / 2; y++)
        for (int x = 0; x < scene->width / 2; x++) {
            int at = y * (scene->width / 2) + x;

            scene->cb[at] = is_tree(scene, 2 * x, 2 * y)    ? 104
                            : is_house(scene, 2 * x, 2 * y) ? 112
                                                            : 126;
            scene->cr[at] = is_tree(scene, 2 * x, 2 * y)    ? 116
                            : is_house(scene, 2 * x, 2 * y) ? 150
                                                            : 130;
        }
}

/* --- light --- */

/* Of 256, what falls on a place. */
static int light_at(const MadeScene *scene, const MadeView *view, int x, int y)
{
    int day = view->day != 0 ? view->day : 256, dx = x - scene->width / 2,
        dy = y - scene->height / 2;
    int reach = scene->width * scene->width / 8, far = dx * dx + dy * dy;
    int light = day + view->lamp * reach / (reach + far);

    if (view->cloud != 0) {
        int inside = CLAMP(view->cloud_at - x, 0, 64); /* its edge is soft */
        light -= day * view->cloud / 256 * inside / 64;
    }
    return light * (view->exposure != 0 ? view->exposure : 256) / 256;
}

/* --- weather and who is there --- */

/* Branches swing by themselves: those of one go together. */
static int blown(const MadeView *view, int x, int y)
{
    int phase = (int)(hash((guint32)x / 12, (guint32)y / 12, 9) % 64) + view->leaves;
    int way = phase % 64;

    way = way < 32 ? way : 64 - way; /* 0..32 and back */
    return view->leaves == 0 ? 0 : (way + 4) / 8 - 2;
}

static int reflected(const MadeScene *scene, const MadeView *view, int x, int y)
{
    int at = y * scene->width + x;

    if (!scene->leaf[at])
        return scene->reflects[at];
    int from = CLAMP(x + blown(view, x, y), 0, scene->width - 1);
    int grey = scene->reflects[y * scene->width + from];
    return view->infrared ? 200 - grey / 2 : grey;
}

static void put(MadeScene *scene, int x, int y, int grey)
{
    if (x >= 0 && y >= 0 && x < scene->width && y < scene->height)
        scene->image.luma.data[y * scene->width + x] = (guint8)CLAMP(grey, BLACK, WHITE);
}

static void draw_figure(MadeScene *scene, const MadeView *view)
{
    int high = scene->height * 3 / 10, wide = high * 4 / 10, foot = scene->height * 9 / 10;

    for (int y = 0; y < high; y++)
        for (int x = 0; x < wide; x++) {
            int coat = y < high / 5 ? 150 : y < high * 6 / 10 ? 200 : 35;
            int grey = coat + grain(x, y, 20) / 4;
            int at_x = view->figure_x - wide / 2 + x, at_y = foot - high + y;

            put(scene, at_x, at_y, BLACK + grey * light_at(scene, view, at_x, at_y) / 256);
        }
}

static void draw_van(MadeScene *scene, const MadeView *view)
{
    int high = scene->height / 3, wide = scene->width / 3;

    for (int y = 0; y < high; y++)
        for (int x = 0; x < wide; x++)
            put(scene, view->van_x - x, scene->height * 9 / 10 - y, 230);
}

static void draw_rain(MadeScene *scene, int streaks)
{
    for (int i = 0; i < streaks; i++) {
        int x = (int)(random_next(&scene->seed) % (guint)scene->width);
        int y = (int)(random_next(&scene->seed) % (guint)scene->height);
        int n = 5 + (int)(random_next(&scene->seed) % 8);

        for (int k = 0; k < n && y + k < scene->height; k++)
            put(scene, x, y + k, scene->image.luma.data[(y + k) * scene->width + x] + 50);
    }
}

/* --- noise --- */

/* Normal: the sum of twelve even ones. */
static int normal(guint32 *seed, int sigma)
{
    int sum = -6 * 1024;

    for (int i = 0; i < 12; i++)
        sum += (int)(random_next(seed) & 1023);
    return (sum * sigma + (sum < 0 ? -2048 : 2048)) / 4096;
}

static void make_noise(MadeScene *scene, int sigma)
{
    for (int i = 0; i < NOISE_ROOM; i++) {
        scene->noise[i] = (gint8)CLAMP(normal(&scene->seed, sigma), -128, 127);
        scene->half[i] = (gint8)CLAMP(normal(&scene->seed, sigma / 2), -128, 127);
    }
    scene->sigma = sigma;
}

static void add_noise(guint8 *to, const gint8 *noise, int n)
{
    for (int x = 0; x < n; x++) {
        int grey = to[x] + noise[x];

        to[x] = (guint8)(grey < 0 ? 0 : grey > 255 ? 255 : grey);
    }
}

/* What an encoder leaves of noise: each block is all of it too bright or too dark, and changes now
 * and then. */
static void add_blocks(MadeScene *scene)
{
    for (int y = 0; y < scene->height; y += BLOCK)
        for (int x = 0; x < scene->width; x += BLOCK) {
            gint8 one = scene->noise[random_next(&scene->seed) % NOISE_SIZE];
            gint8 noise[BLOCK];

            memset(noise, one, BLOCK);
            for (int j = y; j < MIN(y + BLOCK, scene->height); j++)
                add_noise(scene->image.luma.data + j * scene->width + x, noise,
                          MIN(BLOCK, scene->width - x));
        }
}

static void add_rows(MadeScene *scene, const VdkPlane *plane, const gint8 *noise)
{
    for (int y = 0; y < plane->height; y++)
        add_noise(plane->data + y * plane->pitch, noise + random_next(&scene->seed) % NOISE_SIZE,
                  plane->width);
}

/* --- a picture --- */

static void draw_light(MadeScene *scene, const MadeView *view)
{
    for (int y = 0; y < scene->height; y++)
        for (int x = 0; x < scene->width; x++)
            put(scene, x, y,
                BLACK + reflected(scene, view, x, y) * light_at(scene, view, x, y) / 256);
}

static guint8 coloured(int chroma, int light)
{
    int away = (chroma - 128) * light / 256;

    return (guint8)(128 + CLAMP(away, -112, 112));
}

static void draw_colour(MadeScene *scene, const MadeView *view)
{
    for (int y = 0; y < scene->height / 2; y++)
        for (int x = 0; x < scene->width / 2; x++) {
            int at = y * (scene->width / 2) + x;
            int light = view->infrared ? 0 : light_at(scene, view, 2 * x, 2 * y);

            scene->image.chroma[0].data[at] = coloured(scene->cb[at], light);
            scene->image.chroma[1].data[at] = coloured(scene->cr[at], light);
        }
}

static bool is_same(const MadeView *a, const MadeView *b)
{
    return a->day == b->day && a->lamp == b->lamp && a->cloud == b->cloud &&
           a->cloud_at == b->cloud_at && a->exposure == b->exposure && a->infrared == b->infrared &&
           a->leaves == b->leaves && a->figure_x == b->figure_x && a->van_x == b->van_x;
}

/* Mostly it is what it was. */
static void draw_clear(MadeScene *scene, const MadeView *view)
{
    if (is_same(&scene->view, view)) {
        memcpy(scene->memory, scene->clear, scene->bytes);
        return;
    }
    draw_light(scene, view);
    draw_colour(scene, view);
    if (view->van_x != 0)
        draw_van(scene, view);
    if (view->figure_x != 0)
        draw_figure(scene, view);
    memcpy(scene->clear, scene->memory, scene->bytes);
    scene->view = *view;
}

void made_scene_draw(MadeScene *scene, const MadeView *view)
{
    draw_clear(scene, view);
    draw_rain(scene, view->rain);
    if (view->sigma == 0)
        return;
    if (view->sigma != scene->sigma)
        make_noise(scene, view->sigma);
    if (view->noise == MADE_BLOCKS)
        add_blocks(scene);
    else
        add_rows(scene, &scene->image.luma, scene->noise);
    for (int i = 0; i < 2 && !view->infrared && view->noise == MADE_SENSOR; i++)
        add_rows(scene, &scene->image.chroma[i], scene->half);
}

void made_scene_init(MadeScene *scene, int width, int height)
{
    gsize pixels = (gsize)width * (gsize)height, quarter = (gsize)(width / 2) * (gsize)(height / 2);

    *scene = (MadeScene){.width = width, .height = height, .seed = 1};
    scene->view.day = -1; /* none yet */
    scene->bytes = pixels + 2 * quarter;
    scene->memory = g_malloc(scene->bytes);
    scene->clear = g_malloc(scene->bytes);
    scene->reflects = g_malloc(pixels);
    scene->leaf = g_malloc(pixels);
    scene->cb = g_malloc(quarter);
    scene->cr = g_malloc(quarter);
    scene->noise = g_malloc(NOISE_ROOM);
    scene->half = g_malloc(NOISE_ROOM);
    scene->image = (VdkImage){
        .luma = {scene->memory, width, height, width},
        .chroma = {{scene->memory + pixels, width / 2, height / 2, width / 2},
                   {scene->memory + pixels + quarter, width / 2, height / 2, width / 2}},
        .step = 1,
    };
    paint(scene);
}

void made_scene_clear(MadeScene *scene)
{
    g_free(scene->memory);
    g_free(scene->clear);
    g_free(scene->reflects);
    g_free(scene->leaf);
    g_free(scene->cb);
    g_free(scene->cr);
    g_free(scene->noise);
    g_free(scene->half);
}
