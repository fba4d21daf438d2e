#include "base/error.h"

/* clang-format off */
G_DEFINE_QUARK(vd-error-quark, vd_error)
