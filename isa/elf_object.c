/* SPDX-License-Identifier: MIT */
/* Relocatable ELF32 files, ours and the vendor's, into objects. Tables that only describe the file
 * (symbols, strings, relocations, groups, address-significance) become parts of struct isa_object
 * or are left out; compressed debug sections are unpacked. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "elf_check.h"
#include "object.h"

#define INVALID(...) isa_fail(diag, DPUSIM_ELF_INVALID, __VA_ARGS__)

enum { SLOT_BYTES = 8, NO_SECTION = -1 };
enum { MAX_UNPACKED_BYTES = 1 << 29, LLVM_ADDRSIG = 0x6fff4c03 };

struct reader {
    struct isa_object *object;
    const char *name;
    struct isa_bytes image;
    Elf *elf;
    size_t n_elf_sections;
    int32_t *numbers; /* section of the object for each ELF section */
    struct isa_diag *diag;
};

static enum dpusim_status no_memory(const struct reader *reader)
{
    return isa_fail(reader->diag, DPUSIM_NO_MEMORY, "%s: out of memory", reader->name);
}

/* ---- sections ------------------------------------------------------------------------------- */

static bool is_content(const Elf32_Shdr *header)
{
    switch (header->sh_type) {
    case SHT_NULL:
    case SHT_SYMTAB:
    case SHT_STRTAB:
    case SHT_RELA:
    case SHT_REL:
    case SHT_GROUP:
    case SHT_SYMTAB_SHNDX:
    case LLVM_ADDRSIG:
        return false;
    default:
        return true;
    }
}

static enum dpusim_status unpack(const struct reader *reader, Elf_Scn *section, size_t index)
{
    struct isa_diag *diag = reader->diag;
    uint32_t unpacked_bytes = isa_elf_unpacked_bytes(section);
    if (unpacked_bytes == 0)
        return INVALID("%s: section %zu: damaged compressed section", reader->name, index);
    if (unpacked_bytes > MAX_UNPACKED_BYTES)
        return INVALID("%s: section %zu: unpacks to %u bytes, wanted at most %d", reader->name,
                       index, unpacked_bytes, MAX_UNPACKED_BYTES);
    if (elf_compress(section, 0, 0) < 0)
        return isa_fail(diag, isa_elf_status(), "%s: section %zu: cannot be unpacked: %s",
                        reader->name, index, elf_errmsg(-1));
    return DPUSIM_OK;
}

static enum dpusim_status copy_bytes(const struct reader *reader, struct isa_object_section *out,
                                     Elf_Scn *section)
{
    if (out->type == SHT_NOBITS || out->size_bytes == 0)
        return DPUSIM_OK;
    const Elf_Data *data = elf_rawdata(section, NULL);
    if (!data || data->d_size < out->size_bytes)
        return isa_fail(reader->diag, isa_elf_status(), "%s: section %s: %s", reader->name,
                        out->name, elf_errmsg(-1));
    out->data = malloc(out->size_bytes);
    if (!out->data)
        return no_memory(reader);
    memcpy(out->data, data->d_buf, out->size_bytes);
    return DPUSIM_OK;
}

static enum dpusim_status add_section(struct reader *reader, Elf_Scn *section, size_t index)
{
    struct isa_diag *diag = reader->diag;
    if (elf32_getshdr(section)->sh_flags & SHF_COMPRESSED) {
        enum dpusim_status status = unpack(reader, section, index);
        if (status != DPUSIM_OK)
            return status;
    }
    const Elf32_Shdr *header = elf32_getshdr(section);
    uint32_t align = header->sh_addralign ? header->sh_addralign : 1;
    if (align & (align - 1))
        return INVALID("%s: section %zu: alignment %u, wanted a power of two", reader->name, index,
                       align);
    struct isa_object_section *out = &reader->object->sections[reader->object->n_sections++];
    *out = (struct isa_object_section){
        .name = strdup(isa_elf_section_name(reader->elf, section)),
        .type = header->sh_type,
        .flags = header->sh_flags & ~(uint32_t)(SHF_GROUP | SHF_COMPRESSED),
        .align_bytes = align,
        .entry_bytes = header->sh_flags & SHF_MERGE ? header->sh_entsize : 0,
        .size_bytes = header->sh_size};
    return out->name ? copy_bytes(reader, out, section) : no_memory(reader);
}

