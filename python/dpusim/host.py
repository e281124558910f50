# SPDX-License-Identifier: MIT
"""What dpusim adds to host programs: functions over the sets of package ``dpu``.

    >>> import io
    >>> from dpu import DpuError, DpuSet
    >>> from dpusim import host
    >>> source = io.StringIO('''
    ...         .section .text.__bootstrap, "ax", @progbits
    ...         .globl __bootstrap
    ... __bootstrap:
    ...         fault 3
    ... ''')
    >>> with DpuSet(1, asm_source=source) as dpus:
    ...     host.set_reports(dpus, False)       # none on stderr
    ...     try:
    ...         dpus.exec()
    ...     except DpuError as error:
    ...         print(error)
    ...     host.last_fault(dpus).words
    dpu is in fault
    'fault 3 (Assert)'

All may be called while the DPUs of the set do not run, :func:`interrupt` while they do.
Errors are ``dpu.DpuError``.
"""
import ctypes
from typing import Any, Dict, List, NamedTuple, Optional

from dpu import ffi
from dpu.driver import DpuSet
from dpu.errors import check, explanation_of
from dpusim import ffi as sim
from dpusim._native import decode

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]

_TASKLET = "tasklet_"  # begins the names of counters per tasklet
_MODES = {"functional": ffi.DPUSIM_FUNCTIONAL, "cycle": ffi.DPUSIM_CYCLE}
_KINDS = {ffi.DPUSIM_BREAKPOINT_FAULT: "breakpoint", ffi.DPUSIM_MEMORY_FAULT: "memory",
          ffi.DPUSIM_DMA_FAULT: "dma", ffi.DPUSIM_OTHER_FAULT: "illegal"}


class HostFault(NamedTuple):
    """The fault of a DPU of a set."""

    kind: str  #: ``"breakpoint"``, ``"memory"``, ``"dma"`` or ``"illegal"``
    dpu_id: int  #: as in the header of its log
    dpu_index: int  #: in the order of ``dpus()``
    tasklet: int
    pc: int  #: instruction index
    code: int  #: of a breakpoint fault
    address: int
    length: int  #: bytes of the access; 0: none
    injected: bool
    instructions: int  #: of the DPU before the fault
    cycle: int
    function: str
    offset: int  #: instructions from the function's start
    file: str
    line: int
    rule: str  #: the rule that was broken, with the numbers

    @property
    def words(self) -> str:
        """The fault in the SDK's words, e.g. ``"fault 3 (Assert)"`` or ``"memory fault"``."""
        if self.kind != "breakpoint":
            return "illegal instruction" if self.kind == "illegal" else self.kind + " fault"
        name = sim.sim_fault_code_name(self.code)
        return "fault %d%s" % (self.code, " (%s)" % decode(name) if name else "")


def last_fault(dpu_set: DpuSet) -> Optional[HostFault]:
    """The fault of a DPU; of more DPUs that of the first one in fault; None: there is none."""
    row = ffi.struct_dpusim_fault()
    check(ffi.dpusim_last_fault(dpu_set._use(), ctypes.byref(row)))
    if row.kind == ffi.DPUSIM_NO_FAULT:
        return None
    values = {field: getattr(row, field) for field in HostFault._fields}
    for field in ("function", "file", "rule"):
        values[field] = decode(values[field])
    values["kind"] = _KINDS[row.kind]
    return HostFault(**values)


def explain(dpu_set: DpuSet) -> Optional[str]:
    """The report that stands on stderr after a launch (place, reason, call stack), or None."""
    return explanation_of(dpu_set._use())


def set_reports(dpu_set: DpuSet, on: bool) -> None:
    """Switch the reports on stderr of the allocated set on (default) or off."""
    check(ffi.dpusim_set_reports(dpu_set._use(), on))


def mode(dpu_set: DpuSet) -> str:
    """``"functional"`` or ``"cycle"``."""
    number = ctypes.c_uint()
    check(ffi.dpusim_get_mode(dpu_set._use(), ctypes.byref(number)))
    return next(name for name, value in _MODES.items() if value == number.value)


