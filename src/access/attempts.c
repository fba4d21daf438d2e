#include "access/attempts.h"

#include "base/clock.h"
#include "base/limits.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#define FREE_OF_ADDRESS 5  /* failures without a pause */
#define FREE_OF_USER    20 /* from all addresses together */
#define MOST_S          900
#define MOST_OF_USER_S  60 /* what others did makes nobody wait for longer */
#define FORGET_US       (3600 * (gint64)G_USEC_PER_SEC)

/* Of an address or a user. */
typedef struct Record {
    guint failures;
    gint64 last_us;
    gint64 blocked_until_us; /* of an address */
} Record;

struct VdAttempts {
    GHashTable *addresses, *users; /* text -> Record */
};

VdAttempts *vd_attempts_new(void)
{
    VdAttempts *attempts = g_new0(VdAttempts, 1);

    attempts->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    attempts->users = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return attempts;
}

void vd_attempts_free(VdAttempts *attempts)
{
    if (attempts == NULL)
        return;
    g_hash_table_unref(attempts->addresses);
    g_hash_table_unref(attempts->users);
    g_free(attempts);
}

char *vd_attempts_place(const char *address)
{
    static const guint8 mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    guint8 bytes[16];

    if (inet_pton(AF_INET6, address, bytes) != 1)
        return g_strdup(address);
    if (memcmp(bytes, mapped, sizeof mapped) == 0)
        return g_strdup_printf("%u.%u.%u.%u", bytes[12], bytes[13], bytes[14], bytes[15]);
    return g_strdup_printf("%x:%x:%x:%x", bytes[0] << 8 | bytes[1], bytes[2] << 8 | bytes[3],
                           bytes[4] << 8 | bytes[5], bytes[6] << 8 | bytes[7]);
}

static bool is_forgotten(const Record *record, gint64 now_us)
{
    return now_us - record->last_us >= FORGET_US;
}

/* The one with the fewest failures goes, of those the oldest: a flood of new ones drives out
 * itself.
 */
static void make_room(GHashTable *table)
{
    GHashTableIter iter;
    const char *least = NULL;
    const Record *of_least = NULL;
    gpointer key, value;

    if (g_hash_table_size(table) < VD_MAX_ATTEMPTS)
        return;
    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const Record *record = value;

        if (of_least == NULL || record->failures < of_least->failures ||
            (record->failures == of_least->failures && record->last_us < of_least->last_us)) {
            of_least = record;
            least = key;
        }
    }
    g_hash_table_remove(table, least);
}

static gboolean forget(gpointer key, gpointer record, gpointer now_us)
{
    return is_forgotten(record, *(const gint64 *)now_us);
}

static Record *count(GHashTable *table, const char *key, gint64 now_us)
{
    Record *record = g_hash_table_lookup(table, key);

    if (record == NULL) {
        if (g_hash_table_size(table) >= VD_MAX_ATTEMPTS)
            g_hash_table_foreach_remove(table, forget, &now_us);
        make_room(table);
        record = g_new0(Record, 1);
        g_hash_table_insert(table, g_strdup(key), record);
    } else if (is_forgotten(record, now_us)) {
        *record = (Record){0};
    }
    record->failures++;
    record->last_us = now_us;
    return record;
}

/* 0, 1, 2, 4, 8 ... seconds. */
static gint64 pause_us(guint failures, guint are_free, guint most_s)
{
    if (failures <= are_free)
        return 0;
    return MIN(1u << MIN(failures - are_free - 1, 30), most_s) * (gint64)G_USEC_PER_SEC;
}

guint vd_attempts_wait_s(VdAttempts *attempts, const char *address)
{
    g_autofree char *place = vd_attempts_place(address);
    const Record *record = g_hash_table_lookup(attempts->addresses, place);
    gint64 left_us = record != NULL ? record->blocked_until_us - vd_clock_now_us() : 0;

    return left_us > 0 ? (guint)((left_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC) : 0;
}

void vd_attempts_failed(VdAttempts *attempts, const char *address, const char *user)
{
    g_autofree char *place = vd_attempts_place(address);
    gint64 now_us = vd_clock_now_us();
    Record *from = count(attempts->addresses, place, now_us);
    gint64 wait_us = pause_us(from->failures, FREE_OF_ADDRESS, MOST_S);

    if (user != NULL) {
        const Record *for_him = count(attempts->users, user, now_us);
        wait_us = MAX(wait_us, pause_us(for_him->failures, FREE_OF_USER, MOST_OF_USER_S));
    }
    from->blocked_until_us = MAX(from->blocked_until_us, now_us + wait_us);
}
