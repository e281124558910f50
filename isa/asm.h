/* SPDX-License-Identifier: MIT */
/* The assembler's state. One pass reads statements and writes section bytes; what is not yet known
 * (labels ahead, other files' symbols) is a fixup, settled at the end as a number or a relocation.
 * Parts, one file each: memory, input, lex, expr, symbol, section, fixup, operand, match, insn,
 * value, directives by topic, macro, cond, lines, cpp, finish. Private to isa/. */
#ifndef ISA_ASM_H
#define ISA_ASM_H

#include <setjmp.h>

#include "object.h"

enum {
    ASM_MAX_ERRORS = 20,
    ASM_MAX_FRAMES = 200,                      /* nested macros, repetitions and includes */
    ASM_MAX_CONDITIONS = 1000,                 /* nested .if */
    ASM_MAX_NESTING = 200,                     /* parentheses and unary operators */
    ASM_MAX_EXPANDED_BYTES = 64 << 20,         /* text made by macros and repetitions */
    ASM_MAX_SECTION_BYTES = ISA_MRAM_BYTES,    /* the largest memory there is */
    ASM_MAX_OBJECT_BYTES = 4 * ISA_MRAM_BYTES, /* all sections together */
    ASM_MAX_TEXT_BYTES = 1 << 30,
    ASM_MAX_FILE_NUMBER = 65535
};

/* Text that is being read, alive until the end so that late messages can show its lines. */
struct asm_text {
    const char *data;
    size_t len_bytes;
    const struct asm_text *used_text; /* expansions: where the macro was used; NULL: a file */
    uint32_t used_offset, used_line, used_file;
};

/* A character of a text. */
struct asm_place {
    const struct asm_text *text;
    uint32_t offset_bytes;
    uint32_t line;
    uint32_t file; /* index into files */
};

enum asm_token_kind { ASM_END, ASM_NAME, ASM_QUOTED, ASM_NUMBER, ASM_LOCAL, ASM_PUNCT, ASM_BAD };

struct asm_token {
    enum asm_token_kind kind;
    const char *at; /* spelling in the text */
    size_t len_bytes;
    uint64_t number; /* of ASM_NUMBER and ASM_LOCAL */
    int punct;       /* character, or ASM_TWO(first, second); of ASM_LOCAL 'b' or 'f' */
    bool spaced;     /* white space before it */
};

#define ASM_TWO(first, second) ((first) << 8 | (second))

struct asm_frame {
    const struct asm_text *text;
    const char *at;
    uint32_t line, file;
    uint32_t first_line, round_lines; /* repetitions: the lines count anew in each round */
    uint32_t n_conditions;            /* when the frame was entered */
    bool is_macro, line_start;
};

/* ---- names ---------------------------------------------------------------------------------- */

struct asm_map_entry {
    const char *name;
    uint32_t len_bytes, hash;
    void *value;
};

struct asm_map {
    struct asm_map_entry *entries; /* open addressing; name NULL: free */
    size_t capacity, count;
};

/* ---- expressions ---------------------------------------------------------------------------- */

struct asm_symbol;

enum asm_expr_kind { ASM_CONSTANT, ASM_SYMBOL, ASM_HERE, ASM_UNARY, ASM_BINARY };

struct asm_expr {
    uint8_t kind;
    uint16_t depth;
    int32_t op; /* of unary and binary: as token.punct; of ASM_HERE: the section */
    union {
        int64_t number; /* ASM_CONSTANT; ASM_HERE: offset in bytes */
        struct asm_symbol *symbol;
        const struct asm_expr *operands; /* one or two */
    };
};

/* number + plus - minus; the two are ASM_SYMBOL, ASM_HERE or absent (kind ASM_CONSTANT). */
struct asm_value {
    int64_t number;
    struct asm_expr plus, minus;
};

enum asm_symbol_kind { ASM_UNDEFINED, ASM_LABEL, ASM_VARIABLE, ASM_COMMON };

