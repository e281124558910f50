/* SPDX-License-Identifier: MIT */
/* Hand-written tests of what instructions do, family by family, with values worked out from the
 * instruction reference; ladders of steps and chains of carries against plain C arithmetic. */
#include <check.h>

#include "sim_help.h"

#define SEED UINT64_C(0xe8ec)

/* ---- rows: a program and what it leaves ----------------------------------------------------- */

/* want: rN=hex register, zf= cf= flags, pc=decimal, wADDR=hex WRAM word (address hex), aN=atomic
 * bit, nN=run bit, fault=kind. The program runs as tasklet 0 (or the id given) until it stops. */
struct row {
    const char *name, *text, *want;
};

static const struct row rows[] = {
    {"add carries", "move r0, -1\nadd r1, r0, 1\nstop", "r1=0 zf=1 cf=1"},
    {"add without carry", "move r0, 5\nadd r1, r0, 7\nstop", "r1=c zf=0 cf=0"},
    {"addc takes the carry", "move r0, -1\nadd r1, r0, r0\naddc r2, r0, r0\nstop",
     "r1=fffffffe r2=ffffffff zf=0 cf=1"},
    {"sub sets the carry when it does not borrow", "move r0, 5\nsub r1, r0, 5, false\nstop",
     "r1=0 zf=1 cf=1"},
    {"sub clears the carry when it borrows", "move r0, 5\nsub r1, r0, 6, false\nstop",
     "r1=ffffffff zf=0 cf=0"},
    {"subc subtracts the missing carry",
     "move r0, 5\nmove r3, 6\nsub r1, r0, r3\nsubc r2, r0, r0\nstop", "r2=ffffffff cf=0"},
    {"sub with the immediate first", "move r1, 3\nsub r0, 5, r1\nstop", "r0=2 cf=1"},
    {"rsub turns its operands round", "move r0, 3\nmove r1, 5\nrsub r2, r0, r1\nstop", "r2=2 cf=1"},
    {"rsubc subtracts the missing carry",
     "move r0, 3\nmove r1, 5\nadd zero, r0, 0, false\nrsubc r2, r0, r1\nstop", "r2=1 cf=1"},
    {"logic leaves the carry alone",
     "move r0, -1\nadd r1, r0, 1\nmove r2, 0xff0\nand r3, r2, 0xf\nstop", "r3=0 zf=1 cf=1"},
    {"andn and orn invert the first operand",
     "move r0, 0xf0\nmove r1, 0xff\nandn r2, r0, r1\norn r3, r0, r1\nstop", "r2=f r3=ffffffff"},
    {"nand, nor, nxor invert the result",
     "move r0, 0xc\nmove r1, 0xa\nnand r2, r0, r1\nnor r3, r0, r1\nnxor r4, r0, r1\nstop",
     "r2=fffffff7 r3=fffffff1 r4=fffffff9"},
    {"constant registers", "move r0, one\nmove r1, lneg\nmove r2, mneg\nadd r3, id8, 0\nstop",
     "r0=1 r1=ffffffff r2=80000000 r3=0"},
    {".s widens with the sign", "move r0, 0x80000000\nadd.s d2, r0, 1\nstop",
     "r2=ffffffff r3=80000001"},
    {".u widens with zeros", "move r0, 0x80000000\nmove r2, 9\nadd.u d2, r0, 1\nstop",
     "r2=0 r3=80000001"},
    {"set form writes 0 or 1 and flags of the result",
     "move r0, 5\nsub r1, r0, 5, z\nsub r2, r0, 6, geu\nsub.s d4, r0, 6, ltu\nstop",
     "r1=1 r2=0 r4=0 r5=1 zf=0 cf=0"},
    {"sources are read before destinations are written",
     "move.s d0, 7\nmove r0, 9\nswapd d0, d0\nstop", "r0=7 r1=9"},
    {"movd copies a pair and jumps if told",
     "move r2, 1\nmove r3, 2\nmovd d0, d2, true, l\nmove r5, 1\n"
     "l: stop",
     "r0=1 r1=2 r5=0"},
    {"shift by 0 is the value",
     "move r0, 0x81\nlsl r1, r0, 0\nlsl1 r2, r0, 0\nrol r3, r0, 0\n"
     "asr r4, r0, 0\nstop",
     "r1=81 r2=81 r3=81 r4=81"},
    {"extended shift by 0 is all zeros or ones",
     "move r0, 0x81\nlslx r1, r0, 0\nlsrx r2, r0, 0\nlsl1x r3, r0, 0\nlsr1x r4, r0, 0\nstop",
     "r1=0 r2=0 r3=ffffffff r4=ffffffff"},
    {"shift by 31",
     "move r0, 0x80000003\nlsl r1, r0, 31\nlsr r2, r0, 31\nasr r3, r0, 31\n"
     "rol r4, r0, 31\nror r5, r0, 31\nstop",
     "r1=80000000 r2=1 r3=ffffffff r4=c0000001 r5=7"},
    {"ones shifted in at 31", "move r0, 1\nlsl1 r1, r0, 31\nlsr1 r2, r0, 31\nstop",
     "r1=ffffffff r2=fffffffe"},
    {"extended shift by 31",
     "move r0, 0x80000003\nlslx r1, r0, 31\nlsrx r2, r0, 31\nlsl1x r3, r0, 31\n"
     "lsr1x r4, r0, 31\nstop",
     "r1=40000001 r2=6 r3=c0000001 r4=7"},
    {"only five bits of an amount count", "move r0, 1\nmove r1, 33\nlsl r2, r0, r1\nstop", "r2=2"},
    {"shift-add flags come from the shifted operand",
     "move r0, 0\nmove r1, 7\nlsl_add r2, r1, r0, 4\nstop", "r2=7 zf=1"},
    {"shift-add family",
     "move r0, 0x80000001\nmove r1, 100\nlsl_add r2, r1, r0, 1\n"
     "lsl_sub r3, r1, r0, 1\nlsr_add r4, r1, r0, 31\nrol_add r5, r1, r0, 1\nstop",
     "r2=66 r3=62 r4=65 r5=67"},
    {"counts at their ends",
     "cao r0, lneg\nclz r1, zero\nclo r2, lneg\ncls r3, zero\ncls r4, one\n"
     "clz r5, one\nstop",
     "r0=20 r1=20 r2=20 r3=1f r4=1e r5=1f"},
    {"extends", "move r0, 0x8080\nextsb.s d2, r0\nextsh r4, r0\nextub.u d6, r0\nextuh r8, r0\nstop",
     "r2=ffffffff r3=ffffff80 r4=ffff8080 r6=0 r7=80 r8=8080"},
    {"cmpb4 compares bytes", "move r0, 0x11223344\nmove r1, 0x11ff33ff\ncmpb4 r2, r0, r1\nstop",
     "r2=1000100"},
    {"sats gives the saturated value", "sats r0, lneg\nsats r1, zero\nstop",
     "r0=7fffffff r1=80000000"},
    {"hash folds", "move r0, 0x4081\nhash r1, r0, 0\nhash r2, r0, 1\nstop", "r1=0 r2=1"},
    {"8-bit products",
     "move r0, 0x80ff\nmove r1, 0x7f02\nmul_ul_ul r2, r0, r1\nmul_sl_sl r3, r0, r1\n"
     "mul_uh_uh r4, r0, r1\nmul_sh_uh.s d6, r0, r1\nstop",
     "r2=1fe r3=fffffffe r4=3f80 r6=ffffffff r7=ffffc080"},
    {"small looks at the second bytes of both",
     "move r0, 0x100ff\nmove r1, 2\nmul_ul_ul r2, r0, r1, small, l\nmove r3, 1\n"
     "l: move r1, 0x102\nmul_ul_ul r2, r0, r1, small, m\nmove r4, 1\nm: stop",
     "r3=0 r4=1"},
    {"mul_step without the bit leaves the odd word",
     "move r0, 6\nmove r1, 9\nmove r2, 5\n"
     "mul_step d0, r2, d0, 3\nstop",
     "r0=3 r1=9 zf=0"},
    {"mul_step with the bit adds",
     "move r0, 1\nmove r1, 9\nmove r2, 5\nmul_step d0, r2, d0, 3\nstop", "r0=0 r1=31 zf=1"},
    {"div_step subtracts when it fits",
     "move r0, 1\nmove r1, 100\nmove r2, 3\n"
     "div_step d0, r2, d0, 5\nstop",
     "r0=3 r1=4 zf=0"},
    {"div_step does not when it does not",
     "move r0, 1\nmove r1, 95\nmove r2, 3\n"
     "div_step d0, r2, d0, 5\nstop",
     "r0=2 r1=5f"},
    /* safe registers */
    {"safe add inside its bounds", "move r0, 0x1000fff0\nadd s1, s0, 15\nstop", "r1=1000ffff cf=0"},
    {"safe add beyond 16 bits faults", "move r0, 0x1000fff0\nadd s1, s0, 16\nstop",
     "r1=10000 fault=memory pc=2"},
    {"safe sub below 0 faults", "move r0, 0x10000001\nsub s1, s0, 2\nstop",
     "r1=ffffff fault=memory pc=2"},
    {"safe load below its limit",
     "move r0, 0x00200010\nmove r2, 7\nsw zero, 0x18, r2\n"
     "lws r1, r0, 8\nstop",
     "r1=7"},
    {"safe load that reaches its limit faults",
     "move r0, 0x00200010\nmove r2, 7\nsw zero, 0x1c, r2\n"
     "lws r1, r0, 12\nstop",
     "r1=7 fault=memory pc=4"},
    {"safe byte load may touch the last byte", "move r0, 0x00200010\nlbus r1, r0, 15\nstop",
     "r1=0"},
    {"safe byte load at the limit faults", "move r0, 0x00200010\nlbus r1, r0, 16\nstop",
     "fault=memory"},
    {"safe store at its limit still writes",
     "move r0, 0x00200010\nmove r1, 5\nsws r0, 16, r1\nstop", "w20=5 fault=memory"},
    {"safe misaligned load faults", "move r0, 0xff000010\nlws r1, r0, 2\nstop", "fault=memory"},
    /* WRAM */
    {"little-endian double: low word first in memory",
     "move r2, 0x11223344\nmove r3, 0x55667788\nsd zero, 16, d2\nstop",
     "w10=55667788 w14=11223344"},
    {"big-endian accesses reverse their bytes",
     "move r2, 0x11223344\nmove r3, 0x55667788\nsd !big, zero, 16, d2\nsw !big, zero, 32, r2\n"
     "sh !big, zero, 40, r2\nlw !big, r4, zero, 32\nld !big, d6, zero, 16\nlhu !big, r8, zero, 40\n"
     "lbu !big, r9, zero, 16\nstop",
     "w10=44332211 w14=88776655 w20=44332211 w28=4433 r4=11223344 r6=11223344 r7=55667788 "
     "r8=3344 r9=11"},
    {"loads extend",
     "move r0, 0x8080ff80\nsw zero, 16, r0\nlbs r1, zero, 16\nlbu r2, zero, 16\n"
     "lhs r3, zero, 18\nlhu r4, zero, 18\nlw.s d6, zero, 16\nlbs.s d8, zero, 16\nlhu.u d10, zero, "
     "18\n"
     "stop",
     "r1=ffffff80 r2=80 r3=ffff8080 r4=8080 r6=ffffffff r7=8080ff80 r8=ffffffff r9=ffffff80 "
     "r10=0 r11=8080"},
    {"immediate stores",
     "sb zero, 16, 0x1ff - 0x100\nsh zero, 18, 0xabcd\nsw zero, 20, -2\n"
     "sd zero, 24, -3\nstop",
     "w10=abcd00ff w14=fffffffe w18=fffffffd w1c=ffffffff"},
    {"stores of the tasklet's number",
     "sw_id zero, 16, 0x100\nsd_id zero, 24, -8\nsb_id zero, 32, 2\n"
     "sh_id zero, 34, 4\nstop",
     "w10=100 w18=fffffff8 w1c=ffffffff w20=40002"},
    {"address sums wrap", "move r0, -16\nmove r1, 3\nsw r0, 32, r1\nstop", "w10=3"},
    {"last word of WRAM", "move r0, 0xfffc\nmove r1, 3\nsw r0, 0, r1\nlw r2, r0, 0\nstop", "r2=3"},
    {"load past WRAM wraps and then faults",
     "move r1, 9\nsw zero, 8, r1\nmove r0, 0x10008\nlw r2, r0, 0\n"
     "stop",
     "r2=9 fault=memory pc=4"},
    {"store past WRAM wraps and then faults", "move r1, 9\nmove r0, 0xffff0010\nsw r0, 2, r1\nstop",
     "w10=9 fault=memory pc=3"},
    {"misaligned load is rounded down",
     "move r1, 0x1234\nsw zero, 8, r1\nmove r0, 9\nlw r2, r0, 0\nstop", "r2=1234 fault=memory"},
    /* DMA */
    {"ldma copies 8 bytes at least",
     "move r0, 16\nmove r1, 0\nsdma zero, r1, 0\nmove r2, 77\n"
     "sw zero, 0, r2\nsdma zero, r1, 0\nldma r0, r1, 0\nstop",
     "w10=4d w14=0"},
    {"DMA drops the low address bits",
     "move r0, 0x1f\nmove r1, 7\nmove r2, 77\nsw zero, 0, r2\n"
     "sdma zero, r1, 0\nldma r0, r1, 0\nstop",
     "w18=4d"},
    /* control */
    {"call returns behind itself", "call r23, f\nmove r1, 1\nstop\nf: move r0, r23\njump r23",
     "r0=1 r1=1"},
    {"call through its own return register",
     "move r23, f\ncall r23, r23\nstop\nf: move r0, r23\nstop", "r0=2"},
    {"call target and return wrap at 4096",
     "jump 4095\nmove r0, r23\nstop\n.org . + 8 * 4092\n"
     "call r23, one, 4096",
     "r0=0 r23=0"},
    {"jump adds a register", "move r1, 3\njump r1, 1\nstop\nmove r0, 1\nmove r2, 2\nstop",
     "r0=0 r2=2"},
    {"jneq writes flags", "move r0, 3\njneq r0, 3, l\nl: stop", "zf=1 cf=1"},
    {"stop with a condition continues there", "stop true, l\nmove r0, 1\nl: stop", "pc=2"},
    {"stop sees r = 1 and its own number", "stop z, l\nl: stop", "pc=1"},
    {"stop with false continues behind", "stop", "pc=1"},
    {"nop and tell do nothing", "move r0, 3\nnop\ntell r0, 5\nstop", "r0=3 zf=0"},
    {"fault carries its number", "fault 0x1234\nstop", "fault=breakpoint pc=1"},
    /* run bits */
    {"boot sets a bit without a thread",
     "boot zero, 30, z, l\nmove r0, 1\nl: read_run zero, 30, nz, m\n"
     "m: stop",
     "r0=0 n30=1 zf=0"},
    {"clr_run clears a bit without a thread",
     "boot zero, 63\nclr_run zero, 63, nz, l\nmove r0, 1\nl: stop", "r0=0 n63=0"},
    {"run bit numbers are folded", "move r0, 0x2010\nresume r0, 0\nstop", "n16=0 n48=1"},
    {"run bits above 63 do not exist", "move r0, 64\nboot r0, 0, nz, l\nmove r1, 1\nl: stop",
     "r1=1"},
    {"booting oneself does nothing", "boot id, 0, nz, l\nmove r0, 1\nl: stop", "r0=0 pc=3"},
    {"resume of a tasklet that runs does nothing", "resume id, 0, nz, l\nmove r0, 1\nl: stop",
     "r0=0 pc=3"},
    /* atomic bits */
    {"acquire takes, release gives back",
     "acquire zero, 5, nz, l\nl: acquire zero, 5, z, m\n"
     "move r0, 1\nm: release zero, 5, nz, n\nmove r1, 1\nn: acquire zero, 9, true, o\no: stop",
     "r0=1 r1=0 a5=0 a9=1 zf=1"},
    {"release of a free bit leaves it free", "release zero, 7, nz, l\nmove r0, 1\nl: stop",
     "r0=1 a7=0"},
    {"atomic bit numbers are folded", "move r0, 0x1234\nacquire r0, 0, true, l\nl: stop",
     "a38=1 a52=0"},
    {"acquire adds before it folds", "move r0, 0xff\nacquire r0, 1, true, l\nl: stop",
     "a1=1 a255=0"},
    /* words that are none */
    {"word 0 is no instruction", ".quad 0", "fault=illegal pc=1"},
};

