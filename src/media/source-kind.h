#pragma once

#include "media/source-feed.h"

/* What a source is told: a copy, since the camera's configuration may change meanwhile. */
typedef struct VdSourceSettings {
    char *scheme;   /* lower case */
    char *location; /* the uri without user and password */
    char *user;     /* (nullable) of the uri, decoded, else of the options */
    char *password; /* (nullable) */
    VdTransport transport;
    VdTls tls;
    char *tls_ca_file;            /* (nullable) */
    struct _VdSourceTrust *trust; /* (nullable) which certificates are taken, where there is TLS */
    int latency_ms;
    int connect_timeout_ms;
    bool loop;
    int file_fps;
} VdSourceSettings;

/* NULL with *error when the uri cannot be read. The error holds no secret. */
VdSourceSettings *vd_source_settings_new(const VdCameraConfig *camera, const char *uri,
                                         GError **error);
VdSourceSettings *vd_source_settings_copy(const VdSourceSettings *settings);
void vd_source_settings_free(VdSourceSettings *settings);
/* "host" or "host:port" of the location, for messages. (transfer full) */
char *vd_source_settings_host(const VdSourceSettings *settings);

/* One way to get units. All functions are [main] and return at once. */
typedef struct VdSourceKind {
    /* settings stay valid until stop. NULL: it cannot be, and the feed was told why. */
    void *(*start)(const VdSourceSettings *settings, VdSourceFeed *feed);
    void (*stop)(void *source);
    const char *(*transport)(const void *source);
} VdSourceKind;

extern const VdSourceKind vd_source_file, vd_source_http, vd_source_rtsp, vd_source_test,
    vd_source_v4l2;
