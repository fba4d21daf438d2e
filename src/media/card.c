#include "media/card.h"

#include <gst/video/video.h>
#include <stdbool.h>
#include <string.h>

#define CARD_GREY 64
#define NO_COLOUR 128

/* The two largest units: "42 s", "5 min 3 s", "2 h 5 min", "3 d 4 h". */
static char *age_text(gint64 seconds)
{
    if (seconds < 60)
        return g_strdup_printf("%d s", (int)MAX(seconds, 0));
    if (seconds < 3600)
        return g_strdup_printf("%d min %d s", (int)(seconds / 60), (int)(seconds % 60));
    if (seconds < 86400)
        return g_strdup_printf("%d h %d min", (int)(seconds / 3600), (int)(seconds % 3600 / 60));
    return g_strdup_printf("%d d %d h", (int)(seconds / 86400), (int)(seconds % 86400 / 3600));
}

/* With the day when it was not today's. */
static char *moment_text(gint64 wall_us, gint64 now_wall_us)
{
    g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(wall_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(now_wall_us / G_USEC_PER_SEC);
    bool today = g_date_time_get_year(when) == g_date_time_get_year(now) &&
                 g_date_time_get_day_of_year(when) == g_date_time_get_day_of_year(now);

    return g_date_time_format(when, today ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S");
}

char *vd_card_text(const char *name, const char *state, const char *reason, VdMoment since,
                   VdMoment now)
{
    g_autofree char *age = age_text((now.us - since.us) / G_USEC_PER_SEC);
    g_autofree char *when = moment_text(since.wall_us, now.wall_us);
    bool reasoned = reason != NULL && *reason != '\0';

    return g_strdup_printf("%s\n%s%s%s\nsince %s (%s)", name, state, reasoned ? ": " : "",
                           reasoned ? reason : "", when, age);
}

GstSample *vd_card_sample(int width, int height)
{
    g_autoptr(GstCaps) caps = NULL;
    GstVideoInfo info;
    GstVideoFrame frame;

    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, (guint)width, (guint)height);
    gst_video_colorimetry_from_string(&info.colorimetry, "1:4:0:0");
    info.chroma_site = GST_VIDEO_CHROMA_SITE_JPEG;
    caps = gst_video_info_to_caps(&info);
    g_autoptr(GstBuffer) buffer = gst_buffer_new_allocate(NULL, info.size, NULL);
    gst_buffer_memset(buffer, 0, NO_COLOUR, info.size);
    if (gst_video_frame_map(&frame, &info, buffer, GST_MAP_WRITE)) {
        gsize luma = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0) * (gsize)height;
        memset(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0), CARD_GREY, luma);
        gst_video_frame_unmap(&frame);
    }
    return gst_sample_new(buffer, caps, NULL, NULL);
}
