#include "ingest-kit.h"

#include "base/lock.h"
#include "media/reaper.h"
#include "media/source-errand.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * What hangs, hangs until the test lets it go; or for so long that a test which waits for it fails
 * by its clock and does not hang itself.
 */
#define HANG_US    (60 * G_USEC_PER_SEC)
#define AT_ONCE_US (20 * G_USEC_PER_SEC)

static VdLock lock = {PTHREAD_MUTEX_INITIALIZER};
static VdCond changed;
static bool let_go;   /* [lock] */
static guint hanging; /* [lock] threads that do */

static char *folder;

static void hang(void)
{
    gint64 until = g_get_monotonic_time() + HANG_US;

    vd_lock(&lock);
    hanging++;
    vd_cond_broadcast(&changed);
    while (!let_go && vd_cond_wait_until(&changed, &lock, until))
        ;
    hanging--;
    vd_cond_broadcast(&changed);
    vd_unlock(&lock);
}

static void set_let_go(bool whether)
{
    vd_lock(&lock);
    let_go = whether;
    vd_cond_broadcast(&changed);
    vd_unlock(&lock);
}

static guint await_hanging(guint count)
{
    gint64 until = g_get_monotonic_time() + HANG_US;

    vd_lock(&lock);
    while (hanging != count && vd_cond_wait_until(&changed, &lock, until))
        ;
    guint is = hanging;
    vd_unlock(&lock);
    return is;
}

/* The C library's, for all of this program: a file system whose server is gone. */
int stat(const char *path, struct stat *info)
{
    if (strstr(path, "/gone/") != NULL)
        hang();
    return fstatat(AT_FDCWD, path, info, 0);
}

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* The main loop serves another camera meanwhile. */
static void others_go_on(void)
{
    Kit other;

    kit_init(&other);
    kit_start(&other, "test:moving?width=162&height=90&fps=30");
    kit_await_units(&other, 3);
    kit_clear(&other);
}

static void a_path_that_hangs_costs_its_own_source_and_one_thread(void)
{
    static const struct {
        const char *uri, *text;
    } rows[] = {
        {"file:///gone/clip.mp4", "No such file"},
        {"/gone/clip.h264", "No such file"},
        {"v4l2:///gone/video0", "there is no device"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        gint64 start = g_get_monotonic_time();
        Kit kit;

        g_test_message("%s", rows[i].uri);
        set_let_go(false);
        for (guint try = 0; try < 5; try++) {
            kit_init(&kit);
            kit_start(&kit, rows[i].uri);
            g_assert_cmpuint(await_hanging(1), ==, 1);
            kit_clear(&kit);
        }
        kit_init(&kit);
        kit.camera.connect_timeout_ms = 50;
        kit_start(&kit, rows[i].uri);
        kit_await_loss(&kit, VD_LOSS_TIMEOUT, "its file or device has not opened within 0.05 s");
        kit_clear(&kit);
        g_assert_cmpint(g_get_monotonic_time() - start, <, AT_ONCE_US);
        others_go_on();
        g_assert_cmpuint(await_hanging(1), ==, 1);

        kit_init(&kit);
        kit_start(&kit, rows[i].uri);
        set_let_go(true);
        kit_await_loss(&kit, VD_LOSS_NOT_FOUND, rows[i].text);
        kit_clear(&kit);
        g_assert_cmpuint(await_hanging(0), ==, 0);
    }
}

/* Whoever reads a pipe waits for its writer. */
static void authorities_that_hang_cost_their_own_source(void)
{
    g_autofree char *path = path_of("authorities.pem");
    gint64 start = g_get_monotonic_time();
    Kit kit;

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    for (guint try = 0; try < 3; try++) {
        kit_init(&kit);
        kit.camera.tls = VD_TLS_VERIFY;
        kit.camera.tls_ca_file = path;
        kit.camera.connect_timeout_ms = 50;
        kit_start(&kit, try == 0 ? "https://127.0.0.1:1/" : "rtsps://127.0.0.1:1/");
        kit_await_loss(&kit, VD_LOSS_TIMEOUT, "tls-ca-file: it has not opened within 0.05 s");
        kit_clear(&kit);
    }
    g_assert_cmpint(g_get_monotonic_time() - start, <, AT_ONCE_US);
    int writer = g_open(path, O_RDWR | O_CLOEXEC, 0);
    g_assert_cmpint(writer, >=, 0);
    close(writer);
}

/* A video device whose driver does not come back from being opened. */
typedef struct Stuck {
    GstElement parent;
} Stuck;
typedef struct StuckClass {
    GstElementClass parent_class;
} StuckClass;
GType stuck_get_type(void);
G_DEFINE_TYPE(Stuck, stuck, GST_TYPE_ELEMENT)

static gint devices; /* atomic */

static GstStateChangeReturn stuck_change_state(GstElement *element, GstStateChange transition)
{
    if (transition == GST_STATE_CHANGE_NULL_TO_READY)
        hang();
    return GST_ELEMENT_CLASS(stuck_parent_class)->change_state(element, transition);
}

static void ignore(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
}

static void stuck_finalize(GObject *object)
{
    g_atomic_int_add(&devices, -1);
    G_OBJECT_CLASS(stuck_parent_class)->finalize(object);
}

static void stuck_class_init(StuckClass *class)
{
    G_OBJECT_CLASS(class)->set_property = ignore;
    G_OBJECT_CLASS(class)->finalize = stuck_finalize;
    g_object_class_install_property(
        G_OBJECT_CLASS(class), 1,
        g_param_spec_string("device", NULL, NULL, NULL, G_PARAM_WRITABLE));
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(class), "stuck", "Source", "-", "-");
    GST_ELEMENT_CLASS(class)->change_state = stuck_change_state;
}

