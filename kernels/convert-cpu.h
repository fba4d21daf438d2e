#pragma once

#include "kernels/image.h"

/* Whether there is anything to convert. conversion: (nullable) */
bool vdk_cpu_converts(const VdkConversion *conversion);

/*
 * From one picture into another of the same shape, or in place (from is to): after scaling, since
 * the result has fewer pixels more often than more. layers: those of `to`.
 */
void vdk_cpu_convert(const VdkConversion *conversion, const VdkImage *from, VdkImage *to,
                     const VdkLayer layers[3]);
