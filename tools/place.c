/* SPDX-License-Identifier: MIT */
/* Parsing of places and the rules about them: which type when none is given, what fits. The bounds
 * are those of the symbol, or with an explicit count those of its memory. */
#include "place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum dpusim_status find_symbol(struct place *place, const char *name,
                                      const struct isa_program *program, struct isa_diag *diag)
{
    place->symbol = isa_program_find_symbol(program, name);
    if (!place->symbol) {
        const char *near = isa_program_nearest_symbol(program, name);
        return isa_fail(diag, DPUSIM_UNKNOWN_SYMBOL,
                        near ? "symbol \"%.200s\" does not exist; did you mean \"%.200s\"?"
                             : "symbol \"%.200s\" does not exist",
                        name, near);
    }
    if (place->symbol->absolute &&
        (place->symbol->value & 0xf0000000u) != ISA_ATOMIC_BASE) /* has no memory */
        return isa_fail(diag, DPUSIM_INVALID_SYMBOL_ACCESS,
                        "symbol \"%.200s\" is the number %u, not a place in a memory", name,
                        (unsigned)place->symbol->value);
    if (!isa_address_split(place->symbol->value, &place->memory, &place->start_bytes))
        return isa_fail(diag, DPUSIM_INVALID_SYMBOL_ACCESS,
                        "symbol \"%.200s\": its address 0x%08x is in no memory", name,
                        (unsigned)place->symbol->value);
    if (place->memory == ISA_ATOMIC)
        return isa_fail(diag, DPUSIM_INVALID_SYMBOL_ACCESS,
                        "symbol \"%.200s\" is atomic bit %u; atomic bits have no bytes", name,
                        (unsigned)place->start_bytes);
    return DPUSIM_OK;
}

enum dpusim_status place_parse_type(struct place *place, char *text, struct isa_diag *diag)
{
    char *bracket = strchr(text, '[');
    uint64_t bits = 0;
    if (bracket) {
        size_t len = strlen(bracket);
        if (bracket[len - 1] == ']')
            bracket[len - 1] = '\0';
        if (!tool_parse_u64(bracket + 1, &place->count) || !place->count)
            return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                            "\"%.60s\" is not a count of elements: write SYM:u32[8]", bracket);
        *bracket = '\0';
    }
    bool letter = *text && strchr("uixf", *text);
    bool width = tool_parse_u64(text + (*text != 0), &bits) &&
                 (bits == 8 || bits == 16 || bits == 32 || bits == 64);
    if (!letter || !width || (*text == 'f' && bits < 32))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "\"%.60s\" is not a type: u8 u16 u32 u64, i8 .. i64, x8 .. x64, f32 or f64",
                        text);
    place->letter = *text;
    place->width_bytes = (unsigned)bits / 8;
    return DPUSIM_OK;
}

static enum dpusim_status parse_offset(struct place *place, const char *text, struct isa_diag *diag)
{
    uint64_t offset;
    if (!tool_parse_u64(text, &offset) || offset > UINT32_MAX)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "\"%.60s\" is not an offset in bytes", text);
    place->skipped_bytes = (uint32_t)offset;
    return DPUSIM_OK;
}

enum dpusim_status place_parse(struct place *place, const char *text, size_t len,
                               const struct isa_program *program, struct isa_diag *diag)
{
    *place = (struct place){.label = tool_copy(text, len)};
    char *type = strchr(place->label, ':'), *name = NULL, *plus;
    enum dpusim_status status = DPUSIM_OK;
    if (type) {
        *type = '\0';
        status = place_parse_type(place, type + 1, diag);
    }
    name = tool_copy(place->label, strlen(place->label));
    plus = strchr(name, '+');
    if (plus)
        *plus = '\0';
    if (!status && plus)
        status = parse_offset(place, plus + 1, diag);
    if (!status)
        status = find_symbol(place, name, program, diag);
    free(name);
    if (status)
        place_free(place);
    return status;
}

