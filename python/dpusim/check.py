# SPDX-License-Identifier: MIT
"""What the checkers of a DPU found, and how much of its stacks was used."""
import ctypes
from typing import Any, List, NamedTuple, Optional, Sequence, Union

from dpusim import ffi
from dpusim._native import call, decode, encode
from dpusim.program import Memory


class Site(NamedTuple):
    """Who did something, and where."""

    tasklet: int
    pc: int  #: instruction index
    function: Optional[str]
    offset: int  #: instructions from the function's start
    file: Optional[str]
    line: int
    is_write: bool
    is_dma: bool
    size: int  #: bytes of the access or transfer; 0: none
    held: str  #: locks held, ``"a, b"``


class Finding(NamedTuple):
    """A mistake that a checker found."""

    check: str  #: ``"memory"``, ``"races"`` or ``"stack"``
    kind: str  #: as in the reference of checks, e.g. ``"race"``
    site: Site
    other: Optional[Site]  #: the other side of a race
    memory: Any  #: :class:`Memory` of the address
    address: int  #: bytes in that memory
    times: int  #: at the same places
    instructions: int  #: of the launch, executed before the first time
    sentence: str
    text: str  #: the whole explanation, several lines

    def __str__(self) -> str:
        return self.text


class StackUse(NamedTuple):
    """Use of a tasklet's stack."""

    base: int  #: in WRAM
    size: int  #: bytes reserved; 0: the program does not say
    used: int  #: most bytes used
    deepest: Optional[Site]  #: where that was


def checks_of(names: Union[str, Sequence[str], None]) -> int:
    """Bits of ``struct sim_config.checks`` for names of checkers.

    >>> from dpusim.check import checks_of
    >>> checks_of("all") == checks_of(["memory", "races", "stack"])
    True
    """
    bits = ctypes.c_uint32(0)
    text = names if isinstance(names, str) else ",".join(names or ["none"])
    call(ffi.sim_checks_parse, ctypes.byref(bits), encode(text))
    return bits.value


def _site(row: Any) -> Optional[Site]:
    if row.tasklet < 0:
        return None
    function = decode(row.function) if row.function is not None else None
    file = decode(row.file) if row.file is not None else None
    return Site(row.tasklet, row.pc_insn, function, row.offset_insns, file, row.line,
                bool(row.is_write), bool(row.is_dma), row.len_bytes, decode(row.held))


def _explanation(dpu: Any, index: int) -> str:
    size = ffi.sim_dpu_explain_finding(dpu, index, None, 0) + 1
    buffer = ctypes.create_string_buffer(size)
    ffi.sim_dpu_explain_finding(dpu, index, buffer, size)
    return decode(buffer.value)


def findings_of(dpu: Any) -> List[Finding]:
    """The findings of a ``struct sim_dpu *``."""
    found = []
    for index in range(ffi.sim_dpu_findings(dpu, None)):
        row = ffi.sim_dpu_finding(dpu, index).contents
        site = _site(row.site)
        assert site is not None
        check = ffi.sim_check_name(ffi.sim_finding_check(row.kind))
        found.append(Finding(decode(check), decode(ffi.sim_finding_name(row.kind)), site,
                             _site(row.other), Memory(row.memory), row.address, row.times,
                             row.instructions, decode(row.text), _explanation(dpu, index)))
    return found


def stack_use_of(dpu: Any, tasklet: int) -> Optional[StackUse]:
    """Use of a tasklet's stack of a ``struct sim_dpu *``; None: nobody looked."""
    use = ffi.struct_sim_stack_use()
    if not ffi.sim_dpu_stack_use(dpu, tasklet, ctypes.byref(use)):
        return None
    return StackUse(use.base, use.size_bytes, use.used_bytes, _site(use.deepest))
