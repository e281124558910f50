/* SPDX-License-Identifier: MIT */
/* The assembler: text in, object or messages out (tests/data/asm), inputs that a text file cannot
 * hold well (NUL bytes, a line of 1 MB), files, the preprocessor, and every form printed and
 * assembled. */
#include <unistd.h>

#include "asm_help.h"

#define DATA SOURCE_DIR "/tests/data/asm/"

/* ---- pairs ---------------------------------------------------------------------------------- */

static const char *const pairs[] = {
    "operands",   "expressions",   "data",        "symbols",   "sections",
    "macros",     "conditions",    "lines",       "markers",   "bad_operands",
    "bad_ranges", "bad_labels",    "bad_numbers", "bad_sizes", "bad_directives",
    "bad_flags",  "bad_recursion", "bad_macros",  "bad_many",
};

static char *read_text(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = calloc(1, 1 << 16);
    *len = fread(text, 1, (1 << 16) - 1, file);
    fclose(file);
    return text;
}

/* What came out, beside the build, to look at and compare by hand. */
static void keep(const char *name, const struct dump *dump)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/asm_%s.out", BUILD_DIR, name);
    FILE *file = fopen(path, "wb");
    if (!file)
        return;
    fwrite(dump->text, 1, dump->len, file);
    fclose(file);
}

START_TEST(text_gives_the_expected_object_or_messages)
{
    char path[512];
    struct dump dump = {0};
    size_t len = 0, wanted_len = 0;
    snprintf(path, sizeof path, DATA "%s.in", pairs[_i]);
    char *text = read_text(path, &len);
    snprintf(path, sizeof path, DATA "%s.out", pairs[_i]);
    char *wanted = read_text(path, &wanted_len);
    ck_assert_msg(text, "%s.in cannot be read", pairs[_i]);
    dump_assembly(&dump, text, len, NULL);
    bool same = wanted && dump.len == wanted_len && memcmp(dump.text, wanted, wanted_len) == 0;
    if (!same)
        keep(pairs[_i], &dump);
    ck_assert_msg(same, "%s: see tests/asm_%s.out in the build directory", pairs[_i], pairs[_i]);
    free(text);
    free(wanted);
    free(dump.text);
}
END_TEST

/* ---- small texts ---------------------------------------------------------------------------- */

struct row {
    const char *name, *text;
    size_t len;
    const char *wanted; /* part of the dump */
};

#define ROW(name, text, wanted)                                                                    \
    {                                                                                              \
        name, text, sizeof(text) - 1, wanted                                                       \
    }

