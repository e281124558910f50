#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Coverage by layer, as gcovr counts it in a build for coverage.

    usage: show_coverage.py BUILD LINES BRANCHES

The first row is what the bars hold for, in per cent; exit status 1 below one of them.
"""
import json
import pathlib
import subprocess
import sys
from typing import Dict, List

BARRED = ["isa", "sim"]
LAYERS = [*BARRED, "driver", "tools", "compiler"]
KINDS = ["line", "branch"]


def files_of(build: pathlib.Path) -> List[Dict[str, object]]:
    """A row per source file."""
    command = ["gcovr", "--root", ".", "--object-directory", str(build / "obj"),
               "--exclude", "isa/gen_tables.c", "--json-summary"]
    for layer in LAYERS:
        command += ["--filter", f"{layer}/"]
    command += [str(build / "obj" / layer) for layer in LAYERS if (build / "obj" / layer).is_dir()]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    rows: List[Dict[str, object]] = json.loads(done.stdout)["files"]
    return rows


def share(rows: List[Dict[str, object]], layers: List[str], kind: str) -> float:
    """Per cent of the lines or branches of some layers."""
    own = [row for row in rows if str(row["filename"]).split("/", 1)[0] in layers]
    total = sum(int(str(row[f"{kind}_total"])) for row in own)
    return 100 * sum(int(str(row[f"{kind}_covered"])) for row in own) / max(total, 1)


def main() -> int:
    """The command."""
    build, bars = pathlib.Path(sys.argv[1]), [float(bar) for bar in sys.argv[2:4]]
    rows = files_of(build)
    print(f"{'layer':12}{'lines':>9}{'branches':>11}")
    for layers in [BARRED, *[[layer] for layer in LAYERS]]:
        lines, branches = (share(rows, layers, kind) for kind in KINDS)
        print(f"{' + '.join(layers):12}{lines:8.1f}%{branches:10.1f}%")
    short = [f"{kind} coverage {share(rows, BARRED, kind):.2f} %, wanted {bar:g} %"
             for kind, bar in zip(KINDS, bars) if share(rows, BARRED, kind) < bar]
    print("\n".join(short) if short else "above the bars")
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
