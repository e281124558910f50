/* SPDX-License-Identifier: MIT */
/* Loadable segments of a program file. Memory by address, then bounds, then the granule of each
 * memory: 8 bytes in IRAM and MRAM, 4 in WRAM (documented: SDK loader). Segments may not overlap; a
 * segment of atomic bits holds no bytes and is dropped. */
#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"
#include "elf_check.h"
#include "elf_segment.h"

#define INVALID(...) isa_fail(diag, DPUSIM_ELF_INVALID, __VA_ARGS__)

static const struct {
    const char *name;
    uint32_t base, granule_bytes;
    enum dpusim_status status;
} memories[ISA_MEMORY_COUNT] = {
    [ISA_IRAM] = {"IRAM", ISA_IRAM_BASE, ISA_INSN_BYTES, DPUSIM_INVALID_IRAM_ACCESS},
    [ISA_WRAM] = {"WRAM", ISA_WRAM_BASE, 4, DPUSIM_INVALID_WRAM_ACCESS},
    [ISA_MRAM] = {"MRAM", ISA_MRAM_BASE, ISA_DMA_GRANULE_BYTES, DPUSIM_INVALID_MRAM_ACCESS},
    [ISA_ATOMIC] = {"atomic bits", ISA_ATOMIC_BASE, 1, DPUSIM_ELF_INVALID},
};

const char *isa_memory_name(enum isa_memory memory)
{
    return memory < ISA_MEMORY_COUNT ? memories[memory].name : "no memory";
}

uint32_t isa_memory_base(enum isa_memory memory)
{
    return memories[memory].base;
}

static uint32_t memory_bytes(enum isa_memory memory, const struct isa_chip_info *chip)
{
    switch (memory) {
    case ISA_IRAM:
        return chip->iram_insns * ISA_INSN_BYTES;
    case ISA_WRAM:
        return chip->wram_bytes;
    case ISA_MRAM:
        return ISA_MRAM_BYTES;
    default:
        return chip->atomic_bits;
    }
}

bool isa_address_split(uint32_t address, enum isa_memory *memory, uint32_t *offset_bytes)
{
    static const uint32_t sizes[ISA_MEMORY_COUNT] = {
        [ISA_IRAM] = ISA_IRAM_INSNS * ISA_INSN_BYTES,
        [ISA_WRAM] = ISA_WRAM_BYTES,
        [ISA_MRAM] = ISA_MRAM_BYTES,
        [ISA_ATOMIC] = ISA_ATOMIC_BITS,
    };
    for (unsigned i = 0; i < ISA_MEMORY_COUNT; i++)
        if (address - memories[i].base < sizes[i]) {
            *memory = (enum isa_memory)i;
            *offset_bytes = address - memories[i].base;
            return true;
        }
    return false;
}

/* First section with bytes in the segment. */
static const char *segment_name(const struct isa_program *program, const Elf32_Phdr *header)
{
    for (size_t i = 0; i < program->n_sections; i++) {
        const struct isa_section *section = &program->sections[i];
        if (section->flags & SHF_ALLOC && section->size_bytes > 0 &&
            section->address - header->p_vaddr < header->p_memsz)
            return section->name;
    }
    return "";
}

/* "segment 1 (.data) at 0x00000000", for messages. */
struct label {
    char text[128];
};

static struct label segment_label(const Elf32_Phdr *header, size_t index, const char *section)
{
    struct label label;
    snprintf(label.text, sizeof label.text, "segment %zu%s%.64s%s at 0x%08x", index,
             *section ? " (" : "", section, *section ? ")" : "", header->p_vaddr);
    return label;
}

static enum dpusim_status check_bounds(const struct isa_program *program,
                                       const struct isa_segment *segment, const char *label,
                                       struct isa_diag *diag)
{
    const struct isa_chip_info *chip = isa_chip_get(program->chip);
    enum isa_memory memory = segment->memory;
    uint32_t available = memory_bytes(memory, chip);
    uint64_t end = (uint64_t)segment->offset_bytes + segment->mem_bytes;
    if (end <= available)
        return DPUSIM_OK;
    if (memory == ISA_IRAM)
        return isa_fail(diag, memories[memory].status,
                        "%s: %s: program ends at instruction %llu, IRAM of chip %s holds %u",
                        program->name, label, (unsigned long long)((end + 7) / ISA_INSN_BYTES),
                        chip->name, chip->iram_insns);
    return isa_fail(diag, memories[memory].status,
                    "%s: %s: offset %u + size %u = %llu bytes, %s of chip %s has %u", program->name,
                    label, segment->offset_bytes, segment->mem_bytes, (unsigned long long)end,
                    memories[memory].name, chip->name, available);
}

