/* SPDX-License-Identifier: MIT */
/* Calls of single functions under the device's calling convention, and host functions in the place
 * of such. The functions are assembly, so that the convention is what is tested. */
#include <check.h>

#include "sim_help.h"

/* Boots into a stop; the functions follow. */
#define CODE                                                                                       \
    ".text\n.globl __bootstrap\n__bootstrap: stop true, __bootstrap\n"                             \
    ".globl add\n.type add,@function\nadd: add r0, r0, r1\njump r23\n" /* l(lil): a 64-bit pair, a \
                                                                          32-bit register between, \
                                                                          another pair */          \
    ".globl wide\n.type wide,@function\nwide: add r1, r1, r5\naddc r0, r0, r4\n"                   \
    "add r1, r1, r2\njump r23\n" /* the ninth argument is on the stack, the tenth, 64 bits wide,   \
                                    below it */                                                    \
    ".globl many\n.type many,@function\nmany: lw r0, r22, -12\nld d2, r22, -24\nadd r0, r0, r3\n"  \
    "jump r23\n"                                                                                   \
    ".globl twice\n.type twice,@function\ntwice: sd r22, 0, d22\nadd r22, r22, 8\n"                \
    "call r23, helper\ncall r23, helper\nld d22, r22, -8\njump r23\n"                              \
    ".globl helper\n.type helper,@function\nhelper: add r0, r0, 1\njump r23\n"                     \
    ".globl sleeps\n.type sleeps,@function\nsleeps: stop true, sleeps\n"                           \
    ".globl faults\n.type faults,@function\nfaults: fault 3\n"                                     \
    ".globl loops\n.type loops,@function\nloops: jump loops\n"                                     \
    ".globl number\n.type number,@function\nnumber: move r0, id\njump r23\n"

static struct sim_dpu *functions(enum sim_mode mode)
{
    struct sim_config config = config_of(mode, 0);
    struct sim_dpu *dpu = dpu_create(&config);
    struct isa_program *program = program_of(CODE, ISA_CHIP_V1A, false);
    ck_assert_int_eq(sim_dpu_load(dpu, program, NULL), DPUSIM_OK);
    isa_program_destroy(program);
    return dpu;
}

static enum dpusim_status call(struct sim_dpu *dpu, const char *function, const char *signature,
                               const union sim_value *arguments, unsigned n, union sim_value *out,
                               struct isa_diag *diag)
{
    const struct sim_call what = {function, signature, arguments, n, 0, 10000};
    diag->text[0] = '\0';
    return sim_dpu_call(dpu, &what, out, diag);
}

