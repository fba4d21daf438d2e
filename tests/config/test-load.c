#include "base/limits.h"
#include "config/options.h"

#include <glib/gstdio.h>
#include <string.h>

/* --- help: a folder of its own for each test ------------------------------------------------ */

typedef struct Folder {
    char *path;
    GPtrArray *errors;
    bool insecure; /* --insecure-listen */
} Folder;

static void folder_set_up(Folder *folder, gconstpointer unused)
{
    folder->path = g_dir_make_tmp("vedette-XXXXXX", NULL);
    folder->errors = g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
    g_assert_nonnull(folder->path);
    g_unsetenv("CREDENTIALS_DIRECTORY");
}

static void remove_all(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_all(inner);
    }
    g_remove(path);
}

static void folder_tear_down(Folder *folder, gconstpointer unused)
{
    remove_all(folder->path);
    g_free(folder->path);
    g_ptr_array_unref(folder->errors);
}

static void put(Folder *folder, const char *name, const char *text)
{
    g_autofree char *file = g_build_filename(folder->path, name, NULL);
    g_autofree char *parent = g_path_get_dirname(file);

    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    g_assert_true(g_file_set_contents(file, text, -1, NULL));
}

static VdConfig *load(Folder *folder)
{
    g_autofree char *file = g_build_filename(folder->path, "vedette.conf", NULL);

    g_ptr_array_set_size(folder->errors, 0);
    return vd_config_load(file, folder->insecure, folder->errors);
}

/* What loading says, FOLDER standing for the folder. */
static void expect(Folder *folder, const char *expected)
{
    g_autoptr(VdConfig) config = load(folder);
    g_autoptr(GString) all = g_string_new(NULL);

    g_assert_true((config == NULL) == (folder->errors->len > 0));
    for (guint i = 0; i < folder->errors->len; i++) {
        g_autofree char *line = vd_config_error_text(folder->errors->pdata[i]);
        g_string_append_printf(all, "%s%s", i > 0 ? "\n" : "", line);
    }
    g_string_replace(all, folder->path, "FOLDER", 0);
    g_assert_cmpstr(all->str, ==, expected);
}

/* --- files ------------------------------------------------------------------------------------ */

static void drop_ins_add_cameras_and_take_the_defaults(Folder *folder, gconstpointer unused)
{
    put(folder, "vedette.conf", "[defaults]\nstream-fps=7\n[camera m]\nuri=test:quiet\n");
    put(folder, "cameras.d/20.conf", "[camera b]\nuri=test:quiet\n");
    put(folder, "cameras.d/10.conf", "[camera z]\nuri=test:quiet\n");
    put(folder, "cameras.d/.hidden.conf", "rubbish");
    put(folder, "cameras.d/10.conf.bak", "rubbish");
    g_autoptr(VdConfig) config = load(folder);

    g_assert_cmpuint(config->cameras->len, ==, 3);
    g_assert_cmpint(vd_config_find(config, "b")->stream_fps, ==, 7);
}

static void a_value_tells_the_file_that_it_stands_in(Folder *folder, gconstpointer unused)
{
    g_autofree char *main_file = g_build_filename(folder->path, "vedette.conf", NULL);
    g_autofree char *drop_in = g_build_filename(folder->path, "cameras.d", "10.conf", NULL);

    put(folder, "vedette.conf", "[defaults]\nstream-fps=7\n");
    put(folder, "cameras.d/10.conf", "[camera z]\nuri=test:quiet\n");
    g_autoptr(VdConfig) config = load(folder);
    const VdOrigin *origins = vd_config_find(config, "z")->origins;
    const VdOrigin *uri = &origins[vd_option_index(vd_option_find("camera", "uri"))];
    const VdOrigin *fps = &origins[vd_option_index(vd_option_find("camera", "stream-fps"))];

    g_assert_cmpstr(uri->file, ==, drop_in);
    g_assert_cmpuint(uri->line, ==, 2);
    g_assert_cmpstr(fps->file, ==, main_file);
    g_assert_cmpuint(fps->line, ==, 2);
}

