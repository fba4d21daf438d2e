#include "base/limits.h"
#include "config/json.h"
#include "config/schema.h"
#include "config/value.h"
#include "texts.h"

#include <gio/gio.h>

#include <stdlib.h>

/* --- help ------------------------------------------------------------------------------------- */

static char *text_of(json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    char *copy = g_strdup(text);

    free(text);
    json_decref(json);
    return copy;
}

static json_t *property(const json_t *schema, const char *name)
{
    json_t *one = json_object_get(json_object_get(schema, "properties"), name);

    g_assert_nonnull(one);
    return one;
}

static void check_property(const json_t *schema, const char *name, const char *expected)
{
    json_t *copy = json_copy(property(schema, name));

    json_object_del(copy, "description");
    g_autofree char *text = text_of(copy);
    g_assert_cmpstr(text, ==, expected);
}

/* --- values ----------------------------------------------------------------------------------- */

static void every_option_is_a_member_of_its_type(void)
{
    g_autoptr(VdConfig) config =
        texts_config("[camera a]\nuri=rtsp://joe:geheim@h/x\npassword=geheim\nloop=no\n"
                     "stream-fps=5\ntransport=udp\nmasks=0.1,0 1,0 1,0.00002\nname=\"\\\\\n"
                     "zones=a min-size=0.5% min-ms=0: 0,0 1,0 1,1; b ignore: 0,0 1,0 0,1\n");
    g_autofree char *text = text_of(vd_camera_config_json(config->cameras->pdata[0]));
    static const char *const parts[] = {
        "{\"uri\":\"rtsp://***@h/x\",\"analysis_uri\":\"\",",
        "\"user\":\"\",\"password\":\"***\"",
        "\"loop\":false",
        "\"stream_fps\":5,",
        "\"transport\":\"udp\"",
        "\"name\":\"\\\"\\\\\"",
        "\"masks\":[[[0.1,0.0],[1.0,0.0],[1.0,2e-5]]]",
        "\"zones\":{\"a\":{\"points\":[[0.0,0.0],[1.0,0.0],[1.0,1.0]],\"ignore\":false,",
        "\"min_size\":0.5,\"min_ms\":0},\"b\":{\"points\":[[0.0,0.0],[1.0,0.0],[0.0,1.0]],",
        "\"ignore\":true,\"min_size\":0.0,\"min_ms\":null}}",
    };

    g_test_message("%s", text);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        g_assert_nonnull(strstr(text, parts[i]));
    g_assert_null(strstr(text, "geheim"));
}

/* Whatever is shown is taken again, but for what is hidden. */
static void values_survive_the_way_there_and_back(void)
{
    g_autoptr(VdConfig) config = texts_config(
        "[camera a]\nuri=rtsp://h/x\nloop=no\nlatency-ms=-1\nname=A b\nenabled=no\n"
        "masks=0.1,0 1,0 1,0.33333;0,0 0.99998,1 0.5,0.00002\ngpu=require\ntls=any\n"
        "zones=b-1 min-size=0.07%: 0,0 1,0 1,0.33333; a: 0,0 1,0 1,1; c ignore: 0,0 1,0 1,1\n");
    const VdCameraConfig *camera = config->cameras->pdata[0];
    g_autoptr(VdCameraConfig) again = vd_camera_config_new("a", "test:quiet", NULL);
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        if (!g_str_equal(options[i].group, "camera"))
            continue;
        g_autoptr(json_t) json = vd_option_json(&options[i], camera);
        g_autoptr(GError) error = NULL;
        g_autofree char *text = vd_option_text_of_json(&options[i], json, &error);

        g_assert_no_error(error);
        g_assert_true(vd_option_set(&options[i], again, text, &error));
    }
    g_assert_cmpint(vd_camera_config_compare(camera, again), ==, VD_APPLY_NOTHING);
}

static void every_coordinate_survives(void)
{
    const VdOption *masks = vd_option_find("camera", "masks");
    g_autoptr(VdCameraConfig) camera = vd_camera_config_new("a", "test:quiet", NULL);
    g_autoptr(VdCameraConfig) again = vd_camera_config_new("a", "test:quiet", NULL);

    g_assert_true(vd_option_set(masks, camera, "0,0 1,0 1,1", NULL));
    for (int x = 1; x <= 65536; x += 5) {
        camera->masks[0].points[1].x = x;
        g_autoptr(json_t) json = vd_option_json(masks, camera);
        g_autofree char *text = vd_option_text_of_json(masks, json, NULL);
        g_assert_true(vd_option_set(masks, again, text, NULL));
        g_assert_true(vd_option_equal(masks, camera, again));
    }
}

