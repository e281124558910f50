# SPDX-License-Identifier: MIT
"""The instruction set as data: forms, operands, conditions; decoding, encoding, printing.

    >>> from dpu import isa
    >>> word = isa.encode("add:rri", 1, 2, 3)
    >>> isa.text(word)
    'add r1, r2, 0x3'
    >>> isa.decode(word).form.signature
    'add:rri'

Words are the 48 bits of an instruction as an int.
"""
import ctypes
from functools import lru_cache
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from dpusim import ffi
from dpusim._native import decode as _str
from dpusim._native import encode as _bytes
from dpusim.program import Chip, chips

_FLAGS = ("none", "z", "zc")


class Operand(NamedTuple):
    """An operand field of an instruction word."""

    name: str
    kind: str  #: of its values, as the documentation names it, e.g. ``"s24"``
    lowest: int
    highest: int
    mask: int  #: bits of the word
    width: int  #: bits


class Operation(NamedTuple):
    """What instructions do, whatever their operands."""

    name: str
    family: str
    meaning: str
    flags: str  #: written: ``"none"``, ``"z"`` or ``"zc"``
    documented: bool


class Form(NamedTuple):
    """An instruction with given kinds of operands: one row of the table."""

    signature: str  #: ``"mnemonic:shape"``, e.g. ``"add.s:rri"``
    mnemonic: str
    shape: str
    operands: Tuple[Operand, ...]  #: in the order of assembly
    operation: Operation
    mask: int  #: bits that say that a word is of this form ...
    value: int  #: ... and what they are
    number: int


class Instruction(NamedTuple):
    """A decoded word."""

    word: int
    form: Form
    values: Tuple[int, ...]  #: register numbers, immediates, raw condition codes


@lru_cache(maxsize=None)
def _operand(number: int) -> Operand:
    row = ffi.isa_operand_get(number).contents
    kind = ffi.isa_kind_get(row.kind).contents
    return Operand(_str(row.name), _str(kind.name), kind.lowest, kind.highest, row.field_mask,
                   row.width_bits)


@lru_cache(maxsize=None)
def _operation(number: int) -> Operation:
    row = ffi.isa_op_get(number).contents
    return Operation(_str(row.name), _str(row.family), _str(row.meaning), _FLAGS[row.flags],
                     bool(row.documented))


@lru_cache(maxsize=None)
def _form(number: int) -> Form:
    row = ffi.isa_form_get(number).contents
    pattern, buffer = row.pattern, ctypes.create_string_buffer(64)
    ffi.isa_form_signature(number, buffer, len(buffer))
    operands = tuple(_operand(which) for which in pattern.operands[:pattern.n_operands])
    return Form(_str(buffer.value), _str(pattern.mnemonic), _str(pattern.shape), operands,
                _operation(row.op), pattern.mask, pattern.value, number)


def forms() -> List[Form]:
    """Every instruction form.

    >>> len({form.signature for form in forms()}) == len(forms())
    True
    """
    return [_form(number) for number in range(ffi.ISA_FORM_COUNT)]


def operations() -> List[Operation]:
    """Every operation."""
    return [_operation(number) for number in range(ffi.ISA_OP_COUNT)]


def form(signature: str) -> Form:
    """A form by its signature.

    Raises:
        KeyError: there is none.
    """
    number = ffi.isa_form_find(_bytes(signature))
    if number == ffi.ISA_ILLEGAL:
        raise KeyError(signature)
    return _form(number)


def conditions() -> Dict[str, Dict[str, int]]:
    """Condition codes as the assembler writes them: class -> spelling -> raw code."""
    count = ctypes.c_size_t()
    rows = ffi.isa_cond_codes(ctypes.byref(count))
    found: Dict[str, Dict[str, int]] = {}
    for row in rows[:count.value]:
        if row.spelling:
            kind = _str(ffi.isa_class_name(row.cond_class))
            found.setdefault(kind, {}).setdefault(_str(row.spelling), row.code)
    return found


def registers() -> List[str]:
    """Names of the registers by number; from 24 on they are constants.

    >>> registers()[23:26]
    ['r23', 'zero', 'one']
    """
    return [_str(ffi.isa_register_name(number)) for number in range(ffi.ISA_REGISTERS)]


def decode(word: int) -> Optional[Instruction]:
    """Decode a word; None when it is no instruction."""
    if not 0 <= word < 1 << 64:
        raise ValueError("word %#x: wanted 48 bits" % word)
    row = ffi.struct_isa_insn()
    if not ffi.isa_decode(word, ctypes.byref(row)):
        return None
    found = _form(row.form)
    return Instruction(word, found, tuple(row.value[:len(found.operands)]))


def encode(signature: str, *values: int) -> int:
    """Word of a form with operand values.

    Args:
        signature: see :class:`Form`.
        values: register numbers, immediates, raw condition codes, in the order of assembly.
    Raises:
        KeyError: unknown form. ValueError: number or range of the operands.
    """
    found = form(signature)
    if len(values) != len(found.operands):
        raise ValueError("%s has %d operands, %d given" % (
            signature, len(found.operands), len(values)))
    for operand, value in zip(found.operands, values):
        if not operand.lowest <= value <= operand.highest:
            raise ValueError("%s: operand %s is %d, wanted %d to %d" % (
                signature, operand.name, value, operand.lowest, operand.highest))
    pattern: Any = ctypes.byref(ffi.isa_form_get(found.number).contents.pattern)
    array = (ctypes.c_int64 * ffi.ISA_MAX_OPERANDS)(*values)
    return int(ffi.isa_encode(pattern, array))


def text(word: int, raw: bool = False) -> str:
    """A word in assembly; ``raw``: never as an alias.

    >>> text(0xFFFFFFFFFFFF)
    '.quad 0x0000ffffffffffff  // illegal'
    """
    buffer = ctypes.create_string_buffer(256)
    ffi.isa_print(buffer, len(buffer), word, raw)
    return _str(buffer.value)


__all__ = ["Chip", "Form", "Instruction", "Operand", "Operation", "chips", "conditions", "decode",
           "encode", "form", "forms", "operations", "registers", "text"]