static const struct row rows[] = {
    ROW("empty text", "", ""),
    ROW("no final newline", ".byte 7", "0000: 07\n"),
    ROW("CRLF", ".byte 7\r\nx = 3\r\n.byte x\r\n", "0000: 07 03\n"),
    ROW("byte order mark", "\xef\xbb\xbf.byte 7\n", "0000: 07\n"),
    ROW("UTF-8 name",
        "gr\xc3\xb6\xc3\x9f"
        "e: .byte 7\n",
        "symbol gr\xc3\xb6\xc3\x9f"
        "e .text+0"),
    ROW("several statements on a line", "nop; nop; .byte 1 // ; .byte 2", "size 17\n"),
    ROW("comment over lines", "nop /* a\n b */\n bad\n", "in.s:3:2: error: 'bad'"),
    ROW("open comment", "nop /* a\n", "in.s:1:5: error: comment is not closed"),
    ROW("NUL between statements", "nop\n\0nop\n", "in.s:2:1: error: NUL byte in the text"),
    ROW("NUL in a string", ".ascii \"a\0b\"\n", "NUL byte inside a string"),
    ROW("NUL in a name", "a\0b: nop\n", "in.s:1:1: error: "),
    ROW("control character", "nop \001\n", "control character 0x01"),
    ROW("dot plus one names a label", "jump . + 1\n", "reloc 0000 R_DPU_IMM28 .Ltmp0+1"),
    ROW("private label stays for its relocation", ".La: .long .La\n", "symbol .La .text+0"),
    ROW("private label without relocation goes", "nop\n.La: b: nop\n", "symbol b .text+8"),
    ROW("register name declared as a symbol", ".extern d1\nmove r0, d1\n", "R_DPU_IMM32 d1+0"),
    ROW("quoted register name is a symbol", "move r0, \"r24\"\n", "R_DPU_IMM32 r24+0"),
    ROW("deep parentheses",
        ".long ((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))\n",
        "0000: 01 00 00 00\n"),
    ROW("forward variable", ".byte x\nx = 5\n", "0000: 05\n"),
    ROW("variable counts up", "x = 1\n.byte x\nx = x + 1\n.byte x\n", "0000: 01 02\n"),
    ROW("address plus far number", ".long a + 0x7fffffffff\n", "is too far from 'a'"),
    ROW("address in bss", ".bss\n.long a\n", "an address cannot stand"),
    ROW("address in LEB128", ".uleb128 a\n", "cannot hold an address"),
    ROW("negative ULEB128", ".uleb128 a-b\na: .byte 1\nb:\n", "is out of range here"),
    ROW("colon that starts nothing", ": nop\n", "in.s:1:1: error: ':' found where"),
    ROW("number that starts nothing", "12 nop\n", "to make a numeric label"),
    ROW("numeric label again and again", ".data\n1: .long 1b - 1f\n1: .long 1f - 1b\n1:\n",
        "0000: fc ff ff ff 04 00 00 00\n"),
    ROW("linked section that is not there", ".section .s,\"o\",@progbits,.none\n.byte 1\n",
        "there is no section or label '.none'"),
    ROW("instruction in bss", ".bss\nnop\n", "it has no contents"),
    ROW("alias of nothing", ".globl a\n.set a, b\n", "'a' has no value"),
    ROW("size that is no number", "a: nop\n.size a, b\n", "the size of 'a' is not a number"),
    ROW("org backwards", ".zero 8\n.org 4\n", "cannot go back to byte 4"),
    ROW("org to another section", ".data\na:\n.text\n.org a\n", "in this section"),
    ROW("else twice", ".if 1\n.else\n.else\n.endif\n", "in.s:3:1: error: .else after .else"),
    ROW("vararg",
        ".macro m a=1, b=2, c:vararg\n.byte \\a, \\b, \\c\n.endm\n"
        "m 4, 5, 6, 7\n",
        "0000: 04 05 06 07\n"),
    ROW("weak alias is named", ".weak a\n.set a, b\nb: jump a\n", "R_DPU_IMM28 a+0"),
    ROW("section used as a symbol", ".long .data\n.data\n.byte 1\n", "R_DPU_32 .data+0"),
    ROW("symbol defined by itself", ".globl a\n.set a, a + 1\n", "defined by itself"),
    ROW("symbols defined by each other", ".long a\n.set a, b + 1\n.set b, a + 1\n",
        "defined by itself"),
    ROW("marked condition", "add r0, r1, r2, !z, 3\n", "add r0, r1, r2, z, 0x3"),
    ROW("condition before a symbol of its name", "z = 5\nadd r0, r1, r2, z\n", "add r0, r1, r2, z"),
    ROW("condition in mixed case", "add r0, r1, r2, Nz, 3\n", "one of the conditions"),
    ROW("logical not of a symbol", "flag = 0\nadd r0, r1, !flag\n", "add r0, r1, 0x1"),
    ROW("default of a named argument", ".macro m a=1, b=2\n.byte \\a, \\b\n.endm\nm b=5\n",
        "0000: 01 05\n"),
    ROW("arguments separated by blanks", ".macro m a, b\n.byte \\a, \\b\n.endm\nm 1+1 (2 + 3)\n",
        "0000: 02 05\n"),
    ROW("operand that is known later", "lsl r0, r1, end - start\n.data\nstart: .zero 3\nend:\n",
        "lsl r0, r1, 0x3"),
    ROW("operand in bss that is known later", ".bss\nmove r0, a\na = 5\n", "it has no contents"),
    ROW("byte relocation", ".byte a\n.short a\n", "reloc 0001 R_DPU_16 a+0"),
    ROW("eight bytes known later", ".quad a\na = -1\n", "0000: ff ff ff ff ff ff ff ff"),
    ROW("zero in bss known later", ".bss\n.long a\na = 0\n", "section .bss type 8"),
    ROW("number in bss known later", ".bss\n.long a\na = 1\n", "only zeros can stand"),
    ROW("division by minus one", "a = 1 << 63\n.quad a / -1, a % -1\n",
        "0000: 00 00 00 00 00 00 00 80"),
    ROW("two addresses added", "a: b: .long a + b\n", "this operator needs numbers"),
    ROW("addresses added that come later", ".long a + b\na: b:\n", "this operator needs numbers"),
    ROW("two addresses subtracted", ".long 0 - a - b\na: b:\n", "this operator needs numbers"),
    ROW("address minus itself", ".long a - a\n", "0000: 00 00 00 00\n"),
    ROW("places compared", "a: .byte 0\nb: .if a < b\n.byte 1\n.endif\n", "0000: 00 01\n"),
    ROW("product of an address that comes later", ".long 2 * a\na:\n", "this operator needs"),
    ROW("complement of an address that comes later", ".long ~a\na:\n", "this operator needs"),
    ROW("deep on the right", ".long 1 + (2 + (3 + a))\n", "R_DPU_32 a+6"),
    ROW("strings compared", ".ifeqs \"a\", \"b\"\n.byte 1\n.else\n.byte 2\n.endif\n", "0000: 02\n"),
    ROW("strings to compare are missing", ".ifeqs a, b\n.endif\n", "where a string is wanted"),
    ROW("bad escape in a comparison", ".ifeqs \"\\q\", \"b\"\n.endif\n", "is not an escape"),
    ROW("condition that is not known", ".if a\n.endif\na:\n", "must be a number known"),
    ROW("include without a name", ".include 3\n", "a string in quotes is wanted"),
    ROW("name of a file with a bad escape", ".include \"\\q\"\n", "is not an escape"),
    ROW("ident without text", ".ident 3\n", "a string in quotes is wanted"),
    ROW("print is a note", ".print \"hello\"\n", "in.s:1:1: note: hello"),
    ROW("parameter with a bad qualifier", ".macro m a:x\n.endm\n", "only ':req' or ':vararg'"),
    ROW("parameter that is no name", ".macro m 5\n.endm\n", "where a name is wanted"),
    ROW("parameter with an empty default", ".macro m a=\n.byte 1\\a\n.endm\nm\nm 2\n",
        "0000: 01 0c\n"),
    ROW("many parameters", ".macro m a, b, c, d, e, f\n.byte \\a\\f\n.endm\nm 1,2,3,4,5,6\n",
        "0000: 10\n"),
    ROW("purge without a name", ".purgem 3\n", "where a name is wanted"),
    ROW("irp with a blank", ".irp x 1, 2\n.byte \\x\n.endr\n", "0000: 01 02\n"),
    ROW("irp without values", ".irp x\n.byte 1\\x\n.endr\n", "0000: 01\n"),
    ROW("irp without a name", ".irp 5\n.endr\n", "where a name is wanted"),
    ROW("subsection", ".text 1\n", "subsections other than 0"),
    ROW("subsection zero", ".data 0\n.byte 1\n", "section .data"),
    ROW("quoted section name", ".section \"a b\", \"awTeR\", %1\n.byte 1\n",
        "section a b type 1 flags 80200403"),
    ROW("section without a name", ".section , \"a\"\n", "where a name is wanted"),
    ROW("section with a bad escape", ".section \"\\q\"\n", "is not an escape"),
    ROW("flags without quotes", ".section a, b\n", "the flags in quotes"),
    ROW("merge without a size", ".section a, \"aM\", @progbits\n", "a comma is wanted"),
    ROW("merge of nothing", ".section a, \"aM\", @progbits, 0\n", "must be 1..4096"),
    ROW("group without a name", ".section a, \"aG\", @progbits\n", "a comma is wanted"),
    ROW("group of another kind", ".section a, \"aG\", @progbits, g, x\n", "only 'comdat'"),
    ROW("link order without a name", ".section a, \"o\", @progbits\n", "a comma is wanted"),
    ROW("words behind a section", ".section a, \"a\", @progbits, x\n", "only 'unique'"),
    ROW("previous of nothing", ".previous\n", "there was no section before"),
    ROW("no symbol to declare", ".globl 3\n", "where a symbol is wanted"),
    ROW("no symbol to hide", ".hidden 3\n", "where a symbol is wanted"),
    ROW("weak stays weak", ".weak a\n.globl a\na:\n", "notype weak"),
    ROW("common that is too large", ".comm a, 0x10000000\n", "larger than any memory"),
    ROW("common of a label", "a:\n.comm a, 4\n", "'a' is defined twice"),
    ROW("file name that is no string", ".file 1 x\n", "a file name in quotes"),
    ROW("file name with a NUL", ".file \"a\\0\"\n", "cannot hold a NUL byte"),
    ROW("loc without a line", ".file 1 \"a\"\n.loc 1\n", "where a number 0.."),
    ROW("loc with a negative line", ".file 1 \"a\"\n.loc 1 -1\n", "where a number 0.."),
    ROW("loc with an unknown word", ".file 1 \"a\"\n.loc 1 1 1 what\n", "not an option of .loc"),
    ROW("loc of a hole", ".file 2 \"a\"\n.loc 1 1\n", "there is no .file 1"),
    ROW("file 0 and far steps",
        ".file 0 \"d\" \"a.c\"\n.loc 0 1 1 isa 2 view x\nnop\n.rept 200\nnop\n.endr\n"
        ".loc 0 2 1 discriminator 300\nnop\n",
        "section .debug_line"),
    ROW("own line table", ".section .debug_line\n.long 0\n.text\n.file 1 \"a\"\n.loc 1 1\nnop\n",
        "section .debug_line type 1 flags 0 align 1 size 4\n"),
    ROW("alignment beyond memory", ".balign 0x10000000\n", "larger than any memory"),
    ROW("alignment of nothing", ".balign 0\n.byte 1\n", "0000: 01\n"),
    ROW("object too large",
        ".data\n.space 0x4000000\n.section .data.a\n.space 0x4000000\n"
        ".section .data.b\n.space 0x4000000\n.section .data.c\n"
        ".space 0x4000000\n.section .data.d\n.space 1\n",
        "have more than 268435456 bytes together"),
    ROW("big fill of nonzero", ".fill 0x10000000, 1, 1\n", "at most 67108864"),
    ROW("fill of empty units", ".fill 5, 0, 1\n.byte 1\n", "0000: 01\n"),
    ROW("space of negative fill", ".space 2, -1\n", "0000: ff ff\n"),
    ROW("warning is no error", ".warning \"look\"\nnop\n", "in.s:1:1: warning: look"),
};

