#pragma once

#include "access/users.h"

/*
 * Sessions of pages: a random cookie stands for an account for a while. In memory only; kept under
 * the cookie's digest. They end when they are idle, too old, when their account expires, or when
 * it is gone or changed. Time is vd_clock_now_us(). No lock: it belongs to whoever made it.
 */
typedef struct VdSessions VdSessions;

VdSessions *vd_sessions_new(void);
void vd_sessions_free(VdSessions *sessions);

/* The cookie's value (transfer full). account: (transfer none) */
char *vd_sessions_begin(VdSessions *sessions, VdAccount *account);
/* Whose it is, who is not idle from now on; NULL: nobody's (transfer none). */
VdAccount *vd_sessions_find(VdSessions *sessions, const char *cookie);
bool vd_sessions_end(VdSessions *sessions, const char *cookie);
/* Ends those whose account `users` does not hold as it is. Returns how many. */
guint vd_sessions_check(VdSessions *sessions, const VdUsers *users);

/* What a page says in X-CSRF-Token: made of the cookie, which scripts cannot read (transfer full).
 */
char *vd_sessions_csrf(const VdSessions *sessions, const char *cookie);
bool vd_sessions_csrf_matches(const VdSessions *sessions, const char *cookie, const char *csrf);
