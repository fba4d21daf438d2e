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
bool vd_check_topic(char **text, GError **error);
bool vd_check_web_url(char **text, GError **error);
bool vd_check_kinds(char **text, GError **error);
bool vd_check_tampers(char **text, GError **error);
bool vd_check_ids(char **text, GError **error);
bool vd_check_gpu(char **text, GError **error);
bool vd_check_ca_file(char **text, GError **error);
bool vd_check_socket(char **text, GError **error);
bool vd_check_path(char **text, GError **error);
bool vd_check_host_names(char **text, GError **error);
/* A camera's id. */
bool vd_check_id(const char *id, GError **error);
bool vd_check_line_name(const char *name, GError **error); /* the same, of a line */
bool vd_check_zone_name(const char *name, GError **error);
