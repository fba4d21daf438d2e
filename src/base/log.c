#include "base/log.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/uri.h"

#include <gst/gst.h>
#include <stdio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

static const struct {
    const char *word;
    int priority; /* as syslog(3) */
} levels[] = {
    [VD_LOG_ERROR] = {"error", 3},
    [VD_LOG_WARNING] = {"warning", 4},
    [VD_LOG_INFO] = {"info", 6},
    [VD_LOG_DEBUG] = {"debug", 7},
};

static VdLock lock = {PTHREAD_MUTEX_INITIALIZER};
static GHashTable *said;             /* [lock] "camera\ntopic" -> text */
static gint most = VD_LOG_INFO;      /* atomic */
static gsize journal_known, journal; /* once; 1: no, 2: yes */

void vd_log_set_level(VdLogLevel level)
{
    g_atomic_int_set(&most, level);
}

bool vd_log_level_find(const char *word, VdLogLevel *level)
{
    for (gsize i = 0; i < G_N_ELEMENTS(levels); i++)
        if (g_str_equal(levels[i].word, word)) {
            *level = (VdLogLevel)i;
            return true;
        }
    return false;
}

bool vd_log_enabled(VdLogLevel level)
{
    return (gint)level <= g_atomic_int_get(&most);
}

static bool to_journal(void)
{
    if (g_once_init_enter(&journal_known)) {
        journal = g_log_writer_is_journald(STDERR_FILENO) ? 2 : 1;
        g_once_init_leave(&journal_known, 1);
    }
    return journal == 2;
}

/* On one line, valid UTF-8, without secrets in URIs: texts may come from a camera or a library. */
static char *clean(const char *text)
{
    g_autofree char *redacted = vd_redact_text(text);
    char *valid = g_utf8_make_valid(redacted, -1);

    for (char *c = valid; *c != '\0'; c++)
        if (g_ascii_iscntrl(*c))
            *c = ' ';
    return g_strchomp(valid);
}

static void write_line(VdLogLevel level, const char *camera, const char *dirty)
{
    g_autofree char *text = clean(dirty);

    if (to_journal()) {
        if (camera != NULL)
            sd_journal_send("MESSAGE=%s: %s", camera, text, "CAMERA=%s", camera, "PRIORITY=%d",
                            levels[level].priority, NULL);
        else
            sd_journal_send("MESSAGE=%s", text, "PRIORITY=%d", levels[level].priority, NULL);
        return;
    }
    g_autofree char *when = vd_clock_iso8601(vd_clock_wall_us());

    fprintf(stderr, "%s %-7s %s%s%s\n", when, levels[level].word, camera != NULL ? camera : "",
            camera != NULL ? ": " : "", text);
}

void vd_log(VdLogLevel level, const char *camera, const char *format, ...)
{
    va_list args;

    if (!vd_log_enabled(level))
        return;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    write_line(level, camera, text);
}

void vd_audit(const char *who, const char *camera, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *dirty = g_strdup_printf("audit: %s: %s", who, what);
    if (!to_journal()) {
        write_line(VD_LOG_INFO, camera, dirty);
        return;
    }
    g_autofree char *text = clean(dirty);
    g_autofree char *clean_who = clean(who);
    sd_journal_send("MESSAGE=%s%s%s", camera != NULL ? camera : "", camera != NULL ? ": " : "",
                    text, "PRIORITY=%d", levels[VD_LOG_INFO].priority, "VEDETTE_AUDIT=1",
                    "VEDETTE_WHO=%s", clean_who, camera != NULL ? "CAMERA=%s" : NULL, camera, NULL);
}

void vd_log_change(VdLogLevel level, const char *camera, const char *topic, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *key = g_strconcat(camera != NULL ? camera : "", "\n", topic, NULL);

    vd_lock(&lock);
    if (said == NULL)
        said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    bool news = g_strcmp0(g_hash_table_lookup(said, key), text) != 0;
    if (news)
        g_hash_table_insert(said, g_steal_pointer(&key), g_strdup(text));
    vd_unlock(&lock);

    if (news && vd_log_enabled(level))
        write_line(level, camera, text);
}

static gboolean is_of(gpointer key, gpointer value, gpointer prefix)
{
    return g_str_has_prefix(key, prefix);
}

void vd_log_forget(const char *camera)
{
    g_autofree char *prefix = g_strconcat(camera, "\n", NULL);

    vd_lock(&lock);
    if (said != NULL)
        g_hash_table_foreach_remove(said, is_of, prefix);
    vd_unlock(&lock);
}

/* (nullable) (transfer full) */
static char *field_of(const GLogField *fields, gsize n_fields, const char *key)
{
    for (gsize i = 0; i < n_fields; i++)
        if (g_str_equal(fields[i].key, key))
            return fields[i].length < 0 ? g_strdup(fields[i].value)
                                        : g_strndup(fields[i].value, (gsize)fields[i].length);
    return NULL;
}

static VdLogLevel level_of(GLogLevelFlags flags)
{
    if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        return VD_LOG_ERROR;
    if (flags & G_LOG_LEVEL_WARNING)
        return VD_LOG_WARNING;
    return flags & G_LOG_LEVEL_MESSAGE ? VD_LOG_INFO : VD_LOG_DEBUG;
}

/*
 * What libraries say for their own developers comes when G_MESSAGES_DEBUG names them, and only so.
 * Their warnings can be a camera's doing, over and over: each says the same once.
 */
static GLogWriterOutput from_glib(GLogLevelFlags flags, const GLogField *fields, gsize n_fields,
                                  gpointer unused)
{
    g_autofree char *domain = field_of(fields, n_fields, "GLIB_DOMAIN");
    g_autofree char *text = field_of(fields, n_fields, "MESSAGE");
    VdLogLevel level = level_of(flags);

    if (text == NULL)
        return G_LOG_WRITER_HANDLED;
    if (level != VD_LOG_DEBUG)
        vd_log_change(level, NULL, domain != NULL ? domain : "", "%s", text);
    else if (!g_log_writer_default_would_drop(flags, domain))
        write_line(level, NULL, text);
    return G_LOG_WRITER_HANDLED;
}

/* Whoever sets GST_DEBUG wants to see it, whatever the daemon's own level. */
static void from_gstreamer(GstDebugCategory *category, GstDebugLevel level, const char *file,
                           const char *function, gint line, GObject *object,
                           GstDebugMessage *message, gpointer unused)
{
    if (level > gst_debug_category_get_threshold(category))
        return;
    g_autofree char *text =
        g_strdup_printf("GStreamer %s %s: %s", gst_debug_level_get_name(level),
                        gst_debug_category_get_name(category), gst_debug_message_get(message));

    write_line(VD_LOG_DEBUG, NULL, text);
}

void vd_log_take_over(void)
{
    g_log_set_writer_func(from_glib, NULL, NULL);
    if (g_getenv("GST_DEBUG_FILE") != NULL)
        return; /* GStreamer's own function writes there */
    gst_debug_remove_log_function(gst_debug_log_default);
    gst_debug_add_log_function(from_gstreamer, NULL, NULL);
}
