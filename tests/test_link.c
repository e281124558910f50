/* SPDX-License-Identifier: MIT */
/* The linker on objects made by hand: layout and its symbols, relocations and their translation,
 * garbage collection, merging, archives. Its errors are tested in test_link_errors.c. */
#include <check.h>

#include "link_help.h"

/* ---- layout --------------------------------------------------------------------------------- */

START_TEST(smallest_program_has_all_symbols_of_the_layout)
{
    struct job job = {0};
    struct isa_object *object = start_object();
    add_function(object, "main", 3);
    job_object(&job, object);
    job.options.nr_tasklets = 3;
    job_link_ok(&job);
    ck_assert_uint_eq(job.program->entry, ISA_IRAM_BASE);
    ck_assert_uint_eq(job.program->nr_tasklets, 3);
    ck_assert_uint_eq(job.program->e_flags, ISA_E_FLAGS);
    ck_assert_uint_eq(value_of(&job, "main"), ISA_IRAM_BASE + 16);
    ck_assert_uint_eq(word_at(&job, ISA_IRAM_BASE + 8, 8), 2);
    ck_assert_uint_eq(value_of(&job, "__rodata_start_addr"), 8);
    ck_assert_uint_eq(value_of(&job, "__sys_stack_thread_0"), 8);
    ck_assert_uint_eq(value_of(&job, "__sys_stack_thread_1"), 8 + 1024);
    ck_assert_uint_eq(value_of(&job, "__sys_stack_thread_23"), 8 + 3 * 1024);
    ck_assert_uint_eq(value_of(&job, "STACK_SIZE_TASKLET_2"), 1024);
    ck_assert_uint_eq(value_of(&job, "STACK_SIZE_TASKLET_3"), 0);
    ck_assert_uint_eq(value_of(&job, "__sw_cache_buffer"), 8 + 3 * 1024);
    ck_assert_uint_eq(value_of(&job, "__sys_heap_pointer_reset"), 8 + 3 * 1024 + 24);
    ck_assert_uint_eq(value_of(&job, "__sys_heap_pointer_end"), 65536);
    ck_assert_uint_eq(value_of(&job, "__sys_used_mram_end"), ISA_MRAM_BASE);
    ck_assert_uint_eq(value_of(&job, "__atomic_start_addr"), ISA_ATOMIC_BASE);
    ck_assert_uint_eq(value_of(&job, "__atomic_used_addr"), ISA_ATOMIC_BASE + 200);
    ck_assert_uint_eq(value_of(&job, "__atomic_end_addr"), ISA_ATOMIC_BASE + 256);
    ck_assert_uint_eq(value_of(&job, "DPU_IRAM_SIZE"), 32768);
    job_fini(&job);
}
END_TEST

START_TEST(chip_v1b_has_its_own_sizes)
{
    struct job job = {.options = {.chip = ISA_CHIP_V1B, .nr_tasklets = 16}};
    struct isa_object *object = start_object();
    add_function(object, "main", 1);
    job_object(&job, object);
    job_link_ok(&job);
    ck_assert_int_eq(job.program->chip, ISA_CHIP_V1B);
    ck_assert_uint_eq(value_of(&job, "__atomic_used_addr"), ISA_ATOMIC_BASE);
    ck_assert_uint_eq(value_of(&job, "__atomic_end_addr"), ISA_ATOMIC_BASE + 64);
    ck_assert_uint_eq(value_of(&job, "__sys_heap_pointer_end"), 63488);
    ck_assert_uint_eq(value_of(&job, "DPU_NR_THREADS"), 16);
    job_fini(&job);
}
END_TEST

