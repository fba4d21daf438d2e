#pragma once

#include "events/journal.h"

/* Asks the journal and waits for the answer: "id id ..." with a + behind when there are more. */
char *ask(VdJournal *journal, const VdEventFilter *filter);
/* The numbers alone. */
GArray *ask_ids(VdJournal *journal, const VdEventFilter *filter, bool *more);
/* A numbered event of that time, in the journal when what is asked next is answered. */
void store(VdJournal *journal, VdEventKind kind, const char *camera, guint64 id, gint64 wall_us);
