/* SPDX-License-Identifier: MIT */
/* Types of objects and functions through libdw: read at the first question, once, into tables of
 * our own. What is damaged or unknown becomes a type without size. Names point into the file's
 * bytes no longer than libdw lives, so they are copied. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "program.h"

enum { BLOCK_BYTES = 65536, FIRST_SLOTS = 1024, MOST_NAMED = 64, MOST_MEMBERS = 65536 };

struct isa_block {
    struct isa_block *next;
    size_t used, size;
    max_align_t bytes[];
};

struct slot {
    Dwarf_Off offset;
    struct isa_type *type; /* NULL: free */
};

struct reader {
    struct isa_types *types;
    size_t capacity;
    struct slot *slots;
    size_t n_slots, n_used;
    bool no_memory;
};

/* ---- memory --------------------------------------------------------------------------------- */

static void *take(struct reader *r, size_t size_bytes)
{
    struct isa_block *block = r->types->blocks;
    size_bytes = (size_bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (!block || size_bytes > block->size - block->used) {
        size_t size = size_bytes > BLOCK_BYTES ? size_bytes : BLOCK_BYTES;
        block = calloc(1, sizeof *block + size);
        if (!block) {
            r->no_memory = true;
            return NULL;
        }
        block->size = size;
        block->next = r->types->blocks;
        r->types->blocks = block;
    }
    void *taken = (uint8_t *)block->bytes + block->used;
    block->used += size_bytes;
    return taken;
}

static const char *copy_name(struct reader *r, Dwarf_Die *die)
{
    const char *name = dwarf_diename(die);
    char *copy = name && *name ? take(r, strlen(name) + 1) : NULL;
    return copy ? strcpy(copy, name) : "";
}

void isa_types_destroy(struct isa_types *types)
{
    while (types && types->blocks) {
        struct isa_block *next = types->blocks->next;
        free(types->blocks);
        types->blocks = next;
    }
    if (types)
        free(types->objects);
    free(types);
}

/* ---- types by their place in the file ------------------------------------------------------- */

static struct slot *slot_of(const struct reader *r, Dwarf_Off offset)
{
    size_t at = (size_t)(offset * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (r->n_slots - 1);
    while (r->slots[at].type && r->slots[at].offset != offset)
        at = (at + 1) & (r->n_slots - 1);
    return &r->slots[at];
}

static bool grow_slots(struct reader *r)
{
    struct slot *old = r->slots;
    size_t n_old = r->n_slots;
    struct slot *larger = calloc(n_old ? n_old * 2 : FIRST_SLOTS, sizeof *larger);
    if (!larger) {
        r->no_memory = true;
        return false;
    }
    r->slots = larger;
    r->n_slots = n_old ? n_old * 2 : FIRST_SLOTS;
    for (size_t i = 0; i < n_old; i++)
        if (old[i].type)
            *slot_of(r, old[i].offset) = old[i];
    free(old);
    return true;
}

/* ---- attributes ----------------------------------------------------------------------------- */

static uint64_t number(Dwarf_Die *die, unsigned attribute, uint64_t absent)
{
    Dwarf_Attribute found;
    Dwarf_Word value;
    if (!dwarf_attr(die, attribute, &found) || dwarf_formudata(&found, &value) != 0)
        return absent;
    return value;
}

static int64_t signed_number(Dwarf_Die *die, unsigned attribute)
{
    Dwarf_Attribute found;
    Dwarf_Sword value;
    if (!dwarf_attr(die, attribute, &found) || dwarf_formsdata(&found, &value) != 0)
        return 0;
    return value;
}

static struct isa_type *type_of(struct reader *r, Dwarf_Die *die);

/* Of what DW_AT_type names; NULL: void. */
static const struct isa_type *linked_type(struct reader *r, Dwarf_Die *die)
{
    Dwarf_Attribute found;
    Dwarf_Die target;
    if (!dwarf_attr(die, DW_AT_type, &found) || !dwarf_formref_die(&found, &target))
        return NULL;
    return type_of(r, &target);
}

static size_t count_children(Dwarf_Die *die, int tag, int other)
{
    Dwarf_Die child;
    size_t count = 0;
    for (int more = dwarf_child(die, &child); more == 0 && count < MOST_MEMBERS;
         more = dwarf_siblingof(&child, &child))
        count += dwarf_tag(&child) == tag || dwarf_tag(&child) == other;
    return count;
}

/* ---- kinds of types ------------------------------------------------------------------------- */

static void base_type(struct isa_type *type, Dwarf_Die *die)
{
    switch (number(die, DW_AT_encoding, 0)) {
    case DW_ATE_boolean:
        type->kind = ISA_TYPE_BOOL;
        break;
    case DW_ATE_float:
        type->kind = ISA_TYPE_FLOAT;
        break;
    case DW_ATE_signed_char:
        type->is_signed = true;
        type->kind = ISA_TYPE_CHAR;
        break;
    case DW_ATE_unsigned_char:
        type->kind = ISA_TYPE_CHAR;
        break;
    case DW_ATE_signed:
        type->kind = ISA_TYPE_SIGNED;
        break;
    default:
        type->kind = ISA_TYPE_UNSIGNED;
    }
}

static void read_member(struct reader *r, struct isa_member *member, Dwarf_Die *die)
{
    uint64_t bits = number(die, DW_AT_bit_size, 0);
    uint64_t offset_bits = number(die, DW_AT_data_bit_offset, 0);
    member->name = copy_name(r, die);
    member->type = linked_type(r, die);
    member->offset_bytes = (uint32_t)number(die, DW_AT_data_member_location, offset_bits / 8);
    if (bits && bits <= 64) {
        member->bit_size = (uint8_t)bits;
        member->bit_offset = offset_bits % 8;
    }
}

/* Members of a structure, parameters of a function. */
static void read_members(struct reader *r, struct isa_type *type, Dwarf_Die *die, int tag)
{
    Dwarf_Die child;
    size_t count = count_children(die, tag, tag), done = 0;
    struct isa_member *members = count ? take(r, count * sizeof *members) : NULL;
    for (int more = dwarf_child(die, &child); more == 0 && members;
         more = dwarf_siblingof(&child, &child))
        if (dwarf_tag(&child) == tag && done < count)
            read_member(r, &members[done++], &child);
    type->members = members;
    type->n_members = done;
}

static void read_enumerators(struct reader *r, struct isa_type *type, Dwarf_Die *die)
{
    Dwarf_Die child;
    size_t count = count_children(die, DW_TAG_enumerator, DW_TAG_enumerator), done = 0;
    struct isa_enumerator *all = count ? take(r, count * sizeof *all) : NULL;
    for (int more = dwarf_child(die, &child); more == 0 && all;
         more = dwarf_siblingof(&child, &child))
        if (dwarf_tag(&child) == DW_TAG_enumerator && done < count)
            all[done++] = (struct isa_enumerator){copy_name(r, &child),
                                                  signed_number(&child, DW_AT_const_value)};
    type->enumerators = all;
    type->n_enumerators = done;
    type->is_signed = true;
}

static uint64_t element_count(Dwarf_Die *subrange)
{
    uint64_t past = number(subrange, DW_AT_upper_bound, UINT64_MAX) + 1;
    return number(subrange, DW_AT_count, past);
}

/* The element's size times their number; 0 when that cannot be a size. */
static void measure_array(struct isa_type *type)
{
    uint64_t each = type->target ? type->target->size_bytes : 0;
    type->size_bytes = each && type->count <= ISA_MRAM_BYTES / each ? each * type->count : 0;
}

/* Arrays of several dimensions are arrays of arrays. */
static void array_type(struct reader *r, struct isa_type *type, Dwarf_Die *die)
{
    enum { MOST_DIMENSIONS = 8 };
    uint64_t counts[MOST_DIMENSIONS] = {0};
    unsigned n = 0;
    Dwarf_Die child;
    for (int more = dwarf_child(die, &child); more == 0 && n < MOST_DIMENSIONS;
         more = dwarf_siblingof(&child, &child))
        if (dwarf_tag(&child) == DW_TAG_subrange_type)
            counts[n++] = element_count(&child);
    const struct isa_type *element = linked_type(r, die);
    while (n > 1) {
        struct isa_type *inner = take(r, sizeof *inner);
        if (!inner)
            return;
        *inner = (struct isa_type){
            .kind = ISA_TYPE_ARRAY, .name = "", .target = element, .count = counts[--n]};
        measure_array(inner);
        element = inner;
    }
    type->kind = ISA_TYPE_ARRAY;
    type->target = element;
    type->count = n ? counts[0] : 0;
    measure_array(type);
}

static void function_type(struct reader *r, struct isa_type *type, Dwarf_Die *die)
{
    type->kind = ISA_TYPE_FUNCTION;
    type->target = linked_type(r, die);
    type->is_variadic =
        count_children(die, DW_TAG_unspecified_parameters, DW_TAG_unspecified_parameters) > 0;
    read_members(r, type, die, DW_TAG_formal_parameter);
}

static void pointer_type(struct reader *r, struct isa_type *type, Dwarf_Die *die)
{
    enum { MRAM_SPACE = 255 }; /* documented: address space of __mram_ptr */
    type->kind = ISA_TYPE_POINTER;
    type->size_bytes = 4;
    type->is_mram = number(die, DW_AT_address_class, 0) == MRAM_SPACE;
    type->target = linked_type(r, die);
}

static void named_type(struct reader *r, struct isa_type *type, Dwarf_Die *die)
{
    type->kind = ISA_TYPE_NAMED;
    type->target = linked_type(r, die);
    type->size_bytes = type->target ? type->target->size_bytes : 0;
}

static void fill(struct reader *r, struct isa_type *type, Dwarf_Die *die)
{
    type->name = copy_name(r, die);
    type->size_bytes = number(die, DW_AT_byte_size, 0);
    switch (dwarf_tag(die)) {
    case DW_TAG_base_type:
        base_type(type, die);
        break;
    case DW_TAG_pointer_type:
        pointer_type(r, type, die);
        break;
    case DW_TAG_array_type:
        array_type(r, type, die);
        break;
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
        type->kind = dwarf_tag(die) == DW_TAG_union_type ? ISA_TYPE_UNION : ISA_TYPE_STRUCT;
        read_members(r, type, die, DW_TAG_member);
        break;
    case DW_TAG_enumeration_type:
        type->kind = ISA_TYPE_ENUM;
        read_enumerators(r, type, die);
        break;
    case DW_TAG_subroutine_type:
    case DW_TAG_subprogram:
        function_type(r, type, die);
        break;
    default: /* typedefs, and qualifiers, which have no name */
        named_type(r, type, die);
    }
}

/* A type that is met while it is read is complete when all are. */
static struct isa_type *type_of(struct reader *r, Dwarf_Die *die)
{
    Dwarf_Off offset = dwarf_dieoffset(die);
    if (r->n_used * 2 >= r->n_slots && !grow_slots(r))
        return NULL;
    struct slot *slot = slot_of(r, offset);
    if (slot->type)
        return slot->type;
    struct isa_type *type = take(r, sizeof *type);
    if (!type)
        return NULL;
    *type = (struct isa_type){.kind = ISA_TYPE_VOID, .name = ""};
    *slot = (struct slot){offset, type};
    r->n_used++;
    fill(r, type, die);
    return type;
}

/* ---- objects and functions ------------------------------------------------------------------ */

static void add(struct reader *r, uint64_t address, const struct isa_type *type)
{
    struct isa_types *types = r->types;
    if (!type || address > UINT32_MAX)
        return;
    if (!isa_array_reserve(&types->objects, &r->capacity, types->n_objects,
                           sizeof *types->objects)) {
        r->no_memory = true;
        return;
    }
    types->objects[types->n_objects++] = (struct isa_typed){(uint32_t)address, type};
}

static void add_variable(struct reader *r, Dwarf_Die *die)
{
    Dwarf_Attribute location;
    Dwarf_Op *operations;
    size_t count;
    if (!dwarf_attr(die, DW_AT_location, &location) ||
        dwarf_getlocation(&location, &operations, &count) != 0 || count != 1 ||
        operations[0].atom != DW_OP_addr || operations[0].number == 0)
        return;
    add(r, operations[0].number, linked_type(r, die));
}

/* Address 0 stands for what the linker has left out. */
static void add_function(struct reader *r, Dwarf_Die *die)
{
    Dwarf_Addr start;
    if (dwarf_lowpc(die, &start) == 0 && start != 0)
        add(r, start, type_of(r, die));
}

static void read_unit(struct reader *r, Dwarf_Die *unit)
{
    Dwarf_Die child;
    for (int more = dwarf_child(unit, &child); more == 0 && !r->no_memory;
         more = dwarf_siblingof(&child, &child))
        if (dwarf_tag(&child) == DW_TAG_variable)
            add_variable(r, &child);
        else if (dwarf_tag(&child) == DW_TAG_subprogram)
            add_function(r, &child);
}

static bool read_units(void *context, void *dwarf)
{
    struct reader *r = context;
    Dwarf_Off offset = 0, next = 0;
    size_t header_bytes;
    Dwarf_Die unit;
    while (!r->no_memory &&
           dwarf_nextcu(dwarf, offset, &next, &header_bytes, NULL, NULL, NULL) == 0) {
        if (dwarf_offdie(dwarf, offset + header_bytes, &unit))
            read_unit(r, &unit);
        if (next <= offset)
            break;
        offset = next;
    }
    return true;
}

static int by_address(const void *a, const void *b)
{
    const struct isa_typed *left = a, *right = b;
    return (left->address > right->address) - (left->address < right->address);
}

static struct isa_types *types_read(struct isa_bytes image, const char *name)
{
    struct reader r = {.types = calloc(1, sizeof *r.types)};
    bool good = r.types && isa_dwarf_visit(image, name, read_units, &r) && !r.no_memory;
    free(r.slots);
    if (!good) {
        isa_types_destroy(r.types);
        return NULL;
    }
    if (r.types->n_objects)
        qsort(r.types->objects, r.types->n_objects, sizeof *r.types->objects, by_address);
    return r.types;
}

/* ---- public --------------------------------------------------------------------------------- */

const struct isa_type *isa_program_type_at(const struct isa_program *program, uint32_t address)
{
    struct isa_program_private *priv = program->priv;
    pthread_mutex_lock(&priv->lines_lock);
    if (!priv->types_tried)
        priv->types = types_read((struct isa_bytes){priv->image, priv->image_bytes}, program->name);
    priv->types_tried = true;
    const struct isa_types *types = priv->types;
    pthread_mutex_unlock(&priv->lines_lock);
    const struct isa_typed wanted = {address, NULL};
    if (!types || !types->n_objects)
        return NULL;
    const struct isa_typed *found =
        bsearch(&wanted, types->objects, types->n_objects, sizeof wanted, by_address);
    return found ? found->type : NULL;
}

const struct isa_type *isa_type_strip(const struct isa_type *type)
{
    for (unsigned i = 0; type && type->kind == ISA_TYPE_NAMED; i++) {
        if (i == MOST_NAMED) /* a damaged file: they go round in a circle */
            return NULL;
        type = type->target;
    }
    return type;
}
