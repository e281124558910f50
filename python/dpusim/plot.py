# SPDX-License-Identifier: MIT
"""Plots of sweeps and profiles with matplotlib, from Python or as a command::

    python3 -m dpusim.plot results.csv --x nr_tasklets --y cycles --by n -o cycles.svg
    python3 -m dpusim.plot profile.json -o causes.svg
    python3 -m dpusim.plot campaign.csv --by function -o campaign.svg

Every function returns a matplotlib figure and, with ``path``, writes it to a file.
"""
import argparse
import csv
import importlib
import json
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from dpusim.profile import cycles_of

#: Colours of the causes, as in the report.
COLOURS = {"issued": "#2a8f5b", "spin": "#b5562d", "spacing": "#b9c3cf", "contended": "#e3a72f",
           "dma": "#3f7fc1", "dma_queue": "#7d5fb2", "hazard": "#cc3f55", "stopped": "#eceff2",
           "drain": "#9aa5b1"}


def _pyplot() -> Any:
    return importlib.import_module("matplotlib.pyplot")


def _figure() -> Tuple[Any, Any]:
    try:
        matplotlib: Any = importlib.import_module("matplotlib")
    except ImportError:
        raise ImportError("dpusim.plot needs matplotlib: sh scripts/packages.sh plot, or install "
                          "python3-matplotlib") from None
    matplotlib.use("Agg", force=False)
    figure, axes = _pyplot().subplots(figsize=(8, 5))
    axes.grid(True, alpha=0.3)
    return figure, axes


def _save(figure: Any, path: Optional[str]) -> Any:
    figure.tight_layout()
    if path:
        figure.savefig(path)
    _pyplot().close(figure)
    return figure


def value_of(text: str) -> Any:
    """A cell of a table: int, float, or the text itself.

    >>> value_of("12"), value_of("0x10"), value_of("1.5"), value_of("a.elf")
    (12, 16, 1.5, 'a.elf')
    """
    kinds: Tuple[Callable[[str], Any], ...] = (lambda t: int(t, 0), float)
    for kind in kinds:
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def read_table(path: str) -> List[Dict[str, Any]]:
    """Rows of a table that ``dpusim sweep`` wrote; a row that is cut off is left out."""
    with open(path, newline="") as file:
        return [{key: value_of(value) for key, value in row.items()}
                for row in csv.DictReader(file) if None not in row and None not in row.values()]


def lines(rows: Sequence[Dict[str, Any]], x: str, y: str, by: Optional[str] = None,
          path: Optional[str] = None, log: str = "") -> Any:
    """One line per value of ``by``: column ``y`` over column ``x`` of the rows that are done.

    Args:
        rows: as of :func:`read_table`.
        log: axes with a logarithmic scale: ``"x"``, ``"y"`` or ``"xy"``.
    Raises:
        KeyError: no such column; the text has those that there are.
    """
    for column in (x, y, by):
        if column and rows and column not in rows[0]:
            raise KeyError("no column %r; there are %s" % (column, ", ".join(rows[0])))
    groups: Dict[Any, List[Tuple[Any, Any]]] = {}
    for row in rows:
        if row.get("status", "done") == "done":
            groups.setdefault(row[by] if by else "", []).append((row[x], row[y]))
    figure, axes = _figure()
    for name, points in groups.items():
        points.sort()
        axes.plot(*zip(*points), marker="o", label="%s = %s" % (by, name) if by else None)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if "x" in log:
        axes.set_xscale("log", base=2)
    if "y" in log:
        axes.set_yscale("log")
    if by:
        axes.legend()
    return _save(figure, path)


