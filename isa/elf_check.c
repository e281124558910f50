/* SPDX-License-Identifier: MIT */
/* Checks of sections and symbol tables that hold for programs and objects alike, and the small
 * questions both readers ask libelf. Everything a header claims is compared with the file's size.
 */
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "elf_check.h"

#define INVALID(...) isa_fail(diag, DPUSIM_ELF_INVALID, __VA_ARGS__)
#define FAILED(...)  isa_fail(diag, isa_elf_status(), __VA_ARGS__)

/* libelf's own error numbers are private; what the allocator left behind tells the one apart that
 * is not the file's fault. */
enum dpusim_status isa_elf_status(void)
{
    return errno == ENOMEM ? DPUSIM_NO_MEMORY : DPUSIM_ELF_INVALID;
}

enum dpusim_status isa_elf_open(Elf **out, struct isa_bytes image, const char *name,
                                struct isa_diag *diag)
{
    *out = NULL;
    errno = 0;
    /* libelf takes a plain pointer but only reads from it: ELF_C_READ. */
    if (elf_version(EV_CURRENT) != EV_NONE)
        *out = elf_memory((char *)(uintptr_t)image.data, image.len_bytes);
    return *out ? DPUSIM_OK : FAILED("%s: %s", name, elf_errmsg(-1));
}

Elf_Scn *isa_elf_find_section(Elf *elf, unsigned type)
{
    for (Elf_Scn *section = elf_nextscn(elf, NULL); section; section = elf_nextscn(elf, section)) {
        const Elf32_Shdr *header = elf32_getshdr(section);
        if (header && header->sh_type == type)
            return section;
    }
    return NULL;
}

uint32_t isa_elf_unpacked_bytes(Elf_Scn *section)
{
    Elf32_Chdr packed;
    const Elf32_Chdr *header = elf32_getchdr(section); /* may be misaligned */
    if (!header)
        return 0;
    memcpy(&packed, header, sizeof packed);
    return packed.ch_size;
}

const char *isa_elf_section_name(Elf *elf, Elf_Scn *section)
{
    const Elf32_Ehdr *file = elf32_getehdr(elf);
    const Elf32_Shdr *header = elf32_getshdr(section);
    if (!file || !header || file->e_shstrndx == SHN_UNDEF)
        return "";
    const char *name = elf_strptr(elf, file->e_shstrndx, header->sh_name);
    return name ? name : "";
}

/* Header of a string table whose bytes lie in the image and end with NUL; NULL otherwise. */
static const Elf32_Shdr *string_table(Elf *elf, size_t index, struct isa_bytes image)
{
    Elf_Scn *section = elf_getscn(elf, index);
    const Elf32_Shdr *header = section ? elf32_getshdr(section) : NULL;
    if (!header || header->sh_type != SHT_STRTAB || header->sh_size == 0 ||
        header->sh_flags & SHF_COMPRESSED ||
        !isa_fits(header->sh_offset, header->sh_size, image.len_bytes) ||
        image.data[header->sh_offset + header->sh_size - 1] != '\0')
        return NULL;
    return header;
}

static enum dpusim_status check_section(const Elf32_Shdr *header, size_t index,
                                        uint32_t names_bytes, size_t image_bytes, const char *name,
                                        struct isa_diag *diag)
{
    if (names_bytes && header->sh_name >= names_bytes)
        return INVALID("%s: section %zu: name at offset %u, the name table has %u bytes", name,
                       index, header->sh_name, names_bytes);
    if (header->sh_type == SHT_NOBITS || header->sh_type == SHT_NULL)
        return DPUSIM_OK;
    if (!isa_fits(header->sh_offset, header->sh_size, image_bytes))
        return INVALID("%s: section %zu: offset %u + size %u ends past the file's %zu bytes", name,
                       index, header->sh_offset, header->sh_size, image_bytes);
    bool table = header->sh_type == SHT_SYMTAB || header->sh_type == SHT_RELA;
    if (table && header->sh_offset % sizeof(uint32_t) != 0)
        return INVALID("%s: section %zu: table at offset %u, wanted a multiple of 4", name, index,
                       header->sh_offset);
    return DPUSIM_OK;
}

