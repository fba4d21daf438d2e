#include "camera/state.h"

#include <glib.h>

#define NO  VD_N_STATES /* says nothing new */
#define OFF VD_STATE_OFF
#define CON VD_STATE_CONNECTING
#define STA VD_STATE_STARTING
#define LIV VD_STATE_LIVE
#define UND VD_STATE_UNDECODABLE
#define WAI VD_STATE_WAITING

/* clang-format off */
static const guint8 next_state[VD_N_STATES][VD_N_EVENTS] = {
    /* ENABLE DISABLE RENEW OPENED CHANGED DELIVERED FAILED UNSUPPORTED STALLED LOST TIMER */
    [OFF] = {CON, NO,  NO,  NO,    NO,     NO,       NO,    NO,         NO,     NO,  NO},
    [CON] = {NO,  OFF, CON, STA,   NO,     NO,       NO,    NO,         NO,     WAI, WAI},
    [STA] = {NO,  OFF, CON, NO,    STA,    LIV,      UND,   UND,        WAI,    WAI, NO},
    [LIV] = {NO,  OFF, CON, NO,    STA,    NO,       UND,   UND,        WAI,    WAI, NO},
    [UND] = {NO,  OFF, CON, NO,    STA,    NO,       NO,    NO,         WAI,    WAI, STA},
    [WAI] = {NO,  OFF, CON, NO,    NO,     NO,       NO,    NO,         NO,     NO,  CON},
};
/* clang-format on */

static const char *const state_names[VD_N_STATES] = {
    [OFF] = "off",  [CON] = "connecting",  [STA] = "starting",
    [LIV] = "live", [UND] = "undecodable", [WAI] = "waiting",
};

bool vd_state_next(VdState state, VdStateEvent event, VdState *next)
{
    guint8 entry = next_state[state][event];

    if (entry == NO)
        return false;
    *next = (VdState)entry;
    return true;
}

const char *vd_state_name(VdState state)
{
    return state_names[state];
}

bool vd_state_is_connected(VdState state)
{
    return state != OFF && state != WAI;
}
