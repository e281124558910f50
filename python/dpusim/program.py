# SPDX-License-Identifier: MIT
"""Programs: assembling, linking, reading, and what is in them."""
import ctypes
import os
import re
import weakref
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple, Union

from dpusim import ffi
from dpusim._native import (
    BuildError, Error, Report, call, decode, encode, enumeration, isa_bytes, take, texts,
)

Memory = enumeration("Memory", "isa_memory", "ISA_")  #: IRAM, WRAM, MRAM, ATOMIC
_SYMBOL_KINDS = ("none", "object", "function", "file")

#: A path, an open text object, or text itself (a str with a newline in it).
Source = Union[str, "os.PathLike[str]", Any]


class Chip(NamedTuple):
    """One chip version."""

    name: str
    threads: int
    iram_insns: int
    wram_bytes: int
    atomic_bits: int
    atomic_reserved_bits: int
    clock_hz: int
    text: str


def chips() -> Dict[str, Chip]:
    """The chip versions by name.

    >>> import dpusim
    >>> dpusim.chips()["v1A"].threads
    24
    """
    rows = (ffi.isa_chip_get(number).contents for number in range(ffi.ISA_CHIP_COUNT))
    return {decode(row.name): Chip(**{
        **{field: getattr(row, field) for field in Chip._fields}, **texts(row, "name", "text")})
        for row in rows}


def chip_number(name: str) -> int:
    """Number of a chip in C.

    Raises:
        ValueError: unknown name.
    """
    number = int(ffi.isa_chip_find(encode(name)))
    if number == ffi.ISA_CHIP_COUNT:
        raise ValueError("unknown chip %r: there are %s" % (name, ", ".join(chips())))
    return number


class Symbol(NamedTuple):
    """A symbol of a program."""

    name: str
    address: int  #: as in the file: carries the memory's base
    size: int  #: bytes; 0: unknown
    kind: str  #: ``"none"``, ``"object"``, ``"function"`` or ``"file"``
    is_global: bool
    is_absolute: bool
    section: str

    @property
    def memory(self) -> Optional[Any]:
        """Memory it lies in (:class:`Memory`); None for absolute symbols."""
        return None if self.is_absolute else split_address(self.address)[0]

    @property
    def offset(self) -> int:
        """Bytes from the start of its memory (atomic bits: number of the bit)."""
        return self.address if self.is_absolute else split_address(self.address)[1]

    @property
    def pc(self) -> int:
        """Instruction index, of symbols in IRAM."""
        return self.offset // ffi.ISA_INSN_BYTES


def split_address(address: int) -> Tuple[Any, int]:
    """Memory and byte offset of an address as programs carry it.

    >>> import dpusim
    >>> dpusim.split_address(0x08000010)
    (<Memory.MRAM: 2>, 16)

    Raises:
        ValueError: in no memory.
    """
    memory, offset = ctypes.c_uint(), ctypes.c_uint32()
    if not ffi.isa_address_split(address, ctypes.byref(memory), ctypes.byref(offset)):
        raise ValueError("address %#x is in no memory" % address)
    return Memory(memory.value), offset.value


class Section(NamedTuple):
    """A section of a program."""

    name: str
    address: int
    size: int  #: bytes
    flags: int
    type: int


