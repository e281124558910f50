/* SPDX-License-Identifier: MIT */
/* Counter, profiling, stack. */
#include <perfcounter.h>
#include <profiling.h>

#include "check.h"

PROFILING_INIT(section);

static int depth_of_stack(int levels)
{
    volatile int local[8] = {levels};
    return levels ? depth_of_stack(levels - 1) + (local[0] - levels) : check_stack();
}

int main(void)
{
    if (me() == 0) {
        CHECK(check_stack() > 0 && check_stack() <= 1024);
        CHECK(depth_of_stack(3) < check_stack());
        CHECK(depth_of_stack(60) < 0);
        perfcounter_config(COUNT_CYCLES, true);
        perfcounter_t start = perfcounter_get();
        profiling_start(&section);
        for (volatile int i = 0; i < 100; i++)
            ;
        profiling_stop(&section);
        perfcounter_t taken = perfcounter_get() - start;
        CHECK(start < 1000 && taken > 300 && taken < 100000 && taken % 16 == 0);
        CHECK(section.count[0] > 0 && section.count[0] <= taken / 16);
        CHECK(section.start[0] == 0 && section.count[1] == 0);
        CHECK(perfcounter_config(COUNT_NOTHING, false) >= taken);
        CHECK(CLOCKS_PER_SEC >= 100000000);
    }
    return finish();
}
