#pragma once

#include "http/route.h"

/* What a judgement of src/access means in HTTP. Pure. [any] */

/*
 * True: the request may go on, and knows whose it is and what he sees. False: *reply says why not.
 * A camera that he does not see is not there. Takes the judgement.
 */
bool vd_guard_admit(VdRequest *request, VdJudgement judgement, VdReply *reply);

/* Who does something, for the log: "user anna, 192.0.2.7 Firefox" (transfer full). */
char *vd_guard_name(const VdRequest *request);
