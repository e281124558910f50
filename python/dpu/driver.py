# SPDX-License-Identifier: MIT
"""Sets of DPUs: allocate, load, transfer, run, log.

    >>> import io
    >>> from dpu import DpuSet
    >>> source = io.StringIO('''
    ...         .section .text.__bootstrap, "ax", @progbits
    ...         .globl __bootstrap
    ... __bootstrap:
    ...         lw    r0, zero, value
    ...         add   r0, r0, r0
    ...         sw    zero, value, r0
    ...         stop
    ...         .section .dpu_host, "aw", @progbits
    ...         .globl value
    ...         .type value, @object
    ... value:  .word 0
    ...         .size value, 4
    ... ''')
    >>> with DpuSet(2, asm_source=source) as dpus:
    ...     dpus.value = [b"\\x01\\0\\0\\0", b"\\x05\\0\\0\\0"]     # one buffer per DPU
    ...     dpus.exec()
    ...     dpus.value.int32()
    [2, 10]

Shapes: "one entry per DPU" always means a list in the order of :meth:`DpuSet.dpus`. Sizes and
offsets are in bytes. Host buffers are anything with the buffer protocol and are used in place.
"""
import atexit
import ctypes
import os
import sys
import weakref
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional

from dpu import _build, _log, _wait, compiler, ffi
from dpu.buffers import HostBuffer, length_of, several, single
from dpu.context import DpuContext, DpuThreadContext, flags_of
from dpu.errors import DpuError, DpuTypeError, check, check_run, error
from dpusim import _library
from dpusim.ffi import DPUSIM_VERSION
from dpu.program import DpuProgram, DpuSymbol
from dpu.variable import DpuVariable

_library.check_version(ffi.library, DPUSIM_VERSION, "dpusim_driver_version")

ALLOCATE_ALL = ffi.DPU_ALLOCATE_ALL

_EXIT_PATIENCE_S = 1.0  # for what nobody synchronised with before the end of the program
_WHOLE_SET = 0xFFFFFFFF  # index given to a callback that runs once
_Callback = ffi.dpu_callback.argtypes[1]  # type: ignore[attr-defined]


class _Pending(NamedTuple):
    """What an asynchronous operation needs until ``sync``: its ranks, and objects to keep."""

    ranks: frozenset  # type: ignore[type-arg]
    objects: Any
    is_callback: bool


class _Allocation:
    """What the sets of one allocation share."""

    def __init__(self, async_mode: bool) -> None:
        self.async_mode = async_mode
        self.is_free = False
        self.pending: List[_Pending] = []
        self.failures: List[BaseException] = []  # of callbacks, not yet raised

    def finish(self, ranks: "frozenset[int]") -> None:
        """Forget what was pending on these ranks only."""
        self.pending = [item for item in self.pending if not item.ranks <= ranks]

    def raise_failure(self) -> None:
        if self.failures:
            failure, self.failures = self.failures[0], []
            raise failure


_live: "weakref.WeakSet[DpuSet]" = weakref.WeakSet()


