# SPDX-License-Identifier: MIT
"""Studies: one program, many parameters, one table. The command ``dpusim sweep``.

The rows of a study are all combinations of its parameters, in a fixed order. Each row is a run of
its own; rows run side by side in processes of this machine, on a Dask cluster, or under MPI. The
table is written row by row, so a study that was interrupted goes on where it was: rows that are in
the table with the same parameters and the same program are not run again.
"""
import argparse
import concurrent.futures
import contextlib
import csv
import hashlib
import importlib
import itertools
import json
import os
import struct
import subprocess
import sys
import tempfile
from typing import (
    Any, Callable, Dict, Generator, Iterator, List, NamedTuple, Optional, Sequence, Tuple,
)

import dpusim

Row = Dict[str, str]


class SweepError(Exception):
    """The study is not possible; the text says why."""


# ---- parameters ---------------------------------------------------------------------------------


def values_of(text: str) -> List[str]:
    """The values that a text stands for.

    Commas divide; ``A..B`` counts up, ``A..B+S`` in steps, ``A..B*F`` multiplies.

    >>> values_of("1..4"), values_of("2,8..10"), values_of("0..20+10"), values_of("1..8*2")
    (['1', '2', '3', '4'], ['2', '8', '9', '10'], ['0', '10', '20'], ['1', '2', '4', '8'])
    """
    values: List[str] = []
    for item in text.split(","):
        first, dots, rest = item.partition("..")
        if not dots:
            values.append(item)
            continue
        factor, step = 1, 1
        if "*" in rest:
            rest, _, number = rest.partition("*")
            factor, step = int(number, 0), 0
        elif "+" in rest:
            rest, _, number = rest.partition("+")
            step = int(number, 0)
        value, last = int(first, 0), int(rest, 0)
        if factor == 1 and step < 1 or step == 0 and (factor < 2 or value < 1) or value > last:
            raise SweepError("%r: a range must grow: A..B, A..B+STEP, A..B*FACTOR" % item)
        while value <= last:
            values.append(str(value))
            value = value * factor + step
    return values


def _split(texts: Sequence[str], option: str) -> List[Tuple[str, List[str]]]:
    pairs = []
    for text in texts:
        name, equal, values = text.partition("=")
        if not equal or not name or not values:
            raise SweepError("--%s=%s: write --%s=NAME=VALUES" % (option, text, option))
        try:
            pairs.append((name, values_of(values)))
        except ValueError:
            raise SweepError("--%s=%s: a range has whole numbers" % (option, text)) from None
    return pairs


_LETTERS = {"u": {8: "B", 16: "H", 32: "I", 64: "Q"}, "i": {8: "b", 16: "h", 32: "i", 64: "q"},
            "x": {8: "B", 16: "H", 32: "I", 64: "Q"}, "f": {32: "f", 64: "d"}}


def pack_value(text: str, type_name: str, size: int) -> bytes:
    """Bytes of a value: a number of a type such as ``"i32"`` or ``"f64"``, or, without a type, of
    ``size`` bytes; ``@FILE``: those of a file.

    >>> pack_value("258", "", 4), pack_value("-1", "i16", 4), pack_value("0.5", "f32", 4)
    (b'\\x02\\x01\\x00\\x00', b'\\xff\\xff', b'\\x00\\x00\\x00?')
    """
    if text.startswith("@"):
        with open(text[1:], "rb") as file:
            return file.read()
    if not type_name:
        is_real = not text.lstrip("+-").lower().startswith("0x") and any(c in text for c in ".eE")
        type_name = ("f%d" if is_real else "i%d" if text.startswith("-") else "u%d") % (8 * size)
    try:
        letter = _LETTERS[type_name[0]][int(type_name[1:])]
        number = float(text) if type_name[0] == "f" else int(text, 0)
        return struct.pack("<" + letter, number)
    except (KeyError, ValueError, IndexError, struct.error):
        raise SweepError("%r is no value of type %s" % (text, type_name)) from None


# ---- one row ------------------------------------------------------------------------------------


