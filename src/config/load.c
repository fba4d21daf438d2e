#include "base/address.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/reader.h"
#include "config/build.h"
#include "config/checks.h"
#include "config/file.h"
#include "config/nearest.h"
#include "config/value.h"

#include <string.h>

#define DROP_INS "cameras.d"

typedef enum GroupKind { NO_GROUP, IGNORED, DAEMON, MQTT, WEBHOOK, DEFAULTS, A_CAMERA } GroupKind;

static const char *const group_words[] = {"vedette", "mqtt", "webhook", "defaults", "camera", NULL};
/* Whose options stand in it, and how it is written. */
static const struct {
    const char *of, *written;
} groups[] = {
    [DAEMON] = {"vedette", "[vedette]"},
    [MQTT] = {"mqtt", "[mqtt]"},
    [WEBHOOK] = {"webhook", "[webhook NAME]"},
    [DEFAULTS] = {"camera", "[camera ID] or [defaults]"},
    [A_CAMERA] = {"camera", "[camera ID] or [defaults]"},
};
#define ALL_GROUPS "[vedette], [mqtt], [webhook NAME], [defaults] and [camera ID]"

/* Of an option in a group. */
typedef struct Given {
    guint line;   /* 0: not given */
    bool refused; /* its value was: what the owner has is the default */
} Given;

/* A group as it is being read. */
typedef struct Group {
    GroupKind kind;
    void *owner; /* VdConfig, or a VdCameraConfig or VdWebhookConfig with a reference */
    char *file;  /* GRefString; of a camera */
    guint line;
    Given *given; /* of each option */
} Group;

typedef struct Loader {
    GPtrArray *errors;
    guint errors_before;
    guint file_errors; /* the errors of `file` begin here */
    char *file;        /* GRefString */
    bool drop_in, insecure_listen;
    VdConfig *config;
    Group daemon, mqtt, defaults;
    GPtrArray *webhooks; /* Group */
    GPtrArray *cameras;  /* Group, in the order of reading */
    GHashTable *ids;     /* -> Group in cameras */
    Group *current;
    Group none, ignored;
} Loader;

static void begin_file(Loader *loader, const char *file)
{
    g_clear_pointer(&loader->file, g_ref_string_release);
    loader->file = g_ref_string_new(file);
    loader->file_errors = loader->errors->len;
}

/* Where an error of this line belongs: some only show when lines behind it have been read. */
static guint place_of(const Loader *loader, guint line)
{
    guint place = loader->errors->len;

    while (place > loader->file_errors &&
           ((const VdConfigError *)loader->errors->pdata[place - 1])->line > line)
        place--;
    return place;
}

