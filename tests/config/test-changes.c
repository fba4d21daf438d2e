#include "base/error.h"
#include "base/limits.h"
#include "config/changes-json.h"
#include "config/json.h"
#include "config/options.h"
#include "config/zones.h"
#include "texts.h"

#include <glib/gstdio.h>

/* --- help --------------------------------------------------------------------------------- */

#define FILES                                           \
    "[defaults]\nstream-fps=7\nuser=joe\n"              \
    "[camera front]\nuri=test:quiet\njpeg-quality=50\n" \
    "[camera yard]\nuri=test:moving\nname=Yard\n"

/* What is left out of these changes to FILES, one a line. */
static char *left_out(const char *files, const char *text, VdConfig **config)
{
    g_autoptr(GPtrArray) warnings = texts_errors();
    g_autoptr(VdConfig) base = texts_config(files);
    g_autoptr(VdChanges) changes = texts_changes(text);

    *config = vd_config_with(base, changes, warnings);
    return texts_of_errors(warnings);
}

static VdConfig *with(const char *files, const char *text)
{
    VdConfig *config;
    g_autofree char *warnings = left_out(files, text, &config);

    g_assert_cmpstr(warnings, ==, "");
    return config;
}

/* --- texts ------------------------------------------------------------------------------------ */

static void what_is_written_is_read_again(void)
{
    static const char *const values[] = {"",       " ",  "  a  b  ", "\\",  "a\\nb\\",
                                         "\t\n\r", "#x", "=",        "[x]", "T\xc3\xbcr"};
    g_autoptr(VdChanges) changes = vd_changes_new();

    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(GHashTable) options = vd_changes_options_new();
        g_hash_table_insert(options, g_strdup("name"), g_strdup(values[i]));
        g_autoptr(VdChanges) one = vd_changes_set(changes, "front", options);
        g_autofree char *text = vd_changes_text(one, NULL);
        g_autoptr(VdChanges) again = texts_changes(text);

        g_assert_cmpstr(g_hash_table_lookup(vd_changes_find(again, "front"), "name"), ==,
                        values[i]);
    }
}

static void texts_are_sorted_and_complete(void)
{
    g_autoptr(VdChanges) changes = texts_changes("[camera yard]\ndeleted=true\n"
                                                 "[camera front]\nstream-fps=5\nname=A\\sb\\s\n");
    g_autofree char *text = vd_changes_text(changes, NULL);

    g_assert_cmpstr(
        strchr(text, '\n'), ==,
        "\n\n[camera front]\nname=A b\\s\nstream-fps=5\n\n[camera yard]\ndeleted=true\n");
}

static void the_most_masks_fit_into_a_line(void)
{
    g_autofree char *points = texts_repeat(" 0.12345,0.54321", VD_MAX_POLYGON_POINTS - 2);
    g_autofree char *polygon = g_strconcat("0.12341,0 0.98761,0.12345", points, ";", NULL);
    g_autofree char *masks = texts_repeat(polygon, VD_MAX_POLYGONS);
    g_autoptr(GHashTable) options = vd_changes_options_new();
    g_autoptr(VdChanges) none = vd_changes_new();

    g_hash_table_insert(options, g_strdup("masks"), g_strdup(masks));
    g_autoptr(VdChanges) changes = vd_changes_set(none, "front", options);
    g_autofree char *text = vd_changes_text(changes, NULL);
    g_autoptr(VdConfig) config = with(FILES, text);
    g_assert_cmpuint(vd_config_find(config, "front")->n_masks, ==, VD_MAX_POLYGONS);
}

