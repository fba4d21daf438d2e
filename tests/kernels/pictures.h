#pragma once

#include <glib.h>

#include "kernels/vdk.h"

/*
 * Pictures for tests. Rows are padded and the padding is noise; tests compare whole memory, so that
 * an operator that writes outside its picture is found out by the same memcmp as a wrong pixel.
 */
typedef enum Layout { I420, NV12, Y42B, Y444, GREY, N_LAYOUTS } Layout;
typedef enum Content { NOISE, BLACK, WHITE, CHECKER, N_CONTENTS } Content;

typedef struct TestPicture {
    VdkImage image;
    guint8 *memory;
    gsize bytes;
} TestPicture;

typedef struct Size {
    int width, height;
} Size;

extern const Size test_sizes[];
extern const gsize n_test_sizes;

void picture_init(TestPicture *picture, Layout layout, int width, int height, Content content,
                  guint32 seed);
/* A copy at another address, padding and all. */
void picture_copy(TestPicture *to, const TestPicture *from);
void picture_clear(TestPicture *picture);
void assert_same(const TestPicture *a, const TestPicture *b);

guint32 random_next(guint32 *seed);
/* Sorted spans that do not overlap, some of them outside of the picture. */
GArray *random_spans(int width, int height, guint32 seed);
/* One byte a luma pixel: 1 where a span lies. */
guint8 *span_map(const VdkImage *image, const GArray *spans);

/* Sample x, y of plane 0 luma, 1 Cb, 2 Cr; and how many luma pixels a sample of it covers. */
guint8 *sample_at(const VdkImage *image, int plane, int x, int y);
const VdkPlane *plane_of(const VdkImage *image, int plane);
int covers_x(const VdkImage *image, int plane);
int covers_y(const VdkImage *image, int plane);
int n_planes(const VdkImage *image);
