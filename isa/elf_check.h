/* SPDX-License-Identifier: MIT */
/* Checks of ELF files that come before any parsing by libelf, so that every wrong file gets the
 * sentence it deserves. Private to isa/. */
#ifndef ISA_ELF_CHECK_H
#define ISA_ELF_CHECK_H

#include <libelf.h>

#include "isa.h"

/* Header, program header table and section header table of a DPU file whose e_type is `type`
 * (ET_EXEC or ET_REL) are whole and inside the image. ELF_INVALID otherwise. */
DPUSIM_NODISCARD enum dpusim_status isa_elf_check_header(struct isa_bytes image, const char *name,
                                                         unsigned type, struct isa_diag *diag);
/* All sections lie inside the image and have names inside the section name table. */
DPUSIM_NODISCARD enum dpusim_status isa_elf_check_sections(Elf *elf, struct isa_bytes image,
                                                           const char *name, struct isa_diag *diag);
/* Entry size, string table and every name and section number of a symbol table. */
DPUSIM_NODISCARD enum dpusim_status isa_elf_check_symbols(Elf *elf, Elf_Scn *table,
                                                          struct isa_bytes image, const char *name,
                                                          struct isa_diag *diag);
/* Chip name of a .dpu.attributes section: NULL when the bytes have another shape. */
const char *isa_elf_attributes_chip(struct isa_bytes section);

/* libelf handle of an image that passed isa_elf_check_header. *out is NULL on failure. */
DPUSIM_NODISCARD enum dpusim_status isa_elf_open(Elf **out, struct isa_bytes image,
                                                 const char *name, struct isa_diag *diag);
/* Why a call of libelf on an image opened last just failed: NO_MEMORY or ELF_INVALID. */
enum dpusim_status isa_elf_status(void);
/* First section of that type, or NULL. */
Elf_Scn *isa_elf_find_section(Elf *elf, unsigned type);
/* Size that a compressed section unpacks to; 0 when it is not compressed or damaged. */
uint32_t isa_elf_unpacked_bytes(Elf_Scn *section);
/* Name of a checked section. */
const char *isa_elf_section_name(Elf *elf, Elf_Scn *section);

#endif
