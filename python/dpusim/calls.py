# SPDX-License-Identifier: MIT
"""Calls of functions of a DPU's program, and Python functions in the place of such.

Types come from debug information, or from a signature of letters. The methods of
:class:`dpusim.Dpu` that lead here are ``call``, ``replace`` and ``observe``.
"""
import ctypes
import numbers
from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple

from dpusim import ffi
from dpusim._native import Error, address_of, call, decode, encode, view_of
from dpusim.program import Memory
from dpusim.value import data_of, is_structure, plain_of, value_of

_SIGNATURE_BYTES = 64
#: Members of ``union sim_value`` by the letter of a signature.
_MEMBERS = {"b": "l", "h": "l", "i": "l", "l": "l", "B": "ul", "H": "ul", "u": "ul", "L": "ul",
            "p": "ul", "f": "f", "d": "d"}
_SIZES = {"b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "u": 4, "p": 4, "l": 8, "L": 8}


class Through(NamedTuple):
    """What a function given to :meth:`dpusim.Dpu.replace` returns to let the DPU's own run."""

    arguments: Optional[Sequence[Any]] = None  #: other arguments; None: those of the call


Failed = Callable[[BaseException], None]


class Prototype:
    """What a function takes and gives.

    ``text`` are the letters. Structures by value are p there; so is, in front of the others, the
    place of a result that is a structure.
    """

    def __init__(self, dpu: Any, function: str, given: Optional[str]) -> None:
        self.dpu = dpu
        self.parameters: List[Any] = []  #: plain types; empty: not known
        self.result: Optional[Any] = None  #: plain type, when it is a structure
        self.text = given if given is not None else self._known(function)
        self._read_types(function)
        if given is not None and self.result is not None:
            # who gives letters gives addresses
            self.result, self.parameters = None, []
        self.letters = self.text[self.text.find("(") + 1:].rstrip(")").replace(".", "")
        if self.result is not None:
            self.letters = self.letters[1:]
        self.by_letters = given is not None

    def _known(self, function: str) -> str:
        buffer = ctypes.create_string_buffer(_SIGNATURE_BYTES)
        call(ffi.sim_dpu_signature, self.dpu._pointer, encode(function), buffer, _SIGNATURE_BYTES)
        return decode(buffer.value)

    def _read_types(self, function: str) -> None:
        program = self.dpu.program
        symbol = program.symbols.get(function) if program is not None else None
        found = ffi.isa_program_type_at(program._pointer, symbol.address) if symbol else None
        if not found:
            return
        kind = found.contents
        self.parameters = [plain_of(kind.members[i].type) for i in range(kind.n_members)]
        result = plain_of(kind.target)
        if result is not None and is_structure(result):
            self.result = result

    def structure(self, index: int) -> Optional[Any]:
        """The type of a parameter that is a structure by value."""
        kind = self.parameters[index] if index < len(self.parameters) else None
        return kind if kind is not None and not self.by_letters and is_structure(kind) else None

    def in_mram(self, index: int) -> bool:
        """Is a parameter a pointer to MRAM?"""
        kind = self.parameters[index] if index < len(self.parameters) else None
        return bool(kind is not None and kind.is_mram)

    # -- of a call that the program makes --

    def values(self, arguments: Any) -> List[Any]:
        """Python values of the arguments of a call, a C array."""
        first = 0 if self.result is None else 1
        return [self._value(i, arguments[first + i]) for i in range(len(self.letters))]

    def _value(self, index: int, argument: Any) -> Any:
        kind = self.structure(index)
        if kind is None:
            return unpack(argument, self.letters[index])
        return value_of(kind, self.dpu.read(Memory.WRAM, int(kind.size_bytes), int(argument.u)))

    def store(self, arguments: Any, values: Sequence[Any]) -> None:
        """Other arguments; structures are written where the caller's copies are."""
        first = 0 if self.result is None else 1
        for i, value in enumerate(values):
            kind = self.structure(i)
            if kind is None:
                pack(arguments[first + i], self.letters[i], value)
            else:
                self.dpu.write(Memory.WRAM, data_of(kind, value), int(arguments[first + i].u))

    def result_of(self, arguments: Any, result: Any) -> Any:
        """What the function has returned."""
        if self.result is None:
            return unpack(result, self.text[0])
        size = int(self.result.size_bytes)
        return value_of(self.result, self.dpu.read(Memory.WRAM, size, int(arguments[0].u)))

    def answer(self, arguments: Any, result: Any, value: Any) -> None:
        """What it returns instead."""
        if self.result is not None:
            self.dpu.write(Memory.WRAM, data_of(self.result, value), int(arguments[0].u))
        elif self.text[0] != "v":
            pack(result, self.text[0], value)


class _Scratch:
    """Room for what pointers of a call point to, at the ends of the memories."""

    def __init__(self, dpu: Any) -> None:
        self.dpu = dpu
        self.end = {memory: ffi.sim_dpu_memory_bytes(dpu._pointer, memory)
                    for memory in (Memory.WRAM, Memory.MRAM)}
        self.back: List[Tuple[Any, int, Any]] = []

    def _lowest(self, memory: Any) -> int:
        symbols = self.dpu.program.symbols
        if memory == Memory.MRAM:
            symbol = symbols.get("__sys_used_mram_end")
            return int(symbol.offset) if symbol else 0
        pointer, start = symbols.get("__sys_heap_pointer"), symbols.get("__sys_heap_pointer_reset")
        lowest = int(start.offset) if start else 0
        if pointer:
            lowest = max(lowest, int.from_bytes(self.dpu.read(pointer, 4), "little"))
        return lowest

    def put(self, data: Any, in_mram: bool) -> int:
        """Copy in; the address. Writable buffers are copied back after the call."""
        memory = Memory.MRAM if in_mram else Memory.WRAM
        view = view_of(data)
        first: int = (self.end[memory] - view.nbytes) // 8 * 8
        if first < self._lowest(memory):
            raise Error("%d bytes of arguments do not fit %s above the heap" % (
                view.nbytes, memory.name), ffi.DPUSIM_BAD_ARGUMENT)
        self.end[memory] = first
        self.dpu.write(memory, data, first)
        if not view.readonly:
            self.back.append((memory, first, view))
        return first

    def room(self, size_bytes: int) -> int:
        """Room in WRAM for a result."""
        return self.put(bytes(size_bytes), False)

    def take_back(self) -> None:
        """What the function has written, into the caller's buffers."""
        for memory, first, view in self.back:
            data = self.dpu.read(memory, view.nbytes, first)
            ctypes.memmove(address_of(view), data, len(data))


def pack(value: Any, letter: str, argument: Any) -> None:
    """A Python number into a ``union sim_value``."""
    member = _MEMBERS.get(letter)
    if member is None:
        raise Error("signature: no letter %r" % letter, ffi.DPUSIM_BAD_ARGUMENT)
    if letter in "fd":
        setattr(value, member, float(argument))
        return
    size = _SIZES[letter] * 8
    number = int(argument)
    if not -(1 << (size - 1)) <= number < 1 << size:
        raise OverflowError("%d does not fit %d bits" % (number, size))
    value.ul = number & 0xFFFFFFFFFFFFFFFF


def unpack(value: Any, letter: str) -> Any:
    """The number of a ``union sim_value``; None for v."""
    return None if letter == "v" else getattr(value, _MEMBERS[letter])


def invoke(dpu: Any, function: str, arguments: Sequence[Any], signature: Optional[str],
           tasklet: int, max_instructions: int) -> Any:
    """See :meth:`dpusim.Dpu.call`."""
    prototype, scratch = Prototype(dpu, function, signature), _Scratch(dpu)
    letters, hidden = prototype.letters, prototype.result is not None
    values = (ffi.union_sim_value * (len(arguments) + 1))()
    if prototype.result is not None:
        values[0].u = scratch.room(int(prototype.result.size_bytes))
    for i, argument in enumerate(arguments):
        letter = letters[i] if i < len(letters) else "i"
        kind = prototype.structure(i)
        if kind is not None:
            argument = scratch.put(data_of(kind, argument), False)
        elif isinstance(argument, str):
            argument = dpu.program.symbol(argument).offset
        elif letter == "p" and not isinstance(argument, numbers.Integral):
            argument = scratch.put(argument, prototype.in_mram(i))
        pack(values[i + hidden], letter, argument)
    row, result = ffi.struct_sim_call(), ffi.union_sim_value()
    row.function, row.signature = encode(function), encode(prototype.text)
    row.arguments, row.n_arguments = values, len(arguments) + hidden
    row.tasklet, row.max_instructions = tasklet, max_instructions
    call(ffi.sim_dpu_call, dpu._pointer, ctypes.byref(row), ctypes.byref(result))
    scratch.take_back()
    return prototype.result_of(values, result)


def double(prototype: Prototype, function: Callable[..., Any], failed: Failed) -> Any:
    """The C function that calls a Python function in the place of one of the DPU."""

    def told(_: Any, __: Any, ___: int, arguments: Any, result: Any) -> bool:
        try:
            answer = function(*prototype.values(arguments))
            if isinstance(answer, Through):
                prototype.store(arguments, answer.arguments or ())
                return False
            prototype.answer(arguments, result[0], answer)
        except BaseException as error:  # noqa: BLE001 - goes on in the caller's thread
            failed(error)
        return True

    return ffi.sim_call_hook(told)


def observer(prototype: Prototype, function: Callable[[List[Any], Any], Any],
             failed: Failed) -> Any:
    """The C function that tells a Python function of results."""

    def told(_: Any, __: Any, ___: int, arguments: Any, result: Any) -> None:
        try:
            answer = function(prototype.values(arguments),
                              prototype.result_of(arguments, result[0]))
            if answer is not None:
                prototype.answer(arguments, result[0], answer)
        except BaseException as error:  # noqa: BLE001 - goes on in the caller's thread
            failed(error)

    return ffi.sim_return_hook(told)
