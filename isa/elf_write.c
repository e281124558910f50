/* SPDX-License-Identifier: MIT */
/* Objects in memory to relocatable ELF32 files: e_machine 245, RELA, local symbols first. Shape:
 * documented (vendor's LLVM), so that objects of both tool chains mix. */
#include <stdlib.h>
#include <string.h>

#include "elf_image.h"
#include "object.h"

/* Everything that is allocated while one object is written. */
struct writer {
    const struct isa_object *object;
    struct isa_elf_section *sections;
    size_t n_sections;
    char **rela_names;
    uint8_t **rela_data;
    uint32_t *numbers; /* ELF symbol number of each symbol */
    uint8_t *symbols;
    uint32_t n_locals; /* the null symbol included */
    struct isa_strings strings;
};

static bool writer_init(struct writer *writer, const struct isa_object *object)
{
    writer->object = object;
    writer->sections = calloc(2 * object->n_sections + 2, sizeof *writer->sections);
    writer->rela_names = calloc(object->n_sections + 1, sizeof *writer->rela_names);
    writer->rela_data = calloc(object->n_sections + 1, sizeof *writer->rela_data);
    writer->numbers = calloc(object->n_symbols + 1, sizeof *writer->numbers);
    writer->symbols = calloc(object->n_symbols + 1, sizeof(Elf32_Sym));
    return writer->sections && writer->rela_names && writer->rela_data && writer->numbers &&
           writer->symbols;
}

static void writer_fini(struct writer *writer)
{
    for (size_t i = 0; i < writer->object->n_sections; i++) {
        if (writer->rela_names)
            free(writer->rela_names[i]);
        if (writer->rela_data)
            free(writer->rela_data[i]);
    }
    free(writer->sections);
    free(writer->rela_names);
    free(writer->rela_data);
    free(writer->numbers);
    free(writer->symbols);
    isa_strings_fini(&writer->strings);
}

static Elf32_Section section_number(int32_t section)
{
    switch (section) {
    case ISA_SECTION_UNDEFINED:
        return SHN_UNDEF;
    case ISA_SECTION_ABSOLUTE:
        return SHN_ABS;
    case ISA_SECTION_COMMON:
        return SHN_COMMON;
    default:
        return (Elf32_Section)(section + 1);
    }
}

static void add_symbols(struct writer *writer, bool local, uint32_t *count)
{
    const struct isa_object *object = writer->object;
    for (size_t i = 0; i < object->n_symbols; i++) {
        const struct isa_object_symbol *symbol = &object->symbols[i];
        if ((symbol->binding == STB_LOCAL) != local)
            continue;
        Elf32_Sym out = {.st_name = isa_strings_add(&writer->strings, symbol->name),
                         .st_value = symbol->value,
                         .st_size = symbol->size_bytes,
                         .st_info = ELF32_ST_INFO(symbol->binding, symbol->type),
                         .st_other = symbol->visibility,
                         .st_shndx = section_number(symbol->section)};
        isa_elf_encode(writer->symbols + *count * sizeof out, &out, sizeof out, ELF_T_SYM);
        writer->numbers[i] = (*count)++;
    }
}

static void write_symbols(struct writer *writer)
{
    uint32_t count = 1;
    isa_strings_add(&writer->strings, "");
    add_symbols(writer, true, &count);
    writer->n_locals = count;
    add_symbols(writer, false, &count);
}

static void write_sections(struct writer *writer)
{
    for (size_t i = 0; i < writer->object->n_sections; i++) {
        const struct isa_object_section *section = &writer->object->sections[i];
        writer->sections[writer->n_sections++] =
            (struct isa_elf_section){.name = section->name,
                                     .data = section->data,
                                     .header = {.sh_type = section->type,
                                                .sh_flags = section->flags,
                                                .sh_size = section->size_bytes,
                                                .sh_link = section->linked,
                                                .sh_addralign = section->align_bytes,
                                                .sh_entsize = section->entry_bytes}};
    }
}

static bool write_relocs(struct writer *writer, size_t index)
{
    const struct isa_object_section *section = &writer->object->sections[index];
    size_t name_bytes = strlen(section->name) + sizeof ".rela";
    size_t size_bytes = section->n_relocs * sizeof(Elf32_Rela);
    char *name = writer->rela_names[index] = malloc(name_bytes);
    uint8_t *data = writer->rela_data[index] = malloc(size_bytes);
    if (!name || !data)
        return false;
    memcpy(name, ".rela", 5);
    strcpy(name + 5, section->name);
    for (size_t i = 0; i < section->n_relocs; i++) {
        const struct isa_object_reloc *reloc = &section->relocs[i];
        Elf32_Rela out = {.r_offset = reloc->offset_bytes,
                          .r_info = ELF32_R_INFO(writer->numbers[reloc->symbol], reloc->type),
                          .r_addend = (Elf32_Sword)(uint32_t)reloc->addend};
        isa_elf_encode(data + i * sizeof out, &out, sizeof out, ELF_T_RELA);
    }
    writer->sections[writer->n_sections++] =
        (struct isa_elf_section){.name = name,
                                 .data = data,
                                 .header = {.sh_type = SHT_RELA,
                                            .sh_flags = SHF_INFO_LINK,
                                            .sh_size = (Elf32_Word)size_bytes,
                                            .sh_info = (Elf32_Word)index + 1,
                                            .sh_addralign = 4,
                                            .sh_entsize = sizeof(Elf32_Rela)}};
    return true;
}

static void write_tables(struct writer *writer)
{
    size_t first_rela = writer->object->n_sections;
    uint32_t symtab = (uint32_t)writer->n_sections + 1;
    for (size_t i = first_rela; i < writer->n_sections; i++)
        writer->sections[i].header.sh_link = symtab;
    writer->sections[writer->n_sections++] = (struct isa_elf_section){
        .name = ".symtab",
        .data = writer->symbols,
        .header = {.sh_type = SHT_SYMTAB,
                   .sh_size = (Elf32_Word)((writer->object->n_symbols + 1) * sizeof(Elf32_Sym)),
                   .sh_link = symtab + 1,
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

enum dpusim_status isa_object_write(const struct isa_object *object, struct isa_bytes *image,
                                    struct isa_diag *diag)
{
    enum { ELF_MAX_SYMBOLS = 1 << 24 }; /* ELF32_R_INFO has 24 bits for the symbol */
    if (object->n_symbols + 1 >= ELF_MAX_SYMBOLS)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%s: %zu symbols, an object file holds %d",
                        object->name, object->n_symbols, ELF_MAX_SYMBOLS - 2);
    struct writer writer = {0};
    bool built = writer_init(&writer, object);
    if (built) {
        write_symbols(&writer);
        write_sections(&writer);
    }
    for (size_t i = 0; built && i < object->n_sections; i++)
        if (object->sections[i].n_relocs)
            built = write_relocs(&writer, i);
    enum dpusim_status status = DPUSIM_NO_MEMORY;
    if (built && !writer.strings.failed) {
        write_tables(&writer);
        struct isa_elf_file file = {.type = ET_REL,
                                    .flags = object->e_flags,
                                    .sections = writer.sections,
                                    .n_sections = writer.n_sections};
        status = isa_elf_build(image, &file, diag);
    } else {
        status = isa_fail(diag, DPUSIM_NO_MEMORY, "%s: out of memory", object->name);
    }
    writer_fini(&writer);
    return status;
}
