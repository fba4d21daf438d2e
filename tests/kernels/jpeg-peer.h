#pragma once

#include "pictures.h"

/* libjpeg-turbo through its own interface, which alone has restart intervals. */

/* The JPEG of these very planes; interval: MCUs between restarts, 0 none. (transfer full): free()
 */
guint8 *peer_encode(const VdkImage *image, const VdkJpegSettings *settings, int interval,
                    gsize *length);

/* Its planes. Fails the test when there is anything to warn of, or when the layout is another. */
void peer_decode(const guint8 *jpeg, gsize length, Layout layout, TestPicture *picture);

/* In dB, over all planes; 100 for equal ones. */
double pictures_psnr(const VdkImage *a, const VdkImage *b);
