#pragma once

#include <glib.h>

/*
 * Makes the emulated driver what libcuda.so.1 means in this process, with the kernels of one of
 * tests/emu's modules ("libkernels"). Ends the process where it was not built.
 */
void emu_open(const char *kernels);
