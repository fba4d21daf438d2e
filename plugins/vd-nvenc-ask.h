#pragma once

#include <glib.h>
#include <stdbool.h>

/* Why NVENC does not open, as the driver says; libavcodec makes one number of several answers. */
typedef enum VdNvencRefusal {
    VD_NVENC_FAILED,  /* it is none of these */
    VD_NVENC_LIBRARY, /* the driver's encoder is not installed */
    VD_NVENC_NO_ENCODER,
    VD_NVENC_NO_SESSION, /* or no memory: the driver answers the same */
} VdNvencRefusal;

/* [any] Whether the driver comes with its encoder; of no GPU in particular. */
bool vd_nvenc_is_there(void);
/* [any] Asks for a session on the CUcontext, and ends it. Takes as long as opening. */
VdNvencRefusal vd_nvenc_ask(gpointer context);
