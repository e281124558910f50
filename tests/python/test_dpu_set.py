# SPDX-License-Identifier: MIT
"""dpu: allocation, sets and their parts, release."""
import subprocess
import sys

import dpu
import pytest
from conftest import PROGRAM, source
from dpu import ALLOCATE_ALL, DpuContext, DpuError, DpuSet, DpuSymbol


def test_public_names():
    assert ALLOCATE_ALL == 0xFFFFFFFF
    assert set(dpu.__all__) == {"ALLOCATE_ALL", "DpuContext", "DpuError", "DpuSet", "DpuSymbol"}
    assert DpuContext and DpuSymbol
    from dpu import driver
    for name in ("DpuProgram", "DpuVariable", "DpuThreadContext", *dpu.__all__):
        assert hasattr(driver, name)


def test_first_argument_is_the_number_of_dpus():
    with DpuSet(3) as dpus:
        assert len(dpus) == 3


def test_all_dpus_by_default():
    with DpuSet() as dpus:
        assert len(dpus) == 64


@pytest.mark.parametrize("profile, count", [("", 128), ("nrDpusPerCi=2", 4)])
def test_whole_ranks(profile, count):
    with DpuSet(nr_ranks=2, profile=profile) as dpus:
        assert len(dpus) == count and len(dpus.ranks()) == 2
        assert [len(rank) for rank in dpus.ranks()] == [count // 2] * 2


def test_parts_are_the_same_objects_at_each_call():
    with DpuSet(nr_ranks=2, profile="nrDpusPerCi=3") as dpus:
        ranks = dpus.ranks()
        assert dpus.ranks() == ranks and dpus.dpus() == list(dpus)
        assert [d for rank in ranks for d in rank.dpus()] == dpus.dpus()
        assert ranks[1].ranks() == [ranks[1]]
        last = dpus.dpus()[-1]
        assert last.dpus() == [last] and last.ranks() == [ranks[1]] and len(last) == 1


def test_lists_of_parts_are_copies():
    with DpuSet(2) as dpus:
        dpus.dpus().clear()
        dpus.ranks().clear()
        assert len(dpus.dpus()) == 2 and len(dpus.ranks()) == 1


def test_order_of_dpus_is_that_of_the_rank():
    with DpuSet(64) as dpus:
        ids = [dpu.ffi.dpu_get_id(dpu.ffi.dpu_from_set(d.c_set)) & 0xFFFF for d in dpus]
    assert ids == [slice_ << 8 | member for slice_ in range(8) for member in range(8)]


def test_parts_are_keys_of_dictionaries():
    with DpuSet(2) as dpus:
        first, second = dpus.dpus()
        assert {first: 1, second: 2}[second] == 2 and first != second


def test_both_numbers_are_refused():
    with pytest.raises(DpuError) as caught:
        DpuSet(nr_dpus=1, nr_ranks=1)
    assert str(caught.value) == "cannot specify nr_dpus and nr_ranks"
    assert caught.value.args == (str(caught.value),)


@pytest.mark.parametrize("arguments, code, text", [
    ({"nr_dpus": 0}, 4, "dpu allocation error"),
    ({"nr_ranks": 0}, 4, "dpu allocation error"),
    ({"nr_dpus": -1}, 4, "dpu allocation error"),
    ({"nr_dpus": 1 << 32}, 4, "dpu allocation error"),
    ({"nr_dpus": 1 << 20}, 4, "dpu allocation error"),
    ({"nr_dpus": 1, "profile": "backend"}, 28, "invalid profile"),
    ({"nr_dpus": 1, "profile": "backend=hw"}, 4, "dpu allocation error"),
    ({"nr_dpus": 1, "profile": "nrThreadsPerRank=99"}, 28, "invalid profile"),
    ({"nr_dpus": 1, "profile": "a\0b"}, 28, "invalid profile"),
])
def test_refused_allocations(quiet, arguments, code, text):
    with pytest.raises(DpuError) as caught:
        DpuSet(**arguments)
    assert (caught.value.code, str(caught.value)) == (code, text)


@pytest.mark.parametrize("arguments", [{"nr_dpus": "4"}, {"nr_dpus": 1.5}, {"profile": b"x=1"},
                                       {"nr_ranks": [1]}])
def test_arguments_of_a_wrong_type(arguments):
    with pytest.raises(DpuError) as caught:
        DpuSet(**arguments)
    assert isinstance(caught.value, TypeError)


def test_misspelt_keywords_are_refused():
    with pytest.raises(TypeError, match="nr_dpu"):
        DpuSet(nr_dpu=1)
    with pytest.raises(TypeError, match="capitals"):
        DpuSet(1, asm_source=source(), tasklets=2)


def test_detail_says_what_the_text_does_not():
    with pytest.raises(DpuError) as caught:
        DpuSet(1, profile="backend")
    assert "backend" in caught.value.detail


def test_free_twice_and_free_of_a_part():
    dpus = DpuSet(2)
    with pytest.raises(DpuError) as caught:
        dpus.dpus()[0].free()
    assert (str(caught.value), caught.value.code) == ("invalid action for this dpu set", 5)
    with pytest.raises(DpuError):
        dpus.ranks()[0].free()
    dpus.free()
    with pytest.raises(DpuError) as caught:
        dpus.free()
    assert str(caught.value) == "invalid action for this dpu set"


USES = {
    "len": len, "dpus": lambda s: s.dpus(), "ranks": lambda s: s.ranks(), "iter": list,
    "copy": lambda s: s.copy("data", bytearray(4)), "exec": lambda s: s.exec(),
    "async": lambda s: s.exec(async_mode=True),
    "log": lambda s: s.log(), "sync": lambda s: s.sync(),
    "call": lambda s: s.call(print, None), "load": lambda s: s.load(asm_source=source()),
    "checkpoint": lambda s: s.checkpoint(),
    "list": lambda s: s.copy("data", [bytearray(4)]),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("part", ["whole", "rank", "dpu"])
def test_a_freed_set_is_refused(use, part):
    dpus = DpuSet(1, asm_source=source())
    target = {"whole": dpus, "rank": dpus.ranks()[0], "dpu": dpus.dpus()[0]}[part]
    dpus.free()
    with pytest.raises(DpuError) as caught:
        USES[use](target)
    assert (str(caught.value), caught.value.code) == ("invalid action for this dpu set", 5)
    assert repr(target) == "<DpuSet, freed>"


def test_symbols_of_a_freed_set_are_gone():
    dpus = DpuSet(1, asm_source=source())
    dpus.free()
    with pytest.raises(AttributeError):
        dpus.count
    assert "free" in dir(dpus)


def test_with_frees_after_an_exception():
    with pytest.raises(KeyError):
        with DpuSet(1) as dpus:
            raise KeyError("mine")
    with pytest.raises(DpuError):
        len(dpus)


def test_with_accepts_an_early_free_only_with_an_exception():
    with pytest.raises(KeyError):
        with DpuSet(1) as dpus:
            dpus.free()
            raise KeyError("mine")
    with pytest.raises(DpuError):
        with DpuSet(1) as dpus:
            dpus.free()


def test_a_failed_constructor_releases_everything(quiet):
    everything = "simRanks=1,nrDpusPerCi=1"
    for arguments in ({"binary": "nowhere"}, {"log": [None, None]}, {"log": 5},
                      {"asm_source": source("no such thing\n")}):
        with pytest.raises(DpuError):
            DpuSet(1, profile=everything, **arguments)
    DpuSet(1, profile=everything).free()


def test_two_sets_at_once():
    with DpuSet(1, asm_source=source()) as first, DpuSet(1, asm_source=source()) as second:
        first.step, second.step = b"\1\0\0\0", b"\2\0\0\0"
        first.exec()
        second.exec()
        assert list(first.data.int32()) == [1] * 4 and list(second.data.int32()) == [2] * 4


def test_interpreter_ends_with_live_sets():
    program = """
import sys
from dpu import DpuSet
import io
dpus = DpuSet(4, asm_source=io.StringIO(sys.stdin.read()), async_mode=True)
target = [bytearray(16) for _ in range(4)]
for _ in range(5):
    dpus.exec()
    dpus.copy(target, "data")
    dpus.call(lambda part, idx, arg: None, None)
print("end")
"""
    done = subprocess.run([sys.executable, "-c", program], input=PROGRAM, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert (done.returncode, done.stdout) == (0, "end\n")


def test_repr():
    with DpuSet(2) as dpus:
        assert repr(dpus) == "<DpuSet of 2 DPUs>" and repr(dpus.dpus()[0]) == "<DpuSet of one DPU>"
