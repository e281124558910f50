// SPDX-License-Identifier: MIT
// Services of one tasklet: counter, stack, end.

#include "macros.inc"

// perfcounter_t perfcounter_get(void): the register counts in units of 16.
        function perfcounter_get
        time    r1
        lslx    r0, r1, 4
        lsl     r1, r1, 4
        jump    r23
        end_function perfcounter_get

// perfcounter_t perfcounter_config(perfcounter_config_t config, bool reset): bit 0 resets, the bits
// above it choose. Modes beyond COUNT_NOTHING need the two counters of v1B.
        function perfcounter_config
#if !defined(__dpu_v1B__)
        jgtu    r0, 3, .Lno_such_mode
#endif
        lsl_add r1, r1, r0, 1
        time_cfg r1, r1
        lslx    r0, r1, 4
        lsl     r1, r1, 4
        jump    r23
#if !defined(__dpu_v1B__)
.Lno_such_mode:
        fault   __FAULT_COUNTER_CONFIGURATION__
#endif
        end_function perfcounter_config

#if defined(__dpu_v1B__)
// perfcounter_pair_t perfcounter_get_both(bool reset): the two counters are stopped, in the mode in
// which `time` reads instructions, then in that in which it reads cycles, and let go again. r0: the
// result.
#define STOP_READ_CYCLES       (5 << 1)
#define STOP_READ_INSTRUCTIONS (6 << 1)
#define COUNT_BOTH             (7 << 1)
        function perfcounter_get_both
        move    r2, STOP_READ_INSTRUCTIONS
        time_cfg zero, r2
        time    r3
        move    r2, STOP_READ_CYCLES
        time_cfg zero, r2
        time    r5
        add     r1, r1, COUNT_BOTH
        time_cfg zero, r1
        lslx    r2, r3, 4
        lsl     r3, r3, 4
        lslx    r4, r5, 4
        lsl     r5, r5, 4
        sd      r0, 0, d4
        sd      r0, 8, d2
        jump    r23
        end_function perfcounter_get_both
#endif

// int check_stack(void)
        function check_stack
        ld      d0, id8, __sys_thread_stack_table_ptr   // r0: start, r1: size
        add     r0, r0, r1
        sub     r0, r0, r22
        jump    r23
        end_function check_stack

        function exit
        jump    __sys_end
        end_function exit

        function abort
        fault   __FAULT_HALT__
        end_function abort