enum { N_ROWS = sizeof rows / sizeof rows[0] };

static uint64_t want_value(const char *item)
{
    const char *equals = strchr(item, '=');
    return strtoull(equals + 1, NULL, *item == 'p' ? 10 : 16);
}

static uint64_t got_value(const struct sim_dpu *dpu, const char *item)
{
    struct sim_thread_state state = thread_of(dpu, 0);
    unsigned number = (unsigned)strtoul(item + 1, NULL, *item == 'w' ? 16 : 10);
    switch (*item) {
    case 'r':
        return state.registers[number];
    case 'z':
        return state.zero_flag;
    case 'c':
        return state.carry_flag;
    case 'p':
        return state.pc_insn;
    case 'w':
        return wram_word(dpu, number);
    case 'a':
        return sim_dpu_atomic_get(dpu, number);
    default:
        return sim_dpu_run_bits(dpu) >> number & 1;
    }
}

static void check_item(const struct sim_dpu *dpu, const struct row *row, const char *item)
{
    const struct sim_fault *fault = sim_dpu_fault(dpu);
    if (strncmp(item, "fault=", 6) == 0) {
        EXPECT(fault && strcmp(sim_fault_kind_name(fault->kind), item + 6) == 0, "%s: no %s",
               row->name, item);
        return;
    }
    EXPECT(got_value(dpu, item) == want_value(item), "%s: wanted %s, got %" PRIx64, row->name, item,
           got_value(dpu, item));
}