class DpuSet:
    """DPUs.

    Args:
        nr_dpus: number of DPUs; all there are when neither number is given.
        nr_ranks: number of ranks, instead.
        profile: e.g. ``"backend=simulator"``.
        binary, c_source, asm_source, options, keywords: loaded at once; see :meth:`load`.
        log: where the text that DPUs print goes after each synchronous :meth:`exec`: an object with
            ``write(str)``, or a list with one such object or None per DPU.
        async_mode: default of the methods that take it.
    Raises:
        DpuError: not so many DPUs, bad profile, or the program cannot be loaded; everything is
        released then.

    After :meth:`load` the symbols of the program are attributes: reading one copies it from all
    DPUs (:class:`DpuVariable`), assigning copies to them. Methods are never hidden by symbols of
    the same name; reach those with :meth:`copy`.

    Several DPUs are also several sets: :meth:`dpus`, :meth:`ranks`, iteration. These belong to the
    set that was allocated and end with it.
    """

    def __init__(self, nr_dpus: Optional[int] = None, nr_ranks: Optional[int] = None,
                 profile: str = "", binary: Any = None, c_source: Any = None,
                 asm_source: Any = None, log: Any = None, async_mode: bool = False,
                 options: Any = (), **keywords: Any) -> None:
        _build.settings_of(options, keywords, c_source is not None or asm_source is not None)
        c_set = _allocate(nr_dpus, nr_ranks, profile)
        self._attach(c_set, None, _Allocation(async_mode))
        _live.add(self)
        try:
            self._logs.update(_log.choose(
                self, log, "log list length does not match number of DPUs in DpuSet"))
            if not (binary is None and c_source is None and asm_source is None):
                self.load(binary, c_source, asm_source, options, **keywords)
        except BaseException:
            self.free()
            raise

    def _attach(self, c_set: Any, parent: "Optional[DpuSet]", allocation: _Allocation) -> None:
        self.c_set = c_set  #: ``struct_dpu_set_t``, for calls of :mod:`dpu.ffi`
        self._parent = parent
        self._allocation = allocation
        self._program: Optional[DpuProgram] = parent._program if parent else None
        self._ranks: Optional[List["DpuSet"]] = None
        self._dpus: Optional[List["DpuSet"]] = None
        self._logs: Dict["DpuSet", Any] = parent._logs if parent else {}

    @classmethod
    def _child(cls, c_set: Any, parent: "DpuSet") -> "DpuSet":
        child = cls.__new__(cls)
        child._attach(c_set, parent, parent._allocation)
        return child

    # -- the set and its parts --------------------------------------------------------------------

    def __repr__(self) -> str:
        if self._allocation.is_free:
            return "<DpuSet, freed>"
        what = "one DPU" if self._is_dpu else "%d DPUs" % len(self)
        return "<DpuSet of %s>" % what

    def __reduce__(self) -> Any:
        raise DpuTypeError("a DpuSet cannot be pickled or copied: "
                           "it stands for DPUs of this process")

    def __enter__(self) -> "DpuSet":
        return self

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        if kind is None:
            self.free()
        elif not self._allocation.is_free:
            _wait.finish(self.c_set, 0)
            self._release()  # the exception on its way is the one to see, not that of a callback

    @property
    def _is_dpu(self) -> bool:
        return bool(self.c_set.kind == ffi.DPU_SET_DPU)

    def _ranks_of(self) -> Any:
        """The C set of the ranks that a call on this set waits for."""
        return self._parent.c_set if self._is_dpu and self._parent else self.c_set

    def _use(self) -> Any:
        """The C set, of a set that is still there."""
        if self._allocation.is_free:
            raise error(ffi.DPU_ERR_INVALID_DPU_SET, "the set was freed")
        return self.c_set

    def __len__(self) -> int:
        number = ctypes.c_uint32()
        check(ffi.dpu_get_nr_dpus(self._use(), ctypes.byref(number)))
        return number.value

    def __iter__(self) -> Iterator["DpuSet"]:
        return iter(self.dpus())

    def ranks(self) -> List["DpuSet"]:
        """The ranks, as sets; of a rank itself, of a DPU the rank it is in."""
        self._use()
        if self._ranks is None:
            self._ranks = self._find_ranks()
        return list(self._ranks)

    def _find_ranks(self) -> List["DpuSet"]:
        if self._is_dpu:
            assert self._parent is not None
            return [self._parent]
        if self._parent is not None:
            return [self]
        return [self._child(c_set, self) for c_set in _iterate(
            self.c_set, ffi.dpu_set_rank_iterator_from, ffi.dpu_set_rank_iterator_next)]

    def dpus(self) -> List["DpuSet"]:
        """The DPUs, as sets, always the same objects; of a DPU itself."""
        self._use()
        if self._dpus is None:
            self._dpus = self._find_dpus()
        return list(self._dpus)

    def _find_dpus(self) -> List["DpuSet"]:
        if self._is_dpu:
            return [self]
        if self._parent is None:
            return [dpu for rank in self.ranks() for dpu in rank.dpus()]
        return [self._child(c_set, self) for c_set in _iterate(
            self.c_set, ffi.dpu_set_dpu_iterator_from, ffi.dpu_set_dpu_iterator_next)]

    def free(self) -> None:
        """Wait for everything queued and release the DPUs. At the end of a ``with`` that an
        exception ends, DPUs that still run are stopped instead.

        Raises:
            DpuError: part of a set, or freed before. Whatever a callback raised since the last
            :meth:`sync` is raised here, after the release.
        """
        self._release()
        self._allocation.raise_failure()

    def _release(self) -> None:
        if self._parent is not None:
            raise error(ffi.DPU_ERR_INVALID_DPU_SET, "only the whole set can be freed")
        c_set = self._use()
        if not _wait.is_idle(c_set):
            _wait.call(c_set, ffi.dpu_sync, c_set)
        check(ffi.dpu_free(c_set))
        self._allocation.is_free = True
        self._allocation.pending.clear()
        _live.discard(self)

    # -- programs ---------------------------------------------------------------------------------

    def load(self, binary: Any = None, c_source: Any = None, asm_source: Any = None,
             options: Any = (), **keywords: Any) -> DpuProgram:
        """Load a program into every DPU of the set.

        Args:
            binary: path of a program file, or its bytes in any object with the buffer protocol.
            c_source, asm_source: path, text (a str that has a line break, brace or semicolon and
                is no file), open text object, or a list of these. Both may be given. C needs a
                compiler (:mod:`dpu.compiler`); assembly alone is assembled by dpusim.
            options: further options for the compiler, a list or one str, e.g. ``["-Wall"]``.
            keywords: macros in capitals, e.g. ``NR_TASKLETS=16, STACK_SIZE_DEFAULT=2048``, and

                * ``nr_tasklets``, ``stack_size_default``: the same as these two;
                * ``stack_sizes``: bytes by tasklet, ``{0: 4096}``;
                * ``opt_lvl``: ``"-O3"``; otherwise ``-O2``;
                * ``defines``, ``includes``, ``cflags``: macros as a mapping, directories, options.
        Raises:
            DpuError: not exactly one kind of program, or the library refuses it. DpuBuildError (a
            CalledProcessError): errors in a source. DpuCompilerNotFound (a FileNotFoundError).

        A program is built once for the same sources, headers, options and compiler.
        """
        has_sources = c_source is not None or asm_source is not None
        if has_sources == (binary is not None):
            raise DpuError("one and only one source or binary program must be defined")
        settings = _build.settings_of(options, keywords, has_sources)
        c_set = self._use()
        if has_sources:
            binary = _build.build(c_source, asm_source, settings, self._version())
        pointer = ctypes.POINTER(ffi.struct_dpu_program_t)()
        if isinstance(binary, (str, os.PathLike)):
            check(*_wait.call(self._ranks_of(), ffi.dpu_load, c_set, os.fsencode(binary),
                              ctypes.byref(pointer)))
        else:
            image = HostBuffer(binary, False)
            check(*_wait.call(
                self._ranks_of(), ffi.dpu_load_from_memory, c_set,
                ctypes.cast(image.address, ctypes.POINTER(ctypes.c_uint8)), image.nbytes,
                ctypes.byref(pointer)))
        program = DpuProgram(pointer)
        self._set_program(program)
        return program

    def _version(self) -> str:
        """Chip version of the set."""
        dpu = ffi.dpu_from_set(self.dpus()[0].c_set)
        return compiler.version_of(ffi.dpu_get_description(ffi.dpu_get_rank(dpu)))

    def _set_program(self, program: DpuProgram) -> None:
        """This set and its parts have the program; sets above it no longer have one."""
        above = self._parent
        while above is not None:
            above._program, above = None, above._parent
        self._set_program_below(program)

    def _set_program_below(self, program: DpuProgram) -> None:
        self._program = program
        for part in (self._ranks or []) + (self._dpus or []):
            if part is not self and part is not self._parent:
                part._set_program_below(program)

    # -- symbols as attributes --------------------------------------------------------------------

    def _find_symbol(self, name: str) -> Optional[DpuSymbol]:
        program: Optional[DpuProgram] = self.__dict__.get("_program")
        if program is None or self._allocation.is_free:
            return None
        return program.get_symbol(name)

    def __getattr__(self, name: str) -> DpuVariable:
        symbol = self._find_symbol(name)
        if symbol is None:
            raise AttributeError("%r is neither an attribute of DpuSet nor a symbol of its program"
                                 % name)
        buffers = [bytearray(symbol.size()) for _ in self.dpus()]
        self.copy(buffers, symbol, async_mode=False)
        return DpuVariable([memoryview(buffer) for buffer in buffers])

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__ or name in _OWN_ATTRIBUTES or hasattr(type(self), name):
            if callable(getattr(type(self), name, None)):
                raise AttributeError("%r is a method of DpuSet; for the symbol use copy(%r, ...)"
                                     % (name, name))
            object.__setattr__(self, name, value)
            return
        symbol = self._find_symbol(name)
        if symbol is not None:
            self.copy(symbol, value)
        elif self.__dict__.get("_program") is not None and _is_host_data(value):
            raise AttributeError("the program has no symbol %r" % name)
        else:
            object.__setattr__(self, name, value)

    def __dir__(self) -> List[str]:
        names = set(super().__dir__())
        if self._program is not None and not self._allocation.is_free:
            names.update(self._program.fetch_all_symbols())
        return sorted(names)

    # -- transfers --------------------------------------------------------------------------------

    def copy(self, dst: Any, src: Any, size: Optional[int] = None, offset: int = 0,
             async_mode: Optional[bool] = None) -> None:
        """Copy between host buffers and a symbol.

        Args:
            dst, src: one is the symbol (its name or a :class:`DpuSymbol`), the other the host side:
                one buffer (to DPUs: the same for all; from DPUs: meant for one DPU), or a list with
                one buffer per DPU, None for DPUs to be left out.
            size: bytes for each DPU; by default the length of the buffers, which must agree.
            offset: bytes from the start of the symbol.
            async_mode: return before it is done; the buffers must not change until :meth:`sync`,
                and are kept alive until then.
        Raises:
            DpuError: the library or this layer refuses it.
        """
        to_dpu, from_dpu = (isinstance(side, (str, DpuSymbol)) for side in (dst, src))
        if to_dpu == from_dpu:
            raise DpuError("can only execute Host <-> DPU transfers")
        c_set = self._use()
        symbol, host = (dst, src) if to_dpu else (src, dst)
        _check_range(size, offset)
        if isinstance(host, (list, tuple)) and len(host) == 1 and len(self) == 1:
            host = host[0]
        flags = ffi.DPU_XFER_ASYNC if self._is_async(async_mode) else ffi.DPU_XFER_DEFAULT
        if isinstance(host, (list, tuple)) or host is None:
            buffers = several(list(host or [None]), len(self), not to_dpu, size)
            self._keep(flags, buffers)
            self._push(to_dpu, symbol, offset, length_of(buffers, size), buffers, flags)
            return
        buffer = single(host, not to_dpu, size)
        length = buffer.nbytes if size is None else size
        self._keep(flags, buffer)
        if to_dpu:
            self._by_symbol(ffi.dpu_broadcast_to, ffi.dpu_broadcast_to_symbol, symbol, c_set)(
                offset, buffer.address, length, flags)
        else:
            check(ffi.dpu_prepare_xfer(c_set, buffer.address))
            self._push_prepared(False, symbol, offset, length, flags)

    def _push(self, to_dpu: bool, symbol: Any, offset: int, length: int,
              buffers: List[Optional[HostBuffer]], flags: int) -> None:
        for dpu, buffer in zip(self.dpus(), buffers):
            check(ffi.dpu_prepare_xfer(dpu.c_set, buffer.address if buffer else None))
        self._push_prepared(to_dpu, symbol, offset, length, flags)

    def _push_prepared(self, to_dpu: bool, symbol: Any, offset: int, length: int,
                       flags: int) -> None:
        direction = ffi.DPU_XFER_TO_DPU if to_dpu else ffi.DPU_XFER_FROM_DPU
        try:
            self._by_symbol(ffi.dpu_push_xfer, ffi.dpu_push_xfer_symbol, symbol, self.c_set,
                            direction)(offset, length, flags)
        except DpuError:
            # A refused push may leave the addresses prepared; nobody keeps the buffers alive.
            ffi.dpu_prepare_xfer(self.c_set, None)
            raise

    def _by_symbol(self, by_name: Callable[..., int], by_symbol: Callable[..., int], symbol: Any,
                   *first: Any) -> Callable[..., None]:
        """The form of a function that takes a name or a symbol, checked."""
        function, handle = (by_name, symbol.encode()) if isinstance(symbol, str) else (
            by_symbol, symbol.c_symbol)
        return lambda *rest: check(*_wait.call(self._ranks_of(), function, *first, handle, *rest))

    def _is_async(self, async_mode: Optional[bool]) -> bool:
        return self._allocation.async_mode if async_mode is None else bool(async_mode)

    def _rank_addresses(self) -> "frozenset[int]":
        return frozenset(_address_of_rank(rank.c_set) for rank in self.ranks())

    def _keep(self, flags: int, objects: Any, is_callback: bool = False) -> None:
        """Keep what an asynchronous operation uses until the next sync of its ranks."""
        if flags & ffi.DPU_XFER_ASYNC or is_callback:
            self._allocation.pending.append(
                _Pending(self._rank_addresses(), objects, is_callback))

    # -- running ----------------------------------------------------------------------------------

    def exec(self, log: Any = None, async_mode: Optional[bool] = None) -> None:
        """Run the program on every DPU of the set.

        Args:
            log: where what the DPUs print goes: an object with ``write``, a list with one entry
                per DPU (None: its default), or a dictionary from sets to objects. By default the
                ``log`` of the constructor; without any nothing is read. Ignored when asynchronous.
            async_mode: return at once; :meth:`sync` waits.
        Raises:
            DpuError: ``dpu is in fault``, and others. KeyboardInterrupt: Ctrl-C; the DPUs were
            stopped where they stood, their memories can be read, the next launch starts afresh. So
            it is with every method that waits for DPUs.
        """
        c_set = self._use()
        if self._is_async(async_mode):
            check(*_wait.call(self._ranks_of(), ffi.dpu_launch, c_set, ffi.DPU_ASYNCHRONOUS))
            return
        chosen = {**self._logs, **_log.choose(self, log)}
        check_run(*_wait.call(self._ranks_of(), ffi.dpu_launch, c_set, ffi.DPU_SYNCHRONOUS), c_set)
        self._write_logs({dpu: chosen[dpu] for dpu in self.dpus() if dpu in chosen})

    def log(self, stream: Any = None) -> None:
        """Write what the DPUs printed in their last run.

        Args:
            stream: as ``log`` of :meth:`exec`; by default that of the constructor, else
                ``sys.stdout``.
        """
        self._use()
        chosen = {**self._logs, **_log.choose(self, stream)}
        self._write_logs({dpu: chosen.get(dpu, sys.stdout) for dpu in self.dpus()})

    @staticmethod
    def _write_logs(destinations: Mapping["DpuSet", Any]) -> None:
        for dpu, stream in destinations.items():
            text, outcome = _log.read(dpu._ranks_of(), dpu.c_set)
            if text:
                stream.write(text)
            check(*outcome)

    def sync(self) -> None:
        """Wait for everything asynchronous on the set's ranks.

        Raises:
            DpuError: a DPU is in fault, or an operation failed. Whatever a callback raised.
        """
        ranks = self._rank_addresses()
        code, sentence = _wait.call(self._ranks_of(), ffi.dpu_sync, self._use())
        self._allocation.finish(ranks)
        self._allocation.raise_failure()
        check_run(code, sentence, self.c_set)

    def call(self, fn: Callable[["DpuSet", int, Any], Any], arg: Any,
             async_mode: Optional[bool] = None, is_blocking: bool = True,
             single_call: bool = False) -> None:
        """Call a function in order with the other operations of each rank.

        Args:
            fn: called as ``fn(dpu_set, idx, arg)`` in a thread of the library: with each rank and
                its index, or once with this set and 0xFFFFFFFF for ``single_call`` and one DPU.
                What it returns is ignored.
            arg: passed on as it is.
            async_mode: return at once.
            is_blocking: operations behind it wait until it returns; False only when asynchronous.
            single_call: call it once, after all ranks have come there.
        Raises:
            DpuError: non-blocking and synchronous. What ``fn`` raises comes out here, or out of the
            next :meth:`sync` when asynchronous.
        """
        c_set = self._use()
        is_async = self._is_async(async_mode)
        flags = ((ffi.DPU_CALLBACK_ASYNC if is_async else 0)
                 | (0 if is_blocking else ffi.DPU_CALLBACK_NONBLOCKING)
                 | (ffi.DPU_CALLBACK_SINGLE_CALL if single_call else 0))
        callback = _Callback(self._caller(fn, arg))
        if is_async:
            self._keep(0, callback, is_callback=True)
        outcome = _wait.call(self._ranks_of(), ffi.dpu_callback, c_set, callback, None, flags)
        if not is_async:
            self._allocation.raise_failure()
        check(*outcome)

    def _caller(self, fn: Callable[["DpuSet", int, Any], Any], arg: Any) -> Callable[..., int]:
        """The function that the library calls: finds the set object, keeps exceptions."""
        ranks = {} if self._is_dpu else {_address_of_rank(rank.c_set): rank
                                         for rank in self.ranks()}
        allocation = self._allocation

        def called(c_set: Any, idx: int, _: Any) -> int:
            try:
                part = self if idx == _WHOLE_SET else ranks[_address_of_rank(c_set)]
                with _wait.inside_callback():
                    fn(part, idx, arg)
                return int(ffi.DPU_OK)
            except BaseException as failure:  # noqa: BLE001 - raised in the caller's thread
                allocation.failures.append(failure)
                code = failure.code if isinstance(failure, DpuError) else None
                return code if code and code > 0 else int(ffi.DPU_ERR_INTERNAL)

        return called

    # -- checkpoints ------------------------------------------------------------------------------

    def _one_dpu(self) -> Any:
        """C set of the only DPU."""
        c_set = self._use()
        if self._is_dpu:
            return c_set
        dpus = self.dpus()
        if len(dpus) != 1:
            raise error(ffi.DPU_ERR_INVALID_DPU_SET,
                        "checkpoints are of one DPU; this set has %d" % len(dpus))
        return dpus[0].c_set

    def checkpoint(self, iram: bool = True, mram: bool = True, wram: bool = True) -> DpuContext:
        """Stop the DPU of a set of one and take its state; registers, flags and lock bits always,
        memories as wanted."""
        state = ffi.struct_dpu_context_t()
        check(*_wait.call(self._ranks_of(), ffi.dpu_checkpoint_save, self._one_dpu(),
                          flags_of(iram, mram, wram), ctypes.byref(state)))
        return DpuContext(state)

    def restore(self, context: DpuContext, iram: bool = True, mram: bool = True,
                wram: bool = True) -> None:
        """Write a state back; parts that the context does not have are left as they are."""
        if not isinstance(context, DpuContext):
            raise DpuTypeError("restore() wants a DpuContext, not %s" % type(context).__name__)
        state = context.c_context
        flags = flags_of(iram and bool(state.iram), mram and bool(state.mram),
                         wram and bool(state.wram))
        check(*_wait.call(self._ranks_of(), ffi.dpu_checkpoint_restore, self._one_dpu(), flags,
                          ctypes.byref(state)))


