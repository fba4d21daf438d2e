#pragma once

#include <gst/cuda/cuda-gst.h>
#include <gst/cuda/gstcudabufferpool.h>
#include <gst/cuda/gstcudamemory.h>
#include <stdbool.h>

#include "support.h"
#include "tests/emu/emu.h"

/*
 * What the elements' tests with CUDA memory share: a device, the emulated driver's or with
 * VEDETTE_TEST_DEVICE=real the machine's, one context, and pictures in its memory.
 */
typedef struct Device {
    GstCudaContext *context;
    /* Of the emulated driver, or NULL on a real one. */
    void (*read)(struct VedetteEmuCounters *counters);
    void (*reset)(void);
    int (*fail)(const char *spec);
} Device;

extern Device device;

/* Instead of g_test_init() and gst_init(). False where there is no device: run no test then. */
bool device_init(int *argc, char ***argv);
/* g_test_run(); fails when the emulated driver saw a mistake or has memory left. */
int device_run_tests(void);

/* The sizes and formats that tests go through. */
typedef struct Shape {
    const char *format;
    int width, height;
} Shape;
extern const Shape shapes[];
extern const gsize n_shapes;

/* Two of an element: one gets pictures in system memory, the other the same in CUDA memory. */
typedef struct Twins {
    Rig *cpu, *gpu;
    GstBufferPool *pool; /* of the other's pictures */
} Twins;

/* more (nullable): what caps say besides, ",name=value". downstream (nullable): caps that are asked
 * for, without a name. */
Twins *twins_new(const char *factory, Shape shape, const char *more, const char *downstream);
void twins_free(Twins *twins);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Twins, twins_free)
void twins_set(Twins *twins, const char *property, const char *value);

/* Noise that is the same for the same seed, in system memory. */
GstBuffer *noise_new(Twins *twins, guint32 seed, GstClockTime pts);
/* The same picture, with all that the buffer carries, in CUDA memory. */
GstBuffer *on_device(Twins *twins, GstBuffer *picture);
/*
 * Pushes the picture to the one and its like to the other; what comes out, picture or JPEG, must be
 * the same to the byte.
 */
void twins_push(Twins *twins, GstBuffer *picture);
/* Of buffers in system memory. */
void assert_same_bytes(GstBuffer *one, GstBuffer *other);
void assert_same_picture(const GstVideoInfo *info, GstBuffer *a, GstBuffer *b);

struct VedetteEmuCounters counters_now(void);
/* Whether the device is the emulated one; skips the test where not. */
bool device_counts(void);

/* Takes the errors that were posted, and answers how many there were. */
guint rig_errors(Rig *rig);
/* Stops the element, lets the driver work again, and starts it as a pipeline would. */
void rig_restart(Rig *rig);

/* What the driver may do for one picture, besides what comes out in system memory. */
typedef struct Cost {
    guint launches, syncs;
    guint64 d2h, d2d; /* bytes */
} Cost;
#define COUNTED 8

/* Pushes pictures (transfer full), all on the device: the latter half costs just that each. */
void assert_cost(Twins *twins, GstBuffer *const pictures[2 * COUNTED], Cost cost);
