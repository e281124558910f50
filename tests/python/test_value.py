# SPDX-License-Identifier: MIT
"""Values by type, calls of single functions, doubles, core files, the fixtures for pytest."""
import os
import subprocess
import sys

import pytest

import dpusim
from dpu import compiler

numpy = pytest.importorskip("numpy")
pytestmark = pytest.mark.skipif(not compiler.find_compiler() or
                                not os.path.exists(compiler.find_compiler()[0]),
                                reason="no DPU compiler")
KERNEL = os.path.join(os.path.dirname(__file__), os.pardir, "data", "inspect", "kernel.c")
FUNCTIONS = r"""
#include <mram.h>
#include <stdint.h>
struct pair { int a, b; };
__host int32_t seen;
int8_t small(int8_t a, uint16_t b) { return a - (int8_t)b; }
int64_t wide(int64_t a, int32_t b, double c, float d)
{
    return a + b + (int64_t)(c * 2) + (int64_t)d;
}
double half(float x) { return x / 2; }
_Bool odd(uint32_t n) { return n & 1; }
void fill(int32_t *to, uint32_t n, int32_t with) { for (uint32_t i = 0; i < n; i++) to[i] = with; }
int32_t total(const __mram_ptr int32_t *from, uint32_t n)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += from[i];
    return sum;
}
int many(int a, int b, int c, int d, int e, int f, int g, int h, int i, int64_t j)
{
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + (int)(10 * j);
}
int helper(int x) { return x + 1; }
int twice(int x) { seen = x; return helper(helper(x)); }
int by_value(struct pair p) { return p.a; }
enum sign { NEG = -1, NIL, POS };
struct mixed { int8_t c; unsigned bits : 3; int more : 5; struct pair in[2]; double d;
               enum sign sign; union { int x; float y; }; };
struct pair swap(struct pair p) { return (struct pair){p.b, p.a}; }
struct mixed grow(int8_t c, struct mixed m, int64_t by)
{
    m.c += c;
    m.in[1].b += (int)by;
    m.d *= 2;
    m.more--;
    m.sign = POS;
    m.x++;
    return m;
}
int swapped(int a, int b) { struct pair p = swap((struct pair){a, b}); return 10 * p.a + p.b; }
__mram_noinit int32_t far[64];
int32_t fetch(uint32_t i) { __dma_aligned int32_t two[2]; mram_read(&far[i & ~1u], two, 8);
                            return two[i & 1]; }
int32_t peek(uint32_t at) { return *(volatile int32_t *)at; }
int main(void) { return 0; }
"""


def compile_c(path, output, *flags):
    subprocess.run(compiler.find_compiler() + ["-g", "-O1", "-fno-inline", "-Wl,--no-gc-sections",
                                               "-o", str(output), str(path), *flags], check=True)
    return dpusim.Program.read(str(output))


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("value")
    (folder / "f.c").write_text(FUNCTIONS)
    return {"values": compile_c(KERNEL, folder / "k.elf"),
            "functions": compile_c(folder / "f.c", folder / "f.elf")}


@pytest.fixture
def stopped(programs):
    dpu = dpusim.Dpu(programs["values"])
    dpu.run(check=False)
    return dpu


@pytest.fixture
def functions(programs):
    return dpusim.Dpu(programs["functions"])


def test_scalars(stopped):
    assert stopped.inspect("total") == 7
    assert stopped.inspect("truth") is True
    assert stopped.inspect("half") == 0.5
    assert stopped.inspect("twice") == 2.5
    assert stopped.inspect("table[3].col") == "NEG"
    assert stopped.inspect("table[2].x") == -2
    assert stopped.inspect("table[2].more") == 102
    assert stopped.inspect("*table[3].mp") == 3


def test_structures_and_arrays(stopped):
    point = stopped.inspect("table[1]")
    assert (point["c"], point["bits"], point["more"], point["b"]) == (66, 1, 101, 1)
    assert point["f"].tolist() == [0, 0.5, 0] and point["f"].dtype == numpy.float32
    assert stopped.inspect("big").tolist() == list(range(1000))
    assert stopped.inspect("matrix").tolist() == [[0, 1, 2], [10, 11, 12]]
    assert [node["name"] for node in stopped.inspect("nodes")] == [b"a", b"b", b"c"]


