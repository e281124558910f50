# SPDX-License-Identifier: MIT
"""dpu: programs and symbols."""
import io
import pathlib
import stat
import subprocess
import sys

import dpusim
import pytest
from conftest import ENDLESS, OBJECT, PROGRAM, PROGRAMS, source
from dpu import DpuError, DpuSet, DpuSymbol, compiler
from dpu import _build as build

ONE_PROGRAM = "one and only one source or binary program must be defined"

TASKLETS = OBJECT + """
        .section .text.__bootstrap, "ax", @progbits
        .globl  __bootstrap
__bootstrap:
        move    r0, NR_TASKLETS
        sw      zero, tasklets, r0
        move    r0, STACK_SIZE_TASKLET_0
        sw      zero, stack, r0
        move    r0, EXTRA
        sw      zero, extra, r0
        stop
        .section .dpu_host, "aw", @progbits
        OBJECT  tasklets, 4
        OBJECT  stack, 4
        OBJECT  extra, 4
"""


@pytest.fixture
def image():
    return dpusim.build(PROGRAM).image


@pytest.fixture
def no_compiler(monkeypatch, tmp_path):
    """A machine without a compiler for C."""
    monkeypatch.setattr(compiler, "COMPILER_NAME", "no-such-compiler")
    monkeypatch.delenv("DPUSIM_DPU_CC", raising=False)


@pytest.fixture
def fake_compiler(monkeypatch, tmp_path, image):
    """A compiler that copies a ready program to its output and keeps its command line."""
    (tmp_path / "ready").write_bytes(image)
    path = tmp_path / "cc"
    path.write_text(
        "#!%s\n" % sys.executable
        + "import shutil, sys\n"
        + "open(%r, 'a').write(' '.join(sys.argv[1:]) + '\\n')\n" % str(tmp_path / "lines")
        + "if '-o' not in sys.argv: sys.exit('no list of headers')\n"
        + "bad = any('SYNTAX' in open(a).read() for a in sys.argv if a.endswith('.c'))\n"
        + "if bad: sys.exit('src0.c:1: syntax error')\n"
        + "shutil.copy(%r, sys.argv[sys.argv.index('-o') + 1])\n" % str(tmp_path / "ready"))
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("DPUSIM_DPU_CC", str(path))
    return tmp_path / "lines"


# ---- binaries -----------------------------------------------------------------------------------


def test_path_and_pathlike(tmp_path, image):
    path = tmp_path / "p.elf"
    path.write_bytes(image)
    for binary in (str(path), path):
        with DpuSet(1, binary=binary) as dpus:
            assert dpus.count.int32() == 0


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda b: memoryview(bytearray(b))])
def test_bytes_of_a_program(image, kind):
    with DpuSet(1) as dpus:
        program = dpus.load(kind(image))
        assert program.get_symbol("data").size() == 16


def test_program_files_of_the_repository_load():
    for path in sorted(PROGRAMS.glob("*.elf")):
        with DpuSet(1, binary=path) as dpus:
            assert len(dpus) == 1


@pytest.mark.parametrize("binary, code, text", [
    (b"", 24, "invalid ELF file"), (b"int main() {}", 24, "invalid ELF file"),
    (b"\x7fELF" + bytes(60), 24, "invalid ELF file"), ("nowhere.elf", None, None),
])
def test_bad_binaries(quiet, binary, code, text):
    with DpuSet(1) as dpus:
        with pytest.raises(DpuError) as caught:
            dpus.load(binary)
        if code is not None:
            assert (caught.value.code, str(caught.value)) == (code, text)
        else:
            assert str(caught.value) in ("system error", "no such ELF file")
        dpus.load(asm_source=source())
        dpus.exec()


def test_binary_of_a_wrong_type():
    with DpuSet(1) as dpus:
        with pytest.raises(DpuError) as caught:
            dpus.load(17)
        assert isinstance(caught.value, TypeError)


def test_none_or_several_programs(image):
    with DpuSet(1) as dpus:
        for arguments in ({}, {"binary": image, "c_source": io.StringIO("")},
                          {"binary": image, "asm_source": source()}):
            with pytest.raises(DpuError) as caught:
                dpus.load(**arguments)
            assert str(caught.value) == ONE_PROGRAM


# ---- assembly -----------------------------------------------------------------------------------


