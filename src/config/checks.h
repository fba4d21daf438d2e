#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * What the text options may hold. Each takes a value as given, makes *text its normal form or
 * answers false with what is wrong and what is allowed; secrets are never quoted. An empty text is
 * for the callers to judge.
 */
bool vd_check_listen(char **text, GError **error);
bool vd_check_name(char **text, GError **error);
bool vd_check_uri(char **text, GError **error);
bool vd_check_secret(char **text, GError **error);
bool vd_check_file_name(char **text, GError **error);
bool vd_check_gpu(char **text, GError **error);
bool vd_check_ca_file(char **text, GError **error);
/* A camera's id. */
bool vd_check_id(const char *id, GError **error);
