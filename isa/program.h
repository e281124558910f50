/* SPDX-License-Identifier: MIT */
/* What a linked program keeps besides its public tables: the file's bytes, the symbol indexes and
 * the line table that is read at its first use. Private to isa/. */
#ifndef ISA_PROGRAM_H
#define ISA_PROGRAM_H

#include <pthread.h>
#include <stdatomic.h>

#include "isa.h"

/* Symbols in order of address. outer[i]: the symbol before i that still covers address i, + 1; 0:
 * none. So the symbols that cover an address are found by one binary search and a walk outwards. */
struct isa_symbol_index {
    uint32_t *order, *outer;
    size_t count;
};

/* Place of one instruction. file 0: none. */
struct isa_line {
    uint32_t file, line;
};

struct isa_lines {
    struct isa_line at[ISA_IRAM_INSNS];
    char **files; /* file i + 1 of isa_line */
    size_t n_files;
};

/* What debug information says about objects and functions, in order of address. */
struct isa_typed {
    uint32_t address;
    const struct isa_type *type;
};

struct isa_types {
    struct isa_typed *objects;
    size_t n_objects;
    struct isa_block *blocks; /* all memory of the types */
};

struct isa_program_private {
    atomic_uint references;
    uint8_t *image;
    size_t image_bytes;
    uint32_t *names; /* hash table of symbol number + 1 */
    size_t names_mask;
    struct isa_symbol_index code, data;
    pthread_mutex_t lines_lock;
    bool lines_tried; /* under the lock */
    struct isa_lines *lines;
    bool types_tried; /* under the lock, too */
    struct isa_types *types;
};

/* Build the indexes of a program whose symbols are complete. *duplicate: a global name that is
 * defined twice, or NULL. */
DPUSIM_NODISCARD enum dpusim_status isa_program_index(struct isa_program *program,
                                                      const char **duplicate);
void isa_program_index_fini(struct isa_program_private *priv);
void isa_lines_destroy(struct isa_lines *lines);
void isa_types_destroy(struct isa_types *types);
/* Opens debug information and lets `read` see it; false: there is none, or no memory for it. */
bool isa_dwarf_visit(struct isa_bytes image, const char *name,
                     bool (*read)(void *context, void *dwarf), void *context);
/* False when the unit headers of a debug section do not add up to its size. */
bool isa_lines_plausible(struct isa_bytes section);

#endif
