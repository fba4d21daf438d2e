#include "access/account.h"

#include "base/clock.h"
#include "base/words.h"

#include <string.h>

static const char *const roles[VD_N_ROLES] = {
    [VD_ROLE_NONE] = "none",
    [VD_ROLE_VIEWER] = "viewer",
    [VD_ROLE_OPERATOR] = "operator",
    [VD_ROLE_ADMIN] = "admin",
};

static const char *const kinds[VD_N_ACCOUNT_KINDS] = {
    [VD_USER] = "user",
    [VD_TOKEN] = "token",
    [VD_UNIX] = "unix",
};

const char *vd_role_name(VdRole role)
{
    return roles[role];
}

bool vd_role_find(const char *name, VdRole *role)
{
    for (guint i = VD_ROLE_VIEWER; i < VD_N_ROLES; i++) {
        if (strcmp(roles[i], name) != 0)
            continue;
        *role = (VdRole)i;
        return true;
    }
    return false;
}

const char *vd_account_kind_name(VdAccountKind kind)
{
    return kinds[kind];
}

VdAccount *vd_account_new(VdAccountKind kind, const char *name)
{
    VdAccount *account = g_new0(VdAccount, 1);

    g_atomic_ref_count_init(&account->refs);
    account->kind = kind;
    account->name = g_strdup(name);
    return account;
}

VdAccount *vd_account_ref(VdAccount *account)
{
    g_atomic_ref_count_inc(&account->refs);
    return account;
}

void vd_account_unref(VdAccount *account)
{
    if (account == NULL || !g_atomic_ref_count_dec(&account->refs))
        return;
    g_free(account->name);
    g_strfreev(account->cameras);
    vd_secret_free(account->password);
    g_free(account);
}

bool vd_account_sees(const VdAccount *account, const char *camera)
{
    return vd_matches_any((const char *const *)account->cameras, camera);
}

bool vd_account_expired(const VdAccount *account)
{
    return account->expires_us != 0 && vd_clock_wall_us() >= account->expires_us;
}

bool vd_account_same(const VdAccount *one, const VdAccount *other)
{
    return one->kind == other->kind && strcmp(one->name, other->name) == 0 &&
           one->role == other->role && one->expires_us == other->expires_us &&
           g_strv_equal((const char *const *)one->cameras, (const char *const *)other->cameras) &&
           g_strcmp0(one->password, other->password) == 0 &&
           vd_digest_same(&one->token, &other->token);
}
