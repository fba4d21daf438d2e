#pragma once

#include "api/api.h"
#include "api/incidents.h"
#include "base/command.h"
#include "camera/cameras.h"
#include "config/settings.h"

/*
 * What is done to the cameras from outside: an order is posted to the main loop, carried out there,
 * and its ticket answered. They are done one after the other, in the order in which they came: one
 * that changes the configuration is kept on disk first, on another thread, and the others wait.
 */
typedef struct VdOrders VdOrders;

/* settings: (transfer none) what holds; the orders change it. [main] */
VdOrders *vd_orders_new(VdCommands *commands, VdSettings *settings, VdCameras *cameras,
                        VdIncidents *incidents);
void vd_orders_free(VdOrders *orders); /* [main] */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdOrders, vd_orders_free)

/* As VdApi's order(). [any] */
void vd_orders_post(VdOrders *orders, const VdOrder *order, VdTicket *ticket);