struct asm_symbol {
    const char *name;
    struct asm_symbol *next; /* in order of first mention */
    struct asm_expr expr;    /* of variables */
    struct asm_expr *size;
    struct asm_place defined; /* text NULL: nowhere yet */
    int32_t section;          /* of labels */
    uint32_t offset_bytes;    /* of labels; alignment of commons */
    uint32_t common_bytes;
    uint32_t out_index; /* in the object, + 1 */
    uint8_t kind, binding, type, visibility;
    bool declared; /* .globl, .weak, .local, .extern, ... */
    bool is_binding_set;
    bool used;      /* a relocation names it */
    bool temporary; /* numeric label or `.`: named .LtmpN when used */
    bool quoted;
};

/* ---- sections ------------------------------------------------------------------------------- */

struct asm_row {
    uint32_t offset_bytes, file, line;
    uint16_t column;
    uint8_t flags, isa;
    uint32_t discriminator;
};

struct asm_section {
    const char *name, *linked; /* linked: name of the linked-to section; NULL: none */
    struct asm_place linked_at;
    uint32_t type, flags, align_bytes, entry_bytes;
    uint8_t *data;
    size_t capacity;
    uint32_t size_bytes;
    struct isa_object_reloc *relocs;
    size_t n_relocs, relocs_capacity;
    struct asm_row *rows;
    size_t n_rows, rows_capacity;
    uint32_t symbol_index; /* of its section symbol in the object, + 1 */
};

enum asm_fixup_kind { ASM_FIX_OPERAND, ASM_FIX_DATA, ASM_FIX_ULEB, ASM_FIX_SLEB };

struct asm_fixup {
    struct asm_expr expr;
    struct asm_place place;
    uint32_t section, offset_bytes;
    uint8_t kind, detail; /* operand or number of bytes */
};

/* ---- line tables ---------------------------------------------------------------------------- */

struct asm_line_file {
    const char *directory, *name; /* name NULL: unused number */
};

/* flags of a row */
enum { ASM_ROW_STMT = 1, ASM_ROW_BLOCK = 2, ASM_ROW_PROLOGUE = 4, ASM_ROW_EPILOGUE = 8 };

struct asm_lines {
    struct asm_line_file *files; /* by the number of .file */
    size_t n_files, files_capacity;
    struct asm_row next; /* of .loc, for the next instruction */
    bool pending, is_stmt, seen_loc;
};

/* ---- conditions and macros ------------------------------------------------------------------ */

struct asm_condition {
    bool active, taken, seen_else, outer_active;
    struct asm_place place;
};

struct asm_parameter {
    const char *name;
    size_t name_bytes;
    const char *value;
    size_t value_bytes;
    bool required, rest;
};

struct asm_macro {
    const char *name;
    struct asm_parameter *parameters;
    size_t n_parameters;
    const char *body;
    size_t body_bytes;
    uint32_t line, file;
};

/* ---- the state ------------------------------------------------------------------------------ */

/* A row of the object's symbol table: a symbol, a section, or the file (section ASM_NO_SECTION). */
#define ASM_NO_SECTION UINT32_MAX

struct asm_out {
    struct asm_symbol *symbol;
    uint32_t section;
};

struct asm_block;
struct asm_index; /* patterns by mnemonic */

struct asm_state {
    jmp_buf no_memory;
    enum dpusim_status status;
    struct asm_block *blocks; /* arena: everything that lives until the end */
    const struct isa_report *report;
    const struct isa_asm_options *options;
    const char *file_name;
    unsigned n_errors, max_errors;
    bool stop, quiet, statement_failed;
    bool statement_done; /* its end is behind us */

    const char **files; /* names in messages and line tables */
    size_t n_files, files_capacity;
    struct asm_frame *frames;
    size_t n_frames, frames_capacity;
    struct asm_frame *frame; /* the innermost */
    struct asm_token token;
    struct asm_place statement; /* its first token */
    size_t expanded_bytes;