class Job(NamedTuple):
    """What a run needs; travels to other processes and machines."""

    key: Tuple[str, ...]  #: the row's parameters
    image: bytes  #: program
    mode: str
    timing: Dict[str, str]
    symbols: Tuple[Tuple[str, str], ...]  #: name[:type], value
    dumps: Tuple[str, ...]  #: name[:type]
    max_instructions: int


def _place(dpu: dpusim.Dpu, place: str) -> Tuple[str, str, int]:
    name, _, type_name = place.partition(":")
    assert dpu.program is not None
    return name, type_name, dpu.program.symbol(name).size


def _dump(dpu: dpusim.Dpu, place: str) -> Any:
    name, type_name, size = _place(dpu, place)
    type_name = type_name or "u%d" % (8 * min(size, 8))
    letter = _LETTERS[type_name[0]][int(type_name[1:])]
    return struct.unpack("<" + letter, dpu.read(name, struct.calcsize(letter)))[0]


def _fill(dpu: dpusim.Dpu, job: Job) -> None:
    for place, value in job.symbols:
        name, type_name, size = _place(dpu, place)
        dpu.write(name, pack_value(value, type_name, size))


def _outcome_of(dpu: dpusim.Dpu, job: Job) -> Tuple[str, str]:
    """Status and message."""
    try:
        outcome = dpu.run(max_instructions=job.max_instructions)
    except dpusim.FaultError as error:
        return "fault", str(error).splitlines()[0]
    return ("done" if outcome.stop == dpusim.Stop.DONE else "limit"), ""


def evaluate(job: Job) -> Row:
    """Run one row; the results by column. What goes wrong stands in ``status`` and ``message``."""
    try:
        dpu = dpusim.Dpu(job.image, mode=job.mode, timing=job.timing)
        _fill(dpu, job)
        status, message = _outcome_of(dpu, job)
        row = {"status": status, "message": message,
               "seconds": "%.9g" % (dpu.cycles / dpu.clock_hz)}
        row.update((name, str(value)) for name, value in dpu.statistics().items())
        row.update((place, str(_dump(dpu, place))) for place in job.dumps)
        return row
    except (dpusim.Error, SweepError, OSError, KeyError, ValueError) as error:
        return {"status": "error", "message": str(error).replace("\n", "; ")}


# ---- programs -----------------------------------------------------------------------------------


def _compile(source: str, nr_tasklets: str, flags: Sequence[str]) -> bytes:
    from dpu.compiler import find_compiler
    compiler = find_compiler()
    if not compiler:
        raise SweepError("%s: no DPU compiler; set DPUSIM_DPU_CC or build dpusim's" % source)
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "kernel.elf")
        tasklets = ["-DNR_TASKLETS=" + nr_tasklets] if nr_tasklets else []
        command = compiler + tasklets + ["-O2", "-g", *flags, "-o", output, source]
        result = subprocess.run(command, stderr=subprocess.PIPE, universal_newlines=True)
        if result.returncode:
            raise SweepError("%s cannot be compiled: %s" % (source, result.stderr.strip()))
        with open(output, "rb") as file:
            return file.read()


def _link(objects: Sequence[str], nr_tasklets: str) -> bytes:
    images = []
    for path in objects:
        with open(path, "rb") as file:
            images.append((path, file.read()))
    program = dpusim.link(*images, nr_tasklets=int(nr_tasklets or "1"))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kernel.elf")
        program.save(path)
        with open(path, "rb") as file:
            return file.read()


def image_of(program: str, nr_tasklets: str, flags: Sequence[str]) -> bytes:
    """The executable: ``NAME.c`` is compiled, ``A.o+B.o`` linked, anything else read as it is."""
    if program.endswith(".c"):
        return _compile(program, nr_tasklets, flags)
    objects = program.split("+")
    if all(name.endswith((".o", ".a")) for name in objects):
        return _link(objects, nr_tasklets)
    if nr_tasklets:
        raise SweepError("%s is linked already: --nr-tasklets needs a source (NAME.c) or objects "
                         "(A.o+B.o)" % program)
    with open(program, "rb") as file:
        return file.read()


# ---- the study ----------------------------------------------------------------------------------


