#pragma once

#include "config/config.h"

/* What may be wrong with a camera's pictures. [any] */
typedef enum VdTamper {
    VD_TAMPER_COVERED,
    VD_TAMPER_BLINDED,
    VD_TAMPER_DEFOCUSED,
    VD_TAMPER_MOVED,
    VD_TAMPER_SHAKEN,
    VD_TAMPER_FROZEN,
    VD_TAMPER_BLACK,
    VD_TAMPER_NOISY,
    VD_TAMPER_IR_FLIP,
    VD_N_TAMPERS,
} VdTamper;

/* What is to be told of a camera. */
typedef struct VdTamperWish {
    guint kinds;     /* 1 << VdTamper */
    int sensitivity; /* 1..99: the limit is 100 less it */
} VdTamperWish;

const char *vd_tamper_name(VdTamper tamper); /* "covered", ... */
/* "covered, black", "all" or "off"; false: text is none of these. */
bool vd_tampers_read(const char *text, guint *kinds);
VdTamperWish vd_tampers_wish(const VdCameraConfig *camera);
char *vd_tampers_list(void); /* "covered, blinded, ..." (transfer full) */
