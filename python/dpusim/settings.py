# SPDX-License-Identifier: MIT
"""Everything that can be set by name: the machine, its timing, variants for studies, the host."""
import ctypes
import os
from typing import Any, Dict, Mapping, NamedTuple, Optional, Union

from dpusim import ffi
from dpusim._native import call, decode, encode, enumeration, texts
from dpusim.program import Memory, chip_number

MODES = ("functional", "cycle")
_HostKind = enumeration("_HostKind", "sim_host_kind", "SIM_HOST_")
_KINDS = {"copy": _HostKind.PUSH, "push": _HostKind.PUSH, "broadcast": _HostKind.BROADCAST,
          "launch": _HostKind.LAUNCH}
Settings = Optional[Mapping[str, Any]]
Config = Union[str, "os.PathLike[str]", None]


class Timing(NamedTuple):
    """A number of the model, in ``unit``."""

    name: str
    initial: float
    lowest: float
    highest: float
    unit: str
    evidence: str
    source: str
    meaning: str


class Setting(NamedTuple):
    """A setting in force."""

    value: str
    unit: str
    origin: str  #: ``"default"``, ``"settings"``, or file and line
    meaning: str


def timing_parameters() -> Dict[str, Timing]:
    """The numbers of the model by their short names.

    >>> import dpusim
    >>> dpusim.timing_parameters()["issue_spacing"].initial
    11.0
    """
    found = {}
    for number in range(ffi.SIM_TIMING_COUNT):
        row = ffi.sim_timing_get(number).contents
        values = {key: getattr(row, key) / row.scale for key in ("initial", "lowest", "highest")}
        text: Any = texts(row, "name", "unit", "evidence", "source", "meaning")
        found[text["name"]] = Timing(**values, **text)
    return found


def _text(value: Any) -> bytes:
    return encode(str(int(value)) if isinstance(value, bool) else str(value))


def _fill(config: Any, origins: Any, values: Settings, file: Config) -> None:
    """A file, then values."""
    if file is not None:
        call(ffi.sim_config_read_file, ctypes.byref(config), os.fsencode(file), origins)
    for name, value in (values or {}).items():
        call(ffi.sim_config_set, ctypes.byref(config), encode(name), _text(value), b"settings",
             origins)
    call(ffi.sim_config_check, ctypes.byref(config))


def configuration(chip: Optional[str] = None, mode: Optional[str] = None,
                  order_seed: Optional[int] = None, timing: Settings = None,
                  settings: Settings = None, config: Config = None) -> Any:
    """``struct sim_config`` from Python values; see :class:`dpusim.Dpu`."""
    row = ffi.struct_sim_config()
    ffi.sim_config_init(ctypes.byref(row))
    if mode is not None and mode not in MODES:
        raise ValueError("mode %r: wanted 'functional' or 'cycle'" % (mode,))
    _fill(row, None, settings, config)
    if mode is not None:
        row.mode = MODES.index(mode)
    if order_seed is not None:
        row.order_seed = order_seed
    if chip is not None:
        row.chip, row.follow_program = chip_number(chip), False
    for name, value in (timing or {}).items():
        call(ffi.sim_config_set_timing, ctypes.byref(row), encode(name), _text(value))
    return row


def settings(values: Settings = None, config: Config = None) -> Dict[str, Setting]:
    """What is in force, by full name.

    Args:
        values: settings that differ from the defaults, as :class:`dpusim.Dpu` takes them.
        config: file of settings, read first.
    Raises:
        Error: no such file or setting, or a bad value.

    >>> import dpusim
    >>> dpusim.settings({"study.dma_engines": 2})["study.dma_engines"]
    Setting(value='2', unit='engines', origin='settings', meaning='DMA engines; a transfer goes...
    """
    row, origins = ffi.struct_sim_config(), ffi.struct_sim_origins()
    ffi.sim_config_init(ctypes.byref(row))
    ffi.sim_origins_init(ctypes.byref(origins))
    _fill(row, ctypes.byref(origins), values, config)
    found, text = {}, ctypes.create_string_buffer(64)
    for number in range(ffi.SIM_SETTING_COUNT):
        ffi.sim_setting_text(ctypes.byref(row), number, text, len(text))
        unit = decode(ffi.sim_timing_get(number).contents.unit) \
            if number < ffi.SIM_TIMING_COUNT else ""
        found[decode(ffi.sim_setting_name(number))] = Setting(
            decode(text.value), unit, decode(bytes(origins.text[number]).split(b"\0")[0]),
            decode(ffi.sim_setting_meaning(number)))
    return found


def host_seconds(kind: str, dpus: int = 1, size: int = 0, *, to_dpu: bool = True,
                 memory: Any = Memory.MRAM, settings: Settings = None,
                 config: Config = None) -> float:
    """Estimate of what a call of a host program takes on a server with UPMEM's DIMMs.

    Args:
        kind: ``"push"`` (a buffer for each DPU), ``"broadcast"``, ``"copy"`` (one DPU after
            another) or ``"launch"`` (what comes on top of the time of the slowest DPU).
        dpus: that take part.
        size: bytes for each of them.
        to_dpu: or from it.
        memory: a :class:`dpusim.Memory`.
        settings, config: as for :class:`dpusim.Dpu`; those of section ``host`` count.
    Returns:
        Seconds; fitted to one server, another one may well be off by half.
    Raises:
        ValueError: unknown kind.

    >>> import dpusim
    >>> round(dpusim.host_seconds("push", dpus=64, size=1 << 20) * 1e3, 1)  # milliseconds
    5.9
    """
    if kind not in _KINDS:
        raise ValueError("kind %r: wanted %s" % (kind, ", ".join(_KINDS)))
    row = configuration(settings=settings, config=config)
    copies = dpus if kind == "copy" else 1
    what = ffi.struct_sim_host_call(_KINDS[kind], memory, to_dpu, dpus // copies, size)
    return float(copies * ffi.sim_host_seconds(ctypes.byref(row), ctypes.byref(what)))
