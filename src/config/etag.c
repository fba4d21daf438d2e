#include "config/etag.h"

#include "config/options.h"
#include "config/value.h"

#include <string.h>
#include <sys/random.h>

enum { KEY_BYTES = 32, LETTERS = 32 };

static const guint8 *key(void)
{
    static guint8 bytes[KEY_BYTES];
    static gsize made;

    if (g_once_init_enter(&made)) {
        if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
            g_error("the kernel gives no random bytes");
        g_once_init_leave(&made, 1);
    }
    return bytes;
}

/* With its NUL, so that what belongs to one text cannot belong to the next. */
static void add(GHmac *hmac, const char *text)
{
    g_hmac_update(hmac, (const guchar *)text, (gssize)strlen(text) + 1);
}

char *vd_camera_config_etag(const VdCameraConfig *camera)
{
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, key(), KEY_BYTES);
    guint count;
    const VdOption *options = vd_options(&count);

    add(hmac, camera->id);
    for (guint i = 0; i < count; i++) {
        if (!g_str_equal(options[i].group, "camera"))
            continue;
        g_autofree char *text = vd_option_plain(&options[i], camera);
        add(hmac, text);
    }
    char *tag = g_strndup(g_hmac_get_string(hmac), LETTERS);
    g_hmac_unref(hmac);
    return tag;
}
