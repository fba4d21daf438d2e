#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * vedettectl: one table of commands and one of options, which the command line, --help, the
 * completion's and the man page's tests walk. One thread.
 */

/* How it ends; a command answers one of these and has said on stderr why. */
enum {
    VD_CTL_DONE = 0,
    VD_CTL_REFUSED = 1, /* the daemon refused, or something failed */
    VD_CTL_USAGE = 2,
    VD_CTL_AWAY = 3, /* the daemon cannot be reached */
    VD_CTL_NOT_FOUND = 4,
    VD_CTL_FORBIDDEN = 5, /* who asks may not, or is not known */
};

typedef enum VdCtlOptionId {
    VD_CTL_SOCKET,
    VD_CTL_URL,
    VD_CTL_TOKEN_FILE,
    VD_CTL_CACERT,
    VD_CTL_JSON,
    VD_CTL_HELP,
    VD_CTL_VERSION,
    VD_CTL_DRY_RUN,
    VD_CTL_NO_PERSIST,
    VD_CTL_OUTPUT,
    VD_CTL_WIDTH,
    VD_CTL_COUNT,
    VD_CTL_IDS,
    VD_CTL_CONFIG,
    VD_CTL_USERS_FILE,
    VD_CTL_ROLE,
    VD_CTL_CAMERAS,
    VD_CTL_EXPIRES,
    VD_CTL_STDIN,
    VD_CTL_DELETE,
    VD_CTL_AGAINST,
    VD_CTL_CAMERA,
    VD_CTL_TRUTH,
    VD_CTL_MASKS,
    VD_CTL_TRACKS,
    VD_CTL_EVENTS,
    VD_CTL_START,
    VD_CTL_AT,
    VD_N_CTL_OPTIONS,
} VdCtlOptionId;

typedef struct VdCtlOption {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* (nullable) NULL: a flag */
    const char *help;
} VdCtlOption;
const VdCtlOption *vd_ctl_options(void); /* VD_N_CTL_OPTIONS of them */

typedef struct VdCtlClient VdCtlClient;

/* What the command line says. */
typedef struct VdCtl {
    const char *options[VD_N_CTL_OPTIONS]; /* (nullable) a flag is "" */
    char **arguments;                      /* of the command */
    guint count;                           /* of arguments */
    VdCtlClient *client;                   /* made when it is used: request.h */
} VdCtl;

typedef struct VdCtlCommand {
    const char *name;      /* "config check" */
    const char *arguments; /* as --help shows them */
    guint least, most;     /* arguments */
    guint options;         /* 1 << VdCtlOptionId, beside those that all take */
    int (*run)(VdCtl *ctl);
    const char *help;
} VdCtlCommand;
const VdCtlCommand *vd_ctl_commands(guint *count);

/* What all commands take, and those that ask the daemon. */
#define VD_CTL_GENERAL ((1u << VD_CTL_HELP) | (1u << VD_CTL_VERSION) | (1u << VD_CTL_JSON))
#define VD_CTL_REMOTE \
    ((1u << VD_CTL_SOCKET) | (1u << VD_CTL_URL) | (1u << VD_CTL_TOKEN_FILE) | (1u << VD_CTL_CACERT))

/* "vedettectl: text" on stderr, without what a terminal could take for an order; answers `exit`. */
int vd_ctl_fail(int exit, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The same text without control characters (transfer full). */
char *vd_ctl_plain(const char *text);
/* A JSON value without control characters, also where JSON would let them be (transfer full). */
char *vd_ctl_json_text(const json_t *value);
/* Prints it and a newline. */
void vd_ctl_print_json(const json_t *value);
/* Becomes true with the first SIGINT or SIGTERM, from the first call on. */
bool vd_ctl_interrupted(void);

int vd_ctl_status(VdCtl *ctl);
int vd_ctl_cameras(VdCtl *ctl);
int vd_ctl_top(VdCtl *ctl);
int vd_ctl_add(VdCtl *ctl);
int vd_ctl_set(VdCtl *ctl);
int vd_ctl_probe(VdCtl *ctl);
int vd_ctl_remove(VdCtl *ctl);
int vd_ctl_enable(VdCtl *ctl);
int vd_ctl_disable(VdCtl *ctl);
int vd_ctl_restart(VdCtl *ctl);
int vd_ctl_snapshot(VdCtl *ctl);
int vd_ctl_explain(VdCtl *ctl);
int vd_ctl_watch(VdCtl *ctl);
int vd_ctl_replay(VdCtl *ctl);
int vd_ctl_config_check(VdCtl *ctl);
int vd_ctl_config_diff(VdCtl *ctl);
int vd_ctl_passwd(VdCtl *ctl);
int vd_ctl_token_add(VdCtl *ctl);
int vd_ctl_token_list(VdCtl *ctl);
int vd_ctl_token_remove(VdCtl *ctl);
