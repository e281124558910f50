# SPDX-License-Identifier: MIT
"""The micro-benchmarks: arithmetic, WRAM and MRAM."""
import functools
import itertools
import operator
from typing import Any, Callable, Iterator, List

import dpusim
import numpy as np

from validation.case import MHZ, Case, Measure, Result, expect, host_random

BLOCK = 1024
TYPES = {"INT32": ("int32_t", np.int32), "UINT32": ("uint32_t", np.uint32),
         "INT64": ("int64_t", np.int64), "UINT64": ("uint64_t", np.uint64),
         "FLOAT": ("float", np.float32), "DOUBLE": ("double", np.float64)}
SMALL_TYPES = {"INT8": ("int8_t", np.int8), "INT16": ("int16_t", np.int16)}
OPERATIONS = {"ADD": "+", "SUB": "-", "MUL": "*", "DIV": "/"}


def _fill(dpu: dpusim.Dpu, name: str, values: np.ndarray) -> None:
    dpu.array(name, values.dtype.name, len(values))[:] = values


def _apply(operation: str, values: np.ndarray, scalar: Any) -> np.ndarray:
    """What the DPU computes: C's division, and integers that wrap."""
    with np.errstate(all="ignore"):
        if operation == "DIV" and values.dtype.kind in "iu":
            quotient = np.abs(values.astype(object)) // abs(int(scalar))
            return (np.sign(values).astype(object) * quotient).astype(values.dtype)
        function = {"ADD": operator.add, "SUB": operator.sub, "MUL": operator.mul,
                    "DIV": operator.truediv}[operation]
        return function(values, values.dtype.type(scalar)).astype(values.dtype)


@functools.lru_cache(maxsize=None)
def _wanted(operation: str, kind: str, elements: int) -> np.ndarray:
    return _apply(operation, host_random(elements).astype(TYPES[kind][1]), elements)


def _rate(elements: int) -> Callable[[Result], List[Measure]]:
    def measure(result: Result) -> List[Measure]:
        return [("cycles", result.timed, "cycles"),
                ("cyc_per_elem", result.timed / elements, "cycles"),
                ("mops", elements * MHZ / result.timed, "MOPS"),
                ("kernel_cycles", result.cycles[0], "cycles")]
    return measure


def _bandwidth(bytes_moved: float) -> Callable[[Result], List[Measure]]:
    def measure(result: Result) -> List[Measure]:
        return [("cycles", result.timed, "cycles"),
                ("mb_s", bytes_moved * MHZ / result.timed, "MB/s")]
    return measure


def arithmetic(elements: int = 1 << 20, tasklets: Any = range(1, 25)) -> Iterator[Case]:
    """Throughput of every operation on every type."""
    for kind, operation, threads in itertools.product(TYPES, OPERATIONS, tasklets):
        c_type, dtype = TYPES[kind]

        def prepare(dpu: dpusim.Dpu, number: int, dtype: Any = dtype) -> None:
            dpu.array("n", "uint32")[0] = elements
            dpu.array("scalar", np.dtype(dtype).name)[0] = elements
            _fill(dpu, "input", host_random(elements).astype(dtype))

        def check(dpu: dpusim.Dpu, number: int, kind: str = kind, operation: str = operation,
                  dtype: Any = dtype) -> None:
            found = dpu.array("output", np.dtype(dtype).name, elements)
            expect(np.array_equal(found, _wanted(operation, kind, elements)),
                   "%s %s" % (kind, operation))

        yield Case("arithmetic", {"dtype": kind, "op": operation, "tasklets": threads,
                                  "elements": elements},
                   "micro/arithmetic.c",
                   ("-DTYPE=" + c_type, "-DOPERATOR=" + OPERATIONS[operation]), threads, prepare,
                   check, _rate(elements))


STREAM_ARRAYS = {"COPY_DMA": 2, "COPY": 2, "ADD": 3, "SCALE": 2, "TRIAD": 3}


def _stream_values(kernel: str, a: np.ndarray, b: np.ndarray, scalar: int) -> np.ndarray:
    s = np.uint64(scalar)
    with np.errstate(over="ignore"):
        return {"COPY_DMA": lambda: a, "COPY": lambda: a, "ADD": lambda: a + b,
                "SCALE": lambda: s * a, "TRIAD": lambda: a + s * b}[kernel]()


