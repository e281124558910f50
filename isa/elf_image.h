/* SPDX-License-Identifier: MIT */
/* ELF32 files out of sections: offsets, name table and headers; common to objects and programs.
 * Also the string tables both need. Private to isa/. */
#ifndef ISA_ELF_IMAGE_H
#define ISA_ELF_IMAGE_H

#include <libelf.h>

#include "isa.h"

/* A growing string table; offset 0 is the empty string. failed: out of memory, later calls do
 * nothing. */
struct isa_strings {
    char *data;
    size_t len_bytes, capacity;
    bool failed;
};

uint32_t isa_strings_add(struct isa_strings *strings, const char *text);
void isa_strings_fini(struct isa_strings *strings);

struct isa_elf_section {
    const char *name;
    Elf32_Shdr header; /* sh_name and sh_offset are filled in by the writer */
    const uint8_t *data;
};

struct isa_elf_segment {
    Elf32_Phdr header; /* p_offset is filled in by the writer */
    size_t section;    /* index of its first section */
};

/* sections[i] becomes section i + 1; the section name table is added as the last one. */
struct isa_elf_file {
    unsigned type;
    uint32_t entry, flags;
    struct isa_elf_section *sections;
    size_t n_sections;
    struct isa_elf_segment *segments;
    size_t n_segments;
};

/* *image malloc'ed. */
DPUSIM_NODISCARD enum dpusim_status isa_elf_build(struct isa_bytes *image,
                                                  struct isa_elf_file *file, struct isa_diag *diag);
/* size_bytes of structures of a libelf type into file byte order. */
void isa_elf_encode(uint8_t *out, const void *structures, size_t size_bytes, Elf_Type type);

#endif
