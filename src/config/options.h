#pragma once

#include "config/config.h"

#include <stdio.h>

/*
 * The options table: one row an option, the single source for parsing, --help-config, the man
 * page's check, etc/vedette.conf and the API.
 */
typedef enum VdOptionType {
    VD_OPTION_BOOL,
    VD_OPTION_INT,
    VD_OPTION_STRING, /* of `values` only where the option has them */
    VD_OPTION_URI,    /* a string; shown through vd_redact_uri() */
    VD_OPTION_ENUM,   /* the field is the index in `values` */
    VD_OPTION_POLYGONS,
    VD_OPTION_ZONES,
    VD_OPTION_LINES,
} VdOptionType;

typedef struct VdOption {
    const char *group; /* "vedette", "mqtt", "webhook" or "camera" */
    const char *name;  /* as written in the file */
    VdOptionType type;
    int min, max;              /* VD_OPTION_INT */
    const char *const *values; /* VD_OPTION_ENUM, NULL-terminated */
    /* STRING and URI (nullable): normalises *text or says what is wrong with it */
    bool (*check)(char **text, GError **error);
    const char *preset; /* the default, as text; "" for none */
    const char *unit;   /* "ms", "frames/s", "pixels", "1/10000 of the picture", or "" */
    VdApply apply;
    bool secret;      /* never shown */
    bool own;         /* of one camera: not allowed in [defaults] */
    size_t offset;    /* of the field in VdConfig or VdCameraConfig */
    const char *help; /* one or two plain sentences */
} VdOption;

const VdOption *vd_options(guint *count);
guint vd_n_options(void);
guint vd_option_index(const VdOption *option);                       /* its place in the table */
const VdOption *vd_option_find(const char *group, const char *name); /* (nullable) */
/* The known name nearest to a mistyped one, or NULL when none is near. */
const char *vd_option_nearest(const char *group, const char *name);
/* The option's value in a camera or config as the file would write it; "***" for a set secret. */
char *vd_option_text(const VdOption *option, const void *owner);
/* --help-config, and with sample set the text of etc/vedette.conf. */
void vd_options_print(FILE *out, bool sample);
