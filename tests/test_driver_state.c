/* SPDX-License-Identifier: MIT */
/* State of DPUs below the level of sets: checkpoints and their byte form, stepping, core files, the
 * loader. Started with "resume FILE" the program goes on from a checkpoint of another process. */
#include <check.h>
#include <elf.h>
#include <sys/wait.h>

#include "driver_help.h"

/* Adds 1 .. 1000 in thread 0 and 1 .. 500 in thread 1, then both wait for `go` and store. */
#define SUMS                                                                                       \
    "jneq id, 0, both\nboot zero, 1\n"                                                             \
    "both: move r1, 1000\njeq id, 0, sum\nmove r1, 500\n"                                          \
    "sum: add r0, r0, r1\nadd r1, r1, -1\njneq r1, 0, sum\n"                                       \
    "sw id4, ready, 1\nacquire id, 40, true, hold\n"                                               \
    "hold: lw r2, zero, go\njeq r2, 0, hold\nsw id4, result, r0\nstop\n"                           \
    ".section .dpu_host,\"aw\",@progbits\n.p2align 3\n.globl go\ngo: .long 0\n.size go, 4\n"       \
    ".globl ready\nready: .long 0, 0\n.size ready, 8\n"                                            \
    ".globl result\nresult: .long 0, 0\n.size result, 8\n"                                         \
    ".section .mram,\"aw\",@progbits\n.globl array\narray: .quad 77\n.size array, 8\n"
enum { SUM_0 = 500500, SUM_1 = 125250 };

static char work_file[] = "/tmp/dpusim-state-XXXXXX";

static bool is_ready(const struct host *host, unsigned i)
{
    wram_addr_t ready = word_of(host, "ready");
    return get_word(host->dpus[i], ready) && get_word(host->dpus[i], ready + 1);
}

/* A DPU that has added and waits. */
static struct host host_waiting(void)
{
    struct host host = host_with(2, SUMS);
    ck_assert_ok(dpu_launch(host.set, DPU_ASYNCHRONOUS));
    WAIT_UNTIL(is_ready(&host, 0) && is_ready(&host, 1));
    return host;
}

static void let_go(const struct host *host, unsigned i)
{
    set_word(host->dpus[i], word_of(host, "go"), 1);
}

static void check_results(const struct host *host, unsigned i)
{
    wram_addr_t result = word_of(host, "result");
    ck_assert_uint_eq(get_word(host->dpus[i], result), SUM_0);
    ck_assert_uint_eq(get_word(host->dpus[i], result + 1), SUM_1);
}

/* ---- byte form ------------------------------------------------------------------------------- */

/* Two threads of two registers, three atomic bits, parts of memories. */
static void small_context(struct dpu_context_t *c)
{
    static const uint32_t registers[4] = {0x11, 0x22, 0x33, 0x44556677};
    memset(c, 0, sizeof *c);
    c->info.nr_threads = 2;
    c->info.nr_registers = 2;
    c->info.nr_atomic_bits = 3;
    c->info.iram_size = 1;
    c->info.mram_size = 2;
    c->info.wram_size = 1;
    c->iram = calloc(1, 8);
    c->iram[0] = 0x0000123456789abc;
    c->mram = calloc(1, 2);
    c->mram[1] = 0xfe;
    c->wram = calloc(1, 4);
    c->wram[0] = 0xcafe;
    c->registers = malloc(sizeof registers);
    memcpy(c->registers, registers, sizeof registers);
    c->pcs = calloc(2, 2);
    c->pcs[1] = 0x0abc;
    c->atomic_register = calloc(3, sizeof(bool));
    c->atomic_register[2] = true;
    c->zero_flags = calloc(2, sizeof(bool));
    c->zero_flags[0] = true;
    c->carry_flags = calloc(2, sizeof(bool));
    c->carry_flags[1] = true;
    c->nr_of_running_threads = 1;
    c->scheduling = malloc(2);
    c->scheduling[0] = 1;
    c->scheduling[1] = 0xff;
    c->dma_fault = true;
    c->dma_fault_thread_index = 1;
    c->bkp_fault_id = 0x01020304;
}

static const uint8_t small_bytes[] = {
    0xaf, 0xdb, 0xbd, 0xfa, 18,   0,    0, 0, 3,    0, 0, 0, 0xaf, 0xdb,
    0xbd, 0xfa, 2,    0,    0,    0,    2, 0, 0,    0, 3, 0, 0,    0, /* threads .. bits */
    1,    0,    0,    0,    2,    0,    0, 0, 1,    0, 0, 0,          /* memories */
    0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12, 0, 0,                         /* IRAM */
    0,    0xfe,                                                       /* MRAM */
    0xfe, 0xca, 0,    0,                                              /* WRAM */
    0x11, 0,    0,    0,    0x22, 0,    0, 0, 0x33, 0, 0, 0, 0x77, 0x66,
    0x55, 0x44, 0,    0,    0xbc, 0x0a,    /* pcs */
    0,    0,    1,    1,    0,    0,    1, /* atomic bits, zero flags, carry flags */
    1,    1,    0xff,                      /* running, scheduling */
    0,    1,    0,    0,    1,    0,       /* faults, their threads */
    4,    3,    2,    1};

