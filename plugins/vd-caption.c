#include "plugins/vd-caption.h"

#include <string.h>
#include <time.h>

#define SMALLEST_FONT 9
#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MS     1000000
#define MILLISECONDS  ".000"

#define DATED         "0000-00-00 00:00:00" MILLISECONDS
#define UNDATED       "00:00:00" MILLISECONDS

/* --- layout ---------------------------------------------------------------------------------- */

/* Answers the width of the clock: all of it, without its date, or 0 when not even that fits. */
static int choose_clock(VdCaption *caption, int room)
{
    int dated = vd_clock_face_width(caption->face, DATED);
    int undated = vd_clock_face_width(caption->face, UNDATED);

    caption->dated = dated <= room;
    caption->timed = undated > 0 && undated <= room;
    if (!caption->timed)
        return 0;
    return caption->dated ? dated : undated;
}

/* The clock stands beside the title if that leaves the title a third of the picture, or below. */
static void lay_out_top(VdCaption *caption, const VdCaptionWords *words, int width, int size)
{
    int room = width - 2 * caption->margin, clock = 0;
    bool titled = words->title != NULL && *words->title != '\0';

    if (words->time) {
        caption->face = vd_clock_face_get(size);
        clock = choose_clock(caption, room);
    }
    int beside = room - clock - 2 * caption->margin;
    bool below = titled && clock > 0 && beside < width / 3;
    VdTextStyle style = {.size = size, .max_width = below || clock == 0 ? room : beside};
    if (titled && style.max_width > 0)
        vd_text_set(&caption->title, words->title, &style);
    int clock_height = clock > 0 ? vd_clock_face_height(caption->face) : 0;
    caption->title_y = caption->margin;
    caption->time_x = width - caption->margin - clock;
    caption->time_y = caption->margin + (below ? caption->title.height : 0);
    caption->state_y = below ? caption->time_y + clock_height
                             : caption->margin + MAX(caption->title.height, clock_height);
    style.max_width = room;
    if (words->state != NULL)
        vd_text_set(&caption->state, words->state, &style);
}

static void lay_out_middle(VdCaption *caption, const char *lines, int width, int height, int size)
{
    VdTextStyle style = {
        .size = size * 3 / 2,
        .max_width = width - 2 * caption->margin,
        .max_height = height - 2 * caption->margin,
        .paragraph = true,
    };

    if (lines == NULL || style.max_width < 1 || style.max_height < 1)
        return;
    vd_text_set(&caption->lines, lines, &style);
    caption->lines_x = (width - caption->lines.width) / 2;
    caption->lines_y = (height - caption->lines.height) / 2;
}

void vd_caption_clear(VdCaption *caption)
{
    vd_text_clear(&caption->title);
    vd_text_clear(&caption->state);
    vd_text_clear(&caption->lines);
    g_clear_pointer(&caption->face, vd_clock_face_unref);
    caption->timed = false;
    caption->second = VD_CAPTION_NO_TIME;
}

void vd_caption_set(VdCaption *caption, const VdCaptionWords *words, int width, int height)
{
    int size = MAX(height / 28, SMALLEST_FONT);
    VdClockFace *before = caption->face; /* most likely it is the next one, too */

    caption->face = NULL;
    vd_caption_clear(caption);
    tzset();
    caption->margin = size / 2;
    lay_out_top(caption, words, width, size);
    lay_out_middle(caption, words->lines, width, height, size);
    vd_clock_face_unref(before);
}

bool vd_caption_has_words(const VdCaption *caption)
{
    return caption->title.light || caption->state.light || caption->lines.light;
}

/* --- drawing --------------------------------------------------------------------------------- */

/* The calendar is asked once a second, the rest is three digits. */
static void write_time(VdCaption *caption, gint64 unix_ns)
{
    gint64 second = unix_ns / NS_PER_SECOND, rest = unix_ns % NS_PER_SECOND;

    if (rest < 0) {
        second--;
        rest += NS_PER_SECOND;
    }
    if (second != caption->second) {
        time_t clock = (time_t)second;
        struct tm broken = {0};

        localtime_r(&clock, &broken);
        size_t room = sizeof caption->written - sizeof MILLISECONDS;
        size_t n = caption->dated ? strftime(caption->written, room, "%Y-%m-%d %H:%M:%S", &broken)
                                  : strftime(caption->written, room, "%H:%M:%S", &broken);
        memcpy(caption->written + n, MILLISECONDS, sizeof MILLISECONDS);
        caption->second = second;
    }
    char *end = caption->written + strlen(caption->written);
    for (int i = 1, ms = (int)(rest / NS_PER_MS); i <= 3; i++, ms /= 10)
        end[-i] = (char)('0' + ms % 10);
}

static int draw_time(VdCaption *caption, gint64 unix_ns, const VdCanvas *canvas)
{
    if (!caption->timed || unix_ns == VD_CAPTION_NO_TIME)
        return 0;
    write_time(caption, unix_ns);
    return vd_clock_face_draw(caption->face, caption->written, canvas, caption->time_x,
                              caption->time_y);
}

int vd_caption_draw(VdCaption *caption, gint64 unix_ns, const VdCanvas *canvas)
{
    int margin = caption->margin;
    int error = vd_text_draw(&caption->title, canvas, margin, caption->title_y);

    if (error == 0)
        error = vd_text_draw(&caption->state, canvas, margin, caption->state_y);
    if (error == 0)
        error = vd_text_draw(&caption->lines, canvas, caption->lines_x, caption->lines_y);
    return error != 0 ? error : draw_time(caption, unix_ns, canvas);
}
