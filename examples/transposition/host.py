# SPDX-License-Identifier: MIT
"""Transposition of a matrix in Python: every DPU turns a stripe of rows over.

usage: host.py KERNEL [NUMBER OF DPUS [NUMBER OF ROWS]]
"""
import sys

import numpy as np

from dpu import DpuSet

TILE, COLUMNS = 16, 512  # as in transposition.h


def main(kernel: str, nr_dpus: int = 4, rows: int = 1000) -> int:
    """Transpose on ``nr_dpus`` DPUs; 0 when numpy finds the same."""
    share = -(-rows // (TILE * nr_dpus)) * TILE  # rounded up to whole tiles
    matrix = np.zeros((nr_dpus * share, COLUMNS), dtype=np.uint32)
    matrix[:rows] = np.arange(rows * COLUMNS).reshape(rows, COLUMNS)
    stripes = np.zeros((nr_dpus, COLUMNS, share), dtype=np.uint32)
    with DpuSet(nr_dpus=nr_dpus, binary=kernel) as dpus:
        dpus.rows = np.array([share], dtype=np.uint32)
        dpus.copy("input", np.split(matrix, nr_dpus))
        dpus.exec()
        dpus.copy(list(stripes), "output")
    result = np.hstack(list(stripes))[:, :rows]
    right = int(np.count_nonzero(result == matrix[:rows].T))
    print(f"{nr_dpus} DPUs: {right} of {result.size} elements right")
    return 0 if right == result.size else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
