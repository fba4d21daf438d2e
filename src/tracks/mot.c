#include "tracks/tracks.h"

/* What was lost a moment ago is still about where it is expected. */
#define TOLD_NS G_GUINT64_CONSTANT(300000000)

bool vd_track_is_told(const VdTrack *track, guint64 pts)
{
    return track->confirmed && pts - track->seen <= TOLD_NS;
}

/* Hundredths of a pixel, as whole numbers make them: no locale has a say in it. */
static void append_pixels(GString *line, int part, guint whole)
{
    gint64 hundredths = ((gint64)part * whole * 100 + 32768) >> 16;

    g_string_append_printf(line, "%d.%02d,", (int)(hundredths / 100), (int)(hundredths % 100));
}

char *vd_track_mot_line(const VdTrack *track, guint64 frame, guint width, guint height)
{
    GString *line = g_string_new(NULL);

    g_string_append_printf(line, "%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT ",", frame, track->id);
    append_pixels(line, track->box.x, width);
    append_pixels(line, track->box.y, height);
    append_pixels(line, track->box.width, width);
    append_pixels(line, track->box.height, height);
    g_string_append(line, "1,-1,-1,-1\n");
    return g_string_free(line, FALSE);
}
