#pragma once

#include "access/account.h"

/*
 * Verifies passwords on a thread of its own, one after the other: each takes 64 MiB and some 70 ms.
 * What was right is remembered for a minute under a keyed digest of address, user and password, so
 * that a stream of requests costs nothing; what was wrong is not. [any]
 */
typedef struct VdVerifier VdVerifier;

VdVerifier *vd_verifier_new(void);
/* What waits is never called. */
void vd_verifier_free(VdVerifier *verifier);

typedef struct VdVerifying {
    const char *place; /* where it comes from: VD_MAX_VERIFYING_HERE of one place may wait */
    const char *user;  /* as he calls himself */
    const char *password;
    VdAccount *account; /* (nullable) there is none: it takes as long, and is wrong */
} VdVerifying;

/* On the verifier's thread, without a lock. */
typedef void (*VdVerified)(void *data, bool good);

typedef enum VdVerify {
    VD_VERIFY_GOOD,  /* it is remembered */
    VD_VERIFY_LATER, /* `done` is called, then data is freed by `destroy` */
    VD_VERIFY_FULL,  /* too many wait */
} VdVerify;

/* Takes data when the answer is LATER, and only then. Equal questions that wait are one. */
VdVerify vd_verifier_ask(VdVerifier *verifier, const VdVerifying *question, VdVerified done,
                         void *data, GDestroyNotify destroy);
/* Accounts have changed: nothing is remembered any more. */
void vd_verifier_forget(VdVerifier *verifier);
