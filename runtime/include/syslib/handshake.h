/* SPDX-License-Identifier: MIT */
/* Rendezvous of two tasklets: one calls handshake_notify(), the other handshake_wait_for(first), in
 * either order; both go on when both have come. */
#ifndef DPU_HANDSHAKE_H
#define DPU_HANDSHAKE_H

#include <sysdef.h>

void handshake_notify(void);
/* 0, or EALREADY (also in errno) when another tasklet waits for the same one. */
int handshake_wait_for(sysname_t notifier);

#endif
