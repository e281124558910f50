# SPDX-License-Identifier: MIT
"""The generated bindings agree with the headers, and the loader finds and refuses libraries."""
import ctypes
import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import types

import pytest
from conftest import BUILD, ROOT
from dpusim import _library

HEADERS = {
    "dpusim": ([ROOT / "isa", ROOT / "sim"], ["dpusim.h"]),
    "dpu": ([ROOT / "driver" / "include"],
            sorted(path.name for path in (ROOT / "driver" / "include").glob("*.h"))),
}
CC = shutil.which("gcc") or shutil.which("cc")


def structures(module):
    """(C name, class) of the structures and unions that C can name and that have members."""
    for name, value in vars(module).items():
        kind, _, tag = name.partition("_")
        if (kind in ("struct", "union") and isinstance(value, type)
                and not tag.startswith("anonymous") and getattr(value, "_fields_", None)):
            yield "%s %s" % (kind, tag), value


def assertions(module):
    """C assertions on the size of every structure and the place of every member."""
    for c_name, value in structures(module):
        yield "sizeof(%s) == %d" % (c_name, ctypes.sizeof(value))
        for field in value._fields_:
            if len(field) == 2 and not field[0].startswith("_anonymous"):
                yield "offsetof(%s, %s) == %d" % (
                    c_name, field[0], getattr(value, field[0]).offset)
    for members in module.ENUMS.values():
        for name, number in members.items():
            yield "%s == %d" % (name, number)


@pytest.mark.skipif(CC is None, reason="no C compiler")
@pytest.mark.parametrize("library", HEADERS)
def test_layouts_are_those_of_the_compiler(library, tmp_path):
    module = importlib.import_module(library + ".ffi")
    folders, headers = HEADERS[library]
    lines = ['#include "%s"' % header for header in headers]
    checks = sorted(set(assertions(module)))
    assert len(checks) > 300
    lines += ["_Static_assert(%s, %r);" % (check, check) for check in checks]
    source = tmp_path / "check.c"
    source.write_text("#include <stddef.h>\n" + "\n".join(lines).replace("'", '"') + "\n")
    done = subprocess.run([CC, "-std=c11", "-fsyntax-only", *("-I%s" % f for f in folders),
                           str(source)], stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr[:2000]


@pytest.mark.parametrize("library", HEADERS)
def test_every_declared_function_is_in_the_library(library):
    importlib.import_module(library + ".ffi")
    assert not [name for name, path in _library.MISSING.items() if "lib%s." % library in path]


@pytest.mark.parametrize("module", ["dpu", "dpusim"])
def test_nothing_is_bound_twice(module):
    ffi = importlib.import_module(module + ".ffi")
    assert ffi.library._name.endswith(_library.FILE_NAMES[module])


def generate(text, tmp_path):
    """Module that bindgen writes for a header, without a library behind it."""
    (tmp_path / "own.h").write_text(text)
    done = subprocess.run(
        [sys.executable, str(ROOT / "python" / "tools" / "bindgen.py"), "--library", "x", "--own",
         str(tmp_path), str(tmp_path / "own.h")], stdout=subprocess.PIPE, check=True, text=True)
    module = types.ModuleType("x")
    code = done.stdout.replace('_library.load("x")', "None").replace(
        "return _library.function(library, name, result, arguments)", "return (result, arguments)")
    exec(code, vars(module))
    return module


pycparser = pytest.mark.skipif(importlib.util.find_spec("pycparser") is None, reason="pycparser")


@pycparser
def test_declarations_of_every_kind(tmp_path):
    x = generate("""
        #include <stdint.h>
        #include <stdbool.h>
        #include <stddef.h>
        #define NUMBER ((uint32_t)-1)
        #define TEXT "a\\n"
        #define SHIFTED (1u << 4 | NEXT)
        #define CALL(a) (a)
        enum kind { FIRST, SECOND = -5, NEXT };
        typedef enum kind kind_t;
        struct opaque;
        struct pair { int32_t a : 3; unsigned b[2 + NEXT + 4]; struct opaque *next; };
        struct holder { union { uint8_t small; uint64_t large; }; const char *name; };
        typedef bool (*hook)(void *context, struct pair *pair, ...);
        char *owned(char *buffer, char **out, const char *const *list);
        void nothing(void);
        double mixed(struct holder by_value, hook hook, kind_t kind, uint8_t *bytes, size_t n);
        static inline int body(int a) { return a; }
    """, tmp_path)
    assert (x.NUMBER, x.TEXT, x.SHIFTED) == (0xFFFFFFFF, "a\n", -4)
    assert not hasattr(x, "CALL") and not hasattr(x, "body")
    assert x.ENUMS["kind"] == {"FIRST": 0, "SECOND": -5, "NEXT": -4}
    assert x.kind_t is ctypes.c_int
    assert ctypes.sizeof(x.struct_pair) == 24
    holder = x.struct_holder()
    holder.large = 0x102
    assert holder.small == 2
    pointer = ctypes.POINTER
    assert x.owned == (pointer(ctypes.c_char), (
        ctypes.c_char_p, pointer(pointer(ctypes.c_char)), pointer(ctypes.c_char_p)))
    assert x.nothing == (None, ())
    assert x.mixed == (ctypes.c_double, (x.struct_holder, x.hook, ctypes.c_int,
                                         pointer(ctypes.c_uint8), ctypes.c_size_t))


# ---- finding libraries --------------------------------------------------------------------------


def run(code, **environment):
    """Run Python with another environment; what it prints, and its last line on stderr."""
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **{name: str(value) for name, value in environment.items()}})
    return done.stdout, done.stderr


