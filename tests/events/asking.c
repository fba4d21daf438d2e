#include "asking.h"

#include "base/lock.h"

typedef struct Asking {
    VdLock lock;
    VdCond answered;
    GArray *ids; /* [lock] (nullable) guint64 */
    bool more;   /* [lock] */
} Asking;

static void take(GPtrArray *events, bool more, void *data)
{
    Asking *asking = data;

    g_assert_nonnull(events);
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (guint i = 0; i < events->len; i++)
        g_array_append_val(ids, ((VdEvent *)events->pdata[i])->id);
    vd_lock(&asking->lock);
    asking->ids = ids;
    asking->more = more;
    vd_cond_signal(&asking->answered);
    vd_unlock(&asking->lock);
}

GArray *ask_ids(VdJournal *journal, const VdEventFilter *filter, bool *more)
{
    Asking asking = {.ids = NULL};

    vd_lock_init(&asking.lock);
    vd_cond_init(&asking.answered);
    g_assert_true(vd_journal_find(journal, filter, take, &asking));
    vd_lock(&asking.lock);
    while (asking.ids == NULL)
        vd_cond_wait(&asking.answered, &asking.lock);
    vd_unlock(&asking.lock);
    vd_cond_clear(&asking.answered);
    vd_lock_clear(&asking.lock);
    *more = asking.more;
    return asking.ids;
}

char *ask(VdJournal *journal, const VdEventFilter *filter)
{
    bool more;
    g_autoptr(GArray) ids = ask_ids(journal, filter, &more);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < ids->len; i++)
        g_string_append_printf(text, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "",
                               g_array_index(ids, guint64, i));
    if (more)
        g_string_append_c(text, '+');
    return g_string_free(text, FALSE);
}

void store(VdJournal *journal, VdEventKind kind, const char *camera, guint64 id, gint64 wall_us)
{
    g_autoptr(VdEvent) event = vd_event_new(kind, camera, wall_us, json_pack("{s:i}", "n", 7));

    vd_event_number(event, id);
    vd_journal_store(journal, event);
}