class Study:
    """All rows of a study, in order."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.timing = _split(options.timing, "timing")
        self.symbols = _split(options.set, "set")
        self.tasklets = values_of(options.nr_tasklets) if options.nr_tasklets else [""]
        self.options = options
        self.parameters = ["program", "program_id", "mode", "nr_tasklets"] + \
            [name for name, _ in self.timing] + [name for name, _ in self.symbols]
        if len(set(self.parameters)) != len(self.parameters):
            raise SweepError("a parameter is given twice")
        self.results = ["status", "message", "seconds"] + \
            [row.name for row in dpusim.statistics() if row.scope == "dpu"
             and (options.mode == "cycle" or not row.cycle_mode_only)] + list(options.dump)

    def jobs(self) -> Iterator[Job]:
        """The rows as jobs."""
        options = self.options
        lists = [values for _, values in self.timing + self.symbols]
        for program, nr_tasklets in itertools.product(options.programs, self.tasklets):
            image = image_of(program, nr_tasklets, options.cflag)
            identity = hashlib.sha256(image).hexdigest()[:12]
            for values in itertools.product(*lists):
                timing = dict(zip((name for name, _ in self.timing), values))
                symbols = zip((name for name, _ in self.symbols), values[len(self.timing):])
                yield Job((program, identity, options.mode, nr_tasklets, *values), image,
                          options.mode, timing, tuple(symbols), tuple(options.dump),
                          options.max_instructions)


class Table:
    """The file of results: a line is appended as soon as its row is known."""

    def __init__(self, path: str, study: Study) -> None:
        self.path = path
        self.columns = study.parameters + study.results
        self.width = len(study.parameters)
        self.rows: Dict[Tuple[str, ...], List[str]] = {}
        if os.path.exists(path) and os.path.getsize(path):
            self._read()
        self._write(list(self.rows.values()))
        self._file = open(path, "a", newline="")

    def _read(self) -> None:
        with open(self.path, newline="") as file:
            lines = list(csv.reader(file))
        if lines[0] != self.columns:
            raise SweepError("%s has other columns: it belongs to another study; choose another "
                             "file with -o" % self.path)
        for line in lines[1:]:
            if len(line) == len(self.columns):  # else: cut off
                self.rows[tuple(line[:self.width])] = line

    def _write(self, lines: Sequence[List[str]]) -> None:
        """The whole file at once."""
        with open(self.path + ".new", "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([self.columns, *lines])
        os.replace(self.path + ".new", self.path)

    def add(self, key: Tuple[str, ...], result: Row) -> None:
        """Append a row."""
        line = list(key) + [result.get(name, "") for name in self.columns[self.width:]]
        self.rows[key] = line
        csv.writer(self._file, lineterminator="\n").writerow(line)
        self._file.flush()

    def finish(self, keys: Sequence[Tuple[str, ...]]) -> None:
        """Put the rows into the order of the study; those of earlier ones come behind."""
        self._file.close()
        order = [key for key in keys if key in self.rows]
        wanted = set(keys)
        order += [key for key in self.rows if key not in wanted]
        self.rows = {key: self.rows[key] for key in order}
        self._write(list(self.rows.values()))

    def dictionaries(self) -> List[Row]:
        """The rows as dictionaries."""
        return [dict(zip(self.columns, line)) for line in self.rows.values()]


# ---- engines ------------------------------------------------------------------------------------

Results = Generator[Tuple[Job, Row], None, None]
Engine = Callable[[List[Job], argparse.Namespace], Results]


def _as_completed(pool: Any, jobs: List[Job], as_completed: Any) -> Results:
    futures = {pool.submit(evaluate, job): job for job in jobs}
    for future in as_completed(futures):
        yield futures[future], future.result()


def run_local(jobs: List[Job], options: argparse.Namespace) -> Results:
    """Processes of this machine."""
    if options.jobs == 1:
        for job in jobs:
            yield job, evaluate(job)
        return
    with concurrent.futures.ProcessPoolExecutor(options.jobs or None) as pool:
        yield from _as_completed(pool, jobs, concurrent.futures.as_completed)


def run_dask(jobs: List[Job], options: argparse.Namespace) -> Results:
    """A Dask cluster: that of --scheduler, else one on this machine."""
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise SweepError("--engine=dask needs python3-distributed") from None
    where = {"address": options.scheduler} if options.scheduler else \
        {"n_workers": options.jobs or os.cpu_count(), "threads_per_worker": 1,
         "dashboard_address": None}
    with distributed.Client(**where) as client:
        futures = {client.submit(evaluate, job, pure=False): job for job in jobs}
        for future in distributed.as_completed(futures):
            yield futures[future], future.result()


def run_mpi(jobs: List[Job], options: argparse.Namespace) -> Results:
    """The processes that mpirun started with ``python3 -m mpi4py.futures -m dpusim.sweep``."""
    try:
        futures: Any = importlib.import_module("mpi4py.futures")
    except ImportError:
        raise SweepError("--engine=mpi needs python3-mpi4py") from None
    with futures.MPIPoolExecutor(options.jobs or None) as pool:
        yield from _as_completed(pool, jobs, futures.as_completed)


ENGINES: Dict[str, Engine] = {"local": run_local, "dask": run_dask, "mpi": run_mpi}

# ---- the command --------------------------------------------------------------------------------


class Progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.shown = sys.stderr.isatty() and total > 0
        self.show()

    def show(self) -> None:
        if self.shown:
            full = 30 * self.done // self.total
            sys.stderr.write("\rdpusim sweep: [%s%s] %d of %d " % (
                "#" * full, "." * (30 - full), self.done, self.total))
            sys.stderr.flush()

    def step(self) -> None:
        self.done += 1
        self.show()

    def close(self) -> None:
        if self.shown:
            sys.stderr.write("\r\033[K")


def parser() -> argparse.ArgumentParser:
    """The command line, which the command's table of options also describes."""
    result = argparse.ArgumentParser(prog="dpusim sweep", allow_abbrev=False)
    result.add_argument("programs", nargs="+", metavar="PROGRAM")
    result.add_argument("--set", action="append", default=[], metavar="SYM=VALUES")
    result.add_argument("--timing", action="append", default=[], metavar="NAME=VALUES")
    result.add_argument("--nr-tasklets", metavar="VALUES")
    result.add_argument("--mode", choices=["cycle", "functional"], default="cycle")
    result.add_argument("--dump", action="append", default=[], metavar="SYM[:TYPE]")
    result.add_argument("--cflag", action="append", default=[], metavar="FLAG")
    result.add_argument("--max-instructions", type=int, default=0, metavar="N")
    result.add_argument("-o", "--output", default="sweep.csv", metavar="FILE")
    result.add_argument("--json", metavar="FILE")
    result.add_argument("--jobs", type=int, default=0, metavar="N")
    result.add_argument("--engine", choices=list(ENGINES), default="local")
    result.add_argument("--scheduler", metavar="ADDRESS")
    result.add_argument("-q", "--quiet", action="store_true")
    return result


