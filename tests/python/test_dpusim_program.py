# SPDX-License-Identifier: MIT
"""dpusim: assembling, linking, reading programs."""
import io
import pickle

import dpusim
import pytest
from conftest import ENDLESS, FAULTY, PROGRAM, PROGRAMS, ROOT


def test_build_from_text_finds_symbols():
    program = dpusim.build(PROGRAM)
    data = program.symbol("data")
    assert (data.memory, data.size, data.kind, data.is_global) == (
        dpusim.Memory.WRAM, 16, "object", True)
    assert program.symbol("target").memory == dpusim.Memory.MRAM
    assert program.symbol("__bootstrap").pc == 0
    assert program.symbol("NR_TASKLETS").memory is None


def test_build_from_several_kinds_of_sources(tmp_path):
    path = tmp_path / "second.S"
    path.write_text(".text\n.globl twice\ntwice: add r0, r0, r0\n jump r23\n")
    first = io.StringIO(
        '.section .text.__bootstrap, "ax"\n.globl __bootstrap\n'
        "__bootstrap: call r23, twice\n stop\n")
    program = dpusim.build(first, path)
    assert program.symbol("twice").pc > 0


def test_options_reach_the_linker():
    program = dpusim.build(ENDLESS, nr_tasklets=11, stack_size=256, stack_sizes={3: 512},
                           symbols={"answer": 42})
    assert program.nr_tasklets == 11
    assert program.symbol("answer").address == 42
    assert program.symbol("STACK_SIZE_TASKLET_2").address == 256
    assert program.symbol("STACK_SIZE_TASKLET_3").address == 512


def test_chip_is_chosen():
    assert dpusim.build(ENDLESS, chip="v1B").chip == "v1B"
    with pytest.raises(ValueError, match="v1C.*v1A, v1B"):
        dpusim.build(ENDLESS, chip="v1C")


def test_defines_and_includes(tmp_path):
    (tmp_path / "value.h").write_text("#define VALUE (BASE + 1)\n")
    text = '#include "value.h"\n' + ENDLESS + "\n.section .dpu_host\n.globl v\nv: .word VALUE\n"
    program = dpusim.build(text, defines={"BASE": 6}, include_dirs=[str(tmp_path)],
                           keep_unused=True)
    dpu = dpusim.Dpu(program)
    address = program.symbol("v").offset
    assert dpu.wram[address:address + 4].tolist() == [7, 0, 0, 0]


def test_errors_of_the_assembler_have_places():
    with pytest.raises(dpusim.BuildError) as caught:
        dpusim.build(ENDLESS + "\n  addd r0, r1, r2\n")
    error = [m for m in caught.value.messages if m.severity == "error"][0]
    assert caught.value.status == dpusim.Status.SYNTAX
    assert (error.file, error.line) == ("src0.S", ENDLESS.count("\n") + 2)
    assert "addd" in error.source_line and "addd" in str(caught.value)


def test_errors_of_the_linker_name_the_symbol():
    with pytest.raises(dpusim.BuildError, match="nowhere"):
        dpusim.build(ENDLESS + "\n jump nowhere\n")


def test_missing_files():
    with pytest.raises(FileNotFoundError):
        dpusim.build("nowhere.S")
    with pytest.raises(dpusim.Error, match="nowhere.elf") as caught:
        dpusim.Program.read("nowhere.elf")
    assert caught.value.status == dpusim.Status.NO_SUCH_FILE


def test_no_source_is_an_error():
    with pytest.raises(ValueError):
        dpusim.build()


def test_binary_stream_as_source_is_refused():
    with pytest.raises(TypeError, match="bytes"):
        dpusim.build(io.BytesIO(b"stop\n"))


def test_read_from_path_and_bytes_agree():
    path = PROGRAMS / "hello.elf"
    from_path, from_bytes = dpusim.Program.read(path), dpusim.Program.read(path.read_bytes(), "h")
    assert from_path.symbols == from_bytes.symbols
    assert from_bytes.name == "h" and from_path.name == str(path)
    assert from_path.sections == from_bytes.sections


@pytest.mark.parametrize("image", [b"", b"\x7fELF", b"int main() {}", bytes(100)])
def test_damaged_images_are_refused(image):
    with pytest.raises(dpusim.Error) as caught:
        dpusim.Program.read(image)
    assert caught.value.status == dpusim.Status.ELF_INVALID
    assert str(caught.value)


def test_unknown_symbol_suggests_the_nearest():
    with pytest.raises(dpusim.Error, match="did you mean target"):
        dpusim.build(PROGRAM).symbol("taget")


def test_symbol_and_line_at_an_instruction():
    program = dpusim.build(FAULTY)
    broken = program.symbol("broken")
    assert program.symbol_at(broken.address).name == "broken"
    file, line = program.line_at(broken.pc)
    assert file.endswith("src0.S") and FAULTY.splitlines()[line - 1].startswith("broken:")
    assert dpusim.build(FAULTY, debug=False).line_at(broken.pc) is None


def test_programs_are_saved_and_pickled(tmp_path):
    program = dpusim.build(PROGRAM)
    program.save(tmp_path / "p.elf")
    assert dpusim.Program.read(tmp_path / "p.elf").image == program.image
    assert pickle.loads(pickle.dumps(program)).symbols == program.symbols


def test_addresses_split():
    assert dpusim.split_address(0x80000010) == (dpusim.Memory.IRAM, 16)
    with pytest.raises(ValueError):
        dpusim.split_address(0x70000000)


def test_example_of_the_repository_builds():
    parts = ("common/crt0.S", "common/barrier.S", "vector_add/vector_add.S")
    program = dpusim.build(*(ROOT / "examples" / part for part in parts), nr_tasklets=16)
    assert program.nr_tasklets == 16 and program.symbol("main").kind == "function"
