# SPDX-License-Identifier: MIT
"""Host side of vector_add.S, or of kernel.c, in Python.

usage: host.py vector_add.elf [NUMBER OF DPUS]

Gives every DPU a part of two numpy vectors, runs the kernel, checks every sum, and prints what the
first DPU printed.
"""
import sys

import numpy as np

from dpu import DpuSet

N = 16384  # elements per DPU


def main(program: str, nr_dpus: int) -> int:
    """Add two vectors on ``nr_dpus`` DPUs; 0 when every sum is right."""
    rng = np.random.default_rng(seed=1)
    a = rng.integers(0, 2**32, size=(nr_dpus, N), dtype=np.uint32)
    b = rng.integers(0, 2**32, size=(nr_dpus, N), dtype=np.uint32)
    c = np.zeros_like(a)
    with DpuSet(nr_dpus=nr_dpus, binary=program, async_mode=True) as dpus:
        dpus.n = np.array([N], dtype=np.uint32)
        dpus.copy("a", list(a))
        dpus.copy("b", list(b))
        dpus.exec()
        dpus.copy(list(c), "c")
        dpus.sync()
        right = int(np.count_nonzero(c == a + b))
        print(f"{len(dpus)} DPUs: {right} of {c.size} sums right")
        dpus.dpus()[0].log(sys.stdout)
    return 0 if right == c.size else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 4))
