#include "config/zones.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/words.h"
#include "config/checks.h"
#include "config/nearest.h"
#include "config/polygons.h"

#include <string.h>

#define BLANKS      " \t"
#define SIZE        "min-size="
#define MS          "min-ms="
#define FULL_SIZE   10000 /* 1/10000 of the picture */
#define INHERITS_MS (-1)

static const char *const words[] = {"ignore", "min-size", "min-ms", NULL};

/* --- from a text ------------------------------------------------------------------------------ */

/* "0.5" or "0.5%": no sign, no exponent, and no more than two digits behind the point. */
static bool parse_percent(const char *text, int *size)
{
    gsize whole = strspn(text, "0123456789");
    gsize part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    const char *end = text + whole + (text[whole] == '.' ? 1 + part : 0);

    if (whole + part == 0 || whole > 3 || part > 2 || !g_str_equal(*end == '%' ? end + 1 : end, ""))
        return false;
    *size = (int)(g_ascii_strtod(text, NULL) * 100 + 0.5);
    return *size <= FULL_SIZE;
}

/* One of the words between a zone's name and its : */
static bool parse_word(VdZone *zone, const char *word, GError **error)
{
    g_autofree char *shown = vd_shown(word);
    gint64 ms;

    if (g_str_equal(word, "ignore")) {
        zone->ignore = true;
        return true;
    }
    if (g_str_has_prefix(word, SIZE))
        return parse_percent(word + strlen(SIZE), &zone->min_size) ||
               vd_refuse(error,
                         "%s is wrong: min-size is a percentage of the picture from 0 to 100, "
                         "with two digits behind the point at most",
                         shown);
    if (g_str_has_prefix(word, MS)) {
        if (!g_ascii_string_to_signed(word + strlen(MS), 10, 0, VD_MAX_EVENT_MS, &ms, NULL))
            return vd_refuse(error, "%s is wrong: min-ms is a whole number from 0 to %d (ms)",
                             shown, VD_MAX_EVENT_MS);
        zone->min_ms = (int)ms;
        return true;
    }
    g_autofree char *bare = g_strndup(word, strcspn(word, "="));
    g_autofree char *hint = vd_word_hint(bare, words);
    return vd_refuse(error, "%s is unknown%s: allowed are ignore, min-size=PERCENT and min-ms=MS",
                     shown, hint);
}

static bool is_taken(const VdZones *zones, const char *name)
{
    for (guint i = 0; i < zones->count; i++)
        if (g_str_equal(zones->each[i].name, name))
            return true;
    return false;
}

static bool take_name(const VdZones *zones, VdZone *zone, const char *name, GError **error)
{
    if (!vd_check_zone_name(name, error)) {
        g_prefix_error(error, "the name of zone %u is wrong: ", zones->count + 1);
        return false;
    }
    if (is_taken(zones, name))
        return vd_refuse(error, "zone '%s' is there twice: each has a name of its own", name);
    zone->name = g_strdup(name);
    return true;
}

/* "NAME word word" in front of the : */
static bool parse_head(const VdZones *zones, VdZone *zone, char *head, GError **error)
{
    g_auto(GStrv) parts = g_strsplit_set(head, BLANKS, -1);
    bool good = true;

    for (gsize i = 0; good && parts[i] != NULL; i++) {
        if (parts[i][0] == '\0')
            continue;
        if (zone->name == NULL) {
            good = take_name(zones, zone, parts[i], error);
        } else if (!parse_word(zone, parts[i], error)) {
            g_prefix_error(error, "zone '%s': ", zone->name);
            good = false;
        }
    }
    if (good && zone->name == NULL)
        return vd_refuse(error, "zone %u has no name: write NAME: and its points",
                         zones->count + 1);
    if (good && zone->ignore && (zone->min_size != 0 || zone->min_ms != INHERITS_MS))
        return vd_refuse(error,
                         "zone '%s': min-size and min-ms are of zones in which motion counts, "
                         "not of one that is ignored",
                         zone->name);
    return good;
}

