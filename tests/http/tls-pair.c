#include "tls-pair.h"

#include <gnutls/x509.h>
#include <sys/stat.h>
#include <unistd.h>

static char *take_text(gnutls_datum_t text)
{
    char *copy = g_strndup((const char *)text.data, text.size);

    gnutls_free(text.data);
    return copy;
}

void tls_pair_make(guint8 number, time_t until, char **certificate, char **key)
{
    gnutls_x509_privkey_t private;
    gnutls_x509_crt_t public;
    gnutls_datum_t text;

    g_assert_cmpint(gnutls_x509_privkey_init(&private), ==, 0);
    g_assert_cmpint(gnutls_x509_privkey_generate(private, GNUTLS_PK_ECDSA,
                                                 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                                                 0),
                    ==, 0);
    g_assert_cmpint(gnutls_x509_crt_init(&public), ==, 0);
    gnutls_x509_crt_set_version(public, 3);
    gnutls_x509_crt_set_serial(public, &number, 1);
    gnutls_x509_crt_set_activation_time(public, MIN(until, time(NULL)) - 3600);
    gnutls_x509_crt_set_expiration_time(public, until);
    gnutls_x509_crt_set_dn(public, "CN=localhost", NULL);
    gnutls_x509_crt_set_key(public, private);
    g_assert_cmpint(gnutls_x509_crt_sign2(public, public, private, GNUTLS_DIG_SHA256, 0), ==, 0);
    g_assert_cmpint(gnutls_x509_crt_export2(public, GNUTLS_X509_FMT_PEM, &text), ==, 0);
    *certificate = take_text(text);
    g_assert_cmpint(gnutls_x509_privkey_export2(private, GNUTLS_X509_FMT_PEM, &text), ==, 0);
    *key = take_text(text);
    gnutls_x509_crt_deinit(public);
    gnutls_x509_privkey_deinit(private);
}

void tls_pair_write(const TlsPair *pair, guint8 number, time_t until)
{
    g_autofree char *certificate = NULL, *key = NULL;

    tls_pair_make(number, until, &certificate, &key);
    g_assert_true(g_file_set_contents(pair->certificate, certificate, -1, NULL));
    g_assert_true(
        g_file_set_contents_full(pair->key, key, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    g_assert_cmpint(chmod(pair->key, 0600), ==, 0);
}

void tls_pair_init(TlsPair *pair)
{
    pair->folder = g_dir_make_tmp("vedette-XXXXXX", NULL);
    g_assert_nonnull(pair->folder);
    pair->certificate = g_build_filename(pair->folder, "cert.pem", NULL);
    pair->key = g_build_filename(pair->folder, "key.pem", NULL);
}

void tls_pair_clear(TlsPair *pair)
{
    unlink(pair->certificate);
    unlink(pair->key);
    rmdir(pair->folder);
    g_free(pair->folder);
    g_free(pair->certificate);
    g_free(pair->key);
}
