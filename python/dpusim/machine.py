# SPDX-License-Identifier: MIT
"""One simulated DPU: configuration, running, state, statistics."""
import ctypes
import time
import weakref
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from dpusim import ffi
from dpusim import calls as _calls
from dpusim import hooks as _hooks
from dpusim import value as _value
from dpusim._native import (
    Error, Status, address_of, call, decode, encode, enumeration, isa_bytes, take, texts, view_of,
)
from dpusim.check import Finding, StackUse, checks_of, findings_of, stack_use_of
from dpusim.fault import Fault, FaultError, Frame, backtrace, fault_of
from dpusim.program import Memory, Program, Symbol
from dpusim.settings import MODES, Config, Settings, configuration

try:
    import numpy
except ImportError:  # lists and memoryviews then
    numpy = None  # type: ignore[assignment]

Stop = enumeration("Stop", "sim_stop", "SIM_")  #: why a run ended
_NO_HOOK: Any = ctypes.cast(0, ffi.sim_hook)
EventKind = enumeration("EventKind", "sim_event_kind", "SIM_EVENT_")
#: Host seconds after which a run looks for signals (Ctrl-C) before it goes on.
_SLICE_SECONDS = 0.2


class Outcome(NamedTuple):
    """How a run ended."""

    stop: Any  #: :class:`Stop`
    tasklet: int  #: of the breakpoint or fault
    pc: int  #: of the breakpoint or fault
    instructions: int  #: executed in this run


class Statistic(NamedTuple):
    """A counter, or a number derived from counters."""

    name: str
    scope: str  #: ``"dpu"`` or ``"tasklet"``
    unit: str
    cycle_mode_only: bool
    meaning: str
    number: int
    mix_only: bool  #: of the instruction mix: setting ``machine.count_mix``


class Event(NamedTuple):
    """What a hook is told."""

    kind: Any  #: :class:`EventKind`
    tasklet: int
    pc: int
    word: int
    instructions: int
    cycle: int
    address: int
    mram_offset: int
    size: int
    value: int
    offset: int
    is_write: bool


class Injection(NamedTuple):
    """An injected fault and, since the last boot, whether and where it happened."""

    specification: str  #: canonical: with it the run is repeated exactly
    happened: bool
    tasklet: int
    pc: int  #: of the instruction that was about to execute
    instructions: int  #: of the DPU, before
    cycle: int


class Tasklet(NamedTuple):
    """State of a tasklet."""

    registers: List[int]  #: r0 to r23
    pc: int  #: next instruction
    zero_flag: bool
    carry_flag: bool
    running: bool
    booted: bool
    asleep: bool


def _described(row: Any, number: int) -> Statistic:
    return Statistic(decode(row.name),
                     "tasklet" if row.scope == ffi.SIM_SCOPE_TASKLET else "dpu",
                     decode(row.unit), bool(row.cycle_mode_only), decode(row.meaning), number,
                     bool(row.mix_only))


def statistics() -> List[Statistic]:
    """Every counter there is."""
    return [_described(ffi.sim_stat_get(number).contents, number)
            for number in range(ffi.SIM_STAT_COUNT)]


def metrics() -> List[Statistic]:
    """Every number that is derived from counters.

    >>> import dpusim
    >>> [row.unit for row in dpusim.metrics() if row.name == "seconds"]
    ['s']
    """
    return [_described(ffi.sim_metric_get(number).contents, number)
            for number in range(ffi.SIM_METRIC_COUNT)]


_STATISTICS = statistics()
_METRICS = metrics()
_MIX = "mix_"  # begins the names of the classes of the instruction mix