START_TEST(small_text_behaves)
{
    const struct row *row = &rows[_i];
    struct dump dump = {0};
    dump_add(&dump, "%s", "");
    dump_assembly(&dump, row->text, row->len, NULL);
    ck_assert_msg(strstr(dump.text, row->wanted), "%s: wanted `%s` in\n%s", row->name, row->wanted,
                  dump.text);
    free(dump.text);
}
END_TEST

/* ---- sizes ---------------------------------------------------------------------------------- */

static char *repeat(const char *head, const char *unit, size_t count, const char *tail)
{
    size_t len = strlen(unit);
    char *text = malloc(strlen(head) + count * len + strlen(tail) + 1), *at = text;
    ck_assert_ptr_nonnull(text);
    at = stpcpy(at, head);
    for (size_t i = 0; i < count; i++, at += len)
        memcpy(at, unit, len);
    strcpy(at, tail);
    return text;
}

static uint32_t first_size(const char *text)
{
    struct isa_object *object = NULL;
    struct isa_bytes bytes = {(const uint8_t *)text, strlen(text)};
    ck_assert_int_eq(isa_assemble(&object, bytes, "in.s", NULL, NULL), DPUSIM_OK);
    uint32_t size = object->sections[0].size_bytes;
    isa_object_destroy(object);
    return size;
}

