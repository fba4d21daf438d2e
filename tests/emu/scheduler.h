#pragma once

#include <string>

#include "device.h"

namespace vdk_emu
{

/* Nothing for a name that no VDK_KERNEL() has added. */
const Kernel *find_kernel(const std::string &name);

/*
 * Runs all blocks of a grid, one after the other: each thread is run until it waits for others. One
 * grid at a time in the process; the caller sees to that. false: a thread waited for what cannot
 * come; error says what, and the rest of the grid has not run.
 */
bool run_grid(const Body &body, const dim3 &grid_size, const dim3 &block_size, std::string *error);

/* As VEDETTE_EMU_ORDER, nullptr: forward. false for what is no order. */
bool set_order(const char *order);

} // namespace vdk_emu
