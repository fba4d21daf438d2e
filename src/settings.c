#include "settings.h"

#include "access/users.h"
#include "base/log.h"
#include "base/words.h"
#include "config/store.h"
#include "http/certificate.h"

typedef void (*Say)(const char *text);

static GPtrArray *new_errors(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);
}

static void say_all(const GPtrArray *errors, Say say)
{
    for (guint i = 0; i < errors->len; i++) {
        g_autofree char *text = vd_config_error_text(errors->pdata[i]);
        say(text);
    }
}

static void log_error(const char *text)
{
    vd_log_error(NULL, "%s", text);
}

static void log_warning(const char *text)
{
    vd_log_warning(NULL, "%s", text);
}

static void print(const char *text)
{
    g_printerr("%s\n", text);
}

/* --- the parts -------------------------------------------------------------------------------- */

static VdConfig *read_base(const VdDaemonOptions *options, Say say)
{
    g_autoptr(GPtrArray) errors = new_errors();
    VdConfig *base = vd_config_load(options->file, options->insecure_listen, errors);

    say_all(errors, say);
    return base;
}

/* NULL when what is kept is damaged. */
static VdChanges *read_changes(const VdDaemonOptions *options, Say say)
{
    g_autoptr(GPtrArray) errors = new_errors();
    VdChanges *changes =
        options->state != NULL ? vd_store_read(options->state, errors) : vd_changes_new();

    say_all(errors, say);
    return changes;
}

static VdConfig *put_together(const VdConfig *base, const VdChanges *changes, Say say)
{
    g_autoptr(GPtrArray) warnings = new_errors();
    VdConfig *config = vd_config_with(base, changes, warnings);

    say_all(warnings, say);
    return config;
}

static VdChanges *go_on_without(const VdDaemonOptions *options)
{
    g_autoptr(GError) error = NULL;

    if (vd_store_set_aside(options->state, &error))
        vd_log_error(NULL,
                     "what was changed by API is damaged: going on without; it is kept as "
                     "%s/" VD_STORE_FILE ".bad",
                     options->state);
    else
        vd_log_error(NULL, "what was changed by API is damaged: going on without; %s",
                     error->message);
    return vd_changes_new();
}

/* --- all of it -------------------------------------------------------------------------------- */

bool vd_settings_read(VdSettings *settings, const VdDaemonOptions *options)
{
    settings->base = read_base(options, log_error);
    if (settings->base == NULL)
        return false;
    settings->changes = read_changes(options, log_error);
    if (settings->changes == NULL)
        settings->changes = go_on_without(options);
    settings->kept = vd_changes_ref(settings->changes);
    settings->folder = g_strdup(options->state);
    settings->config = put_together(settings->base, settings->changes, log_warning);
    return true;
}

bool vd_settings_read_again(VdSettings *settings, const VdDaemonOptions *options)
{
    VdConfig *base = read_base(options, log_error);

    if (base == NULL)
        return false;
    VdConfig *config = put_together(base, settings->changes, log_warning);
    if (vd_config_compare_daemon(settings->config, config) == VD_APPLY_RESTART)
        vd_log_warning(NULL, "listen=, control-socket= and max-connections= take effect when "
                             "vedetted is started again");
    vd_config_free(settings->base);
    vd_config_free(settings->config);
    settings->base = base;
    settings->config = config;
    return true;
}

/* Says why not. */
static bool users_are_good(const VdConfig *config)
{
    g_autoptr(GError) error = NULL;

    if (config->users_file == NULL || !vd_secret_start())
        return true;
    g_autoptr(VdUsers) users = vd_users_load(config->users_file, &error);
    if (users == NULL)
        print(error->message);
    return users != NULL;
}

/* Says why not, and what is doubtful. */
static bool certificate_is_good(const VdConfig *config)
{
    g_autoptr(GError) error = NULL;

    if (config->tls_certificate == NULL)
        return true;
    g_autoptr(VdCertificate) certificate =
        vd_certificate_load(config->tls_certificate, config->tls_key, &error);
    if (certificate == NULL)
        print(error->message);
    else
        vd_certificate_doubts(certificate, print);
    return certificate != NULL;
}

/* All of them are looked at. */
static bool files_are_good(const VdConfig *config)
{
    bool users = users_are_good(config), certificate = certificate_is_good(config);

    return users && certificate;
}

int vd_settings_check(const VdDaemonOptions *options)
{
    VdSettings settings = {.base = read_base(options, print),
                           .changes = read_changes(options, print)};
    int status = VD_EXIT_CONFIG;

    if (settings.base != NULL && settings.changes != NULL && files_are_good(settings.base)) {
        settings.config = put_together(settings.base, settings.changes, print);
        g_autofree char *cameras = vd_counted(settings.config->cameras->len, "camera");
        g_print("%s: no errors, %s\n", options->file, cameras);
        status = 0;
    }
    vd_settings_clear(&settings);
    return status;
}
