/* SPDX-License-Identifier: MIT */
/* Loads of bytes that were never written and are not used. Copies are no mistake: structures are
 * copied with their padding, buffers as a whole. A load whose register is next used as the value of
 * a store of the same size is half of a copy; the store then passes on what is known of the bytes.
 * Looked for within straight code, once per load that meets unwritten bytes. */
#include <string.h>

#include "check_memory.h"

enum { COPY_UNKNOWN = 0, COPY_NONE = -1 };
#define COPY_REACH 16 /* instructions between load and store */

void sim_copy_loaded(struct check_memory *m)
{
    memset(m->copied_by, 0, sizeof m->copied_by);
    memset(m->n_copies, 0, sizeof m->n_copies);
}

struct use {
    bool reads, writes, leaves;
};

static bool overlaps(unsigned first, bool is_pair, unsigned low, unsigned high)
{
    return first <= high && first + is_pair >= low;
}

/* What an instruction does with the registers low..high. */
static struct use use_of(uint64_t word, unsigned low, unsigned high)
{
    struct use use = {false, false, false};
    struct isa_insn insn;
    if (!isa_decode(word, &insn))
        return (struct use){.leaves = true};
    const struct isa_form_info *form = isa_form_get(insn.form);
    use.leaves = form->op == ISA_OP_CALL || form->op == ISA_OP_STOP || form->op == ISA_OP_FAULT;
    for (unsigned i = 0; i < form->pattern.n_operands; i++) {
        const struct isa_operand_info *operand =
            isa_operand_get((enum isa_operand)form->pattern.operands[i]);
        unsigned number = (unsigned)insn.value[i];
        bool is_pair = operand->name[0] == 'd';
        use.leaves |= operand->kind == ISA_KIND_PC16;
        if ((operand->name[0] != 'r' && !is_pair) || strlen(operand->name) != 2 ||
            !overlaps(number, is_pair, low, high))
            continue;
        if (operand->name[1] == 'c')
            use.writes = true;
        else
            use.reads = true;
    }
    return use;
}

bool sim_writes_register(uint64_t word, unsigned number)
{
    return use_of(word, number, number).writes;
}

/* Does the store at the slot store exactly the register, to an address that does not use it? */
static bool stores(const struct sim_watch_slot *slot, const struct sim_insn *insn, unsigned low,
                   unsigned high, unsigned bytes)
{
    unsigned base = insn->ra / 4;
    return slot->bytes == bytes && slot->is_write && insn->rb / 4 == low &&
           (base < low || base > high);
}

static int16_t find_store(const struct sim_dpu *d, uint32_t pc_insn, unsigned bytes)
{
    unsigned low = d->code->insn[pc_insn].rc / 4, high = low + (bytes == 8);
    for (uint32_t pc = pc_insn + 1; pc < pc_insn + COPY_REACH && pc < ISA_IRAM_INSNS; pc++) {
        struct use use = use_of(d->code->word[pc], low, high);
        if (use.reads)
            return stores(&d->watch->slot[pc], &d->code->insn[pc], low, high, bytes) ? (int16_t)pc
                                                                                     : COPY_NONE;
        if (use.writes || use.leaves)
            break;
    }
    return COPY_NONE;
}

bool sim_copy_begins(struct check_memory *m, const struct sim_dpu *d, const struct sim_tasklet *t,
                     uint32_t pc_insn, uint32_t wram_addr, unsigned bytes)
{
    if (m->copied_by[pc_insn] == COPY_UNKNOWN)
        m->copied_by[pc_insn] = find_store(d, pc_insn, bytes);
    if (m->copied_by[pc_insn] == COPY_NONE)
        return false;
    uint8_t *count = &m->n_copies[t->id];
    if (*count == SIM_COPIES) /* stores that were jumped over */
        *count = 0;
    struct sim_copy *copy = &m->copy[t->id][(*count)++];
    copy->store_pc = (uint16_t)m->copied_by[pc_insn];
    memcpy(copy->bytes, m->wram + wram_addr, bytes);
    return true;
}