/* The one at *text up to the ; or the end. */
static bool parse_zone(const char **text, const VdZones *zones, VdZone *zone, GError **error)
{
    gsize length = strcspn(*text, ":;");
    g_autofree char *head = g_strndup(*text, length);

    zone->min_ms = INHERITS_MS;
    if (zones->count == VD_MAX_ZONES)
        return vd_refuse(error, "too many zones: %d are allowed", VD_MAX_ZONES);
    if (!parse_head(zones, zone, head, error))
        return false;
    if ((*text)[length] != ':')
        return vd_refuse(error, "zone '%s' has no points: write them behind a :", zone->name);
    g_autofree char *what = g_strdup_printf("zone '%s'", zone->name);
    *text += length + 1;
    return vd_polygon_parse(text, what, &zone->polygon, error);
}

static VdZones *blank(void)
{
    VdZones *zones = g_malloc0(sizeof *zones + VD_MAX_ZONES * sizeof zones->each[0]);

    g_atomic_ref_count_init(&zones->refs);
    return zones;
}

static void clear_zone(VdZone *zone)
{
    g_free(zone->name);
    g_free(zone->polygon.points);
}

bool vd_zones_parse(const char *text, VdZones **zones, GError **error)
{
    g_autoptr(VdZones) made = blank();

    for (text += strspn(text, BLANKS); *text != '\0'; text += strspn(text, BLANKS)) {
        VdZone zone = {0};

        if (!parse_zone(&text, made, &zone, error)) {
            clear_zone(&zone);
            return false;
        }
        made->counting = made->counting || !zone.ignore;
        made->each[made->count++] = zone;
        text += *text == ';';
    }
    *zones = made->count > 0 ? g_steal_pointer(&made) : NULL;
    return true;
}

/* --- to a text -------------------------------------------------------------------------------- */

char *vd_zone_percent(int size)
{
    char *text = g_strdup_printf("%d.%02d", size / 100, size % 100);
    gsize length = strlen(text);

    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == '.')
        text[length - 1] = '\0';
    return text;
}

static void append_zone(GString *out, const VdZone *zone)
{
    g_autofree char *percent = vd_zone_percent(zone->min_size);

    g_string_append(out, zone->name);
    if (zone->ignore)
        g_string_append(out, " ignore");
    if (zone->min_size > 0)
        g_string_append_printf(out, " " SIZE "%s%%", percent);
    if (zone->min_ms != INHERITS_MS)
        g_string_append_printf(out, " " MS "%d", zone->min_ms);
    g_string_append(out, ": ");
    vd_polygon_append(&zone->polygon, out);
}

char *vd_zones_text(const VdZones *zones)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; zones != NULL && i < zones->count; i++) {
        if (i > 0)
            g_string_append(out, "; ");
        append_zone(out, &zones->each[i]);
    }
    return g_string_free(out, FALSE);
}

/* --- the object ------------------------------------------------------------------------------- */

static bool equal_zones(const VdZone *a, const VdZone *b)
{
    return g_str_equal(a->name, b->name) && a->ignore == b->ignore && a->min_size == b->min_size &&
           a->min_ms == b->min_ms && vd_polygon_equal(&a->polygon, &b->polygon);
}

bool vd_zones_equal(const VdZones *a, const VdZones *b)
{
    if (a == NULL || b == NULL || a->count != b->count)
        return a == b;
    for (guint i = 0; i < a->count; i++)
        if (!equal_zones(&a->each[i], &b->each[i]))
            return false;
    return true;
}

VdZones *vd_zones_ref(VdZones *zones)
{
    if (zones != NULL)
        g_atomic_ref_count_inc(&zones->refs);
    return zones;
}

void vd_zones_unref(VdZones *zones)
{
    if (zones == NULL || !g_atomic_ref_count_dec(&zones->refs))
        return;
    for (guint i = 0; i < zones->count; i++)
        clear_zone(&zones->each[i]);
    g_free(zones);
}
