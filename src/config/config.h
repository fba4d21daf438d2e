#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * The configuration: read once into immutable, counted objects; a reload reads new ones and
 * compares. The names, types, ranges, units, defaults and texts of all options stand in one table,
 * config/options.c; the fields below are what it fills.
 */
typedef enum VdTransport { VD_TRANSPORT_AUTO, VD_TRANSPORT_TCP, VD_TRANSPORT_UDP } VdTransport;
typedef enum VdMaskStyle { VD_MASK_FILL, VD_MASK_PIXELATE } VdMaskStyle;
typedef enum VdTls { VD_TLS_VERIFY, VD_TLS_ANY } VdTls;

/* A point in the picture: 0..65536 is 0.0..1.0 of its width and height. */
typedef struct VdPoint {
    int x, y;
} VdPoint;

typedef struct VdPolygon {
    VdPoint *points;
    guint n_points; /* 3..VD_MAX_POLYGON_POINTS */
} VdPolygon;

typedef struct VdLines VdLines; /* config/lines.h */
typedef struct VdZones VdZones; /* config/zones.h */

/* Where an option's value comes from. */
typedef enum VdOriginKind {
    VD_ORIGIN_PRESET,   /* the default that the options table has */
    VD_ORIGIN_DEFAULTS, /* [defaults] */
    VD_ORIGIN_CAMERA,   /* [camera ID] */
    VD_ORIGIN_API,
} VdOriginKind;

typedef struct VdOrigin {
    VdOriginKind kind;
    char *file; /* (nullable) GRefString; where it stands in a file */
    guint line;
} VdOrigin;

typedef struct VdCameraConfig {
    gatomicrefcount refs;
    char *id;   /* from the group's name, "[camera front]" */
    char *name; /* shown to people; default: the id */
    bool enabled;

    /* source: a change means a new connection */
    char *uri;           /* with user and password when given there; never print it. Paths have
                            become "file:///..." and "v4l2:///dev/..." */
    char *analysis_uri;  /* (nullable) a second, smaller stream to analyse and view */
    char *user;          /* (nullable) */
    char *password_file; /* (nullable) where the password was read from */
    char *password;      /* (nullable) from password= or password-file= */
    VdTransport transport;
    VdTls tls;
    char *tls_ca_file;      /* (nullable) PEM; instead of the system's authorities */
    int latency_ms;         /* over UDP; -1: 100 */
    int connect_timeout_ms; /* until the first access unit */
    int stall_timeout_ms;   /* without an access unit, or without a decoded frame */
    int ring_seconds;       /* of encoded stream kept */
    bool loop;              /* files */
    int file_fps;           /* frames/s of bare files that carry no rate; 0: 25 */

    /* analysis: a change means a new analysis pipeline, or none at all where marked live */
    char *gpu; /* auto, require, off or a number: see gpu-wish.h */
    bool analysis;
    int analysis_fps;     /* live */
    int analysis_width;   /* pixels */
    int motion_threshold; /* live; 1..255, how much a pixel must differ beyond its noise */
    int motion_min_area;  /* live; 1/10000 of the picture a box must have */
    char *detector_model; /* (nullable) path of an ONNX file; objects are detected with it */
    char *detector_names; /* (nullable) path; NULL: COCO's */
    int detector_threads;
    int detect_fps;       /* live, as all that follow */
    int detect_min_score; /* per cent */
    int detect_budget;    /* per cent of the time */
    char *detect_classes; /* (nullable) names, separated by commas; NULL: all */
    char *event_classes;  /* (nullable) objects that count in place of what moves */
    int event_min_ms;     /* live; motion that lasts shorter is no event */
    int event_gap_ms;     /* live; without motion until it is over */
    char *tampering;      /* (nullable) kinds, see config/tampers.h; NULL: none */
    int tampering_sensitivity;
    VdPolygon *masks; /* live; privacy */
    guint n_masks;
    VdMaskStyle mask_style; /* live */
    VdZones *zones;         /* (nullable) live; where motion counts, and where it does not */
    VdLines *lines;         /* (nullable) live; what crosses them is an event */

    /* streams: live */
    int stream_fps;   /* most frames/s of a stream that asks for none */
    int stream_width; /* pixels of a stream that asks for none; 0: the camera's own */
    int jpeg_quality; /* 1..100 */
    bool annotate;    /* of a stream that does not say */
    bool show_name, show_time, show_state, show_boxes, show_masks, show_zones;

    VdOrigin *origins; /* of each option, by its place in the table; no part of what is compared */
} VdCameraConfig;

