#include "media/source-jpeg.h"

#include <string.h>

#define SOI 0xd8
#define EOI 0xd9
#define SOS 0xda

/* Markers that stand alone: TEM and RST0..RST7, and a byte that was stuffed. */
static bool stands_alone(guint8 marker)
{
    return marker == 0x00 || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

static bool is_frame_header(guint8 marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* The next marker in entropy-coded data that ends it; false: not there yet. */
static bool leave_scan(VdJpegWalk *walk, const guint8 *data, gsize length)
{
    while (walk->at + 1 < length) {
        const guint8 *mark = memchr(data + walk->at, 0xff, length - walk->at - 1);
        if (mark == NULL) {
            walk->at = length - 1;
            return false;
        }
        walk->at = (gsize)(mark - data);
        if (mark[1] == 0xff)
            walk->at++;
        else if (stands_alone(mark[1]))
            walk->at += 2;
        else
            return true;
    }
    return false;
}

gsize vd_jpeg_end(VdJpegWalk *walk, const guint8 *data, gsize length)
{
    if (walk->at == 0 && length >= 2) {
        walk->broken = data[0] != 0xff || data[1] != SOI;
        walk->at = 2;
    }
    while (!walk->broken && walk->at >= 2) {
        if (walk->scan && !leave_scan(walk, data, length))
            return 0;
        if (walk->at + 1 >= length)
            return 0;
        guint8 marker = data[walk->at + 1];
        if (data[walk->at] != 0xff) {
            walk->broken = true;
        } else if (marker == 0xff) { /* fill byte */
            walk->at++;
        } else if (marker == EOI) {
            return walk->at + 2;
        } else if (stands_alone(marker)) {
            walk->at += 2;
        } else {
            if (walk->at + 4 > length)
                return 0;
            /* at may go beyond length: then the segment is still on its way */
            walk->at += 2 + ((gsize)data[walk->at + 2] << 8 | data[walk->at + 3]);
            walk->scan = marker == SOS;
        }
    }
    return 0;
}

bool vd_jpeg_size(const guint8 *data, gsize length, int *width, int *height)
{
    gsize at = 2;

    if (length < 4 || data[0] != 0xff || data[1] != SOI)
        return false;
    while (at + 9 <= length && data[at] == 0xff) {
        guint8 marker = data[at + 1];
        if (marker == 0xff) {
            at++;
            continue;
        }
        if (is_frame_header(marker)) {
            *height = data[at + 5] << 8 | data[at + 6];
            *width = data[at + 7] << 8 | data[at + 8];
            return *width > 0 && *height > 0;
        }
        if (marker == SOS || marker == EOI)
            return false;
        at += stands_alone(marker) ? 2 : 2 + ((gsize)data[at + 2] << 8 | data[at + 3]);
    }
    return false;
}
