# SPDX-License-Identifier: MIT
"""dpu: transfers, symbols as attributes, values."""
import array
import ctypes
import gc
import weakref

import pytest
from conftest import source
from dpu import DpuError, DpuSet
from dpu.driver import DpuVariable

try:
    import numpy
except ImportError:
    numpy = None

needs_numpy = pytest.mark.skipif(numpy is None, reason="numpy")


def read(dpus, symbol="data", size=16, offset=0):
    """What each DPU holds."""
    buffers = [bytearray(size) for _ in range(len(dpus))]
    dpus.copy(buffers, symbol, offset=offset)
    return [bytes(buffer) for buffer in buffers]


# ---- shapes -------------------------------------------------------------------------------------


def test_one_buffer_is_broadcast(four):
    four.copy("data", bytearray(b"0123456789abcdef"))
    assert read(four) == [b"0123456789abcdef"] * 4


def test_one_buffer_per_dpu(four):
    values = [bytes([number]) * 16 for number in range(4)]
    four.copy("data", [bytearray(value) for value in values])
    assert read(four) == values


def test_none_leaves_a_dpu_out(four):
    four.copy("data", bytearray(b"x" * 16))
    four.copy("data", [None, b"y" * 16, None, None])
    assert read(four) == [b"x" * 16, b"y" * 16, b"x" * 16, b"x" * 16]
    target = [bytearray(16), None, None, None]
    four.copy(target, "data")
    assert bytes(target[0]) == b"x" * 16


def test_only_none_needs_a_size(four):
    with pytest.raises(DpuError) as caught:
        four.copy("data", [None] * 4)
    assert (str(caught.value), caught.value.code) == ("invalid memory transfer", 21)
    four.copy("data", [None] * 4, size=16)
    assert read(four) == [bytes(16)] * 4


def test_list_of_one_on_one_dpu(one):
    one.copy("data", [b"z" * 16])
    assert read(one) == [b"z" * 16]
    one.copy("data", [None], size=4)
    part = one.dpus()[0]
    buffer = bytearray(16)
    part.copy([buffer], "data")
    assert bytes(buffer) == b"z" * 16


def test_one_buffer_for_several_dpus_gets_one_of_the_values(four):
    values = [bytes([number]) * 16 for number in range(4)]
    four.copy("data", list(values))
    buffer = bytearray(16)
    four.copy(buffer, "data")
    assert bytes(buffer) in values


def test_parts_of_a_set(four):
    rank, last = four.ranks()[0], four.dpus()[3]
    rank.copy("data", [bytes([n]) * 16 for n in range(4)])
    last.copy("data", b"L" * 16)
    assert read(four) == [bytes(16), b"\1" * 16, b"\2" * 16, b"L" * 16]


def test_tuples_are_lists(four):
    four.copy("data", tuple(bytes([n]) * 16 for n in range(4)))
    assert read(four)[3] == b"\3" * 16


# ---- sizes and offsets --------------------------------------------------------------------------


def test_size_and_offset(one):
    one.copy("data", b"abcdefgh", size=4, offset=8)
    assert read(one) == [bytes(8) + b"abcd" + bytes(4)]
    assert read(one, size=4, offset=8) == [b"abcd"]


def test_size_is_in_bytes_for_wide_elements(one):
    one.copy("data", array.array("i", [1, 2, 3, 4]))
    assert one.data.int32().tolist() == [1, 2, 3, 4]
    words = array.array("q", [0, 0])
    one.copy(words, "data")
    assert words.tolist() == [2 << 32 | 1, 4 << 32 | 3]


def test_size_larger_than_the_buffer(one, four):
    for dpus, host in ((one, bytearray(8)), (four, [bytearray(8)] * 4)):
        with pytest.raises(DpuError) as caught:
            dpus.copy("data", host, size=12)
        assert (str(caught.value), caught.value.code) == ("host buffer is too small", None)
        assert caught.value.detail == "12 bytes wanted, the buffer has 8"


def test_buffers_of_different_lengths(four):
    mixed = [bytearray(8), bytearray(16), bytearray(8), bytearray(8)]
    with pytest.raises(DpuError) as caught:
        four.copy("data", mixed)
    assert (str(caught.value), caught.value.code) == ("invalid memory transfer", 21)
    four.copy("data", mixed, size=8)


def test_wrong_number_of_buffers(four):
    for host in ([bytearray(4)] * 5, [bytearray(4)] * 3, [], [bytearray(4)]):
        with pytest.raises(DpuError) as caught:
            four.copy("data", host)
        assert str(caught.value) == "invalid number of host buffers for this DPU set"
    with pytest.raises(DpuError) as caught:
        with DpuSet(16, asm_source=source()) as dpus:
            dpus.copy("data", [bytearray(4)] * 17)
    assert caught.value.detail == "17 buffers for 16 DPUs"


