#pragma once

#include "camera/receiver.h"
#include "events/crossings.h"
#include "events/event.h"
#include "events/reasons.h"
#include "events/tampering.h"

/*
 * Watches one camera for what is worth an event: motion in its pictures, how
 * good they are, and its state. What moves
 * is judged on the thread that decodes; everything else here is [main].
 */
typedef struct VdReporter VdReporter;

/* (transfer full) Something happened. [any] */
typedef void (*VdHappened)(VdEvent *event, void *data);

VdReporter *vd_reporter_new(const char *camera, VdHappened happened, void *data);
/* Motion that goes on is over then. */
void vd_reporter_free(VdReporter *reporter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdReporter, vd_reporter_free)

/* Motion is over where zones are others. */
void vd_reporter_configure(VdReporter *reporter, const VdCameraConfig *config);
/* Looks at this hub's pictures from now on; NULL: at none. Holds no reference of its own. */
void vd_reporter_follow(VdReporter *reporter, VdFrameHub *hub);
/* What there is to say of the stream that is followed. */
void vd_reporter_take(VdReporter *reporter, const VdReceiverFacts *facts);
/* Who crossed the lines that are configured. */
VdCrossed vd_reporter_crossed(VdReporter *reporter);
/* As vd_reasons_around() answers: why motion was an event, or was none. [any] */
GArray *vd_reporter_reasons(VdReporter *reporter, const VdReasonsWanted *wanted, gint *found,
                            gint64 *oldest_us);
/* What looks wrong with its pictures. */
void vd_reporter_tampering(VdReporter *reporter, VdTamperFacts *facts);
/* To be called about twice a second. */
void vd_reporter_tick(VdReporter *reporter);
