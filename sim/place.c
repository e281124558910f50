/* SPDX-License-Identifier: MIT */
/* From the name of a value to its place, by symbols and types, and back. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"
#include "text.h"

enum { MOST_NAME_BYTES = 256, MOST_NESTED = 64 };

/* An expression on its way. */
struct finder {
    const struct sim_dpu *dpu;
    const char *whole, *at;
    struct sim_place place;
    struct isa_diag *diag;
};

#define FAIL(f, ...) isa_fail((f)->diag, DPUSIM_BAD_ARGUMENT, __VA_ARGS__)

/* "table[2]", the part that has been followed. */
static int done_len(const struct finder *f)
{
    return (int)(f->at - f->whole);
}

static void settle(struct finder *f, const struct isa_type *type, uint64_t offset_bytes)
{
    const struct isa_type *plain = isa_type_strip(type);
    f->place.type = type;
    f->place.offset_bytes = (uint32_t)offset_bytes;
    f->place.size_bytes = plain ? plain->size_bytes : 0;
    f->place.bit_offset = f->place.bit_size = 0;
}

/* ---- symbol ---------------------------------------------------------------------------------- */

static const struct isa_symbol *named(const struct finder *f, const char *text, size_t len)
{
    char name[MOST_NAME_BYTES];
    if (len == 0 || len >= sizeof name)
        return NULL;
    memcpy(name, text, len);
    name[len] = '\0';
    const struct isa_symbol *symbol = isa_program_find_symbol(f->dpu->program, name);
    return symbol && symbol->defined ? symbol : NULL;
}