def causes(profile: Dict[str, Any], by: str = "tasklet", most: int = 24,
           path: Optional[str] = None) -> Any:
    """Stacked bars: cycles by cause, of each tasklet, function or line (the ``most`` largest).

    Args:
        profile: of :meth:`dpusim.Profile.data`, or read from a file.
    """
    table = cycles_of(profile, by)
    if by != "tasklet":
        wanted = sorted(table, key=lambda key: -sum(table[key].values()))[:most]
        table = {key: table[key] for key in wanted}
    figure, axes = _figure()
    names = [":".join(map(str, key)).rsplit("/", 1)[-1] if isinstance(key, tuple) else str(key)
             for key in table]
    below = [0] * len(names)
    for cause in profile["causes"]:
        heights = [row[cause] for row in table.values()]
        if any(heights):
            axes.bar(names, heights, bottom=below, label=cause, color=COLOURS.get(cause))
            below = [a + b for a, b in zip(below, heights)]
    axes.set_xlabel(by)
    axes.set_ylabel("cycles")
    axes.tick_params(axis="x", rotation=0 if by == "tasklet" else 60)
    axes.legend()
    return _save(figure, path)


def wilson(hits: int, runs: int) -> Tuple[float, float]:
    """Interval of a share at 95 %, as ``dpusim campaign`` prints it.

    >>> ["%.4f" % end for end in wilson(10, 100)]
    ['0.0552', '0.1744']
    """
    if not runs:
        return 0.0, 1.0
    share, z2 = hits / runs, 1.959963984540054 ** 2
    middle = (share + z2 / (2 * runs)) / (1 + z2 / runs)
    half = (z2 * (share * (1 - share) / runs + z2 / (4 * runs * runs))) ** 0.5 / (1 + z2 / runs)
    return max(0.0, middle - half) if hits else 0.0, min(1.0, middle + half) if hits < runs else 1.0


def campaign(rows: Sequence[Dict[str, Any]], by: str = "function",
             path: Optional[str] = None) -> Any:
    """Stacked bars: outcomes of a fault campaign by ``function``, ``site``, ``tasklet``, ``dpu`` or
    ``launch``, with the 95 % interval of the share that was not masked.

    Args:
        rows: of the table of ``dpusim campaign``, as of :func:`read_table`.
    """
    counts: Dict[str, Dict[str, int]] = {}
    for row in rows:
        if row["outcome"] != "missed":
            group = counts.setdefault(str(row[by]), {})
            group[row["outcome"]] = group.get(row["outcome"], 0) + 1
    names = sorted(counts)
    runs = [sum(counts[name].values()) for name in names]
    figure, axes = _figure()
    below = [0.0] * len(names)
    for outcome in sorted({key for group in counts.values() for key in group} - {"masked"}):
        heights = [counts[name].get(outcome, 0) / n for name, n in zip(names, runs)]
        axes.bar(names, heights, bottom=below, label=outcome)
        below = [a + b for a, b in zip(below, heights)]
    ends = [wilson(round(share * n), n) for share, n in zip(below, runs)]
    down = [max(0.0, share - low) for share, (low, _) in zip(below, ends)]
    up = [max(0.0, high - share) for share, (_, high) in zip(below, ends)]
    axes.errorbar(names, below, yerr=[down, up], fmt="none", ecolor="black", capsize=4)
    axes.set_xlabel(by)
    axes.set_ylabel("share of injections")
    axes.legend()
    return _save(figure, path)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m dpusim.plot", description="Plot a table of "
                                     "dpusim sweep, or the causes of a profile in JSON.")
    parser.add_argument("file", help="results.csv or profile.json")
    parser.add_argument("-o", "--output", default="plot.svg", help="default: plot.svg")
    parser.add_argument("--x", default="nr_tasklets", help="column of the horizontal axis")
    parser.add_argument("--y", default="cycles", help="column of the vertical axis")
    parser.add_argument("--by", help="column with a line for each value; of a profile: tasklet, "
                        "function or line")
    parser.add_argument("--log", default="", choices=["", "x", "y", "xy"])
    options = parser.parse_args(arguments)
    try:
        if options.file.endswith(".json"):
            with open(options.file) as file:
                causes(json.load(file), options.by or "tasklet", path=options.output)
        else:
            rows = read_table(options.file)
            if rows and "outcome" in rows[0]:
                campaign(rows, options.by or "function", options.output)
            else:
                lines(rows, options.x, options.y, options.by, options.output, options.log)
    except (OSError, KeyError, ValueError, ImportError) as error:
        print("dpusim.plot: error: %s" % (error.args[0] if isinstance(error, KeyError) else error),
              file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
