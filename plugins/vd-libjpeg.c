#include "plugins/vd-libjpeg.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#define SMALLEST_ROOM (16 * 1024)
#define N_PLANES      3
#define MOST_ROWS     (2 * DCTSIZE) /* of a plane that the library takes at once */

struct VdLibjpeg {
    struct jpeg_compress_struct library;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf failed;
    bool made; /* the library's part */

    guint8 *memory; /* what was compressed */
    size_t room, length;
    guint8 *strip; /* copies of rows, as many as are taken at once */
    size_t strip_size;
    JSAMPROW rows[N_PLANES][MOST_ROWS];
    JSAMPARRAY planes[N_PLANES];
};

/* --- what the library calls ------------------------------------------------------------------ */

static void init_destination(j_compress_ptr library)
{
    VdLibjpeg *self = library->client_data;

    self->destination.next_output_byte = self->memory;
    self->destination.free_in_buffer = self->room;
}

/* All of the room is used, whatever the destination says. */
static boolean empty_output_buffer(j_compress_ptr library)
{
    VdLibjpeg *self = library->client_data;

    self->memory = g_realloc(self->memory, 2 * self->room);
    self->destination.next_output_byte = self->memory + self->room;
    self->destination.free_in_buffer = self->room;
    self->room *= 2;
    return TRUE;
}

static void term_destination(j_compress_ptr library)
{
    VdLibjpeg *self = library->client_data;

    self->length = self->room - self->destination.free_in_buffer;
}

/* It must not come back. */
static void error_exit(j_common_ptr library)
{
    VdLibjpeg *self = library->client_data;
    char text[JMSG_LENGTH_MAX];

    library->err->format_message(library, text);
    GST_WARNING("libjpeg: %s", text);
    longjmp(self->failed, 1);
}

/* --- rows ------------------------------------------------------------------------------------ */

/*
 * The library reads whole blocks, so each row is copied with its end repeated. It also reads 16
 * rows at once, eight bytes of each: of a picture larger than the second cache that takes 12 %
 * longer than to copy the rows, one after the other, and read the copies.
 */
static int padded(const VdkPlane *plane)
{
    return (plane->width + DCTSIZE - 1) / DCTSIZE * DCTSIZE;
}

static void copy_row(const VdkPlane *plane, const guint8 *from, int step, guint8 *to)
{
    int width = plane->width;

    if (step == 1)
        memcpy(to, from, (size_t)width);
    else
        for (int x = 0; x < width; x++)
            to[x] = from[x * step];
    memset(to + width, to[width - 1], (size_t)(padded(plane) - width));
}

/* Rows from y on; the lowest one again for those below it. Answers where the strip goes on. */
static guint8 *take_rows(const VdkPlane *plane, int step, int y, JSAMPROW *rows, int n,
                         guint8 *strip)
{
    for (int i = 0; i < n; i++, y++) {
        guint8 *from = plane->data + (size_t)y * (size_t)plane->pitch;

        if (y >= plane->height) {
            rows[i] = rows[i - 1];
            continue;
        }
        copy_row(plane, from, step, strip);
        rows[i] = strip;
        strip += padded(plane);
    }
    return strip;
}

static int rows_at_once(const VdLibjpeg *self, int plane)
{
    return self->library.comp_info[plane].v_samp_factor * DCTSIZE;
}

static void write_rows(VdLibjpeg *self, const VdkImage *image, int strip)
{
    guint8 *copies = take_rows(&image->luma, 1, strip * rows_at_once(self, 0), self->rows[0],
                               rows_at_once(self, 0), self->strip);

    for (int i = 1; i < self->library.num_components; i++)
        copies = take_rows(&image->chroma[i - 1], image->step, strip * DCTSIZE, self->rows[i],
                           DCTSIZE, copies);
    jpeg_write_raw_data(&self->library, self->planes, (JDIMENSION)rows_at_once(self, 0));
}

/* --- a picture ------------------------------------------------------------------------------- */

static void reserve_strip(VdLibjpeg *self, const VdkImage *image)
{
    size_t wanted = N_PLANES * MOST_ROWS * (size_t)padded(&image->luma);

    if (self->strip_size >= wanted)
        return;
    g_free(self->strip);
    self->strip = g_malloc(wanted);
    self->strip_size = wanted;
}

static void make(VdLibjpeg *self)
{
    if (self->made)
        return;
    jpeg_create_compress(&self->library);
    self->library.dest = &self->destination;
    self->made = true;
}

/* Of a library that is made already this allocates nothing. */
static void set_up(VdLibjpeg *self, const VdkImage *image, const VdkJpegSettings *settings,
                   int interval)
{
    struct jpeg_compress_struct *library = &self->library;
    bool grey = image->step == 0;

    library->image_width = (JDIMENSION)image->luma.width;
    library->image_height = (JDIMENSION)image->luma.height;
    library->input_components = grey ? 1 : N_PLANES;
    library->in_color_space = grey ? JCS_GRAYSCALE : JCS_YCbCr;
    jpeg_set_defaults(library);
    jpeg_set_quality(library, settings->quality, TRUE);
    library->raw_data_in = TRUE;
    library->dct_method = JDCT_ISLOW;
    library->restart_interval = (unsigned)interval;
    library->comp_info[0].h_samp_factor = grey ? 1 : settings->sx;
    library->comp_info[0].v_samp_factor = grey ? 1 : settings->sy;
}

/* Leaves by longjmp where the library finds an error. */
static void compress(VdLibjpeg *self, const VdkImage *image, const VdkJpegSettings *settings,
                     int interval)
{
    make(self);
    set_up(self, image, settings, interval);
    jpeg_start_compress(&self->library, TRUE);
    for (int strip = 0; self->library.next_scanline < self->library.image_height; strip++)
        write_rows(self, image, strip);
    jpeg_finish_compress(&self->library);
}

int vd_libjpeg_encode(VdLibjpeg *self, const VdkImage *image, const VdkJpegSettings *settings)
{
    int interval = vdk_jpeg_interval(image, settings);

    if (interval < 0)
        return interval;
    reserve_strip(self, image);
    self->length = 0;
    if (setjmp(self->failed) == 0) {
        compress(self, image, settings, interval);
        return 0;
    }
    jpeg_destroy_compress(&self->library);
    self->made = false;
    return self->errors.msg_code == JERR_OUT_OF_MEMORY ? -ENOMEM : -EIO;
}

const guint8 *vd_libjpeg_data(const VdLibjpeg *self, size_t *length)
{
    *length = self->length;
    return self->memory;
}

/* --- life ------------------------------------------------------------------------------------ */

VdLibjpeg *vd_libjpeg_new(void)
{
    VdLibjpeg *self = g_new0(VdLibjpeg, 1);

    self->library.err = jpeg_std_error(&self->errors);
    self->library.client_data = self;
    self->errors.error_exit = error_exit;
    self->destination.init_destination = init_destination;
    self->destination.empty_output_buffer = empty_output_buffer;
    self->destination.term_destination = term_destination;
    self->room = SMALLEST_ROOM;
    self->memory = g_malloc(self->room);
    for (int i = 0; i < N_PLANES; i++)
        self->planes[i] = self->rows[i];
    return self;
}

void vd_libjpeg_free(VdLibjpeg *self)
{
    if (self == NULL)
        return;
    jpeg_destroy_compress(&self->library);
    g_free(self->memory);
    g_free(self->strip);
    g_free(self);
}
