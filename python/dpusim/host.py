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
          ffi.DPUSIM_DMA_FAULT: "dma", ffi.DPUSIM_OTHER_FAULT: "illegal",
          ffi.DPUSIM_STACK_FAULT: "stack"}


class HostFault(NamedTuple):
    """The fault of a DPU of a set."""

    kind: str  #: ``"breakpoint"``, ``"memory"``, ``"dma"``, ``"illegal"`` or ``"stack"``
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
            own = {"illegal": "illegal instruction", "stack": "stack overflow"}
            return own.get(self.kind, self.kind + " fault")
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


_PHASES = [decode(ffi.dpusim_phase_name(number)) for number in range(ffi.DPUSIM_NR_PHASES)]


class TimelineEntry(NamedTuple):
    """A call of the host program, or several alike in a row; or a kernel."""

    call: str  #: e.g. ``"dpu_push_xfer"``
    phase: str  #: ``"load"``, ``"to_dpu"``, ``"launch"``, ``"kernel"`` or ``"from_dpu"``
    first_rank: int
    nr_ranks: int
    nr_dpus: int
    calls: int
    bytes: int  #: of all its DPUs and calls
    start_s: float
    seconds: float
    cycles: int  #: of a kernel: those of the slowest DPU
    timed: bool  #: False: a kernel that did not wholly run in cycle mode


class PhaseSum(NamedTuple):
    """What a phase sums up to."""

    calls: int
    bytes: int
    seconds: float


class Timeline(NamedTuple):
    """The estimated time line of a set."""

    entries: List[TimelineEntry]  #: in the order of the calls
    phases: Dict[str, PhaseSum]
    end_s: float  #: end of the last call; asynchronous ones overlap
    untimed_kernels: int

    def array(self) -> Any:
        """The entries as a numpy array with named fields.

        Raises:
            ImportError: numpy is not installed.
        """
        if numpy is None:
            raise ImportError("Timeline.array needs numpy; without it use entries")
        kinds = {str: "U40", int: "u8", float: "f8", bool: "?"}
        fields = [(name, kinds[TimelineEntry.__annotations__[name]])
                  for name in TimelineEntry._fields]
        return numpy.array([tuple(entry) for entry in self.entries], fields)


def start_timeline(dpu_set: DpuSet) -> None:
    """Begin to note what the calls on the allocated set would take on a server; anew if called
    again. ``DPUSIM_TIMELINE`` does it at allocation."""
    check(ffi.dpusim_timeline_start(dpu_set._use()))


def _entry(row: Any) -> TimelineEntry:
    values = {field: getattr(row, field) for field in TimelineEntry._fields}
    values["call"], values["phase"] = decode(row.call), _PHASES[row.phase]
    return TimelineEntry(**values)


def timeline(dpu_set: DpuSet) -> Timeline:
    """The time line so far: an estimate, apart from simulated cycles.

    Transfers, loads and launches take what a fit to measurements of one server says (settings
    ``host.*``); kernels take the cycles of the slowest DPU, where they ran in cycle mode.

    Raises:
        DpuError: :func:`start_timeline` was not called.

    >>> import io
    >>> from dpu import DpuSet
    >>> from dpusim import host
    >>> source = io.StringIO('''
    ...         .section .text.__bootstrap, "ax", @progbits
    ...         .globl __bootstrap
    ... __bootstrap:
    ...         stop
    ...         .section .dpu_host, "aw", @progbits
    ...         .globl n
    ...         .type n, @object
    ... n:      .word 0
    ...         .size n, 4
    ... ''')
    >>> with DpuSet(64, profile="simMode=cycle", asm_source=source) as dpus:
    ...     host.start_timeline(dpus)
    ...     dpus.n = (7).to_bytes(4, "little")
    ...     dpus.exec()
    ...     line = host.timeline(dpus)
    >>> [(entry.call, entry.phase) for entry in line.entries]
    [('dpu_broadcast_to', 'to_dpu'), ('dpu_launch', 'launch'), ('dpu_launch', 'kernel')]
    >>> round(line.phases["launch"].seconds, 6)
    0.00018
    """
    sums, count = ffi.struct_dpusim_timeline_sums(), ctypes.c_size_t()
    c_set = dpu_set._use()
    check(ffi.dpusim_timeline_sum(c_set, ctypes.byref(sums)))
    check(ffi.dpusim_timeline_entries(c_set, None, 0, ctypes.byref(count)))
    rows: Any = (ffi.struct_dpusim_timeline_entry * count.value)()
    check(ffi.dpusim_timeline_entries(c_set, rows, count.value, ctypes.byref(count)))
    phases = {name: PhaseSum(sums.calls[number], sums.bytes[number], sums.seconds[number])
              for number, name in enumerate(_PHASES)}
    return Timeline([_entry(row) for row in rows], phases, sums.end_s, sums.untimed_kernels)