static void add_error(Loader *loader, guint line, const char *option, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
static void add_error(Loader *loader, guint line, const char *option, const char *format, ...)
{
    guint count = loader->errors->len - loader->errors_before;
    va_list args;

    if (count > VD_MAX_CONFIG_ERRORS)
        return;
    VdConfigError *error = g_new0(VdConfigError, 1);
    va_start(args, format);
    error->message =
        count == VD_MAX_CONFIG_ERRORS
            ? g_strdup_printf("more than %d errors: the rest is left out", VD_MAX_CONFIG_ERRORS)
            : g_strdup_vprintf(format, args);
    va_end(args);
    error->file = g_strdup(loader->file);
    error->line = line;
    error->option = g_strdup(option);
    bool last = count == VD_MAX_CONFIG_ERRORS;
    g_ptr_array_insert(loader->errors, last ? -1 : (int)place_of(loader, line), error);
}

static void group_init(Group *group, GroupKind kind, void *owner)
{
    group->kind = kind;
    group->owner = owner;
    group->given = g_new0(Given, vd_n_options());
}

static void group_clear(Group *group)
{
    g_clear_pointer(&group->file, g_ref_string_release);
    g_free(group->given);
}

static void webhook_group_free(void *data)
{
    Group *group = data;

    vd_webhook_config_unref(group->owner);
    group_clear(group);
    g_free(group);
}

static void camera_group_free(void *data)
{
    Group *group = data;

    vd_camera_config_unref(group->owner);
    group_clear(group);
    g_free(group);
}

static Given *given(const Group *group, const VdOption *option)
{
    return &group->given[vd_option_index(option)];
}

static const Given *find_given(const Group *group, const char *name)
{
    return given(group, vd_option_find(groups[group->kind].of, name));
}

static guint given_line(const Group *group, const char *name)
{
    return find_given(group, name)->line;
}

/* --- the end of a group ------------------------------------------------------------------ */

static void check_tls(Loader *loader, const Group *group)
{
    guint certificate = given_line(group, "tls-certificate"), key = given_line(group, "tls-key");

    if (certificate > 0 && key == 0)
        add_error(loader, certificate, "tls-certificate", "its key is missing: tls-key=");
    else if (key > 0 && certificate == 0)
        add_error(loader, key, "tls-key", "the certificate is missing: tls-certificate=");
}

static void check_listen(Loader *loader, const Group *group)
{
    const VdConfig *config = loader->config;
    const Given *listen = find_given(group, "listen");
    bool guarded = config->tls_certificate != NULL && config->users_file != NULL;
    g_autoptr(GError) error = NULL;

    if (listen->line == 0 || listen->refused)
        return;
    g_autoptr(GSocketAddress) address = vd_address_parse(config->listen, &error);
    if (address == NULL || !vd_address_allowed(address, loader->insecure_listen || guarded, &error))
        add_error(loader, listen->line, "listen", "%s", error->message);
}

static void check_limits(Loader *loader, const Group *group)
{
    const Given *viewers = find_given(group, "max-viewers");
    const Given *connections = find_given(group, "max-connections");
    int most = loader->config->max_viewers, allowed = loader->config->max_connections;

    if (most <= allowed || viewers->refused || connections->refused)
        return;
    if (viewers->line > 0 && connections->line > 0)
        add_error(loader, viewers->line, "max-viewers",
                  "%d viewers are more than max-connections=%d of line %u: allowed are 1 to %d",
                  most, allowed, connections->line, allowed);
    else if (viewers->line > 0)
        add_error(loader, viewers->line, "max-viewers",
                  "%d viewers are more than %d connections, the default of max-connections: set "
                  "max-connections to at least %d as well",
                  most, allowed, most);
    else
        add_error(loader, connections->line, "max-connections",
                  "%d connections are less than %d viewers, the default of max-viewers: set "
                  "max-viewers to at most %d as well",
                  allowed, most, allowed);
}

static void check_daemon(Loader *loader, const Group *group)
{
    check_tls(loader, group);
    check_listen(loader, group);
    check_limits(loader, group);
}

static void check_passwords(Loader *loader, const Group *group)
{
    guint password = given_line(group, "password"), from = given_line(group, "password-file");

    if (password > 0 && from > 0)
        add_error(loader, MAX(password, from), password > from ? "password" : "password-file",
                  "both password and password-file are given (the other in line %u): only one of "
                  "them is allowed",
                  MIN(password, from));
}

/* Says what only shows when the whole camera is known. */
static void end_group(Loader *loader)
{
    const Group *group = loader->current;

    if (group->kind == A_CAMERA)
        check_passwords(loader, group);
    if (group->kind == A_CAMERA && given_line(group, "uri") == 0)
        add_error(loader, group->line, "uri",
                  "missing: every camera needs it, as in uri=rtsp://192.0.2.10/stream");
    if (group->kind == WEBHOOK && given_line(group, "url") == 0)
        add_error(loader, group->line, "url",
                  "missing: every webhook needs it, as in url=https://192.0.2.10/hook");
    loader->current = &loader->none;
}

/* --- the beginning of one ---------------------------------------------------------------- */

static void begin_single(Loader *loader, Group *group, const char *name, guint line)
{
    if (loader->drop_in) {
        add_error(loader, line, NULL,
                  "[%s] is not allowed in " DROP_INS ": only [camera ID] groups are", name);
        loader->current = &loader->ignored;
        return;
    }
    if (group->line > 0)
        add_error(loader, line, NULL, "[%s] is given twice: it begins in line %u already", name,
                  group->line);
    else
        group->line = line;
    if (group->file == NULL)
        group->file = g_ref_string_acquire(loader->file);
    loader->current = group;
}

static void begin_webhook(Loader *loader, const char *id, guint line)
{
    if (loader->drop_in) {
        add_error(loader, line, NULL,
                  "[webhook] is not allowed in " DROP_INS ": only [camera ID] groups are");
        loader->current = &loader->ignored;
        return;
    }
    Group *group = g_new0(Group, 1);
    group_init(group, WEBHOOK, vd_webhook_config_blank(id));
    group->line = line;
    if (!vd_check_id(id, NULL))
        add_error(loader, line, NULL,
                  "[webhook NAME]: a name has 1 to %d letters a-z, digits and -", VD_MAX_ID);
    for (guint i = 0; i < loader->webhooks->len; i++) {
        const Group *other = loader->webhooks->pdata[i];

        if (g_str_equal(((VdWebhookConfig *)other->owner)->id, id))
            add_error(loader, line, NULL,
                      "webhook '%s' is given twice: it stands in line %u already", id, other->line);
    }
    g_ptr_array_add(loader->webhooks, group);
    if (loader->webhooks->len == VD_MAX_WEBHOOKS + 1)
        add_error(loader, line, NULL, "too many webhooks: %d are allowed", VD_MAX_WEBHOOKS);
    loader->current = group;
}

static void begin_camera(Loader *loader, const char *id, guint line)
{
    g_autoptr(GError) error = NULL;
    Group *group = g_new0(Group, 1);

    group_init(group, A_CAMERA, vd_camera_config_blank(id));
    group->file = g_ref_string_acquire(loader->file);
    group->line = line;
    g_ptr_array_add(loader->cameras, group);
    loader->current = group;

    Group *same = g_hash_table_lookup(loader->ids, id);
    if (!vd_check_id(id, &error))
        add_error(loader, line, NULL, "[camera ID]: %s", error->message);
    else if (same != NULL)
        add_error(loader, line, NULL,
                  "camera '%s' is given twice: it stands in %s, line %u already", id, same->file,
                  same->line);
    else
        g_hash_table_insert(loader->ids, ((VdCameraConfig *)group->owner)->id, group);
    if (loader->cameras->len == VD_MAX_CAMERAS + 1)
        add_error(loader, line, NULL, "too many cameras: %d are allowed", VD_MAX_CAMERAS);
}

static void refuse_group(Loader *loader, const char *name, guint line)
{
    g_autofree char *word = g_strndup(name, strcspn(name, " \t"));
    bool readable = vd_word_is_name(word);
    const char *nearest = readable ? vd_word_nearest(word, group_words) : NULL;

    add_error(loader, line, NULL, "unknown group%s%s%s%s%s%s: allowed are " ALL_GROUPS,
              readable ? " [" : "", readable ? word : "", readable ? "]" : "",
              nearest != NULL ? " (did you mean [" : "", nearest != NULL ? nearest : "",
              nearest != NULL ? "]?)" : "");
    loader->current = &loader->ignored;
}

static void on_group(const char *name, guint line, void *data)
{
    Loader *loader = data;
    gsize word = strcspn(name, " \t");

    end_group(loader);
    if (g_str_equal(name, "vedette"))
        begin_single(loader, &loader->daemon, name, line);
    else if (g_str_equal(name, "mqtt"))
        begin_single(loader, &loader->mqtt, name, line);
    else if (word == strlen("webhook") && g_str_has_prefix(name, "webhook"))
        begin_webhook(loader, name + word + strspn(name + word, " \t"), line);
    else if (g_str_equal(name, "defaults"))
        begin_single(loader, &loader->defaults, name, line);
    else if (word == strlen("camera") && g_str_has_prefix(name, "camera"))
        begin_camera(loader, name + word + strspn(name + word, " \t"), line);
    else
        refuse_group(loader, name, line);
}

/* --- an option --------------------------------------------------------------------------- */

/* Where else an option of this name belongs; NULL: nowhere. */
static const char *place_of_option(const char *key)
{
    for (guint i = DAEMON; i < G_N_ELEMENTS(groups); i++)
        if (vd_option_find(groups[i].of, key) != NULL)
            return groups[i].written;
    return NULL;
}

static void refuse_option(Loader *loader, const char *of, const char *key, guint line)
{
    const char *other = place_of_option(key);

    if (!vd_word_is_name(key)) {
        add_error(loader, line, NULL,
                  "what stands before the = is no option's name: names are "
                  "made of a-z and -");
    } else if (other != NULL) {
        add_error(loader, line, key, "the option is not allowed here: it belongs into %s", other);
    } else {
        const char *nearest = vd_option_nearest(of, key);

        add_error(loader, line, key, "unknown option%s%s%s",
                  nearest != NULL ? "; did you mean " : "",
                  nearest != NULL ? nearest : " (vedetted --help-config lists them all)",
                  nearest != NULL ? "?" : "");
    }
}

static bool read_password(VdCameraConfig *camera, GError **error)
{
    if (camera->password_file == NULL)
        return true;
    char *password = vd_file_read_password(camera->password_file, error);

    if (password == NULL)
        return false;
    g_free(camera->password);
    camera->password = password;
    return true;
}

static bool apply(const Loader *loader, const VdOption *option, const char *value, GError **error)
{
    void *owner = loader->current->owner;

    if (!vd_option_set(option, owner, value, error))
        return false;
    if (g_str_equal(option->name, "uri") && value[0] == '\0') {
        g_set_error(error, VD_ERROR, VD_ERROR_INVALID, "the value is empty");
        return false;
    }
    return !g_str_equal(option->name, "password-file") || read_password(owner, error);
}

static void on_entry(const char *key, const char *value, guint line, void *data)
{
    Loader *loader = data;
    Group *group = loader->current;
    g_autoptr(GError) error = NULL;

    if (group->kind == NO_GROUP)
        add_error(loader, line, NULL, "stands before the first group: allowed are " ALL_GROUPS);
    if (group->kind == NO_GROUP || group->kind == IGNORED) {
        loader->current = &loader->ignored; /* one such group, or lack of it, is said once */
        return;
    }
    const char *of = groups[group->kind].of;
    const VdOption *option = vd_option_find(of, key);
    if (option == NULL) {
        refuse_option(loader, of, key, line);
        return;
    }
    Given *before = given(group, option);
    if (before->line > 0) {
        add_error(loader, line, key, "given twice: it stands in line %u already", before->line);
        return;
    }
    before->line = line;
    if (group->kind == DEFAULTS && option->own) {
        add_error(loader, line, key, "not allowed in [defaults]: each camera has its own");
    } else if (!apply(loader, option, value, &error)) {
        add_error(loader, line, key, "%s", error->message);
        before->refused = true;
    }
}

static void on_error(const char *message, guint line, void *data)
{
    add_error(data, line, NULL, "%s", message);
}

/* --- the whole --------------------------------------------------------------------------- */

static void read_text(Loader *loader, const char *text, gsize length)
{
    static const VdReaderEvents events = {on_group, on_entry, on_error};

    loader->current = &loader->none;
    if (length > VD_MAX_CONFIG_FILE)
        add_error(loader, 0, NULL, "too large: %d bytes are allowed", VD_MAX_CONFIG_FILE);
    else
        vd_reader_run(text, length, &events, loader);
    end_group(loader);
    if (!loader->drop_in) {
        check_daemon(loader, &loader->daemon);
        check_passwords(loader, &loader->defaults);
    }
}

static void read_file(Loader *loader, const char *file)
{
    g_autoptr(GError) error = NULL;
    gsize length;

    begin_file(loader, file);
    g_autofree char *text = vd_file_read(file, VD_MAX_CONFIG_FILE, &length, &error);
    if (text != NULL)
        read_text(loader, text, length);
    else
        add_error(loader, 0, NULL, "%s", error->message);
}

static void read_drop_ins(Loader *loader, const char *file)
{
    g_autofree char *folder = g_path_get_dirname(file);
    g_autofree char *drop_ins = g_build_filename(folder, DROP_INS, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) files = vd_file_list_conf(drop_ins, &error);

    loader->drop_in = true;
    begin_file(loader, drop_ins);
    if (files == NULL)
        add_error(loader, 0, NULL, "%s", error->message);
    for (guint i = 0; files != NULL && i < files->len; i++)
        read_file(loader, files->pdata[i]);
}

/* Notes where the options come from that the group gives. */
static void note_origins(const Group *group, VdCameraConfig *camera, VdOriginKind kind)
{
    for (guint i = 0; i < vd_n_options(); i++)
        if (group->given[i].line > 0)
            vd_origin_set(&camera->origins[i], kind, group->file, group->given[i].line);
}

/* What the camera does not say itself, [defaults] says; of password and its file both or neither.
 */
static void take_defaults(const Group *camera, const VdCameraConfig *defaults)
{
    bool own_password =
        given_line(camera, "password") > 0 || given_line(camera, "password-file") > 0;
    VdCameraConfig *owner = camera->owner;
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        bool password = g_str_has_prefix(options[i].name, "password");
        const VdOrigin *origin = &defaults->origins[i];

        if (!g_str_equal(options[i].group, "camera") || options[i].own ||
            camera->given[i].line > 0 || (password && own_password))
            continue;
        vd_option_copy(&options[i], defaults, owner);
        vd_origin_set(&owner->origins[i], origin->kind, origin->file, origin->line);
    }
}

