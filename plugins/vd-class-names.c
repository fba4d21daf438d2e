#include "plugins/vd-class-names.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/vd-messages.h"

/* clang-format off */
static const char *const coco[] = {
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
};
/* clang-format on */

static char **known_names(int n)
{
    char **names = g_new0(char *, n + 1);

    for (int i = 0; i < n; i++)
        names[i] = n == G_N_ELEMENTS(coco) ? g_strdup(coco[i]) : g_strdup_printf("class %d", i);
    return names;
}

/* (transfer full) NULL: it cannot be read, or has too much. */
static char *read_file(const char *path, GError **error)
{
    struct stat status;
    bool is_file = stat(path, &status) != 0 || S_ISREG(status.st_mode);

    if (!is_file) { /* a pipe would never end */
        g_set_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ,
                    "The classes' names %s are not in a file", path);
        return NULL;
    }
    FILE *file = fopen(path, "re");
    int code = errno;

    if (file == NULL) {
        g_set_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
                    "The classes' names %s cannot be read: %s", path, g_strerror(code));
        return NULL;
    }
    g_autofree char *text = g_malloc0(VD_CLASS_NAMES_MAX_FILE + 2);
    errno = 0;
    size_t length = fread(text, 1, VD_CLASS_NAMES_MAX_FILE + 1, file);
    code = errno;
    bool broken = ferror(file) != 0;
    fclose(file);
    if (broken || length > VD_CLASS_NAMES_MAX_FILE || memchr(text, 0, length) != NULL) {
        g_set_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ,
                    "The classes' names %s cannot be read: %s", path,
                    broken ? g_strerror(code) : "it is no text, or too long");
        return NULL;
    }
    return g_steal_pointer(&text);
}

static bool is_name(const char *name)
{
    if (name[0] == '\0' || strlen(name) >= VD_OBJECT_NAME || !g_utf8_validate(name, -1, NULL))
        return false;
    for (const char *c = name; *c != '\0'; c = g_utf8_next_char(c))
        if (g_unichar_iscntrl(g_utf8_get_char(c)))
            return false;
    return true;
}

char **vd_class_names_new(const char *path, int n, GError **error)
{
    if (path == NULL)
        return known_names(n);
    g_autofree char *text = read_file(path, error);
    if (text == NULL)
        return NULL;
    g_auto(GStrv) names = g_strsplit(g_strchomp(text), "\n", -1);
    guint found = g_strv_length(names);
    if (found != (guint)n) {
        g_set_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                    "%s has %u names, and the model has %d classes", path, found, n);
        return NULL;
    }
    for (guint i = 0; i < found; i++)
        if (!is_name(g_strstrip(names[i]))) {
            g_set_error(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                        "%s, line %u: not a name of 1 to %d bytes", path, i + 1,
                        VD_OBJECT_NAME - 1);
            return NULL;
        }
    return g_steal_pointer(&names);
}