void place_free(struct place *place)
{
    free(place->label);
    place->label = NULL;
}

/* Bytes of the symbol behind the offset; an error when the file does not know its size. */
static enum dpusim_status bytes_left(const struct place *place, uint32_t *left,
                                     struct isa_diag *diag)
{
    uint32_t size = place->symbol->size_bytes;
    if (!size)
        return isa_fail(
            diag, DPUSIM_INVALID_SYMBOL_ACCESS,
            "symbol \"%.200s\" has size 0: declare it in the assembly (.size %.200s, BYTES), "
            "or give type and count (%.200s:u32[1])",
            place->symbol->name, place->symbol->name, place->label);
    if (place->skipped_bytes >= size)
        return isa_fail(diag, DPUSIM_INVALID_SYMBOL_ACCESS,
                        "symbol \"%.200s\": offset %u, but the symbol has %u bytes",
                        place->symbol->name, (unsigned)place->skipped_bytes, (unsigned)size);
    *left = size - place->skipped_bytes;
    return DPUSIM_OK;
}

/* len bytes at the place against the symbol, or against the memory when the count was given. */
static enum dpusim_status check_bounds(const struct place *place, const struct sim_dpu *dpu,
                                       uint64_t len, bool explicit_count, struct isa_diag *diag)
{
    uint64_t end = (uint64_t)place->start_bytes + place->skipped_bytes + len;
    uint32_t memory = sim_dpu_memory_bytes(dpu, place->memory);
    if (end > memory)
        return isa_fail(
            diag, DPUSIM_INVALID_SYMBOL_ACCESS,
            "symbol \"%.200s\" at %s offset %u: offset %u + length %llu passes the end of "
            "%s (%u bytes)",
            place->symbol->name, isa_memory_name(place->memory), (unsigned)place->start_bytes,
            (unsigned)place->skipped_bytes, (unsigned long long)len, isa_memory_name(place->memory),
            (unsigned)memory);
    uint64_t reach = place->skipped_bytes + len;
    if (!explicit_count && reach > place->symbol->size_bytes)
        return isa_fail(
            diag, DPUSIM_INVALID_SYMBOL_ACCESS,
            "symbol \"%.200s\": offset %u + length %llu = %llu bytes, but the symbol has %u",
            place->symbol->name, (unsigned)place->skipped_bytes, (unsigned long long)len,
            (unsigned long long)reach, (unsigned)place->symbol->size_bytes);
    return DPUSIM_OK;
}

static void choose_type(struct place *place, char letter, unsigned width_bytes)
{
    if (place->letter)
        return;
    place->letter = letter;
    place->width_bytes = width_bytes;
}

enum dpusim_status place_settle(struct place *place, const struct sim_dpu *dpu,
                                struct isa_diag *diag)
{
    bool explicit_count = place->count != 0;
    if (!explicit_count) {
        uint32_t left;
        enum dpusim_status status = bytes_left(place, &left, diag);
        if (status)
            return status;
        bool code = place->memory == ISA_IRAM && left % 8 == 0;
        choose_type(place, code ? 'x' : 'u', code ? 8 : left % 4 == 0 ? 4 : 1);
        place->count = left / place->width_bytes;
        if (!place->count || left % place->width_bytes)
            return isa_fail(diag, DPUSIM_INVALID_SYMBOL_ACCESS,
                            "symbol \"%.200s\": %u bytes are not a multiple of %c%u (%u bytes)",
                            place->symbol->name, (unsigned)left, place->letter,
                            place->width_bytes * 8, place->width_bytes);
    }
    if (place->count > UINT32_MAX)
        return isa_fail(diag, DPUSIM_INVALID_SYMBOL_ACCESS, "a count of %llu passes every memory",
                        (unsigned long long)place->count);
    return check_bounds(place, dpu, place->count * place->width_bytes, explicit_count, diag);
}

/* ------------------------------------------------------------------ writing ------------------- */

