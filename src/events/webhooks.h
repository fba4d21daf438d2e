#pragma once

#include "config/config.h"
#include "events/hub.h"
#include "events/journal.h"
#include "events/sink.h"

/*
 * Tells web servers what happens: each event is posted to each of them, in order, until it answers
 * with a 2xx. What is not told yet is what lies in the journal behind a hook's place, which is kept
 * there too: nothing is lost by a restart, and a server that is gone costs a try now and then.
 * After VD_WEBHOOK_DAYS an event is not told any more. One thread serves all of them. [main]
 */
#define VD_WEBHOOK_DAYS 1

typedef struct VdWebhooks VdWebhooks;

VdWebhooks *vd_webhooks_new(VdEventHub *hub, VdJournal *journal);
/* hooks: VdWebhookConfig; those that are the same go on as they were. */
void vd_webhooks_configure(VdWebhooks *webhooks, GPtrArray *hooks);
/* Ends the thread; what the journal still answers is taken until vd_webhooks_free(). */
void vd_webhooks_stop(VdWebhooks *webhooks);
void vd_webhooks_free(VdWebhooks *webhooks);

/* [any] How they take it: how many there are, in `sinks`, which has room for VD_MAX_WEBHOOKS. */
guint vd_webhooks_tell(VdWebhooks *webhooks, VdSinkFacts *sinks);

/* "sha256=..." over "TIMESTAMP.BODY" (transfer full). [any] */
char *vd_webhook_signature(const char *secret, const char *timestamp, GBytes *body);
/* How long to wait after so many failures in a row; random: 0..1. [any] */
gint64 vd_webhook_delay_us(guint failures, double random);
