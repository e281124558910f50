/* SPDX-License-Identifier: MIT */
/* The linked file: sections in the order of layout.def, then those outside memory, attributes,
 * symbols; program headers for code, data, host variables and MRAM. Labels that start with .L are
 * left out, hidden symbols become local. */
#include <elf.h>
#include <stdio.h>

#include "array.h"
#include "elf_image.h"
#include "link.h"

struct writer {
    struct link *link;
    struct isa_elf_section *sections;
    size_t n_sections;
    struct isa_elf_segment *segments;
    size_t n_segments;
    uint8_t *symbols;
    size_t n_symbols, capacity;
    uint32_t n_locals;
    struct isa_strings strings;
    uint8_t attributes[32];
};

/* ---- sections ------------------------------------------------------------------------------- */

/* Empty sections stay when a symbol of the layout lies in them. */
static bool is_wanted(const struct link *link, int32_t output)
{
    if (link->outputs[output].size_bytes)
        return true;
    for (size_t i = 0; i < link->n_globals; i++)
        if (link->globals[i].state == LINK_LINKER && link->globals[i].output == output)
            return true;
    return false;
}

static void add_section(struct writer *writer, struct link_output *output)
{
    bool tied = output->flags & SHF_LINK_ORDER;
    writer->sections[writer->n_sections++] = (struct isa_elf_section){
        .name = output->name,
        .data = output->data,
        .header = {.sh_type = output->type,
                   .sh_flags = output->flags,
                   .sh_addr = (Elf32_Addr)output->address,
                   .sh_size = (Elf32_Word)output->size_bytes,
                   .sh_link = tied ? writer->link->outputs[0].number : 0,
                   .sh_addralign = (Elf32_Word)output->align_bytes,
                   .sh_entsize = output->flags & SHF_MERGE ? output->entry_bytes : 0}};
    output->number = (uint32_t)writer->n_sections;
}

static void add_segment(struct writer *writer, const struct link_output *output)
{
    writer->segments[writer->n_segments++] =
        (struct isa_elf_segment){.section = output->number - 1,
                                 .header = {.p_type = PT_LOAD,
                                            .p_vaddr = (Elf32_Addr)output->address,
                                            .p_paddr = (Elf32_Addr)output->address,
                                            .p_filesz = (Elf32_Word)output->size_bytes,
                                            .p_memsz = (Elf32_Word)output->size_bytes,
                                            .p_flags = output->segment_flags,
                                            .p_align = (Elf32_Word)output->align_bytes}};
}

static void add_outputs(struct writer *writer)
{
    struct link *link = writer->link;
    for (size_t i = 0; i < link->n_outputs; i++) {
        struct link_output *output = &link->outputs[i];
        if (!is_wanted(link, (int32_t)i))
            continue;
        add_section(writer, output);
        if (output->segment_flags && output->size_bytes)
            add_segment(writer, output);
    }
    writer->segments[writer->n_segments++] =
        (struct isa_elf_segment){.header = {.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W}};
}

/* 'A', length of the rest, vendor, file tag, length from the tag, attribute 5 = chip. documented.
 */
static void add_attributes(struct writer *writer)
{
    uint8_t *at = writer->attributes;
    size_t name_bytes = strlen(writer->link->chip->name) + 1;
    static const uint8_t head[] = {'A', 0, 0, 0, 0, 'u', 'p', 'm', 'e', 'm', 0, 1, 0, 0, 0, 0, 5};
    memcpy(at, head, sizeof head);
    memcpy(at + sizeof head, writer->link->chip->name, name_bytes);
    at[1] = (uint8_t)(sizeof head + name_bytes - 1);
    at[12] = (uint8_t)(6 + name_bytes);
    writer->sections[writer->n_sections++] =
        (struct isa_elf_section){.name = ".dpu.attributes",
                                 .data = at,
                                 .header = {.sh_type = ISA_SHT_DPU_ATTRIBUTES,
                                            .sh_size = (Elf32_Word)(sizeof head + name_bytes),
                                            .sh_addralign = 1}};
}

/* ---- symbols -------------------------------------------------------------------------------- */

static void add_symbol(struct writer *writer, const char *name, const struct link_place *place,
                       uint32_t size_bytes, unsigned char info)
{
    if (!isa_array_reserve(&writer->symbols, &writer->capacity, writer->n_symbols,
                           sizeof(Elf32_Sym))) {
        writer->link->no_memory = true;
        return;
    }
    bool absolute = place->output == LINK_NONE;
    Elf32_Sym symbol = {.st_name = isa_strings_add(&writer->strings, name),
                        .st_value = place->address,
                        .st_size = size_bytes,
                        .st_info = info,
                        .st_shndx =
                            absolute ? SHN_ABS
                                     : (Elf32_Section)writer->link->outputs[place->output].number};
    isa_elf_encode(writer->symbols + writer->n_symbols++ * sizeof symbol, &symbol, sizeof symbol,
                   ELF_T_SYM);
}

static bool is_kept_local(const struct isa_object_symbol *symbol)
{
    return symbol->binding == STB_LOCAL && *symbol->name && symbol->type != STT_SECTION &&
           symbol->section != ISA_SECTION_UNDEFINED && strncmp(symbol->name, ".L", 2) != 0;
}

