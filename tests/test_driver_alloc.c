/* SPDX-License-Identifier: MIT */
/* Profiles, allocation, topology, numbers, parts of sets, iteration, release, stale handles and
 * limits. */
#include <check.h>
#include <dpu_description.h>
#include <sys/resource.h>

#include "host_help.h"

/* ---- how many -------------------------------------------------------------------------------- */

static const struct {
    uint32_t number;
    bool by_ranks;
    const char *profile;
    uint32_t ranks, dpus;
} allocations[] = {
    {1, false, NULL, 1, 1},
    {64, false, "", 1, 64},
    {65, false, NULL, 2, 65},
    {130, false, "backend=simulator", 3, 130},
    {DPU_ALLOCATE_ALL, false, NULL, 1, 64},
    {DPU_ALLOCATE_ALL, true, NULL, 1, 64},
    {DPU_ALLOCATE_ALL, false, "simRanks=3", 3, 192},
    {DPU_ALLOCATE_ALL, true, "simRanks=2,simDpusPerRank=8", 2, 16},
    {2, true, NULL, 2, 128},
    {4, false, "nrDpusPerCi=1", 4, 4},
    {4, true, "nrDpusPerCI=4", 4, 16},
    {20, false, "simDpusPerRank=16", 2, 20},
    {3, true, "simDpusPerRank=5", 3, 15},
    {1, true, "disabledMask=0xff", 1, 56},
    {60, false, "disabledMask=0x8000000000000001", 1, 60},
    {63, false, "disabledMask=0x8000000000000001", 2, 63},
    {8, false, "dispatchOnAllRanks=true", 8, 8},
    {8, false, "dispatchOnAllRanks=true,simMaxRanks=3", 3, 8},
    {8, false, "dispatchOnAllRanks=false,dispatchOnAllRanks=0", 1, 8},
    {50, false, "nrDpusPerCi=1,simMaxRanks=50", 50, 50},
};

START_TEST(set_has_what_was_asked_for)
{
    struct dpu_set_t set;
    if (allocations[_i].by_ranks)
        OK(dpu_alloc_ranks(allocations[_i].number, allocations[_i].profile, &set));
    else
        OK(dpu_alloc(allocations[_i].number, allocations[_i].profile, &set));
    ck_assert_int_eq(set.kind, DPU_SET_RANKS);
    ck_assert_uint_eq(count_ranks(set), allocations[_i].ranks);
    ck_assert_uint_eq(count_dpus(set), allocations[_i].dpus);
    ck_assert_uint_eq(set.list.nr_ranks, allocations[_i].ranks);
    OK(dpu_free(set));
}
END_TEST

/* Full ranks stay full, the last one loses whole lines of a member. */
START_TEST(surplus_is_taken_from_the_last_rank_line_by_line)
{
    struct dpu_set_t set = alloc_set(64 + 40, NULL);
    ck_assert_uint_eq(count_dpus(rank_number(set, 0)), 64);
    ck_assert_uint_eq(count_dpus(rank_number(set, 1)), 40);
    struct dpu_rank_t *rank = dpu_rank_from_set(rank_number(set, 1));
    for (unsigned member = 0; member < 8; member++) {
        unsigned enabled = 0;
        for (unsigned slice = 0; slice < 8; slice++)
            enabled += dpu_is_enabled(dpu_get(rank, (uint8_t)slice, (uint8_t)member));
        ck_assert_msg(enabled == 0 || enabled == 8, "member %u: %u", member, enabled);
    }
    OK(dpu_free(set));
}
END_TEST

START_TEST(dispatch_gives_every_rank_its_share)
{
    struct dpu_set_t set = alloc_set(20, "dispatchOnAllRanks=1,simMaxRanks=4"), rank;
    DPU_RANK_FOREACH (set, rank)
        ck_assert_msg(count_dpus(rank) >= 1 && count_dpus(rank) <= 8, "%u", count_dpus(rank));
    OK(dpu_free(set));
}
END_TEST

/* ---- order and numbers ----------------------------------------------------------------------- */

START_TEST(dpus_come_by_rank_slice_and_member)
{
    struct dpu_set_t set = alloc_set(128, NULL), dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i) {
        struct dpu_t *one = dpu_from_set(dpu);
        ck_assert_int_eq(dpu.kind, DPU_SET_DPU);
        ck_assert_uint_eq(dpu_get_slice_id(one), i / 8 % 8);
        ck_assert_uint_eq(dpu_get_member_id(one), i % 8);
        ck_assert_ptr_eq(dpu_get_rank(one), set.list.ranks[i / 64]);
        ck_assert_ptr_eq(dpu_get(dpu_get_rank(one), (uint8_t)(i / 8 % 8), (uint8_t)(i % 8)), one);
        ck_assert_uint_eq(dpu_get_id(one), i / 64 << 16 | i / 8 % 8 << 8 | i % 8);
    }
    ck_assert_uint_eq(i, 128);
    ck_assert_uint_eq(dpu_get_rank_id(set.list.ranks[1]), 1);
    ck_assert_ptr_null(dpu_get(set.list.ranks[0], 8, 0));
    ck_assert_ptr_null(dpu_get(set.list.ranks[0], 0, 8));
    OK(dpu_free(set));
}
END_TEST