START_TEST(a_context_has_the_documented_bytes)
{
    struct dpu_context_t context, back;
    uint8_t *bytes = NULL, own[sizeof small_bytes];
    uint32_t size = 0;
    small_context(&context);
    ck_assert_uint_eq(dpu_checkpoint_get_serialized_context_size(&context), sizeof small_bytes);
    ck_assert_ok(dpu_checkpoint_serialize(&context, &bytes, &size));
    ck_assert_uint_eq(size, sizeof small_bytes);
    ck_assert_mem_eq(bytes, small_bytes, sizeof small_bytes);
    free(bytes);
    bytes = own;
    size--;
    ck_assert_error(dpu_checkpoint_serialize(&context, &bytes, &size), DPU_ERR_INVALID_BUFFER_SIZE);
    size = sizeof own;
    ck_assert_ok(dpu_checkpoint_serialize(&context, &bytes, &size));
    ck_assert_mem_eq(own, small_bytes, sizeof small_bytes);
    ck_assert_ok(dpu_checkpoint_deserialize(small_bytes, sizeof small_bytes, &back));
    ck_assert_uint_eq(back.registers[3], 0x44556677);
    ck_assert(back.atomic_register[2] && back.zero_flags[0] && !back.zero_flags[1]);
    ck_assert(back.dma_fault && !back.mem_fault);
    ck_assert_uint_eq(back.bkp_fault_id, 0x01020304);
    memset(own, 0, sizeof own);
    ck_assert_ok(dpu_checkpoint_serialize(&back, &bytes, &size));
    ck_assert_mem_eq(own, small_bytes, sizeof small_bytes);
    ck_assert_ok(dpu_checkpoint_free(&context));
    ck_assert_ok(dpu_checkpoint_free(&back));
    ck_assert_ptr_null(back.registers);
}
END_TEST

START_TEST(damaged_contexts_are_refused)
{
    static const struct {
        const char *name;
        unsigned at;
        uint8_t value;
    } damages[] = {{"first magic", 0, 0}, {"format", 8, 2},        {"second magic", 15, 0},
                   {"threads", 18, 1},    {"registers", 23, 0xff}, {"atomic bits", 26, 1},
                   {"IRAM", 31, 0x80},    {"MRAM", 35, 0x7f},      {"WRAM", 39, 0xff}};
    struct dpu_context_t context;
    uint8_t bytes[sizeof small_bytes];
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        memcpy(bytes, small_bytes, sizeof bytes);
        bytes[damages[i].at] = damages[i].value;
        dpu_error_t error = dpu_checkpoint_deserialize(bytes, sizeof bytes, &context);
        ck_assert_msg(error == DPU_ERR_ELF_INVALID_FILE, "%s: %d", damages[i].name, error);
    }
    for (uint32_t size = 0; size < sizeof bytes; size++) {
        uint8_t *cut = malloc(size + 1);
        memcpy(cut, small_bytes, size);
        ck_assert_error(dpu_checkpoint_deserialize(cut, size, &context), DPU_ERR_ELF_INVALID_FILE);
        free(cut);
    }
}
END_TEST

/* ---- checkpoints ----------------------------------------------------------------------------- */

START_TEST(only_what_is_asked_for_is_saved)
{
    static const dpu_checkpoint_flags_t flags[] = {DPU_CHECKPOINT_NONE, DPU_CHECKPOINT_INTERNAL,
                                                   DPU_CHECKPOINT_IRAM, DPU_CHECKPOINT_WRAM,
                                                   DPU_CHECKPOINT_MRAM};
    struct host host = host_with(1, SUMS);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        struct dpu_context_t c;
        ck_assert_ok(dpu_checkpoint_save(host_dpu(&host, 0), flags[i], &c));
        ck_assert_int_eq(c.registers != NULL, flags[i] == DPU_CHECKPOINT_INTERNAL);
        ck_assert_int_eq(c.scheduling != NULL, flags[i] == DPU_CHECKPOINT_INTERNAL);
        ck_assert_int_eq(c.iram != NULL, flags[i] == DPU_CHECKPOINT_IRAM);
        ck_assert_uint_eq(c.info.iram_size, flags[i] == DPU_CHECKPOINT_IRAM ? 4096 : 0);
        ck_assert_int_eq(c.wram != NULL, flags[i] == DPU_CHECKPOINT_WRAM);
        ck_assert_uint_eq(c.info.wram_size, flags[i] == DPU_CHECKPOINT_WRAM ? 16384 : 0);
        ck_assert_int_eq(c.mram != NULL, flags[i] == DPU_CHECKPOINT_MRAM);
        ck_assert_uint_eq(c.info.mram_size, flags[i] == DPU_CHECKPOINT_MRAM ? ISA_MRAM_BYTES : 0);
        if (c.mram)
            ck_assert_uint_eq(c.mram[0], 77);
        ck_assert_ok(dpu_checkpoint_free(&c));
    }
    struct dpu_context_t c = {.bkp_fault_id = 0};
    ck_assert_error(dpu_checkpoint_save(host.set, DPU_CHECKPOINT_ALL, &c), DPU_ERR_INVALID_DPU_SET);
    ck_assert_error(dpu_checkpoint_restore(host.set, DPU_CHECKPOINT_ALL, &c),
                    DPU_ERR_INVALID_DPU_SET);
    ck_assert_error(dpu_checkpoint_save(host_dpu(&host, 0), DPU_CHECKPOINT_ALL, NULL),
                    DPU_ERR_INTERNAL);
    ck_assert_error(dpu_checkpoint_restore(host_dpu(&host, 0), DPU_CHECKPOINT_IRAM, &c),
                    DPU_ERR_INTERNAL);
    ck_assert_error(dpu_checkpoint_restore(host_dpu(&host, 0), DPU_CHECKPOINT_INTERNAL, &c),
                    DPU_ERR_INTERNAL);
    host_close(&host);
}
END_TEST

