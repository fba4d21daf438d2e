#include "access/users.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/reader.h"
#include "base/words.h"

#include <string.h>

typedef struct Loader {
    VdUsers *users;
    VdAccount *account; /* (nullable) whose group is being read */
    guint line;         /* of its group */
    GError *error;      /* (nullable) the first one */
} Loader;

/* What an option of an account is; answers what is wrong with the value, or NULL. */
typedef const char *(*Take)(VdAccount *account, const char *value);

static const char *take_role(VdAccount *account, const char *value)
{
    return vd_role_find(value, &account->role) ? NULL : "allowed are viewer, operator and admin";
}

static bool is_pattern(const char *text)
{
    return text[0] != '\0' && strlen(text) <= VD_MAX_ID &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-*?") == strlen(text);
}

static const char *take_cameras(VdAccount *account, const char *value)
{
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
    g_auto(GStrv) words = g_strsplit_set(value, " \t", -1);
    guint count = 0;

    for (guint i = 0; words[i] != NULL; i++) {
        if (words[i][0] == '\0')
            continue;
        if (!is_pattern(words[i]) || ++count > VD_MAX_CAMERAS)
            return "ids of cameras are wanted, with * and ? for what may differ, and blanks "
                   "between "
                   "them: front-* garden";
        g_strv_builder_add(kept, words[i]);
    }
    if (count == 0)
        return "one camera at least is wanted; * is all of them";
    g_strfreev(account->cameras);
    account->cameras = g_strv_builder_end(kept);
    return NULL;
}

static const char *take_expiry(VdAccount *account, const char *value)
{
    g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(value, NULL);

    if (when == NULL || g_date_time_to_unix(when) <= 0)
        return "a time is wanted as 2027-01-01T00:00:00Z";
    account->expires_us = g_date_time_to_unix(when) * G_USEC_PER_SEC;
    return NULL;
}

static const char *take_password(VdAccount *account, const char *value)
{
    if (account->kind != VD_USER)
        return "a token has none";
    if (vd_password_hash_state(value) == VD_HASH_UNKNOWN)
        return "not the password but its argon2id hash is wanted, $argon2id$...";
    vd_secret_free(account->password);
    account->password = g_strdup(value);
    return NULL;
}

static const char *take_hash(VdAccount *account, const char *value)
{
    if (account->kind != VD_TOKEN)
        return "a user has none";
    return vd_digest_read(&account->token, value) ? NULL : "43 characters of base64url are wanted";
}

static const struct {
    const char *name;
    bool secret; /* messages do not show its value */
    Take take;
} options[] = {
    {"role", false, take_role},      {"cameras", false, take_cameras},
    {"expires", false, take_expiry}, {"password", true, take_password},
    {"hash", true, take_hash},
};

static void G_GNUC_PRINTF(3, 4) fail(Loader *loader, guint line, const char *format, ...)
{
    va_list args;

    if (loader->error != NULL)
        return;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(&loader->error, VD_ERROR, VD_ERROR_INVALID, "%u: %s", line, text);
}

static const char *missing_in(const VdAccount *account)
{
    static const VdDigest nothing;

    if (account->role == VD_ROLE_NONE)
        return "role";
    if (account->cameras == NULL)
        return "cameras";
    if (account->kind == VD_USER)
        return account->password == NULL ? "password" : NULL;
    return vd_digest_same(&account->token, &nothing) ? "hash" : NULL;
}

static void end_group(Loader *loader)
{
    VdAccount *account = g_steal_pointer(&loader->account);
    const char *missing = account != NULL ? missing_in(account) : NULL;

    if (missing != NULL)
        fail(loader, loader->line, "[%s %s]: %s= is missing", vd_account_kind_name(account->kind),
             account->name, missing);
    else if (account != NULL && !vd_users_put(loader->users, account))
        fail(loader, loader->line, "more than %d users and tokens", VD_MAX_ACCOUNTS);
    vd_account_unref(account);
}

bool vd_users_name_valid(const char *text)
{
    gsize length = strlen(text);

    return length > 0 && length <= VD_MAX_ID &&
           strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._@-") == length;
}

static const char *name_in(const char *group, VdAccountKind *kind)
{
    for (guint i = VD_USER; i <= VD_TOKEN; i++) {
        const char *word = vd_account_kind_name((VdAccountKind)i);

        *kind = (VdAccountKind)i;
        if (g_str_has_prefix(group, word) && g_ascii_isspace(group[strlen(word)]))
            return group + strlen(word) + strspn(group + strlen(word), " \t");
    }
    return NULL;
}

static void begin_group(const char *group, guint line, void *data)
{
    Loader *loader = data;
    VdAccountKind kind;
    const char *name = name_in(group, &kind);

    end_group(loader);
    loader->line = line;
    if (name == NULL || !vd_users_name_valid(name))
        fail(loader, line,
             "[user NAME] or [token NAME] is wanted, a name of letters, digits and "
             "._@- of at most " G_STRINGIFY(VD_MAX_ID) " bytes");
    else if (vd_users_find(loader->users, kind, name) != NULL)
        fail(loader, line, "[%s]: the second one of this name", group);
    else
        loader->account = vd_account_new(kind, name);
}

