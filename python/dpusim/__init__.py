# SPDX-License-Identifier: MIT
"""Simulated DPUs without a host program.

    >>> import dpusim
    >>> program = dpusim.build('''
    ...         .section .text.__bootstrap, "ax", @progbits
    ...         .globl __bootstrap
    ... __bootstrap:
    ...         stop
    ... ''')
    >>> dpu = dpusim.Dpu(program, mode="cycle")
    >>> dpu.run().stop.name
    'DONE'
    >>> dpu.statistics()["instructions"]
    1

Programs come from assembly text and files (:func:`build`) or from ELF files (:meth:`Program.read`).
A :class:`Dpu` runs one: its memories are readable and writable, without copies if wanted; counters
are dictionaries and numpy arrays; faults carry their explanation and can be injected. For host
programs that drive sets of DPUs use the package ``dpu``.
"""
import os

if not os.path.exists(os.path.join(os.path.dirname(os.path.abspath(__file__)), "ffi.py")):
    raise ImportError("these are the sources of the Python packages, whose bindings are written by "
                      "`make`: use what it puts into build/python, e.g. after `. build/env.sh`")

from dpusim import ffi
from dpusim._native import BuildError, Error, Message, Status
from dpusim.calls import Through
from dpusim.campaign import Campaign, campaign, host_campaign
from dpusim.check import Finding, Site, StackUse
from dpusim.fault import Fault, FaultError, Frame
from dpusim.hooks import Transfer, Verdict
from dpusim.machine import (
    Dpu, Event, EventKind, Injection, Outcome, Statistic, Stop, Tasklet, metrics,
    statistics,
)
from dpusim.profile import Profile, causes
from dpusim.program import (
    Chip, Memory, Program, Section, Symbol, assemble, build, chips, link, split_address,
)
from dpusim.settings import Setting, Timing, host_seconds, settings, timing_parameters

__version__ = ffi.DPUSIM_VERSION
__all__ = [
    "BuildError", "Campaign", "Chip", "Dpu", "Error", "Event", "EventKind", "Fault",
    "FaultError", "Finding", "Frame", "Injection", "Memory", "Message", "Outcome", "Profile",
    "Program", "Section", "Setting", "Site", "StackUse", "Statistic", "Status", "Stop", "Symbol",
    "Tasklet", "Through", "Timing", "Transfer", "Verdict", "assemble", "build", "campaign",
    "causes", "chips", "host_campaign", "host_seconds", "link", "metrics", "settings",
    "split_address", "statistics", "timing_parameters",
]
