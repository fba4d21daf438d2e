#include "plugins/vd-scene.h"

/* Figures must stand out from the background with and without light: luma far from 38..127. */
static const VdkColour colours[] = {
    {220, 100, 140},
    {200, 160, 100},
    {235, 128, 128},
    {190, 90, 170},
};

uint32_t vd_scene_hash(uint32_t seed, uint32_t a, uint32_t b)
{
    uint32_t h = seed * 0x9e3779b1U ^ a * 0x85ebca77U ^ b * 0xc2b2ae3dU;

    h = (h ^ (h >> 16)) * 0x7feb352dU;
    h = (h ^ (h >> 15)) * 0x846ca68bU;
    return h ^ (h >> 16);
}

/* To and fro between 0 and range: starts somewhere, needs crossing_us for one way. */
static int swing(int range, uint32_t start, int64_t crossing_us, int64_t time_us)
{
    if (range < 1)
        return 0;
    int64_t way = (int64_t)(start % (2 * (uint32_t)range)) + time_us * range / crossing_us;

    way %= 2 * (int64_t)range;
    return (int)(way < range ? way : 2 * (int64_t)range - way);
}

static int64_t crossing(uint32_t random)
{
    return INT64_C(4000000) + random % 8000001;
}

VdSceneFigure vd_scene_figure(uint32_t seed, unsigned index, int64_t time_us, int width, int height)
{
    uint32_t shape = vd_scene_hash(seed, index, 1);
    int side = width / 16 + (int)(shape % (uint32_t)(width / 16 + 1));

    VdSceneFigure figure = {
        .width = side < 2 ? 2 : side,
        .height = side > height / 2 ? height / 2 : side,
        .disc = index % 2 == 1,
        .colour = colours[index % (sizeof colours / sizeof *colours)],
    };
    if (figure.height < 1)
        figure.height = 1;
    figure.x = swing(width - figure.width, vd_scene_hash(seed, index, 2),
                     crossing(vd_scene_hash(seed, index, 3)), time_us);
    figure.y = swing(height - figure.height, vd_scene_hash(seed, index, 4),
                     crossing(vd_scene_hash(seed, index, 5)), time_us);
    return figure;
}

bool vd_scene_light(int64_t time_us)
{
    return time_us / VD_SCENE_LIGHT_PERIOD_US % 2 == 0;
}

uint8_t vd_scene_background(uint32_t seed, int x, int y, bool light)
{
    uint32_t tile = vd_scene_hash(seed, (uint32_t)x / 16, (uint32_t)y / 16 + 0x10000) % 40;
    uint32_t grain = vd_scene_hash(seed, (uint32_t)x, (uint32_t)y + 0x20000) % 8;
    uint32_t luma = 80 + tile + grain;

    return (uint8_t)(light ? luma : luma * 31 / 64);
}
