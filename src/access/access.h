#pragma once

#include "access/account.h"

/*
 * Who may do what. Judges a request by its headers: whether a browser sends it for a page that is
 * not ours, who sends it, and what he may. Nobody waits in here: a password that must be verified
 * is answered later.
 *
 * Without a file of users everybody may do everything, but for pages of other sites.
 */
typedef struct VdAccess VdAccess;

/* NULL: the system gives no random numbers. [main] */
VdAccess *vd_access_new(GError **error);
/* Nobody may ask any more. Answers that are still due are not given. [main] */
void vd_access_free(VdAccess *access);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdAccess, vd_access_free)

/*
 * users_file: (nullable) there is none. names: (nullable) of this machine, beside addresses and
 * localhost. Sessions go on whose accounts are as they were. False: all is as before. [main]
 */
bool vd_access_configure(VdAccess *access, const char *users_file, const char *const *names,
                         GError **error);
/* Reads the file of users again when it has changed; writes the log. [main] */
void vd_access_refresh(VdAccess *access);
/* Whether there is a file of users. [any] */
bool vd_access_is_controlled(VdAccess *access);

/* What a request says; all texts are (nullable) but the place. */
typedef struct VdAsk {
    VdRole role;       /* that it needs */
    bool changes;      /* it is no GET */
    bool encrypted;    /* it came by TLS */
    VdAccount *peer;   /* (nullable) (transfer none) who it is where nothing else says that */
    const char *place; /* "192.0.2.7" */
    const char *host, *origin, *authorization, *cookie, *csrf; /* headers */
} VdAsk;

typedef enum VdVerdict {
    VD_VERDICT_ALLOWED,
    VD_VERDICT_LATER,
    VD_VERDICT_NOBODY,    /* it does not say who sends it, or not truly */
    VD_VERDICT_ROLE,      /* he may not */
    VD_VERDICT_SITE,      /* it may come from a page that is not ours */
    VD_VERDICT_HOST,      /* it is for a name that is not ours */
    VD_VERDICT_TOO_OFTEN, /* in wait_s it is looked at again */
    VD_VERDICT_BUSY,      /* too many passwords wait to be verified */
} VdVerdict;

typedef struct VdJudgement {
    VdVerdict verdict;
    VdAccount *account; /* (nullable) (transfer full) ALLOWED and ROLE: whose it is */
    guint wait_s;
} VdJudgement;

/* The judgement that was LATER, the account (transfer full). On another thread, without a lock. */
typedef void (*VdJudged)(void *data, VdJudgement judgement);

/*
 * Takes data when the verdict is LATER, and only then: `judged` is called, if ever, and destroy in
 * any case. [any]
 */
VdJudgement vd_access_judge(VdAccess *access, const VdAsk *ask, VdJudged judged, void *data,
                            GDestroyNotify destroy);

/* A session: the value of VD_SESSION_COOKIE (transfer full); NULL: the account is gone. [any] */
char *vd_access_log_in(VdAccess *access, VdAccount *account);
/* Ends the session of a request. cookie: (nullable) the header. [any] */
void vd_access_log_out(VdAccess *access, const char *cookie);
/* What a page must say in X-CSRF-Token; NULL: there is no session (transfer full). [any] */
char *vd_access_csrf(VdAccess *access, const char *cookie);
