# SPDX-License-Identifier: MIT
"""Faults of a DPU: what happened, where, and the call stack."""
import ctypes
from typing import Any, List, NamedTuple, Optional

from dpusim import ffi
from dpusim._native import Error, decode
from dpusim.program import Memory

_MOST_FRAMES = 64


class Frame(NamedTuple):
    """One level of a call stack."""

    pc: int  #: instruction index
    function: Optional[str]
    offset: int  #: instructions from the function's start
    file: Optional[str]
    line: int
    certain: bool  #: False: guessed


class Fault(NamedTuple):
    """The fault that stopped a DPU."""

    kind: str  #: ``"breakpoint"``, ``"memory"``, ``"dma"``, ``"illegal"`` or ``"stack"``
    tasklet: int
    pc: int  #: instruction index of the faulting instruction
    code: int  #: of a breakpoint fault
    code_name: Optional[str]  #: e.g. ``"Heap Full"``
    injected: bool
    memory: Any  #: :class:`Memory` of the address
    address: int  #: bytes in that memory
    size: int  #: bytes of the access or transfer
    is_write: bool
    rule: str  #: the rule broken, with the numbers
    instructions: int  #: executed by all tasklets before the fault
    cycle: int
    frames: List[Frame]  #: call stack of the tasklet, innermost first
    text: str  #: the whole explanation, several lines

    def __str__(self) -> str:
        return self.text


class FaultError(Error):
    """A run ended in a fault; ``fault`` is the :class:`Fault`."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text.rstrip("\n"), ffi.DPUSIM_FAULT)
        self.args = (fault,)
        self.fault = fault

    def __str__(self) -> str:
        return self.fault.text.rstrip("\n")


def backtrace(dpu: Any, tasklet: int) -> List[Frame]:
    """Call stack of a tasklet of a ``struct sim_dpu *``."""
    rows = (ffi.struct_sim_frame * _MOST_FRAMES)()
    count = ffi.sim_dpu_backtrace(dpu, tasklet, rows, _MOST_FRAMES)
    return [Frame(row.pc_insn, decode(row.function) if row.function is not None else None,
                  row.offset_insns, decode(row.file) if row.file is not None else None, row.line,
                  bool(row.certain)) for row in rows[:count]]


def explanation(dpu: Any) -> str:
    """Text of the current fault of a ``struct sim_dpu *``."""
    size = ffi.sim_dpu_explain_fault(dpu, None, 0) + 1
    buffer = ctypes.create_string_buffer(size)
    ffi.sim_dpu_explain_fault(dpu, buffer, size)
    return decode(buffer.value)


def fault_of(dpu: Any) -> Optional[Fault]:
    """The fault of a ``struct sim_dpu *``, or None."""
    pointer = ffi.sim_dpu_fault(dpu)
    if not pointer:
        return None
    row = pointer.contents
    is_software = row.kind == ffi.SIM_FAULT_BREAKPOINT
    name = ffi.sim_fault_code_name(row.code) if is_software else None
    return Fault(
        decode(ffi.sim_fault_kind_name(row.kind)), row.tasklet, row.pc_insn, row.code,
        decode(name) if name else None, bool(row.injected), Memory(row.memory), row.address,
        row.len_bytes, bool(row.is_write), decode(row.rule), row.instructions, row.at_cycle,
        backtrace(dpu, row.tasklet), explanation(dpu))
