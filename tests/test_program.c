/* SPDX-License-Identifier: MIT */
/* Program files that load: their segments, symbols by name and address, lines, sharing; files that
 * are suspect but usable give one warning. */
#include <check.h>
#include <pthread.h>
#include <time.h>

#include "elf_help.h"
#include "elf_image.h"

/* ---- accepted files ------------------------------------------------------------------------- */

START_TEST(program_has_segments_symbols_and_chip)
{
    struct isa_program *program = NULL;
    struct isa_diag diag = {""};
    enum dpusim_status status =
        isa_program_read_file(&program, PROGRAM("histogram_mutex"), NULL, &diag);
    ck_assert_msg(status == DPUSIM_OK, "%s", diag.text);
    ck_assert_int_eq(program->chip, ISA_CHIP_V1A);
    ck_assert_uint_eq(program->nr_tasklets, 12);
    ck_assert_uint_eq(program->entry, 0x80000000);
    ck_assert_uint_eq(program->e_flags, ISA_E_FLAGS);
    ck_assert_uint_eq(program->n_segments, 4);
    const struct isa_segment *mram = &program->segments[3];
    ck_assert_int_eq(mram->memory, ISA_MRAM);
    ck_assert_uint_eq(mram->offset_bytes, 0);
    ck_assert_uint_eq(mram->mem_bytes, 0x1000);
    ck_assert_str_eq(mram->name, ".mram");
    ck_assert_uint_eq(program->n_symbols, 77);
    ck_assert_uint_eq(program->n_sections, 15);
    ck_assert_str_eq(program->sections[0].name, ".text");
    isa_program_destroy(program);
}
END_TEST

START_TEST(symbols_are_found_by_name)
{
    struct log log;
    struct image image = image_read(PROGRAM("histogram_mutex"));
    struct isa_program *program = read_ok(image, &log);
    ck_assert_uint_eq(log.count, 0);
    const struct isa_symbol *bins = isa_program_find_symbol(program, "bins");
    ck_assert_ptr_nonnull(bins);
    ck_assert_uint_eq(bins->value, 0x6e0);
    ck_assert_uint_eq(bins->size_bytes, 256);
    ck_assert_str_eq(bins->section, ".data.__sys_host");
    ck_assert(bins->global && !bins->absolute && bins->type == ISA_SYMBOL_OBJECT);
    ck_assert(isa_program_find_symbol(program, "NR_TASKLETS")->absolute);
    ck_assert(!isa_program_find_symbol(program, "l0")->global);
    ck_assert_ptr_null(isa_program_find_symbol(program, "histogram_mutex.c"));
    ck_assert_ptr_null(isa_program_find_symbol(program, ""));
    ck_assert_ptr_null(isa_program_find_symbol(program, NULL));
    ck_assert_str_eq(isa_program_nearest_symbol(program, "bin"), "bins");
    isa_program_destroy(program);
    free(image.data);
}
END_TEST

static const struct {
    uint32_t address;
    bool functions;
    const char *name;
} addresses[] = {
    {0x80000000, true, "__bootstrap"},
    {0x80000068, true, "__bootstrap"},
    {0x80000070, true, "main"},
    {0x80000168, true, "main"},
    {0x80007ff8, true, "main"},
    {0x20, false, "buf"},
    {0x61f, false, "buf"},
    {0x6e0 + 255, false, "bins"},
    {0x7ff, false, "__sys_stack_thread_0"},
    {0x3841, false, "__sys_heap_pointer_reset"},
    {0x08000000, false, "pixels"},
    {0x08001000, false, "__sys_used_mram_end"},
    {0x0bffffff, false, "__sys_used_mram_end"},
    {0xf00000c9, false, "l1"},
    {0x04000000, false, NULL},
    {0x00000020, true, NULL},
};

START_TEST(symbol_at_address)
{
    struct log log;
    struct image image = image_read(PROGRAM("histogram_mutex"));
    struct isa_program *program = read_ok(image, &log);
    const struct isa_symbol *found =
        isa_program_symbol_at(program, addresses[_i].address, addresses[_i].functions);
    const char *name = found ? found->name : "nothing";
    ck_assert_msg(strcmp(name, addresses[_i].name ? addresses[_i].name : "nothing") == 0,
                  "0x%08x: %s", addresses[_i].address, name);
    isa_program_destroy(program);
    free(image.data);
}
END_TEST

