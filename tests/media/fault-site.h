#pragma once

#include "analysis-rig.h"
#include "base/mailbox.h"
#include "media/view.h"

typedef struct FaultView {
    VdView *view; /* (nullable) nothing here encodes it */
    VdMailbox *mailbox;
    guint64 posts;             /* as last looked at */
    gint64 posted_us;          /* when it was last seen to have one more; 0: never */
    gint64 longest_without_us; /* between two of its pictures */
} FaultView;

enum { FAULT_JPEG, FAULT_VIDEO, N_FAULT_VIEWS };

/*
 * A camera on the emulated GPU with a viewer of each kind, fed as fast as it would be by its
 * camera. [main]
 */
typedef struct FaultSite {
    AnalysisRig rig;
    GPtrArray *units; /* GstSample, (transfer none); they come again and again */
    gint64 opened_us;
    FaultView views[N_FAULT_VIEWS];
} FaultSite;

GPtrArray *fault_site_units(void); /* (transfer full) */
void fault_site_open(FaultSite *site, GPtrArray *units);
void fault_site_close(FaultSite *site);

/* One unit more, and its time passes. */
void fault_site_step(FaultSite *site);
/* The same, but what passes is the time until its picture is there. */
void fault_site_hurry(FaultSite *site);
/* From now on it is looked how long views are without a picture. */
void fault_site_watch_views(FaultSite *site);

/* The picture of the newest unit is there, or of one shortly before. */
void fault_site_await_newest(FaultSite *site);
/* That all are in order. The longest time without one, from the opening on. */
gint64 fault_site_check_pictures(FaultSite *site);
