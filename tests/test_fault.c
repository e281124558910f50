/* SPDX-License-Identifier: MIT */
/* Faults of programs and what is said about them: kind, place, rule, symbol, line, call stack; and
 * faults that are injected. */
#include <check.h>

#include "sim_help.h"

/* ---- each fault, its place and its rule ---------------------------------------------------------
 */

static const struct {
    const char *text;
    enum isa_chip chip;
    enum sim_fault_kind kind;
    uint32_t pc_insn, address, len_bytes;
    enum isa_memory memory;
    bool is_write;
    const char *rule;
} faults[] = {
    {"nop\nfault 2\nstop", ISA_CHIP_V1A, SIM_FAULT_BREAKPOINT, 1, 0, 0, ISA_IRAM, false,
     "fault 2 (Division by Zero)"},
    {"fault 77", ISA_CHIP_V1A, SIM_FAULT_BREAKPOINT, 0, 0, 0, ISA_IRAM, false, "fault 77"},
    {"bkp", ISA_CHIP_V1A, SIM_FAULT_BREAKPOINT, 0, 0, 0, ISA_IRAM, false, "fault 0"},
    {"move r0, 0x10000\nlw r1, r0, 0", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 1, 0x10000, 4, ISA_WRAM,
     false, "4 bytes at 0x10000 end at 0x10004, but WRAM ends at 0x10000"},
    {"move r0, 0xf800\nlw r1, r0, 0\nlw r1, r0, -4\nstop", ISA_CHIP_V1B, SIM_FAULT_MEMORY, 1,
     0xf800, 4, ISA_WRAM, false, "4 bytes at 0xf800 end at 0xf804, but WRAM ends at 0xf800"},
    {"move r0, 0xffff\nsb r0, 1, r0", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 1, 0x10000, 1, ISA_WRAM, true,
     "1 byte at 0x10000 end at 0x10001, but WRAM ends at 0x10000"},
    {"move r0, 0x21\nsh r0, 0, 5", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 1, 0x21, 2, ISA_WRAM, true,
     "address 0x21 is not a multiple of 2, the size of the access"},
    {"ld d0, zero, 12", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 0, 12, 8, ISA_WRAM, false,
     "address 0xc is not a multiple of 8"},
    {"sd_id zero, 4, 1", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 0, 4, 8, ISA_WRAM, true, "multiple of 8"},
    {"move r0, 0x08000010\nlw r1, r0, 0", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 1, 0x08000010, 4,
     ISA_WRAM, false, "that is an MRAM address of the program file: MRAM is reached by DMA only"},
    {"move r0, 0x80000010\nlw r1, r0, 0", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 1, 0x80000010, 4,
     ISA_WRAM, false, "that is an IRAM address of the program file"},
    {"move r0, 0xf0000010\nlw r1, r0, 0", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 1, 0xf0000010, 4,
     ISA_WRAM, false, "that is the address of an atomic bit in the program file"},
    {"move r0, 0x00200010\nlws r1, r0, 16", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 1, 0x20, 4, ISA_WRAM,
     false, "safe register: offset 0x20 + 4 reaches the limit 0x20"},
    {"move r0, 0x00200010\nsds r0, 8, d0", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 1, 0x18, 8, ISA_WRAM,
     true, "safe register"},
    {"move r0, 0x0020ffff\nadds r0, r0, 1", ISA_CHIP_V1A, SIM_FAULT_MEMORY, 1, 0x10000, 0, ISA_WRAM,
     false, "safe register"},
    {"move r1, 0x3fffff8\nldma zero, r1, 1", ISA_CHIP_V1A, SIM_FAULT_DMA, 1, 0x3fffff8, 16,
     ISA_MRAM, false,
     "16 bytes at MRAM offset 0x3fffff8 end at 0x4000008, but MRAM ends at 0x4000000"},
    {"move r1, 0x4000000\nsdma zero, r1, 0", ISA_CHIP_V1A, SIM_FAULT_DMA, 1, 0x4000000, 8, ISA_MRAM,
     true, "but MRAM ends at 0x4000000"},
    {"move r1, -8\nldma zero, r1, 0", ISA_CHIP_V1A, SIM_FAULT_DMA, 1, 0xfffffff8, 8, ISA_MRAM,
     false, "8 bytes at MRAM offset 0xfffffff8 end at 0x100000000"},
    {"move r0, 0xfff8\nldma r0, r1, 1", ISA_CHIP_V1A, SIM_FAULT_DMA, 1, 0xfff8, 16, ISA_WRAM, true,
     "16 bytes at WRAM offset 0xfff8 end at 0x10008, but WRAM ends at 0x10000"},
    {"move r0, 0xf7f8\nsdma r0, r1, 1", ISA_CHIP_V1B, SIM_FAULT_DMA, 1, 0xf7f8, 16, ISA_WRAM, false,
     "but WRAM ends at 0xf800"},
    {"move r0, 0x7ff8\nldmai r0, r1, 1", ISA_CHIP_V1A, SIM_FAULT_DMA, 1, 0x7ff8, 16, ISA_IRAM, true,
     "16 bytes at IRAM offset 0x7ff8 end at 0x8008, but IRAM ends at 0x8000"},
    {"move r0, 0x7c00\nldmai r0, r1, 0", ISA_CHIP_V1B, SIM_FAULT_DMA, 1, 0x7c00, 8, ISA_IRAM, true,
     "but IRAM ends at 0x7c00"},
    {"nop\n.quad 0x123", ISA_CHIP_V1A, SIM_FAULT_ILLEGAL, 1, 0, 0, ISA_IRAM, false,
     "word 0x000000000123 is no instruction"},
    {"nop\nnop", ISA_CHIP_V1A, SIM_FAULT_ILLEGAL, 2, 0, 0, ISA_IRAM, false,
     "word 0x000000000000 is no instruction"}, /* behind the end of the program */
    {"jump 2000", ISA_CHIP_V1A, SIM_FAULT_ILLEGAL, 2000, 0, 0, ISA_IRAM, false,
     "word 0x000000000000 is no instruction"},
};

