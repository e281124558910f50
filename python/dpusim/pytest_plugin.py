# SPDX-License-Identifier: MIT
"""Fixtures for tests of kernels with pytest.

In ``conftest.py``::

    pytest_plugins = ["dpusim.pytest_plugin"]

``dpu_program`` compiles C sources, each of them once; ``dpu`` makes DPUs. When a test fails and
``--dpu-core=DIR`` is given, each of its DPUs leaves a core file there for ``dpusim inspect``.
"""
import os
import re
import subprocess
from typing import Any, Callable, Dict, Generator, List, Sequence, Tuple

import pytest

from dpu import compiler
from dpusim import Dpu, Error, Program

_FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plug-in."""
    group = parser.getgroup("dpusim")
    group.addoption("--dpu-core", metavar="DIR", default=None,
                    help="core files of the DPUs of tests that fail")


@pytest.hookimpl(hookwrapper=True)  # type: ignore[misc]
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Note for the fixtures whether the test failed."""
    outcome = yield
    if outcome.get_result().failed:
        item.stash[_FAILED] = True


@pytest.fixture(scope="session")
def dpu_program(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Program]:
    """``dpu_program("kernel.c", "-DN=4")`` is the program of these sources, which are compiled with
    ``-g -O1 -fno-inline`` unless flags say otherwise; functions that nothing calls are kept."""
    done: Dict[Tuple[str, ...], Program] = {}

    def compiled(*words: str) -> Program:
        key = tuple(words)
        if key not in done:
            done[key] = _compile(words, str(tmp_path_factory.mktemp("dpu") / "program.elf"))
        return done[key]

    return compiled


def _compile(words: Sequence[str], output: str) -> Program:
    command = compiler.find_compiler()
    if command is None:
        pytest.skip("the DPU compiler is not there")
    flags = ["-g", "-O1", "-fno-inline", "-Wl,--no-gc-sections"]
    ended = subprocess.run(command + flags + list(words) + ["-o", output], check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode:
        pytest.fail("%s\n%s" % (" ".join(words), ended.stdout), pytrace=False)
    return Program.read(output)


@pytest.fixture
def dpu(request: pytest.FixtureRequest) -> Generator[Callable[..., Dpu], None, None]:
    """``dpu(program, mode="cycle")`` is a new :class:`dpusim.Dpu`."""
    made: List[Dpu] = []

    def make(program: Any, **options: Any) -> Dpu:
        made.append(Dpu(program, **options))
        return made[-1]

    yield make
    folder = request.config.getoption("--dpu-core")
    if not folder or not request.node.stash.get(_FAILED, False):
        return
    os.makedirs(folder, exist_ok=True)
    for number, one in enumerate(made):
        name = re.sub(r"[^A-Za-z0-9_.]+", "-", request.node.name)
        try:
            one.save_core(os.path.join(folder, "%s.%d.core" % (name, number)))
        except Error as error:
            request.node.add_report_section("teardown", "dpusim", str(error))