@pytest.mark.parametrize("what, part", [("tabel", "did you mean"), ("table[4]", "4 elements"),
                                        ("nodes[2].next->value", "null pointer"),
                                        ("total.x", "no structure")])
def test_what_is_not_there_says_why(stopped, what, part):
    with pytest.raises(dpusim.Error, match=part):
        stopped.inspect(what)


def test_a_core_file_brings_the_state_back(stopped, programs, tmp_path):
    path = tmp_path / "x.core"
    stopped.save_core(str(path))
    other = dpusim.Dpu(programs["values"])
    other.restore(path.read_bytes())
    assert other.inspect("total") == 7 and str(other.fault) == str(stopped.fault)
    assert bytes(other.wram) == bytes(stopped.wram)


@pytest.mark.parametrize("name, arguments, result", [
    ("small", (-100, 27), -127), ("small", (100, 40000), 36),
    ("wide", (1 << 40, -1, 1.5, 2.5), (1 << 40) + 4),
    ("half", (3.0,), 1.5), ("odd", (7,), 1), ("helper", (-5,), -4),
    ("many", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10), sum(i * i for i in range(1, 11)))])
def test_calls_follow_the_types(functions, name, arguments, result):
    assert functions.call(name, *arguments) == result


def test_buffers_go_to_the_memory_that_the_pointer_means(functions):
    data = numpy.zeros(5, "int32")
    assert functions.call("fill", data, 5, -3) is None
    assert data.tolist() == [-3] * 5
    assert functions.call("total", numpy.arange(100, dtype="int32"), 100) == 4950
    constant = bytes(20)
    functions.call("fill", constant, 5, 1)
    assert constant == bytes(20)


def test_calls_that_cannot_be_made(functions):
    with pytest.raises(dpusim.Error, match="takes 1 arguments, 2 are given"):
        functions.call("helper", 1, 2)
    with pytest.raises(dpusim.Error, match="no member 'c'"):
        functions.call("by_value", {"a": 1, "c": 2})
    with pytest.raises(dpusim.Error, match="no value of 8 bytes"):
        functions.call("by_value", bytes(9))
    with pytest.raises(dpusim.Error, match="no enumerator 'NEVER'"):
        functions.call("grow", 1, {"sign": "NEVER"}, 2)
    with pytest.raises(OverflowError):
        functions.call("helper", 1 << 40)
    with pytest.raises(dpusim.Error, match="do not fit WRAM"):
        functions.call("fill", bytearray(70000), 1, 1)
    with pytest.raises(dpusim.FaultError):
        functions.call("fill", 0x20000, 1, 1)
    assert functions.call("helper", 1) == 2


def test_doubles(functions):
    asked = []

    def helper(x):
        asked.append(x)
        return 10 * x

    functions.replace("helper", helper)
    assert functions.call("twice", 3) == 300
    assert asked == [3, 30] and functions.inspect("seen") == 3
    functions.replace("helper", lambda x: dpusim.Through([x + 100]))
    assert functions.call("twice", 3) == 205
    functions.replace("helper", lambda x: dpusim.Through())
    assert functions.call("twice", 3) == 5
    functions.replace("helper", lambda x: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        functions.call("twice", 3)
    functions.replace("helper", None)
    assert functions.call("twice", 3) == 5


def test_the_fixtures_for_pytest(tmp_path):
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["dpusim.pytest_plugin"]\n')
    (tmp_path / "f.c").write_text(FUNCTIONS)
    (tmp_path / "test_f.py").write_text(
        "def test_good(dpu, dpu_program):\n"
        "    assert dpu(dpu_program('f.c')).call('helper', 1) == 2\n"
        "def test_bad(dpu, dpu_program):\n"
        "    assert dpu(dpu_program('f.c'), mode='cycle').call('helper', 1) == 3\n")
    ended = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                            "--dpu-core=cores", "test_f.py"], cwd=str(tmp_path),
                           stdout=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1 and "1 failed, 1 passed" in ended.stdout, ended.stdout
    assert os.listdir(str(tmp_path / "cores")) == ["test_bad.0.core"]


MIXED = {"c": -3, "bits": 5, "more": -4, "in": [{"a": 1, "b": 2}, {"a": 3, "b": 4}], "d": 1.25,
         "sign": "NEG", "x": 41}


