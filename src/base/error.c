#include "base/error.h"

/* clang-format off */
G_DEFINE_QUARK(vd-error-quark, vd_error)
/* clang-format on */

bool vd_refuse(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, VD_ERROR, VD_ERROR_INVALID, text);
    return false;
}
