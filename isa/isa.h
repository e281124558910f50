/* SPDX-License-Identifier: MIT */
/* The DPU instruction set as data: forms, operands, conditions; decode, encode, print; assembler,
 * linker and program files. Public header; everything here comes from the tables *.def beside it.
 *
 * No function prints or exits. Functions that can fail return a status and leave their outputs
 * untouched on failure. Strings and infos returned are static unless the comment says otherwise. */
#ifndef ISA_H
#define ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sizes.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DPUSIM_NODISCARD         __attribute__((warn_unused_result))
#define DPUSIM_API               __attribute__((visibility("default")))
#define DPUSIM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define DPUSIM_NODISCARD
#define DPUSIM_API
#define DPUSIM_PRINTF(fmt, args)
#endif

/* ------------------------------------------------------------------ status and diagnostics ---- */

enum dpusim_status {
#define STATUS(id, exit_code, dpu_error, text) DPUSIM_##id,
#include "status.def"
#undef STATUS
    DPUSIM_STATUS_COUNT
};

/* Default sentence of a status. */
DPUSIM_API const char *dpusim_status_text(enum dpusim_status status);
/* Exit code of the command for a status, 0..5. */
DPUSIM_API int dpusim_status_exit_code(enum dpusim_status status);

/* One sentence about what went wrong, written by the function that failed. Caller's storage. */
struct isa_diag {
    char text[1024];
};

/* Formats into diag (may be NULL) and returns status, so that `return isa_fail(...)` reads well. */
DPUSIM_API enum dpusim_status isa_fail(struct isa_diag *diag, enum dpusim_status status,
                                       const char *format, ...) DPUSIM_PRINTF(3, 4);

enum isa_severity { ISA_NOTE, ISA_WARNING, ISA_ERROR };

/* One message of the assembler, the linker or the program reader. Strings live during the call. */
struct isa_message {
    enum isa_severity severity;
    const char *file;        /* NULL: no place in a file */
    unsigned line, column;   /* from 1; 0: none */
    const char *text;        /* one sentence without newline */
    const char *source_line; /* the line itself, without newline; NULL: none */
};

/* Where messages go. emit may be NULL: messages are dropped. */
struct isa_report {
    void (*emit)(void *context, const struct isa_message *message);
    void *context;
};

struct isa_bytes {
    const uint8_t *data; /* borrowed */
    size_t len_bytes;
};

/* The entry of names[0..count) nearest to name by edit distance, or NULL when none is near. */
DPUSIM_API const char *isa_nearest(const char *name, const char *const *names, size_t count);

/* ------------------------------------------------------------------ tables -------------------- */

enum isa_chip {
#define CHIP(id, ...) ISA_CHIP_##id,
#include "chip.def"
#undef CHIP
    ISA_CHIP_COUNT
};

struct isa_chip_info {
    const char *name;
    unsigned threads, iram_insns, wram_bytes, atomic_bits, atomic_reserved_bits;
    uint64_t clock_hz;
    const char *text;
};

DPUSIM_API const struct isa_chip_info *isa_chip_get(enum isa_chip chip);
/* Chip by name ("v1A"); ISA_CHIP_COUNT when unknown. */
DPUSIM_API enum isa_chip isa_chip_find(const char *name);

enum isa_op {
#define OP(id, ...) ISA_OP_##id,
#include "op.def"
#undef OP
    ISA_OP_COUNT
};

enum isa_flags { ISA_FLAGS_NONE, ISA_FLAGS_Z, ISA_FLAGS_ZC };
enum isa_widen { ISA_WIDEN_N, ISA_WIDEN_S, ISA_WIDEN_U };

struct isa_op_info {
    const char *name, *family, *meaning;
    enum isa_flags flags; /* written */
    bool documented;
};

DPUSIM_API const struct isa_op_info *isa_op_get(enum isa_op op);

/* The access of an operation to WRAM; bytes 0: it makes none. safe: checked against a limit. */
struct isa_access {
    uint8_t bytes;
    bool is_write, is_safe;
};

DPUSIM_API const struct isa_access *isa_op_access(enum isa_op op);

enum isa_kind {
#define KIND(id, ...) ISA_KIND_##id,
#include "kind.def"
#undef KIND
    ISA_KIND_COUNT
};

struct isa_kind_info {
    const char *name; /* as in the documentation: "r", "s24", ... */
    int64_t lowest, highest;
    bool is_signed;
    const char *text;
};

