#include "ctl/ctl.h"

#define OPTION(id) (1u << VD_CTL_##id)
#define ORDER      (VD_CTL_REMOTE | OPTION(DRY_RUN) | OPTION(NO_PERSIST))
#define ACCOUNTS   (OPTION(CONFIG) | OPTION(USERS_FILE))
#define REPLAY                                                                           \
    (OPTION(CONFIG) | OPTION(AGAINST) | OPTION(CAMERA) | OPTION(TRUTH) | OPTION(MASKS) | \
     OPTION(TRACKS) | OPTION(EVENTS) | OPTION(START))
#define ACCOUNT (ACCOUNTS | OPTION(ROLE) | OPTION(CAMERAS) | OPTION(EXPIRES))

/* clang-format off */
static const VdCtlOption options[VD_N_CTL_OPTIONS] = {
    [VD_CTL_SOCKET]     = { "socket",     0,   "PATH",  "Ask the daemon at this Unix socket instead of /run/vedette/control.sock" },
    [VD_CTL_URL]        = { "url",        0,   "URL",   "Ask the daemon at this address, https://HOST:PORT" },
    [VD_CTL_TOKEN_FILE] = { "token-file", 0,   "FILE",  "The token to say who asks; else it is taken from VEDETTE_TOKEN" },
    [VD_CTL_CACERT]     = { "cacert",     0,   "FILE",  "Trust the authorities in this PEM file instead of the system's" },
    [VD_CTL_JSON]       = { "json",       0,   NULL,    "Print JSON" },
    [VD_CTL_HELP]       = { "help",       'h', NULL,    "Print this help, or that of a command" },
    [VD_CTL_VERSION]    = { "version",    0,   NULL,    "Print the version" },
    [VD_CTL_DRY_RUN]    = { "dry-run",    'n', NULL,    "Only tell what would happen" },
    [VD_CTL_NO_PERSIST] = { "no-persist", 0,   NULL,    "Let it hold until the daemon ends, and no longer" },
    [VD_CTL_OUTPUT]     = { "output",     'o', "FILE",  "Write the picture here; - is standard output" },
    [VD_CTL_WIDTH]      = { "width",      'w', "PIXELS", "Ask for a picture so wide" },
    [VD_CTL_COUNT]      = { "count",      'c', "N",     "End after so many" },
    [VD_CTL_IDS]        = { "ids",        0,   NULL,    "Print ids alone" },
    [VD_CTL_CONFIG]     = { "config",     0,   "FILE",  "A configuration of vedetted, /etc/vedette/vedette.conf or another" },
    [VD_CTL_USERS_FILE] = { "users-file", 0,   "FILE",  "The file of users, whatever the configuration says" },
    [VD_CTL_ROLE]       = { "role",       0,   "ROLE",  "viewer, operator or admin" },
    [VD_CTL_CAMERAS]    = { "cameras",    0,   "IDS",   "Cameras, with blanks between them and * for any letters" },
    [VD_CTL_EXPIRES]    = { "expires",    0,   "TIME",  "2027-01-01T00:00:00Z, or from now on as 12h or 30d, or never" },
    [VD_CTL_STDIN]      = { "stdin",      0,   NULL,    "Read the password from standard input, one line" },
    [VD_CTL_DELETE]     = { "delete",     0,   NULL,    "Remove the user" },
    [VD_CTL_AGAINST]    = { "against",    0,   "FILE",  "Compare with the settings in this configuration" },
    [VD_CTL_CAMERA]     = { "camera",     0,   "ID",    "Take this camera's settings, not the first one's" },
    [VD_CTL_TRUTH]      = { "truth",      0,   "FILE",  "Compare with visits in a table or masks in a video" },
    [VD_CTL_MASKS]      = { "masks",      0,   "FILE",  "Write what moves as a video, Matroska with FFV1" },
    [VD_CTL_TRACKS]     = { "tracks",     0,   "FILE",  "Write what was followed, as the MOTChallenge has it" },
    [VD_CTL_EVENTS]     = { "events",     0,   "FILE",  "Write the events as JSON" },
    [VD_CTL_START]      = { "start",      0,   "TIME",  "When the recordings begin, as 2027-01-01T00:00:00Z" },
    [VD_CTL_AT]         = { "at",         0,   "TIME",  "2027-01-01T00:00:00Z, or the last 03:12 here; else now" },
};