START_TEST(type_of_the_back_end_is_in_the_number_of_a_rank)
{
    struct dpu_set_t set = alloc_set(1, "backend=cas");
    ck_assert_uint_eq(dpu_get_rank_id(set.list.ranks[0]) >> 12, CYCLE_ACCURATE_SIMULATOR);
    enum dpusim_mode mode;
    OK(dpusim_get_mode(set, &mode));
    ck_assert_int_eq(mode, DPUSIM_CYCLE);
    OK(dpu_free(set));
}
END_TEST

START_TEST(disabled_dpus_are_skipped_and_refused)
{
    struct dpu_set_t set = alloc_kernel(63, "disabledMask=0x2"), dpu;
    uint32_t i;
    DPU_FOREACH (set, dpu, i)
        ck_assert(dpu_is_enabled(dpu.dpu));
    ck_assert_uint_eq(i, 63);
    ck_assert_uint_eq(dpu_get_member_id(dpu_number(set, 1).dpu), 2);
    struct dpu_t *off = dpu_get(set.list.ranks[0], 0, 1);
    ck_assert_ptr_nonnull(off);
    ck_assert(!dpu_is_enabled(off));
    struct dpu_set_t part = dpu_set_from_dpu(off);
    struct dpu_symbol_t symbol = {0, 64};
    uint32_t word = 0;
    REFUSED(dpu_copy_to_symbol(part, symbol, 0, &word, 4), DPU_ERR_DPU_DISABLED, "disabled");
    REFUSED(dpu_copy_from_symbol(part, symbol, 0, &word, 4), DPU_ERR_DPU_DISABLED, "disabled");
    REFUSED(dpu_prepare_xfer(part, &word), DPU_ERR_DPU_DISABLED, "disabled");
    REFUSED(dpu_launch(part, DPU_SYNCHRONOUS), DPU_ERR_DPU_DISABLED, "disabled");
    REFUSED(dpu_log_read(part, stdout), DPU_ERR_DPU_DISABLED, "disabled");
    OK(dpu_free(set));
}
END_TEST

/* ---- iteration ------------------------------------------------------------------------------- */

START_TEST(parts_iterate_as_wholes_do)
{
    struct dpu_set_t set = alloc_set(72, NULL), rank, dpu, inner;
    uint32_t r, i, j, seen = 0;
    DPU_RANK_FOREACH (set, rank, r) {
        DPU_FOREACH (rank, dpu, i) {
            ck_assert_ptr_eq(dpu.dpu, dpu_number(set, seen).dpu);
            DPU_FOREACH (dpu, inner, j) {
                ck_assert_ptr_eq(inner.dpu, dpu.dpu);
                ck_assert_uint_eq(j, 0);
            }
            ck_assert_uint_eq(j, 1);
            DPU_RANK_FOREACH (dpu, inner, j)
                ck_assert(inner.kind == DPU_SET_DPU && inner.dpu == dpu.dpu && j == 0);
            ck_assert_uint_eq(j, 1);
            ck_assert_uint_eq(count_dpus(dpu), 1);
            ck_assert_uint_eq(count_ranks(dpu), 1);
            seen++;
        }
        ck_assert_uint_eq(i, r == 0 ? 64 : 8);
    }
    ck_assert_uint_eq(r, 2);
    ck_assert_uint_eq(seen, 72);
    OK(dpu_free(set));
}
END_TEST

START_TEST(loops_can_be_left_and_continued)
{
    struct dpu_set_t set = alloc_set(9, NULL), dpu;
    uint32_t i, even = 0;
    DPU_FOREACH (set, dpu, i) {
        if (i % 2)
            continue;
        even++;
    }
    ck_assert_uint_eq(even, 5);
    DPU_FOREACH (set, dpu, i)
        if (i == 4)
            break;
    ck_assert_uint_eq(i, 4);
    OK(dpu_free(set));
}
END_TEST

START_TEST(parts_made_by_hand_are_sets)
{
    struct dpu_set_t set = alloc_kernel(70, NULL);
    struct dpu_rank_t *own[] = {set.list.ranks[1]};
    struct dpu_set_t rank = dpu_set_from_rank(own), dpu = dpu_set_from_dpu(dpu_number(set, 3).dpu);
    ck_assert_uint_eq(count_dpus(rank), 6);
    launch(rank, CMD_STOP);
    launch(dpu, CMD_STOP);
    ck_assert_uint_eq(take(dpu_number(set, 3), "launches"), 1);
    ck_assert_uint_eq(take(dpu_number(set, 4), "launches"), 0);
    ck_assert_uint_eq(take(dpu_number(set, 69), "launches"), 1);
    ck_assert_ptr_eq(dpu_rank_from_set(rank), own[0]);
    ck_assert_ptr_null(dpu_rank_from_set(set));
    ck_assert_ptr_null(dpu_from_set(set));
    FAILS(dpu_free(rank), DPU_ERR_INVALID_DPU_SET);
    OK(dpu_free(set));
}
END_TEST

/* ---- machines -------------------------------------------------------------------------------- */

