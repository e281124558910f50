/* SPDX-License-Identifier: MIT */
#ifndef DPU_SYSDEF_H
#define DPU_SYSDEF_H

#include <dpu_characteristics.h>
#include <stddef.h>
#include <stdint.h>

/* Number of a tasklet. */
typedef unsigned int sysname_t;
typedef unsigned int thread_id_t;

#endif
