#pragma once

#include "ctl/ctl.h"

/*
 * Takes the command line apart: options may stand anywhere, -- ends them. NULL: nothing is to be
 * run and *exit says how it ends; else the command. Writes into argv's order, keeps its texts.
 */
const VdCtlCommand *vd_ctl_parse(VdCtl *ctl, int argc, char **argv, int *exit);
