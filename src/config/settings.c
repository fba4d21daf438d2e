#include "config/settings.h"

void vd_settings_clear(VdSettings *settings)
{
    g_clear_pointer(&settings->base, vd_config_free);
    g_clear_pointer(&settings->changes, vd_changes_unref);
    g_clear_pointer(&settings->kept, vd_changes_unref);
    g_clear_pointer(&settings->config, vd_config_free);
    g_clear_pointer(&settings->folder, g_free);
}
