/* SPDX-License-Identifier: MIT */
/* A second, slow and plain description of the register operations and of the conditions, written
 * from the instruction reference alone and by name. Tests compare the simulator with it. It shares
 * the decoder (tested by itself) and nothing else. */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "isa.h"

struct model {
    uint32_t r[ISA_WORK_REGISTERS];
    bool zf, cf;
    unsigned id, pc;
    bool taken; /* of the last instruction: the condition held */
};

/* What an operation computes and what its condition can see. */
struct seen {
    uint32_t r, zero_of, x, y, src, amount, bytes, max;
    bool cin, carry, overflow;
};

/* ---- operands by name ------------------------------------------------------------------------ */

static inline int model_operand(const struct isa_insn *insn, const char *name)
{
    const struct isa_pattern *pattern = &isa_form_get(insn->form)->pattern;
    for (int i = 0; i < pattern->n_operands; i++)
        if (strcmp(isa_operand_get((enum isa_operand)pattern->operands[i])->name, name) == 0)
            return i;
    return -1;
}

static inline uint32_t model_register(const struct model *m, int64_t number)
{
    const uint32_t constants[] = {0,     1,         0xffffffff, 0x80000000,
                                  m->id, m->id * 2, m->id * 4,  m->id * 8};
    return number < 24 ? m->r[number] : constants[number - 24];
}

static inline bool model_value(const struct model *m, const struct isa_insn *insn, const char *name,
                               uint32_t *value)
{
    int at = model_operand(insn, name);
    if (at < 0)
        return false;
    *value = name[0] == 'r' ? model_register(m, insn->value[at]) : (uint32_t)insn->value[at];
    return true;
}

/* Sources in assembly order. */
static inline unsigned model_sources(const struct model *m, const struct isa_insn *insn,
                                     uint32_t source[4])
{
    const struct isa_pattern *pattern = &isa_form_get(insn->form)->pattern;
    unsigned count = 0;
    for (int i = 0; i < pattern->n_operands; i++) {
        const char *name = isa_operand_get((enum isa_operand)pattern->operands[i])->name;
        if (strcmp(name, "ra") == 0 || strcmp(name, "rb") == 0)
            source[count++] = model_register(m, insn->value[i]);
        else if (strcmp(name, "imm") == 0 || strcmp(name, "shift") == 0)
            source[count++] = (uint32_t)insn->value[i];
    }
    return count;
}

/* ---- operations ------------------------------------------------------------------------------ */

static inline void model_add3(struct seen *s, uint32_t x, uint32_t y, bool cin)
{
    uint64_t sum = (uint64_t)x + y + cin;
    int64_t exact = (int64_t)(int32_t)x + (int32_t)y + cin;
    s->x = x, s->y = y, s->cin = cin;
    s->r = s->zero_of = (uint32_t)sum;
    s->carry = sum > UINT32_MAX;
    s->overflow = exact != (int32_t)s->r;
}

static inline uint32_t model_shift_left(uint32_t a, unsigned by, uint32_t fill)
{
    for (; by; by--)
        a = a * 2 + (fill & 1);
    return a;
}

static inline uint32_t model_shift_right(uint32_t a, unsigned by, uint32_t fill)
{
    for (; by; by--)
        a = a / 2 + (fill & 1) * 0x80000000u;
    return a;
}

static inline uint32_t model_rotate(uint32_t a, unsigned by)
{
    for (; by; by--)
        a = a * 2 + (a >> 31);
    return a;
}

/* Leading bits equal to `bit`, from `from` down. */
static inline uint32_t model_leading(uint32_t a, int from, uint32_t bit)
{
    uint32_t count = 0;
    while (from >= 0 && (a >> from & 1) == bit)
        count++, from--;
    return count;
}

static inline uint32_t model_ones(uint32_t a)
{
    uint32_t count = 0;
    for (int i = 0; i < 32; i++)
        count += a >> i & 1;
    return count;
}

