#include "events/store.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION 0x76646a6c /* "vdjl": the file is a journal of ours */
#define PRUNE_STEP  200        /* events taken out at once */
#define DAY_US      (24 * 3600 * (gint64)G_USEC_PER_SEC)
#define BUSY_MS     2000 /* somebody reads it with a tool */

struct VdStore {
    sqlite3 *db;
    sqlite3_stmt *add, *done; /* prepared once */
    bool open;                /* a transaction is */
};

static const char schema[] = "CREATE TABLE IF NOT EXISTS events(id INTEGER PRIMARY KEY, wall_us "
                             "INTEGER NOT NULL, kind TEXT NOT NULL, camera TEXT, fields TEXT NOT "
                             "NULL);"
                             "CREATE INDEX IF NOT EXISTS by_camera ON events(camera, id);"
                             "CREATE TABLE IF NOT EXISTS readers(name TEXT PRIMARY KEY, id INTEGER "
                             "NOT NULL) WITHOUT ROWID;";

static bool fail(VdStore *store, GError **error)
{
    g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "%s", sqlite3_errmsg(store->db));
    return false;
}

static bool run(VdStore *store, const char *sql, GError **error)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(store, error);
}

static bool prepare(VdStore *store, const char *sql, sqlite3_stmt **statement, GError **error)
{
    return sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) == SQLITE_OK ||
           fail(store, error);
}

