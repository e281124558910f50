/* SPDX-License-Identifier: MIT */
/* Build-time program: turns the textual bit maps of operand.def and the masks of insn.def into C
 * arrays (runs of field bits, relocation of each operand, ignored bits of each form, decision tree
 * of the decoder) on standard output. Everything here is derived; the facts stand in the *.def
 * files. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa.h"

#define WORD_MASK       ((UINT64_C(1) << ISA_WORD_BITS) - 1)
#define MAX_RUNS        16
#define MAX_WINDOW_BITS 6
#define LEAF_FORMS      2

struct run {
    unsigned field_lsb, insn_lsb, width;
};

struct field {
    struct run runs[MAX_RUNS];
    unsigned n_runs, width;
    uint64_t mask;
};

static const struct {
    const char *id, *name, *kind, *cond_class, *bits;
    uint64_t codes;
} operands[] = {
    {"NONE", "", "ZERO", "NO", "", 0},
#define OPERAND(id, name, kind, cond_class, bits, codes)                                           \
    {#id, name, #kind, #cond_class, bits, codes},
#include "operand.def"
#undef OPERAND
};

struct form {
    const char *op, *widen, *mnemonic, *shape;
    uint64_t mask, value;
    int operands[ISA_MAX_OPERANDS];
    bool check_rb;
};

struct alias {
    const char *form, *mnemonic, *shape;
    uint64_t mask, value, match_mask, match_value;
    int operands[ISA_MAX_OPERANDS];
    unsigned order;
};

enum { CHECK_NONE, CHECK_RB };
#define OPS_(a, b, c, d, e, f, ...)                                                                \
    {                                                                                              \
        ISA_OPERAND_##a, ISA_OPERAND_##b, ISA_OPERAND_##c, ISA_OPERAND_##d, ISA_OPERAND_##e,       \
            ISA_OPERAND_##f                                                                        \
    }
#define OPS(...) OPS_(__VA_ARGS__, NONE, NONE, NONE, NONE, NONE, NONE)

static const struct form forms[] = {
#define FORM(id, op, widen, mnemonic, shape, ops, mask, value, check)                              \
    {#op, #widen, mnemonic, #shape, mask, value, ops, CHECK_##check},
#include "insn.def"
#undef FORM
};

static const struct alias aliases[] = {
#define ALIAS(id, form, mnemonic, ops, mask, value, match_mask, match_value, order, shape)         \
    {#form, mnemonic, #shape, mask, value, match_mask, match_value, ops, order},
#include "alias.def"
#undef ALIAS
};

/* Count the field bits of a map such as "45:44,41:39" or "11&10,3:0". */
static unsigned bits_width(const char *bits)
{
    unsigned width = 0;
    for (const char *p = bits; *p;) {
        char *end = (char *)p + 1;
        unsigned high = *p == '-' ? 0 : (unsigned)strtoul(p, &end, 10);
        unsigned low = high;
        if (*end == ':')
            low = (unsigned)strtoul(end + 1, &end, 10);
        while (*end == '&')
            strtoul(end + 1, &end, 10);
        width += high - low + 1;
        p = *end == ',' ? end + 1 : end;
    }
    return width;
}

static void field_add_run(struct field *field, unsigned field_lsb, unsigned insn_lsb,
                          unsigned width)
{
    field->runs[field->n_runs++] = (struct run){field_lsb, insn_lsb, width};
    field->mask |= ((UINT64_C(1) << width) - 1) << insn_lsb;
}

static struct field parse_bits(const char *bits)
{
    struct field field = {.width = bits_width(bits)};
    unsigned left = field.width;
    for (const char *p = bits; *p;) {
        if (*p == '-') {
            left--;
            p += p[1] == ',' ? 2 : 1;
            continue;
        }
        char *end;
        unsigned high = (unsigned)strtoul(p, &end, 10), low = high;
        if (*end == ':')
            low = (unsigned)strtoul(end + 1, &end, 10);
        left -= high - low + 1;
        field_add_run(&field, left, low, high - low + 1);
        while (*end == '&')
            field_add_run(&field, left, (unsigned)strtoul(end + 1, &end, 10), 1);
        p = *end == ',' ? end + 1 : end;
    }
    return field;
}

static unsigned find_reloc(const char *bits)
{
#define RELOC(id, number, reloc_bits, bytes, text)                                                 \
    if (*bits && strcmp(bits, reloc_bits) == 0)                                                    \
        return number;
#include "reloc.def"
#undef RELOC
    return ISA_R_NONE;
}

