#pragma once

#include "http/route.h"

/* The handlers of /api/v1/session: who somebody is, and the cookie of pages. [any] */
VdReply vd_handle_session(const VdRequest *request, VdApi *api);
VdReply vd_handle_log_in(const VdRequest *request, VdApi *api);
VdReply vd_handle_log_out(const VdRequest *request, VdApi *api);
