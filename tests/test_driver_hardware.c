/* SPDX-License-Identifier: MIT */
/* Calls for parts that only real modules have: they answer, change nothing and say why. */
#include <check.h>
#include <dpu_bank_interface_pmc.h>
#include <dpu_custom.h>
#include <dpu_profiler.h>
#include <dpu_vpd.h>
#include <dpusim.h>

#include "driver_help.h"

START_TEST(counters_of_the_bank_interface_are_refused)
{
    struct host host = host_open(2, NULL);
    bank_interface_pmc_config_t configuration = {
        BANK_INTERFACE_PMC_64BIT_MODE, BANK_INTERFACE_PMC_CYCLES, BANK_INTERFACE_PMC_NONE};
    bank_interface_pmc_result_t result = {.one_64bits = {17}};
    struct dpu_set_t dpu = host_dpu(&host, 0);
    ck_assert_error(dpu_bank_interface_pmc_enable(dpu, configuration), DPU_ERR_DRIVER);
    ck_assert_ptr_nonnull(strstr(dpusim_last_message(), "hardware only"));
    ck_assert_error(dpu_bank_interface_pmc_disable(dpu), DPU_ERR_DRIVER);
    ck_assert_error(dpu_bank_interface_pmc_stop_counters(dpu), DPU_ERR_DRIVER);
    ck_assert_error(dpu_bank_interface_pmc_read_counters(dpu, &result), DPU_ERR_DRIVER);
    ck_assert_uint_eq(result.one_64bits.counter_1, 17);
    ck_assert_error(dpu_bank_interface_pmc_disable(host.set), DPU_ERR_INTERNAL);
    host_close(&host);
}
END_TEST

START_TEST(commands_of_back_ends_are_accepted_and_ignored)
{
    struct host host = host_open(2, NULL);
    for (int command = 0; command <= DPU_COMMAND_SET_SLICE_INFO; command++) {
        ck_assert_ok(dpu_custom_for_rank(host.rank, (dpu_custom_command_t)command, NULL));
        ck_assert_ok(dpu_custom_for_dpu(host.dpus[0], (dpu_custom_command_t)command, NULL));
    }
    ck_assert_error(dpu_custom_for_rank(host.rank, (dpu_custom_command_t)13, NULL), DPU_ERR_DRIVER);
    ck_assert_error(dpu_custom_for_dpu(dpu_get(host.rank, 7, 7), DPU_COMMAND_EVENT_START, NULL),
                    DPU_ERR_DPU_DISABLED);
    ck_assert_error(dpu_custom_for_rank(NULL, DPU_COMMAND_EVENT_START, NULL), DPU_ERR_INTERNAL);
    host_close(&host);
}
END_TEST

START_TEST(product_data_cannot_be_read_or_written)
{
    static const uint8_t value = 1;
    struct dpu_vpd vpd = {.vpd_header = {.rank_count = 2}};
    struct dpu_vpd_database db = {NULL};
    char path[8] = "as it is";
    ck_assert_int_eq(dpu_vpd_get_vpd_path("/dev/x", path), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_get_pull_vpd_path("/dev/x", path, sizeof path), DPU_VPD_ERR);
    ck_assert_int_eq(memcmp(path, "as it is", sizeof path), 0);
    ck_assert_int_eq(dpu_vpd_init("file", &vpd), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_db_init(0, NULL, &db), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_db_update(&db, "key", &value, 1, VPD_TYPE_BYTE), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_update_from_mcu("/dev/x"), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_write(&vpd, "file"), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_db_write(&db, "file"), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_commit_to_device(&vpd, "device"), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_db_commit_to_device(&db, "device"), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_commit_to_device_from_file("file", "device"), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_db_commit_to_device_from_file("file", "device"), DPU_VPD_ERR);
    dpu_vpd_db_destroy(&db);
    ck_assert_ptr_null(db.first);
    dpu_vpd_db_destroy(NULL);
}
END_TEST