/* Symbols may have dots in their names, "f.count": the longest one that there is. */
static enum dpusim_status find_symbol(struct finder *f)
{
    size_t len = strcspn(f->at, "[-"), whole = len;
    const struct isa_symbol *symbol = named(f, f->at, len);
    while (!symbol && len > 0) {
        for (len--; len > 0 && f->at[len] != '.'; len--)
            ;
        symbol = named(f, f->at, len);
    }
    if (!symbol) {
        char name[MOST_NAME_BYTES];
        snprintf(name, sizeof name, "%.*s", (int)whole, f->at);
        const char *near = isa_program_nearest_symbol(f->dpu->program, name);
        return isa_fail(f->diag, DPUSIM_UNKNOWN_SYMBOL,
                        near ? "symbol \"%.200s\" does not exist; did you mean \"%.200s\"?"
                             : "symbol \"%.200s\" does not exist",
                        name, near);
    }
    f->at += len;
    uint32_t offset;
    if (symbol->absolute || !isa_address_split(symbol->value, &f->place.memory, &offset))
        return FAIL(f, "symbol \"%.200s\" is the number %" PRIu32 ", not a place in a memory",
                    symbol->name, symbol->value);
    settle(f, isa_program_type_at(f->dpu->program, symbol->value), offset);
    if (!f->place.size_bytes)
        f->place.size_bytes = symbol->size_bytes;
    return DPUSIM_OK;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static enum dpusim_status follow(struct finder *f)
{
    const struct isa_type *pointer = isa_type_strip(f->place.type);
    uint32_t address;
    if (!pointer || pointer->kind != ISA_TYPE_POINTER)
        return FAIL(f, "%.*s is no pointer", done_len(f), f->whole);
    enum dpusim_status status = sim_dpu_read(f->dpu, f->place.memory, f->place.offset_bytes,
                                             &address, sizeof address, f->diag);
    if (status)
        return status;
    const struct isa_type *target = isa_type_strip(pointer->target);
    bool code = target && target->kind == ISA_TYPE_FUNCTION;
    f->place.memory = code ? ISA_IRAM : pointer->is_mram ? ISA_MRAM : ISA_WRAM;
    if (!pointer->is_mram && address == 0)
        return FAIL(f, "%.*s is a null pointer", done_len(f), f->whole);
    settle(f, pointer->target, code ? (uint64_t)address * ISA_INSN_BYTES : address);
    uint64_t end = f->place.offset_bytes + f->place.size_bytes;
    if (end > sim_dpu_memory_bytes(f->dpu, f->place.memory))
        return FAIL(f, "%.*s points to 0x%" PRIx32 ", which is outside %s", done_len(f), f->whole,
                    address, isa_memory_name(f->place.memory));
    return DPUSIM_OK;
}

/* A member, also one of an anonymous structure inside; *offset_bytes grows. */
static const struct isa_member *member_of(const struct isa_type *type, const char *name, size_t len,
                                          uint32_t *offset_bytes, unsigned depth)
{
    for (size_t i = 0; type && depth < MOST_NESTED && i < type->n_members; i++) {
        const struct isa_member *member = &type->members[i];
        uint32_t inner = *offset_bytes + member->offset_bytes;
        if (strlen(member->name) == len && len && memcmp(member->name, name, len) == 0) {
            *offset_bytes = inner;
            return member;
        }
        const struct isa_type *plain = isa_type_strip(member->type);
        if (*member->name || !plain || plain->kind == ISA_TYPE_FUNCTION)
            continue;
        const struct isa_member *found = member_of(plain, name, len, &inner, depth + 1);
        if (found) {
            *offset_bytes = inner;
            return found;
        }
    }
    return NULL;
}

static enum dpusim_status enter_member(struct finder *f)
{
    const struct isa_type *type = isa_type_strip(f->place.type);
    const char *name = f->at;
    size_t len = 0;
    while (isalnum((unsigned char)name[len]) || name[len] == '_')
        len++;
    char text[MOST_NAME_BYTES];
    isa_type_text(f->place.type, text, sizeof text);
    int before = done_len(f) - (done_len(f) > 1 && name[-1] == '>' ? 2 : 1);
    if (!type || (type->kind != ISA_TYPE_STRUCT && type->kind != ISA_TYPE_UNION))
        return FAIL(f,
                    f->place.type ? "%.*s is no structure but %s"
                                  : "%.*s: its type is not known: compile with -g",
                    before, f->whole, text);
    uint32_t offset = f->place.offset_bytes;
    const struct isa_member *member = member_of(type, name, len, &offset, 0);
    if (!member)
        return FAIL(f, "%s has no member \"%.*s\"", text, (int)len, name);
    settle(f, member->type, offset);
    f->place.bit_offset = member->bit_offset;
    f->place.bit_size = member->bit_size;
    f->at += len;
    return DPUSIM_OK;
}

static enum dpusim_status enter_element(struct finder *f)
{
    char *end;
    long long index = strtoll(f->at + 1, &end, 0);
    if (end == f->at + 1 || *end != ']')
        return FAIL(f, "%.*s: an index is a number, as in [3]", done_len(f), f->whole);
    const struct isa_type *type = isa_type_strip(f->place.type);
    if (type && type->kind == ISA_TYPE_POINTER) {
        enum dpusim_status status = follow(f);
        if (status)
            return status;
    } else if (!type || type->kind != ISA_TYPE_ARRAY)
        return FAIL(f,
                    f->place.type ? "%.*s is neither an array nor a pointer"
                                  : "%.*s: its type is not known: compile with -g",
                    done_len(f), f->whole);
    else if (type->count && (index < 0 || (uint64_t)index >= type->count))
        return FAIL(f, "%.*s has %" PRIu64 " elements; there is no [%lld]", done_len(f), f->whole,
                    type->count, index);
    else
        settle(f, type->target, f->place.offset_bytes);
    int64_t offset = f->place.offset_bytes + index * (int64_t)f->place.size_bytes;
    uint32_t memory = sim_dpu_memory_bytes(f->dpu, f->place.memory);
    if (offset < 0 || (uint64_t)offset + f->place.size_bytes > memory)
        return FAIL(f, "%.*s[%lld] is outside %s", done_len(f), f->whole, index,
                    isa_memory_name(f->place.memory));
    f->place.offset_bytes = (uint32_t)offset;
    f->at = end + 1;
    return DPUSIM_OK;
}

static enum dpusim_status step(struct finder *f)
{
    if (*f->at == '[')
        return enter_element(f);
    if (*f->at == '.') {
        f->at++;
        return enter_member(f);
    }
    if (f->at[0] == '-' && f->at[1] == '>') {
        enum dpusim_status status = follow(f);
        f->at += 2;
        return status ? status : enter_member(f);
    }
    return FAIL(f, "\"%.60s\" cannot stand in \"%.200s\": write table[2].next->value", f->at,
                f->whole);
}

enum dpusim_status sim_dpu_find(const struct sim_dpu *dpu, const char *expression,
                                struct sim_place *place, struct isa_diag *diag)
{
    struct finder f = {.dpu = dpu, .diag = diag};
    if (!dpu->program)
        return isa_fail(diag, DPUSIM_NO_PROGRAM, "no program is loaded: there are no symbols");
    unsigned stars = (unsigned)strspn(expression, "*");
    f.whole = f.at = expression + stars;
    enum dpusim_status status = find_symbol(&f);
    while (!status && *f.at)
        status = step(&f);
    for (; !status && stars; stars--)
        status = follow(&f);
    if (!status)
        *place = f.place;
    return status;
}

/* ---- the other way --------------------------------------------------------------------------- */

/* The member that covers the offset; of a union the first. Bit-fields are one place. */
static const struct isa_member *member_at(const struct isa_type *type, uint32_t offset)
{
    for (size_t i = 0; i < type->n_members; i++) {
        const struct isa_member *member = &type->members[i];
        const struct isa_type *plain = isa_type_strip(member->type);
        uint64_t size = plain ? plain->size_bytes : 0;
        if (member->bit_size)
            size = (member->bit_offset + member->bit_size + 7u) / 8u;
        if (offset >= member->offset_bytes && offset - member->offset_bytes < size)
            return member;
    }
    return NULL;
}

/* Goes inwards as long as the offset lies in a part; what is left of it stands behind a plus. */
static void descend(struct isa_text *name, const struct isa_type *type, uint32_t offset,
                    struct sim_place *place, bool to_scalar)
{
    for (unsigned depth = 0; depth < MOST_NESTED && (to_scalar || offset); depth++) {
        const struct isa_type *plain = isa_type_strip(type);
        if (plain && plain->kind == ISA_TYPE_ARRAY) {
            const struct isa_type *element = isa_type_strip(plain->target);
            uint32_t each = element ? (uint32_t)element->size_bytes : 0;
            if (!each)
                break;
            isa_text_add(name, "[%" PRIu32 "]", offset / each);
            type = plain->target;
            offset %= each;
            continue;
        }
        bool compound = plain && (plain->kind == ISA_TYPE_STRUCT || plain->kind == ISA_TYPE_UNION);
        const struct isa_member *member = compound ? member_at(plain, offset) : NULL;
        if (!member) {
            if (!compound && plain) {
                place->type = type;
                place->size_bytes = plain->size_bytes;
                place->offset_bytes -= offset;
                return;
            }
            break;
        }
        if (*member->name)
            isa_text_add(name, ".%s", member->name);
        type = member->type;
        offset -= member->offset_bytes;
        if (member->bit_size) {
            place->type = type;
            place->bit_offset = member->bit_offset;
            place->bit_size = member->bit_size;
            place->size_bytes = isa_type_strip(type) ? isa_type_strip(type)->size_bytes : 0;
            place->offset_bytes -= offset;
            return;
        }
    }
    if (offset)
        isa_text_add(name, "+%" PRIu32, offset);
}

int sim_place_name(const struct isa_program *program, enum isa_memory memory, uint32_t offset_bytes,
                   struct sim_place *place, char *buffer, size_t size)
{
    struct isa_text name = {buffer, size, 0};
    struct sim_place found = {.memory = memory, .offset_bytes = offset_bytes, .size_bytes = 1};
    uint32_t address = isa_memory_base(memory) + offset_bytes;
    const struct isa_symbol *symbol =
        program ? isa_program_symbol_at(program, address, memory == ISA_IRAM) : NULL;
    if (size)
        buffer[0] = '\0';
    if (!symbol)
        isa_text_add(&name, "0x%" PRIx32, offset_bytes);
    else {
        uint32_t inside = address - symbol->value;
        bool covered = inside < symbol->size_bytes;
        isa_text_add(&name, "%s", symbol->name);
        const struct isa_type *type =
            covered && memory != ISA_IRAM ? isa_program_type_at(program, symbol->value) : NULL;
        if (type)
            descend(&name, type, inside, &found, place != NULL);
        else if (inside)
            isa_text_add(&name, "+%" PRIu32, inside);
    }
    if (place)
        *place = found;
    return name.used;
}
