#include "replay/say.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

char *vd_say_text(const json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(9));
    char *whole = g_strconcat(text, "\n", NULL);

    free(text);
    return whole;
}

void vd_say(json_t *line)
{
    g_autofree char *text = vd_say_text(line);

    fputs(text, stdout);
    fflush(stdout);
    json_decref(line);
}

json_t *vd_say_seconds(gint64 us)
{
    gint64 ms = us / 1000;

    return json_real((double)ms / 1000.0);
}

json_t *vd_say_ratio(guint64 count, guint64 of)
{
    return of > 0 ? json_real(round((double)count / (double)of * 1e4) / 1e4) : json_null();
}
