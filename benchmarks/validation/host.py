# SPDX-License-Identifier: MIT
"""The host's side: estimates of transfers and launches for every case of the host benchmarks."""
import itertools
from typing import Any, Callable, Dict, Iterator, List, Tuple

import dpusim

Row = Dict[str, Any]

SIZES = [1 << power for power in range(3, 26)]  #: bytes per DPU, 8 B to 32 MB
RANK = [1, 2, 4, 8, 16, 32, 64]
RANKS = [64 * number for number in (2, 4, 10, 20, 40)]
WRAM_BYTES = 1 << 16
#: rows of host_xfer_push_*: name in the tables -> kind of call
MODES = {"copy": "copy", "parallel": "push", "broadcast": "broadcast"}
ARGUMENTS_BYTES = 24  #: what a kernel is told, by a push to WRAM
RESULT_BYTES = 16 * 16  #: of 16 tasklets


def seconds(mode: str, memory: str, direction: str, dpus: int, size: int) -> float:
    """Estimate for a call, or for a loop of copies."""
    return dpusim.host_seconds(MODES[mode], dpus, size, to_dpu=direction == "to_dpu",
                               memory=dpusim.Memory[memory])


def _transfers() -> Iterator[Row]:
    for memory, mode, direction in itertools.product(("MRAM", "WRAM"), MODES,
                                                     ("to_dpu", "from_dpu")):
        if mode == "broadcast" and direction == "from_dpu":
            continue
        for dpus, size in itertools.product(RANK + ([] if mode == "copy" else RANKS), SIZES):
            if memory == "WRAM" and size > WRAM_BYTES:
                continue
            took = seconds(mode, memory, direction, dpus, size)
            row = {"benchmark": "host_xfer", "mode": mode, "memory": memory,
                   "direction": direction, "dpus": dpus, "bytes_per_dpu": size}
            yield {**row, "quantity": "us", "value": took * 1e6, "unit": "us"}
            yield {**row, "quantity": "gb_s", "value": dpus * size / took / 1e9, "unit": "GB/s"}


def _launch() -> Iterator[Row]:
    for dpus in 1, 4, 16, 64, 256:
        yield {"benchmark": "host_launch", "dpus": dpus, "quantity": "launch",
               "value": dpusim.host_seconds("launch", dpus), "unit": "s"}


#: per kernel, of `param` and DPUs: bytes of each push of its input and of its output
TRANSFERS: Dict[str, Tuple[Callable[[int, int], List[int]], Callable[[int, int], List[int]]]] = {
    "VA": (lambda param, dpus: 2 * [4 * param // dpus], lambda param, dpus: [4 * param // dpus]),
    "GEMV": (lambda param, dpus: [256 * param // dpus, 256],
             lambda param, dpus: [4 * param // dpus]),
    "HST-S": (lambda param, dpus: [4 * param // dpus], lambda param, dpus: [4 * 256]),
    "SCAN-RSS": (lambda param, dpus: [8 * param // dpus], lambda param, dpus: [8 * param // dpus]),
    "RED": (lambda param, dpus: [8 * param // dpus], lambda param, dpus: []),
    "SEL": (lambda param, dpus: [8 * param // dpus], lambda param, dpus: []),
}


def _of_kernel(name: str, param: int, dpus: int) -> Tuple[float, float]:
    """Seconds to the DPUs and from them. RED reads results in WRAM; SEL copies half the elements,
    DPU by DPU."""
    there, back = TRANSFERS[name]
    to_dpu = seconds("parallel", "WRAM", "to_dpu", dpus, ARGUMENTS_BYTES) + sum(
        seconds("parallel", "MRAM", "to_dpu", dpus, size) for size in there(param, dpus))
    from_dpu = sum(seconds("parallel", "MRAM", "from_dpu", dpus, size)
                   for size in back(param, dpus))
    if name == "RED":
        from_dpu = seconds("parallel", "WRAM", "from_dpu", dpus, RESULT_BYTES)
    if name == "SEL":
        from_dpu = seconds("copy", "MRAM", "from_dpu", dpus, 4 * param // dpus)
    return to_dpu, from_dpu


def _kernels(kernels: List[Row]) -> Iterator[Row]:
    for row in kernels:
        if row.get("quantity") != "kernel_ms" or row["benchmark"] not in TRANSFERS:
            continue
        took = _of_kernel(row["benchmark"], row["param"], row["dpus"])
        for quantity, value in zip(("to_dpu_ms", "from_dpu_ms"), took):
            yield {**row, "quantity": quantity, "value": value * 1e3, "unit": "ms"}


def rows(kernels: List[Row]) -> List[Row]:
    """Every row; ``kernels``: those of the kernels that were run."""
    return [*_transfers(), *_launch(), *_kernels(kernels)]
