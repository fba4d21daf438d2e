#pragma once

#include "events/event.h"

/*
 * What happened, kept on disk: SQLite in WAL mode, owned by one thread. Nobody waits for it: events
 * and questions lie in a queue, and are done in the order in which they came. Whoever asks behind
 * an event is therefore told of it, and what was told of was committed: it is there after a kill
 * -9. (With synchronous=NORMAL a power cut may take the last seconds, and never the database.)
 *
 * An event for which there is no room in the queue, or on the disk, is not kept: it is counted.
 * What is too old, or too much, is taken out in small steps, the oldest first. All functions but
 * new and free are [any].
 */
typedef struct VdJournal VdJournal;

typedef struct VdJournalBounds {
    int days;   /* events are kept so long */
    int max_mb; /* and take no more room than this */
} VdJournalBounds;

/*
 * It cannot be written (text says why), or can again (NULL); said once until the other comes. On
 * the journal's thread; may post events.
 */
typedef void (*VdJournalTrouble)(const char *text, void *data);

/*
 * file: ":memory:" keeps nothing beyond the process. A file that is no journal, or a broken one, is
 * moved aside to file.broken, and a new one begun. Where none can be made at all, the log says so
 * and events are kept in memory.
 */
VdJournal *vd_journal_new(const char *file, const VdJournalBounds *bounds);
/* Does all that is in the queue. */
void vd_journal_free(VdJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdJournal, vd_journal_free)

/* Before anything is stored. */
void vd_journal_on_trouble(VdJournal *journal, VdJournalTrouble trouble, void *data);
/* The greatest number when it was opened; 0: none. */
guint64 vd_journal_last_id(const VdJournal *journal);
void vd_journal_set_bounds(VdJournal *journal, const VdJournalBounds *bounds);

/* (transfer none) A numbered event; numbers grow from call to call. */
void vd_journal_store(VdJournal *journal, VdEvent *event);

/* Which events. All zero: all, the newest first. */
typedef struct VdEventFilter {
    const char *camera;      /* (nullable) */
    const char *const *seen; /* (nullable) what vd_event_seen() leaves of them, by these patterns */
    guint kinds;             /* 1 << VdEventKind; 0: all */
    gint64 since_us;         /* of the wall clock, or later */
    gint64 until_us;         /* before that; 0: no end */
    guint64 after_id;        /* later than this one */
    guint64 before_id;       /* earlier than this one; 0: no end */
    bool oldest_first;
    guint limit; /* 1..VD_MAX_EVENTS_FOUND; 0: that many */
    /*
     * (nullable) Who works through the journal: only events behind the last that
     * vd_journal_done() was told of, from now on when it is new.
     */
    const char *reader;
} VdEventFilter;

/*
 * events: VdEvent, the caller's own until it returns. more: there are others behind the last one.
 * events is NULL when the journal could not be read. On the journal's thread.
 */
typedef void (*VdJournalAnswer)(GPtrArray *events, bool more, void *data);

/* Copies the filter. False: too many ask already; answer is not called. */
bool vd_journal_find(VdJournal *journal, const VdEventFilter *filter, VdJournalAnswer answer,
                     void *data);
/* The reader needs to be told of no event up to this one any more. */
void vd_journal_done(VdJournal *journal, const char *reader, guint64 id);

typedef struct VdJournalStats {
    guint64 stored;  /* since the start */
    guint64 dropped; /* since the start: no room in the queue or on the disk */
    guint64 bytes;   /* of the database */
    guint queued;
} VdJournalStats;
void vd_journal_stats(VdJournal *journal, VdJournalStats *stats);
