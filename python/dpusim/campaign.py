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

    #: ``outcomes``, ``avf``, ``avf_by_site``, ``avf_by_function``; of a host program
    #: ``avf_by_dpu`` and ``avf_by_launch``, too
    summary: Dict[str, Any]
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


def _finish(line: List[str], behind: Sequence[str], output: Optional[str], folder: str,
            environment: Optional[Mapping[str, str]] = None) -> Campaign:
    """Runs the command; what it printed and the table."""
    from dpusim.plot import read_table  # not above: it is a program, too
    table = output or os.path.join(folder, "campaign.csv")
    done = subprocess.run(line + ["--output=" + table, "--", *behind], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True,
                          env=None if environment is None else {**os.environ, **environment})
    if done.returncode:
        raise Error(done.stderr.strip(), ffi.DPUSIM_BAD_ARGUMENT)
    return Campaign(json.loads(done.stdout), read_table(table))


def _line(runs: Optional[int], seed: int, hang: int, jobs: int, enumerate_all: bool, every: int,
          **lists: Sequence[str]) -> List[str]:
    line = [find_command(), "campaign", "--json", "--quiet", "--seed=%d" % seed, "--hang=%d" % hang,
            "--jobs=%d" % jobs]
    line += ["--runs=%d" % runs] if runs is not None else []
    line += ["--enumerate"] if enumerate_all else []
    line += ["--every=%d" % every] if every else []
    return line + ["--%s=%s" % (name.replace("_", "-"), item) for name, items in lists.items()
                   for item in items]


def campaign(program: Union[Program, str, "os.PathLike[str]"], *, inject: Sequence[str] = (),
             runs: Optional[int] = None, seed: int = 1, symbols: Optional[Mapping[str, str]] = None,
             results: Sequence[str] = (), detected_by: Sequence[str] = (),
             mode: str = "functional", hang: int = 10, jobs: int = 0, enumerate_all: bool = False,
             every: int = 0, output: Optional[str] = None) -> Campaign:
    """Run a program once as it is and many times with a fault, and count what came of it.

    Args:
        program: or the path of one.
        inject: specifications, which take turns; what they leave open is drawn for each run.
        runs: how many; default 1000. seed: of every draw.
        symbols: what ``--set`` writes before a run, e.g. ``{"n": "8192"}``.
        results: symbols that must be right in the end, as ``"sum:u64"``; default: all of the host,
            and MRAM.
        detected_by: ``"SYM=VALUE"``: the program has noticed.
        hang: a run of so many times the instructions of the golden one hangs.
        jobs: threads; 0: as many as processors. The result does not depend on it.
        enumerate_all: every injection that the specifications leave open instead of random ones;
            ``runs`` is the limit then, by default 100,000.
        every: with it, only every so many instructions (cycles in cycle mode).
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
        line = _line(runs, seed, hang, jobs, enumerate_all, every, mode=[mode], inject=inject,
                     set=["%s=%s" % item for item in (symbols or {}).items()], result=results,
                     detected_by=detected_by)
        return _finish(line, [path], output, folder)


def host_campaign(command: Sequence[str], *, inject: Sequence[str] = (),
                  runs: Optional[int] = None, seed: int = 1, files: Sequence[str] = (),
                  ignore: Sequence[str] = (), detected_by: Sequence[str] = (),
                  host_errors: Sequence[str] = (), mode: Optional[str] = None,
                  settings: Optional[Mapping[str, str]] = None, hang: int = 10,
                  timeout: float = 0.0, jobs: int = 0, enumerate_all: bool = False, every: int = 0,
                  output: Optional[str] = None,
                  environment: Optional[Mapping[str, str]] = None) -> Campaign:
    """The same with a host program, which is run as it is, in a process for each injection.

    Args:
        command: the program and its arguments; ``{}`` in one is a number of the process.
        inject: specifications, also of failures on the host's side; ``set=``, ``dpu=`` and
            ``launch=`` keep to some launches.
        files: what it writes and must be right, as ``"out-{}.bin:f32"``, besides its output.
        ignore: regular expressions of lines of the output that may differ.
        detected_by: ``"exit:STATUS"`` or ``"log:TEXT"``: the program has noticed.
        host_errors: texts in its output that tell of an error.
        settings: of the model, e.g. ``{"timing.wake_latency": "11"}``.
        timeout: seconds; a run that takes longer hangs.
        environment: variables of the program, besides those of this process.
    Others as of :func:`campaign`.

    Raises:
        Error: a specification is wrong, or the program cannot be run, launches nothing, fails by
            itself or does not give the same results twice.
    """
    with tempfile.TemporaryDirectory() as folder:
        line = _line(runs, seed, hang, jobs, enumerate_all, every, inject=inject, file=files,
                     ignore=ignore, detected_by=detected_by, host_error=host_errors,
                     mode=[mode] if mode else [], timeout=["%g" % timeout] if timeout else [],
                     set=["%s=%s" % item for item in (settings or {}).items()])
        return _finish(line, list(command), output, folder, environment)