    struct asm_map directive_map; /* to rows */
    struct asm_map symbol_map, section_map, macro_map, local_map, file_map;
    struct asm_symbol *symbols, **symbols_end;
    const char *source_name; /* .file "name" */
    uint32_t n_temporaries;
    struct asm_out *out;
    size_t n_out, out_capacity;

    struct asm_section *sections;
    size_t n_sections, sections_capacity;
    uint32_t section, previous_section;
    uint32_t *section_stack; /* pairs: current, previous */
    size_t n_section_stack, section_stack_capacity;
    uint64_t object_bytes;

    struct asm_fixup *fixups;
    size_t n_fixups, fixups_capacity;
    struct asm_condition *conditions;
    size_t n_conditions, conditions_capacity;
    unsigned macro_count, eval_steps;
    struct asm_index *index;
    struct asm_lines lines;
    char *preprocessed; /* malloc'ed text */
    struct isa_object *object;
};

/* asm_memory.c: arena, growing arrays, maps. Without memory they do not return. */
void *asm_alloc(struct asm_state *as, size_t size_bytes); /* zeroed */
char *asm_copy(struct asm_state *as, const char *text, size_t len_bytes);
void asm_grow(struct asm_state *as, void *array, size_t *capacity, size_t count,
              size_t element_bytes);
_Noreturn void asm_no_memory(struct asm_state *as);
void asm_free_blocks(struct asm_state *as);
/* The slot of a name, made with value NULL when new; good until the next call. */
struct asm_map_entry *asm_map_get(struct asm_state *as, struct asm_map *map, const char *name,
                                  size_t len_bytes);
void *asm_map_find(const struct asm_map *map, const char *name, size_t len_bytes);

/* asm_message.c. The first two report at most one error per statement: at the token, or at the
 * statement's beginning. */
void asm_error(struct asm_state *as, const char *format, ...) DPUSIM_PRINTF(2, 3);
void asm_error_statement(struct asm_state *as, const char *format, ...) DPUSIM_PRINTF(2, 3);
void asm_error_at(struct asm_state *as, struct asm_place place, const char *format, ...)
    DPUSIM_PRINTF(3, 4);
void asm_note_at(struct asm_state *as, enum isa_severity severity, struct asm_place place,
                 const char *format, ...) DPUSIM_PRINTF(4, 5);
struct asm_place asm_token_place(const struct asm_state *as);
struct asm_place asm_place_of(const struct asm_state *as, const char *at);
/* The token for a message: `spelling` cut to a readable length, or "end of line". */
const char *asm_token_text(const struct asm_state *as, char buffer[64]);

/* asm_input.c */
uint32_t asm_intern_file(struct asm_state *as, const char *name, size_t len_bytes);
void asm_push_file(struct asm_state *as, const char *data, size_t len_bytes, const char *name);
/* Text made from a macro or a repetition; text lives in the arena. round_lines 0: no rounds. */
void asm_push_expansion(struct asm_state *as, const char *text, size_t len_bytes, uint32_t line,
                        uint32_t file, uint32_t round_lines, bool is_macro);
void asm_pop_frame(struct asm_state *as);
/* A whole file into the arena; false after an error message at the current token. */
bool asm_read_file(struct asm_state *as, const char *name, const char **data, size_t *len_bytes,
                   const char **path);

/* asm_lex.c */
void asm_next(struct asm_state *as);
bool asm_is_punct(const struct asm_state *as, int punct);
bool asm_accept(struct asm_state *as, int punct);
bool asm_expect_comma(struct asm_state *as);
bool asm_is_word(const struct asm_state *as, const char *word);
/* Skip to the end of the statement, without messages. */
void asm_skip_statement(struct asm_state *as);
bool asm_name_char(char c);
/* Bytes of the quoted token with its escapes replaced, into the arena, NUL-terminated. */
bool asm_unquote(struct asm_state *as, const char **bytes, size_t *len_bytes);