/* The one number that a question answers; 0: none. */
static gint64 number(VdStore *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    gint64 value = 0;

    if (prepare(store, sql, &statement, NULL) && sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* --- opening ---------------------------------------------------------------------------------- */

static bool is_whole(VdStore *store, GError **error)
{
    sqlite3_stmt *statement = NULL;
    bool whole = false;

    if (!prepare(store, "PRAGMA quick_check(1)", &statement, error))
        return false;
    if (sqlite3_step(statement) == SQLITE_ROW)
        whole = g_strcmp0((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
    sqlite3_finalize(statement);
    if (!whole)
        g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "the database is damaged");
    return whole;
}

/* A database that is empty becomes ours; another program's is not touched. */
static bool is_ours(VdStore *store, GError **error)
{
    if (number(store, "SELECT count(*) FROM sqlite_master") == 0 ||
        number(store, "PRAGMA application_id") == APPLICATION)
        return true;
    g_set_error(error, VD_ERROR, VD_ERROR_FAILED, "it is no journal of vedette's");
    return false;
}

static bool set_up(VdStore *store, GError **error)
{
    g_autofree char *mark = g_strdup_printf("PRAGMA application_id = %d", APPLICATION);

    sqlite3_busy_timeout(store->db, BUSY_MS);
    return is_ours(store, error) && is_whole(store, error) &&
           run(store, "PRAGMA auto_vacuum = INCREMENTAL", error) &&
           run(store, "PRAGMA journal_mode = WAL", error) &&
           run(store, "PRAGMA synchronous = NORMAL", error) &&
           run(store, "PRAGMA journal_size_limit = 4194304", error) && run(store, mark, error) &&
           run(store, schema, error) &&
           prepare(store, "INSERT INTO events VALUES(?, ?, ?, ?, ?)", &store->add, error) &&
           prepare(store, "INSERT OR REPLACE INTO readers VALUES(?, ?)", &store->done, error);
}

/* What happened is its owner's to read: a new file, whose mode SQLite gives to those beside it. */
static void make_private(const char *file)
{
    if (g_str_equal(file, VD_STORE_IN_MEMORY))
        return;
    g_autofree char *folder = g_path_get_dirname(file);
    mkdir(folder, S_IRWXU); /* whether they are there shows when it is opened */
    int fd = open(file, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0)
        close(fd);
}

/* *mend: what is there is the trouble, and not the way to it. */
static VdStore *try_to_open(const char *file, bool *mend, GError **error)
{
    g_autoptr(VdStore) store = g_new0(VdStore, 1);

    make_private(file);
    int result = sqlite3_open(file, &store->db);

    if (result == SQLITE_OK && set_up(store, error))
        return g_steal_pointer(&store);
    if (result != SQLITE_OK)
        fail(store, error);
    int code = sqlite3_errcode(store->db);
    *mend = result == SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_CANTOPEN &&
            code != SQLITE_READONLY && code != SQLITE_FULL && code != SQLITE_IOERR;
    return NULL;
}

static void move_aside(const char *file)
{
    static const char *const parts[] = {"", "-wal", "-shm"};

    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *from = g_strconcat(file, parts[i], NULL);
        g_autofree char *to = g_strconcat(file, ".broken", parts[i], NULL);
        g_unlink(to);
        (void)g_rename(from, to);
    }
}

VdStore *vd_store_open(const char *file, GError **error)
{
    g_autoptr(GError) why = NULL;
    bool mend = false;
    VdStore *store = try_to_open(file, &mend, &why);

    if (store == NULL && mend) {
        vd_log_error(NULL, "journal: %s (%s): it is moved to %s.broken, and a new one is begun",
                     why->message, file, file);
        move_aside(file);
        g_clear_error(&why);
        store = try_to_open(file, &mend, &why);
    }
    if (store == NULL)
        g_propagate_error(error, g_steal_pointer(&why));
    return store;
}

void vd_store_close(VdStore *store)
{
    if (store == NULL)
        return;
    sqlite3_finalize(store->add);
    sqlite3_finalize(store->done);
    sqlite3_close(store->db);
    g_free(store);
}

guint64 vd_store_last_id(VdStore *store)
{
    return (guint64)number(store, "SELECT max(id) FROM events");
}

guint64 vd_store_bytes(VdStore *store)
{
    gint64 pages = number(store, "PRAGMA page_count") - number(store, "PRAGMA freelist_count");

    return (guint64)(pages * number(store, "PRAGMA page_size"));
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool begin(VdStore *store, GError **error)
{
    if (!store->open)
        store->open = run(store, "BEGIN IMMEDIATE", error);
    return store->open;
}

static bool step(VdStore *store, sqlite3_stmt *statement, GError **error)
{
    bool good = sqlite3_step(statement) == SQLITE_DONE || fail(store, error);

    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return good;
}

/* After some errors SQLite has rolled back by itself, after others it has not. */
static bool forget(VdStore *store)
{
    store->open = false;
    if (!sqlite3_get_autocommit(store->db))
        run(store, "ROLLBACK", NULL);
    return false;
}

bool vd_store_add(VdStore *store, const VdEvent *event, GError **error)
{
    sqlite3_stmt *add = store->add;
    char *fields = json_dumps(event->fields, JSON_COMPACT | JSON_REAL_PRECISION(9));

    bool begun = begin(store, error);
    sqlite3_bind_int64(add, 1, (sqlite3_int64)event->id);
    sqlite3_bind_int64(add, 2, event->wall_us);
    sqlite3_bind_text(add, 3, vd_event_kind_name(event->kind), -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 4, event->camera, -1, SQLITE_STATIC);
    sqlite3_bind_text(add, 5, fields, -1, SQLITE_STATIC);
    bool good = begun && step(store, add, error);
    free(fields);
    return good || forget(store);
}

bool vd_store_done(VdStore *store, const char *reader, guint64 id, GError **error)
{
    if (!begin(store, error))
        return false;
    sqlite3_bind_text(store->done, 1, reader, -1, SQLITE_STATIC);
    sqlite3_bind_int64(store->done, 2, (sqlite3_int64)id);
    return step(store, store->done, error) || forget(store);
}

bool vd_store_commit(VdStore *store, GError **error)
{
    if (!store->open)
        return true;
    store->open = false;
    return run(store, "COMMIT", error) || forget(store);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void append_kinds(GString *sql, guint kinds)
{
    const char *comma = " AND kind IN (";

    for (guint i = 0; i < VD_N_KINDS; i++)
        if (kinds & 1u << i) {
            g_string_append_printf(sql, "%s'%s'", comma, vd_event_kind_name((VdEventKind)i));
            comma = ",";
        }
    if (kinds != 0)
        g_string_append_c(sql, ')');
}

/* Ids of cameras are made so that patterns mean the same to SQLite. */
static void append_seen(GString *sql, const char *const *seen)
{
    g_string_append_printf(sql, " AND (kind = '%s'", vd_event_kind_name(VD_KIND_CONFIGURATION));
    for (; *seen != NULL; seen++)
        g_string_append(sql, " OR camera GLOB ?");
    g_string_append_c(sql, ')');
}

static char *question(const VdEventFilter *filter, guint64 after, guint limit)
{
    GString *sql = g_string_new("SELECT id, wall_us, kind, camera, fields FROM events");

    g_string_append_printf(sql, " WHERE id > %" G_GUINT64_FORMAT, after);
    if (filter->before_id != 0)
        g_string_append_printf(sql, " AND id < %" G_GUINT64_FORMAT, filter->before_id);
    if (filter->since_us != 0)
        g_string_append_printf(sql, " AND wall_us >= %" G_GINT64_FORMAT, filter->since_us);
    if (filter->until_us != 0)
        g_string_append_printf(sql, " AND wall_us < %" G_GINT64_FORMAT, filter->until_us);
    if (filter->camera != NULL)
        g_string_append(sql, " AND camera = ?");
    append_kinds(sql, filter->kinds);
    if (filter->seen != NULL)
        append_seen(sql, filter->seen);
    g_string_append_printf(sql, " ORDER BY id %s", filter->oldest_first ? "ASC" : "DESC");
    if (filter->seen == NULL) /* else some that are found are not told */
        g_string_append_printf(sql, " LIMIT %u", limit + 1);
    return g_string_free(sql, FALSE);
}

static void bind(sqlite3_stmt *rows, const VdEventFilter *filter)
{
    int place = 0;

    if (filter->camera != NULL)
        sqlite3_bind_text(rows, ++place, filter->camera, -1, SQLITE_STATIC);
    for (guint i = 0; filter->seen != NULL && filter->seen[i] != NULL; i++)
        sqlite3_bind_text(rows, ++place, filter->seen[i], -1, SQLITE_STATIC);
}

/* (nullable) what is seen of it; it may be of a version that knew other kinds. */
static VdEvent *read_row(sqlite3_stmt *row, const VdEventFilter *filter)
{
    VdEventKind kind;

    if (!vd_event_kind_find((const char *)sqlite3_column_text(row, 2), &kind))
        return NULL;
    json_t *fields = json_loads((const char *)sqlite3_column_text(row, 4), 0, NULL);
    g_autoptr(VdEvent) event = vd_event_new(kind, (const char *)sqlite3_column_text(row, 3),
                                            sqlite3_column_int64(row, 1), fields);
    vd_event_number(event, (guint64)sqlite3_column_int64(row, 0));
    return vd_event_seen(event, filter->seen);
}

/* A reader who is new begins now; who has seen all need not look at it again. */
static bool place_of_reader(VdStore *store, const char *reader, guint64 *after, GError **error)
{
    sqlite3_stmt *statement = NULL;
    bool known = false;

    if (!prepare(store, "SELECT id FROM readers WHERE name = ?", &statement, error))
        return false;
    sqlite3_bind_text(statement, 1, reader, -1, SQLITE_STATIC);
    known = sqlite3_step(statement) == SQLITE_ROW;
    if (known)
        *after = (guint64)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    if (known)
        return true;
    *after = vd_store_last_id(store);
    return vd_store_done(store, reader, *after, error);
}

static GPtrArray *ask(VdStore *store, const VdEventFilter *filter, guint64 after, bool *more,
                      GError **error)
{
    guint limit = filter->limit == 0 ? VD_MAX_EVENTS_FOUND : filter->limit;
    g_autofree char *sql = question(filter, after, limit);
    g_autoptr(GPtrArray) events = g_ptr_array_new_with_free_func((GDestroyNotify)vd_event_unref);
    sqlite3_stmt *rows = NULL;
    int result;

    if (!prepare(store, sql, &rows, error))
        return NULL;
    bind(rows, filter);
    *more = false;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW && !*more) {
        VdEvent *event = events->len < limit ? read_row(rows, filter) : NULL;

        *more = events->len == limit;
        if (event != NULL)
            g_ptr_array_add(events, event);
    }
    bool good = result == SQLITE_ROW || result == SQLITE_DONE || fail(store, error);
    sqlite3_finalize(rows);
    return good ? g_steal_pointer(&events) : NULL;
}

GPtrArray *vd_store_find(VdStore *store, const VdEventFilter *filter, bool *more, GError **error)
{
    guint64 after = filter->after_id, last = vd_store_last_id(store);

    if (filter->reader != NULL && !place_of_reader(store, filter->reader, &after, error))
        return NULL;
    GPtrArray *events = ask(store, filter, after, more, error);
    if (filter->reader != NULL && events != NULL && events->len == 0 && last > after)
        vd_store_done(store, filter->reader, last, NULL);
    return events;
}

/* --- bounds ----------------------------------------------------------------------------------- */

bool vd_store_prune(VdStore *store, const VdJournalBounds *bounds, gint64 wall_us, bool *more,
                    GError **error)
{
    gint64 oldest_us = number(store, "SELECT wall_us FROM events ORDER BY id LIMIT 1");
    bool old = oldest_us != 0 && oldest_us < wall_us - bounds->days * DAY_US;
    bool large = vd_store_bytes(store) > (guint64)bounds->max_mb * 1024 * 1024;

    *more = old || large;
    if (!*more)
        return true;
    g_autofree char *sql = g_strdup_printf(
        "DELETE FROM events WHERE id IN (SELECT id FROM events %s ORDER BY id LIMIT %d)",
        large ? "" : "WHERE wall_us < ?", PRUNE_STEP);
    sqlite3_stmt *statement = NULL;
    if (!begin(store, error) || !prepare(store, sql, &statement, error))
        return false;
    if (!large)
        sqlite3_bind_int64(statement, 1, wall_us - bounds->days * DAY_US);
    bool good = step(store, statement, error) || forget(store);
    *more = sqlite3_changes(store->db) > 0;
    sqlite3_finalize(statement);
    return good && vd_store_commit(store, error) &&
           run(store, "PRAGMA incremental_vacuum(64)", error);
}
