#include "base/error.h"
#include "base/limits.h"
#include "config/edit.h"
#include "config/etag.h"
#include "config/json.h"
#include "texts.h"

#include <glib/gstdio.h>

/* --- help: a configuration that operations change one after the other ----------------------- */

#define FILES                                                                                 \
    "[defaults]\nstream-fps=7\n"                                                              \
    "[camera front]\nuri=rtsp://joe:geheim@h/x\nuser=joe\npassword=geheim\njpeg-quality=50\n" \
    "[camera yard]\nuri=test:moving\n"

typedef struct Setup {
    VdConfig *base, *config;
    VdChanges *changes;
    GPtrArray *errors;
    json_t *plan; /* of the newest operation */
} Setup;

static void set_up_with(Setup *setup, const char *files)
{
    setup->base = texts_config(files);
    setup->changes = vd_changes_new();
    setup->config = vd_config_with(setup->base, setup->changes, NULL);
    setup->errors = texts_errors();
}

static void set_up(Setup *setup, gconstpointer unused)
{
    set_up_with(setup, FILES);
}

static void tear_down(Setup *setup, gconstpointer unused)
{
    vd_config_free(setup->base);
    vd_config_free(setup->config);
    vd_changes_unref(setup->changes);
    g_ptr_array_unref(setup->errors);
    json_decref(setup->plan);
}

static void set_up_again(Setup *setup, const char *files)
{
    tear_down(setup, NULL);
    *setup = (Setup){0};
    set_up_with(setup, files);
}

/* What was made holds from now on, and is what a restart would find. */
static void take(Setup *setup, VdEdit *edit)
{
    g_autofree char *text = vd_changes_text(edit->changes, NULL);
    g_autoptr(VdChanges) read = texts_changes(text);
    g_autoptr(GPtrArray) warnings = texts_errors();
    g_autoptr(VdConfig) started = vd_config_with(setup->base, read, warnings);

    g_assert_cmpuint(warnings->len, ==, 0);
    g_assert_cmpuint(started->cameras->len, ==, edit->config->cameras->len);
    for (guint i = 0; i < started->cameras->len; i++)
        g_assert_cmpint(
            vd_camera_config_compare(started->cameras->pdata[i], edit->config->cameras->pdata[i]),
            ==, VD_APPLY_NOTHING);
    vd_config_free(setup->config);
    setup->config = g_steal_pointer(&edit->config);
    vd_changes_unref(setup->changes);
    setup->changes = g_steal_pointer(&edit->changes);
    json_decref(setup->plan);
    setup->plan = g_steal_pointer(&edit->plan);
}

typedef enum Verb { CREATE, REPLACE, PATCH, DELETE } Verb;

static VdEdit *edit(Setup *setup, Verb verb, const char *id, const char *json, GError **error)
{
    VdEditBase on = {setup->base, setup->changes, setup->config};
    g_autoptr(GBytes) bytes = g_bytes_new(json, strlen(json));

    g_ptr_array_set_size(setup->errors, 0);
    switch (verb) {
    case CREATE:
        return vd_edit_create(&on, bytes, setup->errors, error);
    case REPLACE:
        return vd_edit_replace(&on, id, bytes, setup->errors, error);
    case PATCH:
        return vd_edit_patch(&on, id, bytes, setup->errors, error);
    default:
        return vd_edit_delete(&on, id, error);
    }
}

static void done(Setup *setup, Verb verb, const char *id, const char *json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VdEdit) made = edit(setup, verb, id, json, &error);
    g_autofree char *errors = texts_of_errors(setup->errors);

    g_assert_cmpstr(errors, ==, "");
    g_assert_no_error(error);
    g_assert_cmpstr(made->id, ==, id);
    take(setup, made);
}