static enum dpusim_status read_sections(struct reader *reader)
{
    reader->numbers = calloc(reader->n_elf_sections + 1, sizeof *reader->numbers);
    reader->object->sections = calloc(reader->n_elf_sections + 1, sizeof *reader->object->sections);
    if (!reader->numbers || !reader->object->sections)
        return no_memory(reader);
    reader->numbers[0] = NO_SECTION;
    enum dpusim_status status = DPUSIM_OK;
    for (size_t i = 1; i < reader->n_elf_sections && status == DPUSIM_OK; i++) {
        Elf_Scn *section = elf_getscn(reader->elf, i);
        bool content = is_content(elf32_getshdr(section));
        reader->numbers[i] = content ? (int32_t)reader->object->n_sections : NO_SECTION;
        if (content)
            status = add_section(reader, section, i);
    }
    return status;
}

/* SHF_LINK_ORDER: sh_link of the file to the section it names. */
static enum dpusim_status link_sections(struct reader *reader)
{
    for (size_t i = 1; i < reader->n_elf_sections; i++) {
        const Elf32_Shdr *header = elf32_getshdr(elf_getscn(reader->elf, i));
        if (reader->numbers[i] == NO_SECTION || !(header->sh_flags & SHF_LINK_ORDER))
            continue;
        bool valid = header->sh_link < reader->n_elf_sections;
        if (!valid || (header->sh_link && reader->numbers[header->sh_link] == NO_SECTION))
            return isa_fail(reader->diag, DPUSIM_ELF_INVALID,
                            "%s: section %zu: ordered after section %u (sh_link), which has no "
                            "content",
                            reader->name, i, header->sh_link);
        reader->object->sections[reader->numbers[i]].linked =
            header->sh_link ? (uint32_t)reader->numbers[header->sh_link] + 1 : 0;
    }
    return DPUSIM_OK;
}

/* ---- symbols -------------------------------------------------------------------------------- */

static int32_t symbol_section(const struct reader *reader, const Elf32_Sym *symbol)
{
    switch (symbol->st_shndx) {
    case SHN_UNDEF:
        return ISA_SECTION_UNDEFINED;
    case SHN_COMMON:
        return ISA_SECTION_COMMON;
    default:
        if (symbol->st_shndx >= reader->n_elf_sections ||
            reader->numbers[symbol->st_shndx] == NO_SECTION)
            return ISA_SECTION_ABSOLUTE;
        return reader->numbers[symbol->st_shndx];
    }
}

static enum dpusim_status add_symbol(struct reader *reader, const Elf32_Sym *symbol,
                                     const char *name)
{
    int32_t section = symbol_section(reader, symbol);
    struct isa_object_symbol *out = &reader->object->symbols[reader->object->n_symbols];
    *out = (struct isa_object_symbol){.name = strdup(name),
                                      .section = section,
                                      .value = symbol->st_value,
                                      .size_bytes = symbol->st_size,
                                      .type = ELF32_ST_TYPE(symbol->st_info),
                                      .binding = ELF32_ST_BIND(symbol->st_info),
                                      .visibility = ELF32_ST_VISIBILITY(symbol->st_other)};
    if (!out->name)
        return no_memory(reader);
    reader->object->n_symbols++;
    if (section >= 0 && out->value > reader->object->sections[section].size_bytes)
        return isa_fail(reader->diag, DPUSIM_ELF_INVALID,
                        "%s: symbol \"%s\": offset %u in section %s of %u bytes", reader->name,
                        name, out->value, reader->object->sections[section].name,
                        reader->object->sections[section].size_bytes);
    return DPUSIM_OK;
}

