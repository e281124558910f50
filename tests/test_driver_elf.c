/* SPDX-License-Identifier: MIT */
/* Program files below the level of sets: sections, symbols, run-time information, loading without a
 * set, core files. */
#include <check.h>
#include <dpu_checkpoint.h>

#include "driver_help.h"

/* Stores 7, keeps 5 in a register; names that the run-time information looks for. */
#define PARTS_PROGRAM                                                                              \
    "move r0, 7\nsw zero, result, r0\nmove r5, 5\n"                                                \
    ".globl __sys_end\n.type __sys_end, @function\n__sys_end: stop\n"                              \
    ".section .dpu_host,\"aw\",@progbits\n.globl result\nresult: .long 0\n.size result, 4\n"       \
    ".section .data.x,\"aw\",@progbits\n.globl __semaphore_old\n__semaphore_old: .long 1\n"        \
    ".globl __atomic_bit_semaphore_new\n__atomic_bit_semaphore_new: .long 2\n"                     \
    ".globl __atomic_bit_mutex_m\n__atomic_bit_mutex_m: .long 3\n"                                 \
    ".section .mram,\"aw\",@progbits\n.globl table\ntable: .quad 0x1122334455667788, 9\n"          \
    ".size table, 16\n"                                                                            \
    ".section .mram.noinit,\"aw\",@nobits\n.globl __stdout_buffer\n__stdout_buffer: .zero 64\n"    \
    ".size __stdout_buffer, 64\n"

static struct isa_bytes image;
static dpu_elf_file_t file;

static void setup(void)
{
    image = image_of(PARTS_PROGRAM);
    ck_assert_ok(dpu_elf_map((uint8_t *)(uintptr_t)image.data, (unsigned)image.len_bytes, &file,
                             "test program"));
}

static void teardown(void)
{
    dpu_elf_close(file);
    free((void *)(uintptr_t)image.data);
}

static void write_file(const char *path, struct isa_bytes bytes)
{
    FILE *stream = fopen(path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(bytes.data, 1, bytes.len_bytes, stream), bytes.len_bytes);
    ck_assert_int_eq(fclose(stream), 0);
}

/* ---- parts of a file ------------------------------------------------------------------------- */

START_TEST(a_section_is_handed_out_where_it_lies_in_the_image)
{
    static const uint64_t table[] = {UINT64_C(0x1122334455667788), 9};
    unsigned size;
    uint8_t *bytes;
    ck_assert_ok(dpu_elf_load_section(file, ".mram", &size, &bytes));
    ck_assert_uint_ge(size, sizeof table);
    ck_assert(bytes > image.data && bytes + size <= image.data + image.len_bytes);
    ck_assert_int_eq(memcmp(bytes, table, sizeof table), 0);
    ck_assert_error(dpu_elf_load_section(file, ".no", &size, &bytes), DPU_ERR_ELF_NO_SUCH_SECTION);
    ck_assert_error(dpu_elf_load_section(file, ".mram.noinit", &size, &bytes),
                    DPU_ERR_ELF_INVALID_FILE);
}
END_TEST

START_TEST(section_names_are_listed_in_file_order)
{
    char **names;
    unsigned count, text = UINT_MAX, symtab = UINT_MAX;
    ck_assert_ok(dpu_elf_get_sections(file, &count, &names));
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(names[i], ".text") == 0)
            text = i;
        if (strcmp(names[i], ".symtab") == 0)
            symtab = i;
    }
    ck_assert_uint_lt(text, symtab);
    ck_assert_uint_lt(symtab, count);
    free(names);
}
END_TEST

START_TEST(symbols_of_one_section_are_listed)
{
    dpu_elf_symbols_t *symbols;
    ck_assert_ok(dpu_elf_load_symbols(file, ".data.__sys_host", &symbols));
    ck_assert_uint_eq(symbols->nr_symbols, 1);
    ck_assert_str_eq(symbols->map[0].name, "result");
    ck_assert_uint_eq(symbols->map[0].size, 4);
    ck_assert_uint_lt(symbols->map[0].value, ISA_WRAM_BYTES);
    dpu_elf_free_symbols(symbols);
    ck_assert_error(dpu_elf_load_symbols(file, ".no", &symbols), DPU_ERR_ELF_NO_SUCH_SECTION);
    dpu_elf_free_symbols(NULL);
}
END_TEST

