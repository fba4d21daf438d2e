#pragma once

#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_loader.h>
#include <glib.h>

#include "emu.h"

/*
 * The emulated driver, loaded the way that FFmpeg loads the real one, with a context, a stream that
 * does not wait for the default one, and the module of self-test.cu. Its image is the file
 * VEDETTE_EMU_IMAGE, or without nvcc a text that names its kernels.
 */
extern CudaFunctions *cu;
extern CUcontext context;
extern CUmodule module;
extern CUstream stream;
extern const char made_image[];

/* What only the emulated driver has. */
extern void (*emu_read)(struct VedetteEmuCounters *counters);
extern const char *(*emu_counters)(void);
extern const char *(*emu_calls)(void);
extern void (*emu_reset)(void);
extern int (*emu_fail)(const char *spec);
extern int (*emu_order)(const char *order);
extern void *(*emu_view)(unsigned long long device);

/* Adds a test, which starts without errors, counts and order of another. */
void add(const char *path, void (*test)(void));
/* main() */
int run_tests(int argc, char **argv, void (*add_tests)(void));

void assert_ok(CUresult result);
struct VedetteEmuCounters counters_now(void);

CUfunction kernel(const char *name);
CUresult launch(const char *name, unsigned grid, unsigned block, void **arguments);
/* Launches it and waits. */
void run(const char *name, unsigned grid, unsigned block, void **arguments);

/* Device memory, (transfer full): noise; n words that count from a number; n zeros. */
CUdeviceptr device_bytes(size_t size);
CUdeviceptr device_words(unsigned n, unsigned from);
CUdeviceptr device_zeros(unsigned n);
void release(CUdeviceptr address);
unsigned word_at(CUdeviceptr address, unsigned i);
