#pragma once

#include "config/options.h"

/*
 * One option's value in its VdConfig or VdCameraConfig (`owner`), whatever its type.
 */

/* From text as the file has it, escapes undone. False with what is wrong and what is allowed. */
bool vd_option_set(const VdOption *option, void *owner, const char *text, GError **error);
void vd_option_set_preset(const VdOption *option, void *owner);
void vd_option_copy(const VdOption *option, const void *from, void *to);
bool vd_option_equal(const VdOption *option, const void *a, const void *b);
/* As the file would write it, secrets as they are: never to be shown (transfer full). */
char *vd_option_plain(const VdOption *option, const void *owner);
void vd_option_clear(const VdOption *option, void *owner);