static inline uint32_t model_cmpb4(uint32_t a, uint32_t b)
{
    uint32_t r = 0;
    for (int i = 0; i < 4; i++)
        if ((uint8_t)(a >> 8 * i) == (uint8_t)(b >> 8 * i))
            r += 1u << 8 * i;
    return r;
}

static inline uint32_t model_hash(uint32_t a, uint32_t k)
{
    uint32_t n = 7 + k / 4 % 4, size = 1u << n, r = a % size ^ a / size % size;
    return k % 2 ? r ^ a / size / size % size : r;
}

/* One byte of an 8x8 product, by two letters of the mnemonic: s or u, l or h. */
static inline int64_t model_byte(uint32_t a, const char *how)
{
    uint8_t byte = (uint8_t)(how[1] == 'h' ? a >> 8 : a);
    return how[0] == 's' ? (int64_t)(int8_t)byte : (int64_t)byte;
}

static inline uint32_t model_logic(const char *name, uint32_t a, uint32_t b)
{
    bool not_and_form = strcmp(name, "andn") == 0, not_or_form = strcmp(name, "orn") == 0;
    bool invert =
        strcmp(name, "nand") == 0 || strcmp(name, "nor") == 0 || strcmp(name, "nxor") == 0;
    const char *base = name + (invert ? 1 : 0);
    uint32_t r;
    if (not_and_form || not_or_form)
        return not_and_form ? ~a & b : ~a | b;
    r = *base == 'a' ? a & b : *base == 'o' ? a | b : a ^ b;
    return invert ? ~r : r;
}

static inline uint32_t model_shift(const char *name, uint32_t a, unsigned by)
{
    if (name[0] == 'r')
        return model_rotate(a, name[2] == 'l' ? by : (32 - by) % 32);
    if (strcmp(name, "asr") == 0)
        return model_shift_right(a, by, a >> 31);
    bool left = name[2] == 'l', ones = name[3] == '1', out = name[strlen(name) - 1] == 'x';
    if (!out)
        return left ? model_shift_left(a, by, ones) : model_shift_right(a, by, ones);
    if (by == 0)
        return ones ? 0xffffffff : 0;
    return left ? model_shift_right(a, 32 - by, ones) : model_shift_left(a, 32 - by, ones);
}

/* mnemonic without .s/.u; a and b in assembly order */
static inline void model_compute(struct seen *s, const struct model *m, const char *name,
                                 const char *family, uint32_t a, uint32_t b)
{
    bool with_carry = name[strlen(name) - 1] == 'c';
    if (strcmp(family, "arith") == 0) {
        if (name[0] == 'a')
            model_add3(s, a, b, with_carry && m->cf);
        else if (name[0] == 's')
            model_add3(s, a, ~b, with_carry ? m->cf : true);
        else
            model_add3(s, b, ~a, with_carry ? m->cf : true);
        return;
    }
    if (strcmp(family, "logic") == 0)
        s->r = model_logic(name, a, b);
    else if (strcmp(family, "shift") == 0)
        s->r = model_shift(name, a, b % 32);
    else if (strcmp(family, "count") == 0)
        s->r = name[1] == 'a'   ? model_ones(a)
               : name[2] == 's' ? model_leading(a, 30, a >> 31)
                                : model_leading(a, 31, name[2] == 'o');
    else if (strcmp(family, "extend") == 0)
        s->r = name[3] == 'u' ? (name[4] == 'b' ? a % 256 : a % 65536)
                              : (uint32_t)(name[4] == 'b' ? (int8_t)a : (int16_t)a);
    else if (strcmp(family, "hash") == 0)
        s->r = model_hash(a, b);
    else if (strcmp(family, "sats") == 0)
        s->r = (int32_t)a < 0 ? 0x7fffffff : 0x80000000;
    else if (strcmp(family, "cmpb4") == 0)
        s->r = model_cmpb4(a, b);
    else
        s->r = (uint32_t)(model_byte(a, name + 4) * model_byte(b, name + 7));
    s->zero_of = s->r;
}

