/* SPDX-License-Identifier: MIT */
/* Core files: the sections of the program at their places in the table, so that its symbols keep
 * their section numbers; .data, .text and .mram hold whole memories, .regs the serialized state.
 * Shape: documented (host library of SDK 2024.2). */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "include/dpu_checkpoint.h"
#include "include/dpu_debug.h"

#define REGISTERS_BASE UINT32_C(0xA0000000)

enum { PARTS = 4 };

/* A memory of the core file; bytes NULL: left out. */
struct part {
    const char *section;
    uint32_t address;
    const uint8_t *bytes;
    uint32_t len_bytes;
    uint32_t flags; /* of its segment; 0: no segment */
};

/* The new file: section i of the program is section i here, parts that it lacks follow. */
struct core {
    const struct drv_elf *elf;
    const struct part *parts;
    Elf32_Ehdr header;
    Elf32_Shdr *sections;
    const uint8_t **bytes; /* [section]; NULL: none */
    size_t n_sections;
    struct isa_bytes names; /* section name table with the new names */
    char *own_names;
};

/* ---- laying out ------------------------------------------------------------------------------ */

static const struct part *part_of(const struct core *core, const char *section)
{
    for (size_t i = 0; i < PARTS; i++)
        if (core->parts[i].bytes && strcmp(core->parts[i].section, section) == 0)
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

static void hold_part(Elf32_Shdr *section, const uint8_t **bytes, const struct part *part)
{
    section->sh_type = SHT_PROGBITS;
    section->sh_flags = part->flags ? SHF_ALLOC | (part->flags & PF_X ? SHF_EXECINSTR : 0) |
                                          (part->flags & PF_W ? SHF_WRITE : 0)
                                    : 0;
    section->sh_addr = part->address;
    section->sh_size = part->len_bytes;
    *bytes = part->bytes;
}

/* Sections of the program: a part's gets its memory, others in memory keep their place only. */
static void take_sections(struct core *core)
{
    const struct isa_program *program = core->elf->program;
    const uint8_t *table = core->elf->image.data + core->header.e_shoff;
    for (size_t i = 1; i <= program->n_sections; i++) {
        Elf32_Shdr *section = &core->sections[i];
        memcpy(section, table + i * sizeof *section, sizeof *section);
        const struct part *part = part_of(core, program->sections[i - 1].name);
        if (part)
            hold_part(section, &core->bytes[i], part);
        else if (section->sh_flags & SHF_ALLOC)
            section->sh_type = SHT_NOBITS;
        else if (section->sh_type != SHT_NOBITS)
            core->bytes[i] = core->elf->image.data + section->sh_offset;
    }
    core->n_sections = program->n_sections + 1;
}

/* Parts without a section in the program, their names behind those of the program's table. */
static bool add_sections(struct core *core)
{
    Elf32_Shdr *table = &core->sections[core->header.e_shstrndx];
    size_t len_bytes = table->sh_size;
    core->own_names = calloc(1, len_bytes + PARTS * 16);
    if (!core->own_names)
        return false;
    memcpy(core->own_names, core->bytes[core->header.e_shstrndx], len_bytes);
    for (size_t i = 0; i < PARTS; i++) {
        const struct part *part = &core->parts[i];
        if (!part->bytes || has_section(core->elf->program, part->section))
            continue;
        Elf32_Shdr *section = &core->sections[core->n_sections];
        section->sh_name = (Elf32_Word)len_bytes;
        section->sh_addralign = 8;
        hold_part(section, &core->bytes[core->n_sections++], part);
        strcpy(core->own_names + len_bytes, part->section);
        len_bytes += strlen(part->section) + 1;
    }
    table->sh_size = (Elf32_Word)len_bytes;
    core->bytes[core->header.e_shstrndx] = (const uint8_t *)core->own_names;
    return true;
}

/* Offsets in the file: header, segments, sections' bytes, section table. */
static bool place(struct core *core, Elf32_Phdr segments[PARTS])
{
    uint64_t offset = sizeof core->header + PARTS * sizeof *segments;
    core->header.e_phnum = 0;
    for (size_t i = 1; i < core->n_sections; i++) {
        Elf32_Shdr *section = &core->sections[i];
        offset = (offset + 7) / 8 * 8;
        section->sh_offset = (Elf32_Off)offset;
        if (core->bytes[i])
            offset += section->sh_size;
        if (offset > UINT32_MAX / 2)
            return false;
    }
    for (size_t i = 1; i < core->n_sections; i++) {
        const Elf32_Shdr *section = &core->sections[i];
        for (size_t p = 0; core->bytes[i] && p < PARTS; p++)
            if (core->bytes[i] == core->parts[p].bytes && core->parts[p].flags)
                segments[core->header.e_phnum++] = (Elf32_Phdr){.p_type = PT_LOAD,
                                                                .p_offset = section->sh_offset,
                                                                .p_vaddr = section->sh_addr,
                                                                .p_paddr = section->sh_addr,
                                                                .p_filesz = section->sh_size,
                                                                .p_memsz = section->sh_size,
                                                                .p_flags = core->parts[p].flags,
                                                                .p_align = 8};
    }
    core->header.e_type = ET_CORE;
    core->header.e_phoff = sizeof core->header;
    core->header.e_phentsize = sizeof *segments;
    core->header.e_shoff = (Elf32_Off)((offset + 7) / 8 * 8);
    core->header.e_shnum = (Elf32_Half)core->n_sections;
    return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool write_at(FILE *file, uint32_t offset, const void *bytes, size_t len_bytes)
{
    return fseek(file, (long)offset, SEEK_SET) == 0 &&
           fwrite(bytes, 1, len_bytes, file) == len_bytes;
}

static bool write_file(const struct core *core, const Elf32_Phdr *segments, FILE *file)
{
    bool good =
        write_at(file, 0, &core->header, sizeof core->header) &&
        write_at(file, core->header.e_phoff, segments, core->header.e_phnum * sizeof *segments) &&
        write_at(file, core->header.e_shoff, core->sections,
                 core->n_sections * sizeof *core->sections);
    for (size_t i = 1; good && i < core->n_sections; i++)
        good = !core->bytes[i] || write_at(file, core->sections[i].sh_offset, core->bytes[i],
                                           core->sections[i].sh_size);
    return good;
}

static dpu_error_t write_core(const struct drv_elf *elf, const struct part *parts, const char *path,
                              const char *call)
{
    struct core core = {.elf = elf, .parts = parts};
    Elf32_Phdr segments[PARTS];
    size_t most = elf->program->n_sections + 1 + PARTS;
    dpu_error_t error = DPU_OK;
    memcpy(&core.header, elf->image.data, sizeof core.header);
    core.sections = calloc(most, sizeof *core.sections);
    core.bytes = calloc(most, sizeof *core.bytes);
    FILE *file = NULL;
    if (!core.sections || !core.bytes) {
        error = drv_fail(DPU_ERR_INTERNAL, "%s: out of memory", call);
        goto out;
    }
    take_sections(&core);
    if (!core.bytes[core.header.e_shstrndx]) {
        error = drv_fail(DPU_ERR_ELF_INVALID_FILE, "%s: %s has no section names", call,
                         elf->program->name);
        goto out;
    }
    if (!add_sections(&core) || !place(&core, segments)) {
        error = drv_fail(DPU_ERR_INTERNAL, "%s: out of memory, or the parts are larger than 2 GiB",
                         call);
        goto out;
    }
    file = fopen(path, "wb");
    bool good = file && write_file(&core, segments, file);
    if (file && fclose(file) != 0)
        good = false;
    if (!good)
        error = drv_fail(DPU_ERR_INTERNAL, "%s: %s: %s", call, path, strerror(errno));
out:
    free(core.sections);
    free(core.bytes);
    free(core.own_names);
    return error;
}

dpu_error_t dpu_elf_create_core_dump(const char *exe_path, const char *core_file_path,
                                     uint8_t *wram, uint8_t *mram, uint8_t *iram, uint8_t *context,
                                     uint32_t wram_size, uint32_t mram_size, uint32_t iram_size,
                                     uint32_t context_size)
{
    const struct part parts[PARTS] = {
        {".data", 0, wram, wram_size, PF_R | PF_W},
        {".text", ISA_IRAM_BASE, iram, iram_size, PF_R | PF_X},
        {".mram", ISA_MRAM_BASE, mram, mram_size, PF_R | PF_W},
        {".regs", REGISTERS_BASE, context, context_size, 0},
    };
    dpu_elf_file_t file;
    if (!core_file_path)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the path of the core file is NULL", __func__);
    dpu_error_t error = dpu_elf_open(exe_path, &file);
    if (error)
        return error;
    error = write_core(file, parts, core_file_path, __func__);
    dpu_elf_close(file);
    return error;
}

dpu_error_t dpu_create_core_dump(struct dpu_rank_t *rank, const char *exe_path,
                                 const char *core_file_path, struct dpu_context_t *context,
                                 uint8_t *wram, uint8_t *mram, uint8_t *iram, uint32_t wram_size,
                                 uint32_t mram_size, uint32_t iram_size)
{
    uint8_t *serialized = NULL;
    uint32_t size = 0;
    (void)rank;
    if (!context)
        return drv_fail(DPU_ERR_INTERNAL, "%s: the context is NULL", __func__);
    dpu_error_t error = dpu_checkpoint_serialize(context, &serialized, &size);
    if (!error)
        error = dpu_elf_create_core_dump(exe_path, core_file_path, wram, mram, iram, serialized,
                                         wram_size, mram_size, iram_size, size);
    free(serialized);
    return error;
}
