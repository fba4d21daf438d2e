#pragma once

#include <stdbool.h>

/*
 * What a browser says of where a request comes from and goes to. Pure. [any]
 *
 * Host: a page of another site can make its own name lead to our address (DNS rebinding), and then
 * counts as ours. So a name is taken only when it is known to be ours. An address cannot be
 * rebound: whoever writes one means that machine.
 *
 * Origin: a page of another site can make a browser send requests, and passwords and some cookies
 * with them, but cannot hide where it comes from. Programs that are no browsers say nothing.
 */

/* host: (nullable); names: (nullable) what else than addresses and localhost is ours. */
bool vd_host_allowed(const char *host, const char *const *names);

/*
 * Whether a request that changes something may come from a page of `origin` (nullable): one of
 * `host` itself, its port included, or of one of `names` on its scheme's own port, as behind a
 * proxy. Of a request that came encrypted, only an encrypted page's: the others anybody on the way
 * can write.
 */
bool vd_origin_allowed(const char *origin, bool encrypted, const char *host,
                       const char *const *names);
