# SPDX-License-Identifier: MIT
"""Programs from sources, for ``load``: assembly by our assembler, C by a compiler. They are kept in
memory by content, so that the same sources are built once."""
import hashlib
import os
import re
import subprocess
import tempfile
from collections import OrderedDict
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import dpusim
from dpu import compiler
from dpu.errors import DpuBuildError, DpuTypeError

_MOST_KEPT = 32
_kept: "OrderedDict[str, bytes]" = OrderedDict()
_DEFINITION = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_STACK = re.compile(r"STACK_SIZE_TASKLET_(\d+)\Z")
#: A source that reads other files of the project is built anew each time.
_READS_FILES = re.compile(r'(?m)^\s*#\s*include\s*"|^\s*\.inc(lude|bin)\b')


class _Source:
    """One source: its text, and the path it has or the name it gets."""

    def __init__(self, given: Any, name: str) -> None:
        self.path: Optional[str] = None
        if hasattr(given, "read"):
            text = given.read()
            if not isinstance(text, str):
                raise DpuTypeError("read() of a source gave %s, not str: open the file as text"
                                   % type(text).__name__)
            self.text, self.name = text, name
        elif isinstance(given, (str, os.PathLike)):
            self.path = self.name = os.fspath(given)
            with open(given, encoding="utf-8", errors="surrogateescape") as file:
                self.text = file.read()
        else:
            raise DpuTypeError("a source is a path or an open text object, not %s"
                               % type(given).__name__)


def _sources(given: Any, suffix: str, first: int) -> List[_Source]:
    if given is None:
        return []
    items = given if isinstance(given, (list, tuple)) else [given]
    return [_Source(item, "src%d%s" % (first + number, suffix))
            for number, item in enumerate(items)]


def check_definitions(definitions: Mapping[str, Any], has_sources: bool) -> None:
    """Refuse keywords that can only be typing errors.

    Raises:
        TypeError: lower case, or nothing is built with it.
    """
    for name in definitions:
        if not has_sources:
            raise TypeError("unexpected keyword argument %r: nothing is built from source" % name)
        if not _DEFINITION.match(name):
            raise TypeError("unexpected keyword argument %r: macros are in capitals here; for "
                            "others use options=['-D%s=...']" % (name, name))


def build(c_source: Any, asm_source: Any, options: Sequence[str],
          definitions: Mapping[str, Any], version: str) -> bytes:
    """ELF image of sources for a chip version; see :meth:`dpu.driver.DpuSet.load`.

    Raises:
        DpuBuildError: errors in them. DpuCompilerNotFound: there is C and no compiler.
    """
    c_sources = _sources(c_source, ".c", 0)
    asm_sources = _sources(asm_source, ".S", len(c_sources))
    command = compiler.find_compiler() if c_sources else None
    if c_sources and command is None:
        raise compiler.not_found()
    key = _key(c_sources + asm_sources, options, definitions, command, version)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    if command is not None:
        image = _compile(command, c_sources + asm_sources, options, definitions, version)
    else:
        image = _assemble(asm_sources, options, definitions, version)
    if not any(_READS_FILES.search(source.text) for source in c_sources + asm_sources):
        _kept[key] = image
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return image


def _key(sources: List[_Source], options: Sequence[str], definitions: Mapping[str, Any],
         command: Optional[List[str]], version: str) -> str:
    parts = [repr((source.name, source.text)) for source in sources]
    parts += [repr(list(options)), repr(sorted(definitions.items())), repr(command),
              version]
    if command and os.path.exists(command[0]):
        parts.append(repr(os.stat(command[0]).st_mtime_ns))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


# ---- C ------------------------------------------------------------------------------------------


def _compile(command: List[str], sources: List[_Source], options: Sequence[str],
             definitions: Mapping[str, Any], version: str) -> bytes:
    words = ["-D%s=%s" % item if item[1] is not None else "-D" + item[0]
             for item in definitions.items()] + list(options)
    with tempfile.TemporaryDirectory(prefix="dpu-") as folder:
        paths = [source.path or _write(folder, source) for source in sources]
        output = os.path.join(folder, "main.dpu")
        try:
            compiler.Compiler(command, compiler.DPU_TARGET, version=version).compile(
                paths, output, options=words, opt_lvl=compiler.O2)
        except subprocess.CalledProcessError as problem:
            raise DpuBuildError(
                problem.returncode, problem.cmd, problem.output, problem.stderr) from problem
        with open(output, "rb") as file:
            return file.read()


def _write(folder: str, source: _Source) -> str:
    path = os.path.join(folder, source.name)
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(source.text)
    return path


# ---- assembly -----------------------------------------------------------------------------------


def _split_options(options: Sequence[str]) -> Tuple[Dict[str, Any], List[str], Dict[str, int]]:
    """Macros, include directories and linker symbols of a compiler's options."""
    macros: Dict[str, Any] = {}
    folders: List[str] = []
    symbols: Dict[str, int] = {}
    words = list(options)
    while words:
        word = words.pop(0)
        if word in ("-D", "-I") and words:
            word += words.pop(0)
        if word.startswith("-D"):
            name, _, value = word[2:].partition("=")
            macros[name] = value if "=" in word else None
        elif word.startswith("-I"):
            folders.append(word[2:])
        elif word.startswith("-Wl,--defsym="):
            name, _, value = word[len("-Wl,--defsym="):].partition("=")
            symbols[name] = int(value, 0)
        elif word not in ("-g", "-nostartfiles") and not word.startswith("-O"):
            raise ValueError("option %r means nothing to the assembler: it knows -D, -I and "
                             "-Wl,--defsym=NAME=VALUE" % word)
    return macros, folders, symbols


def _link_options(settings: Dict[str, Any]) -> Dict[str, Any]:
    """What the compiler driver turns into linker symbols: tasklets and stacks."""
    result: Dict[str, Any] = {
        "nr_tasklets": _number(settings, "NR_TASKLETS", 1),
        "stack_size": _number(settings, "STACK_SIZE_DEFAULT", 0), "stack_sizes": {}}
    for name in settings:
        match = _STACK.match(name)
        if match:
            result["stack_sizes"][int(match.group(1))] = _number(settings, name, 0)
    return result


def _number(settings: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = settings.get(name, otherwise)
    try:
        return int(str(value), 0)
    except ValueError:
        raise ValueError("%s=%r: wanted a number" % (name, value)) from None


def _assemble(sources: List[_Source], options: Sequence[str],
              definitions: Mapping[str, Any], version: str) -> bytes:
    macros, folders, symbols = _split_options(options)
    macros.update(definitions)
    settings: Dict[str, Any] = {**symbols, **macros}
    others = {name: value for name, value in symbols.items()
              if name != "NR_TASKLETS" and not name.startswith("STACK_SIZE_")}
    try:
        objects = [(source.name, _object(source, macros, folders, number))
                   for number, source in enumerate(sources)]
        return dpusim.link(*objects, chip=version, symbols=others, name="main.dpu",
                           **_link_options(settings)).image
    except dpusim.BuildError as problem:
        raise DpuBuildError(1, ["dpusim", "asm"] + [source.name for source in sources],
                            "", str(problem)) from problem


def _object(source: _Source, macros: Mapping[str, Any], folders: List[str], number: int) -> bytes:
    given: Any = source.path
    if given is None:
        given = _Text(source.text, source.name)
    return dpusim.assemble(given, defines=macros, include_dirs=folders, number=number)


class _Text:
    """Text with a name, as an open file has one."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name

    def read(self) -> str:
        return self.text
