# SPDX-License-Identifier: MIT
"""Host buffers of transfers: anything with the buffer protocol, without copies."""
import ctypes
from typing import Any, List, Optional

from dpu import ffi
from dpu.errors import DpuError, DpuTypeError, error
from dpusim._native import address_of


class HostBuffer:
    """The bytes of a host object, and their address for C. Keeps the object alive.

    Args:
        data: object with the buffer protocol (bytearray, array, memoryview, numpy array, ...).
        is_target: bytes will be written to it.
    Raises:
        DpuTypeError: no buffer, not contiguous, or read-only although it is written to.
    """

    def __init__(self, data: Any, is_target: bool) -> None:
        try:
            view = memoryview(data)
        except TypeError as problem:
            raise DpuTypeError(str(problem)) from None
        if not view.c_contiguous:
            raise DpuTypeError("underlying buffer is not C contiguous")
        if is_target and view.readonly:
            raise DpuTypeError("underlying buffer is not writable")
        self.nbytes = view.nbytes
        self._view = view.cast("B") if view.nbytes else memoryview(bytearray(1))
        self._holder = address_of(self._view)
        self.address = ctypes.cast(self._holder, ctypes.c_void_p)


def single(data: Any, is_target: bool, size: Optional[int]) -> HostBuffer:
    """The one buffer of a broadcast or of a read; ``size`` bytes of it are used."""
    buffer = HostBuffer(data, is_target)
    if size is not None and size > buffer.nbytes:
        raise _too_small(size, buffer.nbytes)
    return buffer


def several(items: List[Any], nr_dpus: int, is_target: bool,
            size: Optional[int]) -> List[Optional[HostBuffer]]:
    """The buffers of a parallel transfer, one entry per DPU; None: that DPU is left out."""
    if len(items) != nr_dpus:
        raise DpuError("invalid number of host buffers for this DPU set",
                       detail="%d buffers for %d DPUs" % (len(items), nr_dpus))
    try:
        buffers = [None if item is None else HostBuffer(item, is_target) for item in items]
    except DpuTypeError as problem:
        raise error(ffi.DPU_ERR_INVALID_MEMORY_TRANSFER, str(problem)) from problem
    lengths = sorted({buffer.nbytes for buffer in buffers if buffer})
    if size is not None:
        if lengths and lengths[0] < size:
            raise _too_small(size, lengths[0])
    elif len(lengths) != 1:
        detail = ("buffers of %d and of %d bytes: give size=" % (lengths[0], lengths[-1])
                  if lengths else "no buffer tells the length: give size=")
        raise error(ffi.DPU_ERR_INVALID_MEMORY_TRANSFER, detail)
    return buffers


def length_of(buffers: List[Optional[HostBuffer]], size: Optional[int]) -> int:
    """Bytes to move for each DPU."""
    return size if size is not None else next(item.nbytes for item in buffers if item)


def _too_small(size: int, nbytes: int) -> DpuError:
    return DpuError("host buffer is too small",
                    detail="%d bytes wanted, the buffer has %d" % (size, nbytes))