def test_assembly_from_path_text_and_lists(tmp_path):
    path = tmp_path / "p.S"
    path.write_text(PROGRAM)
    second = io.StringIO(".text\n.globl unused\nunused: jump r23\n")
    for asm_source in (str(path), path, source(), [path, second], [source()]):
        with DpuSet(1, asm_source=asm_source) as dpus:
            dpus.exec()
            assert dpus.count.uint32() == 1


def test_definitions_reach_preprocessor_and_linker():
    with DpuSet(1, asm_source=io.StringIO(TASKLETS), NR_TASKLETS=11, STACK_SIZE_DEFAULT=2048,
                EXTRA=7) as dpus:
        dpus.exec()
        assert [dpus.tasklets.int32(), dpus.stack.int32(), dpus.extra.int32()] == [11, 2048, 7]


def test_options_do_the_same():
    options = ["-DEXTRA=1", "-D", "NR_TASKLETS=3", "-Wl,--defsym=STACK_SIZE_TASKLET_0=512", "-O2"]
    with DpuSet(1) as dpus:
        dpus.load(asm_source=io.StringIO(TASKLETS), options=options)
        dpus.exec()
        assert [dpus.tasklets.int32(), dpus.stack.int32(), dpus.extra.int32()] == [3, 512, 1]


def test_unknown_options_of_the_assembler():
    with DpuSet(1) as dpus:
        with pytest.raises(ValueError, match="-fpretty"):
            dpus.load(asm_source=source(), options=["-fpretty"])
        with pytest.raises(ValueError, match="NR_TASKLETS"):
            dpus.load(asm_source=source(), NR_TASKLETS="many")


def test_include_directories(tmp_path):
    (tmp_path / "p.inc").write_text(PROGRAM)
    text = '#include "p.inc"\n'
    with DpuSet(1, asm_source=io.StringIO(text), options=["-I" + str(tmp_path)]) as dpus:
        assert dpus.count.int32() == 0


def test_errors_in_assembly_are_a_dpu_error_and_a_called_process_error():
    with DpuSet(1) as dpus:
        with pytest.raises(DpuError) as caught:
            dpus.load(asm_source=io.StringIO(PROGRAM + "\n bogus r0\n"))
    assert isinstance(caught.value, subprocess.CalledProcessError)
    assert "src0.S" in caught.value.stderr and "bogus" in str(caught.value)


def test_missing_source_file():
    with DpuSet(1) as dpus:
        with pytest.raises(FileNotFoundError, match="nowhere.S"):
            dpus.load(asm_source="nowhere.S")


@pytest.mark.parametrize("bad", [5, io.BytesIO(b"stop\n"), [None]])
def test_sources_of_a_wrong_type(bad):
    with DpuSet(1) as dpus:
        with pytest.raises(DpuError) as caught:
            dpus.load(asm_source=bad)
        assert isinstance(caught.value, TypeError)


def test_chip_of_the_set_is_built_for():
    with DpuSet(1, profile="chipId=66", asm_source=io.StringIO(ENDLESS)) as dpus:
        assert dpus._version() == "v1B"


@pytest.fixture
def built(monkeypatch):
    """Empty store of programs; lists the functions that built one."""
    calls = []
    monkeypatch.setattr(build, "_kept", type(build._kept)())
    for name in ("_assemble", "_compile"):
        function = getattr(build, name)
        monkeypatch.setattr(build, name, lambda *arguments, function=function, name=name: (
            calls.append(name), function(*arguments))[1])
    return calls


def test_same_assembly_is_built_once(built, tmp_path):
    with DpuSet(1) as dpus:
        dpus.load(asm_source=source())
        dpus.load(asm_source=source())
        assert len(built) == 1
        dpus.load(asm_source=source(), NR_TASKLETS=2)
        dpus.load(asm_source=source(PROGRAM + "\n"))
        assert len(built) == 3
        (tmp_path / "x.h").write_text("// nothing\n")
        for _ in range(2):
            dpus.load(asm_source='#include "x.h"\n' + PROGRAM, includes=[tmp_path])
        assert len(built) == 5


# ---- C ------------------------------------------------------------------------------------------


