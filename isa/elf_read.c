/* SPDX-License-Identifier: MIT */
/* Program files into struct isa_program: header, sections, symbols, chip, segments, in this order,
 * each checked before it is used. Names point into the copied file. Debug sections are not read
 * here but at the first question for a line (elf_lines.c), so their size costs nothing but the
 * copy. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "elf_check.h"
#include "elf_segment.h"
#include "message.h"
#include "program.h"

#define INVALID(...) isa_fail(diag, DPUSIM_ELF_INVALID, __VA_ARGS__)

struct reader {
    struct isa_program *program;
    struct isa_bytes image;
    Elf *elf;
    const struct isa_report *report;
    struct isa_diag *diag;
};

static enum dpusim_status no_memory(const struct reader *reader)
{
    return isa_fail(reader->diag, DPUSIM_NO_MEMORY, "%s: out of memory", reader->program->name);
}

/* ---- sections ------------------------------------------------------------------------------- */

static enum dpusim_status read_sections(struct reader *reader)
{
    struct isa_program *program = reader->program;
    size_t count = 0;
    if (elf_getshdrnum(reader->elf, &count) != 0)
        count = 0;
    program->sections = calloc(count + 1, sizeof *program->sections);
    if (!program->sections)
        return no_memory(reader);
    for (size_t i = 1; i < count; i++) {
        Elf_Scn *section = elf_getscn(reader->elf, i);
        const Elf32_Shdr *header = elf32_getshdr(section);
        program->sections[program->n_sections++] =
            (struct isa_section){.name = isa_elf_section_name(reader->elf, section),
                                 .address = header->sh_addr,
                                 .size_bytes = header->sh_size,
                                 .flags = header->sh_flags,
                                 .type = header->sh_type};
    }
    return DPUSIM_OK;
}

/* Bytes of a section by name; empty when absent, without bytes, compressed, or outside of the file
 * (the place of some types is not checked). */
static struct isa_bytes section_bytes(const struct reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->program->n_sections; i++) {
        const struct isa_section *section = &reader->program->sections[i];
        if (strcmp(section->name, name) != 0 || section->type == SHT_NOBITS ||
            section->flags & SHF_COMPRESSED)
            continue;
        const Elf32_Shdr *header = elf32_getshdr(elf_getscn(reader->elf, i + 1));
        if (!isa_fits(header->sh_offset, header->sh_size, reader->image.len_bytes))
            continue;
        return (struct isa_bytes){reader->image.data + header->sh_offset, header->sh_size};
    }
    return (struct isa_bytes){NULL, 0};
}

/* ---- symbols -------------------------------------------------------------------------------- */

static enum isa_symbol_type symbol_type(unsigned elf_type)
{
    switch (elf_type) {
    case STT_OBJECT:
    case STT_COMMON:
        return ISA_SYMBOL_OBJECT;
    case STT_FUNC:
        return ISA_SYMBOL_FUNCTION;
    case STT_FILE:
        return ISA_SYMBOL_FILE;
    default:
        return ISA_SYMBOL_NONE;
    }
}

static void add_symbol(struct isa_program *program, const Elf32_Sym *symbol, const char *names)
{
    if (ELF32_ST_TYPE(symbol->st_info) == STT_SECTION)
        return;
    bool in_section = symbol->st_shndx != SHN_UNDEF && symbol->st_shndx <= program->n_sections;
    program->symbols[program->n_symbols++] = (struct isa_symbol){
        .name = names + symbol->st_name,
        .value = symbol->st_value,
        .size_bytes = symbol->st_size,
        .type = symbol_type(ELF32_ST_TYPE(symbol->st_info)),
        .global = ELF32_ST_BIND(symbol->st_info) != STB_LOCAL,
        .absolute = symbol->st_shndx == SHN_ABS,
        .defined = symbol->st_shndx != SHN_UNDEF,
        .section = in_section ? program->sections[symbol->st_shndx - 1].name : "",
    };
}

static enum dpusim_status read_symbols(struct reader *reader)
{
    struct isa_program *program = reader->program;
    Elf_Scn *table = isa_elf_find_section(reader->elf, SHT_SYMTAB);
    const Elf32_Shdr *header = table ? elf32_getshdr(table) : NULL;
    size_t count = header ? header->sh_size / sizeof(Elf32_Sym) : 0;
    program->symbols = calloc(count + 1, sizeof *program->symbols);
    if (!program->symbols)
        return no_memory(reader);
    if (count == 0)
        return DPUSIM_OK;
    enum dpusim_status status =
        isa_elf_check_symbols(reader->elf, table, reader->image, program->name, reader->diag);
    if (status != DPUSIM_OK)
        return status;
    const Elf_Data *data = elf_getdata(table, NULL);
    const Elf32_Shdr *names = elf32_getshdr(elf_getscn(reader->elf, header->sh_link));
    if (!data || !names || data->d_size < count * sizeof(Elf32_Sym))
        return isa_fail(reader->diag, isa_elf_status(), "%s: symbol table: %s", program->name,
                        elf_errmsg(-1));
    const Elf32_Sym *symbols = data->d_buf;
    for (size_t i = 1; i < count; i++)
        add_symbol(program, &symbols[i], (const char *)reader->image.data + names->sh_offset);
    return DPUSIM_OK;
}

