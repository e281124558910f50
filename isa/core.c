/* SPDX-License-Identifier: MIT */
/* Core files: the sections of the program at their places in the table, so that its symbols keep
 * their section numbers; parts hold whole memories or what else is known. Shape: documented (host
 * library of SDK 2024.2). */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "elf_check.h"
#include "program.h"

enum { ALIGN_BYTES = 8, MOST_NAME_BYTES = 32 };

/* The new file: section i of the program is section i here, parts that it lacks follow. */
struct core {
    const struct isa_program *program;
    const struct isa_core_part *parts;
    size_t n_parts;
    Elf32_Ehdr header;
    Elf32_Shdr *sections;
    const uint8_t **bytes; /* [section]; NULL: none */
    size_t n_sections;
    Elf32_Phdr *segments;
    char *names; /* section name table with the new names */
    uint32_t file_bytes;
};

bool isa_core_is(struct isa_bytes image)
{
    Elf32_Ehdr header;
    if (!image.data || image.len_bytes < sizeof header)
        return false;
    memcpy(&header, image.data, sizeof header);
    return memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_type == ET_CORE &&
           header.e_machine == ISA_EM_DPU;
}

static const uint8_t *section_table(const struct isa_program *program)
{
    Elf32_Ehdr header;
    memcpy(&header, program->priv->image, sizeof header);
    return program->priv->image + header.e_shoff;
}

struct isa_bytes isa_program_section(const struct isa_program *program, const char *name)
{
    for (size_t i = 0; i < program->n_sections; i++) {
        const struct isa_section *section = &program->sections[i];
        Elf32_Shdr header;
        if (strcmp(section->name, name) != 0 || section->type == SHT_NOBITS)
            continue;
        memcpy(&header, section_table(program) + (i + 1) * sizeof header, sizeof header);
        return (struct isa_bytes){program->priv->image + header.sh_offset, header.sh_size};
    }
    return (struct isa_bytes){NULL, 0};
}

/* ---- laying out ------------------------------------------------------------------------------ */

static const struct isa_core_part *part_of(const struct core *core, const char *section)
{
    for (size_t i = 0; i < core->n_parts; i++)
        if (core->parts[i].bytes.data && strcmp(core->parts[i].section, section) == 0)
            return &core->parts[i];
    return NULL;
}

static bool has_section(const struct isa_program *program, const char *name)
{
    for (size_t i = 0; i < program->n_sections; i++)
        if (strcmp(program->sections[i].name, name) == 0)
            return true;
    return false;
}

static void hold_part(Elf32_Shdr *section, const uint8_t **bytes, const struct isa_core_part *part)
{
    section->sh_type = SHT_PROGBITS;
    section->sh_flags = part->flags ? SHF_ALLOC | (part->flags & PF_X ? SHF_EXECINSTR : 0) |
                                          (part->flags & PF_W ? SHF_WRITE : 0)
                                    : 0;
    section->sh_addr = part->address;
    section->sh_size = (Elf32_Word)part->bytes.len_bytes;
    *bytes = part->bytes.data;
}

/* Sections of the program: a part's gets its bytes, others in memory keep their place only. */
static void take_sections(struct core *core)
{
    const struct isa_program *program = core->program;
    for (size_t i = 1; i <= program->n_sections; i++) {
        Elf32_Shdr *section = &core->sections[i];
        memcpy(section, section_table(program) + i * sizeof *section, sizeof *section);
        const struct isa_core_part *part = part_of(core, program->sections[i - 1].name);
        if (part)
            hold_part(section, &core->bytes[i], part);
        else if (section->sh_flags & SHF_ALLOC)
            section->sh_type = SHT_NOBITS;
        else if (section->sh_type != SHT_NOBITS)
            core->bytes[i] = program->priv->image + section->sh_offset;
    }
    core->n_sections = program->n_sections + 1;
}

/* Parts without a section in the program, their names behind those of the program's table. */
static bool add_sections(struct core *core)
{
    Elf32_Shdr *table = &core->sections[core->header.e_shstrndx];
    size_t len_bytes = table->sh_size;
    core->names = calloc(1, len_bytes + core->n_parts * MOST_NAME_BYTES);
    if (!core->names)
        return false;
    memcpy(core->names, core->bytes[core->header.e_shstrndx], len_bytes);
    for (size_t i = 0; i < core->n_parts; i++) {
        const struct isa_core_part *part = &core->parts[i];
        if (!part->bytes.data || has_section(core->program, part->section))
            continue;
        Elf32_Shdr *section = &core->sections[core->n_sections];
        section->sh_name = (Elf32_Word)len_bytes;
        section->sh_addralign = ALIGN_BYTES;
        hold_part(section, &core->bytes[core->n_sections++], part);
        strncpy(core->names + len_bytes, part->section, MOST_NAME_BYTES - 1);
        len_bytes += strlen(core->names + len_bytes) + 1;
    }
    table->sh_size = (Elf32_Word)len_bytes;
    core->bytes[core->header.e_shstrndx] = (const uint8_t *)core->names;
    return true;
}