static void print_runs(const struct field *field)
{
    printf("    {%u, %u, 0x%012" PRIx64 ", {", field->width, field->n_runs, field->mask);
    for (unsigned i = 0; i < field->n_runs; i++)
        printf("{%u, %u, %u}, ", field->runs[i].field_lsb, field->runs[i].insn_lsb,
               field->runs[i].width);
    printf("}},\n");
}

static void print_operands(void)
{
    printf("static const struct isa_operand_info isa_operands[] = {\n");
    for (size_t i = 0; i < ISA_OPERAND_COUNT; i++) {
        struct field field = parse_bits(operands[i].bits);
        printf("    {\"%s\", \"%s\", ISA_KIND_%s, ISA_CLASS_%s, 0x%" PRIx64 ", 0x%" PRIx64
               ", (enum isa_reloc)%u, %u},\n",
               operands[i].name, operands[i].bits, operands[i].kind, operands[i].cond_class,
               operands[i].codes, field.mask, find_reloc(operands[i].bits), field.width);
    }
    printf("};\nstatic const struct isa_field isa_fields[] = {\n");
    for (size_t i = 0; i < ISA_OPERAND_COUNT; i++) {
        struct field field = parse_bits(operands[i].bits);
        print_runs(&field);
    }
    printf("};\n");
}

static void print_reloc_fields(void)
{
    printf("static const struct isa_field isa_reloc_fields[] = {\n");
#define RELOC(id, number, bits, bytes, text)                                                       \
    do {                                                                                           \
        struct field field = parse_bits(bits);                                                     \
        print_runs(&field);                                                                        \
    } while (0);
#include "reloc.def"
#undef RELOC
    printf("};\n");
}

static uint64_t form_ignored(const struct form *form)
{
    uint64_t used = form->mask;
    for (int k = 0; k < ISA_MAX_OPERANDS; k++)
        used |= parse_bits(operands[form->operands[k]].bits).mask;
    if (form->check_rb)
        used |= UINT64_C(3) << 32;
    return WORD_MASK & ~used;
}

static void print_pattern(const char *mnemonic, const char *shape, const int list[ISA_MAX_OPERANDS],
                          uint64_t mask, uint64_t value)
{
    unsigned count = 0;
    while (count < ISA_MAX_OPERANDS && list[count] != ISA_OPERAND_NONE)
        count++;
    printf("    {{\"%s\", \"%s\", %u, {", mnemonic, strcmp(shape, "_") == 0 ? "" : shape, count);
    for (unsigned i = 0; i < count; i++)
        printf("ISA_OPERAND_%s, ", operands[list[i]].id);
    printf("}, 0x%" PRIx64 ", 0x%" PRIx64 "}, ", mask, value);
}

static void print_patterns(void)
{
    printf("static const struct isa_form_info isa_forms[] = {\n");
    for (size_t i = 0; i < ISA_FORM_COUNT; i++) {
        const struct form *form = &forms[i];
        print_pattern(form->mnemonic, form->shape, form->operands, form->mask, form->value);
        printf("ISA_OP_%s, ISA_WIDEN_%s, %d, 0x%" PRIx64 "},\n", form->op, form->widen,
               form->check_rb, form_ignored(form));
    }
    printf("};\nstatic const struct isa_alias_info isa_aliases[] = {\n");
    for (size_t i = 0; i < ISA_ALIAS_COUNT; i++) {
        const struct alias *alias = &aliases[i];
        print_pattern(alias->mnemonic, alias->shape, alias->operands, alias->mask, alias->value);
        printf("ISA_%s, 0x%" PRIx64 ", 0x%" PRIx64 ", %u},\n", alias->form, alias->match_mask,
               alias->match_value, alias->order);
    }
    printf("};\n");
}

/* ---- decision tree: a node looks at a window of bits, a leaf holds a few forms to try ------- */

struct set {
    uint16_t form[ISA_FORM_COUNT];
    unsigned count;
};

static struct {
    unsigned shift, width, first;
} nodes[4096];
static unsigned n_nodes;
static uint16_t edges[1 << 16]; /* node, or 0x8000 + index of the first entry in leaves */
static unsigned n_edges;
static uint16_t leaves[1 << 15]; /* runs of forms, each ended by ISA_FORM_COUNT */
static unsigned n_leaves;

static void set_filter(struct set *out, const struct set *in, unsigned shift, unsigned width,
                       uint64_t bits)
{
    uint64_t window = ((UINT64_C(1) << width) - 1) << shift;
    out->count = 0;
    for (unsigned i = 0; i < in->count; i++) {
        const struct form *form = &forms[in->form[i]];
        if (((form->value ^ (bits << shift)) & form->mask & window) == 0)
            out->form[out->count++] = in->form[i];
    }
}