static const VdCtlCommand commands[] = {
    { "status",       "",                          0, 0,   VD_CTL_REMOTE,                  vd_ctl_status,       "How the daemon is" },
    { "cameras",      "[CAMERA]",                  0, 1,   VD_CTL_REMOTE | OPTION(IDS),    vd_ctl_cameras,      "The cameras and their states, or all of one" },
    { "add",          "CAMERA uri=URI [OPTION=VALUE...]", 2, 999, ORDER,                   vd_ctl_add,          "Adds a camera" },
    { "probe",        "uri=URI [OPTION=VALUE...]", 1, 999, VD_CTL_REMOTE,                  vd_ctl_probe,        "Tries whether a camera can be reached" },
    { "set",          "CAMERA OPTION=VALUE...",    2, 999, ORDER,                          vd_ctl_set,          "Changes options of a camera" },
    { "remove",       "CAMERA",                    1, 1,   ORDER,                          vd_ctl_remove,       "Removes a camera" },
    { "enable",       "CAMERA",                    1, 1,   ORDER,                          vd_ctl_enable,       "Switches a camera on" },
    { "disable",      "CAMERA",                    1, 1,   ORDER,                          vd_ctl_disable,      "Switches a camera off" },
    { "restart",      "CAMERA",                    1, 1,   VD_CTL_REMOTE,                  vd_ctl_restart,      "Connects a camera anew" },
    { "snapshot",     "CAMERA -o FILE",            1, 1,   VD_CTL_REMOTE | OPTION(OUTPUT) | OPTION(WIDTH), vd_ctl_snapshot, "Writes a camera's newest picture as JPEG" },
    { "watch",        "[CAMERA...]",               0, 512, VD_CTL_REMOTE | OPTION(COUNT),  vd_ctl_watch,        "Prints events as they happen" },
    { "explain",      "CAMERA",                    1, 1,   VD_CTL_REMOTE | OPTION(AT),     vd_ctl_explain,      "Says why what moved was an event, or was none" },
    { "top",          "",                          0, 0,   VD_CTL_REMOTE | OPTION(COUNT),  vd_ctl_top,          "Cameras and their figures, anew each second" },
    { "replay",       "CLIP...",                   1, 999, REPLAY,                         vd_ctl_replay,       "Tries settings on recordings, faster than they were made" },
    { "config check", "[FILE]",                    0, 1,   0,                              vd_ctl_config_check, "Looks for errors in a configuration" },
    { "config diff",  "",                          0, 0,   VD_CTL_REMOTE,                  vd_ctl_config_diff,  "What was changed beside the files" },
    { "passwd",       "USER",                      1, 1,   ACCOUNT | OPTION(STDIN) | OPTION(DELETE), vd_ctl_passwd, "Adds a user, or sets his password, role and cameras" },
    { "token add",    "NAME",                      1, 1,   ACCOUNT,                        vd_ctl_token_add,    "Makes a token and prints it, this once" },
    { "token list",   "",                          0, 0,   ACCOUNTS,                       vd_ctl_token_list,   "The tokens and what they are for" },
    { "token remove", "NAME",                      1, 1,   ACCOUNTS,                       vd_ctl_token_remove, "Makes a token worthless" },
};
/* clang-format on */

const VdCtlOption *vd_ctl_options(void)
{
    return options;
}

const VdCtlCommand *vd_ctl_commands(guint *count)
{
    *count = G_N_ELEMENTS(commands);
    return commands;
}