/* What is said of the members, behind the code of the whole. */
static void refused(Setup *setup, Verb verb, const char *id, const char *json, VdErrorCode code,
                    const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VdEdit) made = edit(setup, verb, id, json, &error);
    g_autofree char *errors = texts_of_errors(setup->errors);

    g_test_message("%s", json);
    g_assert_null(made);
    g_assert_error(error, VD_ERROR, (int)code);
    const char *said = setup->errors->len > 0 ? errors : error->message;
    if (g_str_has_prefix(said, "line 1, column ")) /* the library counts them */
        said = strstr(said, "of the document");
    g_assert_cmpstr(said, ==, expected);
    g_assert_null(strstr(errors, "geheim"));
    g_assert_null(strstr(error->message, "geheim"));
}

static void has_changes(const Setup *setup, const char *expected)
{
    g_autofree char *text = vd_changes_text(setup->changes, NULL);
    const char *behind_head = strchr(text, '\n') + 1;

    g_assert_cmpstr(behind_head, ==, expected);
}

static void has(const Setup *setup, const char *id, const char *option, const char *expected)
{
    g_autofree char *text = texts_option(setup->config, id, option);

    g_assert_cmpstr(text, ==, expected);
}

static void plan_is(const Setup *setup, const char *expected)
{
    g_autofree char *text = json_dumps(setup->plan, JSON_COMPACT | JSON_REAL_PRECISION(9));

    g_assert_cmpstr(text, ==, expected);
}

/* --- patches ---------------------------------------------------------------------------------- */

static void a_patch_changes_what_it_names(Setup *setup, gconstpointer unused)
{
    done(setup, PATCH, "front", "{\"stream_fps\":5,\"name\":\"Front door\",\"loop\":false}");
    has(setup, "front", "stream-fps", "5");
    has(setup, "front", "name", "Front door");
    has(setup, "front", "loop", "false");
    has(setup, "front", "jpeg-quality", "50");
    has_changes(setup, "\n[camera front]\nloop=false\nname=Front door\nstream-fps=5\n");
    done(setup, PATCH, "front", "{\"stream_fps\":6}");
    has_changes(setup, "\n[camera front]\nloop=false\nname=Front door\nstream-fps=6\n");
}

static void null_takes_the_change_back(Setup *setup, gconstpointer unused)
{
    done(setup, PATCH, "front", "{\"stream_fps\":5,\"jpeg_quality\":60,\"name\":\"x\"}");
    done(setup, PATCH, "front", "{\"stream_fps\":null,\"jpeg_quality\":null,\"annotate\":null}");
    has(setup, "front", "stream-fps", "7");
    has(setup, "front", "jpeg-quality", "50");
    has_changes(setup, "\n[camera front]\nname=x\n");
    done(setup, PATCH, "front", "{\"name\":null}");
    has(setup, "front", "name", "front");
    has_changes(setup, "");
}

static void what_is_shown_already_is_no_change(Setup *setup, gconstpointer unused)
{
    json_t *shown = vd_camera_config_json(vd_config_find(setup->config, "front"));
    g_autofree char *text = json_dumps(shown, 0);

    g_assert_nonnull(strstr(text, "\"rtsp://***@h/x\""));
    g_assert_null(strstr(text, "geheim"));
    done(setup, PATCH, "front", text);
    has_changes(setup, "");
    done(setup, REPLACE, "front", text);
    has_changes(setup, "");
    plan_is(setup, "{\"changed\":[],\"applies\":\"nothing\"}");
    json_decref(shown);
}

static void a_hidden_value_stays_what_it_is(Setup *setup, gconstpointer unused)
{
    done(setup, PATCH, "front", "{\"password\":\"neu\",\"uri\":\"rtsp://a:b@h/y\"}");
    done(setup, REPLACE, "front",
         "{\"password\":\"***\",\"uri\":\"rtsp://***@h/y\",\"user\":\"***\",\"loop\":false}");
    has(setup, "front", "password", "neu");
    has(setup, "front", "user", "joe");
    has_changes(setup, "\n[camera front]\nloop=false\npassword=neu\nuri=rtsp://a:b@h/y\n");
    refused(setup, PATCH, "front", "{\"uri\":\"rtsp://***@other/y\"}", VD_ERROR_INVALID,
            "uri: write out what is hidden as ***: it is only known of the whole URI as it is "
            "shown now");
    refused(setup, PATCH, "yard", "{\"password\":\"***\"}", VD_ERROR_INVALID,
            "password: *** stands for a value that is set, and none is");
}