static void errors_of_all_files_come_in_their_order(Folder *folder, gconstpointer unused)
{
    put(folder, "vedette.conf", "[camera a]\nuri=test:quiet\n[vedette]\nlisen=x\n");
    put(folder, "cameras.d/20.conf", "[camera b]\nloop=x\n");
    put(folder, "cameras.d/10.conf", "x=1\n[vedette]\nlisten=x\n[camera a]\nuri=test:quiet\n");
    expect(folder, "FOLDER/vedette.conf:4: lisen: unknown option; did you mean listen?\n"
                   "FOLDER/cameras.d/10.conf:1: stands before the first group: allowed are "
                   "[vedette], [mqtt], [webhook NAME], [defaults] and [camera ID]\n"
                   "FOLDER/cameras.d/10.conf:2: [vedette] is not allowed in cameras.d: only "
                   "[camera ID] groups are\n"
                   "FOLDER/cameras.d/10.conf:4: camera 'a' is given twice: it stands in "
                   "FOLDER/vedette.conf, line 1 already\n"
                   "FOLDER/cameras.d/20.conf:1: uri: missing: every camera needs it, as in "
                   "uri=rtsp://192.0.2.10/stream\n"
                   "FOLDER/cameras.d/20.conf:2: loop: 'x' is neither true nor false");
}

static void files_that_cannot_be_read_are_named_with_the_reason(Folder *folder,
                                                                gconstpointer unused)
{
    expect(folder, "FOLDER/vedette.conf: cannot be read: No such file or directory");
    put(folder, "vedette.conf/x", "");
    put(folder, "cameras.d/a.conf/x", "");
    expect(folder, "FOLDER/vedette.conf: cannot be read: it is not a plain file\n"
                   "FOLDER/cameras.d/a.conf: cannot be read: it is not a plain file");
}

static void a_folder_that_cannot_be_read_is_an_error(Folder *folder, gconstpointer unused)
{
    put(folder, "vedette.conf", "");
    expect(folder, "");
    put(folder, "cameras.d", "a file");
    g_autoptr(VdConfig) config = load(folder);
    g_assert_null(config);
    g_assert_cmpuint(folder->errors->len, ==, 1);
}

static void one_byte_too_many_is_refused(Folder *folder, gconstpointer unused)
{
    g_autofree char *text = g_malloc0(VD_MAX_CONFIG_FILE + 2);

    for (gsize i = 0; i <= VD_MAX_CONFIG_FILE; i++)
        text[i] = i % 64 == 63 ? '\n' : '#';
    put(folder, "vedette.conf", text);
    expect(folder, "FOLDER/vedette.conf: too large: 1048576 bytes are allowed");
    text[VD_MAX_CONFIG_FILE] = '\0';
    put(folder, "vedette.conf", text);
    expect(folder, "");
}

static void other_addresses_are_told_with_all_other_errors(Folder *folder, gconstpointer unused)
{
    put(folder, "vedette.conf", "[vedette]\nlisten=0.0.0.0:8080\nlog-level=x\n");
    expect(folder,
           "FOLDER/vedette.conf:2: listen: other machines reach this address, and what "
           "goes there is not encrypted: passwords and pictures can be read on the way; "
           "allowed are loopback addresses and Unix sockets, any with tls-certificate=, tls-key= "
           "and users-file=, and without them any with --insecure-listen\n"
           "FOLDER/vedette.conf:3: log-level: 'x' is unknown: allowed are error, warning, "
           "info, debug");
    folder->insecure = true;
    expect(folder, "FOLDER/vedette.conf:3: log-level: 'x' is unknown: allowed are error, warning, "
                   "info, debug");
    put(folder, "vedette.conf", "[vedette]\nlisten=0.0.0.0:8080\n");
    expect(folder, "");
}