static bool runs(const struct host *host, unsigned i)
{
    bool running = true, fault = false;
    ck_assert_ok(dpu_poll_dpu(host_dpu(host, i).dpu, &running, &fault));
    return running;
}

START_TEST(a_stopped_dpu_goes_on_after_its_memories_were_overwritten)
{
    struct host host = host_waiting();
    struct dpu_context_t context;
    uint64_t other = 1;
    ck_assert_error(dpu_checkpoint_save(host_dpu(&host, 0), DPU_CHECKPOINT_ALL, &context),
                    DPU_ERR_MRAM_BUSY); /* the other one runs */
    ck_assert(runs(&host, 0));          /* the refused attempt did not stop it */
    let_go(&host, 1);
    WAIT_UNTIL(!runs(&host, 1));
    ck_assert_ok(dpu_checkpoint_save(host_dpu(&host, 0), DPU_CHECKPOINT_ALL, &context));
    ck_assert_uint_eq(context.nr_of_running_threads, 2);
    ck_assert_uint_eq(context.scheduling[0], 0);
    ck_assert_uint_eq(context.scheduling[1], 1);
    ck_assert_uint_eq(context.scheduling[2], 0xff);
    ck_assert_uint_eq(context.registers[0], SUM_0);
    ck_assert_uint_eq(context.registers[context.info.nr_registers], SUM_1);
    ck_assert(context.atomic_register[40] && context.atomic_register[41]);
    ck_assert_ok(dpu_sync(host.set));
    host_load(&host, "move r0, 1\nmove r1, 2\nstop");
    ck_assert_ok(dpu_launch(host.set, DPU_SYNCHRONOUS));
    ck_assert_ok(dpu_copy_to_mram(host.dpus[0], 0, (uint8_t *)&other, 8));
    ck_assert_ok(dpu_checkpoint_restore(host_dpu(&host, 0), DPU_CHECKPOINT_ALL, &context));
    host_load(&host, SUMS); /* for the symbols; clears go, ready and result */
    ck_assert_ok(dpu_checkpoint_restore(host_dpu(&host, 0), DPU_CHECKPOINT_ALL, &context));
    ck_assert_ok(dpu_copy_from_mram(host.dpus[0], (uint8_t *)&other, 0, 8));
    ck_assert_uint_eq(other, 77);
    let_go(&host, 0);
    ck_assert_ok(dpu_finalize_fault_process_for_dpu(host.dpus[0], &context));
    ck_assert_ok(dpu_sync(host.set));
    check_results(&host, 0);
    ck_assert_ok(dpu_checkpoint_free(&context));
    host_close(&host);
}
END_TEST

