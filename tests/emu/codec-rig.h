#pragma once

#include <ffnvcodec/dynlink_loader.h>
#include <gst/gst.h>
#include <stdbool.h>

#include "emu.h"

/*
 * The emulated driver with its decoder and encoder, and GStreamer beside it, which finds them by
 * their sonames, with a registry of its own: another would remember that there is no driver.
 */
extern CudaFunctions *cu;
extern CuvidFunctions *cuvid;

/* What only the emulated driver has. */
extern void (*emu_read)(struct VedetteEmuCounters *counters);
extern const char *(*emu_calls)(void);
extern void (*emu_reset)(void);
extern int (*emu_fail)(const char *spec);
extern int (*emu_order)(const char *order);
extern void *(*emu_view)(unsigned long long device);

/*
 * Runs the tests that add_tests() adds, each without failures, order and counts of another.
 * kernels: as emu_open() has it.
 */
int codec_rig_run(int argc, char **argv, const char *kernels, void (*add_tests)(void));
void add_codec_test(const char *path, GTestDataFunc test, gconstpointer data);

/* Whether GStreamer has all elements of a launch line; skips the test where not. */
bool have_elements(const char *launch);

/*
 * Plays a launch line whose last element is an appsink named "out", to its end or its error. The
 * samples, (transfer full) GstSample; NULL with an error. Fails when neither comes within a minute.
 */
GPtrArray *play(const char *launch, GError **error);
/* A raw picture's visible bytes as NV12. */
GBytes *nv12_of(GstSample *sample);
void assert_same_bytes(GBytes *a, GBytes *b);

struct VedetteEmuCounters counters_now(void);
void assert_ok(CUresult result);
