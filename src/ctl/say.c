#include "ctl/ctl.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t interrupted;

char *vd_ctl_plain(const char *text)
{
    char *plain = g_utf8_make_valid(text, -1);

    for (char *at = plain; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);

        if (letter < 0x20 || letter == 0x7f)
            *at = '?';
        else if (letter >= 0x80 && letter < 0xa0)
            at[0] = (char)0xc2, at[1] = (char)0xa0; /* a blank of the same length */
    }
    return plain;
}

int vd_ctl_fail(int exit, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *plain = vd_ctl_plain(text);
    fprintf(stderr, "vedettectl: %s\n", plain);
    return exit;
}

/* JSON has those below a blank escaped, and DEL and U+0080 to U+009F as they are: a terminal takes
 * U+009B for ESC [. */
char *vd_ctl_json_text(const json_t *value)
{
    GString *plain = g_string_new(NULL);
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);

        if (letter >= 0x7f && letter < 0xa0)
            g_string_append_printf(plain, "\\u%04X", letter);
        else
            g_string_append_unichar(plain, letter);
    }
    free(text);
    return g_string_free(plain, FALSE);
}

void vd_ctl_print_json(const json_t *value)
{
    g_autofree char *text = vd_ctl_json_text(value);

    puts(text);
}

static void on_signal(int number)
{
    interrupted = 1;
}

bool vd_ctl_interrupted(void)
{
    static bool listening;

    if (!listening) {
        struct sigaction action = {.sa_handler = on_signal};

        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        listening = true;
    }
    return interrupted != 0;
}