/* A web server that is told what happens. Counted, immutable. */
typedef struct VdWebhookConfig {
    gatomicrefcount refs;
    char *id;      /* from the group's name, "[webhook alarm]" */
    char *url;     /* http:// or https:// */
    char *secret;  /* (nullable) what is sent is signed with it */
    char *kinds;   /* (nullable) of events, separated by commas; all */
    char *cameras; /* (nullable) ids, separated by commas; all */
} VdWebhookConfig;
VdWebhookConfig *vd_webhook_config_ref(VdWebhookConfig *webhook);
void vd_webhook_config_unref(VdWebhookConfig *webhook);

typedef struct VdConfig {
    GPtrArray *webhooks;      /* VdWebhookConfig, immutable: shared by copies */
    GPtrArray *cameras;       /* VdCameraConfig, sorted by id */
    VdCameraConfig *defaults; /* what a camera has that says nothing itself; no id, no uri */
    /* [vedette] */
    char *listen;                    /* ADDRESS:PORT, [ADDRESS6]:PORT or a Unix socket's path */
    char *tls_certificate, *tls_key; /* (nullable) paths, both or neither */
    char *control_socket;            /* (nullable) path */
    int max_connections;             /* HTTP */
    int max_viewers;                 /* streams at once */
    char *users_file;                /* (nullable) path */
    char *allowed_hosts;             /* (nullable) names with blanks between them */
    char *log_level;
    /* [mqtt] */
    char *mqtt_host; /* (nullable) nothing is published */
    int mqtt_port;
    char *mqtt_user, *mqtt_password; /* (nullable) */
    bool mqtt_tls;
    char *mqtt_topic, *mqtt_discovery;
    /* events */
    int event_days;   /* the journal keeps events so long */
    int event_max_mb; /* and takes no more room than this */
} VdConfig;

/* One thing that is wrong, in a file or in what the API was sent. Texts never carry a secret's
 * value. */
typedef struct VdConfigError {
    char *file;    /* (nullable) */
    guint line;    /* from 1; 0: the whole file */
    char *option;  /* (nullable) */
    char *message; /* what was wrong and what is allowed */
} VdConfigError;
void vd_config_error_free(VdConfigError *error);
/* "FILE:LINE: OPTION: message" without what is not known (transfer full). */
char *vd_config_error_text(const VdConfigError *error);

/*
 * Reads file and then cameras.d/ *.conf beside it (sorted by name), collects every error found
 * (VdConfigError, transfer full, into errors, in the order of files and lines) and answers NULL
 * when there was one. That listen= is reached from other machines is an error unless
 * insecure_listen. [main]
 */
VdConfig *vd_config_load(const char *file, bool insecure_listen, GPtrArray *errors);
/* The same from one text in memory, never insecure; `name` stands for the file in errors. */
VdConfig *vd_config_parse(const char *text, gsize length, const char *name, GPtrArray *errors);
/* A camera made of defaults and a URI, for the command line. NULL with *error when it cannot be. */
VdCameraConfig *vd_camera_config_new(const char *id, const char *uri, GError **error);
/* Schemes that a uri may have; NULL-terminated. */
const char *const *vd_config_schemes(void);
/* Defaults and these cameras (VdCameraConfig, transfer none). */
VdConfig *vd_config_new(GPtrArray *cameras);

void vd_config_free(VdConfig *config);
/* The same once more, not shared yet: may be changed (transfer full). */
VdCameraConfig *vd_camera_config_copy(const VdCameraConfig *camera);
VdCameraConfig *vd_camera_config_ref(VdCameraConfig *camera);
void vd_camera_config_unref(VdCameraConfig *camera);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdConfig, vd_config_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VdCameraConfig, vd_camera_config_unref)

const VdCameraConfig *vd_config_find(const VdConfig *config, const char *id); /* (nullable) */

/* When a changed option takes effect; a camera's change is the strongest of its options'. */
typedef enum VdApply {
    VD_APPLY_NOTHING,   /* equal */
    VD_APPLY_LIVE,      /* at the next frame; nothing is interrupted */
    VD_APPLY_ANALYSIS,  /* a new analysis pipeline; the connection stays */
    VD_APPLY_RECONNECT, /* a new connection */
    VD_APPLY_RESTART,   /* of the daemon */
} VdApply;
VdApply vd_camera_config_compare(const VdCameraConfig *old, const VdCameraConfig *now);
VdApply vd_config_compare_daemon(const VdConfig *old, const VdConfig *now);
