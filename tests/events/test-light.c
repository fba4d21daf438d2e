#include "events/light.h"

#include <string.h>

#define WALL0 G_GINT64_CONSTANT(1700000000000000)

/*
 * From 1 s on each character is a picture, 100 ms apart, so bright as it says: 'a' 50 grey levels,
 * each letter 4 more; '*' as bright as before and lit otherwise; '!' the background begins anew.
 */
static VdLighting lighting_of(char letter, double before)
{
    switch (letter) {
    case '*':
        return (VdLighting){.light = 1, .brightness = before};
    case '!':
        return (VdLighting){.anew = 1};
    default:
        return (VdLighting){.brightness = 50 + 4 * (letter - 'a')};
    }
}

static void see_all(VdLight *light, const char *pictures, GString *told)
{
    double before = 0;

    for (guint n = 0; pictures[n] != '\0'; n++) {
        gint64 us = (10 + n) * 100000;
        VdLighting lighting = lighting_of(pictures[n], before);
        g_autoptr(VdEvent) event = vd_light_see(light, (VdMoment){us, WALL0 + us}, &lighting);

        before = lighting.anew ? before : lighting.brightness;
        if (event == NULL)
            continue;
        g_assert_cmpint(event->kind, ==, VD_KIND_LIGHT_CHANGED);
        g_string_append_printf(told, "%s%u:%.3f>%.3f/%.1f", told->len > 0 ? " " : "", n,
                               json_real_value(json_object_get(event->fields, "brightness_before")),
                               json_real_value(json_object_get(event->fields, "brightness")),
                               json_real_value(json_object_get(event->fields, "seconds")));
    }
}

#define SECOND  "aaaaaaaaaa"
#define SECONDS SECOND SECOND SECOND SECOND SECOND

static void one_change_is_told_once_when_it_is_over(void)
{
    static const struct {
        const char *pictures, *told;
    } rows[] = {
        {SECONDS, ""},
        {"aaaaannnnnnnnnn", ""},
        {"aaaaannnnnnnnnnnnnnn", "15:0.196>0.400/0.0"},
        {"aaabcdefghijkllllllllllll", "23:0.196>0.369/1.0"},
        {"aaa***nnnnnnnnnnnnnn", "16:0.196>0.400/0.3"},
        {"aaa***!nnnnnnnnnnnnnnnnnn", "17:0.196>0.400/0.4"},
        {"aaaabbbbbbbbbbbbbbbbbb", ""},                        /* too little */
        {"aaa*********aaaaaaaaaaaaaaaa", ""},                  /* it is as it was */
        {"aaannnnnaaaaaaaaaaaaaaaaaaa", ""},                   /* there and back */
        {"aaannnnnnnnnaannnnnnnnnnnnn", "24:0.196>0.400/1.1"}, /* a pause */
        {"!!!aaaaaaaaaaaaaaaa", ""},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) told = g_string_new(NULL);
        VdLight light;

        vd_light_init(&light, "front");
        see_all(&light, rows[i].pictures, told);
        g_assert_cmpstr(told->str, ==, rows[i].told);
        vd_light_clear(&light);
    }
}

/* Over and over again: two are 10 s apart, and one that has gone by then is none. */
static void there_are_never_many(void)
{
    g_autoptr(GString) told = g_string_new(NULL), pictures = g_string_new(NULL);
    VdLight light;

    for (int i = 0; i < 30; i++)
        g_string_append(pictures, i % 2 == 0 ? "aaaaaaaaaaaaaaa" : "nnnnnnnnnnnnnnn");
    vd_light_init(&light, "front");
    see_all(&light, pictures->str, told);
    g_auto(GStrv) each = g_strsplit(told->str, " ", -1);
    g_assert_cmpuint(g_strv_length(each), >=, 2);
    g_assert_cmpuint(g_strv_length(each), <=, 5); /* of 29 in 45 s */
    for (guint i = 1; each[i] != NULL; i++)
        g_assert_cmpint(atoi(each[i]) - atoi(each[i - 1]), >=, 100);
    vd_light_clear(&light);
}

static void slow_dusk_is_none(void)
{
    VdLight light;

    vd_light_init(&light, "front");
    for (int n = 0; n < 6000; n++) {
        VdLighting lighting = {.brightness = 200 - n / 40.0};
        g_assert_null(vd_light_see(&light, (VdMoment){(n + 1) * 500000LL, 0}, &lighting));
    }
    vd_light_clear(&light);
}

/* The camera was away, and the lights have been switched on meanwhile. */
static void other_pictures_are_no_change(void)
{
    g_autoptr(GString) told = g_string_new(NULL);
    VdLight light;

    vd_light_init(&light, "front");
    see_all(&light, "aaaaaaaaaa", told);
    vd_light_forget(&light);
    see_all(&light, "!nnnnnnnnnnnnnnnnnnnnn", told);
    g_assert_cmpstr(told->str, ==, "");
    vd_light_clear(&light);
}

static void it_tells_since_when_until_when_and_how_bright(void)
{
    g_autoptr(VdEvent) event = NULL;
    VdLight light;
    gsize size;

    vd_light_init(&light, "front");
    for (int n = 0; event == NULL; n++) {
        VdLighting lighting = {.brightness = n < 20 ? 51 : 153, .bright = n == 24 ? 4 : 0};
        gint64 us = 1000000 + n * 250000;

        event = vd_light_see(&light, (VdMoment){us, WALL0 + us}, &lighting);
    }
    vd_event_number(event, 1);
    const char *json = g_bytes_get_data(event->json, &size);
    g_autofree char *text = g_strndup(json, size);
    g_assert_cmpstr(text, ==,
                    "{\"id\":1,\"time\":\"2023-11-14T22:13:28.000Z\",\"kind\":\"light-changed\","
                    "\"camera\":\"front\",\"since\":\"2023-11-14T22:13:26.000Z\","
                    "\"until\":\"2023-11-14T22:13:27.000Z\",\"seconds\":1.0,"
                    "\"brightness_before\":0.2,\"brightness\":0.6}");
    vd_light_clear(&light);
}

#define ADD(name) g_test_add_func("/light/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(one_change_is_told_once_when_it_is_over);
    ADD(there_are_never_many);
    ADD(slow_dusk_is_none);
    ADD(other_pictures_are_no_change);
    ADD(it_tells_since_when_until_when_and_how_bright);
    return g_test_run();
}
