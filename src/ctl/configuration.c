#include "ctl/request.h"
#include "ctl/table.h"

#include <string.h>
#include <sys/wait.h>

/* --- check ------------------------------------------------------------------------------------ */

/* The daemon beside us, or the one that is installed (transfer full). */
static char *find_daemon(void)
{
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = own != NULL ? g_path_get_dirname(own) : NULL;
    g_autofree char *beside = folder != NULL ? g_build_filename(folder, "vedetted", NULL) : NULL;

    if (beside != NULL && g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer(&beside);
    return g_find_program_in_path("vedetted");
}

/* Each line that it said, without the empty ones. */
static json_t *lines_of(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    json_t *list = json_array();

    for (guint i = 0; lines[i] != NULL; i++) {
        g_autofree char *plain = vd_ctl_plain(lines[i]);
        if (plain[0] != '\0')
            json_array_append_new(list, json_string(plain));
    }
    return list;
}

static int tell(VdCtl *ctl, const char *said, bool good)
{
    json_t *lines = lines_of(said);
    const json_t *line;
    gsize i;

    if (ctl->options[VD_CTL_JSON] != NULL) {
        json_t *answer = json_pack("{s:b, s:O}", "good", good, "messages", lines);
        vd_ctl_print_json(answer);
        json_decref(answer);
    } else {
        json_array_foreach(lines, i, line) fprintf(stderr, "%s\n", json_string_value(line));
        if (good)
            puts("no errors");
    }
    json_decref(lines);
    return good ? VD_CTL_DONE : VD_CTL_REFUSED;
}

int vd_ctl_config_check(VdCtl *ctl)
{
    g_autofree char *daemon = find_daemon();
    const char *file = ctl->count > 0 ? ctl->arguments[0] : NULL;
    const char *command[] = {daemon, "--check", file != NULL ? "--config" : NULL, file, NULL};
    g_autofree char *said = NULL;
    g_autoptr(GError) error = NULL;
    int status;

    if (daemon == NULL)
        return vd_ctl_fail(VD_CTL_REFUSED, "vedetted, which checks it, is not found");
    if (!g_spawn_sync(NULL, (char **)command, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                      &said, &status, &error))
        return vd_ctl_fail(VD_CTL_REFUSED, "%s", error->message);
    if (!WIFEXITED(status))
        return vd_ctl_fail(VD_CTL_REFUSED, "%s --check crashed", daemon);
    return tell(ctl, said, WEXITSTATUS(status) == 0);
}

/* --- diff ------------------------------------------------------------------------------------- */

static char *value_text(const json_t *value)
{
    if (json_is_string(value))
        return g_strdup(json_string_value(value));
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}

/* option: (nullable) */
static void add_row(VdCtlTable *table, const json_t *camera, const json_t *option)
{
    const char *change = json_string_value(json_object_get(camera, "change"));
    g_autofree char *files = value_text(json_object_get(option, "files"));
    g_autofree char *now = value_text(json_object_get(option, "value"));

    vd_ctl_table_add(table, json_string_value(json_object_get(camera, "id")));
    vd_ctl_table_addf(table, "%s%s", change != NULL ? change : "",
                      json_is_false(json_object_get(camera, "kept")) ? ", not kept" : "");
    vd_ctl_table_add(table, json_string_value(json_object_get(option, "option")));
    vd_ctl_table_add(table, files);
    vd_ctl_table_add(table, now);
}

static void print_changes(const json_t *cameras)
{
    g_autoptr(VdCtlTable) table = vd_ctl_table_new("CAMERA|CHANGE|OPTION|FILES|NOW");
    const json_t *camera, *option;
    gsize i, j;

    json_array_foreach(cameras, i, camera)
    {
        const json_t *options = json_object_get(camera, "options");

        json_array_foreach(options, j, option) add_row(table, camera, option);
        if (json_array_size(options) == 0)
            add_row(table, camera, NULL);
    }
    vd_ctl_table_print(table);
}

int vd_ctl_config_diff(VdCtl *ctl)
{
    json_t *answer;
    int exit = vd_ctl_ask_json(ctl, NULL, "/api/v1/changes", NULL, &answer);

    if (exit == VD_CTL_DONE && ctl->options[VD_CTL_JSON] != NULL)
        vd_ctl_print_json(answer);
    else if (exit == VD_CTL_DONE)
        print_changes(json_object_get(answer, "cameras"));
    json_decref(answer);
    return exit;
}
