/* SPDX-License-Identifier: MIT */
/* Malformed program files: one changed value per row of the list of bad inputs; each is refused
 * with a sentence that names what was found and what was wanted. */
#include <check.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_help.h"

/* Which value of a good file is changed. */
enum where { BYTES, LENGTH, HEADER, SEGMENT, SECTION, SYMBOL };

struct change {
    enum where where;
    const char *name; /* of the section or symbol */
    unsigned number;  /* of the segment */
    size_t offset, size;
    uint64_t value;
    bool add;
};

// clang-format off
#define FIELD(type, field) offsetof(type, field), sizeof((type *)0)->field
#define SET_HEADER(field, value) {HEADER, NULL, 0, FIELD(Elf32_Ehdr, field), value, false}
#define ADD_HEADER(field, value) {HEADER, NULL, 0, FIELD(Elf32_Ehdr, field), value, true}
#define SET_SEGMENT(number, field, value) \
    {SEGMENT, NULL, number, FIELD(Elf32_Phdr, field), value, false}
#define ADD_SEGMENT(number, field, value) \
    {SEGMENT, NULL, number, FIELD(Elf32_Phdr, field), value, true}
#define SET_SECTION(name, field, value) {SECTION, name, 0, FIELD(Elf32_Shdr, field), value, false}
#define ADD_SECTION(name, field, value) {SECTION, name, 0, FIELD(Elf32_Shdr, field), value, true}
#define SET_SYMBOL(name, field, value) {SYMBOL, name, 0, FIELD(Elf32_Sym, field), value, false}
#define SET_BYTE(offset, value) {BYTES, NULL, 0, offset, 1, value, false}
#define SET_WORD(offset, value) {BYTES, NULL, 0, offset, 4, value, false}
#define CUT(length) {LENGTH, NULL, 0, 0, 0, length, false}
#define CHIP_V1B {SECTION, ".dpu.attributes", 1, 19, 1, 'B', false}
#define INVALID DPUSIM_ELF_INVALID
#define IRAM DPUSIM_INVALID_IRAM_ACCESS
#define WRAM DPUSIM_INVALID_WRAM_ACCESS
#define MRAM DPUSIM_INVALID_MRAM_ACCESS
#define TASKLETS DPUSIM_TOO_MANY_TASKLETS
// clang-format on

