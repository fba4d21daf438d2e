#include "http/certificate.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

struct VdCertificate {
    gatomicrefcount refs;
    char *certificate_file, *key_file;
    gnutls_certificate_credentials_t credentials;
    gint64 from_s, until_s; /* since 1970 */
    bool open_key;          /* everybody may read it */
};

/* The certificate and its chain, while they are read. */
typedef struct Chain {
    gnutls_x509_crt_t *list;
    unsigned count;
} Chain;

static void clear_chain(Chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++)
        gnutls_x509_crt_deinit(chain->list[i]);
    gnutls_free(chain->list);
}

static bool refuse(GError **error, const char *why)
{
    g_set_error_literal(error, VD_ERROR, VD_ERROR_INVALID, why);
    return false;
}

static bool parse_chain(Chain *chain, const char *file, GError **error)
{
    gsize length;
    g_autofree char *pem = vd_file_read(file, VD_MAX_TLS_FILE, &length, error);

    if (pem == NULL)
        return false;
    const gnutls_datum_t text = {(unsigned char *)pem, (unsigned)length};
    int status = gnutls_x509_crt_list_import2(&chain->list, &chain->count, &text,
                                              GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_SORT);
    if (status >= 0 && chain->count > 0)
        return true;
    return refuse(error, status == GNUTLS_E_CERTIFICATE_LIST_UNSORTED
                             ? "its certificates are not signed by one another"
                             : "there is no certificate in this file, or one that is no PEM "
                               "(BEGIN CERTIFICATE)");
}

static bool parse_key(gnutls_x509_privkey_t key, const char *file, GError **error)
{
    gsize length;
    char *pem = vd_file_read(file, VD_MAX_TLS_FILE, &length, error);

    if (pem == NULL)
        return false;
    const gnutls_datum_t text = {(unsigned char *)pem, (unsigned)length};
    int status = gnutls_x509_privkey_import2(key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
    explicit_bzero(pem, length);
    g_free(pem);
    if (status == GNUTLS_E_SUCCESS)
        return true;
    return refuse(error, status == GNUTLS_E_DECRYPTION_FAILED
                             ? "the key is encrypted: write it without a password, mode 0600"
                             : "there is no key in this file, or one that is no PEM (BEGIN "
                               "PRIVATE KEY)");
}

static bool put_together(VdCertificate *certificate, const Chain *chain, gnutls_x509_privkey_t key,
                         GError **error)
{
    int status = gnutls_certificate_set_x509_key(certificate->credentials, chain->list,
                                                 (int)chain->count, key);

    if (status >= 0)
        return true;
    g_autofree char *why = status == GNUTLS_E_CERTIFICATE_KEY_MISMATCH
                               ? g_strdup_printf("it is not the key of the certificate in %s",
                                                 certificate->certificate_file)
                               : g_strdup_printf("it cannot be used with the certificate: %s",
                                                 gnutls_strerror(status));
    return refuse(error, why);
}

static bool load_key(VdCertificate *certificate, const Chain *chain, GError **error)
{
    gnutls_x509_privkey_t key;

    if (gnutls_x509_privkey_init(&key) < 0)
        return refuse(error, "GnuTLS has no memory for a key");
    bool good = parse_key(key, certificate->key_file, error) &&
                put_together(certificate, chain, key, error);
    gnutls_x509_privkey_deinit(key);
    if (!good)
        g_prefix_error(error, "tls-key=%s: ", certificate->key_file);
    return good;
}

static bool load(VdCertificate *certificate, GError **error)
{
    Chain chain = {0};

    if (!parse_chain(&chain, certificate->certificate_file, error)) {
        g_prefix_error(error, "tls-certificate=%s: ", certificate->certificate_file);
        return false;
    }
    certificate->from_s = gnutls_x509_crt_get_activation_time(chain.list[0]);
    certificate->until_s = gnutls_x509_crt_get_expiration_time(chain.list[0]);
    bool good = load_key(certificate, &chain, error);
    clear_chain(&chain);
    return good;
}

VdCertificate *vd_certificate_load(const char *certificate_file, const char *key_file,
                                   GError **error)
{
    VdCertificate *certificate = g_new0(VdCertificate, 1);

    g_atomic_ref_count_init(&certificate->refs);
    certificate->certificate_file = g_strdup(certificate_file);
    certificate->key_file = g_strdup(key_file);
    certificate->open_key = (vd_file_look(key_file).st_mode & S_IRWXO) != 0;
    if (gnutls_certificate_allocate_credentials(&certificate->credentials) < 0)
        refuse(error, "GnuTLS has no memory for a certificate");
    else if (load(certificate, error))
        return certificate;
    vd_certificate_unref(certificate);
    return NULL;
}

VdCertificate *vd_certificate_ref(VdCertificate *certificate)
{
    g_atomic_ref_count_inc(&certificate->refs);
    return certificate;
}

void vd_certificate_unref(VdCertificate *certificate)
{
    if (certificate == NULL || !g_atomic_ref_count_dec(&certificate->refs))
        return;
    if (certificate->credentials != NULL)
        gnutls_certificate_free_credentials(certificate->credentials);
    g_free(certificate->certificate_file);
    g_free(certificate->key_file);
    g_free(certificate);
}

struct gnutls_certificate_credentials_st *vd_certificate_credentials(VdCertificate *certificate)
{
    return certificate->credentials;
}

static void say_date(const VdCertificate *certificate, const char *what, gint64 date_s,
                     void (*say)(const char *text))
{
    g_autofree char *date = vd_clock_iso8601(date_s * G_USEC_PER_SEC);
    g_autofree char *text = g_strdup_printf("tls-certificate=%s: %s %s: clients will refuse it",
                                            certificate->certificate_file, what, date);

    say(text);
}

void vd_certificate_doubts(const VdCertificate *certificate, void (*say)(const char *text))
{
    gint64 now_s = vd_clock_wall_us() / G_USEC_PER_SEC;

    if (now_s >= certificate->until_s)
        say_date(certificate, "it has expired on", certificate->until_s, say);
    else if (now_s < certificate->from_s)
        say_date(certificate, "it is not valid before", certificate->from_s, say);
    if (certificate->open_key) {
        g_autofree char *text =
            g_strdup_printf("tls-key=%s: everybody on this machine may use it: chmod 640 or less "
                            "is better",
                            certificate->key_file);
        say(text);
    }
}
