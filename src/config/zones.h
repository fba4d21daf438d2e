#pragma once

#include "config/config.h"

/*
 * Parts of a camera's picture in which motion counts, or does not. As text, one behind the other
 * with a ; between them: "NAME [ignore] [min-size=PERCENT] [min-ms=MS]: x,y x,y x,y ..." with
 * points as masks have them.
 */
typedef struct VdZone {
    char *name;   /* made as a camera's id is, once in a camera */
    bool ignore;  /* what stands in it does not count, whatever other zone it stands in */
    int min_size; /* of a box: 1/10000 of the picture; 0: any */
    int min_ms;   /* for which something must move there; -1: event_min_ms */
    VdPolygon polygon;
} VdZone;

/* A camera's, in the order in which they are written: counted, immutable. */
struct VdZones {
    gatomicrefcount refs;
    bool counting; /* there is one that is not to be ignored: motion outside does not count */
    guint count;   /* 1..VD_MAX_ZONES */
    VdZone each[];
};

/* An empty text makes none: *zones is NULL then ((transfer full) otherwise). */
bool vd_zones_parse(const char *text, VdZones **zones, GError **error);
/* What vd_zones_parse() makes the same zones of (transfer full). zones: (nullable) */
char *vd_zones_text(const VdZones *zones);
bool vd_zones_equal(const VdZones *a, const VdZones *b); /* both (nullable) */
VdZones *vd_zones_ref(VdZones *zones);                   /* (nullable) */
void vd_zones_unref(VdZones *zones);                     /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdZones, vd_zones_unref)
/* Hundredths of a percent as that text has them: "0.5" (transfer full). */
char *vd_zone_percent(int size);
