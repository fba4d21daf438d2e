#include "base/file.h"
#include "ctl/request.h"

#include <string.h>
#include <unistd.h>

enum { WAIT_S = 30 };

static int keep(const GByteArray *picture, const char *file)
{
    g_autoptr(GError) error = NULL;

    if (strcmp(file, "-") == 0) {
        if (fwrite(picture->data, 1, picture->len, stdout) == picture->len)
            return VD_CTL_DONE;
        return vd_ctl_fail(VD_CTL_REFUSED, "standard output cannot be written");
    }
    if (g_file_set_contents_full(file, (const char *)picture->data, (gssize)picture->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error))
        return VD_CTL_DONE;
    return vd_ctl_fail(VD_CTL_REFUSED, "%s", error->message);
}

static int fetch(VdCtl *ctl, const char *path, const char *file)
{
    VdCtlRequest request = {.path = path, .timeout_s = WAIT_S};
    g_autoptr(GByteArray) picture = NULL;
    int exit = vd_ctl_ask(ctl, &request, &picture);

    if (exit == VD_CTL_DONE)
        exit = keep(picture, file);
    if (exit == VD_CTL_DONE && ctl->options[VD_CTL_JSON] != NULL && strcmp(file, "-") != 0) {
        json_t *said = json_pack("{s:s, s:i}", "file", file, "bytes", (int)picture->len);
        vd_ctl_print_json(said);
        json_decref(said);
    }
    return exit;
}

int vd_ctl_snapshot(VdCtl *ctl)
{
    const char *file = ctl->options[VD_CTL_OUTPUT], *width = ctl->options[VD_CTL_WIDTH];

    if (file == NULL)
        return vd_ctl_fail(VD_CTL_USAGE, "-o FILE is wanted: where the picture goes");
    if (strcmp(file, "-") == 0 && isatty(STDOUT_FILENO))
        return vd_ctl_fail(VD_CTL_USAGE, "a terminal shows no JPEG");
    if (width != NULL && (width[0] == '\0' || strspn(width, G_CSET_DIGITS) != strlen(width)))
        return vd_ctl_fail(VD_CTL_USAGE, "--width=%s: a number is wanted", width);
    g_autofree char *rest =
        g_strconcat("/snapshot.jpg", width != NULL ? "?width=" : "", width, NULL);
    g_autofree char *path = vd_ctl_camera_path(ctl->arguments[0], rest);
    return path != NULL ? fetch(ctl, path, file) : VD_CTL_USAGE;
}
