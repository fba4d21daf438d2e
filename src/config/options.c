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
#define MQTT(text, member) \
    .group = "mqtt", .name = text, .offset = offsetof(VdConfig, member), .apply = VD_APPLY_LIVE
#define WEBHOOK(text, member) \
    .group = "webhook", .name = text, .offset = offsetof(VdWebhookConfig, member), \
    .apply = VD_APPLY_LIVE
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
             "Port 0 takes any free one. Addresses other than loopback need tls-certificate=, "
             "tls-key= and users-file=, or vedetted is started with --insecure-listen."},
    {DAEMON("tls-certificate", tls_certificate, LIVE), STRING("", vd_check_path),
     .help = "A PEM file with the certificate that is shown to clients, and behind it those that "
             "signed it. TCP then speaks TLS 1.2 or 1.3 alone. When this file or the key changes, "
             "new connections get the new one. To begin or to end with TLS takes a restart."},
    {DAEMON("tls-key", tls_key, LIVE), STRING("", vd_check_path),
     .help = "A PEM file with the certificate's private key, without a password."},
    {DAEMON("control-socket", control_socket, RESTART), STRING("", vd_check_socket),
     .help = "Path of the Unix socket where vedettectl finds vedetted, and where root and members of "
             "the group vedette may do everything without a password. Where this is not set it is "
             "control.sock in the folder that systemd gives the service, /run/vedette; none without "
             "systemd."},
    {DAEMON("max-connections", max_connections, RESTART),
     INT(8, VD_MAX_CONNECTIONS, "1100", "connections"),
     .help = "Most HTTP connections at once. 32 more are answered with 503, any further are closed "
             "at once."},
    {DAEMON("max-viewers", max_viewers, LIVE), INT(1, VD_MAX_CONNECTIONS, "1000", "streams"),
     .help = "Most streams watched at once, of all cameras together; one more is answered with 503. "
             "Not more than max-connections."},
    {DAEMON("users-file", users_file, LIVE), STRING("", vd_check_path),
     .help = "Who may do what: a file of users and tokens with their roles and cameras, mode 0600. "
             "Without one everybody who reaches the server may do everything. A change of the file "
             "counts at once."},
    {DAEMON("allowed-hosts", allowed_hosts, LIVE), STRING("", vd_check_host_names),
     .help = "Names under which this server is reached, with blanks between them, beside "
             "addresses and localhost. Requests for any other are refused, since pages of other "
             "sites may have made them."},
    {DAEMON("log-level", log_level, LIVE), .type = VD_OPTION_STRING, .values = log_levels,
     .preset = "info", .unit = "",
     .help = "The least important messages that are still logged."},
    {DAEMON("event-days", event_days, LIVE), INT(1, 3650, "30", "days"),
     .help = "How long events are kept in the journal."},
    {DAEMON("event-max-mb", event_max_mb, LIVE), INT(1, 65536, "256", "MiB"),
     .help = "How large the journal may become; the oldest events go first."},

    /* who is told what happens */
    {MQTT("host", mqtt_host), STRING("", vd_check_name),
     .help = "The MQTT broker's name or address. Without one nothing is published."},
    {MQTT("port", mqtt_port), INT(1, 65535, "1883", "of TCP"), .help = "The TCP port of the broker."},
    {MQTT("login", mqtt_user), STRING("", vd_check_secret), .secret = true,
     .help = "The user as whom to log in to the broker."},
    {MQTT("login-password", mqtt_password), STRING("", vd_check_secret), .secret = true,
     .help = "The password of that user."},
    {MQTT("tls", mqtt_tls), BOOL("false"),
     .help = "Whether the connection is encrypted, and the broker's certificate verified by the "
             "system's authorities. Port 8883 is usual then."},
    {MQTT("topic", mqtt_topic), STRING("vedette", vd_check_topic),
     .help = "What all topics begin with."},
    {MQTT("discovery", mqtt_discovery), STRING("homeassistant", vd_check_topic),
     .help = "What Home Assistant's discovery topics begin with."},
    {WEBHOOK("url", url), STRING("", vd_check_web_url),
     .help = "Where events are posted to: http:// or https://. Needed."},
    {WEBHOOK("secret", secret), STRING("", vd_check_secret), .secret = true,
     .help = "What is sent is signed with this."},
    {WEBHOOK("kinds", kinds), STRING("", vd_check_kinds),
     .help = "Which kinds of events are told, separated by commas. All where this is not set."},
    {WEBHOOK("cameras", cameras), STRING("", vd_check_ids),
     .help = "The ids of the cameras whose events are told, separated by commas. All events where "
             "this is not set."},

    /* what the camera is */
    {CAMERA("uri", uri, RECONNECT), URI,
     .help = "Where the camera's stream comes from: rtsp://, rtsps://, http:// or https:// (MJPEG), "
             "a file, a V4L2 device as /dev/video0, or a built-in scene as test:moving. Needed. "
             "A user and a password in it count for more than the options of these names."},
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
     .help = "The user's password. Better kept in a file of its own, the password file."},
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
    {CAMERA("detector-model", detector_model, ANALYSIS), STRING("", vd_check_path),
     .help = "The ONNX file of a YOLOX model with which objects are detected: persons, cars and what "
             "else it knows. It needs ONNX Runtime, installed as libonnxruntime.so, and a vedette "
             "that was built for it. Cameras with the same file, names and threads share the model "
             "and its time; video never waits for it. A model that cannot be used is told by the camera's status and in the log."},
    {CAMERA("detector-names", detector_names, ANALYSIS), STRING("", vd_check_path),
     .help = "A file with the names of the model's classes, one a line. COCO's, of a model with 80 "
             "classes, where this is not set."},
    {CAMERA("detector-threads", detector_threads, ANALYSIS), INT(1, 64, "1", "threads"),
     .help = "How many threads the model runs in. Cameras that name another number have a copy of "
             "the model of their own."},
    {CAMERA("detect-fps", detect_fps, LIVE), INT(1, 60, "5", "frames/s"),
     .help = "Most pictures a second in which objects are looked for while something moves. While "
             "nothing does it is one each two seconds."},
    {CAMERA("detect-min-score", detect_min_score, LIVE), INT(1, 100, "40", "percent"),
     .help = "How sure the model must be of an object."},
    {CAMERA("detect-budget", detect_budget, LIVE), INT(1, 100, "50", "percent"),
     .help = "How much of the time the model may work for this and other cameras: less makes "
             "detection slower, and leaves the processors to the video."},
    {CAMERA("detect-classes", detect_classes, LIVE), STRING("", vd_check_name),
     .help = "The classes of objects that matter, separated by commas, as in person,car. All where "
             "this is not set."},
    {CAMERA("event-classes", event_classes, LIVE), STRING("", vd_check_name),
     .help = "Classes of detected objects, separated by commas, as in person,car: their boxes then "
             "count for events in place of what moves, in zones as well. With min-ms=3000 at a "
             "zone an event is a person who is in it for 3 s. What moves counts all the same while "
             "the model cannot be used."},
    {CAMERA("event-min-ms", event_min_ms, LIVE), INT(0, VD_MAX_EVENT_MS, "500", "ms"),
     .help = "How long something must move until that is an event. Pauses shorter than this are "
             "overlooked."},
    {CAMERA("event-gap-ms", event_gap_ms, LIVE), INT(100, 600000, "5000", "ms"),
     .help = "How long nothing may move until the event is over."},
    {CAMERA("tampering", tampering, LIVE), STRING("all", vd_check_tampers),
     .help = "What may be wrong with the pictures and is an event then: all, off, or separated by "
             "commas covered, blinded (too bright), defocused, moved, shaken, frozen, black, noisy, "
             "ir-flip (colour and grey in turn). Two pictures a second are looked at."},
    {CAMERA("tampering-sensitivity", tampering_sensitivity, LIVE), INT(1, 99, "50", "percent"),
     .help = "How soon that is so: each has a score from 0 to 100, and has happened when that is at "
             "100 less this number."},
    {CAMERA("masks", masks, LIVE), .type = VD_OPTION_POLYGONS, .preset = "", .unit = "",
     .help = "Private parts of the picture, hidden before anything else sees it: polygons of x,y "
             "points from 0 to 1 of the width and height, as in 0.1,0.1 0.4,0.1 0.4,0.3. A ; "
             "stands between two polygons."},
    {CAMERA("mask-style", mask_style, LIVE), ONE_OF(mask_styles, "fill"),
     .help = "How masks hide: fill with black, or pixelate."},
    {CAMERA("zones", zones, LIVE), .type = VD_OPTION_ZONES, .preset = "", .unit = "",
     .help = "Parts of the picture in which motion counts: NAME: and points as masks have them, as "
             "in drive: 0.1,0.5 0.9,0.5 0.9,1. Something is where the middle of its box's lower "
             "edge is. Once there is such a zone motion elsewhere does not count. In NAME ignore: "
             "nothing counts, whatever other zone is there. Behind a name may stand min-size=0.5% "
             "for the smallest box that counts, in percent of the picture, and min-ms=500 for how "
             "long something must move in this zone, in place of event-min-ms. A ; stands between "
             "two zones."},
    {CAMERA("lines", lines, LIVE), .type = VD_OPTION_LINES, .preset = "", .unit = "",
     .help = "Lines whose crossing is an event: NAME: and two points or more, as in gate: 0.1,0.6 "
             "0.9,0.6. What has been followed for 0.4 s crosses where the middle of its box's lower "
             "edge does: in is from left to right for who goes from the first point to the last, "
             "out is back. Behind a name may stand in or out where only that counts. A ; stands "
             "between two lines."},

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
     .help = "Draw boxes around what moves, darker ones where it does not count (see zones), and around "
             "detected objects, with what they are."},
    {CAMERA("show-masks", show_masks, LIVE), BOOL("true"),
     .help = "Draw the outlines of masks."},
    {CAMERA("show-zones", show_zones, LIVE), BOOL("false"),
     .help = "Draw the outlines of zones with their names. Not by default: a mask says why something "
             "cannot be seen, a zone only matters to who sets events up."},
};
/* clang-format on */

const VdOption *vd_options(guint *count)
{
    *count = G_N_ELEMENTS(options);
    return options;
}

guint vd_n_options(void)
{
    return G_N_ELEMENTS(options);
}

guint vd_option_index(const VdOption *option)
{
    return (guint)(option - options);
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