static void masks_are_arrays_of_points(Setup *setup, gconstpointer unused)
{
    static const char document[] =
        "{\"masks\":[[[0,0],[0.4,0],[0.4,1]],[[1,1],[0.33333,1],[1,0]]]}";

    done(setup, PATCH, "front", document);
    has(setup, "front", "masks", "0,0 0.4,0 0.4,1; 1,1 0.33333,1 1,0");
    done(setup, PATCH, "front", document);
    plan_is(setup, "{\"changed\":[],\"applies\":\"nothing\"}");
    done(setup, PATCH, "front", "{\"masks\":[]}");
    has(setup, "front", "masks", "");
    plan_is(setup, "{\"changed\":[{\"option\":\"masks\",\"from\":[[[0.0,0.0],[0.4,0.0],[0.4,1.0]],"
                   "[[1.0,1.0],[0.33333,1.0],[1.0,0.0]]],\"to\":[],\"applies\":\"live\"}],"
                   "\"applies\":\"live\"}");
}

static void a_password_and_its_file_drop_each_other(Setup *setup, gconstpointer unused)
{
    g_autofree char *folder = g_dir_make_tmp("vedette-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "front", NULL);

    g_assert_true(g_file_set_contents(file, "kept", -1, NULL));
    g_setenv("CREDENTIALS_DIRECTORY", folder, TRUE);
    done(setup, PATCH, "front", "{\"password\":\"neu\"}");
    done(setup, PATCH, "front", "{\"password_file\":\"front\"}");
    has(setup, "front", "password", "kept");
    has_changes(setup, "\n[camera front]\npassword-file=front\n");
    done(setup, PATCH, "front", "{\"password\":\"neu\"}");
    has(setup, "front", "password-file", "");
    has_changes(setup, "\n[camera front]\npassword=neu\n");
    done(setup, PATCH, "front", "{\"password\":\"\"}");
    has(setup, "front", "password", "");
    done(setup, PATCH, "front", "{\"password\":null}");
    has(setup, "front", "password", "geheim");
    refused(setup, PATCH, "front", "{\"password\":\"x\",\"password_file\":\"front\"}",
            VD_ERROR_INVALID, "password_file: only one of password and password_file is allowed");
    g_unsetenv("CREDENTIALS_DIRECTORY");
    g_assert_true(g_remove(file) == 0 && g_rmdir(folder) == 0);
}

/* Nothing is read at the path: whoever wrote the files has named it. */
static void a_file_of_authorities_that_the_files_name_may_be_taken(Setup *setup,
                                                                   gconstpointer unused)
{
    VdCameraConfig *yard = (VdCameraConfig *)vd_config_find(setup->base, "yard");

    yard->tls_ca_file = g_strdup("/nonexistent/ca.pem");
    done(setup, PATCH, "front", "{\"tls_ca_file\":\"/nonexistent/ca.pem\"}");
    has(setup, "front", "tls-ca-file", "/nonexistent/ca.pem");
    done(setup, PATCH, "front", "{\"tls_ca_file\":\"\"}");
    has(setup, "front", "tls-ca-file", "");
}

static void paths_that_no_file_names_are_refused(Setup *setup, gconstpointer unused)
{
    refused(setup, PATCH, "front",
            "{\"tls_ca_file\":\"/etc/hosts\",\"password_file\":\"/etc/hosts\"}", VD_ERROR_INVALID,
            "tls_ca_file: allowed are paths that a file of the configuration names as tls-ca-file "
            "already\npassword_file: allowed are the names of systemd credentials, and paths that "
            "a file of the configuration names as password-file already");
}

/* --- what is wrong ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct { const char *json, *errors; } wrongs[] = {
    {"{\"stream_fps\":\"5\"}", "stream_fps: a whole number is wanted, without quotes: allowed are 1 to 60 (frames/s)"},
    {"{\"stream_fps\":5.0}", "stream_fps: a whole number is wanted, without quotes: allowed are 1 to 60 (frames/s)"},
    {"{\"stream_fps\":61}", "stream_fps: '61' is out of range: allowed are 1 to 60 (frames/s)"},
    {"{\"stream_fps\":9223372036854775807}", "stream_fps: '9223372036854775807' is out of range: allowed are 1 to 60 (frames/s)"},
    {"{\"stream_fps\":-1}", "stream_fps: '-1' is out of range: allowed are 1 to 60 (frames/s)"},
    {"{\"stream_fps\":{\"a\":1}}", "stream_fps: a whole number is wanted, without quotes: allowed are 1 to 60 (frames/s)"},
    {"{\"loop\":1}", "loop: true or false is wanted, without quotes"},
    {"{\"loop\":\"true\"}", "loop: true or false is wanted, without quotes"},
    {"{\"name\":5}", "name: a text is wanted"},
    {"{\"name\":\"a\\nb\"}", "name: control characters are not allowed in a name"},
    {"{\"transport\":\"tpc\"}", "transport: 'tpc' is unknown (did you mean 'tcp'?): allowed are auto, tcp, udp"},
    {"{\"transport\":2}", "transport: a text is wanted: allowed are auto, tcp, udp"},
    {"{\"gpu\":\"\"}", "gpu: the text is empty: null gives the option back what it is without this API"},
    {"{\"uri\":\"\"}", "uri: the value is empty"},
    {"{\"uri\":\"rstp://joe:geheim@h/\"}", "uri: unknown scheme 'rstp' (did you mean 'rtsp'?); allowed are rtsp, rtsps, http, https, file, v4l2, test and absolute paths"},
    {"{\"masks\":\"0,0 1,0 1,1\"}", "masks: an array of polygons is wanted, each an array of points [x, y]"},
    {"{\"masks\":[[[0,0],[1,0],[1,1.5]]]}", "masks: polygon 1, point 3 is wrong: a point is [x, y] with both from 0 to 1"},
    {"{\"masks\":[[[0,0],[1,0],[1,1]],[[0,0],[1,\"0\"],[1,1]]]}", "masks: polygon 2, point 2 is wrong: a point is [x, y] with both from 0 to 1"},
    {"{\"masks\":[[[0,0],[1,0,1],[1,1]]]}", "masks: polygon 1, point 2 is wrong: a point is [x, y] with both from 0 to 1"},
    {"{\"masks\":[[0,0,1]]}", "masks: polygon 1, point 1 is wrong: a point is [x, y] with both from 0 to 1"},
    {"{\"masks\":[{}]}", "masks: polygon 1 is wrong: a polygon is an array of 3 to 64 points [x, y]"},
    {"{\"masks\":[[[0,0],[1,0]]]}", "masks: polygon 1 has too few points: 3 to 64 are allowed"},
    {"{\"masks\":[[[-0.0,0],[0.5,0.5],[1,1]]]}", "masks: the points of polygon 1 lie on one line: nothing is inside"},
    {"{\"stream-fps\":5}", "stream-fps: 'stream-fps' is no option; did you mean stream_fps?"},
    {"{\"steam_fps\":5}", "steam_fps: 'steam_fps' is no option; did you mean stream_fps?"},
    {"{\"listen\":\"x\"}", "listen: 'listen' is no option; the schema has them all"},
    {"{\"rtsp://joe:geheim@h\":1}", "'rtsp://***@h' is no option; the schema has them all"},
    {"{\"deleted\":true}", "deleted: 'deleted' is no option; the schema has them all"},
    {"{\"id\":\"other\"}", "id: a camera's id cannot be changed: it is in its addresses"},
    {"{\"id\":null}", "id: a camera's id cannot be changed: it is in its addresses"},
    {"{\"loop\":1,\"fps\":2,\"name\":3}", "loop: true or false is wanted, without quotes\nfps: 'fps' is no option; did you mean file_fps?\nname: a text is wanted"},
    {"", "of the document: it ends too early"},
    {"[]", "the document is wrong: an object is wanted, as in {\"stream_fps\": 5}"},
    {"null", "the document is wrong: an object is wanted, as in {\"stream_fps\": 5}"},
    {"{\"stream_fps\":5", "of the document: it ends too early"},
    {"{\"stream_fps\":5} x", "of the document: something stands behind its end"},
    {"{\"loop\":true,\"loop\":false}", "of the document: a member is given twice"},
    {"{\"name\":\"a\\u0000b\"}", "of the document: \\u0000 is not allowed in a text"},
    {"{\"na\\u0000me\":1}", "of the document: \\u0000 is not allowed in a text"},
    {"{\"name\":\"\xff\"}", "of the document: it is not valid UTF-8"},
    {"{\"stream_fps\":99999999999999999999}", "of the document: a number is too large"},
    {"{\"stream_fps\":1e999}", "of the document: a number is too large"},
    {"{\"password\":\"geheim}", "of the document: it ends too early"},
    {"{password:geheim}", "of the document: this is not JSON"},
};
/* clang-format on */

static void every_wrong_member_is_told_and_nothing_applied(Setup *setup, gconstpointer unused)
{
    for (gsize i = 0; i < G_N_ELEMENTS(wrongs); i++) {
        refused(setup, PATCH, "front", wrongs[i].json, VD_ERROR_INVALID, wrongs[i].errors);
        refused(setup, REPLACE, "front", wrongs[i].json, VD_ERROR_INVALID, wrongs[i].errors);
    }
    has_changes(setup, "");
}

static void nesting_and_size_have_limits(Setup *setup, gconstpointer unused)
{
    g_autofree char *open = texts_repeat("[", 5000);
    g_autofree char *deep = g_strconcat("{\"masks\":", open, NULL);
    g_autofree char *blanks = texts_repeat(" ", VD_MAX_JSON - 2);
    g_autofree char *full = g_strconcat("{}", blanks, NULL);
    g_autofree char *over = g_strconcat("{} ", blanks, NULL);

    refused(setup, PATCH, "front", deep, VD_ERROR_INVALID,
            "of the document: it is nested too deep");
    done(setup, PATCH, "front", full);
    refused(setup, PATCH, "front", over, VD_ERROR_LIMIT,
            "the document is too long: 65536 bytes are allowed");
}

static void errors_have_a_limit(Setup *setup, gconstpointer unused)
{
    g_autoptr(GString) json = g_string_new("{");
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < VD_MAX_JSON_ERRORS + 5; i++)
        g_string_append_printf(json, "%s\"x%d\":1", i > 0 ? "," : "", i);
    g_string_append_c(json, '}');
    g_assert_null(edit(setup, PATCH, "front", json->str, &error));
    g_assert_cmpuint(setup->errors->len, ==, VD_MAX_JSON_ERRORS + 1);
    const VdConfigError *last = setup->errors->pdata[VD_MAX_JSON_ERRORS];
    g_assert_cmpstr(last->message, ==, "there is more: the rest is left out");
}

