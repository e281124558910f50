/* SPDX-License-Identifier: MIT */
/* The life of a DPU through its interface: creation, loading, boot, memories, threads, chips; saved
 * states; DPUs in several threads; what it costs in memory and that running allocates nothing. */
#include <check.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim_help.h"

#include "heap_help.h"
#include "state.h"

/* ---- address space that is refused ----------------------------------------------------------- */

#if !SANITIZED
static bool fail_mmap;

REPLACES void *mmap(void *at, size_t len_bytes, int protection, int flags, int file, off_t offset)
{
    if (fail_mmap) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, len_bytes, protection, flags, file, offset);
}
#endif

/* ---- creation, loading, boot --------------------------------------------------------------- */

START_TEST(created_dpu_is_all_zero)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        struct sim_thread_state state = thread_of(dpu, i);
        for (unsigned r = 0; r < ISA_WORK_REGISTERS; r++)
            EXPECT(state.registers[r] == 0, "tasklet %u r%u", i, r);
        EXPECT(!state.zero_flag && !state.carry_flag && !state.running && !state.booted, "%u", i);
    }
    ck_assert_uint_eq(sim_dpu_run_bits(dpu), 0);
    ck_assert(!sim_dpu_atomic_get(dpu, 0) && !sim_dpu_atomic_get(dpu, 255));
    ck_assert_uint_eq(wram_word(dpu, 0), 0);
    ck_assert_uint_eq(sim_dpu_mram(dpu)[ISA_MRAM_BYTES - 1], 0);
    ck_assert_ptr_null(sim_dpu_program(dpu));
    ck_assert_ptr_null(sim_dpu_fault(dpu));
    ck_assert_int_eq(dpu_run(dpu).stop, SIM_DONE);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(NULL);
}
END_TEST