START_TEST(run_time_information_tells_what_is_there_and_what_is_not)
{
    dpu_elf_runtime_info_t info;
    dpu_elf_get_runtime_info(file, &info);
    ck_assert(info.printf_buffer.exists && info.sys_end.exists && !info.mcount.exists);
    ck_assert_uint_eq(info.printf_buffer.value, ISA_MRAM_BASE);
    ck_assert_uint_eq(info.printf_buffer.size, 64);
    ck_assert_uint_eq(info.sys_end.value, ISA_IRAM_BASE + 3 * 8);
    ck_assert_uint_eq(info.mcount.value, UINT32_MAX);
    ck_assert_uint_eq(info.perfcounter_end_value.value, 0);
    ck_assert_uint_eq(info.semaphore_info.nr_symbols, 2);
    ck_assert_str_eq(info.semaphore_info.map[0].name, "old");
    ck_assert_str_eq(info.semaphore_info.map[1].name, "new");
    ck_assert_uint_eq(info.mutex_info.nr_symbols, 1);
    ck_assert_uint_eq(info.barrier_info.nr_symbols, 0);
    free_runtime_info(&info);
    ck_assert_ptr_null(info.mutex_info.map);
    free_runtime_info(&info);
    free_runtime_info(NULL);
}
END_TEST

START_TEST(wrong_files_and_arguments_are_refused)
{
    dpu_elf_file_t other = NULL;
    uint8_t text[] = "no program";
    ck_assert_error(dpu_elf_map(text, sizeof text, &other, NULL), DPU_ERR_ELF_INVALID_FILE);
    ck_assert_error(dpu_elf_map(text, 0, &other, NULL), DPU_ERR_ELF_INVALID_FILE);
    ck_assert_error(dpu_elf_map(NULL, 8, &other, NULL), DPU_ERR_INTERNAL);
    ck_assert_error(dpu_elf_open("no such file", &other), DPU_ERR_ELF_NO_SUCH_FILE);
    ck_assert_error(dpu_elf_open(BUILD_DIR, &other), DPU_ERR_ELF_NO_SUCH_FILE);
    ck_assert_error(dpu_elf_open(NULL, &other), DPU_ERR_INTERNAL);
    ck_assert_ptr_null(other);
    dpu_elf_close(NULL);
}
END_TEST

START_TEST(a_cut_file_never_gives_bytes_outside_of_it)
{
    for (size_t length = 0; length < image.len_bytes; length += 7) {
        dpu_elf_file_t cut;
        uint8_t *copy = malloc(length + 1), *bytes;
        unsigned size;
        memcpy(copy, image.data, length);
        if (dpu_elf_map(copy, (unsigned)length, &cut, NULL) == DPU_OK) {
            if (dpu_elf_load_section(cut, ".mram", &size, &bytes) == DPU_OK)
                ck_assert(bytes >= copy && bytes + size <= copy + length);
            dpu_elf_close(cut);
        }
        free(copy);
    }
}
END_TEST

/* ---- loading --------------------------------------------------------------------------------- */

static dpu_error_t set_99(dpu_loader_env_t env, void *content, dpu_mem_max_addr_t address,
                          dpu_mem_max_size_t size, bool init)
{
    ck_assert(init && size >= 16);
    ck_assert_uint_eq(address, 64); /* behind the log buffer; bytes */
    ck_assert_int_eq(env->target, DPU_LOADER_TARGET_DPU);
    *(uint8_t *)content = 99;
    return DPU_OK;
}

static dpu_error_t refuse(dpu_loader_env_t env, void *content, dpu_mem_max_addr_t address,
                          dpu_mem_max_size_t size, bool init)
{
    (void)env, (void)content, (void)address, (void)size, (void)init;
    return DPU_ERR_CORRUPTED_MEMORY;
}

