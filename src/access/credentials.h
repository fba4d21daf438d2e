#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * What a request says of who sends it: the headers Authorization and Cookie, taken apart. Pure.
 * Texts are secrets: clear overwrites them. [any]
 */
#define VD_SESSION_COOKIE "vedette-session"

typedef struct VdCredentials {
    char *user, *password; /* of Basic; both or neither */
    char *token;           /* of Bearer */
    char *session;         /* the cookie; not looked at beside an Authorization */
    bool broken;           /* something is there, and nothing can be made of it */
} VdCredentials;

/* Both are (nullable). Clear it in any case. */
void vd_credentials_parse(VdCredentials *credentials, const char *authorization,
                          const char *cookie);
void vd_credentials_clear(VdCredentials *credentials);
