# SPDX-License-Identifier: MIT
"""Matrix times vector in Python: every DPU gets a stripe of rows and the whole vector.

usage: host.py KERNEL [NUMBER OF DPUS [NUMBER OF ROWS]]
"""
import sys

import numpy as np

from dpu import DpuSet

COLUMNS = 256  # as in matrix_vector.h


def main(kernel: str, nr_dpus: int = 4, rows: int = 2048) -> int:
    """Multiply on ``nr_dpus`` DPUs; 0 when numpy finds the same."""
    rng = np.random.default_rng(seed=1)
    share = -(-rows // nr_dpus)  # rounded up
    share += share % 2           # a tasklet takes two rows at a time
    matrix = np.zeros((nr_dpus * share, COLUMNS), dtype=np.int32)
    matrix[:rows] = rng.integers(-1000, 1001, size=(rows, COLUMNS))
    x = rng.integers(-1000, 1001, size=COLUMNS, dtype=np.int32)
    y = np.zeros((nr_dpus, share), dtype=np.int32)
    with DpuSet(nr_dpus=nr_dpus, binary=kernel) as dpus:
        dpus.rows = np.array([share], dtype=np.uint32)
        dpus.x = x
        dpus.copy("matrix", np.split(matrix, nr_dpus))
        dpus.exec()
        dpus.copy(list(y), "y")
    right = int(np.count_nonzero((y.ravel() == matrix @ x)[:rows]))
    print(f"{nr_dpus} DPUs: {right} of {rows} rows right")
    return 0 if right == rows else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
