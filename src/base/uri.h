#pragma once

#include <glib.h>

/*
 * URIs that people may read. Everything that prints a URI prints it through here.
 *
 * vd_redact_uri: user and password become "***", so do the values of query parameters that look
 * like secrets (password, pwd, pass, token, key, auth, ...). Works on broken URIs too: when in
 * doubt more is hidden, never less. (transfer full)
 *
 * vd_redact_text: the same for every "scheme://" found inside a text, such as an element's error
 * message. (transfer full)
 */
char *vd_redact_uri(const char *uri);
char *vd_redact_text(const char *text);