START_TEST(address_splits_into_memory_and_offset)
{
    static const struct {
        uint32_t address;
        bool valid;
        enum isa_memory memory;
        uint32_t offset_bytes;
    } rows[] = {
        {0, true, ISA_WRAM, 0},
        {0xffff, true, ISA_WRAM, 0xffff},
        {0x10000, false, ISA_WRAM, 0},
        {0x08000010, true, ISA_MRAM, 0x10},
        {0x0bffffff, true, ISA_MRAM, 0x3ffffff},
        {0x0c000000, false, ISA_WRAM, 0},
        {0x80007fff, true, ISA_IRAM, 0x7fff},
        {0x80008000, false, ISA_WRAM, 0},
        {0xf00000ff, true, ISA_ATOMIC, 255},
        {0xf0000100, false, ISA_WRAM, 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum isa_memory memory = ISA_WRAM;
        uint32_t offset_bytes = 0;
        bool valid = isa_address_split(rows[i].address, &memory, &offset_bytes);
        ck_assert_msg(valid == rows[i].valid && memory == rows[i].memory &&
                          offset_bytes == rows[i].offset_bytes,
                      "0x%08x", rows[i].address);
    }
    ck_assert_str_eq(isa_memory_name(ISA_MRAM), "MRAM");
    ck_assert_str_eq(isa_memory_name(ISA_MEMORY_COUNT), "no memory");
}
END_TEST

START_TEST(shared_program_lives_until_the_last_reference)
{
    struct log log;
    struct image image = image_read(PROGRAM("hello"));
    struct isa_program *program = read_ok(image, &log);
    free(image.data);
    ck_assert_ptr_eq(isa_program_share(program), program);
    isa_program_destroy(program);
    ck_assert_ptr_nonnull(isa_program_find_symbol(program, "main"));
    isa_program_destroy(program);
    isa_program_destroy(NULL);
    ck_assert_ptr_null(isa_program_share(NULL));
}
END_TEST

START_TEST(file_without_sections_loads_without_names)
{
    struct log log;
    struct image image = image_read(PROGRAM("hello"));
    image_header(&image)->e_shoff = image_header(&image)->e_shnum =
        image_header(&image)->e_shstrndx = 0;
    struct isa_program *program = read_ok(image, &log);
    ck_assert_uint_eq(program->n_symbols, 0);
    ck_assert_uint_eq(program->nr_tasklets, 0);
    ck_assert_uint_eq(program->n_segments, 3);
    ck_assert_str_eq(program->segments[0].name, "");
    ck_assert_ptr_null(isa_program_symbol_at(program, 0x80000000, true));
    ck_assert_ptr_null(isa_program_nearest_symbol(program, "main"));
    isa_program_destroy(program);
    free(image.data);
}
END_TEST

static void duplicate(struct image *i)
{
    image_symbol(i, "bins")->st_name = image_symbol(i, "pixels")->st_name;
}
static void chip_v9(struct image *i)
{
    i->data[image_section_named(i, ".dpu.attributes")->sh_offset + 18] = '9';
}
static void attributes_damaged(struct image *i)
{
    i->data[image_section_named(i, ".dpu.attributes")->sh_offset] = 'B';
}
static void abi_3(struct image *i)
{
    image_header(i)->e_flags = 0x03800000;
}
static void debug_damaged(struct image *i)
{
    /* .comment becomes a line table whose first unit is longer than the section. */
    memcpy(i->data + image_section(i, image_header(i)->e_shstrndx)->sh_offset +
               image_section(i, 12)->sh_name,
           ".debug_line", sizeof ".debug_line");
}

static const struct {
    const char *name;
    void (*change)(struct image *image);
    const char *says;
} suspect[] = {
    {"35 duplicate", duplicate, "\"pixels\" is defined twice"},
    {"40 damaged DWARF", debug_damaged, ".debug_line is damaged"},
    {"42 other ABI", abi_3, "ABI 3"},
    {"42 unknown chip", chip_v9, "chip v9A"},
    {"42 attributes", attributes_damaged, "names no chip"},
};

START_TEST(suspect_file_loads_with_one_warning)
{
    struct log log;
    struct image image = image_read(PROGRAM("histogram_mutex"));
    suspect[_i].change(&image);
    struct isa_program *program = read_ok(image, &log);
    ck_assert_msg(log.count == 1 && strstr(log.text, suspect[_i].says), "%s: %u \"%s\"",
                  suspect[_i].name, log.count, log.text);
    isa_program_destroy(program);
    free(image.data);
}
END_TEST

START_TEST(symbol_outside_its_memory_is_found_with_its_values)
{
    struct log log;
    struct image image = image_read(PROGRAM("hello"));
    image_symbol(&image, "text")->st_size = 0x7fffffff;
    image_symbol(&image, "answer")->st_size = 0;
    struct isa_program *program = read_ok(image, &log);
    ck_assert_uint_eq(isa_program_find_symbol(program, "text")->size_bytes, 0x7fffffff);
    ck_assert_uint_eq(isa_program_find_symbol(program, "answer")->size_bytes, 0);
    isa_program_destroy(program);
    free(image.data);
}
END_TEST

/* ---- line tables and large files ------------------------------------------------------------ */

static const uint8_t line_program[] = {
    /* DWARF 4 header; directory none; file "loop.c" */
    0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 'l',
    'o', 'o', 'p', '.', 'c', 0, 0, 0, 0, 0,
    /* set address 0x80000000; line 10, copy; 16 bytes on, line 12, copy; 8 on, end */
    0, 5, 2, 0, 0, 0, 0x80, 3, 9, 1, 2, 16, 3, 2, 1, 2, 8, 0, 1, 1};

enum { LINE_HEADER_END = 40, LINE_HEADER_START = 10 };

/* The line table with its lengths; unit_bytes may be wrong on purpose. */
static uint32_t make_lines(uint8_t *out, uint32_t unit_bytes)
{
    memcpy(out, line_program, sizeof line_program);
    out[0] = (uint8_t)unit_bytes;
    out[6] = LINE_HEADER_END - LINE_HEADER_START;
    return sizeof line_program;
}

/* The same as a compressed section: header, then a zlib stream of one stored block. */
static uint32_t make_packed_lines(uint8_t *out)
{
    uint8_t plain[sizeof line_program];
    uint32_t len = make_lines(plain, sizeof line_program - 4), low = 1, high = 0;
    Elf32_Chdr header = {.ch_type = ELFCOMPRESS_ZLIB, .ch_size = len, .ch_addralign = 1};
    uint8_t *at = out + sizeof header;
    memcpy(out, &header, sizeof header);
    const uint8_t head[] = {0x78, 0x01, 1, (uint8_t)len, 0, (uint8_t)~len, 0xff};
    memcpy(at, head, sizeof head);
    memcpy(at + sizeof head, plain, len);
    for (uint32_t i = 0; i < len; i++) {
        low = (low + plain[i]) % 65521;
        high = (high + low) % 65521;
    }
    at += sizeof head + len;
    const uint8_t sum[] = {(uint8_t)(high >> 8), (uint8_t)high, (uint8_t)(low >> 8), (uint8_t)low};
    memcpy(at, sum, sizeof sum);
    return (uint32_t)(at + sizeof sum - out);
}

/* A program of three instructions with a line table and `more_bytes` of other debug information. */
static struct isa_bytes build(const uint8_t *lines, uint32_t lines_bytes, uint32_t flags,
                              size_t more_bytes)
{
    static const uint8_t code[24];
    uint8_t *more = calloc(1, more_bytes + 1);
    struct isa_elf_section sections[] = {
        {".text",
         {.sh_type = SHT_PROGBITS,
          .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
          .sh_addr = ISA_IRAM_BASE,
          .sh_size = sizeof code,
          .sh_addralign = 8},
         code},
        {".debug_line",
         {.sh_type = SHT_PROGBITS, .sh_flags = flags, .sh_size = lines_bytes, .sh_addralign = 4},
         lines},
        {".debug_str",
         {.sh_type = SHT_PROGBITS, .sh_size = (Elf32_Word)more_bytes, .sh_addralign = 1},
         more},
    };
    struct isa_elf_segment segments[] = {{{.p_type = PT_LOAD,
                                           .p_vaddr = ISA_IRAM_BASE,
                                           .p_filesz = sizeof code,
                                           .p_memsz = sizeof code,
                                           .p_align = 8},
                                          0}};
    struct isa_elf_file file = {.type = ET_EXEC,
                                .entry = ISA_IRAM_BASE,
                                .flags = ISA_E_FLAGS,
                                .sections = sections,
                                .n_sections = 3,
                                .segments = segments,
                                .n_segments = 1};
    struct isa_bytes image;
    ck_assert_int_eq(isa_elf_build(&image, &file, NULL), DPUSIM_OK);
    free(more);
    return image;
}

static struct isa_bytes build_with_lines(uint32_t unit_bytes, size_t more_bytes)
{
    uint8_t lines[sizeof line_program];
    uint32_t lines_bytes = make_lines(lines, unit_bytes);
    return build(lines, lines_bytes, 0, more_bytes);
}

static struct isa_program *read_bytes(struct isa_bytes image, struct log *log)
{
    return read_ok((struct image){(uint8_t *)(uintptr_t)image.data, image.len_bytes}, log);
}

START_TEST(section_without_a_type_is_not_read_outside_of_the_file)
{
    enum { LINES = 2 };
    struct log log;
    struct isa_bytes image = build_with_lines(sizeof line_program - 4, 0);
    uint8_t *bytes = (uint8_t *)(uintptr_t)image.data;
    Elf32_Ehdr header;
    Elf32_Shdr lines;
    memcpy(&header, bytes, sizeof header);
    uint8_t *at = bytes + header.e_shoff + LINES * sizeof lines;
    memcpy(&lines, at, sizeof lines);
    ck_assert_uint_eq(lines.sh_type, SHT_PROGBITS);
    lines.sh_type = SHT_NULL;
    lines.sh_offset = 0xfffff000;
    memcpy(at, &lines, sizeof lines);
    struct isa_program *program = read_bytes(image, &log);
    ck_assert_uint_eq(log.count, 0);
    ck_assert(!isa_program_line_at(program, 1, &(const char *){NULL}, &(unsigned){0}));
    isa_program_destroy(program);
    free(bytes);
}
END_TEST

START_TEST(instruction_has_a_line)
{
    struct log log;
    struct isa_bytes image = build_with_lines(sizeof line_program - 4, 0);
    struct isa_program *program = read_bytes(image, &log);
    const char *file = NULL;
    unsigned line = 0;
    ck_assert_uint_eq(log.count, 0);
    ck_assert(isa_program_line_at(program, 1, &file, &line));
    ck_assert_str_eq(file, "loop.c");
    ck_assert_uint_eq(line, 10);
    ck_assert(isa_program_line_at(program, 2, &file, &line));
    ck_assert_uint_eq(line, 12);
    ck_assert(!isa_program_line_at(program, 3, &file, &line));
    ck_assert(!isa_program_line_at(program, ISA_IRAM_INSNS, &file, &line));
    isa_program_destroy(program);
    free((void *)(uintptr_t)image.data);
}
END_TEST

START_TEST(compressed_line_table_is_read)
{
    struct log log;
    uint8_t packed[sizeof line_program + 64];
    uint32_t packed_bytes = make_packed_lines(packed);
    struct isa_bytes image = build(packed, packed_bytes, SHF_COMPRESSED, 0);
    struct isa_program *program = read_bytes(image, &log);
    const char *file = NULL;
    unsigned line = 0;
    ck_assert_uint_eq(log.count, 0);
    ck_assert(isa_program_line_at(program, 2, &file, &line));
    ck_assert_uint_eq(line, 12);
    isa_program_destroy(program);
    free((void *)(uintptr_t)image.data);
}
END_TEST

static void *ask_for_lines(void *context)
{
    const struct isa_program *program = context;
    const char *file = NULL;
    unsigned line = 0;
    for (unsigned i = 0; i < 1000; i++)
        if (!isa_program_line_at(program, i % 3, &file, &line) || strcmp(file, "loop.c") != 0)
            return NULL;
    return context;
}

/* A section of a few bytes that unpacks to gigabytes is not unpacked. */
START_TEST(compressed_line_table_that_claims_gigabytes_gives_no_lines)
{
    struct log log;
    uint8_t packed[sizeof line_program + 64];
    uint32_t packed_bytes = make_packed_lines(packed);
    ((Elf32_Chdr *)(void *)packed)->ch_size = UINT32_MAX;
    struct isa_bytes image = build(packed, packed_bytes, SHF_COMPRESSED, 0);
    struct isa_program *program = read_bytes(image, &log);
    const char *file = NULL;
    unsigned line = 0;
    ck_assert_uint_le(log.count, 1);
    ck_assert(!isa_program_line_at(program, 1, &file, &line));
    isa_program_destroy(program);
    free((void *)(uintptr_t)image.data);
}
END_TEST

START_TEST(threads_may_ask_for_lines_together)
{
    enum { THREADS = 4 };
    struct log log;
    pthread_t threads[THREADS];
    struct isa_bytes image = build_with_lines(sizeof line_program - 4, 0);
    struct isa_program *program = read_bytes(image, &log);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_for_lines, program), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        ck_assert_ptr_eq(result, program);
    }
    isa_program_destroy(program);
    free((void *)(uintptr_t)image.data);
}
END_TEST