/* Continue the checkpoint in a file and look at the sums. */
static int resume(const char *path)
{
    struct dpu_set_t set, dpu;
    struct dpu_context_t context;
    uint32_t words[8];
    bool running = true;
    FILE *file = fopen(path, "rb");
    uint32_t place = 0;
    if (!file || fread(&place, sizeof place, 1, file) != 1)
        return EXIT_FAILURE;
    uint8_t *bytes = malloc(1 << 20);
    size_t len_bytes = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    DPU_ASSERT(dpu_alloc(1, NULL, &set));
    DPU_FOREACH (set, dpu)
        break;
    dpu_checkpoint_flags_t flags =
        (dpu_checkpoint_flags_t)(DPU_CHECKPOINT_INTERNAL | DPU_CHECKPOINT_IRAM |
                                 DPU_CHECKPOINT_WRAM);
    DPU_ASSERT(dpu_checkpoint_deserialize(bytes, (uint32_t)len_bytes, &context));
    free(bytes);
    DPU_ASSERT(dpu_checkpoint_restore(dpu, flags, &context));
    DPU_ASSERT(dpu_finalize_fault_process_for_dpu(dpu_from_set(dpu), &context));
    words[0] = 1;
    DPU_ASSERT(dpu_copy_to_wram_for_dpu(dpu_from_set(dpu), place, words, 1));
    while (running)
        DPU_ASSERT(dpu_poll_dpu(dpu_from_set(dpu), &running, NULL));
    DPU_ASSERT(dpu_copy_from_wram_for_dpu(dpu_from_set(dpu), words, place, 5));
    DPU_ASSERT(dpu_checkpoint_free(&context));
    DPU_ASSERT(dpu_free(set));
    return words[3] == SUM_0 && words[4] == SUM_1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run_again(const char *path)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "test", "resume", path, (char *)NULL);
        _exit(99);
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(a_checkpoint_goes_on_in_another_process)
{
    struct host host = host_waiting();
    struct dpu_context_t context;
    uint8_t *bytes = NULL;
    uint32_t size = 0, place = word_of(&host, "go");
    ck_assert_uint_eq(word_of(&host, "result"), place + 3);
    dpu_checkpoint_flags_t flags =
        (dpu_checkpoint_flags_t)(DPU_CHECKPOINT_INTERNAL | DPU_CHECKPOINT_IRAM |
                                 DPU_CHECKPOINT_WRAM);
    ck_assert_ok(dpu_checkpoint_save(host_dpu(&host, 0), flags, &context));
    ck_assert_ok(dpu_checkpoint_serialize(&context, &bytes, &size));
    char path[sizeof work_file];
    strcpy(path, work_file);
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert(write(fd, &place, sizeof place) == sizeof place && write(fd, bytes, size) == size);
    close(fd);
    ck_assert_int_eq(run_again(path), EXIT_SUCCESS);
    unlink(path);
    free(bytes);
    ck_assert_ok(dpu_checkpoint_free(&context));
    let_go(&host, 1);
    ck_assert_ok(dpu_sync(host.set));
    host_close(&host);
}
END_TEST

/* ---- debugging ------------------------------------------------------------------------------- */

/* A context with its arrays, filled by the DPU. */
static struct dpu_context_t stop_dpu(struct dpu_t *dpu)
{
    struct dpu_context_t c;
    ck_assert_ok(dpu_context_fill_from_rank(&c, dpu_get_rank(dpu)));
    ck_assert_error(dpu_initialize_fault_process_for_dpu(dpu, &c, 0), DPU_ERR_INTERNAL);
    ck_assert_error(dpu_extract_pcs_for_dpu(dpu, &c), DPU_ERR_INTERNAL);
    c.registers = calloc((size_t)c.info.nr_threads * c.info.nr_registers, 4);
    c.pcs = calloc(c.info.nr_threads, sizeof *c.pcs);
    c.atomic_register = calloc(c.info.nr_atomic_bits, sizeof(bool));
    c.zero_flags = calloc(c.info.nr_threads, sizeof(bool));
    c.carry_flags = calloc(c.info.nr_threads, sizeof(bool));
    c.scheduling = calloc(c.info.nr_threads, 1);
    ck_assert_ok(dpu_initialize_fault_process_for_dpu(dpu, &c, 0));
    ck_assert_ok(dpu_extract_context_for_dpu(dpu, &c));
    return c;
}

static const struct {
    const char *text;
    bool bkp, dma, mem;
    uint32_t id;
} faults[] = {
    {"boot zero, 4\njneq id, 4, w\nfault 77\nw: jump w", true, false, false, 77},
    {"boot zero, 4\njneq id, 4, w\nmove r0, 0x20000\nlw r1, r0, 0\nw: jump w", false, false, true,
     0},
    {"boot zero, 4\njneq id, 4, w\nmove r0, 64\nmove r1, -8\nldma r0, r1, 0\nw: jump w", false,
     true, false, 0},
};