@pytest.mark.parametrize("symbol, size, offset, text", [
    ("data", 20, 0, "invalid memory symbol access"),
    ("data", 4, 16, "invalid memory symbol access"),
    ("data", 4, 1 << 33, "invalid memory symbol access"),
    ("data", 4, -4, "invalid memory symbol access"),
    ("data", -4, 0, "invalid memory symbol access"),
    ("data", 3, 0, "invalid wram access"), ("data", 4, 2, "invalid wram access"),
    ("source", 4, 0, "invalid mram access"), ("source", 8, 4, "invalid mram access"),
    ("__bootstrap", 4, 0, "invalid iram access"), ("nowhere", 4, 0, "undefined symbol"),
    ("", 4, 0, "undefined symbol"),
])
def test_errors_of_the_library_have_its_text(quiet, one, symbol, size, offset, text):
    for direction in ("to", "from"):
        buffer = bytearray(64)
        arguments = (symbol, buffer) if direction == "to" else (buffer, symbol)
        with pytest.raises(DpuError) as caught:
            one.copy(*arguments, size=size, offset=offset)
        assert str(caught.value) == text and caught.value.code
    assert read(one) == [bytes(16)]


def test_detail_has_the_numbers(one):
    with pytest.raises(DpuError) as caught:
        one.copy("data", bytearray(20))
    assert "20" in caught.value.detail and "16" in caught.value.detail


def test_nothing_stays_prepared_after_an_error(four):
    targets = [bytearray(b"=" * 16) for _ in range(4)]
    with pytest.raises(DpuError):
        four.copy(targets, "data", size=3)
    four.copy([None, None, None, bytearray(16)], "data")
    assert targets == [b"=" * 16] * 4


def test_both_or_neither_side_a_symbol(one):
    for dst, src in (("data", "data"), (bytearray(4), bytearray(4)), (b"1234", 5)):
        with pytest.raises(DpuError) as caught:
            one.copy(dst, src)
        assert str(caught.value) == "can only execute Host <-> DPU transfers"


# ---- host buffers -------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [
    b"0123456789abcdef", bytearray(b"0123456789abcdef"), memoryview(b"0123456789abcdef"),
    memoryview(b"xx0123456789abcdefyy")[2:18], array.array("B", b"0123456789abcdef"),
    (ctypes.c_char * 16)(*b"0123456789abcdef"),
    memoryview(bytearray(b"0123456789abcdef")).cast("I", [2, 2]),
])
def test_kinds_of_buffers_to_a_dpu(four, data):
    four.copy("data", data)
    four.copy("source", [data] * 4, size=16)
    assert read(four) == read(four, "source") == [b"0123456789abcdef"] * 4


@pytest.mark.parametrize("make", [
    lambda: bytearray(16), lambda: memoryview(bytearray(16)), lambda: array.array("d", [0, 0]),
    lambda: (ctypes.c_uint32 * 4)(), lambda: memoryview(bytearray(32))[8:24]])
def test_kinds_of_buffers_from_a_dpu(one, make):
    one.data = b"0123456789abcdef"
    buffer = make()
    one.copy(buffer, "data")
    assert bytes(memoryview(buffer)) == b"0123456789abcdef"


@needs_numpy
def test_numpy_arrays_in_place(four):
    values = numpy.arange(16, dtype=numpy.int32).reshape(4, 4)
    four.copy("data", list(values))
    result = numpy.zeros_like(values)
    four.copy(list(result), "data")
    assert (result == values).all()
    frozen = values[1].copy()
    frozen.flags.writeable = False
    four.copy("data", frozen)
    assert four.dpus()[3].data.int32().tolist() == [4, 5, 6, 7]
    with pytest.raises(DpuError, match="not writable"):
        four.dpus()[0].copy(frozen, "data")


@needs_numpy
def test_numpy_columns_are_not_contiguous(one):
    columns = numpy.zeros((4, 4), numpy.int32)
    for arguments in (("data", columns[:, 1]), (columns[:, 1], "data")):
        with pytest.raises(DpuError, match="not C contiguous") as caught:
            one.copy(*arguments)
        assert isinstance(caught.value, TypeError)


@needs_numpy
def test_floats_go_as_their_bytes(one):
    one.copy("data", numpy.array([1.0, 2.0, 3.0, 4.0], numpy.float32))
    assert list(one.data.float()) == [1, 2, 3, 4] and one.data.int32()[0] == 0x3F800000
    with pytest.raises(DpuError, match="invalid memory symbol access"):
        one.copy("data", numpy.ones(4))


