# SPDX-License-Identifier: MIT
"""dpu: launches, logs, callbacks, faults."""
import io
import sys
import threading
import time

import pytest
from conftest import ENDLESS, FAULTY, PRINTS, source
from dpu import DpuError, DpuSet
from dpusim import host

BAD_LIST = "cannot log, log list length does not match the number of DPUs in DpuSet"
BAD_STREAM = "stream argument is not an object with a 'write' method"


@pytest.fixture
def printing():
    with DpuSet(2, profile="nrDpusPerCi=2", asm_source=io.StringIO(PRINTS)) as dpus:
        yield dpus


# ---- launches -----------------------------------------------------------------------------------


def test_synchronous_and_asynchronous_launches(four):
    four.exec()
    four.exec(async_mode=True)
    four.dpus()[1].exec(async_mode=True)
    four.sync()
    assert four.count.int32() == [2, 3, 2, 2]


def test_sync_without_a_launch(four):
    four.sync()
    four.dpus()[0].sync()


def test_fault(quiet):
    with DpuSet(2, asm_source=io.StringIO(FAULTY)) as dpus:
        host.set_reports(dpus, False)
        with pytest.raises(DpuError) as caught:
            dpus.exec()
        assert (str(caught.value), caught.value.code) == ("dpu is in fault", 23)
        assert "fault 3 (Assert)" in caught.value.detail and "broken" in caught.value.detail
        dpus.load(asm_source=source())
        dpus.exec()
        assert dpus.count.int32() == [1, 1]


def test_fault_of_an_asynchronous_launch_comes_out_of_sync(quiet):
    with DpuSet(1, asm_source=io.StringIO(FAULTY)) as dpus:
        host.set_reports(dpus, False)
        dpus.exec(async_mode=True)
        with pytest.raises(DpuError, match="^dpu is in fault$"):
            dpus.sync()
        dpus.sync()


def test_other_threads_run_while_a_dpu_runs():
    with DpuSet(1, asm_source=io.StringIO(ENDLESS)) as dpus:
        host.set_reports(dpus, False)
        host.set_limits(dpus, max_seconds=0.3)
        errors, ticks = [], 0
        thread = threading.Thread(target=lambda: errors.append(_error_of(dpus.exec)))
        thread.start()
        while thread.is_alive():
            ticks += 1
            time.sleep(0.01)
        assert ticks > 5 and str(errors[0]) == "result timeout"


def _error_of(function):
    try:
        function()
    except DpuError as error:
        return error
    return None


