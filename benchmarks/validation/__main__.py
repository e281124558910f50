# SPDX-License-Identifier: MIT
"""Runs the cases, writes build/validation.json, the page of the documentation and the plots.

Exit status 1 when a figure is outside its bar or a kernel's result is wrong.
"""
import argparse
import concurrent.futures
import itertools
import json
import os
import sys
import threading
import time
from typing import Any, Dict, List

from validation import case, compare, host, micro, prim, report


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="validation", description=__doc__)
    parser.add_argument("--root", default=".", help="source tree")
    parser.add_argument("--build", default="build", help="build tree")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="cases at a time")
    parser.add_argument("--only", default="", metavar="WORDS",
                        help="cases whose columns hold all these words; docs/ stays as it is")
    parser.add_argument("--measured", action="store_true",
                        help="cases only that the hardware was measured for")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> List[case.Case]:
    """The cases to run."""
    words = options.only.split()
    wanted = compare.wanted(options.root)

    def text(one: case.Case) -> List[str]:
        return [one.benchmark, *map(str, one.columns.values())]
    return [one for one in itertools.chain(micro.cases(), prim.cases())
            if all(word in text(one) for word in words) and
            (not options.measured or wanted.asks_for(one.benchmark, one.columns))]


class Progress:
    """A line on a terminal, or a line now and then."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._lock = total, 0, threading.Lock()
        self._start = self._last = time.monotonic()

    def step(self, one: case.Case) -> None:
        """A case is done."""
        with self._lock:
            self._done += 1
            now = time.monotonic()
            terminal = sys.stderr.isatty()
            if not terminal and now - self._last < 30 and self._done != self._total:
                return
            self._last = now
            print("%s%d of %d cases, %.0f s  %s%s" % (
                "\r" if terminal else "", self._done, self._total, now - self._start, one.benchmark,
                "\x1b[K" if terminal else "\n"), end="", file=sys.stderr, flush=True)


def run_all(cases: List[case.Case], builder: case.Builder, jobs: int) -> List[Dict[str, Any]]:
    """Rows of all cases, in the cases' order."""
    progress = Progress(len(cases))

    def one(item: case.Case) -> List[case.Row]:
        rows = case.run(item, builder)
        progress.step(item)
        return rows

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        found = [row for rows in pool.map(one, cases) for row in rows]
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return found


def main() -> int:
    """Run it all."""
    options = arguments()
    cases = chosen(options)
    if not cases:
        print("validation: no case has all of: %s" % options.only, file=sys.stderr)
        return 2
    builder = case.Builder(options.root, os.path.join(options.build, "validation", "programs"),
                           os.path.join(options.build, "bin", "dpu-upmem-dpurte-clang"))
    rows = run_all(cases, builder, options.jobs)
    rows += compare.slopes(rows)
    if not options.only:
        rows += host.rows(rows)
    comparisons = compare.compare(options.root, rows)
    with open(os.path.join(options.build, "validation.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    if not options.only:
        with open(os.path.join(options.root, "docs", "explanation", "validation.md"), "w") as file:
            file.write(report.page(comparisons))
    if not report.plot(os.path.join(options.build, "validation"), rows, comparisons):
        print("no plots: matplotlib is not installed", file=sys.stderr)
    for row in comparisons:
        if options.only or not row.good:
            print("%s: %s: hardware %g, model %g %s, %+.2f %%%s" % (
                row.group, row.case, row.hardware, row.model, row.unit, row.error_percent,
                "" if row.good else "  FAIL"))
    failed = sum(not row.good for row in comparisons)
    print("%d passed, %d failed" % (len(comparisons) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
