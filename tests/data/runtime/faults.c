/* SPDX-License-Identifier: MIT */
/* One way of failing after another, chosen by the host. */
#include <alloc.h>
#include <assert.h>
#include <mram_unaligned.h>
#include <perfcounter.h>
#include <profiling.h>
#include <stdlib.h>

#include "check.h"

PROFILING_INIT(section);

__host volatile uint32_t scenario;
__mram_noinit uint64_t word;
static volatile int nothing;

int main(void)
{
    switch (scenario) {
    case 1:
        mem_alloc(70000);
        break;
    case 2:
        scenario = (uint32_t)(7 / nothing);
        break;
    case 3:
        assert(nothing == 1);
        break;
    case 4:
        halt();
    case 5:
        abort();
    case 6:
        profiling_start(&section);
        profiling_start(&section);
        break;
    case 7:
        profiling_stop(&section);
        break;
    case 8:
        mram_write_unaligned((void *)9, (__mram_ptr uint8_t *)&word + 2, 3);
        break;
    case 9:
        perfcounter_config(COUNT_ENABLE_BOTH, true);
        break;
    case 10:
        exit(1);
    default:
        break;
    }
    return finish();
}
