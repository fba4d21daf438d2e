#include "plugins/vd-sessions.h"

typedef struct Device {
    guint open;
    int limit;
} Device;

struct VdSessions {
    GMutex lock;
    GHashTable *devices; /* [lock] number -> Device */
};

VdSessions *vd_sessions_new(void)
{
    VdSessions *sessions = g_new0(VdSessions, 1);

    g_mutex_init(&sessions->lock);
    sessions->devices = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return sessions;
}

void vd_sessions_free(VdSessions *sessions)
{
    if (sessions == NULL)
        return;
    g_hash_table_unref(sessions->devices);
    g_mutex_clear(&sessions->lock);
    g_free(sessions);
}

/* Both: what lies between is [lock]. */
static Device *enter(VdSessions *sessions, guint number)
{
    g_mutex_lock(&sessions->lock);
    Device *device = g_hash_table_lookup(sessions->devices, GUINT_TO_POINTER(number));
    if (device == NULL) {
        device = g_new0(Device, 1);
        device->limit = VD_SESSIONS_UNKNOWN;
        g_hash_table_insert(sessions->devices, GUINT_TO_POINTER(number), device);
    }
    return device;
}

static void leave(VdSessions *sessions)
{
    g_mutex_unlock(&sessions->lock);
}

bool vd_sessions_take(VdSessions *sessions, guint device, bool ask)
{
    Device *found = enter(sessions, device);

    if (ask)
        found->limit = VD_SESSIONS_UNKNOWN;
    bool room = found->limit == VD_SESSIONS_UNKNOWN || (int)found->open < found->limit;
    if (room)
        found->open++;
    leave(sessions);
    return room;
}

void vd_sessions_give_back(VdSessions *sessions, guint device)
{
    Device *found = enter(sessions, device);

    found->open--;
    leave(sessions);
}

void vd_sessions_refuse(VdSessions *sessions, guint device)
{
    Device *found = enter(sessions, device);

    found->open--;
    found->limit = (int)found->open;
    leave(sessions);
}

guint vd_sessions_open(VdSessions *sessions, guint device)
{
    guint open = enter(sessions, device)->open;

    leave(sessions);
    return open;
}

int vd_sessions_limit(VdSessions *sessions, guint device)
{
    int limit = enter(sessions, device)->limit;

    leave(sessions);
    return limit;
}