START_TEST(product_data_of_the_caller_can_be_changed)
{
    struct dpu_vpd vpd = {.vpd_header = {.repair_count = VPD_UNDEFINED_REPAIR_COUNT}};
    struct dpu_vpd_repair_entry entry = {.iram_wram = DPU_VPD_REPAIR_WRAM, .address = 5};
    for (size_t i = 0; i < NB_MAX_REPAIR; i++)
        ck_assert_int_eq(dpu_vpd_add_repair_entry(&vpd, &entry), DPU_VPD_OK);
    ck_assert_uint_eq(vpd.vpd_header.repair_count, NB_MAX_REPAIR);
    ck_assert_uint_eq(vpd.repair_entries[NB_MAX_REPAIR - 1].address, 5);
    ck_assert_int_eq(dpu_vpd_add_repair_entry(&vpd, &entry), DPU_VPD_ERR_NB_MAX_REPAIR);
    ck_assert_int_eq(dpu_vpd_add_repair_entry(NULL, &entry), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_disable_dpu(&vpd, 1, 7, 7), DPU_VPD_OK);
    ck_assert_uint_eq(vpd.vpd_header.ranks[1].dpu_disabled, UINT64_C(1) << 63);
    ck_assert_int_eq(dpu_vpd_disable_dpu(&vpd, 1, 7, 7), DPU_VPD_ERR_DPU_ALREADY_DISABLED);
    ck_assert_int_eq(dpu_vpd_enable_dpu(&vpd, 1, 7, 7), DPU_VPD_OK);
    ck_assert_int_eq(dpu_vpd_enable_dpu(&vpd, 1, 7, 7), DPU_VPD_ERR_DPU_ALREADY_ENABLED);
    ck_assert_int_eq(dpu_vpd_disable_dpu(&vpd, 4, 0, 0), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_disable_dpu(&vpd, 0, 8, 0), DPU_VPD_ERR);
    ck_assert_int_eq(dpu_vpd_disable_dpu(&vpd, 0, 0, 8), DPU_VPD_ERR);
}
END_TEST

START_TEST(the_profiler_keeps_what_it_is_told_and_marks_threads)
{
    struct host host = host_with(2, "stop\n.section .dpu_host,\"aw\",@progbits\n"
                                    ".globl thread_profiling\nthread_profiling: .zero 96\n"
                                    ".size thread_profiling, 96\n");
    dpu_elf_symbols_t symbols = {0, NULL};
    ck_assert_ok(dpu_fill_profiling_info(host.rank, 1, 2, 3, 4, &symbols));
    const dpu_profiling_context_t context = dpu_get_profiling_context(host.rank);
    ck_assert_int_eq(context->enable_profiling, DPU_PROFILING_NOP);
    ck_assert_uint_eq(context->mcount_address, 1);
    ck_assert_uint_eq(context->ret_mcount_address, 2);
    ck_assert_uint_eq(context->thread_profiling_address, 3);
    ck_assert_uint_eq(context->perfcounter_end_value_address, 4);
    ck_assert_ptr_eq(context->profiling_symbols, &symbols);

    dpu_get_program(host.dpus[0])->nr_threads_enabled = 3;
    ck_assert_ok(dpu_set_magic_profiling_for_dpu(host.dpus[0]));
    wram_addr_t at = word_of(&host, "thread_profiling");
    ck_assert_uint_eq(get_word(host.dpus[0], at + 2), 0xDEAD0002);
    ck_assert_uint_eq(get_word(host.dpus[0], at + 3), 0);
    ck_assert_uint_eq(get_word(host.dpus[1], at), 0);
    ck_assert_ok(dpu_patch_profiling_for_dpu(host.dpus[0], NULL, 0, 0, true));
    ck_assert_error(dpu_set_magic_profiling_for_dpu(dpu_get(host.rank, 7, 7)),
                    DPU_ERR_DPU_DISABLED);
    ck_assert_error(dpu_patch_profiling_for_dpu(dpu_get(host.rank, 7, 7), NULL, 0, 0, true),
                    DPU_ERR_DPU_DISABLED);
    dpu_collect_statistics_profiling(host.dpus[0], 3, NULL);
    dpu_collect_samples_profiling(host.dpus[0], 0);
    dpu_dump_statistics_profiling(host.dpus[0], 3);
    dpu_dump_samples_profiling(host.dpus[0]);
    dpu_dump_section_profiling(host.dpus[0], 3, "section", NULL, 0);
    host_close(&host);
}
END_TEST

START_TEST(descriptions_are_counted)
{
    dpu_description_t description;
    ck_assert_ok(dpu_get_profile_description("chipId=66", &description));
    ck_assert_int_eq(description->hw.signature.chip_id, vD_fun_v1_4);
    dpu_acquire_description(description);
    dpu_free_description(description);
    ck_assert_uint_eq(description->hw.dpu.nr_of_threads, 16);
    dpu_free_description(description);
    dpu_free_description(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("driver.hardware");
    TCase *normal = tcase_create("normal");
    be_quiet();
    tcase_add_test(normal, counters_of_the_bank_interface_are_refused);
    tcase_add_test(normal, commands_of_back_ends_are_accepted_and_ignored);
    tcase_add_test(normal, product_data_cannot_be_read_or_written);
    tcase_add_test(normal, product_data_of_the_caller_can_be_changed);
    tcase_add_test(normal, the_profiler_keeps_what_it_is_told_and_marks_threads);
    tcase_add_test(normal, descriptions_are_counted);
    suite_add_tcase(suite, normal);
    return run_suite(suite);
}