static enum dpusim_status index_symbols(struct reader *reader)
{
    const char *duplicate = NULL;
    enum dpusim_status status = isa_program_index(reader->program, &duplicate);
    if (status != DPUSIM_OK)
        return no_memory(reader);
    if (duplicate)
        isa_message(reader->report, ISA_WARNING, reader->program->name,
                    "global symbol \"%s\" is defined twice; the first definition is used",
                    duplicate);
    return DPUSIM_OK;
}

/* ---- chip, tasklets, entry ------------------------------------------------------------------ */

static void read_chip(struct reader *reader)
{
    struct isa_program *program = reader->program;
    program->chip = ISA_CHIP_V1A; /* documented: programs before 2021 name no chip */
    struct isa_bytes attributes = section_bytes(reader, ".dpu.attributes");
    if (!attributes.data)
        return;
    const char *name = isa_elf_attributes_chip(attributes);
    enum isa_chip chip = name ? isa_chip_find(name) : ISA_CHIP_COUNT;
    if (chip == ISA_CHIP_COUNT)
        isa_message(reader->report, ISA_WARNING, program->name,
                    "section .dpu.attributes names %s%.32s, wanted v1A or v1B; taking %s",
                    name ? "chip " : "no chip", name ? name : "",
                    isa_chip_get(program->chip)->name);
    else
        program->chip = chip;
}

static enum dpusim_status check_tasklets(struct reader *reader)
{
    struct isa_program *program = reader->program;
    const struct isa_chip_info *chip = isa_chip_get(program->chip);
    const struct isa_symbol *symbol = isa_program_find_symbol(program, "NR_TASKLETS");
    program->nr_tasklets = symbol ? symbol->value : 0;
    if (program->nr_tasklets > chip->threads)
        return isa_fail(reader->diag, DPUSIM_TOO_MANY_TASKLETS,
                        "%s: NR_TASKLETS is %u, chip %s has %u", program->name,
                        program->nr_tasklets, chip->name, chip->threads);
    return DPUSIM_OK;
}

static enum dpusim_status check_entry(struct reader *reader)
{
    struct isa_program *program = reader->program;
    uint32_t iram_bytes = isa_chip_get(program->chip)->iram_insns * ISA_INSN_BYTES;
    struct isa_diag *diag = reader->diag;
    if (program->entry - ISA_IRAM_BASE >= iram_bytes)
        return INVALID("%s: entry point 0x%08x is outside IRAM, wanted 0x%08x to 0x%08x",
                       program->name, program->entry, ISA_IRAM_BASE,
                       ISA_IRAM_BASE + iram_bytes - ISA_INSN_BYTES);
    if (program->entry % ISA_INSN_BYTES != 0)
        return INVALID("%s: entry point 0x%08x is no instruction, wanted a multiple of %u",
                       program->name, program->entry, ISA_INSN_BYTES);
    return DPUSIM_OK;
}

/* ---- warnings ------------------------------------------------------------------------------- */

/* e_flags: bit 23 says that bits 31..24 hold an ABI number; 0 in the oldest programs. */
static void warn_about_abi(const struct reader *reader)
{
    uint32_t flags = reader->program->e_flags;
    if (flags != ISA_E_FLAGS && flags != 0)
        isa_message(reader->report, ISA_WARNING, reader->program->name,
                    "built for ABI %u (e_flags 0x%08x) by another SDK, this is ABI %u: may not run",
                    flags >> 24, flags, ISA_E_FLAGS >> 24);
}

static void warn_about_lines(const struct reader *reader)
{
    static const char *const sections[] = {".debug_info", ".debug_line"};
    for (unsigned i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (isa_lines_plausible(section_bytes(reader, sections[i])))
            continue;
        isa_message(reader->report, ISA_WARNING, reader->program->name,
                    "section %s is damaged: source lines may be missing", sections[i]);
        return;
    }
}

/* ---- all of it ------------------------------------------------------------------------------ */