/* The segments of the parts that are in memory. */
static void add_segments(struct core *core)
{
    core->header.e_phnum = 0;
    for (size_t i = 1; i < core->n_sections; i++) {
        const Elf32_Shdr *section = &core->sections[i];
        for (size_t p = 0; core->bytes[i] && p < core->n_parts; p++)
            if (core->bytes[i] == core->parts[p].bytes.data && core->parts[p].flags)
                core->segments[core->header.e_phnum++] =
                    (Elf32_Phdr){.p_type = PT_LOAD,
                                 .p_offset = section->sh_offset,
                                 .p_vaddr = section->sh_addr,
                                 .p_paddr = section->sh_addr,
                                 .p_filesz = section->sh_size,
                                 .p_memsz = section->sh_size,
                                 .p_flags = core->parts[p].flags,
                                 .p_align = ALIGN_BYTES};
    }
}

/* Offsets in the file: header, segments, sections' bytes, section table. */
static bool place(struct core *core)
{
    uint64_t offset = sizeof core->header + core->n_parts * sizeof *core->segments;
    for (size_t i = 1; i < core->n_sections; i++) {
        Elf32_Shdr *section = &core->sections[i];
        offset = (offset + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
        section->sh_offset = (Elf32_Off)offset;
        if (core->bytes[i])
            offset += section->sh_size;
        if (offset > UINT32_MAX / 2)
            return false;
    }
    add_segments(core);
    core->header.e_type = ET_CORE;
    core->header.e_phoff = sizeof core->header;
    core->header.e_phentsize = sizeof *core->segments;
    core->header.e_shoff = (Elf32_Off)((offset + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES);
    core->header.e_shnum = (Elf32_Half)core->n_sections;
    core->file_bytes = core->header.e_shoff + (uint32_t)(core->n_sections * sizeof *core->sections);
    return true;
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool fill(const struct core *core, struct isa_bytes *image)
{
    uint8_t *file = calloc(1, core->file_bytes);
    if (!file)
        return false;
    memcpy(file, &core->header, sizeof core->header);
    memcpy(file + core->header.e_phoff, core->segments,
           core->header.e_phnum * sizeof *core->segments);
    memcpy(file + core->header.e_shoff, core->sections, core->n_sections * sizeof *core->sections);
    for (size_t i = 1; i < core->n_sections; i++)
        if (core->bytes[i])
            memcpy(file + core->sections[i].sh_offset, core->bytes[i], core->sections[i].sh_size);
    *image = (struct isa_bytes){file, core->file_bytes};
    return true;
}

enum dpusim_status isa_core_build(struct isa_bytes *image, const struct isa_program *program,
                                  const struct isa_core_part *parts, size_t n_parts,
                                  struct isa_diag *diag)
{
    struct core core = {.program = program, .parts = parts, .n_parts = n_parts};
    size_t most = program->n_sections + 1 + n_parts;
    enum dpusim_status status = DPUSIM_OK;
    memcpy(&core.header, program->priv->image, sizeof core.header);
    core.sections = calloc(most, sizeof *core.sections);
    core.bytes = calloc(most, sizeof *core.bytes);
    core.segments = calloc(n_parts + 1, sizeof *core.segments);
    if (!core.sections || !core.bytes || !core.segments) {
        status = isa_fail(diag, DPUSIM_NO_MEMORY, "core file: out of memory");
        goto out;
    }
    take_sections(&core);
    if (!core.bytes[core.header.e_shstrndx]) {
        status = isa_fail(diag, DPUSIM_ELF_INVALID, "%s has no section names", program->name);
        goto out;
    }
    if (!add_sections(&core) || !place(&core) || !fill(&core, image))
        status = isa_fail(diag, DPUSIM_NO_MEMORY,
                          "core file: out of memory, or the parts are larger than 2 GiB");
out:
    free(core.sections);
    free(core.bytes);
    free(core.segments);
    free(core.names);
    return status;
}
