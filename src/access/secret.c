#include "access/secret.h"

#include <sodium.h>
#include <string.h>

enum {
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
    TEXT = sodium_base64_ENCODED_LEN(VD_DIGEST, BASE64), /* with its NUL */
};

bool vd_secret_start(void)
{
    return sodium_init() >= 0;
}

void vd_random_key(VdKey *key)
{
    randombytes_buf(key->bytes, VD_DIGEST);
}

char *vd_random_text(const char *prefix)
{
    VdDigest random;

    randombytes_buf(random.bytes, VD_DIGEST);
    g_autofree char *text = vd_digest_text(&random);
    sodium_memzero(&random, sizeof random);
    return g_strconcat(prefix, text, NULL);
}

bool vd_random_text_valid(const char *prefix, const char *text)
{
    VdDigest unused;

    return g_str_has_prefix(text, prefix) && vd_digest_read(&unused, text + strlen(prefix));
}

VdDigest vd_digest(const char *text)
{
    VdDigest digest;

    crypto_generichash(digest.bytes, VD_DIGEST, (const guint8 *)text, strlen(text), NULL, 0);
    return digest;
}

VdDigest vd_digest_with(const VdKey *key, const char *const *texts, guint count)
{
    crypto_generichash_state state;
    VdDigest digest;

    crypto_generichash_init(&state, key->bytes, VD_DIGEST, VD_DIGEST);
    for (guint i = 0; i < count; i++) /* with the NUL, which tells where one ends */
        crypto_generichash_update(&state, (const guint8 *)texts[i], strlen(texts[i]) + 1);
    crypto_generichash_final(&state, digest.bytes, VD_DIGEST);
    sodium_memzero(&state, sizeof state);
    return digest;
}

char *vd_digest_text(const VdDigest *digest)
{
    char *text = g_malloc(TEXT);

    sodium_bin2base64(text, TEXT, digest->bytes, VD_DIGEST, BASE64);
    return text;
}

bool vd_digest_read(VdDigest *digest, const char *text)
{
    VdDigest read;
    const char *end;
    gsize length;

    if (strlen(text) != TEXT - 1 ||
        sodium_base642bin(read.bytes, VD_DIGEST, text, TEXT - 1, NULL, &length, &end, BASE64) < 0 ||
        length != VD_DIGEST || *end != '\0')
        return false;
    *digest = read;
    return true;
}

bool vd_digest_same(const VdDigest *one, const VdDigest *other)
{
    return sodium_memcmp(one->bytes, other->bytes, VD_DIGEST) == 0;
}

guint vd_digest_hash(gconstpointer digest)
{
    guint hash;

    memcpy(&hash, digest, sizeof hash);
    return hash;
}

gboolean vd_digest_equal(gconstpointer one, gconstpointer other)
{
    return vd_digest_same(one, other);
}

char *vd_password_hash(const char *password)
{
    char hash[crypto_pwhash_STRBYTES];

    if (crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return NULL;
    return g_strdup(hash);
}

bool vd_password_matches(const char *hash, const char *password)
{
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

VdHashState vd_password_hash_state(const char *hash)
{
    if (!g_str_has_prefix(hash, crypto_pwhash_argon2id_STRPREFIX))
        return VD_HASH_UNKNOWN;
    switch (crypto_pwhash_str_needs_rehash(hash, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                           crypto_pwhash_MEMLIMIT_INTERACTIVE)) {
    case 0:
        return VD_HASH_GOOD;
    case 1:
        return VD_HASH_OLD;
    default:
        return VD_HASH_UNKNOWN;
    }
}

void vd_secret_free(char *text)
{
    if (text != NULL)
        sodium_memzero(text, strlen(text));
    g_free(text);
}