_OWN_ATTRIBUTES = frozenset(
    ("c_set", "_parent", "_allocation", "_program", "_ranks", "_dpus", "_logs"))


def _allocate(nr_dpus: Optional[int], nr_ranks: Optional[int], profile: Optional[str]) -> Any:
    if nr_dpus is not None and nr_ranks is not None:
        raise DpuError("cannot specify nr_dpus and nr_ranks")
    allocate = ffi.dpu_alloc if nr_ranks is None else ffi.dpu_alloc_ranks
    number = ALLOCATE_ALL if nr_dpus is None and nr_ranks is None else (
        nr_dpus if nr_ranks is None else nr_ranks)
    try:
        count = number.__index__()  # type: ignore[union-attr]
    except AttributeError:
        raise DpuTypeError("the number of DPUs or ranks is an int, not %s"
                           % type(number).__name__) from None
    if not 0 <= count <= ALLOCATE_ALL:
        raise error(ffi.DPU_ERR_ALLOCATION, "%d DPUs or ranks" % count)
    if profile is not None and not isinstance(profile, str):
        raise DpuTypeError("profile is a str, not %s" % type(profile).__name__)
    if "\0" in (profile or ""):
        raise error(ffi.DPU_ERR_INVALID_PROFILE, "a NUL in the profile")
    c_set = ffi.struct_dpu_set_t()
    check(allocate(count, (profile or "").encode("utf-8", "surrogateescape"), ctypes.byref(c_set)))
    return c_set