static void stuck_init(Stuck *stuck)
{
    g_atomic_int_inc(&devices);
    gst_element_add_pad(GST_ELEMENT(stuck), gst_pad_new("src", GST_PAD_SRC));
}

static bool is_hanging(void *unused)
{
    vd_lock(&lock);
    bool is = hanging > 0;
    vd_unlock(&lock);
    return is;
}

static gboolean tick(gpointer unused)
{
    return G_SOURCE_CONTINUE;
}

static void await_device_hanging(void)
{
    guint timer = g_timeout_add(5, tick, NULL);

    kit_await(is_hanging, NULL, "the device");
    g_source_remove(timer);
}

static bool is_gone(void *unused)
{
    return g_atomic_int_get(&devices) == 0;
}

static void a_driver_that_hangs_costs_its_own_source(void)
{
    g_autofree char *path = path_of("video-stuck");
    gint64 start = g_get_monotonic_time();
    Kit kit;

    if (mknod(path, S_IFCHR | 0600, makedev(81, 255)) != 0) {
        g_test_skip("device nodes cannot be made here");
        return;
    }
    g_autofree char *uri = g_strconcat("v4l2://", path, NULL);
    gst_element_register(NULL, "v4l2src", GST_RANK_PRIMARY, stuck_get_type());
    set_let_go(false);
    kit_init(&kit);
    kit_start(&kit, uri);
    await_device_hanging();
    g_assert_cmpint(g_get_monotonic_time() - start, <, AT_ONCE_US);
    vd_ingest_free(g_steal_pointer(&kit.ingest));
    g_assert_cmpint(g_get_monotonic_time() - start, <, AT_ONCE_US);
    others_go_on();
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time()), ==, 0); /* nothing waits beside it */
    set_let_go(true);
    kit_clear(&kit);
    guint timer = g_timeout_add(5, tick, NULL);
    kit_await(is_gone, NULL, "the device's end"); /* in NULL, else it is a critical warning */
    g_source_remove(timer);
}

static void add_one(void *data)
{
    g_atomic_int_inc((gint *)data);
}

static void hang_on(void *unused)
{
    hang();
}

static void what_is_forgotten_is_not_done(void)
{
    gint done = 0, forgotten = 0;

    set_let_go(false);
    vd_errand("p", hang_on, NULL, NULL, NULL);
    g_assert_cmpuint(await_hanging(1), ==, 1);
    vd_errand("p", add_one, add_one, &forgotten, NULL);
    vd_errand("p", add_one, add_one, &done, NULL);
    vd_errand_forget("p", &forgotten);
    vd_errand_forget("another", &done);
    set_let_go(true);
    while (g_atomic_int_get(&done) < 2)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpint(forgotten, ==, 0);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    vd_cond_init(&changed);
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("vedette-errand-XXXXXX", NULL);
#define ADD(name) g_test_add_func("/source/errand/" #name, name)
    ADD(a_path_that_hangs_costs_its_own_source_and_one_thread);
    ADD(authorities_that_hang_cost_their_own_source);
    ADD(a_driver_that_hangs_costs_its_own_source);
    ADD(what_is_forgotten_is_not_done);
    int result = g_test_run();

    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + 20 * G_USEC_PER_SEC), ==, 0);
    static const char *const names[] = {"authorities.pem", "video-stuck"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = path_of(names[i]);
        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
    return result;
}
