#pragma once

#include "config/changes.h"

/*
 * The configuration in its parts: what the files say, what was changed beside them, and both
 * together, which is what holds. [main]
 */
typedef struct VdSettings {
    VdConfig *base;
    VdChanges *changes; /* that hold */
    VdChanges *kept;    /* of those, what is on disk, too */
    VdConfig *config;
    char *folder; /* (nullable) where changes are kept */
} VdSettings;

void vd_settings_clear(VdSettings *settings);