START_TEST(a_fault_is_described_and_left_by_a_step)
{
    struct host host = host_with(1, faults[_i].text);
    ck_assert_error(dpu_launch(host.set, DPU_SYNCHRONOUS), DPU_ERR_DPU_FAULT);
    struct dpu_context_t c = stop_dpu(host.dpus[0]);
    ck_assert_int_eq(c.bkp_fault, faults[_i].bkp);
    ck_assert_int_eq(c.dma_fault, faults[_i].dma);
    ck_assert_int_eq(c.mem_fault, faults[_i].mem);
    ck_assert_uint_eq(c.bkp_fault_id, faults[_i].id);
    ck_assert_uint_eq(faults[_i].bkp   ? c.bkp_fault_thread_index
                      : faults[_i].dma ? c.dma_fault_thread_index
                                       : c.mem_fault_thread_index,
                      4);
    ck_assert_uint_eq(c.nr_of_running_threads, 2);
    iram_addr_t pc = c.pcs[4];
    ck_assert_error(dpu_execute_thread_step_in_fault_for_dpu(host.dpus[0], 24, &c),
                    DPU_ERR_INVALID_THREAD_ID);
    ck_assert_error(dpu_execute_thread_step_in_fault_for_dpu(host.dpus[0], 5, &c),
                    DPU_ERR_INTERNAL);
    ck_assert_ok(dpu_execute_thread_step_in_fault_for_dpu(host.dpus[0], 4, &c));
    ck_assert(!c.bkp_fault && !c.dma_fault && !c.mem_fault);
    ck_assert_uint_eq(c.pcs[4], pc); /* jumps to itself */
    c.pcs[4] = c.pcs[0] = (iram_addr_t)(pc - 1);
    ck_assert_ok(dpu_restore_context_for_dpu(host.dpus[0], &c));
    ck_assert_ok(dpu_execute_thread_step_in_fault_for_dpu(host.dpus[0], 4, &c));
    ck_assert_int_eq(c.bkp_fault, faults[_i].bkp);
    ck_assert_int_eq(c.dma_fault, faults[_i].dma);
    ck_assert_int_eq(c.mem_fault, faults[_i].mem);
    ck_assert_uint_eq(c.pcs[4], pc);
    dpu_free_dpu_context(&c);
    host_close(&host);
}
END_TEST

START_TEST(a_debugger_steps_changes_registers_and_goes_on)
{
    struct host host = host_waiting();
    struct dpu_context_t c = stop_dpu(host.dpus[0]);
    bool running = true;
    ck_assert_ok(dpu_poll_dpu(host.dpus[0], &running, NULL));
    ck_assert(!running);
    ck_assert_ok(dpu_poll_dpu(host.dpus[1], &running, NULL));
    ck_assert(running);
    iram_addr_t pc = c.pcs[1];
    ck_assert_ok(dpu_execute_thread_step_in_fault_for_dpu(host.dpus[0], 1, &c));
    ck_assert_uint_ne(c.pcs[1], pc);
    ck_assert_ok(dpu_execute_thread_step_in_fault_for_dpu(host.dpus[0], 1, &c));
    ck_assert_uint_eq(c.pcs[1], pc); /* the loop has two instructions */
    ck_assert_ok(dpu_extract_context_for_dpu(host.dpus[0], &c));
    ck_assert_uint_eq(c.registers[0], SUM_0);
    c.registers[0] = 4711;
    ck_assert_ok(dpu_restore_context_for_dpu(host.dpus[0], &c));
    ck_assert_error(dpu_restore_context_for_dpu(host.dpus[1], &c), DPU_ERR_INTERNAL); /* runs */
    ck_assert_ok(dpu_finalize_fault_process_for_dpu(host.dpus[0], &c));
    let_go(&host, 0);
    let_go(&host, 1);
    ck_assert_ok(dpu_sync(host.set));
    ck_assert_uint_eq(get_word(host.dpus[0], word_of(&host, "result")), 4711);
    ck_assert_uint_eq(get_word(host.dpus[0], word_of(&host, "result") + 1), SUM_1);
    check_results(&host, 1);
    struct dpu_context_t other = c;
    other.info.nr_threads = 16;
    ck_assert_error(dpu_extract_context_for_dpu(host.dpus[0], &other), DPU_ERR_INTERNAL);
    dpu_free_dpu_context(&c);
    ck_assert_ok(dpu_save_context_for_rank(host.rank));
    ck_assert_ok(dpu_restore_context_for_rank(host.rank));
    ck_assert_ok(dpu_restore_mux_context_for_rank(host.rank));
    ck_assert_ok(dpu_set_debug_slice_info(host.rank, 0, 0, 0, 0));
    host_close(&host);
}
END_TEST

START_TEST(a_step_over_the_last_stop_ends_the_thread)
{
    struct host host = host_with(1, "spin: jump spin\nstop");
    ck_assert_ok(dpu_boot_rank(host.rank));
    struct dpu_context_t c = stop_dpu(host.dpus[0]);
    c.pcs[0] = 1;
    ck_assert_ok(dpu_restore_context_for_dpu(host.dpus[0], &c));
    ck_assert_ok(dpu_execute_thread_step_in_fault_for_dpu(host.dpus[0], 0, &c));
    ck_assert_uint_eq(c.nr_of_running_threads, 0);
    ck_assert_error(dpu_execute_thread_step_in_fault_for_dpu(host.dpus[0], 0, &c),
                    DPU_ERR_INTERNAL);
    ck_assert_ok(dpu_finalize_fault_process_for_dpu(host.dpus[0], &c));
    ck_assert(is_done(host.rank));
    dpu_free_dpu_context(&c);
    host_close(&host);
}
END_TEST

/* ---- core files ------------------------------------------------------------------------------ */