static const struct {
    const char *name;
    struct change change, second;
    enum dpusim_status status;
    const char *says, *also;
} malformed[] = {
    // clang-format off
    {"4 empty file", CUT(0), {0},
     INVALID, "empty", "0 bytes"},
    {"5 one byte", CUT(1), {0},
     INVALID, "ends inside the ELF header", "1 bytes"},
    {"5 one other byte", CUT(1), SET_BYTE(0, 'x'),
     INVALID, "not an ELF file", "0x78"},
    {"6 text file", CUT(4), SET_WORD(0, 0x20746e69),
     INVALID, "is it the .c source?", "compiler"},
    {"6 bitcode", SET_WORD(0, 0xdec04342), {0},
     INVALID, "bitcode", "link"},
    {"6 noise", SET_WORD(0, 0x04030201), {0},
     INVALID, "not an ELF file", "0x01"},
    {"7 ELF64", SET_BYTE(EI_CLASS, 2), {0},
     INVALID, "64-bit", "32-bit"},
    {"7 class 9", SET_BYTE(EI_CLASS, 9), {0},
     INVALID, "class 9", "32-bit"},
    {"8 big endian", SET_BYTE(EI_DATA, 2), {0},
     INVALID, "big endian", "little endian"},
    {"8 encoding 7", SET_BYTE(EI_DATA, 7), {0},
     INVALID, "encoding 7", "little endian"},
    {"9 x86-64", SET_HEADER(e_machine, EM_X86_64), SET_BYTE(EI_CLASS, 2),
     INVALID, "built for x86-64", "compile with the DPU compiler"},
    {"9 x86", SET_HEADER(e_machine, EM_386), {0},
     INVALID, "built for x86", "compile with the DPU compiler"},
    {"9 machine 99", SET_HEADER(e_machine, 99), {0},
     INVALID, "machine 99", "245"},
    {"10 object", SET_HEADER(e_type, ET_REL), {0},
     INVALID, "not linked", "e_type 1"},
    {"11 shared object", SET_HEADER(e_type, ET_DYN), {0},
     INVALID, "shared object", "e_type 3"},
    {"12 core", SET_HEADER(e_type, ET_CORE), {0},
     INVALID, "core dump", "e_type 4"},
    {"12 type 77", SET_HEADER(e_type, 77), {0},
     INVALID, "unknown", "77"},
    {"13 version", SET_HEADER(e_version, 2), {0},
     INVALID, "version 2", "wanted 1"},
    {"13 ident version", SET_BYTE(EI_VERSION, 0), {0},
     INVALID, "version 0", "wanted 1"},
    {"14 header cut", CUT(40), {0},
     INVALID, "ends inside the ELF header", "40 bytes"},
    {"14 header size", SET_HEADER(e_ehsize, 64), {0},
     INVALID, "64 bytes", "52"},
    {"15 table past end", SET_HEADER(e_phoff, 19900), {0},
     INVALID, "program headers", "past"},
    {"15 table wraps", SET_HEADER(e_phoff, 0xfffffff0), {0},
     INVALID, "program headers", "past"},
    {"15 table misaligned", ADD_HEADER(e_phoff, 1), {0},
     INVALID, "program headers at offset 53", "multiple of 4"},
    {"30 table misaligned", ADD_HEADER(e_shoff, -1), {0},
     INVALID, "section headers at offset 19311", "multiple of 4"},
    {"32 table misaligned", ADD_SECTION(".symtab", sh_offset, 2), {0},
     INVALID, "table at offset", "multiple of 4"},
    {"16 phentsize 0", SET_HEADER(e_phentsize, 0), {0},
     INVALID, "0 bytes (e_phentsize)", "32"},
    {"16 phentsize 56", SET_HEADER(e_phentsize, 56), {0},
     INVALID, "56 bytes (e_phentsize)", "32"},
    {"17 phnum 0xffff", SET_HEADER(e_phnum, 0xffff), {0},
     INVALID, "0xffff", "e_phnum"},
    {"17 phnum 0", SET_HEADER(e_phnum, 0), {0},
     INVALID, "nothing to load", "e_phnum 0"},
    {"18 offset wraps", SET_SEGMENT(0, p_offset, 0xffffff80), {0},
     INVALID, "segment 0 (.text)", "past"},
    {"18 offset past end", SET_SEGMENT(1, p_offset, 19952), {0},
     INVALID, "segment 1 (.data)", "past"},
    {"19 filesz > memsz", ADD_SEGMENT(1, p_filesz, 4), {0},
     INVALID, "p_filesz", "p_memsz"},
    {"20 memsz huge", SET_SEGMENT(1, p_memsz, 0xfffffffc), {0},
     WRAM, "4294967292", "65536"},
    {"21 gap", SET_SEGMENT(1, p_vaddr, 0x04000000), {0},
     INVALID, "0x04000000", "no memory"},
    {"21 registers", SET_SEGMENT(1, p_vaddr, 0xA0000000), {0},
     INVALID, "0xa0000000", "no memory"},
    {"21 atomic bits", SET_SEGMENT(1, p_vaddr, ISA_ATOMIC_BASE), {0},
     INVALID, "0xf0000000", "cannot be loaded"},
    {"22 IRAM size", ADD_SEGMENT(0, p_memsz, 4), {0},
     IRAM, "IRAM", "multiples of 8"},
    {"22 IRAM address", ADD_SEGMENT(0, p_vaddr, 4), {0},
     IRAM, "IRAM", "multiples of 8"},
    {"23 WRAM size", ADD_SEGMENT(2, p_memsz, 1), {0},
     WRAM, "WRAM", "multiples of 4"},
    {"24 IRAM v1A", SET_SEGMENT(0, p_memsz, 4097 * 8), {0},
     IRAM, "4097", "4096"},
    {"24 IRAM v1B", SET_SEGMENT(0, p_memsz, 3969 * 8), CHIP_V1B,
     IRAM, "3969", "3968"},
    {"25 WRAM", SET_SEGMENT(2, p_memsz, 65536), {0},
     WRAM, "WRAM of chip v1A", "65536"},
    {"26 MRAM", SET_SEGMENT(3, p_memsz, ISA_MRAM_BYTES + 8), {0},
     MRAM, "67108872", "67108864"},
    {"26 MRAM size", ADD_SEGMENT(3, p_memsz, 4), {0},
     MRAM, "MRAM", "multiples of 8"},
    {"27 overlap", ADD_SEGMENT(2, p_vaddr, -8), {0},
     INVALID, "segment 2", "overlaps the segment of .data at"},
    {"28 entry in WRAM", SET_HEADER(e_entry, 0x100), {0},
     INVALID, "0x00000100", "outside IRAM"},
    {"28 entry past IRAM", SET_HEADER(e_entry, 0x80008000), {0},
     INVALID, "0x80008000", "outside IRAM"},
    {"28 entry unaligned", ADD_HEADER(e_entry, 4), {0},
     INVALID, "0x80000004", "multiple of 8"},
    {"30 shstrndx", SET_HEADER(e_shstrndx, 16), {0},
     INVALID, "e_shstrndx", "has 16"},
    {"30 shstrndx wrong", SET_HEADER(e_shstrndx, 1), {0},
     INVALID, "e_shstrndx", "section 1"},
    {"30 shentsize", SET_HEADER(e_shentsize, 64), {0},
     INVALID, "64 bytes (e_shentsize)", "40"},
    {"30 shnum 0", SET_HEADER(e_shnum, 0), {0},
     INVALID, "e_shnum is 0", "wanted 1"},
    {"30 shnum past end", SET_HEADER(e_shnum, 17), {0},
     INVALID, "section headers", "past"},
    {"31 section name", SET_SECTION(".text", sh_name, 0x10000), {0},
     INVALID, "section 1", "65536"},
    {"31 section past end", SET_SECTION(".comment", sh_size, 0x7fffffff), {0},
     INVALID, "section 12", "past"},
    {"32 entsize", SET_SECTION(".symtab", sh_entsize, 12), {0},
     INVALID, "entries of 12", "16"},
    {"32 size", ADD_SECTION(".symtab", sh_size, -1), {0},
     INVALID, "symbol table", "16"},
    {"33 strings", SET_SECTION(".symtab", sh_link, 1), {0},
     INVALID, "sh_link", "no string table"},
    {"33 symbol name", SET_SYMBOL("main", st_name, 0xffffff), {0},
     INVALID, "16777215", "string table has"},
    {"33 symbol section", SET_SYMBOL("main", st_shndx, 200), {0},
     INVALID, "section 200", "16"},
    {"38 tasklets", SET_SYMBOL("NR_TASKLETS", st_value, 25), {0},
     TASKLETS, "25", "24"},
    {"38 tasklets v1B", SET_SYMBOL("NR_TASKLETS", st_value, 17), CHIP_V1B,
     TASKLETS, "17", "16"},
    // clang-format on
};

