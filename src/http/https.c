#include "http/https.h"

#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"

enum { CERTIFICATE, KEY, N_FILES };

/* Both files, as they were at one time. */
typedef struct Look {
    struct stat files[N_FILES];
} Look;

struct VdHttps {
    char *files[N_FILES];  /* [main] */
    Look read_as, seen_as; /* [main] when they were read; at the last look */
    VdLock lock;
    VdCertificate *certificate; /* [lock] (nullable) */
};

static Look look_at(char *const files[N_FILES])
{
    return (Look){{vd_file_look(files[CERTIFICATE]), vd_file_look(files[KEY])}};
}

static bool is_same(const Look *one, const Look *other)
{
    return vd_file_is_same(&one->files[CERTIFICATE], &other->files[CERTIFICATE]) &&
           vd_file_is_same(&one->files[KEY], &other->files[KEY]);
}

static void warn(const char *text)
{
    vd_log_warning(NULL, "%s", text);
}

static void take(VdHttps *tls, VdCertificate *certificate)
{
    vd_certificate_doubts(certificate, warn);
    vd_lock(&tls->lock);
    VdCertificate *before = tls->certificate;
    tls->certificate = certificate;
    vd_unlock(&tls->lock);
    vd_certificate_unref(before);
}

bool vd_https_configure(VdHttps *tls, const char *certificate_file, const char *key_file,
                        GError **error)
{
    char *files[N_FILES] = {g_strdup(certificate_file), g_strdup(key_file)};

    tls->read_as = tls->seen_as = look_at(files); /* what is written from now on is seen */
    for (guint i = 0; i < N_FILES; i++) {
        g_free(tls->files[i]);
        tls->files[i] = files[i];
    }
    VdCertificate *certificate = vd_certificate_load(certificate_file, key_file, error);
    if (certificate != NULL)
        take(tls, certificate);
    return certificate != NULL;
}

void vd_https_refresh(VdHttps *tls)
{
    g_autoptr(GError) error = NULL;
    Look before = tls->seen_as;

    if (tls->files[CERTIFICATE] == NULL)
        return;
    tls->seen_as = look_at(tls->files);
    if (is_same(&tls->seen_as, &tls->read_as) || !is_same(&tls->seen_as, &before))
        return;
    tls->read_as = tls->seen_as;
    VdCertificate *certificate =
        vd_certificate_load(tls->files[CERTIFICATE], tls->files[KEY], &error);
    if (certificate == NULL) {
        vd_log_error(NULL, "%s; going on with the certificate that was read before",
                     error->message);
        return;
    }
    vd_log_info(NULL, "%s is read again: new connections get it", tls->files[CERTIFICATE]);
    take(tls, certificate);
}

VdCertificate *vd_https_certificate(VdHttps *tls)
{
    vd_lock(&tls->lock);
    VdCertificate *certificate =
        tls->certificate != NULL ? vd_certificate_ref(tls->certificate) : NULL;
    vd_unlock(&tls->lock);
    return certificate;
}

VdHttps *vd_https_new(void)
{
    VdHttps *tls = g_new0(VdHttps, 1);

    vd_lock_init(&tls->lock);
    return tls;
}

void vd_https_free(VdHttps *tls)
{
    if (tls == NULL)
        return;
    vd_certificate_unref(tls->certificate);
    for (guint i = 0; i < N_FILES; i++)
        g_free(tls->files[i]);
    vd_lock_clear(&tls->lock);
    g_free(tls);
}
