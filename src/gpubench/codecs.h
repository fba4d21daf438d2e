#pragma once

#include "gpubench/gpu.h"

/*
 * Adds to the facts what NVDEC decodes to 8-bit 4:2:0, codec by codec, and which NVENC the driver
 * brings. The context must be current.
 */
void vd_bench_codecs_facts(VdBenchReport *report);
