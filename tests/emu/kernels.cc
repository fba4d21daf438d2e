/* The GPU's kernels as the emulated driver runs them: device.h stands in front of this file. */
#include "kernels/blend.cu"
#include "kernels/fill.cu"
#include "kernels/jpeg.cu"
#include "kernels/motion-compare.cu"
#include "kernels/motion-finish.cu"
#include "kernels/motion-shrink.cu"
#include "kernels/pixelate.cu"
#include "kernels/scale.cu"
