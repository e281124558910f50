/* SPDX-License-Identifier: MIT */
/* Fault injection: every model at each of its sites with its exact effect, triggers, text, and that
 * the same specification repeats a run bit by bit. */
#include <check.h>

#include "sim_help.h"

#define ROWS(array) (int)(sizeof(array) / sizeof(array)[0])

static void arm(struct sim_dpu *dpu, const char *spec)
{
    struct sim_injection injection;
    struct isa_diag diag = {""};
    ck_assert_msg(sim_injection_parse(&injection, spec, sim_dpu_program(dpu), &diag) == DPUSIM_OK,
                  "%s", diag.text);
    ck_assert_msg(sim_dpu_inject(dpu, &injection, &diag) == DPUSIM_OK, "%s", diag.text);
}

static struct sim_dpu *loaded(enum sim_mode mode, const char *text)
{
    struct sim_config config = config_of(mode, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_program *program = program_of(text, ISA_CHIP_V1A, false);
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    isa_program_destroy(program);
    return dpu;
}

static bool has_happened(const struct sim_dpu *dpu, unsigned index)
{
    struct sim_injected injected;
    ck_assert(sim_dpu_injected(dpu, index, &injected));
    return injected.happened;
}

/* ---- one effect each ------------------------------------------------------------------------- */

/* Reads and writes everything an injection can reach. What the programs leave: r0 to r3 of tasklet
 * 0, and the first words of WRAM and MRAM. */
#define DATA                                                                                       \
    "\n.data\n.globl x, y\n.type x, @object\nx: .word 0x11223344, 0x55667788\n.size x, 8\n"        \
    ".type y, @object\ny: .word 0, 0\n.size y, 8\n"                                                \
    ".section .atomic, \"a\", @nobits\n.globl lock\nlock: .byte 0\n.size lock, 1\n"                \
    ".section .mram, \"aw\", @progbits\n.globl m\n.type m, @object\n"                              \
    "m: .word 1, 2, 3, 4, 5, 6, 7, 8\n.size m, 32\n"

enum what { R0, R1, R2, R3, X, Y, M };
enum { BY_NAME_MRAM = ISA_MRAM_BASE };

struct effect {
    const char *text, *spec;
    struct {
        enum what what;
        uint32_t offset, value;
    } wanted[3];
    unsigned n_wanted;
};

#define ONE(a, o, v)          {{a, o, v}}, 1
#define TWO(a, o, v, b, p, w) {{a, o, v}, {b, p, w}}, 2

static const struct effect effects[] = {
    /* bits of WRAM; the bit counts from the place on */
    {"nop\nlw r0, zero, x\nstop" DATA, "flip1:at=x,bit=4,pc=1",
     TWO(R0, 0, 0x11223354, X, 0, 0x11223354)},
    {"nop\nlw r0, zero, x+4\nstop" DATA, "flip1:at=x,bit=32,pc=1", ONE(R0, 0, 0x55667789)},
    {"lw r0, zero, x\nstop" DATA, "flipn:at=x,bits=4,bit=4,total=1", ONE(R0, 0, 0x112233b4)},
    {"lw r0, zero, x\nstop" DATA, "scatter:at=x,mask=0x80000001,total=1", ONE(R0, 0, 0x91223345)},
    {"lw r0, zero, x\nstop" DATA, "byte:at=x+1,value=0xee,total=1", ONE(R0, 0, 0x1122ee44)},
    {"lw r0, zero, x\nstop" DATA, "word:at=x,value=7,total=1", ONE(R0, 0, 7)},
    {"lw r0, zero, x\nlw r1, zero, x+4\nstop" DATA, "fill:at=x,value=0xa5,total=1",
     TWO(R0, 0, 0xa5a5a5a5, R1, 0, 0xa5a5a5a5)},
    {"sw zero, x, 0\nlw r0, zero, x\nstop" DATA, "stuck1:at=x,bit=3", TWO(R0, 0, 8, X, 0, 8)},
    {"sw zero, x, -1\nlw r0, zero, x\nstop" DATA, "stuck0:at=x,bit=3",
     TWO(R0, 0, 0xfffffff7, X, 0, 0xfffffff7)},
    /* forced in instructions 0, 1, 4, 5 of every 4: the write at index 2 stays */
    {"sw zero, x, 0\nlw r0, zero, x\nsw zero, x, 0\nlw r1, zero, x\nlw r2, zero, x\nstop" DATA,
     "intermittent:at=x,bit=0,level=1,period=4,duty=50",
     {{R0, 0, 1}, {R1, 0, 0}, {R2, 0, 1}},
     3},
    {"move r1, x\nlw r0, r1, 0\nstop" DATA, "address:site=wram,line=2,level=1",
     ONE(R0, 0, 0x55667788)},
    {"sw zero, y, 5\nsw zero, y+4, 6\nstop" DATA, "drop:nth=2", TWO(Y, 0, 5, Y, 4, 0)},
    {"sw zero, y, 5\nsw zero, y+4, 6\nstop" DATA, "drop:write=y", TWO(Y, 0, 0, Y, 4, 6)},
    /* MRAM */
    {"move r1, y\nmove r2, 0\nldma r1, r2, 0\nlw r0, zero, y\nstop" DATA,
     "flip1:site=mram,at=m,bit=1,dma", TWO(R0, 0, 3, M, 0, 3)},
    {"move r1, y\nmove r2, 0\nldma r1, r2, 0\nlw r0, zero, y\nstop" DATA, "stuck1:at=m,bit=8",
     TWO(R0, 0, 0x101, M, 0, 0x101)},
    {"move r1, x\nmove r2, 0\nsdma r1, r2, 0\nstop" DATA, "stuck0:at=m,bit=2",
     TWO(M, 0, 0x11223340, M, 4, 0x55667788)},
    {"nop\nstop" DATA, "fill:at=m,len=4,value=9,total=1", TWO(M, 0, 0x09090909, M, 4, 2)},
    {"nop\nstop" DATA, "word:at=m+4,value=9,total=1", TWO(M, 0, 1, M, 4, 9)},
    {"nop\nstop" DATA, "byte:at=m+4,value=9,total=1", ONE(M, 4, 9)},
    {"nop\nstop" DATA, "flipn:at=m,bit=0,bits=3,total=1", ONE(M, 0, 6)},
    {"nop\nstop" DATA, "scatter:at=m,mask=0x101,total=1", ONE(M, 0, 0x100)},
    {"nop\nnop\nstop" DATA, "intermittent:at=m,bit=4,duty=100", ONE(M, 0, 0x11)},
    {"move r1, y\nmove r2, 0\nldma r1, r2, 0\nstop" DATA, "address:site=mram,line=4,level=1",
     TWO(Y, 0, 5, Y, 4, 6)},
    /* transfers */
    {"move r1, x\nmove r2, 8\nsdma r1, r2, 0\nstop" DATA, "drop:site=dma", TWO(M, 8, 3, M, 12, 4)},
    {"move r1, x\nmove r2, 0\nldma r1, r2, 1\nstop" DATA, "repeat:beat=0", TWO(X, 0, 1, Y, 0, 1)},
    {"move r1, x\nmove r2, 0\nldma r1, r2, 1\nstop" DATA, "short:beat=1", TWO(X, 4, 2, Y, 0, 0)},
    {"move r1, x\nmove r2, 0\nldma r1, r2, 1\nstop" DATA, "short:beat=0",
     TWO(X, 0, 0x11223344, Y, 0, 0)},
    {"move r1, x\nmove r2, 0\nldma r1, r2, 1\nstop" DATA, "garble:bit=65", TWO(X, 0, 1, Y, 0, 1)},
    {"move r1, x\nmove r2, 0\nsdma r1, r2, 0\nstop" DATA, "garble:bit=4",
     TWO(M, 0, 0x11223354, M, 4, 0x55667788)},
    /* instructions */
    {"move r0, 1\nmove r1, 2\nstop" DATA, "flip1:site=iram,at=1,bit=21,total=1",
     TWO(R0, 0, 1, R1, 0, 0)},
    {"move r0, 1\nmove r1, 2\nstop" DATA, "skip:pc=1", TWO(R0, 0, 1, R1, 0, 0)},
    {"move r0, 1\njeq r0, 1, l\nmove r1, 5\nl: stop" DATA, "branch:", TWO(R0, 0, 1, R1, 0, 5)},
    {"move r0, 1\njeq r0, 2, l\nmove r1, 5\nl: stop" DATA, "branch:each", ONE(R1, 0, 0)},
    {"move r0, 1\nmove r1, r0\nstop" DATA, "read:at=r0,bit=3", TWO(R0, 0, 1, R1, 0, 9)},
    {"move r0, 1\nadd r0, r0, 1\nstop" DATA, "read:at=r0,bit=3", ONE(R0, 0, 10)},
    {"move r0, 1\nmove r1, r0\nstop" DATA, "result:bit=4,pc=1", TWO(R0, 0, 1, R1, 0, 17)},
    /* registers and flags */
    {"move r0, 1\nmove r1, r0\nstop" DATA, "flip1:at=r0,bit=7,pc=1", TWO(R0, 0, 129, R1, 0, 129)},
    {"move r0, 1\nmove r1, r0\nstop" DATA, "flipn:at=r0,bit=0,bits=32,pc=1",
     ONE(R1, 0, 0xfffffffe)},
    {"move r0, 1\nmove r1, r0\nstop" DATA, "scatter:at=r0,mask=3,pc=1", ONE(R1, 0, 2)},
    {"move r0, 1\nmove r1, r0\nstop" DATA, "stuck0:at=r0,bit=0", TWO(R0, 0, 0, R1, 0, 0)},
    {"move r0, 1\nmove r1, r0\nstop" DATA, "stuck1:at=r1,bit=31", ONE(R1, 0, 0x80000001)},
    {"move r0, 1\nmove r1, r0\nstop" DATA, "byte:at=r0,value=0x44,pc=1", ONE(R1, 0, 0x44)},
    {"move r0, 0x1200\nmove r1, r0\nstop" DATA, "byte:at=r0,value=0x44,pc=1", ONE(R1, 0, 0x1244)},
    {"move r0, 1\nmove r1, r0\nstop" DATA, "word:site=register,at=0,value=0x44,pc=1",
     ONE(R1, 0, 0x44)},
    {"move r0, 1\nmove r1, 5\nstop" DATA, "fill:at=r2,len=2,value=1,pc=1",
     TWO(R2, 0, 0x01010101, R3, 0, 0x01010101)},
    {"move r0, -1\nadd r0, r0, 1\naddc r1, zero, 0\nstop" DATA, "flip1:at=carry,pc=2",
     ONE(R1, 0, 0)},
    {"move r0, -1\nadd r0, r0, 1\naddc r1, zero, 0\nstop" DATA, "stuck0:at=carry", ONE(R1, 0, 0)},
    {"add r0, zero, 0\naddc r1, zero, 0\nstop" DATA, "stuck1:site=flag,at=1", ONE(R1, 0, 1)},
    /* pc: the instruction at the other place executes */
    {"nop\nmove r0, 1\nstop\nmove r0, 2\nstop" DATA, "flip1:site=pc,bit=1,pc=1", ONE(R0, 0, 2)},
    {"nop\nmove r0, 1\nstop\nnop\nmove r0, 2\nstop" DATA, "word:site=pc,value=4,pc=1",
     ONE(R0, 0, 2)},
    /* shared bits */
    {"acquire zero, lock, nz, l\nmove r0, 1\nl: stop" DATA, "flip1:at=lock,pc=0", ONE(R0, 0, 0)},
    {"acquire zero, lock, nz, l\nmove r0, 1\nl: stop" DATA, "stuck1:site=atomic,at=lock",
     ONE(R0, 0, 0)},
    {"acquire zero, lock, true, a\na: acquire zero, lock, nz, l\nmove r0, 1\nl: stop" DATA,
     "stuck0:at=lock", ONE(R0, 0, 1)},
    {"acquire zero, lock, true, a\na: acquire zero, lock, nz, l\nmove r0, 1\nl: stop" DATA,
     "acquire:nth=2", ONE(R0, 0, 1)},
    {"acquire zero, lock, true, a\na: release zero, lock, nz, b\nb: acquire zero, lock, nz, "
     "l\nmove r0, 1\nl: stop" DATA,
     "release:at=lock", ONE(R0, 0, 0)},
    {"acquire zero, lock, nz, l\nmove r0, 1\nl: stop" DATA, "fill:at=lock,value=1,pc=0",
     ONE(R0, 0, 0)},
    {"jneq id, 0, t\nboot zero, 1\n.rept 40\nnop\n.endr\nlw r0, zero, y\nstop\nt: sw zero, y, "
     "7\nstop" DATA,
     "wake:", TWO(R0, 0, 0, Y, 0, 0)},
    {"jneq id, 0, t\nboot zero, 1\n.rept 40\nnop\n.endr\nlw r0, zero, y\nstop\nt: sw zero, y, "
     "7\nstop" DATA,
     "wake:at=2", TWO(R0, 0, 7, Y, 0, 7)},
    {"jneq id, 0, t\nnop\n.rept 40\nnop\n.endr\nlw r0, zero, y\nstop\nt: sw zero, y, 7\nstop" DATA,
     "flip1:site=run,at=1,pc=1", ONE(R0, 0, 7)},
    {"jneq id, 0, t\nboot zero, 1\n.rept 40\nnop\n.endr\nlw r0, zero, y\nstop\nt: sw zero, y, "
     "7\nstop" DATA,
     "stuck0:site=run,at=1", ONE(R0, 0, 0)},
    {"move r0, 1\nmove r0, 2\nmove r0, 3\nstop" DATA, "flip1:site=run,at=0,pc=1", ONE(R0, 0, 2)},
};

static uint32_t found(const struct sim_dpu *dpu, enum what what, uint32_t offset)
{
    static const char *const names[] = {[X] = "x", [Y] = "y"};
    uint32_t word;
    if (what <= R3)
        return reg_of(dpu, 0, what);
    if (what == M)
        ck_assert_int_eq(sim_dpu_read(dpu, ISA_MRAM, offset, &word, sizeof word, NULL), DPUSIM_OK);
    else
        word = wram_word(dpu, isa_program_find_symbol(sim_dpu_program(dpu), names[what])->value +
                                  offset);
    return word;
}

static void check_effect(const struct sim_dpu *dpu, const struct effect *row, int mode)
{
    for (unsigned i = 0; i < row->n_wanted; i++) {
        uint32_t value = found(dpu, row->wanted[i].what, row->wanted[i].offset);
        ck_assert_msg(value == row->wanted[i].value, "%s in mode %d: value %u is 0x%x, wanted 0x%x",
                      row->spec, mode, i, value, row->wanted[i].value);
    }
}

/* Twice, as a boot arms anew; the specification in canonical form has the same effect. */
START_TEST(model_has_its_effect_at_its_site)
{
    const struct effect *row = &effects[_i];
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = loaded((enum sim_mode)mode, row->text);
        char text[256];
        struct sim_injected injected;
        arm(dpu, row->spec);
        for (unsigned turn = 0; turn < 3; turn++) {
            sim_dpu_reset(dpu);
            dpu_boot(dpu);
            dpu_run_done(dpu);
            if (strcmp(row->spec, "wake:at=2") != 0)
                ck_assert_msg(has_happened(dpu, 0), "%s did not happen", row->spec);
            check_effect(dpu, row, mode);
            ck_assert(sim_dpu_injected(dpu, 0, &injected));
            sim_injection_text(&injected.what, text, sizeof text);
            sim_dpu_clear_injections(dpu);
            arm(dpu, text);
        }
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* ---- bits at every site ---------------------------------------------------------------------- */

/* State of a place that a specification names, read from outside; 64 instructions of code. */
static const struct place {
    const char *site, *at;
    unsigned bits;
    bool moves; /* an instruction adds one to it */
} places[] = {
    {"wram", "0x1800", 32, false}, {"mram", "0x100", 32, false}, {"iram", "40", 48, false},
    {"register", "r9", 32, false}, {"pc", NULL, 12, true},       {"flag", "zero", 1, false},
    {"flag", "carry", 1, false},   {"atomic", "77", 1, false},   {"run", "5", 1, false},
    {"counter", NULL, 32, false},
};

static uint64_t place_bits(const struct sim_dpu *dpu, const struct place *place)
{
    struct sim_thread_state state = thread_of(dpu, 0);
    uint64_t word = 0;
    bool is_iram = strcmp(place->site, "iram") == 0, is_mram = strcmp(place->site, "mram") == 0;
    if (strcmp(place->site, "register") == 0)
        return state.registers[9];
    if (strcmp(place->site, "pc") == 0)
        return state.pc_insn;
    if (strcmp(place->site, "flag") == 0)
        return strcmp(place->at, "zero") == 0 ? state.zero_flag : state.carry_flag;
    if (strcmp(place->site, "atomic") == 0)
        return sim_dpu_atomic_get(dpu, 77);
    if (strcmp(place->site, "run") == 0)
        return sim_dpu_run_bits(dpu) >> 5 & 1;
    if (strcmp(place->site, "counter") == 0)
        return sim_dpu_time_counter(dpu) >> sim_timing_get(SIM_TIMING_counter_shift)->initial;
    enum isa_memory memory = is_iram ? ISA_IRAM : is_mram ? ISA_MRAM : ISA_WRAM;
    uint32_t offset = is_iram ? 40 * ISA_INSN_BYTES : is_mram ? 0x100 : 0x1800;
    ck_assert_int_eq(sim_dpu_read(dpu, memory, offset, &word, is_iram ? 8 : 4, NULL), DPUSIM_OK);
    return word;
}

struct change {
    const char *model, *arguments;
    uint64_t clear, toggle; /* of the bits, in this order */
    unsigned bits;          /* that the place must have at least */
    bool lasts;
};

static const struct change changes[] = {
    {"flip1", "bit=0", 0, 1, 1, false},
    {"flip1", "bit=3", 0, 8, 12, false},
    {"flipn", "bit=1,bits=3", 0, 14, 12, false},
    {"scatter", "mask=1", 0, 1, 1, false},
    {"scatter", "mask=0x15", 0, 0x15, 12, false},
    {"stuck0", "bit=0", 1, 0, 1, true},
    {"stuck0", "bit=4", 16, 0, 12, true},
    {"stuck1", "bit=0", 1, 1, 1, true},
    {"stuck1", "bit=4", 16, 16, 12, true},
    {"intermittent", "bit=0,level=1,duty=100", 1, 1, 1, true},
    {"intermittent", "bit=0,level=0,duty=100", 1, 0, 1, true},
    {"byte", "value=0x2a", 0xff, 0x2a, 32, false},
    {"word", "value=0x2a", UINT64_MAX, 0x2a, 12, false},
    {"fill", "value=1,len=1", 0xff, 1, 1, false},
};

static uint64_t changed(uint64_t bits, const struct change *change)
{
    return (bits & ~change->clear) ^ change->toggle;
}

/* Of a fill, only the unit is looked at: its first byte, or all of it. */
static uint64_t mask_of(const struct change *change, const struct place *place)
{
    return strcmp(change->model, "fill") == 0 && place->bits > 8 ? 0xff
                                                                 : (UINT64_C(1) << place->bits) - 1;
}

static bool takes(const struct change *change, const struct place *place)
{
    unsigned model = 0, site = 0;
    while (strcmp(sim_inject_model_get(model)->name, change->model) != 0)
        model++;
    while (strcmp(sim_inject_site_get(site)->name, place->site) != 0)
        site++;
    return sim_inject_model_get(model)->sites >> site & 1 && place->bits >= change->bits;
}

static void check_change(const struct change *change, const struct place *place)
{
    struct sim_dpu *dpu = loaded(SIM_FUNCTIONAL, ".rept 62\nadd r10, r10, 1\n.endr\nstop");
    char spec[160];
    uint32_t filler = 0x5a5a5a5a;
    snprintf(spec, sizeof spec, "%s:site=%s,%s%s%s%s,total=1", change->model, place->site,
             place->at ? "at=" : "", place->at ? place->at : "", place->at ? "," : "",
             change->arguments);
    ck_assert_int_eq(sim_dpu_write(dpu, ISA_WRAM, 0x1800, &filler, 4, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_write(dpu, ISA_MRAM, 0x100, &filler, 4, NULL), DPUSIM_OK);
    arm(dpu, spec);
    dpu_boot(dpu);
    uint64_t before = place_bits(dpu, place), wanted = changed(before, change);
    if (strcmp(place->site, "flag") == 0) /* the instruction writes them: only what lasts is seen */
        wanted = change->lasts ? changed(false, change) : false;
    else if (place->moves)
        wanted = change->lasts ? changed(wanted + 1, change) : wanted + 1;
    ck_assert_int_eq(sim_dpu_step(dpu, 0, NULL), DPUSIM_OK);
    uint64_t after = place_bits(dpu, place), mask = mask_of(change, place);
    ck_assert_msg(((after ^ wanted) & mask) == 0,
                  "%s: 0x%" PRIx64 " became 0x%" PRIx64 ", wanted 0x%" PRIx64, spec, before, after,
                  wanted);
    sim_dpu_destroy(dpu);
}

START_TEST(bits_change_at_every_site)
{
    for (int k = 0; k < ROWS(places); k++)
        if (takes(&changes[_i], &places[k]))
            check_change(&changes[_i], &places[k]);
}
END_TEST

START_TEST(every_model_has_a_test_of_its_effect)
{
    static const char *const elsewhere[] = {"bkp",   "dma",    "mem",  "late",
                                            "stall", "opcode", "timer"};
    for (unsigned i = 0; sim_inject_model_get(i); i++) {
        const struct sim_inject_info *model = sim_inject_model_get(i);
        bool seen = false;
        for (unsigned k = 0; k < sizeof elsewhere / sizeof *elsewhere; k++)
            seen |= strcmp(model->name, elsewhere[k]) == 0;
        for (int k = 0; k < ROWS(effects); k++)
            seen |= strncmp(effects[k].spec, model->name, strlen(model->name)) == 0;
        ck_assert_msg(seen, "no test of %s", model->name);
    }
}
END_TEST

/* ---- any model, any site --------------------------------------------------------------------- */

/* Four tasklets that count, transfer, lock and wait for each other. */
static const char busy[] =
    "jeq id, 3, l\nboot id, 1\nl: move r0, 6\nmove r5, y\nmove r6, 0\n"
    "loop: acquire zero, lock, nz, loop\nlw r1, zero, x\nadd r1, r1, 1\nsw zero, x, r1\n"
    "release zero, lock, nz, go\ngo: ldma r5, r6, 0\ntime r3\nadd r0, r0, -1, nz, "
    "loop\nstop" DATA;

static void run_with(struct snapshot *out, const char *spec, enum sim_mode mode, uint64_t piece)
{
    struct sim_dpu *dpu = loaded(mode, busy);
    struct sim_limits limits = {.max_instructions = piece};
    struct sim_outcome outcome;
    uint64_t left = 5000;
    arm(dpu, spec);
    dpu_boot(dpu);
    do {
        limits.max_instructions = piece < left ? piece : left;
        sim_dpu_run(dpu, &limits, &outcome);
        left -= outcome.instructions;
    } while (outcome.stop == SIM_LIMIT_INSTRUCTIONS && left);
    snapshot_take(out, dpu);
    sim_dpu_destroy(dpu);
}

/* Whatever is injected with whatever seed: the run is the same again, and however it is cut. */
START_TEST(injected_runs_repeat_bit_by_bit)
{
    const struct sim_inject_info *model = sim_inject_model_get((unsigned)_i);
    for (unsigned site = 0; site < SIM_SITE_COUNT; site++)
        for (unsigned seed = 1; seed <= 3 && model->sites >> site & 1; seed++) {
            struct snapshot whole, cut;
            char spec[200];
            enum sim_mode mode = seed % 2 ? SIM_CYCLE : SIM_FUNCTIONAL;
            snprintf(spec, sizeof spec, "%s:site=%s,%srandom=90,seed=%u%s", model->name,
                     sim_inject_site_get(site)->name,
                     model->arguments >> SIM_ARGUMENT_BITS & 1 &&
                             sim_inject_site_get(site)->unit_bits == 1
                         ? "bits=2,"
                         : "",
                     seed, seed == 3 ? ",tasklet=1-2" : "");
            struct sim_injection injection;
            struct isa_diag diag = {""};
            if (sim_injection_parse(&injection, spec, NULL, &diag)) {
                ck_assert_msg(strstr(diag.text, "bits=2") != NULL, "%s", diag.text);
                continue; /* one bit has no neighbour */
            }
            run_with(&whole, spec, mode, 5000);
            run_with(&cut, spec, mode, 7);
            assert_same(&whole, &cut, spec);
        }
}
END_TEST

/* ---- the rest of the models ------------------------------------------------------------------ */

static uint64_t cycles_with(const char *spec, const char *text)
{
    struct sim_dpu *dpu = loaded(SIM_CYCLE, text);
    if (spec)
        arm(dpu, spec);
    dpu_boot(dpu);
    dpu_run_done(dpu);
    uint64_t cycles = DPU_STAT(dpu, cycles);
    sim_dpu_destroy(dpu);
    return cycles;
}

START_TEST(delays_are_as_long_as_they_say)
{
    static const char transfer[] = "move r1, x\nmove r2, 0\nldma r1, r2, 0\nnop\nstop" DATA;
    static const char straight[] = "nop\nnop\nnop\nstop" DATA;
    /* the engine would have started so many cycles later in any case */
    uint64_t lead = (uint64_t)sim_timing_get(SIM_TIMING_dma_lead)->initial;
    ck_assert_uint_eq(cycles_with("late:delay=500", transfer),
                      cycles_with(NULL, transfer) + 500 - lead);
    ck_assert_uint_eq(cycles_with("stall:delay=123,pc=1", straight),
                      cycles_with(NULL, straight) + 123);
}
END_TEST

START_TEST(other_word_executes_once)
{
    struct sim_dpu *dpu =
        loaded(SIM_FUNCTIONAL, "move r0, 3\nl: add r1, r1, 1\nadd r0, r0, -1, nz, l\nstop");
    char spec[80];
    uint64_t word = WORD(ADD_RRI, 1, 1, 100);
    snprintf(spec, sizeof spec, "opcode:value=0x%llx,pc=1,nth=2", (unsigned long long)word);
    arm(dpu, spec);
    dpu_boot(dpu);
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 1), 102);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(counter_jumps_ahead)
{
    for (unsigned turn = 0; turn < 3; turn++) {
        static const char *const specs[] = {"timer:value=1000,pc=1",
                                            "flip1:site=counter,bit=10,pc=1",
                                            "stuck1:site=counter,bit=12"};
        static const uint32_t ahead[] = {1000, 1024, 4096};
        struct sim_dpu *plain = dpu_of(SIM_FUNCTIONAL, "nop\ntime r0\nstop");
        struct sim_dpu *dpu = loaded(SIM_FUNCTIONAL, "nop\ntime r0\nstop");
        dpu_run_done(plain);
        arm(dpu, specs[turn]);
        dpu_boot(dpu);
        dpu_run_done(dpu);
        ck_assert_uint_eq(reg_of(dpu, 0, 0), reg_of(plain, 0, 0) + ahead[turn]);
        sim_dpu_destroy(plain);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* ---- triggers and scopes --------------------------------------------------------------------- */

static const struct {
    const char *spec;
    bool happens;
    uint64_t instructions; /* before it */
    unsigned tasklet;
} moments[] = {
    {"skip:pc=loop,tasklet=2", true, 0, 2},
    {"skip:count=4,tasklet=3", true, 0, 3},
    {"skip:total=30", true, 29, 4},
    {"skip:cycle=30", true, 30, 4},
    {"skip:read=x,tasklet=1", true, 0, 1},
    {"skip:write=x,nth=3", true, 0, 4},
    {"skip:read=m", true, 0, 4},
    {"skip:write=m", false, 0, 0},
    {"skip:write=y", true, 0, 4},
    {"skip:symbol=0-3,nth=5", true, 0, 4},
    {"skip:launch=1", true, 0, 0},
    {"skip:launch=2", false, 0, 0},
    {"skip:total=10,launch=2", false, 0, 0},
    {"skip:total=10,launch=1", true, 9, 4},
    {"skip:random=40,seed=5", true, 0, 4},
    {"skip:dma,nth=24", true, 0, 4},
    {"skip:dma,nth=25", false, 0, 0},
    {"skip:each,nth=2", true, 1, 0},
    {"skip:read=0x10000-0x20000", false, 0, 0},
    {"skip:total=1,tasklet=2-3", true, 0, 2},
};

START_TEST(trigger_fires_at_its_moment)
{
    struct sim_dpu *dpu = loaded(SIM_FUNCTIONAL, busy);
    struct sim_injected told;
    arm(dpu, moments[_i].spec);
    dpu_boot(dpu);
    dpu_run(dpu);
    ck_assert(sim_dpu_injected(dpu, 0, &told));
    ck_assert_msg(told.happened == moments[_i].happens, "%s", moments[_i].spec);
    if (moments[_i].instructions)
        ck_assert_uint_eq(told.instructions, moments[_i].instructions);
    if (told.happened && moments[_i].tasklet < 4)
        ck_assert_uint_eq(told.tasklet, moments[_i].tasklet);
    ck_assert(!sim_dpu_injected(dpu, 1, &told));
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(launches_are_counted)
{
    struct sim_dpu *dpu =
        loaded(SIM_FUNCTIONAL, "lw r0, zero, x\nadd r0, r0, 1\nsw zero, x, r0\nstop" DATA);
    arm(dpu, "skip:pc=1,launch=2");
    for (unsigned launch = 1; launch <= 3; launch++) {
        dpu_boot(dpu);
        dpu_run_done(dpu);
        ck_assert_uint_eq(has_happened(dpu, 0), launch == 2);
    }
    ck_assert_uint_eq(symbol_word(dpu, "x"), 0x11223346);
    sim_dpu_destroy(dpu);
}
END_TEST

/* Armed or not, what happens before is executed by the fast engine, with the same counts. */
START_TEST(late_moment_does_not_change_what_comes_before)
{
    static const char text[] = "move r0, 30000\nl: add r1, r1, 3\nadd r0, r0, -1, nz, l\nstop";
    for (int mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = loaded((enum sim_mode)mode, text);
        struct sim_injected told;
        arm(dpu, "flip1:at=r1,bit=20,total=50001");
        dpu_boot(dpu);
        dpu_run_done(dpu);
        ck_assert(sim_dpu_injected(dpu, 0, &told));
        ck_assert_uint_eq(told.instructions, 50000);
        ck_assert_uint_eq(told.pc_insn, 2);
        ck_assert_uint_eq(reg_of(dpu, 0, 1), 90000 + (1 << 20));
        ck_assert_uint_eq(DPU_STAT(dpu, instructions), 60002);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* The code of one DPU is shared by others, which an injection into it does not concern. */
START_TEST(injection_into_shared_code_stays_on_its_dpu)
{
    struct sim_dpu *dpu = loaded(SIM_FUNCTIONAL, "move r0, 1\nmove r1, 2\nstop" DATA), *other;
    ck_assert_int_eq(sim_dpu_create_like(&other, dpu, NULL), DPUSIM_OK);
    ck_assert_int_eq(
        sim_dpu_load(other, (struct isa_program *)(uintptr_t)sim_dpu_program(dpu), NULL),
        DPUSIM_OK);
    arm(dpu, "flip1:site=iram,at=1,bit=21,total=1");
    dpu_boot(dpu);
    dpu_boot(other);
    dpu_run_done(dpu);
    dpu_run_done(other);
    ck_assert_uint_eq(reg_of(dpu, 0, 1), 0);
    ck_assert_uint_eq(reg_of(other, 0, 1), 2);
    sim_dpu_destroy(other);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- text ------------------------------------------------------------------------------------ */

static const struct {
    const char *spec, *canonical;
} texts[] = {
    {"bkp:code=3,tasklet=2,pc=loop+1,nth=2", "bkp:code=3,pc=6,nth=2,tasklet=2"},
    {"mem:tasklet=1,tasklet=3-5,total=0x10", "mem:total=16,tasklet=1+3-5"},
    {"flip1:at=x+4/bit=9/total=7", "flip1:site=wram,at=0x1005,bit=1,total=7"},
    {"flip1:at=r12,bit=9,dma", "flip1:site=register,at=r12,bit=9,dma"},
    {"stuck1:at=carry", "stuck1:site=flag,at=carry,bit=0,seed=1"},
    {"stuck0:at=lock,bit=0", "stuck0:site=atomic,at=200,bit=0"},
    {"address:line=3,site=mram", "address:site=mram,level=1,line=3"},
    {"drop:write=x", "drop:site=wram,write=0x1000-0x1007"},
    {"drop:site=dma,write=m", "drop:site=dma,write=0x8000000-0x800001f"},
    {"wake:launch=3", "wake:launch=3"},
    {"read:at=r3,bit=2,launch=3,each", "read:at=r3,bit=2,each,launch=3"},
    {"branch", "branch:each"},
    {"skip:symbol=0-7", "skip:symbol=0-7"},
    {"timer:value=16,cycle=1000,seed=9", "timer:value=0x10,cycle=1000,seed=9"},
    {"intermittent:at=y,bit=1",
     "intermittent:site=wram,at=0x1008,bit=1,level=1,period=1000,duty=50"},
};

static uint32_t x_address(const struct isa_program *program)
{
    return isa_program_find_symbol(program, "x")->value;
}

/* Twice: the canonical form is its own. Addresses in the table are those with x at 0x1000. */
START_TEST(specification_is_told_in_canonical_form)
{
    struct isa_program *program = program_of(busy, ISA_CHIP_V1A, false);
    struct sim_injection injection;
    struct isa_diag diag = {""};
    char first[256], second[256], cut[8];
    ck_assert_msg(sim_injection_parse(&injection, texts[_i].spec, program, &diag) == DPUSIM_OK,
                  "%s", diag.text);
    int length = sim_injection_text(&injection, first, sizeof first);
    ck_assert_int_eq(length, (int)strlen(first));
    if (x_address(program) == 0x1000 || !strstr(texts[_i].canonical, "0x10"))
        ck_assert_str_eq(first, texts[_i].canonical);
    ck_assert_int_eq(sim_injection_parse(&injection, first, NULL, &diag), DPUSIM_OK);
    sim_injection_text(&injection, second, sizeof second);
    ck_assert_str_eq(first, second);
    ck_assert_int_eq(sim_injection_text(&injection, cut, sizeof cut), length);
    ck_assert_int_eq(strncmp(cut, first, sizeof cut - 1), 0);
    isa_program_destroy(program);
}
END_TEST

/* What is left open differs from seed to seed and lies in the place. */
START_TEST(draws_come_from_the_seed)
{
    struct isa_program *program = program_of(busy, ISA_CHIP_V1A, false);
    uint64_t seen = 0;
    for (unsigned seed = 1; seed <= 400; seed++) {
        struct sim_injection injection;
        char spec[80];
        snprintf(spec, sizeof spec, "flip1:at=x,random=50,seed=%u", seed);
        ck_assert_int_eq(sim_injection_parse(&injection, spec, program, NULL), DPUSIM_OK);
        uint64_t bit = 8 * (injection.argument[SIM_ARGUMENT_AT] - x_address(program)) +
                       injection.argument[SIM_ARGUMENT_BIT];
        ck_assert_uint_lt(bit, 64);
        ck_assert_uint_ge(injection.at, 1);
        ck_assert_uint_le(injection.at, 50);
        ck_assert_uint_eq(injection.seed, seed);
        seen |= UINT64_C(1) << bit;
    }
    ck_assert_uint_ge((unsigned)__builtin_popcountll(seen), 60);
    isa_program_destroy(program);
}
END_TEST

static const struct {
    const char *spec, *part;
} bad[] = {
    {"flip:total=1", "did you mean \"flip1\"?"},
    {"flip1:site=wrma,total=1", "unknown site \"wrma\"; did you mean \"wram\"?"},
    {"wake:site=wram", "unknown site \"wram\""},
    {"flip1:at=z,total=1", "no symbol \"z\" in the program"},
    {"flip1:at=m,site=wram,total=1", "at=m is not in wram"},
    {"flip1:site=iram,at=x,total=1", "no label \"x\""},
    {"flip1:at=x,bit=64,total=1", "bit=64: the place ends at 63"},
    {"flip1:at=r24,bit=1,total=1", "at=24: a number from 0 to 23"},
    {"flip1:site=register,at=24,total=1", "a number from 0 to 23"},
    {"flipn:at=carry,total=1", "bits=2: the place ends at 1"},
    {"flip1:at=x,len=0,total=1", "len=0"},
    {"fill:at=m,len=0x4000001,total=1", "len=67108865: the place ends at"},
    {"byte:at=x,value=256,total=1", "a number from 0 to 255"},
    {"skip:code=1,total=1", "skip takes no \"code\""},
    {"skip:tasklet=3-1,total=1", "or ranges of them, as 0-3+7"},
    {"skip:read=lock", "read=lock is neither in WRAM nor in MRAM"},
    {"skip:write=", "write needs a value"},
    {"skip:symbol=lop", "no label \"lop\""},
    {"skip:random=0", "a number from 1 to"},
    {"flip1:at=x", "when?"},
    {"skip:ppc=1", "unknown key \"ppc\"; did you mean \"pc\"?"},
    {"intermittent:at=x,duty=101", "duty=101: a number from 1 to 100"},
};

/* Without a seed: every place, bit and moment that is open, each once. */
static const struct {
    const char *spec;
    uint64_t count;
} spaces[] = {
    {"flip1:site=register,total=5", 24 * 32},
    {"flip1:at=r4,bit=3,total=5", 1},
    {"flip1:at=r4,random=10", 32 * 10},
    {"flipn:at=r4,bits=3,total=5", 30},
    {"flipn:site=wram,at=8,len=2,bits=3,total=5", 16},
    {"flip1:site=iram,at=0,len=4,total=5", 4 * 48},
    {"fill:site=register,value=1,total=5", 24},
    {"skip:total=5", 1},
    {"skip:symbol=4-9", 6},
    {"skip:symbol=4-9,nth=2", 6},
    {"address:site=wram", 16},
    {"word:at=r3,total=5", UINT64_C(1) << 32},
    {"word:site=iram,random=70000", UINT64_MAX},
};

START_TEST(open_points_are_counted_and_each_is_there_once)
{
    struct sim_injection injection;
    uint64_t count = 0;
    struct isa_diag diag = {""};
    ck_assert_msg(sim_injection_enumerate(&injection, spaces[_i].spec, 0, &count, NULL, &diag) ==
                      DPUSIM_OK,
                  "%s", diag.text);
    ck_assert_msg(count == spaces[_i].count, "%s: %" PRIu64, spaces[_i].spec, count);
    if (count > 1000)
        return;
    char(*seen)[200] = calloc(count, sizeof *seen);
    for (uint64_t i = 0; i < count; i++) {
        ck_assert_int_eq(sim_injection_enumerate(&injection, spaces[_i].spec, i, NULL, NULL, &diag),
                         DPUSIM_OK);
        sim_injection_text(&injection, seen[i], sizeof seen[i]);
        for (uint64_t k = 0; k < i; k++)
            ck_assert_msg(strcmp(seen[i], seen[k]) != 0, "%s twice", seen[i]);
    }
    free(seen);
    ck_assert(!injection.seeded);
}
END_TEST

START_TEST(wrong_specification_is_refused_with_a_sentence)
{
    struct isa_program *program = program_of(busy, ISA_CHIP_V1A, false);
    struct sim_injection injection = {.nth = 99};
    struct isa_diag diag = {""};
    ck_assert_int_ne(sim_injection_parse(&injection, bad[_i].spec, program, &diag), DPUSIM_OK);
    ck_assert_msg(strstr(diag.text, bad[_i].part) != NULL, "%s: %s", bad[_i].spec, diag.text);
    ck_assert_uint_eq(injection.nth, 99);
    isa_program_destroy(program);
}
END_TEST

START_TEST(long_texts_are_refused)
{
    struct sim_spec spec;
    struct isa_diag diag = {""};
    char text[700] = "skip:";
    for (size_t i = 5; i + 1 < sizeof text; i++)
        text[i] = i % 2 ? 'a' : ',';
    ck_assert_int_eq(sim_spec_read(&spec, text, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, "longer than 511") != NULL, "%s", diag.text);
    text[200] = '\0';
    ck_assert_int_eq(sim_spec_read(&spec, text, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, "more than 32 keys") != NULL, "%s", diag.text);
}
END_TEST

/* ---- several specifications ------------------------------------------------------------------ */

static enum dpusim_status collect(void *context, const char *spec)
{
    strcat(context, "[");
    strcat(context, spec);
    strcat(context, "]");
    return strstr(spec, "bad") ? DPUSIM_SYNTAX : DPUSIM_OK;
}

START_TEST(texts_and_files_hold_several)
{
    char path[] = "/tmp/dpusim-inject-XXXXXX", text[400], all[400] = "";
    struct isa_diag diag = {""};
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    fputs("# two\n  a:b \n\nc:d;e # three\n", file);
    fclose(file);
    snprintf(text, sizeof text, "x ; @%s; y", path);
    ck_assert_int_eq(sim_spec_each(text, collect, all, &diag), DPUSIM_OK);
    ck_assert_str_eq(all, "[x][a:b][c:d][e][y]");
    all[0] = '\0';
    ck_assert_int_eq(sim_spec_each("a;bad;c", collect, all, &diag), DPUSIM_SYNTAX);
    ck_assert_str_eq(all, "[a][bad]");
    file = fopen(path, "w");
    fprintf(file, "@%s\n", path);
    fclose(file);
    ck_assert_int_eq(sim_spec_each(text, collect, all, &diag), DPUSIM_BAD_ARGUMENT);
    ck_assert_msg(strstr(diag.text, "name each other") != NULL, "%s", diag.text);
    remove(path);
    ck_assert_int_eq(sim_spec_each(text, collect, all, &diag), DPUSIM_NO_SUCH_FILE);
    ck_assert_msg(strstr(diag.text, path) != NULL, "%s", diag.text);
}
END_TEST

START_TEST(tables_are_as_large_as_they_should_be)
{
    unsigned models = 0, sites = 0, triggers = 0;
    while (sim_inject_model_get(models))
        models++;
    while (sim_inject_site_get(sites))
        sites++;
    while (sim_inject_trigger_get(triggers))
        triggers++;
    ck_assert_uint_ge(models, 20);
    ck_assert_uint_ge(sites, 9);
    ck_assert_uint_ge(triggers, 6);
    ck_assert_ptr_null(sim_inject_argument_get(SIM_ARGUMENT_COUNT));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim.inject");
    TCase *normal = tcase_create("normal"), *text = tcase_create("text");
    TCase *wrong = tcase_create("bad_input");
    tcase_add_loop_test(normal, model_has_its_effect_at_its_site, 0, ROWS(effects));
    tcase_add_test(normal, every_model_has_a_test_of_its_effect);
    tcase_add_loop_test(normal, bits_change_at_every_site, 0, ROWS(changes));
    tcase_add_loop_test(normal, injected_runs_repeat_bit_by_bit, 0, SIM_INJECT_COUNT);
    tcase_add_test(normal, delays_are_as_long_as_they_say);
    tcase_add_test(normal, other_word_executes_once);
    tcase_add_test(normal, counter_jumps_ahead);
    tcase_add_loop_test(normal, trigger_fires_at_its_moment, 0, ROWS(moments));
    tcase_add_test(normal, launches_are_counted);
    tcase_add_test(normal, late_moment_does_not_change_what_comes_before);
    tcase_add_test(normal, injection_into_shared_code_stays_on_its_dpu);
    tcase_add_loop_test(text, specification_is_told_in_canonical_form, 0, ROWS(texts));
    tcase_add_test(text, draws_come_from_the_seed);
    tcase_add_loop_test(text, open_points_are_counted_and_each_is_there_once, 0, ROWS(spaces));
    tcase_add_test(text, texts_and_files_hold_several);
    tcase_add_test(text, tables_are_as_large_as_they_should_be);
    tcase_add_loop_test(wrong, wrong_specification_is_refused_with_a_sentence, 0, ROWS(bad));
    tcase_add_test(wrong, long_texts_are_refused);
    suite_add_tcase(suite, normal);
    suite_add_tcase(suite, text);
    suite_add_tcase(suite, wrong);
    return run_suite(suite);
}