START_TEST(arguments_and_results_follow_the_convention)
{
    struct sim_dpu *dpu = functions(_i ? SIM_CYCLE : SIM_FUNCTIONAL);
    struct isa_diag diag;
    union sim_value out, few[] = {{.i = -5}, {.i = 3}};
    union sim_value wide[] = {{.l = 0x1fffffffe}, {.i = 1}, {.l = 0x300000002}};
    union sim_value many[10] = {{.ul = 0}};
    many[8].i = 1000, many[9].l = 0x7700000022;
    EXPECT(!call(dpu, "add", "i(ii)", few, 2, &out, &diag), "%s", diag.text);
    ck_assert_int_eq(out.i, -2);
    EXPECT(!call(dpu, "add", "b(bb)", few, 2, &out, &diag), "%s", diag.text);
    ck_assert_int_eq(out.l, -2);
    EXPECT(!call(dpu, "wide", "l(lil)", wide, 3, &out, &diag), "%s", diag.text);
    ck_assert_int_eq(out.l, 0x500000001);
    EXPECT(!call(dpu, "many", "i(iiiiiiiiil)", many, 10, &out, &diag), "%s", diag.text);
    ck_assert_int_eq(out.i, 1000 + 0x22);
    EXPECT(!call(dpu, "many", "i(.il)", many + 8, 2, &out, &diag), "%s", diag.text);
    ck_assert_int_eq(out.i, 1000 + 0x22);
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(any_tasklet_may_call)
{
    struct sim_dpu *dpu = functions(SIM_FUNCTIONAL);
    struct isa_diag diag;
    union sim_value out;
    for (unsigned t = 0; t < ISA_MAX_THREADS; t++) {
        EXPECT(!sim_dpu_call(dpu, &(struct sim_call){"number", "u()", NULL, 0, t, 0}, &out, &diag),
               "%s", diag.text);
        ck_assert_uint_eq(out.u, t);
    }
    sim_dpu_destroy(dpu);
}
END_TEST

START_TEST(what_cannot_be_called_says_why)
{
    static const struct {
        const char *function, *signature;
        unsigned n;
        enum dpusim_status status;
        const char *part;
    } rows[] = {
        {"ad", "i(ii)", 2, DPUSIM_UNKNOWN_SYMBOL, "did you mean \"add\""},
        {"add", "i(ii)", 1, DPUSIM_BAD_ARGUMENT, "takes 2 arguments, 1 are given"},
        {"add", "i(iq)", 2, DPUSIM_BAD_ARGUMENT, "signature \"i(iq)\""},
        {"add", "i", 0, DPUSIM_BAD_ARGUMENT, "signature \"i\""},
        {"add", "", 0, DPUSIM_BAD_ARGUMENT, "signature \"\""},
        {"add", NULL, 2, DPUSIM_BAD_ARGUMENT, "compile with -g"},
        {"faults", "v()", 0, DPUSIM_FAULT, "faults: fault in tasklet 0"},
        {"loops", "v()", 0, DPUSIM_LIMIT, "had not returned after 10000 instructions"},
        {"sleeps", "v()", 0, DPUSIM_BAD_STATE, "did not return"},
    };
    struct sim_dpu *dpu = functions(SIM_FUNCTIONAL);
    struct isa_diag diag;
    union sim_value arguments[2] = {{.i = 1}, {.i = 2}};
    enum dpusim_status status =
        call(dpu, rows[_i].function, rows[_i].signature, arguments, rows[_i].n, NULL, &diag);
    EXPECT(status == rows[_i].status, "%s: %d %s", rows[_i].function, status, diag.text);
    EXPECT(strstr(diag.text, rows[_i].part), "%s", diag.text);
    ck_assert_int_eq(sim_dpu_fault(dpu) != NULL, status == DPUSIM_FAULT);
    union sim_value out;
    EXPECT(!call(dpu, "add", "i(ii)", arguments, 2, &out, &diag), "afterwards: %s", diag.text);
    ck_assert_int_eq(out.i, 3);
    sim_dpu_destroy(dpu);
}
END_TEST

/* ---- doubles -------------------------------------------------------------------------------- */

struct seen {
    unsigned calls;
    int32_t last;
    bool instead;
};

static bool ten_more(void *context, struct sim_dpu *dpu, unsigned tasklet,
                     union sim_value *arguments, union sim_value *result)
{
    struct seen *seen = context;
    ck_assert_uint_eq(tasklet, 0);
    ck_assert_ptr_nonnull(sim_dpu_program(dpu));
    seen->calls++;
    seen->last = arguments[0].i;
    result->i = arguments[0].i + 10;
    arguments[0].i += 100;
    return seen->instead;
}

START_TEST(a_function_is_replaced_or_its_arguments_are)
{
    struct sim_dpu *dpu = functions(_i ? SIM_CYCLE : SIM_FUNCTIONAL);
    struct isa_diag diag;
    struct seen seen = {0, 0, true};
    union sim_value out, five = {.i = 5};
    EXPECT(!call(dpu, "twice", "i(i)", &five, 1, &out, &diag), "%s", diag.text);
    ck_assert_int_eq(out.i, 7);
    ck_assert_int_eq(sim_dpu_replace(dpu, "helper", "i(i)", ten_more, &seen, &diag), DPUSIM_OK);
    EXPECT(!call(dpu, "twice", "i(i)", &five, 1, &out, &diag), "%s", diag.text);
    ck_assert_int_eq(out.i, 25);
    ck_assert_uint_eq(seen.calls, 2);
    ck_assert_int_eq(seen.last, 15);
    seen.instead = false;
    EXPECT(!call(dpu, "twice", "i(i)", &five, 1, &out, &diag), "%s", diag.text);
    ck_assert_int_eq(out.i, 207);
    ck_assert_int_eq(sim_dpu_replace(dpu, "helper", NULL, NULL, NULL, &diag), DPUSIM_OK);
    EXPECT(!call(dpu, "twice", "i(i)", &five, 1, &out, &diag), "%s", diag.text);
    ck_assert_int_eq(out.i, 7);
    ck_assert_uint_eq(seen.calls, 4);
    ck_assert_int_eq(sim_dpu_replace(dpu, "no", "v()", ten_more, &seen, &diag),
                     DPUSIM_UNKNOWN_SYMBOL);
    sim_dpu_destroy(dpu);
}
END_TEST

static int64_t native(int8_t a, uint32_t b, double c, float d)
{
    return a * 1000 + (int64_t)b + (int64_t)(c * 10) + (int64_t)d;
}

START_TEST(a_native_function_gets_its_own_types)
{
    union sim_value out, arguments[] = {{.i = -2}, {.u = 7}, {.d = 1.5}, {.f = 3}};
    bool there = sim_call_native("l(bpdf)", (void (*)(void))native, arguments, &out);
    if (there)
        ck_assert_int_eq(out.l, -2000 + 7 + 15 + 3);
    ck_assert(!sim_call_native("l(bpd", (void (*)(void))native, arguments, &out));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sim.double");
    TCase *normal = tcase_create("normal"), *bad = tcase_create("bad_input");
    tcase_add_loop_test(normal, arguments_and_results_follow_the_convention, 0, 2);
    tcase_add_test(normal, any_tasklet_may_call);
    tcase_add_loop_test(normal, a_function_is_replaced_or_its_arguments_are, 0, 2);
    tcase_add_test(normal, a_native_function_gets_its_own_types);
    tcase_add_loop_test(bad, what_cannot_be_called_says_why, 0, 9);
    suite_add_tcase(s, normal);
    suite_add_tcase(s, bad);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
