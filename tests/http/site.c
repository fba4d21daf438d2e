#include "site.h"

#include "raw-client.h"
#include "tls-pair.h"

static VdHttps *speaking; /* (nullable) */

static VdHttps *new_tls(void)
{
    VdHttps *tls = vd_https_new();
    TlsPair pair;

    tls_pair_init(&pair);
    tls_pair_write(&pair, 1, time(NULL) + 3600);
    g_assert_true(vd_https_configure(tls, pair.certificate, pair.key, NULL));
    tls_pair_clear(&pair);
    return tls;
}

void site_speak_tls(bool tls)
{
    static VdHttps *one;

    if (one == NULL)
        one = new_tls();
    speaking = tls ? one : NULL;
    raw_speak_tls(tls ? "NORMAL" : NULL);
}

static void open_with(Site *site, const char *const *ids, const VdHttpSettings *settings)
{
    g_autoptr(GError) error = NULL;

    site->fake = fake_api_new(ids);
    site->http = vd_http_new(settings, fake_api_get(site->fake), &error);
    g_assert_no_error(error);
    site->port = vd_http_port(site->http);
}

void site_open(Site *site, const char *const *ids, int most_connections)
{
    const VdHttpSettings settings = {.listen = "127.0.0.1:0",
                                     .listen_fd = -1,
                                     .max_connections = most_connections,
                                     .tls = speaking};

    open_with(site, ids, &settings);
}

void site_open_for(Site *site, const char *const *ids, VdAccess *access)
{
    const VdHttpSettings settings = {
        .listen = "127.0.0.1:0", .listen_fd = -1, .access = access, .tls = speaking};

    open_with(site, ids, &settings);
}

void site_close(Site *site)
{
    vd_http_free(site->http);
    g_assert_cmpuint(fake_api_watching(site->fake), ==, 0);
    fake_api_free(site->fake);
}
