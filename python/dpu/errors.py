# SPDX-License-Identifier: MIT
"""Exceptions of the package: :class:`DpuError` and what is also something of Python's own."""
import ctypes
import subprocess
from typing import Any, Optional

from dpu import ffi

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


def last_sentence() -> Optional[str]:
    """What the library says about the error that it just returned to this thread, if anything."""
    return (ffi.dpusim_last_message() or b"").decode("utf-8", "replace") or None


def check(code: int, sentence: Optional[str] = None) -> None:
    """Raise unless a function of the library succeeded; the sentence is that of this thread, unless
    the call was made in another one."""
    if code != ffi.DPU_OK:
        raise error(code, sentence or last_sentence())


def check_run(code: int, sentence: Optional[str], c_set: Any) -> None:
    """The same for what waits for the DPUs of a set: a fault comes with its explanation."""
    if code & 0xFFFF == ffi.DPU_ERR_DPU_FAULT:
        sentence = explanation_of(c_set) or sentence
    check(code, sentence)


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