static void check_fault(const struct sim_dpu *dpu, int row, unsigned tasklet)
{
    const struct sim_fault *fault = sim_dpu_fault(dpu);
    ck_assert_ptr_nonnull(fault);
    ck_assert_int_eq(fault->kind, faults[row].kind);
    ck_assert_uint_eq(fault->tasklet, tasklet);
    ck_assert_uint_eq(fault->pc_insn, faults[row].pc_insn);
    ck_assert(!fault->injected);
    ck_assert_msg(strstr(fault->rule, faults[row].rule) != NULL, "%s", fault->rule);
    if (fault->kind != SIM_FAULT_MEMORY && fault->kind != SIM_FAULT_DMA)
        return;
    ck_assert_uint_eq(fault->address, faults[row].address);
    ck_assert_uint_eq(fault->len_bytes, faults[row].len_bytes);
    ck_assert_int_eq(fault->memory, faults[row].memory);
    ck_assert_int_eq(fault->is_write, faults[row].is_write);
}

START_TEST(fault_says_what_broke_which_rule_where)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_config config = config_of((enum sim_mode)mode, 0);
        config.chip = faults[_i].chip;
        struct sim_dpu *dpu = dpu_with(&config, faults[_i].text);
        struct sim_outcome outcome = dpu_run(dpu);
        ck_assert_int_eq(outcome.stop, SIM_FAULTED);
        ck_assert_uint_eq(outcome.pc_insn, faults[_i].pc_insn);
        check_fault(dpu, _i, 0);
        ck_assert_uint_eq(sim_dpu_fault(dpu)->instructions, outcome.instructions - 1);
        ck_assert_uint_eq(thread_of(dpu, 0).pc_insn, faults[_i].pc_insn + 1);
        ck_assert_uint_eq(sim_dpu_run_bits(dpu), 1); /* keeps its value */
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* The same by tasklet 3 while three others spin. */
START_TEST(fault_of_one_tasklet_stops_all_at_an_instruction_boundary)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu =
            dpu_of((enum sim_mode)mode, "jeq id, 3, l\nboot id, 1\nm: add r0, r0, 1\njump m\n"
                                        "l: .rept 20\nnop\n.endr\nlw r1, zero, 2");
        struct sim_outcome outcome = dpu_run(dpu);
        ck_assert_int_eq(outcome.stop, SIM_FAULTED);
        ck_assert_uint_eq(outcome.tasklet, 3);
        ck_assert_uint_eq(sim_dpu_run_bits(dpu), 15);
        ck_assert_uint_eq(TASKLET_STAT(dpu, instructions, 3), 22);
        for (unsigned i = 0; i < 3; i++)
            ck_assert_uint_eq(reg_of(dpu, i, 0), (TASKLET_STAT(dpu, instructions, i) - 1) / 2);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(fault_names_are_those_of_the_ecosystem)
{
    static const char *const codes[] = {"Heap Full",     "Division by Zero", "Assert",
                                        "Halt",          "Printf Overflow",  "Already Profiling",
                                        "Not Profiling", "Wrong Alignment"};
    for (unsigned i = 0; i < 8; i++)
        ck_assert_str_eq(sim_fault_code_name(i + 1), codes[i]);
    ck_assert_ptr_null(sim_fault_code_name(0));
    ck_assert_ptr_null(sim_fault_code_name(1000));
    ck_assert_str_eq(sim_fault_kind_name(SIM_FAULT_BREAKPOINT), "breakpoint");
    ck_assert_str_eq(sim_fault_kind_name(SIM_FAULT_MEMORY), "memory");
    ck_assert_str_eq(sim_fault_kind_name(SIM_FAULT_DMA), "dma");
    ck_assert_str_eq(sim_fault_kind_name(SIM_FAULT_NONE), "");
    ck_assert_str_eq(sim_fault_kind_name(SIM_FAULT_COUNT), "");
}
END_TEST

