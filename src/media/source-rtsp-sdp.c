#include "media/source-rtsp-sdp.h"

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