START_TEST(chip_or_mode_that_does_not_exist_is_refused)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = NULL;
    struct isa_diag diag = {""};
    config.chip = ISA_CHIP_COUNT;
    ck_assert_int_eq(sim_dpu_create(&dpu, &config, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert(strlen(diag.text) > 0);
    config.chip = ISA_CHIP_V1A;
    config.mode = (enum sim_mode)7;
    ck_assert_int_eq(sim_dpu_create(&dpu, &config, NULL), DPUSIM_BAD_ARGUMENT);
    ck_assert_ptr_null(dpu);
}
END_TEST

START_TEST(boot_needs_a_program_and_nobody_running)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    struct isa_diag diag = {""};
    ck_assert_int_eq(sim_dpu_boot(dpu, &diag), DPUSIM_NO_PROGRAM);
    sim_dpu_destroy(dpu);
    dpu = dpu_of(SIM_FUNCTIONAL, "boot id, 1\nl: jump l");
    struct sim_limits limits = {.max_instructions = 10};
    sim_dpu_run(dpu, &limits, NULL);
    ck_assert_int_eq(sim_dpu_boot(dpu, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, "tasklets are still running") != NULL, "%s", diag.text);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(boot_again_keeps_memories_and_registers_and_clears_counters)
{
    struct sim_dpu *dpu = dpu_of(SIM_CYCLE, "add r0, r0, 1\nlw r1, zero, 0x100\nadd r1, r1, 1\n"
                                            "sw zero, 0x100, r1\nstop");
    for (unsigned turn = 1; turn <= 3; turn++) {
        dpu_run_done(dpu);
        ck_assert_uint_eq(reg_of(dpu, 0, 0), turn);
        ck_assert_uint_eq(wram_word(dpu, 0x100), turn);
        ck_assert_uint_eq(DPU_STAT(dpu, instructions), 5);
        ck_assert_uint_eq(DPU_STAT(dpu, cycles), 4 * 11 + 14);
        dpu_boot(dpu);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(reset_brings_back_the_load)
{
    struct sim_dpu *dpu =
        dpu_of(SIM_FUNCTIONAL, ".data\n.globl x\nx: .word 5\n.text\n"
                               ".globl __bootstrap\n__bootstrap: acquire zero, 3, nz, .\n"
                               "boot zero, 40\nsw zero, x, 9\nmove r0, 7\nstop");
    dpu_run_done(dpu);
    sim_dpu_mram(dpu)[1234567] = 1;
    ck_assert_uint_eq(symbol_word(dpu, "x"), 9);
    sim_dpu_reset(dpu);
    ck_assert_uint_eq(symbol_word(dpu, "x"), 5);
    ck_assert_uint_eq(sim_dpu_mram(dpu)[1234567], 0);
    ck_assert(!sim_dpu_atomic_get(dpu, 3));
    ck_assert_uint_eq(sim_dpu_run_bits(dpu), 0);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), 0);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(load_of_a_missing_or_bad_file_is_refused)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    struct isa_diag diag = {""};
    ck_assert_int_eq(sim_dpu_load_file(dpu, "/no/such/file", &diag), DPUSIM_NO_SUCH_FILE);
    ck_assert(strlen(diag.text) > 0);
    struct isa_bytes junk = {(const uint8_t *)"junk", 4};
    ck_assert_int_eq(sim_dpu_load_image(dpu, junk, "junk", &diag), DPUSIM_ELF_INVALID);
    ck_assert_ptr_null(sim_dpu_program(dpu));
    sim_dpu_destroy(dpu);
}
END_TEST

/* What still runs is stopped, and a fault is gone. */
START_TEST(load_replaces_the_program)
{
    struct sim_dpu *dpu = dpu_of(SIM_CYCLE, "ldma zero, r1, 255\nl: jump l");
    struct isa_program *program = program_of("move r0, 3\nstop", ISA_CHIP_V1A, false);
    struct sim_limits limits = {.max_instructions = 1};
    sim_dpu_run(dpu, &limits, NULL);
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    ck_assert_ptr_eq(sim_dpu_program(dpu), program);
    isa_program_destroy(program);
    ck_assert_uint_eq(sim_dpu_run_bits(dpu), 0);
    dpu_boot(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), 3);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- chips --------------------------------------------------------------------------------- */

START_TEST(v1b_has_less_of_everything)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_thread_state state = {.running = false};
    config.chip = ISA_CHIP_V1B;
    struct sim_dpu *dpu = dpu_with(&config, "boot id, 1\nstop");
    ck_assert_str_eq(sim_dpu_chip(dpu)->name, "v1B");
    ck_assert_uint_eq(sim_dpu_memory_bytes(dpu, ISA_IRAM), 3968 * 8);
    ck_assert_uint_eq(sim_dpu_memory_bytes(dpu, ISA_WRAM), 63488);
    ck_assert_uint_eq(sim_dpu_memory_bytes(dpu, ISA_MRAM), 64u << 20);
    ck_assert_uint_eq(sim_dpu_memory_bytes(dpu, ISA_ATOMIC), 64);
    ck_assert_int_eq(sim_dpu_get_thread(dpu, 16, &state), DPUSIM_BAD_ARGUMENT);
    ck_assert_int_eq(sim_dpu_set_thread(dpu, 16, &state), DPUSIM_BAD_ARGUMENT);
    dpu_run_done(dpu);
    ck_assert_uint_eq(sim_dpu_run_bits(dpu), 1u << 16); /* a bit without a thread */
    ck_assert_uint_eq(DPU_STAT(dpu, instructions), 32);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(chip_follows_the_program_if_it_may)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct isa_program *program = program_of("stop", ISA_CHIP_V1B, false);
    struct isa_diag diag = {""};
    struct sim_dpu *dpu = dpu_create(&config);
    ck_assert_uint_eq(sim_dpu_memory_bytes(dpu, ISA_WRAM), 65536);
    ck_assert_int_eq(sim_dpu_load(dpu, program, &diag), DPUSIM_OK);
    ck_assert_uint_eq(sim_dpu_memory_bytes(dpu, ISA_WRAM), 63488);
    sim_dpu_destroy(dpu);
    config.follow_program = false;
    dpu = dpu_create(&config);
    ck_assert_int_eq(sim_dpu_load(dpu, program, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, "was built for chip v1B, but this DPU is a v1A") != NULL, "%s",
                  diag.text);
    ck_assert_ptr_null(sim_dpu_program(dpu));
    isa_program_destroy(program);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- memories ------------------------------------------------------------------------------ */

static const struct {
    enum isa_memory memory;
    uint32_t offset_bytes;
    size_t len_bytes;
    enum dpusim_status status;
    const char *part;
} accesses[] = {
    {ISA_WRAM, 0, 65536, DPUSIM_OK, ""},
    {ISA_WRAM, 65535, 1, DPUSIM_OK, ""},
    {ISA_WRAM, 65536, 0, DPUSIM_OK, ""},
    {ISA_WRAM, 65536, 1, DPUSIM_INVALID_WRAM_ACCESS,
     "offset 65536 + length 1 = 65537 bytes, but it has 65536"},
    {ISA_WRAM, 1, 65536, DPUSIM_INVALID_WRAM_ACCESS, "offset 1 + length 65536"},
    {ISA_WRAM, 0xffffffff, 2, DPUSIM_INVALID_WRAM_ACCESS, "4294967297 bytes"},
    {ISA_MRAM, (64u << 20) - 8, 8, DPUSIM_OK, ""},
    {ISA_MRAM, (64u << 20) - 8, 9, DPUSIM_INVALID_MRAM_ACCESS, "but it has 67108864"},
    {ISA_IRAM, 32760, 8, DPUSIM_OK, ""},
    {ISA_IRAM, 32760, 16, DPUSIM_INVALID_IRAM_ACCESS, "but it has 32768"},
    {ISA_IRAM, 4, 8, DPUSIM_INVALID_IRAM_ACCESS, "must be multiples of 8"},
    {ISA_IRAM, 8, 4, DPUSIM_INVALID_IRAM_ACCESS, "must be multiples of 8"},
    {ISA_ATOMIC, 0, 1, DPUSIM_BAD_ARGUMENT, "atomic bits have no bytes"},
    {ISA_MEMORY_COUNT, 0, 1, DPUSIM_BAD_ARGUMENT, "no bytes"},
};

START_TEST(access_from_the_host_is_checked)
{
    static uint8_t bytes[65537], got[65537];
    struct sim_dpu *dpu = dpu_create(NULL);
    struct isa_diag diag = {""};
    size_t len_bytes = accesses[_i].len_bytes;
    for (size_t i = 0; i < len_bytes; i++)
        bytes[i] = accesses[_i].memory == ISA_IRAM && i % 8 > 5 ? 0 : (uint8_t)(i * 7 + 3);
    ck_assert_int_eq(
        sim_dpu_write(dpu, accesses[_i].memory, accesses[_i].offset_bytes, bytes, len_bytes, &diag),
        accesses[_i].status);
    ck_assert_msg(strstr(diag.text, accesses[_i].part) != NULL, "%s", diag.text);
    memset(got, 0x55, sizeof got);
    ck_assert_int_eq(
        sim_dpu_read(dpu, accesses[_i].memory, accesses[_i].offset_bytes, got, len_bytes, NULL),
        accesses[_i].status);
    if (accesses[_i].status == DPUSIM_OK && len_bytes)
        ck_assert_mem_eq(got, bytes, len_bytes);
    else
        ck_assert_uint_eq(got[0], 0x55);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(pointers_to_memories_show_them)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    sim_dpu_wram(dpu)[5] = 7;
    sim_dpu_mram(dpu)[9] = 8;
    ck_assert_uint_eq(wram_word(dpu, 4), 7 << 8);
    uint8_t byte;
    ck_assert_int_eq(sim_dpu_read(dpu, ISA_MRAM, 9, &byte, 1, NULL), DPUSIM_OK);
    ck_assert_uint_eq(byte, 8);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(used_mram_ends_with_the_last_page_that_holds_something)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    uint8_t *mram = sim_dpu_mram(dpu);
    ck_assert_uint_eq(sim_dpu_mram_used(dpu), 0);
    mram[5000] = 1;
    ck_assert_uint_eq(sim_dpu_mram_used(dpu), 8192);
    mram[ISA_MRAM_BYTES - 1] = 1;
    ck_assert_uint_eq(sim_dpu_mram_used(dpu), ISA_MRAM_BYTES);
    mram[ISA_MRAM_BYTES - 1] = 0; /* touched, but zero again */
    ck_assert_uint_eq(sim_dpu_mram_used(dpu), 8192);
    sim_dpu_reset(dpu);
    ck_assert_uint_eq(sim_dpu_mram_used(dpu), 0);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(thread_state_set_is_read_back)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    struct sim_thread_state state = {.pc_insn = 4096 + 17, .carry_flag = true}, got;
    for (unsigned r = 0; r < ISA_WORK_REGISTERS; r++)
        state.registers[r] = r * 0x01010101;
    ck_assert_int_eq(sim_dpu_set_thread(dpu, 23, &state), DPUSIM_OK);
    got = thread_of(dpu, 23);
    ck_assert_mem_eq(got.registers, state.registers, sizeof got.registers);
    ck_assert_uint_eq(got.pc_insn, 17);
    ck_assert(got.carry_flag && !got.zero_flag && !got.running && !got.booted && !got.asleep);
    ck_assert_int_eq(sim_dpu_set_thread(dpu, 24, &state), DPUSIM_BAD_ARGUMENT);
    ck_assert_int_eq(sim_dpu_get_thread(dpu, 24, &state), DPUSIM_BAD_ARGUMENT);
    sim_dpu_destroy(dpu);
}
END_TEST

/* From outside tasklets can be stopped and started in the middle of a run. */
START_TEST(thread_is_stopped_and_started_from_outside)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu =
            dpu_of((enum sim_mode)mode, "jeq id, 3, l\nboot id, 1\nl: add r0, r0, 1\njump l");
        struct sim_limits limits = {.max_instructions = 1001};
        sim_dpu_run(dpu, &limits, NULL);
        for (unsigned i = 0; i < 4; i++) {
            struct sim_thread_state state = thread_of(dpu, i);
            uint32_t before = state.registers[0];
            state.running = false;
            ck_assert_int_eq(sim_dpu_set_thread(dpu, i, &state), DPUSIM_OK);
            sim_dpu_run(dpu, &limits, NULL);
            ck_assert_uint_eq(reg_of(dpu, i, 0), before);
            state.running = true;
            ck_assert_int_eq(sim_dpu_set_thread(dpu, i, &state), DPUSIM_OK);
            sim_dpu_run(dpu, &limits, NULL);
            ck_assert_uint_gt(reg_of(dpu, i, 0), before);
        }
        ck_assert_uint_eq(DPU_STAT(dpu, instructions), 9 * 1001);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(atomic_bits_are_set_and_read)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    sim_dpu_atomic_set(dpu, 255, true);
    sim_dpu_atomic_set(dpu, 64, true);
    sim_dpu_atomic_set(dpu, 64, false);
    sim_dpu_atomic_set(dpu, 256, true);
    ck_assert(sim_dpu_atomic_get(dpu, 255));
    ck_assert(!sim_dpu_atomic_get(dpu, 64) && !sim_dpu_atomic_get(dpu, 0));
    ck_assert(!sim_dpu_atomic_get(dpu, 256));
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(counters_beyond_the_last_are_0)
{
    struct sim_dpu *dpu = dpu_of(SIM_CYCLE, "stop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(sim_dpu_stat(dpu, SIM_STAT_COUNT, 0), 0);
    ck_assert_uint_eq(TASKLET_STAT(dpu, instructions, 24), 0);
    ck_assert_uint_eq(TASKLET_STAT(dpu, instructions, 0), 1);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- saved states -------------------------------------------------------------------------- */

static const char *const saved_programs[] = {PROGRAM("vector_add"), PROGRAM("scan_chain"),
                                             PROGRAM("boot_protocol"), PROGRAM("fault_dma")};
enum { N_SAVED = sizeof saved_programs / sizeof saved_programs[0] };

static struct isa_bytes save(const struct sim_dpu *dpu)
{
    struct isa_bytes image = {NULL, 0};
    ck_assert_int_eq(sim_dpu_save(dpu, &image, NULL), DPUSIM_OK);
    return image;
}

static void drop(struct isa_bytes image)
{
    free((void *)(uintptr_t)image.data);
}

static bool has_transfer(const struct sim_dpu *dpu)
{
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++)
        if (dpu->thread[i].dma.pending)
            return true;
    return false;
}

/* Run on until a transfer is under way, if there ever is one. */
static void run_into_transfer(struct sim_dpu *dpu, uint64_t count)
{
    struct sim_limits limits = {.max_instructions = count};
    struct sim_outcome outcome;
    sim_dpu_run(dpu, &limits, &outcome);
    limits.max_instructions = 1;
    for (unsigned i = 0; i < 500 && outcome.stop == SIM_LIMIT_INSTRUCTIONS && !has_transfer(dpu);
         i++)
        sim_dpu_run(dpu, &limits, &outcome);
}

START_TEST(restored_state_goes_on_as_the_saved_one)
{
    struct sim_config config = config_of(_i / N_SAVED ? SIM_CYCLE : SIM_FUNCTIONAL, 7),
                      other = config;
    struct snapshot a, b;
    other.order_seed = 0;
    struct sim_dpu *dpu = dpu_file(&config, saved_programs[_i % N_SAVED]);
    struct sim_dpu *copy = dpu_file(&other, saved_programs[_i % N_SAVED]);
    dpu_run(copy); /* something to be replaced */
    run_into_transfer(dpu, _i % N_SAVED == 2 ? 20 : 900);
    if (config.mode == SIM_CYCLE && _i % N_SAVED < 2)
        ck_assert(has_transfer(dpu));
    struct isa_bytes image = save(dpu);
    ck_assert_int_eq(sim_dpu_restore(copy, image, NULL), DPUSIM_OK);
    snapshot_take(&a, dpu);
    snapshot_take(&b, copy);
    assert_same(&a, &b, "restored");
    struct isa_bytes again = save(copy);
    ck_assert_uint_eq(image.len_bytes, again.len_bytes);
    ck_assert(memcmp(image.data, again.data, image.len_bytes) == 0);
    dpu_run(dpu);
    dpu_run(copy);
    snapshot_take(&a, dpu);
    snapshot_take(&b, copy);
    assert_same(&a, &b, "at the end");
    drop(image), drop(again);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(copy);
}
END_TEST

static void refuse_image(struct sim_dpu *dpu, struct isa_bytes image, const char *part)
{
    struct isa_diag diag = {""};
    EXPECT(sim_dpu_restore(dpu, image, &diag) == DPUSIM_BAD_STATE, "accepted: %s", part);
    EXPECT(strstr(diag.text, part) != NULL, "wanted \"%s\": %s", part, diag.text);
}

START_TEST(damaged_state_is_refused_and_changes_nothing)
{
    struct snapshot before, after;
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_dpu *dpu = dpu_file(&config, PROGRAM("vector_add"));
    run_into_transfer(dpu, 900);
    struct isa_bytes image = save(dpu);
    uint8_t *bytes = (uint8_t *)(uintptr_t)image.data;
    dpu_run(dpu);
    snapshot_take(&before, dpu);
    for (size_t at = 0; at < image.len_bytes; at += at < 64 ? 1 : 4999) {
        bytes[at] ^= (uint8_t)(1 << at % 8);
        refuse_image(dpu, image, "saved");
        bytes[at] ^= (uint8_t)(1 << at % 8);
    }
    for (size_t cut = 0; cut < image.len_bytes; cut += cut < 40 ? 1 : 7919)
        refuse_image(dpu, (struct isa_bytes){bytes, cut}, "saved state");
    refuse_image(dpu, (struct isa_bytes){bytes, image.len_bytes - 1}, "checksum");
    snapshot_take(&after, dpu);
    assert_same(&before, &after, "after refusals");
    ck_assert_int_eq(sim_dpu_restore(dpu, image, NULL), DPUSIM_OK);
    drop(image);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(state_of_something_else_is_refused)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = dpu_file(&config, PROGRAM("hello")), *other;
    struct isa_bytes image = save(dpu);
    other = dpu_file(&config, PROGRAM("crc32"));
    refuse_image(other, image, "of another program than the one loaded: ");
    sim_dpu_destroy(other);
    other = dpu_create(&config);
    refuse_image(other, image, "of another program");
    sim_dpu_destroy(other);
    config.mode = SIM_CYCLE;
    other = dpu_file(&config, PROGRAM("hello"));
    refuse_image(other, image, "of another chip or mode");
    sim_dpu_destroy(other);
    config = config_of(SIM_FUNCTIONAL, 0);
    config.chip = ISA_CHIP_V1B;
    other = dpu_create(&config);
    refuse_image(other, image, "of another chip or mode");
    sim_dpu_destroy(other);
    drop(image);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(state_of_another_version_or_byte_order_is_refused)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    struct isa_bytes image = save(dpu);
    uint8_t *bytes = (uint8_t *)(uintptr_t)image.data, version = bytes[8];
    bytes[8] = 99;
    refuse_image(dpu, image, "saved state has version 99, wanted ");
    bytes[8] = version;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = bytes[7 - i];
        bytes[7 - i] = byte;
    }
    refuse_image(dpu, image, "of the other byte order");
    bytes[0] = 'x';
    refuse_image(dpu, image, "not a saved DPU state: wrong first bytes");
    drop(image);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(state_without_a_program_is_kept_too)
{
    struct sim_dpu *dpu = dpu_create(NULL), *copy = dpu_create(NULL);
    sim_dpu_atomic_set(dpu, 9, true);
    sim_dpu_mram(dpu)[ISA_MRAM_BYTES - 1] = 5;
    sim_dpu_mram(copy)[77] = 5;
    struct isa_bytes image = save(dpu);
    ck_assert_int_eq(sim_dpu_restore(copy, image, NULL), DPUSIM_OK);
    ck_assert(sim_dpu_atomic_get(copy, 9));
    ck_assert_uint_eq(sim_dpu_mram(copy)[ISA_MRAM_BYTES - 1], 5);
    ck_assert_uint_eq(sim_dpu_mram(copy)[77], 0);
    drop(image);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(copy);
}
END_TEST

/* ---- several at once ----------------------------------------------------------------------- */

struct job {
    struct isa_program *program;
    struct snapshot result;
    enum sim_mode mode;
};

static void *run_job(void *argument)
{
    struct job *job = argument;
    struct sim_config config = config_of(job->mode, 3);
    struct sim_dpu *dpu = dpu_create(&config);
    for (unsigned turn = 0; turn < 3; turn++) {
        EXPECT(sim_dpu_load(dpu, job->program, NULL) == DPUSIM_OK, "not loaded");
        sim_dpu_reset(dpu);
        dpu_boot(dpu);
        dpu_run(dpu);
    }
    snapshot_take(&job->result, dpu);
    sim_dpu_destroy(dpu);
    return NULL;
}

START_TEST(dpus_in_two_threads_give_equal_bytes)
{
    static struct job jobs[4];
    pthread_t threads[4];
    struct isa_program *program;
    ck_assert_int_eq(isa_program_read_file(&program, PROGRAM("scan_chain"), NULL, NULL), DPUSIM_OK);
    for (unsigned i = 0; i < 4; i++) {
        jobs[i] = (struct job){.program = program, .mode = i / 2 ? SIM_CYCLE : SIM_FUNCTIONAL};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run_job, &jobs[i]), 0);
    }
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_same(&jobs[0].result, &jobs[1].result, "functional mode");
    assert_same(&jobs[2].result, &jobs[3].result, "cycle mode");
    isa_program_destroy(program);
}
END_TEST

