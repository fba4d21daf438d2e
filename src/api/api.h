#pragma once

#include "base/answer.h"
#include "base/error.h"
#include "base/mailbox.h"
#include "base/ticket.h"
#include "base/words.h"
#include "events/event.h"

#include <stdbool.h>

/*
 * What the outside may ask. HTTP knows this and nothing behind it. A table of functions, so that
 * the daemon gives its own and a test gives another. All are [any], none blocks: answers come from
 * immutable snapshots, whatever the cameras do.
 */
typedef struct VdApi VdApi;

/* Which cameras somebody may see: patterns of ids, "front-*"; NULL: all of them. */
typedef struct VdSight {
    const char *const *cameras;
} VdSight;

static inline bool vd_sees(const VdSight *sight, const char *camera)
{
    return sight->cameras == NULL || vd_matches_any(sight->cameras, camera);
}

/* Which part of a list; all zero: the whole. */
typedef struct VdPage {
    const char *cursor; /* (nullable) what an answer said in "next" */
    guint limit;        /* of its rows; 0: no limit */
} VdPage;

/* What a viewer wants of a camera; -1 everywhere: the camera's own setting. */
typedef struct VdViewRequest {
    int width; /* pixels; 0: the frame's own */
    int fps;   /* 0: all */
    int quality;
    int annotate; /* 0, 1 */
    VdCodec codec;
    int bitrate; /* of a video, kbit/s; 0: what is usual */
} VdViewRequest;

/* What can be done to a camera. */
typedef enum VdVerb {
    VD_VERB_RESTART, /* connects it anew */
    VD_VERB_CREATE,  /* these four take a document: config/edit.h */
    VD_VERB_REPLACE,
    VD_VERB_PATCH,
    VD_VERB_DELETE,
    VD_VERB_ENABLE,
    VD_VERB_DISABLE,
} VdVerb;

/* Everything is the caller's, and only for as long as the call lasts. */
typedef struct VdOrder {
    VdVerb verb;
    const char *camera;   /* (nullable) */
    GBytes *body;         /* (nullable) JSON, not looked at yet */
    const char *if_match; /* (nullable) only if its configuration has one of these marks */
    bool dry_run;         /* only say what it would do */
    bool temporary;       /* until vedetted ends */
    const char *who;      /* "192.0.2.7 Firefox", for the log */
} VdOrder;

/* Somebody who watches. Counters are his own; the camera's are sums of them. */
typedef struct VdViewer VdViewer;

/* Which events of the past; texts as they were given, NULL where they were not. */
typedef struct VdEventQuery {
    const char *camera;
    const char *kinds;         /* separated by commas */
    const char *since, *until; /* ISO 8601 */
    const char *cursor;        /* what an answer said in "next" */
    bool oldest_first;
    guint limit;   /* 0: what is usual */
    VdSight sight; /* whose events */
} VdEventQuery;

/* One picture that a viewer was sent, whole. */
typedef struct VdSent {
    const VdPicture *picture;
    bool again;               /* he had it before */
    guint64 bytes;            /* with what stands around it */
    guint64 skipped;          /* pictures before it that he was too slow for */
    gint64 begun_us, done_us; /* vd_clock_now_us() at its first and behind its last byte */
} VdSent;

struct VdApi {
    void *self;

    /* Bodies, JSON but for metrics (transfer full), lists of what is seen, with "next". camera:
     * NULL when there is none of that id. cameras, viewers: NULL when the cursor is none of theirs.
     */
    GBytes *(*cameras)(void *self, const VdSight *sight, const VdPage *page);
    GBytes *(*camera)(void *self, const char *id);
    GBytes *(*stats)(void *self);
    GBytes *(*metrics)(void *self); /* as Prometheus reads it */
    GBytes *(*version)(void *self);
    GBytes *(*viewers)(void *self, const VdSight *sight, const VdPage *page);
    GBytes *(*schema)(void *self); /* of a camera's configuration */
    /* etag: its mark, without quotes (transfer full); NULL as above. */
    GBytes *(*configuration)(void *self, const char *id, char **etag);
    GBytes *(*origins)(void *self, const char *id);
    /* True when cameras can be asked for and the main loop moves; else why not (transfer full). */
    bool (*ready)(void *self, char **why);

    /*
     * Begins to watch: the mailbox is there at once, its first picture when it is ready. NULL with
     * VD_ERROR_NOT_FOUND, _INVALID (width, ...), _LIMIT (viewers, renditions), _UNSUPPORTED
     * (codec). `client` is shown in the status ("192.0.2.7 Firefox").
     */
    VdViewer *(*watch)(void *self, const char *camera, const VdViewRequest *want,
                       const char *client, GError **error);
    /* Whether watch() would do it now; false with its errors. *live: the camera is. */
    bool (*may_watch)(void *self, const char *camera, const VdViewRequest *want, bool *live,
                      GError **error);
    VdMailbox *(*mailbox)(VdViewer *viewer); /* (transfer none) */
    void (*sent)(VdViewer *viewer, const VdSent *sent);
    void (*unwatch)(VdViewer *viewer);
    /* Asks for a viewer's end by his number in the JSON of all; false: VD_ERROR_NOT_FOUND. */
    bool (*dismiss)(void *self, const char *number, const VdSight *sight, GError **error);
    bool (*dismissed)(VdViewer *viewer); /* whether his end was asked for */

    /* What this machine and this build can do: answers the ticket with a VdAnswer. */
    void (*system)(void *self, VdTicket *ticket);
    /* What was changed beside the files, of the cameras that are seen: as above. */
    void (*changes)(void *self, const VdSight *sight, VdTicket *ticket);
    /*
     * Why what moved then was an event, or was none: as above. at: (nullable) ISO 8601; now.
     * seconds: what came farthest of so many.
     */
    void (*explain)(void *self, const char *camera, const char *at, guint seconds,
                    VdTicket *ticket);
    /* Does it, and answers the ticket with a VdAnswer. */
    void (*order)(void *self, const VdOrder *order, VdTicket *ticket);
    /*
     * Tries to reach what a document as that of a new camera says, without making one, and answers
     * the ticket with a VdAnswer, in VD_MAX_PROBE_MS at most. VD_ERROR_LIMIT: others are tried.
     * body: (nullable) as in VdOrder. who: the same.
     */
    void (*probe)(void *self, GBytes *body, const char *who, VdTicket *ticket);

    /*
     * Events behind number `after` that are in memory, oldest first (transfer full): VdEvent; NULL
     * when some of them are not any more. hear(): wake is called under a lock whenever one is
     * posted, until unhear() has returned.
     */
    GPtrArray *(*events_after)(void *self, guint64 after, guint most);
    guint64 (*last_event)(void *self);
    guint64 (*forgotten_event)(void *self); /* up to this one they are in the journal alone */
    /* As he may see it (nullable) (transfer full). */
    GBytes *(*event_json)(void *self, VdEvent *event, const VdSight *sight);
    guint (*hear)(void *self, VdTicketWake wake, void *data);
    void (*unhear)(void *self, guint id);
    /* The same out of the journal: answers the ticket with a GPtrArray of VdEvent. */
    void (*older_events)(void *self, guint64 after, VdTicket *ticket);
    /* Answers the ticket with a VdAnswer: {"events":[...],"next":...}. */
    void (*find_events)(void *self, const VdEventQuery *query, VdTicket *ticket);
    /* Posts one and answers with a VdAnswer when it is kept. */
    void (*test_event)(void *self, const char *camera, const char *who, VdTicket *ticket);

    /* Ids of all cameras that are enabled, sorted; NULL-terminated (transfer full). */
    char **(*ids)(void *self);
};
