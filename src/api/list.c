#include "api/list.h"

#include "base/limits.h"
#include "base/lock.h"

#include <string.h>

struct VdList {
    VdRoster *roster;
    VdLock lock;
    GBytes *all;     /* [lock] (nullable) of the edition below */
    guint64 edition; /* [lock] */
};

static const char *id_of(const VdStatus *status)
{
    return vd_status_parts(status)->config->id;
}

static void append(GString *text, VdStatus *status)
{
    g_autoptr(GBytes) json = vd_status_brief_json(status);
    gsize size;
    const char *bytes = g_bytes_get_data(json, &size);

    if (text->str[text->len - 1] != '[')
        g_string_append_c(text, ',');
    g_string_append_len(text, bytes, (gssize)size);
}

/* A cursor is the id of the last camera that was told. */
static GBytes *join(GPtrArray *statuses, const VdSight *sight, const VdPage *page)
{
    guint left = page->limit > 0 ? page->limit : G_MAXUINT;
    GString *text = g_string_new("{\"cameras\":[");
    const char *last = NULL;
    bool more = false;

    for (guint i = 0; i < statuses->len && !more; i++) {
        const char *id = id_of(statuses->pdata[i]);

        if (!vd_sees(sight, id) || (page->cursor != NULL && strcmp(id, page->cursor) <= 0))
            continue;
        more = left == 0;
        if (!more) {
            append(text, statuses->pdata[i]);
            last = id;
            left--;
        }
    }
    if (more)
        g_string_append_printf(text, "],\"next\":\"%s\"}", last);
    else
        g_string_append(text, "],\"next\":null}");
    return g_string_free_to_bytes(text);
}

static bool is_id(const char *text)
{
    return strlen(text) <= VD_MAX_ID &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

/* (nullable) (transfer full) */
static GBytes *kept(VdList *list)
{
    guint64 edition = vd_roster_edition(list->roster);

    vd_lock(&list->lock);
    bool fresh = list->all != NULL && list->edition == edition;
    GBytes *all = fresh ? g_bytes_ref(list->all) : NULL;
    vd_unlock(&list->lock);
    return all;
}

static void keep(VdList *list, GBytes *all, guint64 edition)
{
    vd_lock(&list->lock);
    GBytes *before = list->all;
    list->all = g_bytes_ref(all);
    list->edition = edition;
    vd_unlock(&list->lock);
    g_bytes_unref(before);
}

GBytes *vd_list_cameras(VdList *list, const VdSight *sight, const VdPage *page)
{
    bool whole = sight->cameras == NULL && page->limit == 0 && page->cursor == NULL;
    GBytes *all = whole ? kept(list) : NULL;
    guint64 edition;

    if (all != NULL)
        return all;
    if (page->cursor != NULL && !is_id(page->cursor))
        return NULL;
    g_autoptr(GPtrArray) statuses = vd_roster_all(list->roster, &edition);
    all = join(statuses, sight, page);
    if (whole)
        keep(list, all, edition);
    return all;
}

VdList *vd_list_new(VdRoster *roster)
{
    VdList *list = g_new0(VdList, 1);

    list->roster = roster;
    vd_lock_init(&list->lock);
    return list;
}

void vd_list_free(VdList *list)
{
    if (list == NULL)
        return;
    g_bytes_unref(list->all);
    vd_lock_clear(&list->lock);
    g_free(list);
}
