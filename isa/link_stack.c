/* SPDX-License-Identifier: MIT */
/* Stacks that are too small: frames from .stack_sizes, calls from relocations of code, and of all
 * chains of calls the one that takes most. Calls through pointers, recursion and functions of
 * assembly without a size are not seen, so the sum is a lower bound and the report a warning. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "link.h"
#include "message.h"

enum { NOBODY = -1, SHOWN_CALLS = 6 };

struct frame {
    uint32_t address, size_bytes;
    const char *name;
    uint32_t deepest_bytes; /* with what it calls */
    int32_t callee;         /* on the way there; NOBODY: none */
    enum { OPEN, BUSY, DONE } state;
};

struct call {
    uint32_t from, to; /* frames */
};

struct stacks {
    struct link *link;
    struct frame *frames; /* by address */
    size_t n_frames, frames_capacity;
    struct call *calls; /* by caller */
    size_t n_calls, calls_capacity;
};

/* ---- frames --------------------------------------------------------------------------------- */

static const char *name_of(const struct link *link, int32_t file, uint32_t address)
{
    const struct isa_object *object = link->files[file].object;
    struct link_place place;
    for (uint32_t i = 0; i < object->n_symbols; i++)
        if (object->symbols[i].type == STT_FUNC &&
            isa_link_locate_symbol(link, file, i, 0, &place) == LINK_FOUND &&
            place.address == address)
            return object->symbols[i].name;
    return "(no name)";
}

static uint32_t uleb128(const struct isa_object_section *section, uint32_t at)
{
    uint64_t value = 0;
    for (unsigned shift = 0; at < section->size_bytes && shift < 32; shift += 7, at++) {
        value |= (uint64_t)(section->data[at] & 0x7f) << shift;
        if (!(section->data[at] & 0x80))
            break;
    }
    return (uint32_t)value;
}

static void add_frame(struct stacks *s, int32_t file, const struct isa_object_section *section,
                      const struct isa_object_reloc *reloc)
{
    struct link_place place;
    uint32_t inner = (uint32_t)reloc->addend;
    if (reloc->type != ISA_R_32 ||
        isa_link_locate_symbol(s->link, file, reloc->symbol, inner, &place) != LINK_FOUND)
        return;
    if (!isa_array_reserve(&s->frames, &s->frames_capacity, s->n_frames, sizeof *s->frames)) {
        s->link->no_memory = true;
        return;
    }
    s->frames[s->n_frames++] = (struct frame){
        .address = place.address,
        .size_bytes = uleb128(section, reloc->offset_bytes + (uint32_t)sizeof place.address),
        .name = name_of(s->link, file, place.address),
        .callee = NOBODY};
}