/* Sections given in the reverse order of their places. */
START_TEST(sections_go_to_their_places)
{
    static const struct {
        const char *section;
        uint32_t flags, address;
    } places[] = {
        {".mram", WRITABLE, ISA_MRAM_BASE + 8},
        {".mram.noinit.n", WRITABLE, ISA_MRAM_BASE},
        {".dpu_profiling", WRITABLE, 72},
        {".dpu_host", WRITABLE, 64},
        {"own", WRITABLE, 56},
        {".data.x", WRITABLE, 48},
        {".data.__sys_keep", WRITABLE, 40},
        {".bss.x", WRITABLE, 24},
        {".rodata.x", SHF_ALLOC, 16},
        {".data.immediate_memory.x", WRITABLE, 8},
        {".data.__sys_zero", WRITABLE, 0},
        {".atomic", WRITABLE, ISA_ATOMIC_BASE + 200},
        {".text.x", CODE, ISA_IRAM_BASE + 32},
        {"own_code", CODE, ISA_IRAM_BASE + 40},
    };
    enum { N_PLACES = sizeof places / sizeof places[0] };
    struct job job = {.options = {.keep_unused = true}};
    struct isa_object *object = start_object();
    add_function(object, "main", 2);
    for (unsigned i = 0; i < N_PLACES; i++) {
        int32_t section =
            add_section(object, places[i].section, places[i].flags, NULL, i == 11 ? 1 : 8);
        char name[8];
        snprintf(name, sizeof name, "s%u", i);
        add_symbol(object, name, GLOBAL_OBJECT, section, 0, 8);
    }
    add_symbol(object, "shared", GLOBAL_OBJECT, ISA_SECTION_COMMON, 8, 8);
    job_object(&job, object);
    job_link_ok(&job);
    for (unsigned i = 0; i < N_PLACES; i++) {
        char name[8];
        snprintf(name, sizeof name, "s%u", i);
        ck_assert_msg(value_of(&job, name) == places[i].address, "%s at 0x%08x, wanted 0x%08x",
                      places[i].section, value_of(&job, name), places[i].address);
    }
    ck_assert_uint_eq(value_of(&job, "shared"), 32);
    ck_assert_uint_eq(value_of(&job, "__sys_stack_thread_0"), 80);
    ck_assert_uint_eq(value_of(&job, "__sys_used_mram_end"), ISA_MRAM_BASE + 16);
    job_fini(&job);
}
END_TEST

START_TEST(options_and_defsyms_set_stacks_and_tasklets)
{
    static const struct isa_link_symbol symbols[] = {
        {"NR_TASKLETS", 9}, {"NR_TASKLETS", 2}, {"OWN", 77}};
    struct job job = {.options = {.nr_tasklets = 5,
                                  .stack_default_bytes = 256,
                                  .stack_bytes = {512},
                                  .defsyms = symbols,
                                  .n_defsyms = 3}};
    struct isa_object *object = start_object();
    add_function(object, "main", 1);
    job_object(&job, object);
    job_link_ok(&job);
    ck_assert_uint_eq(job.program->nr_tasklets, 2);
    ck_assert_uint_eq(value_of(&job, "STACK_SIZE_TASKLET_0"), 512);
    ck_assert_uint_eq(value_of(&job, "STACK_SIZE_TASKLET_1"), 256);
    ck_assert_uint_eq(value_of(&job, "STACK_SIZE_TASKLET_2"), 0);
    ck_assert_uint_eq(value_of(&job, "OWN"), 77);
    job_fini(&job);
}
END_TEST

/* ---- relocations ---------------------------------------------------------------------------- */

static const struct {
    const char *symbol; /* NULL: main */
    int64_t addend;
    uint32_t value;
} translations[] = {
    {NULL, 0, 2},    {NULL, 8, 3},
    {NULL, 1, 3},    {NULL, 7, 9},
    {NULL, -1, 8},   {NULL, 9, 4},
    {"m", 0, 0},     {"m", 0x1234, 0x1234},
    {"w", 0, 8},     {"w", 3, 11},
    {"bit", 0, 200}, {"bit", 1, 201},
    {"five", 0, 5},  {"five", -6, 0x0fffffff},
};

