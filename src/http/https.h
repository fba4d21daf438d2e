#pragma once

#include "http/certificate.h"

/*
 * Which certificate connections are shown from now on: that of two files, read again when they
 * change. Connections that there are keep what they were shown.
 */
typedef struct VdHttps VdHttps;

VdHttps *vd_https_new(void);
/* Connections may go on with what they were shown. */
void vd_https_free(VdHttps *tls);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdHttps, vd_https_free)

/*
 * Reads these files now. False: connections are shown what they were before, until the files
 * change. Writes to the log what is doubtful. [main]
 */
bool vd_https_configure(VdHttps *tls, const char *certificate_file, const char *key_file,
                        GError **error);
/*
 * Reads the files again when they have changed since and then stayed the same from one call to the
 * next, so that both are written. Writes the log. [main]
 */
void vd_https_refresh(VdHttps *tls);

/* What a new connection is shown (transfer full); NULL before the first vd_https_configure(). [any]
 */
VdCertificate *vd_https_certificate(VdHttps *tls);
