#pragma once

#include "api/api.h"
#include "config/edit.h"
#include "config/settings.h"

/*
 * An order that changes a camera's configuration: what it comes to, judged on what holds now.
 * [main]
 */
typedef struct VdChange {
    VdEdit *edit;    /* NULL: refused, and the answer says why */
    VdChanges *kept; /* what is to be kept on disk then */
} VdChange;

/* order->verb is one of those that change the configuration. */
void vd_change_judge(VdChange *change, const VdOrder *order, const VdSettings *settings,
                     VdAnswer *answer);
/* From now on it holds in settings; kept: it is on disk. */
void vd_change_take(VdChange *change, VdSettings *settings, bool kept);
/* What it does, or would do (dry_run), is the answer's body. */
void vd_change_tell(const VdChange *change, const VdOrder *order, bool kept, VdAnswer *answer);
/* "stream_fps, name (live)", for the log (transfer full). */
char *vd_change_text(const VdChange *change);
/* What is wrong with a document's members (VdConfigError) are the answer's details. */
void vd_change_list_errors(const GPtrArray *errors, VdAnswer *answer);
void vd_change_clear(VdChange *change);