/* ---- memory -------------------------------------------------------------------------------- */

#if !SANITIZED

static long resident_bytes(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%ld %ld", &pages, &resident), 2);
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

START_TEST(loaded_dpu_takes_less_than_1_mib)
{
    enum { COUNT = 32 };
    struct sim_dpu *dpus[COUNT];
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    long before = resident_bytes();
    for (unsigned i = 0; i < COUNT; i++)
        dpus[i] = dpu_file(&config, PROGRAM("vector_add"));
    long each = (resident_bytes() - before) / COUNT;
    ck_assert_msg(each < (1 << 20), "%ld bytes", each);
    for (unsigned i = 0; i < COUNT; i++)
        sim_dpu_destroy(dpus[i]);
}
END_TEST

START_TEST(untouched_mram_costs_nothing_and_reset_gives_it_back)
{
    struct sim_dpu *dpu = dpu_create(NULL);
    long before = resident_bytes();
    for (uint32_t at = 0; at < ISA_MRAM_BYTES; at += 1 << 20)
        sim_dpu_mram(dpu)[at] = 1;
    long touched = resident_bytes() - before;
    ck_assert_msg(touched < (1 << 20), "%ld bytes for 64 pages", touched);
    memset(sim_dpu_mram(dpu), 1, 16 << 20);
    sim_dpu_reset(dpu);
    ck_assert_int_lt(resident_bytes() - before, 2 << 20);
    sim_dpu_destroy(dpu);
}
END_TEST

/* A large array of zeros, loaded over something else. */
START_TEST(zeros_of_a_program_in_mram_cost_nothing)
{
    static const uint32_t touched[] = {8, 4095, 4096, (20 << 20) + 5, (40 << 20) - 1, 40 << 20};
    struct isa_program *program =
        program_of("stop\n.section .mram,\"aw\",@progbits\n.quad 7", ISA_CHIP_V1A, false);
    struct isa_segment *segment = &program->segments[program->n_segments - 1];
    ck_assert_int_eq(segment->memory, ISA_MRAM);
    segment->mem_bytes = 40 << 20;
    struct sim_dpu *dpu = dpu_create(NULL);
    for (unsigned i = 0; i < sizeof touched / sizeof touched[0]; i++)
        sim_dpu_mram(dpu)[touched[i]] = 1;
    long before = resident_bytes();
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    long grown_bytes = resident_bytes() - before;
    ck_assert_msg(grown_bytes < (1 << 20), "%ld bytes", grown_bytes);
    ck_assert_uint_eq(sim_dpu_mram(dpu)[0], 7);
    for (unsigned i = 0; i < sizeof touched / sizeof touched[0]; i++)
        ck_assert_uint_eq(sim_dpu_mram(dpu)[touched[i]], touched[i] == 40 << 20);
    isa_program_destroy(program);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(running_allocates_nothing)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++)
        for (unsigned hooked = 0; hooked < 2; hooked++) {
            struct sim_config config = config_of((enum sim_mode)mode, 1);
            struct sim_dpu *dpu = dpu_file(&config, PROGRAM("vector_add"));
            struct sim_limits limits = {.max_instructions = 777};
            struct sim_outcome outcome;
            sim_dpu_set_hook(dpu, hooked ? look_on : NULL, NULL);
            heap_count(-1);
            do
                sim_dpu_run(dpu, &limits, &outcome);
            while (outcome.stop == SIM_LIMIT_INSTRUCTIONS);
            heap_rest();
            ck_assert_int_eq(outcome.stop, SIM_DONE);
            ck_assert_int_eq(heap.calls, 0);
            sim_dpu_destroy(dpu);
        }
}
END_TEST

