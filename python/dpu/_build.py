# SPDX-License-Identifier: MIT
"""Programs from sources, for ``load``: assembly by our assembler, C by a compiler. They are kept in
memory by content, so that the same sources are built once."""
import hashlib
import os
import re
import shlex
import subprocess
import tempfile
import threading
from collections import OrderedDict
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import dpusim
from dpu import compiler
from dpu.errors import DpuBuildError, DpuTypeError

_MOST_KEPT = 32
_DEFINITION = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_STACK = re.compile(r"STACK_SIZE_TASKLET_(\d+)\Z")
#: A str that is program text and no path.
_TEXT = re.compile(r"[\n{;]")
_QUOTED_INCLUDE = re.compile(r'(?m)^\s*#\s*include\s*"')
#: Directives that read files the list of dependencies does not have.
_READS_FILES = re.compile(r"\.inc(lude|bin)\b")


class _Source:
    """One source: its text, and the path it has or the name it gets."""

    def __init__(self, given: Any, name: str) -> None:
        self.path: Optional[str] = None
        self.name = name
        if hasattr(given, "read"):
            self.text = _read(given)
        elif isinstance(given, str) and _TEXT.search(given) and not os.path.exists(given):
            self.text = given
        elif isinstance(given, (str, os.PathLike)):
            self.path = self.name = os.fspath(given)
            with open(given, encoding="utf-8", errors="surrogateescape") as file:
                self.text = file.read()
        else:
            raise DpuTypeError("a source is a path, text or an open text object, not %s"
                               % type(given).__name__)


def _read(given: Any) -> str:
    text = given.read()
    if not isinstance(text, str):
        raise DpuTypeError("read() of a source gave %s, not str: open the file as text"
                           % type(text).__name__)
    return text


def _sources(given: Any, suffix: str, first: int) -> List[_Source]:
    if given is None:
        return []
    items = given if isinstance(given, (list, tuple)) else [given]
    return [_Source(item, "src%d%s" % (first + number, suffix))
            for number, item in enumerate(items)]


# ---- keywords of load ---------------------------------------------------------------------------


class Settings(NamedTuple):
    """How sources are built."""

    options: List[str]  #: words of the command line
    definitions: Dict[str, Any]  #: macros; NR_TASKLETS and the stack sizes are the linker's too
    level: str


def settings_of(options: Any, keywords: Mapping[str, Any], has_sources: bool) -> Settings:
    """The keywords of ``load`` in one form; refuses those that can only be typing errors.

    Raises:
        TypeError: unknown, or nothing is built with it.

    >>> settings_of(["-Wall"], {"nr_tasklets": 4, "cflags": "-DA -DB", "opt_lvl": "Os"}, True)
    Settings(options=['-Wall', '-DA', '-DB'], definitions={'NR_TASKLETS': 4}, level='-Os')
    """
    settings = Settings(_words(options), {}, _level(keywords.get("opt_lvl", compiler.O2)))
    for name, value in keywords.items():
        if not has_sources:
            raise TypeError("unexpected keyword argument %r: nothing is built from source" % name)
        if name in ("nr_tasklets", "stack_size_default"):
            settings.definitions[name.upper()] = value
        elif name == "stack_sizes":
            settings.definitions.update(
                ("STACK_SIZE_TASKLET_%d" % tasklet, size) for tasklet, size in value.items())
        elif name == "defines":
            settings.definitions.update(value)
        elif name == "includes":
            settings.options.extend("-I" + os.fspath(folder) for folder in value)
        elif name == "cflags":
            settings.options.extend(_words(value))
        elif _DEFINITION.match(name):
            settings.definitions[name] = value
        elif name != "opt_lvl":
            raise TypeError(
                "unexpected keyword argument %r: it is none of nr_tasklets, stack_size_default, "
                "stack_sizes, defines, includes, cflags, opt_lvl, options; macros are in capitals, "
                "for others use defines={%r: ...}" % (name, name))
    return settings


def _words(given: Any) -> List[str]:
    return shlex.split(given) if isinstance(given, str) else [os.fspath(word) for word in given]


def _level(given: Any) -> str:
    """``-O3`` of ``"-O3"``, ``"O3"``, ``"3"`` or 3."""
    return "-O" + str(given).lstrip("-").lstrip("O")


# ---- what is kept -------------------------------------------------------------------------------


class _Kept(NamedTuple):
    image: bytes
    files: Dict[str, str]  #: headers it was built from, and their digests


_kept: "OrderedDict[str, _Kept]" = OrderedDict()
_lock = threading.Lock()


def _digest_of(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return ""


def _find(key: str) -> Optional[bytes]:
    """The program that was built from the same, if its headers have not changed."""
    with _lock:
        found = _kept.get(key)
        if found is None:
            return None
        _kept.move_to_end(key)
    same = all(_digest_of(path) == digest for path, digest in found.files.items())
    return found.image if same else None


def _keep(key: str, image: bytes, files: Dict[str, str]) -> None:
    with _lock:
        _kept[key] = _Kept(image, files)
        _kept.move_to_end(key)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)


