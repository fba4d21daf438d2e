#pragma once

#include "config/settings.h"
#include "daemon.h"

/* How the settings come to be: from files, and what is kept of changes. [main] */

/* Reads the files and what is kept of the API's changes. Changes that make no sense are logged and
 * left out; when all are damaged they are kept aside. False when the files have errors, which are
 * logged. */
bool vd_settings_read(VdSettings *settings, const VdDaemonOptions *options);
/* Reads the files again; the changes stay on top. False, and nothing changed, as above. */
bool vd_settings_read_again(VdSettings *settings, const VdDaemonOptions *options);

/* Prints every error in the files and in what is kept; answers the exit status. */
int vd_settings_check(const VdDaemonOptions *options);
