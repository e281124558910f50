# SPDX-License-Identifier: MIT
"""Finding and loading libdpusim.so and libdpu.so.

Where a library is looked for, first hit wins:

1. ``DPUSIM_LIB``: a directory, or the file itself. When it is set, nothing else is tried for the
   libraries it should hold.
2. the directories of ``LD_LIBRARY_PATH``;
3. beside the package: ``dpusim/lib`` (where pip puts it), the build tree around it;
4. ``lib`` of the prefix the package is installed in, four directories above its modules;
5. wherever the system's loader looks.
"""
import ctypes
import os
from typing import Any, Callable, Dict, Iterator, List, Tuple

#: Names of the files, in the order they are tried.
FILE_NAMES = {
    "dpusim": ("libdpusim.so.0", "libdpusim.so"),
    "dpu": ("libdpu.so", "libdpu.so.2025.1"),
}
#: Functions that a loaded library does not have: name -> path of the library.
MISSING: Dict[str, str] = {}

_HERE = os.path.dirname(os.path.abspath(__file__))


def directories() -> Iterator[str]:
    """Directories to look in, in order; without those of the system's loader."""
    for folder in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep):
        if folder:
            yield folder
    package = os.path.dirname(_HERE)
    yield os.path.join(_HERE, "lib")
    yield os.path.join(os.path.dirname(package), "lib")
    yield os.path.normpath(os.path.join(package, "..", "..", "..", "lib"))


def _candidates(name: str) -> Iterator[str]:
    """Paths to try for a library, in order; the last are left to the system's loader."""
    given = os.environ.get("DPUSIM_LIB")
    if given and os.path.isfile(given):
        if os.path.basename(given).startswith(FILE_NAMES[name][-1].split(".so")[0] + ".so"):
            yield given
            return
        given = os.path.dirname(given)
    for folder in [given] if given else directories():
        for file_name in FILE_NAMES[name]:
            yield os.path.join(folder, file_name)
    if not given:
        yield from FILE_NAMES[name]


def load(name: str) -> ctypes.CDLL:
    """Load ``"dpusim"`` or ``"dpu"``.

    Raises:
        ImportError: not found, or found and not loadable; the text has every path tried and says
            which variable to set.
    """
    tried: List[str] = []
    for path in _candidates(name):
        if os.sep in path and not os.path.exists(path):
            tried.append(path + ": no such file")
            continue
        try:
            return ctypes.CDLL(path)
        except OSError as error:
            tried.append("%s: %s" % (path, error))
    raise ImportError(
        "lib%s.so cannot be loaded. Build it with `make`, then `. build/env.sh`, or set DPUSIM_LIB "
        "to the directory that has it. Tried:\n  %s" % (name, "\n  ".join(tried)))


def path_of(library: ctypes.CDLL) -> str:
    """File a library was loaded from (a bare name when the system's loader found it)."""
    return str(library._name)


def function(
    library: ctypes.CDLL, name: str, result: Any, arguments: Tuple[Any, ...]
) -> Callable[..., Any]:
    """A function of a library with its types, or one that explains its absence when called."""
    try:
        found: Any = getattr(library, name)
    except AttributeError:
        MISSING[name] = path_of(library)

        def missing(*_: Any) -> Any:
            raise NotImplementedError(
                "%s has no function %s; is it a library of another version?"
                % (path_of(library), name))

        missing.__name__ = name
        return missing
    found.restype = result
    found.argtypes = arguments
    return found  # type: ignore[no-any-return]


def check_version(library: ctypes.CDLL, wanted: str, reader: str) -> None:
    """Compare the version that a library tells with that of the headers the package is made from.

    Args:
        library: loaded library.
        wanted: version in the headers.
        reader: name of its function ``const char *reader(void)``.
    Raises:
        ImportError: another version, or too old to tell.
    """
    try:
        tell = getattr(library, reader)
    except AttributeError:
        found = "one that does not tell its version"
    else:
        tell.restype = ctypes.c_char_p
        found = tell().decode()
    if found != wanted:
        raise ImportError(
            "%s is of another version: found %s, wanted %s. Rebuild with `make`, reinstall the "
            "Python packages, or set DPUSIM_LIB to the directory with the right library."
            % (path_of(library), found, wanted))
