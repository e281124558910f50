/* SPDX-License-Identifier: MIT */
/* The checker of memory: what it knows of each byte. Shared by check_memory.c, which looks at
 * accesses, check_heap.c, which follows the allocators, check_copy.c, which tells copies from uses,
 * and check_transfer.c, which knows what transfers may be. Private to sim/. */
#ifndef SIM_CHECK_MEMORY_H
#define SIM_CHECK_MEMORY_H

#include <stdio.h>

#include "check.h"

/* Of each byte of WRAM; 0: written, and may be read and written. Of MRAM there is only whether a
 * byte was written: MRAM_WRITTEN, so that untouched pages say no. */
enum sim_byte {
    SIM_BYTE_UNWRITTEN = 1,
    SIM_BYTE_OUT = 2, /* of the heap, not allocated */
    SIM_BYTE_READ_ONLY = 4,
    SIM_BYTE_FREED = 8,     /* with OUT: was allocated */
    SIM_BYTE_BLOCK = 16,    /* first of a heap block */
    SIM_BYTE_FROM_MRAM = 32 /* with UNWRITTEN: a transfer brought it */
};
#define SIM_MRAM_WRITTEN 1

#define SIM_CALL_DEPTH 4 /* of allocator functions that call each other */
#define SIM_ARGUMENTS  2
#define SIM_MAX_POOLS  64
#define SIM_COPIES     4  /* under way in one tasklet */
#define SIM_MAX_SIZED  64 /* transfers whose size a variable says */

enum { SIM_DMA_UNIT = 8, SIM_DMA_MOST = 2048 }; /* bytes of a transfer */

/* A finding at the instruction, with its access and the sentence; the sentence's own arguments
 * follow. */
#define SIM_REPORT_ACCESS(d, t, ip, kind, in_memory, at, len, write, dma, ...)                     \
    do {                                                                                           \
        struct sim_finding *report_ = sim_find(d, kind, t, sim_pc_of(d, ip), -1, ISA_IRAM_INSNS);  \
        if (report_) {                                                                             \
            report_->memory = in_memory;                                                           \
            report_->address = at;                                                                 \
            report_->site.len_bytes = len;                                                         \
            report_->site.is_write = write;                                                        \
            report_->site.is_dma = dma;                                                            \
            snprintf(report_->text, sizeof report_->text, __VA_ARGS__);                            \
        }                                                                                          \
    } while (0)

/* What an instruction does to memory. */
struct sim_access {
    uint32_t address, len_bytes;
    bool is_write, is_dma;
};

struct check_memory {
    struct sim_checker checker;
    uint8_t wram[ISA_WRAM_BYTES + 8]; /* read 8 bytes at a time */
    uint8_t *mram;
    struct sim_byte_range scratch;                /* of the compiler; see find_scratch */
    struct sim_byte_range heap;                   /* empty: the program has none */
    struct sim_byte_range stack[ISA_MAX_THREADS]; /* empty: not known */
    uint32_t stack_pointer[ISA_MAX_THREADS];      /* as it was at the last event */
    struct sim_byte_range busy;                   /* WRAM that transfers may be busy with */
    /* check_heap.c */
    struct sim_heap_call {
        uint8_t function;
        uint32_t back, argument[SIM_ARGUMENTS];
    } call[ISA_MAX_THREADS][SIM_CALL_DEPTH];
    uint8_t depth[ISA_MAX_THREADS];
    uint8_t function_at[ISA_IRAM_INSNS]; /* 1 + allocator that begins there */
    bool return_at[ISA_IRAM_INSNS];      /* an allocator ends there */
    struct sim_pool {
        uint32_t address, block_bytes;
    } pool[SIM_MAX_POOLS];
    unsigned n_pools;
    struct sim_byte_range changed; /* of WRAM, by allocators: not yet told to the tokens */
    /* check_transfer.c: of an instruction, 1 + the number of the transfer that it is; whose size it
     * computes. By number, what was asked for: bytes in each tasklet, and do all bits count? */
    uint8_t sized[ISA_IRAM_INSNS], sizes[ISA_IRAM_INSNS];
    unsigned n_sized;
    uint32_t asked_bytes[SIM_MAX_SIZED][ISA_MAX_THREADS];
    bool is_exact[SIM_MAX_SIZED];
    /* check_copy.c */
    int16_t copied_by[ISA_IRAM_INSNS]; /* of loads: index of the store that copies; COPY_... */
    struct sim_copy {
        uint16_t store_pc;
        uint8_t bytes[8];
    } copy[ISA_MAX_THREADS][SIM_COPIES];
    uint8_t n_copies[ISA_MAX_THREADS];
};

/* check_heap.c: a program was loaded; a watched call or return, or an entry of a function. */
void sim_heap_loaded(struct check_memory *m, struct sim_dpu *d);
void sim_heap_step(struct check_memory *m, struct sim_dpu *d, const struct sim_tasklet *t,
                   uint32_t pc_insn);
/* End of the block that the address lies in. */
uint32_t sim_heap_block_end(const struct check_memory *m, uint32_t wram_addr);

/* check_transfer.c: a program was loaded; an instruction that computes a size; a transfer. */
void sim_transfer_loaded(struct check_memory *m, const struct sim_dpu *d);
void sim_transfer_sized(struct check_memory *m, const struct sim_dpu *d,
                        const struct sim_tasklet *t, uint32_t pc_insn);
void sim_transfer_check(const struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                        const struct sim_insn *ip, const struct sim_dma *dma);

/* check_copy.c */
/* Does the instruction write the register? */
bool sim_writes_register(uint64_t word, unsigned number);
void sim_copy_loaded(struct check_memory *m);
/* Is the load at ip the first half of a copy? Then what is known of its bytes is noted. */
bool sim_copy_begins(struct check_memory *m, const struct sim_dpu *d, const struct sim_tasklet *t,
                     uint32_t pc_insn, uint32_t wram_addr, unsigned bytes);
/* Of a load of which some bytes were written: are the others not used? */
bool sim_part_unused(const struct check_memory *m, const struct sim_dpu *d, uint32_t pc_insn,
                     uint32_t wram_addr, unsigned bytes);
/* What is known of the bytes that the store at the index stores, or NULL: they count as written. */
const uint8_t *sim_copy_ends(struct check_memory *m, const struct sim_tasklet *t, uint32_t pc_insn);
/* Of the tasklet's copies under way at the index, those whose store cannot come any more are over.
 */
void sim_copy_forget_passed(struct check_memory *m, const struct sim_tasklet *t, uint32_t pc_insn);

#endif
