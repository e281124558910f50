# SPDX-License-Identifier: MIT
"""`pip install ./python` works offline and what it installs stands by itself."""
import importlib.util
import os
import subprocess
import sys

import pytest
from conftest import BUILD, PROGRAM, ROOT

pytestmark = pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="no pip")


def pip(target, build):
    return subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--no-cache-dir",
         "--disable-pip-version-check", "--target", str(target), str(ROOT / "python")],
        env={**os.environ, "DPUSIM_BUILD": str(build), "PYTHONPATH": ""}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_installed_packages_run(tmp_path):
    done = pip(tmp_path / "site", BUILD)
    assert done.returncode == 0, done.stdout
    program = (
        "import dpu, dpusim, io, sys\n"
        "from dpu import ffi\n"
        "with dpu.DpuSet(2, asm_source=io.StringIO(sys.stdin.read())) as dpus:\n"
        "    dpus.exec()\n"
        "    print(dpus.count.int32(), ffi.library._name)\n")
    run = subprocess.run([sys.executable, "-c", program], input=PROGRAM, text=True, cwd=tmp_path,
                         env={"PYTHONPATH": str(tmp_path / "site"), "PATH": os.environ["PATH"]},
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout == "[1, 1] %s/site/dpusim/lib/libdpu.so.2025.1\n" % tmp_path, run.stderr
    assert not (ROOT / "python" / "build").exists()


KERNEL = """
#include <defs.h>
__host int n;
int main(void)
{
    n *= 3;
    return 0;
}
"""


@pytest.mark.skipif(not (BUILD / "bin" / "dpu-upmem-dpurte-clang").exists(),
                    reason="no compiler for C in this build")
def test_installed_packages_compile_c_with_the_compiler_that_came_along(tmp_path):
    done = pip(tmp_path / "site", BUILD)
    assert done.returncode == 0, done.stdout
    program = (
        "import sys\n"
        "from dpu import DpuSet, compiler\n"
        "with DpuSet(1, c_source=sys.stdin.read()) as dpus:\n"
        "    dpus.n = (7).to_bytes(4, 'little')\n"
        "    dpus.exec()\n"
        "    print(dpus.n.int32(), *compiler.find_compiler())\n")
    run = subprocess.run([sys.executable, "-c", program], input=KERNEL, text=True, cwd=tmp_path,
                         env={"PYTHONPATH": str(tmp_path / "site"), "PATH": "/usr/bin:/bin"},
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wanted = "21 %s/site/dpusim/bin/dpu-upmem-dpurte-clang\n" % tmp_path
    assert run.stdout == wanted, run.stderr


def test_without_a_build_it_says_make(tmp_path):
    done = pip(tmp_path / "site", tmp_path)
    assert done.returncode != 0
    assert "run `make`" in done.stdout and "DPUSIM_BUILD" in done.stdout
