#pragma once

#include "access/secret.h"

/*
 * Somebody who may do something: a user with a password, or a program with a token. Immutable,
 * counted. [any]
 */
typedef enum VdRole {
    VD_ROLE_NONE,     /* no account is needed */
    VD_ROLE_VIEWER,   /* sees pictures, states and events */
    VD_ROLE_OPERATOR, /* and does what changes no configuration: restart, enable, test */
    VD_ROLE_ADMIN,    /* and changes the configuration */
    VD_N_ROLES,
} VdRole;

const char *vd_role_name(VdRole role); /* "viewer" */
bool vd_role_find(const char *name, VdRole *role);

typedef enum VdAccountKind {
    VD_USER,
    VD_TOKEN,
    VD_UNIX, /* a user of this machine, at the control socket; in no file */
    VD_N_ACCOUNT_KINDS,
} VdAccountKind;

const char *vd_account_kind_name(VdAccountKind kind); /* "user", "token", "unix" */

typedef struct VdAccount {
    gatomicrefcount refs;
    VdAccountKind kind;
    char *name;
    VdRole role;
    char **cameras;    /* globs over cameras' ids: "*", "front-*"; one at least */
    gint64 expires_us; /* wall clock; 0: never */
    char *password;    /* of a user: "$argon2id$..." */
    VdDigest token;    /* of a token: its digest */
} VdAccount;

VdAccount *vd_account_new(VdAccountKind kind, const char *name);
VdAccount *vd_account_ref(VdAccount *account);
void vd_account_unref(VdAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdAccount, vd_account_unref)

bool vd_account_sees(const VdAccount *account, const char *camera);
bool vd_account_expired(const VdAccount *account);
/* Whether nothing of it differs, the secret included. */
bool vd_account_same(const VdAccount *one, const VdAccount *other);
