/* SPDX-License-Identifier: MIT */
/* Values by type. What cannot be read is shown as far as it can. */
#include <inttypes.h>
#include <string.h>

#include "value.h"

enum { MOST_NESTED = 32, WORD_BYTES = 4 };

static enum isa_type_kind kind_of(const struct isa_type *type)
{
    const struct isa_type *plain = isa_type_strip(type);
    return plain ? plain->kind : ISA_TYPE_VOID;
}

static bool is_signed(const struct isa_type *plain)
{
    return plain && (plain->kind == ISA_TYPE_SIGNED || plain->kind == ISA_TYPE_ENUM ||
                     (plain->kind == ISA_TYPE_CHAR && plain->is_signed));
}

static uint64_t raw(const struct sim_dpu *dpu, const struct sim_place *place)
{
    uint64_t bits = 0;
    size_t len = place->size_bytes < sizeof bits ? (size_t)place->size_bytes : sizeof bits;
    (void)!sim_dpu_read(dpu, place->memory, place->offset_bytes, &bits, len, NULL);
    return bits;
}

int64_t value_integer(const struct sim_dpu *dpu, const struct sim_place *place)
{
    struct sim_place whole = *place;
    unsigned width = place->bit_size ? place->bit_size : (unsigned)place->size_bytes * 8;
    if (place->bit_size)
        whole.size_bytes = (place->bit_offset + place->bit_size + 7u) / 8u;
    uint64_t bits = raw(dpu, &whole) >> place->bit_offset;
    if (width == 0 || width >= 64)
        return (int64_t)bits;
    bits <<= 64 - width;
    return is_signed(isa_type_strip(place->type)) ? (int64_t)bits >> (64 - width)
                                                  : (int64_t)(bits >> (64 - width));
}

static double real(const struct sim_dpu *dpu, const struct sim_place *place)
{
    uint64_t bits = raw(dpu, place);
    float narrow;
    double wide;
    memcpy(&narrow, &bits, sizeof narrow);
    memcpy(&wide, &bits, sizeof wide);
    return place->size_bytes == sizeof narrow ? (double)narrow : wide;
}

static int digits(const struct sim_place *place)
{
    return place->size_bytes == sizeof(float) ? 9 : 17;
}

static const char *enumerator_name(const struct isa_type *plain, int64_t value)
{
    for (size_t i = 0; i < plain->n_enumerators; i++)
        if (plain->enumerators[i].value == value)
            return plain->enumerators[i].name;
    return NULL;
}

static struct sim_place part(const struct sim_place *whole, const struct isa_type *type,
                             uint64_t offset_bytes)
{
    const struct isa_type *plain = isa_type_strip(type);
    return (struct sim_place){.memory = whole->memory,
                              .offset_bytes = whole->offset_bytes + (uint32_t)offset_bytes,
                              .size_bytes = plain ? plain->size_bytes : 0,
                              .type = type};
}

static struct sim_place member_place(const struct sim_place *whole, const struct isa_member *member)
{
    struct sim_place place = part(whole, member->type, member->offset_bytes);
    place.bit_offset = member->bit_offset;
    place.bit_size = member->bit_size;
    return place;
}

static bool is_text(const struct isa_type *array)
{
    return kind_of(array->target) == ISA_TYPE_CHAR;
}

/* ---- text ----------------------------------------------------------------------------------- */

struct printer {
    const struct sim_dpu *dpu;
    FILE *out;
    uint64_t most;
};

static void print(const struct printer *p, const struct sim_place *place, unsigned depth);

static void print_pointer(const struct printer *p, const struct sim_place *place,
                          const struct isa_type *plain)
{
    uint32_t address = (uint32_t)raw(p->dpu, place);
    bool code = kind_of(plain->target) == ISA_TYPE_FUNCTION;
    enum isa_memory memory = code ? ISA_IRAM : plain->is_mram ? ISA_MRAM : ISA_WRAM;
    char name[256] = "";
    fprintf(p->out, "0x%" PRIx32, address);
    if (address || plain->is_mram)
        sim_place_name(sim_dpu_program(p->dpu), memory, code ? address * ISA_INSN_BYTES : address,
                       NULL, name, sizeof name);
    if (*name && strncmp(name, "0x", 2) != 0)
        fprintf(p->out, " <%s>", name);
}

static void print_char(FILE *out, int64_t value)
{
    if (value >= ' ' && value <= '~')
        fprintf(out, value == '\'' || value == '\\' ? " '\\%c'" : " '%c'", (char)value);
}

