#pragma once

#include "config/changes.h"

#include <jansson.h>

/*
 * What the API does to cameras: from a JSON document to changes and the configuration that holds
 * with them. Pure but for credentials, which are read when password_file names one. Nothing that
 * is given is changed; who is content with what was made keeps and applies it. [any]
 *
 * A member of a document is an option of the camera:
 * - null takes the API's change back: the option is what the files say, or the default.
 * - What is shown already stays what it is: "***" for a secret, a URI with its password hidden. So
 * a configuration that was read can be sent back with one member changed.
 * - password and password_file are one: who sets either drops the API's change of the other.
 * "id" may stand there as well; it cannot be changed.
 */

/* What holds now: config is base with changes. All (transfer none). */
typedef struct VdEditBase {
    const VdConfig *base; /* the files */
    const VdChanges *changes;
    const VdConfig *config;
} VdEditBase;

/* What is to hold. */
typedef struct VdEdit {
    char *id; /* of the camera */
    VdChanges *changes;
    VdConfig *config; /* every other camera is shared with the one before */
    json_t *plan;     /* config/plan.h */
} VdEdit;
void vd_edit_free(VdEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdEdit, vd_edit_free)

/*
 * json is NULL where there is no document, which is as wrong as one that cannot be read.
 *
 * All answer NULL with *error when it cannot be done. VD_ERROR_INVALID: the document; what is wrong
 * with its members is in errors then (VdConfigError with the member as option), unless it could not
 * be read at all. VD_ERROR_NOT_FOUND: no such camera. VD_ERROR_CONFLICT, VD_ERROR_LIMIT.
 */

/* A new camera out of defaults and the document, which holds "id" and "uri". It inherits nothing
 * from one of this id in the files that was deleted. */
VdEdit *vd_edit_create(const VdEditBase *on, GBytes *json, GPtrArray *errors, GError **error);
/* The document says all that the API changes: what is not in it is what the files say. A camera of
 * the files that was deleted comes back. */
VdEdit *vd_edit_replace(const VdEditBase *on, const char *id, GBytes *json, GPtrArray *errors,
                        GError **error);
/* RFC 7396: members that are not in the document stay, also those of a member that is an object. */
VdEdit *vd_edit_patch(const VdEditBase *on, const char *id, GBytes *json, GPtrArray *errors,
                      GError **error);
VdEdit *vd_edit_delete(const VdEditBase *on, const char *id, GError **error);

/*
 * A camera that is only tried, out of the document for a new one, whose "id" may be missing: a
 * camera that has it is left alone, and gives nothing of its own. id: what it is called instead, a
 * name that no camera can have. (transfer full)
 */
VdCameraConfig *vd_edit_trial(const VdEditBase *on, const char *id, GBytes *json, GPtrArray *errors,
                              GError **error);