struct files {
    char program[sizeof work_file], core[sizeof work_file];
};

static void new_file(char *path, const void *data, size_t len_bytes)
{
    strcpy(path, work_file);
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert(write(fd, data, len_bytes) == (ssize_t)len_bytes);
    close(fd);
}

static struct files files_open(const char *text)
{
    struct files files;
    struct isa_bytes image = image_of(text);
    new_file(files.program, image.data, image.len_bytes);
    new_file(files.core, "", 0);
    free((void *)(uintptr_t)image.data);
    return files;
}

static void files_close(const struct files *files)
{
    unlink(files->program);
    unlink(files->core);
}

static void dump(const struct host *host, struct dpu_context_t *c, const struct files *files)
{
    ck_assert_ok(dpu_create_core_dump(
        host->rank, files->program, files->core, c, (uint8_t *)c->wram, c->mram, (uint8_t *)c->iram,
        c->info.wram_size * 4, c->info.mram_size, c->info.iram_size * 8u));
}

START_TEST(a_core_file_brings_a_dpu_back)
{
    struct files files = files_open(SUMS);
    struct host host = host_waiting();
    struct dpu_context_t context, *left = NULL;
    struct dpu_program_t *program = NULL;
    let_go(&host, 1);
    ck_assert_ok(dpu_checkpoint_save(host_dpu(&host, 0), DPU_CHECKPOINT_INTERNAL, &context));
    ck_assert_ok(dpu_sync(host.set));
    ck_assert_ok(dpu_checkpoint_free(&context));
    ck_assert_ok(dpu_checkpoint_save(host_dpu(&host, 0), DPU_CHECKPOINT_ALL, &context));
    dump(&host, &context, &files);
    ck_assert_ok(dpu_checkpoint_free(&context));
    host_close(&host);

    host = host_open(2, NULL);
    ck_assert_error(dpu_load(host.set, files.core, NULL), DPU_ERR_ELF_INVALID_FILE);
    ck_assert_ok(dpu_load(host_dpu(&host, 0), files.core, &program));
    ck_assert_ptr_eq(program, dpu_get_program(host.dpus[0]));
    ck_assert(is_ready(&host, 0));
    ck_assert_ok(dpu_pop_debug_context(host.dpus[0], &left));
    ck_assert_ptr_nonnull(left);
    ck_assert_uint_eq(left->registers[0], SUM_0);
    let_go(&host, 0);
    ck_assert_ok(dpu_finalize_fault_process_for_dpu(host.dpus[0], left));
    ck_assert_ok(dpu_sync(host.set));
    check_results(&host, 0);
    uint64_t array = 0;
    ck_assert_ok(dpu_copy_from(host_dpu(&host, 0), "array", 0, &array, 8));
    ck_assert_uint_eq(array, 77);
    dpu_free_dpu_context(left);
    free(left);
    ck_assert_ok(dpu_pop_debug_context(host.dpus[0], &left));
    ck_assert_ptr_null(left);
    host_close(&host);
    files_close(&files);
}
END_TEST

START_TEST(a_core_file_has_the_documented_sections)
{
    static const struct {
        const char *name;
        uint32_t address;
    } rows[] = {{".data", 0}, {".text", 0x80000000}, {".mram", 0x08000000}, {".regs", 0xa0000000}};
    struct files files = files_open(SUMS);
    struct host host = host_with(1, SUMS);
    struct dpu_context_t context;
    uint8_t wram[64], mram[32], iram[80];
    for (unsigned i = 0; i < sizeof iram; i++)
        wram[i % 64] = mram[i % 32] = iram[i] = (uint8_t)(i % 8 < 6 ? i : 0);
    ck_assert_ok(dpu_checkpoint_save(host_dpu(&host, 0), DPU_CHECKPOINT_INTERNAL, &context));
    ck_assert_ok(dpu_create_core_dump(host.rank, files.program, files.core, &context, wram, mram,
                                      iram, sizeof wram, sizeof mram, sizeof iram));
    dpu_elf_file_t file;
    ck_assert_ok(dpu_elf_open(files.core, &file));
    const uint32_t sizes[] = {sizeof wram, sizeof iram, sizeof mram,
                              dpu_checkpoint_get_serialized_context_size(&context)};
    const uint8_t *const contents[] = {wram, iram, mram, NULL};
    for (size_t i = 0; i < 4; i++) {
        unsigned size;
        uint8_t *bytes;
        ck_assert_ok(dpu_elf_load_section(file, rows[i].name, &size, &bytes));
        ck_assert_uint_eq(size, sizes[i]);
        if (contents[i])
            ck_assert_mem_eq(bytes, contents[i], size);
    }
    dpu_elf_close(file);
    FILE *stream = fopen(files.core, "rb");
    static uint8_t image[1 << 16];
    size_t len = fread(image, 1, sizeof image, stream);
    fclose(stream);
    Elf32_Ehdr header;
    memcpy(&header, image, sizeof header);
    ck_assert_uint_eq(header.e_type, ET_CORE);
    ck_assert_uint_eq(header.e_machine, 245);
    unsigned found = 0;
    ck_assert_uint_le(header.e_shoff + header.e_shnum * sizeof(Elf32_Shdr), len);
    for (unsigned i = 1; i < header.e_shnum; i++) {
        Elf32_Shdr section;
        memcpy(&section, image + header.e_shoff + i * sizeof section, sizeof section);
        for (size_t k = 0; k < 4; k++)
            found += section.sh_type == SHT_PROGBITS && section.sh_addr == rows[k].address &&
                     section.sh_size == sizes[k];
    }
    ck_assert_uint_eq(found, 4);
    ck_assert_ok(dpu_checkpoint_free(&context));
    host_close(&host);
    files_close(&files);
}
END_TEST

