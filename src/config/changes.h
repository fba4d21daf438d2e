#pragma once

#include "config/config.h"

/*
 * What the API changed beside the files: for each camera that it touched, options and their texts
 * as a file would have them. Immutable and counted. Kept in the same format as vedette.conf:
 *
 *     [camera front]
 *     stream-fps=5
 *     [camera yard]
 *     deleted=true
 *
 * "deleted" says that the camera in the files does not count. Options beside it make another camera
 * of the same id. Whether an option is known and its value allowed is not asked here but by
 * vd_config_with(), so that nothing gets lost between versions. [any]
 */
typedef struct VdChanges VdChanges;

#define VD_CHANGES_DELETED "deleted"

VdChanges *vd_changes_new(void); /* nothing is changed */
VdChanges *vd_changes_ref(VdChanges *changes);
void vd_changes_unref(VdChanges *changes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdChanges, vd_changes_unref)

/* From a text; `name` stands for the file in errors. NULL with errors (VdConfigError) when it is
 * damaged. */
VdChanges *vd_changes_parse(const char *text, gsize length, const char *name, GPtrArray *errors);
/* What vd_changes_parse() makes the same of, with secrets; NULL when that would be too much for it
 * (VD_ERROR_LIMIT). (transfer full) */
char *vd_changes_text(const VdChanges *changes, GError **error);

/* Option -> text of one camera (transfer none) (nullable). Not to be changed. */
GHashTable *vd_changes_find(const VdChanges *changes, const char *id);
bool vd_changes_deleted(const VdChanges *changes, const char *id);
/* The ids of all cameras that are changed, sorted (transfer container). */
GPtrArray *vd_changes_ids(const VdChanges *changes);
/* The same with these options for one camera ((nullable), NULL or none: it is not changed at all);
 * they do not change afterwards. */
VdChanges *vd_changes_set(const VdChanges *changes, const char *id, GHashTable *options);

/* The changes to one camera, to be filled. */
GHashTable *vd_changes_options_new(void);
GHashTable *vd_changes_options_copy(GHashTable *options); /* (nullable) */

/*
 * The effective configuration: what the files say (base), and the changes. A change that makes no
 * sense is left out and named in warnings (VdConfigError); the others count. Cameras without
 * changes are shared with base.
 */
VdConfig *vd_config_with(const VdConfig *base, const VdChanges *changes, GPtrArray *warnings);