/* Symbol n of the file becomes symbol n: the null symbol is an absolute 0. */
static enum dpusim_status read_symbols(struct reader *reader)
{
    Elf_Scn *table = isa_elf_find_section(reader->elf, SHT_SYMTAB);
    const Elf32_Shdr *header = table ? elf32_getshdr(table) : NULL;
    size_t count = header ? header->sh_size / sizeof(Elf32_Sym) : 0;
    reader->object->symbols = calloc(count + 1, sizeof *reader->object->symbols);
    if (!reader->object->symbols)
        return no_memory(reader);
    const Elf32_Sym null_symbol = {.st_shndx = SHN_ABS};
    enum dpusim_status status = add_symbol(reader, &null_symbol, "");
    if (count == 0 || status != DPUSIM_OK)
        return status;
    status = isa_elf_check_symbols(reader->elf, table, reader->image, reader->name, reader->diag);
    if (status != DPUSIM_OK)
        return status;
    const Elf32_Shdr *names = elf32_getshdr(elf_getscn(reader->elf, header->sh_link));
    const Elf_Data *data = elf_getdata(table, NULL);
    if (!data || data->d_size < count * sizeof(Elf32_Sym))
        return isa_fail(reader->diag, isa_elf_status(), "%s: symbol table: %s", reader->name,
                        elf_errmsg(-1));
    const Elf32_Sym *symbols = data->d_buf;
    const char *text = (const char *)reader->image.data + names->sh_offset;
    for (size_t i = 1; i < count && status == DPUSIM_OK; i++)
        status = add_symbol(reader, &symbols[i], text + symbols[i].st_name);
    return status;
}

/* ---- relocations ---------------------------------------------------------------------------- */

static enum dpusim_status check_reloc(const struct reader *reader, const Elf32_Rela *rela,
                                      const struct isa_object_section *section)
{
    struct isa_diag *diag = reader->diag;
    const struct isa_reloc_info *info = isa_reloc_get(ELF32_R_TYPE(rela->r_info));
    if (!info)
        return INVALID("%s: section %s: unknown relocation type %u at offset %u", reader->name,
                       section->name, ELF32_R_TYPE(rela->r_info), rela->r_offset);
    if (ELF32_R_SYM(rela->r_info) >= reader->object->n_symbols)
        return INVALID("%s: section %s: relocation at offset %u names symbol %u of %zu",
                       reader->name, section->name, rela->r_offset, ELF32_R_SYM(rela->r_info),
                       reader->object->n_symbols);
    unsigned size_bytes = *info->bits ? SLOT_BYTES : info->bytes_replaced;
    if (!isa_fits(rela->r_offset, size_bytes, section->size_bytes) || !section->data)
        return INVALID("%s: section %s: relocation of %u bytes at offset %u, the section has %u",
                       reader->name, section->name, size_bytes, rela->r_offset,
                       section->data ? section->size_bytes : 0);
    return DPUSIM_OK;
}

static enum dpusim_status read_relocs(struct reader *reader, Elf_Scn *table,
                                      struct isa_object_section *section)
{
    const Elf_Data *data = elf_getdata(table, NULL);
    size_t count = elf32_getshdr(table)->sh_size / sizeof(Elf32_Rela);
    if (count && (!data || data->d_size < count * sizeof(Elf32_Rela)))
        return isa_fail(reader->diag, isa_elf_status(), "%s: relocations of %s: %s", reader->name,
                        section->name, elf_errmsg(-1));
    struct isa_object_reloc *larger =
        realloc(section->relocs, (section->n_relocs + count + 1) * sizeof *larger);
    if (!larger)
        return no_memory(reader);
    section->relocs = larger;
    const Elf32_Rela *relas = data ? data->d_buf : NULL;
    for (size_t i = 0; i < count; i++) {
        enum dpusim_status status = check_reloc(reader, &relas[i], section);
        if (status != DPUSIM_OK)
            return status;
        if (ELF32_R_TYPE(relas[i].r_info) == ISA_R_NONE)
            continue;
        section->relocs[section->n_relocs++] =
            (struct isa_object_reloc){.offset_bytes = relas[i].r_offset,
                                      .type = (enum isa_reloc)ELF32_R_TYPE(relas[i].r_info),
                                      .symbol = ELF32_R_SYM(relas[i].r_info),
                                      .addend = relas[i].r_addend};
    }
    return DPUSIM_OK;
}