def test_sets_in_threads():
    def work(number, results):
        with DpuSet(8, asm_source=source()) as dpus:
            dpus.step = bytes([number, 0, 0, 0])
            for _ in range(5):
                dpus.exec()
            results[number] = [value[0] for value in dpus.data.int32()]

    results = {}
    threads = [threading.Thread(target=work, args=(n, results)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: [5 * n] * 8 for n in range(4)}


# ---- logs ---------------------------------------------------------------------------------------


def test_log_to_an_object(printing):
    stream = io.StringIO()
    printing.exec(log=stream)
    assert stream.getvalue() == "=== DPU#0x0 ===\nHi 5\n=== DPU#0x1 ===\nHi 5\n"


def test_log_of_the_constructor():
    first, second = io.StringIO(), io.StringIO()
    with DpuSet(2, profile="nrDpusPerCi=2", asm_source=io.StringIO(PRINTS),
                log=[first, None]) as dpus:
        dpus.exec()
        assert first.getvalue() == "=== DPU#0x0 ===\nHi 5\n"
        dpus.exec(log=[None, second])
        assert first.getvalue().count("Hi") == 2
        assert second.getvalue() == "=== DPU#0x1 ===\nHi 5\n"
        dpus.dpus()[0].exec()
        assert first.getvalue().count("Hi") == 3


def test_log_by_dictionary(printing):
    whole, rank = io.StringIO(), io.StringIO()
    last = printing.dpus()[1]
    printing.exec(log={last: whole})
    assert whole.getvalue() == "=== DPU#0x1 ===\nHi 5\n"
    printing.log({printing.ranks()[0]: rank})
    assert rank.getvalue().count("===\n") == 2


def test_log_goes_to_stdout_by_default(printing, capsys):
    printing.exec()
    assert capsys.readouterr().out == ""
    printing.log()
    assert capsys.readouterr().out.count("Hi 5\n") == 2
    printing.dpus()[1].log(sys.stdout)
    assert capsys.readouterr().out == "=== DPU#0x1 ===\nHi 5\n"


def test_log_is_ignored_by_asynchronous_launches(printing):
    stream = io.StringIO()
    printing.exec(log=stream, async_mode=True)
    printing.sync()
    assert stream.getvalue() == ""
    printing.log(stream)
    assert stream.getvalue().count("Hi 5\n") == 2


def test_bad_destinations(printing):
    for call in (printing.exec, printing.log):
        with pytest.raises(DpuError) as caught:
            call([sys.stdout])
        assert str(caught.value) == BAD_LIST
        for bad in (5, object(), [5, None], {printing.dpus()[0]: "x"}):
            with pytest.raises(DpuError) as caught:
                call(bad)
            assert str(caught.value) == BAD_STREAM
    with pytest.raises(DpuError) as caught:
        DpuSet(2, log=[None])
    assert str(caught.value) == "log list length does not match number of DPUs in DpuSet"


def test_log_of_a_program_that_prints_nothing(quiet, one):
    with pytest.raises(DpuError) as caught:
        one.exec(log=io.StringIO())
    assert (str(caught.value), caught.value.code) == ("logging context missing", 31)
    assert one.count.int32() == 1


def test_errors_of_the_stream_come_out(printing):
    class Broken:
        def write(self, text):
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        printing.exec(log=Broken())


# ---- callbacks ----------------------------------------------------------------------------------


@pytest.fixture
def ranks():
    """Two ranks of two DPUs."""
    with DpuSet(nr_ranks=2, profile="nrDpusPerCi=2", asm_source=source()) as dpus:
        yield dpus


def test_callback_per_rank(ranks):
    seen, mine = {}, object()
    ranks.call(lambda part, idx, arg: seen.update({idx: (part, arg)}) or 5, mine)
    assert seen == {idx: (rank, mine) for idx, rank in enumerate(ranks.ranks())}


def test_callback_once(ranks):
    seen = []
    ranks.call(lambda *arguments: seen.append(arguments), 1, single_call=True)
    one = ranks.dpus()[3]
    one.call(lambda *arguments: seen.append(arguments), 2)
    assert seen == [(ranks, 0xFFFFFFFF, 1), (one, 0xFFFFFFFF, 2)]


def test_callback_on_a_rank(ranks):
    seen = []
    ranks.ranks()[1].call(lambda part, idx, arg: seen.append((part, idx)), None)
    assert seen == [(ranks.ranks()[1], 0)]


def test_asynchronous_callbacks_run_in_order(ranks):
    events = []
    ranks.step = b"\1\0\0\0"
    for number in range(3):
        ranks.exec(async_mode=True)
        ranks.call(lambda part, idx, arg: events.append((idx, arg, part.count.int32())), number,
                   async_mode=True)
    ranks.sync()
    for idx in range(2):
        assert [event for event in events if event[0] == idx] == [
            (idx, number, [number + 1] * 2) for number in range(3)]


def test_callback_uses_its_rank(ranks):
    def work(rank, idx, arg):
        rank.copy("step", bytes([idx + 1, 0, 0, 0]))
        rank.exec(async_mode=False)

    ranks.call(work, None)
    assert [value[0] for value in ranks.data.int32()] == [1, 1, 2, 2]


def test_nonblocking_needs_asynchronous(ranks):
    with pytest.raises(DpuError) as caught:
        ranks.call(print, None, is_blocking=False)
    assert str(caught.value) == "nonblocking and synchronous callback is invalid"
    done = []
    ranks.call(lambda *_: done.append(1), None, async_mode=True, is_blocking=False)
    ranks.sync()
    assert done == [1, 1]


class Mine(Exception):
    pass


def fail(part, idx, arg):
    raise Mine("rank %d" % idx)


def test_exception_of_a_synchronous_callback(ranks):
    with pytest.raises(Mine):
        ranks.call(fail, None)
    ranks.exec()
    ranks.sync()
    with pytest.raises(Mine):
        ranks.dpus()[0].call(fail, None)
    assert ranks.count.int32() == [1] * 4


def test_exception_of_an_asynchronous_callback_comes_out_of_sync(ranks):
    ranks.call(fail, None, async_mode=True)
    with pytest.raises(Mine):
        ranks.sync()
    ranks.sync()
    ranks.exec()
    assert ranks.count.int32() == [1] * 4


def test_exception_of_an_asynchronous_callback_comes_out_of_free():
    dpus = DpuSet(1, asm_source=source())
    dpus.call(fail, None, async_mode=True)
    with pytest.raises(Mine):
        dpus.free()
    with pytest.raises(DpuError):
        len(dpus)


def test_pending_exception_does_not_hide_another():
    with pytest.raises(KeyError):
        with DpuSet(1, asm_source=source()) as dpus:
            dpus.call(fail, None, async_mode=True)
            raise KeyError("mine")


def test_dpu_error_of_a_callback_keeps_its_code(ranks):
    def fails(part, idx, arg):
        part.copy("nowhere", bytearray(4))

    with pytest.raises(DpuError) as caught:
        ranks.call(fails, None)
    assert caught.value.code == 29
    for leave in (SystemExit, KeyboardInterrupt):
        def leaves(part, idx, arg):
            raise leave("text")

        with pytest.raises(leave):
            ranks.call(leaves, None)


def test_async_mode_of_the_set_counts_for_calls():
    with DpuSet(1, asm_source=source(), async_mode=True) as dpus:
        started, go = threading.Event(), threading.Event()

        def wait(part, idx, arg):
            started.set()
            go.wait(10)

        dpus.call(wait, None)
        assert started.wait(10)
        go.set()
        dpus.sync()