static void check_row(const struct row *row, enum sim_mode mode)
{
    struct sim_dpu *dpu = dpu_of(mode, row->text);
    char want[256], *save = NULL;
    struct sim_outcome outcome = dpu_run(dpu);
    bool faults = strstr(row->want, "fault=") != NULL;
    EXPECT(outcome.stop == (faults ? SIM_FAULTED : SIM_DONE), "%s: stop reason %d", row->name,
           outcome.stop);
    snprintf(want, sizeof want, "%s", row->want);
    for (char *item = strtok_r(want, " ", &save); item; item = strtok_r(NULL, " ", &save))
        check_item(dpu, row, item);
    sim_dpu_destroy(dpu);
}

START_TEST(instruction_does_what_the_reference_says)
{
    check_row(&rows[_i], SIM_FUNCTIONAL);
    check_row(&rows[_i], SIM_CYCLE);
}
END_TEST

/* ---- ladders and chains against C ----------------------------------------------------------- */

/* A DPU with a program that starts at index 0 and stops; run with two 64-bit operands in d0, d2. */
static uint64_t run_pairs(struct sim_dpu *dpu, uint64_t a, uint64_t b, unsigned result)
{
    struct sim_thread_state state = {.running = true};
    state.registers[0] = (uint32_t)(a >> 32);
    state.registers[1] = (uint32_t)a;
    state.registers[2] = (uint32_t)(b >> 32);
    state.registers[3] = (uint32_t)b;
    EXPECT(sim_dpu_set_thread(dpu, 0, &state) == DPUSIM_OK, "tasklet 0");
    sim_dpu_run(dpu, NULL, NULL);
    state = thread_of(dpu, 0);
    return (uint64_t)state.registers[result] << 32 | state.registers[result + 1];
}

