/* SPDX-License-Identifier: MIT */
/* Decoder of the printf log, apart from any DPU. Private to sim/ and its tests. */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include "isa.h"

struct sim_log_text {
    char *data; /* NUL-terminated; NULL when nothing was decoded or memory ran out */
    size_t len, room;
    bool no_memory;
};

/* Decode whole records. A record cut off at the end (a program stopped inside printf) ends the
 * text. Returns OK, LOG_FORMAT (with a sentence; the text before it is there) or NO_MEMORY. */
enum dpusim_status sim_log_decode(struct sim_log_text *text, struct isa_bytes log,
                                  struct isa_diag *diag);
/* Offset of the first whole record in a log whose beginning was overwritten; its length if none. */
size_t sim_log_resync(struct isa_bytes log);

#endif