/* V = symbol + addend, then: atomic bit number, instruction index, MRAM offset, or itself. */
START_TEST(values_are_translated_to_what_the_dpu_uses)
{
    struct job job = {.options = {.keep_unused = true}};
    struct isa_object *object = start_object();
    add_function(object, "main", 2);
    add_symbol(object, "m", GLOBAL_OBJECT, add_section(object, ".mram", WRITABLE, NULL, 8), 0, 8);
    int32_t data = add_section(object, ".data.w", WRITABLE, NULL, 8);
    uint32_t w = add_symbol(object, "w", GLOBAL_OBJECT, data, 0, 8);
    add_symbol(object, "bit", GLOBAL_OBJECT, add_section(object, ".atomic", WRITABLE, NULL, 1), 0,
               1);
    add_symbol(object, "five", GLOBAL_OBJECT, ISA_SECTION_ABSOLUTE, 5, 0);
    uint32_t target = w;
    for (uint32_t i = 0; i < object->n_symbols; i++)
        if (strcmp(object->symbols[i].name,
                   translations[_i].symbol ? translations[_i].symbol : "main") == 0 &&
            object->symbols[i].section != ISA_SECTION_UNDEFINED)
            target = i;
    add_reloc(object, data, 0, ISA_R_32, target, translations[_i].addend);
    job_object(&job, object);
    job_link_ok(&job);
    uint32_t found = (uint32_t)word_at(&job, 8, 4);
    ck_assert_msg(found == translations[_i].value, "%s%+lld: 0x%x", translations[_i].symbol,
                  (long long)translations[_i].addend, found);
    job_fini(&job);
}
END_TEST

static const unsigned reloc_types[] = {1,   2,   3,   4,   128, 129, 130, 131, 132, 133, 134,
                                       135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145};

START_TEST(relocation_stores_its_bits)
{
    enum isa_reloc type = (enum isa_reloc)reloc_types[_i];
    const struct isa_reloc_info *info = isa_reloc_get(type);
    struct job job = {0};
    struct isa_object *object = start_object();
    int32_t text = add_function(object, "main", 1);
    uint32_t value =
        add_symbol(object, "value", GLOBAL_OBJECT, ISA_SECTION_ABSOLUTE, 0x2468ace1, 0);
    memset(object->sections[text].data, 0x11, 8);
    add_reloc(object, text, 0, type, value, 0x12);
    job_object(&job, object);
    job_link_ok(&job);
    uint64_t old = 0x1111111111111111u, v = 0x2468acf3, wanted;
    if (*info->bits)
        wanted = isa_reloc_place(type, old, (uint32_t)v);
    else if (info->bytes_replaced == 8)
        wanted = v;
    else
        wanted =
            (old & ~0ull << 8 * info->bytes_replaced) | (v & ~(~0ull << 8 * info->bytes_replaced));
    ck_assert_msg(word_at(&job, ISA_IRAM_BASE + 16, 8) == wanted, "%s: 0x%llx, wanted 0x%llx",
                  info->name, (unsigned long long)word_at(&job, ISA_IRAM_BASE + 16, 8),
                  (unsigned long long)wanted);
    job_fini(&job);
}
END_TEST

/* ---- garbage collection --------------------------------------------------------------------- */

