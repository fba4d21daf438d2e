#pragma once

#include <glib.h>

/* The one error domain of src/. A code says what a caller can do about it. */
#define VD_ERROR (vd_error_quark())

typedef enum VdErrorCode {
    VD_ERROR_FAILED,  /* anything else */
    VD_ERROR_INVALID, /* what was asked for cannot be: say what is allowed */
    VD_ERROR_NOT_FOUND,
    VD_ERROR_LIMIT, /* one more than base/limits.h or an option allows */
    VD_ERROR_BUSY,
    VD_ERROR_UNSUPPORTED, /* it could be, but not with what is installed here */
} VdErrorCode;

GQuark vd_error_quark(void);
