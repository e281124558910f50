# SPDX-License-Identifier: MIT
"""The ways in which host programs use the API, one small host program in Python each: what a real
one does step by step, with results that are compared. Those in C: tests/test_driver_patterns.c."""
import ctypes
import io
import itertools
import subprocess
import sys
import time

import pytest
from conftest import PROGRAMS, source
from dpu import ALLOCATE_ALL, DpuError, DpuSet, compiler, ffi

np = pytest.importorskip("numpy")
pytestmark = pytest.mark.skipif(compiler.find_compiler() is None,
                                reason="no compiler for C in this build")

CHUNK = 32  # words of a DPU
HEAP = "__sys_used_mram_end"  # DPU_MRAM_HEAP_POINTER_NAME

#: Adds `k` to every word at the start of the heap and leaves the sum of what was there, and what
#: it cost in each tasklet.
ADDER = """
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <perfcounter.h>
#include <stdint.h>
#include <stdio.h>

__host struct { uint32_t bytes, k; } DPU_INPUT_ARGUMENTS;
__host struct { uint32_t sum, n; } DPU_RESULTS;
__host uint64_t cycles[NR_TASKLETS];

static uint32_t sums[NR_TASKLETS];
BARRIER_INIT(all, NR_TASKLETS);

static uint32_t add(uint32_t at)
{
    __dma_aligned uint32_t pair[2];
    mram_read((__mram_ptr void *)(DPU_MRAM_HEAP_POINTER + at), pair, sizeof pair);
    uint32_t sum = pair[0] + pair[1];
    pair[0] += DPU_INPUT_ARGUMENTS.k;
    pair[1] += DPU_INPUT_ARGUMENTS.k;
    mram_write(pair, (__mram_ptr void *)(DPU_MRAM_HEAP_POINTER + at), sizeof pair);
    return sum;
}

int main(void)
{
    sums[me()] = 0;
    if (me() == 0)
        perfcounter_config(COUNT_CYCLES, true);
    barrier_wait(&all);
    for (uint32_t at = me() * 8; at < DPU_INPUT_ARGUMENTS.bytes; at += NR_TASKLETS * 8)
        sums[me()] += add(at);
    cycles[me()] = perfcounter_get();
    barrier_wait(&all);
    if (me() == 0) {
        DPU_RESULTS.sum = 0;
        for (uint32_t i = 0; i < NR_TASKLETS; i++)
            DPU_RESULTS.sum += sums[i];
        DPU_RESULTS.n = DPU_INPUT_ARGUMENTS.bytes / 4;
        printf("sum %u\\n", (unsigned)DPU_RESULTS.sum);
    }
    return 0;
}
"""


@pytest.fixture(scope="module")
def adder(tmp_path_factory):
    """ADDER for 4 tasklets, built as a Makefile does."""
    folder = tmp_path_factory.mktemp("adder")
    (folder / "adder.c").write_text(ADDER)
    subprocess.run([*compiler.find_compiler(), "-O2", "-DNR_TASKLETS=4", "-o", folder / "adder",
                    folder / "adder.c"], check=True)
    return str(folder / "adder")


def inputs_of(count):
    """One row of words per DPU."""
    words = np.arange(CHUNK, dtype=np.uint32)
    return np.arange(count, dtype=np.uint32).reshape(-1, 1) * 1000 + words * words


def arguments_of(count, first=1):
    """bytes and k of each DPU; k goes up by one from DPU to DPU."""
    rows = np.empty((count, 2), dtype=np.uint32)
    rows[:, 0] = CHUNK * 4
    rows[:, 1] = np.arange(first, first + count)
    return rows


def gather(dpus, symbol, like):
    rows = np.zeros_like(like)
    dpus.copy(list(rows), symbol)
    return rows


# 1
def test_scatter_run_gather(adder):
    dpus = DpuSet(nr_dpus=70, binary=adder)
    inputs, arguments = inputs_of(len(dpus)), arguments_of(len(dpus))
    dpus.copy("DPU_INPUT_ARGUMENTS", list(arguments))
    dpus.copy(HEAP, list(inputs))
    dpus.exec()
    results = gather(dpus, "DPU_RESULTS", arguments)
    outputs = gather(dpus, HEAP, inputs)
    dpus.free()
    assert (results[:, 0] == inputs.sum(axis=1)).all() and (results[:, 1] == CHUNK).all()
    assert (outputs == inputs + arguments[:, 1:]).all()


