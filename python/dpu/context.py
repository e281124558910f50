# SPDX-License-Identifier: MIT
"""Saved states of a DPU."""
import ctypes
import weakref
from typing import Any, List, Optional, Tuple

from dpu import ffi
from dpu.buffers import HostBuffer
from dpu.errors import _libc, check


def flags_of(iram: bool, mram: bool, wram: bool) -> int:
    """Parts of a checkpoint; the internal state always belongs to it."""
    return (ffi.DPU_CHECKPOINT_INTERNAL | (ffi.DPU_CHECKPOINT_IRAM if iram else 0)
            | (ffi.DPU_CHECKPOINT_MRAM if mram else 0) | (ffi.DPU_CHECKPOINT_WRAM if wram else 0))


class DpuThreadContext:
    """State of one thread in a :class:`DpuContext`."""

    def __init__(self, context: "DpuContext", idx: int) -> None:
        self._context = context
        self.idx = idx  #: number of the thread

    def regs(self) -> List[int]:
        """r0, r1, ... as unsigned 32-bit integers."""
        state = self._context.c_context
        first = self.idx * state.info.nr_registers
        return list(state.registers[first:first + state.info.nr_registers])

    def pc(self) -> int:
        """Index of the next instruction."""
        return int(self._context.c_context.pcs[self.idx])

    def zf(self) -> bool:
        """Zero flag."""
        return bool(self._context.c_context.zero_flags[self.idx])

    def cf(self) -> bool:
        """Carry flag."""
        return bool(self._context.c_context.carry_flags[self.idx])


class DpuContext:
    """State of one DPU, from :meth:`DpuSet.checkpoint` or :meth:`from_buffer`."""

    def __init__(self, c_context: Any) -> None:
        #: ``struct_dpu_context_t``, whose arrays belong to this object
        self.c_context = c_context
        weakref.finalize(self, _release, c_context)

    @property
    def threads(self) -> List[DpuThreadContext]:
        """State of every thread of the chip."""
        return [DpuThreadContext(self, idx) for idx in range(self.c_context.info.nr_threads)]

    def _memory(self, name: str) -> Optional[List[int]]:
        pointer = getattr(self.c_context, name)
        size = getattr(self.c_context.info, name + "_size")
        return list(pointer[:size]) if pointer and size else None

    def iram(self) -> Optional[List[int]]:
        """Instructions as 64-bit integers; None when not saved."""
        return self._memory("iram")

    def mram(self) -> Optional[List[int]]:
        """Values of the bytes; None when not saved."""
        return self._memory("mram")

    def wram(self) -> Optional[List[int]]:
        """Words as 32-bit integers; None when not saved."""
        return self._memory("wram")

    def atomic_bits(self) -> List[bool]:
        """Lock bits: True when taken."""
        state = self.c_context
        return [bool(bit) for bit in state.atomic_register[:state.info.nr_atomic_bits]]

    def bkp_fault(self) -> Optional[Tuple[int, int]]:
        """(thread, identifier) of a software fault, or None."""
        state = self.c_context
        return (state.bkp_fault_thread_index, state.bkp_fault_id) if state.bkp_fault else None

    def dma_fault(self) -> Optional[int]:
        """Thread of a DMA fault, or None."""
        state = self.c_context
        return int(state.dma_fault_thread_index) if state.dma_fault else None

    def mem_fault(self) -> Optional[int]:
        """Thread of a memory fault, or None."""
        state = self.c_context
        return int(state.mem_fault_thread_index) if state.mem_fault else None

    def serialize(self) -> bytearray:
        """The whole context as bytes that :meth:`from_buffer` reads, also in another process."""
        data, size = ctypes.POINTER(ctypes.c_uint8)(), ctypes.c_uint32()
        check(ffi.dpu_checkpoint_serialize(
            ctypes.byref(self.c_context), ctypes.byref(data), ctypes.byref(size)))
        try:
            return bytearray(ctypes.string_at(data, size.value))
        finally:
            _libc.free(ctypes.cast(data, ctypes.c_void_p))

    @staticmethod
    def from_buffer(buf: Any) -> "DpuContext":
        """Read what :meth:`serialize` wrote.

        Raises:
            DpuError: damaged or of another format. DpuTypeError: no contiguous buffer.
        """
        buffer = HostBuffer(buf, False)
        state = ffi.struct_dpu_context_t()
        check(ffi.dpu_checkpoint_deserialize(
            ctypes.cast(buffer.address, ctypes.POINTER(ctypes.c_uint8)), buffer.nbytes,
            ctypes.byref(state)))
        return DpuContext(state)


def _release(c_context: Any) -> None:
    ffi.dpu_checkpoint_free(ctypes.byref(c_context))