static const struct {
    const char *profile;
    unsigned chip_id, slices, members, wram_words, iram_insns, threads, atomic_bits, notify_bits;
    uint32_t mram_bytes, fck_mhz, division;
} machines[] = {
    {NULL, 2, 8, 8, 16384, 4096, 24, 256, 40, 64 << 20, 700, 2},
    {"chipId=66", 66, 8, 8, 15872, 3968, 16, 64, 0, 64 << 20, 800, 2},
    {"chipId=0x42,nrDpusPerCi=2", 66, 1, 2, 15872, 3968, 16, 64, 0, 64 << 20, 800, 2},
    {"chipId=8", 8, 8, 8, 16384, 4096, 24, 256, 40, 64 << 20, 700, 2},
    {"mramSize=1048576,wramSize=1024,iramSize=100", 2, 8, 8, 1024, 100, 24, 256, 40, 1 << 20, 700,
     2},
    {"simFreqMHz=500", 2, 8, 8, 16384, 4096, 24, 256, 40, 64 << 20, 1000, 2},
    {"fckFrequency=1200,clockDivision=4", 2, 8, 8, 16384, 4096, 24, 256, 40, 64 << 20, 1200, 4},
    {"simDpusPerRank=24", 2, 8, 3, 16384, 4096, 24, 256, 40, 64 << 20, 700, 2},
};

START_TEST(description_tells_the_machine_of_the_profile)
{
    dpu_description_t d;
    OK(dpu_get_profile_description(machines[_i].profile, &d));
    ck_assert_uint_eq(d->hw.signature.chip_id, machines[_i].chip_id);
    ck_assert_uint_eq(d->hw.topology.nr_of_control_interfaces, machines[_i].slices);
    ck_assert_uint_eq(d->hw.topology.nr_of_dpus_per_control_interface, machines[_i].members);
    ck_assert_uint_eq(d->hw.memories.wram_size, machines[_i].wram_words);
    ck_assert_uint_eq(d->hw.memories.iram_size, machines[_i].iram_insns);
    ck_assert_uint_eq(d->hw.memories.mram_size, machines[_i].mram_bytes);
    ck_assert_uint_eq(d->hw.dpu.nr_of_threads, machines[_i].threads);
    ck_assert_uint_eq(d->hw.dpu.nr_of_atomic_bits, machines[_i].atomic_bits);
    ck_assert_uint_eq(d->hw.dpu.nr_of_notify_bits, machines[_i].notify_bits);
    ck_assert_uint_eq(d->hw.dpu.nr_of_work_registers_per_thread, 24);
    ck_assert_uint_eq(d->hw.timings.fck_frequency_in_mhz, machines[_i].fck_mhz);
    ck_assert_uint_eq(d->hw.timings.clock_division, machines[_i].division);
    struct dpu_set_t set = alloc_set(1, machines[_i].profile);
    ck_assert_mem_eq(&dpu_get_description(set.list.ranks[0])->hw, &d->hw, sizeof d->hw);
    dpu_free_description(d);
    OK(dpu_free(set));
}
END_TEST

static const char clock_text[] =
    KERNEL_CODE KERNEL_DATA ".section .dpu_host\n" WORD_VARIABLE("CLOCKS_PER_SEC", "1");

START_TEST(program_learns_the_clock)
{
    static const struct {
        const char *profile;
        uint32_t hertz;
    } rows[] = {{NULL, 350000000},
                {"simFreqMHz=500", 500000000},
                {"fckFrequency=1000,clockDivision=3", 333333333}};
    struct dpu_set_t set = alloc_set(1, rows[_i].profile);
    load_text(set, clock_text);
    ck_assert_uint_eq(take(dpu_number(set, 0), "CLOCKS_PER_SEC"), rows[_i].hertz);
    OK(dpu_free(set));
}
END_TEST

/* ---- profiles -------------------------------------------------------------------------------- */

/* Texts that are taken, and the number of DPUs per rank that they give. */
static const struct {
    const char *profile;
    unsigned per_rank;
} good_profiles[] = {
    {"simDpusPerRank=8", 8},
    {",,simDpusPerRank=8,", 8},
    {"simDpusPerRank=8&simMode=cycle", 8},
    {"simDpusPerRank=16,simDpusPerRank=8", 8},
    {"simDpusPerRank=0x8", 8},
    {"simDpusPerRank=010", 8},
    {" simDpusPerRank = 8 ", 8},
    {"backend=simulator, simDpusPerRank=8", 8},
    {"cycleAccurate=true,nrThreadsPerRank=0,simDpusPerRank=8", 8},
    {"nrJobPerRank=64", 64},
    {"nrJobsPerRank=256,nrThreadsPerRank=8", 64},
    {"regionMode=nonsense,rankPath=,ignoreVpd=", 64},
    {"SimDpusPerRank=8", 64},
    {"sliceTarget=3,dpuClockInMHz=800,nrThreads=5", 64},
    {"sgXferEnable=true,sgXferMaxBlocksPerDpu=5", 64},
    {"enableProfiling=statistics,profilingDpuId=1", 64},
    {"a=b=c,d==", 64},
    {"doProfiling=,disableSafeChecks=x", 64},
};

START_TEST(profile_is_taken)
{
    struct dpu_set_t set;
    OK(dpu_alloc_ranks(1, good_profiles[_i].profile, &set));
    ck_assert_uint_eq(count_dpus(set), good_profiles[_i].per_rank);
    OK(dpu_free(set));
}
END_TEST

