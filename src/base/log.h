#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * The daemon's log. Error: someone must act. Warning: we coped. Info: a state changed. Debug: the
 * rest. `camera` is the camera's id, or NULL. Whoever decides what happens next writes the line.
 *
 * Goes to the journal with CAMERA= and PRIORITY= fields when stderr is the journal, else to stderr
 * as "2026-11-22T15:04:05.123Z warning front: text". Every text passes vd_redact_text() and comes
 * out as one line; secrets that do not stand in a URI must not come here. [any]
 */
typedef enum VdLogLevel {
    VD_LOG_ERROR,
    VD_LOG_WARNING,
    VD_LOG_INFO,
    VD_LOG_DEBUG,
} VdLogLevel;

void vd_log_set_level(VdLogLevel most);
/* "error", "warning", "info", "debug". */
bool vd_log_level_find(const char *word, VdLogLevel *level);
bool vd_log_enabled(VdLogLevel level);

void vd_log(VdLogLevel level, const char *camera, const char *format, ...) G_GNUC_PRINTF(3, 4);

#define vd_log_error(camera, ...)   vd_log(VD_LOG_ERROR, (camera), __VA_ARGS__)
#define vd_log_warning(camera, ...) vd_log(VD_LOG_WARNING, (camera), __VA_ARGS__)
#define vd_log_info(camera, ...)    vd_log(VD_LOG_INFO, (camera), __VA_ARGS__)
#define vd_log_debug(camera, ...)                        \
    G_STMT_START                                         \
    {                                                    \
        if (vd_log_enabled(VD_LOG_DEBUG))                \
            vd_log(VD_LOG_DEBUG, (camera), __VA_ARGS__); \
    }                                                    \
    G_STMT_END

/*
 * What somebody changed, whatever the level: "audit: user anna, 192.0.2.7 curl: text", and to the
 * journal with VEDETTE_AUDIT=1 and VEDETTE_WHO=. who: as the request says it, "user anna,
 * 192.0.2.7 curl". camera: (nullable)
 */
void vd_audit(const char *who, const char *camera, const char *format, ...) G_GNUC_PRINTF(3, 4);

/*
 * What repeats is said once: writes the line only when its text differs from the last one given
 * under the same (camera, topic). `topic` is a short fixed word, "connection" or "decoder".
 */
void vd_log_change(VdLogLevel level, const char *camera, const char *topic, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* Forgets what was said for a camera that is gone. */
void vd_log_forget(const char *camera);

/*
 * Sends GLib's own messages the same way, those for developers when G_MESSAGES_DEBUG asks for them,
 * and those of GStreamer that GST_DEBUG asks for (unless GST_DEBUG_FILE does). Call once, before
 * threads and gst_init().
 */
void vd_log_take_over(void);