/* --- cameras come and go ---------------------------------------------------------------------- */

static void a_camera_is_made_and_removed(Setup *setup, gconstpointer unused)
{
    done(setup, CREATE, "side", "{\"id\":\"side\",\"uri\":\"/srv/x.mp4\",\"name\":\"Side\"}");
    plan_is(setup, "{\"changed\":[],\"applies\":\"added\"}");
    has(setup, "side", "stream-fps", "7");
    has_changes(setup, "\n[camera side]\nname=Side\nuri=file:///srv/x.mp4\n");
    refused(setup, PATCH, "side", "{\"uri\":null}", VD_ERROR_INVALID,
            "uri: missing: every camera needs it, as in \"rtsp://192.0.2.10/stream\"");
    done(setup, DELETE, "side", "");
    plan_is(setup, "{\"changed\":[],\"applies\":\"removed\"}");
    has_changes(setup, "");
    g_assert_null(vd_config_find(setup->config, "side"));
}

static void what_is_missing_or_there_already_is_told(Setup *setup, gconstpointer unused)
{
    static const char id[] = "id: a camera's id has 1 to 63 letters a-z, digits and -, and does "
                             "not begin with -";

    refused(setup, CREATE, NULL, "{\"id\":\"front\",\"uri\":\"/x\"}", VD_ERROR_CONFLICT,
            "there is a camera 'front' already");
    refused(setup, CREATE, NULL, "{\"uri\":\"/x\",\"loop\":1}", VD_ERROR_INVALID,
            "id: missing: the camera's id is wanted, a text\n"
            "loop: true or false is wanted, without quotes");
    refused(setup, CREATE, NULL, "{\"id\":\"A\",\"uri\":\"/x\"}", VD_ERROR_INVALID, id);
    refused(setup, CREATE, NULL, "{\"id\":\"\",\"uri\":\"/x\"}", VD_ERROR_INVALID, id);
    refused(setup, CREATE, NULL, "{\"id\":\"a\"}", VD_ERROR_INVALID,
            "uri: missing: every camera needs it, as in \"rtsp://192.0.2.10/stream\"");
    refused(setup, PATCH, "attic", "{}", VD_ERROR_NOT_FOUND, "there is no camera 'attic'");
    refused(setup, REPLACE, "attic", "{}", VD_ERROR_NOT_FOUND, "there is no camera 'attic'");
    refused(setup, DELETE, "attic", "", VD_ERROR_NOT_FOUND, "there is no camera 'attic'");
}