START_TEST(line_of_a_megabyte_is_assembled)
{
    char *text = repeat(".byte 1", ", 22", 1 << 18, "\n");
    ck_assert_uint_eq(first_size(text), (1 << 18) + 1);
    free(text);
}
END_TEST

START_TEST(error_in_a_line_of_a_megabyte_has_its_column)
{
    char *text = repeat("", " ", 1 << 20, "bad\n");
    struct dump dump = {0};
    ck_assert_int_eq(dump_assembly(&dump, text, strlen(text), NULL), DPUSIM_SYNTAX);
    ck_assert_ptr_nonnull(strstr(dump.text, "in.s:1:1048577: error: 'bad'"));
    free(dump.text);
    free(text);
}
END_TEST

START_TEST(million_labels_are_assembled)
{
    enum { COUNT = 1000000 };
    size_t room = (size_t)COUNT * 24;
    char *text = malloc(room), *at = text;
    ck_assert_ptr_nonnull(text);
    for (unsigned i = 0; i < COUNT; i++)
        at += sprintf(at, "label%u:\n", i);
    strcpy(at, ".long label999999 - label0\n");
    ck_assert_uint_eq(first_size(text), 4);
    free(text);
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
    static const char *const units[] = {"(", "-", "~!"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        char *text = repeat(".long ", units[i], 100000, "1\n");
        struct dump dump = {0};
        ck_assert_int_eq(dump_assembly(&dump, text, strlen(text), NULL), DPUSIM_SYNTAX);
        ck_assert_ptr_nonnull(strstr(dump.text, "nested more than 200 deep"));
        free(dump.text);
        free(text);
    }
}
END_TEST

