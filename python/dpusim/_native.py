# SPDX-License-Identifier: MIT
"""What every module of the package needs around the C interface: errors, messages, buffers."""
import ctypes
from enum import IntEnum
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Type, Union

from dpusim import _library, ffi

_library.check_version(ffi.library, ffi.DPUSIM_VERSION, "sim_version")

_libc = ctypes.CDLL(None)
_libc.free.argtypes = [ctypes.c_void_p]
_libc.free.restype = None

Buffer = Union[bytes, bytearray, memoryview, Any]


def enumeration(name: str, tag: str, prefix: str, leave_out: str = "_COUNT") -> Any:
    """An IntEnum of the enumerators of a C enum, without their common prefix."""
    members = {key[len(prefix):]: value for key, value in ffi.ENUMS[tag].items()
               if key.startswith(prefix) and not key.endswith(leave_out)}
    return IntEnum(name, members)


#: Why a call failed; the names are those of ``status.def``.
Status = enumeration("Status", "dpusim_status", "DPUSIM_")


class Message(NamedTuple):
    """One message of the assembler, the linker or the program reader."""

    severity: str  #: ``"note"``, ``"warning"`` or ``"error"``
    file: Optional[str]
    line: int  #: from 1; 0: none
    column: int  #: from 1; 0: none
    text: str
    source_line: Optional[str]

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        return "%s%s: %s" % (place + ": " if place else "", self.severity, self.text)


class Error(Exception):
    """A call failed. ``str(error)`` is one sentence; ``status`` says which kind of failure.

    >>> import dpusim
    >>> try:
    ...     dpusim.Program.read("nowhere.elf")
    ... except dpusim.Error as error:
    ...     print(error.status.name)
    NO_SUCH_FILE
    """

    def __init__(self, text: str, status: int = ffi.DPUSIM_INTERNAL) -> None:
        super().__init__(text, status)
        self.status = Status(status)

    def __str__(self) -> str:
        return str(self.args[0])


class BuildError(Error):
    """Sources could not be assembled or linked; ``messages`` has everything that was said."""

    def __init__(self, text: str, status: int, messages: List[Message]) -> None:
        super().__init__(text, status)
        self.args = (text, status, messages)
        self.messages = messages


def decode(text: Optional[bytes]) -> str:
    """Text of the library; names in files may hold any bytes."""
    return "" if text is None else text.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def call(function: Callable[..., int], *arguments: Any, error: Type[Error] = Error) -> None:
    """Call a function whose last parameter is a diagnostic; raise what it reports."""
    diag = ffi.struct_isa_diag()
    status = function(*arguments, ctypes.byref(diag))
    if status != ffi.DPUSIM_OK:
        raise error(decode(diag.text) or decode(ffi.dpusim_status_text(status)), status)


def take(data: Any, size: int) -> bytes:
    """Bytes at a malloc'ed pointer, which is released."""
    address = ctypes.cast(data, ctypes.c_void_p)
    content = ctypes.string_at(address, size) if size else b""
    _libc.free(address)
    return content


def view_of(data: Buffer) -> memoryview:
    """The bytes of an object with the buffer protocol.

    Raises:
        TypeError: no buffer. ValueError: not contiguous.
    """
    view = memoryview(data)
    if not view.c_contiguous:
        raise ValueError("the buffer is not contiguous: copy it first, e.g. with bytes() or "
                         "numpy.ascontiguousarray()")
    return view.cast("B") if view.nbytes else memoryview(b"")


def address_of(view: memoryview) -> Any:
    """A ctypes object that points at the bytes of a view and keeps them alive."""
    if not view.readonly:
        return (ctypes.c_uint8 * view.nbytes).from_buffer(view)
    return _readonly_address(view)


class _PyBuffer(ctypes.Structure):
    """Py_buffer of the C API of Python; stable since 3.0."""

    _fields_ = [
        ("buf", ctypes.c_void_p), ("obj", ctypes.py_object), ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p),
    ]  # fmt: skip


def _readonly_address(view: memoryview) -> Any:
    """As address_of, for memory that ctypes refuses to point at because it is read-only."""
    if isinstance(view.obj, bytes) and view.nbytes == len(view.obj):
        return ctypes.cast(ctypes.c_char_p(view.obj), ctypes.POINTER(ctypes.c_uint8))
    raw = _PyBuffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(view), ctypes.byref(raw), 0)
    try:
        array: Any = (ctypes.c_uint8 * view.nbytes).from_address(raw.buf or 0)
    finally:
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(raw))
    array._owner = view
    return array


def isa_bytes(data: Buffer) -> Any:
    """``struct isa_bytes`` over a buffer; lives as long as the result."""
    view = view_of(data)
    pointer = address_of(view)
    result = ffi.struct_isa_bytes(
        ctypes.cast(pointer, ctypes.POINTER(ctypes.c_uint8)), view.nbytes)
    result._owner = (view, pointer)
    return result


_SEVERITIES = ("note", "warning", "error")
_Emit: Any = dict((field[0], field[1]) for field in ffi.struct_isa_report._fields_)["emit"]


class Report:
    """Collects the messages of a call; pass ``report.pointer``."""

    def __init__(self) -> None:
        self.messages: List[Message] = []
        self._emit = _Emit(self._add)
        self._report = ffi.struct_isa_report(self._emit, None)
        self.pointer = ctypes.byref(self._report)

    def _add(self, _: Any, message: Any) -> None:
        row = message.contents
        self.messages.append(Message(
            _SEVERITIES[row.severity], decode(row.file) if row.file else None, row.line,
            row.column, decode(row.text),
            decode(row.source_line) if row.source_line is not None else None))

    def failure(self, status: int) -> BuildError:
        """The exception for a failed call: its errors, one a line."""
        errors = [str(message) for message in self.messages if message.severity == "error"]
        text = "\n".join(errors) or decode(ffi.dpusim_status_text(status))
        return BuildError(text, status, self.messages)


def texts(row: Any, *names: str) -> Dict[str, str]:
    """Text fields of a C structure as str."""
    return {name: decode(getattr(row, name)) for name in names}