static void print_scalar(const struct printer *p, const struct sim_place *place,
                         const struct isa_type *plain)
{
    int64_t value = value_integer(p->dpu, place);
    const char *name;
    switch (plain->kind) {
    case ISA_TYPE_FLOAT:
        fprintf(p->out, "%.*g", digits(place), real(p->dpu, place));
        break;
    case ISA_TYPE_BOOL:
        fputs(value ? "true" : "false", p->out);
        break;
    case ISA_TYPE_POINTER:
        print_pointer(p, place, plain);
        break;
    case ISA_TYPE_ENUM:
        name = enumerator_name(plain, value);
        if (name)
            fputs(name, p->out);
        else
            fprintf(p->out, "%" PRId64, value);
        break;
    case ISA_TYPE_UNSIGNED:
        fprintf(p->out, "%" PRIu64, (uint64_t)value);
        break;
    default:
        fprintf(p->out, "%" PRId64, value);
        if (plain->kind == ISA_TYPE_CHAR)
            print_char(p->out, value);
    }
}

static void print_structure(const struct printer *p, const struct sim_place *place,
                            const struct isa_type *plain, unsigned depth)
{
    fputc('{', p->out);
    for (size_t i = 0; i < plain->n_members; i++) {
        struct sim_place inner = member_place(place, &plain->members[i]);
        fputs(i ? ", " : "", p->out);
        if (*plain->members[i].name)
            fprintf(p->out, "%s = ", plain->members[i].name);
        print(p, &inner, depth + 1);
    }
    fputc('}', p->out);
}

static bool same_bytes(const struct printer *p, const struct sim_place *a,
                       const struct sim_place *b)
{
    uint8_t left[256], right[256];
    for (uint64_t done = 0; done < a->size_bytes; done += sizeof left) {
        size_t len =
            a->size_bytes - done < sizeof left ? (size_t)(a->size_bytes - done) : sizeof left;
        if (sim_dpu_read(p->dpu, a->memory, a->offset_bytes + (uint32_t)done, left, len, NULL) ||
            sim_dpu_read(p->dpu, b->memory, b->offset_bytes + (uint32_t)done, right, len, NULL) ||
            memcmp(left, right, len) != 0)
            return false;
    }
    return true;
}

static void print_string(const struct printer *p, const struct sim_place *place, uint64_t count)
{
    fputc('"', p->out);
    for (uint64_t i = 0; i < count; i++) {
        struct sim_place one = {.memory = place->memory,
                                .offset_bytes = place->offset_bytes + (uint32_t)i,
                                .size_bytes = 1};
        int c = (int)raw(p->dpu, &one);
        if (c == 0)
            break;
        if (c < ' ' || c > '~' || c == '"' || c == '\\')
            fprintf(p->out, "\\%03o", c);
        else
            fputc(c, p->out);
    }
    fputc('"', p->out);
}

/* Equal neighbours are counted. */
static void print_elements(const struct printer *p, const struct sim_place *place,
                           const struct isa_type *plain, uint64_t count, unsigned depth)
{
    enum { WORTH_COUNTING = 4 };
    uint64_t shown = 0, i = 0;
    fputc('{', p->out);
    for (; i < count && (!p->most || shown < p->most); shown++) {
        struct sim_place one = part(place, plain->target, 0);
        one.offset_bytes += (uint32_t)(i * one.size_bytes);
        uint64_t run = 1;
        for (struct sim_place next = one; one.size_bytes && i + run < count; run++) {
            next.offset_bytes = one.offset_bytes + (uint32_t)(run * one.size_bytes);
            if (!same_bytes(p, &one, &next))
                break;
        }
        run = run > WORTH_COUNTING ? run : 1;
        fputs(i ? ", " : "", p->out);
        print(p, &one, depth + 1);
        if (run > 1)
            fprintf(p->out, " <%" PRIu64 " times>", run);
        i += run;
    }
    fputs(i < count ? ", ...}" : "}", p->out);
}

/* Elements of an array; one without a number fills its symbol, as an extern one does. */
static uint64_t elements(const struct sim_place *place, const struct isa_type *plain)
{
    const struct isa_type *element = isa_type_strip(plain->target);
    if (plain->count || !element || !element->size_bytes)
        return plain->count;
    return place->size_bytes / element->size_bytes;
}

static void print_array(const struct printer *p, const struct sim_place *place,
                        const struct isa_type *plain, unsigned depth)
{
    uint64_t count = elements(place, plain);
    if (is_text(plain))
        print_string(p, place, count);
    else
        print_elements(p, place, plain, count, depth);
}

/* Without a type: words or bytes in hexadecimal. */
static void print_raw(const struct printer *p, const struct sim_place *place)
{
    bool words = place->size_bytes % WORD_BYTES == 0;
    uint64_t each = words ? WORD_BYTES : 1;
    uint64_t count = place->size_bytes / each;
    for (uint64_t i = 0; i < count; i++) {
        if (p->most && i == p->most) {
            fputs(" ...", p->out);
            break;
        }
        struct sim_place one = {.memory = place->memory,
                                .offset_bytes = place->offset_bytes + (uint32_t)(i * each),
                                .size_bytes = each};
        fprintf(p->out, words ? "%s0x%08" PRIx64 : "%s0x%02" PRIx64, i ? " " : "",
                raw(p->dpu, &one));
    }
}

