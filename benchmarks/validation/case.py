# SPDX-License-Identifier: MIT
"""A case: what is built, what it is given, what is read from it; and how it is run."""
import ctypes
import dataclasses
import functools
import os
import subprocess
import threading
from typing import Any, Callable, Dict, List, Mapping, Tuple

import dpusim
import numpy as np

MHZ = 350  #: clock of the hardware that was measured

Measure = Tuple[str, float, str]  #: quantity, value, unit
Row = Dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Case:
    """One run of one kernel on DPUs that all do the same amount of work.

    ``prepare`` is called with each DPU and its number; ``check`` afterwards, and raises when a
    result is wrong; ``measure`` gets the DPUs' cycle counts or totals and returns the figures.
    """

    benchmark: str
    columns: Mapping[str, Any]
    source: str  #: path below benchmarks/
    defines: Tuple[str, ...]
    tasklets: int
    prepare: Callable[[dpusim.Dpu, int], None]
    check: Callable[[dpusim.Dpu, int], None]
    measure: Callable[["Result"], List[Measure]]
    dpus: int = 1
    launches: Tuple[Callable[[List[dpusim.Dpu]], None], ...] = (lambda dpus: None,)


@dataclasses.dataclass
class Result:
    """What the DPUs of a case took."""

    cycles: List[int]  #: of the slowest DPU, launch by launch
    timed: int  #: largest of the tasklets' own totals, in cycles; 0: the kernel keeps none
    columns: Mapping[str, Any]


class Builder:
    """Compiles kernels, each variant once."""

    def __init__(self, root: str, work: str, compiler: str) -> None:
        self._root, self._work, self._compiler = root, work, compiler
        self._programs: Dict[str, Any] = {}
        self._lock = threading.Lock()
        os.makedirs(work, exist_ok=True)

    def program(self, case: Case) -> dpusim.Program:
        """The program of a case."""
        options = ["-O2", "-DNR_TASKLETS=%d" % case.tasklets, *case.defines]
        key = " ".join([case.source, *options])
        with self._lock:  # compiling is short beside running
            if key not in self._programs:
                path = os.path.join(self._work, "%d.elf" % len(self._programs))
                subprocess.run([self._compiler, *options, "-o", path,
                                os.path.join(self._root, "benchmarks", case.source)], check=True)
                self._programs[key] = dpusim.Program.read(path)
            return self._programs[key]


def run(case: Case, builder: Builder) -> List[Row]:
    """Simulate a case and return its rows."""
    program = builder.program(case)
    dpus = [dpusim.Dpu(program, mode="cycle") for _ in range(case.dpus)]
    for number, dpu in enumerate(dpus):
        case.prepare(dpu, number)
    cycles = []
    for between in case.launches:
        between(dpus)
        took = []
        for dpu in dpus:
            dpu.run()
            took.append(dpu.cycles)
        cycles.append(max(took))
    timed = 0
    for number, dpu in enumerate(dpus):
        case.check(dpu, number)
        if "cycles" in program.symbols:
            timed = max(timed, int(np.max(dpu.array("cycles", "uint64"))))
    result = Result(cycles, timed, case.columns)
    return [{"benchmark": case.benchmark, **case.columns, "quantity": quantity, "value": value,
             "unit": unit} for quantity, value, unit in case.measure(result)]


_random_lock = threading.Lock()  # the C library's state is shared


@functools.lru_cache(maxsize=None)
def _random_numbers(count: int) -> np.ndarray:
    libc = ctypes.CDLL(None)
    libc.srand(0)
    return np.array([libc.rand() for _ in range(count)], dtype=np.int64)


def host_random(count: int) -> np.ndarray:
    """The first ``count`` numbers of the C library's ``rand()`` with seed 0, int64."""
    with _random_lock:
        return _random_numbers(count)


def expect(good: Any, what: str) -> None:
    """Raise when a kernel's result is wrong."""
    if not good:
        raise AssertionError(what + ": wrong result")
