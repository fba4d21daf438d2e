#include "replay/pixels.h"

#include "replay/say.h"

#include <math.h>

enum { STILL = 0, SHADOW = 50, MOVES = 255 };

/* The mask's pixel that lies where this one of a row or column of the truth does. */
static int nearest(int at, int size, int of)
{
    return (int)((gint64)at * size / of);
}

static void count_row(VdPixels *counted, const guint8 *truth, int width, const guint8 *mask,
                      int mask_width)
{
    for (int x = 0; x < width; x++) {
        bool found = mask[nearest(x, mask_width, width)] != 0;

        if (truth[x] == MOVES)
            *(found ? &counted->right : &counted->missed) += 1;
        else if (truth[x] == STILL || truth[x] == SHADOW)
            *(found ? &counted->wrong : &counted->still) += 1;
    }
}

bool vd_pixels_see(VdPixels *pixels, const VdPlayed *played, GError **error)
{
    const guint8 *mask = g_bytes_get_data(played->mask, NULL);
    VdPixels counted = {0};
    VdMaskPicture truth;

    if (!vd_mask_clip_read(pixels->truth, played->frame, &truth, error))
        return false;
    for (int y = 0; y < truth.height && played->report->primed; y++)
        count_row(&counted, truth.pixels + (gsize)y * (gsize)truth.stride, truth.width,
                  mask + (gsize)nearest(y, played->mask_height, truth.height) *
                             (gsize)played->mask_width,
                  played->mask_width);
    pixels->pictures += counted.right + counted.wrong + counted.missed + counted.still > 0;
    pixels->right += counted.right;
    pixels->wrong += counted.wrong;
    pixels->missed += counted.missed;
    pixels->still += counted.still;
    return true;
}

json_t *vd_pixels_judge(const VdPixels *pixels)
{
    guint64 right = pixels->right, found = right + pixels->wrong, there = right + pixels->missed;

    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "of", "pixels", "pictures",
                     (json_int_t)pixels->pictures, "right", (json_int_t)right, "wrong",
                     (json_int_t)pixels->wrong, "missed", (json_int_t)pixels->missed, "still",
                     (json_int_t)pixels->still, "precision", vd_say_ratio(right, found), "recall",
                     vd_say_ratio(right, there), "f", vd_say_ratio(2 * right, found + there));
}