static void the_most_zones_fit_into_a_line(void)
{
    g_autofree char *points = texts_repeat(" 0.12345,0.54321", VD_MAX_POLYGON_POINTS - 2);
    g_autofree char *name = texts_repeat("n", VD_MAX_ID - 2);
    g_autoptr(GString) zones = g_string_new(NULL);
    g_autoptr(GHashTable) options = vd_changes_options_new();
    g_autoptr(VdChanges) none = vd_changes_new();

    for (int i = 0; i < VD_MAX_ZONES; i++)
        g_string_append_printf(
            zones, "%s%02d min-size=99.99%% min-ms=60000: 0.12341,0 0.98761,0.12345%s; ", name, i,
            points);
    g_hash_table_insert(options, g_strdup("zones"), g_strdup(zones->str));
    g_autoptr(VdChanges) changes = vd_changes_set(none, "front", options);
    g_autofree char *text = vd_changes_text(changes, NULL);
    g_autoptr(VdConfig) config = with(FILES, text);
    g_assert_cmpuint(vd_config_find(config, "front")->zones->count, ==, VD_MAX_ZONES);
}

/* clang-format off */
static const struct { const char *text, *errors; } damaged[] = {
    {"[vedette]\nlisten=x\n", "changes.conf:1: the only groups here are [camera ID]\n"
     "changes.conf:2: stands in no [camera ID]"},
    {"[camera A]\n", "changes.conf:1: the only groups here are [camera ID]"},
    {"[camera a]\n[camera a]\n", "changes.conf:2: the camera stands here twice"},
    {"[camera a]\nname=x\nname=y\n", "changes.conf:3: the option stands here twice"},
    {"[camera a]\ndeleted=no\n", "changes.conf:2: only deleted=true is allowed"},
    {"name=x\n", "changes.conf:1: stands in no [camera ID]"},
    {"[camera a]\nuri=rtsp://joe:geheim@h", ""},
    {"[camera a]\nuri", "changes.conf:2: neither [group], nor option=value, nor # comment"},
    {"[camera a]\nuri=\xff\n", "changes.conf:2: the line is not valid UTF-8"},
};
/* clang-format on */

static void damage_is_named_with_its_line(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(damaged); i++) {
        g_autoptr(GPtrArray) errors = texts_errors();
        g_autoptr(VdChanges) changes =
            vd_changes_parse(damaged[i].text, strlen(damaged[i].text), "changes.conf", errors);
        g_autofree char *lines = texts_of_errors(errors);

        g_assert_cmpstr(lines, ==, damaged[i].errors);
        g_assert_true((changes == NULL) == (errors->len > 0));
    }
}

/* --- limits: one over ------------------------------------------------------------------------- */

static VdChanges *changes_of_size(gsize size)
{
    g_autoptr(VdChanges) changes = vd_changes_new();
    g_autofree char *empty = vd_changes_text(changes, NULL);
    g_autoptr(GHashTable) options = vd_changes_options_new();

    g_hash_table_insert(options, g_strdup("x"),
                        texts_repeat("a", size - strlen(empty) - strlen("\n[camera a]\nx=\n")));
    return vd_changes_set(changes, "a", options);
}

static void one_byte_too_many_is_neither_written_nor_read(void)
{
    g_autoptr(VdChanges) full = changes_of_size(VD_MAX_CHANGES);
    g_autoptr(VdChanges) over = changes_of_size(VD_MAX_CHANGES + 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) errors = texts_errors();
    g_autofree char *text = vd_changes_text(full, NULL);
    g_autofree char *large = texts_repeat("#######\n", VD_MAX_CHANGES / 8);
    g_autofree char *larger = g_strconcat(large, "#", NULL);
    g_autoptr(VdChanges) none = texts_changes(large);

    g_assert_cmpuint(strlen(text), ==, VD_MAX_CHANGES);
    g_assert_null(vd_changes_text(over, &error));
    g_assert_error(error, VD_ERROR, VD_ERROR_LIMIT);
    g_assert_null(vd_changes_parse(larger, strlen(larger), "changes.conf", errors));
    g_autofree char *lines = texts_of_errors(errors);
    g_assert_cmpstr(lines, ==, "changes.conf: too large: 1048576 bytes are allowed");
}

static void one_camera_too_many_is_left_out(void)
{
    g_autoptr(GString) files = g_string_new(NULL);
    VdConfig *config;

    for (int i = 0; i < VD_MAX_CAMERAS - 1; i++)
        g_string_append_printf(files, "[camera c%d]\nuri=test:quiet\n", i);
    g_autofree char *warnings = left_out(
        files->str, "[camera a]\nuri=test:quiet\n[camera b]\nuri=test:quiet\n[camera c7]\nloop=0\n",
        &config);
    g_assert_cmpstr(warnings, ==,
                    "[camera b]: too many cameras: 512 are allowed; the change by API is left out");
    g_assert_cmpuint(config->cameras->len, ==, VD_MAX_CAMERAS);
    g_assert_false(vd_config_find(config, "c7")->loop);
    vd_config_free(config);
}

