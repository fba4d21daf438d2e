#pragma once

#include "config/changes.h"

#include <string.h>

/* Configurations and errors as texts, for the tests of config/. */
GPtrArray *texts_errors(void);                                                /* of VdConfigError */
char *texts_of_errors(const GPtrArray *errors);                               /* one a line */
VdConfig *texts_config(const char *text);                                     /* must be right */
VdChanges *texts_changes(const char *text);                                   /* must be right */
char *texts_option(const VdConfig *config, const char *id, const char *name); /* as it is */
char *texts_repeat(const char *text, gsize times);