START_TEST(damaged_line_table_gives_one_warning_and_no_lines)
{
    struct log log;
    struct isa_bytes image = build_with_lines(sizeof line_program + 20, 0);
    struct isa_program *program = read_bytes(image, &log);
    const char *file = NULL;
    unsigned line = 0;
    ck_assert_uint_eq(log.count, 1);
    ck_assert(!isa_program_line_at(program, 1, &file, &line));
    ck_assert(!isa_program_line_at(program, 1, &file, &line));
    isa_program_destroy(program);
    free((void *)(uintptr_t)image.data);
}
END_TEST

START_TEST(hundred_megabytes_of_debug_information_load_in_a_second)
{
    struct log log;
    struct isa_bytes image = build_with_lines(sizeof line_program - 4, 100u << 20);
    struct timespec start, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    struct isa_program *program = read_bytes(image, &log);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    double seconds =
        (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    ck_assert_double_lt(seconds, 1.0);
    isa_program_destroy(program);
    free((void *)(uintptr_t)image.data);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("isa.program");
    TCase *normal = tcase_create("normal");
    tcase_add_test(normal, program_has_segments_symbols_and_chip);
    tcase_add_test(normal, symbols_are_found_by_name);
    tcase_add_loop_test(normal, symbol_at_address, 0,
                        (int)(sizeof addresses / sizeof addresses[0]));
    tcase_add_test(normal, address_splits_into_memory_and_offset);
    tcase_add_test(normal, shared_program_lives_until_the_last_reference);
    tcase_add_test(normal, section_without_a_type_is_not_read_outside_of_the_file);
    tcase_add_test(normal, instruction_has_a_line);
    tcase_add_test(normal, compressed_line_table_is_read);
    tcase_add_test(normal, threads_may_ask_for_lines_together);
    suite_add_tcase(all, normal);
    TCase *limits = tcase_create("limits");
    tcase_set_timeout(limits, 60);
    tcase_add_test(limits, file_without_sections_loads_without_names);
    tcase_add_loop_test(limits, suspect_file_loads_with_one_warning, 0,
                        (int)(sizeof suspect / sizeof suspect[0]));
    tcase_add_test(limits, symbol_outside_its_memory_is_found_with_its_values);
    tcase_add_test(limits, damaged_line_table_gives_one_warning_and_no_lines);
    tcase_add_test(limits, compressed_line_table_that_claims_gigabytes_gives_no_lines);
    tcase_add_test(limits, hundred_megabytes_of_debug_information_load_in_a_second);
    suite_add_tcase(all, limits);
    return all;
}

int main(void)
{
    return run_suite(suite());
}
