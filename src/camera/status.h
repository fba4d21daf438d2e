#pragma once

#include "camera/audience.h"
#include "camera/receiver.h"
#include "events/crossings.h"
#include "events/tampering.h"
#include "media/view.h"

/*
 * What there is to say of a camera at one moment. Counted and immutable once shared; a new one
 * replaces it whole. Its JSON is made when somebody first asks for it, once.
 */
typedef struct VdStatus VdStatus;

/* One rendition that is watched. */
typedef struct VdRenditionStatus {
    VdRendition rendition;
    VdViewStats view;
    VdEncoderFacts encoder;
    VdAudienceCounts audience;
} VdRenditionStatus;
void vd_rendition_status_clear(void *status);

/* What a status is made of. Everything is taken over (transfer full). */
typedef struct VdStatusParts {
    VdCameraConfig *config;
    VdReceiverFacts shown; /* the stream that is analysed and shown */
    VdReceiverFacts main;  /* the other one, where there are two */
    bool two_streams;
    double bitrate, main_bitrate; /* bits/s, of the last second */
    VdReport *report;             /* (nullable) the newest */
    VdObjects *objects;           /* (nullable) of the newest picture */
    VdTamperFacts tampering;
    VdCrossed crossed;         /* of the lines that config has */
    gint64 newest_frame_us;    /* vd_clock_now_us() of the newest decoded frame; 0: none */
    VdAudienceCounts audience; /* of all renditions, also of those that are no more */
    GArray *renditions;        /* VdRenditionStatus */
    GArray *guests;            /* VdGuest */
    VdStages *stages;          /* (nullable) the camera's own: they go on counting */
} VdStatusParts;

VdStatus *vd_status_new(const VdStatusParts *parts);
VdStatus *vd_status_ref(VdStatus *status);
void vd_status_unref(VdStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdStatus, vd_status_unref)

/* [any] */
const VdStatusParts *vd_status_parts(const VdStatus *status);
/* As status-json.h says. (transfer full) */
GBytes *vd_status_brief_json(VdStatus *status);
GBytes *vd_status_whole_json(VdStatus *status);
