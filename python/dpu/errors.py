# SPDX-License-Identifier: MIT
"""Exceptions of the package: :class:`DpuError` and what is also something of Python's own."""
import ctypes
import subprocess
import threading
from typing import Any, Optional, Tuple

from dpu import ffi

#: Sentence and code of the last error that was seen in this thread.
_seen = threading.local()
_libc = ctypes.CDLL(None)
_libc.free.argtypes = [ctypes.c_void_p]
_libc.free.restype = None


class DpuError(Exception):
    """A call of the host API failed.

    ``str(error)`` is the SDK's text. ``code`` is the number (``dpu_error_t``), or None when the
    Python layer refused the call. ``detail`` has the numbers where the SDK's text has none.

    >>> DpuError("dpu is in fault", 23).code
    23
    """

    def __init__(self, message: str, code: Optional[int] = None,
                 detail: Optional[str] = None) -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail
        if detail and hasattr(self, "add_note"):
            self.add_note(detail)


class DpuTypeError(DpuError, TypeError):
    """An argument of the wrong type, or a buffer that cannot be used."""


class DpuBuildError(DpuError, subprocess.CalledProcessError):
    """Sources could not be compiled, assembled or linked; ``stderr`` has the messages."""

    def __init__(self, returncode: int, cmd: Any, output: Any = None, stderr: Any = None) -> None:
        subprocess.CalledProcessError.__init__(self, returncode, cmd, output, stderr)
        self.code = None
        self.detail = stderr
        self.args = (returncode, cmd, output, stderr)

    def __str__(self) -> str:
        return "the program cannot be built:\n%s" % (self.stderr or self.output or "")


class DpuCompilerNotFound(DpuError, FileNotFoundError):
    """There is no compiler for C sources."""


def text_of(code: int) -> str:
    """The library's text for a number.

    >>> text_of(23)
    'dpu is in fault'
    """
    text = ffi.dpu_error_to_string(code)
    try:
        return ctypes.cast(text, ctypes.c_char_p).value.decode()  # type: ignore[union-attr]
    finally:
        _libc.free(ctypes.cast(text, ctypes.c_void_p))


def error(code: int, detail: Optional[str] = None) -> DpuError:
    """The exception for a number of the library."""
    return DpuError(text_of(code), code, detail)


def sentence_for(code: int) -> Optional[str]:
    """What the library says about the error that it just returned to this thread, if anything.

    Errors that arise in threads of the library come without a sentence; then the last one is still
    that of an earlier error.
    """
    now: Tuple[bytes, int] = (ffi.dpusim_last_message() or b"", code)
    before, _seen.last = getattr(_seen, "last", (b"", 0)), now
    is_old = now[0] == before[0] and now[1] != before[1]
    if is_old:
        _seen.last = before
    return None if is_old or not now[0] else now[0].decode("utf-8", "replace")


def check(code: int) -> None:
    """Raise unless a function of the library succeeded."""
    if code != ffi.DPU_OK:
        raise error(code, sentence_for(code))


def check_run(code: int, c_set: Any) -> None:
    """The same for what waits for the DPUs of a set: a fault comes with its explanation."""
    if code & 0xFFFF == ffi.DPU_ERR_DPU_FAULT:
        raise error(code, explanation_of(c_set))
    check(code)


def explanation_of(c_set: Any) -> Optional[str]:
    """Report on the first DPU in fault of a set; None when there is none."""
    text = ctypes.POINTER(ctypes.c_char)()
    if ffi.dpusim_explain_fault(c_set, ctypes.byref(text)) != ffi.DPU_OK:
        return None
    address = ctypes.cast(text, ctypes.c_void_p)
    try:
        return ctypes.string_at(address).decode("utf-8", "replace").rstrip("\n") or None
    finally:
        _libc.free(address)