class Program:
    """A linked program. Immutable; any number of DPUs may share one.

    Made by :func:`build` and :meth:`read`.
    """

    def __init__(self, pointer: Any, image: bytes) -> None:
        self._pointer = pointer
        self._row = pointer.contents
        self._symbols: Optional[Dict[str, Symbol]] = None
        #: The whole ELF file.
        self.image = image
        weakref.finalize(self, ffi.isa_program_destroy, pointer)

    @classmethod
    def read(cls, source: Union[str, "os.PathLike[str]", Any], name: Optional[str] = None) \
            -> "Program":
        """Read a program.

        Args:
            source: path of an ELF file, or its bytes (anything with the buffer protocol).
            name: what messages call it; the path by default.
        Raises:
            Error: not there or damaged; the text says what is wrong with it.
        """
        if isinstance(source, (str, os.PathLike)):
            path = os.fspath(source)
            name = name or path
            try:
                with open(path, "rb") as file:
                    source = file.read()
            except OSError as error:
                raise Error("%s: %s" % (path, error.strerror), ffi.DPUSIM_NO_SUCH_FILE) from error
        image = bytes(source)
        pointer = ctypes.POINTER(ffi.struct_isa_program)()
        call(ffi.isa_program_read, ctypes.byref(pointer), isa_bytes(image),
             encode(name or "program"), None)
        return cls(pointer, image)

    def save(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Write the ELF file."""
        with open(path, "wb") as file:
            file.write(self.image)

    def __repr__(self) -> str:
        return "<dpusim.Program %s: %s, %d tasklets, %d symbols>" % (
            self.name, self.chip, self.nr_tasklets, self._row.n_symbols)

    def __reduce__(self) -> Any:
        return Program.read, (self.image, self.name)

    @property
    def name(self) -> str:
        """File name, or what the caller said."""
        return decode(self._row.name)

    @property
    def chip(self) -> str:
        """Name of the chip it was linked for."""
        return decode(ffi.isa_chip_get(self._row.chip).contents.name)

    @property
    def nr_tasklets(self) -> int:
        """Tasklets that it starts; 0: it does not say."""
        return int(self._row.nr_tasklets)

    @property
    def symbols(self) -> Dict[str, Symbol]:
        """Symbols by name; of several with one name the first global one."""
        if self._symbols is None:
            found: Dict[str, Symbol] = {}
            for number in range(self._row.n_symbols):
                symbol = _symbol(self._row.symbols[number])
                if symbol.name not in found or (
                        symbol.is_global and not found[symbol.name].is_global):
                    found[symbol.name] = symbol
            self._symbols = found
        return self._symbols

    @property
    def sections(self) -> List[Section]:
        """Sections in file order."""
        rows = (self._row.sections[number] for number in range(self._row.n_sections))
        return [Section(decode(row.name), row.address, row.size_bytes, row.flags, row.type)
                for row in rows]

    def symbol(self, name: str) -> Symbol:
        """A symbol by name.

        Raises:
            Error: unknown; the text has the nearest name.
        """
        try:
            return self.symbols[name]
        except KeyError:
            nearest = ffi.isa_program_nearest_symbol(self._pointer, encode(name))
            hint = "; did you mean %s?" % decode(nearest) if nearest else ""
            raise Error("%s has no symbol %r%s" % (self.name, name, hint),
                        ffi.DPUSIM_UNKNOWN_SYMBOL) from None

    def symbol_at(self, address: int, functions: bool = True) -> Optional[Symbol]:
        """The symbol that covers an address, else the nearest below it in the same memory."""
        row = ffi.isa_program_symbol_at(self._pointer, address, functions)
        return _symbol(row.contents) if row else None

    def line_at(self, pc: int) -> Optional[Tuple[str, int]]:
        """Source file and line of an instruction index; None without a line table."""
        file, line = ctypes.c_char_p(), ctypes.c_uint()
        if not ffi.isa_program_line_at(self._pointer, pc, ctypes.byref(file), ctypes.byref(line)):
            return None
        return decode(file.value), line.value

    def instructions(self) -> List[int]:
        """The words of its IRAM segments, from index 0; gaps are 0."""
        words: Dict[int, int] = {}
        for number in range(self._row.n_segments):
            segment = self._row.segments[number]
            if segment.memory == Memory.IRAM:
                data = ctypes.string_at(segment.data, segment.file_bytes)
                first = segment.offset_bytes // ffi.ISA_INSN_BYTES
                for index, word in enumerate(memoryview(data).cast("Q")):
                    words[first + index] = word
        return [words.get(index, 0) for index in range(max(words, default=-1) + 1)]


def _symbol(row: Any) -> Symbol:
    return Symbol(decode(row.name), row.value, row.size_bytes, _SYMBOL_KINDS[row.type],
                  bool(getattr(row, "global")), bool(row.absolute), decode(row.section))


# ---- assembling and linking ---------------------------------------------------------------------


def _string_array(items: Iterable[str]) -> Any:
    encoded = [encode(item) for item in items]
    return (ctypes.c_char_p * (len(encoded) + 1))(*encoded, None)


def _needs_preprocessor(text: str, defines: Mapping[str, Any]) -> bool:
    """Text without directives and without defined names is the same before and after."""
    if re.search(r"(?m)^[ \t]*#", text):
        return True
    return any(re.search(r"\b%s\b" % re.escape(name), text) for name in defines)


def _read_source(source: Source, number: int) -> Tuple[Optional[str], Optional[str], str]:
    """(path, text, name) of a source; one of path and text is None."""
    if hasattr(source, "read"):
        text = source.read()
        if not isinstance(text, str):
            raise TypeError("source %d: read() gave %s, not str: open the file as text"
                            % (number, type(text).__name__))
        name = getattr(source, "name", None)
        return None, text, name if isinstance(name, str) else "src%d.S" % number
    if isinstance(source, str) and "\n" in source:
        return None, source, "src%d.S" % number
    path = os.fspath(source)
    return path, None, path


def assemble(source: Source, *, defines: Optional[Mapping[str, Any]] = None,
             include_dirs: Iterable[str] = (), debug: bool = True, number: int = 0) -> bytes:
    """Assemble one source.

    Args:
        source: path (``.S`` files go through the C preprocessor first), open text object, or text
            (a str that has a newline; preprocessed when it has directives or uses ``defines``).
        defines: macros; value None defines a name without one.
        include_dirs: directories for ``#include`` and ``.include``.
        debug: write a line table of the assembly text.
        number: of the source, for the name of text without one (``src<number>.S``).
    Returns:
        A relocatable ELF object.
    Raises:
        BuildError: errors in the text. OSError: the file cannot be read.
    """
    defines = defines or {}
    path, text, name = _read_source(source, number)
    options = ffi.struct_isa_asm_options()
    dirs = _string_array(include_dirs)
    macros = _string_array(
        key if value is None else "%s=%s" % (key, value) for key, value in defines.items())
    options.include_dirs, options.defines = dirs, macros
    options.debug_lines = debug
    report, handle = Report(), ctypes.POINTER(ffi.struct_isa_object)()
    if path is not None:
        with open(path, "rb"):
            pass  # says why when it cannot be read
        status = ffi.isa_assemble_file(
            ctypes.byref(handle), encode(path), ctypes.byref(options), report.pointer)
    else:
        assert text is not None
        options.preprocess = _needs_preprocessor(text, defines)
        status = ffi.isa_assemble(
            ctypes.byref(handle), isa_bytes(encode(text)), encode(name), ctypes.byref(options),
            report.pointer)
    if status != ffi.DPUSIM_OK:
        raise report.failure(status)
    try:
        image = ffi.struct_isa_bytes()
        call(ffi.isa_object_write, handle, ctypes.byref(image))
        return take(image.data, image.len_bytes)
    finally:
        ffi.isa_object_destroy(handle)


def link(*objects: Union[bytes, Tuple[str, bytes]], chip: str = "v1A", nr_tasklets: int = 1,
         stack_size: int = 0, stack_sizes: Optional[Mapping[int, int]] = None,
         symbols: Optional[Mapping[str, int]] = None, entry: Optional[str] = None,
         keep_unused: bool = False, name: str = "program") -> Program:
    """Link objects and archives.

    Args:
        objects: their bytes, or pairs of a name for messages and the bytes.
        chip: chip version.
        nr_tasklets: tasklets that the program starts.
        stack_size: bytes of each tasklet's stack; 0: 1024.
        stack_sizes: bytes by tasklet, where it differs.
        symbols: further absolute symbols.
        entry: symbol at instruction 0; ``"__bootstrap"`` by default.
        keep_unused: keep sections that nothing refers to.
        name: what messages call the program.
    Raises:
        BuildError: undefined or duplicate symbols, or it does not fit.
    """
    inputs = (ffi.struct_isa_link_input * len(objects))()
    for number, item in enumerate(objects):
        label, data = item if isinstance(item, tuple) else ("object %d" % number, item)
        inputs[number].name, inputs[number].data = encode(label), isa_bytes(data)
    options = ffi.struct_isa_link_options(
        chip=chip_number(chip), nr_tasklets=nr_tasklets, stack_default_bytes=stack_size,
        entry=encode(entry) if entry else None, keep_unused=keep_unused)
    for tasklet, size in (stack_sizes or {}).items():
        if not 0 <= tasklet < ffi.ISA_MAX_THREADS:
            raise ValueError("stack of tasklet %d: there are tasklets 0 to %d"
                             % (tasklet, ffi.ISA_MAX_THREADS - 1))
        options.stack_bytes[tasklet] = size
    rows = [ffi.struct_isa_link_symbol(encode(key), value)
            for key, value in (symbols or {}).items()]
    defsyms = (ffi.struct_isa_link_symbol * len(rows))(*rows)
    options.defsyms, options.n_defsyms = defsyms, len(rows)
    image, report = ffi.struct_isa_bytes(), Report()
    status = ffi.isa_link(
        ctypes.byref(image), inputs, len(objects), ctypes.byref(options), report.pointer)
    if status != ffi.DPUSIM_OK:
        raise report.failure(status)
    return Program.read(take(image.data, image.len_bytes), name)


def build(*sources: Source, defines: Optional[Mapping[str, Any]] = None,
          include_dirs: Iterable[str] = (), debug: bool = True, **options: Any) -> Program:
    """Assemble and link a program from assembly sources.

    Args:
        sources, defines, include_dirs, debug: see :func:`assemble`.
        options: see :func:`link`.
    Raises:
        BuildError: errors in the sources, or the program cannot be linked.

    >>> import dpusim
    >>> program = dpusim.build('''
    ...         .section .text.__bootstrap, "ax", @progbits
    ...         .globl __bootstrap
    ... __bootstrap:
    ...         stop
    ... ''')
    >>> program.symbol("__bootstrap").pc
    0
    """
    if not sources:
        raise ValueError("no source to build a program from")
    directories = list(include_dirs)
    objects = []
    for number, source in enumerate(sources):
        image = assemble(source, defines=defines, include_dirs=directories, debug=debug,
                         number=number)
        objects.append((_read_source(source, number)[2], image)
                       if not hasattr(source, "read") else ("src%d.S" % number, image))
    return link(*objects, **options)


__all__ = ["BuildError", "Chip", "Memory", "Program", "Section", "Source", "Symbol", "assemble",
           "build", "chip_number", "chips", "link", "split_address"]