static const struct {
    const char *profile;
    dpu_error_t error;
    const char *sentence;
} bad_profiles[] = {
    {"backend", DPU_ERR_INVALID_PROFILE, "position 1: \"backend\" has no \"=\""},
    {"simMode=cycle,x", DPU_ERR_INVALID_PROFILE, "position 15: \"x\" has no \"=\""},
    {"chipId=", DPU_ERR_INVALID_PROFILE, "chipId=: wanted a number"},
    {"chipId=2x", DPU_ERR_INVALID_PROFILE, "chipId=2x: wanted a number"},
    {"chipId=two", DPU_ERR_INVALID_PROFILE, "position 1: chipId=two: wanted a number"},
    {"chipId=4294967296", DPU_ERR_INVALID_PROFILE, "does not fit 32 bits"},
    {"chipId=99999999999999999999", DPU_ERR_INVALID_PROFILE, "does not fit 32 bits"},
    {"disabledMask=99999999999999999999", DPU_ERR_INVALID_PROFILE, "does not fit 64 bits"},
    {"backend=hw", DPU_ERR_ALLOCATION,
     "no hardware here; dpusim simulates: use backend=simulator or leave it out"},
    {"backend=spi", DPU_ERR_ALLOCATION, "only the simulator"},
    {"backend=Simulator", DPU_ERR_INVALID_PROFILE, "wanted simulator, cas or model"},
    {"backend=", DPU_ERR_INVALID_PROFILE, "wanted simulator, cas or model"},
    {"simMode=\xc3\xa9", DPU_ERR_INVALID_PROFILE, "position 9: byte 0xc3"},
    {"a=1,\tb=2", DPU_ERR_INVALID_PROFILE, "byte 0x09"},
    {"chipId=9", DPU_ERR_INVALID_PROFILE, "chipId=9 is unknown; wanted 2 (v1A; 0 to 8) or 66"},
    {"chipId=-1", DPU_ERR_INVALID_PROFILE, "chipId=-1"},
    {"mramSize=100000", DPU_ERR_INVALID_PROFILE, "power of two"},
    {"mramSize=134217728", DPU_ERR_INVALID_PROFILE, "mramSize=134217728: wanted 8 to 67108864"},
    {"mramSize=4", DPU_ERR_INVALID_PROFILE, "wanted 8 to"},
    {"wramSize=16385", DPU_ERR_INVALID_PROFILE, "wanted 1 to 16384"},
    {"chipId=66,wramSize=15873", DPU_ERR_INVALID_PROFILE, "wanted 1 to 15872"},
    {"iramSize=0", DPU_ERR_INVALID_PROFILE, "wanted 1 to 4096"},
    {"nrThreadsPerRank=9", DPU_ERR_INVALID_PROFILE, "wanted 0 to 8"},
    {"nrThreadsPerRank=-1", DPU_ERR_INVALID_PROFILE, "wanted 0 to 8"},
    {"nrJobsPerRank=0", DPU_ERR_INVALID_PROFILE, "nrJobsPerRank=0: wanted 1"},
    {"sgXferMaxBlocksPerDpu=3", DPU_ERR_INVALID_PROFILE, "needs sgXferEnable=true"},
    {"simDpusPerRank=65", DPU_ERR_INVALID_PROFILE, "wanted 1 to 64"},
    {"simDpusPerRank=12", DPU_ERR_INVALID_PROFILE, "multiple of 8"},
    {"nrDpusPerCi=9", DPU_ERR_INVALID_PROFILE, "wanted 1 to 8"},
    {"simMode=fast", DPU_ERR_INVALID_PROFILE, "simMode=fast: wanted functional or cycle"},
    {"enableProfiling=all", DPU_ERR_INTERNAL, "enableProfiling=all: wanted nop"},
    {"simRanks=0", DPU_ERR_INVALID_PROFILE, "simRanks=0: wanted 1"},
    {"clockDivision=0", DPU_ERR_INVALID_PROFILE, "clockDivision=0: wanted 1 to 255"},
    {"simMaxInstructions=-1", DPU_ERR_INVALID_PROFILE, "simMaxInstructions=-1: wanted 0"},
    {"simInject=call:name=dpu_launch", DPU_ERR_INVALID_PROFILE, "wanted call:name=FUNCTION"},
    {"simInject=nonsense:x=1", DPU_ERR_INVALID_PROFILE, "nonsense"},
    {"simInject=disable:dpu=99", DPU_ERR_INVALID_PROFILE, "dpu=99, but the set has 1 DPUs"},
};

START_TEST(profile_is_refused_with_its_place)
{
    struct dpu_set_t set;
    memset(&set, 0x5a, sizeof set);
    struct dpu_set_t before = set;
    REFUSED(dpu_alloc(1, bad_profiles[_i].profile, &set), bad_profiles[_i].error,
            bad_profiles[_i].sentence);
    ck_assert_mem_eq(&set, &before, sizeof set);
    FAILS(dpu_alloc_ranks(1, bad_profiles[_i].profile, &set), bad_profiles[_i].error);
    OK(dpu_alloc(1, NULL, &set));
    OK(dpu_free(set));
}
END_TEST

START_TEST(profile_of_10000_characters_is_taken)
{
    enum { ITEMS = 1000 };
    static char text[ITEMS * 10 + 32];
    struct dpu_set_t set;
    for (int i = 0; i < ITEMS; i++)
        sprintf(text + strlen(text), "key%03d=%02d,", i, i % 100);
    strcat(text, "simDpusPerRank=8");
    OK(dpu_alloc_ranks(1, text, &set));
    ck_assert_uint_eq(count_dpus(set), 8);
    OK(dpu_free(set));
}
END_TEST