DPUSIM_API const struct isa_kind_info *isa_kind_get(enum isa_kind kind);

enum isa_cond {
#define COND(id, ...) ISA_COND_##id,
#include "cond.def"
    ISA_COND_COUNT
};

enum isa_cond_class {
#define CLASS(id, ...) ISA_CLASS_##id,
#include "cond.def"
    ISA_CLASS_COUNT
};

enum isa_cond_role { ISA_CODE_MAIN, ISA_CODE_ALT, ISA_CODE_EXTRA, ISA_CODE_INTERNAL };

struct isa_cond_info {
    const char *name, *test;
};

struct isa_cond_code {
    enum isa_cond_class cond_class;
    enum isa_cond cond;
    const char *spelling;
    uint8_t code;
    enum isa_cond_role role;
};

DPUSIM_API const struct isa_cond_info *isa_cond_get(enum isa_cond cond);
DPUSIM_API const char *isa_class_name(enum isa_cond_class cond_class);
DPUSIM_API const char *isa_class_text(enum isa_cond_class cond_class);
/* All (class, condition, code) rows; *count receives their number. */
DPUSIM_API const struct isa_cond_code *isa_cond_codes(size_t *count);
/* Raw code that the assembler uses for a spelling in a class (any case as documented, `t`, `nsz`
 * and the class's extra spellings included), or -1. */
DPUSIM_API int isa_cond_find(enum isa_cond_class cond_class, const char *spelling);
/* Condition of a raw code; ISA_COND_FALSE for codes without a name (believed: vendor's emulator).
 */
DPUSIM_API enum isa_cond isa_cond_of(enum isa_cond_class cond_class, unsigned code);
/* Printed name of a raw code, "???" for codes without a name. */
DPUSIM_API const char *isa_cond_name(enum isa_cond_class cond_class, unsigned code);

enum isa_reloc {
#define RELOC(id, number, ...) ISA_R_##id = number,
#include "reloc.def"
#undef RELOC
};

struct isa_reloc_info {
    enum isa_reloc number;
    const char *name;        /* "R_DPU_IMM24" */
    const char *bits;        /* "" for data relocations */
    unsigned bytes_replaced; /* 0: OR-ed into the instruction word */
};

/* NULL when the number is no relocation type. */
DPUSIM_API const struct isa_reloc_info *isa_reloc_get(unsigned number);
/* Place V into the 64-bit slot `word` as an instruction relocation does. */
DPUSIM_API uint64_t isa_reloc_place(enum isa_reloc number, uint64_t word, uint32_t value);

enum isa_operand {
    ISA_OPERAND_NONE,
#define OPERAND(id, ...) ISA_OPERAND_##id,
#include "operand.def"
#undef OPERAND
    ISA_OPERAND_COUNT
};

struct isa_operand_info {
    const char *name, *bits;
    enum isa_kind kind;
    enum isa_cond_class cond_class; /* of conditions */
    uint64_t decodable_codes;       /* of conditions */
    uint64_t field_mask;            /* instruction bits of the field */
    enum isa_reloc reloc;           /* ISA_R_NONE: cannot be relocated */
    unsigned width_bits;
};

DPUSIM_API const struct isa_operand_info *isa_operand_get(enum isa_operand operand);
/* Field as an unsigned number / sign-extended or not as its kind says. */
DPUSIM_API uint32_t isa_field_get(enum isa_operand operand, uint64_t word);
DPUSIM_API int64_t isa_field_value(enum isa_operand operand, uint64_t word);
/* word with the field's bits replaced by the low bits of value. */
DPUSIM_API uint64_t isa_field_put(enum isa_operand operand, uint64_t word, uint64_t value);

#define ISA_MAX_OPERANDS 6

/* How an instruction is written: a form of insn.def or an alias of alias.def. */
struct isa_pattern {
    const char *mnemonic; /* lower case, with .s/.u */
    const char *shape;    /* operand letters; "" for none */
    uint8_t n_operands;
    uint8_t operands[ISA_MAX_OPERANDS]; /* enum isa_operand, assembly order */
    uint64_t mask, value;
};

enum isa_form {
#define FORM(id, ...) ISA_##id,
#include "insn.def"
#undef FORM
    ISA_FORM_COUNT,
    ISA_ILLEGAL = ISA_FORM_COUNT
};

struct isa_form_info {
    struct isa_pattern pattern;
    enum isa_op op;
    enum isa_widen widen;
    bool check_rb;    /* bits 33:32 may not both be set */
    uint64_t ignored; /* bits that the decoder does not look at */
};