static void a_camera_of_the_files_is_hidden_and_comes_back(Setup *setup, gconstpointer unused)
{
    done(setup, PATCH, "front", "{\"stream_fps\":5}");
    done(setup, DELETE, "front", "");
    has_changes(setup, "\n[camera front]\ndeleted=true\n");
    refused(setup, PATCH, "front", "{}", VD_ERROR_NOT_FOUND, "there is no camera 'front'");
    refused(setup, DELETE, "front", "", VD_ERROR_NOT_FOUND, "there is no camera 'front'");
    done(setup, REPLACE, "front", "{\"loop\":false}");
    plan_is(setup, "{\"changed\":[],\"applies\":\"added\"}");
    has(setup, "front", "password", "geheim");
    has_changes(setup, "\n[camera front]\nloop=false\n");
}

static void a_new_camera_inherits_nothing_from_a_deleted_one(Setup *setup, gconstpointer unused)
{
    done(setup, DELETE, "front", "");
    refused(setup, CREATE, NULL, "{\"id\":\"front\"}", VD_ERROR_INVALID,
            "uri: missing: every camera needs it, as in \"rtsp://192.0.2.10/stream\"");
    done(setup, CREATE, "front", "{\"id\":\"front\",\"uri\":\"test:quiet\"}");
    has(setup, "front", "password", "");
    has(setup, "front", "jpeg-quality", "75");
    done(setup, REPLACE, "front", "{\"uri\":\"test:light\"}");
    has_changes(setup, "\n[camera front]\ndeleted=true\nuri=test:light\n");
    done(setup, DELETE, "front", "");
    has_changes(setup, "\n[camera front]\ndeleted=true\n");
}

