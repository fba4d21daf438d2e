#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * What is kept of secrets, and how they are compared: libsodium, and nothing of our own. The one
 * place that includes <sodium.h>. Passwords are kept as argon2id, which takes 64 MiB and about 70
 * ms to compute; what we made ourselves is random, so a plain hash of it is kept. [any]
 */
enum { VD_DIGEST = 32 }; /* bytes */

typedef struct VdDigest {
    guint8 bytes[VD_DIGEST];
} VdDigest;

/* A key that nobody knows, for as long as the process lives. */
typedef VdDigest VdKey;

/* Before anything else here. False: the system gives no random numbers. */
bool vd_secret_start(void);

void vd_random_key(VdKey *key);
/* `prefix` and 256 random bits, in base64url (transfer full). */
char *vd_random_text(const char *prefix);
/* Whether it is what vd_random_text() makes. */
bool vd_random_text_valid(const char *prefix, const char *text);

/* BLAKE2b of a text, and of a number of texts with a key. */
VdDigest vd_digest(const char *text);
VdDigest vd_digest_with(const VdKey *key, const char *const *texts, guint count);
char *vd_digest_text(const VdDigest *digest); /* base64url (transfer full) */
bool vd_digest_read(VdDigest *digest, const char *text);
/* In the same time whatever is in them. */
bool vd_digest_same(const VdDigest *one, const VdDigest *other);
/* For GHashTable; the keys are VdDigest of what nobody can choose. */
guint vd_digest_hash(gconstpointer digest);
gboolean vd_digest_equal(gconstpointer one, gconstpointer other);

/* "$argon2id$..." (transfer full); NULL: no memory. */
char *vd_password_hash(const char *password);
bool vd_password_matches(const char *hash, const char *password);

typedef enum VdHashState {
    VD_HASH_GOOD,
    VD_HASH_OLD,     /* made with other costs than vd_password_hash() has */
    VD_HASH_UNKNOWN, /* not argon2id's */
} VdHashState;
VdHashState vd_password_hash_state(const char *hash);

/* Overwrites and frees a secret. text: (nullable) (transfer full) */
void vd_secret_free(char *text);
