#include "config/options.h"

#include "base/limits.h"
#include "config/checks.h"
#include "config/nearest.h"

#include <string.h>

static const char *const log_levels[] = {"error", "warning", "info", "debug", NULL};
static const char *const transports[] = {"auto", "tcp", "udp", NULL}; /* VdTransport */
static const char *const tls_rules[] = {"verify", "any", NULL};       /* VdTls */
static const char *const mask_styles[] = {"fill", "pixelate", NULL};  /* VdMaskStyle */

/* clang-format off */
#define DAEMON(text, member, when) \
    .group = "vedette", .name = text, .offset = offsetof(VdConfig, member), .apply = VD_APPLY_##when
#define CAMERA(text, member, when) \
    .group = "camera", .name = text, .offset = offsetof(VdCameraConfig, member), \
    .apply = VD_APPLY_##when
#define BOOL(value)             .type = VD_OPTION_BOOL, .preset = value, .unit = ""
#define INT(least, most, value, of) \
    .type = VD_OPTION_INT, .min = least, .max = most, .preset = value, .unit = of
#define STRING(value, checked)  .type = VD_OPTION_STRING, .preset = value, .unit = "", \
    .check = checked
#define ONE_OF(list, value)     .type = VD_OPTION_ENUM, .values = list, .preset = value, .unit = ""
#define URI                     .type = VD_OPTION_URI, .preset = "", .unit = "", \
    .check = vd_check_uri, .own = true

