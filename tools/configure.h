/* SPDX-License-Identifier: MIT */
/* Settings from the environment, a file and the command line, later ones first in force. */
#ifndef TOOL_CONFIGURE_H
#define TOOL_CONFIGURE_H

#include "dpusim.h"
#include "options.h"

struct configure {
    enum sim_mode initial_mode;     /* unless anything says otherwise */
    const char *file, *mode, *chip; /* NULL: not given */
    const char *order_seed;
    const struct text_list *timing; /* "NAME=VALUE" */
    const struct text_list *set;    /* the same with full names; others are left alone */
    const char *check, *poison;     /* NULL: not given */
};

/* "timing.x", "machine.x", "study.x", "host.x": a setting, no symbol of a program. */
bool configure_is_setting(const char *item);
/* DPUSIM_CONFIG=FILE, DPUSIM_SET="a=1;b=2", then what is given. Prints what is wrong; returns the
 * exit code. */
int configure(const struct verb *verb, const struct configure *given, struct sim_config *config,
              struct sim_origins *origins);

#endif