/* In whatever order they stand. */
static void other_addresses_need_tls_and_accounts(Folder *folder, gconstpointer unused)
{
    static const char tls[] = "tls-certificate=/c.pem\ntls-key=/k.pem\n";
    g_autofree char *without_users = g_strconcat("[vedette]\nlisten=[::]:1\n", tls, NULL);
    g_autofree char *guarded = g_strconcat(without_users, "users-file=/u.conf\n", NULL);
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);

    put(folder, "vedette.conf", guarded);
    expect(folder, "");
    g_assert_null(vd_config_parse(without_users, strlen(without_users), "x", errors));
    g_assert_cmpuint(errors->len, ==, 1);
    g_assert_cmpstr(((const VdConfigError *)errors->pdata[0])->option, ==, "listen");
}

static void a_certificate_has_a_key_and_a_key_a_certificate(Folder *folder, gconstpointer unused)
{
    put(folder, "vedette.conf", "[vedette]\ntls-certificate=/c.pem\n");
    expect(folder, "FOLDER/vedette.conf:2: tls-certificate: its key is missing: tls-key=");
    put(folder, "vedette.conf", "[vedette]\nlog-level=info\ntls-key=/k.pem\n");
    expect(folder, "FOLDER/vedette.conf:3: tls-key: the certificate is missing: tls-certificate=");
    put(folder, "vedette.conf", "[vedette]\ntls-key=k.pem\n");
    expect(folder, "FOLDER/vedette.conf:2: tls-key: write the path of a file, which begins with /\n"
                   "FOLDER/vedette.conf:2: tls-key: the certificate is missing: tls-certificate=");
}

/* --- passwords -------------------------------------------------------------------------------- */

static void put_camera(Folder *folder, const char *password_file)
{
    g_autofree char *text =
        g_strdup_printf("[camera a]\nuri=rtsp://h/\npassword-file=%s\n", password_file);

    put(folder, "vedette.conf", text);
}

static char *inside(Folder *folder, const char *name)
{
    return g_build_filename(folder->path, name, NULL);
}

static void a_password_is_the_first_line_of_its_file(Folder *folder, gconstpointer unused)
{
    g_autofree char *file = inside(folder, "pw");

    put(folder, "pw", "ge heim \r\nsecond line\n");
    put_camera(folder, file);
    g_autoptr(VdConfig) config = load(folder);
    g_assert_cmpstr(vd_config_find(config, "a")->password, ==, "ge heim ");
    g_assert_cmpstr(vd_config_find(config, "a")->password_file, ==, file);
}

static void a_bare_name_is_a_credential(Folder *folder, gconstpointer unused)
{
    g_autofree char *credentials = inside(folder, "credentials");

    put(folder, "credentials/front", "geheim");
    put_camera(folder, "front");
    expect(folder, "FOLDER/vedette.conf:3: password-file: there is no credential of this name, "
                   "since vedetted was started without any: write LoadCredential=NAME:PATH into "
                   "the service, or an absolute path here");
    g_setenv("CREDENTIALS_DIRECTORY", credentials, TRUE);
    g_autoptr(VdConfig) config = load(folder);
    g_assert_cmpstr(vd_config_find(config, "a")->password, ==, "geheim");
    put_camera(folder, "../vedette.conf");
    expect(folder, "FOLDER/vedette.conf:3: password-file: write a path that begins with /, or the "
                   "name of a systemd credential, which holds no / and does not begin with a dot");
}

static void bad_password_files_are_named_without_what_is_in_them(Folder *folder,
                                                                 gconstpointer unused)
{
    /* clang-format off */
    static const struct { const char *text, *error; } bad[] = {
        {"", "the file's first line is empty"},
        {"\ngeheim\n", "the file's first line is empty"},
        {"geheim\xff\n", "the file's first line is not valid UTF-8"},
        {"gehe\tim\n", "the file's first line: control characters are not allowed here"},
    };
    /* clang-format on */
    g_autofree char *file = inside(folder, "pw");

    put_camera(folder, file);
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *line =
            g_strconcat("FOLDER/vedette.conf:3: password-file: ", bad[i].error, NULL);

        put(folder, "pw", bad[i].text);
        expect(folder, line);
    }
    put_camera(folder, folder->path);
    expect(folder, "FOLDER/vedette.conf:3: password-file: cannot be read: it is not a plain file");
    put_camera(folder, "/dev/zero");
    expect(folder, "FOLDER/vedette.conf:3: password-file: cannot be read: it is not a plain file");
}