START_TEST(environment_goes_around_the_argument)
{
    static const struct {
        const char *base, *argument, *last;
        unsigned per_rank;
    } rows[] = {
        {"simDpusPerRank=8", NULL, NULL, 8},
        {"simDpusPerRank=8", "simDpusPerRank=16", NULL, 16},
        {"simDpusPerRank=8", "simDpusPerRank=16", "simDpusPerRank=24", 24},
        {NULL, "simDpusPerRank=16", "simDpusPerRank=24", 24},
        {"", "", "", 64},
    };
    struct dpu_set_t set;
    if (rows[_i].base)
        setenv("UPMEM_PROFILE_BASE", rows[_i].base, 1);
    if (rows[_i].last)
        setenv("UPMEM_PROFILE", rows[_i].last, 1);
    dpu_error_t error = dpu_alloc_ranks(1, rows[_i].argument, &set);
    unsetenv("UPMEM_PROFILE_BASE");
    unsetenv("UPMEM_PROFILE");
    OK(error);
    ck_assert_uint_eq(count_dpus(set), rows[_i].per_rank);
    OK(dpu_free(set));
}
END_TEST

START_TEST(damaged_profile_in_the_environment_is_refused)
{
    struct dpu_set_t set;
    setenv("UPMEM_PROFILE", "chipId", 1);
    dpu_error_t error = dpu_alloc(1, NULL, &set);
    unsetenv("UPMEM_PROFILE");
    FAILS(error, DPU_ERR_INVALID_PROFILE);
}
END_TEST

START_TEST(hardware_can_be_mapped_to_the_simulator)
{
    struct dpu_set_t set;
    setenv("DPUSIM_HW_IS_SIMULATOR", "1", 1);
    dpu_error_t error = dpu_alloc(1, "backend=hw", &set);
    unsetenv("DPUSIM_HW_IS_SIMULATOR");
    OK(error);
    OK(dpu_free(set));
}
END_TEST

/* ---- limits ---------------------------------------------------------------------------------- */

START_TEST(nothing_and_nowhere_are_refused)
{
    struct dpu_set_t set;
    REFUSED(dpu_alloc(0, NULL, &set), DPU_ERR_ALLOCATION, "ask for at least 1");
    REFUSED(dpu_alloc_ranks(0, NULL, &set), DPU_ERR_ALLOCATION, "ask for at least 1");
    REFUSED(dpu_alloc(1, NULL, NULL), DPU_ERR_INVALID_DPU_SET, "pointer to the set is NULL");
    REFUSED(dpu_alloc_ranks(1, NULL, NULL), DPU_ERR_INVALID_DPU_SET, "dpu_alloc_ranks");
    REFUSED(dpu_get_profile_description(NULL, NULL), DPU_ERR_INTERNAL, "NULL");
    REFUSED(dpu_alloc(1, "disabledMask=0xffffffffffffffff", &set), DPU_ERR_ALLOCATION, "1 DPUs");
}
END_TEST

START_TEST(more_than_there_are_is_refused_with_an_estimate)
{
    struct dpu_set_t set, one = alloc_set(1, NULL);
    REFUSED(dpu_alloc(2561, NULL, &set), DPU_ERR_ALLOCATION, "2561 DPUs wanted");
    REFUSED(dpu_alloc(2560, NULL, &set), DPU_ERR_ALLOCATION, "39 ranks of 64 DPUs are free");
    REFUSED(dpu_alloc_ranks(41, NULL, &set), DPU_ERR_ALLOCATION, "simMaxRanks=40");
    REFUSED(dpu_alloc(4000000000u, NULL, &set), DPU_ERR_ALLOCATION, "KiB before its MRAM");
    OK(dpu_free(one));
}
END_TEST

START_TEST(freed_ranks_are_there_again)
{
    struct dpu_set_t first, second, third;
    OK(dpu_alloc_ranks(2, "simMaxRanks=3,nrDpusPerCi=1", &first));
    OK(dpu_alloc_ranks(1, "simMaxRanks=3,nrDpusPerCi=1", &second));
    FAILS(dpu_alloc_ranks(1, "simMaxRanks=3,nrDpusPerCi=1", &third), DPU_ERR_ALLOCATION);
    ck_assert_uint_eq(dpu_get_rank_id(second.list.ranks[0]), 2);
    OK(dpu_free(first));
    OK(dpu_alloc_ranks(2, "simMaxRanks=3,nrDpusPerCi=1", &third));
    ck_assert_uint_eq(dpu_get_rank_id(third.list.ranks[0]), 0);
    ck_assert_uint_eq(dpu_get_rank_id(third.list.ranks[1]), 1);
    OK(dpu_free(third));
    OK(dpu_free(second));
}
END_TEST