# 2
def test_serial_access():
    inputs, arguments = inputs_of(5), arguments_of(5)
    with DpuSet(5, c_source=io.StringIO(ADDER), NR_TASKLETS=2) as dpus:
        dpus.copy("DPU_RESULTS", bytes(8))  # the same to all
        for dpu, row, argument in zip(dpus, inputs, arguments):
            dpu.DPU_INPUT_ARGUMENTS = bytearray(argument.tobytes())
            dpu.copy(HEAP, bytearray(row.tobytes()))
        dpus.exec()
        for dpu, row, argument in zip(dpus, inputs, arguments):
            output = bytearray(CHUNK * 4)
            dpu.copy(output, HEAP)
            assert list(dpu.DPU_RESULTS.uint32()) == [row.sum(), CHUNK]
            assert (np.frombuffer(output, dtype=np.uint32) == row + argument[1]).all()


# 3: data stays in MRAM from launch to launch, only the argument changes.
def test_broadcast_and_repeated_launches(adder):
    query = inputs_of(1)[0]
    with DpuSet(66, binary=adder) as dpus:
        dpus.copy(HEAP, query)
        added = 0
        for k in range(1, 6):
            dpus.DPU_INPUT_ARGUMENTS = np.array([CHUNK * 4, k], dtype=np.uint32)
            dpus.exec()
            assert {value[0] for value in dpus.DPU_RESULTS.uint32()} == {
                query.sum() + CHUNK * added}
            added += k


# 4
def test_print_debugging(adder, capsys):
    with DpuSet(2, profile="nrDpusPerCi=2", binary=adder, log=io.StringIO()) as dpus:
        dpus.DPU_INPUT_ARGUMENTS = arguments_of(1)
        dpus.copy(HEAP, list(inputs_of(2)))
        first, second = inputs_of(2).sum(axis=1)
        one = io.StringIO()
        dpus.exec(log={dpus.dpus()[0]: one})
        assert one.getvalue() == "=== DPU#0x0 ===\nsum %d\n" % first
        for idx, dpu in enumerate(dpus):
            if idx == 1:
                dpu.log(sys.stdout)
        assert capsys.readouterr().out == "=== DPU#0x1 ===\nsum %d\n" % second
        dpus.load(asm_source=source())  # prints nothing and has no log
        with pytest.raises(DpuError, match="^logging context missing$"):
            dpus.exec(log=one)


# 5: rounds in two sets of host buffers, one wait.
def test_asynchronous_pipeline(adder):
    rounds, count = 6, 65
    with DpuSet(count, profile="nrJobsPerRank=4", binary=adder, async_mode=True) as dpus:
        inputs = inputs_of(count)
        results = [np.zeros((count, 2), dtype=np.uint32) for _ in range(rounds)]
        arguments = [arguments_of(count, first) for first in range(rounds)]
        dpus.copy(HEAP, list(inputs))
        for number in range(rounds):
            dpus.copy("DPU_INPUT_ARGUMENTS", list(arguments[number]))
            dpus.exec()
            dpus.copy(list(results[number]), "DPU_RESULTS")
        dpus.sync()
        expected = inputs.sum(axis=1)
        for number in range(rounds):
            assert (results[number][:, 0] == expected).all()
            expected = expected + arguments[number][:, 1] * CHUNK


# 6
def test_work_per_rank_with_callback(adder):
    totals = {}

    def add_up(rank, idx, factor):
        totals[idx] = factor * sum(dpu.DPU_RESULTS.uint32()[0] for dpu in rank)

    with DpuSet(nr_ranks=3, profile="simDpusPerRank=16", binary=adder) as dpus:
        inputs = inputs_of(len(dpus))
        first = 0
        for rank in dpus.ranks():
            mine = slice(first, first + len(rank))
            rank.copy("DPU_INPUT_ARGUMENTS", list(arguments_of(len(rank))), async_mode=True)
            rank.copy(HEAP, list(inputs[mine]), async_mode=True)
            rank.exec(async_mode=True)
            first += len(rank)
        dpus.call(add_up, 2, async_mode=True)
        dpus.sync()
        assert totals == {rank: 2 * inputs[rank * 16:rank * 16 + 16].sum() for rank in range(3)}


