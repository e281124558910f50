# SPDX-License-Identifier: MIT
"""Compiling DPU programs: the compiler's command line.

The compiler is, first hit wins: ``DPUSIM_DPU_CC`` (a command; options allowed),
``dpu-upmem-dpurte-clang`` in the directory ``bin`` beside that of the library, the same in PATH.
"""
import ctypes
import functools
import glob
import os
import shlex
import shutil
import subprocess
import sys
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from dpu import ffi
from dpu.errors import DpuCompilerNotFound
from dpusim import _library

O0, O1, O2, O3, Os, Oz = "-O0", "-O1", "-O2", "-O3", "-Os", "-Oz"
DPU_TARGET = "dpu-upmem-dpurte"
COMPILER_NAME = "dpu-upmem-dpurte-clang"
_LAST_V1A_CHIP = 8


def find_compiler() -> Optional[List[str]]:
    """Command of the compiler, or None; see the module."""
    given = os.environ.get("DPUSIM_DPU_CC")
    if given:
        return shlex.split(given)
    library = os.path.realpath(_library.path_of(ffi.library))
    beside = os.path.join(os.path.dirname(os.path.dirname(library)), "bin", COMPILER_NAME)
    if os.access(beside, os.X_OK):
        return [beside]
    found = shutil.which(COMPILER_NAME)
    return [found] if found else None


#: The compiler found when the module was imported; its bare name when there was none.
DEFAULT_DPU_COMPILER = " ".join(find_compiler() or [COMPILER_NAME])


def getDpuArchVersion(target: Optional[str]) -> Optional[str]:
    """Chip version to compile for: ``"v1A"`` or ``"v1B"``; None for other targets.

    ``DPU_ARCH_VERSION`` decides, else the chip that the current profile gives.
    """
    if target != DPU_TARGET:
        return None
    description = ffi.dpu_description_t()
    if ffi.dpu_get_profile_description(None, ctypes.byref(description)) != ffi.DPU_OK:
        return os.environ.get("DPU_ARCH_VERSION") or "v1A"
    try:
        return version_of(description)
    finally:
        ffi.dpu_free_description(description)


def version_of(description: Any) -> str:
    """Chip version of a ``dpu_description_t``; ``DPU_ARCH_VERSION`` overrides it."""
    chip_id = description.contents.hw.signature.chip_id
    return os.environ.get("DPU_ARCH_VERSION") or ("v1B" if chip_id > _LAST_V1A_CHIP else "v1A")


class Compiler:
    """A compiler.

    Args:
        path: the program; a list when it has options of its own.
        target: default for :meth:`compile`.
        verbose: print each command line to stderr.
        version: chip version; by default that of :func:`getDpuArchVersion`.
    """

    def __init__(self, path: Union[str, Sequence[str]], target: Optional[str] = None,
                 verbose: bool = False, version: Optional[str] = None) -> None:
        self.path = path
        self.version = version
        self.target = target
        self.verbose = verbose

    def command(self, sources: Sequence[str], output: Optional[str] = None,
                includes: Sequence[str] = (), defines: Optional[Mapping[str, Any]] = None,
                options: Sequence[str] = (), target: Optional[str] = None,
                opt_lvl: Optional[str] = None, debug: bool = True) -> List[str]:
        """The command line that :meth:`compile` runs.

        >>> Compiler("cc").command(["a.c"], "a.out", ["inc"], {"N": 4, "X": None}, opt_lvl=O2)
        ['cc', '-O2', '-g', '-D', 'N=4', '-D', 'X', '-I', 'inc', 'a.c', '-o', 'a.out']
        """
        line = [self.path] if isinstance(self.path, str) else list(self.path)
        target = target or self.target
        if target:
            line.append("--target=" + target)
            version = self.version or getDpuArchVersion(target)
            line += ["-mcpu=" + version] if version else []
        line += ([opt_lvl] if opt_lvl else []) + (["-g"] if debug else [])
        for name, value in (defines or {}).items():
            line += ["-D", name if value is None else "%s=%s" % (name, value)]
        for folder in includes:
            line += ["-I", folder]
        line += [os.fspath(source) for source in sources] + list(options)
        return line + (["-o", output] if output else [])

    def compile(self, sources: Sequence[str], output: Optional[str] = None,
                includes: Sequence[str] = (), defines: Optional[Mapping[str, Any]] = None,
                options: Sequence[str] = (), target: Optional[str] = None,
                opt_lvl: Optional[str] = None, debug: bool = True,
                verbose: bool = False) -> "subprocess.CompletedProcess[str]":
        """Compile.

        Raises:
            subprocess.CalledProcessError: the compiler failed; its output is in ``stdout`` and
            ``stderr``. DpuCompilerNotFound (a FileNotFoundError): it is not there.
        """
        line = self.command(sources, output, includes, defines, options, target, opt_lvl, debug)
        if verbose or self.verbose:
            print(" ".join(shlex.quote(word) for word in line), file=sys.stderr)
        try:
            return subprocess.run(line, check=True, stdout=subprocess.PIPE, env=_environment(),
                                  stderr=subprocess.PIPE, universal_newlines=True)
        except FileNotFoundError as problem:
            raise not_found(line[0]) from problem


def identity(command: Sequence[str]) -> str:
    """What tells a compiler from the one that stood there before: its files and its version."""
    path = shutil.which(command[0]) or command[0]
    home = os.path.dirname(os.path.dirname(os.path.realpath(path)))
    parts = [path, os.path.join(home, "libexec", "dpusim", "dpu-cg")]
    parts += glob.glob(os.path.join(home, "share", "upmem", "lib", "*", "*"))
    return repr([_stamp_of(part) for part in sorted(parts)]) + _version_text(tuple(command))


def _stamp_of(path: str) -> Any:
    try:
        status = os.stat(path)
    except OSError:
        return path
    return path, status.st_size, status.st_mtime_ns


@functools.lru_cache(maxsize=None)
def _version_text(command: Tuple[str, ...]) -> str:
    try:
        return subprocess.run(
            list(command) + ["--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=_environment(), universal_newlines=True).stdout
    except OSError:
        return ""


def _environment() -> Dict[str, str]:
    """For the compiler. The variable has done its work: our own compiler would hand over to what it
    names, which may be that very compiler."""
    return {name: value for name, value in os.environ.items() if name != "DPUSIM_DPU_CC"}


def not_found(name: str = COMPILER_NAME) -> DpuCompilerNotFound:
    """The exception for a compiler that is not there; names the ways out."""
    return DpuCompilerNotFound(
        "no compiler for C sources: %s was not found. Build dpusim's own (`sh scripts/packages.sh "
        "compiler` installs clang-NN and llvm-NN-dev, then make), put %s into PATH, set "
        "DPUSIM_DPU_CC to a DPU C compiler, load a program that is compiled already (binary=), or "
        "write it in assembly (asm_source=)." % (name, COMPILER_NAME))