START_TEST(program_larger_than_the_machine_is_refused)
{
    static const struct {
        const char *profile;
        dpu_error_t error;
        const char *sentence;
    } rows[] = {{"wramSize=64", DPU_ERR_INVALID_WRAM_ACCESS, "WRAM (256 bytes)"},
                {"iramSize=8", DPU_ERR_INVALID_IRAM_ACCESS, "IRAM (64 bytes)"},
                {"chipId=66", DPU_ERR_INTERNAL, "chipId=2"}};
    struct dpu_set_t set = alloc_set(1, rows[_i].profile);
    struct isa_bytes image = image_of(kernel);
    REFUSED(dpu_load_from_memory(set, (uint8_t *)(uintptr_t)image.data, image.len_bytes, NULL),
            rows[_i].error, rows[_i].sentence);
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), DPU_ERR_NO_PROGRAM_LOADED);
    image_free(image);
    OK(dpu_free(set));
}
END_TEST

/* ---- release --------------------------------------------------------------------------------- */

START_TEST(set_is_freed_once_and_whole)
{
    struct dpu_set_t set = alloc_set(65, NULL), copy = set, empty = {0}, odd = set;
    struct dpu_set_t rank = rank_number(set, 0), dpu = dpu_number(set, 0);
    REFUSED(dpu_free(dpu), DPU_ERR_INVALID_DPU_SET, "single DPU");
    FAILS(dpu_free(rank), DPU_ERR_INVALID_DPU_SET);
    FAILS(dpu_free(empty), DPU_ERR_INVALID_DPU_SET);
    odd.list.nr_ranks = 1;
    FAILS(dpu_free(odd), DPU_ERR_INVALID_DPU_SET);
    ck_assert_uint_eq(count_dpus(set), 65);
    OK(dpu_free(copy));
    REFUSED(dpu_free(set), DPU_ERR_INVALID_DPU_SET, "freed already");
}
END_TEST

/* Every public function with a set, called with one that is gone or never was. */
static void refuse_everything(struct dpu_set_t set, dpu_error_t wanted)
{
    uint32_t n = 77, word = 0;
    bool yes;
    struct dpu_symbol_t symbol = {0, 64};
    struct dpu_program_t *program;
    FAILS(dpu_get_nr_dpus(set, &n), wanted);
    FAILS(dpu_get_nr_ranks(set, &n), wanted);
    ck_assert_uint_eq(n, 77);
    FAILS(dpu_load(set, PROGRAM("hello"), NULL), wanted);
    FAILS(dpu_load_from_memory(set, (uint8_t *)&word, 4, NULL), wanted);
    FAILS(dpu_copy_to(set, "cmd", 0, &word, 4), wanted);
    FAILS(dpu_copy_to_symbol(set, symbol, 0, &word, 4), wanted);
    FAILS(dpu_broadcast_to(set, "cmd", 0, &word, 4, DPU_XFER_ASYNC), wanted);
    FAILS(dpu_broadcast_to_symbol(set, symbol, 0, &word, 4, DPU_XFER_DEFAULT), wanted);
    FAILS(dpu_prepare_xfer(set, &word), wanted);
    FAILS(dpu_push_xfer(set, DPU_XFER_TO_DPU, "cmd", 0, 4, DPU_XFER_DEFAULT), wanted);
    FAILS(dpu_push_xfer_symbol(set, DPU_XFER_TO_DPU, symbol, 0, 4, DPU_XFER_DEFAULT), wanted);
    FAILS(dpu_launch(set, DPU_SYNCHRONOUS), wanted);
    FAILS(dpu_launch(set, DPU_ASYNCHRONOUS), wanted);
    FAILS(dpu_status(set, &yes, &yes), wanted);
    FAILS(dpu_sync(set), wanted);
    FAILS(dpu_get_common_program(&set, &program), wanted);
    FAILS(dpusim_inject(set, "hang:dpu=0"), wanted);
    FAILS(dpusim_set_limits(set, 5, 0), wanted);
}

static void iterates_over_nothing(struct dpu_set_t set)
{
    struct dpu_set_t part;
    uint32_t n = 0;
    DPU_FOREACH (set, part)
        n++;
    DPU_RANK_FOREACH (set, part)
        n++;
    ck_assert_uint_eq(n, 0);
}

START_TEST(stale_handles_are_refused)
{
    struct dpu_set_t set = alloc_kernel(65, NULL), rank = rank_number(set, 1),
                     dpu = dpu_number(set, 5);
    OK(dpu_free(set));
    for (int again = 0; again < 2; again++) {
        refuse_everything(set, DPU_ERR_INVALID_DPU_SET);
        refuse_everything(rank, DPU_ERR_INVALID_DPU_SET);
        refuse_everything(dpu, DPU_ERR_INVALID_DPU_SET);
        iterates_over_nothing(set);
        iterates_over_nothing(rank);
        iterates_over_nothing(dpu);
        /* The same once a new set may lie where the old one was. */
        if (again == 0)
            set = (struct dpu_set_t){DPU_SET_RANKS, {{65, set.list.ranks}}};
    }
    struct dpu_set_t fresh = alloc_set(65, NULL);
    refuse_everything(set, DPU_ERR_INVALID_DPU_SET);
    refuse_everything(dpu, DPU_ERR_INVALID_DPU_SET);
    ck_assert_uint_eq(count_dpus(fresh), 65);
    OK(dpu_free(fresh));
}
END_TEST