static inline void model_shift_add(struct seen *s, const char *name, const uint32_t source[4])
{
    uint32_t addend = source[0], shifted = source[1], by = source[2];
    char shift[4] = {name[0], name[1], name[2], '\0'};
    shifted = model_shift(shift, shifted, by);
    s->r = name[4] == 's' ? addend - shifted : addend + shifted;
    s->zero_of = shifted;
}

/* ---- conditions, as conditions.tsv states them ------------------------------------------------
 */

static inline bool model_no_carry(const struct seen *s, unsigned bits)
{
    uint64_t size = UINT64_C(1) << bits;
    return s->x % size + s->y % size + s->cin < size;
}

static inline bool model_holds(const char *name, const struct seen *s, bool zf)
{
    bool n = s->r >> 31, z = s->r == 0, xz = z && zf, c = s->carry, v = s->overflow;
    const struct {
        const char *name;
        bool holds;
    } tests[] = {
        {"true", true},
        {"false", false},
        {"z", z},
        {"nz", !z},
        {"xz", xz},
        {"xnz", !xz},
        {"pl", !n},
        {"mi", n},
        {"sz", s->src == 0},
        {"snz", s->src != 0},
        {"spl", (int32_t)s->src >= 0},
        {"smi", (int32_t)s->src < 0},
        {"ov", v},
        {"nov", !v},
        {"c", c},
        {"nc", !c},
        {"ltu", !c},
        {"geu", c},
        {"leu", !c || z},
        {"gtu", c && !z},
        {"lts", n != v},
        {"ges", n == v},
        {"les", z || n != v},
        {"gts", !z && n == v},
        {"xleu", !c || xz},
        {"xgtu", c && !xz},
        {"xles", n != v || xz},
        {"xgts", n == v && !xz},
        {"e", s->r % 2 == 0},
        {"o", s->r % 2 == 1},
        {"se", s->src % 2 == 0},
        {"so", s->src % 2 == 1},
        {"sh32", s->amount / 32 % 2 == 1},
        {"nsh32", s->amount / 32 % 2 == 0},
        {"max", s->r == s->max},
        {"nmax", s->r != s->max},
        {"small", s->bytes / 256 % 256 == 0},
        {"large", s->bytes / 256 % 256 != 0},
    };
    for (unsigned i = 0; i < sizeof tests / sizeof tests[0]; i++)
        if (strcmp(tests[i].name, name) == 0)
            return tests[i].holds;
    unsigned bits = 0; /* nc5 .. nc14 */
    for (const char *digit = name + 2; *digit; digit++)
        bits = bits * 10 + (unsigned)(*digit - '0');
    return model_no_carry(s, bits);
}

static inline const char *model_condition(const struct isa_insn *insn)
{
    int at = model_operand(insn, "cc");
    if (at < 0)
        return "false";
    const struct isa_pattern *pattern = &isa_form_get(insn->form)->pattern;
    const struct isa_operand_info *info = isa_operand_get((enum isa_operand)pattern->operands[at]);
    return isa_cond_get(isa_cond_of(info->cond_class, (unsigned)insn->value[at]))->name;
}

/* ---- results --------------------------------------------------------------------------------- */

static inline void model_write(struct model *m, const struct isa_insn *insn, uint32_t r)
{
    int rc = model_operand(insn, "rc"), dc = model_operand(insn, "dc");
    if (rc >= 0)
        m->r[insn->value[rc]] = r;
    if (dc < 0)
        return;
    bool ones = isa_form_get(insn->form)->widen == ISA_WIDEN_S && r >> 31;
    m->r[insn->value[dc]] = ones ? 0xffffffff : 0;
    m->r[insn->value[dc] + 1] = r;
}