def stream(whole: bool, elements: int = 1 << 21, tasklets: Any = range(1, 17)) -> Iterator[Case]:
    """STREAM, in WRAM alone or with its transfers."""
    kernels = list(STREAM_ARRAYS) if whole else list(STREAM_ARRAYS)[1:]
    for kernel, threads in itertools.product(kernels, tasklets):
        arrays = STREAM_ARRAYS[kernel]
        a = host_random(elements).astype(np.uint64)

        def prepare(dpu: dpusim.Dpu, number: int, arrays: int = arrays) -> None:
            dpu.array("n", "uint32")[0] = elements
            dpu.array("scalar", "uint64")[0] = elements
            _fill(dpu, "input", a)
            if arrays == 3:
                _fill(dpu, "input2", a[::-1])

        def check(dpu: dpusim.Dpu, number: int, kernel: str = kernel) -> None:
            wanted = _stream_values(kernel, a, a[::-1], elements)
            expect(np.array_equal(dpu.array("output", "uint64", elements), wanted), kernel)

        columns = {"kernel": kernel.replace("_", "-"), "tasklets": threads}
        if not whole:
            columns["bytes_per_elem"] = 8 * arrays
        yield Case("mram_stream" if whole else "wram_stream", columns, "micro/stream.c",
                   ("-DKERNEL=" + kernel,) + (("-DWHOLE",) if whole else ()), threads, prepare,
                   check, _bandwidth(8 * arrays * elements))


def patterns(elements: int = 1 << 21, tasklets: Any = (1, 2, 4, 8, 16)) -> Iterator[Case]:
    """WRAM through indices: streaming, strided, random."""
    indices = BLOCK // 8
    orders = {("streaming", 1): np.arange(indices)}
    for stride in (2, 4, 8, 16, 32, 64):
        orders["strided", stride] = np.arange(indices) * stride % indices
    orders["random", 0] = np.random.default_rng(0).permutation(indices)
    for (pattern, stride), threads in itertools.product(orders, tasklets):
        order = orders[pattern, stride].astype(np.uint32)
        a = host_random(elements).astype(np.uint64)

        def prepare(dpu: dpusim.Dpu, number: int, order: np.ndarray = order) -> None:
            dpu.array("n", "uint32")[0] = elements
            _fill(dpu, "order", order)
            _fill(dpu, "input", a)

        def check(dpu: dpusim.Dpu, number: int, order: np.ndarray = order) -> None:
            found = dpu.array("output", "uint64", elements).reshape(-1, indices)
            expect(np.array_equal(found[:, order], a.reshape(-1, indices)[:, order]), "pattern")

        yield Case("wram_pattern", {"pattern": pattern, "stride": stride, "tasklets": threads},
                   "micro/pattern.c", (), threads, prepare, check, _bandwidth(16 * elements))