enum isa_alias {
#define ALIAS(id, ...) ISA_ALIAS_##id,
#include "alias.def"
#undef ALIAS
    ISA_ALIAS_COUNT
};

struct isa_alias_info {
    struct isa_pattern pattern;
    enum isa_form form;
    uint64_t match_mask, match_value; /* may be printed for words of form that match */
    unsigned order;
};

DPUSIM_API const struct isa_form_info *isa_form_get(enum isa_form form);
DPUSIM_API const struct isa_alias_info *isa_alias_get(enum isa_alias alias);
/* "add.s:rri", into buffer (at least 32 bytes); returns buffer. */
DPUSIM_API char *isa_form_signature(enum isa_form form, char *buffer, size_t size);
/* Form by signature; ISA_ILLEGAL when unknown. */
DPUSIM_API enum isa_form isa_form_find(const char *signature);

/* ------------------------------------------------------------------ decode, encode, print ----- */

struct isa_insn {
    enum isa_form form;
    uint64_t word;                   /* 48 bits */
    int64_t value[ISA_MAX_OPERANDS]; /* register number, immediate (signed as its kind), raw code */
};

/* Form of a 48-bit word, ISA_ILLEGAL when no form matches or bits 63..48 are not 0. */
DPUSIM_API enum isa_form isa_decode_form(uint64_t word);
/* Decode with operand values. False, with form = ISA_ILLEGAL, when illegal. */
DPUSIM_API bool isa_decode(uint64_t word, struct isa_insn *out);
/* Word of a pattern with these operand values (their low bits are used; ranges are the caller's).
 */
DPUSIM_API uint64_t isa_encode(const struct isa_pattern *pattern,
                               const int64_t value[ISA_MAX_OPERANDS]);

/* Text of a word, canonical style: the shortest alias unless raw; `.quad 0x...  // illegal` for
 * illegal words. Like snprintf: returns the length it would have, always ends the string. */
DPUSIM_API int isa_print(char *buffer, size_t size, uint64_t word, bool raw);
/* Name of register 0..31: "r0".."r23", "zero", "one", .. */
DPUSIM_API const char *isa_register_name(unsigned number);

/* ------------------------------------------------------------------ programs (ELF) ------------ */

enum isa_memory { ISA_IRAM, ISA_WRAM, ISA_MRAM, ISA_ATOMIC, ISA_MEMORY_COUNT };

struct isa_segment {
    enum isa_memory memory;
    uint32_t offset_bytes; /* inside that memory */
    uint32_t file_bytes;   /* bytes at data */
    uint32_t mem_bytes;    /* loaded size, zero beyond file_bytes */
    const uint8_t *data;
    const char *name; /* of its first section; "" when unknown */
};

enum isa_symbol_type { ISA_SYMBOL_NONE, ISA_SYMBOL_OBJECT, ISA_SYMBOL_FUNCTION, ISA_SYMBOL_FILE };

struct isa_symbol {
    const char *name;
    uint32_t value;      /* ELF address: carries the memory's base */
    uint32_t size_bytes; /* 0: unknown */
    enum isa_symbol_type type;
    bool global, absolute, defined;
    const char *section; /* "" for absolute and undefined symbols */
};

struct isa_section {
    const char *name;
    uint32_t address, size_bytes, flags, type;
};

/* A linked program in memory. Create with isa_program_read*, immutable afterwards, so any number of
 * DPUs and threads may share one. */
struct isa_program {
    enum isa_chip chip;
    char *name; /* file name or what the caller passed */
    uint32_t entry, e_flags;
    unsigned nr_tasklets; /* symbol NR_TASKLETS; 0 when absent */
    struct isa_segment *segments;
    size_t n_segments;
    struct isa_symbol *symbols; /* in file order */
    size_t n_symbols;
    struct isa_section *sections; /* without the null section */
    size_t n_sections;
    struct isa_program_private *priv;
};

/* A whole file in memory; out->data is malloc'ed, owned by the caller. Errors: NO_SUCH_FILE,
 * ELF_INVALID (directory, permission, above 1 GiB), IO (changed meanwhile, too), NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
isa_file_read(struct isa_bytes *out, const char *path, struct isa_diag *diag);

/* Read an executable. Every malformed file is refused with the sentence it deserves; warnings
 * (damaged line tables, another SDK's version) go to report (may be NULL). *out owned by the
 * caller. Errors: NO_SUCH_FILE, IO, ELF_INVALID, INVALID_IRAM_ACCESS, INVALID_WRAM_ACCESS,
 * INVALID_MRAM_ACCESS, TOO_MANY_TASKLETS, NO_MEMORY. Use: isa_program_read_file(&p, "kernel.elf",
 * NULL, &diag). */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