START_TEST(unused_sections_go_and_kept_ones_stay)
{
    struct job job = {0};
    struct isa_object *object = start_object();
    int32_t main_text = add_function(object, "main", 1);
    int32_t used = add_section(object, ".data.used", WRITABLE, NULL, 8);
    int32_t unused = add_section(object, ".data.unused", WRITABLE, NULL, 8);
    int32_t host = add_section(object, ".dpu_host", WRITABLE, NULL, 8);
    int32_t retained = add_section(object, ".mram", WRITABLE | (1u << 21), NULL, 8);
    add_reloc(object, main_text, 0, ISA_R_IMM32,
              add_symbol(object, "used", GLOBAL_OBJECT, used, 0, 8), 0);
    add_symbol(object, "unused", GLOBAL_OBJECT, unused, 0, 8);
    add_symbol(object, "host", GLOBAL_OBJECT, host, 0, 8);
    add_symbol(object, "retained", GLOBAL_OBJECT, retained, 0, 8);
    add_function(object, "never", 1);
    job_object(&job, object);
    job_link_ok(&job);
    ck_assert_uint_eq(value_of(&job, "used"), 8);
    ck_assert_uint_eq(value_of(&job, "host"), 16);
    ck_assert_uint_eq(value_of(&job, "retained"), ISA_MRAM_BASE);
    ck_assert_ptr_null(isa_program_find_symbol(job.program, "unused"));
    ck_assert_ptr_null(isa_program_find_symbol(job.program, "never"));
    job_fini(&job);
}
END_TEST

/* ---- symbols -------------------------------------------------------------------------------- */

START_TEST(strong_beats_common_beats_weak)
{
    struct job job = {.options = {.keep_unused = true}};
    struct isa_object *a = start_object(), *b = object_create("b");
    add_function(a, "main", 1);
    add_symbol(a, "x", WEAK_FUNC, add_section(a, ".data.x1", WRITABLE, "\1", 1), 0, 8);
    add_symbol(a, "y", WEAK_FUNC, add_section(a, ".data.y1", WRITABLE, "\2", 1), 0, 8);
    add_symbol(a, "z", GLOBAL_OBJECT, ISA_SECTION_COMMON, 4, 4);
    add_symbol(b, "x", GLOBAL_OBJECT, add_section(b, ".data.x2", WRITABLE, "\3", 1), 0, 8);
    add_symbol(b, "y", GLOBAL_OBJECT, ISA_SECTION_COMMON, 8, 24);
    add_symbol(b, "z", GLOBAL_OBJECT, ISA_SECTION_COMMON, 16, 8);
    job_object(&job, a);
    job_object(&job, b);
    job_link_ok(&job);
    ck_assert_uint_eq(word_at(&job, value_of(&job, "x"), 1), 3);
    ck_assert_uint_eq(isa_program_find_symbol(job.program, "y")->size_bytes, 24);
    ck_assert_uint_eq(isa_program_find_symbol(job.program, "z")->size_bytes, 8);
    ck_assert_uint_eq(value_of(&job, "z") % 16, 0);
    job_fini(&job);
}
END_TEST

START_TEST(hidden_becomes_local_and_labels_vanish)
{
    struct job job = {.options = {.keep_unused = true}};
    struct isa_object *object = start_object();
    int32_t text = add_function(object, "main", 2);
    int32_t data = add_section(object, ".data.h", WRITABLE, NULL, 8);
    add_symbol(object, "hidden", HIDDEN_OBJECT, data, 0, 8);
    add_symbol(object, "own", LOCAL_OBJECT, data, 4, 4);
    add_symbol(object, ".Lloop", LABEL, text, 8, 0);
    job_object(&job, object);
    job_link_ok(&job);
    ck_assert(!isa_program_find_symbol(job.program, "hidden")->global);
    ck_assert(!isa_program_find_symbol(job.program, "own")->global);
    ck_assert_ptr_null(isa_program_find_symbol(job.program, ".Lloop"));
    job_fini(&job);
}
END_TEST

START_TEST(weak_undefined_symbol_is_zero)
{
    struct job job = {0};
    struct isa_object *object = start_object();
    int32_t text = add_function(object, "main", 1);
    add_reloc(object, text, 0, ISA_R_IMM32,
              add_symbol(object, "maybe", WEAK_FUNC, ISA_SECTION_UNDEFINED, 0, 0), 0);
    job_object(&job, object);
    job_link_ok(&job);
    ck_assert_uint_eq(word_at(&job, ISA_IRAM_BASE + 16, 8), 0);
    job_fini(&job);
}
END_TEST

/* ---- merging -------------------------------------------------------------------------------- */

