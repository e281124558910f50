# SPDX-License-Identifier: MIT
"""Histogram of an image of 256 grey levels in Python; works with both kernels.

usage: host.py KERNEL [NUMBER OF DPUS [NUMBER OF PIXELS]]
"""
import sys

import numpy as np

from dpu import DpuSet

BINS = 256  # as in histogram.h


def main(kernel: str, nr_dpus: int = 4, size: int = 1000003) -> int:
    """Count ``size`` pixels on ``nr_dpus`` DPUs; 0 when numpy counts the same."""
    pixels = np.random.default_rng(seed=1).normal(90, 40, size).clip(0, BINS - 1).astype(np.uint8)
    share = -(-size // (8 * nr_dpus)) * 8  # rounded up to what a transfer to MRAM can have
    padded = np.zeros((nr_dpus, share), dtype=np.uint8)
    padded.flat[:size] = pixels
    parts = np.clip(size - share * np.arange(nr_dpus), 0, share).astype(np.uint32)
    histograms = np.zeros((nr_dpus, BINS), dtype=np.uint32)
    with DpuSet(nr_dpus=nr_dpus, binary=kernel) as dpus:
        dpus.copy("n", list(parts.reshape(-1, 1)))
        dpus.copy("pixels", list(padded))
        dpus.exec()
        dpus.copy(list(histograms), "histogram")
    wanted = np.bincount(pixels, minlength=BINS)
    right = int(np.count_nonzero(histograms.sum(axis=0) == wanted))
    print(f"{nr_dpus} DPUs: {right} of {BINS} bins right")
    return 0 if right == BINS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
