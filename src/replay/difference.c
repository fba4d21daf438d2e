#include "replay/difference.h"

#include "replay/judge.h"
#include "replay/say.h"

static json_t *span(const VdIncident *incident)
{
    return json_pack("{s:o, s:o}", "since", vd_say_seconds(incident->since_us), "until",
                     vd_say_seconds(incident->until_us));
}

static const VdIncident *at(const GArray *incidents, guint i)
{
    return i < incidents->len ? &g_array_index(incidents, VdIncident, i) : NULL;
}

json_t *vd_difference(const GArray *a, const GArray *b)
{
    json_t *moved = json_array(), *only_a = json_array(), *only_b = json_array();
    const VdIncident *one, *other;
    guint i = 0, j = 0;
    int same = 0;

    /* Those of each follow each other in time. */
    while ((one = at(a, i)) != NULL || at(b, j) != NULL) {
        other = at(b, j);
        if (other == NULL || (one != NULL && one->until_us < other->since_us)) {
            json_array_append_new(only_a, span(at(a, i++)));
            continue;
        }
        if (one == NULL || other->until_us < one->since_us) {
            json_array_append_new(only_b, span(at(b, j++)));
            continue;
        }
        if (one->since_us == other->since_us && one->until_us == other->until_us)
            same++;
        else
            json_array_append_new(moved, json_pack("{s:o, s:o}", "a", span(one), "b", span(other)));
        i++;
        j++;
    }
    return json_pack("{s:s, s:i, s:o, s:o, s:o}", "type", "difference", "same", same, "moved",
                     moved, "only_a", only_a, "only_b", only_b);
}
