/*
 * Tells ThreadSanitizer what GLib's locks, counters and hand-overs order. GLib is not instrumented
 * and its locks are bare futexes, so that without this each use of them reads as a race. Preloaded
 * by `make check` in a build --with-sanitizer=thread; other programs do not notice it.
 *
 * Only what really orders two threads is told, by the object that does it. Where GLib's own table
 * of names stands under a lock inside GLib, it is left out.
 */
#include <dlfcn.h>
#include <glib-object.h>
#include <gst/gst.h>
#include <poll.h>
#include <pthread.h>

void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));
void AnnotateIgnoreReadsBegin(const char *file, int line) __attribute__((weak));
void AnnotateIgnoreReadsEnd(const char *file, int line) __attribute__((weak));
void AnnotateIgnoreWritesBegin(const char *file, int line) __attribute__((weak));
void AnnotateIgnoreWritesEnd(const char *file, int line) __attribute__((weak));

/* The next function of this name, found once; finding it twice at the same time does no harm. */
#define REAL(function)                                                        \
    ({                                                                        \
        static __typeof__(function) *found;                                   \
        __typeof__(function) *it = __atomic_load_n(&found, __ATOMIC_RELAXED); \
        if (it == NULL) {                                                     \
            it = (__typeof__(function) *)dlsym(RTLD_NEXT, #function);         \
            __atomic_store_n(&found, it, __ATOMIC_RELAXED);                   \
        }                                                                     \
        it;                                                                   \
    })

/* All of the main loops: what is given to one is seen by what it dispatches after its next poll. */
static char main_loops;

static void acquire(void *object)
{
    if (__tsan_acquire != NULL)
        __tsan_acquire(object);
}

static void release(void *object)
{
    if (__tsan_release != NULL)
        __tsan_release(object);
}

/* --- locks --------------------------------------------------------------------------------- */

#define LOCKS(name, Type, lock, unlock, trylock) \
    void name##_##lock(Type *mutex)              \
    {                                            \
        REAL(name##_##lock)(mutex);              \
        acquire(mutex);                          \
    }                                            \
    void name##_##unlock(Type *mutex)            \
    {                                            \
        release(mutex);                          \
        REAL(name##_##unlock)(mutex);            \
    }                                            \
    gboolean name##_##trylock(Type *mutex)       \
    {                                            \
        if (!REAL(name##_##trylock)(mutex))      \
            return FALSE;                        \
        acquire(mutex);                          \
        return TRUE;                             \
    }
LOCKS(g_mutex, GMutex, lock, unlock, trylock)
LOCKS(g_rec_mutex, GRecMutex, lock, unlock, trylock)
LOCKS(g_rw_lock, GRWLock, writer_lock, writer_unlock, writer_trylock)
LOCKS(g_rw_lock, GRWLock, reader_lock, reader_unlock, reader_trylock)

void g_cond_wait(GCond *cond, GMutex *mutex)
{
    release(mutex);
    REAL(g_cond_wait)(cond, mutex);
    acquire(mutex);
}

gboolean g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time)
{
    release(mutex);
    gboolean signalled = REAL(g_cond_wait_until)(cond, mutex, end_time);
    acquire(mutex);
    return signalled;
}

#undef g_once_init_leave
void g_once_init_leave(volatile void *location, gsize result)
{
    release((void *)location);
    REAL(g_once_init_leave)(location, result);
}

/* --- names: one table for all threads, under a lock inside GLib --------------------------------
 */

static void enter_names(void)
{
    if (AnnotateIgnoreReadsBegin == NULL)
        return;
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}

static void leave_names(void)
{
    if (AnnotateIgnoreReadsBegin == NULL)
        return;
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}

#define NAME(Type, function)                \
    Type function(const char *name)         \
    {                                       \
        enter_names();                      \
        Type answer = REAL(function)(name); \
        leave_names();                      \
        return answer;                      \
    }
typedef const char *Interned;
NAME(GQuark, g_quark_from_string)
NAME(GQuark, g_quark_from_static_string)
NAME(GQuark, g_quark_try_string)
NAME(Interned, g_intern_string)
NAME(Interned, g_intern_static_string)

/* --- counters: whoever takes the last reference sees what the others did ---------------------- */

#undef g_atomic_ref_count_dec
gboolean g_atomic_ref_count_dec(gatomicrefcount *count)
{
    release(count);
    gboolean last = REAL(g_atomic_ref_count_dec)(count);
    if (last)
        acquire(count);
    return last;
}

#define UNREF(function, Type)   \
    void function(Type object)  \
    {                           \
        release(object);        \
        acquire(object);        \
        REAL(function)(object); \
    }
#undef g_object_unref
UNREF(g_object_unref, gpointer)
UNREF(gst_object_unref, gpointer)
UNREF(gst_mini_object_unref, GstMiniObject *)
UNREF(g_bytes_unref, GBytes *)
UNREF(g_ptr_array_unref, GPtrArray *)

/* --- hand-overs ------------------------------------------------------------------------------ */

/* One thread's work given to another through a pool: what GStreamer starts its tasks with. */
typedef struct Pool {
    GFunc func;
    gpointer data;
} Pool;

static void run_in_pool(gpointer work, gpointer data)
{
    Pool *pool = data;

    acquire(pool);
    pool->func(work, pool->data);
}

GThreadPool *g_thread_pool_new(GFunc func, gpointer data, gint max, gboolean exclusive,
                               GError **error)
{
    Pool *pool = g_new(Pool, 1); /* kept as long as the process: pools are few */

    *pool = (Pool){func, data};
    /* cppcheck-suppress memleak */
    return REAL(g_thread_pool_new)(run_in_pool, pool, max, exclusive, error);
}

gboolean g_thread_pool_push(GThreadPool *threads, gpointer work, GError **error)
{
    if (threads->func == run_in_pool)
        release(threads->user_data);
    return REAL(g_thread_pool_push)(threads, work, error);
}

/*
 * A loop takes what is attached to it after its next poll, and frees then what attaching allocated:
 * this is held while it is attached, and passed after each poll.
 */
static pthread_mutex_t attaching = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

/* Who takes a source away changes the loop's tables, too, and runs what the source has for it. */
static void pass_attaching(void)
{
    pthread_mutex_lock(&attaching);
    pthread_mutex_unlock(&attaching);
}

guint g_source_attach(GSource *source, GMainContext *context)
{
    pthread_mutex_lock(&attaching);
    release(&main_loops);
    release(source);
    guint id = REAL(g_source_attach)(source, context);
    pthread_mutex_unlock(&attaching);
    return id;
}

/* One that is attached between a loop's poll and its look at what is ready runs before the next. */
typedef struct Idle {
    GSourceFunc function;
    gpointer data;
    GDestroyNotify notify;
} Idle;

static gboolean run_idle(gpointer data)
{
    const Idle *idle = data;

    pass_attaching();
    acquire(data);
    return idle->function(idle->data);
}

static void free_idle(gpointer data)
{
    Idle *idle = data;

    acquire(idle);
    if (idle->notify != NULL)
        idle->notify(idle->data);
    g_free(idle);
}

static Idle *idle_new(GSourceFunc function, gpointer data, GDestroyNotify notify)
{
    Idle *idle = g_new(Idle, 1);

    *idle = (Idle){function, data, notify};
    release(&main_loops);
    release(idle);
    return idle;
}

guint g_idle_add_full(gint priority, GSourceFunc function, gpointer data, GDestroyNotify notify)
{
    Idle *idle = idle_new(function, data, notify);

    pthread_mutex_lock(&attaching);
    guint id = REAL(g_idle_add_full)(priority, run_idle, idle, free_idle);
    pthread_mutex_unlock(&attaching);
    return id;
}

void g_main_context_invoke_full(GMainContext *context, gint priority, GSourceFunc function,
                                gpointer data, GDestroyNotify notify)
{
    Idle *idle = idle_new(function, data, notify);

    pthread_mutex_lock(&attaching);
    /* cppcheck-suppress memleak ; the source has it */
    REAL(g_main_context_invoke_full)(context, priority, run_idle, idle, free_idle);
    pthread_mutex_unlock(&attaching);
}

/* The last reference takes it off the loop's lists, which who came before has made. */
void g_source_unref(GSource *source)
{
    pass_attaching();
    release(source);
    acquire(source);
    REAL(g_source_unref)(source);
    pass_attaching();
}

void g_source_destroy(GSource *source)
{
    pass_attaching();
    release(source);
    acquire(source);
    REAL(g_source_destroy)(source);
    pass_attaching();
}

gboolean g_source_remove(guint id)
{
    pass_attaching();
    gboolean removed = REAL(g_source_remove)(id);
    pass_attaching();
    return removed;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    int ready = REAL(poll)(fds, count, timeout);

    pass_attaching();
    acquire(&main_loops);
    return ready;
}

gboolean gst_bus_post(GstBus *bus, GstMessage *message)
{
    release(&main_loops);
    return REAL(gst_bus_post)(bus, message);
}

/*
 * A kind of metadata is registered by the thread that first needs it and used by others, which find
 * it in a g_once_init_enter() that is inline in its library. GStreamer's own kinds are registered
 * inside itself: there the call that does it stands for it.
 */
static char meta_infos;

const GstMetaInfo *gst_meta_register(GType api, const char *impl, gsize size,
                                     GstMetaInitFunction init, GstMetaFreeFunction free_meta,
                                     GstMetaTransformFunction transform)
{
    const GstMetaInfo *info = REAL(gst_meta_register)(api, impl, size, init, free_meta, transform);

    release(&meta_infos);
    return info;
}

GstMeta *gst_buffer_add_meta(GstBuffer *buffer, const GstMetaInfo *info, void *parameters)
{
    acquire(&meta_infos);
    return REAL(gst_buffer_add_meta)(buffer, info, parameters);
}

GstReferenceTimestampMeta *gst_buffer_add_reference_timestamp_meta(GstBuffer *buffer,
                                                                   GstCaps *reference,
                                                                   GstClockTime timestamp,
                                                                   GstClockTime duration)
{
    GstReferenceTimestampMeta *meta =
        REAL(gst_buffer_add_reference_timestamp_meta)(buffer, reference, timestamp, duration);

    release(&meta_infos);
    acquire(&meta_infos);
    return meta;
}

GstReferenceTimestampMeta *gst_buffer_get_reference_timestamp_meta(GstBuffer *buffer,
                                                                   GstCaps *reference)
{
    GstReferenceTimestampMeta *meta =
        REAL(gst_buffer_get_reference_timestamp_meta)(buffer, reference);

    release(&meta_infos);
    return meta;
}
