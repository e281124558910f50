# SPDX-License-Identifier: MIT
"""dpu: saved states."""
import io
import subprocess
import sys

import pytest
from conftest import FAULTY, source
from dpu import DpuContext, DpuError, DpuSet
from dpusim import host


@pytest.fixture
def context(one):
    one.step = b"\7\0\0\0"
    one.source = b"mram" * 16
    one.exec()
    return one.dpus()[0].checkpoint()


def test_memories_and_registers(one, context):
    program = one.load(asm_source=source())
    data = program.get_symbol("data").value() // 4
    assert context.wram()[data:data + 4] == [7] * 4 and len(context.wram()) == 16384
    assert len(context.iram()) == 4096 and context.iram()[0] != 0
    mram = context.mram()
    assert len(mram) == 64 << 20 and bytes(mram[64:128]) == b"mram" * 16
    assert len(context.threads) == 24
    thread = context.threads[0]
    assert (thread.idx, len(thread.regs()), thread.regs()[1]) == (0, 24, 7)
    assert isinstance(thread.pc(), int) and thread.zf() in (True, False)
    assert thread.cf() in (True, False)
    assert len(context.atomic_bits()) == 256
    assert context.bkp_fault() is context.dma_fault() is context.mem_fault() is None


def test_parts_can_be_left_out(one):
    context = one.checkpoint(iram=False, mram=False, wram=False)
    assert context.iram() is context.mram() is context.wram() is None
    assert len(context.threads) == 24


def test_restore(one, context):
    one.step = b"\1\0\0\0"
    one.exec()
    one.source = bytes(64)
    assert one.data.int32()[0] == 8
    one.dpus()[0].restore(context, mram=False)
    assert one.data.int32()[0] == 7 and one.source.data()[0] == 0
    one.restore(context)
    assert bytes(one.source.data()) == b"mram" * 16 and one.count.int32() == 1


def test_restore_of_a_part_that_was_not_saved(one):
    context = one.checkpoint(mram=False, wram=False)
    one.step = b"\1\0\0\0"
    one.restore(context)
    assert one.step.int32() == 1


def test_serialized_form_reads_back(one):
    one.step = b"\5\0\0\0"
    one.exec()
    context = one.checkpoint(mram=False)
    image = context.serialize()
    assert isinstance(image, bytearray) and image[:4] == (0xFABDDBAF).to_bytes(4, "little")
    for buffer in (image, bytes(image), memoryview(image)):
        again = DpuContext.from_buffer(buffer)
        assert again.serialize() == image and again.wram() == context.wram()
        assert again.threads[3].regs() == context.threads[3].regs() and again.mram() is None


def test_context_goes_to_another_process(one):
    one.step = b"\5\0\0\0"
    one.exec()
    image = one.checkpoint(mram=False).serialize()
    program = (
        "import sys, dpu\n"
        "context = dpu.DpuContext.from_buffer(sys.stdin.buffer.read())\n"
        "with dpu.DpuSet(1) as dpus:\n"
        "    dpus.restore(context)\n"
        "    sys.stdout.buffer.write(dpus.checkpoint(mram=False).serialize())\n")
    done = subprocess.run([sys.executable, "-c", program], input=bytes(image), timeout=60,
                          stdout=subprocess.PIPE, check=True)
    assert DpuContext.from_buffer(done.stdout).wram() == DpuContext.from_buffer(image).wram()


@pytest.mark.parametrize("damage", [
    lambda image: b"", lambda image: image[:20], lambda image: image[:-1],
    lambda image: b"\0" + image[1:]])
def test_damaged_images(quiet, one, damage):
    image = bytes(one.checkpoint(mram=False).serialize())
    with pytest.raises(DpuError) as caught:
        DpuContext.from_buffer(damage(image))
    assert caught.value.code


def test_faults_are_told(quiet):
    with DpuSet(1, asm_source=io.StringIO(FAULTY)) as dpus:
        host.set_reports(dpus, False)
        with pytest.raises(DpuError):
            dpus.exec()
        context = dpus.checkpoint(mram=False)
    assert context.bkp_fault() == (0, 3)
    assert context.mem_fault() is context.dma_fault() is None


def test_only_of_one_dpu(quiet, four):
    for use in (lambda: four.checkpoint(), lambda: four.restore(four.dpus()[0].checkpoint())):
        with pytest.raises(DpuError) as caught:
            use()
        assert str(caught.value) == "invalid action for this dpu set"


def test_restore_of_something_else(one):
    with pytest.raises(DpuError) as caught:
        one.restore(b"context")
    assert isinstance(caught.value, TypeError)
