# SPDX-License-Identifier: MIT
"""dpu: errors as objects, pickling, compiler, instruction tables, disassembler, extensions."""
import copy
import io
import pickle
import random
import subprocess
import sys

import dpusim
import pytest
from conftest import FAULTY, PROGRAM, PROGRAMS, source
from dpu import DpuError, DpuSet, compiler, disasm, ffi, isa
from dpu.errors import DpuBuildError, text_of
from dpusim import host

TEXTS = {  # the SDK's, by number
    1: "internal error", 4: "dpu allocation error", 5: "invalid action for this dpu set",
    16: "no program has been loaded in the dpu set", 23: "dpu is in fault", 27: "result timeout",
    42: "scatter/gather transfer unsupported symbol (must be a mram symbol)", 999: "unknown error",
}


# ---- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", TEXTS)
def test_texts_of_the_library(code):
    assert text_of(code) == TEXTS[code]


def test_errors_survive_pickling():
    error = DpuError("dpu is in fault", 23, "why")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.detail) == ("dpu is in fault", 23, "why")
    build = pickle.loads(pickle.dumps(DpuBuildError(1, ["cc"], "", "messages")))
    assert build.stderr == "messages" and build.returncode == 1


@pytest.mark.parametrize("use", [pickle.dumps, copy.copy, copy.deepcopy])
def test_sets_are_neither_pickled_nor_copied(one, use):
    for part in (one, one.ranks()[0], one.dpus()[0]):
        with pytest.raises(DpuError) as caught:
            use(part)
        assert isinstance(caught.value, TypeError)


def test_detail_of_an_old_error_is_not_told_again(quiet, one):
    with pytest.raises(DpuError) as caught:
        one.copy("data", bytearray(20))
    first = caught.value.detail
    with pytest.raises(DpuError) as caught:
        one.exec(log=io.StringIO())
    assert caught.value.detail != first


# ---- compiler -----------------------------------------------------------------------------------


def test_names_of_the_compiler_module():
    assert [compiler.O0, compiler.O1, compiler.O2, compiler.O3, compiler.Os, compiler.Oz] == [
        "-O0", "-O1", "-O2", "-O3", "-Os", "-Oz"]
    assert isinstance(compiler.DEFAULT_DPU_COMPILER, str)


def test_order_of_arguments():
    made = compiler.Compiler("cc", target="dpu-upmem-dpurte")
    assert made.command(["a.c", "b.c"], "out", ["i"], {"A": 1, "B": None}, ["-w"],
                        opt_lvl=compiler.O3, debug=True) == [
        "cc", "--target=dpu-upmem-dpurte", "-mcpu=v1A", "-O3", "-g", "-D", "A=1", "-D", "B",
        "-I", "i", "a.c", "b.c", "-w", "-o", "out"]
    assert compiler.Compiler("cc").command(["a.c"], debug=False, target="x") == [
        "cc", "--target=x", "a.c"]


def test_compiling(monkeypatch, capsys):
    made = compiler.Compiler([sys.executable, "-c", "import sys; print(sys.argv[1:])"])
    done = made.compile(["a.c"], verbose=True)
    assert done.returncode == 0 and done.stdout == "['-g', 'a.c']\n"
    assert "a.c" in capsys.readouterr().err
    monkeypatch.setenv("DPUSIM_DPU_CC", "anything")
    asking = compiler.Compiler([sys.executable, "-c",
                                "import os; print(os.environ.get('DPUSIM_DPU_CC'))"])
    assert asking.compile([]).stdout == "None\n"
    failing = compiler.Compiler([sys.executable, "-c", "import sys; sys.exit('no')"])
    with pytest.raises(subprocess.CalledProcessError) as caught:
        failing.compile(["a.c"])
    assert caught.value.stderr == "no\n"
    with pytest.raises(FileNotFoundError):
        compiler.Compiler("no-such-compiler").compile(["a.c"])


@pytest.mark.parametrize("environment, version", [
    ({}, "v1A"), ({"UPMEM_PROFILE": "chipId=66"}, "v1B"), ({"DPU_ARCH_VERSION": "v1B"}, "v1B"),
    ({"DPU_ARCH_VERSION": "v1A", "UPMEM_PROFILE": "chipId=66"}, "v1A"),
    ({"UPMEM_PROFILE": "backend"}, "v1A")])
def test_chip_version(quiet, monkeypatch, environment, version):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert compiler.getDpuArchVersion("dpu-upmem-dpurte") == version
    assert compiler.getDpuArchVersion("x86_64") is None


# ---- instructions -------------------------------------------------------------------------------


def test_every_form_is_encoded_and_decoded():
    numbers = random.Random(7)
    for form in isa.forms():
        values = [numbers.choice((operand.lowest, operand.highest)) if operand.width > 5
                  else operand.lowest for operand in form.operands]
        word = isa.encode(form.signature, *values)
        assert word & form.mask == form.value, form.signature
        decoded = isa.decode(word)
        assert decoded is not None and decoded.word == word, form.signature
        assert isa.text(word), form.signature
        assert isa.form(form.signature) is form


def test_operands_are_checked():
    with pytest.raises(ValueError, match="3 operands"):
        isa.encode("add:rri", 1)
    with pytest.raises(ValueError, match="operand"):
        isa.encode("add:rri", 99, 1, 1)
    with pytest.raises(KeyError):
        isa.encode("adds:rri", 1, 1, 1)
    with pytest.raises(ValueError):
        isa.decode(-1)
    assert isa.decode((1 << 48) - 1) is None