static void choose_written_type(struct place *place, size_t items)
{
    uint32_t size = place->symbol->size_bytes;
    if (size == 8 && items == 1)
        choose_type(place, 'u', 8);
    else if (size == 1 || size == 2)
        choose_type(place, 'u', size);
    else
        choose_type(place, 'u', size % 4 == 0 || !size ? 4 : 1);
}

static enum dpusim_status parse_float(const struct place *place, const char *item, uint8_t *bytes,
                                      struct isa_diag *diag)
{
    char *end;
    double value = strtod(item, &end);
    float narrow = (float)value;
    if (end == item || *end)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "\"%.60s\" is not a number", item);
    if (place->width_bytes == 4)
        memcpy(bytes, &narrow, 4);
    else
        memcpy(bytes, &value, 8);
    return DPUSIM_OK;
}

/* One number as little-endian bytes; signed or unsigned, as long as it fits the width. */
static enum dpusim_status parse_item(const struct place *place, const char *item, uint8_t *bytes,
                                     struct isa_diag *diag)
{
    uint64_t value;
    bool negative;
    unsigned bits = place->width_bytes * 8;
    if (place->letter == 'f')
        return parse_float(place, item, bytes, diag);
    if (!tool_parse_signed(item, &value, &negative))
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "\"%.60s\" is not a 64-bit number", item);
    uint64_t most = negative ? 1ull << (bits - 1) : UINT64_MAX >> (64 - bits);
    if (value > most)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT,
                        "%.60s does not fit %u bits (%c%u): -%llu to %llu", item, bits,
                        place->letter, bits, 1ull << (bits - 1),
                        (unsigned long long)(UINT64_MAX >> (64 - bits)));
    if (negative)
        value = 0 - value;
    for (unsigned i = 0; i < place->width_bytes; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    return DPUSIM_OK;
}

static size_t count_items(const char *list)
{
    size_t count = 1;
    for (; *list; list++)
        count += *list == ',';
    return count;
}

/* "1,2,3" to bytes; *data is malloc'ed. */
static enum dpusim_status parse_list(struct place *place, const char *list, struct isa_bytes *data,
                                     struct isa_diag *diag)
{
    size_t items = count_items(list), done = 0;
    choose_written_type(place, items);
    uint8_t *bytes = tool_realloc(NULL, items, 8);
    enum dpusim_status status = DPUSIM_OK;
    while (!status && done < items) {
        size_t len = strcspn(list, ",");
        char *item = tool_copy(list, len);
        status = parse_item(place, item, bytes + done++ * place->width_bytes, diag);
        free(item);
        list += len + (list[len] == ',');
    }
    *data = (struct isa_bytes){bytes, items * place->width_bytes};
    return status;
}

static enum dpusim_status read_bytes(const char *path, struct isa_bytes *data)
{
    *data = (struct isa_bytes){NULL, 0};
    return tool_read_file("run", path, data) ? DPUSIM_OK : DPUSIM_IO;
}

enum dpusim_status place_write(struct place *place, struct sim_dpu *dpu, const char *value,
                               struct isa_diag *diag)
{
    struct isa_bytes data = {NULL, 0};
    uint32_t left;
    uint64_t count = place->count;
    enum dpusim_status status =
        *value == '@' ? read_bytes(value + 1, &data) : parse_list(place, value, &data, diag);
    if (!status && !count)
        status = bytes_left(place, &left, diag);
    if (!status && count && data.len_bytes > count * place->width_bytes)
        status = isa_fail(diag, DPUSIM_INVALID_SYMBOL_ACCESS,
                          "symbol \"%.200s\": %zu bytes given, but the count asks for %llu",
                          place->symbol->name, data.len_bytes,
                          (unsigned long long)(count * place->width_bytes));
    if (!status)
        status = check_bounds(place, dpu, data.len_bytes, count != 0, diag);
    if (!status && data.len_bytes)
        status = sim_dpu_write(dpu, place->memory, place->start_bytes + place->skipped_bytes,
                               data.data, data.len_bytes, diag);
    free((void *)data.data);
    return status;
}
