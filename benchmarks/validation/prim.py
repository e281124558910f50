# SPDX-License-Identifier: MIT
"""Whole kernels, on as many DPUs as the measurements; every DPU has its share of the work."""
import itertools
from typing import Callable, Dict, Iterator, List, Tuple

import dpusim
import numpy as np

from validation.case import MHZ, Case, Measure, Result, expect

TASKLETS = 16
LAUNCH_MS = 0.18  #: of the host, per launch: documented (trivial kernel on 256 DPUs, 0.1828 ms)
DPUS = (1, 4, 16, 64)
Hook = Callable[[dpusim.Dpu, int], None]


def _scalars(dpu: dpusim.Dpu, **values: int) -> None:
    for name, value in values.items():
        dpu.write(name, int(value).to_bytes(dpu.program.symbol(name).size, "little"))


def _put(dpu: dpusim.Dpu, name: str, values: np.ndarray) -> None:
    dpu.array(name, values.dtype.name, len(values))[:] = values


def _same(dpu: dpusim.Dpu, name: str, wanted: np.ndarray) -> None:
    expect(np.array_equal(dpu.array(name, wanted.dtype.name, len(wanted)), wanted), name)


def _random(number: int) -> np.random.Generator:
    return np.random.default_rng(number)


def _va(share: int) -> Tuple[Hook, Hook]:
    def prepare(dpu: dpusim.Dpu, number: int) -> None:
        _scalars(dpu, bytes=share * 4)
        _put(dpu, "a", np.arange(share, dtype=np.int32))
        _put(dpu, "b", np.arange(share, dtype=np.int32) * 2)

    return prepare, lambda dpu, number: _same(dpu, "b", np.arange(share, dtype=np.int32) * 3)


