#include "media/source-rtsp-sdp.h"

#include <string.h>

#define SESSION                                                                                   \
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=tool:GStreamer\r\na=control:*\r\n" \
    "a=range:npt=now-\r\n"
#define MEDIA \
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=framerate:15\r\na=control:stream=0\r\n"

static GstSDPMessage *read_sdp(const char *text)
{
    GstSDPMessage *sdp;

    gst_sdp_message_new(&sdp);
    g_assert_cmpint(gst_sdp_message_parse_buffer((const guint8 *)text, (guint)strlen(text), sdp),
                    ==, GST_SDP_OK);
    return sdp;
}

/* All that GStreamer makes of a description. */
static GstCaps *caps_of(GstSDPMessage *sdp)
{
    const GstSDPMedia *media = gst_sdp_message_get_media(sdp, 0);
    GstCaps *caps = gst_sdp_media_get_caps_from_media(media, 96);

    g_assert_nonnull(caps);
    gst_sdp_message_attributes_to_caps(sdp, caps);
    gst_sdp_media_attributes_to_caps(media, caps);
    return caps;
}

static GstCaps *trimmed_caps(const char *text)
{
    GstSDPMessage *sdp = read_sdp(text);

    vd_rtsp_sdp_trim(sdp);
    GstCaps *caps = caps_of(sdp);
    gst_sdp_message_free(sdp);
    return caps;
}

static void what_a_depayloader_needs_stays(void)
{
    g_autoptr(GstCaps) caps = trimmed_caps(
        SESSION MEDIA "a=fmtp:96 Packetization-Mode=1; sprop-parameter-sets=Z0L=,aM4=;colour=9\r\n"
                      "a=x-dimensions:160,90\r\n");
    const GstStructure *s = gst_caps_get_structure(caps, 0);

    g_assert_cmpstr(gst_structure_get_string(s, "encoding-name"), ==, "H264");
    g_assert_cmpstr(gst_structure_get_string(s, "packetization-mode"), ==, "1");
    g_assert_cmpstr(gst_structure_get_string(s, "sprop-parameter-sets"), ==, "Z0L=,aM4=");
    g_assert_cmpstr(gst_structure_get_string(s, "a-framerate"), ==, "15");
    g_assert_cmpstr(gst_structure_get_string(s, "x-dimensions"), ==, "160,90");
    g_assert_false(gst_structure_has_field(s, "colour"));
}

static void controls_and_the_range_stay(void)
{
    GstSDPMessage *sdp = read_sdp(SESSION MEDIA);

    vd_rtsp_sdp_trim(sdp);
    g_assert_cmpstr(gst_sdp_message_get_attribute_val(sdp, "control"), ==, "*");
    g_assert_cmpstr(gst_sdp_message_get_attribute_val(sdp, "range"), ==, "npt=now-");
    g_assert_cmpstr(gst_sdp_media_get_attribute_val(gst_sdp_message_get_media(sdp, 0), "control"),
                    ==, "stream=0");
    gst_sdp_message_free(sdp);
}

static void parameters_without_any_known_one_leave_the_payload(void)
{
    GstSDPMessage *sdp = read_sdp(SESSION MEDIA "a=fmtp:96 one=1;two\r\na=fmtp:\r\na=fmtp\r\n");

    vd_rtsp_sdp_trim(sdp);
    g_assert_cmpstr(gst_sdp_media_get_attribute_val(gst_sdp_message_get_media(sdp, 0), "fmtp"), ==,
                    "96");
    gst_sdp_message_free(sdp);
}

static char *a_session_of_its_own(guint number)
{
    return g_strdup_printf(SESSION MEDIA "a=fmtp:96 odd%u=1;packetization-mode=1\r\n"
                                         "a=ssrc:%u cname:user%u\r\na=odd%u:1\r\na=extmap:1 u%u\r\n"
                                         "a=rtcp-fb:96 nack odd%u\r\n",
                           number, number, number, number, number, number);
}

/* Quarks are numbered as they come; none is ever given back. */
static void names_that_a_camera_makes_up_are_not_kept(void)
{
    g_autofree char *first = a_session_of_its_own(1000);

    gst_caps_unref(trimmed_caps(first));
    GQuark before = g_quark_from_string("before the sessions");
    for (guint i = 1001; i < 1100; i++) {
        g_autofree char *text = a_session_of_its_own(i);
        gst_caps_unref(trimmed_caps(text));
    }
    g_assert_cmpuint(g_quark_from_string("after the sessions"), ==, before + 1);
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) g_test_add_func("/media/rtsp-sdp/" #name, name)
    ADD(what_a_depayloader_needs_stays);
    ADD(controls_and_the_range_stay);
    ADD(parameters_without_any_known_one_leave_the_payload);
    ADD(names_that_a_camera_makes_up_are_not_kept);
    return g_test_run();
}