static void loader_init(Loader *loader, GPtrArray *errors)
{
    *loader = (Loader){.errors = errors, .errors_before = errors->len};
    loader->config = vd_config_blank();
    loader->cameras = g_ptr_array_new_with_free_func(camera_group_free);
    loader->ids = g_hash_table_new(g_str_hash, g_str_equal);
    loader->ignored.kind = IGNORED;
    loader->webhooks = g_ptr_array_new_with_free_func(webhook_group_free);
    group_init(&loader->daemon, DAEMON, loader->config);
    group_init(&loader->mqtt, MQTT, loader->config);
    group_init(&loader->defaults, DEFAULTS, loader->config->defaults);
}

/* The configuration when there was no error; clears the loader. */
static VdConfig *loader_finish(Loader *loader)
{
    bool good = loader->errors->len == loader->errors_before;

    note_origins(&loader->defaults, loader->config->defaults, VD_ORIGIN_DEFAULTS);
    for (guint i = 0; good && i < loader->cameras->len; i++) {
        Group *camera = loader->cameras->pdata[i];

        note_origins(camera, camera->owner, VD_ORIGIN_CAMERA);
        take_defaults(camera, loader->config->defaults);
        vd_camera_config_finish(camera->owner);
        g_ptr_array_add(loader->config->cameras, vd_camera_config_ref(camera->owner));
    }
    for (guint i = 0; good && i < loader->webhooks->len; i++)
        g_ptr_array_add(loader->config->webhooks,
                        vd_webhook_config_ref(((Group *)loader->webhooks->pdata[i])->owner));
    vd_config_finish(loader->config);
    g_ptr_array_unref(loader->webhooks);
    g_hash_table_unref(loader->ids);
    g_ptr_array_unref(loader->cameras);
    g_clear_pointer(&loader->file, g_ref_string_release);
    group_clear(&loader->defaults);
    group_clear(&loader->daemon);
    group_clear(&loader->mqtt);
    if (!good)
        g_clear_pointer(&loader->config, vd_config_free);
    return loader->config;
}

VdConfig *vd_config_load(const char *file, bool insecure_listen, GPtrArray *errors)
{
    Loader loader;

    loader_init(&loader, errors);
    loader.insecure_listen = insecure_listen;
    read_file(&loader, file);
    read_drop_ins(&loader, file);
    return loader_finish(&loader);
}

VdConfig *vd_config_parse(const char *text, gsize length, const char *name, GPtrArray *errors)
{
    Loader loader;

    loader_init(&loader, errors);
    begin_file(&loader, name);
    read_text(&loader, text, length);
    return loader_finish(&loader);
}