/* How many forms remain on average after looking at a window; the set's own size when the window is
 * no good: it leaves one child as large as the set, or repeats too many forms that do not fix its
 * bits. */
static double window_cost(const struct set *set, unsigned shift, unsigned width)
{
    struct set child;
    unsigned total = 0, squares = 0;
    for (uint64_t bits = 0; bits < 1u << width; bits++) {
        set_filter(&child, set, shift, width, bits);
        if (child.count == set->count)
            return set->count;
        total += child.count;
        squares += child.count * child.count;
    }
    return total * 2 > set->count * 3 ? set->count : (double)squares / total;
}

/* Best window among the bits not looked at yet; false when none is worth a table. */
static bool best_window(const struct set *set, uint64_t seen, unsigned *shift, unsigned *width)
{
    double best = set->count * 0.8;
    bool found = false;
    for (unsigned w = 1; w <= MAX_WINDOW_BITS; w++)
        for (unsigned s = 16; s + w <= ISA_WORD_BITS; s++) {
            if (seen >> s & ((1u << w) - 1))
                continue;
            double cost = window_cost(set, s, w);
            if (cost < best - 1e-9) {
                best = cost, *shift = s, *width = w;
                found = true;
            }
        }
    return found;
}

/* Leaf with the forms of a set; equal leaves are shared. */
static uint16_t build_leaf(const struct set *set)
{
    for (unsigned at = 0; at + set->count < n_leaves; at++)
        if (leaves[at + set->count] == ISA_FORM_COUNT &&
            memcmp(&leaves[at], set->form, set->count * sizeof leaves[0]) == 0)
            return (uint16_t)(0x8000 + at);
    unsigned leaf = n_leaves;
    if (leaf + set->count + 1 >= sizeof leaves / sizeof leaves[0])
        abort();
    for (unsigned i = 0; i < set->count; i++)
        leaves[n_leaves++] = set->form[i];
    leaves[n_leaves++] = ISA_FORM_COUNT;
    return (uint16_t)(0x8000 + leaf);
}

static uint16_t build(const struct set *set, uint64_t seen)
{
    unsigned shift = 0, width = 0;
    if (n_nodes + 1 >= sizeof nodes / sizeof nodes[0] ||
        n_edges + 64 >= sizeof edges / sizeof edges[0])
        abort();
    if (set->count <= LEAF_FORMS || !best_window(set, seen, &shift, &width))
        return build_leaf(set);
    unsigned node = n_nodes++, first = n_edges;
    nodes[node].shift = shift, nodes[node].width = width, nodes[node].first = first;
    n_edges += 1u << width;
    for (uint64_t bits = 0; bits < 1u << width; bits++) {
        struct set child;
        set_filter(&child, set, shift, width, bits);
        edges[first + bits] = build(&child, seen | ((UINT64_C(1) << width) - 1) << shift);
    }
    return (uint16_t)node;
}

static void print_tree(void)
{
    struct set all = {.count = ISA_FORM_COUNT};
    for (unsigned i = 0; i < ISA_FORM_COUNT; i++)
        all.form[i] = (uint16_t)i;
    build(&all, 0);
    printf("static const struct isa_node isa_nodes[] = {\n");
    for (unsigned i = 0; i < n_nodes; i++)
        printf("    {%u, 0x%x, %u},\n", nodes[i].shift, (1u << nodes[i].width) - 1, nodes[i].first);
    printf("};\nstatic const uint16_t isa_edges[] = {");
    for (unsigned i = 0; i < n_edges; i++)
        printf("%s%u,", i % 16 ? " " : "\n    ", edges[i]);
    printf("\n};\nstatic const uint16_t isa_leaves[] = {");
    for (unsigned i = 0; i < n_leaves; i++)
        printf("%s%u,", i % 16 ? " " : "\n    ", leaves[i]);
    printf("\n};\n");
}

/* Operation, widening and shape of each form as macros, for tables that name forms only. */
static void print_facts(void)
{
    printf("/* Generated by isa/gen_tables.c from isa/insn.def; do not edit. */\n");
#define FORM(id, op, widen, mnemonic, shape, ...)                                                  \
    printf("#define FACTS_%s %s, %s, %s\n", #id, #op, #widen, #shape);
#include "insn.def"
#undef FORM
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "facts") == 0) {
        print_facts();
        return 0;
    }
    printf("/* Generated by isa/gen_tables.c from the tables isa/ *.def; do not edit. */\n");
    print_operands();
    print_reloc_fields();
    print_patterns();
    print_tree();
    return 0;
}