static void one_camera_too_many_is_refused(Setup *setup, gconstpointer unused)
{
    g_autoptr(GString) files = g_string_new(NULL);

    for (int i = 0; i < VD_MAX_CAMERAS - 1; i++)
        g_string_append_printf(files, "[camera c%d]\nuri=test:quiet\n", i);
    set_up_again(setup, files->str);
    done(setup, CREATE, "a", "{\"id\":\"a\",\"uri\":\"test:quiet\"}");
    refused(setup, CREATE, NULL, "{\"id\":\"b\",\"uri\":\"test:quiet\"}", VD_ERROR_LIMIT,
            "too many cameras: 512 are allowed");
    done(setup, DELETE, "c0", "");
    done(setup, CREATE, "b", "{\"id\":\"b\",\"uri\":\"test:quiet\"}");
    refused(setup, REPLACE, "c0", "{}", VD_ERROR_LIMIT, "too many cameras: 512 are allowed");
}

static void other_cameras_are_left_alone(Setup *setup, gconstpointer unused)
{
    const VdCameraConfig *yard = vd_config_find(setup->config, "yard");

    done(setup, PATCH, "front", "{\"stream_fps\":5}");
    done(setup, CREATE, "side", "{\"id\":\"side\",\"uri\":\"test:quiet\"}");
    done(setup, DELETE, "front", "");
    g_assert_true(vd_config_find(setup->config, "yard") == yard);
}