/* ---- explanations
 * -------------------------------------------------------------------------------- */

/* main calls outer, outer calls inner, inner faults; each with the frame the calling convention
 * wants. Lines are counted from the text's first. */
static const char nested[] = ".text\n"                              /* 1 */
                             ".globl __bootstrap\n"                 /* 2 */
                             ".type __bootstrap, @function\n"       /* 3 */
                             "__bootstrap:\n"                       /* 4 */
                             "move r22, 0x1000\n"                   /* 5 */
                             "call r23, outer\n"                    /* 6 */
                             "stop\n"                               /* 7 */
                             ".size __bootstrap, . - __bootstrap\n" /* 8 */
                             ".type outer, @function\n"             /* 9 */
                             "outer:\n"                             /* 10 */
                             "sd r22, 8, d22\n"                     /* 11 */
                             "add r22, r22, 16\n"                   /* 12 */
                             "call r23, inner\n"                    /* 13 */
                             "ld d22, r22, -8\n"                    /* 14 */
                             "jump r23\n"                           /* 15 */
                             ".size outer, . - outer\n"             /* 16 */
                             ".type inner, @function\n"             /* 17 */
                             "inner:\n"                             /* 18 */
                             "move r0, table\n"                     /* 19 */
                             "lw r0, r0, 6\n"                       /* 20 */
                             "jump r23\n"                           /* 21 */
                             ".size inner, . - inner\n"             /* 22 */
                             ".data\n"                              /* 23 */
                             ".p2align 3\n"                         /* 24 */
                             ".globl table\n"                       /* 25 */
                             ".type table, @object\n"               /* 26 */
                             "table: .word 1, 2\n"                  /* 27 */
                             ".size table, 8\n";                    /* 28 */

static struct sim_dpu *dpu_nested(bool lines)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_program *program = program_of(nested, ISA_CHIP_V1A, lines);
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    isa_program_destroy(program);
    dpu_boot(dpu);
    return dpu;
}

static void check_frame(const struct sim_frame *frame, const char *function, uint32_t offset_insns,
                        unsigned line)
{
    ck_assert_str_eq(frame->function, function);
    ck_assert_uint_eq(frame->offset_insns, offset_insns);
    ck_assert(frame->certain);
    if (line) {
        ck_assert_ptr_nonnull(frame->file);
        ck_assert_msg(strstr(frame->file, "test.s") != NULL, "%s", frame->file);
        ck_assert_uint_eq(frame->line, line);
    } else {
        ck_assert_ptr_null(frame->file);
    }
}

