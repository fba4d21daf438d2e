#include "access/users.h"
#include "base/clock.h"
#include "base/limits.h"
#include "config/config.h"
#include "ctl/secret-line.h"
#include "ctl/table.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define DEFAULT_FILE VD_SYSCONFDIR "/vedette.conf"
#define DAEMON_USER  "vedette"
#define DAY_S        (24 * 60 * 60)

/*
 * The file of users is written here and not by the daemon, which needs no right to change who may
 * do what: it reads the file again when it has changed.
 */
typedef struct File {
    char *path;
    struct stat status; /* as it is to be owned */
    int lock;           /* held from reading to writing */
    VdUsers *users;
} File;

static void close_file(File *file)
{
    vd_users_free(file->users);
    if (file->lock >= 0)
        close(file->lock);
    g_free(file->path);
}

/* NULL, and said: nothing names it (transfer full). */
static char *users_path(const VdCtl *ctl)
{
    const char *told = ctl->options[VD_CTL_USERS_FILE], *name = ctl->options[VD_CTL_CONFIG];
    g_autoptr(GPtrArray) errors =
        g_ptr_array_new_with_free_func((GDestroyNotify)vd_config_error_free);

    if (told != NULL)
        return g_strdup(told);
    name = name != NULL ? name : DEFAULT_FILE;
    g_autoptr(VdConfig) config = vd_config_load(name, true, errors);
    if (config == NULL) {
        g_autofree char *why = vd_config_error_text(errors->pdata[0]);
        vd_ctl_fail(VD_CTL_REFUSED, "%s", why);
    } else if (config->users_file == NULL || config->users_file[0] == '\0') {
        vd_ctl_fail(VD_CTL_REFUSED,
                    "%s names no users-file=: nobody is asked who he is. Give --users-file to make "
                    "one first, then name it there",
                    name);
    } else {
        return g_strdup(config->users_file);
    }
    return NULL;
}

/* Whose a new file becomes: the daemon's where root makes it, else ours. */
static void look_at_owner(File *file, bool *there)
{
    *there = stat(file->path, &file->status) == 0;
    if (*there)
        return;
    /* cppcheck-suppress getpwnamCalled ; there is one thread */
    const struct passwd *daemon = geteuid() == 0 ? getpwnam(DAEMON_USER) : NULL;
    file->status.st_uid = daemon != NULL ? daemon->pw_uid : geteuid();
    file->status.st_gid = daemon != NULL ? daemon->pw_gid : getegid();
}

/* Until it is closed no other vedettectl changes it. */
static bool lock(File *file)
{
    g_autofree char *name = g_strconcat(file->path, ".lock", NULL);

    file->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (file->lock >= 0 && flock(file->lock, LOCK_EX) < 0 && errno == EINTR)
        continue;
    if (file->lock < 0)
        vd_ctl_fail(VD_CTL_REFUSED, "%s: %s", name, g_strerror(errno));
    return file->lock >= 0;
}

/* False: said. A reader needs no lock: it is replaced whole. */
static bool open_file(const VdCtl *ctl, File *file, bool to_write)
{
    g_autoptr(GError) error = NULL;
    bool there;

    *file = (File){.lock = -1, .path = users_path(ctl)};
    if (file->path == NULL || (to_write && !lock(file)))
        return false;
    look_at_owner(file, &there);
    if (!there && to_write) {
        file->users = vd_users_new();
        return true;
    }
    file->users = vd_users_load(file->path, &error);
    if (file->users == NULL)
        vd_ctl_fail(VD_CTL_REFUSED, "%s", error->message);
    return file->users != NULL;
}

static int save(const File *file)
{
    g_autoptr(GError) error = NULL;
    const struct stat *owner =
        file->status.st_uid != geteuid() || file->status.st_gid != getegid() ? &file->status : NULL;

    if (vd_users_save(file->users, file->path, owner, &error))
        return VD_CTL_DONE;
    return vd_ctl_fail(VD_CTL_REFUSED, "%s", error->message);
}

/* --- one account ------------------------------------------------------------------------------ */

/* "30d" and "12h" from now on; what is neither stays what it is (transfer full). */
static char *time_of(const char *text)
{
    guint64 count;
    gsize length = strlen(text);
    char unit = length > 0 ? text[length - 1] : '\0';
    g_autofree char *number = g_strndup(text, length > 0 ? length - 1 : 0);

    if ((unit != 'd' && unit != 'h') ||
        !g_ascii_string_to_unsigned(number, 10, 1, 36500, &count, NULL))
        return g_strdup(text);
    gint64 seconds = (gint64)count * (unit == 'd' ? DAY_S : DAY_S / 24);
    return vd_clock_iso8601(vd_clock_wall_us() + seconds * G_USEC_PER_SEC);
}

