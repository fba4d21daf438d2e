#pragma once

#include "ctl/ctl.h"

/* What vedette-replay tells, as people read it: tables and sentences on standard output. */
typedef struct VdCtlReplayText VdCtlReplayText;

/* a, b: what the settings are called; b is NULL where there is one alone. */
VdCtlReplayText *vd_ctl_replay_text_new(const char *a, const char *b);
void vd_ctl_replay_text_free(VdCtlReplayText *text);
/* Lines of type event, clip, truth and difference; others are none of it. */
void vd_ctl_replay_text_take(VdCtlReplayText *text, const json_t *line);
