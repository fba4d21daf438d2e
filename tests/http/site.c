#include "site.h"

void site_open(Site *site, const char *const *ids, int most_connections)
{
    VdHttpSettings settings = {
        .listen = "127.0.0.1:0", .listen_fd = -1, .max_connections = most_connections};
    g_autoptr(GError) error = NULL;

    site->fake = fake_api_new(ids);
    site->http = vd_http_new(&settings, fake_api_get(site->fake), &error);
    g_assert_no_error(error);
    site->port = vd_http_port(site->http);
}

void site_close(Site *site)
{
    vd_http_free(site->http);
    g_assert_cmpuint(fake_api_watching(site->fake), ==, 0);
    fake_api_free(site->fake);
}
