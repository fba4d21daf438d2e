#include "media/source-errand.h"

#include "base/lock.h"

typedef struct Errand {
    VdErrandStep work, then;
    void *data;
    GDestroyNotify unref;
} Errand;

/* What is to be done to one path; there while its thread is. */
typedef struct Line {
    char *path;
    GQueue waiting; /* [lock] Errand, oldest first */
} Line;

static VdLock lock = {PTHREAD_MUTEX_INITIALIZER};
static GHashTable *lines; /* [lock] Line by its path; (nullable) */

static void errand_free(gpointer data)
{
    Errand *errand = data;

    if (errand->unref != NULL)
        errand->unref(errand->data);
    g_free(errand);
}

static void line_free(Line *line)
{
    g_free(line->path);
    g_free(line);
}

static gboolean go_on(gpointer data)
{
    Errand *errand = data;

    errand->then(errand->data);
    return G_SOURCE_REMOVE;
}

/* The line's next errand, or NULL: the line has ended. */
static Errand *take(Line *line)
{
    vd_lock(&lock);
    Errand *errand = g_queue_pop_head(&line->waiting);
    if (errand == NULL)
        g_hash_table_remove(lines, line->path);
    vd_unlock(&lock);
    return errand;
}

static gpointer run(gpointer data)
{
    Line *line = data;
    Errand *errand;

    while ((errand = take(line)) != NULL) {
        errand->work(errand->data);
        if (errand->then != NULL)
            g_idle_add_full(G_PRIORITY_DEFAULT, go_on, errand, errand_free);
        else
            errand_free(errand);
    }
    line_free(line);
    return NULL;
}

/* [lock] *fresh: it has no thread yet. */
static Line *line_of(const char *path, bool *fresh)
{
    if (lines == NULL)
        lines = g_hash_table_new(g_str_hash, g_str_equal);
    Line *line = g_hash_table_lookup(lines, path);

    *fresh = line == NULL;
    if (line == NULL) {
        line = g_new0(Line, 1);
        line->path = g_strdup(path);
        g_hash_table_insert(lines, line->path, line);
    }
    return line;
}

void vd_errand(const char *path, VdErrandStep work, VdErrandStep then, void *data,
               GDestroyNotify unref)
{
    Errand *errand = g_new0(Errand, 1);
    bool fresh;

    *errand = (Errand){work, then, data, unref};
    vd_lock(&lock);
    Line *line = line_of(path, &fresh);
    g_queue_push_tail(&line->waiting, errand);
    vd_unlock(&lock);
    if (fresh)
        g_thread_unref(g_thread_new("errand", run, line));
}

/* [lock] Takes them out. */
static GSList *find_waiting(Line *line, const void *data)
{
    GSList *found = NULL;

    for (GList *at = line->waiting.head, *next; at != NULL; at = next) {
        Errand *errand = at->data;
        next = at->next;
        if (errand->data == data) {
            g_queue_delete_link(&line->waiting, at);
            found = g_slist_prepend(found, errand);
        }
    }
    return found;
}

void vd_errand_forget(const char *path, const void *data)
{
    GSList *found = NULL;

    vd_lock(&lock);
    Line *line = lines != NULL ? g_hash_table_lookup(lines, path) : NULL;
    if (line != NULL)
        found = find_waiting(line, data);
    vd_unlock(&lock);
    g_slist_free_full(found, errand_free);
}
