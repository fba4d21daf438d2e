#pragma once

#include "replay/options.h"

/*
 * Replays all recordings with all settings, one after the other, and tells what comes of it. False
 * with an error when that ended it; also when it was interrupted, without an error. [main]
 */
bool vd_replay_run(const VdReplayOptions *options, GError **error);
