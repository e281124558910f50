/* SPDX-License-Identifier: MIT */
/* The linker's state: input files, global symbols, merged strings, output sections. Its steps, one
 * file each: input, resolve, gc, merge, layout, reloc, output. Private to isa/. */
#ifndef ISA_LINK_H
#define ISA_LINK_H

#include "object.h"

enum { LINK_NONE = -1 }; /* no file, section, output, row or group */

/* One row of layout.def. */
enum link_row_kind {
    LINK_OUTPUT,
    LINK_INPUT,
    LINK_ORPHANS,
    LINK_COMMONS,
    LINK_SYMBOL,
    LINK_SKIP,
    LINK_STACKS,
    LINK_AT_LEAST,
    LINK_ALIGN,
    LINK_LIMIT,
    LINK_VALUE,
    LINK_DISCARD
};

struct link_row {
    enum link_row_kind kind;
    const char *text;  /* name or patterns */
    const char *other; /* LINK_VALUE: the other symbol; LINK_LIMIT: why */
    uint32_t number;   /* bytes, flags, keep, executable or base */
    enum isa_memory memory;
    uint32_t type; /* of outputs: SHT_* */
};

extern const struct link_row isa_link_rows[];
extern const size_t isa_link_row_count;

/* A string or constant of a mergeable input section. */
struct link_piece {
    uint32_t start_bytes;  /* in the input section */
    uint32_t offset_bytes; /* in its group, after merging */
    bool live;
};

struct link_section {
    bool live;
    int32_t row;               /* allocated sections: row of layout.def */
    int32_t output;            /* after layout */
    int32_t group;             /* merged sections: index of the group */
    uint64_t offset_bytes;     /* in the output */
    struct link_piece *pieces; /* NULL: not merged */
    size_t n_pieces;
};

struct link_file {
    struct isa_object *object;
    struct link_section *sections;
    int32_t *globals; /* global number of each symbol; LINK_NONE for local ones */
    bool live;        /* archive members: pulled in */
};

enum link_state { LINK_UNDEFINED, LINK_LAZY, LINK_DEFINED, LINK_COMMON, LINK_LINKER };

struct link_global {
    const char *name;
    enum link_state state;
    bool weak; /* definition, or all references */
    bool hidden;
    bool referenced;                  /* commons: by a live section */
    int32_t file;                     /* of the definition, the archive member or the common */
    uint32_t symbol;                  /* in that file */
    uint32_t align_bytes, size_bytes; /* commons */
    int32_t output;                   /* linker's symbols and commons; LINK_NONE: absolute */
    uint64_t value;                   /* offset in output, or absolute value */
    size_t uses;                      /* while undefined symbols are reported */
};

/* Pieces with equal bytes become one. */
struct link_group {
    int32_t row; /* or of a section outside memory: */
    const char *name;
    uint32_t flags, entry_bytes, align_bytes;
    int32_t output;
    uint64_t offset_bytes, size_bytes;
    bool placed;
    struct link_unique *uniques;
    size_t n_uniques, capacity;
    uint32_t *slots; /* hash table of unique number + 1 */
    size_t slots_mask;
};

struct link_unique {
    const uint8_t *data;
    uint32_t size_bytes, offset_bytes;
};

struct link_output {
    const char *name;
    bool allocated;
    enum isa_memory memory;
    uint32_t type, flags, segment_flags, entry_bytes;
    uint64_t address, size_bytes, align_bytes;
    uint8_t *data;
    uint32_t number; /* ELF section number; 0: left out */
};

struct link {
    const struct isa_link_options *options;
    const struct isa_chip_info *chip;
    const struct isa_report *report;
    size_t errors;
    bool no_memory;
    struct link_file *files;
    size_t n_files, files_capacity;
    struct link_global *globals;
    size_t n_globals, globals_capacity;
    uint32_t *slots; /* hash table of global number + 1 */
    size_t slots_mask;
    struct link_group *groups;
    size_t n_groups, groups_capacity;
    struct link_output *outputs;
    size_t n_outputs, outputs_capacity;
    char stack_sizes[ISA_MAX_THREADS][24], stack_names[ISA_MAX_THREADS][24];
};

/* link.c: errors. Each counts and goes to the report. */
void isa_link_error(struct link *link, const char *file, const char *format, ...)
    DPUSIM_PRINTF(3, 4);
bool isa_link_going(const struct link *link); /* no error and no memory failure so far */
const char *isa_link_file_name(const struct link *link, int32_t file);

/* link_input.c: objects and archive members into link->files. */
void isa_link_read(struct link *link, const struct isa_link_input *input);

/* link_resolve.c: global symbols. */
int32_t isa_link_global(struct link *link,
                        const char *name); /* found or added; LINK_NONE: no memory */
const struct link_global *isa_link_find(const struct link *link, const char *name);
uint32_t isa_link_absolute(const struct link *link,
                           const char *name); /* value of a linker's symbol */
void isa_link_define(struct link *link, const char *name, int32_t output, uint64_t value);
void isa_link_resolve(struct link *link);
/* Follows a symbol of a file to the file and symbol that define it; false when it is undefined, a
 * common or the linker's. */
bool isa_link_target(const struct link *link, int32_t *file, uint32_t *symbol);
/* Global behind a symbol of a file; NULL for local symbols. */
struct link_global *isa_link_global_of(const struct link *link, int32_t file, uint32_t symbol);

/* link_rows.c: sections and rows. */
int32_t isa_link_row_of(const struct isa_object_section *section);
bool isa_link_discarded(const struct isa_object_section *section);

/* link_merge.c */
bool isa_link_mergeable(const struct isa_object_section *section);
void isa_link_split(struct link *link, int32_t file, size_t section);
struct link_piece *isa_link_piece(const struct link_section *section, uint32_t offset_bytes);
void isa_link_merge(struct link *link);

/* link_gc.c: marks live sections and pieces. */
void isa_link_collect(struct link *link);

/* link_layout.c: addresses of everything. */
enum link_found { LINK_FOUND, LINK_GONE, LINK_MISSING };
struct link_place {
    uint32_t address;
    int32_t output; /* LINK_NONE: absolute */
};
void isa_link_layout(struct link *link);
/* Place of an offset in an input section; false when that was left out. */
bool isa_link_locate(const struct link *link, int32_t file, int32_t section, uint32_t offset_bytes,
                     struct link_place *place);
/* Place of a symbol of a file, its definition followed; inner_bytes are added to its offset in the
 * section before merging. LINK_GONE: its section was left out; LINK_MISSING: undefined, place is 0.
 */
enum link_found isa_link_locate_symbol(const struct link *link, int32_t file, uint32_t symbol,
                                       uint32_t inner_bytes, struct link_place *place);

/* link_fit.c: what does not fit, and what is undefined. */
void isa_link_check_memories(struct link *link);
void isa_link_check_undefined(struct link *link);

/* link_stack.c: a warning when the frames of a chain of calls do not fit a stack. */
void isa_link_check_stacks(struct link *link);

/* link_reloc.c: bytes of the output sections. */
void isa_link_fill(struct link *link);

/* link_output.c: the file. */
DPUSIM_NODISCARD enum dpusim_status isa_link_write(struct link *link, struct isa_bytes *image);

#endif
