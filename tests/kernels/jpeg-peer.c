#include "jpeg-peer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#define SIDE     DCTSIZE
#define MOST     (2 * SIDE) /* rows of a plane that the library takes at once */
#define N_PLANES 3

/* Rows of whole MCUs. */
typedef struct Strip {
    guint8 *memory;
    int width[N_PLANES], rows[N_PLANES];
    JSAMPROW row[N_PLANES][MOST];
    JSAMPARRAY planes[N_PLANES];
} Strip;

static void strip_init(Strip *strip, const jpeg_component_info *components, int n, int width)
{
    int most_x = components[0].h_samp_factor;
    int mcus = (width + SIDE * most_x - 1) / (SIDE * most_x);

    *strip = (Strip){.memory = NULL};
    strip->memory = g_malloc((gsize)mcus * most_x * SIDE * MOST * N_PLANES);
    guint8 *at = strip->memory;
    for (int plane = 0; plane < n; plane++) {
        strip->width[plane] = mcus * components[plane].h_samp_factor * SIDE;
        strip->rows[plane] = components[plane].v_samp_factor * SIDE;
        strip->planes[plane] = strip->row[plane];
        for (int y = 0; y < strip->rows[plane]; y++, at += strip->width[plane])
            strip->row[plane][y] = at;
    }
}

/* first: row of MCUs. What lies beyond the edges is the edge. */
static void strip_take(Strip *strip, const VdkImage *image, int first)
{
    for (int plane = 0; plane < n_planes(image); plane++) {
        const VdkPlane *of = plane_of(image, plane);

        for (int y = 0; y < strip->rows[plane]; y++)
            for (int x = 0; x < strip->width[plane]; x++)
                strip->row[plane][y][x] =
                    *sample_at(image, plane, MIN(x, of->width - 1),
                               MIN(first * strip->rows[plane] + y, of->height - 1));
    }
}

static void strip_give(const Strip *strip, VdkImage *image, int first)
{
    for (int plane = 0; plane < n_planes(image); plane++) {
        const VdkPlane *of = plane_of(image, plane);
        int top = first * strip->rows[plane];

        for (int y = top; y < MIN(top + strip->rows[plane], of->height); y++)
            for (int x = 0; x < of->width; x++)
                *sample_at(image, plane, x, y) = strip->row[plane][y - top][x];
    }
}

guint8 *peer_encode(const VdkImage *image, const VdkJpegSettings *settings, int interval,
                    gsize *length)
{
    struct jpeg_compress_struct peer;
    struct jpeg_error_mgr errors;
    unsigned char *jpeg = NULL;
    unsigned long n = 0;
    Strip strip;

    peer.err = jpeg_std_error(&errors);
    jpeg_create_compress(&peer);
    jpeg_mem_dest(&peer, &jpeg, &n);
    peer.image_width = (JDIMENSION)image->luma.width;
    peer.image_height = (JDIMENSION)image->luma.height;
    peer.input_components = n_planes(image);
    peer.in_color_space = image->step == 0 ? JCS_GRAYSCALE : JCS_YCbCr;
    jpeg_set_defaults(&peer);
    jpeg_set_quality(&peer, settings->quality, TRUE);
    peer.raw_data_in = TRUE;
    peer.dct_method = JDCT_ISLOW;
    peer.restart_interval = (unsigned)interval;
    peer.comp_info[0].h_samp_factor = image->step == 0 ? 1 : settings->sx;
    peer.comp_info[0].v_samp_factor = image->step == 0 ? 1 : settings->sy;
    jpeg_start_compress(&peer, TRUE);
    strip_init(&strip, peer.comp_info, peer.num_components, image->luma.width);
    for (int first = 0; peer.next_scanline < peer.image_height; first++) {
        strip_take(&strip, image, first);
        jpeg_write_raw_data(&peer, strip.planes, (JDIMENSION)strip.rows[0]);
    }
    jpeg_finish_compress(&peer);
    jpeg_destroy_compress(&peer);
    g_free(strip.memory);
    *length = n;
    return jpeg;
}

void peer_decode(const guint8 *jpeg, gsize length, Layout layout, TestPicture *picture)
{
    struct jpeg_decompress_struct peer;
    struct jpeg_error_mgr errors;
    Strip strip;

    peer.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&peer);
    jpeg_mem_src(&peer, jpeg, length);
    g_assert_cmpint(jpeg_read_header(&peer, TRUE), ==, JPEG_HEADER_OK);
    peer.raw_data_out = TRUE;
    peer.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&peer);
    picture_init(picture, layout, (int)peer.image_width, (int)peer.image_height, BLACK, 1);
    g_assert_cmpint(peer.num_components, ==, n_planes(&picture->image));
    strip_init(&strip, peer.comp_info, peer.num_components, (int)peer.image_width);
    for (int first = 0; peer.output_scanline < peer.output_height; first++) {
        jpeg_read_raw_data(&peer, strip.planes, (JDIMENSION)strip.rows[0]);
        strip_give(&strip, &picture->image, first);
    }
    jpeg_finish_decompress(&peer);
    g_assert_cmpint((int)errors.num_warnings, ==, 0);
    jpeg_destroy_decompress(&peer);
    g_free(strip.memory);
}

double pictures_psnr(const VdkImage *a, const VdkImage *b)
{
    double squares = 0, samples = 0;

    for (int plane = 0; plane < n_planes(a); plane++)
        for (int y = 0; y < plane_of(a, plane)->height; y++)
            for (int x = 0; x < plane_of(a, plane)->width; x++) {
                int difference = *sample_at(a, plane, x, y) - *sample_at(b, plane, x, y);

                squares += difference * difference;
                samples++;
            }
    return squares > 0 ? 10 * log10(255.0 * 255.0 * samples / squares) : 100;
}