static uint8_t *changed_value(struct image *image, const struct change *change)
{
    switch (change->where) {
    case HEADER:
        return image->data;
    case SEGMENT:
        return (uint8_t *)image_segment(image, change->number);
    case SECTION: /* number 1: its content */
        return change->number ? image->data + image_section_named(image, change->name)->sh_offset
                              : (uint8_t *)image_section_named(image, change->name);
    case SYMBOL:
        return (uint8_t *)image_symbol(image, change->name);
    default:
        return image->data;
    }
}

static void apply(struct image *image, const struct change *change)
{
    if (change->where == LENGTH) {
        image->len_bytes = (size_t)change->value;
        return;
    }
    uint8_t *at = changed_value(image, change) + change->offset;
    uint64_t value = 0;
    memcpy(&value, at, change->size);
    value = change->add ? value + change->value : change->value;
    memcpy(at, &value, change->size);
}

START_TEST(malformed_file_is_refused_with_its_sentence)
{
    struct image image = image_read(PROGRAM("histogram_mutex"));
    struct isa_program *program = NULL;
    struct isa_diag diag = {""};
    if (malformed[_i].second.size)
        apply(&image, &malformed[_i].second);
    apply(&image, &malformed[_i].change);
    uint8_t *exact = malloc(image.len_bytes + 1); /* so that a sanitizer sees reads past the end */
    memcpy(exact, image.data, image.len_bytes);
    enum dpusim_status status = isa_program_read(
        &program, (struct isa_bytes){exact, image.len_bytes}, "x.elf", NULL, &diag);
    ck_assert_msg(status == malformed[_i].status, "%s: status %d: %s", malformed[_i].name, status,
                  diag.text);
    ck_assert_msg(strstr(diag.text, malformed[_i].says) && strstr(diag.text, malformed[_i].also) &&
                      strncmp(diag.text, "x.elf: ", 7) == 0,
                  "%s: \"%s\"", malformed[_i].name, diag.text);
    ck_assert_ptr_null(program);
    free(exact);
    free(image.data);
}
END_TEST

