# SPDX-License-Identifier: MIT
"""dpu: Ctrl-C, and programs that end while DPUs run, each in a process of its own."""
import io
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from conftest import ENDLESS, source
from dpu import DpuError, DpuSet
from dpusim import host

PRELUDE = """
import io, sys
sys.path.insert(0, %r)
from conftest import ENDLESS, source
from dpu import DpuSet

def ready():
    print("ready", flush=True)
""" % os.path.dirname(__file__)


def start(script):
    process = subprocess.Popen([sys.executable, "-c", PRELUDE + script], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def end_of(process, seconds):
    """Output, errors and how long it took."""
    before = time.monotonic()
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert time.monotonic() - before < seconds, err
    return out, err


#: What a program may wait in, with two DPUs that never end.
WAITS = {
    "exec": "dpus.exec()",
    "exec of one": "dpus.dpus()[1].exec()",
    "sync": "dpus.exec(async_mode=True); dpus.sync()",
    "copy": "dpus.exec(async_mode=True); dpus.copy(handle, bytes(4))",
    "load": "dpus.exec(async_mode=True); dpus.load(asm_source=source())",
    "log": "dpus.exec(async_mode=True); dpus.log()",
    "call": "dpus.exec(async_mode=True); dpus.call(lambda *_: None, None)",
    "full queue": "[dpus.exec(async_mode=True) for _ in range(40)]",
    "free": "dpus.exec(async_mode=True); dpus.free(); dpus = None",
}


@pytest.mark.parametrize("name", WAITS)
def test_interrupt_of_what_never_ends(name):
    process = start("""
dpus = DpuSet(2, asm_source=io.StringIO(ENDLESS))
from dpu import DpuSymbol
handle = DpuSymbol("start", (0, 4))
try:
    ready()
    %s
except KeyboardInterrupt:
    print("interrupted", flush=True)
if not %r:
    dpus.load(asm_source=source())
    dpus.exec()
    print(dpus.count.int32(), flush=True)
    dpus.free()
""" % (WAITS[name], name == "free"))
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = end_of(process, 2)
    assert out == "interrupted\n" + ("" if name == "free" else "[1, 1]\n"), err
    assert "DPU 0x" in err and "interrupted, stopped" in err


def test_interrupt_leaves_a_with_statement():
    process = start("""
with DpuSet(2, asm_source=io.StringIO(ENDLESS), async_mode=True) as dpus:
    dpus.exec()
    ready()
    while True:
        pass
""")
    process.send_signal(signal.SIGINT)
    _, err = end_of(process, 2)
    assert err.rstrip().endswith("KeyboardInterrupt") and process.returncode != 0


def test_end_of_a_program_does_not_wait_for_ever():
    process = start("""
dpus = DpuSet(2, asm_source=io.StringIO(ENDLESS), async_mode=True)
dpus.exec()
data = bytearray(4)
dpus.call(lambda *_: None, None)
ready()
""")
    end_of(process, 4)
    assert process.returncode == 0


def test_another_thread_interrupts():
    with DpuSet(2, asm_source=io.StringIO(ENDLESS)) as dpus:
        host.set_reports(dpus, False)
        threading.Timer(0.1, host.interrupt, [dpus]).start()
        with pytest.raises(DpuError, match="^result timeout$") as caught:
            dpus.exec()
        assert "DPU 0x0 (index 0 of its set): interrupted" in caught.value.detail
        dpus.load(asm_source=source())
        dpus.exec()
        assert dpus.count.int32() == [1, 1]