static enum dpusim_status read_all_relocs(struct reader *reader)
{
    struct isa_diag *diag = reader->diag;
    for (size_t i = 1; i < reader->n_elf_sections; i++) {
        Elf_Scn *table = elf_getscn(reader->elf, i);
        const Elf32_Shdr *header = elf32_getshdr(table);
        if (header->sh_type == SHT_REL && header->sh_size)
            return INVALID("%s: section %zu: REL relocations, wanted RELA", reader->name, i);
        if (header->sh_type != SHT_RELA)
            continue;
        if (header->sh_entsize != sizeof(Elf32_Rela) || header->sh_size % sizeof(Elf32_Rela) != 0)
            return INVALID("%s: section %zu: relocations of %u bytes in entries of %u, wanted "
                           "entries of %zu",
                           reader->name, i, header->sh_size, header->sh_entsize,
                           sizeof(Elf32_Rela));
        if (header->sh_info >= reader->n_elf_sections)
            return INVALID("%s: section %zu: relocates section %u, the file has %zu", reader->name,
                           i, header->sh_info, reader->n_elf_sections);
        if (reader->numbers[header->sh_info] == NO_SECTION)
            continue;
        enum dpusim_status status =
            read_relocs(reader, table, &reader->object->sections[reader->numbers[header->sh_info]]);
        if (status != DPUSIM_OK)
            return status;
    }
    return DPUSIM_OK;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static enum dpusim_status read_object(struct reader *reader)
{
    enum dpusim_status status =
        isa_elf_check_sections(reader->elf, reader->image, reader->name, reader->diag);
    if (status == DPUSIM_OK && elf_getshdrnum(reader->elf, &reader->n_elf_sections) != 0)
        status = isa_fail(reader->diag, isa_elf_status(), "%s: %s", reader->name, elf_errmsg(-1));
    if (status != DPUSIM_OK)
        return status;
    reader->object->e_flags = elf32_getehdr(reader->elf)->e_flags;
    status = read_sections(reader);
    if (status == DPUSIM_OK)
        status = link_sections(reader);
    if (status == DPUSIM_OK)
        status = read_symbols(reader);
    if (status == DPUSIM_OK)
        status = read_all_relocs(reader);
    return status;
}

static enum dpusim_status create_object(struct reader *reader)
{
    reader->object = calloc(1, sizeof *reader->object);
    if (reader->object)
        reader->object->name = strdup(reader->name);
    return reader->object && reader->object->name ? read_object(reader) : no_memory(reader);
}

/* Works on a copy: libelf notes in its section headers, which may be the image's, what it unpacked.
 */
enum dpusim_status isa_object_read(struct isa_object **out, struct isa_bytes image,
                                   const char *name, struct isa_diag *diag)
{
    struct reader reader = {.name = name ? name : "object", .image = image, .diag = diag};
    enum dpusim_status status = isa_elf_check_header(image, reader.name, ET_REL, diag);
    if (status != DPUSIM_OK)
        return status;
    uint8_t *copy = malloc(image.len_bytes);
    if (!copy)
        return isa_fail(diag, DPUSIM_NO_MEMORY, "%s: out of memory", reader.name);
    memcpy(copy, image.data, image.len_bytes);
    reader.image.data = copy;
    status = isa_elf_open(&reader.elf, reader.image, reader.name, diag);
    if (status == DPUSIM_OK)
        status = create_object(&reader);
    if (status == DPUSIM_OK)
        *out = reader.object;
    else
        isa_object_destroy(reader.object);
    free(reader.numbers);
    elf_end(reader.elf);
    free(copy);
    return status;
}