START_TEST(null_image_and_null_path_are_refused)
{
    struct isa_program *program = NULL;
    struct isa_diag diag = {""};
    ck_assert_int_eq(isa_program_read(&program, (struct isa_bytes){NULL, 100}, NULL, NULL, &diag),
                     DPUSIM_ELF_INVALID);
    ck_assert_ptr_nonnull(strstr(diag.text, "NULL"));
    ck_assert_int_eq(isa_program_read_file(&program, NULL, NULL, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_ptr_null(program);
}
END_TEST

START_TEST(missing_file_directory_and_locked_file_are_refused)
{
    struct isa_program *program = NULL;
    struct isa_diag diag = {""};
    ck_assert_int_eq(isa_program_read_file(&program, "no/such.elf", NULL, &diag),
                     DPUSIM_NO_SUCH_FILE);
    ck_assert_ptr_nonnull(strstr(diag.text, "no/such.elf: cannot be opened: No such file"));
    ck_assert_int_eq(isa_program_read_file(&program, "/", NULL, &diag), DPUSIM_ELF_INVALID);
    ck_assert_ptr_nonnull(strstr(diag.text, "directory"));
    char path[] = "/tmp/test_elf_XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    chmod(path, 0);
    enum dpusim_status status = isa_program_read_file(&program, path, NULL, &diag);
    unlink(path);
    ck_assert_int_eq(status, DPUSIM_ELF_INVALID);
    ck_assert_ptr_nonnull(strstr(diag.text, geteuid() ? "Permission denied" : "empty"));
    ck_assert_ptr_null(program);
}
END_TEST

/* Every prefix of a good file is refused: the section headers stand at its end. */
START_TEST(file_cut_anywhere_is_refused)
{
    struct image image = image_read(PROGRAM("histogram_mutex"));
    for (size_t len = 0; len < image.len_bytes; len += len < 300 ? 1 : 97) {
        struct isa_program *program = NULL;
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, image.data, len);
        ck_assert_int_eq(
            isa_program_read(&program, (struct isa_bytes){exact, len}, "cut", NULL, NULL),
            DPUSIM_ELF_INVALID);
        free(exact);
    }
    free(image.data);
}
END_TEST

/* Each byte of the headers set to a few values: refused or read, never a crash. */
START_TEST(changed_bytes_do_no_harm)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct image image = image_read(PROGRAM("hello"));
    size_t sections = image_header(&image)->e_shoff;
    for (size_t at = 0; at < image.len_bytes; at += at == 180 ? sections - 200 : 1)
        for (unsigned v = 0; v < sizeof values; v++) {
            uint8_t old = image.data[at];
            struct isa_program *program = NULL;
            const char *file;
            unsigned line;
            image.data[at] = values[v];
            struct isa_bytes bytes = {image.data, image.len_bytes};
            if (isa_program_read(&program, bytes, "x", NULL, NULL) == DPUSIM_OK)
                (void)isa_program_line_at(program, 0, &file, &line);
            isa_program_destroy(program);
            image.data[at] = old;
        }
    free(image.data);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("isa.elf");
    TCase *bad = tcase_create("bad_input");
    tcase_set_timeout(bad, 120);
    tcase_add_loop_test(bad, malformed_file_is_refused_with_its_sentence, 0,
                        (int)(sizeof malformed / sizeof malformed[0]));
    tcase_add_test(bad, null_image_and_null_path_are_refused);
    tcase_add_test(bad, missing_file_directory_and_locked_file_are_refused);
    tcase_add_test(bad, file_cut_anywhere_is_refused);
    tcase_add_test(bad, changed_bytes_do_no_harm);
    suite_add_tcase(all, bad);
    return all;
}

int main(void)
{
    return run_suite(suite());
}