static struct sim_dpu *dpu_at_rest(const char *text)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, text);
    struct sim_thread_state stopped = {.running = false};
    ck_assert_int_eq(sim_dpu_set_thread(dpu, 0, &stopped), DPUSIM_OK);
    return dpu;
}

static uint64_t random_pair(uint64_t *state)
{
    uint64_t high = random_value(state);
    return high << 32 | random_value(state);
}

static const char ladder_text[] =
    ".macro steps op, from, by\n.set shift, \\from\n.rept 32\n\\op d0, r3, d0, shift\n"
    ".set shift, shift + \\by\n.endr\n.endm\n";

START_TEST(mul_step_ladder_multiplies)
{
    char text[512];
    uint64_t state = SEED;
    snprintf(text, sizeof text, "%smove r1, 0\nsteps mul_step, 0, 1\nstop", ladder_text);
    struct sim_dpu *dpu = dpu_at_rest(text);
    for (unsigned i = 0; i < 2000; i++) {
        uint32_t a = random_value(&state), b = random_value(&state);
        uint32_t product = (uint32_t)run_pairs(dpu, (uint64_t)a << 32, b, 0);
        EXPECT(product == a * b, "%u * %u = %u", a, b, product);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

/* As the run-time library does: from clz(divisor) - clz(dividend) down. */
START_TEST(div_step_ladder_entered_by_leading_zeros_divides)
{
    char text[600];
    uint64_t state = SEED;
    snprintf(text, sizeof text,
             "%smove r0, 0\nclz r5, r1\nclz r6, r3, max, end\nsub r4, r6, r5, mi, small\n"
             "sub r4, 31, r4\njump r4, base\nsmall: stop\nbase: steps div_step, 31, -1\nend: stop",
             ladder_text);
    struct sim_dpu *dpu = dpu_at_rest(text);
    for (unsigned i = 0; i < 2000; i++) {
        uint32_t a = random_value(&state), b = random_value(&state);
        if (b == 0)
            continue;
        uint64_t result = run_pairs(dpu, a, b, 0);
        EXPECT(result == ((uint64_t)(a / b) << 32 | a % b), "%u / %u = %" PRIx64, a, b, result);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(carry_chains_add_and_subtract_64_bits)
{
    struct sim_dpu *dpu = dpu_at_rest("add r5, r1, r3\naddc r4, r0, r2\nsub r7, r1, r3\n"
                                      "subc r6, r0, r2\nrsub r9, r1, r3\nrsubc r8, r0, r2\nstop");
    uint64_t state = SEED;
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t a = random_pair(&state), b = random_pair(&state);
        EXPECT(run_pairs(dpu, a, b, 4) == a + b, "%" PRIx64 " + %" PRIx64, a, b);
        EXPECT(run_pairs(dpu, a, b, 6) == a - b, "%" PRIx64 " - %" PRIx64, a, b);
        EXPECT(run_pairs(dpu, a, b, 8) == b - a, "%" PRIx64 " - %" PRIx64, b, a);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

static bool compare64(const char *cond, uint64_t a, uint64_t b)
{
    bool less_u = a < b, less_s = (int64_t)a < (int64_t)b, equal = a == b;
    const struct {
        const char *cond;
        bool holds;
    } tests[] = {
        {"xz", equal},
        {"xnz", !equal},
        {"ltu", less_u},
        {"geu", !less_u},
        {"lts", less_s},
        {"ges", !less_s},
        {"xleu", less_u || equal},
        {"xgtu", !less_u && !equal},
        {"xles", less_s || equal},
        {"xgts", !less_s && !equal},
    };
    for (unsigned i = 0; i < sizeof tests / sizeof tests[0]; i++)
        if (strcmp(tests[i].cond, cond) == 0)
            return tests[i].holds;
    return false;
}

static const char *const conditions64[] = {"xz",  "xnz",  "ltu",  "geu",  "lts",
                                           "ges", "xleu", "xgtu", "xles", "xgts"};

START_TEST(sub_then_subc_compares_64_bits)
{
    char text[128];
    uint64_t state = SEED;
    snprintf(text, sizeof text,
             "move r5, 1\nsub zero, r1, r3\nsubc zero, r0, r2, %s, l\nmove r5, 0\n"
             "l: move r4, 0\nstop",
             conditions64[_i]);
    struct sim_dpu *dpu = dpu_at_rest(text);
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t a = random_pair(&state), b = i % 4 ? random_pair(&state) : a ^ (i % 8 ? 0 : i % 3);
        EXPECT(run_pairs(dpu, a, b, 4) == compare64(conditions64[_i], a, b),
               "%" PRIx64 " %s %" PRIx64, a, conditions64[_i], b);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

/* The compiler's sequence for a 64-bit shift left by a variable amount of 0..63. */
START_TEST(extended_shifts_make_a_64_bit_shift)
{
    struct sim_dpu *dpu = dpu_at_rest("lsl r4, r0, r3\nlslx r5, r1, r3, sh32, big\n"
                                      "or r4, r4, r5\nlsl r5, r1, r3\nstop\n"
                                      "big: lsl r4, r1, r3\nmove r5, 0\nstop");
    uint64_t state = SEED;
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t a = random_pair(&state), by = random_next(&state) % 64;
        uint64_t result = run_pairs(dpu, a, by, 4);
        EXPECT(result == a << by, "%" PRIx64 " << %u: %" PRIx64, a, (unsigned)by, result);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- DMA ------------------------------------------------------------------------------------ */

static const struct {
    unsigned u8, upper; /* immediate, bits 31..24 of ra */
    unsigned len_bytes;
} lengths[] = {{0, 0, 8},       {1, 0, 16}, {255, 0, 2048},   {0, 255, 2048}, {255, 1, 8},
               {200, 100, 360}, {0, 7, 64}, {128, 127, 2048}, {128, 128, 8}};

START_TEST(dma_length_is_the_sum_modulo_256_and_both_ways_copy)
{
    enum { WRAM_AT = 0x1000, MRAM_AT = 0x12340 };
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        char text[256];
        uint8_t *mram, *wram;
        snprintf(text, sizeof text,
                 "move r0, 0x%08x\nmove r1, 0x%x\nldma r0, r1, %u\n"
                 "move r1, 0x%x\nsdma r0, r1, %u\nstop",
                 lengths[_i].upper << 24 | WRAM_AT, MRAM_AT, lengths[_i].u8, MRAM_AT + 0x10000,
                 lengths[_i].u8);
        struct sim_dpu *dpu = dpu_of(mode, text);
        mram = sim_dpu_mram(dpu), wram = sim_dpu_wram(dpu);
        for (unsigned i = 0; i < 4096; i++)
            mram[MRAM_AT + i] = (uint8_t)(i % 251 + 1);
        dpu_run_done(dpu);
        ck_assert_mem_eq(wram + WRAM_AT, mram + MRAM_AT, lengths[_i].len_bytes);
        ck_assert_uint_eq(wram[WRAM_AT + lengths[_i].len_bytes], 0);
        ck_assert_mem_eq(mram + MRAM_AT + 0x10000, mram + MRAM_AT, lengths[_i].len_bytes);
        ck_assert_uint_eq(mram[MRAM_AT + 0x10000 + lengths[_i].len_bytes], 0);
        ck_assert_uint_eq(TASKLET_STAT(dpu, dma_bytes, 0), 2 * lengths[_i].len_bytes);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* The code writes itself: index 5 is replaced by `move r0, 9`, behind it a loop comes back to it.
 */
START_TEST(ldmai_replaces_instructions)
{
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = dpu_of(mode, "move r2, 0\nmove r1, 0x100\nmove r3, 5 * 8\nnop\n"
                                           "loop: add r2, r2, 1\nmove r0, 4\nldmai r3, r1, 0\n"
                                           "jltu r2, 2, loop\nstop");
        uint64_t word = WORD(OR_RRI, 0, 24, 9) | UINT64_C(0xabcd)
                                                     << 48; /* upper bits are dropped */
        memcpy(sim_dpu_mram(dpu) + 0x100, &word, sizeof word);
        dpu_run_done(dpu);
        ck_assert_uint_eq(reg_of(dpu, 0, 0), 9);
        ck_assert_int_eq(sim_dpu_read(dpu, ISA_IRAM, 40, &word, 8, NULL), DPUSIM_OK);
        ck_assert_uint_eq(word, WORD(OR_RRI, 0, 24, 9));
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* ---- time ----------------------------------------------------------------------------------- */

/* 160 instructions between the two readings; one cycle each in functional mode, 11 in cycle mode.
 */
static const struct {
    const char *name;
    unsigned config;
    enum isa_chip chip;
    enum sim_mode mode;
    uint32_t elapsed; /* in units of 16 */
} clocks[] = {
    {"cycles", 1 | 1 << 1, ISA_CHIP_V1A, SIM_FUNCTIONAL, 10},
    {"instructions", 1 | 2 << 1, ISA_CHIP_V1A, SIM_FUNCTIONAL, 10},
    {"nothing", 1 | 3 << 1, ISA_CHIP_V1A, SIM_FUNCTIONAL, 0},
    {"cycles", 1 | 1 << 1, ISA_CHIP_V1A, SIM_CYCLE, 110},
    {"instructions", 1 | 2 << 1, ISA_CHIP_V1A, SIM_CYCLE, 10},
    {"nothing", 1 | 3 << 1, ISA_CHIP_V1A, SIM_CYCLE, 0},
    {"keep", 1, ISA_CHIP_V1A, SIM_CYCLE, 110},
    {"neither, v1B", 1 | 6 << 1, ISA_CHIP_V1B, SIM_CYCLE, 0},
    {"both, v1B", 1 | 7 << 1, ISA_CHIP_V1B, SIM_CYCLE, 110},
    {"bit 3 is nothing on v1A", 1 | 5 << 1, ISA_CHIP_V1A, SIM_CYCLE, 110},
};

START_TEST(time_counts_what_it_is_told)
{
    char text[256];
    struct sim_config config = config_of(clocks[_i].mode, 0);
    config.chip = clocks[_i].chip;
    snprintf(text, sizeof text,
             "move r1, %u\ntime_cfg r0, r1\n.rept 160\nnop\n.endr\ntime r2\n"
             "time.u d4\ntime.s d6\nstop",
             clocks[_i].config);
    struct sim_dpu *dpu = dpu_with(&config, text);
    dpu_run_done(dpu);
    ck_assert_msg(reg_of(dpu, 0, 2) == clocks[_i].elapsed, "%s: %u", clocks[_i].name,
                  reg_of(dpu, 0, 2));
    ck_assert_uint_eq(reg_of(dpu, 0, 4), 0);
    ck_assert_uint_ge(reg_of(dpu, 0, 5), reg_of(dpu, 0, 2));
    ck_assert_uint_ge(reg_of(dpu, 0, 7), reg_of(dpu, 0, 5));
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(time_cfg_returns_the_time_before)
{
    struct sim_dpu *dpu =
        dpu_of(SIM_FUNCTIONAL, ".rept 64\nnop\n.endr\nmove r1, 7\ntime_cfg r0, r1, true, l\n"
                               "move r2, 1\nl: time zero\ntime_cfg zero, r1\ntime r3\nstop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), 4);
    ck_assert_uint_eq(reg_of(dpu, 0, 2), 0);
    ck_assert_uint_eq(reg_of(dpu, 0, 3), 0);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(stopped_counter_goes_on_from_where_it_stood)
{
    struct sim_dpu *dpu =
        dpu_of(SIM_FUNCTIONAL, ".rept 31\nnop\n.endr\nmove r1, 6\nmove r2, 2\ntime_cfg zero, r1\n"
                               ".rept 100\nnop\n.endr\ntime_cfg zero, r2\n.rept 16\nnop\n.endr\n"
                               "time r0\nstop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 0), 3);
    sim_dpu_destroy(dpu);
}
END_TEST

/* Both are stopped and read one after the other, as the device library does, then go on. */
START_TEST(second_counter_of_v1b_counts_instructions)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    config.chip = ISA_CHIP_V1B;
    struct sim_dpu *dpu = dpu_with(
        &config, "move r0, 15\nmove r1, 10\nmove r2, 12\nmove r3, 14\ntime_cfg zero, r0\n"
                 ".rept 320\nnop\n.endr\ntime_cfg zero, r2\n.rept 160\nnop\n.endr\ntime r4\n"
                 "time_cfg zero, r1\ntime r5\ntime_cfg zero, r3\n.rept 160\nnop\n.endr\n"
                 "time_cfg zero, r2\ntime r6\ntime_cfg zero, r1\ntime r7\nstop");
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 4), 320 / 16);
    ck_assert_uint_eq(reg_of(dpu, 0, 5), 321 * 11 / 16);
    ck_assert_uint_eq(reg_of(dpu, 0, 6), 481 / 16);
    ck_assert_uint_eq(reg_of(dpu, 0, 7), 482 * 11 / 16);
    sim_dpu_destroy(dpu);
}
END_TEST

/* The counters of a DPU go on over a launch and a saved state. */
START_TEST(second_counter_is_saved)
{
    struct sim_config config = config_of(SIM_CYCLE, 0);
    struct sim_limits limits = {.max_instructions = 100};
    struct isa_bytes image = {NULL, 0};
    config.chip = ISA_CHIP_V1B;
    const char *text = "move r0, 15\nmove r2, 12\ntime_cfg zero, r0\n.rept 160\nnop\n.endr\n"
                       "time_cfg zero, r2\ntime r6\nstop";
    struct sim_dpu *dpu = dpu_with(&config, text), *copy = dpu_with(&config, text);
    sim_dpu_run(dpu, &limits, NULL);
    ck_assert_int_eq(sim_dpu_save(dpu, &image, NULL), DPUSIM_OK);
    ck_assert_int_eq(sim_dpu_restore(copy, image, NULL), DPUSIM_OK);
    dpu_run_done(copy);
    ck_assert_uint_eq(reg_of(copy, 0, 6), 160 / 16);
    free((void *)(uintptr_t)image.data);
    sim_dpu_destroy(dpu);
    sim_dpu_destroy(copy);
}
END_TEST

/* ---- several tasklets ----------------------------------------------------------------------- */

START_TEST(boot_starts_at_0_and_resume_where_it_stopped)
{
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu = dpu_of(
            mode, "jeq id, 1, other\nboot zero, 1, z, l\nmove r5, 1\n"
                  "l: resume zero, 1, nz, .\nboot zero, 1, z, m\nm: read_run zero, 1, nz, .\n"
                  "boot zero, 1\nstop\n"
                  "other: add r0, r0, 1\nstop\nadd r1, r1, 1\nstop\nadd r2, r2, 1\nstop");
        dpu_run_done(dpu);
        ck_assert_uint_eq(reg_of(dpu, 0, 5), 0);
        ck_assert_uint_eq(reg_of(dpu, 1, 0), 2); /* booted twice */
        ck_assert_uint_eq(reg_of(dpu, 1, 1), 1); /* resumed once */
        ck_assert_uint_eq(reg_of(dpu, 1, 2), 0);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(clr_run_stops_another_tasklet_or_oneself)
{
    for (enum sim_mode mode = SIM_FUNCTIONAL; mode <= SIM_CYCLE; mode++) {
        struct sim_dpu *dpu =
            dpu_of(mode, "jneq id, 0, spin\nboot zero, 1\nboot zero, 2\nnop\nnop\n"
                         "clr_run zero, 1, nz, l\nmove r5, 1\nl: clr_run zero, 2, false, 0\n"
                         "clr_run id, 0, false, 0\nmove r6, 1\nspin: jump spin");
        dpu_run_done(dpu);
        ck_assert_uint_eq(reg_of(dpu, 0, 5), 0);
        ck_assert_uint_eq(reg_of(dpu, 0, 6), 0);
        ck_assert_uint_eq(sim_dpu_run_bits(dpu), 0);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

START_TEST(constants_tell_tasklets_apart)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "boot id, 1\nadd r0, id, 0\nadd r1, id2, 0\n"
                                                 "add r2, id4, 0\nadd r3, id8, 0\n"
                                                 "sw_id id4, 0x100\nstop");
    dpu_run_done(dpu);
    for (unsigned i = 0; i < ISA_MAX_THREADS; i++) {
        for (unsigned r = 0; r < 4; r++)
            ck_assert_uint_eq(reg_of(dpu, i, r), i << r);
        ck_assert_uint_eq(wram_word(dpu, 0x100 + 4 * i), i);
    }
    ck_assert_uint_eq(sim_dpu_run_bits(dpu), UINT64_C(1) << 24); /* the last booted nobody */
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- words that are no instruction
 * --------------------------------------------------------------- */

START_TEST(pair_at_r23_is_no_instruction)
{
    const uint64_t words[] = {WORD(LD_ERRI, 0, 23, 24, 0),
                              WORD(SD_ERIR, 0, 24, 0, 23),
                              WORD(MOVD_RRCI, 23, 0, 0, 0),
                              WORD(SWAPD_RRCI, 0, 23, 0, 0),
                              WORD(MUL_STEP_RRRICI, 23, 0, 0, 0, 0, 0),
                              WORD(DIV_STEP_RRRICI, 0, 0, 23, 0, 0, 0)};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "nop\nnop\nstop");
        code_put(dpu, 1, words[i]);
        ck_assert_int_eq(dpu_run(dpu).stop, SIM_FAULTED);
        ck_assert_int_eq(sim_dpu_fault(dpu)->kind, SIM_FAULT_ILLEGAL);
        ck_assert_uint_eq(sim_dpu_fault(dpu)->pc_insn, 1);
        sim_dpu_destroy(dpu);
    }
}
END_TEST

/* An odd pair number below 23 means rN and rN+1. */
START_TEST(odd_pair_is_its_register_and_the_next)
{
    struct sim_dpu *dpu = dpu_of(SIM_FUNCTIONAL, "move r1, 5\nmove r2, 6\nnop\nstop");
    code_put(dpu, 2, WORD(MOVD_RRCI, 4, 1, 0, 0));
    dpu_run_done(dpu);
    ck_assert_uint_eq(reg_of(dpu, 0, 4), 5);
    ck_assert_uint_eq(reg_of(dpu, 0, 5), 6);
    sim_dpu_destroy(dpu);
}
END_TEST

#define ROWS(array) (int)(sizeof(array) / sizeof(array)[0])

int main(void)
{
    Suite *suite = suite_create("sim.exec");
    TCase *normal = tcase_create("normal"), *arithmetic = tcase_create("arithmetic");
    TCase *time = tcase_create("time"), *tasklets = tcase_create("tasklets");
    tcase_add_loop_test(normal, instruction_does_what_the_reference_says, 0, N_ROWS);
    tcase_add_loop_test(normal, dma_length_is_the_sum_modulo_256_and_both_ways_copy, 0,
                        ROWS(lengths));
    tcase_add_test(normal, ldmai_replaces_instructions);
    tcase_add_test(normal, pair_at_r23_is_no_instruction);
    tcase_add_test(normal, odd_pair_is_its_register_and_the_next);
    tcase_add_test(arithmetic, mul_step_ladder_multiplies);
    tcase_add_test(arithmetic, div_step_ladder_entered_by_leading_zeros_divides);
    tcase_add_test(arithmetic, carry_chains_add_and_subtract_64_bits);
    tcase_add_loop_test(arithmetic, sub_then_subc_compares_64_bits, 0, ROWS(conditions64));
    tcase_add_test(arithmetic, extended_shifts_make_a_64_bit_shift);
    tcase_add_loop_test(time, time_counts_what_it_is_told, 0, ROWS(clocks));
    tcase_add_test(time, time_cfg_returns_the_time_before);
    tcase_add_test(time, second_counter_of_v1b_counts_instructions);
    tcase_add_test(time, second_counter_is_saved);
    tcase_add_test(time, stopped_counter_goes_on_from_where_it_stood);
    tcase_add_test(tasklets, boot_starts_at_0_and_resume_where_it_stopped);
    tcase_add_test(tasklets, clr_run_stops_another_tasklet_or_oneself);
    tcase_add_test(tasklets, constants_tell_tasklets_apart);
    suite_add_tcase(suite, normal);
    suite_add_tcase(suite, arithmetic);
    suite_add_tcase(suite, time);
    suite_add_tcase(suite, tasklets);
    return run_suite(suite);
}