START_TEST(segments_go_to_a_whole_rank_and_the_program_runs)
{
    struct host host = host_open(3, NULL);
    struct _dpu_loader_context_t context;
    dpu_elf_symbols_t *symbols;
    ck_assert_ok(dpu_elf_load_symbols(file, ".data.__sys_host", &symbols));
    dpu_loader_fill_rank_context(&context, host.rank);
    ck_assert_uint_eq(context.nr_of_instructions, ISA_IRAM_INSNS);
    ck_assert_uint_eq(context.nr_of_mram_bytes, ISA_MRAM_BYTES);
    ck_assert_ok(dpu_elf_load(file, &context));
    ck_assert_ok(dpu_boot_rank(host.rank));
    wait_done(host.rank);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(get_word(host.dpus[i], symbols->map[0].value / 4), 7);
    dpu_elf_free_symbols(symbols);
    host_close(&host);
}
END_TEST

START_TEST(the_callers_function_may_change_a_segment_or_stop_the_load)
{
    struct host host = host_open(2, NULL);
    struct _dpu_loader_context_t context;
    uint8_t mram[8];
    dpu_loader_fill_dpu_context(&context, host.dpus[1]);
    context.patch_mram = set_99;
    ck_assert_ok(dpu_elf_load(file, &context));
    ck_assert_ok(dpu_copy_from_mram(host.dpus[1], mram, 64, 8));
    ck_assert_uint_eq(mram[0], 99);
    ck_assert_ok(dpu_copy_from_mram(host.dpus[0], mram, 64, 8));
    ck_assert_uint_eq(mram[0], 0); /* the other DPU got nothing */
    context.patch_mram = refuse;
    ck_assert_error(dpu_elf_load(file, &context), DPU_ERR_CORRUPTED_MEMORY);
    context.env.target = (dpu_loader_target_t)5;
    ck_assert_error(dpu_elf_load(file, &context), DPU_ERR_INTERNAL);
    ck_assert_error(dpu_elf_load(file, NULL), DPU_ERR_INTERNAL);
    host_close(&host);
}
END_TEST

START_TEST(a_program_object_is_filled_without_a_set)
{
    struct dpu_program_t program;
    struct dpu_symbol_t symbol;
    dpu_elf_file_t own;
    ck_assert_ok(dpu_load_elf_program_from_memory(&own, "p", (uint8_t *)(uintptr_t)image.data,
                                                  image.len_bytes, &program, 1 << 20));
    dpu_init_program_ref(&program);
    dpu_take_program_ref(&program);
    ck_assert_ok(dpu_get_symbol(&program, "table", &symbol));
    ck_assert_uint_eq(symbol.size, 16);
    dpu_free_program(&program);
    dpu_elf_close(own);
    ck_assert_error(dpu_load_elf_program(&own, "no such file", &program, 0),
                    DPU_ERR_SYSTEM); /* as dpu_load */
    ck_assert_error(dpu_load_elf_program(&own, "no such file", NULL, 0), DPU_ERR_INTERNAL);
}
END_TEST

/* ---- core files ------------------------------------------------------------------------------ */