START_TEST(long_sum_of_addresses_is_refused)
{
    char *text = repeat(".long a", " + 1", 100000, "\n");
    struct dump dump = {0};
    ck_assert_int_eq(dump_assembly(&dump, text, strlen(text), NULL), DPUSIM_SYNTAX);
    ck_assert_ptr_nonnull(strstr(dump.text, "more than 1000 operators"));
    free(dump.text);
    free(text);
}
END_TEST

START_TEST(errors_stop_at_the_number_asked_for)
{
    struct isa_asm_options options = {.max_errors = 3};
    char *text = repeat("", "bad\n", 10, "");
    struct dump dump = {0};
    ck_assert_int_eq(dump_assembly(&dump, text, strlen(text), &options), DPUSIM_SYNTAX);
    ck_assert_uint_eq(dump.errors, 3);
    free(dump.text);
    free(text);
}
END_TEST

/* ---- lines of the text itself --------------------------------------------------------------- */

START_TEST(debug_lines_make_a_table_and_a_unit)
{
    static const char text[] = "nop\n\nnop\n.section .text.b,\"ax\"\nnop\n";
    struct isa_asm_options options = {.debug_lines = true};
    struct dump dump = {0};
    ck_assert_int_eq(dump_assembly(&dump, text, strlen(text), &options), DPUSIM_OK);
    ck_assert_ptr_nonnull(strstr(dump.text, "section .debug_line "));
    ck_assert_ptr_nonnull(strstr(dump.text, "section .debug_info "));
    ck_assert_ptr_nonnull(strstr(dump.text, "R_DPU_32 .text.b+8"));
    free(dump.text);
}
END_TEST

/* ---- files and the preprocessor ------------------------------------------------------------- */

