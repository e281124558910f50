# SPDX-License-Identifier: MIT
"""Campaigns of fault injections: ``dpusim campaign`` from Python.

    >>> import dpusim
    >>> program = dpusim.build('''
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
    ... n:      .word 41
    ...         .size n, 4
    ... ''')
    >>> result = dpusim.campaign(program, inject=["flip1:at=n,bit=3,total=1"], runs=5)
    >>> result.summary["outcomes"]["corrupt"]["count"], result.rows[0]["magnitude"]
    (5, 8)
"""
import json
import os
import shutil
import subprocess
import tempfile
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Union

from dpusim import _library, ffi
from dpusim._native import Error
from dpusim.program import Program

try:
    import numpy
except ImportError:  # lists then
    numpy = None  # type: ignore[assignment]


class Campaign(NamedTuple):
    """What came of a campaign."""

    summary: Dict[str, Any]  #: ``outcomes``, ``avf``, ``avf_by_site``, ``avf_by_function``
    rows: List[Dict[str, Any]]  #: columns of the table, one for each run

    def column(self, name: str) -> Any:
        """A column as a numpy array of shape (runs,); a list without numpy."""
        values = [row[name] for row in self.rows]
        return values if numpy is None else numpy.array(values)


def find_command() -> str:
    """The command ``dpusim``: beside the library, else in PATH.

    Raises:
        FileNotFoundError: it is in neither.
    """
    library = os.path.realpath(_library.path_of(ffi.library))
    beside = os.path.join(os.path.dirname(os.path.dirname(library)), "bin", "dpusim")
    found = beside if os.access(beside, os.X_OK) else shutil.which("dpusim")
    if not found:
        raise FileNotFoundError("no command dpusim beside %s nor in PATH" % library)
    return found


def campaign(program: Union[Program, str, "os.PathLike[str]"], *, inject: Sequence[str] = (),
             runs: int = 1000, seed: int = 1, symbols: Optional[Mapping[str, str]] = None,
             results: Sequence[str] = (), detected_by: Sequence[str] = (),
             mode: str = "functional", hang: int = 10, jobs: int = 0,
             output: Optional[str] = None) -> Campaign:
    """Run a program once as it is and many times with a fault, and count what came of it.

    Args:
        program: or the path of one.
        inject: specifications, which take turns; what they leave open is drawn for each run.
        runs: how many. seed: of every draw.
        symbols: what ``--set`` writes before a run, e.g. ``{"n": "8192"}``.
        results: symbols that must be right in the end, as ``"sum:u64"``; default: all of the host,
            and MRAM.
        detected_by: ``"SYM=VALUE"``: the program has noticed.
        hang: a run of so many times the instructions of the golden one hangs.
        jobs: threads; 0: as many as processors. The result does not depend on it.
        output: the table, which an interrupted campaign goes on from; default: none is kept.
    Raises:
        Error: a specification is wrong, or the program does not end well by itself.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program.elf")
        if isinstance(program, Program):
            program.save(path)
        else:
            path = os.fspath(program)
        table = output or os.path.join(folder, "campaign.csv")
        line = [find_command(), "campaign", "--json", "--quiet", "--runs=%d" % runs,
                "--seed=%d" % seed, "--mode=" + mode, "--hang=%d" % hang, "--jobs=%d" % jobs,
                "--output=" + table]
        line += ["--set=%s=%s" % item for item in (symbols or {}).items()]
        line += ["--inject=" + item for item in inject]
        line += ["--result=" + item for item in results]
        line += ["--detected-by=" + item for item in detected_by]
        done = subprocess.run(line + ["--", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              universal_newlines=True)
        from dpusim.plot import read_table  # not above: it is a program, too
        if done.returncode:
            raise Error(done.stderr.strip(), ffi.DPUSIM_BAD_ARGUMENT)
        return Campaign(json.loads(done.stdout), read_table(table))