START_TEST(a_core_file_brings_a_dpu_back)
{
    static const char exe[] = BUILD_DIR "/tests/elf_program", core[] = BUILD_DIR "/tests/elf_core";
    struct host host = host_with(1, PARTS_PROGRAM), other = host_open(1, NULL);
    struct dpu_context_t saved, again, restored;
    struct _dpu_loader_context_t target;
    dpu_elf_file_t dump;
    uint8_t *bytes;
    unsigned size;

    write_file(exe, image);
    ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
    ck_assert_ok(dpu_checkpoint_save(host_dpu(&host, 0), DPU_CHECKPOINT_ALL, &saved));
    ck_assert_ok(dpu_create_core_dump(host.rank, exe, core, &saved, (uint8_t *)saved.wram,
                                      saved.mram, (uint8_t *)saved.iram, saved.info.wram_size * 4,
                                      4096, saved.info.iram_size * 8));

    ck_assert_ok(dpu_elf_open(core, &dump));
    ck_assert_ok(dpu_elf_load_section(dump, ".regs", &size, &bytes));
    ck_assert_ok(dpu_checkpoint_deserialize(bytes, size, &again));
    ck_assert_uint_eq(again.registers[5], 5);
    ck_assert_ok(dpu_elf_load_section(dump, ".data", &size, &bytes));
    ck_assert_uint_eq(size, ISA_WRAM_BYTES);
    dpu_loader_fill_dpu_context(&target, other.dpus[0]);
    ck_assert_ok(dpu_elf_load(dump, &target));
    ck_assert_ok(dpu_checkpoint_restore(host_dpu(&other, 0), DPU_CHECKPOINT_INTERNAL, &again));
    ck_assert_ok(dpu_checkpoint_save(host_dpu(&other, 0), DPU_CHECKPOINT_ALL, &restored));
    ck_assert_int_eq(memcmp(saved.wram, restored.wram, ISA_WRAM_BYTES), 0);
    ck_assert_int_eq(memcmp(saved.iram, restored.iram, saved.info.iram_size * 8u), 0);
    ck_assert_int_eq(memcmp(saved.mram, restored.mram, 4096), 0);
    ck_assert_uint_eq(restored.registers[5], 5);

    dpu_elf_symbols_t *symbols;
    ck_assert_ok(dpu_elf_load_symbols(dump, ".data.__sys_host", &symbols));
    ck_assert_str_eq(symbols->map[0].name, "result");
    dpu_elf_free_symbols(symbols);
    dpu_elf_close(dump);
    dpu_checkpoint_free(&saved);
    dpu_checkpoint_free(&again);
    dpu_checkpoint_free(&restored);
    remove(exe);
    remove(core);
    host_close(&host);
    host_close(&other);
}
END_TEST

START_TEST(a_core_file_needs_its_program_and_a_place)
{
    static const char exe[] = BUILD_DIR "/tests/elf_program2";
    uint8_t word[8] = {0};
    write_file(exe, image);
    ck_assert_error(
        dpu_elf_create_core_dump("no such file", "core", word, NULL, NULL, NULL, 8, 0, 0, 0),
        DPU_ERR_ELF_NO_SUCH_FILE);
    ck_assert_error(dpu_elf_create_core_dump(exe, BUILD_DIR "/no/such/folder", word, NULL, NULL,
                                             NULL, 8, 0, 0, 0),
                    DPU_ERR_INTERNAL);
    ck_assert_error(dpu_elf_create_core_dump(exe, NULL, word, NULL, NULL, NULL, 8, 0, 0, 0),
                    DPU_ERR_INTERNAL);
    ck_assert_error(dpu_create_core_dump(NULL, exe, "core", NULL, NULL, NULL, NULL, 0, 0, 0),
                    DPU_ERR_INTERNAL);
    remove(exe);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("driver.elf");
    TCase *parts = tcase_create("parts"), *loading = tcase_create("loading");
    TCase *cores = tcase_create("cores");
    be_quiet();
    tcase_add_checked_fixture(parts, setup, teardown);
    tcase_add_checked_fixture(loading, setup, teardown);
    tcase_add_checked_fixture(cores, setup, teardown);
    tcase_add_test(parts, a_section_is_handed_out_where_it_lies_in_the_image);
    tcase_add_test(parts, section_names_are_listed_in_file_order);
    tcase_add_test(parts, symbols_of_one_section_are_listed);
    tcase_add_test(parts, run_time_information_tells_what_is_there_and_what_is_not);
    tcase_add_test(parts, wrong_files_and_arguments_are_refused);
    tcase_add_test(parts, a_cut_file_never_gives_bytes_outside_of_it);
    tcase_add_test(loading, segments_go_to_a_whole_rank_and_the_program_runs);
    tcase_add_test(loading, the_callers_function_may_change_a_segment_or_stop_the_load);
    tcase_add_test(loading, a_program_object_is_filled_without_a_set);
    tcase_add_test(cores, a_core_file_brings_a_dpu_back);
    tcase_add_test(cores, a_core_file_needs_its_program_and_a_place);
    suite_add_tcase(suite, parts);
    suite_add_tcase(suite, loading);
    suite_add_tcase(suite, cores);
    return run_suite(suite);
}
