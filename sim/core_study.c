/* SPDX-License-Identifier: MIT */
/* Variants of issue for studies, on the careful path: the register bank rule of two other
 * simulators (rf_hazard) and forwarding of results. No measurement of the chip shows either. */
#include "state.h"

bool sim_core_study_wanted(const struct sim_config *config)
{
    return config->timing[SIM_TIMING_rf_hazard] || config->timing[SIM_TIMING_forwarding];
}

static uint32_t register_bits(int64_t number, bool is_pair)
{
    if (number >= ISA_WORK_REGISTERS)
        return 0;
    return (is_pair ? 3u : 1u) << number & ((1u << ISA_WORK_REGISTERS) - 1);
}

struct sim_touched sim_touched_by(uint64_t word)
{
    struct sim_touched touched = {0, 0};
    struct isa_insn insn;
    if (!isa_decode(word, &insn))
        return touched;
    const struct isa_pattern *pattern = &isa_form_get(insn.form)->pattern;
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        const struct isa_operand_info *info =
            isa_operand_get((enum isa_operand)pattern->operands[i]);
        if (info->kind < ISA_KIND_WORK || info->kind > ISA_KIND_PAIR)
            continue;
        uint32_t bits = register_bits(insn.value[i], info->kind == ISA_KIND_PAIR);
        if (info->name[1] == 'c')
            touched.writes |= bits;
        else
            touched.reads |= bits;
    }
    return touched;
}

/* ---- register banks -------------------------------------------------------------------------- */

/* Stalled cycles count once another instruction issues: give each ready tasklet its share. */
void sim_core_study_settle(struct sim_dpu *d)
{
    uint64_t end = d->hazard_from + d->hazard_cycles;
    for (struct sim_tasklet *t = d->round_end.next; d->hazard_cycles && t != &d->round_end;
         t = t->next) {
        uint64_t from = t->ready_cycle > d->hazard_from ? t->ready_cycle : d->hazard_from;
        t->slots_hazard += end > from ? end - from : 0;
    }
    d->hazard_cycles = 0;
}

/* floor(even / 2) + floor(odd / 2) cycles for the registers that the tasklet's previous instruction
 * wrote or this one reads. */
static void charge_hazard(struct sim_dpu *d, struct sim_tasklet *t, struct sim_touched touched)
{
    uint32_t all = touched.reads | t->last_writes;
    unsigned even = (unsigned)__builtin_popcount(all & 0x55555555u);
    unsigned odd = (unsigned)__builtin_popcount(all & 0xaaaaaaaau);
    d->hazard_cycles = even / 2 + odd / 2;
    d->hazard_from = d->now + 1;
    d->now += d->hazard_cycles;
    sim_count_idle(d, &d->idle_hazard, &d->tail_hazard, d->hazard_cycles);
    t->last_writes = touched.writes;
}

/* ---- forwarding ------------------------------------------------------------------------------ */

static bool is_load(uint64_t word)
{
    struct isa_insn insn;
    if (!isa_decode(word, &insn))
        return false;
    enum isa_op op = isa_form_get(insn.form)->op;
    return op >= ISA_OP_LBS && op <= ISA_OP_LD_SAFE;
}

/* Does the next instruction follow from the carry or zero flag of this one? Those that read a flag
 * are few; all are taken to. */
static bool reads_flags(uint64_t word)
{
    struct isa_insn insn;
    if (!isa_decode(word, &insn))
        return true;
    enum isa_op op = isa_form_get(insn.form)->op;
    return op == ISA_OP_ADDC || op == ISA_OP_SUBC || op == ISA_OP_RSUBC;
}

/* When t may issue again: after forward_spacing, and once every register that its next instruction
 * reads is there; behind a jump, once it is decided. */
static void forward(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip,
                    struct sim_touched touched, uint64_t word)
{
    const int64_t *timing = d->config.timing;
    uint64_t alu = d->now + (uint64_t)timing[SIM_TIMING_forward_alu];
    uint64_t result = is_load(word) ? d->now + (uint64_t)timing[SIM_TIMING_forward_load] : alu;
    uint64_t ready = d->now + (uint64_t)timing[SIM_TIMING_forward_spacing];
    uint64_t next_word = d->code->word[sim_pc_of(d, t->ip)];
    uint32_t reads = sim_touched_by(next_word).reads;
    for (unsigned r = 0; r < ISA_WORK_REGISTERS; r++) {
        if (touched.writes >> r & 1)
            t->result_cycle[r] = result;
        if (reads >> r & 1 && t->result_cycle[r] > ready)
            ready = t->result_cycle[r];
    }
    if ((t->ip != ip + 1 || reads_flags(next_word)) && alu > ready)
        ready = alu;
    t->run_spacing += (int64_t)(ready - t->ready_cycle);
    t->ready_cycle = ready;
}

/* After t issued the instruction at ip, and before what it leaves to do. */
void sim_core_study_issued(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip)
{
    uint64_t word = d->code->word[sim_pc_of(d, ip)];
    if (d->config.timing[SIM_TIMING_forwarding] && t->running)
        forward(d, t, ip, sim_touched_by(word), word);
}

/* After everything of the issue is done. */
void sim_core_study_end(struct sim_dpu *d, struct sim_tasklet *t, const struct sim_insn *ip)
{
    if (d->config.timing[SIM_TIMING_rf_hazard])
        charge_hazard(d, t, sim_touched_by(d->code->word[sim_pc_of(d, ip)]));
}
