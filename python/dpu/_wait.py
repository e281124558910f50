# SPDX-License-Identifier: MIT
"""Calls of the library that may wait for DPUs, such that Ctrl-C works.

Python acts on a signal when its main thread comes back from C, which a call that waits for a DPU
that never ends does not do. So the main thread hands such a call to another thread and waits in
Python; whatever is raised there meanwhile ends the DPUs of the set first.
"""
import _thread
import contextlib
import ctypes
import threading
import time
from typing import Any, Callable, Iterator, List, Optional, Tuple

from dpu import ffi
from dpu.errors import last_sentence

Outcome = Tuple[int, Optional[str]]  #: the library's code, and its sentence for an error

_PATIENCE_S = 0.02  # between two attempts to end what still runs
_here = threading.local()


@contextlib.contextmanager
def inside_callback() -> Iterator[None]:
    """The thread holds ranks meanwhile, which another thread would wait for."""
    before, _here.inside = _is_inside(), True
    try:
        yield
    finally:
        _here.inside = before


def _is_inside() -> bool:
    return bool(getattr(_here, "inside", False))


def is_idle(c_set: Any) -> bool:
    """Nothing runs and nothing is queued."""
    done = ctypes.c_bool(True)
    ffi.dpu_status(c_set, ctypes.byref(done), None)
    return done.value


def _call(function: Callable[..., int], arguments: Tuple[Any, ...]) -> Outcome:
    code = function(*arguments)
    return code, None if code == ffi.DPU_OK else last_sentence()


def call(c_set: Any, function: Callable[..., int], *arguments: Any) -> Outcome:
    """Call a function of the library that waits for a set of ranks, or a part of it.

    Raises:
        KeyboardInterrupt, or what another signal handler raises; the DPUs of the set have stopped
        then, nothing is queued, no failure is stored.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or _is_inside() or (
            function is not ffi.dpu_launch and is_idle(c_set)):
        return _call(function, arguments)
    outcomes: List[Any] = []
    finished = _thread.allocate_lock()
    finished.acquire()

    def run() -> None:
        try:
            outcomes.append(_call(function, arguments))
        except BaseException as failure:  # noqa: BLE001 - raised below
            outcomes.append(failure)
        finally:
            finished.release()

    _thread.start_new_thread(run, ())
    try:
        finished.acquire()
    except BaseException:
        while not finished.acquire(timeout=_PATIENCE_S):
            ffi.dpusim_interrupt(c_set)
        finish(c_set, 0)
        ffi.dpu_sync(c_set)  # forgets the failure that ended what was queued
        raise
    if isinstance(outcomes[0], BaseException):
        raise outcomes[0]
    return outcomes[0]  # type: ignore[no-any-return]


def finish(c_set: Any, patience_s: float) -> None:
    """Wait until a set is idle; after some seconds, end what still runs."""
    end = time.monotonic() + patience_s
    while not is_idle(c_set):
        if time.monotonic() >= end:
            ffi.dpusim_interrupt(c_set)
        time.sleep(_PATIENCE_S)
