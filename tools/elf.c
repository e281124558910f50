/* SPDX-License-Identifier: MIT */
/* `dpusim elf`: segments, sections, symbols of an executable, and for each memory of the DPU what
 * is used and what is free. */
#include <stdlib.h>
#include <string.h>

#include "elf_stack.h"
#include "json.h"
#include "options.h"

/* What one memory holds. Bytes; for the atomic memory bits. */
struct usage {
    uint32_t used, size; /* used: up to the end of the last section or segment */
};

static const char *const memory_keys[ISA_MEMORY_COUNT] = {
    [ISA_IRAM] = "IRAM", [ISA_WRAM] = "WRAM", [ISA_MRAM] = "MRAM", [ISA_ATOMIC] = "atomic"};

static uint32_t memory_size(const struct isa_chip_info *chip, enum isa_memory memory)
{
    switch (memory) {
    case ISA_IRAM:
        return chip->iram_insns * ISA_INSN_BYTES;
    case ISA_WRAM:
        return chip->wram_bytes;
    case ISA_MRAM:
        return ISA_MRAM_BYTES;
    case ISA_ATOMIC:
        return chip->atomic_bits;
    case ISA_MEMORY_COUNT:
        break;
    }
    return 0;
}

static bool is_loaded(const struct isa_section *section)
{
    return (section->flags & 2) != 0; /* SHF_ALLOC */
}

static void extend(struct usage usage[ISA_MEMORY_COUNT], enum isa_memory memory, uint64_t end)
{
    if (end > usage[memory].used)
        usage[memory].used = (uint32_t)end;
}

static void measure(const struct isa_program *program, struct usage usage[ISA_MEMORY_COUNT])
{
    for (int memory = 0; memory < ISA_MEMORY_COUNT; memory++)
        usage[memory] =
            (struct usage){0, memory_size(isa_chip_get(program->chip), (enum isa_memory)memory)};
    for (size_t i = 0; i < program->n_segments; i++)
        extend(usage, program->segments[i].memory,
               (uint64_t)program->segments[i].offset_bytes + program->segments[i].mem_bytes);
    for (size_t i = 0; i < program->n_sections; i++) {
        const struct isa_section *section = &program->sections[i];
        enum isa_memory memory;
        uint32_t offset;
        if (is_loaded(section) && section->size_bytes &&
            isa_address_split(section->address, &memory, &offset))
            extend(usage, memory, (uint64_t)offset + section->size_bytes);
    }
}

static uint32_t free_of(const struct usage *usage)
{
    return usage->used < usage->size ? usage->size - usage->used : 0;
}

static const char *type_name(enum isa_symbol_type type)
{
    static const char *const names[] = {"none", "object", "function", "file"};
    return names[type];
}

/* ------------------------------------------------------------------ text ---------------------- */

static void print_head(const struct isa_program *program)
{
    printf("%s: chip %s, ", program->name, isa_chip_get(program->chip)->name);
    if (program->nr_tasklets)
        printf("%u tasklets, ", program->nr_tasklets);
    printf("entry 0x%08x, flags 0x%08x\n", (unsigned)program->entry, (unsigned)program->e_flags);
}

static void print_segments(const struct isa_program *program)
{
    printf("\nSegments:\n  %-6s %10s %10s %10s  %s\n", "memory", "offset", "in file", "in memory",
           "first section");
    for (size_t i = 0; i < program->n_segments; i++) {
        const struct isa_segment *segment = &program->segments[i];
        printf("  %-6s 0x%08x %10u %10u  %s\n", isa_memory_name(segment->memory),
               (unsigned)segment->offset_bytes, (unsigned)segment->file_bytes,
               (unsigned)segment->mem_bytes, segment->name);
    }
}

static void print_sections(const struct isa_program *program)
{
    printf("\nSections:\n  %-10s %10s  %s\n", "address", "size", "name");
    for (size_t i = 0; i < program->n_sections; i++) {
        const struct isa_section *section = &program->sections[i];
        if (is_loaded(section))
            printf("  0x%08x %10u  %s\n", (unsigned)section->address, (unsigned)section->size_bytes,
                   section->name);
        else
            printf("  %-10s %10u  %s\n", "-", (unsigned)section->size_bytes, section->name);
    }
}

