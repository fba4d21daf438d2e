#pragma once

#include "access/account.h"

#include <sys/stat.h>

/*
 * All accounts, as one file has them, in vedette.conf's format:
 *
 *   [user anna]                        [token tablet]
 *   role=admin                         role=viewer
 *   cameras=*                          cameras=front-* garden
 *   password=$argon2id$...             hash=...
 *                                      expires=2027-01-01T00:00:00Z
 *
 * Immutable but for vd_users_put() and _remove(), which whoever loaded them may do. [any]
 */
typedef struct VdUsers {
    GPtrArray *accounts; /* VdAccount */
} VdUsers;

#define VD_TOKEN_PREFIX "vdt_" /* and vd_random_text(): the token, of which its digest is kept */

VdUsers *vd_users_new(void);
void vd_users_free(VdUsers *users);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdUsers, vd_users_free)

/* NULL with the first mistake, "3: role=chief: allowed are ..."; never a part of a secret. */
VdUsers *vd_users_parse(const char *text, gsize length, GError **error);
/* The same of a file that its owner alone may use; the error names it. */
VdUsers *vd_users_load(const char *path, GError **error);
/* Replaces the file, mode 0600. owner: (nullable) as VdText has it */
bool vd_users_save(const VdUsers *users, const char *path, const struct stat *owner,
                   GError **error);
char *vd_users_print(const VdUsers *users); /* (transfer full) */

/* (nullable) (transfer none) */
VdAccount *vd_users_find(const VdUsers *users, VdAccountKind kind, const char *name);
VdAccount *vd_users_find_token(const VdUsers *users, const char *token);
/* Whether there is one that differs in nothing. */
bool vd_users_hold(const VdUsers *users, const VdAccount *account);

/* Adds it, or replaces its namesake. account: (transfer none). False: VD_MAX_ACCOUNTS are there. */
bool vd_users_put(VdUsers *users, VdAccount *account);
bool vd_users_remove(VdUsers *users, VdAccountKind kind, const char *name);
/* Whether an account may be called so: what an outsider says is asked for before. */
bool vd_users_name_valid(const char *text);
/* Sets an option as the file has it, of an account that nobody else has yet; what is wrong with the
 * value, or NULL. */
const char *vd_users_set(VdAccount *account, const char *option, const char *value);