START_TEST(core_dumps_and_damaged_core_files_fail_clearly)
{
    struct files files = files_open(SUMS);
    struct host host = host_with(1, SUMS);
    struct dpu_context_t context;
    uint8_t wram[64] = {0};
    ck_assert_ok(dpu_checkpoint_save(host_dpu(&host, 0), DPU_CHECKPOINT_INTERNAL, &context));
#define DUMP(error, program, core)                                                                 \
    ck_assert_error(dpu_create_core_dump(host.rank, program, core, &context, wram, NULL, NULL,     \
                                         sizeof wram, 0, 0),                                       \
                    error)
    DUMP(DPU_ERR_ELF_NO_SUCH_FILE, "/nowhere/program", files.core);
    DUMP(DPU_ERR_ELF_INVALID_FILE, "/proc/self/exe", files.core);
    DUMP(DPU_ERR_INTERNAL, files.program, "/nowhere/core");
    DUMP(DPU_ERR_INTERNAL, files.program, NULL);
    DUMP(DPU_OK, files.program, files.core);
    static uint8_t image[1 << 16];
    FILE *stream = fopen(files.core, "rb");
    size_t len = fread(image, 1, sizeof image, stream);
    fclose(stream);
    ck_assert_ok(dpu_load_from_memory(host_dpu(&host, 0), image, len, NULL));
    for (size_t at = 0; at + 4 <= len; at++) { /* the threads with a wrong format */
        static const uint8_t start[] = {0xaf, 0xdb, 0xbd, 0xfa, 18};
        if (memcmp(image + at, start, sizeof start) == 0)
            image[at + 8] = 9;
    }
    ck_assert_error(dpu_load_from_memory(host_dpu(&host, 0), image, len, NULL),
                    DPU_ERR_ELF_INVALID_FILE);
    ck_assert_error(dpu_load_from_memory(host_dpu(&host, 0), image, len / 2, NULL),
                    DPU_ERR_ELF_INVALID_FILE);
    ck_assert_ok(dpu_checkpoint_free(&context));
    host_close(&host);
    files_close(&files);
}
END_TEST

/* ---- loader ---------------------------------------------------------------------------------- */

static unsigned patches[2]; /* calls */

static dpu_error_t patch_wram(dpu_loader_env_t env, void *content, dpu_mem_max_addr_t address,
                              dpu_mem_max_size_t size, bool init)
{
    (void)env;
    for (dpu_mem_max_size_t i = 0; i < size; i++) {
        uint32_t word;
        memcpy(&word, (uint8_t *)content + i * 4, sizeof word);
        word = word == 0x1234 ? 0x5678 : word; /* the variable */
        memcpy((uint8_t *)content + i * 4, &word, sizeof word);
    }
    ck_assert_uint_le(address + size, ISA_WRAM_BYTES / 4);
    patches[0] += init;
    return DPU_OK;
}

static dpu_error_t patch_iram(dpu_loader_env_t env, void *content, dpu_mem_max_addr_t address,
                              dpu_mem_max_size_t size, bool init)
{
    (void)content;
    ck_assert_int_eq(env->target, DPU_LOADER_TARGET_RANK);
    ck_assert_uint_eq(address, 0);
    ck_assert_uint_ge(size, 4);
    patches[1] += init;
    return DPU_OK;
}

static dpu_error_t patch_fails(dpu_loader_env_t env, void *content, dpu_mem_max_addr_t address,
                               dpu_mem_max_size_t size, bool init)
{
    (void)env, (void)content, (void)address, (void)size, (void)init;
    return DPU_ERR_CORRUPTED_MEMORY;
}

