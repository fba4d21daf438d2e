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
#define VD_MAX_CONFIG_LINE    16384 /* bytes */
#define VD_MAX_CONFIG_ERRORS  1000  /* reported of one configuration */
#define VD_MAX_CA_FILE        (4 * 1024 * 1024)
#define VD_MAX_PASSWORD       255 /* bytes; of a user's name too */
#define VD_MAX_POLYGONS       16  /* masks of one camera */
#define VD_MAX_POLYGON_POINTS 64
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