static void add_locals(struct writer *writer, int32_t file)
{
    const struct isa_object *object = writer->link->files[file].object;
    for (uint32_t i = 0; i < object->n_symbols; i++) {
        const struct isa_object_symbol *symbol = &object->symbols[i];
        struct link_place place;
        if (is_kept_local(symbol) &&
            isa_link_locate_symbol(writer->link, file, i, 0, &place) == LINK_FOUND)
            add_symbol(writer, symbol->name, &place, symbol->size_bytes,
                       ELF32_ST_INFO(STB_LOCAL, symbol->type));
    }
}

/* Type, size and place of a global; false when it has no place in the program. */
static bool describe_global(const struct link *link, const struct link_global *global,
                            struct link_place *place, uint32_t *size_bytes, unsigned *type)
{
    *type = STT_NOTYPE;
    *size_bytes = 0;
    if (global->state == LINK_DEFINED) {
        const struct isa_object_symbol *symbol =
            &link->files[global->file].object->symbols[global->symbol];
        *type = symbol->type;
        *size_bytes = symbol->size_bytes;
        return isa_link_locate_symbol(link, global->file, global->symbol, 0, place) == LINK_FOUND;
    }
    if (global->output == LINK_NONE && global->state != LINK_LINKER)
        return false;
    if (global->state == LINK_COMMON) {
        *type = STT_OBJECT;
        *size_bytes = global->size_bytes;
    }
    uint64_t base = global->output == LINK_NONE ? 0 : link->outputs[global->output].address;
    *place = (struct link_place){(uint32_t)(base + global->value), global->output};
    return true;
}

static void add_globals(struct writer *writer, bool hidden)
{
    const struct link *link = writer->link;
    for (size_t i = 0; i < link->n_globals; i++) {
        const struct link_global *global = &link->globals[i];
        struct link_place place;
        uint32_t size_bytes;
        unsigned type;
        if (global->hidden != hidden || !*global->name ||
            !describe_global(link, global, &place, &size_bytes, &type))
            continue;
        unsigned binding = hidden ? STB_LOCAL : global->weak ? STB_WEAK : STB_GLOBAL;
        add_symbol(writer, global->name, &place, size_bytes,
                   (unsigned char)ELF32_ST_INFO(binding, type));
    }
}

static void write_symbols(struct writer *writer)
{
    struct link *link = writer->link;
    add_symbol(writer, "", &(struct link_place){.output = LINK_NONE}, 0, 0);
    if (writer->symbols)
        memset(writer->symbols, 0, sizeof(Elf32_Sym));
    for (size_t f = 0; f < link->n_files; f++)
        if (link->files[f].live)
            add_locals(writer, (int32_t)f);
    add_globals(writer, true);
    writer->n_locals = (uint32_t)writer->n_symbols;
    add_globals(writer, false);
}

static void add_tables(struct writer *writer)
{
    uint32_t strings = (uint32_t)writer->n_sections + 2;
    writer->sections[writer->n_sections++] = (struct isa_elf_section){
        .name = ".symtab",
        .data = writer->symbols,
        .header = {.sh_type = SHT_SYMTAB,
                   .sh_size = (Elf32_Word)(writer->n_symbols * sizeof(Elf32_Sym)),
                   .sh_link = strings,
                   .sh_info = writer->n_locals,
                   .sh_addralign = 4,
                   .sh_entsize = sizeof(Elf32_Sym)}};
    writer->sections[writer->n_sections++] =
        (struct isa_elf_section){.name = ".strtab",
                                 .data = (const uint8_t *)writer->strings.data,
                                 .header = {.sh_type = SHT_STRTAB,
                                            .sh_size = (Elf32_Word)writer->strings.len_bytes,
                                            .sh_addralign = 1}};
}

/* ---- the file ------------------------------------------------------------------------------- */

static uint32_t entry_address(const struct link *link)
{
    const struct link_global *entry = isa_link_find(link, link->options->entry);
    struct link_place place = {0};
    uint32_t size_bytes;
    unsigned type;
    return entry && describe_global(link, entry, &place, &size_bytes, &type) ? place.address : 0;
}

static uint32_t abi_flags(const struct link *link)
{
    for (size_t f = 0; f < link->n_files; f++)
        if (link->files[f].live)
            return link->files[f].object->e_flags;
    return ISA_E_FLAGS;
}

enum dpusim_status isa_link_write(struct link *link, struct isa_bytes *image)
{
    struct writer writer = {.link = link};
    enum { MORE_SECTIONS = 4 };
    writer.sections = calloc(link->n_outputs + MORE_SECTIONS, sizeof *writer.sections);
    writer.segments = calloc(link->n_outputs + 1, sizeof *writer.segments);
    enum dpusim_status status = DPUSIM_NO_MEMORY;
    if (writer.sections && writer.segments) {
        add_outputs(&writer);
        add_attributes(&writer);
        write_symbols(&writer);
    }
    if (writer.n_symbols && !writer.strings.failed && !link->no_memory) {
        add_tables(&writer);
        struct isa_elf_file file = {.type = ET_EXEC,
                                    .entry = entry_address(link),
                                    .flags = abi_flags(link),
                                    .sections = writer.sections,
                                    .n_sections = writer.n_sections,
                                    .segments = writer.segments,
                                    .n_segments = writer.n_segments};
        status = isa_elf_build(image, &file, NULL);
    }
    free(writer.sections);
    free(writer.segments);
    free(writer.symbols);
    isa_strings_fini(&writer.strings);
    return status;
}