static struct isa_bytes file_bytes(const char *path)
{
    enum { ROOM_BYTES = 1 << 16 };
    uint8_t *data = malloc(ROOM_BYTES);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size_t len_bytes = fread(data, 1, ROOM_BYTES, file);
    fclose(file);
    return (struct isa_bytes){data, len_bytes};
}

/* Create, load, boot, run, save, restore, parse an injection. */
static enum dpusim_status whole_life(struct isa_bytes elf, struct isa_diag *diag)
{
    struct sim_dpu *dpu = NULL;
    struct isa_bytes image = {NULL, 0};
    struct sim_injection injection;
    enum dpusim_status status = sim_dpu_create(&dpu, NULL, diag);
    if (!status)
        status = sim_dpu_load_image(dpu, elf, "hello", diag);
    if (!status)
        status = sim_injection_parse(&injection, "bkp:pc=5", sim_dpu_program(dpu), diag);
    if (!status)
        status = sim_dpu_boot(dpu, diag);
    if (!status)
        sim_dpu_run(dpu, NULL, NULL);
    if (!status)
        status = sim_dpu_save(dpu, &image, diag);
    if (!status)
        status = sim_dpu_restore(dpu, image, diag);
    drop(image);
    sim_dpu_destroy(dpu);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    struct isa_bytes elf = file_bytes(PROGRAM("hello"));
    struct isa_diag diag = {""};
    ck_assert_int_eq(whole_life(elf, &diag), DPUSIM_OK); /* libraries set themselves up */
    heap_count(-1);
    enum dpusim_status status = whole_life(elf, &diag);
    heap_rest();
    ck_assert_int_eq(status, DPUSIM_OK);
    long calls = heap.calls;
    ck_assert_int_eq(heap.live, 0);
    for (long at = 0; at < calls; at++) {
        diag.text[0] = '\0';
        heap_count(at);
        status = whole_life(elf, &diag);
        heap_rest();
        EXPECT(heap.live == 0, "allocation %ld failed: %ld leaked", at, heap.live);
        EXPECT(status != DPUSIM_OK && diag.text[0], "allocation %ld of %ld failed unnoticed", at,
               calls);
        EXPECT(status == DPUSIM_NO_MEMORY, "allocation %ld failed: status %d: %s", at, status,
               diag.text);
    }
    drop(elf);
}
END_TEST