isa_program_read_file(struct isa_program **out, const char *path, const struct isa_report *report,
                      struct isa_diag *diag);
/* The same from memory; bytes are copied. name is used in messages. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
isa_program_read(struct isa_program **out, struct isa_bytes image, const char *name,
                 const struct isa_report *report, struct isa_diag *diag);
/* Another reference to the same program; each reference is destroyed once. */
DPUSIM_API struct isa_program *isa_program_share(struct isa_program *program);
DPUSIM_API void isa_program_destroy(struct isa_program *program);

/* First global, else local, symbol of that name; NULL when absent. */
DPUSIM_API const struct isa_symbol *isa_program_find_symbol(const struct isa_program *program,
                                                            const char *name);
/* Symbol that covers the ELF address, else the nearest one below it in the same memory; NULL if
 * none. functions: consider functions only (and labels in code), else objects only. */
DPUSIM_API const struct isa_symbol *isa_program_symbol_at(const struct isa_program *program,
                                                          uint32_t address, bool functions);
/* Symbol name nearest to a misspelt one, or NULL. */
DPUSIM_API const char *isa_program_nearest_symbol(const struct isa_program *program,
                                                  const char *name);
/* Source line of an instruction index. False when the program has no line table for it. *file lives
 * as long as the program. Thread-safe. */
DPUSIM_API bool isa_program_line_at(const struct isa_program *program, uint32_t pc_insn,
                                    const char **file, unsigned *line);

/* Memory and offset of an ELF address; false when it is in no memory (gap). */
DPUSIM_API bool isa_address_split(uint32_t address, enum isa_memory *memory,
                                  uint32_t *offset_bytes);
/* ELF address of the first byte of a memory, of the first atomic bit. */
DPUSIM_API uint32_t isa_memory_base(enum isa_memory memory);
DPUSIM_API const char *isa_memory_name(enum isa_memory memory);

/* ------------------------------------------------------------------ types (DWARF) ------------- */

enum isa_type_kind {
    ISA_TYPE_VOID,
    ISA_TYPE_SIGNED, /* integers, also plain char */
    ISA_TYPE_UNSIGNED,
    ISA_TYPE_BOOL,
    ISA_TYPE_CHAR, /* signed or unsigned char: is_signed */
    ISA_TYPE_FLOAT,
    ISA_TYPE_POINTER,
    ISA_TYPE_ARRAY,
    ISA_TYPE_STRUCT,
    ISA_TYPE_UNION,
    ISA_TYPE_ENUM,
    ISA_TYPE_FUNCTION,
    ISA_TYPE_NAMED, /* a typedef of target */
    ISA_TYPE_KINDS
};

struct isa_type;

struct isa_member {
    const char *name; /* "": anonymous */
    const struct isa_type *type;
    uint32_t offset_bytes;
    uint8_t bit_offset, bit_size; /* of a bit-field, from the least significant bit; 0, 0: none */
};

struct isa_enumerator {
    const char *name;
    int64_t value;
};

/* A type of the program. Qualifiers are left out. */
struct isa_type {
    enum isa_type_kind kind;
    const char *name;                 /* "": none */
    uint64_t size_bytes;              /* 0: unknown */
    bool is_signed;                   /* of CHAR */
    bool is_mram;                     /* of POINTER: to MRAM */
    bool is_variadic;                 /* of FUNCTION */
    const struct isa_type *target;    /* pointed to, element, result or NAMED type; NULL: void */
    uint64_t count;                   /* elements of ARRAY; 0: not said */
    const struct isa_member *members; /* of STRUCT and UNION; of FUNCTION: parameters */
    size_t n_members;
    const struct isa_enumerator *enumerators;
    size_t n_enumerators;
};

/* Type of an object or function, as its debug information (-g) has it; NULL: it has none. Lives as
 * long as the program. Thread-safe. */
DPUSIM_API const struct isa_type *isa_program_type_at(const struct isa_program *program,
                                                      uint32_t address);
