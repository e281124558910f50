/* SPDX-License-Identifier: MIT */
/* Transfers that the DMA engine makes something else of: addresses whose low bits it ignores, sizes
 * that the instruction cannot express. The size that a program asked mram_read or mram_write for is
 * not seen in the instruction any more (0 bytes look like 2048), but in what computes its operand:
 *
 *   lsr Y, SIZE, 3;  add X, Y, -1;  lsl_add R, WRAM, X, 24;  ldma R, MRAM, 0
 *
 * So these instructions are looked for when a program is loaded, and the size is noted when it is
 * there. Compilers that fold SIZE away (of a program linked by another linker) leave X: too large
 * sizes and 0 are seen, other remainders are not. */
#include <inttypes.h>
#include <string.h>

#include "check_memory.h"

#define REACH       32 /* instructions from a transfer back to what computes its size */
#define UNITS_SHIFT 24 /* of the size in the operand of a transfer */
#define SIZE_SHIFT  3  /* bytes to doublewords */
#define NO_PC       ISA_IRAM_INSNS

/* The nearest instruction before that writes the register. */
static uint32_t writer_of(const struct sim_dpu *d, uint32_t pc_insn, unsigned number)
{
    for (uint32_t back = 1; back <= REACH && back <= pc_insn; back++)
        if (sim_writes_register(d->code->word[pc_insn - back], number))
            return pc_insn - back;
    return NO_PC;
}

static const struct sim_insn *insn_at(const struct sim_dpu *d, uint32_t pc_insn)
{
    return &d->code->insn[pc_insn];
}

/* The instruction whose first operand is the size, and then the number of units less one. */
struct computation {
    uint32_t bytes_pc, units_pc; /* NO_PC: there is none */
};

static struct computation find_computation(const struct sim_dpu *d, uint32_t dma_pc)
{
    struct computation found = {NO_PC, NO_PC};
    uint32_t joins = writer_of(d, dma_pc, insn_at(d, dma_pc)->ra / sizeof(uint32_t));
    if (joins == NO_PC || insn_at(d, joins)->form != ISA_LSL_ADD_RRRI ||
        insn_at(d, joins)->imm != UNITS_SHIFT || insn_at(d, dma_pc)->imm != 0)
        return found;
    found.units_pc = joins;
    uint32_t less = writer_of(d, joins, insn_at(d, joins)->ra / sizeof(uint32_t));
    if (less == NO_PC || insn_at(d, less)->form != ISA_ADD_RRI ||
        insn_at(d, less)->imm != UINT32_MAX)
        return found;
    uint32_t shifts = writer_of(d, less, insn_at(d, less)->ra / sizeof(uint32_t));
    if (shifts != NO_PC && insn_at(d, shifts)->form == ISA_LSR_RRI &&
        insn_at(d, shifts)->imm == SIZE_SHIFT)
        found.bytes_pc = shifts;
    return found;
}

/* Other compilers, whose linker leaves its name, may compute with sizes what we would not. */
static bool is_foreign(const struct isa_program *program)
{
    for (size_t i = 0; program && i < program->n_sections; i++)
        if (strcmp(program->sections[i].name, ".comment") == 0)
            return true;
    return false;
}

static void add_sized(struct check_memory *m, uint32_t dma_pc, struct computation computation,
                      bool is_exact)
{
    uint32_t pc_insn = is_exact ? computation.bytes_pc : computation.units_pc;
    if (pc_insn == NO_PC || m->sizes[pc_insn] || m->n_sized == SIM_MAX_SIZED)
        return;
    m->is_exact[m->n_sized++] = is_exact;
    m->sizes[pc_insn] = m->sized[dma_pc] = (uint8_t)m->n_sized;
    sim_watch_pc(&m->checker.watcher, pc_insn);
}