def test_read_only_target(one, four):
    with pytest.raises(DpuError, match="^underlying buffer is not writable$") as caught:
        one.copy(bytes(16), "data")
    assert isinstance(caught.value, TypeError)
    with pytest.raises(DpuError) as caught:
        four.copy([bytes(16)] * 4, "data")
    assert (str(caught.value), caught.value.code) == ("invalid memory transfer", 21)


def test_things_that_are_no_buffers(one, four):
    for thing in (5, 1.5, object(), {1: 2}):
        with pytest.raises(DpuError) as caught:
            one.copy("data", thing)
        assert isinstance(caught.value, TypeError)
    with pytest.raises(DpuError):
        four.copy("data", [1, 2, 3, 4])


def test_empty_buffers(one):
    one.copy("data", b"")
    one.copy(bytearray(), "data")


# ---- asynchronous -------------------------------------------------------------------------------


def test_asynchronous_order(four):
    results = [bytearray(16) for _ in range(4)]
    four.copy("step", b"\3\0\0\0", async_mode=True)
    four.exec(async_mode=True)
    four.exec(async_mode=True)
    four.copy(results, "data", async_mode=True)
    four.sync()
    assert results == [array.array("i", [6] * 4).tobytes()] * 4


def test_buffers_are_kept_until_sync():
    class Buffer(bytearray):
        pass

    with DpuSet(2, asm_source=source(), async_mode=True) as dpus:
        for shape in (lambda b: b, lambda b: [b, b]):
            buffer = Buffer(b"keep" * 4)
            alive = weakref.ref(buffer)
            dpus.copy("data", shape(buffer))
            del buffer
            gc.collect()
            assert alive() is not None
            dpus.sync()
            gc.collect()
            assert alive() is None
        assert read(dpus)


def test_sync_of_one_rank_keeps_the_buffers_of_others():
    with DpuSet(nr_ranks=2, profile="nrDpusPerCi=1", asm_source=source()) as dpus:
        first, second = dpus.ranks()
        first.copy("data", bytearray(16), async_mode=True)
        dpus.copy("data", bytearray(16), async_mode=True)
        first.sync()
        assert len(dpus._allocation.pending) == 1
        second.copy("data", bytearray(16), async_mode=True)
        dpus.sync()
        assert not dpus._allocation.pending


def test_async_mode_can_be_overridden():
    with DpuSet(1, asm_source=source(), async_mode=True) as dpus:
        dpus.copy("step", b"\1\0\0\0")
        dpus.exec(async_mode=False)
        buffer = bytearray(16)
        dpus.dpus()[0].copy(buffer, "data", async_mode=False)
        assert not [item for item in dpus._allocation.pending if item.objects is buffer]
        assert buffer[0] == 1


# ---- attributes and values ----------------------------------------------------------------------


def test_reading_an_attribute_is_synchronous():
    with DpuSet(2, asm_source=source(), async_mode=True) as dpus:
        dpus.step = b"\1\0\0\0"
        dpus.exec()
        assert dpus.count.int32() == [1, 1]


def test_assigning_lists_to_attributes(four):
    four.step = [bytes([n, 0, 0, 0]) for n in range(4)]
    four.exec()
    assert [list(value) for value in four.data.uint32()] == [[n] * 4 for n in range(4)]


def test_values_of_one_dpu(one):
    one.data = array.array("i", [-1, 0, 1, 2])
    value = one.data
    assert value.int32().tolist() == [-1, 0, 1, 2] and isinstance(value.int32(), memoryview)
    assert value.uint32()[0] == 0xFFFFFFFF and value.int8()[:4].tolist() == [-1] * 4
    assert value.uint8()[4] == 0 and value.int16()[0] == -1 and value.uint16()[0] == 0xFFFF
    assert value.int64()[1] == 2 << 32 | 1 and value.uint64()[0] == 0xFFFFFFFF
    assert isinstance(value.data(), memoryview) and len(value.contents) == 1
    one.count = b"\xff\xff\xff\xff"
    assert one.count.int32() == -1 and one.count.uint32() == 0xFFFFFFFF


def test_values_of_several_dpus(four):
    four.count = [bytes([n, 0, 0, 0]) for n in range(4)]
    assert four.count.int32() == [0, 1, 2, 3]
    assert [bytes(view) for view in four.count.data()] == [bytes([n, 0, 0, 0]) for n in range(4)]


def test_floating_point_values():
    value = DpuVariable([memoryview(array.array("d", [1.5, -2]).tobytes())])
    assert value.double().tolist() == [1.5, -2]
    assert DpuVariable([memoryview(array.array("f", [0.5]).tobytes())]).float() == 0.5


def test_casts_that_do_not_fit(one):
    for cast in ("int64", "double", "uint64"):
        with pytest.raises(TypeError):
            getattr(one.count, cast)()


def test_functions_are_symbols(one):
    assert len(getattr(one, "__bootstrap").uint64()) > 10
