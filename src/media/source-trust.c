#include "media/source-trust.h"

#include "base/lock.h"

struct _VdSourceTrust {
    GTlsDatabase parent;
    GTlsDatabase *authorities;
    VdLock lock;
    char *refusal; /* [lock] (nullable) of the newest certificate */
};

G_DEFINE_TYPE(VdSourceTrust, vd_source_trust, G_TYPE_TLS_DATABASE)

/* clang-format off */
static const struct {
    GTlsCertificateFlags flag;
    const char *text;
} reasons[] = {
    {G_TLS_CERTIFICATE_UNKNOWN_CA,    "is signed by nobody known here"},
    {G_TLS_CERTIFICATE_NOT_ACTIVATED, "is not valid yet"},
    {G_TLS_CERTIFICATE_EXPIRED,       "has expired"},
    {G_TLS_CERTIFICATE_REVOKED,       "has been revoked"},
    {G_TLS_CERTIFICATE_INSECURE,      "uses methods that are not safe any more"},
    {G_TLS_CERTIFICATE_GENERIC_ERROR, "cannot be checked"},
};
/* clang-format on */

static bool signed_itself(GTlsCertificate *certificate)
{
    g_autofree char *subject = g_tls_certificate_get_subject_name(certificate);
    g_autofree char *issuer = g_tls_certificate_get_issuer_name(certificate);

    return subject != NULL && g_strcmp0(subject, issuer) == 0;
}

/* Names in a certificate are the camera's words: few, and printable. */
static void append_names(GString *text, GTlsCertificate *certificate)
{
    g_autoptr(GPtrArray) names = g_tls_certificate_get_dns_names(certificate);
    g_autofree char *subject = g_tls_certificate_get_subject_name(certificate);

    g_string_append(text, "is made out to ");
    if (names != NULL && names->len > 0) {
        gsize length;
        const char *name = g_bytes_get_data(names->pdata[0], &length);
        g_autofree char *copy = g_strndup(name, MIN(length, 64));
        g_autofree char *shown = g_strescape(copy, NULL);
        g_string_append(text, shown);
    } else {
        g_autofree char *shown = g_strescape(subject != NULL ? subject : "nobody", NULL);
        g_string_append_printf(text, "%.64s", shown);
    }
    g_string_append(text, ", another host");
}

static char *refusal_text(GTlsCertificate *certificate, GTlsCertificateFlags flags)
{
    GString *text = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if ((flags & reasons[i].flag) == 0)
            continue;
        bool own = reasons[i].flag == G_TLS_CERTIFICATE_UNKNOWN_CA && signed_itself(certificate);
        g_string_append_printf(text, "%s%s", text->len > 0 ? " and " : "",
                               own ? "is self-signed" : reasons[i].text);
    }
    if ((flags & G_TLS_CERTIFICATE_BAD_IDENTITY) != 0) {
        g_string_append(text, text->len > 0 ? " and " : "");
        append_names(text, certificate);
    }
    return g_string_free(text, FALSE);
}

/* [any] The connection's thread; certificate is the end of the chain that is the camera's. */
static GTlsCertificateFlags verify_chain(GTlsDatabase *database, GTlsCertificate *certificate,
                                         const char *purpose, GSocketConnectable *identity,
                                         GTlsInteraction *interaction, GTlsDatabaseVerifyFlags how,
                                         GCancellable *cancellable, GError **error)
{
    VdSourceTrust *trust = VD_SOURCE_TRUST(database);
    GTlsCertificateFlags flags = g_tls_database_verify_chain(
        trust->authorities, certificate, purpose, identity, interaction, how, cancellable, error);
    char *refusal = flags != 0 ? refusal_text(certificate, flags) : NULL;

    vd_lock(&trust->lock);
    g_free(trust->refusal);
    trust->refusal = refusal;
    vd_unlock(&trust->lock);
    return flags;
}

static void finalize(GObject *object)
{
    VdSourceTrust *trust = VD_SOURCE_TRUST(object);

    g_clear_object(&trust->authorities);
    g_free(trust->refusal);
    vd_lock_clear(&trust->lock);
    G_OBJECT_CLASS(vd_source_trust_parent_class)->finalize(object);
}

static void vd_source_trust_class_init(VdSourceTrustClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    G_TLS_DATABASE_CLASS(class)->verify_chain = verify_chain;
}

static void vd_source_trust_init(VdSourceTrust *trust)
{
    vd_lock_init(&trust->lock);
}

static GTlsDatabase *open_authorities(const char *file, GError **error)
{
    GTlsBackend *backend = g_tls_backend_get_default();

    if (file != NULL && file[0] != '\0')
        return g_tls_file_database_new(file, error);
    GTlsDatabase *system = g_tls_backend_get_default_database(backend);
    if (system == NULL)
        g_set_error(error, G_TLS_ERROR, G_TLS_ERROR_UNAVAILABLE,
                    "glib-networking is missing, which does TLS");
    return system;
}

bool vd_source_trust_needed(const VdSourceSettings *settings)
{
    bool tls = g_str_equal(settings->scheme, "https") || g_str_equal(settings->scheme, "rtsps");

    return tls && settings->tls != VD_TLS_ANY;
}

VdSourceTrust *vd_source_trust_new(const VdSourceSettings *settings, GError **error)
{
    GTlsDatabase *authorities = open_authorities(settings->tls_ca_file, error);
    if (authorities == NULL)
        return NULL;
    VdSourceTrust *trust = g_object_new(VD_TYPE_SOURCE_TRUST, NULL);
    trust->authorities = authorities;
    return trust;
}

bool vd_source_trust_say(VdSourceTrust *trust, const VdSourceSettings *settings, VdSourceFeed *feed)
{
    if (trust == NULL)
        return false;
    vd_lock(&trust->lock);
    g_autofree char *refusal = g_strdup(trust->refusal);
    vd_unlock(&trust->lock);
    if (refusal == NULL)
        return false;
    g_autofree char *host = vd_source_settings_host(settings);
    vd_source_feed_lost(feed, VD_LOSS_UNTRUSTED, "the certificate of %s %s (tls=any takes it)",
                        host, refusal);
    return true;
}
