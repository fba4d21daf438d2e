#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Makes the emulated driver what libcuda.so.1 means in this process, with the kernels of one of
 * tests/emu's modules ("libkernels"). Ends the process where it was not built.
 */
void emu_open(const char *kernels);
/* After that: another of its libraries, by its soname. False where that was not built. */
bool emu_open_library(const char *soname);
