#include "api/viewers.h"

#include "base/clock.h"
#include "config/json.h"

/* What he asked for; null is as the camera's configuration has it. */
static void set_wish(json_t *object, const char *name, int value)
{
    json_object_set_new(object, name, value >= 0 ? json_integer(value) : json_null());
}

/* A viewer and what he watches. */
typedef struct Seen {
    const VdRoom *room;
    VdGuest guest;
} Seen;

static json_t *viewer_json(const VdRoom *room, const VdGuest *guest)
{
    const VdWish *wish = vd_audience_wish(vd_room_audience(room));
    g_autofree char *since = vd_clock_iso8601(guest->since_wall_us);
    json_t *object = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:f, s:I, s:I, s:I}", "number", (json_int_t)guest->number,
        "camera", vd_room_camera(room), "client", guest->client, "since", since, "codec",
        vd_codec_name(wish->codec), "fps", guest->fps, "pictures", (json_int_t)guest->pictures,
        "skipped", (json_int_t)guest->skipped, "bytes", (json_int_t)guest->bytes);
    json_t *asked = json_object();

    set_wish(asked, "width", wish->width);
    set_wish(asked, "fps", wish->fps);
    set_wish(asked, "quality", wish->quality);
    set_wish(asked, "annotate", wish->annotate);
    set_wish(asked, "bitrate", wish->bitrate > 0 ? wish->bitrate : -1);
    json_object_set_new(object, "asked", asked);
    return object;
}

static void seen_clear(void *seen)
{
    vd_guest_clear(&((Seen *)seen)->guest);
}

static void list_room(GArray *list, const VdRoom *room, guint64 after)
{
    g_autoptr(GArray) guests = g_array_new(FALSE, FALSE, sizeof(VdGuest));

    vd_audience_list(vd_room_audience(room), guests, G_MAXUINT);
    for (guint i = 0; i < guests->len; i++) {
        Seen seen = {room, g_array_index(guests, VdGuest, i)};

        if (seen.guest.number > after)
            g_array_append_val(list, seen);
        else
            seen_clear(&seen);
    }
}

static int by_number(const void *one, const void *other)
{
    guint64 a = ((const Seen *)one)->guest.number, b = ((const Seen *)other)->guest.number;

    return (a > b) - (a < b);
}

static json_t *page_json(const GArray *list, guint count)
{
    g_autofree char *next = NULL;
    json_t *viewers = json_array();

    for (guint i = 0; i < count; i++) {
        const Seen *seen = &g_array_index(list, Seen, i);

        json_array_append_new(viewers, viewer_json(seen->room, &seen->guest));
    }
    if (count < list->len)
        next = g_strdup_printf("%" G_GUINT64_FORMAT,
                               g_array_index(list, Seen, count - 1).guest.number);
    return json_pack("{s:o, s:s?}", "viewers", viewers, "next", next);
}

/* A cursor is the number of the last viewer that was told. */
GBytes *vd_viewers_json(VdRoster *roster, const VdSight *sight, const VdPage *page)
{
    g_autoptr(GPtrArray) rooms = vd_roster_rooms(roster);
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Seen));
    guint64 after = 0;

    if (page->cursor != NULL &&
        !g_ascii_string_to_unsigned(page->cursor, 10, 1, G_MAXUINT64, &after, NULL))
        return NULL;
    g_array_set_clear_func(list, seen_clear);
    for (guint i = 0; i < rooms->len; i++)
        if (vd_sees(sight, vd_room_camera(rooms->pdata[i])))
            list_room(list, rooms->pdata[i], after);
    g_array_sort(list, by_number);
    guint limit = page->limit > 0 ? page->limit : G_MAXUINT;
    return vd_json_bytes(page_json(list, MIN(limit, list->len)));
}

bool vd_viewers_dismiss(VdRoster *roster, guint64 number, const VdSight *sight)
{
    g_autoptr(GPtrArray) rooms = vd_roster_rooms(roster);

    for (guint i = 0; i < rooms->len; i++)
        if (vd_sees(sight, vd_room_camera(rooms->pdata[i])) &&
            vd_audience_dismiss(vd_room_audience(rooms->pdata[i]), number))
            return true;
    return false;
}