class Dpu:
    """One simulated DPU.

    Args:
        program: loaded at once: a :class:`Program`, a path, or the bytes of an ELF file.
        chip: chip version; by default that of the program.
        mode: ``"functional"`` (one instruction, one cycle; default) or ``"cycle"`` (times of the
            hardware).
        order_seed: 0: tasklets take turns by number; else in a permutation of that seed.
        timing: parameters of cycle mode by short name; see :func:`timing_parameters`.
        settings: anything by full name, e.g. ``{"study.dma_engines": 2, "machine.count_mix": 1}``;
            see :func:`settings`.
        config: file of settings, as ``dpusim config`` reads it. What is given by other arguments
            counts, then ``settings``, then the file.
        check: checkers that look at runs, ``"memory"``, ``"races"``, ``"stack"``, or ``"all"``; see
            :attr:`findings`. What a view (:attr:`wram`, :attr:`mram`) writes, they do not see: use
            :meth:`write`.
        poison: what memories hold before they are written: ``"zero"``, ``"ff"``, ``"random:SEED"``.
    Raises:
        Error: bad program or parameter. ValueError: unknown chip or mode.

    >>> import dpusim
    >>> dpu = dpusim.Dpu(dpusim.build('''
    ...         .section .text.__bootstrap, "ax", @progbits
    ...         .globl __bootstrap
    ... __bootstrap:
    ...         lw   r0, zero, n
    ...         add  r0, r0, 1
    ...         sw   zero, n, r0
    ...         stop
    ...         .section .dpu_host, "aw", @progbits
    ...         .globl n
    ...         .type n, @object
    ... n:      .word 0
    ...         .size n, 4
    ... '''))
    >>> dpu.write("n", (41).to_bytes(4, "little"))
    >>> dpu.run().instructions
    4
    >>> int.from_bytes(dpu.read("n"), "little")
    42
    """

    def __init__(self, program: Union[Program, str, bytes, None] = None, *,
                 chip: Optional[str] = None, mode: Optional[str] = None,
                 order_seed: Optional[int] = None, timing: Settings = None,
                 settings: Settings = None, config: Config = None,
                 check: Union[str, Sequence[str], None] = None,
                 poison: Optional[str] = None) -> None:
        row = configuration(chip, mode, order_seed, timing, settings, config)
        if check is not None:
            row.checks = checks_of(check)
        if poison is not None:
            call(ffi.sim_config_set, ctypes.byref(row), b"machine.poison", encode(poison), None,
                 None)
        self._pointer = ctypes.POINTER(ffi.struct_sim_dpu)()
        call(ffi.sim_dpu_create, ctypes.byref(self._pointer), ctypes.byref(row))
        self._counts_mix = bool(row.count_mix)
        weakref.finalize(self, ffi.sim_dpu_destroy, self._pointer)
        #: The program loaded, or None.
        self.program: Optional[Program] = None
        self._hook: Any = None
        self._doubles: Dict[str, Any] = {}
        self._observers: Dict[str, Any] = {}
        self._transfer_hook: Any = None
        self._fault_hook: Any = None
        self._hook_error: Optional[BaseException] = None
        if program is not None:
            self.load(program)

    def __repr__(self) -> str:
        return "<dpusim.Dpu %s, %s mode, %s>" % (self.chip, self.mode, self.program)

    def __reduce__(self) -> Any:
        raise TypeError("a Dpu cannot be pickled; pickle its program and what save() returns")

    # -- programs and runs ------------------------------------------------------------------------

    @property
    def chip(self) -> str:
        """Name of its chip."""
        return decode(ffi.sim_dpu_chip(self._pointer).contents.name)

    @property
    def findings(self) -> List[Finding]:
        """What the checkers found, over all runs.

        >>> import dpusim
        >>> dpu = dpusim.Dpu(dpusim.build('''
        ...         .section .text.__bootstrap, "ax", @progbits
        ...         .globl __bootstrap
        ... __bootstrap:
        ...         lw   r0, zero, 4096
        ...         add  r0, r0, 1
        ...         stop
        ... '''), check=["memory"])
        >>> dpu.run().instructions
        3
        >>> [(finding.kind, finding.site.pc, finding.address) for finding in dpu.findings]
        [('unwritten', 0, 4096)]
        """
        return findings_of(self._pointer)

    def stack_use(self, tasklet: int) -> Optional[StackUse]:
        """Use of a tasklet's stack; None without the checker of stacks."""
        return stack_use_of(self._pointer, tasklet)

    def set_schedule(self, spec: Optional[str]) -> None:
        """Let tasklets take other turns from the next run on: ``"random:SEED"``,
        ``"hold:TASKLET@N"``, ``"turns"``; None: none. Functional mode only."""
        call(ffi.sim_dpu_set_schedule, self._pointer, None if spec is None else encode(spec))

    @property
    def clock_hz(self) -> int:
        """Clock of its chip in Hz."""
        return int(ffi.sim_dpu_chip(self._pointer).contents.clock_hz)

    @property
    def mode(self) -> str:
        """``"functional"`` or ``"cycle"``. It may be set between runs, also where one was ended
        early: memories, registers and DMA stay, statistics start anew."""
        return MODES[ffi.sim_dpu_mode(self._pointer)]

    @mode.setter
    def mode(self, name: str) -> None:
        if name not in MODES:
            raise ValueError("mode %r: wanted 'functional' or 'cycle'" % (name,))
        call(ffi.sim_dpu_set_mode, self._pointer, MODES.index(name))

    def _point(self, text: Optional[str]) -> Any:
        point = ffi.struct_sim_point()
        if text is not None:
            call(ffi.sim_point_parse, ctypes.byref(point), encode(text),
                 self.program._pointer if self.program else None)
        return point

    def warm_start(self, cycle_from: Optional[str] = None,
                   cycle_until: Optional[str] = None) -> None:
        """Run in functional mode up to a point and in cycle mode from there, with the same state.

        Args:
            cycle_from: ``"insn:N"`` (so many instructions executed, over all launches),
                ``"launch:N"`` (the N-th boot, from 1) or ``"FUNCTION[+N]"``; None: from the start.
            cycle_until: likewise the end of cycle mode; None: never.
        Raises:
            Error: no such point or function.

        Statistics are those of the part in cycle mode.

        >>> import dpusim
        >>> dpu = dpusim.Dpu(dpusim.build('''
        ...         .section .text.__bootstrap, "ax", @progbits
        ...         .globl __bootstrap
        ... __bootstrap:
        ...         move r0, 1000
        ... loop:   add  r0, r0, -1
        ...         jneq r0, 0, loop
        ...         stop
        ... '''))
        >>> dpu.warm_start("insn:1901")
        >>> dpu.run().instructions
        2002
        >>> dpu.statistics()["instructions"], dpu.cycles
        (101, 1114)
        """
        window = ffi.struct_sim_window()
        setattr(window, "from", self._point(cycle_from))
        window.until = self._point(cycle_until)
        ffi.sim_dpu_set_window(self._pointer, ctypes.byref(window))

    def load(self, program: Union[Program, str, bytes]) -> Program:
        """Load a program: the memories of its segments are written, the rest stays as it is."""
        if not isinstance(program, Program):
            program = Program.read(program)
        call(ffi.sim_dpu_load, self._pointer, program._pointer)
        self.program = program
        return program

    def boot(self) -> None:
        """Start tasklet 0 at instruction 0, as a host does at launch; :meth:`resume` runs it. A DPU
        in fault is stopped first, as a host does."""
        if ffi.sim_dpu_fault(self._pointer):
            self.clear_fault()
            for number in range(self._threads):
                self.set_tasklet(number, running=False)
        call(ffi.sim_dpu_boot, self._pointer)

    def run(self, *, max_instructions: int = 0, max_cycles: int = 0, max_seconds: float = 0.0,
            check: bool = True) -> Outcome:
        """Boot and run.

        Args:
            max_instructions, max_cycles, max_seconds: end the run there; 0: no limit. Seconds are
                host time.
            check: raise on a fault.
        Returns:
            How it ended. After a limit or a breakpoint :meth:`resume` goes on.
        Raises:
            FaultError: the program faulted and ``check`` is set. Error: nothing is loaded, or
            tasklets are still running.
        """
        self.boot()
        return self.resume(max_instructions=max_instructions, max_cycles=max_cycles,
                           max_seconds=max_seconds, check=check)

    def resume(self, *, max_instructions: int = 0, max_cycles: int = 0,
               max_seconds: float = 0.0, check: bool = True) -> Outcome:
        """Go on with a run; see :meth:`run`. Exceptions of a hook come out of here."""
        end = time.monotonic() + max_seconds if max_seconds > 0 else None
        first_cycle = self.cycles
        executed, outcome = 0, ffi.struct_sim_outcome()
        while True:
            limits = ffi.struct_sim_limits()
            limits.max_seconds = _SLICE_SECONDS if end is None else max(
                1e-6, min(_SLICE_SECONDS, end - time.monotonic()))
            if max_instructions:
                limits.max_instructions = max_instructions - executed
            if max_cycles:
                limits.max_cycles = max(1, max_cycles - (self.cycles - first_cycle))
            ffi.sim_dpu_run(self._pointer, ctypes.byref(limits), ctypes.byref(outcome))
            executed += outcome.instructions
            self._raise_hook_error()
            if outcome.stop != Stop.LIMIT_TIME or (end is not None and time.monotonic() >= end):
                break
        return self._outcome(outcome, executed, check)

    def step(self, tasklet: int = 0, check: bool = True) -> Outcome:
        """Execute one instruction of one running tasklet, out of turn."""
        outcome = ffi.struct_sim_outcome()
        if not self.tasklet(tasklet).running:
            raise Error("tasklet %d does not run" % tasklet, ffi.DPUSIM_BAD_ARGUMENT)
        status = ffi.sim_dpu_step(self._pointer, tasklet, ctypes.byref(outcome))
        self._raise_hook_error()
        if status != ffi.DPUSIM_OK:
            raise Error(decode(ffi.dpusim_status_text(status)), status)
        return self._outcome(outcome, outcome.instructions, check)

    def _outcome(self, outcome: Any, executed: int, check: bool) -> Outcome:
        if check and outcome.stop == Stop.FAULTED:
            fault = self.fault
            assert fault is not None
            raise FaultError(fault)
        return Outcome(Stop(outcome.stop), outcome.tasklet, outcome.pc_insn, executed)

    def reset(self) -> None:
        """Back to the state after creation and load; breakpoints, hooks, injections stay."""
        ffi.sim_dpu_reset(self._pointer)

    def _pc(self, place: Union[int, str]) -> int:
        if isinstance(place, str):
            if self.program is None:
                raise Error("no program loaded", ffi.DPUSIM_NO_PROGRAM)
            return self.program.symbol(place).pc
        return place

    def add_breakpoint(self, place: Union[int, str]) -> None:
        """Stop before an instruction: its index, or a function's name."""
        ffi.sim_dpu_break_add(self._pointer, self._pc(place))

    def remove_breakpoint(self, place: Union[int, str]) -> None:
        """Remove what :meth:`add_breakpoint` added."""
        ffi.sim_dpu_break_remove(self._pointer, self._pc(place))

    # -- memories ---------------------------------------------------------------------------------

    def _place(self, where: Any, offset: int, size: Optional[int]) -> Tuple[Any, int, int]:
        """(memory, byte offset in it, size) of an access; checks the bounds of symbols."""
        if isinstance(where, Memory):
            rest = ffi.sim_dpu_memory_bytes(self._pointer, where) - offset
            return where, offset, rest if size is None else size
        if isinstance(where, str):
            if self.program is None:
                raise Error("symbol %r: no program loaded" % where, ffi.DPUSIM_NO_PROGRAM)
            where = self.program.symbol(where)
        if where.memory is None:
            raise Error("symbol %r is a number, no place in a memory" % where.name,
                        ffi.DPUSIM_INVALID_SYMBOL_ACCESS)
        size = where.size - offset if size is None else size
        if offset < 0 or size < 0 or offset + size > where.size:
            raise Error("symbol %r: offset %d + length %d = %d bytes, but the symbol has %d" % (
                where.name, offset, size, offset + size, where.size),
                ffi.DPUSIM_INVALID_SYMBOL_ACCESS)
        return where.memory, where.offset + offset, size

    def read(self, where: Union[str, Symbol, Any], size: Optional[int] = None,
             offset: int = 0) -> bytes:
        """Copy from a memory.

        Args:
            where: name of a symbol, a :class:`Symbol`, or a :class:`Memory`.
            size: bytes; by default up to the end.
            offset: bytes from the start. In IRAM multiples of 8.
        Raises:
            Error: unknown symbol, or outside it.
        """
        memory, first, length = self._place(where, offset, size)
        buffer = ctypes.create_string_buffer(max(length, 1))
        call(ffi.sim_dpu_read, self._pointer, memory, first, buffer, length)
        return buffer.raw[:length]

    def write(self, where: Union[str, Symbol, Any], data: Any, offset: int = 0) -> None:
        """Copy to a memory: any contiguous object with the buffer protocol; see :meth:`read`."""
        view = view_of(data)
        memory, first, size = self._place(where, offset, view.nbytes)
        if size:
            call(ffi.sim_dpu_write, self._pointer, memory, first, address_of(view), size)

    def _memory_view(self, pointer: Any, memory: int) -> memoryview:
        size = ffi.sim_dpu_memory_bytes(self._pointer, memory)
        address = ctypes.cast(pointer, ctypes.c_void_p).value or 0
        array: Any = (ctypes.c_uint8 * size).from_address(address)
        array._owner = self
        return memoryview(array).cast("B")

    @property
    def wram(self) -> memoryview:
        """The WRAM itself, writable, without a copy."""
        return self._memory_view(ffi.sim_dpu_wram(self._pointer), ffi.ISA_WRAM)

    @property
    def mram(self) -> memoryview:
        """The MRAM itself, writable, without a copy (64 MiB of which used pages exist)."""
        return self._memory_view(ffi.sim_dpu_mram(self._pointer), ffi.ISA_MRAM)

    def array(self, where: Union[str, Symbol, Any], dtype: Any = "uint8",
              count: Optional[int] = None, offset: int = 0) -> Any:
        """A numpy array over a symbol or a memory, without a copy: writes go to the DPU.

        Args:
            where: name of a symbol in WRAM or MRAM, a :class:`Symbol`, or a :class:`Memory`.
            dtype: element type.
            count: elements; by default all.
            offset: bytes from the start.
        Returns:
            Array of shape (count,).
        Raises:
            ImportError: numpy is not installed. Error: outside the symbol, or in IRAM.
        """
        if numpy is None:
            raise ImportError("Dpu.array needs numpy; without it use read(), write(), wram, mram")
        element = numpy.dtype(dtype)
        size = None if count is None else count * element.itemsize
        memory, first, length = self._place(where, offset, size)
        if memory not in (Memory.WRAM, Memory.MRAM):
            raise Error("%s has no view: use read() and write()" % memory.name,
                        ffi.DPUSIM_BAD_ARGUMENT)
        view = self.wram if memory == Memory.WRAM else self.mram
        return numpy.frombuffer(view, element, length // element.itemsize, first)

    # -- state ------------------------------------------------------------------------------------

    def tasklet(self, number: int) -> Tasklet:
        """State of a tasklet."""
        state = ffi.struct_sim_thread_state()
        status = ffi.sim_dpu_get_thread(self._pointer, number, ctypes.byref(state))
        if status != ffi.DPUSIM_OK:
            raise Error("tasklet %d: %s has %d" % (number, self.chip, self._threads), status)
        return Tasklet(list(state.registers), state.pc_insn, state.zero_flag, state.carry_flag,
                       state.running, state.booted, state.asleep)

    def set_tasklet(self, number: int, *, registers: Optional[Sequence[int]] = None,
                    pc: Optional[int] = None, zero_flag: Optional[bool] = None,
                    carry_flag: Optional[bool] = None, running: Optional[bool] = None) -> None:
        """Change the state of a tasklet; what is None stays."""
        old = self.tasklet(number)
        values = old.registers if registers is None else registers
        if len(values) != ffi.ISA_WORK_REGISTERS:
            raise ValueError("%d registers: wanted %d" % (len(values), ffi.ISA_WORK_REGISTERS))
        state = ffi.struct_sim_thread_state()
        state.registers[:] = [value & 0xFFFFFFFF for value in values]
        state.pc_insn = old.pc if pc is None else pc
        state.zero_flag = old.zero_flag if zero_flag is None else zero_flag
        state.carry_flag = old.carry_flag if carry_flag is None else carry_flag
        state.running = old.running if running is None else running
        status = ffi.sim_dpu_set_thread(self._pointer, number, ctypes.byref(state))
        if status != ffi.DPUSIM_OK:
            raise Error(decode(ffi.dpusim_status_text(status)), status)

    @property
    def _threads(self) -> int:
        return int(ffi.sim_dpu_chip(self._pointer).contents.threads)

    @property
    def tasklets(self) -> List[Tasklet]:
        """State of every tasklet of the chip."""
        return [self.tasklet(number) for number in range(self._threads)]

    def backtrace(self, tasklet: int) -> List[Frame]:
        """Call stack of a tasklet, innermost first."""
        return backtrace(self._pointer, tasklet)

    @property
    def fault(self) -> Optional[Fault]:
        """The fault that stopped it, or None."""
        return fault_of(self._pointer)

    def clear_fault(self) -> None:
        """Leave the fault state; run bits stay as they are."""
        ffi.sim_dpu_clear_fault(self._pointer)

    def atomic_bits(self) -> List[bool]:
        """Lock bits of the chip."""
        count = ffi.sim_dpu_memory_bytes(self._pointer, ffi.ISA_ATOMIC)
        return [bool(ffi.sim_dpu_atomic_get(self._pointer, bit)) for bit in range(count)]

    # -- injection and hooks ----------------------------------------------------------------------

    def inject(self, specifications: str) -> None:
        """Inject faults into the runs to come.

        Args:
            specifications: e.g. ``"bkp:code=3,tasklet=2,pc=main+4,nth=2"``; several are divided by
                semicolons or ends of lines; ``"@FILE"`` takes them from a file.
        Raises:
            Error: a specification is wrong, the text says where; none is armed then.
        """
        call(ffi.sim_dpu_inject_text, self._pointer, encode(specifications))

    @property
    def injections(self) -> List[Injection]:
        """What :meth:`inject` armed, and what came of it in the last run."""
        found: List[Injection] = []
        row = ffi.struct_sim_injected()
        while ffi.sim_dpu_injected(self._pointer, len(found), ctypes.byref(row)):
            size = ffi.sim_injection_text(ctypes.byref(row.what), None, 0) + 1
            text = ctypes.create_string_buffer(size)
            ffi.sim_injection_text(ctypes.byref(row.what), text, size)
            found.append(Injection(decode(text.value), bool(row.happened), row.tasklet,
                                   row.pc_insn, row.instructions, row.cycle))
        return found

    def clear_injections(self) -> None:
        """Remove what :meth:`inject` added."""
        ffi.sim_dpu_clear_injections(self._pointer)

    def set_hook(self, hook: Optional[Callable[[Event], Optional[bool]]]) -> None:
        """Call a function for every event; None removes it. Runs are slower meanwhile.

        The function may read state, not run the DPU. When it returns False the run ends with
        ``Stop.INTERRUPTED``; when it raises, the run ends and the exception comes out of it.
        """
        if hook is None:
            ffi.sim_dpu_set_hook(self._pointer, _NO_HOOK, None)
            self._hook = None
            return
        me = weakref.ref(self)
        function = hook

        def told(_: Any, __: Any, row: Any) -> bool:
            try:
                return function(_event(row.contents)) is not False
            except BaseException as error:  # noqa: BLE001 - goes on in the caller's thread
                dpu = me()
                if dpu is not None:
                    dpu._hook_error = error
                return False

        self._hook = ffi.sim_hook(told)
        ffi.sim_dpu_set_hook(self._pointer, self._hook, None)

    def set_transfer_hook(self, hook: Optional[Callable[["_hooks.Transfer"], Any]]) -> None:
        """Ask a function before every DMA transfer; None removes it.

        Args:
            hook: gets a :class:`dpusim.Transfer`, whose ``address``, ``mram_offset`` and ``data``
                it may change; returns None or ``Verdict.GO``: the transfer as it is now,
                ``Verdict.DROP``: none, ``Verdict.FAULT``: a DMA fault. It may read and write
                memories, not run the DPU; exceptions come out of the run.
        """
        told = _hooks.transfer_hook(hook, self._failed()) if hook is not None else None
        call(ffi.sim_dpu_set_transfer_hook, self._pointer,
             told if told is not None else ctypes.cast(0, ffi.sim_transfer_hook), None)
        self._transfer_hook = told

    def set_fault_hook(self, hook: Optional[Callable[[Fault], Union[bool, Fault, None]]]) -> None:
        """Ask a function about every fault; None removes it.

        Args:
            hook: gets the :class:`dpusim.Fault`; returns False: it is forgotten and the tasklet
                goes on behind the instruction; a Fault (as of ``fault._replace(code=9)``): that
                one; else it stays. It may read and write memories and registers
                (:meth:`set_tasklet`), not run the DPU; exceptions come out of the run.
        """
        told = _hooks.fault_hook(hook, self._failed()) if hook is not None else None
        ffi.sim_dpu_set_fault_hook(self._pointer,
                                   told if told is not None else ctypes.cast(0, ffi.sim_fault_hook),
                                   None)
        self._fault_hook = told

    # -- values and functions of the program ------------------------------------------------------

    def inspect(self, expression: str) -> Any:
        """A value of the program, by its types (``-g``).

        Args:
            expression: a symbol, then members and elements as in C: ``"table[2].next->value"``;
                ``*`` in front follows a pointer.
        Returns:
            Integers, floats and bools; names of enumerators; structures as dictionaries; arrays of
            numbers as numpy arrays (lists without numpy), of char as bytes up to the first NUL,
            of others as lists; pointers as integers. Without types: the bytes of the symbol.
        Raises:
            Error: no such symbol, member or element; a null pointer.
        """
        return _value.inspect(self, expression)

    def call(self, function: str, *arguments: Any, signature: Optional[str] = None,
             tasklet: int = 0, max_instructions: int = 0) -> Any:
        """Call one function of the program, with nothing else running.

        Args:
            function: its name; it must not be inlined everywhere.
            arguments: numbers; dictionaries, or bytes, for structures by value; for pointers also
                names of symbols, and buffers (numpy arrays, bytes), which are copied to the end of
                WRAM, or of MRAM where the parameter is an ``__mram_ptr``, and back after the call
                if they can be written.
            signature: letters of the result and the arguments as ``"i(pu)"``, see ``dpusim.h``;
                by default as debug information has it.
            tasklet: that calls it.
            max_instructions: end it there; 0: no limit.
        Returns:
            Its result; None for void, a dictionary for a structure.
        Raises:
            FaultError: it faulted. Error: not found, wrong arguments, or it did not return.
        """
        try:
            result = _calls.invoke(self, function, arguments, signature, tasklet, max_instructions)
        except Error as error:
            self._raise_hook_error()
            fault = self.fault
            if error.status == Status.FAULT and fault is not None:
                raise FaultError(fault) from None
            raise
        self._raise_hook_error()
        return result

    def replace(self, function: str, by: Optional[Callable[..., Any]],
                signature: Optional[str] = None) -> None:
        """Let a Python function stand in the place of one of the program; None: no longer.

        Args:
            function: name; it must not be inlined.
            by: is called with the arguments; what it returns is the result. If it returns
                :class:`dpusim.Through`, the DPU's own function runs, with other arguments if
                wanted. It may read and write memories, not run the DPU. Exceptions come out of
                the run.
            signature: see :meth:`call`.
        """
        name = encode(function)
        if by is None:
            call(ffi.sim_dpu_replace, self._pointer, name, None,
                 ctypes.cast(0, ffi.sim_call_hook), None)
            self._doubles.pop(function, None)
            return
        prototype = _calls.Prototype(weakref.proxy(self), function, signature)
        hook = _calls.double(prototype, by, self._failed())
        call(ffi.sim_dpu_replace, self._pointer, name, encode(prototype.text), hook, None)
        self._doubles[function] = hook

    def observe(self, function: str, hook: Optional[Callable[[List[Any], Any], Any]],
                signature: Optional[str] = None) -> None:
        """Tell a Python function what one of the program returns; None: no longer.

        Args:
            function: name; it must not be inlined.
            hook: is called with the list of the arguments and the result when the function
                returns, also when a Python function stands in its place. What it returns, unless
                None, becomes the result. Exceptions come out of the run.
            signature: see :meth:`call`.
        """
        name = encode(function)
        if hook is None:
            call(ffi.sim_dpu_observe, self._pointer, name, None,
                 ctypes.cast(0, ffi.sim_return_hook), None)
            self._observers.pop(function, None)
            return
        prototype = _calls.Prototype(weakref.proxy(self), function, signature)
        told = _calls.observer(prototype, hook, self._failed())
        call(ffi.sim_dpu_observe, self._pointer, name, encode(prototype.text), told, None)
        self._observers[function] = told

    def _failed(self) -> Callable[[BaseException], None]:
        """Keeps the first exception of hooks, which comes out of the run."""
        me = weakref.ref(self)

        def failed(error: BaseException) -> None:
            dpu = me()
            if dpu is not None and dpu._hook_error is None:
                dpu._hook_error = error

        return failed

    def _raise_hook_error(self) -> None:
        error, self._hook_error = self._hook_error, None
        if error is not None:
            raise error

    # -- statistics, log, saved states ------------------------------------------------------------

    def _stat(self, row: Statistic, tasklet: int = 0) -> int:
        return int(ffi.sim_dpu_stat(self._pointer, row.number, tasklet))

    @property
    def _timed(self) -> bool:
        """The statistics are those of a part in cycle mode."""
        return bool(ffi.sim_dpu_stat_mode(self._pointer) == ffi.SIM_CYCLE)

    def _counted(self, rows: List[Statistic], scope: str) -> List[Statistic]:
        """Those that a run can have filled."""
        return [row for row in rows
                if row.scope == scope and (self._timed or not row.cycle_mode_only) and
                (self._counts_mix or not row.mix_only)]

    @property
    def cycles(self) -> int:
        """Cycles since the last boot; in functional mode the instructions."""
        return int(ffi.sim_dpu_stat(self._pointer, ffi.SIM_STAT_DPU_cycles, 0))

    @property
    def seconds(self) -> float:
        """Time since the last boot at the chip's clock."""
        return self.cycles / self.clock_hz

    def statistics(self) -> Dict[str, int]:
        """Counters of the DPU since the last boot, by name; see :func:`dpusim.statistics`."""
        return {row.name: self._stat(row) for row in self._counted(_STATISTICS, "dpu")}

    def tasklet_statistics(self) -> Dict[str, Any]:
        """Counters of the tasklets since the last boot.

        Returns:
            By name: uint64 array of shape (threads of the chip,); a list without numpy. Units: see
            :func:`dpusim.statistics`.
        """
        table = {row.name: [self._stat(row, tasklet) for tasklet in range(self._threads)]
                 for row in self._counted(_STATISTICS, "tasklet")}
        if numpy is None:
            return table
        return {name: numpy.array(values, numpy.uint64) for name, values in table.items()}

    def metrics(self) -> Dict[str, float]:
        """Numbers derived from the counters since the last boot, by name; see
        :func:`dpusim.metrics`: instructions per cycle, bandwidth, use of the DMA engine, seconds.
        """
        return {row.name: float(ffi.sim_dpu_metric(self._pointer, row.number))
                for row in self._counted(_METRICS, "dpu")}

    def instruction_mix(self) -> Dict[str, int]:
        """Executed instructions by class since the last boot, and under ``branches`` those of
        whatever class that change the flow.

        Raises:
            Error: they were not counted: that takes the setting ``machine.count_mix``.

        >>> import dpusim
        >>> dpu = dpusim.Dpu(dpusim.build('''
        ...         .section .text.__bootstrap, "ax", @progbits
        ...         .globl __bootstrap
        ... __bootstrap:
        ...         lw  r0, zero, 0
        ...         add r0, r0, r0
        ...         stop
        ... '''), settings={"machine.count_mix": 1})
        >>> outcome = dpu.run()
        >>> {name: count for name, count in dpu.instruction_mix().items() if count}
        {'branches': 1, 'arithmetic': 1, 'load': 1, 'thread': 1}
        """
        if not self._counts_mix:
            raise Error("instructions were not counted by class: settings={'machine.count_mix': 1}",
                        ffi.DPUSIM_BAD_ARGUMENT)
        return {row.name[len(_MIX):]: self._stat(row) for row in _STATISTICS
                if row.mix_only and row.scope == "dpu" and row.name.startswith(_MIX)}

    def log(self) -> str:
        """What the program printed in its last run.

        Raises:
            Error: it has no log buffer, or the buffer was too small or is damaged; ``error.text``
            then has what could be decoded.
        """
        text, size = ctypes.POINTER(ctypes.c_char)(), ctypes.c_size_t()
        diag = ffi.struct_isa_diag()
        status = ffi.sim_dpu_read_log(
            self._pointer, ctypes.byref(text), ctypes.byref(size), ctypes.byref(diag))
        content = decode(take(text, size.value)) if text else ""
        if status != ffi.DPUSIM_OK:
            error = Error(decode(diag.text) or decode(ffi.dpusim_status_text(status)), status)
            error.text = content  # type: ignore[attr-defined]
            raise error
        return content

    def save(self) -> bytes:
        """The whole state; untouched pages of MRAM are left out."""
        image = ffi.struct_isa_bytes()
        call(ffi.sim_dpu_save, self._pointer, ctypes.byref(image))
        return take(image.data, image.len_bytes)

    def save_core(self, path: str) -> None:
        """Write a core file, for ``dpusim inspect``, ``dpusim diff`` and :meth:`restore`."""
        call(ffi.sim_dpu_write_core, self._pointer, encode(path))

    def restore(self, state: bytes) -> None:
        """Back to a saved state or core file, of a DPU with the same program.

        Raises:
            Error: damaged, of another version, program or chip; the DPU is then unchanged.
        """
        call(ffi.sim_dpu_restore, self._pointer, isa_bytes(state))


def _event(row: Any) -> Event:
    return Event(EventKind(row.kind), row.tasklet, row.pc_insn, row.word, row.instructions,
                 row.cycle, row.address, row.mram_offset, row.len_bytes, row.value, row.offset,
                 row.is_write)
