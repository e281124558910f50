# SPDX-License-Identifier: MIT
"""Log output of DPUs and where it goes."""
import ctypes
from typing import TYPE_CHECKING, Any, Dict, Tuple

from dpu import _wait, ffi
from dpu.errors import DpuError, _libc

if TYPE_CHECKING:
    from dpu.driver import DpuSet

Destinations = Dict["DpuSet", Any]

_libc.open_memstream.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
_libc.open_memstream.restype = ctypes.c_void_p
_libc.fclose.argtypes = [ctypes.c_void_p]

_BAD_LENGTH = "cannot log, log list length does not match the number of DPUs in DpuSet"


def check_stream(stream: Any) -> None:
    """Refuse what cannot be written to."""
    if not callable(getattr(stream, "write", None)):
        raise DpuError("stream argument is not an object with a 'write' method",
                       detail="found %s" % type(stream).__name__)


def choose(dpu_set: "DpuSet", argument: Any, bad_length: str = _BAD_LENGTH) -> Destinations:
    """Destinations that an argument names: an object for all DPUs, a list with one entry per DPU
    (None: none), or a dictionary by set."""
    dpus = dpu_set.dpus()
    if isinstance(argument, dict):
        chosen = {dpu: stream for key, stream in argument.items() for dpu in key.dpus()}
    elif isinstance(argument, (list, tuple)):
        if len(argument) != len(dpus):
            raise DpuError(bad_length, detail="%d entries for %d DPUs" % (len(argument), len(dpus)))
        chosen = {dpu: item for dpu, item in zip(dpus, argument) if item is not None}
    elif argument is None:
        chosen = {}
    else:
        chosen = {dpu: argument for dpu in dpus}
    for stream in chosen.values():
        check_stream(stream)
    return chosen


def read(ranks: Any, c_set: Any) -> Tuple[str, _wait.Outcome]:
    """Text of one DPU (of these ranks) with its header, and how it went; on error what there is"""
    buffer, size = ctypes.c_void_p(), ctypes.c_size_t()
    stream = _libc.open_memstream(ctypes.byref(buffer), ctypes.byref(size))
    if not stream:
        raise MemoryError("no stream for the log of a DPU")
    try:
        outcome = _wait.call(ranks, ffi.dpu_log_read, c_set,
                             ctypes.cast(stream, ctypes.POINTER(ffi.FILE)))
    finally:
        _libc.fclose(stream)
    try:
        content = ctypes.string_at(buffer, size.value)
    finally:
        _libc.free(buffer)
    return content.decode("utf-8", "backslashreplace"), outcome