def _iterate(c_set: Any, start: Callable[..., Any], step: Callable[..., Any]) -> Iterator[Any]:
    """The parts of a C set, each a structure of its own."""
    iterator = start(ctypes.byref(c_set))
    while iterator.has_next:
        yield ffi.struct_dpu_set_t.from_buffer_copy(iterator.next)
        step(ctypes.byref(iterator))


def _address_of_rank(c_set: Any) -> int:
    """Where a one-rank set points into the array of the allocated set."""
    return ctypes.cast(c_set.list.ranks, ctypes.c_void_p).value or 0


def _check_range(size: Optional[int], offset: int) -> None:
    """Refuse what C would take modulo 2^32 or 2^64."""
    if not 0 <= offset < 1 << 32 or (size is not None and not 0 <= size < 1 << 63):
        raise error(ffi.DPU_ERR_INVALID_SYMBOL_ACCESS, "offset %s, size %s" % (offset, size))


def _is_host_data(value: Any) -> bool:
    try:
        memoryview(value)
    except TypeError:
        return isinstance(value, list)
    return True


@atexit.register
def _finish_pending() -> None:
    """Before Python goes away: nothing may call into it or write to its buffers any more. What
    never ends is stopped after a while."""
    for dpu_set in list(_live):
        if dpu_set._allocation.pending and not dpu_set._allocation.is_free:
            _wait.finish(dpu_set.c_set, _EXIT_PATIENCE_S)


__all__ = ["ALLOCATE_ALL", "DpuContext", "DpuError", "DpuProgram", "DpuSet", "DpuSymbol",
           "DpuThreadContext", "DpuVariable"]
