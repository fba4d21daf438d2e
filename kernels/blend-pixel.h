#pragma once

#include <stdint.h>

#include "kernels/both.h"

/* The exact rounded (colour * alpha + now * (255 - alpha)) / 255. */
VDK_BOTH uint8_t vdk_pixel_blend(uint8_t now, uint8_t colour, uint8_t alpha)
{
    uint16_t sum = (uint16_t)(colour * alpha + now * (255 - alpha) + 128);

    return (uint8_t)((sum + (sum >> 8)) >> 8);
}

/* Alpha of a chroma sample: the rounded mean of that of its n luma pixels. */
VDK_BOTH uint8_t vdk_pixel_alpha(unsigned sum, unsigned n)
{
    return (uint8_t)((sum + n / 2) / n);
}