def sweep(options: argparse.Namespace) -> List[Row]:
    """Run a study; returns the whole table.

    Args:
        options: as of ``parser().parse_args()``.
    Raises:
        SweepError, dpusim.Error, OSError: the study is not possible.
    """
    study = Study(options)
    jobs = list(study.jobs())
    table = Table(options.output, study)
    missing = [job for job in jobs if job.key not in table.rows]
    progress = Progress(0 if options.quiet else len(missing))
    try:
        with contextlib.closing(ENGINES[options.engine](missing, options)) as results:
            for job, row in results if missing else ():
                table.add(job.key, row)
                progress.step()
    finally:
        progress.close()
        table.finish([job.key for job in jobs])
    rows = table.dictionaries()
    if options.json:
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=1)
    mine = [table.rows[job.key] for job in jobs]
    at = table.columns.index("status")
    bad = sum(line[at] != "done" for line in mine)
    if not options.quiet:
        print("dpusim sweep: %d rows in %s, %d of them run now, %d not done"
              % (len(mine), options.output, len(missing), bad), file=sys.stderr)
    return rows


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """The command; returns its exit code."""
    options = parser().parse_args(arguments)
    try:
        sweep(options)
    except (SweepError, dpusim.Error, OSError) as error:
        print("dpusim sweep: error: %s" % error, file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("dpusim sweep: interrupted; the same command goes on with the rows that are missing",
              file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    from dpusim.sweep import main as importable_main  # so that jobs are known by this name
    sys.exit(importable_main())