/* asm_expr.c, asm_eval.c: false after an error message. */
bool asm_parse_expr(struct asm_state *as, struct asm_expr *out);
bool asm_parse_absolute(struct asm_state *as, int64_t *out);
struct asm_expr asm_constant(int64_t number);
struct asm_expr asm_here(const struct asm_state *as);
bool asm_fold(int op, int64_t left, int64_t right, int64_t *out);
enum asm_known { ASM_KNOWN, ASM_NOT_YET, ASM_WRONG };
/* final: undefined symbols stay as they are; else they make the answer ASM_NOT_YET. *why receives a
 * sentence on ASM_WRONG. */
enum asm_known asm_eval(struct asm_state *as, const struct asm_expr *expr, bool final,
                        struct asm_value *out, const char **why);
bool asm_value_is_absolute(const struct asm_value *value);

/* asm_symbol.c */
struct asm_symbol *asm_symbol_get(struct asm_state *as, const char *name, size_t len_bytes);
struct asm_symbol *asm_symbol_find(struct asm_state *as, const char *name, size_t len_bytes);
/* A name token or a quoted one, as a symbol; NULL after an error message. Eats the token. */
struct asm_symbol *asm_parse_symbol(struct asm_state *as);
void asm_define_label(struct asm_state *as, struct asm_symbol *symbol, struct asm_place place);
void asm_define_local(struct asm_state *as, uint64_t number, struct asm_place place);
struct asm_symbol *asm_local_symbol(struct asm_state *as, uint64_t number, bool forward);
struct asm_symbol *asm_temporary(struct asm_state *as, uint32_t section, uint32_t offset_bytes);
void asm_assign(struct asm_state *as, struct asm_symbol *symbol, struct asm_place place,
                bool may_repeat);

/* asm_section.c */
struct asm_section *asm_current(struct asm_state *as);
/* The section of a name, made when new with the type and flags that the name implies. */
uint32_t asm_section_get(struct asm_state *as, const char *name);
/* Several sections may share a name; the key (name and more) tells them apart. */
uint32_t asm_section_open(struct asm_state *as, const char *key, size_t key_bytes, const char *name,
                          bool *is_new);
uint32_t asm_section_find(const struct asm_state *as, const char *name); /* UINT32_MAX: none */
void asm_section_switch(struct asm_state *as, uint32_t section);
/* Bytes (NULL: zeros) at the end of the current section; false after an error message. */
bool asm_append(struct asm_state *as, const void *bytes, uint64_t len_bytes);
bool asm_append_fill(struct asm_state *as, uint64_t count, uint64_t value, unsigned size_bytes);
void asm_append_value(struct asm_state *as, uint64_t value, unsigned size_bytes);
void asm_align(struct asm_state *as, uint64_t align_bytes, int64_t fill, bool has_fill,
               uint64_t most_bytes);

/* asm_fixup.c */
void asm_fixup_add(struct asm_state *as, enum asm_fixup_kind kind, unsigned detail,
                   uint32_t offset_bytes, const struct asm_expr *expr, struct asm_place place);
void asm_fixups_settle(struct asm_state *as);
/* Whether a constant fits the operand; an error message if not. */
bool asm_check_range(struct asm_state *as, enum isa_operand operand, int64_t value,
                     struct asm_place place);
/* index: from asm_out_symbol or asm_out_section. */
void asm_reloc_add(struct asm_state *as, uint32_t section, uint32_t offset_bytes,
                   enum isa_reloc type, uint32_t index, int64_t addend);
/* The symbol of the source file, if .file named one, comes first. */
void asm_out_begin(struct asm_state *as);
/* Index in the object's table of a symbol, or of a section's own symbol; they enter it here. */
uint32_t asm_out_symbol(struct asm_state *as, struct asm_symbol *symbol);
uint32_t asm_out_section(struct asm_state *as, uint32_t section);
/* `it is not known` in words, with the nearest name. */
void asm_undefined(struct asm_state *as, struct asm_symbol *symbol, struct asm_place place);

/* asm_operand.c, asm_match.c, asm_insn.c */
enum asm_register_set { ASM_NO_REGISTER, ASM_WORK, ASM_PAIR, ASM_CONST, ASM_SAFE };

