#include "base/words.h"

char *vd_counted(guint count, const char *thing)
{
    return g_strdup_printf("%u %s%s", count, thing, count == 1 ? "" : "s");
}
