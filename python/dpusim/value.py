# SPDX-License-Identifier: MIT
"""Values of a DPU by the types of its program, and back.

Types come from debug information: programs are compiled with ``-g``. :meth:`dpusim.Dpu.inspect`
leads here; functions with such values are called in :mod:`dpusim.calls`.
"""
import ctypes
import struct
from typing import Any, Dict, List, Optional, Tuple

from dpusim import ffi
from dpusim._native import Error, call, decode, encode, view_of
from dpusim.program import Memory

try:
    import numpy
except ImportError:  # lists then
    numpy = None  # type: ignore[assignment]

_MOST_NESTED = 32
_INTEGERS = (ffi.ISA_TYPE_SIGNED, ffi.ISA_TYPE_UNSIGNED, ffi.ISA_TYPE_CHAR, ffi.ISA_TYPE_ENUM,
             ffi.ISA_TYPE_POINTER, ffi.ISA_TYPE_BOOL)


def plain_of(kind: Any) -> Optional[Any]:
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
        inner = plain_of(member.type)
        if member.bit_size and inner is not None:
            values[decode(member.name)] = _scalar(inner, _bits(member, inner, part))
            continue
        value = value_of(member.type, part, depth + 1)
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
        inner = plain_of(inner.target)
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
    inner = plain_of(kind.target)
    each = int(inner.size_bytes) if inner is not None else 0
    return [value_of(kind.target, data[i * each:(i + 1) * each], depth + 1)
            for i in range(kind.count)]


def value_of(kind: Any, data: bytes, depth: int = 0) -> Any:
    """Bytes of the DPU as the Python value of that type."""
    plain = plain_of(kind)
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
        kind = plain_of(place.type)
        return _scalar(kind, _bits(place, kind, whole))
    return value_of(place.type, data) if place.type else data


# -- bytes of a value -----------------------------------------------------------------------------


def _member(kind: Any, name: str, offset: int = 0) -> Optional[Tuple[Any, int]]:
    """A member, also of members without a name, and its offset."""
    for i in range(kind.n_members):
        member = kind.members[i]
        at = offset + int(member.offset_bytes)
        if member.name and decode(member.name) == name:
            return member, at
        inner = plain_of(member.type)
        if not member.name and inner is not None and is_structure(inner):
            found = _member(inner, name, at)
            if found:
                return found
    return None


def is_structure(kind: Any) -> bool:
    """Is a plain type a structure or a union?"""
    return bool(kind.kind in (ffi.ISA_TYPE_STRUCT, ffi.ISA_TYPE_UNION))


def _wrong(kind: Any, value: Any) -> Error:
    return Error("%r is no value of %d bytes for the type" % (value, kind.size_bytes),
                 ffi.DPUSIM_BAD_ARGUMENT)


def _put_structure(kind: Any, value: Dict[str, Any], data: bytearray) -> None:
    for name, part in value.items():
        found = _member(kind, name)
        if found is None:
            raise Error("the structure has no member %r" % name, ffi.DPUSIM_BAD_ARGUMENT)
        member, at = found
        inner = plain_of(member.type)
        if member.bit_size and inner is not None:
            size = (member.bit_offset + member.bit_size + 7) // 8
            mask = ((1 << int(member.bit_size)) - 1) << int(member.bit_offset)
            word = int.from_bytes(data[at:at + size], "little") & ~mask
            word |= _integer(inner, part) << int(member.bit_offset) & mask
            data[at:at + size] = word.to_bytes(size, "little")
        elif inner is not None:
            size = int(inner.size_bytes)
            data[at:at + size] = data_of(inner, part)


def _integer(kind: Any, value: Any) -> int:
    for i in range(kind.n_enumerators if isinstance(value, str) else 0):
        if decode(kind.enumerators[i].name) == value:
            return int(kind.enumerators[i].value)
    if isinstance(value, str):
        raise Error("the type has no enumerator %r" % value, ffi.DPUSIM_BAD_ARGUMENT)
    return int(value)


def data_of(kind: Any, value: Any) -> bytes:
    """The bytes of a Python value as a plain type of the program: the inverse of inspection.

    Structures are dictionaries (members that are left out are zero), or their bytes.
    """
    size = int(kind.size_bytes)
    data = bytearray(size)
    if kind.kind in _INTEGERS:
        return (_integer(kind, value) & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    if kind.kind == ffi.ISA_TYPE_FLOAT and size in (4, 8):
        return struct.pack("<f" if size == 4 else "<d", float(value))
    if is_structure(kind) and isinstance(value, dict):
        _put_structure(kind, value, data)
        return bytes(data)
    if kind.kind == ffi.ISA_TYPE_ARRAY and not isinstance(value, (bytes, bytearray, memoryview)):
        inner = plain_of(kind.target)
        if inner is None or len(value) != kind.count:
            raise _wrong(kind, value)
        return b"".join(data_of(inner, item) for item in value)
    given = bytes(view_of(value))
    text = kind.kind == ffi.ISA_TYPE_ARRAY  # of characters may be shorter
    if len(given) > size or (len(given) < size and not text):
        raise _wrong(kind, value)
    return given.ljust(size, b"\0")