/* Long after many other sets have come and gone. */
START_TEST(old_handles_are_refused)
{
    struct dpu_set_t old = alloc_set(1, "nrDpusPerCi=1");
    uint32_t n;
    OK(dpu_free(old));
    for (int i = 0; i < 1000; i++) {
        struct dpu_set_t set = alloc_set(1, "nrDpusPerCi=1");
        FAILS(dpu_get_nr_ranks(old, &n), DPU_ERR_INVALID_DPU_SET);
        OK(dpu_free(set));
    }
}
END_TEST

START_TEST(invented_handles_are_refused)
{
    struct dpu_set_t kind = {.kind = (dpu_set_kind_t)7}, none = {.kind = DPU_SET_RANKS},
                     nobody = {.kind = DPU_SET_DPU};
    refuse_everything(kind, DPU_ERR_INTERNAL);
    FAILS(dpu_callback(kind, NULL, NULL, DPU_CALLBACK_DEFAULT), DPU_ERR_INTERNAL);
    refuse_everything(none, DPU_ERR_INVALID_DPU_SET);
    refuse_everything(nobody, DPU_ERR_INVALID_DPU_SET);
    iterates_over_nothing(kind);
    iterates_over_nothing(none);
    iterates_over_nothing(nobody);
}
END_TEST

START_TEST(results_without_room_are_refused)
{
    struct dpu_set_t set = alloc_set(1, NULL);
    REFUSED(dpu_get_nr_dpus(set, NULL), DPU_ERR_INTERNAL, "NULL");
    REFUSED(dpu_get_nr_ranks(set, NULL), DPU_ERR_INTERNAL, "NULL");
    OK(dpu_free(set));
}
END_TEST

START_TEST(sets_are_freed_in_any_order)
{
    enum { SETS = 6 };
    static const int order[SETS] = {3, 0, 5, 1, 4, 2};
    struct dpu_set_t sets[SETS];
    for (int i = 0; i < SETS; i++)
        sets[i] = alloc_kernel((uint32_t)(i * 20 + 1), NULL);
    for (int i = 0; i < SETS; i++) {
        launch(sets[order[i]], CMD_STOP);
        OK(dpu_free(sets[order[i]]));
        for (int j = i + 1; j < SETS; j++)
            ck_assert_uint_eq(count_dpus(sets[order[j]]), (uint32_t)(order[j] * 20 + 1));
    }
}
END_TEST

START_TEST(sets_that_a_function_hands_out_are_not_warned_of)
{
    static struct outcome outcome;
    run_scenario(&outcome, "copies", (const char *const[]){"UPMEM_VERBOSE=w", NULL});
    ck_assert_int_eq(outcome.status, 0);
    ck_assert_str_eq(outcome.text, "");
}
END_TEST

START_TEST(allocating_over_a_live_set_is_warned_of)
{
    static struct outcome outcome;
    run_scenario(&outcome, "overwrite", (const char *const[]){"UPMEM_VERBOSE=w", NULL});
    ck_assert_msg(outcome.status == 0, "%s", outcome.text);
    ck_assert_msg(count_of(outcome.text, "api:W:") == 1 &&
                      strstr(outcome.text, "still allocated") != NULL,
                  "%s", outcome.text);
}
END_TEST

/* The idiom of wrappers: a local variable that every call allocates into, and a copy of it. */
static __attribute__((noinline)) struct dpu_set_t wrapped(void)
{
    struct dpu_set_t set;
    SCENARIO_CHECK(dpu_alloc(1, NULL, &set) == DPU_OK);
    return set;
}

static int copies(void)
{
    struct dpu_set_t sets[3];
    for (int i = 0; i < 3; i++)
        sets[i] = wrapped();
    for (int i = 0; i < 3; i++)
        SCENARIO_CHECK(dpu_free(sets[i]) == DPU_OK);
    return 0;
}

static int overwrite(void)
{
    struct dpu_set_t set = {0}, first;
    SCENARIO_CHECK(dpu_alloc(1, NULL, &set) == DPU_OK);
    first = set;
    SCENARIO_CHECK(dpu_alloc(1, NULL, &set) == DPU_OK);
    SCENARIO_CHECK(dpu_free(set) == DPU_OK);
    SCENARIO_CHECK(dpu_alloc(1, NULL, &set) == DPU_OK); /* over a freed one: nothing to say */
    SCENARIO_CHECK(dpu_free(set) == DPU_OK);
    return dpu_free(first) != DPU_OK;
}

/* ---- a rank without a set -------------------------------------------------------------------- */

START_TEST(rank_of_a_type_is_taken_and_given_back)
{
    struct dpu_rank_t *rank = NULL;
    OK(dpu_get_rank_of_type("nrDpusPerCi=4", &rank));
    ck_assert_ptr_nonnull(rank);
    ck_assert_uint_eq(dpu_get_description(rank)->hw.topology.nr_of_control_interfaces, 1);
    struct dpu_t *dpu;
    unsigned n = 0;
    STRUCT_DPU_FOREACH (rank, dpu)
        n++;
    ck_assert_uint_eq(n, 4);
    OK(dpu_free_rank(rank));
    FAILS(dpu_free_rank(rank), DPU_ERR_INVALID_DPU_SET);
    REFUSED(dpu_get_rank_of_type(NULL, NULL), DPU_ERR_INTERNAL, "NULL");
}
END_TEST

/* ---- thousands ------------------------------------------------------------------------------- */

#if !SANITIZED