def test_c_without_a_compiler_names_the_way_out(no_compiler):
    with DpuSet(1) as dpus:
        with pytest.raises(DpuError) as caught:
            dpus.load(c_source=io.StringIO("int main() { return 0; }\n"))
    assert isinstance(caught.value, FileNotFoundError)
    for word in ("DPUSIM_DPU_CC", "asm_source", "binary", "PATH"):
        assert word in str(caught.value)


def test_command_line_for_c(fake_compiler, tmp_path):
    path = tmp_path / "mine.c"
    path.write_text("x")
    with DpuSet(1, c_source=path, NR_TASKLETS=16, options=["-Wall"]) as dpus:
        assert dpus.count.int32() == 0
    line = fake_compiler.read_text().splitlines()[1].split()  # behind --version
    assert line[:4] == ["--target=dpu-upmem-dpurte", "-mcpu=v1A", "-O2", "-g"]
    assert line[4:7] == [str(path), "-DNR_TASKLETS=16", "-Wall"]
    assert line[7] == "-o" and line[8].endswith("main.dpu")


@pytest.mark.parametrize("keywords, words", [
    ({"nr_tasklets": 11}, ["-O2", "-DNR_TASKLETS=11"]),
    ({"stack_size_default": 512}, ["-O2", "-DSTACK_SIZE_DEFAULT=512"]),
    ({"stack_sizes": {3: 64}}, ["-O2", "-DSTACK_SIZE_TASKLET_3=64"]),
    ({"opt_lvl": "-O3"}, ["-O3"]), ({"opt_lvl": 0}, ["-O0"]), ({"opt_lvl": "Os"}, ["-Os"]),
    ({"opt_lvl": compiler.Oz}, ["-Oz"]),
    ({"cflags": "-Wall -DX='a b'"}, ["-O2", "-Wall", "-DX=a", "b"]),
    ({"cflags": ["-Wall"], "options": "-w"}, ["-O2", "-w", "-Wall"]),
    ({"defines": {"lower": 1, "BARE": None}}, ["-O2", "-Dlower=1", "-DBARE"]),
    ({"includes": ["here"]}, ["-O2", "-Ihere"]),
])
def test_keywords_for_the_compiler(fake_compiler, tmp_path, keywords, words):
    path = tmp_path / "mine.c"
    path.write_text("x")
    with DpuSet(1, c_source=path, **keywords):
        pass
    line = fake_compiler.read_text().splitlines()[1].split()
    level, rest = line[2], line[5:line.index("-o")]
    assert [level] + rest == words


def test_keywords_that_are_typing_errors():
    for keywords in ({"nr_tasklet": 3}, {"tasklets": 3}):
        with pytest.raises(TypeError, match="nr_tasklets, stack_size_default"):
            DpuSet(1, c_source=KERNEL, **keywords)
    with pytest.raises(TypeError, match="nothing is built"):
        DpuSet(1, nr_tasklets=3)


def test_c_and_assembly_together(fake_compiler, tmp_path):
    path = tmp_path / "mine.c"
    path.write_text("x")
    with DpuSet(1, c_source=[path, io.StringIO("y")], asm_source=source()):
        pass
    line = fake_compiler.read_text().splitlines()[1].split()
    names = [pathlib.Path(word).name for word in line if word[-2:] in (".c", ".S")]
    assert names == ["mine.c", "src1.c", "src2.S"]


def test_errors_in_c(fake_compiler):
    with DpuSet(1) as dpus:
        with pytest.raises(DpuError) as caught:
            dpus.load(c_source=io.StringIO("SYNTAX"))
    assert isinstance(caught.value, subprocess.CalledProcessError)
    assert caught.value.returncode == 1 and "syntax error" in caught.value.stderr


def test_a_named_compiler_that_is_missing(monkeypatch):
    monkeypatch.setenv("DPUSIM_DPU_CC", "no-such-compiler -x")
    with DpuSet(1) as dpus:
        with pytest.raises(FileNotFoundError, match="no-such-compiler"):
            dpus.load(c_source=io.StringIO("x"))


KERNEL = """
#include <defs.h>
#include <stdint.h>
__host uint32_t n, out[NR_TASKLETS];
int main(void)
{
    out[me()] = n * (me() + 1);
    return 0;
}
"""


needs_compiler = pytest.mark.skipif(compiler.find_compiler() is None,
                                    reason="no compiler for C in this build")


