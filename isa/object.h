/* SPDX-License-Identifier: MIT */
/* A relocatable object in memory: what the assembler makes, the ELF writer writes, the ELF reader
 * reads and the linker consumes. Private to isa/. All arrays are malloc'ed and owned by the object.
 */
#ifndef ISA_OBJECT_H
#define ISA_OBJECT_H

#include "isa.h"

struct isa_object_reloc {
    uint32_t offset_bytes; /* inside the section; of the instruction slot for instruction types */
    enum isa_reloc type;
    uint32_t symbol; /* index into symbols */
    int64_t addend;
};

struct isa_object_section {
    char *name;
    uint32_t type;        /* SHT_* */
    uint32_t flags;       /* SHF_* */
    uint32_t align_bytes; /* power of two, at least 1 */
    uint32_t entry_bytes; /* sh_entsize of merge sections, else 0 */
    uint32_t linked;      /* SHF_LINK_ORDER: index of the other section + 1; 0: none */
    uint8_t *data;        /* NULL for SHT_NOBITS */
    uint32_t size_bytes;
    struct isa_object_reloc *relocs;
    size_t n_relocs;
};

enum { ISA_SECTION_UNDEFINED = -1, ISA_SECTION_ABSOLUTE = -2, ISA_SECTION_COMMON = -3 };

struct isa_object_symbol {
    char *name;      /* "" for section symbols */
    int32_t section; /* index into sections or one of the values above */
    uint32_t value;  /* offset in its section, absolute value, or alignment of a common */
    uint32_t size_bytes;
    uint8_t type;       /* STT_* */
    uint8_t binding;    /* STB_* */
    uint8_t visibility; /* STV_* */
};

struct isa_object {
    char *name;
    uint32_t e_flags;
    struct isa_object_section *sections;
    size_t n_sections;
    struct isa_object_symbol *symbols;
    size_t n_symbols;
};

#endif