static const VdOption options[] = {
    {DAEMON("listen", listen, RESTART), STRING("127.0.0.1:8080", vd_check_listen),
     .help = "Where HTTP is served: ADDRESS:PORT, [ADDRESS6]:PORT or the path of a Unix socket. "
             "Port 0 takes any free one. Addresses other than loopback are refused unless vedetted "
             "is started with --insecure-listen."},
    {DAEMON("max-connections", max_connections, RESTART),
     INT(8, VD_MAX_CONNECTIONS, "1100", "connections"),
     .help = "Most HTTP connections at once. 32 more are answered with 503, any further are closed "
             "at once."},
    {DAEMON("max-viewers", max_viewers, LIVE), INT(1, VD_MAX_CONNECTIONS, "1000", "streams"),
     .help = "Most streams watched at once, of all cameras together; one more is answered with 503. "
             "Not more than max-connections."},
    {DAEMON("log-level", log_level, LIVE), .type = VD_OPTION_STRING, .values = log_levels,
     .preset = "info", .unit = "",
     .help = "The least important messages that are still logged."},

    /* what the camera is */
    {CAMERA("uri", uri, RECONNECT), URI,
     .help = "Where the camera's stream comes from: rtsp://, rtsps://, http:// or https:// (MJPEG), "
             "a file, a V4L2 device as /dev/video0, or a built-in scene as test:moving. Needed. "
             "User and password written here count for more than user= and password=."},
    {CAMERA("analysis-uri", analysis_uri, RECONNECT), URI,
     .help = "A second, smaller stream of the same camera, which is then analysed and shown "
             "instead of uri: it costs far less to decode. A change leaves the main stream alone."},
    {CAMERA("name", name, LIVE), STRING("", vd_check_name), .own = true,
     .help = "What people see instead of the id, in UTF-8. The id where this is not set."},
    {CAMERA("enabled", enabled, RECONNECT), BOOL("true"),
     .help = "Whether the camera is used at all."},

    /* how it is reached */
    {CAMERA("user", user, RECONNECT), STRING("", vd_check_secret), .secret = true,
     .help = "The user as whom to log in to the camera."},
    {CAMERA("password", password, RECONNECT), STRING("", vd_check_secret), .secret = true,
     .help = "The user's password. Better kept in a file of its own: see password-file."},
    {CAMERA("password-file", password_file, RECONNECT), STRING("", vd_check_file_name),
     .help = "A file whose first line is the password. A name without / is looked up among "
             "the service's systemd credentials (LoadCredential=)."},
    {CAMERA("transport", transport, RECONNECT), ONE_OF(transports, "auto"),
     .help = "How RTSP sends pictures. auto asks for TCP, which loses nothing and passes where UDP is "
             "filtered, and for UDP where a camera knows nothing else. With rtsps pictures are encrypted "
             "over TCP only, and auto is tcp."},
    {CAMERA("tls", tls, RECONNECT), ONE_OF(tls_rules, "verify"),
     .help = "Which certificates rtsps and https accept: verify only those that a known authority "
             "signed, any every one, as cameras that signed their own need."},
    {CAMERA("tls-ca-file", tls_ca_file, RECONNECT), STRING("", vd_check_ca_file),
     .help = "A PEM file with the authorities, or the camera's own certificate, that verify "
             "knows instead of the system's."},
    {CAMERA("latency-ms", latency_ms, RECONNECT), INT(-1, 5000, "-1", "ms"),
     .help = "How long RTSP packets over UDP wait for one that is missing; what comes in order waits "
             "for nothing. -1 is 100. Over TCP nothing waits."},
    {CAMERA("connect-timeout-ms", connect_timeout_ms, RECONNECT),
     INT(1000, 120000, "10000", "ms"),
     .help = "How long a connection may take until the first picture comes."},
    {CAMERA("stall-timeout-ms", stall_timeout_ms, RECONNECT), INT(1000, 60000, "4000", "ms"),
     .help = "How long a connected camera may send nothing, or nothing that can be decoded, until "
             "it is connected anew."},
    {CAMERA("ring-seconds", ring_seconds, RECONNECT), INT(1, 60, "5", "s"),
     .help = "How much of the encoded stream is kept in memory."},
    {CAMERA("loop", loop, RECONNECT), BOOL("true"),
     .help = "Whether a file begins again when it ends."},
    {CAMERA("file-fps", file_fps, RECONNECT), INT(0, 240, "0", "frames/s"),
     .help = "The rate of a bare H.264, H.265 or MJPEG file that carries none. 0 is 25."},

    /* analysis */
    {CAMERA("gpu", gpu, LIVE), STRING("auto", vd_check_gpu),
     .help = "Where pictures are decoded and analysed: auto is on the NVIDIA GPU that has least to "
             "do, also later on, and with the CPU where there is none, it does not decode the "
             "stream, or it fails; require refuses the camera then; off is always the CPU; a "
             "number is that GPU, as nvidia-smi counts them."},
    {CAMERA("analysis", analysis, ANALYSIS), BOOL("true"),
     .help = "Whether the camera is searched for motion."},
    {CAMERA("analysis-fps", analysis_fps, LIVE), INT(1, 60, "10", "frames/s"),
     .help = "Most pictures analysed in a second."},
    {CAMERA("analysis-width", analysis_width, ANALYSIS), INT(64, 1920, "480", "pixels"),
     .help = "Width of the picture that is analysed; the camera's own where that is smaller."},
    {CAMERA("motion-threshold", motion_threshold, LIVE), INT(1, 255, "16", "grey levels"),
     .help = "How much a pixel must differ from the background, beyond the picture's noise. Less "
             "finds more, and more that is nothing."},
    {CAMERA("motion-min-area", motion_min_area, LIVE),
     INT(1, 10000, "10", "1/10000 of the picture"),
     .help = "The least area of something that moves."},
    {CAMERA("masks", masks, LIVE), .type = VD_OPTION_POLYGONS, .preset = "", .unit = "",
     .help = "Private parts of the picture, hidden before anything else sees it: polygons of x,y "
             "points from 0 to 1 of the width and height, as in 0.1,0.1 0.4,0.1 0.4,0.3. A ; "
             "stands between two polygons."},
    {CAMERA("mask-style", mask_style, LIVE), ONE_OF(mask_styles, "fill"),
     .help = "How masks hide: fill with black, or pixelate."},

    /* streams */
    {CAMERA("stream-fps", stream_fps, LIVE), INT(1, 60, "15", "frames/s"),
     .help = "Most pictures a second of a stream whose viewer asks for no rate."},
    {CAMERA("stream-width", stream_width, LIVE), INT(0, VD_MAX_WIDTH, "0", "pixels"),
     .help = "Width of a stream whose viewer asks for none; the height follows. 0 is the "
             "camera's own."},
    {CAMERA("jpeg-quality", jpeg_quality, LIVE), INT(1, 100, "75", "percent"),
     .help = "Quality of the JPEG pictures that viewers get."},
    {CAMERA("annotate", annotate, LIVE), BOOL("true"),
     .help = "Whether streams whose viewer does not say are drawn into at all."},
    {CAMERA("show-name", show_name, LIVE), BOOL("true"),
     .help = "Draw the camera's name."},
    {CAMERA("show-time", show_time, LIVE), BOOL("true"),
     .help = "Draw the time the picture came, with milliseconds."},
    {CAMERA("show-state", show_state, LIVE), BOOL("true"),
     .help = "Draw the camera's state."},
    {CAMERA("show-boxes", show_boxes, LIVE), BOOL("true"),
     .help = "Draw boxes around what moves."},
    {CAMERA("show-masks", show_masks, LIVE), BOOL("true"),
     .help = "Draw the outlines of masks."},
};
/* clang-format on */

const VdOption *vd_options(guint *count)
{
    *count = G_N_ELEMENTS(options);
    return options;
}

const VdOption *vd_option_find(const char *group, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        if (g_str_equal(options[i].group, group) && g_str_equal(options[i].name, name))
            return &options[i];
    return NULL;
}

const char *vd_option_nearest(const char *group, const char *name)
{
    const char *words[G_N_ELEMENTS(options) + 1];
    gsize count = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        if (g_str_equal(options[i].group, group))
            words[count++] = options[i].name;
    words[count] = NULL;
    return vd_word_nearest(name, words);
}
