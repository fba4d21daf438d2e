#pragma once

#include <glib.h>

/*
 * Failures to say who one is, and for how long an address may not try again. Each address has some
 * tries, then a pause that doubles with each further failure. Failures for one user, from wherever
 * they come, take those tries away from every address that fails for him; one that has not failed
 * may always try, so that nobody can be locked out by others.
 *
 * An IPv4 address counts as itself, an IPv6 one as its /64, which is what one customer has. Time
 * is vd_clock_now_us(). No lock: it belongs to whoever made it.
 */
typedef struct VdAttempts VdAttempts;

VdAttempts *vd_attempts_new(void);
void vd_attempts_free(VdAttempts *attempts);

/* Seconds until a try from there is looked at, rounded up; 0: now. */
guint vd_attempts_wait_s(VdAttempts *attempts, const char *address);
/* user: (nullable) it was no password. */
void vd_attempts_failed(VdAttempts *attempts, const char *address, const char *user);

/* What counts as one address: "192.0.2.7", "2001:db8:1:2" (transfer full). */
char *vd_attempts_place(const char *address);
