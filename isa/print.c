/* SPDX-License-Identifier: MIT */
/* Text of instructions in the canonical style: signed immediates decimal, unsigned ones, shifts and
 * jump targets hexadecimal, names in lower case, the shortest matching alias first. Also the search
 * for the nearest name that error messages use. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "isa.h"

static const char *const register_names[ISA_REGISTERS] = {
    "r0",  "r1",  "r2",   "r3",  "r4",   "r5",   "r6",  "r7",  "r8",  "r9",  "r10",
    "r11", "r12", "r13",  "r14", "r15",  "r16",  "r17", "r18", "r19", "r20", "r21",
    "r22", "r23", "zero", "one", "lneg", "mneg", "id",  "id2", "id4", "id8",
};

const char *isa_register_name(unsigned number)
{
    return number < ISA_REGISTERS ? register_names[number] : "r?";
}

static bool alias_is_shorter(const struct isa_alias_info *a, const struct isa_alias_info *b)
{
    if (a->pattern.n_operands != b->pattern.n_operands)
        return a->pattern.n_operands < b->pattern.n_operands;
    return a->order < b->order;
}

static const struct isa_pattern *choose_pattern(enum isa_form form, uint64_t word)
{
    const struct isa_alias_info *best = NULL;
    for (unsigned i = 0; i < ISA_ALIAS_COUNT; i++) {
        const struct isa_alias_info *alias = isa_alias_get((enum isa_alias)i);
        if (alias->form == form && (word & alias->match_mask) == alias->match_value &&
            (!best || alias_is_shorter(alias, best)))
            best = alias;
    }
    return best ? &best->pattern : &isa_form_get(form)->pattern;
}

static int print_operand(char *buffer, size_t size, enum isa_operand operand, uint64_t word)
{
    const struct isa_operand_info *info = isa_operand_get(operand);
    int64_t value = isa_field_value(operand, word);
    switch (info->kind) {
    case ISA_KIND_ZERO:
        return snprintf(buffer, size, "zero");
    case ISA_KIND_WORK:
    case ISA_KIND_ANY:
    case ISA_KIND_ANY_NZ:
    case ISA_KIND_CONST:
        return snprintf(buffer, size, "%s", isa_register_name((unsigned)value));
    case ISA_KIND_SAFE:
    case ISA_KIND_SAFE_ANY:
        if (value < (int)ISA_WORK_REGISTERS)
            return snprintf(buffer, size, "s%d", (int)value);
        return snprintf(buffer, size, "%s", isa_register_name((unsigned)value));
    case ISA_KIND_PAIR:
        return snprintf(buffer, size, "d%d", (int)value);
    case ISA_KIND_ENDIAN:
        return snprintf(buffer, size, value ? "!big" : "!little");
    case ISA_KIND_COND:
        return snprintf(buffer, size, "%s", isa_cond_name(info->cond_class, (unsigned)value));
    default:
        if (isa_kind_get(info->kind)->is_signed)
            return snprintf(buffer, size, "%" PRId64, value);
        return snprintf(buffer, size, "0x%" PRIx64, value);
    }
}

int isa_print(char *buffer, size_t size, uint64_t word, bool raw)
{
    char text[160];
    enum isa_form form = isa_decode_form(word);
    if (form == ISA_ILLEGAL)
        return snprintf(buffer, size, ".quad 0x%016" PRIx64 "  // illegal", word);
    const struct isa_pattern *pattern =
        raw ? &isa_form_get(form)->pattern : choose_pattern(form, word);
    size_t used = (size_t)snprintf(text, sizeof text, "%s", pattern->mnemonic);
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, i ? ", " : " ");
        used += (size_t)print_operand(text + used, sizeof text - used,
                                      (enum isa_operand)pattern->operands[i], word);
    }
    return snprintf(buffer, size, "%s", text);
}

/* ---- nearest name --------------------------------------------------------------------------- */

#define NEAREST_MOST 63

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned cost(char a, char b)
{
    if (a == b)
        return 0;
    return tolower((unsigned char)a) == tolower((unsigned char)b) ? 1 : 2;
}

/* Edit distance of two short names in half mistakes: a letter in the wrong case is half a one, two
 * neighbours in the wrong order are one. Of names that are limit or more apart it is limit. */
static unsigned distance(const char *a, const char *b, unsigned limit)
{
    unsigned rows[3][NEAREST_MOST + 1];
    size_t length = strlen(b);
    for (unsigned j = 0; j <= length; j++)
        rows[0][j] = 2 * j;
    for (unsigned i = 1; a[i - 1]; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        unsigned nearest = row[0] = 2 * i;
        for (unsigned j = 1; j <= length; j++) {
            row[j] =
                least(above[j - 1] + cost(a[i - 1], b[j - 1]), least(above[j], row[j - 1]) + 2);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], above2[j - 2] + 2);
            nearest = least(nearest, row[j]);
        }
        if (nearest >= limit + 2) /* and the row above, where swaps start, limit at least */
            return limit;
    }
    return least(rows[strlen(a) % 3][length], limit);
}

const char *isa_nearest(const char *name, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t length = strlen(name);
    unsigned least_distance = 2 * (unsigned)(length < 4 ? 2 : length / 2 + 1);
    if (length > NEAREST_MOST)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t theirs = strlen(names[i]);
        size_t difference = theirs > length ? theirs - length : length - theirs;
        if (theirs > NEAREST_MOST || 2 * difference >= least_distance)
            continue; /* each letter too many is a mistake */
        unsigned d = distance(name, names[i], least_distance);
        if (d < least_distance) {
            least_distance = d;
            best = names[i];
        }
    }
    return best;
}
