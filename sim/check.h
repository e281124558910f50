/* SPDX-License-Identifier: MIT */
/* Checkers: who looks at runs and finds mistakes of the program. A checker watches instructions
 * (watch.h), is told what the host does in between, and reports findings, which are kept here, each
 * pair of places once. Private to sim/. */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "watch.h"

/* One checker. Functions may be NULL. */
struct sim_checker {
    struct sim_watcher watcher; /* first */
    void (*destroy)(struct sim_checker *checker);
    /* A program was loaded, or the checker begins; d->program may be NULL. */
    void (*loaded)(struct sim_checker *checker, struct sim_dpu *d);
    void (*launched)(struct sim_checker *checker, struct sim_dpu *d);
    /* The host has written. */
    void (*written)(struct sim_checker *checker, struct sim_dpu *d, enum isa_memory memory,
                    uint32_t offset_bytes, size_t len_bytes);
    /* A saved state was restored; MRAM that it holds was told of as written. */
    void (*restored)(struct sim_checker *checker, struct sim_dpu *d);
    /* Memories are as after creation. */
    void (*cleared)(struct sim_checker *checker, struct sim_dpu *d);
};

struct sim_checks {
    uint32_t on;
    struct sim_checker *checker[SIM_CHECK_COUNT];
    struct sim_finding finding[SIM_MAX_FINDINGS];
    unsigned n_findings;
    uint64_t more;
};

/* One function per row of check.def; NULL: no memory. */
#define CHECK(id, ...) struct sim_checker *sim_check_##id##_create(struct sim_dpu *d);
#include "check.def"
#undef CHECK

/* The finding of that kind at these places, to be filled, or NULL: it is known already (and counted
 * once more), or there is no room. other_pc: ISA_IRAM_INSNS when there is no other place. */
struct sim_finding *sim_find(struct sim_dpu *d, enum sim_finding_kind kind,
                             const struct sim_tasklet *t, uint32_t pc_insn, int other_tasklet,
                             uint32_t other_pc);
/* Is there such a finding of one place already? Then it is counted once more. */
bool sim_known(struct sim_dpu *d, enum sim_finding_kind kind, uint32_t pc_insn);
/* "symbol", "symbol+12" or "" for an address, as it stands in a finding's text. */
struct sim_name {
    char text[64];
};
struct sim_name sim_name_of(const struct sim_dpu *d, enum isa_memory memory, uint32_t offset_bytes);
/* The object symbol that covers the offset, or NULL. */
const struct isa_symbol *sim_object_at(const struct sim_dpu *d, enum isa_memory memory,
                                       uint32_t offset_bytes);
/* Is one of the bits set in one of the bytes, at most 8? 8 are read. */
static inline bool sim_any_with(const uint8_t *bytes, unsigned len_bytes, uint8_t bits)
{
    uint64_t all;
    memcpy(&all, bytes, sizeof all);
    return (all << (64 - 8 * len_bytes) & bits * UINT64_C(0x0101010101010101)) != 0;
}
struct sim_site sim_site_of(const struct sim_dpu *d, int tasklet, uint32_t pc_insn);
/* Stack of a tasklet as the program says; empty when it does not. */
struct sim_byte_range {
    uint32_t from, end;
};
struct sim_byte_range sim_stack_bounds(const struct sim_dpu *d, unsigned tasklet);
/* First and following index of a function's instructions; false: there is none. */
bool sim_function_bounds(const struct sim_dpu *d, const char *name, uint32_t *first, uint32_t *end);
/* Memory that costs nothing until it is touched; all zero. NULL: none to be had. */
void *sim_map_lazily(size_t len_bytes);
void sim_unmap(void *memory, size_t len_bytes);          /* NULL allowed */
void sim_unmap_contents(void *memory, size_t len_bytes); /* all zero again */

/* ---- for dpu.c and config.c ------------------------------------------------------------------ */

void sim_checks_loaded(struct sim_dpu *d);
void sim_checks_launched(struct sim_dpu *d);
void sim_checks_restored(struct sim_dpu *d);
void sim_checks_cleared(struct sim_dpu *d);
void sim_checks_destroy(struct sim_dpu *d);
void sim_checks_text(uint32_t checks, char *buffer, size_t size);

/* poison.c: WRAM and MRAM hold what the configuration says. */
void sim_poison(struct sim_dpu *d);

#endif
