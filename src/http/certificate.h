#pragma once

#include "base/error.h"

#include <stdbool.h>

struct gnutls_certificate_credentials_st;

/* What this server shows those who connect by TLS. Immutable, counted. [any] */
typedef struct VdCertificate VdCertificate;

/*
 * Reads PEM files: the certificate with those that it was signed by behind it, and its key. NULL
 * with VD_ERROR_INVALID: which of them cannot be used, and why; nothing of a key is ever quoted.
 */
VdCertificate *vd_certificate_load(const char *certificate_file, const char *key_file,
                                   GError **error);
VdCertificate *vd_certificate_ref(VdCertificate *certificate);
void vd_certificate_unref(VdCertificate *certificate); /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdCertificate, vd_certificate_unref)

/* For gnutls_credentials_set(), as long as there is a reference. */
struct gnutls_certificate_credentials_st *vd_certificate_credentials(VdCertificate *certificate);
/* Each thing that its owner had better put right: it has expired, others may read the key. */
void vd_certificate_doubts(const VdCertificate *certificate, void (*say)(const char *text));