def _key(sources: List[_Source], settings: Settings, command: Optional[List[str]],
         version: str) -> str:
    parts = [repr((source.name, source.text)) for source in sources]
    parts += [repr(settings), os.getcwd(), version]
    parts.append(repr((command, compiler.identity(command))) if command else "")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def build(c_source: Any, asm_source: Any, settings: Settings, version: str) -> bytes:
    """ELF image of sources for a chip version; see :meth:`dpu.driver.DpuSet.load`.

    Raises:
        DpuBuildError: errors in them. DpuCompilerNotFound: there is C and no compiler.
    """
    c_sources = _sources(c_source, ".c", 0)
    sources = c_sources + _sources(asm_source, ".S", len(c_sources))
    command = compiler.find_compiler() if c_sources else None
    if c_sources and command is None:
        raise compiler.not_found()
    key = _key(sources, settings, command, version)
    image = _find(key)
    if image is not None:
        return image
    files: Optional[Dict[str, str]]
    if command is not None:
        image, files = _compile(command, sources, settings, version)
    else:
        image = _assemble(sources, settings, version)
        files = None if any("include" in source.text for source in sources) else {}
    if files is not None and not any(_READS_FILES.search(source.text) for source in sources):
        _keep(key, image, files)
    return image


# ---- C ------------------------------------------------------------------------------------------


def _compile(command: List[str], sources: List[_Source], settings: Settings,
             version: str) -> Tuple[bytes, Optional[Dict[str, str]]]:
    """The program, and its headers if the compiler can list them."""
    program = compiler.Compiler(command, compiler.DPU_TARGET, version=version)
    with tempfile.TemporaryDirectory(prefix="dpu-") as folder:
        paths = [source.path or _write(folder, source) for source in sources]
        words = _command_words(sources, settings, folder)
        output = os.path.join(folder, "main.dpu")
        try:
            program.compile(paths, output, options=words, opt_lvl=settings.level)
        except subprocess.CalledProcessError as problem:
            raise DpuBuildError(
                problem.returncode, problem.cmd, _without(folder, problem.output),
                _without(folder, problem.stderr)) from None
        with open(output, "rb") as file:
            return file.read(), _headers(program, paths, words, folder)


def _command_words(sources: List[_Source], settings: Settings, folder: str) -> List[str]:
    """Options behind the sources. Lines of text that has no file are those of ``src0.c``, wherever
    it lies for the compiler; what such text includes is found from the working directory."""
    words = ["-D%s=%s" % item if item[1] is not None else "-D" + item[0]
             for item in settings.definitions.items()] + settings.options
    texts = [source.text for source in sources if source.path is None]
    if texts:
        words += ["-fdebug-prefix-map=%s/=" % folder, "-fdebug-compilation-dir=."]
    if any(_QUOTED_INCLUDE.search(text) for text in texts):
        words += ["-iquote", os.getcwd()]
    return words


def _write(folder: str, source: _Source) -> str:
    path = os.path.join(folder, source.name)
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(source.text)
    return path


def _without(folder: str, messages: Optional[str]) -> Optional[str]:
    return messages.replace(folder + os.sep, "") if messages else messages


def _headers(program: compiler.Compiler, paths: List[str], words: List[str],
             folder: str) -> Optional[Dict[str, str]]:
    """Digests of what the sources include; None when the compiler does not say."""
    try:
        rules = program.compile(paths, options=words + ["-M"], debug=False).stdout
    except subprocess.CalledProcessError:
        return None
    names = set(paths_of_rules(rules)) - set(paths)
    if not names:
        return None
    return {name: _digest_of(name) for name in names if not name.startswith(folder)}


def paths_of_rules(rules: str) -> List[str]:
    """What the rules of a dependency file depend on.

    >>> paths_of_rules("a.o: a.c \\\\\\n  my\\\\ dir/a.h\\nb.o: b.c\\n")
    ['a.c', 'my dir/a.h', 'b.c']
    """
    names: List[str] = []
    for rule in rules.replace("\\\n", " ").splitlines():
        words = re.findall(r"(?:\\.|\S)+", rule.partition(": ")[2])
        names += [re.sub(r"\\(.)", r"\1", word).replace("$$", "$") for word in words]
    return names


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


def _link_options(numbers: Dict[str, Any]) -> Dict[str, Any]:
    """What the compiler driver turns into linker symbols: tasklets and stacks."""
    result: Dict[str, Any] = {
        "nr_tasklets": _number(numbers, "NR_TASKLETS", 1),
        "stack_size": _number(numbers, "STACK_SIZE_DEFAULT", 0), "stack_sizes": {}}
    for name in numbers:
        match = _STACK.match(name)
        if match:
            result["stack_sizes"][int(match.group(1))] = _number(numbers, name, 0)
    return result


def _number(settings: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = settings.get(name, otherwise)
    try:
        return int(str(value), 0)
    except ValueError:
        raise ValueError("%s=%r: wanted a number" % (name, value)) from None


def _assemble(sources: List[_Source], settings: Settings, version: str) -> bytes:
    macros, folders, symbols = _split_options(settings.options)
    macros.update(settings.definitions)
    numbers: Dict[str, Any] = {**symbols, **macros}
    others = {name: value for name, value in symbols.items()
              if name != "NR_TASKLETS" and not name.startswith("STACK_SIZE_")}
    try:
        objects = [(source.name, _object(source, macros, folders, number))
                   for number, source in enumerate(sources)]
        return dpusim.link(*objects, chip=version, symbols=others, name="main.dpu",
                           **_link_options(numbers)).image
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
