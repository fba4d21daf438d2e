#include "ctl/secret-line.h"

#include "access/secret.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LONGEST = 4096 };

void vd_ctl_secret_free(char *text)
{
    vd_secret_free(text);
}

/* Byte by byte: what is behind the line is for the next one. */
static char *read_line(int fd)
{
    char *line = g_malloc0(LONGEST + 1);
    gsize length = 0;
    char byte;
    ssize_t count = 0;

    while (length < LONGEST && (count = read(fd, &byte, 1)) == 1 && byte != '\n')
        line[length++] = byte;
    if (length < LONGEST && (count == 1 || length > 0) && memchr(line, 0, length) == NULL)
        return line;
    vd_secret_free(line);
    return NULL;
}

static char *ask(const char *what)
{
    struct termios before, quiet;

    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return NULL;
    quiet = before;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    vd_ctl_interrupted(); /* from now on a signal does not leave the terminal silent */
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    fprintf(stderr, "%s: ", what);
    char *line = read_line(STDIN_FILENO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return line;
}

char *vd_ctl_secret_line(const char *what, int *exit)
{
    char *line = isatty(STDIN_FILENO) ? ask(what) : read_line(STDIN_FILENO);

    if (vd_ctl_interrupted()) { /* what was typed of it is no line */
        vd_secret_free(g_steal_pointer(&line));
        *exit = vd_ctl_fail(VD_CTL_REFUSED, "interrupted: nothing is changed");
    } else if (line == NULL) {
        *exit =
            vd_ctl_fail(VD_CTL_USAGE, "%s: a line of at most %d bytes is wanted", what, LONGEST);
    }
    return line;
}