@needs_compiler
def test_c_is_compiled_and_runs():
    with DpuSet(2, c_source=io.StringIO(KERNEL), NR_TASKLETS=16) as dpus:
        dpus.n = (3).to_bytes(4, "little")
        dpus.exec()
        assert [list(value) for value in dpus.out.uint32()] == [list(range(3, 51, 3))] * 2


TIMES = "extern int factor; int times(int x) { return factor * x; }"
USER = """
#include <attributes.h>
int times(int x);
int twice(int x);
__host int n = 5;
int main(void)
{
    n = twice(times(n));
    return 0;
}
"""
TWICE = """
        .section .text.twice, "ax", @progbits
        .globl  twice
        .type   twice, @function
twice:  add     r0, r0, r0
        jump    r23
        .size   twice, . - twice
        .section .data.factor, "aw", @progbits
        .globl  factor
        .p2align 2
factor: .word   FACTOR
"""


@needs_compiler
def test_c_from_path_text_file_and_lists_mixed_with_assembly(tmp_path):
    path, assembly = tmp_path / "times.c", tmp_path / "twice.S"
    path.write_text(TIMES)
    assembly.write_text(TWICE)
    for times in (path, str(path), TIMES, io.StringIO(TIMES), path.open()):
        for twice in (assembly, TWICE, [io.StringIO(TWICE)]):
            with DpuSet(1, c_source=[USER, times], asm_source=twice, FACTOR=7) as dpus:
                dpus.exec()
                assert dpus.n.int32() == 70
            if hasattr(times, "seek"):
                times.seek(0)
    times.close()


@needs_compiler
def test_errors_of_the_compiler_name_the_source_and_line(tmp_path):
    with pytest.raises(DpuError) as caught:
        DpuSet(1, c_source="int main(void)\n{\n    return nobody;\n}\n")
    assert isinstance(caught.value, subprocess.CalledProcessError)
    for text in (str(caught.value), caught.value.stderr):
        assert "src0.c:3:12: error: use of undeclared identifier 'nobody'" in text
    path = tmp_path / "wrong.c"
    path.write_text("int main(void) { return nobody; }\n")
    with pytest.raises(DpuError, match="%s:1:25: error" % path):
        DpuSet(1, c_source=path)
    with pytest.raises(DpuError, match="nowhere"):
        DpuSet(1, c_source="void nowhere(void); int main(void) { nowhere(); return 0; }")


@needs_compiler
def test_faults_name_the_line_of_the_text():
    with DpuSet(1, c_source="int main(void)\n{\n    *(volatile int *)1 = 2;\n}\n") as dpus:
        with pytest.raises(DpuError) as caught:
            dpus.exec()
    assert "in main+0 at src0.c:3" in caught.value.detail


@needs_compiler
def test_options_change_the_program():
    for level, has_call in (("-O0", True), ("-O2", False)):
        with DpuSet(1) as dpus:
            program = dpus.load(c_source=USER + TIMES + "int factor = 3; int twice(int x) "
                                "{ return x + x; }", opt_lvl=level)
            assert (program.get_symbol("times") is not None) == has_call
            dpus.exec()
            assert dpus.n.int32() == 30
    with pytest.raises(DpuError, match="-Werror"):
        DpuSet(1, c_source="int main(void) { int unused; }", cflags="-Wall -Werror")
    with DpuSet(1, c_source=KERNEL, nr_tasklets=3, stack_size_default=256) as dpus:
        assert len(dpus.out.uint32()) == 3


@needs_compiler
def test_c_is_compiled_once_for_the_same_sources_headers_and_options(built, tmp_path):
    header, path = tmp_path / "n.h", tmp_path / "mine.c"
    header.write_text("#define N 4\n")
    path.write_text('#include <defs.h>\n#include "n.h"\n'
                    '__host int n = N;\nint main(void) { return 0; }\n')

    def load(**keywords):
        with DpuSet(1, c_source=path, **keywords) as dpus:
            return dpus.n.int32(), len(built)

    assert [load(), load()] == [(4, 1), (4, 1)]
    header.write_text("#define N 5\n")
    assert [load(), load()] == [(5, 2), (5, 2)]
    path.write_text(path.read_text().replace("= N", "= N + 1"))
    assert load() == (6, 3)
    assert [load(opt_lvl="-O1"), load(opt_lvl="-O1"), load()] == [(6, 4), (6, 4), (6, 4)]
    with DpuSet(1, c_source=path, profile="chipId=66"):
        assert len(built) == 5


