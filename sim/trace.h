/* SPDX-License-Identifier: MIT */
/* What the two kinds of traces share: options, the file, the limit. Private to sim/. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stdio.h>

#include "collect.h"

enum { SIM_LINE_BYTES = 2048, SIM_DMA_LANES = 8 };

/* A piece of a line; what does not fit (names of thousands of characters) is cut. */
struct sim_line {
    size_t len;
    char data[SIM_LINE_BYTES];
};

void sim_line_add(struct sim_line *line, const char *format, ...) DPUSIM_PRINTF(2, 3);
void sim_line_clear(struct sim_line *line);

/* A function that is being executed. */
struct sim_span {
    uint32_t node;
    uint64_t from_cycle;
};

struct sim_trace {
    struct sim_sink sink; /* first member */
    struct sim_dpu *dpu;
    FILE *out;
    struct sim_trace_options options;
    char *process_name;
    uint32_t function; /* of options.symbol; 0: none wanted */
    uint64_t n_events; /* written */
    uint64_t until;    /* options.until, or where the limit was reached; UINT64_MAX: none */
    bool left_out;
    int error;         /* errno of the first write that failed */
    uint64_t error_at; /* instruction */
    /* text */
    bool collecting;          /* line holds an instruction that is not written yet */
    struct sim_line line;     /* count, tasklet@address, instruction */
    struct sim_line operands; /* and results */
    struct sim_line effects;  /* on memory and tasklets */
    uint64_t cycle;
    /* events */
    struct sim_span span[ISA_MAX_THREADS][SIM_MOST_FRAMES];
    unsigned depth[ISA_MAX_THREADS];
    uint64_t last_end;                 /* of the events written: what goes on is not cut before */
    uint64_t lane_free[SIM_DMA_LANES]; /* engines side by side need a thread each */
};

/* trace_text.c */
void sim_trace_text_begin(struct sim_trace *trace);
void sim_trace_text_event(struct sim_sink *sink, const struct sim_event *event);
void sim_trace_text_end(struct sim_trace *trace);
/* trace_events.c */
void sim_trace_events_begin(struct sim_trace *trace);
void sim_trace_events_end(struct sim_trace *trace);
void sim_trace_slice(struct sim_sink *sink, const struct sim_slice *slice);
void sim_trace_enter(struct sim_sink *sink, unsigned tasklet, uint32_t node, uint64_t cycle);
void sim_trace_leave(struct sim_sink *sink, unsigned tasklet, uint64_t cycle);
void sim_trace_transfer(struct sim_sink *sink, const struct sim_transfer *transfer);
void sim_trace_launch(struct sim_sink *sink, uint64_t cycle);

/* trace.c: is the tasklet traced at all? */
bool sim_trace_wants(const struct sim_trace *trace, unsigned tasklet);
/* One more line or event at the cycle; false when the limit leaves no room. */
bool sim_trace_count(struct sim_trace *trace, uint64_t cycle);

#endif
