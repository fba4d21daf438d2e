#include "config/test-uri.h"

#include "base/error.h"
#include "base/words.h"
#include "config/nearest.h"

#include <stddef.h>
#include <string.h>

#define MOST_ERRORS 8 /* told of one URI's parameters */

static const char *const scenes[VD_N_TEST_SCENES + 1] = {"moving", "quiet", "light", "failing"};

/* clang-format off */
static const struct {
    const char *name;
    size_t offset;
    int min, max, preset;
} parameters[] = {
    {"width",   offsetof(VdTestUri, width),   16, 4096,    640},
    {"height",  offsetof(VdTestUri, height),  16, 2304,    360},
    {"fps",     offsetof(VdTestUri, fps),     1,  60,      15},
    {"seed",    offsetof(VdTestUri, seed),    0,  G_MAXINT, 1},
    {"figures", offsetof(VdTestUri, figures), 0,  16,      3},
    {"noise",   offsetof(VdTestUri, noise),   0,  32,      4},
    {"up",      offsetof(VdTestUri, up),      1,  3600,    8},
    {"down",    offsetof(VdTestUri, down),    0,  3600,    0},
};
/* clang-format on */

static int *field(VdTestUri *test, gsize parameter)
{
    return (int *)(void *)((char *)test + parameters[parameter].offset);
}

/* A word that stands for nothing. */
static bool refuse_word(const char *what, const char *word, const char *const *words,
                        GError **error)
{
    g_autofree char *wrong = vd_shown(word);
    g_autofree char *hint = vd_word_hint(word, words);
    g_autofree char *allowed = g_strjoinv(", ", (char **)words);

    g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "%s %s is unknown%s: allowed are %s", what,
                wrong, hint, allowed);
    return false;
}

static bool parse_scene(const char *name, VdTestScene *scene, GError **error)
{
    for (guint i = 0; i < VD_N_TEST_SCENES; i++) {
        if (g_str_equal(name, scenes[i])) {
            *scene = (VdTestScene)i;
            return true;
        }
    }
    return refuse_word("the test scene", name, scenes, error);
}

static bool parse_value(VdTestUri *test, gsize i, const char *text, GError **error)
{
    gint64 value;

    if (!g_ascii_string_to_signed(text, 10, parameters[i].min, parameters[i].max, &value, NULL)) {
        g_autofree char *wrong = vd_shown(text);
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID,
                    "the parameter %s=%s is wrong: a whole number from %d to %d is allowed",
                    parameters[i].name, wrong, parameters[i].min, parameters[i].max);
        return false;
    }
    *field(test, i) = (int)value;
    return true;
}

static bool refuse_parameter(const char *name, GError **error)
{
    const char *names[G_N_ELEMENTS(parameters) + 1] = {NULL};

    for (gsize i = 0; i < G_N_ELEMENTS(parameters); i++)
        names[i] = parameters[i].name;
    return refuse_word("the parameter", name, names, error);
}

static bool parse_parameter(VdTestUri *test, const char *text, guint *seen, GError **error)
{
    gsize length = strcspn(text, "=");
    g_autofree char *name = g_strndup(text, length);

    for (gsize i = 0; i < G_N_ELEMENTS(parameters); i++) {
        if (!g_str_equal(parameters[i].name, name))
            continue;
        if (*seen & 1U << i) {
            g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "the parameter %s= is given twice",
                        name);
            return false;
        }
        *seen |= 1U << i;
        return parse_value(test, i, text[length] == '=' ? text + length + 1 : "", error);
    }
    return refuse_parameter(name, error);
}

/* One error that says both. one: (transfer full) (nullable) */
static void add_error(GError **all, GError *one)
{
    if (one == NULL)
        return;
    if (*all == NULL) {
        *all = one;
        return;
    }
    g_autofree char *first = g_steal_pointer(&(*all)->message);
    (*all)->message = g_strconcat(first, "; ", one->message, NULL);
    g_error_free(one);
}

/* uri: behind "test:". (transfer full) NULL: nothing is wrong. */
static GError *parse_all(const char *uri, VdTestUri *test)
{
    gsize length = strcspn(uri, "?");
    g_autofree char *name = g_strndup(uri, length);
    g_auto(GStrv) given = g_strsplit(uri[length] == '?' ? uri + length + 1 : "", "&", -1);
    GError *all = NULL;
    guint seen = 0;

    parse_scene(name, &test->scene, &all);
    for (guint i = 0, wrong = 0; given[i] != NULL && wrong < MOST_ERRORS; i++) {
        GError *error = NULL;
        wrong += !parse_parameter(test, given[i], &seen, &error);
        add_error(&all, error);
    }
    return all;
}

bool vd_test_uri_parse(const char *uri, VdTestUri *test, GError **error)
{
    const char *prefix = "test:";
    VdTestUri made = {0};

    if (g_ascii_strncasecmp(uri, prefix, strlen(prefix)) != 0) {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "a test scene begins with \"test:\"");
        return false;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(parameters); i++)
        *field(&made, i) = parameters[i].preset;
    GError *wrong = parse_all(uri + strlen(prefix), &made);
    if (wrong != NULL) {
        g_propagate_error(error, wrong);
        return false;
    }
    *test = made;
    return true;
}

const char *vd_test_scene_name(VdTestScene scene)
{
    return scenes[scene];
}