def set_mode(dpu_set: DpuSet, name: str) -> None:
    """Simulation mode from the next launch on; memories and program stay.

    Raises:
        ValueError: unknown mode.
    """
    if name not in _MODES:
        raise ValueError("mode %r: wanted 'functional' or 'cycle'" % (name,))
    check(ffi.dpusim_set_mode(dpu_set._use(), _MODES[name]))


def set_limits(dpu_set: DpuSet, max_instructions: int = 0, max_seconds: float = 0.0) -> None:
    """Let launches end with ``result timeout`` after so many instructions of a DPU, or so many
    seconds of host time; 0: no limit."""
    check(ffi.dpusim_set_limits(dpu_set._use(), max_instructions, max_seconds))


def interrupt(dpu_set: DpuSet) -> None:
    """End whatever the DPUs run, as at a limit; for another thread than the one that waits.
    The call that waits raises ``result timeout``."""
    check(ffi.dpusim_interrupt(dpu_set._use()))


def inject(dpu_set: DpuSet, specifications: str) -> None:
    """Add failures on purpose to the allocated set, e.g. ``"dma:dpu=2,tasklet=5,dma,nth=3"``."""
    check(ffi.dpusim_inject(dpu_set._use(), specifications.encode()))


def clear_injections(dpu_set: DpuSet) -> None:
    """Remove what :func:`inject` added."""
    check(ffi.dpusim_clear_injections(dpu_set._use()))


class Description(NamedTuple):
    """A counter."""

    name: str
    unit: str
    meaning: str
    per_tasklet: bool
    cycle_mode_only: bool
    number: int


def describe_statistics() -> List[Description]:
    """Every counter there is."""
    rows = [ffi.dpusim_describe_statistic(number).contents
            for number in range(ffi.dpusim_nr_statistics())]
    return [Description(decode(row.name), decode(row.unit), decode(row.meaning),
                        bool(row.per_tasklet), bool(row.cycle_mode_only), number)
            for number, row in enumerate(rows)]


def _read(dpu_set: DpuSet, row: Description, nr_dpus: int, nr_tasklets: int) -> Any:
    width = nr_tasklets if row.per_tasklet else 1
    values: Any = (ctypes.c_uint64 * (nr_dpus * width))()
    check(ffi.dpusim_read_statistic(
        dpu_set._use(), row.number, nr_tasklets, values, len(values)))
    if numpy is not None:
        array = numpy.frombuffer(values, numpy.uint64)
        return array.reshape(nr_dpus, width) if row.per_tasklet else array
    if row.per_tasklet:
        return [list(values[at:at + width]) for at in range(0, len(values), width)]
    return list(values)


def _wanted(dpu_set: DpuSet, per_tasklet: bool) -> List[Description]:
    timed = mode(dpu_set) == "cycle"
    return [row for row in describe_statistics()
            if row.per_tasklet == per_tasklet and (timed or not row.cycle_mode_only)]


def statistics(dpu_set: DpuSet) -> Dict[str, Any]:
    """Counters of the last launch.

    Returns:
        By name: uint64 array of shape (DPUs,), a list without numpy. Units: see
        :func:`describe_statistics`.
    """
    nr_dpus = len(dpu_set)
    return {row.name: _read(dpu_set, row, nr_dpus, 1) for row in _wanted(dpu_set, False)}


def tasklet_statistics(dpu_set: DpuSet, nr_tasklets: int = sim.ISA_MAX_THREADS) -> Dict[str, Any]:
    """Counters of the tasklets in the last launch.

    Returns:
        By name without the leading ``tasklet_``: uint64 array of shape (DPUs, nr_tasklets), lists
        without numpy.
    """
    nr_dpus = len(dpu_set)
    return {row.name[len(_TASKLET):]: _read(dpu_set, row, nr_dpus, nr_tasklets)
            for row in _wanted(dpu_set, True)}
