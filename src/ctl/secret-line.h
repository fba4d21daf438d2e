#pragma once

#include "ctl/ctl.h"

/* A line that nobody sees: from the terminal without echo, else from standard input. NULL: none,
 * said, and *exit is how the program is to end (transfer full). */
char *vd_ctl_secret_line(const char *what, int *exit);
void vd_ctl_secret_free(char *text); /* overwrites it */
