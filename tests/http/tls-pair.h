#pragma once

#include <glib.h>
#include <time.h>

/* Certificates that sign themselves, in a folder that goes with the process: cert.pem and key.pem.
 */
typedef struct TlsPair {
    char *folder, *certificate, *key; /* paths */
} TlsPair;

void tls_pair_init(TlsPair *pair);
void tls_pair_clear(TlsPair *pair);

/* A certificate with this number that ends then, its key, and both as PEM (transfer full). */
void tls_pair_make(guint8 number, time_t until, char **certificate, char **key);
/* The same, to the pair's files; the key's mode is 0600. */
void tls_pair_write(const TlsPair *pair, guint8 number, time_t until);
