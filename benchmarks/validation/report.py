# SPDX-License-Identifier: MIT
"""The page docs/explanation/validation.md and the plots beside the figures."""
import itertools
import os
from typing import Any, Dict, List, Sequence

from validation.compare import Comparison

INTRODUCTION = """# How well the model fits the hardware

`make validate` writes this page. It runs equivalents of published micro-benchmarks and kernels in
cycle mode, checks every result, and compares with what was measured on real DPUs at 350 MHz. The
programs are ours ([micro](../../benchmarks/micro), [kernels](../../benchmarks/prim)), compiled by
our compiler with `-O2`; nothing is tuned per benchmark: the parameters are those that `dpusim
config` prints, and what they rest on is in [timing](timing.md).

The measurements come from published logs, tables and figures; the comment lines of
[tests/data/hardware](../../tests/data/hardware) say which and how sure each is. Every case that was
run, also those without a measurement, is in `build/validation.json`; plots are in
`build/validation/`.

Where the kernel measured is not ours to the instruction: VA and GEMV have the end of their inner
loop in the shape of the SDK's compiler of that time (inferred from its loop of RED, which is known,
and from the cycles per element); rows "own compiler" in the JSON file are the same kernels in plain
C. The way tasklets hand on their counts in SEL and SCAN-RSS follows the descriptions; the sources
measured may synchronise more or less often. Kernel times with launch contain 0.18 ms per launch
for the host, which differs from machine to machine.

Host transfers are estimates by a table that was fitted to the first two groups of them
([host.def](../../sim/host.def)): those groups say how well it fits, not how well it foretells. The
groups of other servers do: they differ by half and more, in both directions, as servers do.
"""


def _number(value: float) -> str:
    return "%.4g" % value if abs(value) < 1e6 else "{:,.0f}".format(value)


def page(comparisons: Sequence[Comparison]) -> str:
    """The page as text."""
    lines = [INTRODUCTION, "| figures | number | largest error | mean error | bar |",
             "|---|--:|--:|--:|--:|"]
    groups = [(group, list(rows)) for group, rows in
              itertools.groupby(comparisons, key=lambda row: row.group)]
    for group, rows in groups:
        errors = [abs(row.error_percent) for row in rows]
        bar = rows[0].bar_percent
        lines.append("| %s | %d | %.2f %% | %.2f %% | %s |" % (
            group, len(rows), max(errors), sum(errors) / len(errors),
            "none" if bar is None else "%g %%" % bar))
    for group, rows in groups:
        lines += ["", "## " + group, "", "| case | hardware | model | unit | error |",
                  "|---|--:|--:|---|--:|"]
        lines += ["| %s | %s | %s | %s | %+.2f %%%s |" % (
            row.case, _number(row.hardware), _number(row.model), row.unit, row.error_percent,
            "" if row.good else " (outside the bar)") for row in rows]
    return "\n".join(lines) + "\n"


def _lines_by(rows: Sequence[Dict[str, Any]], benchmark: str, quantity: str, across: str,
              by: Sequence[str]) -> Dict[str, List[Any]]:
    lines: Dict[str, List[Any]] = {}
    for row in rows:
        if row["benchmark"] == benchmark and row["quantity"] == quantity:
            label = " ".join(str(row[key]) for key in by)
            lines.setdefault(label, []).append((row[across], row["value"]))
    return lines


#: file, benchmark, quantity, unit, horizontal axis, one line per
PLOTS = (
    ("arithmetic", "arithmetic", "mops", "MOPS", "tasklets", ("dtype", "op")),
    ("wram_stream", "wram_stream", "mb_s", "MB/s", "tasklets", ("kernel",)),
    ("mram_latency", "mram_latency", "latency", "cycles", "bytes", ("direction",)),
    ("mram_stream", "mram_stream", "mb_s", "MB/s", "tasklets", ("kernel",)),
    ("mram_strided", "mram_strided", "mb_s", "MB/s", "stride", ("access", "tasklets")),
    ("mram_random", "mram_random", "mb_s", "MB/s", "tasklets", ()),
    ("operational_intensity", "operational_intensity", "mops", "MOPS", "op_per_byte",
     ("dtype", "op", "tasklets")),
)


def plot(directory: str, rows: Sequence[Dict[str, Any]], comparisons: Sequence[Comparison]) -> bool:
    """Write the plots; False without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "dpusim"  # the same bytes every time
    from matplotlib import pyplot
    os.makedirs(directory, exist_ok=True)
    for name, benchmark, quantity, unit, across, by in PLOTS:
        lines = _lines_by(rows, benchmark, quantity, across, by)
        if not lines:
            continue
        figure, axes = pyplot.subplots(figsize=(8, 5))
        for label, points in sorted(lines.items()):
            axes.plot(*zip(*sorted(points)), marker=".", label=label or benchmark)
        axes.set(xlabel=across, ylabel=unit, yscale="log" if len(lines) > 1 else "linear",
                 xscale="log" if across in ("bytes", "stride", "op_per_byte") else "linear")
        axes.legend(fontsize=6, ncol=2 + len(lines) // 24)
        _save(pyplot, figure, os.path.join(directory, name + ".svg"))
    figure, axes = pyplot.subplots(figsize=(8, 5))
    for group, found in itertools.groupby(comparisons, key=lambda row: row.group):
        errors = [row.error_percent for row in found]
        axes.plot(range(len(errors)), errors, ".-", label=group)
    axes.set(xlabel="figure", ylabel="model against hardware, %")
    axes.legend(fontsize=7)
    _save(pyplot, figure, os.path.join(directory, "errors.svg"))
    return True


def _save(pyplot: Any, figure: Any, path: str) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
