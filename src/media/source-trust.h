#pragma once

#include "media/source-kind.h"

#include <gio/gio.h>

/*
 * Which certificates a connection takes, for tls=verify: an authorities' database that remembers
 * why it refused one. Elements keep that to themselves.
 */
#define VD_TYPE_SOURCE_TRUST vd_source_trust_get_type()
G_DECLARE_FINAL_TYPE(VdSourceTrust, vd_source_trust, VD, SOURCE_TRUST, GTlsDatabase)

/* Whether the connection needs one: TLS, and not tls=any. */
bool vd_source_trust_needed(const VdSourceSettings *settings);
/*
 * Reads the file of authorities, so not in the main loop. (transfer full) NULL with *error when
 * they cannot be read. [any]
 */
VdSourceTrust *vd_source_trust_new(const VdSourceSettings *settings, GError **error);
/*
 * Tells the feed when a certificate was refused; false: it was not, and the trouble is another.
 * trust: (nullable). [any]
 */
bool vd_source_trust_say(VdSourceTrust *trust, const VdSourceSettings *settings,
                         VdSourceFeed *feed);