# 7: whatever there is, with a remainder for the last one.
def test_allocate_what_exists(adder, monkeypatch):
    monkeypatch.setenv("UPMEM_PROFILE_BASE", "simRanks=2,disabledMask=0x11")
    with DpuSet(ALLOCATE_ALL, binary=adder) as dpus:
        assert (len(dpus), len(dpus.ranks())) == (124, 2)
        assert [len(rank) for rank in dpus.ranks()] == [62, 62]
        inputs, arguments = inputs_of(len(dpus)), arguments_of(len(dpus))
        arguments[-1, 0] = 8
        dpus.copy("DPU_INPUT_ARGUMENTS", list(arguments))
        dpus.copy(HEAP, list(inputs))
        dpus.exec()
        sums = gather(dpus, "DPU_RESULTS", arguments)[:, 0]
        assert (sums[:-1] == inputs[:-1].sum(axis=1)).all() and sums[-1] == inputs[-1, :2].sum()


# 8: poll with work of the host between, then read the cycles of every tasklet.
def test_polling_and_timing(adder):
    done, fault, polls = ctypes.c_bool(False), ctypes.c_bool(True), 0
    with DpuSet(66, profile="cycleAccurate=true", binary=adder) as dpus:
        dpus.DPU_INPUT_ARGUMENTS = np.array([CHUNK * 4, 1], dtype=np.uint32)
        before = time.perf_counter()
        dpus.exec(async_mode=True)
        while not done.value:
            assert ffi.dpu_status(dpus.c_set, ctypes.byref(done), ctypes.byref(fault)) == 0
            polls += 1
        assert polls > 0 and not fault.value
        assert time.perf_counter() > before
        cycles = np.array([list(row) for row in dpus.cycles.uint64()])
        assert cycles.shape == (66, 4) and (cycles > 100).all() and (cycles < 100000).all()
        assert (cycles == cycles[0]).all()


# 9
def test_several_programs_on_one_set(adder):
    image = (PROGRAMS / "reduce_tree.elf").read_bytes()
    with DpuSet(3, binary=adder) as dpus:
        inputs, arguments = inputs_of(3), arguments_of(3)
        dpus.copy("DPU_INPUT_ARGUMENTS", list(arguments))
        dpus.copy(HEAP, list(inputs))
        dpus.exec()
        dpus.load(binary=str(PROGRAMS / "hello.elf"))
        dpus.exec()
        dpus.load(binary=adder)  # finds its data where it left them
        assert (gather(dpus, HEAP, inputs) == inputs + arguments[:, 1:]).all()
        dpus.load(binary=image)
        dpus.exec()
        for idx, dpu in enumerate(dpus):
            if idx % 2:
                dpu.load(binary=PROGRAMS / "hello.elf")
            else:
                dpu.load(asm_source=source())
        dpus.exec()
        assert dpus.dpus()[0].count.int32() == 1
        assert dpus.dpus()[1].answer.int32() == 42
        with pytest.raises(AttributeError):
            dpus.count
        with pytest.raises(DpuError,
                           match="^cannot access symbol on dpus with different programs$"):
            dpus.copy("count", bytes(4))


# 10
def test_symbol_handles_and_several_sets():
    sets = [DpuSet(number, asm_source=source()) for number in (1, 2, 3)]
    handles = [dpus.load(asm_source=source()).get_symbol("count") for dpus in sets]
    got = bytearray(4)
    for launches, (dpus, handle) in itertools.product(range(1, 21), zip(sets, handles)):
        dpus.exec()
        dpus.dpus()[-1].copy(got, handle)
        assert int.from_bytes(got, "little") == launches
    for number in (1, 0, 2):
        sets[number].free()
    with pytest.raises(DpuError, match="^invalid action for this dpu set$"):
        sets[1].copy(handles[1], got)