/* The type behind typedefs; NULL for NULL. */
DPUSIM_API const struct isa_type *isa_type_strip(const struct isa_type *type);
/* "struct point *", "u32[4]" into buffer, as snprintf does. */
DPUSIM_API int isa_type_text(const struct isa_type *type, char *buffer, size_t size);

/* ------------------------------------------------------------------ core files ---------------- */

/* A memory, or anything else, that a core file holds. */
struct isa_core_part {
    const char *section;    /* ".data": takes the place of the program's section of that name */
    uint32_t address;       /* ELF address */
    struct isa_bytes bytes; /* data NULL: left out */
    unsigned flags;         /* of its segment, as ELF has them (PF_R 4, PF_W 2, PF_X 1); 0: none */
};

/* The core file of a DPU with that program: its sections at their places in the table, so that
 * symbols and debug information hold, with the parts instead of what they hold in the program.
 * image->data malloc'ed, owned by the caller. Errors: ELF_INVALID (the program has no section
 * names), NO_MEMORY. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
isa_core_build(struct isa_bytes *image, const struct isa_program *program,
               const struct isa_core_part *parts, size_t n_parts, struct isa_diag *diag);
/* Read a core file as a program whose segments are the memories. Errors as isa_program_read. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
isa_core_read(struct isa_program **out, struct isa_bytes image, const char *name,
              const struct isa_report *report, struct isa_diag *diag);
/* Do the bytes begin like a core file of a DPU? */
DPUSIM_API bool isa_core_is(struct isa_bytes image);
/* Bytes of a section in the file; data NULL when there is none of that name. Borrowed, as long as
 * the program lives. */
DPUSIM_API struct isa_bytes isa_program_section(const struct isa_program *program,
                                                const char *name);

/* ------------------------------------------------------------------ assembler and linker ------ */

struct isa_object; /* a relocatable object in memory */

struct isa_asm_options {
    const char *const *include_dirs; /* NULL-terminated; may be NULL */
    const char *const
        *defines;        /* NULL-terminated "NAME" or "NAME=VALUE" for .S files; may be NULL */
    bool debug_lines;    /* write a line table of the assembly text itself */
    bool preprocess;     /* run the text through the C preprocessor first */
    unsigned max_errors; /* stop after so many; 0: 20 */
};

/* Assemble text. On SYNTAX the errors went to report, at most max_errors. *out owned by the caller.
 * options may be NULL. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
isa_assemble(struct isa_object **out, struct isa_bytes text, const char *file_name,
             const struct isa_asm_options *options, const struct isa_report *report);
/* Assemble a file; `.S` files are preprocessed. "-" reads standard input. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
isa_assemble_file(struct isa_object **out, const char *path, const struct isa_asm_options *options,
                  const struct isa_report *report);
DPUSIM_API void isa_object_destroy(struct isa_object *object);
/* Relocatable ELF32 image of an object; *image is malloc'ed, the caller frees image->data. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
isa_object_write(const struct isa_object *object, struct isa_bytes *image, struct isa_diag *diag);
/* Read a relocatable ELF32 image, ours or the vendor's. */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status isa_object_read(struct isa_object **out,
                                                               struct isa_bytes image,
                                                               const char *name,
                                                               struct isa_diag *diag);

struct isa_link_symbol {
    const char *name;
    uint32_t value;
};

struct isa_link_options {
    enum isa_chip chip;
    unsigned nr_tasklets;                  /* 1..threads of the chip; 0: 1 */
    uint32_t stack_default_bytes;          /* 0: 1024 */
    uint32_t stack_bytes[ISA_MAX_THREADS]; /* 0: the default for tasklets below nr_tasklets */
    const struct isa_link_symbol *defsyms; /* absolute symbols; later wins */
    size_t n_defsyms;
    const char *entry; /* NULL: "__bootstrap" */
    bool keep_unused;  /* no garbage collection of sections */
    bool strip_debug;
};

struct isa_link_input {
    const char *name;      /* for messages */
    struct isa_bytes data; /* an object or an ar archive; borrowed during the call */
    bool whole_archive;
};

/* Link objects and archives into an executable image; *image malloc'ed, the caller frees
 * image->data. Errors go to report: undefined, duplicate, does not fit (by how much, largest
 * symbols). */
DPUSIM_NODISCARD DPUSIM_API enum dpusim_status
isa_link(struct isa_bytes *image, const struct isa_link_input *inputs, size_t n_inputs,
         const struct isa_link_options *options, const struct isa_report *report);

#ifdef __cplusplus
}
#endif

#endif
