# SPDX-License-Identifier: MIT
"""Build backend for pip (PEP 517): packs the build tree into a wheel.

The packages are those that `make` left in build/python; the libraries go with them, and the C
compiler with its device library if it was built, so that the installation stands by itself (clang
is the distribution's). ``DPUSIM_BUILD`` names another build directory. Only the standard
library is used: nothing has to be downloaded, whatever pip thinks of isolation.
"""
import base64
import hashlib
import os
import pathlib
import re
import sys
import sysconfig
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
LIBRARIES = ("libdpusim.so.0", "libdpu.so.2025.1")
COMPILER = ("bin/dpu-upmem-dpurte-clang", "libexec/dpusim/dpu-cg")
METADATA = """\
Metadata-Version: 2.1
Name: dpusim
Version: {version}
Summary: Simulated UPMEM DPUs: package dpu (the SDK's host API) and package dpusim
License: MIT
Requires-Python: >=3.8
Provides-Extra: numpy
Requires-Dist: numpy; extra == "numpy"
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: dpusim\nRoot-Is-Purelib: false\nTag: {tag}\n"


def build_directory():
    """Where `make` built; ends with a sentence when it did not."""
    build = pathlib.Path(os.environ.get("DPUSIM_BUILD", HERE.parent / "build")).resolve()
    wanted = [build / "python" / "dpusim" / "ffi.py", build / "python" / "dpu" / "ffi.py"]
    wanted += [build / "lib" / name for name in LIBRARIES]
    missing = [str(path) for path in wanted if not path.exists()]
    if missing:
        sys.exit("dpusim is not built: run `make` in the source tree first, or set DPUSIM_BUILD to "
                 "its build directory. Missing: " + ", ".join(missing))
    return build


def version_of(build):
    text = (build / "python" / "dpusim" / "ffi.py").read_text(encoding="utf-8")
    return re.search(r"(?m)^DPUSIM_VERSION = '([^']*)'", text).group(1)


def files_of(build):
    """(path in the wheel, file) of everything to install."""
    for package in ("dpu", "dpusim"):
        folder = build / "python" / package
        for path in sorted([*folder.glob("*.py"), folder / "py.typed"]):
            yield "%s/%s" % (package, path.name), path
    for name in LIBRARIES:
        yield "dpusim/lib/" + name, build / "lib" / name
    if all((build / name).exists() for name in COMPILER):
        device = [path for path in sorted((build / "share" / "upmem").rglob("*")) if path.is_file()]
        for path in [build / name for name in COMPILER] + device:
            yield "dpusim/" + path.relative_to(build).as_posix(), path


def get_requires_for_build_wheel(config_settings=None):
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Write the wheel; returns its name."""
    build = build_directory()
    version = version_of(build)
    tag = "py3-none-" + re.sub("[-.]", "_", sysconfig.get_platform())
    name, info = "dpusim-%s-%s.whl" % (version, tag), "dpusim-%s.dist-info/" % version
    record = []
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w", zipfile.ZIP_DEFLATED) as wheel:

        def add(place, content, mode=0o644):
            entry = zipfile.ZipInfo(place)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            record.append("%s,sha256=%s,%d\n" % (place, digest.decode(), len(content)))
            wheel.writestr(entry, content)

        for place, path in files_of(build):
            add(place, path.read_bytes(), path.stat().st_mode & 0o777)
        add(info + "METADATA", METADATA.format(version=version).encode())
        add(info + "WHEEL", WHEEL.format(tag=tag).encode())
        record.append(info + "RECORD,,\n")
        wheel.writestr(info + "RECORD", "".join(record))
    return name


def build_sdist(sdist_directory, config_settings=None):
    sys.exit("there is no source distribution of the Python packages alone: use the whole tree")
