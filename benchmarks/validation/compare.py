# SPDX-License-Identifier: MIT
"""The model's figures beside the hardware's. The tables lie in tests/data/hardware; their comment
lines say how each figure was measured."""
import dataclasses
import os
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

import numpy as np

Row = Dict[str, Any]


@dataclasses.dataclass
class Comparison:
    """One figure."""

    group: str  #: heading of the report
    case: str
    hardware: float
    model: float
    unit: str
    bar_percent: Optional[float]  #: None: no bar applies; only reported

    @property
    def error_percent(self) -> float:
        """Model against hardware."""
        return 100 * (self.model / self.hardware - 1)

    @property
    def good(self) -> bool:
        """Within its bar."""
        return self.bar_percent is None or abs(self.error_percent) <= self.bar_percent


def read_table(root: str, name: str) -> List[Dict[str, str]]:
    """Rows of a table by column name."""
    with open(os.path.join(root, "tests", "data", "hardware", name + ".tsv")) as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


class Figures:
    """The model's rows, to look up."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def find(self, benchmark: str, quantity: str, **columns: Any) -> Optional[float]:
        """Value of the row; None when its case was not run."""
        for row in self._rows:
            if row["benchmark"] == benchmark and row["quantity"] == quantity and all(
                    row.get(key) == value for key, value in columns.items()):
                return float(row["value"])
        return None

    def all(self, benchmark: str, quantity: str, **columns: Any) -> List[Row]:
        """Every such row."""
        return [row for row in self._rows if row["benchmark"] == benchmark and
                row["quantity"] == quantity and
                all(row.get(key) == value for key, value in columns.items())]



def _add_logs(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    for row in read_table(root, "arith_add_vs_tasklets"):
        yield ("%s ADD, %s tasklets" % (row["dtype"], row["tasklets"]), float(row["cycles"]),
               figures.find("arithmetic", "cycles", dtype=row["dtype"], op="ADD",
                            tasklets=int(row["tasklets"])), "cycles")


def _saturated(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    for row in read_table(root, "arith_saturated"):
        yield ("%s %s" % (row["dtype"], row["op"]), float(row["mops"]),
               figures.find("arithmetic", "mops", dtype=row["dtype"], op=row["op"], tasklets=16),
               "MOPS")


def _wram(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    for row in read_table(root, "wram_stream"):
        yield (row["kernel"], float(row["mb_s"]),
               figures.find("wram_stream", "mb_s", kernel=row["kernel"],
                            tasklets=int(row["tasklets"])), "MB/s")


def _latency(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    hardware = {row["quantity"]: row["value"] for row in read_table(root, "mram_latency")}

    def latency(direction: str, size: int) -> Optional[float]:
        return figures.find("mram_latency", "latency", direction=direction, bytes=size)

    for direction in "read", "write":
        small, large = latency(direction, 8), latency(direction, 1024)
        if small is not None and large is not None:
            beta = (large - small) / (1024 - 8)
            yield ("alpha, " + direction, float(hardware["alpha_" + direction]), small - 8 * beta,
                   "cycles")
            yield "beta, " + direction, float(hardware["beta"]), beta, "cycles/byte"
    yield ("read of 2048 bytes", float(hardware["sustained_read_2048B"]),
           figures.find("mram_latency", "bandwidth", direction="read", bytes=2048), "MB/s")
    read, write = latency("read", 1024), latency("write", 1024)
    if read is not None and write is not None:
        yield ("read and write of 1024 bytes", float(hardware["read_plus_write_1024B"]),
               read + write, "cycles")


def _bandwidth(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    hardware = {row["benchmark"]: float(row["value"]) for row in read_table(root, "mram_bandwidth")
                if row["quantity"] == "saturated bandwidth"}
    yield ("STREAM COPY-DMA", hardware["STREAM COPY-DMA"],
           figures.find("mram_stream", "mb_s", kernel="COPY-DMA", tasklets=16), "MB/s")
    yield ("random, 8 bytes", hardware["FINE-GRAINED STRIDED / RANDOM"],
           figures.find("mram_random", "mb_s", tasklets=16), "MB/s")


class Wanted(Figures):
    """Nothing yet: notes what the tables ask for."""

    def __init__(self) -> None:
        super().__init__(())
        self._asked: List[Dict[str, Any]] = []

    def find(self, benchmark: str, quantity: str, **columns: Any) -> Optional[float]:
        self._asked.append({"benchmark": benchmark, **columns})
        return None

    def all(self, benchmark: str, quantity: str, **columns: Any) -> List[Row]:
        self._asked.append({"benchmark": benchmark, **columns})
        return []

    def asks_for(self, benchmark: str, columns: Mapping[str, Any]) -> bool:
        """Does a figure of the hardware need this case?"""
        case = {"benchmark": benchmark, **columns}
        return any(asked.items() <= case.items() for asked in self._asked)


def wanted(root: str) -> Wanted:
    """The cases that have a figure to compare with."""
    found = Wanted()
    for _, _, source in GROUPS:
        for _ in source(root, found):
            pass
    return found


def slope(figures: Figures, benchmark: str, dpus: int) -> Optional[float]:
    """Cycles per unit of param/dpus, by least squares."""
    points = sorted((row["param"] / dpus, row["value"])
                    for row in figures.all(benchmark, "cycles", dpus=dpus))
    if len(points) < 2:
        return None
    return float(np.polyfit([work for work, _ in points], [cycles for _, cycles in points], 1)[0])


def _slopes(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    for row in read_table(root, "prim_kernels_fit"):
        yield ("%s, %s DPUs" % (row["benchmark"], row["dpus"]),
               float(row["cycles_per_unit_at_350MHz"]),
               slope(figures, row["benchmark"], int(row["dpus"])), "cycles/unit")


def _kernels(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    for row in read_table(root, "prim_kernels"):
        yield ("%s, %s DPUs, %s" % (row["benchmark"], row["dpus"], row["param"]),
               float(row["kernel_ms"]),
               figures.find(row["benchmark"], "kernel_ms", dpus=int(row["dpus"]),
                            param=int(row["param"])), "ms")


def _push(memory: str, least: int, most: int) -> "Source":
    def source(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
        for row in read_table(root, "host_xfer_push_" + memory.lower()):
            size = int(row["bytes_per_dpu"])
            if least <= size <= most:
                yield ("%s, %s DPUs, %d B each" % (row["direction"], row["dpus"], size),
                       float(row["us"]),
                       figures.find("host_xfer", "us", mode="parallel", memory=memory,
                                    direction=row["direction"], dpus=int(row["dpus"]),
                                    bytes_per_dpu=size), "us")
    return source


def _host_paper(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    for row in read_table(root, "host_xfer_prim"):
        yield ("%s, %s, %s DPUs, 32 MB each" % (row["mode"], row["direction"], row["dpus"]),
               float(row["gb_s"]),
               figures.find("host_xfer", "gb_s", mode=row["mode"], memory="MRAM",
                            direction=row["direction"], dpus=int(row["dpus"]),
                            bytes_per_dpu=1 << 25), "GB/s")
    for row in read_table(root, "host_launch"):
        if row["quantity"].startswith("synchronous launch") and "SDK" in row["quantity"]:
            yield ("launch, 256 DPUs", float(row["value"]),
                   figures.find("host_launch", "launch", dpus=256), "s")


def _host_other(root: str, figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    for row in read_table(root, "host_xfer_4ranks"):
        dpus, size = int(row["dpus"]), int(row["total_bytes"]) // int(row["dpus"])
        yield ("%s, %d DPUs, %d B each" % (row["direction"], dpus, size),
               float(row["sdk_s"]) * 1e6,
               figures.find("host_xfer", "us", mode="parallel", memory="MRAM",
                            direction=row["direction"], dpus=dpus, bytes_per_dpu=size), "us")


def _host_kernels(root: str,
                  figures: Figures) -> Iterator[Tuple[str, float, Optional[float], str]]:
    for row in read_table(root, "prim_kernels"):
        for quantity in "to_dpu_ms", "from_dpu_ms":
            yield ("%s, %s DPUs, %s, %s" % (row["benchmark"], row["dpus"], row["param"],
                                            quantity[:-3]), float(row[quantity]),
                   figures.find(row["benchmark"], quantity, dpus=int(row["dpus"]),
                                param=int(row["param"])), "ms")


Source = Callable[[str, Figures], Iterator[Tuple[str, float, Optional[float], str]]]
#: heading, largest error allowed in percent, where the figures come from
GROUPS: Sequence[Tuple[str, Optional[float], Source]] = (
    ("Arithmetic: cycles of the timed region of ADD", 1.0, _add_logs),
    ("Arithmetic: throughput at 16 tasklets", 2.0, _saturated),
    ("STREAM in WRAM, 16 tasklets", 2.0, _wram),
    ("Latency of transfers, one tasklet", 2.0, _latency),
    ("Bandwidth of transfers, 16 tasklets", 2.0, _bandwidth),
    ("Kernels: cycles per unit of work", 10.0, _slopes),
    ("Kernels: time with launch", None, _kernels),
    ("Host transfers (estimate): parallel, MRAM", 30.0, _push("MRAM", 0, 1 << 25)),
    ("Host transfers (estimate): parallel, WRAM", 30.0, _push("WRAM", 64, 1 << 16)),
    ("Host transfers (estimate): parallel, WRAM, up to 32 B", None, _push("WRAM", 0, 32)),
    ("Host transfers (estimate) of the PrIM paper, launch", 30.0, _host_paper),
    ("Host transfers (estimate): another server, 4 ranks", None, _host_other),
    ("Host transfers (estimate): another server, kernels", None, _host_kernels),
)


def compare(root: str, rows: Sequence[Row]) -> List[Comparison]:
    """Every figure that the hardware's tables and the model's rows both have."""
    figures = Figures(rows)
    return [Comparison(group, case, hardware, model, unit, bar)
            for group, bar, source in GROUPS
            for case, hardware, model, unit in source(root, figures) if model is not None]


def slopes(rows: Sequence[Row]) -> List[Row]:
    """A row per kernel and number of DPUs: cycles per unit of work."""
    figures, found = Figures(rows), []
    for benchmark, dpus in sorted({(row["benchmark"], row["dpus"]) for row in rows
                                   if "param" in row}):
        value = slope(figures, benchmark, dpus)
        if value is not None:
            found.append({"benchmark": benchmark, "dpus": dpus,
                          "quantity": "cycles_per_unit_at_350MHz", "value": value,
                          "unit": "cycles"})
    return found
