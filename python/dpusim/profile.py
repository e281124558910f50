# SPDX-License-Identifier: MIT
"""Where the cycles of a DPU went.

    >>> import dpusim
    >>> dpu = dpusim.Dpu(dpusim.build('''
    ...         .section .text.__bootstrap, "ax", @progbits
    ...         .globl __bootstrap
    ...         .type __bootstrap, @function
    ... __bootstrap:
    ...         move r0, 1
    ...         stop
    ... '''), mode="cycle")
    >>> profile = dpusim.Profile(dpu)
    >>> outcome = dpu.run()
    >>> profile.cycles("function")["__bootstrap"]["issued"]
    2
    >>> profile.cycles("tasklet")[0]["drain"]
    13

Runs are observed from the creation of the profile on: they are slower, with the same cycles and
results. Launches add up.
"""
import ctypes
import json
import weakref
from typing import Any, Callable, Dict, List, Optional, Tuple

from dpusim import ffi
from dpusim._native import call, decode, take
from dpusim.machine import Dpu

FORMATS = {"text": ffi.SIM_PROFILE_TEXT, "callgrind": ffi.SIM_PROFILE_CALLGRIND,
           "stacks": ffi.SIM_PROFILE_STACKS, "json": ffi.SIM_PROFILE_JSON}


def causes() -> Dict[str, str]:
    """What a tasklet may do in a cycle: name -> meaning.

    >>> import dpusim
    >>> list(dpusim.causes())[:3]
    ['issued', 'spin', 'spacing']
    """
    return {decode(ffi.sim_cause_name(number)): decode(ffi.sim_cause_meaning(number))
            for number in range(ffi.SIM_CAUSE_COUNT)}


class Profile:
    """The profile of a DPU, which must have a program.

    Args:
        dpu: observed from now on, until the profile is forgotten.
        timeline: note also what every tasklet did over time, for reports.
        window: cycles (from, until) to note one by one, with ``timeline``.
    Raises:
        Error: no program is loaded.
    """

    def __init__(self, dpu: Dpu, timeline: bool = False,
                 window: Optional[Tuple[int, int]] = None) -> None:
        options = ffi.struct_sim_profile_options()
        options.timeline = timeline or window is not None
        options.window_from, options.window_until = window or (0, 0)
        self._pointer = ctypes.POINTER(ffi.struct_sim_profile)()
        call(ffi.sim_profile_create, ctypes.byref(self._pointer), dpu._pointer,
             ctypes.byref(options))
        self._dpu = dpu  # lives longer
        weakref.finalize(self, ffi.sim_profile_destroy, self._pointer)

    def text(self, format: str = "text") -> str:
        """The profile so far: ``"text"``, ``"callgrind"``, ``"stacks"`` or ``"json"``.

        Raises:
            ValueError: unknown format.
        """
        if format not in FORMATS:
            raise ValueError("format %r: wanted %s" % (format, ", ".join(FORMATS)))
        data, size = ctypes.POINTER(ctypes.c_char)(), ctypes.c_size_t()
        call(ffi.sim_profile_text, self._pointer, FORMATS[format], ctypes.byref(data),
             ctypes.byref(size))
        return decode(take(data, size.value))

    def data(self) -> Dict[str, Any]:
        """Everything as dictionaries and lists: schema dpusim-profile-1."""
        return json.loads(self.text("json"))  # type: ignore[no-any-return]

    def waits(self) -> List[Dict[str, Any]]:
        """What tasklets waited for one another at, in the order of first use.

        Returns:
            Dictionaries: ``kind`` (barrier, semaphore, mutex, ...), ``name`` of the object,
            ``calls``, ``blocked`` (calls that had to wait), ``longest`` (cycles of one),
            ``cycles`` and ``by_tasklet`` (by cause). Of barriers, semaphores and handshakes
            cycles count from the call to the return, of locks from the first failure to the
            success.

        >>> import dpusim
        >>> dpu = dpusim.Dpu(dpusim.build('''
        ...         .section .text.__bootstrap, "ax", @progbits
        ...         .globl __bootstrap
        ... __bootstrap:
        ...         acquire zero, __atomic_bit_mutex_table, nz, .
        ...         release zero, __atomic_bit_mutex_table, nz, . + 1
        ...         stop
        ...         .section .atomic, "aw", @progbits
        ...         .type __atomic_bit_mutex_table, @object
        ... __atomic_bit_mutex_table:
        ...         .zero 1
        ...         .size __atomic_bit_mutex_table, 1
        ... '''), mode="cycle")
        >>> profile = dpusim.Profile(dpu)
        >>> outcome = dpu.run()
        >>> [(row["kind"], row["name"], row["calls"], row["blocked"]) for row in profile.waits()]
        [('mutex', 'table', 1, 0)]
        """
        return waits_of(self.data())

    def cycles(self, by: str = "function") -> Dict[Any, Dict[str, int]]:
        """Cycles by cause.

        Args:
            by: ``"function"`` (own cycles), ``"line"`` (keys (file, line)), ``"instruction"`` (keys
                instruction index) or ``"tasklet"``.
        Returns:
            By key: cause -> cycles, summed over tasklets.
        Raises:
            ValueError: unknown ``by``.
        """
        return cycles_of(self.data(), by)


def waits_of(data: Dict[str, Any]) -> List[Dict[str, Any]]:
    """As :meth:`Profile.waits`, of a profile that was read from a file."""
    names = data["causes"]
    return [{**row, "cycles": dict(zip(names, row["cycles"])),
             "by_tasklet": {int(number): dict(zip(names, cycles))
                            for number, cycles in row["by_tasklet"].items()}}
            for row in data["waits"]]


def cycles_of(data: Dict[str, Any], by: str = "function") -> Dict[Any, Dict[str, int]]:
    """As :meth:`Profile.cycles`, of a profile that was read from a file."""
    keys: Dict[str, Callable[[Dict[str, Any]], Any]] = {
        "function": lambda row: data["functions"][row["function"]]["name"],
        "line": lambda row: (row.get("file"), row.get("line", 0)),
        "instruction": lambda row: row["pc"],
    }
    names = data["causes"]
    if by == "tasklet":
        return {int(number): dict(zip(names, cycles))
                for number, cycles in data["tasklets"].items()}
    if by not in keys:
        raise ValueError("by=%r: wanted function, line, instruction or tasklet" % (by,))
    sums: Dict[Any, Dict[str, int]] = {}
    for row in data["code"]:
        into = sums.setdefault(keys[by](row), dict.fromkeys(names, 0))
        for name, count in zip(names, row["cycles"]):
            into[name] += count
    return sums
