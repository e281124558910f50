/* SPDX-License-Identifier: MIT */
/* A look into relocatable ELF32 images: just enough to show or compare what the assembler made. */
#include "object_view.h"

#include <elf.h>
#include <string.h>

static bool inside(struct isa_bytes image, uint64_t offset, uint64_t len)
{
    return offset <= image.len_bytes && len <= image.len_bytes - offset;
}

static bool header_of(struct isa_bytes image, Elf32_Ehdr *header)
{
    if (image.len_bytes < sizeof *header || memcmp(image.data, ELFMAG, SELFMAG) != 0 ||
        image.data[EI_CLASS] != ELFCLASS32)
        return false;
    memcpy(header, image.data, sizeof *header);
    return header->e_machine == ISA_EM_DPU && header->e_shentsize == sizeof(Elf32_Shdr) &&
           inside(image, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf32_Shdr));
}

bool object_is_relocatable(struct isa_bytes image)
{
    Elf32_Ehdr header;
    return header_of(image, &header) && header.e_type == ET_REL;
}

static bool section_at(struct isa_bytes image, unsigned index, Elf32_Shdr *section)
{
    Elf32_Ehdr header;
    if (!header_of(image, &header) || index >= header.e_shnum)
        return false;
    memcpy(section, image.data + header.e_shoff + index * sizeof *section, sizeof *section);
    return section->sh_type == SHT_NOBITS || inside(image, section->sh_offset, section->sh_size);
}

/* String at an offset of a string table; "" when it does not end inside. */
static const char *string_at(struct isa_bytes image, unsigned table, uint32_t offset)
{
    Elf32_Shdr strings;
    if (!section_at(image, table, &strings) || strings.sh_type != SHT_STRTAB ||
        offset >= strings.sh_size)
        return "";
    const char *text = (const char *)image.data + strings.sh_offset + offset;
    return memchr(text, 0, strings.sh_size - offset) ? text : "";
}

static const char *section_name(struct isa_bytes image, const Elf32_Shdr *section)
{
    Elf32_Ehdr header;
    return header_of(image, &header) ? string_at(image, header.e_shstrndx, section->sh_name) : "";
}

static struct isa_bytes contents(struct isa_bytes image, const Elf32_Shdr *section)
{
    if (section->sh_type == SHT_NOBITS)
        return (struct isa_bytes){NULL, 0};
    return (struct isa_bytes){image.data + section->sh_offset, section->sh_size};
}

bool object_section(struct isa_bytes image, const char *name, struct isa_bytes *bytes)
{
    Elf32_Shdr section;
    for (unsigned i = 1; section_at(image, i, &section); i++)
        if (strcmp(section_name(image, &section), name) == 0) {
            *bytes = contents(image, &section);
            return true;
        }
    return false;
}

void object_each_code(struct isa_bytes image,
                      void (*visit)(void *context, const char *name, unsigned index,
                                    struct isa_bytes code),
                      void *context)
{
    Elf32_Shdr section;
    for (unsigned i = 1; section_at(image, i, &section); i++)
        if (section.sh_type == SHT_PROGBITS && (section.sh_flags & SHF_EXECINSTR) &&
            section.sh_size)
            visit(context, section_name(image, &section), i, contents(image, &section));
}

const char *object_label(struct isa_bytes image, unsigned index, uint32_t offset)
{
    Elf32_Shdr table;
    Elf32_Sym symbol;
    for (unsigned i = 1; section_at(image, i, &table); i++) {
        if (table.sh_type != SHT_SYMTAB)
            continue;
        for (size_t at = 0; at + sizeof symbol <= table.sh_size; at += sizeof symbol) {
            memcpy(&symbol, image.data + table.sh_offset + at, sizeof symbol);
            const char *name = string_at(image, table.sh_link, symbol.st_name);
            if (symbol.st_shndx == index && symbol.st_value == offset && *name)
                return name;
        }
    }
    return NULL;
}