START_TEST(equal_strings_are_stored_once)
{
    struct job job = {0};
    struct isa_object *a = start_object(), *b = object_create("b");
    int32_t text = add_function(a, "main", 3);
    int32_t strings = add_section(a, ".rodata.str1.1", STRINGS, "one\0two\0unused", 15);
    add_reloc(a, text, 0, ISA_R_IMM32, add_symbol(a, ".L1", LABEL, strings, 0, 0), 1);
    add_reloc(a, text, 8, ISA_R_IMM32, add_symbol(a, ".L2", LABEL, strings, 4, 0), 0);
    add_reloc(a, text, 16, ISA_R_PC, add_undefined(a, "g"), 0);
    int32_t g = add_function(b, "g", 2);
    strings = add_section(b, ".rodata.str1.1", STRINGS, "three\0two", 10);
    uint32_t whole = add_symbol(b, "", LABEL, strings, 0, 0);
    b->symbols[whole].type = STT_SECTION;
    add_reloc(b, g, 0, ISA_R_IMM32, whole, 0);
    add_reloc(b, g, 8, ISA_R_IMM32, whole, 7);
    job_object(&job, a);
    job_object(&job, b);
    job_link_ok(&job);
    ck_assert_uint_eq(value_of(&job, "__rodata_end_addr"), 8 + 4 + 4 + 6);
    ck_assert_mem_eq(bytes_at(&job, 8), "one\0two\0three", 14);
    uint32_t text_at = value_of(&job, "main");
    static const uint32_t wanted[] = {9, 12, 0, 16, 13};
    for (unsigned i = 0; i < 5; i++)
        if (i != 2)
            ck_assert_msg(word_at(&job, text_at + 8 * i, 8) ==
                              isa_reloc_place(ISA_R_IMM32, 0, wanted[i]),
                          "reference %u", i);
    job_fini(&job);
}
END_TEST

START_TEST(wide_strings_and_constants_merge_too)
{
    struct job job = {.options = {.keep_unused = true}};
    struct isa_object *object = start_object();
    add_function(object, "main", 1);
    int32_t wide = add_section(object, ".rodata.str2.2", STRINGS, "a\0b\0\0\0a\0b\0\0\0", 12);
    int32_t constants =
        add_section(object, ".rodata.cst4", SHF_ALLOC | SHF_MERGE, "\1\0\0\0\1\0\0\0\2\0\0\0", 12);
    int32_t broken = add_section(object, ".rodata.str1.1", STRINGS, "no end", 6);
    object->sections[wide].entry_bytes = object->sections[wide].align_bytes = 2;
    object->sections[constants].entry_bytes = object->sections[constants].align_bytes = 4;
    add_symbol(object, "second", GLOBAL_OBJECT, wide, 6, 6);
    add_symbol(object, "two", GLOBAL_OBJECT, constants, 8, 4);
    add_symbol(object, "broken", GLOBAL_OBJECT, broken, 3, 3);
    job_object(&job, object);
    job_link_ok(&job);
    ck_assert_uint_eq(value_of(&job, "second"), 8);
    ck_assert_uint_eq(value_of(&job, "two"), 20);
    ck_assert_mem_eq(bytes_at(&job, 16), "\1\0\0\0\2\0\0\0no end", 14);
    ck_assert_uint_eq(value_of(&job, "broken"), 27);
    job_fini(&job);
}
END_TEST

START_TEST(many_strings_and_symbols_are_found)
{
    enum { COUNT = 500 };
    struct job job = {.options = {.keep_unused = true}};
    struct isa_object *object = start_object();
    add_function(object, "main", 1);
    char text[COUNT * 5];
    for (unsigned i = 0; i < COUNT; i++)
        sprintf(text + 5 * i, "%04u", i);
    int32_t strings = add_section(object, ".rodata.str1.1", STRINGS, text, sizeof text);
    for (unsigned i = 0; i < COUNT; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%u", i);
        add_symbol(object, name, GLOBAL_OBJECT, strings, 5 * i, 5);
    }
    job_object(&job, object);
    job_link_ok(&job);
    ck_assert_uint_eq(value_of(&job, "s499"), 8 + 499 * 5);
    ck_assert_mem_eq(bytes_at(&job, value_of(&job, "s123")), "0123", 5);
    job_fini(&job);
}
END_TEST