START_TEST(a_program_is_loaded_with_changes_below_the_level_of_sets)
{
    struct files files = files_open(
        "lw r0, zero, value\nadd r0, r0, 1\nsw zero, value, r0\nstop\n"
        ".section .dpu_host,\"aw\",@progbits\n.globl value\nvalue: .long 0x1234\n.size value, 4\n"
        ".section .mram,\"aw\",@progbits\n.globl array\narray: .quad 7\n.size array, 8\n");
    struct host host = host_open(3, NULL);
    struct dpu_program_t program;
    struct dpu_symbol_t value, heap;
    struct _dpu_loader_context_t context;
    dpu_elf_file_t file;
    ck_assert_error(dpu_load_elf_program(&file, "/nowhere/x", &program, 0), DPU_ERR_SYSTEM);
    ck_assert_ok(dpu_load_elf_program(&file, files.program, &program, 1 << 20));
    ck_assert_ok(dpu_get_symbol(&program, "value", &value));
    ck_assert_ok(dpu_get_symbol(&program, DPU_MRAM_HEAP_POINTER_NAME, &heap));
    ck_assert_uint_eq(heap.size, (1 << 20) - 8);
    dpu_loader_fill_rank_context(&context, host.rank);
    ck_assert_uint_eq(context.nr_of_instructions, 4096);
    ck_assert_uint_eq(context.nr_of_wram_words, 16384);
    ck_assert_uint_eq(context.nr_of_mram_bytes, ISA_MRAM_BYTES);
    context.patch_wram = patch_wram;
    context.patch_iram = patch_iram;
    memset(patches, 0, sizeof patches);
    ck_assert_ok(dpu_elf_load(file, &context));
    ck_assert_uint_ge(patches[0], 1);
    ck_assert_uint_eq(patches[1], 1);
    ck_assert_ok(dpu_boot_rank(host.rank));
    wait_done(host.rank);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(get_word(host.dpus[i], value.address / 4), 0x5679);
    dpu_loader_fill_dpu_context(&context, host.dpus[1]);
    ck_assert_ok(dpu_elf_load(file, &context));
    ck_assert_uint_eq(get_word(host.dpus[1], value.address / 4), 0x1234);
    ck_assert_uint_eq(get_word(host.dpus[2], value.address / 4), 0x5679);
    context.patch_mram = patch_fails;
    ck_assert_error(dpu_elf_load(file, &context), DPU_ERR_CORRUPTED_MEMORY);
    ck_assert_error(dpu_elf_load(NULL, &context), DPU_ERR_INTERNAL);
    dpu_init_program_ref(&program);
    dpu_take_program_ref(&program);
    dpu_free_program(&program);
    dpu_elf_close(file);
    host_close(&host);
    files_close(&files);
}
END_TEST

START_TEST(a_program_in_memory_is_read_without_loading)
{
    struct isa_bytes image = image_of(SUMS);
    struct dpu_program_t program;
    dpu_elf_file_t file;
    uint8_t *bytes = (uint8_t *)(uintptr_t)image.data;
    ck_assert_ok(dpu_load_elf_program_from_memory(&file, "sums", bytes, image.len_bytes, &program,
                                                  ISA_MRAM_BYTES));
    ck_assert_str_eq(program.program_path, "sums");
    dpu_take_program_ref(&program);
    dpu_free_program(&program);
    dpu_elf_close(file);
    ck_assert_error(dpu_load_elf_program_from_memory(&file, "x", bytes, 40, &program, 0),
                    DPU_ERR_ELF_INVALID_FILE);
    ck_assert_error(dpu_load_elf_program_from_memory(&file, "x", NULL, 40, &program, 0),
                    DPU_ERR_ELF_INVALID_FILE);
    free(bytes);
}
END_TEST

int main(int argc, char **argv)
{
    be_quiet();
    if (argc == 3 && strcmp(argv[1], "resume") == 0)
        return resume(argv[2]);
    Suite *suite = suite_create("driver.state");
    TCase *tc = tcase_create("bytes");
    tcase_add_test(tc, a_context_has_the_documented_bytes);
    tcase_add_test(tc, damaged_contexts_are_refused);
    suite_add_tcase(suite, tc);
    tc = tcase_create("checkpoint");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, only_what_is_asked_for_is_saved);
    tcase_add_test(tc, a_stopped_dpu_goes_on_after_its_memories_were_overwritten);
    tcase_add_test(tc, a_checkpoint_goes_on_in_another_process);
    suite_add_tcase(suite, tc);
    tc = tcase_create("debug");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, a_fault_is_described_and_left_by_a_step, 0,
                        sizeof faults / sizeof *faults);
    tcase_add_test(tc, a_debugger_steps_changes_registers_and_goes_on);
    tcase_add_test(tc, a_step_over_the_last_stop_ends_the_thread);
    suite_add_tcase(suite, tc);
    tc = tcase_create("core");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_core_file_brings_a_dpu_back);
    tcase_add_test(tc, a_core_file_has_the_documented_sections);
    tcase_add_test(tc, core_dumps_and_damaged_core_files_fail_clearly);
    suite_add_tcase(suite, tc);
    tc = tcase_create("loader");
    tcase_add_test(tc, a_program_is_loaded_with_changes_below_the_level_of_sets);
    tcase_add_test(tc, a_program_in_memory_is_read_without_loading);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
