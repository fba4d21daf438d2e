#include "api/roster.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/words.h"

#include <string.h>

struct VdRoom {
    gatomicrefcount refs;
    char *camera;
    VdAudience *audience;
    guint viewers;   /* [lock] */
    gint64 empty_us; /* [lock] since when there is none */
};

typedef struct Entry {
    VdStatus *status;
    GPtrArray *rooms; /* VdRoom that are open */
} Entry;

struct VdRoster {
    VdLock lock;
    GTree *entries;    /* [lock] id -> Entry, sorted */
    guint64 edition;   /* [lock] */
    guint viewers;     /* [lock] */
    guint max_viewers; /* [lock] */
};

static VdRoom *room_ref(VdRoom *room)
{
    g_atomic_ref_count_inc(&room->refs);
    return room;
}

void vd_room_unref(VdRoom *room)
{
    if (room == NULL || !g_atomic_ref_count_dec(&room->refs))
        return;
    vd_audience_unref(room->audience);
    g_free(room->camera);
    g_free(room);
}

VdAudience *vd_room_audience(const VdRoom *room)
{
    return room->audience;
}

const char *vd_room_camera(const VdRoom *room)
{
    return room->camera;
}

static VdRoom *room_new(const char *camera, const VdWish *wish)
{
    VdRoom *room = g_new0(VdRoom, 1);

    g_atomic_ref_count_init(&room->refs);
    room->camera = g_strdup(camera);
    room->audience = vd_audience_new(wish);
    return room;
}

static GPtrArray *new_rooms(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)vd_room_unref);
}

static void entry_free(void *data)
{
    Entry *entry = data;

    vd_status_unref(entry->status);
    g_ptr_array_unref(entry->rooms);
    g_free(entry);
}

static gint by_id(gconstpointer a, gconstpointer b, gpointer unused)
{
    return strcmp(a, b);
}

/* --- statuses --------------------------------------------------------------------------------- */

/* [lock] */
static Entry *entry_of(VdRoster *roster, const char *id)
{
    Entry *entry = g_tree_lookup(roster->entries, id);

    if (entry == NULL) {
        entry = g_new0(Entry, 1);
        entry->rooms = new_rooms();
        g_tree_insert(roster->entries, g_strdup(id), entry);
    }
    return entry;
}

void vd_roster_publish(VdRoster *roster, VdStatus *status)
{
    const char *id = vd_status_parts(status)->config->id;

    vd_lock(&roster->lock);
    Entry *entry = entry_of(roster, id);
    VdStatus *before = entry->status;
    entry->status = vd_status_ref(status);
    roster->edition++;
    vd_unlock(&roster->lock);
    vd_status_unref(before);
}

static GPtrArray *audiences_of(const Entry *entry)
{
    GPtrArray *audiences = g_ptr_array_new_with_free_func((GDestroyNotify)vd_audience_unref);

    for (guint i = 0; i < entry->rooms->len; i++)
        g_ptr_array_add(audiences, vd_audience_ref(vd_room_audience(entry->rooms->pdata[i])));
    return audiences;
}

GPtrArray *vd_roster_remove(VdRoster *roster, const char *id)
{
    void *key, *value;

    vd_lock(&roster->lock);
    bool known = g_tree_lookup_extended(roster->entries, id, &key, &value);
    if (known)
        g_tree_steal(roster->entries, id);
    roster->edition++;
    vd_unlock(&roster->lock);
    if (!known)
        return g_ptr_array_new();
    GPtrArray *audiences = audiences_of(value);
    g_free(key);
    entry_free(value);
    return audiences;
}

VdStatus *vd_roster_find(VdRoster *roster, const char *id)
{
    vd_lock(&roster->lock);
    const Entry *entry = g_tree_lookup(roster->entries, id);
    VdStatus *status = entry != NULL ? vd_status_ref(entry->status) : NULL;
    vd_unlock(&roster->lock);
    return status;
}

static gboolean collect(gpointer id, gpointer value, gpointer all)
{
    g_ptr_array_add(all, vd_status_ref(((Entry *)value)->status));
    return FALSE;
}

GPtrArray *vd_roster_all(VdRoster *roster, guint64 *edition)
{
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)vd_status_unref);

    vd_lock(&roster->lock);
    g_tree_foreach(roster->entries, collect, all);
    if (edition != NULL)
        *edition = roster->edition;
    vd_unlock(&roster->lock);
    return all;
}

guint64 vd_roster_edition(VdRoster *roster)
{
    vd_lock(&roster->lock);
    guint64 edition = roster->edition;
    vd_unlock(&roster->lock);
    return edition;
}

/* --- who watches ------------------------------------------------------------------------------ */

void vd_roster_set_max_viewers(VdRoster *roster, guint max_viewers)
{
    vd_lock(&roster->lock);
    roster->max_viewers = max_viewers;
    vd_unlock(&roster->lock);
}

void vd_roster_viewers(VdRoster *roster, guint *viewers, guint *max_viewers)
{
    vd_lock(&roster->lock);
    *viewers = roster->viewers;
    *max_viewers = roster->max_viewers;
    vd_unlock(&roster->lock);
}

static VdRoom *find_room(const Entry *entry, const VdWish *wish)
{
    for (guint i = 0; i < entry->rooms->len; i++)
        if (vd_wish_equal(vd_audience_wish(vd_room_audience(entry->rooms->pdata[i])), wish))
            return entry->rooms->pdata[i];
    return NULL;
}

