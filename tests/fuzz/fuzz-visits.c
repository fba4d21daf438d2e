/* Tables of visits: any text is a list in which nobody leaves before he enters, or an error. */
#include "replay/visits.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) visits = vd_visits_parse(text, "visits.csv", &error);

    g_assert_true((visits == NULL) == (error != NULL));
    for (guint i = 0; visits != NULL && i < visits->len; i++) {
        const VdVisit *visit = &g_array_index(visits, VdVisit, i);
        g_assert_cmpuint(visit->enter, <=, visit->leave);
    }
    return 0;
}