/* --- plans and marks -------------------------------------------------------------------------- */

static void the_plan_tells_how_each_change_takes_effect(Setup *setup, gconstpointer unused)
{
    done(setup, PATCH, "front",
         "{\"motion_threshold\":20,\"analysis_width\":640,\"transport\":\"tcp\",\"password\":"
         "\"a\"}");
    plan_is(setup,
            "{\"changed\":["
            "{\"option\":\"password\",\"from\":\"***\",\"to\":\"***\",\"applies\":\"reconnect\"},"
            "{\"option\":\"transport\",\"from\":\"auto\",\"to\":\"tcp\",\"applies\":\"reconnect\"},"
            "{\"option\":\"analysis_width\",\"from\":480,\"to\":640,\"applies\":\"analysis\"},"
            "{\"option\":\"motion_threshold\",\"from\":16,\"to\":20,\"applies\":\"live\"}],"
            "\"applies\":\"reconnect\"}");
    done(setup, PATCH, "front", "{\"motion_threshold\":21,\"analysis_width\":641}");
    g_assert_cmpstr(json_string_value(json_object_get(setup->plan, "applies")), ==, "analysis");
    done(setup, PATCH, "front", "{\"show_time\":false}");
    plan_is(setup, "{\"changed\":[{\"option\":\"show_time\",\"from\":true,\"to\":false,"
                   "\"applies\":\"live\"}],\"applies\":\"live\"}");
}

static char *etag(const Setup *setup, const char *id)
{
    return vd_camera_config_etag(vd_config_find(setup->config, id));
}

static void a_mark_changes_with_the_configuration_alone(Setup *setup, gconstpointer unused)
{
    g_autofree char *first = etag(setup, "front"), *yard = etag(setup, "yard");
    done(setup, PATCH, "front", "{\"password\":\"other\"}");
    g_autofree char *second = etag(setup, "front"), *yard_again = etag(setup, "yard");
    done(setup, PATCH, "front", "{\"password\":null}");
    g_autofree char *third = etag(setup, "front");

    g_assert_cmpuint(strlen(first), ==, 32);
    g_assert_cmpuint(strspn(first, "0123456789abcdef"), ==, 32);
    g_assert_cmpstr(first, !=, second);
    g_assert_cmpstr(first, ==, third);
    g_assert_cmpstr(yard, ==, yard_again);
    g_assert_cmpstr(yard, !=, first);
}

/* (nullable) */
static VdCameraConfig *trial(Setup *setup, const char *json, GError **error)
{
    VdEditBase on = {setup->base, setup->changes, setup->config};
    g_autoptr(GBytes) bytes = json != NULL ? g_bytes_new(json, strlen(json)) : NULL;

    g_ptr_array_set_size(setup->errors, 0);
    return vd_edit_trial(&on, "(trial)", bytes, setup->errors, error);
}