START_TEST(mram_that_cannot_be_mapped_is_reported)
{
    struct sim_dpu *dpu = NULL;
    struct isa_diag diag = {""};
    fail_mmap = true;
    enum dpusim_status status = sim_dpu_create(&dpu, NULL, &diag);
    fail_mmap = false;
    ck_assert_int_eq(status, DPUSIM_NO_MEMORY);
    ck_assert_msg(strstr(diag.text, "out of memory") != NULL, "%s", diag.text);
    ck_assert_ptr_null(dpu);
}
END_TEST

#endif

#define ROWS(array) (int)(sizeof(array) / sizeof(array)[0])

static TCase *memory_case(void)
{
    TCase *memory = tcase_create("memory");
    (void)heap_count, (void)heap_rest;
#if !SANITIZED
    tcase_add_test(memory, loaded_dpu_takes_less_than_1_mib);
    tcase_add_test(memory, untouched_mram_costs_nothing_and_reset_gives_it_back);
    tcase_add_test(memory, zeros_of_a_program_in_mram_cost_nothing);
    tcase_add_test(memory, running_allocates_nothing);
    tcase_add_test(memory, every_allocation_may_fail);
    tcase_add_test(memory, mram_that_cannot_be_mapped_is_reported);
#endif
    return memory;
}