static int by_address(const void *a, const void *b)
{
    const struct frame *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

/* The last frame that begins at or before an address; NOBODY: none. */
static int32_t frame_at(const struct stacks *s, uint32_t address)
{
    size_t low = 0, high = s->n_frames;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->frames[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return (int32_t)low - 1;
}

/* ---- calls ---------------------------------------------------------------------------------- */

static void add_calls(struct stacks *s, int32_t file, int32_t section)
{
    const struct isa_object_section *code = &s->link->files[file].object->sections[section];
    struct link_place base, target;
    if (!isa_link_locate(s->link, file, section, 0, &base))
        return;
    for (size_t i = 0; i < code->n_relocs && !s->link->no_memory; i++) {
        const struct isa_object_reloc *reloc = &code->relocs[i];
        bool is_call = reloc->type == ISA_R_IMM24 || reloc->type == ISA_R_PC;
        uint32_t inner = (uint32_t)reloc->addend;
        if (!is_call || isa_link_locate_symbol(s->link, file, reloc->symbol, inner, &target))
            continue;
        int32_t from = frame_at(s, base.address + reloc->offset_bytes);
        int32_t to = frame_at(s, target.address);
        if (from == NOBODY || s->frames[from].address < base.address || to == NOBODY ||
            s->frames[to].address != target.address)
            continue;
        if (!isa_array_reserve(&s->calls, &s->calls_capacity, s->n_calls, sizeof *s->calls))
            s->link->no_memory = true;
        else
            s->calls[s->n_calls++] = (struct call){(uint32_t)from, (uint32_t)to};
    }
}

static int by_caller(const void *a, const void *b)
{
    const struct call *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

static size_t first_call(const struct stacks *s, uint32_t from)
{
    size_t low = 0, high = s->n_calls;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->calls[middle].from < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- the deepest chain ---------------------------------------------------------------------- */

static uint32_t measure(struct stacks *s, uint32_t number)
{
    struct frame *frame = &s->frames[number];
    uint32_t below = 0;
    if (frame->state == BUSY) /* recursion: once round */
        return 0;
    if (frame->state == DONE)
        return frame->deepest_bytes;
    frame->state = BUSY;
    for (size_t i = first_call(s, number); i < s->n_calls && s->calls[i].from == number; i++) {
        uint32_t depth = measure(s, s->calls[i].to);
        if (depth > below) {
            below = depth;
            frame->callee = (int32_t)s->calls[i].to;
        }
    }
    frame->deepest_bytes = frame->size_bytes + below;
    frame->state = DONE;
    return frame->deepest_bytes;
}

/* Stacks may differ when tasklets do different work: only what fits none of them is told. */
static void report(const struct stacks *s, const struct frame *deepest)
{
    const struct link *link = s->link;
    uint32_t largest = 0;
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        uint32_t size_bytes = isa_link_absolute(link, link->stack_sizes[i]);
        if (i < isa_link_absolute(link, "NR_TASKLETS") && size_bytes > largest)
            largest = size_bytes;
    }
    if (!largest || deepest->deepest_bytes <= largest)
        return;
    char chain[512] = "";
    size_t len = 0;
    const struct frame *frame = deepest;
    for (unsigned i = 0; i < SHOWN_CALLS && frame; i++) {
        len += (size_t)snprintf(chain + len, sizeof chain - len, "%s%.60s %u", i ? ", " : "",
                                frame->name, frame->size_bytes);
        frame = frame->callee == NOBODY ? NULL : &s->frames[frame->callee];
    }
    isa_message(link->report, ISA_WARNING, NULL,
                "%.80s needs at least %u bytes of stack (%s%s), a tasklet has %u: "
                "-DSTACK_SIZE_DEFAULT=%u gives that much to each",
                deepest->name, deepest->deepest_bytes, chain, frame ? " ..." : "", largest,
                (deepest->deepest_bytes + 7) / 8 * 8);
}

static void each_section(struct stacks *s, bool sizes)
{
    for (size_t f = 0; f < s->link->n_files && !s->link->no_memory; f++) {
        const struct isa_object *object = s->link->files[f].object;
        for (size_t i = 0; i < object->n_sections && s->link->files[f].live; i++) {
            const struct isa_object_section *section = &object->sections[i];
            bool is_sizes = strcmp(section->name, ".stack_sizes") == 0 && section->data;
            for (size_t k = 0; sizes && is_sizes && k < section->n_relocs; k++)
                add_frame(s, (int32_t)f, section, &section->relocs[k]);
            if (!sizes && (section->flags & SHF_EXECINSTR))
                add_calls(s, (int32_t)f, (int32_t)i);
        }
    }
}

void isa_link_check_stacks(struct link *link)
{
    struct stacks s = {.link = link};
    const struct frame *deepest = NULL;
    each_section(&s, true);
    if (s.n_frames)
        qsort(s.frames, s.n_frames, sizeof *s.frames, by_address);
    each_section(&s, false);
    if (s.n_calls)
        qsort(s.calls, s.n_calls, sizeof *s.calls, by_caller);
    for (uint32_t i = 0; i < s.n_frames && !link->no_memory; i++)
        if (measure(&s, i) && (!deepest || s.frames[i].deepest_bytes > deepest->deepest_bytes))
            deepest = &s.frames[i];
    if (deepest)
        report(&s, deepest);
    free(s.frames);
    free(s.calls);
}