START_TEST(call_stack_follows_the_frames)
{
    struct sim_dpu *dpu = dpu_nested(_i);
    struct sim_frame frames[8];
    ck_assert_int_eq(dpu_run(dpu).stop, SIM_FAULTED);
    ck_assert_uint_eq(sim_dpu_backtrace(dpu, 0, frames, 8), 3);
    check_frame(&frames[0], "inner", 1, _i ? 20 : 0);
    check_frame(&frames[1], "outer", 2, _i ? 13 : 0);
    check_frame(&frames[2], "__bootstrap", 1, _i ? 6 : 0);
    ck_assert_uint_eq(sim_dpu_backtrace(dpu, 0, frames, 2), 2);
    ck_assert_uint_eq(sim_dpu_backtrace(dpu, 0, frames, 0), 0);
    ck_assert_uint_eq(sim_dpu_backtrace(dpu, 24, frames, 8), 0);
    sim_dpu_destroy(dpu);
}
END_TEST

/* Before each instruction the stack is as deep as the calls are; damaged frames end it early. */
START_TEST(call_stack_is_right_before_every_instruction)
{
    static const unsigned depth[] = {1, 1, 1, 2, 2, 2, 2, 2, 3, 3};
    struct sim_dpu *dpu = dpu_nested(false);
    struct sim_frame frames[8];
    for (;;) {
        uint32_t pc = thread_of(dpu, 0).pc_insn;
        if (pc >= sizeof depth / sizeof depth[0] || sim_dpu_fault(dpu))
            break;
        ck_assert_msg(sim_dpu_backtrace(dpu, 0, frames, 8) == depth[pc], "index %u: %u frames", pc,
                      sim_dpu_backtrace(dpu, 0, frames, 8));
        ck_assert_int_eq(sim_dpu_step(dpu, 0, NULL), DPUSIM_OK);
    }
    ck_assert_ptr_nonnull(sim_dpu_fault(dpu));
    struct sim_thread_state state = thread_of(dpu, 0);
    for (unsigned i = 0; i < 3; i++) {
        static const uint32_t stacks[] = {0x1011, 4, 0x20000};
        state.registers[22] = stacks[i];
        ck_assert_int_eq(sim_dpu_set_thread(dpu, 0, &state), DPUSIM_OK);
        ck_assert_uint_le(sim_dpu_backtrace(dpu, 0, frames, 8), 2);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(explanation_tells_everything)
{
    struct sim_dpu *dpu = dpu_nested(true);
    static const char *const parts[] = {"memory fault in tasklet 0: ",
                                        "address 0x",
                                        "is not a multiple of 4",
                                        "executing lw r0, r0, 6",
                                        "inner+1",
                                        "test.s:20",
                                        "nearest symbol table+6",
                                        "called by ",
                                        "outer+2",
                                        "test.s:13",
                                        "__bootstrap+1"};
    char text[2048], cut[64];
    ck_assert_int_eq(sim_dpu_explain_fault(dpu, text, sizeof text), 0);
    ck_assert_str_eq(text, "");
    dpu_run(dpu);
    int length = sim_dpu_explain_fault(dpu, text, sizeof text);
    ck_assert_int_eq(length, (int)strlen(text));
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
        ck_assert_msg(strstr(text, parts[i]) != NULL, "no \"%s\" in: %s", parts[i], text);
    ck_assert_int_eq(text[length - 1], '\n');
    ck_assert_int_eq(sim_dpu_explain_fault(dpu, cut, sizeof cut), length);
    ck_assert_uint_eq(strlen(cut), sizeof cut - 1);
    ck_assert_int_eq(strncmp(text, cut, sizeof cut - 1), 0);
    ck_assert_int_eq(sim_dpu_explain_fault(dpu, NULL, 0), length);
    sim_dpu_destroy(dpu);
}
END_TEST

static const struct {
    const char *text, *part;
} explained[] = {
    {"fault 3", "fault 3 (Assert) in tasklet 0: "},
    {".quad 0", "illegal instruction in tasklet 0: word 0x000000000000 is no instruction"},
    {"move r1, -8\nsdma zero, r1, 0", "write of 8 bytes"},
    {"move r1, -8\nldma zero, r1, 0", "dma fault in tasklet 0: "},
};

START_TEST(first_line_has_the_kind_in_the_usual_words)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, explained[_i].text);
    char text[2048];
    dpu_run(dpu);
    sim_dpu_explain_fault(dpu, text, sizeof text);
    ck_assert_msg(strstr(text, explained[_i].part) != NULL, "%s", text);
    sim_dpu_destroy(dpu);
}
END_TEST