struct files {
    char directory[64], source[96], header[96];
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void files_init(struct files *files, const char *source, const char *header)
{
    strcpy(files->directory, "/tmp/dpusim-asm-XX"
                             "XX"
                             "XX");
    ck_assert_ptr_nonnull(mkdtemp(files->directory));
    snprintf(files->source, sizeof files->source, "%s/a.S", files->directory);
    snprintf(files->header, sizeof files->header, "%s/b.h", files->directory);
    write_file(files->source, source);
    write_file(files->header, header);
}

static void files_fini(struct files *files)
{
    unlink(files->source);
    unlink(files->header);
    rmdir(files->directory);
}

static enum dpusim_status assemble_file(const char *path, const struct isa_asm_options *options,
                                        struct dump *dump)
{
    struct isa_report report = {dump_message, dump};
    struct isa_object *object = NULL;
    dump_add(dump, "%s", "");
    enum dpusim_status status = isa_assemble_file(&object, path, options, &report);
    if (status == DPUSIM_OK)
        dump_object(dump, object);
    isa_object_destroy(object);
    return status;
}

START_TEST(capital_s_goes_through_the_preprocessor)
{
    static const char *const defines[] = {"LAST=9", NULL};
    struct isa_asm_options options = {.defines = defines};
    struct files files;
    struct dump dump = {0};
    files_init(&files,
               "#include \"b.h\"\n#ifdef __ASSEMBLER__\n.byte ONE, LAST // comment\n#endif\n",
               "#define ONE 1\n");
    ck_assert_int_eq(assemble_file(files.source, &options, &dump), DPUSIM_OK);
    ck_assert_ptr_nonnull(strstr(dump.text, "0000: 01 09\n"));
    free(dump.text);
    files_fini(&files);
}
END_TEST

START_TEST(messages_name_the_line_before_preprocessing)
{
    struct files files;
    struct dump dump = {0};
    files_init(&files, "#include \"b.h\"\n\n\nwrong\n", "\n\nbad\n");
    ck_assert_int_eq(assemble_file(files.source, NULL, &dump), DPUSIM_SYNTAX);
    ck_assert_ptr_nonnull(strstr(dump.text, "b.h:3:1: error: 'bad'"));
    ck_assert_ptr_nonnull(strstr(dump.text, "a.S:4:1: error: 'wrong'"));
    free(dump.text);
    files_fini(&files);
}
END_TEST

START_TEST(errors_of_the_preprocessor_are_passed_on)
{
    struct files files;
    struct dump dump = {0};
    files_init(&files, "nop\n#include \"missing.h\"\n", "");
    ck_assert_int_eq(assemble_file(files.source, NULL, &dump), DPUSIM_SYNTAX);
    ck_assert_ptr_nonnull(strstr(dump.text, "a.S:2:10: error: "));
    free(dump.text);
    files_fini(&files);
}
END_TEST

START_TEST(missing_preprocessor_is_named)
{
    struct files files;
    struct dump dump = {0};
    const char *old = getenv("CC");
    char *copy = old ? strdup(old) : NULL;
    files_init(&files, "nop\n", "");
    setenv("CC", "/nonexistent/compiler -m32", 1);
    ck_assert_int_eq(assemble_file(files.source, NULL, &dump), DPUSIM_SYNTAX);
    ck_assert_ptr_nonnull(strstr(dump.text, "'/nonexistent/compiler -m32' (from $CC)"));
    if (copy)
        setenv("CC", copy, 1);
    else
        unsetenv("CC");
    free(copy);
    free(dump.text);
    files_fini(&files);
}
END_TEST

START_TEST(include_and_incbin_search_the_directories)
{
    struct files files;
    struct dump dump = {0};
    const char *directories[2] = {NULL, NULL};
    static const char text[] = ".include \"b.h\"\n.incbin \"b.h\", 1, 4\n.include \"b.h\"\n";
    files_init(&files, "", ".byte 3\n");
    directories[0] = files.directory;
    struct isa_asm_options options = {.include_dirs = directories};
    ck_assert_int_eq(dump_assembly(&dump, text, strlen(text), &options), DPUSIM_OK);
    ck_assert_ptr_nonnull(strstr(dump.text, "0000: 03 62 79 74 65 03\n"));
    free(dump.text);
    files_fini(&files);
}
END_TEST

static const struct {
    const char *arguments, *part;
} bad_incbins[] = {
    {"9", "cannot start at byte 9: the file has 8"},
    {"-1", "cannot start at byte -1: the file has 8"},
    {"0, -2", "cannot take -2 bytes of a file"},
};

START_TEST(incbin_outside_the_file_is_refused)
{
    struct files files;
    struct dump dump = {0};
    char text[64];
    const char *directories[2] = {NULL, NULL};
    files_init(&files, "", ".byte 3\n");
    directories[0] = files.directory;
    struct isa_asm_options options = {.include_dirs = directories};
    snprintf(text, sizeof text, ".incbin \"b.h\", %s\n", bad_incbins[_i].arguments);
    ck_assert_int_eq(dump_assembly(&dump, text, strlen(text), &options), DPUSIM_SYNTAX);
    ck_assert_msg(strstr(dump.text, bad_incbins[_i].part) != NULL, "%s", dump.text);
    free(dump.text);
    files_fini(&files);
}
END_TEST

START_TEST(file_that_includes_itself_is_refused)
{
    struct files files;
    struct dump dump = {0};
    files_init(&files, "", ".include \"b.h\"\n");
    ck_assert_int_eq(assemble_file(files.header, NULL, &dump), DPUSIM_SYNTAX);
    ck_assert_ptr_nonnull(strstr(dump.text, "nested more than 200 deep"));
    ck_assert_uint_eq(dump.errors, 1);
    free(dump.text);
    files_fini(&files);
}
END_TEST

START_TEST(missing_file_is_refused)
{
    struct dump dump = {0};
    ck_assert_int_eq(assemble_file("/nonexistent/a.s", NULL, &dump), DPUSIM_NO_SUCH_FILE);
    ck_assert_ptr_nonnull(strstr(dump.text, "a.s:0:0: error: file cannot be opened"));
    free(dump.text);
}
END_TEST

/* ---- every form ----------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 16;
}

/* Conditions without a name and odd pairs have no spelling. */
static bool can_be_written(const struct isa_insn *insn)
{
    const struct isa_pattern *pattern = &isa_form_get(insn->form)->pattern;
    for (unsigned i = 0; i < pattern->n_operands; i++) {
        const struct isa_operand_info *info = isa_operand_get(pattern->operands[i]);
        if (info->kind == ISA_KIND_PAIR && (insn->value[i] & 1))
            return false;
        if (info->kind == ISA_KIND_COND &&
            strcmp(isa_cond_name(info->cond_class, (unsigned)insn->value[i]), "???") == 0)
            return false;
    }
    return true;
}

/* Words of one form with all operands 0, all ones, and random: printed raw and assembled again. A
 * text may stand for a word that decodes differently only in bits that do not matter. */
START_TEST(every_form_printed_and_assembled_gives_the_word)
{
    const struct isa_pattern *pattern = &isa_form_get((enum isa_form)_i)->pattern;
    uint64_t state = 12345u + (unsigned)_i;
    for (unsigned round = 0; round < 12; round++) {
        uint64_t fill = round == 0 ? 0 : round == 1 ? UINT64_MAX : next_random(&state);
        uint64_t word = pattern->value;
        for (unsigned i = 0; i < pattern->n_operands; i++)
            word |= fill & isa_operand_get(pattern->operands[i])->field_mask;
        struct isa_insn insn;
        char text[128], again[128];
        isa_print(text, sizeof text - 1, word, true);
        if (!isa_decode(word, &insn) || (int)insn.form != _i || !can_be_written(&insn))
            continue;
        struct isa_object *object = NULL;
        struct isa_bytes bytes = {(const uint8_t *)text, strlen(text)};
        enum dpusim_status status = isa_assemble(&object, bytes, "in.s", NULL, NULL);
        ck_assert_msg(status == DPUSIM_OK, "%s", text);
        uint64_t got;
        memcpy(&got, object->sections[0].data, sizeof got);
        isa_object_destroy(object);
        isa_print(again, sizeof again, got, true);
        ck_assert_msg(strcmp(text, again) == 0, "%s became %s", text, again);
    }
}
END_TEST

/* ---- suite ---------------------------------------------------------------------------------- */

static void add_files(TCase *files)
{
    tcase_add_test(files, capital_s_goes_through_the_preprocessor);
    tcase_add_test(files, messages_name_the_line_before_preprocessing);
    tcase_add_test(files, errors_of_the_preprocessor_are_passed_on);
    tcase_add_test(files, missing_preprocessor_is_named);
    tcase_add_test(files, include_and_incbin_search_the_directories);
    tcase_add_loop_test(files, incbin_outside_the_file_is_refused, 0,
                        sizeof bad_incbins / sizeof bad_incbins[0]);
    tcase_add_test(files, file_that_includes_itself_is_refused);
    tcase_add_test(files, missing_file_is_refused);
}

static Suite *suite(void)
{
    Suite *all = suite_create("isa.asm");
    TCase *normal = tcase_create("normal"), *limits = tcase_create("limits");
    TCase *files = tcase_create("files");
    tcase_add_loop_test(normal, text_gives_the_expected_object_or_messages, 0,
                        (int)(sizeof pairs / sizeof pairs[0]));
    tcase_add_loop_test(normal, small_text_behaves, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_loop_test(normal, every_form_printed_and_assembled_gives_the_word, 0, ISA_FORM_COUNT);
    tcase_add_test(normal, debug_lines_make_a_table_and_a_unit);
    tcase_add_test(limits, line_of_a_megabyte_is_assembled);
    tcase_add_test(limits, error_in_a_line_of_a_megabyte_has_its_column);
    tcase_add_test(limits, million_labels_are_assembled);
    tcase_add_test(limits, deep_nesting_is_refused);
    tcase_add_test(limits, long_sum_of_addresses_is_refused);
    tcase_add_test(limits, errors_stop_at_the_number_asked_for);
    tcase_set_timeout(limits, 60);
    add_files(files);
    suite_add_tcase(all, normal);
    suite_add_tcase(all, limits);
    suite_add_tcase(all, files);
    return all;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
