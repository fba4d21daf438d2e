#pragma once

#include "media/source-kind.h"

#include <gio/gio.h>

/*
 * Which certificates a connection takes, for tls=verify: an authorities' database that remembers
 * why it refused one. Elements keep that to themselves.
 */
#define VD_TYPE_SOURCE_TRUST vd_source_trust_get_type()
G_DECLARE_FINAL_TYPE(VdSourceTrust, vd_source_trust, VD, SOURCE_TRUST, GTlsDatabase)

/*
 * (transfer full) NULL where the connection needs none: no TLS, or tls=any. With *error set: the
 * file of authorities cannot be read.
 */
VdSourceTrust *vd_source_trust_new(const VdSourceSettings *settings, GError **error);
/*
 * Tells the feed when a certificate was refused; false: it was not, and the trouble is another.
 * trust: (nullable). [any]
 */
bool vd_source_trust_say(VdSourceTrust *trust, const VdSourceSettings *settings,
                         VdSourceFeed *feed);