@needs_compiler
def test_another_compiler_compiles_anew(built, monkeypatch, tmp_path):
    path = tmp_path / "cc"
    path.write_text('#!/bin/sh\nexec "%s" "$@"\n' % compiler.find_compiler()[0])
    path.chmod(0o755)
    monkeypatch.setenv("DPUSIM_DPU_CC", str(path))
    for number in (1, 1, 2, 2):
        if number > len(built) > 0:
            path.write_text(path.read_text() + "# another version\n")
        with DpuSet(1, c_source=KERNEL):
            assert len(built) == number


@needs_compiler
def test_text_includes_files_of_the_working_directory(monkeypatch, tmp_path):
    (tmp_path / "mine.h").write_text("#define N 9\n")
    monkeypatch.chdir(tmp_path)
    with DpuSet(1, c_source='#include "mine.h"\n#include <defs.h>\n'
                '__host int n = N; int main(void) {}') as dpus:
        assert dpus.n.int32() == 9


def test_a_path_that_is_not_there_is_no_text():
    with pytest.raises(FileNotFoundError, match="nowhere.c"):
        DpuSet(1, c_source="nowhere.c")


# ---- symbols ------------------------------------------------------------------------------------


def test_symbols_of_a_program(one):
    program = one.load(asm_source=source())
    data = program.get_symbol("data")
    assert (data.name, data.size()) == ("data", 16) and program.get_symbol("data") is data
    assert program.get_symbol("nowhere") is None and "nowhere" not in program.symbols
    everything = program.fetch_all_symbols()
    assert {"data", "step", "source", "target", "__bootstrap"} <= set(everything)
    assert everything["target"].value() >> 27 == 1 and everything["__bootstrap"].value() >> 31 == 1
    assert everything == program.symbols
    assert program.c_program


def test_symbols_made_by_hand(one):
    symbol = one.load(asm_source=source()).get_symbol("source")
    mine = DpuSymbol("mine", (symbol.value(), 8))
    one.copy(mine, b"abcdefgh")
    assert one.source.data()[:8].tobytes() == b"abcdefgh"
    with pytest.raises(DpuError) as caught:
        one.copy(mine, b"12345678", offset=8)
    assert str(caught.value) == "invalid memory symbol access"
    assert "mine" in repr(mine)


def test_symbols_are_attributes_of_the_set_and_its_parts(four):
    for part in (four, four.ranks()[0], four.dpus()[2]):
        assert "data" in dir(part) and len(part.data.contents) == len(part)


def test_load_on_a_part_takes_the_attributes_from_the_sets_above(four):
    first, second = four.dpus()[:2]
    first.load(asm_source=io.StringIO(TASKLETS), EXTRA=1)
    assert first.extra.int32() == 0 and list(second.data.int32()) == [0] * 4
    for part in (four, four.ranks()[0]):
        with pytest.raises(AttributeError):
            part.data
    with pytest.raises(AttributeError):
        first.data
    with pytest.raises(DpuError) as caught:
        four.copy("data", bytearray(16))
    assert str(caught.value) == "cannot access symbol on dpus with different programs"
    four.load(asm_source=source())
    assert first.count.int32() == 0 and len(four.count.int32()) == 4


def test_unknown_attributes(one):
    with pytest.raises(AttributeError, match="nowhere"):
        one.nowhere
    with pytest.raises(AttributeError, match="nowhere"):
        one.nowhere = bytearray(4)
    one.note = "an attribute of the user"
    assert one.note == "an attribute of the user"
    assert not hasattr(one, "nowhere")


def test_methods_are_not_hidden_by_symbols(one):
    assert callable(one.log)
    with pytest.raises(AttributeError, match="copy"):
        one.log = bytearray(4)
    one.copy("log", b"\5\0\0\0")
    value = bytearray(4)
    one.copy(value, "log")
    assert value[0] == 5


def test_attributes_before_a_load():
    with DpuSet(1) as dpus:
        with pytest.raises(AttributeError):
            dpus.data
        with pytest.raises(DpuError) as caught:
            dpus.copy("data", bytearray(4))
        assert str(caught.value) == "no program has been loaded in the dpu set"
        with pytest.raises(DpuError):
            dpus.exec()
