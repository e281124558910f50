# SPDX-License-Identifier: MIT
"""Values of a DPU by the types of its program, and calls of its functions with such.

Types come from debug information: programs are compiled with ``-g``. The methods of
:class:`dpusim.Dpu` that lead here are ``inspect``, ``call`` and ``replace``.
"""
import ctypes
import numbers
import struct
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from dpusim import ffi
from dpusim._native import Error, address_of, call, decode, encode, view_of
from dpusim.program import Memory

try:
    import numpy
except ImportError:  # lists then
    numpy = None  # type: ignore[assignment]

_MOST_NESTED = 32
_SIGNATURE_BYTES = 64
_INTEGERS = (ffi.ISA_TYPE_SIGNED, ffi.ISA_TYPE_UNSIGNED, ffi.ISA_TYPE_CHAR, ffi.ISA_TYPE_ENUM,
             ffi.ISA_TYPE_POINTER, ffi.ISA_TYPE_BOOL)
#: Members of ``union sim_value`` by the letter of a signature.
_MEMBERS = {"b": "l", "h": "l", "i": "l", "l": "l", "B": "ul", "H": "ul", "u": "ul", "L": "ul",
            "p": "ul", "f": "f", "d": "d"}
_SIZES = {"b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "u": 4, "p": 4, "l": 8, "L": 8}


class Through(NamedTuple):
    """What a function given to :meth:`dpusim.Dpu.replace` returns to let the DPU's own run."""

    arguments: Optional[Sequence[Any]] = None  #: other arguments; None: those of the call


def _plain(kind: Any) -> Optional[Any]:
    """The type behind typedefs; None: void."""
    stripped = ffi.isa_type_strip(kind)
    return stripped.contents if stripped else None


def _is_signed(kind: Any) -> bool:
    return bool(kind.kind in (ffi.ISA_TYPE_SIGNED, ffi.ISA_TYPE_ENUM) or
                (kind.kind == ffi.ISA_TYPE_CHAR and kind.is_signed))


def _scalar(kind: Any, number: int) -> Any:
    if kind.kind == ffi.ISA_TYPE_BOOL:
        return bool(number)
    if kind.kind == ffi.ISA_TYPE_ENUM:
        for i in range(kind.n_enumerators):
            if kind.enumerators[i].value == number:
                return decode(kind.enumerators[i].name)
    return number


def _bits(member: Any, kind: Any, data: bytes) -> int:
    """A bit-field."""
    size = (member.bit_offset + member.bit_size + 7) // 8
    number: int = int.from_bytes(data[:size], "little") >> member.bit_offset
    number &= (1 << member.bit_size) - 1
    negative = _is_signed(kind) and number >> (member.bit_size - 1)
    return number - (1 << int(member.bit_size)) if negative else number


def _structure(kind: Any, data: bytes, depth: int) -> Dict[str, Any]:
    values: Dict[str, Any] = {}
    for i in range(kind.n_members):
        member = kind.members[i]
        part = data[member.offset_bytes:]
        inner = _plain(member.type)
        if member.bit_size and inner is not None:
            values[decode(member.name)] = _scalar(inner, _bits(member, inner, part))
            continue
        value = _value(member.type, part, depth + 1)
        if not member.name and isinstance(value, dict):  # its members are this one's
            values.update(value)
        else:
            values[decode(member.name)] = value
    return values


def _dtype(kind: Any) -> Optional[str]:
    letter = {ffi.ISA_TYPE_FLOAT: "f", ffi.ISA_TYPE_BOOL: "?"}.get(kind.kind)
    if letter == "?":
        return "?"
    if letter is None and kind.kind in _INTEGERS and kind.kind != ffi.ISA_TYPE_ENUM:
        letter = "i" if _is_signed(kind) else "u"
    return "<%s%d" % (letter, kind.size_bytes) if letter else None


def _shape(kind: Any) -> Tuple[List[int], Optional[Any]]:
    """Dimensions of an array of arrays, and the type of its elements."""
    shape: List[int] = []
    inner: Optional[Any] = kind
    while inner is not None and inner.kind == ffi.ISA_TYPE_ARRAY and len(shape) < _MOST_NESTED:
        shape.append(int(inner.count))
        inner = _plain(inner.target)
    return shape, inner


def _array(kind: Any, data: bytes, depth: int) -> Any:
    shape, element = _shape(kind)
    if element is None or not element.size_bytes:
        return data
    if element.kind == ffi.ISA_TYPE_CHAR and len(shape) == 1:
        return data[:kind.count].split(b"\0")[0]
    letter = _dtype(element)
    if letter and numpy is not None:
        return numpy.frombuffer(data[:kind.size_bytes], letter).reshape(shape).copy()
    inner = _plain(kind.target)
    each = int(inner.size_bytes) if inner is not None else 0
    return [_value(kind.target, data[i * each:(i + 1) * each], depth + 1)
            for i in range(kind.count)]


def _value(kind: Any, data: bytes, depth: int = 0) -> Any:
    """Bytes of the DPU as the Python value of that type."""
    plain = _plain(kind)
    if plain is None or depth > _MOST_NESTED:
        return data
    size = int(plain.size_bytes)
    if plain.kind in (ffi.ISA_TYPE_STRUCT, ffi.ISA_TYPE_UNION):
        return _structure(plain, data, depth)
    if plain.kind == ffi.ISA_TYPE_ARRAY:
        return _array(plain, data, depth)
    if plain.kind == ffi.ISA_TYPE_FLOAT and size in (4, 8):
        return struct.unpack_from("<f" if size == 4 else "<d", data)[0]
    if plain.kind in _INTEGERS:
        return _scalar(plain, int.from_bytes(data[:size], "little", signed=_is_signed(plain)))
    return data


def inspect(dpu: Any, expression: str) -> Any:
    """See :meth:`dpusim.Dpu.inspect`."""
    place = ffi.struct_sim_place()
    call(ffi.sim_dpu_find, dpu._pointer, encode(expression), ctypes.byref(place))
    data = dpu.read(Memory(place.memory), int(place.size_bytes), place.offset_bytes)
    if place.bit_size:
        whole = dpu.read(Memory(place.memory), (place.bit_offset + place.bit_size + 7) // 8,
                         place.offset_bytes)
        kind = _plain(place.type)
        return _scalar(kind, _bits(place, kind, whole))
    return _value(place.type, data) if place.type else data


# -- calls --------------------------------------------------------------------------------------


def _signature(dpu: Any, function: str, given: Optional[str]) -> str:
    if given is not None:
        return given
    buffer = ctypes.create_string_buffer(_SIGNATURE_BYTES)
    call(ffi.sim_dpu_signature, dpu._pointer, encode(function), buffer, _SIGNATURE_BYTES)
    return decode(buffer.value)


def _letters(signature: str) -> str:
    """Letters of the arguments."""
    return signature[signature.find("(") + 1:].rstrip(")").replace(".", "")


def _pointer_spaces(dpu: Any, function: str) -> List[bool]:
    """Of each parameter: is it a pointer to MRAM?"""
    symbol = dpu.program.symbols.get(function) if dpu.program is not None else None
    found = ffi.isa_program_type_at(dpu.program._pointer, symbol.address) if symbol else None
    if not found:
        return []
    kind = found.contents
    parameters = [_plain(kind.members[i].type) for i in range(kind.n_members)]
    return [bool(one is not None and one.is_mram) for one in parameters]


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

    def take_back(self) -> None:
        """What the function has written, into the caller's buffers."""
        for memory, first, view in self.back:
            data = self.dpu.read(memory, view.nbytes, first)
            ctypes.memmove(address_of(view), data, len(data))


def _pack(value: Any, letter: str, argument: Any) -> None:
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


def _unpack(value: Any, letter: str) -> Any:
    return None if letter == "v" else getattr(value, _MEMBERS[letter])


def invoke(dpu: Any, function: str, arguments: Sequence[Any], signature: Optional[str],
           tasklet: int, max_instructions: int) -> Any:
    """See :meth:`dpusim.Dpu.call`."""
    text = _signature(dpu, function, signature)
    letters, spaces, scratch = _letters(text), _pointer_spaces(dpu, function), _Scratch(dpu)
    values = (ffi.union_sim_value * max(1, len(arguments)))()
    for i, argument in enumerate(arguments):
        letter = letters[i] if i < len(letters) else "i"
        if isinstance(argument, str):
            argument = dpu.program.symbol(argument).offset
        elif letter == "p" and not isinstance(argument, numbers.Integral):
            argument = scratch.put(argument, i < len(spaces) and spaces[i])
        _pack(values[i], letter, argument)
    row, result = ffi.struct_sim_call(), ffi.union_sim_value()
    row.function, row.signature = encode(function), encode(text)
    row.arguments, row.n_arguments = values, len(arguments)
    row.tasklet, row.max_instructions = tasklet, max_instructions
    call(ffi.sim_dpu_call, dpu._pointer, ctypes.byref(row), ctypes.byref(result))
    scratch.take_back()
    return _unpack(result, text[0])


def double(text: str, function: Callable[..., Any], failed: Callable[[BaseException], None]) -> Any:
    """The C function that calls a Python function in the place of one of the DPU."""
    letters = _letters(text)

    def told(_: Any, __: Any, ___: int, arguments: Any, result: Any) -> bool:
        try:
            answer = function(*[_unpack(arguments[i], letter) for i, letter in enumerate(letters)])
            if isinstance(answer, Through):
                for i, argument in enumerate(answer.arguments or ()):
                    _pack(arguments[i], letters[i], argument)
                return False
            if text[0] != "v":
                _pack(result[0], text[0], answer)
        except BaseException as error:  # noqa: BLE001 - goes on in the caller's thread
            failed(error)
        return True

    return ffi.sim_call_hook(told)


def signature_of(dpu: Any, function: str, given: Optional[str]) -> str:
    """Signature of a function: the given one, or that of debug information."""
    return _signature(dpu, function, given)