static void take_entry(const char *key, const char *value, guint line, void *data)
{
    Loader *loader = data;

    if (loader->account == NULL) {
        fail(loader, line, "stands in no [user NAME] and no [token NAME]");
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(options); i++) {
        if (strcmp(options[i].name, key) != 0)
            continue;
        g_autofree char *shown = options[i].secret ? g_strdup("***") : vd_shown(value);
        const char *wrong = options[i].take(loader->account, value);
        if (wrong != NULL)
            fail(loader, line, "%s=%s: %s", key, shown, wrong);
        return;
    }
    fail(loader, line,
         "there is no such option: role, cameras, expires, password and hash are known");
}

static void take_error(const char *message, guint line, void *data)
{
    fail(data, line, "%s", message);
}

const char *vd_users_set(VdAccount *account, const char *option, const char *value)
{
    for (guint i = 0; i < G_N_ELEMENTS(options); i++)
        if (strcmp(options[i].name, option) == 0)
            return options[i].take(account, value);
    return "there is no such option";
}

VdUsers *vd_users_new(void)
{
    VdUsers *users = g_new0(VdUsers, 1);

    users->accounts = g_ptr_array_new_with_free_func((GDestroyNotify)vd_account_unref);
    return users;
}

void vd_users_free(VdUsers *users)
{
    if (users == NULL)
        return;
    g_ptr_array_unref(users->accounts);
    g_free(users);
}

VdUsers *vd_users_parse(const char *text, gsize length, GError **error)
{
    static const VdReaderEvents events = {begin_group, take_entry, take_error};
    Loader loader = {.users = vd_users_new()};

    vd_reader_run(text, length, &events, &loader);
    end_group(&loader);
    if (loader.error == NULL)
        return loader.users;
    g_propagate_error(error, loader.error);
    vd_users_free(loader.users);
    return NULL;
}

VdUsers *vd_users_load(const char *path, GError **error)
{
    gsize length;
    char *text = vd_file_read_private(path, VD_MAX_CONFIG_FILE, &length, error);

    if (text == NULL) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    VdUsers *users = vd_users_parse(text, length, error);
    if (users == NULL)
        g_prefix_error(error, "%s:", path);
    vd_secret_free(text);
    return users;
}

char *vd_users_print(const VdUsers *users)
{
    GString *text = g_string_new("# Written by vedettectl. Nobody but its owner may read it.\n");

    for (guint i = 0; i < users->accounts->len; i++) {
        const VdAccount *account = users->accounts->pdata[i];
        g_autofree char *cameras = g_strjoinv(" ", account->cameras);

        g_string_append_printf(text, "\n[%s %s]\nrole=%s\ncameras=%s\n",
                               vd_account_kind_name(account->kind), account->name,
                               vd_role_name(account->role), cameras);
        if (account->expires_us != 0) {
            g_autofree char *when = vd_clock_iso8601(account->expires_us);
            g_string_append_printf(text, "expires=%s\n", when);
        }
        if (account->kind == VD_USER) {
            g_string_append_printf(text, "password=%s\n", account->password);
        } else {
            g_autofree char *hash = vd_digest_text(&account->token);
            g_string_append_printf(text, "hash=%s\n", hash);
        }
    }
    return g_string_free(text, FALSE);
}

bool vd_users_save(const VdUsers *users, const char *path, const struct stat *owner, GError **error)
{
    char *text = vd_users_print(users);
    bool good = vd_file_replace(path, &(VdText){text, strlen(text), 0600, owner}, error);

    if (!good)
        g_prefix_error(error, "%s: ", path);
    vd_secret_free(text);
    return good;
}

static gint place_of(const VdUsers *users, VdAccountKind kind, const char *name)
{
    for (guint i = 0; i < users->accounts->len; i++) {
        const VdAccount *account = users->accounts->pdata[i];

        if (account->kind == kind && strcmp(account->name, name) == 0)
            return (gint)i;
    }
    return -1;
}

VdAccount *vd_users_find(const VdUsers *users, VdAccountKind kind, const char *name)
{
    gint place = place_of(users, kind, name);

    return place >= 0 ? users->accounts->pdata[place] : NULL;
}

/* Looks at all of them, in the same time whichever it is. */
VdAccount *vd_users_find_token(const VdUsers *users, const char *token)
{
    VdAccount *found = NULL;

    if (!vd_random_text_valid(VD_TOKEN_PREFIX, token))
        return NULL;
    VdDigest digest = vd_digest(token);
    for (guint i = 0; i < users->accounts->len; i++) {
        VdAccount *account = users->accounts->pdata[i];

        if (account->kind == VD_TOKEN && vd_digest_same(&account->token, &digest))
            found = account;
    }
    return found;
}

bool vd_users_hold(const VdUsers *users, const VdAccount *account)
{
    const VdAccount *now = vd_users_find(users, account->kind, account->name);

    return now != NULL && vd_account_same(now, account);
}

bool vd_users_put(VdUsers *users, VdAccount *account)
{
    vd_users_remove(users, account->kind, account->name);
    if (users->accounts->len >= VD_MAX_ACCOUNTS)
        return false;
    g_ptr_array_add(users->accounts, vd_account_ref(account));
    return true;
}

bool vd_users_remove(VdUsers *users, VdAccountKind kind, const char *name)
{
    gint place = place_of(users, kind, name);

    if (place < 0)
        return false;
    g_ptr_array_remove_index(users->accounts, (guint)place);
    return true;
}