/* ---- archives ------------------------------------------------------------------------------- */

static struct isa_bytes small_archive(void)
{
    struct isa_object *members[] = {object_create("one.o"), object_create("two.o"),
                                    object_create("three.o")};
    int32_t one = add_function(members[0], "one", 1);
    add_reloc(members[0], one, 0, ISA_R_PC, add_undefined(members[0], "two"), 0);
    add_function(members[1], "two", 1);
    add_function(members[2], "three", 1);
    return archive_image(members, 3);
}

START_TEST(archive_gives_what_is_asked_for)
{
    struct job job = {.options = {.keep_unused = true}};
    job_add(&job, "lib.a", small_archive()); /* before its user: order does not matter */
    struct isa_object *object = start_object();
    int32_t text = add_function(object, "main", 1);
    add_reloc(object, text, 0, ISA_R_PC, add_undefined(object, "one"), 0);
    job_object(&job, object);
    job_link_ok(&job);
    ck_assert_ptr_nonnull(isa_program_find_symbol(job.program, "one"));
    ck_assert_ptr_nonnull(isa_program_find_symbol(job.program, "two"));
    ck_assert_ptr_null(isa_program_find_symbol(job.program, "three"));
    job_fini(&job);
}
END_TEST

START_TEST(whole_archive_gives_everything)
{
    struct job job = {.options = {.keep_unused = true}};
    struct isa_object *object = start_object();
    add_function(object, "main", 1);
    job_object(&job, object);
    job_add(&job, "lib.a", small_archive());
    job.inputs[1].whole_archive = true;
    job_link_ok(&job);
    ck_assert_ptr_nonnull(isa_program_find_symbol(job.program, "three"));
    job_fini(&job);
}
END_TEST

/* ---- sections outside memory ---------------------------------------------------------------- */

static struct isa_object *debug_object(void)
{
    struct isa_object *object = start_object();
    int32_t text = add_function(object, "main", 1);
    int32_t gone = add_function(object, "gone", 1);
    uint32_t gone_symbol = (uint32_t)object->n_symbols - 1, main_symbol = gone_symbol - 1;
    int32_t info = add_section(object, ".debug_info", 0, NULL, 8);
    add_reloc(object, info, 0, ISA_R_32, main_symbol, 0);
    add_reloc(object, info, 4, ISA_R_32, gone_symbol, 0);
    int32_t sizes[] = {add_section(object, ".stack_sizes", SHF_LINK_ORDER, "....\5", 5),
                       add_section(object, ".stack_sizes", SHF_LINK_ORDER, "....\6", 5)};
    object->sections[sizes[0]].linked = (uint32_t)text + 1;
    object->sections[sizes[1]].linked = (uint32_t)gone + 1;
    add_reloc(object, sizes[0], 0, ISA_R_32, main_symbol, 0);
    add_reloc(object, sizes[1], 0, ISA_R_32, gone_symbol, 0);
    return object;
}

static const uint8_t *section_bytes(struct job *job, const char *name, uint32_t *size_bytes)
{
    struct image image = {(uint8_t *)(uintptr_t)job->image.data, job->image.len_bytes};
    const Elf32_Shdr *section = image_section_named(&image, name);
    *size_bytes = section->sh_size;
    return image.data + section->sh_offset;
}