def copy_of_the_packages(tmp_path):
    """The packages in a place from which no library can be seen."""
    place = tmp_path / "a" / "b" / "c" / "d"
    for package in ("dpu", "dpusim"):
        shutil.copytree(BUILD / "python" / package, place / package,
                        ignore=shutil.ignore_patterns("lib", "__pycache__"))
    return place


def test_a_missing_library_is_an_import_error(tmp_path):
    place = copy_of_the_packages(tmp_path)
    _, error = run("import dpusim", PYTHONPATH=place, LD_LIBRARY_PATH=tmp_path)
    assert "ImportError: libdpusim.so cannot be loaded" in error and "DPUSIM_LIB" in error
    assert "%s/libdpusim.so: no such file" % tmp_path in error
    assert "%s/lib/libdpusim.so: no such file" % (place / "dpusim") in error
    assert "%s/lib/libdpusim.so: no such file" % (tmp_path / "a") in error


@pytest.mark.parametrize("variable", ["LD_LIBRARY_PATH", "DPUSIM_LIB"])
def test_a_directory_in_the_environment(tmp_path, variable):
    place = copy_of_the_packages(tmp_path)
    out, error = run("import dpu; print(len(dpu.DpuSet(1)))", PYTHONPATH=place,
                     **{variable: BUILD / "lib"})
    assert out == "1\n", error


def test_a_file_in_the_environment(tmp_path):
    place = copy_of_the_packages(tmp_path)
    out, error = run("import dpu; print(len(dpu.DpuSet(1)))", PYTHONPATH=place,
                     DPUSIM_LIB=BUILD / "lib" / "libdpu.so")
    assert out == "1\n", error


def test_the_prefix_four_directories_up(tmp_path):
    place = copy_of_the_packages(tmp_path)
    prefix = tmp_path / "a"
    shutil.copytree(BUILD / "lib", prefix / "lib", symlinks=True)
    shutil.move(str(place.parent / "d"), str(prefix / "lib" / "python3" / "dist-packages"))
    out, error = run("import dpu; from dpu import ffi; print(ffi.library._name)",
                     PYTHONPATH=prefix / "lib" / "python3" / "dist-packages")
    assert pathlib.Path(out.strip()).parent == prefix / "lib", error


def test_a_damaged_library_says_why(tmp_path):
    (tmp_path / "libdpusim.so").write_text("no library")
    _, error = run("import dpusim", DPUSIM_LIB=tmp_path)
    assert "ImportError" in error and "%s/libdpusim.so: " % tmp_path in error


@pytest.mark.skipif(CC is None, reason="no C compiler")
@pytest.mark.parametrize("module, text, words", [
    ("dpusim", 'const char *sim_version(void) { return "0.0.7"; }', "found 0.0.7, wanted"),
    ("dpusim", "int nothing;", "does not tell its version"),
    ("dpu", 'const char *dpusim_driver_version(void) { return "0.0.7"; }', "found 0.0.7, wanted"),
])
def test_a_library_of_another_version(tmp_path, module, text, words):
    shutil.copy(BUILD / "lib" / "libdpusim.so.0", tmp_path)
    name = _library.FILE_NAMES[module][0]
    (tmp_path / "v.c").write_text(text)
    subprocess.run([CC, "-shared", "-fPIC", "-o", str(tmp_path / name), str(tmp_path / "v.c")],
                   check=True)
    _, error = run("import " + module, DPUSIM_LIB=tmp_path)
    assert "ImportError" in error and words in error and "DPUSIM_LIB" in error


def test_a_function_that_is_missing_says_so():
    libc = ctypes.CDLL(None)
    function = _library.function(libc, "no_such_function", ctypes.c_int, ())
    del _library.MISSING["no_such_function"]
    with pytest.raises(NotImplementedError, match="no_such_function"):
        function()