struct asm_operand {
    enum asm_register_set set;
    unsigned number;
    char word[16]; /* a single name, "" for others */
    bool marked;   /* the name had a `!` or `?` before it */
    bool has_expr; /* it can be read as an expression */
    bool constant; /* which is a number */
    struct asm_expr expr;
    struct asm_place place;
    const char *at; /* spelling */
    size_t len_bytes;
};

struct asm_operands {
    struct asm_operand list[ISA_MAX_OPERANDS + 1];
    size_t count;
};

bool asm_parse_operands(struct asm_state *as, struct asm_operands *out);
enum asm_register_set asm_find_register(const char *name, size_t len_bytes, unsigned *number);
/* Values of the operands under the pattern: index of the first that does not fit, else count. */
unsigned asm_match(const struct isa_pattern *pattern, const struct asm_operands *operands,
                   int64_t values[ISA_MAX_OPERANDS], int *score);
void asm_mismatch(struct asm_state *as, const struct isa_pattern *const *candidates, size_t count,
                  const struct asm_operands *operands);
struct asm_index *asm_index_create(struct asm_state *as);
void asm_instruction(struct asm_state *as);

/* Directives. A handler is called with the first token after the directive's name. */
struct asm_directive {
    const char *name;
    void (*handle)(struct asm_state *as, int argument);
    int argument;
};

struct asm_directives {
    const struct asm_directive *rows;
    size_t count;
};

extern const struct asm_directives asm_data_directives, asm_layout_directives,
    asm_symbol_directives, asm_section_directives, asm_line_directives, asm_macro_directives,
    asm_file_directives;
void asm_directives_init(struct asm_state *as);
/* At the directive's name: runs it. */
void asm_directive(struct asm_state *as);
/* The rest of the statement does not matter. */
void asm_ignore_rest(struct asm_state *as);

/* asm_cond.c: true when the name was a conditional directive and is dealt with. */
bool asm_conditional(struct asm_state *as);
bool asm_skipping(const struct asm_state *as);
void asm_conditions_close(struct asm_state *as, size_t down_to);

/* asm_macro.c, asm_repeat.c */
void asm_macro_use(struct asm_state *as, const struct asm_macro *macro);
/* Text from here up to the matching end word (exclusive); false after an error message. */
bool asm_take_body(struct asm_state *as, const char *const *starts, const char *const *ends,
                   const char **body, size_t *len_bytes, uint32_t *n_lines);
struct asm_buffer {
    char *data;
    size_t len_bytes, capacity;
};
bool asm_buffer_add(struct asm_state *as, struct asm_buffer *buffer, const char *text,
                    size_t len_bytes);
bool asm_substitute(struct asm_state *as, struct asm_buffer *out, const char *body,
                    size_t body_bytes, const struct asm_parameter *values, size_t count);
/* Where an argument in plain text ends, at the latest with the statement. */
enum asm_extent { ASM_TO_BLANK, ASM_TO_COMMA, ASM_TO_END };
bool asm_take_argument(struct asm_state *as, enum asm_extent extent, const char **text,
                       size_t *len_bytes);

/* asm_line_rows.c, asm_line_program.c, asm_line_unit.c: DWARF line tables */
void asm_lines_insn(struct asm_state *as);
void asm_lines_write(struct asm_state *as);
void asm_unit_write(struct asm_state *as, uint32_t line_section);
/* Number and bytes into the current section. */
void asm_put_uleb(struct asm_state *as, uint64_t value);
void asm_put_sleb(struct asm_state *as, int64_t value);
void asm_put_string(struct asm_state *as, const char *text);
void asm_put_address(struct asm_state *as, uint32_t section, uint64_t offset_bytes);

/* asm_cpp.c: text through the C preprocessor, into the arena; false after an error message. */
bool asm_preprocess(struct asm_state *as, struct isa_bytes text, const char *name,
                    struct isa_bytes *out);

/* asm_out.c: makes as->object. */
void asm_object(struct asm_state *as);

#endif
