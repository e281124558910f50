/* SPDX-License-Identifier: MIT */
/* Calls at entry and exit of functions, which are told where the function was called from.
 * options: -finstrument-functions -DCORES=2 -DNR_TASKLETS=(CORES<<1) -DSTACK_SIZE_DEFAULT=CORES*256
 * expect: 404511
 */
#define PLAIN __attribute__((noinline, no_instrument_function))
__attribute__((used, aligned(8), section(".dpu_host"))) unsigned result;
static unsigned entries, exits, sites[4], tasklets;
extern char NR_TASKLETS_SYMBOL __asm__("NR_TASKLETS"), STACK __asm__("STACK_SIZE_TASKLET_3");

PLAIN void __cyg_profile_func_enter(void *function, void *site)
{
    (void)function;
    if (__builtin_dpu_tid() == 0)
        sites[entries++ & 3] = (unsigned)site;
}

PLAIN void __cyg_profile_func_exit(void *function, void *site)
{
    (void)function, (void)site;
    exits += __builtin_dpu_tid() == 0;
}

__attribute__((noinline)) static unsigned inner(unsigned x)
{
    return x * 3;
}

__attribute__((noinline)) static unsigned outer(unsigned x)
{
    return inner(x) + inner(x + 1);
}

int main(void)
{
    volatile unsigned x = 1;
    unsigned sum = outer(x);
    if (__builtin_dpu_tid() != 0)
        return 0;
    /* Of main, of outer in main, of the two calls of inner in outer, one behind the other. */
    _Bool ordered = sites[2] < sites[3] && sites[2] != sites[1];
    tasklets = (unsigned)&NR_TASKLETS_SYMBOL;
    result = tasklets * 100000 + entries * 1000 + exits * 100 - 100 * (sum - 8) + ordered * 11 +
             ((unsigned)&STACK == 512) * 300;
    return 0;
}