def test_structures_by_value(functions):
    assert functions.call("by_value", {"a": 7, "b": 8}) == 7
    assert functions.call("by_value", {"b": 8}) == 0
    assert functions.call("by_value", b"\x09\0\0\0\1\0\0\0") == 9
    assert functions.call("swap", {"a": 7, "b": 8}) == {"a": 8, "b": 7}
    grown = functions.call("grow", 1, MIXED, 100)
    assert grown["in"][1] == {"a": 3, "b": 104} and grown["in"][0] == {"a": 1, "b": 2}
    assert (grown["c"], grown["bits"], grown["more"], grown["d"], grown["sign"], grown["x"]) == \
        (-2, 5, -5, 2.5, "POS", 42)
    assert functions.call("by_value", 0x8000, signature="i(p)") == 0  # letters: an address


def test_doubles_with_structures(functions):
    seen = []

    def swap(pair):
        seen.append(pair)
        return {"a": pair["a"] + 1, "b": 0}

    functions.replace("swap", swap)
    assert functions.call("swapped", 4, 5) == 50 and seen == [{"a": 4, "b": 5}]
    functions.replace("swap", lambda pair: dpusim.Through([{"a": 1, "b": 2}]))
    assert functions.call("swapped", 4, 5) == 21
    functions.replace("swap", None)
    assert functions.call("swapped", 4, 5) == 54


def test_results_are_observed(functions):
    told = []
    functions.observe("helper", lambda arguments, result: told.append((arguments, result)))
    assert functions.call("twice", 5) == 7
    assert told == [([5], 6), ([6], 7)]
    functions.observe("helper", lambda arguments, result: result * 10)
    assert functions.call("twice", 5) == 610
    functions.observe("helper", None)
    assert functions.call("twice", 5) == 7
    pairs = []
    functions.observe("swap", lambda arguments, result: pairs.append((arguments, result)) or
                      {"a": 9, "b": 9})
    assert functions.call("swapped", 4, 5) == 99
    assert pairs == [([{"a": 4, "b": 5}], {"a": 5, "b": 4})]
    functions.observe("swap", lambda arguments, result: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        functions.call("swapped", 4, 5)


def test_transfers_are_changed(functions):
    place = functions.program.symbol("far").offset
    functions.write("far", numpy.arange(64, dtype="int32"))
    asked = []

    def other(transfer):
        asked.append((transfer.mram_offset - place, len(transfer.data), transfer.is_write))
        transfer.data[:] = (77).to_bytes(8, "little")

    functions.set_transfer_hook(other)
    assert functions.call("fetch", 10) == 77 and asked == [(40, 8, False)]

    def elsewhere(transfer):
        assert "8 bytes, MRAM" in repr(transfer)
        transfer.mram_offset = place + 80

    functions.set_transfer_hook(elsewhere)
    assert functions.call("fetch", 11) == 21
    functions.set_transfer_hook(lambda transfer: dpusim.Verdict.FAULT)
    with pytest.raises(dpusim.FaultError, match="refused by a hook"):
        functions.call("fetch", 10)
    functions.set_transfer_hook(lambda transfer: transfer.data.append(0))
    with pytest.raises(ValueError, match="a multiple of 8, not 9"):
        functions.call("fetch", 10)
    functions.set_transfer_hook(None)
    assert functions.call("fetch", 10) == 10


def test_faults_are_swallowed_and_changed(functions):
    faults = []

    def swallow(fault):
        faults.append((fault.kind, fault.address))
        registers = functions.tasklet(fault.tasklet).registers
        functions.set_tasklet(fault.tasklet, registers=[5] + registers[1:])
        return False

    functions.set_fault_hook(swallow)
    assert functions.call("peek", 0x20000) == 5 and faults == [("memory", 0x20000)]
    functions.set_fault_hook(lambda fault: fault._replace(kind="breakpoint", code=9))
    with pytest.raises(dpusim.FaultError):
        functions.call("peek", 0x20000)
    assert (functions.fault.kind, functions.fault.code) == ("breakpoint", 9)
    functions.set_fault_hook(lambda fault: fault._replace(kind="odd"))
    with pytest.raises(ValueError, match="no kind of fault: 'odd'"):
        functions.call("peek", 0x20000)
    functions.set_fault_hook(None)
    with pytest.raises(dpusim.FaultError, match="memory"):
        functions.call("peek", 0x20000)
