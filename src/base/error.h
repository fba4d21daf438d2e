#pragma once

#include <glib.h>
#include <stdbool.h>

/* The one error domain of src/. A code says what a caller can do about it. */
#define VD_ERROR (vd_error_quark())

typedef enum VdErrorCode {
    VD_ERROR_FAILED,  /* anything else */
    VD_ERROR_INVALID, /* what was asked for cannot be: say what is allowed */
    VD_ERROR_NOT_FOUND,
    VD_ERROR_LIMIT, /* one more than base/limits.h or an option allows */
    VD_ERROR_BUSY,
    VD_ERROR_UNSUPPORTED, /* it could be, but not with what is installed here */
    VD_ERROR_CONFLICT,    /* what there is stands against it */
    VD_ERROR_CHANGED,     /* it is not any more what the caller believes it to be */
} VdErrorCode;

GQuark vd_error_quark(void);

/* Sets VD_ERROR_INVALID with that text; false, for its caller to answer. */
bool vd_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
