#pragma once

/*
 * What an outsider, or a configuration, can make the daemon keep. Each limit is checked where the
 * thing grows and has a test that goes one over.
 */
#define VD_MAX_CAMERAS        512
#define VD_MAX_ID             63   /* bytes of a camera's id: [a-z0-9][a-z0-9-]* */
#define VD_MAX_NAME           127  /* bytes of a camera's name, UTF-8 */
#define VD_MAX_URI            2047 /* bytes */
#define VD_MAX_CONFIG_FILE    (1024 * 1024)
#define VD_MAX_CONFIG_LINE    20480         /* bytes; the most masks are 16 KiB and their name */
#define VD_MAX_CONFIG_ERRORS  1000          /* reported of one configuration */
#define VD_MAX_TARGET         2048          /* bytes of path and query of a request */
#define VD_MAX_HEADERS        16384         /* bytes of its line and headers */
#define VD_MAX_JSON           65536         /* bytes of a JSON document that changes a camera */
#define VD_MAX_JSON_ERRORS    64            /* reported of one document */
#define VD_MAX_CHANGES        (1024 * 1024) /* bytes of what the API changed, as a file */
#define VD_MAX_CA_FILE        (4 * 1024 * 1024)
#define VD_MAX_TLS_FILE       (1024 * 1024) /* bytes of our certificate's file, and of its key's */
#define VD_MAX_PASSWORD       255           /* bytes; of a user's name too */
#define VD_MAX_POLYGONS       16            /* masks of one camera */
#define VD_MAX_POLYGON_POINTS 64
#define VD_MAX_OBJECTS        64        /* of one picture that are told and drawn */
#define VD_MAX_ZONES          16        /* of one camera; each has a bit, and one more is used */
#define VD_MAX_LINES          16        /* of one camera */
#define VD_MAX_TRACKS         128       /* of one camera, guesses too */
#define VD_MAX_TRACK_BOXES    64        /* of one picture that tracks are made of */
#define VD_MAX_TRACK_PATH     32        /* points of a track's way */
#define VD_MAX_REASONS        3600      /* seconds of one camera whose motion is explained */
#define VD_SCENE_LASTS_US     600000000 /* a camera that is away for longer is another one */
#define VD_MAX_EVENT_MS       60000     /* that something may have to move until that is an event */
#define VD_MAX_RENDITIONS     16    /* widths x rates x codecs ... watched at once, per camera */
#define VD_MAX_BITRATE        50000 /* kbit/s of a video that is encoded */
#define VD_MAX_BEHIND         120   /* pictures of a video that are kept for viewers without room */
#define VD_MAX_BEHIND_BYTES   (8 * 1024 * 1024)
#define VD_MAX_CONNECTIONS    4096 /* HTTP, the most max-connections may say */
#define VD_MAX_WIDTH          8192 /* pixels */
#define VD_MAX_HEIGHT         8192
#define VD_MAX_PART           (16 * 1024 * 1024) /* bytes of one HTTP-MJPEG part */
#define VD_MAX_RING_BYTES     (64 * 1024 * 1024)
#define VD_MAX_GPUS           16
#define VD_MAX_EARLY_BYTES    (4 * 1024 * 1024) /* of a stream's RTP packets that came too early */
#define VD_MAX_EVENTS_HELD    1024              /* the newest, in memory for those who listen */
#define VD_MAX_EVENTS_QUEUED  4096              /* on their way to the journal */
#define VD_MAX_MQTT_WAITING   4096              /* messages on their way to the broker */
#define VD_MAX_EVENTS_FOUND   1000              /* by one question to the journal */
#define VD_MAX_QUESTIONS      256               /* to the journal that wait for an answer */
#define VD_MAX_WEBHOOKS       16
#define VD_MAX_PROBES         4     /* connections that are tried at once */
#define VD_MAX_PROBE_MS       15000 /* for one, until there is a picture */
#define VD_MAX_PROBE_OPEN_MS \
    10000 /* of these until there is data, whatever connect-timeout-ms= says */
#define VD_MAX_ACCOUNTS       256  /* users and tokens together */
#define VD_MAX_SESSIONS       1024 /* of pages; the one that was used least lately goes */
#define VD_MAX_ATTEMPTS       4096 /* addresses, and users, whose failures are remembered */
#define VD_MAX_VERIFYING      32   /* passwords that wait to be verified ... */
#define VD_MAX_VERIFYING_HERE 4    /* ... and of these from one address */
#define VD_MAX_VERIFIED       1024 /* passwords that were, and are remembered for a while */
#define VD_MAX_LABELS         (1024 * 1024) /* bytes of a replay's table of visits */
#define VD_MAX_VISITS         10000         /* in it */
