#pragma once

#include "http/route.h"

/* One function a route; the table in route.c says which. */
VdReply vd_handle_asset(const VdRequest *request, VdApi *api);
VdReply vd_handle_cameras(const VdRequest *request, VdApi *api);
VdReply vd_handle_camera(const VdRequest *request, VdApi *api);
VdReply vd_handle_configuration(const VdRequest *request, VdApi *api);
VdReply vd_handle_origins(const VdRequest *request, VdApi *api);
VdReply vd_handle_changes(const VdRequest *request, VdApi *api);
VdReply vd_handle_explain(const VdRequest *request, VdApi *api);
VdReply vd_handle_schema(const VdRequest *request, VdApi *api);
VdReply vd_handle_stream(const VdRequest *request, VdApi *api);
VdReply vd_handle_video(const VdRequest *request, VdApi *api);
VdReply vd_handle_snapshot(const VdRequest *request, VdApi *api);
VdReply vd_handle_events(const VdRequest *request, VdApi *api);
VdReply vd_handle_event_stream(const VdRequest *request, VdApi *api);
VdReply vd_handle_test_event(const VdRequest *request, VdApi *api);
VdReply vd_handle_probe(const VdRequest *request, VdApi *api);
VdReply vd_handle_order(const VdRequest *request, VdApi *api);
VdReply vd_handle_wall(const VdRequest *request, VdApi *api);
VdReply vd_handle_stats(const VdRequest *request, VdApi *api);
VdReply vd_handle_viewers(const VdRequest *request, VdApi *api);
VdReply vd_handle_dismiss(const VdRequest *request, VdApi *api);
VdReply vd_handle_metrics(const VdRequest *request, VdApi *api);
VdReply vd_handle_version(const VdRequest *request, VdApi *api);
VdReply vd_handle_system(const VdRequest *request, VdApi *api);
VdReply vd_handle_healthz(const VdRequest *request, VdApi *api);
VdReply vd_handle_readyz(const VdRequest *request, VdApi *api);
