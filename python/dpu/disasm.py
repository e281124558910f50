# SPDX-License-Identifier: MIT
"""Disassembling words, bytes and program files.

    >>> from dpu import disasm, isa
    >>> for line in disasm.disassemble([isa.encode("add:rri", 1, 2, 3)]):
    ...     print(line)
    80000000:  008b00300000  add r1, r2, 0x3

From a shell: ``python3 -m dpu.disasm program``.
"""
import os
import sys
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple, Union

import dpusim
from dpu import isa
from dpusim import ffi


class Line(NamedTuple):
    """One instruction."""

    pc: int  #: instruction index
    word: int
    text: str
    label: Optional[str] = None  #: of the function that begins here
    source: Optional[Tuple[str, int]] = None  #: file and line

    @property
    def address(self) -> int:
        """As programs carry it: 0x80000000 and 8 bytes for each instruction."""
        return int(ffi.ISA_IRAM_BASE) + int(ffi.ISA_INSN_BYTES) * self.pc

    def __str__(self) -> str:
        return "%08x:  %012x  %s" % (self.address, self.word, self.text)


def words_of(data: Any) -> List[int]:
    """Instruction words of bytes in memory order: 8 bytes each.

    Raises:
        ValueError: the length is no multiple of 8.
    """
    view = memoryview(data)
    if view.nbytes % ffi.ISA_INSN_BYTES:
        raise ValueError("%d bytes: instructions take %d bytes each" % (
            view.nbytes, ffi.ISA_INSN_BYTES))
    raw = view.tobytes()
    return [int.from_bytes(raw[at:at + 8], "little") for at in range(0, len(raw), 8)]


def disassemble(words: Union[Iterable[int], bytes, bytearray, memoryview], pc: int = 0,
                raw: bool = False) -> Iterator[Line]:
    """Disassemble words, or the bytes of words.

    Args:
        words: ints of 48 bits, or bytes (8 for each instruction, little endian).
        pc: index of the first.
        raw: print no aliases.
    """
    if isinstance(words, (bytes, bytearray, memoryview)):
        words = words_of(words)
    for number, word in enumerate(words):
        yield Line(pc + number, word, isa.text(word, raw))


def disassemble_file(program: Union[str, "os.PathLike[str]", bytes, dpusim.Program],
                     raw: bool = False) -> Iterator[Line]:
    """Disassemble the instructions of a program, with labels and source lines.

    Raises:
        dpusim.Error: it cannot be read.
    """
    if not isinstance(program, dpusim.Program):
        program = dpusim.Program.read(program)
    labels: Dict[int, str] = {}
    for symbol in program.symbols.values():
        if not symbol.is_absolute and symbol.memory == dpusim.Memory.IRAM:
            if symbol.kind == "function" or symbol.pc not in labels:
                labels[symbol.pc] = symbol.name
    for line in disassemble(program.instructions(), 0, raw):
        yield line._replace(label=labels.get(line.pc), source=program.line_at(line.pc))


def main(arguments: List[str]) -> int:
    """The command: disassembles the files named."""
    if not arguments or arguments[0].startswith("-"):
        print("usage: python3 -m dpu.disasm PROGRAM...", file=sys.stderr)
        return 2
    for path in arguments:
        try:
            for line in disassemble_file(path):
                if line.label:
                    print("%s:" % line.label)
                print(line)
        except dpusim.Error as problem:
            print("dpu.disasm: %s" % problem, file=sys.stderr)
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