/* A DPU without a program has neither symbols nor lines. */
START_TEST(fault_without_a_program_is_explained_too)
{
    struct sim_config config = config_of(SIM_FUNCTIONAL, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct sim_thread_state running = {.pc_insn = 5, .running = true};
    char text[1024];
    code_put(dpu, 5, WORD(LW_ERRI, 0, 0, 24, 3));
    ck_assert_int_eq(sim_dpu_set_thread(dpu, 2, &running), DPUSIM_OK);
    ck_assert_int_eq(dpu_run(dpu).stop, SIM_FAULTED);
    sim_dpu_explain_fault(dpu, text, sizeof text);
    ck_assert_msg(strstr(text, "tasklet 2") && strstr(text, "index 5") &&
                      strstr(text, "0x3 in WRAM"),
                  "%s", text);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- injection
 * ----------------------------------------------------------------------------------- */

/* Four tasklets count to five and transfer 8 bytes each time. */
static const char counting[] = ".globl loop\njeq id, 3, l\nboot id, 1\nl: move r0, 5\n"
                               "loop: nop\nldma zero, r1, 0\n"
                               "add r0, r0, -1, nz, loop\nstop";

static const struct {
    const char *spec;
    enum sim_fault_kind kind;
    int tasklet; /* -1: any */
    uint32_t pc_insn, code;
    uint64_t instructions; /* of the tasklet, its faulting one included; 0: not looked at */
} injections[] = {
    {"bkp:pc=loop", SIM_FAULT_BREAKPOINT, 0, 3, 0, 4},
    {"bkp:code=7,pc=loop+1,tasklet=2", SIM_FAULT_BREAKPOINT, 2, 4, 7, 5},
    {"mem:pc=3,tasklet=1,nth=3", SIM_FAULT_MEMORY, 1, 3, 0, 10},
    {"dma:dma,tasklet=3,nth=2", SIM_FAULT_DMA, 3, 4, 0, 7},
    {"dma:dma", SIM_FAULT_DMA, 0, 4, 0, 5},
    {"mem:count=6,tasklet=2", SIM_FAULT_MEMORY, 2, 5, 0, 6},
    {"bkp:total=1", SIM_FAULT_BREAKPOINT, 0, 0, 0, 1},
    {"bkp:code=0xffffff,total=20", SIM_FAULT_BREAKPOINT, -1, 0, 0xffffff, 0},
    {"mem:tasklet=1,tasklet=2,pc=loop,nth=4", SIM_FAULT_MEMORY, -1, 3, 0, 0},
    {"bkp:nth=2,dma,tasklet=0", SIM_FAULT_BREAKPOINT, 0, 4, 0, 8},
};

static struct isa_program *counting_program(void)
{
    return program_of(counting, ISA_CHIP_V1A, false);
}

static struct sim_dpu *dpu_counting(enum sim_mode mode)
{
    struct sim_config config = config_of(mode, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_program *program = counting_program();
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    isa_program_destroy(program);
    return dpu;
}

static void inject(struct sim_dpu *dpu, const char *spec)
{
    struct sim_injection injection;
    struct isa_diag diag = {""};
    ck_assert_msg(sim_injection_parse(&injection, spec, sim_dpu_program(dpu), &diag) == DPUSIM_OK,
                  "%s", diag.text);
    ck_assert_int_eq(sim_dpu_inject(dpu, &injection, &diag), DPUSIM_OK);
}

static void check_injected(struct sim_dpu *dpu, int row)
{
    dpu_boot(dpu);
    ck_assert_int_eq(dpu_run(dpu).stop, SIM_FAULTED);
    const struct sim_fault *fault = sim_dpu_fault(dpu);
    char text[1024];
    ck_assert(fault->injected);
    ck_assert_int_eq(fault->kind, injections[row].kind);
    ck_assert_uint_eq(fault->code, injections[row].code);
    if (injections[row].tasklet >= 0)
        ck_assert_uint_eq(fault->tasklet, (unsigned)injections[row].tasklet);
    if (injections[row].pc_insn)
        ck_assert_uint_eq(fault->pc_insn, injections[row].pc_insn);
    if (injections[row].instructions)
        ck_assert_uint_eq(TASKLET_STAT(dpu, instructions, fault->tasklet),
                          injections[row].instructions);
    ck_assert_uint_eq(thread_of(dpu, fault->tasklet).pc_insn, fault->pc_insn + 1);
    sim_dpu_explain_fault(dpu, text, sizeof text);
    ck_assert_msg(strstr(text, "injected") != NULL, "%s", text);
}

/* Twice: a boot starts the counts anew. */
START_TEST(injection_happens_where_and_when_it_should)
{
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = dpu_counting((enum sim_mode)mode);
        inject(dpu, injections[_i].spec);
        check_injected(dpu, _i);
        sim_dpu_reset(dpu);
        check_injected(dpu, _i);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(injected_dma_fault_transfers_nothing)
{
    struct sim_dpu *dpu = dpu_counting(SIM_FUNCTIONAL);
    memset(sim_dpu_mram(dpu), 1, 8);
    memset(sim_dpu_wram(dpu), 0, 8);
    inject(dpu, "dma:dma");
    dpu_boot(dpu);
    dpu_run(dpu);
    ck_assert_uint_eq(wram_word(dpu, 0), 0);
    ck_assert_uint_eq(DPU_STAT(dpu, dma_transfers), 0);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(injection_that_never_matches_leaves_the_run_alone)
{
    struct snapshot plain, injected;
    for (unsigned turn = 0; turn < 2; turn++) {
        struct sim_dpu *dpu = dpu_counting(SIM_CYCLE);
        if (turn)
            inject(dpu, "mem:count=100000");
        dpu_boot(dpu);
        dpu_run_done(dpu);
        snapshot_take(turn ? &injected : &plain, dpu);
        sim_dpu_destroy(dpu);
    }
    assert_same(&plain, &injected, "injection");
}
END_TEST

START_TEST(fired_injection_lets_the_run_go_on)
{
    struct sim_dpu *dpu = dpu_counting(SIM_FUNCTIONAL);
    inject(dpu, "mem:pc=loop,tasklet=2");
    inject(dpu, "bkp:pc=loop,tasklet=2,code=9");
    dpu_boot(dpu);
    ck_assert_int_eq(dpu_run(dpu).stop, SIM_FAULTED);
    ck_assert_int_eq(sim_dpu_fault(dpu)->kind, SIM_FAULT_MEMORY); /* the first of two */
    sim_dpu_clear_fault(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 2, 0), 0);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(injections_can_be_cleared_and_are_not_without_number)
{
    struct sim_dpu *dpu = dpu_counting(SIM_FUNCTIONAL);
    struct sim_injection injection = {
        .model = SIM_INJECT_BKP, .trigger = SIM_TRIGGER_TOTAL, .at = 1};
    struct isa_diag diag = {""};
    for (unsigned i = 0; i < 64; i++)
        ck_assert_int_eq(sim_dpu_inject(dpu, &injection, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_inject(dpu, &injection, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, "64") != NULL, "%s", diag.text);
    sim_dpu_clear_injections(dpu);
    dpu_boot(dpu);
    dpu_run_done(dpu);
    sim_dpu_destroy(dpu);
}
END_TEST

static const struct {
    const char *spec;
    enum dpusim_status status;
    const char *part;
} bad_specs[] = {
    {"", DPUSIM_BAD_ARGUMENT, "unknown model \"\""},
    {"bkpp:pc=1", DPUSIM_BAD_ARGUMENT, "did you mean \"bkp\"?"},
    {"something:pc=1", DPUSIM_BAD_ARGUMENT, "there are bkp, dma, mem, flip1"},
    {"bkp", DPUSIM_BAD_ARGUMENT, "when? one of pc=, dma, count=, total=, cycle="},
    {"bkp:code=1", DPUSIM_BAD_ARGUMENT, "when?"},
    {"bkp:pc=1,dma", DPUSIM_BAD_ARGUMENT, "two triggers"},
    {"bkp:pc", DPUSIM_BAD_ARGUMENT, "pc needs a value"},
    {"bkp:count", DPUSIM_BAD_ARGUMENT, "count needs a value"},
    {"bkp:pc=4096", DPUSIM_BAD_ARGUMENT, "a number from 0 to 4095 is wanted"},
    {"bkp:pc=1x", DPUSIM_BAD_ARGUMENT, "a number from 0 to 4095 is wanted"},
    {"bkp:pc=loop+x", DPUSIM_BAD_ARGUMENT, "pc offset=x"},
    {"bkp:pc=lop", DPUSIM_UNKNOWN_SYMBOL,
     "no label \"lop\" in the program's code; nearest: \"loop\""},
    {"bkp:pc=NR_TASKLETS", DPUSIM_UNKNOWN_SYMBOL, "no label"},
    {"bkp:pc=1,tasklet=24", DPUSIM_BAD_ARGUMENT, "tasklet=24: numbers from 0 to 23 are wanted"},
    {"bkp:pc=1,tasklet", DPUSIM_BAD_ARGUMENT, "tasklet="},
    {"bkp:pc=1,tasklet=-1", DPUSIM_BAD_ARGUMENT, "tasklet=-1"},
    {"bkp:pc=1,nth=0", DPUSIM_BAD_ARGUMENT, "nth=0: a number from 1 to"},
    {"bkp:pc=1,nth=99999999999999999999", DPUSIM_BAD_ARGUMENT, "nth="},
    {"bkp:pc=1,code=0x1000000", DPUSIM_BAD_ARGUMENT, "a number from 0 to 16777215 is wanted"},
    {"mem:pc=1,code=3", DPUSIM_BAD_ARGUMENT, "mem takes no \"code\""},
    {"mem:pc=1,nthh=3", DPUSIM_BAD_ARGUMENT, "unknown key \"nthh\"; did you mean \"nth\"?"},
    {"mem:pc=1,unheard_of=3", DPUSIM_BAD_ARGUMENT, "unknown key \"unheard_of\""},
};

START_TEST(bad_specification_is_refused_with_a_sentence)
{
    struct isa_program *program = counting_program();
    struct sim_injection injection = {.nth = 99};
    struct isa_diag diag = {""};
    ck_assert_int_eq(sim_injection_parse(&injection, bad_specs[_i].spec, program, &diag),
                     bad_specs[_i].status);
    ck_assert_msg(strstr(diag.text, bad_specs[_i].part) != NULL, "%s", diag.text);
    ck_assert_uint_eq(injection.nth, 99);
    isa_program_destroy(program);
}
END_TEST

START_TEST(symbols_need_a_program)
{
    struct sim_injection injection;
    struct isa_diag diag = {""};
    ck_assert_int_eq(sim_injection_parse(&injection, "bkp:pc=main", NULL, &diag),
                     DPUSIM_UNKNOWN_SYMBOL);
    ck_assert_int_eq(sim_injection_parse(&injection, "bkp:pc=17", NULL, &diag), DPUSIM_OK);
    ck_assert_uint_eq(injection.at, 17);
    ck_assert_uint_eq(injection.nth, 1);
}
END_TEST

#define ROWS(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("sim.fault");
    TCase *normal = tcase_create("normal"), *injected = tcase_create("injection");
    TCase *words = tcase_create("words"), *bad = tcase_create("bad_input");
    tcase_add_loop_test(normal, fault_says_what_broke_which_rule_where, 0, ROWS(faults));
    tcase_add_test(normal, fault_of_one_tasklet_stops_all_at_an_instruction_boundary);
    tcase_add_test(words, fault_names_are_those_of_the_ecosystem);
    tcase_add_loop_test(words, call_stack_follows_the_frames, 0, 2);
    tcase_add_test(words, call_stack_is_right_before_every_instruction);
    tcase_add_test(words, explanation_tells_everything);
    tcase_add_loop_test(words, first_line_has_the_kind_in_the_usual_words, 0, ROWS(explained));
    tcase_add_test(words, fault_without_a_program_is_explained_too);
    tcase_add_loop_test(injected, injection_happens_where_and_when_it_should, 0, ROWS(injections));
    tcase_add_test(injected, injected_dma_fault_transfers_nothing);
    tcase_add_test(injected, injection_that_never_matches_leaves_the_run_alone);
    tcase_add_test(injected, fired_injection_lets_the_run_go_on);
    tcase_add_test(injected, injections_can_be_cleared_and_are_not_without_number);
    tcase_add_loop_test(bad, bad_specification_is_refused_with_a_sentence, 0, ROWS(bad_specs));
    tcase_add_test(bad, symbols_need_a_program);
    suite_add_tcase(suite, normal);
    suite_add_tcase(suite, words);
    suite_add_tcase(suite, injected);
    suite_add_tcase(suite, bad);
    return run_suite(suite);
}