enum dpusim_status isa_elf_check_sections(Elf *elf, struct isa_bytes image, const char *name,
                                          struct isa_diag *diag)
{
    const Elf32_Ehdr *file = elf32_getehdr(elf);
    if (!file)
        return FAILED("%s: %s", name, elf_errmsg(-1));
    if (file->e_shnum == 0)
        return DPUSIM_OK;
    const Elf32_Shdr *names = NULL;
    if (file->e_shstrndx != SHN_UNDEF && !(names = string_table(elf, file->e_shstrndx, image)))
        return INVALID("%s: section %u (e_shstrndx) is no table of section names", name,
                       file->e_shstrndx);
    enum dpusim_status status = DPUSIM_OK;
    for (size_t i = 1; i < file->e_shnum && status == DPUSIM_OK; i++) {
        Elf_Scn *section = elf_getscn(elf, i);
        const Elf32_Shdr *header = section ? elf32_getshdr(section) : NULL;
        if (!header)
            return FAILED("%s: section %zu: %s", name, i, elf_errmsg(-1));
        status = check_section(header, i, names ? names->sh_size : 0, image.len_bytes, name, diag);
    }
    return status;
}

static enum dpusim_status check_symbol(const uint8_t *symbol, size_t index, uint32_t names_bytes,
                                       unsigned n_sections, const char *name, struct isa_diag *diag)
{
    uint32_t name_offset = isa_get32(symbol);
    unsigned section = isa_get16(symbol + 14);
    if (name_offset >= names_bytes)
        return INVALID("%s: symbol %zu: name at offset %u, the string table has %u bytes", name,
                       index, name_offset, names_bytes);
    if (section >= n_sections && section < SHN_LORESERVE)
        return INVALID("%s: symbol %zu: in section %u, the file has %u", name, index, section,
                       n_sections);
    return DPUSIM_OK;
}

enum dpusim_status isa_elf_check_symbols(Elf *elf, Elf_Scn *table, struct isa_bytes image,
                                         const char *name, struct isa_diag *diag)
{
    const Elf32_Ehdr *file = elf32_getehdr(elf);
    const Elf32_Shdr *header = elf32_getshdr(table);
    if (!file || !header)
        return FAILED("%s: %s", name, elf_errmsg(-1));
    if (header->sh_entsize != sizeof(Elf32_Sym) || header->sh_size % sizeof(Elf32_Sym) != 0)
        return INVALID("%s: symbol table of %u bytes in entries of %u, wanted entries of %zu", name,
                       header->sh_size, header->sh_entsize, sizeof(Elf32_Sym));
    if (header->sh_flags & SHF_COMPRESSED)
        return INVALID("%s: compressed symbol table, wanted a plain one", name);
    const Elf32_Shdr *names = string_table(elf, header->sh_link, image);
    if (!names)
        return INVALID("%s: symbol table: section %u (sh_link) is no string table", name,
                       header->sh_link);
    enum dpusim_status status = DPUSIM_OK;
    for (size_t i = 0; i < header->sh_size / sizeof(Elf32_Sym) && status == DPUSIM_OK; i++)
        status = check_symbol(image.data + header->sh_offset + i * sizeof(Elf32_Sym), i,
                              names->sh_size, file->e_shnum, name, diag);
    return status;
}

/* 'A', u32 length of the rest, "upmem", file tag 1, u32 length from the tag, attribute 5, chip
 * name. documented (vendor's LLVM); a name must end inside the section. */
const char *isa_elf_attributes_chip(struct isa_bytes section)
{
    static const uint8_t vendor[] = "upmem";
    enum { AT_VENDOR = 5, AT_TAG = 11, AT_ATTRIBUTE = 16, AT_CHIP = 17 };
    const uint8_t *at = section.data;
    if (section.len_bytes <= AT_CHIP || at[0] != 'A' || at[AT_TAG] != 1 || at[AT_ATTRIBUTE] != 5 ||
        memcmp(at + AT_VENDOR, vendor, sizeof vendor) != 0 ||
        !memchr(at + AT_CHIP, '\0', section.len_bytes - AT_CHIP))
        return NULL;
    return (const char *)(at + AT_CHIP);
}