static TCase *life_case(void)
{
    TCase *life = tcase_create("life");
    tcase_add_test(life, created_dpu_is_all_zero);
    tcase_add_test(life, chip_or_mode_that_does_not_exist_is_refused);
    tcase_add_test(life, boot_needs_a_program_and_nobody_running);
    tcase_add_test(life, boot_again_keeps_memories_and_registers_and_clears_counters);
    tcase_add_test(life, reset_brings_back_the_load);
    tcase_add_test(life, load_of_a_missing_or_bad_file_is_refused);
    tcase_add_test(life, load_replaces_the_program);
    tcase_add_test(life, v1b_has_less_of_everything);
    tcase_add_test(life, chip_follows_the_program_if_it_may);
    tcase_add_test(life, dpus_in_two_threads_give_equal_bytes);
    return life;
}

static TCase *state_case(void)
{
    TCase *state = tcase_create("state");
    tcase_add_loop_test(state, access_from_the_host_is_checked, 0, ROWS(accesses));
    tcase_add_test(state, pointers_to_memories_show_them);
    tcase_add_test(state, used_mram_ends_with_the_last_page_that_holds_something);
    tcase_add_test(state, thread_state_set_is_read_back);
    tcase_add_test(state, thread_is_stopped_and_started_from_outside);
    tcase_add_test(state, atomic_bits_are_set_and_read);
    tcase_add_test(state, counters_beyond_the_last_are_0);
    tcase_add_loop_test(state, restored_state_goes_on_as_the_saved_one, 0, N_SAVED * 2);
    tcase_add_test(state, damaged_state_is_refused_and_changes_nothing);
    tcase_add_test(state, state_of_something_else_is_refused);
    tcase_add_test(state, state_of_another_version_or_byte_order_is_refused);
    tcase_add_test(state, state_without_a_program_is_kept_too);
    return state;
}