def latency(total_bytes: int = 16 << 20) -> Iterator[Case]:
    """Latency of a read and of a write, by size."""
    for direction, size in itertools.product(("read", "write"),
                                             (8 << shift for shift in range(9))):
        data = np.arange(total_bytes // 4, dtype=np.uint32)

        def prepare(dpu: dpusim.Dpu, number: int, data: np.ndarray = data) -> None:
            dpu.array("n", "uint32")[0] = total_bytes
            _fill(dpu, "input", data)

        def check(dpu: dpusim.Dpu, number: int, data: np.ndarray = data) -> None:
            expect(np.array_equal(dpu.array("output", "uint32", len(data)), data), "latency")

        def measure(result: Result, size: int = size) -> List[Measure]:
            one = result.timed / (total_bytes / size)
            return [("latency", one, "cycles"), ("bandwidth", size * MHZ / one, "MB/s")]

        yield Case("mram_latency", {"direction": direction, "bytes": size}, "micro/latency.c",
                   ("-DBLOCK=%d" % size, "-DTIME_" + direction.upper()), 1, prepare, check, measure)


def strided(elements: int = 1 << 21, tasklets: Any = (1, 2, 4, 8, 16)) -> Iterator[Case]:
    """Strided copies, by whole blocks and by elements."""
    for grain, shift, threads in itertools.product(("coarse", "fine"), range(13), tasklets):
        stride = 1 << shift
        a = host_random(elements).astype(np.uint64)

        def prepare(dpu: dpusim.Dpu, number: int, stride: int = stride) -> None:
            dpu.array("n", "uint32")[0] = elements
            dpu.array("stride", "uint32")[0] = stride
            _fill(dpu, "input", a)

        def check(dpu: dpusim.Dpu, number: int, stride: int = stride) -> None:
            found = dpu.array("output", "uint64", elements)
            wanted = np.zeros(elements, np.uint64)
            wanted[::stride] = a[::stride]
            expect(np.array_equal(found, wanted), "strided")

        yield Case("mram_strided", {"access": grain, "stride": stride, "tasklets": threads},
                   "micro/strided.c", ("-DFINE",) if grain == "fine" else (), threads, prepare,
                   check, _bandwidth(16 * (elements // stride)))


def _streams(count: int) -> np.ndarray:
    """Where the random streams begin: any different numbers but zero do."""
    return np.random.default_rng(1).integers(1, 1 << 63, count, dtype=np.uint64)


def random_access(elements: int = 1 << 21, per_element: int = 16,
                  tasklets: Any = (1, 2, 4, 8, 12, 16)) -> Iterator[Case]:
    """Random updates of single elements."""
    streams = _streams(128)
    updates = elements * per_element // len(streams)

    def prepare(dpu: dpusim.Dpu, number: int) -> None:
        dpu.array("n", "uint32")[0] = elements
        dpu.array("updates", "uint32")[0] = updates
        _fill(dpu, "streams", streams)

    def check(dpu: dpusim.Dpu, number: int) -> None:
        touched = dpu.array("input", "uint64", elements)
        where = np.nonzero(touched)[0]
        expect(len(where) and np.array_equal(touched[where] & np.uint64(elements - 1), where),
               "random")

    for threads in tasklets:
        yield Case("mram_random", {"tasklets": threads}, "micro/random.c", (), threads, prepare,
                   check, _bandwidth(16 * updates * len(streams)))


def intensity(total_bytes: int = 1 << 20, tasklets: Any = (1, 2, 4, 8, 11, 16)) -> Iterator[Case]:
    """Throughput by operations per byte: 1/2048 to 8."""
    for kind, operation in itertools.product({**SMALL_TYPES, **TYPES}, OPERATIONS):
        if kind.startswith("U"):
            continue
        c_type, dtype = {**SMALL_TYPES, **TYPES}[kind]
        size = np.dtype(dtype).itemsize
        for shift in range(-11, 4):
            per_byte = 2.0 ** shift
            per_element = per_byte * size
            repeats = max(1, int(per_element))
            step = max(1, int(1 / per_element))
            if step > BLOCK // size:
                continue
            for threads in tasklets if shift in (-11, -7, -5, -3, -2, 0) else (16,):
                yield _intensity(kind, c_type, dtype, operation, per_byte, repeats, step, threads,
                                 total_bytes if repeats < 8 else total_bytes // 8)


def _intensity(kind: str, c_type: str, dtype: Any, operation: str, per_byte: float, repeats: int,
               step: int, threads: int, total_bytes: int) -> Case:
    elements = total_bytes // np.dtype(dtype).itemsize
    done = elements // step * repeats

    def prepare(dpu: dpusim.Dpu, number: int) -> None:
        dpu.array("n", "uint32")[0] = elements
        dpu.array("scalar", np.dtype(dtype).name)[0] = 3
        dpu.array("repeats", "uint32")[0] = repeats
        dpu.array("step", "uint32")[0] = step
        _fill(dpu, "input", host_random(1 << 20)[:elements].astype(dtype))

    def check(dpu: dpusim.Dpu, number: int) -> None:
        wanted = host_random(1 << 20)[:elements].astype(dtype)
        for _ in range(repeats):
            wanted[::step] = _apply(operation, wanted[::step], 3)
        found = dpu.array("output", np.dtype(dtype).name, elements)
        expect(np.array_equal(found, wanted, equal_nan=wanted.dtype.kind == "f"), "intensity")

    def measure(result: Result) -> List[Measure]:
        return [("cycles", result.timed, "cycles"), ("mops", done * MHZ / result.timed, "MOPS")]

    return Case("operational_intensity", {"dtype": kind, "op": operation, "op_per_byte": per_byte,
                                          "tasklets": threads},
                "micro/intensity.c", ("-DTYPE=" + c_type, "-DOPERATOR=" + OPERATIONS[operation]),
                threads, prepare, check, measure)


def cases() -> Iterator[Case]:
    """Every case."""
    return itertools.chain(latency(), arithmetic(), stream(False), patterns(), stream(True),
                           strided(), random_access(), intensity())