static void a_trial_is_a_new_camera_that_inherits_nothing(Setup *setup, gconstpointer unused)
{
    g_autoptr(VdCameraConfig) camera = trial(
        setup, "{\"id\":\"front\",\"uri\":\"rtsp://h/x\",\"transport\":\"tcp\",\"user\":\"al\"}",
        NULL);

    g_assert_nonnull(camera);
    g_assert_cmpstr(camera->id, ==, "(trial)");
    g_assert_cmpstr(camera->uri, ==, "rtsp://h/x");
    g_assert_cmpint(camera->transport, ==, VD_TRANSPORT_TCP);
    g_assert_cmpstr(camera->user, ==, "al");
    g_assert_null(camera->password);
    g_assert_cmpint(camera->stream_fps, ==, 7);
    g_assert_cmpint(camera->jpeg_quality, ==, 75);
    g_assert_cmpuint(setup->config->cameras->len, ==, 2);
}

static void a_trial_is_judged_as_a_new_camera_is(Setup *setup, gconstpointer unused)
{
    static const struct {
        const char *json, *option;
    } wrong[] = {
        {"{}", "uri"},
        {"{\"uri\":\"\"}", "uri"},
        {"{\"uri\":\"gopher://h\"}", "uri"},
        {"{\"uri\":\"rtsp://***@h/x\"}", "uri"},
        {"{\"uri\":\"test:moving\",\"id\":\"Front Door\"}", "id"},
        {"{\"uri\":\"test:moving\",\"id\":5}", "id"},
        {"{\"uri\":\"test:moving\",\"id\":\"front\",\"password\":\"***\"}", "password"},
        {"{\"uri\":\"test:moving\",\"password_file\":\"/etc/shadow\"}", "password_file"},
        {"{\"uri\":\"test:moving\",\"tls_ca_file\":\"/etc/shadow\"}", "tls_ca_file"},
        {"{\"uri\":\"test:moving\",\"ring_seconds\":0}", "ring_seconds"},
        {"{\"uri\":\"test:moving\",\"retries\":3}", "retries"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", wrong[i].json);
        g_assert_null(trial(setup, wrong[i].json, &error));
        g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
        g_assert_cmpuint(setup->errors->len, ==, 1);
        g_assert_cmpstr(((VdConfigError *)setup->errors->pdata[0])->option, ==, wrong[i].option);
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(trial(setup, NULL, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_INVALID);
    g_assert_cmpuint(setup->errors->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add("/edit/" #name, Setup, NULL, set_up, name, tear_down)
    ADD(a_patch_changes_what_it_names);
    ADD(null_takes_the_change_back);
    ADD(what_is_shown_already_is_no_change);
    ADD(a_hidden_value_stays_what_it_is);
    ADD(masks_are_arrays_of_points);
    ADD(a_password_and_its_file_drop_each_other);
    ADD(a_file_of_authorities_that_the_files_name_may_be_taken);
    ADD(paths_that_no_file_names_are_refused);
    ADD(every_wrong_member_is_told_and_nothing_applied);
    ADD(nesting_and_size_have_limits);
    ADD(errors_have_a_limit);
    ADD(a_camera_is_made_and_removed);
    ADD(what_is_missing_or_there_already_is_told);
    ADD(a_camera_of_the_files_is_hidden_and_comes_back);
    ADD(a_new_camera_inherits_nothing_from_a_deleted_one);
    ADD(one_camera_too_many_is_refused);
    ADD(other_cameras_are_left_alone);
    ADD(the_plan_tells_how_each_change_takes_effect);
    ADD(a_mark_changes_with_the_configuration_alone);
    ADD(a_trial_is_a_new_camera_that_inherits_nothing);
    ADD(a_trial_is_judged_as_a_new_camera_is);
    return g_test_run();
}
