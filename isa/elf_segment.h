/* SPDX-License-Identifier: MIT */
/* Loadable segments of a program file, checked against the memories of a chip. Private to isa/. */
#ifndef ISA_ELF_SEGMENT_H
#define ISA_ELF_SEGMENT_H

#include <libelf.h>

#include "isa.h"

/* Fills program->segments (its sections and chip are known). INVALID_*_ACCESS when a segment does
 * not fit its memory, ELF_INVALID for everything else. */
DPUSIM_NODISCARD enum dpusim_status isa_elf_read_segments(struct isa_program *program, Elf *elf,
                                                          struct isa_bytes image,
                                                          struct isa_diag *diag);

#endif