def test_tables():
    assert len(isa.registers()) == 32 and isa.registers()[:2] == ["r0", "r1"]
    assert any("z" in codes for codes in isa.conditions().values())
    operations = {operation.name for operation in isa.operations()}
    assert {form.operation.name for form in isa.forms()} <= operations
    assert isa.chips()["v1B"].threads == 16


def test_disassembling_words_and_bytes():
    words = [isa.encode("add:rri", 1, 2, 3), 0xFFFFFFFFFFFF]
    raw = b"".join(word.to_bytes(8, "little") for word in words)
    lines = list(disasm.disassemble(raw, pc=4))
    assert lines == list(disasm.disassemble(words, pc=4))
    assert [line.pc for line in lines] == [4, 5] and lines[0].address == 0x80000020
    assert lines[1].text.startswith(".quad") and "illegal" in lines[1].text
    with pytest.raises(ValueError, match="9 bytes"):
        list(disasm.disassemble(bytes(9)))


def test_disassembled_program_assembles_to_the_same_words():
    program = dpusim.build(PROGRAM)
    lines = list(disasm.disassemble_file(program))
    text = ('.section .text.__bootstrap, "ax"\n.globl __bootstrap\n__bootstrap:\n'
            + "\n".join(line.text for line in lines) + "\n")
    again = dpusim.build(text, keep_unused=True)
    assert again.instructions() == program.instructions()
    assert lines[0].label == "__bootstrap" and lines[0].source[0].endswith("src0.S")


def test_command_of_the_disassembler(capsys):
    assert disasm.main([str(PROGRAMS / "hello.elf")]) == 0
    assert "80000000:  " in capsys.readouterr().out
    assert disasm.main([]) == 2 and "usage" in capsys.readouterr().err
    assert disasm.main(["nowhere.elf"]) == 3 and "nowhere.elf" in capsys.readouterr().err


# ---- extensions ---------------------------------------------------------------------------------


def test_modes(one):
    assert host.mode(one) == "functional"
    host.set_mode(one, "cycle")
    one.exec()
    assert host.mode(one) == "cycle"
    cycles, instructions = (int(host.statistics(one)[name][0])
                            for name in ("cycles", "instructions"))
    assert cycles > instructions
    with pytest.raises(ValueError, match="functional"):
        host.set_mode(one, "fast")


def test_statistics_of_sets(four):
    numpy = pytest.importorskip("numpy")
    four.exec()
    four.dpus()[0].exec()
    total, each = host.statistics(four), host.tasklet_statistics(four, 2)
    assert total["dma_bytes"].tolist() == [128] * 4
    assert each["instructions"].shape == (4, 2) and each["instructions"].dtype == numpy.uint64
    assert (each["instructions"].sum(axis=1) == total["instructions"]).all()
    assert set(host.statistics(four.dpus()[1])) == set(total)
    assert host.tasklet_statistics(four)["dma_bytes"].shape == (4, 24)
    names = {row.name for row in host.describe_statistics()}
    assert set(total) | {"tasklet_" + name for name in each} <= names


def test_injected_fault(quiet, four):
    host.set_reports(four, False)
    assert host.last_fault(four) is None and host.explain(four) is None
    host.inject(four, "dma:dpu=2,dma,nth=1")
    with pytest.raises(DpuError, match="dpu is in fault"):
        four.exec()
    fault = host.last_fault(four)
    assert (fault.kind, fault.dpu_index, fault.injected, fault.words) == (
        "dma", 2, True, "dma fault")
    assert host.last_fault(four.dpus()[0]) is None
    assert "dma fault" in host.explain(four)
    host.clear_injections(four)
    four.exec()
    with pytest.raises(DpuError) as caught:
        host.inject(four, "nonsense")
    assert str(caught.value) == "invalid profile"


def test_failing_call_on_purpose(quiet, one):
    host.inject(one, "call:name=dpu_launch,error=TIMEOUT,nth=2")
    one.exec()
    with pytest.raises(DpuError, match="result timeout"):
        one.exec()


def test_reports_stand_on_stderr():
    program = (
        "import io, sys, dpu\n"
        "with dpu.DpuSet(1, asm_source=io.StringIO(sys.stdin.read())) as dpus:\n"
        "    try: dpus.exec()\n"
        "    except dpu.DpuError as error: print(error)\n")
    done = subprocess.run([sys.executable, "-c", program], input=FAULTY, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.stdout == "dpu is in fault\n"
    assert "fault 3 (Assert)" in done.stderr and "broken" in done.stderr


def test_c_interface_is_at_hand(one):
    number = ffi.c_uint32()
    assert ffi.dpu_get_nr_dpus(one.c_set, ffi.ctypes.byref(number)) == ffi.DPU_OK
    assert number.value == 1 and one.c_set.kind == ffi.DPU_SET_RANKS
    with DpuSet(1, asm_source=source()) as other:
        assert other.c_set.list.nr_ranks == 1


def test_time_line(four):
    with pytest.raises(DpuError):
        host.timeline(four)
    host.start_timeline(four)
    host.set_mode(four, "cycle")
    four.exec()
    four.dpus()[3].exec()
    line = host.timeline(four)
    assert [entry.phase for entry in line.entries] == ["launch", "kernel"] * 2
    kernel = line.entries[1]
    assert kernel.cycles == host.statistics(four)["cycles"].max() and kernel.timed
    assert line.phases["kernel"].seconds == pytest.approx(
        sum(entry.seconds for entry in line.entries if entry.phase == "kernel"))
    assert line.end_s == pytest.approx(sum(entry.seconds for entry in line.entries))
    table = line.array()
    assert table["nr_dpus"].tolist() == [4, 4, 1, 1] and table["seconds"].dtype == "f8"
