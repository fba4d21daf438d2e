#pragma once

#include "api/api.h"

/*
 * What the VdApi of a VdLocal answers of events: those in memory, those in the journal, on whose
 * thread tickets are answered, and one for a try.
 */
void vd_history_fill(VdApi *api);