static void every_value_tells_where_it_comes_from(void)
{
    g_autoptr(VdConfig) base =
        texts_config("[defaults]\nstream-fps=7\n[camera a]\nuri=test:quiet\n");
    g_autoptr(VdChanges) changes = texts_changes("[camera a]\nloop=no\n");
    g_autoptr(VdConfig) config = vd_config_with(base, changes, NULL);
    g_autofree char *text = text_of(vd_camera_config_origins_json(config->cameras->pdata[0]));
    static const char *const parts[] = {
        "{\"uri\":{\"from\":\"camera\",\"file\":\"x.conf\",\"line\":4},",
        "\"stream_fps\":{\"from\":\"defaults\",\"file\":\"x.conf\",\"line\":2}",
        "\"loop\":{\"from\":\"api\"}",
        "\"annotate\":{\"from\":\"preset\"}",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        g_assert_nonnull(strstr(text, parts[i]));
}

/* --- the schema ------------------------------------------------------------------------------- */

static void the_schema_says_what_the_table_says(void)
{
    g_autoptr(json_t) schema = vd_options_schema();

    g_assert_cmpstr(json_string_value(json_object_get(schema, "$schema")), ==,
                    "https://json-schema.org/draft/2020-12/schema");
    check_property(schema, "stream_fps",
                   "{\"type\":\"integer\",\"minimum\":1,\"maximum\":60,\"default\":15,"
                   "\"x-applies\":\"live\",\"x-unit\":\"frames/s\"}");
    check_property(schema, "loop",
                   "{\"type\":\"boolean\",\"default\":true,\"x-applies\":\"reconnect\"}");
    check_property(schema, "transport",
                   "{\"type\":\"string\",\"default\":\"auto\",\"x-applies\":\"reconnect\","
                   "\"enum\":[\"auto\",\"tcp\",\"udp\"]}");
    check_property(schema, "password",
                   "{\"type\":\"string\",\"default\":\"\",\"x-applies\":\"reconnect\","
                   "\"writeOnly\":true}");
    check_property(schema, "analysis_width",
                   "{\"type\":\"integer\",\"minimum\":64,\"maximum\":1920,\"default\":480,"
                   "\"x-applies\":\"analysis\",\"x-unit\":\"pixels\"}");
    check_property(
        schema, "masks",
        "{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":\"array\","
        "\"items\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},\"minItems\":2,"
        "\"maxItems\":2},\"minItems\":3,\"maxItems\":64},\"maxItems\":16,\"default\":[],"
        "\"x-applies\":\"live\"}");
    g_assert_cmpint(json_integer_value(json_object_get(property(schema, "zones"), "maxProperties")),
                    ==, VD_MAX_ZONES);
}

static void the_schema_has_every_option_with_its_help(void)
{
    g_autoptr(json_t) schema = vd_options_schema();
    guint count, cameras = 0;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        if (!g_str_equal(options[i].group, "camera"))
            continue;
        g_autofree char *member = vd_option_member(&options[i]);
        g_assert_cmpstr(json_string_value(json_object_get(property(schema, member), "description")),
                        ==, options[i].help);
        g_assert_true(vd_option_of_member(member) == &options[i]);
        cameras++;
    }
    /* and the id */
    g_assert_cmpuint(json_object_size(json_object_get(schema, "properties")), ==, cameras + 1);
    g_assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
}

/* Somebody else's reader of schemas, where there is one. */
static void the_schema_is_one_and_takes_what_is_shown(void)
{
    static const char script[] =
        "import json, sys, jsonschema\n"
        "schema, good = json.load(sys.stdin)\n"
        "check = jsonschema.Draft202012Validator\n"
        "check.check_schema(schema)\n"
        "check(schema).validate(good)\n"
        "for name, bad in (('stream_fps', 61), ('stream_fps', '5'), ('x', 1), ('id', 'A'),\n"
        "                  ('masks', [[[0, 0], [1, 0]]]), ('masks', [[[0, 0], [1, 0], [1, 2]]]),\n"
        "                  ('zones', []), ('zones', {'A': good['zones']['a']}),\n"
        "                  ('zones', {'a': {'ignore': True}}),\n"
        "                  ('zones', {'a': {**good['zones']['a'], 'min_size': 101}}),\n"
        "                  ('zones', {'a': {**good['zones']['a'], 'min_ms': 0.5}}),\n"
        "                  ('zones', {'a': {**good['zones']['a'], 'more': 1}}),\n"
        "                  ('transport', 'tpc')):\n"
        "    assert not check(schema).is_valid({**good, name: bad}), name\n";
    g_autoptr(VdConfig) config =
        texts_config("[camera a]\nuri=test:quiet\nmasks=0,0 1,0 1,1;0,0 0.3,0.1 0,1\n"
                     "zones=a min-size=0.5%: 0,0 1,0 1,1; b ignore: 0,0 1,0 0,1\n");
    g_autofree char *input = text_of(
        json_pack("[o,o]", vd_options_schema(), vd_camera_config_json(config->cameras->pdata[0])));
    const char *has[] = {"python3", "-c", "import jsonschema", NULL};
    const char *command[] = {"python3", "-c", script, NULL};
    g_autoptr(GError) error = NULL;
    int status = 1;

    if (!g_spawn_sync(NULL, (char **)has, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                      NULL, NULL, NULL, NULL, &status, NULL) ||
        status != 0) {
        g_test_skip("no jsonschema of Python");
        return;
    }
    g_autoptr(GSubprocess) python =
        g_subprocess_newv(command, G_SUBPROCESS_FLAGS_STDIN_PIPE, &error);
    g_assert_no_error(error);
    g_assert_true(g_subprocess_communicate_utf8(python, input, NULL, NULL, NULL, &error));
    g_assert_cmpint(g_subprocess_get_exit_status(python), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/json/" #name, name)
    ADD(every_option_is_a_member_of_its_type);
    ADD(values_survive_the_way_there_and_back);
    ADD(every_coordinate_survives);
    ADD(every_value_tells_where_it_comes_from);
    ADD(the_schema_says_what_the_table_says);
    ADD(the_schema_has_every_option_with_its_help);
    ADD(the_schema_is_one_and_takes_what_is_shown);
    return g_test_run();
}
