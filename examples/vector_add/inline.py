# SPDX-License-Identifier: MIT
"""A kernel in C inside a Python program: y = factor x + y.

usage: inline.py [NUMBER OF DPUS [NUMBER OF TASKLETS]]

The text is compiled when the program is loaded, once for the same text and options.
"""
import sys

import numpy as np

from dpu import DpuSet

N = 4096  # elements per DPU

KERNEL = """
#include <defs.h>
#include <mram.h>
#include <stdint.h>
#include <stdio.h>

enum { BLOCK = 64 };

__mram_noinit int32_t x[N], y[N];
__host int32_t factor;

int main(void)
{
    __dma_aligned int32_t xs[BLOCK], ys[BLOCK];
    for (uint32_t first = me() * BLOCK; first < N; first += NR_TASKLETS * BLOCK) {
        mram_read(&x[first], xs, sizeof xs);
        mram_read(&y[first], ys, sizeof ys);
        for (uint32_t i = 0; i < BLOCK; i++)
            ys[i] += factor * xs[i];
        mram_write(ys, &y[first], sizeof ys);
    }
    if (me() == 0)
        printf("%u elements, %u tasklets\\n", N, NR_TASKLETS);
    return 0;
}
"""


def main(nr_dpus: int = 4, nr_tasklets: int = 16) -> int:
    """Run on ``nr_dpus`` DPUs; 0 when every element is what numpy computes."""
    rng = np.random.default_rng(seed=1)
    x, y = rng.integers(-1000, 1000, size=(2, nr_dpus, N), dtype=np.int32)
    got = np.zeros_like(y)
    with DpuSet(nr_dpus, c_source=KERNEL, nr_tasklets=nr_tasklets, stack_size_default=2048,
                defines={"N": N}) as dpus:
        dpus.factor = np.array([7], dtype=np.int32)
        dpus.copy("x", list(x))
        dpus.copy("y", list(y))
        dpus.exec()
        dpus.copy(list(got), "y")
        dpus.dpus()[0].log(sys.stdout)
    right = int(np.count_nonzero(got == 7 * x + y))
    print(f"{nr_dpus} DPUs: {right} of {y.size} elements right")
    return 0 if right == y.size else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
