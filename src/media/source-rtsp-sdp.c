#include "media/source-rtsp-sdp.h"

#include "media/source-check.h"

#include <stdbool.h>
#include <string.h>

static const char *const of_session[] = {"control", "range", "key-mgmt", NULL};
static const char *const of_media[] = {"rtpmap",       "fmtp",      "control",   "range",
                                       "key-mgmt",     "framerate", "framesize", "x-framerate",
                                       "x-dimensions", NULL};
/* What depayloaders and parsers read, and retransmission. */
static const char *const parameters[] = {
    "packetization-mode",
    "profile-level-id",
    "sprop-parameter-sets",
    "sprop-vps",
    "sprop-sps",
    "sprop-pps",
    "sprop-max-don-diff",
    "apt",
    "rtx-time",
    NULL,
};

static bool parameter_is_known(const char *text)
{
    g_autofree char *name = g_ascii_strdown(text, (gssize)strcspn(text, "="));

    return g_strv_contains(parameters, g_strchomp(name));
}

/* "96 packetization-mode=1;unknown=2" to "96 packetization-mode=1" */
static char *trim_format(const char *text)
{
    gsize head = strcspn(text, " ");
    GString *kept = g_string_new_len(text, (gssize)head);
    g_auto(GStrv) words = g_strsplit(text + head, ";", -1);
    const char *mark = " ";

    for (guint i = 0; words[i] != NULL; i++) {
        if (!parameter_is_known(g_strstrip(words[i])))
            continue;
        g_string_append_printf(kept, "%s%s", mark, words[i]);
        mark = ";";
    }
    return g_string_free(kept, FALSE);
}

static void trim_media(GstSDPMedia *media)
{
    for (guint i = gst_sdp_media_attributes_len(media); i-- > 0;) {
        const GstSDPAttribute *attribute = gst_sdp_media_get_attribute(media, i);

        if (!g_strv_contains(of_media, attribute->key)) {
            gst_sdp_media_remove_attribute(media, i);
        } else if (g_str_equal(attribute->key, "fmtp") && attribute->value != NULL) {
            g_autofree char *value = trim_format(attribute->value);
            GstSDPAttribute trimmed;

            gst_sdp_attribute_set(&trimmed, attribute->key, value);
            gst_sdp_media_replace_attribute(media, i, &trimmed);
        }
    }
}

void vd_rtsp_sdp_trim(GstSDPMessage *sdp)
{
    for (guint i = gst_sdp_message_attributes_len(sdp); i-- > 0;)
        if (!g_strv_contains(of_session, gst_sdp_message_get_attribute(sdp, i)->key))
            gst_sdp_message_remove_attribute(sdp, i);
    for (guint i = 0; i < gst_sdp_message_medias_len(sdp); i++)
        trim_media((GstSDPMedia *)gst_sdp_message_get_media(sdp, i));
}

char *vd_rtsp_sdp_join(const char *base, const char *control)
{
    if (control == NULL || control[0] == '\0' || g_str_equal(control, "*"))
        return g_strdup(base);
    if (g_ascii_strncasecmp(control, "rtsp", 4) == 0 && strstr(control, "://") != NULL)
        return g_strdup(control);
    return g_strconcat(base, g_str_has_suffix(base, "/") || control[0] == '/' ? "" : "/", control,
                       NULL);
}

static GstCaps *media_caps(const GstSDPMedia *media)
{
    const char *format = gst_sdp_media_get_format(media, 0);
    int payload = format != NULL ? atoi(format) : -1;
    GstCaps *caps = payload >= 0 ? gst_sdp_media_get_caps_from_media(media, payload) : NULL;

    if (caps == NULL)
        caps = gst_caps_new_simple("application/x-rtp", "payload", G_TYPE_INT, payload, NULL);
    gst_sdp_media_attributes_to_caps(media, caps);
    GstStructure *s = gst_caps_get_structure(caps, 0);
    gst_structure_set_name(s, "application/x-rtp");
    gst_structure_set(s, "media", G_TYPE_STRING, "video", NULL);
    /* Payload 26 is JPEG by its number, and some cameras leave it at that. */
    if (payload == 26 && !gst_structure_has_field(s, "encoding-name"))
        gst_structure_set(s, "encoding-name", G_TYPE_STRING, "JPEG", "clock-rate", G_TYPE_INT,
                          90000, NULL);
    return caps;
}

GstCaps *vd_rtsp_sdp_video(const GstSDPMessage *sdp, const char *base, char **control,
                           char **unknown)
{
    for (guint i = 0; i < gst_sdp_message_medias_len(sdp); i++) {
        const GstSDPMedia *media = gst_sdp_message_get_media(sdp, i);
        if (g_strcmp0(gst_sdp_media_get_media(media), "video") != 0)
            continue;
        g_autoptr(GstCaps) caps = media_caps(media);
        const char *encoding =
            gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding-name");
        if (encoding != NULL && vd_source_codec(encoding) != NULL) {
            *control = vd_rtsp_sdp_join(base, gst_sdp_media_get_attribute_val(media, "control"));
            return g_steal_pointer(&caps);
        }
        g_free(*unknown);
        *unknown = g_strdup(encoding != NULL ? encoding : "of an unknown kind");
    }
    return NULL;
}