static void a_cameras_own_password_counts_for_more_than_the_defaults_file(Folder *folder,
                                                                          gconstpointer unused)
{
    g_autofree char *file = inside(folder, "pw");
    g_autofree char *text = g_strdup_printf("[defaults]\npassword-file=%s\n"
                                            "[camera a]\nuri=rtsp://h/\npassword=own\n"
                                            "[camera b]\nuri=rtsp://h/\n",
                                            file);

    put(folder, "pw", "geheim");
    put(folder, "vedette.conf", text);
    g_autoptr(VdConfig) config = load(folder);
    g_assert_cmpstr(vd_config_find(config, "a")->password, ==, "own");
    g_assert_null(vd_config_find(config, "a")->password_file);
    g_assert_cmpstr(vd_config_find(config, "b")->password, ==, "geheim");
}

static void a_changed_password_file_is_a_new_connection(Folder *folder, gconstpointer unused)
{
    g_autofree char *file = inside(folder, "pw");

    put(folder, "pw", "one");
    put_camera(folder, file);
    g_autoptr(VdConfig) before = load(folder);
    put(folder, "pw", "two");
    g_autoptr(VdConfig) after = load(folder);
    g_assert_cmpint(
        vd_camera_config_compare(vd_config_find(before, "a"), vd_config_find(after, "a")), ==,
        VD_APPLY_RECONNECT);
}

/* --- certificates ----------------------------------------------------------------------------- */

static void a_file_of_authorities_holds_certificates(Folder *folder, gconstpointer unused)
{
    static const char *const wrong =
        "FOLDER/vedette.conf:3: tls-ca-file: there is no certificate in this file, or one that is "
        "no PEM (BEGIN CERTIFICATE)";
    g_autofree char *file = inside(folder, "ca.pem");
    g_autofree char *text = g_strdup_printf("[camera a]\nuri=rtsps://h/\ntls-ca-file=%s\n", file);

    put(folder, "vedette.conf", text);
    expect(folder, "FOLDER/vedette.conf:3: tls-ca-file: cannot be read: No such file or directory");
    put(folder, "ca.pem", "");
    expect(folder, wrong);
    put(folder, "ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    expect(folder, wrong);
    g_autofree char *large = g_strnfill(VD_MAX_CA_FILE + 1, '\n');
    put(folder, "ca.pem", large);
    expect(folder, "FOLDER/vedette.conf:3: tls-ca-file: too large: 4194304 bytes are allowed");
    put(folder, "vedette.conf", "[camera a]\nuri=rtsps://h/\ntls-ca-file=ca.pem\n");
    expect(folder, "FOLDER/vedette.conf:3: tls-ca-file: write the path of a PEM file, which begins "
                   "with /");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add("/load/" #name, Folder, NULL, folder_set_up, name, folder_tear_down)
    ADD(drop_ins_add_cameras_and_take_the_defaults);
    ADD(a_value_tells_the_file_that_it_stands_in);
    ADD(errors_of_all_files_come_in_their_order);
    ADD(files_that_cannot_be_read_are_named_with_the_reason);
    ADD(a_folder_that_cannot_be_read_is_an_error);
    ADD(one_byte_too_many_is_refused);
    ADD(other_addresses_are_told_with_all_other_errors);
    ADD(other_addresses_need_tls_and_accounts);
    ADD(a_certificate_has_a_key_and_a_key_a_certificate);
    ADD(a_password_is_the_first_line_of_its_file);
    ADD(a_bare_name_is_a_credential);
    ADD(bad_password_files_are_named_without_what_is_in_them);
    ADD(a_cameras_own_password_counts_for_more_than_the_defaults_file);
    ADD(a_changed_password_file_is_a_new_connection);
    ADD(a_file_of_authorities_holds_certificates);
    return g_test_run();
}
