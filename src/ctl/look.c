#include "ctl/request.h"
#include "ctl/table.h"

#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define CAMERAS "/api/v1/cameras"
#define CLEAR   "\033[H\033[2J"

/* --- values ----------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static double number_of(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

/* A value of any kind for people (transfer full). */
static char *shown(const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return g_strdup("-");
    if (json_is_string(value))
        return g_strdup(json_string_value(value));
    if (json_is_real(value))
        return g_strdup_printf("%.2f", json_real_value(value));
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}

/* Each member a line; objects within one as "motion.share". */
static void add_members(VdCtlTable *table, const json_t *object, const char *before)
{
    const char *name;
    const json_t *value;

    json_object_foreach((json_t *)object, name, value)
    {
        g_autofree char *full = g_strconcat(before, name, NULL);

        if (json_is_object(value)) {
            g_autofree char *deeper = g_strconcat(full, ".", NULL);
            add_members(table, value, deeper);
        } else {
            g_autofree char *text = shown(value);
            vd_ctl_table_add(table, full);
            vd_ctl_table_add(table, text);
        }
    }
}

static int print_members(VdCtl *ctl, const char *path)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new("WHAT|VALUE");
    json_t *answer;
    int exit = vd_ctl_ask_json(ctl, NULL, path, NULL, &answer);

    if (exit != VD_CTL_DONE)
        return exit;
    if (ctl->options[VD_CTL_JSON] != NULL) {
        vd_ctl_print_json(answer);
    } else {
        add_members(table, answer, "");
        vd_ctl_table_print(table);
    }
    json_decref(answer);
    return VD_CTL_DONE;
}

int vd_ctl_status(VdCtl *ctl)
{
    return print_members(ctl, "/api/v1/stats");
}

/* --- cameras ---------------------------------------------------------------------------------- */

static void add_figures(VdCtlTable *table, const json_t *camera)
{
    const json_t *motion = json_object_get(camera, "motion");

    vd_ctl_table_add(table, text_of(camera, "id"));
    vd_ctl_table_add(table, text_of(camera, "state"));
    vd_ctl_table_addf(table, "%.1f", number_of(camera, "fps"));
    vd_ctl_table_addf(table, "%.1f", number_of(camera, "fps_analysed"));
    vd_ctl_table_addf(table, "%.1f%%", 100 * number_of(motion, "share"));
    vd_ctl_table_addf(table, "%.0f", number_of(camera, "bitrate") / 1000);
    vd_ctl_table_addf(table, "%.0f", number_of(camera, "dropped"));
    vd_ctl_table_addf(table, "%.0f", number_of(json_object_get(camera, "viewers"), "count"));
    vd_ctl_table_add(table, text_of(camera, "reason"));
}

/* (transfer full) */
static char *figures(const json_t *cameras, guint width)
{
    g_autoptr(VdCtlTable) table =
        vd_ctl_table_new("CAMERA|STATE|>FPS|>ANALYSED|>MOTION|>KBIT/S|>DROPS|>VIEWERS|REASON");
    const json_t *camera;
    gsize i;

    json_array_foreach(cameras, i, camera) add_figures(table, camera);
    return vd_ctl_table_text(table, width);
}

static void print_ids(const json_t *cameras)
{
    const json_t *camera;
    gsize i;

    json_array_foreach(cameras, i, camera) if (text_of(camera, "id") != NULL)
        puts(text_of(camera, "id"));
}

static void print_list(const json_t *cameras)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new("CAMERA|NAME|STATE|REASON");
    const json_t *camera;
    gsize i;

    json_array_foreach(cameras, i, camera)
    {
        vd_ctl_table_add(table, text_of(camera, "id"));
        vd_ctl_table_add(table, text_of(camera, "name"));
        vd_ctl_table_add(table, text_of(camera, "state"));
        vd_ctl_table_add(table, text_of(camera, "reason"));
    }
    vd_ctl_table_print(table);
}

static int print_all(VdCtl *ctl)
{
    json_t *answer;
    int exit = vd_ctl_ask_json(ctl, NULL, CAMERAS, NULL, &answer);

    if (exit != VD_CTL_DONE)
        return exit;
    if (ctl->options[VD_CTL_JSON] != NULL)
        vd_ctl_print_json(answer);
    else if (ctl->options[VD_CTL_IDS] != NULL)
        print_ids(json_object_get(answer, "cameras"));
    else
        print_list(json_object_get(answer, "cameras"));
    json_decref(answer);
    return VD_CTL_DONE;
}

int vd_ctl_cameras(VdCtl *ctl)
{
    if (ctl->count == 0)
        return print_all(ctl);
    g_autofree char *path = vd_ctl_camera_path(ctl->arguments[0], "");
    return path != NULL ? print_members(ctl, path) : VD_CTL_USAGE;
}

/* --- top -------------------------------------------------------------------------------------- */

/* All zero: standard output is none. */
static struct winsize terminal_size(void)
{
    struct winsize size;

    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0
               ? size
               : (struct winsize){0};
}

/* As much as a terminal has lines for, the last of which is the cursor's: what is more would push
 * the heads out of it. */
static void print_rows(const char *text, guint most)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint count = g_strv_length(lines) - 1; /* each ends with a newline */
    guint shown = most < 4 || count < most ? count : most - 2;

    for (guint i = 0; i < shown; i++)
        puts(lines[i]);
    if (shown < count)
        printf("and %u more\n", count - shown);
}

static int draw(VdCtl *ctl)
{
    json_t *answer;
    int exit = vd_ctl_ask_json(ctl, NULL, CAMERAS, NULL, &answer);

    if (exit != VD_CTL_DONE)
        return exit;
    if (ctl->options[VD_CTL_JSON] != NULL) {
        vd_ctl_print_json(answer);
    } else {
        struct winsize size = terminal_size();
        g_autofree char *text = figures(json_object_get(answer, "cameras"), size.ws_col);
        fputs(isatty(STDOUT_FILENO) ? CLEAR : "", stdout);
        print_rows(text, size.ws_row);
    }
    fflush(stdout);
    json_decref(answer);
    return VD_CTL_DONE;
}

/* Until then, or a signal comes. */
static void wait_second(struct timespec *next)
{
    next->tv_sec++;
    while (!vd_ctl_interrupted() &&
           clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL) != 0)
        continue;
}

int vd_ctl_top(VdCtl *ctl)
{
    const char *wanted = ctl->options[VD_CTL_COUNT];
    guint64 most = 0;
    struct timespec next;

    if (wanted != NULL && !g_ascii_string_to_unsigned(wanted, 10, 1, G_MAXUINT32, &most, NULL))
        return vd_ctl_fail(VD_CTL_USAGE, "--count=%s: a number from 1 on is wanted", wanted);
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (guint64 i = 0; !vd_ctl_interrupted() && (most == 0 || i < most); i++) {
        if (i > 0)
            wait_second(&next);
        int exit = vd_ctl_interrupted() ? VD_CTL_DONE : draw(ctl);
        if (vd_ctl_interrupted())
            break;
        if (exit != VD_CTL_DONE)
            return exit;
    }
    return VD_CTL_DONE;
}