/* [lock] The place of the room that has been empty for longest; how many there are: none is. */
static guint longest_empty(const Entry *entry)
{
    guint found = entry->rooms->len;

    for (guint i = 0; i < entry->rooms->len; i++) {
        const VdRoom *room = entry->rooms->pdata[i];
        const VdRoom *best = found < entry->rooms->len ? entry->rooms->pdata[found] : NULL;

        if (room->viewers == 0 && (best == NULL || room->empty_us < best->empty_us))
            found = i;
    }
    return found;
}

/* [lock] */
static bool may_enter(VdRoster *roster, const char *id, const VdWish *wish, GError **error)
{
    const Entry *entry = g_tree_lookup(roster->entries, id);

    if (entry == NULL) {
        g_set_error(error, VD_ERROR, VD_ERROR_NOT_FOUND, "there is no camera %s", id);
        return false;
    }
    if (roster->viewers >= roster->max_viewers) {
        g_autofree char *most = vd_counted(roster->max_viewers, "viewer");
        g_set_error(error, VD_ERROR, VD_ERROR_LIMIT, "no more than %s at a time (max-viewers)",
                    most);
        return false;
    }
    if (entry->rooms->len < VD_MAX_RENDITIONS || find_room(entry, wish) != NULL ||
        longest_empty(entry) < entry->rooms->len)
        return true;
    g_set_error(error, VD_ERROR, VD_ERROR_LIMIT,
                "camera %s is watched in %d ways already: ask for one of those sizes and rates", id,
                VD_MAX_RENDITIONS);
    return false;
}

/* [lock] Of a camera that there is and that has room (transfer none) */
static VdRoom *find_or_make_room(VdRoster *roster, const char *id, const VdWish *wish, bool *fresh,
                                 VdRoom **evicted)
{
    const Entry *entry = g_tree_lookup(roster->entries, id);
    VdRoom *room = find_room(entry, wish);

    if (room != NULL)
        return room;
    if (entry->rooms->len >= VD_MAX_RENDITIONS)
        *evicted = g_ptr_array_steal_index(entry->rooms, longest_empty(entry));
    *fresh = true;
    room = room_new(id, wish);
    g_ptr_array_add(entry->rooms, room);
    return room;
}

VdRoom *vd_roster_enter(VdRoster *roster, const char *id, const VdWish *wish, bool *fresh,
                        VdRoom **evicted, GError **error)
{
    VdRoom *room = NULL;

    *fresh = false;
    *evicted = NULL;
    vd_lock(&roster->lock);
    if (may_enter(roster, id, wish, error)) {
        room = room_ref(find_or_make_room(roster, id, wish, fresh, evicted));
        room->viewers++;
        roster->viewers++;
    }
    vd_unlock(&roster->lock);
    return room;
}

bool vd_roster_may_enter(VdRoster *roster, const char *id, const VdWish *wish, GError **error)
{
    vd_lock(&roster->lock);
    bool may = may_enter(roster, id, wish, error);
    vd_unlock(&roster->lock);
    return may;
}

bool vd_roster_leave(VdRoster *roster, VdRoom *room)
{
    gint64 now = vd_clock_now_us();

    vd_lock(&roster->lock);
    roster->viewers--;
    bool last = --room->viewers == 0;
    room->empty_us = now;
    vd_unlock(&roster->lock);
    vd_room_unref(room);
    return last;
}

/* [lock] */
static gboolean collect_rooms(gpointer id, gpointer value, gpointer all)
{
    const Entry *entry = value;

    for (guint i = 0; i < entry->rooms->len; i++)
        g_ptr_array_add(all, room_ref(entry->rooms->pdata[i]));
    return FALSE;
}

GPtrArray *vd_roster_rooms(VdRoster *roster)
{
    GPtrArray *rooms = new_rooms();

    vd_lock(&roster->lock);
    g_tree_foreach(roster->entries, collect_rooms, rooms);
    vd_unlock(&roster->lock);
    return rooms;
}

typedef struct Sweep {
    gint64 until_us; /* rooms that have been empty since before go */
    GPtrArray *swept;
    bool more;
} Sweep;

/* [lock] */
static gboolean sweep_entry(gpointer id, gpointer value, gpointer data)
{
    const Entry *entry = value;
    Sweep *sweep = data;

    for (guint i = entry->rooms->len; i-- > 0;) {
        VdRoom *room = entry->rooms->pdata[i];

        if (room->viewers > 0)
            continue;
        if (room->empty_us <= sweep->until_us)
            g_ptr_array_add(sweep->swept, g_ptr_array_steal_index(entry->rooms, i));
        else
            sweep->more = true;
    }
    return FALSE;
}

GPtrArray *vd_roster_sweep(VdRoster *roster, gint64 linger_us, bool *more)
{
    Sweep sweep = {.until_us = vd_clock_now_us() - linger_us, .swept = new_rooms()};

    vd_lock(&roster->lock);
    g_tree_foreach(roster->entries, sweep_entry, &sweep);
    vd_unlock(&roster->lock);
    *more = sweep.more;
    return sweep.swept;
}

/* --- beginning and end ------------------------------------------------------------------------ */

VdRoster *vd_roster_new(void)
{
    VdRoster *roster = g_new0(VdRoster, 1);

    vd_lock_init(&roster->lock);
    roster->entries = g_tree_new_full(by_id, NULL, g_free, entry_free);
    return roster;
}

void vd_roster_free(VdRoster *roster)
{
    if (roster == NULL)
        return;
    g_tree_unref(roster->entries);
    vd_lock_clear(&roster->lock);
    g_free(roster);
}
