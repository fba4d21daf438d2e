#include "http/client.h"

#include <string.h>

/* The first token found in a User-Agent names it: most claim to be several others as well. */
static const struct {
    const char *token, *name;
} agents[] = {
    {"Edg", "Edge"},
    {"OPR/", "Opera"},
    {"Firefox/", "Firefox"},
    {"Chrome/", "Chrome"},
    {"HeadlessChrome", "Chrome"},
    {"Chromium", "Chromium"},
    {"CriOS", "Chrome iOS"},
    {"Safari/", "Safari"},
    {"curl/", "curl"},
    {"Wget", "Wget"},
    {"VLC", "VLC"},
    {"Lavf/", "FFmpeg"},
    {"GStreamer", "GStreamer"},
};

enum { MAX_OTHER = 24 };

/* The product's name of an agent not in the table, as far as it is plain text. */
static char *other_agent(const char *user_agent)
{
    gsize length = 0;

    while (length < MAX_OTHER && g_ascii_isgraph(user_agent[length]) && user_agent[length] != '/')
        length++;
    return g_strndup(user_agent, length);
}

char *vd_client_name(const char *peer, const char *user_agent)
{
    if (user_agent == NULL || *user_agent == '\0')
        return g_strdup(peer);
    for (guint i = 0; i < G_N_ELEMENTS(agents); i++)
        if (strstr(user_agent, agents[i].token) != NULL)
            return g_strdup_printf("%s %s", peer, agents[i].name);
    g_autofree char *other = other_agent(user_agent);
    return g_strdup_printf("%s %s", peer, other);
}

VdClientQuirks vd_client_quirks(const char *user_agent, const char *accept)
{
    VdClientQuirks quirks = {0};

    if (user_agent == NULL || strstr(user_agent, "AppleWebKit/") == NULL)
        return quirks;
    if (strstr(user_agent, "Chrome/") == NULL)
        quirks.last_twice = true;
    else
        quirks.headers_ahead = accept != NULL && strstr(accept, "image/") != NULL;
    return quirks;
}