static double resident_mib(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%ld %ld", &pages, &resident), 2);
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* Wanted: 2 s and 2 GiB; the machine may be busy. */
START_TEST(forty_ranks_allocate_and_load_fast_and_small)
{
    struct isa_bytes image = image_of(kernel);
    double start = now_seconds(), before = resident_mib();
    struct dpu_set_t set = alloc_set(2560, NULL);
    load_image(set, image);
    double seconds = now_seconds() - start, mib = resident_mib() - before;
    ck_assert_msg(seconds < 8, "%.2f s", seconds);
    ck_assert_msg(mib < 2048, "%.0f MiB", mib);
    ck_assert_uint_eq(count_dpus(set), 2560);
    launch(set, CMD_STOP);
    ck_assert_uint_eq(take(dpu_number(set, 2559), "launches"), 1);
    OK(dpu_free(set));
    image_free(image);
}
END_TEST

START_TEST(memory_that_runs_out_is_given_back)
{
    scenario_ends_well("no_room", NULL);
}
END_TEST

/* Address space for some hundred DPUs. */
static int no_room(void)
{
    struct dpu_set_t set;
    struct rlimit limit = {UINT64_C(16) << 30, UINT64_C(16) << 30};
    SCENARIO_CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    SCENARIO_CHECK(dpu_alloc(2560, NULL, &set) == DPU_ERR_ALLOCATION);
    SCENARIO_CHECK(strstr(dpusim_last_message(), "out of memory at DPU") != NULL);
    SCENARIO_CHECK(strstr(dpusim_last_message(), "64 MiB of address space") != NULL);
    for (int i = 0; i < 3; i++) {
        SCENARIO_CHECK(dpu_alloc(64, NULL, &set) == DPU_OK);
        SCENARIO_CHECK(dpu_free(set) == DPU_OK);
    }
    return 0;
}

#endif

/* ---- suite ----------------------------------------------------------------------------------- */

static TCase *normal_case(void)
{
    TCase *normal = tcase_create("normal");
    tcase_add_loop_test(normal, set_has_what_was_asked_for, 0, ROWS(allocations));
    tcase_add_test(normal, surplus_is_taken_from_the_last_rank_line_by_line);
    tcase_add_test(normal, dispatch_gives_every_rank_its_share);
    tcase_add_test(normal, dpus_come_by_rank_slice_and_member);
    tcase_add_test(normal, type_of_the_back_end_is_in_the_number_of_a_rank);
    tcase_add_test(normal, disabled_dpus_are_skipped_and_refused);
    tcase_add_test(normal, parts_iterate_as_wholes_do);
    tcase_add_test(normal, loops_can_be_left_and_continued);
    tcase_add_test(normal, parts_made_by_hand_are_sets);
    tcase_add_loop_test(normal, description_tells_the_machine_of_the_profile, 0, ROWS(machines));
    tcase_add_loop_test(normal, program_learns_the_clock, 0, 3);
    tcase_add_loop_test(normal, profile_is_taken, 0, ROWS(good_profiles));
    tcase_add_test(normal, profile_of_10000_characters_is_taken);
    tcase_add_loop_test(normal, environment_goes_around_the_argument, 0, 5);
    tcase_add_test(normal, hardware_can_be_mapped_to_the_simulator);
    tcase_add_test(normal, sets_are_freed_in_any_order);
    tcase_add_test(normal, rank_of_a_type_is_taken_and_given_back);
    return normal;
}

static TCase *bad_case(void)
{
    TCase *bad = tcase_create("bad_input");
    tcase_add_loop_test(bad, profile_is_refused_with_its_place, 0, ROWS(bad_profiles));
    tcase_add_test(bad, damaged_profile_in_the_environment_is_refused);
    tcase_add_test(bad, nothing_and_nowhere_are_refused);
    tcase_add_test(bad, set_is_freed_once_and_whole);
    tcase_add_test(bad, stale_handles_are_refused);
    tcase_add_test(bad, old_handles_are_refused);
    tcase_add_test(bad, invented_handles_are_refused);
    tcase_add_test(bad, results_without_room_are_refused);
    tcase_add_test(bad, allocating_over_a_live_set_is_warned_of);
    tcase_add_test(bad, sets_that_a_function_hands_out_are_not_warned_of);
    return bad;
}

static TCase *limits_case(void)
{
    TCase *limits = tcase_create("limits");
    tcase_add_test(limits, more_than_there_are_is_refused_with_an_estimate);
    tcase_add_test(limits, freed_ranks_are_there_again);
    tcase_add_loop_test(limits, program_larger_than_the_machine_is_refused, 0, 3);
#if !SANITIZED
    tcase_add_test(limits, forty_ranks_allocate_and_load_fast_and_small);
    tcase_add_test(limits, memory_that_runs_out_is_given_back);
#endif
    return limits;
}

static Suite *suite_of_alloc(void)
{
    Suite *suite = suite_create("driver.alloc");
    suite_add_tcase(suite, normal_case());
    suite_add_tcase(suite, bad_case());
    suite_add_tcase(suite, limits_case());
    return suite;
}

static const struct scenario scenarios[] = {{"overwrite", overwrite},
                                            {"copies", copies},
#if !SANITIZED
                                            {"no_room", no_room},
#endif
                                            {NULL, NULL}};

int main(int argc, char **argv)
{
    return driver_main(argc, argv, suite_of_alloc, scenarios);
}