const uint8_t *sim_copy_ends(struct check_memory *m, const struct sim_tasklet *t, uint32_t pc_insn)
{
    struct sim_copy *copies = m->copy[t->id], found;
    for (unsigned i = 0; i < m->n_copies[t->id]; i++)
        if (copies[i].store_pc == pc_insn) {
            found = copies[i];
            copies[i] = copies[--m->n_copies[t->id]];
            copies[m->n_copies[t->id]] = found;
            return copies[m->n_copies[t->id]].bytes;
        }
    return NULL;
}

void sim_copy_forget_passed(struct check_memory *m, const struct sim_tasklet *t, uint32_t pc_insn)
{
    struct sim_copy *copies = m->copy[t->id];
    for (unsigned i = m->n_copies[t->id]; i-- > 0;)
        if (copies[i].store_pc <= pc_insn || copies[i].store_pc > pc_insn + COPY_REACH)
            copies[i] = copies[--m->n_copies[t->id]];
}

/* ---- loads of which a part was written ------------------------------------------------------- */

/* Bytes of a register, bit 0 the lowest, that an instruction that reads it needs. */
static unsigned bytes_needed(const struct isa_insn *insn, unsigned number)
{
    const struct isa_pattern *pattern = &isa_form_get(insn->form)->pattern;
    uint32_t imm = UINT32_MAX;
    unsigned bytes = 0;
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        const char *name = isa_operand_get((enum isa_operand)pattern->operands[i])->name;
        if (strcmp(name, "imm") == 0)
            imm = (uint32_t)insn->value[i];
        if (strcmp(name, "ra") == 0 && insn->value[i] == (int64_t)number &&
            isa_op_access(isa_form_get(insn->form)->op)->bytes)
            return 15; /* an address */
    }
    switch (isa_form_get(insn->form)->op) {
    case ISA_OP_EXTUB:
    case ISA_OP_EXTSB:
    case ISA_OP_SB:
        return 1;
    case ISA_OP_EXTUH:
    case ISA_OP_EXTSH:
    case ISA_OP_SH:
        return 3;
    case ISA_OP_AND:
        for (unsigned i = 0; i < 4; i++)
            bytes |= (unsigned)((imm >> 8 * i & 0xff) != 0) << i;
        return bytes;
    default:
        return 15;
    }
}

/* Is none of these bytes of the register used behind the load, as far as can be seen? */
static bool unused(const struct sim_dpu *d, uint32_t pc_insn, unsigned number, unsigned bytes)
{
    struct isa_insn insn;
    for (uint32_t pc = pc_insn + 1; pc < pc_insn + COPY_REACH && pc < ISA_IRAM_INSNS; pc++) {
        struct use use = use_of(d->code->word[pc], number, number);
        if (use.reads && isa_decode(d->code->word[pc], &insn) &&
            bytes_needed(&insn, number) & bytes)
            return false;
        if (use.writes || use.leaves)
            break;
    }
    return true;
}

bool sim_part_unused(const struct check_memory *m, const struct sim_dpu *d, uint32_t pc_insn,
                     uint32_t wram_addr, unsigned bytes)
{
    unsigned unwritten = 0, first = d->code->insn[pc_insn].rc / sizeof(uint32_t);
    for (unsigned i = 0; i < bytes; i++)
        unwritten |= (unsigned)(m->wram[wram_addr + i] & SIM_BYTE_UNWRITTEN) << i;
    if (unwritten == (1u << bytes) - 1)
        return false;
    if (bytes < 8)
        return unused(d, pc_insn, first, unwritten);
    return (!(unwritten & 15) || unused(d, pc_insn, first + 1, unwritten & 15)) &&
           (!(unwritten >> 4) || unused(d, pc_insn, first, unwritten >> 4));
}