/* --- the effective configuration -------------------------------------------------------------- */

static void changes_count_for_more_than_the_files(void)
{
    g_autoptr(VdConfig) config = with("[vedette]\nmax-viewers=9\n" FILES,
                                      "[camera front]\nstream-fps=5\nname=\n"
                                      "[camera side]\nuri=/srv/x.mp4\n[camera yard]\nname=\n");
    const VdCameraConfig *front = vd_config_find(config, "front");
    const VdCameraConfig *side = vd_config_find(config, "side");

    g_assert_cmpint(config->max_viewers, ==, 9);
    g_assert_cmpuint(config->cameras->len, ==, 3);
    g_assert_true(config->cameras->pdata[1] == side); /* sorted */
    g_assert_cmpint(front->stream_fps, ==, 5);
    g_assert_cmpint(front->jpeg_quality, ==, 50);
    g_assert_cmpstr(side->uri, ==, "file:///srv/x.mp4");
    g_assert_cmpstr(side->name, ==, "side");
    g_assert_cmpint(side->stream_fps, ==, 7); /* [defaults] hold for it */
    g_assert_cmpstr(side->user, ==, "joe");
    g_assert_cmpstr(vd_config_find(config, "yard")->name, ==, "yard");
}

static void a_deleted_camera_is_gone_and_another_may_have_its_id(void)
{
    g_autoptr(VdConfig) gone = with(FILES, "[camera front]\ndeleted=true\n");
    g_autoptr(VdConfig) other = with(FILES, "[camera front]\ndeleted=true\nuri=test:moving\n");
    g_autoptr(VdConfig) nowhere = with(FILES, "[camera attic]\ndeleted=true\n");

    g_assert_cmpuint(gone->cameras->len, ==, 1);
    g_assert_null(vd_config_find(gone, "front"));
    g_assert_cmpuint(other->cameras->len, ==, 2);
    g_assert_cmpstr(vd_config_find(other, "front")->uri, ==, "test:moving");
    g_assert_cmpint(vd_config_find(other, "front")->jpeg_quality, ==, 75);
    g_assert_cmpuint(nowhere->cameras->len, ==, 2);
}

static void cameras_without_changes_are_shared(void)
{
    g_autoptr(VdConfig) base = texts_config(FILES);
    g_autoptr(VdChanges) changes = texts_changes("[camera front]\nstream-fps=5\n");
    g_autoptr(VdConfig) config = vd_config_with(base, changes, NULL);

    g_assert_true(vd_config_find(config, "yard") == vd_config_find(base, "yard"));
    g_assert_cmpint(vd_config_find(base, "front")->stream_fps, ==, 7);
}

/* clang-format off */
#define LEFT "; the change by API is left out"
static const struct { const char *text, *warnings; } senseless[] = {
    {"[camera attic]\nstream-fps=5\n", "[camera attic]: the camera stands in no file any more and "
     "has no uri of its own" LEFT},
    {"[camera front]\nstream-fps=61\n", "[camera front] stream-fps: '61' is out of range: allowed "
     "are 1 to 60 (frames/s)" LEFT},
    {"[camera front]\nfrom-tomorrow=1\n", "[camera front] from-tomorrow: unknown option" LEFT},
    {"[camera front]\nuri=\n", "[camera front] uri: the value is empty" LEFT},
    {"[camera new]\nuri=geheim\n", "[camera new] uri: it does not begin with a scheme: write a "
     "camera as rtsp://192.0.2.10/stream, a file as /srv/clip.mp4; allowed are rtsp, rtsps, http, "
     "https, file, v4l2, test and absolute paths" LEFT},
    {"[camera front]\npassword-file=/etc/passwd\n", "[camera front] password-file: allowed are the "
     "names of systemd credentials, and paths that a file of the configuration names as "
     "password-file already" LEFT},
    {"[camera front]\npassword-file=../x\n", "[camera front] password-file: allowed are the names "
     "of systemd credentials, and paths that a file of the configuration names as password-file "
     "already" LEFT},
    {"[camera front]\ntls-ca-file=/etc/ssl/certs/x.pem\n", "[camera front] tls-ca-file: allowed "
     "are paths that a file of the configuration names as tls-ca-file already" LEFT},
};
/* clang-format on */

