#include "kernels/motion-state.h"

#include <assert.h>

/* Background is learnt; what moves is left alone until patience ends, and is background then. */
VDK_VECTOR static void learn_row(const uint8_t *restrict now, const uint8_t *restrict moved,
                                 int16_t *restrict means, int16_t *restrict noises,
                                 uint16_t *restrict movings, size_t n, VdkLearning by)
{
    for (size_t i = 0; i < n; i++) {
        int16_t mean = means[i], noise = noises[i];
        uint16_t moves = (uint16_t)(int8_t)moved[i];
        uint16_t moving = vdk_pixel_moving_time(movings[i], moves, by.time);
        uint16_t settled = (uint16_t) - (moving >= by.patience);
        uint16_t distance = vdk_pixel_distance(mean, now[i]);
        int16_t learnt = vdk_pixel_learn_mean(mean, now[i], by.mean_rate);
        int16_t heard = vdk_pixel_learn_noise(noise, distance, by.noise_rate);

        learnt = vdk_pixel_choose(moves, mean, learnt);
        means[i] = vdk_pixel_choose(settled, (int16_t)(now[i] * VDK_GREY), learnt);
        noises[i] = vdk_pixel_choose(moves, noise, heard);
        movings[i] = (uint16_t)(moving & ~settled);
    }
}

VDK_VECTOR static uint32_t sum_noise(const int16_t *noise, size_t n)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (uint32_t)noise[i];
    return sum;
}

void vdk_cpu_learn(const VdkMotionPlanes *planes, const VdkLearning *learning)
{
    size_t width = (size_t)planes->width;
    uint64_t noise = 0;

    assert(planes->pixels > 0);
    for (size_t at = 0; at < planes->pixels; at += width) {
        learn_row(planes->now + at, planes->clean + at, planes->mean + at, planes->noise + at,
                  planes->moving + at, width, *learning);
        noise += sum_noise(planes->noise + at, width);
    }
    planes->state->noise = (uint32_t)(noise * (256 / VDK_GREY) / planes->pixels);
}