static bool set(VdAccount *account, const char *option, const char *value)
{
    const char *wrong = vd_users_set(account, option, value);

    if (wrong != NULL)
        vd_ctl_fail(VD_CTL_USAGE, "--%s=%s: %s", option, value, wrong);
    return wrong == NULL;
}

/* What the options say, else what it was before, else all cameras for a viewer. NULL: said. */
static VdAccount *make_account(const VdCtl *ctl, const File *file, VdAccountKind kind)
{
    const VdAccount *before = vd_users_find(file->users, kind, ctl->arguments[0]);
    g_autoptr(VdAccount) account = vd_account_new(kind, ctl->arguments[0]);
    const char *role = ctl->options[VD_CTL_ROLE], *cameras = ctl->options[VD_CTL_CAMERAS];
    const char *expires = ctl->options[VD_CTL_EXPIRES];
    g_autofree char *seen = before != NULL ? g_strjoinv(" ", before->cameras) : g_strdup("*");

    if (expires == NULL && before != NULL)
        account->expires_us = before->expires_us;
    if (role == NULL)
        role = vd_role_name(before != NULL ? before->role : VD_ROLE_VIEWER);
    if (!set(account, "role", role) || !set(account, "cameras", cameras != NULL ? cameras : seen))
        return NULL;
    if (expires != NULL && strcmp(expires, "never") != 0) {
        g_autofree char *when = time_of(expires);
        if (!set(account, "expires", when))
            return NULL;
    }
    return g_steal_pointer(&account);
}

static int put(File *file, VdAccount *account)
{
    return vd_users_put(file->users, account)
               ? save(file)
               : vd_ctl_fail(VD_CTL_REFUSED, "there are as many users and tokens as may be");
}

static int remove_account(VdCtl *ctl, VdAccountKind kind)
{
    File file;
    int exit = VD_CTL_REFUSED;

    if (open_file(ctl, &file, true))
        exit = vd_users_remove(file.users, kind, ctl->arguments[0])
                   ? save(&file)
                   : vd_ctl_fail(VD_CTL_NOT_FOUND, "there is no %s %s", vd_account_kind_name(kind),
                                 ctl->arguments[0]);
    close_file(&file);
    return exit;
}

static int refuse_name(const char *name)
{
    return vd_ctl_fail(VD_CTL_USAGE,
                       "\"%s\": a name has letters, digits and ._@-, and at most 63 of them", name);
}

static void tell_done(const VdCtl *ctl, const VdAccount *account, const char *token)
{
    g_autofree char *cameras = g_strjoinv(" ", account->cameras);
    json_t *said = json_pack("{s:s, s:s, s:s}", "name", account->name, "role",
                             vd_role_name(account->role), "cameras", cameras);

    if (token != NULL)
        json_object_set_new(said, "token", json_string(token));
    if (ctl->options[VD_CTL_JSON] != NULL)
        vd_ctl_print_json(said);
    else if (token != NULL)
        puts(token);
    else
        printf("%s %s: %s of %s\n", vd_account_kind_name(account->kind), account->name,
               vd_role_name(account->role), cameras);
    json_decref(said);
}

/* --- users ------------------------------------------------------------------------------------ */

/* Twice at a terminal, where nobody sees what he types. NULL: *exit (transfer full). */
static char *ask_password(const VdCtl *ctl, int *exit)
{
    bool told = ctl->options[VD_CTL_STDIN] != NULL;

    if (!told && !isatty(STDIN_FILENO)) {
        *exit = vd_ctl_fail(VD_CTL_USAGE, "no terminal to ask for the password: see --stdin");
        return NULL;
    }
    char *password = vd_ctl_secret_line("New password", exit);
    if (password == NULL || told)
        return password;
    char *again = vd_ctl_secret_line("The same again", exit);
    bool same = again != NULL && strcmp(again, password) == 0;
    if (again != NULL && !same)
        *exit = vd_ctl_fail(VD_CTL_USAGE, "these were two different ones");
    vd_ctl_secret_free(again);
    if (!same)
        vd_ctl_secret_free(g_steal_pointer(&password));
    return password;
}

/* NULL: said, and *exit (transfer full). */
static char *ask_hash(const VdCtl *ctl, int *exit)
{
    char *hash = NULL, *password = ask_password(ctl, exit);

    if (password == NULL)
        return NULL;
    if (password[0] == '\0' || strlen(password) > VD_MAX_PASSWORD)
        *exit = vd_ctl_fail(VD_CTL_USAGE, "a password has 1 to %d bytes", VD_MAX_PASSWORD);
    else if ((hash = vd_password_hash(password)) == NULL)
        *exit = vd_ctl_fail(VD_CTL_REFUSED, "there is no memory to hash the password");
    vd_ctl_secret_free(password);
    return hash;
}