static int by_value(const void *left, const void *right)
{
    const struct isa_symbol *a = *(const struct isa_symbol *const *)left;
    const struct isa_symbol *b = *(const struct isa_symbol *const *)right;
    if (a->absolute != b->absolute)
        return a->absolute ? 1 : -1;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* Defined symbols with a name, by address, absolute ones last. Malloc'ed. */
static const struct isa_symbol **sorted_symbols(const struct isa_program *program, size_t *count)
{
    const struct isa_symbol **sorted = tool_realloc(NULL, program->n_symbols + 1, sizeof *sorted);
    *count = 0;
    for (size_t i = 0; i < program->n_symbols; i++)
        if (program->symbols[i].defined && *program->symbols[i].name &&
            program->symbols[i].type != ISA_SYMBOL_FILE)
            sorted[(*count)++] = &program->symbols[i];
    qsort(sorted, *count, sizeof *sorted, by_value);
    return sorted;
}

static void print_symbols(const struct isa_program *program)
{
    size_t count;
    const struct isa_symbol **sorted = sorted_symbols(program, &count);
    printf("\nSymbols:\n  %-10s %10s %-8s %-6s %s\n", "value", "size", "type", "scope", "name");
    for (size_t i = 0; i < count; i++)
        printf("  0x%08x %10u %-8s %-6s %s\n", (unsigned)sorted[i]->value,
               (unsigned)sorted[i]->size_bytes,
               sorted[i]->absolute ? "number" : type_name(sorted[i]->type),
               sorted[i]->global ? "global" : "local", sorted[i]->name);
    free(sorted);
}

static void print_map(const struct isa_program *program)
{
    struct usage usage[ISA_MEMORY_COUNT];
    measure(program, usage);
    printf("\nMemory map (bytes; instructions in brackets; atomic: bits):\n  %-6s %10s %10s %10s\n",
           "memory", "used", "free", "size");
    for (int memory = 0; memory < ISA_MEMORY_COUNT; memory++) {
        printf("  %-6s %10u %10u %10u", memory_keys[memory], (unsigned)usage[memory].used,
               (unsigned)free_of(&usage[memory]), (unsigned)usage[memory].size);
        if (memory == ISA_IRAM)
            printf("  (%u, %u, %u)", (unsigned)usage[memory].used / ISA_INSN_BYTES,
                   (unsigned)free_of(&usage[memory]) / ISA_INSN_BYTES,
                   (unsigned)usage[memory].size / ISA_INSN_BYTES);
        putchar('\n');
    }
}

static void print_text(const struct isa_program *program)
{
    print_head(program);
    print_segments(program);
    print_sections(program);
    print_symbols(program);
    print_map(program);
}

/* ------------------------------------------------------------------ JSON ---------------------- */

static void json_segments(struct json *json, const struct isa_program *program)
{
    json_open(json, "segments", '[');
    for (size_t i = 0; i < program->n_segments; i++) {
        const struct isa_segment *segment = &program->segments[i];
        json_open(json, NULL, '{');
        json_text(json, "memory", isa_memory_name(segment->memory));
        json_u64(json, "offset", segment->offset_bytes);
        json_u64(json, "file_bytes", segment->file_bytes);
        json_u64(json, "memory_bytes", segment->mem_bytes);
        json_text(json, "name", segment->name);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_sections(struct json *json, const struct isa_program *program)
{
    json_open(json, "sections", '[');
    for (size_t i = 0; i < program->n_sections; i++) {
        const struct isa_section *section = &program->sections[i];
        json_open(json, NULL, '{');
        json_text(json, "name", section->name);
        json_u64(json, "address", section->address);
        json_u64(json, "size", section->size_bytes);
        json_bool(json, "loaded", is_loaded(section));
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void json_symbols(struct json *json, const struct isa_program *program)
{
    size_t count;
    const struct isa_symbol **sorted = sorted_symbols(program, &count);
    json_open(json, "symbols", '[');
    for (size_t i = 0; i < count; i++) {
        json_open(json, NULL, '{');
        json_text(json, "name", sorted[i]->name);
        json_u64(json, "value", sorted[i]->value);
        json_u64(json, "size", sorted[i]->size_bytes);
        json_text(json, "type", type_name(sorted[i]->type));
        json_bool(json, "global", sorted[i]->global);
        json_bool(json, "absolute", sorted[i]->absolute);
        json_text(json, "section", sorted[i]->section);
        json_close(json, '}');
    }
    json_close(json, ']');
    free(sorted);
}

static void json_map(struct json *json, const struct isa_program *program)
{
    struct usage usage[ISA_MEMORY_COUNT];
    measure(program, usage);
    json_open(json, "memories", '{');
    for (int memory = 0; memory < ISA_MEMORY_COUNT; memory++) {
        json_open(json, memory_keys[memory], '{');
        json_u64(json, "used", usage[memory].used);
        json_u64(json, "free", free_of(&usage[memory]));
        json_u64(json, "size", usage[memory].size);
        json_close(json, '}');
    }
    json_close(json, '}');
}

static void print_json(const struct isa_program *program)
{
    struct json json = {.out = stdout};
    json_open(&json, NULL, '{');
    json_text(&json, "file", program->name);
    json_text(&json, "chip", isa_chip_get(program->chip)->name);
    json_u64(&json, "tasklets", program->nr_tasklets);
    json_u64(&json, "entry", program->entry);
    json_u64(&json, "flags", program->e_flags);
    json_segments(&json, program);
    json_sections(&json, program);
    json_symbols(&json, program);
    json_map(&json, program);
    elf_stack_json(program, &json);
    json_close(&json, '}');
}

static int show(const struct verb *verb, const struct elf_options *options)
{
    struct isa_diag diag = {""};
    struct isa_program *program = NULL;
    struct isa_bytes image;
    const char *path = options->operands.items[0];
    if (!tool_read_file(verb->name, path, &image))
        return TOOL_INPUT;
    enum dpusim_status status = isa_program_read(&program, image, path, &tool_report, &diag);
    free((void *)image.data);
    if (status)
        return tool_fail(verb->name, status, &diag);
    if (options->stack && !options->json)
        elf_stack_print(program);
    else if (options->json)
        print_json(program);
    else
        print_text(program);
    isa_program_destroy(program);
    return TOOL_OK;
}

int tool_verb_elf(const struct verb *verb, int argc, char **argv)
{
    struct elf_options options = {0};
    int code;
    if (options_parse(verb, argc, argv, &options, &code))
        code = show(verb, &options);
    options_free(verb, &options);
    return code;
}
