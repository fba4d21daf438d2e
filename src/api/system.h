#pragma once

#include "base/ticket.h"
#include "config/config.h"

/* What this machine and this build can do: codecs, GPUs, limits. */
typedef struct VdSystem VdSystem;

VdSystem *vd_system_new(void);
void vd_system_free(VdSystem *system); /* waits for what it is looking for */
/* The limits that are configured; connections as they were the first time. [main] */
void vd_system_configure(VdSystem *system, const VdConfig *config);

/*
 * Answers the ticket with a VdAnswer. Encoders are not loaded until somebody asks for the first
 * time, which is on a thread of its own: libavcodec and what it needs takes time and memory that
 * a daemon whose viewers look at JPEGs has other uses for. [any]
 */
void vd_system_ask(VdSystem *system, guint max_viewers, VdTicket *ticket);
