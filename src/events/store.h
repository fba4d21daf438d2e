#pragma once

#include "events/journal.h"

/*
 * The journal's database. It belongs to one thread. What is added is kept once vd_store_commit()
 * has answered true.
 */
typedef struct VdStore VdStore;

#define VD_STORE_IN_MEMORY ":memory:" /* in place of a file */

/*
 * A file that is new is its owner's alone, and so is its folder where that is missing. What is
 * there and no journal, or broken, is moved aside.
 */
VdStore *vd_store_open(const char *file, GError **error);
void vd_store_close(VdStore *store); /* (nullable) */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdStore, vd_store_close)

guint64 vd_store_last_id(VdStore *store);
guint64 vd_store_bytes(VdStore *store); /* that it takes, but for what is free inside */

/* Where one of these answers false, all since the last commit is forgotten. */
bool vd_store_add(VdStore *store, const VdEvent *event, GError **error);
bool vd_store_done(VdStore *store, const char *reader, guint64 id, GError **error);
bool vd_store_commit(VdStore *store, GError **error);

/* VdEvent (transfer full); NULL with *error. */
GPtrArray *vd_store_find(VdStore *store, const VdEventFilter *filter, bool *more, GError **error);

/* Takes out some of what the bounds do not allow; *more: there is still too much. */
bool vd_store_prune(VdStore *store, const VdJournalBounds *bounds, gint64 wall_us, bool *more,
                    GError **error);