static void what_makes_no_sense_is_left_out_and_the_rest_counts(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(senseless); i++) {
        g_autofree char *text =
            g_strconcat(senseless[i].text, "[camera yard]\njpeg-quality=9\n", NULL);
        VdConfig *config;
        g_autofree char *warnings = left_out(FILES, text, &config);

        g_assert_cmpstr(warnings, ==, senseless[i].warnings);
        g_assert_cmpuint(config->cameras->len, ==, 2);
        g_assert_cmpint(vd_config_find(config, "front")->stream_fps, ==, 7);
        g_assert_cmpint(vd_config_find(config, "yard")->jpeg_quality, ==, 9);
        g_assert_cmpstr(vd_config_find(config, "front")->uri, ==, "test:quiet");
        vd_config_free(config);
    }
}

/* --- passwords -------------------------------------------------------------------------------- */

typedef struct Folder {
    char *path, *password_file;
} Folder;

static void folder_set_up(Folder *folder, gconstpointer unused)
{
    folder->path = g_dir_make_tmp("vedette-XXXXXX", NULL);
    folder->password_file = g_build_filename(folder->path, "front", NULL);
    g_assert_true(g_file_set_contents(folder->password_file, "in the file", -1, NULL));
    g_setenv("CREDENTIALS_DIRECTORY", folder->path, TRUE);
}

static void folder_tear_down(Folder *folder, gconstpointer unused)
{
    g_assert_true(g_unlink(folder->password_file) == 0 && g_rmdir(folder->path) == 0);
    g_free(folder->password_file);
    g_free(folder->path);
    g_unsetenv("CREDENTIALS_DIRECTORY");
}

/* The password and the file that camera a has, as "password|file". */
static char *passwords(const char *files, const char *changes)
{
    g_autoptr(VdConfig) config = with(files, changes);
    g_autofree char *password = texts_option(config, "a", "password");
    g_autofree char *file = texts_option(config, "a", "password-file");

    return g_strconcat(password, "|", file, NULL);
}

static void password_and_its_file_are_replaced_together(Folder *folder, gconstpointer unused)
{
    g_autofree char *files = g_strdup_printf("[camera a]\nuri=test:quiet\npassword-file=%s\n"
                                             "[camera b]\nuri=test:quiet\n",
                                             folder->password_file);
    g_autofree char *there = g_strconcat("in the file|", folder->password_file, NULL);
    g_autofree char *none = passwords(files, "");
    g_autofree char *own = passwords(files, "[camera a]\npassword=own\n");
    g_autofree char *no_more = passwords(files, "[camera a]\npassword=\n");
    g_autofree char *credential = passwords(files, "[camera a]\npassword-file=front\n");

    g_assert_cmpstr(none, ==, there);
    g_assert_cmpstr(own, ==, "own|");
    g_assert_cmpstr(no_more, ==, "|");
    g_assert_cmpstr(credential, ==, "in the file|front");
}

/* The password comes from what was read with the files: the path is not opened again. */
static void a_path_that_the_files_name_may_be_taken(Folder *folder, gconstpointer unused)
{
    g_autoptr(GPtrArray) warnings = texts_errors();
    g_autofree char *files = g_strdup_printf("[defaults]\npassword-file=%s\n"
                                             "[camera b]\nuri=test:quiet\npassword=x\n",
                                             folder->password_file);
    g_autofree char *text =
        g_strdup_printf("[camera b]\npassword-file=%s\n", folder->password_file);
    g_autoptr(VdConfig) base = texts_config(files);
    g_autoptr(VdChanges) changes = texts_changes(text);

    g_assert_true(g_file_set_contents(folder->password_file, "since changed", -1, NULL));
    g_autoptr(VdConfig) config = vd_config_with(base, changes, warnings);
    g_assert_cmpuint(warnings->len, ==, 0);
    g_assert_cmpstr(vd_config_find(config, "b")->password, ==, "in the file");
}