void sim_transfer_loaded(struct check_memory *m, const struct sim_dpu *d)
{
    bool foreign = is_foreign(d->program);
    memset(m->sized, 0, sizeof m->sized);
    memset(m->sizes, 0, sizeof m->sizes);
    memset(m->asked_bytes, 0xff, sizeof m->asked_bytes);
    m->n_sized = 0;
    for (uint32_t pc = 0; d->program && pc < ISA_IRAM_INSNS; pc++) {
        uint16_t form = insn_at(d, pc)->form;
        if (form != ISA_LDMA_RRI && form != ISA_SDMA_RRI)
            continue;
        struct computation computation = find_computation(d, pc);
        add_sized(m, pc, computation, computation.bytes_pc != NO_PC && !foreign);
    }
}

void sim_transfer_sized(struct check_memory *m, const struct sim_dpu *d,
                        const struct sim_tasklet *t, uint32_t pc_insn)
{
    unsigned number = m->sizes[pc_insn] - 1u;
    uint32_t value = t->r[insn_at(d, pc_insn)->ra / sizeof(uint32_t)];
    m->asked_bytes[number][t->id] = m->is_exact[number] ? value : (value + 1) * SIM_DMA_UNIT;
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static void check_rounding(const struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                           const struct sim_insn *ip, const struct sim_dma *dma)
{
    uint32_t wram = t->r[ip->ra / 4] & 0xffffff, mram = t->r[ip->rb / 4];
    if (dma->local_addr >= m->scratch.from && dma->local_addr < m->scratch.end)
        return; /* what the compiler makes of a variable in MRAM: it chooses from the 8 bytes */
    bool is_wram = wram % SIM_DMA_UNIT != 0, writes_wram = dma->op == ISA_OP_LDMA;
    uint32_t from = is_wram ? wram : mram;
    if (wram % SIM_DMA_UNIT || mram % SIM_DMA_UNIT)
        SIM_REPORT_ACCESS(d, t, ip, SIM_FINDING_ROUNDED, is_wram ? ISA_WRAM : ISA_MRAM,
                          is_wram ? dma->local_addr : dma->mram_addr, dma->len_bytes,
                          writes_wram == is_wram, true,
                          "the %s address 0x%" PRIx32
                          " is not a multiple of %d; the engine takes 0x%" PRIx32 "%s",
                          is_wram ? "WRAM" : "MRAM", from, SIM_DMA_UNIT,
                          from / SIM_DMA_UNIT * SIM_DMA_UNIT,
                          is_wram && mram % SIM_DMA_UNIT ? "; nor is the MRAM address" : "");
}

/* Bytes that were asked for, if they are known and led to this transfer. */
static bool find_asked(const struct check_memory *m, const struct sim_dpu *d,
                       const struct sim_tasklet *t, const struct sim_insn *ip, uint32_t *bytes)
{
    unsigned number = m->sized[sim_pc_of(d, ip)];
    uint32_t units = t->r[ip->ra / sizeof(uint32_t)] >> UNITS_SHIFT;
    if (!number)
        return false;
    *bytes = m->asked_bytes[number - 1][t->id];
    return ((*bytes / SIM_DMA_UNIT - 1) & 0xff) == units;
}

static void check_length(const struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                         const struct sim_insn *ip, const struct sim_dma *dma)
{
    uint32_t bytes = (1 + ip->imm + (t->r[ip->ra / 4] >> UNITS_SHIFT)) * SIM_DMA_UNIT;
    (void)find_asked(m, d, t, ip, &bytes);
    if (bytes == 0 || bytes > SIM_DMA_MOST || bytes % SIM_DMA_UNIT)
        SIM_REPORT_ACCESS(d, t, ip, SIM_FINDING_LENGTH, ISA_WRAM, dma->local_addr, dma->len_bytes,
                          dma->op == ISA_OP_LDMA, true,
                          "%" PRIu32 " bytes are asked for, a multiple of %d from %d to %d is "
                          "possible; %" PRIu32 " are transferred",
                          bytes, SIM_DMA_UNIT, SIM_DMA_UNIT, SIM_DMA_MOST, dma->len_bytes);
}

void sim_transfer_check(const struct check_memory *m, struct sim_dpu *d, struct sim_tasklet *t,
                        const struct sim_insn *ip, const struct sim_dma *dma)
{
    check_rounding(m, d, t, ip, dma);
    check_length(m, d, t, ip, dma);
}
