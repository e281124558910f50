/* SPDX-License-Identifier: MIT */
/* ELF32 files out of sections. Order in the file: header, program headers, section bytes in the
 * order given, section headers. libelf translates the structures; the layout is ours so that equal
 * inputs give equal bytes. */
#include <stdlib.h>
#include <string.h>

#include "elf_image.h"

enum { FIRST_STRINGS_BYTES = 256, TABLE_ALIGN_BYTES = 4 };

/* ---- string tables -------------------------------------------------------------------------- */

static bool reserve(struct isa_strings *strings, size_t more_bytes)
{
    size_t wanted = strings->len_bytes + more_bytes;
    if (strings->failed || wanted <= strings->capacity)
        return !strings->failed;
    size_t capacity = strings->capacity ? strings->capacity : FIRST_STRINGS_BYTES;
    while (capacity < wanted)
        capacity *= 2;
    char *larger = capacity <= UINT32_MAX ? realloc(strings->data, capacity) : NULL;
    strings->failed = !larger;
    if (!larger)
        return false;
    strings->data = larger;
    strings->capacity = capacity;
    return true;
}

uint32_t isa_strings_add(struct isa_strings *strings, const char *text)
{
    size_t size_bytes = strlen(text) + 1;
    if (!reserve(strings, size_bytes + 1))
        return 0;
    if (strings->len_bytes == 0)
        strings->data[strings->len_bytes++] = '\0';
    if (size_bytes == 1)
        return 0;
    uint32_t offset = (uint32_t)strings->len_bytes;
    memcpy(strings->data + offset, text, size_bytes);
    strings->len_bytes += size_bytes;
    return offset;
}

void isa_strings_fini(struct isa_strings *strings)
{
    free(strings->data);
}

/* ---- layout --------------------------------------------------------------------------------- */

static uint64_t align_up(uint64_t value, uint64_t align_bytes)
{
    return align_bytes > 1 ? (value + align_bytes - 1) / align_bytes * align_bytes : value;
}

static bool has_bytes(const Elf32_Shdr *header)
{
    return header->sh_type != SHT_NOBITS;
}

/* Offsets of all sections; returns the end of the last one. */
static uint64_t place_sections(struct isa_elf_file *file)
{
    uint64_t offset = sizeof(Elf32_Ehdr) + file->n_segments * sizeof(Elf32_Phdr);
    for (size_t i = 0; i < file->n_sections; i++) {
        Elf32_Shdr *header = &file->sections[i].header;
        offset = align_up(offset, header->sh_addralign);
        header->sh_offset = (Elf32_Off)offset;
        if (has_bytes(header))
            offset += header->sh_size;
    }
    return offset;
}

static void place_segments(struct isa_elf_file *file)
{
    for (size_t i = 0; i < file->n_segments; i++) {
        struct isa_elf_segment *segment = &file->segments[i];
        if (segment->header.p_type == PT_LOAD)
            segment->header.p_offset = file->sections[segment->section].header.sh_offset;
    }
}

/* ---- bytes ---------------------------------------------------------------------------------- */

void isa_elf_encode(uint8_t *out, const void *structures, size_t size_bytes, Elf_Type type)
{
    Elf_Data to = {.d_buf = out, .d_type = type, .d_version = EV_CURRENT, .d_size = size_bytes};
    Elf_Data from = {.d_buf = (void *)(uintptr_t)structures,
                     .d_type = type,
                     .d_version = EV_CURRENT,
                     .d_size = size_bytes};
    if (size_bytes && elf_version(EV_CURRENT) != EV_NONE)
        elf32_xlatetof(&to, &from, ELFDATA2LSB);
}

static Elf32_Ehdr file_header(const struct isa_elf_file *file, uint32_t sections_offset)
{
    bool loads = file->n_segments > 0;
    return (Elf32_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = (Elf32_Half)file->type,
        .e_machine = ISA_EM_DPU,
        .e_version = EV_CURRENT,
        .e_entry = file->entry,
        .e_flags = file->flags,
        .e_phoff = loads ? sizeof(Elf32_Ehdr) : 0,
        .e_shoff = sections_offset,
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_phentsize = loads ? sizeof(Elf32_Phdr) : 0,
        .e_phnum = (Elf32_Half)file->n_segments,
        .e_shentsize = sizeof(Elf32_Shdr),
        .e_shnum = (Elf32_Half)(file->n_sections + 1),
        .e_shstrndx = (Elf32_Half)file->n_sections,
    };
}

static void write_image(uint8_t *out, const struct isa_elf_file *file, uint32_t sections_offset)
{
    Elf32_Ehdr header = file_header(file, sections_offset);
    isa_elf_encode(out, &header, sizeof header, ELF_T_EHDR);
    for (size_t i = 0; i < file->n_segments; i++)
        isa_elf_encode(out + sizeof header + i * sizeof(Elf32_Phdr), &file->segments[i].header,
                       sizeof(Elf32_Phdr), ELF_T_PHDR);
    for (size_t i = 0; i < file->n_sections; i++) {
        const struct isa_elf_section *section = &file->sections[i];
        if (has_bytes(&section->header) && section->header.sh_size)
            memcpy(out + section->header.sh_offset, section->data, section->header.sh_size);
        isa_elf_encode(out + sections_offset + (i + 1) * sizeof(Elf32_Shdr), &section->header,
                       sizeof(Elf32_Shdr), ELF_T_SHDR);
    }
}

/* The sections and the name table behind them; NULL without memory. */
static struct isa_elf_section *name_sections(const struct isa_elf_file *file,
                                             struct isa_strings *names)
{
    struct isa_elf_section *sections = calloc(file->n_sections + 1, sizeof *sections);
    if (!sections)
        return NULL;
    if (file->n_sections)
        memcpy(sections, file->sections, file->n_sections * sizeof *sections);
    struct isa_elf_section *table = &sections[file->n_sections];
    table->name = ".shstrtab";
    table->header = (Elf32_Shdr){.sh_type = SHT_STRTAB, .sh_addralign = 1};
    for (size_t i = 0; i <= file->n_sections; i++)
        sections[i].header.sh_name = isa_strings_add(names, sections[i].name);
    table->header.sh_size = (Elf32_Word)names->len_bytes;
    table->data = (const uint8_t *)names->data;
    return sections;
}

enum dpusim_status isa_elf_build(struct isa_bytes *image, struct isa_elf_file *file,
                                 struct isa_diag *diag)
{
    if (file->n_sections + 2 >= SHN_LORESERVE)
        return isa_fail(diag, DPUSIM_BAD_ARGUMENT, "%zu sections, an ELF file holds %u",
                        file->n_sections, SHN_LORESERVE - 3);
    struct isa_strings names = {0};
    struct isa_elf_file whole = *file;
    whole.sections = name_sections(file, &names);
    whole.n_sections++;
    uint8_t *out = NULL;
    uint64_t end = 0, total = 0;
    if (whole.sections && !names.failed) {
        end = align_up(place_sections(&whole), TABLE_ALIGN_BYTES);
        total = end + (whole.n_sections + 1) * sizeof(Elf32_Shdr);
        place_segments(&whole);
        out = total <= UINT32_MAX ? calloc(1, total) : NULL;
    }
    if (out) {
        write_image(out, &whole, (uint32_t)end);
        *image = (struct isa_bytes){out, total};
    }
    isa_strings_fini(&names);
    free(whole.sections);
    return out ? DPUSIM_OK
               : isa_fail(diag, DPUSIM_NO_MEMORY, "no memory for a file of %llu bytes",
                          (unsigned long long)total);
}
