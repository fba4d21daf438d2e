#include "plugins/vd-letterbox.h"

/* Of BT.601 at full range, in 1/65536. */
enum { RED_V = 91881, GREEN_U = 22554, GREEN_V = 46802, BLUE_U = 116130, HALF = 32768 };

static int at_least_one(int64_t n)
{
    return n > 0 ? (int)n : 1;
}

void vd_letterbox_fit(int width, int height, int model_width, int model_height, int *fit_width,
                      int *fit_height)
{
    if ((int64_t)model_width * height <= (int64_t)model_height * width) {
        *fit_width = model_width;
        *fit_height = at_least_one((int64_t)height * model_width / width);
    } else {
        *fit_width = at_least_one((int64_t)width * model_height / height);
        *fit_height = model_height;
    }
}

static float level(int value)
{
    int rounded = (value + HALF) >> 16;

    return (float)(rounded < 0 ? 0 : rounded > 255 ? 255 : rounded);
}

static void fill_row(const VdkImage *picture, int y, float *blue, float *green, float *red)
{
    const uint8_t *luma = picture->luma.data + (size_t)y * (size_t)picture->luma.pitch;
    const uint8_t *cb = picture->chroma[0].data + (size_t)y * (size_t)picture->chroma[0].pitch;
    const uint8_t *cr = picture->chroma[1].data + (size_t)y * (size_t)picture->chroma[1].pitch;

    for (int x = 0; x < picture->luma.width; x++) {
        int grey = luma[x] * 65536, u = cb[x] - 128, v = cr[x] - 128;

        blue[x] = level(grey + BLUE_U * u);
        green[x] = level(grey - GREEN_U * u - GREEN_V * v);
        red[x] = level(grey + RED_V * v);
    }
}

void vd_letterbox_fill(const VdkImage *picture, int model_width, int model_height, float *planes)
{
    size_t pixels = (size_t)model_width * (size_t)model_height;

    for (int y = 0; y < model_height; y++) {
        float *row = planes + (size_t)y * (size_t)model_width;
        int filled = y < picture->luma.height ? picture->luma.width : 0;

        if (filled > 0)
            fill_row(picture, y, row, row + pixels, row + 2 * pixels);
        for (int plane = 0; plane < 3; plane++)
            for (int x = filled; x < model_width; x++)
                row[(size_t)plane * pixels + (size_t)x] = VD_LETTERBOX_GREY;
    }
}
