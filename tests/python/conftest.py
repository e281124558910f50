# SPDX-License-Identifier: MIT
"""Programs that the tests share, and the line that `make test` counts by."""
import io
import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "tests" / "data" / "programs"
BUILD = pathlib.Path(os.environ.get("B", "build"))
BUILD = BUILD if BUILD.is_absolute() else ROOT / BUILD

OBJECT = """
        .macro OBJECT name, bytes
        .p2align 3
        .globl  \\name
        .type   \\name, @object
\\name:  .zero   \\bytes
        .size   \\name, \\bytes
        .endm
"""

#: Adds `step` to each word of `data` (WRAM, 16 bytes) and copies 64 bytes of `source` to `target`
#: (MRAM). `count` goes up by one at each launch.
PROGRAM = OBJECT + """
        .section .text.__bootstrap, "ax", @progbits
        .globl  __bootstrap
        .type   __bootstrap, @function
__bootstrap:
        lw      r0, zero, count
        add     r0, r0, 1
        sw      zero, count, r0
        lw      r1, zero, step
        move    r2, 0
.Lword: lw      r3, r2, data
        add     r3, r3, r1
        sw      r2, data, r3
        add     r2, r2, 4
        jneq    r2, 16, .Lword
        move    r4, buffer
        move    r5, source
        ldma    r4, r5, 7
        move    r5, target
        sdma    r4, r5, 7
        stop    true, __bootstrap
        .size   __bootstrap, . - __bootstrap

        .section .dpu_host, "aw", @progbits
        OBJECT  count, 4
        OBJECT  step, 4
        OBJECT  data, 16
        OBJECT  log, 4
        OBJECT  one, 1
        .section .bss.buffer, "aw", @nobits
        OBJECT  buffer, 64
        .section .mram.noinit, "aw", @nobits
        OBJECT  source, 64
        OBJECT  target, 64
"""

#: Stops with a software fault 3 at label `broken`.
FAULTY = """
        .section .text.__bootstrap, "ax", @progbits
        .globl  __bootstrap
        .type   __bootstrap, @function
__bootstrap:
        move    r0, 1
        .globl  broken
        .type   broken, @function
broken: fault   3
        .size   broken, . - broken
        .size   __bootstrap, . - __bootstrap
"""

#: Leaves the log "Hi 5" and a newline, ready-made: printf("Hi %d\\n", 5).
PRINTS = OBJECT + """
        .section .text.__bootstrap, "ax", @progbits
        .globl  __bootstrap
__bootstrap:
        move    r1, __stdout_buffer
        move    r0, 24
        sw      zero, __stdout_buffer_state, r0
        sw      zero, __stdout_buffer_state + 4, 0
        stop
        .section .data.immediate_memory.__stdout_buffer_state, "aw", @progbits
        OBJECT  __stdout_buffer_state, 8
        .section .mram, "aw", @progbits
        .p2align 3
        .globl  __stdout_buffer
        .type   __stdout_buffer, @object
__stdout_buffer:
        .ascii  "%s%d%s\\0Hi \\0\\5\\0\\0\\0\\n\\0\\0\\0\\0\\0\\0\\0"
        .zero   40
        .size   __stdout_buffer, 64
        .section .dpu_host, "aw", @progbits
        OBJECT  __stdout_buffer_size, 4
"""

#: Runs for ever.
ENDLESS = """
        .section .text.__bootstrap, "ax", @progbits
        .globl  __bootstrap
__bootstrap:
        jump    __bootstrap
"""


def source(text=PROGRAM):
    """An open text object, as users pass inline code."""
    return io.StringIO(text)


def pytest_terminal_summary(terminalreporter):
    count = {name: len(terminalreporter.stats.get(name, []))
             for name in ("passed", "failed", "error")}
    terminalreporter.write_line("%d passed, %d failed" % (
        count["passed"], count["failed"] + count["error"]))


@pytest.fixture
def quiet(monkeypatch):
    """No reports of the library on stderr."""
    monkeypatch.setenv("UPMEM_VERBOSE", "s")


@pytest.fixture
def four():
    """Four DPUs with PROGRAM."""
    from dpu import DpuSet
    with DpuSet(4, asm_source=source()) as dpus:
        yield dpus


@pytest.fixture
def one():
    """One DPU with PROGRAM."""
    from dpu import DpuSet
    with DpuSet(1, asm_source=source()) as dpus:
        yield dpus