START_TEST(debug_sections_keep_addresses_and_stack_sizes_follow_their_function)
{
    struct job job = {0};
    uint32_t size_bytes;
    job_object(&job, debug_object());
    struct isa_report none = {0};
    ck_assert_int_eq(isa_link(&job.image, job.inputs, 1, &job.options, &none), DPUSIM_OK);
    const uint8_t *info = section_bytes(&job, ".debug_info", &size_bytes);
    ck_assert_mem_eq(info, "\x10\0\0\x80\0\0\0\0", 8);
    const uint8_t *sizes = section_bytes(&job, ".stack_sizes", &size_bytes);
    ck_assert_uint_eq(size_bytes, 5);
    ck_assert_mem_eq(sizes, "\x10\0\0\x80\5", 5);
    const uint8_t *chip = section_bytes(&job, ".dpu.attributes", &size_bytes);
    ck_assert_uint_eq(size_bytes, 0x15);
    ck_assert_mem_eq(chip, "A\x14\0\0\0upmem\0\1\x0a\0\0\0\5v1A", 0x15);
    job_fini(&job);
}
END_TEST

START_TEST(debug_sections_can_be_left_out)
{
    struct job job = {.options = {.strip_debug = true}};
    job_object(&job, debug_object());
    job_link_ok(&job);
    for (size_t i = 0; i < job.program->n_sections; i++)
        ck_assert_str_ne(job.program->sections[i].name, ".debug_info");
    job_fini(&job);
}
END_TEST

/* Made by LLVM, with a compressed DWARF 5 line table: tests/data/elf/lines.s. */
START_TEST(lines_survive_linking)
{
    struct job job = {0};
    struct image image = image_read(SOURCE_DIR "/tests/data/elf/lines.o");
    const char *file = NULL;
    unsigned line = 0;
    job_add(&job, "lines.o", (struct isa_bytes){image.data, image.len_bytes});
    job_link_ok(&job);
    ck_assert(isa_program_line_at(job.program, 1, &file, &line));
    ck_assert_str_eq(file, "/src/loop.c");
    ck_assert_uint_eq(line, 11);
    ck_assert(!isa_program_line_at(job.program, 3, &file, &line));
    ck_assert_uint_eq(word_at(&job, value_of(&job, "table"), 8), 0x0000000800000001);
    ck_assert_mem_eq(bytes_at(&job, 8), "hey", 4);
    job_fini(&job);
}
END_TEST

#define ROWS(table) (int)(sizeof table / sizeof table[0])

static Suite *suite(void)
{
    Suite *all = suite_create("isa.link");
    TCase *normal = tcase_create("normal");
    tcase_add_test(normal, smallest_program_has_all_symbols_of_the_layout);
    tcase_add_test(normal, chip_v1b_has_its_own_sizes);
    tcase_add_test(normal, sections_go_to_their_places);
    tcase_add_test(normal, options_and_defsyms_set_stacks_and_tasklets);
    tcase_add_loop_test(normal, values_are_translated_to_what_the_dpu_uses, 0, ROWS(translations));
    tcase_add_loop_test(normal, relocation_stores_its_bits, 0, ROWS(reloc_types));
    tcase_add_test(normal, unused_sections_go_and_kept_ones_stay);
    tcase_add_test(normal, strong_beats_common_beats_weak);
    tcase_add_test(normal, hidden_becomes_local_and_labels_vanish);
    tcase_add_test(normal, weak_undefined_symbol_is_zero);
    tcase_add_test(normal, equal_strings_are_stored_once);
    tcase_add_test(normal, wide_strings_and_constants_merge_too);
    tcase_add_test(normal, many_strings_and_symbols_are_found);
    tcase_add_test(normal, archive_gives_what_is_asked_for);
    tcase_add_test(normal, whole_archive_gives_everything);
    tcase_add_test(normal, debug_sections_keep_addresses_and_stack_sizes_follow_their_function);
    tcase_add_test(normal, debug_sections_can_be_left_out);
    tcase_add_test(normal, lines_survive_linking);
    suite_add_tcase(all, normal);
    return all;
}

int main(void)
{
    return run_suite(suite());
}