static void a_credential_that_is_missing_leaves_the_files_password(Folder *folder,
                                                                   gconstpointer unused)
{
    VdConfig *config;
    g_autofree char *warnings = left_out("[camera a]\nuri=test:quiet\npassword=x\n",
                                         "[camera a]\npassword-file=attic\n", &config);

    g_assert_cmpstr(warnings, ==,
                    "[camera a] password-file: cannot be read: No such file or "
                    "directory" LEFT);
    g_assert_cmpstr(vd_config_find(config, "a")->password, ==, "x");
    vd_config_free(config);
}

/* --- where values come from ------------------------------------------------------------------- */

static void check_origin(const VdConfig *config, const char *id, const char *name,
                         VdOriginKind kind, const char *file, guint line)
{
    const VdOption *option = vd_option_find("camera", name);
    const VdOrigin *origin = &vd_config_find(config, id)->origins[vd_option_index(option)];

    g_assert_cmpint(origin->kind, ==, kind);
    g_assert_cmpstr(origin->file, ==, file);
    g_assert_cmpuint(origin->line, ==, line);
}

static void every_value_tells_where_it_comes_from(void)
{
    g_autoptr(VdConfig) config = with(
        FILES "transport=tcp\n", "[camera front]\nloop=0\npassword=x\n[camera side]\nuri=/x\n");

    check_origin(config, "front", "stream-fps", VD_ORIGIN_DEFAULTS, "x.conf", 2);
    check_origin(config, "front", "jpeg-quality", VD_ORIGIN_CAMERA, "x.conf", 6);
    check_origin(config, "front", "uri", VD_ORIGIN_CAMERA, "x.conf", 5);
    check_origin(config, "front", "name", VD_ORIGIN_PRESET, NULL, 0);
    check_origin(config, "front", "loop", VD_ORIGIN_API, NULL, 0);
    check_origin(config, "front", "password", VD_ORIGIN_API, NULL, 0);
    check_origin(config, "front", "password-file", VD_ORIGIN_API, NULL, 0);
    check_origin(config, "yard", "transport", VD_ORIGIN_CAMERA, "x.conf", 10);
    check_origin(config, "yard", "user", VD_ORIGIN_DEFAULTS, "x.conf", 3);
    check_origin(config, "side", "stream-fps", VD_ORIGIN_DEFAULTS, "x.conf", 2);
    check_origin(config, "side", "uri", VD_ORIGIN_API, NULL, 0);
}

static void where_a_value_comes_from_is_no_difference(void)
{
    g_autoptr(VdConfig) base = texts_config(FILES);
    g_autoptr(VdConfig) config = with(FILES, "[camera front]\nstream-fps=7\n");

    check_origin(config, "front", "stream-fps", VD_ORIGIN_API, NULL, 0);
    g_assert_cmpint(
        vd_camera_config_compare(vd_config_find(base, "front"), vd_config_find(config, "front")),
        ==, VD_APPLY_NOTHING);
}

/* --- what is told of them --------------------------------------------------------------------- */

/* changes hold, kept is on disk. */
static char *told(const char *files, const char *changes, const char *kept)
{
    VdSettings settings = {.base = texts_config(files),
                           .changes = texts_changes(changes),
                           .kept = texts_changes(kept)};
    g_autoptr(GPtrArray) warnings = texts_errors();

    settings.config = vd_config_with(settings.base, settings.changes, warnings);
    g_autoptr(GBytes) json = vd_json_bytes(vd_changes_json(&settings));
    vd_settings_clear(&settings);
    return g_strndup(g_bytes_get_data(json, NULL), g_bytes_get_size(json));
}

#define CAMERA(id, change, kept, options) \
    "{\"id\":\"" id "\",\"change\":\"" change "\",\"kept\":" kept ",\"options\":[" options "]}"