static int set_password(VdCtl *ctl, const char *hash)
{
    g_autoptr(VdAccount) account = NULL;
    int exit = VD_CTL_REFUSED;
    File file;

    if (open_file(ctl, &file, true)) {
        account = make_account(ctl, &file, VD_USER);
        exit = VD_CTL_USAGE;
    }
    if (account != NULL) {
        account->password = g_strdup(hash);
        exit = put(&file, account);
    }
    if (exit == VD_CTL_DONE)
        tell_done(ctl, account, NULL);
    close_file(&file);
    return exit;
}

int vd_ctl_passwd(VdCtl *ctl)
{
    if (!vd_secret_start())
        return vd_ctl_fail(VD_CTL_REFUSED, "the system gives no random numbers");
    if (!vd_users_name_valid(ctl->arguments[0]))
        return refuse_name(ctl->arguments[0]);
    if (ctl->options[VD_CTL_DELETE] != NULL)
        return remove_account(ctl, VD_USER);
    int exit;
    char *hash = ask_hash(ctl, &exit);
    if (hash != NULL)
        exit = set_password(ctl, hash);
    vd_ctl_secret_free(hash);
    return exit;
}

/* --- tokens ----------------------------------------------------------------------------------- */

static int add_token(VdCtl *ctl, File *file, VdAccount *account)
{
    char *token = vd_random_text(VD_TOKEN_PREFIX);

    account->token = vd_digest(token);
    int exit = put(file, account);
    if (exit == VD_CTL_DONE)
        tell_done(ctl, account, token);
    vd_ctl_secret_free(token);
    return exit;
}

int vd_ctl_token_add(VdCtl *ctl)
{
    g_autoptr(VdAccount) account = NULL;
    int exit = VD_CTL_REFUSED;
    File file;

    if (!vd_secret_start())
        return vd_ctl_fail(VD_CTL_REFUSED, "the system gives no random numbers");
    if (!vd_users_name_valid(ctl->arguments[0]))
        return refuse_name(ctl->arguments[0]);
    if (open_file(ctl, &file, true)) {
        bool there = vd_users_find(file.users, VD_TOKEN, ctl->arguments[0]) != NULL;

        account = there ? NULL : make_account(ctl, &file, VD_TOKEN);
        exit = there ? vd_ctl_fail(VD_CTL_REFUSED, "there is a token %s: remove it first",
                                   ctl->arguments[0])
                     : VD_CTL_USAGE;
    }
    if (account != NULL)
        exit = add_token(ctl, &file, account);
    close_file(&file);
    return exit;
}

static void add_row(VdCtlTable *table, json_t *list, const VdAccount *account)
{
    g_autofree char *cameras = g_strjoinv(" ", account->cameras);
    g_autofree char *expires =
        account->expires_us != 0 ? vd_clock_iso8601(account->expires_us) : NULL;

    vd_ctl_table_add(table, account->name);
    vd_ctl_table_add(table, vd_role_name(account->role));
    vd_ctl_table_add(table, cameras);
    vd_ctl_table_addf(table, "%s%s", expires != NULL ? expires : "never",
                      vd_account_expired(account) ? " (over)" : "");
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?}", "name", account->name, "role",
                                          vd_role_name(account->role), "cameras", cameras,
                                          "expires", expires));
}

static void list_tokens(const VdCtl *ctl, const VdUsers *users)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new("TOKEN|ROLE|CAMERAS|EXPIRES");
    json_t *list = json_array();

    for (guint i = 0; i < users->accounts->len; i++) {
        const VdAccount *account = users->accounts->pdata[i];
        if (account->kind == VD_TOKEN)
            add_row(table, list, account);
    }
    if (ctl->options[VD_CTL_JSON] != NULL)
        vd_ctl_print_json(list);
    else
        vd_ctl_table_print(table);
    json_decref(list);
}

int vd_ctl_token_list(VdCtl *ctl)
{
    File file;
    bool good = open_file(ctl, &file, false);

    if (good)
        list_tokens(ctl, file.users);
    close_file(&file);
    return good ? VD_CTL_DONE : VD_CTL_REFUSED;
}

int vd_ctl_token_remove(VdCtl *ctl)
{
    return vd_users_name_valid(ctl->arguments[0]) ? remove_account(ctl, VD_TOKEN)
                                                  : refuse_name(ctl->arguments[0]);
}