/* Pair operations write their pair here and leave what conditions see. */
static inline void model_pair(struct model *m, const struct isa_insn *insn, const char *name,
                              struct seen *s)
{
    int64_t dc = insn->value[model_operand(insn, "dc")];
    int64_t db = insn->value[model_operand(insn, "db")];
    uint32_t even = m->r[db], odd = m->r[db + 1], shift = 0, ra = 0;
    model_value(m, insn, "shift", &shift);
    model_value(m, insn, "ra", &ra);
    uint32_t s_value = model_shift_left(ra, shift, 0);
    s->src = ra;
    if (strcmp(name, "mul_step") == 0) {
        if (even % 2)
            m->r[dc + 1] = odd + s_value;
        m->r[dc] = s->r = s->zero_of = even / 2;
    } else if (strcmp(name, "div_step") == 0) {
        m->r[dc] = even * 2 + (odd >= s_value);
        if (odd >= s_value)
            m->r[dc + 1] = odd - s_value;
    } else {
        bool swap = strcmp(name, "swapd") == 0;
        m->r[dc] = swap ? odd : even;
        m->r[dc + 1] = swap ? even : odd;
    }
}

/* Is the operation described here? */
static inline bool model_knows(enum isa_form form)
{
    static const char *const families[] = {"arith", "logic",    "shift",    "count", "extend",
                                           "hash",  "sats",     "cmpb4",    "mul8",  "shift_add",
                                           "movd",  "mul_step", "div_step", "swapd"};
    const char *family = isa_op_get(isa_form_get(form)->op)->family;
    for (unsigned i = 0; i < sizeof families / sizeof families[0]; i++)
        if (strcmp(families[i], family) == 0)
            return true;
    return false;
}

static inline void model_see(struct seen *s, const struct model *m, const struct isa_insn *insn,
                             const char *name, const char *family)
{
    uint32_t source[4] = {0}, ra = 0, rb = 0;
    unsigned count = model_sources(m, insn, source);
    bool has_ra = model_value(m, insn, "ra", &ra), has_rb = model_value(m, insn, "rb", &rb);
    s->src = has_ra ? ra : rb;
    s->amount = source[1];
    s->bytes = has_ra && has_rb ? ra | rb : 0;
    s->max = strcmp(name, "cls") == 0 ? 31 : 32;
    if (strcmp(family, "shift_add") == 0)
        model_shift_add(s, name, source);
    else
        model_compute(s, m, name, family, source[0], count > 1 ? source[1] : 0);
}

/* Execute one instruction at m->pc. */
static inline void model_step(struct model *m, uint64_t word)
{
    struct isa_insn insn;
    struct seen s = {0};
    char name[16] = "";
    isa_decode(word, &insn);
    const struct isa_form_info *info = isa_form_get(insn.form);
    const char *family = isa_op_get(info->op)->family;
    strncat(name, info->pattern.mnemonic, strcspn(info->pattern.mnemonic, "."));
    bool is_pair = model_operand(&insn, "db") >= 0, jumps = model_operand(&insn, "pc") >= 0;
    bool zf = m->zf,
         is_set = model_operand(&insn, "cc") >= 0 && !jumps && !strchr(info->pattern.shape, 'f');
    if (is_pair)
        model_pair(m, &insn, name, &s);
    else
        model_see(&s, m, &insn, name, family);
    m->taken = model_holds(model_condition(&insn), &s, zf);
    if (is_set && info->widen == ISA_WIDEN_S)
        m->r[insn.value[0]] = 0, m->r[insn.value[0] + 1] = m->taken;
    else if (!is_pair)
        model_write(m, &insn, is_set ? m->taken : s.r);
    if (!is_pair || strcmp(name, "mul_step") == 0)
        m->zf = s.zero_of == 0;
    if (strcmp(family, "arith") == 0)
        m->cf = s.carry;
    m->pc = jumps && m->taken ? (unsigned)insn.value[model_operand(&insn, "pc")] % 4096
                              : (m->pc + 1) % 4096;
}

#endif