def _red(share: int) -> Tuple[Hook, Hook]:
    def prepare(dpu: dpusim.Dpu, number: int) -> None:
        _scalars(dpu, bytes=share * 8)
        _put(dpu, "input", np.arange(share, dtype=np.uint64))

    wanted = np.array([share * (share - 1) // 2], np.uint64)
    return prepare, lambda dpu, number: _same(dpu, "sum", wanted)


def _gemv(share: int) -> Tuple[Hook, Hook]:
    def matrix(number: int) -> np.ndarray:
        return _random(number).integers(0, 50, share * 64, dtype=np.uint32)

    vector = _random(99).integers(0, 50, 64, dtype=np.uint32)

    def prepare(dpu: dpusim.Dpu, number: int) -> None:
        _scalars(dpu, rows=share, columns=64)
        _put(dpu, "matrix", matrix(number))
        _put(dpu, "vector", vector)

    def check(dpu: dpusim.Dpu, number: int) -> None:
        _same(dpu, "product", matrix(number).reshape(-1, 64) @ vector)

    return prepare, check


def _hst_s(share: int) -> Tuple[Hook, Hook]:
    def pixels(number: int) -> np.ndarray:
        return _random(number).integers(0, 4096, share, dtype=np.uint32)

    def prepare(dpu: dpusim.Dpu, number: int) -> None:
        _scalars(dpu, bytes=share * 4, bins=256)
        _put(dpu, "pixels", pixels(number))

    def check(dpu: dpusim.Dpu, number: int) -> None:
        _same(dpu, "histogram", np.bincount(pixels(number) // 16, minlength=256).astype(np.uint32))

    return prepare, check


def _scan_rss(share: int) -> Tuple[Hook, Hook]:
    def numbers(number: int) -> np.ndarray:
        return _random(number).integers(0, 100, share, dtype=np.uint64)

    def prepare(dpu: dpusim.Dpu, number: int) -> None:
        _scalars(dpu, bytes=share * 8, phase=0)
        _put(dpu, "input", numbers(number))

    def check(dpu: dpusim.Dpu, number: int) -> None:
        before = sum(int(numbers(n).sum()) for n in range(number))
        inclusive = np.cumsum(numbers(number), dtype=np.uint64)
        _same(dpu, "output", np.concatenate(([0], inclusive[:-1])).astype(np.uint64) +
              np.uint64(before))

    return prepare, check


def _second_scan(dpus: List[dpusim.Dpu]) -> None:
    before = 0
    for dpu in dpus:
        _scalars(dpu, phase=1, before=before)
        before += int(dpu.array("sum", "uint64")[0])


def _sel(share: int) -> Tuple[Hook, Hook]:
    def prepare(dpu: dpusim.Dpu, number: int) -> None:
        _scalars(dpu, bytes=share * 8)
        _put(dpu, "input", np.arange(share, dtype=np.uint64) + np.uint64(number * share))

    def check(dpu: dpusim.Dpu, number: int) -> None:
        _same(dpu, "output", np.arange(number * share + 1, (number + 1) * share, 2,
                                       dtype=np.uint64))

    return prepare, check


def _trns(share: int) -> Tuple[Hook, Hook]:
    """``share`` tiles of 4 x 8 elements, seen as 4 x (tiles x 8) after the transposition."""
    values = np.arange(share * 32, dtype=np.uint64)

    def prepare(dpu: dpusim.Dpu, number: int) -> None:
        _scalars(dpu, tiles=share, phase=0)
        _put(dpu, "matrix", values)

    def check(dpu: dpusim.Dpu, number: int) -> None:
        _same(dpu, "matrix", values.reshape(share, 4, 8).transpose(2, 0, 1).reshape(-1))

    return prepare, check


def _second_transposition(dpus: List[dpusim.Dpu]) -> None:
    for dpu in dpus:
        _scalars(dpu, phase=1)


def _nothing(dpus: List[dpusim.Dpu]) -> None:
    pass


#: per benchmark: source, sizes (totals over the DPUs), work on one DPU, what the host does before
#: each launch
KERNELS: Dict[str, Tuple[str, List[int], Callable[[int], Tuple[Hook, Hook]],
                         Tuple[Callable[[List[dpusim.Dpu]], None], ...]]] = {
    "VA (own compiler)": ("va.c", [1 << k for k in range(19, 24)], _va, (_nothing,)),
    "RED": ("red.c", [1 << k for k in range(19, 24)], _red, (_nothing,)),
    "VA": ("va.c", [1 << k for k in range(19, 24)] + [9437184], _va, (_nothing,)),
    "GEMV (own compiler)": ("gemv.c", [2048, 4096, 8192, 16384], _gemv, (_nothing,)),
    "GEMV": ("gemv.c", [2048, 4096, 8192, 16384, 24576, 32768, 65536], _gemv, (_nothing,)),
    "HST-S": ("hst_s.c", [131072, 262144, 524288, 1048576, 1572864, 2097152], _hst_s, (_nothing,)),
    "SCAN-RSS": ("scan_rss.c", [1 << k for k in range(18, 23)], _scan_rss,
                 (_nothing, _second_scan)),
    "SEL": ("sel.c", [1 << k for k in range(19, 24)], _sel, (_nothing,)),
    "TRNS": ("trns.c", [32, 64, 128, 256], _trns, (_nothing, _second_transposition)),
}
#: most work that one DPU's arrays take, as total / DPUs
MOST = {"RED": 1 << 21, "VA": 9437184 // 4, "GEMV": 16384, "HST-S": 524288, "SCAN-RSS": 1 << 20,
        "SEL": 1 << 21, "TRNS": 1 << 15}


def _measure(rounds: int) -> Callable[[Result], List[Measure]]:
    def measure(result: Result) -> List[Measure]:
        cycles = sum(result.cycles) * rounds
        launches = len(result.cycles) * rounds
        return [("cycles", cycles, "cycles"),
                ("kernel_ms", cycles / MHZ / 1e3 + launches * LAUNCH_MS, "ms")]
    return measure


def cases() -> Iterator[Case]:
    """Every kernel, number of DPUs and size that fits."""
    for name, (source, sizes, work, launches) in KERNELS.items():
        for dpus, size in itertools.product(DPUS, sizes):
            # TRNS: 64 columns of `size` tiles, dealt to the DPUs in rounds; all rounds are alike.
            share = size if name == "TRNS" else size // dpus
            rounds = 64 // dpus if name == "TRNS" else 1
            if share > MOST[name.split()[0]]:
                continue
            prepare, check = work(share)
            yield Case(name, {"dpus": dpus, "param": size}, "prim/" + source,
                       ("-DSDK_LOOP",) if name in ("VA", "GEMV") else (), TASKLETS, prepare,
                       check, _measure(rounds), 1 if name == "TRNS" else dpus, launches)