static void print(const struct printer *p, const struct sim_place *place, unsigned depth)
{
    const struct isa_type *plain = isa_type_strip(place->type);
    enum isa_type_kind kind = kind_of(place->type);
    if (depth > MOST_NESTED)
        fputs("...", p->out);
    else if (kind == ISA_TYPE_VOID || kind == ISA_TYPE_FUNCTION)
        print_raw(p, place);
    else if (kind == ISA_TYPE_ARRAY)
        print_array(p, place, plain, depth);
    else if (kind == ISA_TYPE_STRUCT || kind == ISA_TYPE_UNION)
        print_structure(p, place, plain, depth);
    else
        print_scalar(p, place, plain);
}

void value_print(const struct sim_dpu *dpu, const struct sim_place *place, uint64_t most, FILE *out)
{
    struct printer printer = {dpu, out, most};
    print(&printer, place, 0);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void json_scalar(const struct sim_dpu *dpu, const struct sim_place *place,
                        const struct isa_type *plain, struct json *json, const char *key)
{
    int64_t value = value_integer(dpu, place);
    const char *name = plain->kind == ISA_TYPE_ENUM ? enumerator_name(plain, value) : NULL;
    if (name)
        json_text(json, key, name);
    else if (plain->kind == ISA_TYPE_FLOAT)
        json_number(json, key, real(dpu, place), digits(place));
    else if (plain->kind == ISA_TYPE_BOOL)
        json_bool(json, key, value != 0);
    else if (is_signed(plain))
        json_i64(json, key, value);
    else
        json_u64(json, key, (uint64_t)value);
}

static void to_json(const struct sim_dpu *dpu, const struct sim_place *place, struct json *json,
                    const char *key, unsigned depth);

static void json_structure(const struct sim_dpu *dpu, const struct sim_place *place,
                           const struct isa_type *plain, struct json *json, unsigned depth)
{
    for (size_t i = 0; i < plain->n_members; i++) {
        const struct isa_member *member = &plain->members[i];
        struct sim_place inner = member_place(place, member);
        const struct isa_type *type = isa_type_strip(member->type);
        bool nameless = !*member->name && type && type->n_members && depth < MOST_NESTED;
        if (nameless) /* its members are this one's */
            json_structure(dpu, &inner, type, json, depth + 1);
        else
            to_json(dpu, &inner, json, member->name, depth + 1);
    }
}

static void json_elements(const struct sim_dpu *dpu, const struct sim_place *place,
                          const struct isa_type *plain, struct json *json, unsigned depth)
{
    uint64_t count = elements(place, plain);
    for (uint64_t i = 0; i < count; i++) {
        struct sim_place one = part(place, plain->target, 0);
        one.offset_bytes += (uint32_t)(i * one.size_bytes);
        to_json(dpu, &one, json, NULL, depth + 1);
    }
}

static void json_raw(const struct sim_dpu *dpu, const struct sim_place *place, struct json *json)
{
    uint64_t each = place->size_bytes % WORD_BYTES == 0 ? WORD_BYTES : 1;
    for (uint64_t i = 0; i < place->size_bytes / each; i++) {
        struct sim_place one = {.memory = place->memory,
                                .offset_bytes = place->offset_bytes + (uint32_t)(i * each),
                                .size_bytes = each};
        json_u64(json, NULL, raw(dpu, &one));
    }
}

static void to_json(const struct sim_dpu *dpu, const struct sim_place *place, struct json *json,
                    const char *key, unsigned depth)
{
    const struct isa_type *plain = isa_type_strip(place->type);
    enum isa_type_kind kind = kind_of(place->type);
    if (depth > MOST_NESTED) {
        json_text(json, key, NULL);
    } else if (kind == ISA_TYPE_STRUCT || kind == ISA_TYPE_UNION) {
        json_open(json, key, '{');
        json_structure(dpu, place, plain, json, depth);
        json_close(json, '}');
    } else if (kind == ISA_TYPE_ARRAY) {
        json_open(json, key, '[');
        json_elements(dpu, place, plain, json, depth);
        json_close(json, ']');
    } else if (kind == ISA_TYPE_VOID || kind == ISA_TYPE_FUNCTION) {
        json_open(json, key, '[');
        json_raw(dpu, place, json);
        json_close(json, ']');
    } else
        json_scalar(dpu, place, plain, json, key);
}

void value_json(const struct sim_dpu *dpu, const struct sim_place *place, struct json *json,
                const char *key)
{
    to_json(dpu, place, json, key, 0);
}
