# SPDX-License-Identifier: MIT
"""The sum of an array in Python: every DPU adds up its part, the host adds the sums.

usage: host.py KERNEL [NUMBER OF DPUS [NUMBER OF ELEMENTS]]
"""
import sys

import numpy as np

from dpu import DpuSet


def main(kernel: str, nr_dpus: int = 4, size: int = 1000003) -> int:
    """Add up ``size`` random numbers on ``nr_dpus`` DPUs; 0 when the sum is right."""
    numbers = np.random.default_rng(seed=1).integers(0, 2**32, size=size, dtype=np.uint32)
    share = -(-size // nr_dpus)  # rounded up
    share += share % 2           # MRAM is written in multiples of eight bytes
    padded = np.zeros((nr_dpus, share), dtype=np.uint32)
    padded.flat[:size] = numbers
    parts = np.clip(size - share * np.arange(nr_dpus), 0, share).astype(np.uint32)
    sums = np.zeros(nr_dpus, dtype=np.uint64)
    with DpuSet(nr_dpus=nr_dpus, binary=kernel) as dpus:
        dpus.copy("n", list(parts.reshape(-1, 1)))
        dpus.copy("numbers", list(padded))
        dpus.exec()
        dpus.copy(list(sums.reshape(-1, 1)), "sum")
    right = int(sums.sum()) == int(numbers.sum(dtype=np.uint64))
    print(f"{nr_dpus} DPUs: sum {sums.sum()}, {'right' if right else 'wrong'}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
