# SPDX-License-Identifier: MIT
"""Hooks that change what a DPU does: DMA transfers before they begin, and faults.

The methods of :class:`dpusim.Dpu` that lead here are ``set_transfer_hook`` and ``set_fault_hook``.
"""
import ctypes
from typing import Any, Callable, List, Union

from dpusim import ffi
from dpusim._native import encode, enumeration
from dpusim.fault import Fault, fault_of
from dpusim.program import Memory

#: What a hook says of a transfer: ``GO`` as it is now, ``DROP``: it has no effect, ``FAULT``.
Verdict = enumeration("Verdict", "sim_verdict", "SIM_VERDICT_")
_MOST_BYTES = 2048
_RULE_BYTES = 160


class Transfer:
    """A DMA transfer that is about to begin; a hook may change the last three."""

    __slots__ = ("tasklet", "pc", "memory", "is_write", "address", "mram_offset", "data")

    def __init__(self, row: Any) -> None:
        self.tasklet: int = row.tasklet
        self.pc: int = row.pc_insn
        self.memory = Memory(row.memory)  #: WRAM or IRAM, besides MRAM
        self.is_write: bool = bool(row.is_write)  #: towards MRAM
        self.address: int = row.address  #: bytes in ``memory``; a multiple of 8
        self.mram_offset: int = row.mram_offset  #: a multiple of 8
        #: what will land; its length is that of the transfer, in multiples of 8 up to 2048
        self.data: bytearray = bytearray(ctypes.string_at(row.bytes, row.len_bytes))

    def __repr__(self) -> str:
        places = ("%s 0x%x" % (self.memory.name, self.address), "MRAM 0x%x" % self.mram_offset)
        return "Transfer(tasklet %d, %d bytes, %s to %s)" % (
            (self.tasklet, len(self.data)) + (places if self.is_write else places[::-1]))

    def store(self, row: Any) -> None:
        """Back into the ``struct sim_dma_request``."""
        if len(self.data) % 8 or not 0 < len(self.data) <= _MOST_BYTES:
            raise ValueError("a transfer has 8 to 2048 bytes, a multiple of 8, not %d" %
                             len(self.data))
        row.address, row.mram_offset = self.address, self.mram_offset
        row.len_bytes = len(self.data)
        ctypes.memmove(row.bytes, bytes(self.data), len(self.data))


Failed = Callable[[BaseException], None]


def transfer_hook(function: Callable[[Transfer], Any], failed: Failed) -> Any:
    """The C function that asks a Python function about transfers."""

    def told(_: Any, __: Any, row: Any) -> int:
        try:
            transfer = Transfer(row.contents)
            verdict = function(transfer)
            transfer.store(row.contents)
            return int(Verdict.GO if verdict is None else Verdict(verdict))
        except BaseException as error:  # noqa: BLE001 - goes on in the caller's thread
            failed(error)
            return int(Verdict.FAULT)

    return ffi.sim_transfer_hook(told)


def _kinds() -> List[str]:
    return [ffi.sim_fault_kind_name(kind).decode() for kind in range(ffi.SIM_FAULT_COUNT)]


def _store_fault(fault: Fault, row: Any) -> None:
    if fault.kind not in _kinds()[1:]:
        raise ValueError("no kind of fault: %r; there are %s" % (
            fault.kind, ", ".join(_kinds()[1:])))
    row.kind, row.code, row.address = _kinds().index(fault.kind), fault.code, fault.address
    row.len_bytes, row.is_write = fault.size, fault.is_write
    row.rule = encode(fault.rule)[:_RULE_BYTES - 1]


def fault_hook(function: Callable[[Fault], Union[bool, Fault, None]], failed: Failed) -> Any:
    """The C function that asks a Python function about faults."""

    def told(_: Any, dpu: Any, row: Any) -> bool:
        try:
            fault = fault_of(dpu)
            answer = function(fault) if fault is not None else None
            if isinstance(answer, Fault):
                _store_fault(answer, row.contents)
            return answer is not False
        except BaseException as error:  # noqa: BLE001 - goes on in the caller's thread
            failed(error)
            return True

    return ffi.sim_fault_hook(told)