#define OPTION(name, value, files, from) \
    "{\"option\":\"" name "\",\"value\":" value ",\"files\":" files ",\"origin\":{" from "}}"
#define PRESET "\"from\":\"preset\""

/* clang-format off */
static const struct { const char *changes, *kept, *told; } tellings[] = {
    {"", "[camera front]\nloop=0\n", ""},
    {"[camera front]\nstream-fps=5\njpeg-quality=50\n", "[camera front]\njpeg-quality=50\nstream-fps=5\n",
     CAMERA("front", "changed", "true",
            OPTION("stream_fps", "5", "7", "\"from\":\"defaults\",\"file\":\"x.conf\",\"line\":2") ","
            OPTION("jpeg_quality", "50", "50", "\"from\":\"camera\",\"file\":\"x.conf\",\"line\":6"))},
    {"[camera front]\nloop=0\n", "[camera front]\nloop=1\n",
     CAMERA("front", "changed", "false", OPTION("loop", "false", "true", PRESET))},
    {"[camera front]\nloop=0\n", "", CAMERA("front", "changed", "false", OPTION("loop", "false", "true", PRESET))},
    {"[camera front]\nuri=rtsp://jo:geheim@h/x\npassword=geheim\n", "",
     CAMERA("front", "changed", "false",
            OPTION("uri", "\"rtsp://***@h/x\"", "\"test:quiet\"", "\"from\":\"camera\",\"file\":\"x.conf\",\"line\":5") ","
            OPTION("password", "\"***\"", "\"\"", PRESET))},
    {"[camera yard]\ndeleted=true\n", "[camera yard]\ndeleted=true\n", CAMERA("yard", "removed", "true", "")},
    {"[camera yard]\ndeleted=true\nuri=test:quiet\n", "",
     CAMERA("yard", "replaced", "false", OPTION("uri", "\"test:quiet\"", "\"\"", PRESET))},
    {"[camera side]\nuri=test:quiet\n", "", CAMERA("side", "added", "false", OPTION("uri", "\"test:quiet\"", "\"\"", PRESET))},
    {"[camera attic]\nloop=0\n", "", CAMERA("attic", "unused", "false", "")},
    {"[camera front]\nfrom-tomorrow=1\n", "", CAMERA("front", "changed", "false", "")},
    {"[camera yard]\ndeleted=true\n[camera attic]\nloop=0\n", "",
     CAMERA("attic", "unused", "false", "") "," CAMERA("yard", "removed", "false", "")},
};
/* clang-format on */

static void people_are_told_what_is_changed_and_what_the_files_say(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(tellings); i++) {
        g_autofree char *text = told(FILES, tellings[i].changes, tellings[i].kept);
        g_autofree char *wanted = g_strconcat("[", tellings[i].told, "]", NULL);

        g_assert_cmpstr(text, ==, wanted);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/changes/" #name, name)
#define ADD_IN_FOLDER(name) \
    g_test_add("/changes/" #name, Folder, NULL, folder_set_up, name, folder_tear_down)
    ADD(what_is_written_is_read_again);
    ADD(texts_are_sorted_and_complete);
    ADD(the_most_masks_fit_into_a_line);
    ADD(the_most_zones_fit_into_a_line);
    ADD(damage_is_named_with_its_line);
    ADD(one_byte_too_many_is_neither_written_nor_read);
    ADD(one_camera_too_many_is_left_out);
    ADD(changes_count_for_more_than_the_files);
    ADD(a_deleted_camera_is_gone_and_another_may_have_its_id);
    ADD(cameras_without_changes_are_shared);
    ADD(what_makes_no_sense_is_left_out_and_the_rest_counts);
    ADD_IN_FOLDER(password_and_its_file_are_replaced_together);
    ADD_IN_FOLDER(a_path_that_the_files_name_may_be_taken);
    ADD_IN_FOLDER(a_credential_that_is_missing_leaves_the_files_password);
    ADD(every_value_tells_where_it_comes_from);
    ADD(where_a_value_comes_from_is_no_difference);
    ADD(people_are_told_what_is_changed_and_what_the_files_say);
    return g_test_run();
}