static enum dpusim_status read_program(struct reader *reader)
{
    struct isa_program *program = reader->program;
    const Elf32_Ehdr *header = elf32_getehdr(reader->elf);
    if (!header)
        return isa_fail(reader->diag, isa_elf_status(), "%s: %s", program->name, elf_errmsg(-1));
    program->entry = header->e_entry;
    program->e_flags = header->e_flags;
    enum dpusim_status status =
        isa_elf_check_sections(reader->elf, reader->image, program->name, reader->diag);
    if (status == DPUSIM_OK)
        status = read_sections(reader);
    if (status == DPUSIM_OK)
        status = read_symbols(reader);
    if (status != DPUSIM_OK)
        return status;
    read_chip(reader);
    status = isa_elf_read_segments(program, reader->elf, reader->image, reader->diag);
    if (status == DPUSIM_OK)
        status = check_entry(reader);
    if (status == DPUSIM_OK)
        status = index_symbols(reader);
    if (status == DPUSIM_OK)
        status = check_tasklets(reader);
    return status;
}

static struct isa_program *program_create(const char *name)
{
    struct isa_program *program = calloc(1, sizeof *program);
    if (!program)
        return NULL;
    program->name = strdup(name);
    program->priv = calloc(1, sizeof *program->priv);
    if (!program->name || !program->priv || pthread_mutex_init(&program->priv->lines_lock, NULL)) {
        free(program->name);
        free(program->priv);
        free(program);
        return NULL;
    }
    atomic_init(&program->priv->references, 1);
    return program;
}

/* Takes ownership of the image. */
static enum dpusim_status read_image(struct isa_program **out, struct isa_bytes image,
                                     const char *name, const struct isa_report *report,
                                     struct isa_diag *diag)
{
    struct reader reader = {.image = image, .report = report, .diag = diag};
    reader.program = program_create(name);
    if (!reader.program) {
        free((void *)(uintptr_t)image.data);
        return isa_fail(diag, DPUSIM_NO_MEMORY, "%s: out of memory", name);
    }
    reader.program->priv->image = (uint8_t *)(uintptr_t)image.data;
    reader.program->priv->image_bytes = image.len_bytes;
    enum dpusim_status status = isa_elf_open(&reader.elf, image, name, diag);
    if (status == DPUSIM_OK)
        status = read_program(&reader);
    if (status == DPUSIM_OK) {
        warn_about_abi(&reader);
        warn_about_lines(&reader);
        *out = reader.program;
    } else {
        isa_program_destroy(reader.program);
    }
    elf_end(reader.elf);
    return status;
}

static enum dpusim_status read_copy(struct isa_program **out, struct isa_bytes image,
                                    const char *name, unsigned type,
                                    const struct isa_report *report, struct isa_diag *diag)
{
    enum dpusim_status status = isa_elf_check_header(image, name, type, diag);
    if (status != DPUSIM_OK)
        return status;
    uint8_t *copy = malloc(image.len_bytes);
    if (!copy)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "%s: no memory for %zu bytes", name,
                        image.len_bytes);
    memcpy(copy, image.data, image.len_bytes);
    return read_image(out, (struct isa_bytes){copy, image.len_bytes}, name, report, diag);
}

enum dpusim_status isa_program_read(struct isa_program **out, struct isa_bytes image,
                                    const char *name, const struct isa_report *report,
                                    struct isa_diag *diag)
{
    return read_copy(out, image, name ? name : "program", ET_EXEC, report, diag);
}

enum dpusim_status isa_core_read(struct isa_program **out, struct isa_bytes image, const char *name,
                                 const struct isa_report *report, struct isa_diag *diag)
{
    return read_copy(out, image, name ? name : "core file", ET_CORE, report, diag);
}

enum dpusim_status isa_program_read_file(struct isa_program **out, const char *path,
                                         const struct isa_report *report, struct isa_diag *diag)
{
    struct isa_bytes image;
    enum dpusim_status status = isa_file_read(&image, path, diag);
    if (status != DPUSIM_OK)
        return status;
    status = isa_elf_check_header(image, path, ET_EXEC, diag);
    if (status == DPUSIM_OK)
        return read_image(out, image, path, report, diag);
    free((void *)(uintptr_t)image.data);
    return status;
}

struct isa_program *isa_program_share(struct isa_program *program)
{
    if (program)
        atomic_fetch_add_explicit(&program->priv->references, 1, memory_order_relaxed);
    return program;
}

void isa_program_destroy(struct isa_program *program)
{
    if (!program ||
        atomic_fetch_sub_explicit(&program->priv->references, 1, memory_order_acq_rel) > 1)
        return;
    isa_program_index_fini(program->priv);
    isa_lines_destroy(program->priv->lines);
    isa_types_destroy(program->priv->types);
    pthread_mutex_destroy(&program->priv->lines_lock);
    free(program->priv->image);
    free(program->priv);
    free(program->segments);
    free(program->symbols);
    free(program->sections);
    free(program->name);
    free(program);
}