static enum dpusim_status check_granule(const struct isa_program *program,
                                        const struct isa_segment *segment, const char *label,
                                        struct isa_diag *diag)
{
    uint32_t granule = memories[segment->memory].granule_bytes;
    if (segment->offset_bytes % granule == 0 && segment->mem_bytes % granule == 0)
        return DPUSIM_OK;
    return isa_fail(diag, memories[segment->memory].status,
                    "%s: %s: offset %u, size %u bytes in %s: wanted multiples of %u", program->name,
                    label, segment->offset_bytes, segment->mem_bytes,
                    memories[segment->memory].name, granule);
}

static enum dpusim_status check_overlap(const struct isa_program *program,
                                        const struct isa_segment *segment, const char *label,
                                        struct isa_diag *diag)
{
    for (size_t i = 0; i < program->n_segments; i++) {
        const struct isa_segment *other = &program->segments[i];
        if (other->memory != segment->memory ||
            other->offset_bytes >= (uint64_t)segment->offset_bytes + segment->mem_bytes ||
            segment->offset_bytes >= (uint64_t)other->offset_bytes + other->mem_bytes)
            continue;
        return INVALID("%s: %s (%u bytes) overlaps the segment%s%s at 0x%08x (%u bytes)",
                       program->name, label, segment->mem_bytes, *other->name ? " of " : "",
                       other->name, memories[other->memory].base + other->offset_bytes,
                       other->mem_bytes);
    }
    return DPUSIM_OK;
}

static enum dpusim_status check_sizes(const struct isa_program *program, const Elf32_Phdr *header,
                                      size_t image_bytes, const char *label, struct isa_diag *diag)
{
    if (header->p_filesz > header->p_memsz)
        return INVALID("%s: %s: %u bytes in the file (p_filesz) but %u in memory (p_memsz)",
                       program->name, label, header->p_filesz, header->p_memsz);
    if (!isa_fits(header->p_offset, header->p_filesz, image_bytes))
        return INVALID("%s: %s: offset %u + size %u ends past the file's %zu bytes", program->name,
                       label, header->p_offset, header->p_filesz, image_bytes);
    return DPUSIM_OK;
}

static enum dpusim_status add_segment(struct isa_program *program, const Elf32_Phdr *header,
                                      size_t index, struct isa_bytes image, struct isa_diag *diag)
{
    const char *name = segment_name(program, header);
    struct label label = segment_label(header, index, name);
    struct isa_segment segment = {.file_bytes = header->p_filesz,
                                  .mem_bytes = header->p_memsz,
                                  .data = image.data + header->p_offset,
                                  .name = name};
    enum dpusim_status status = check_sizes(program, header, image.len_bytes, label.text, diag);
    if (status != DPUSIM_OK || header->p_memsz == 0)
        return status;
    if (!isa_address_split(header->p_vaddr, &segment.memory, &segment.offset_bytes))
        return INVALID("%s: %s lies in no memory of a DPU: wanted WRAM at 0, MRAM at 0x08000000 or "
                       "IRAM at 0x80000000",
                       program->name, label.text);
    if (segment.memory == ISA_ATOMIC && segment.file_bytes == 0)
        return DPUSIM_OK;
    if (segment.memory == ISA_ATOMIC)
        return INVALID("%s: %s: atomic bits cannot be loaded", program->name, label.text);
    status = check_bounds(program, &segment, label.text, diag);
    if (status == DPUSIM_OK)
        status = check_granule(program, &segment, label.text, diag);
    if (status == DPUSIM_OK)
        status = check_overlap(program, &segment, label.text, diag);
    if (status == DPUSIM_OK)
        program->segments[program->n_segments++] = segment;
    return status;
}

enum dpusim_status isa_elf_read_segments(struct isa_program *program, Elf *elf,
                                         struct isa_bytes image, struct isa_diag *diag)
{
    size_t count = 0;
    const Elf32_Phdr *headers = elf32_getphdr(elf);
    if (!headers || elf_getphdrnum(elf, &count) != 0)
        return isa_fail(diag, isa_elf_status(), "%s: program headers: %s", program->name,
                        elf_errmsg(-1));
    program->segments = calloc(count + 1, sizeof *program->segments);
    if (!program->segments)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "%s: out of memory", program->name);
    enum dpusim_status status = DPUSIM_OK;
    for (size_t i = 0; i < count && status == DPUSIM_OK; i++)
        if (headers[i].p_type == PT_LOAD)
            status = add_segment(program, &headers[i], i, image, diag);
    return status;
}