/* The order in which tasklets issue, once noted, was kept when a state came that has another. */
START_TEST(state_restored_into_a_dpu_that_ran_goes_on_like_in_a_fresh_one)
{
    static const char text[] = "jeq id, 6, l\nboot id, 1\nl: move r0, 40\nmove r5, 0x800\n"
                               "move r6, 0\nmove r1, id\nloop: ldma r5, r6, 3\nadd r2, r0, r1\n"
                               "and r2, r2, 7\nn: add r2, r2, -1, pl, n\nadd r1, r1, 3\n"
                               "move r3, 25\nm: add r3, r3, -1, pl, m\n"
                               "add r0, r0, -1, nz, loop\nstop";
    struct sim_dpu *used = dpu_of(SIM_CYCLE, text), *source = dpu_of(SIM_CYCLE, text);
    for (unsigned turn = 0; turn < 24; turn++) {
        struct sim_limits limits = {.max_instructions = 37 + turn % 7};
        struct sim_dpu *fresh = dpu_of(SIM_CYCLE, text);
        struct snapshot wanted, found;
        struct isa_bytes image;
        sim_dpu_run(source, &limits, NULL);
        ck_assert_int_eq(sim_dpu_save(source, &image, NULL), DPUSIM_OK);
        ck_assert_int_eq(sim_dpu_restore(fresh, image, NULL), DPUSIM_OK);
        ck_assert_int_eq(sim_dpu_restore(used, image, NULL), DPUSIM_OK);
        limits.max_instructions = 60 + turn * 7 % 300;
        sim_dpu_run(fresh, &limits, NULL);
        sim_dpu_run(used, &limits, NULL);
        snapshot_take(&wanted, fresh);
        snapshot_take(&found, used);
        assert_same(&wanted, &found, "restored");
        free((void *)(uintptr_t)image.data);
        sim_dpu_destroy(fresh);
    }
    sim_dpu_destroy(source);
    sim_dpu_destroy(used);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.dpu");
    TCase *regress = tcase_create("regress");
    tcase_add_test(regress, state_restored_into_a_dpu_that_ran_goes_on_like_in_a_fresh_one);
    suite_add_tcase(suite, regress);
    suite_add_tcase(suite, life_case());
    suite_add_tcase(suite, state_case());
    suite_add_tcase(suite, memory_case());
    return run_suite(suite);
}
