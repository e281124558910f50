# SPDX-License-Identifier: MIT
"""dpusim: running a DPU, its state, statistics, faults."""
import array
import gc
import pickle
import threading

import dpusim
import pytest
from conftest import ENDLESS, FAULTY, PRINTS, PROGRAM, PROGRAMS, ROOT
from dpusim import Memory, Stop

numpy = pytest.importorskip("numpy")


@pytest.fixture
def dpu():
    return dpusim.Dpu(dpusim.build(PROGRAM))


@pytest.fixture(scope="module")
def vector_add():
    parts = ("common/crt0.S", "common/barrier.S", "vector_add/vector_add.S")
    return dpusim.build(*(ROOT / "examples" / part for part in parts), nr_tasklets=16)


# ---- runs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["functional", "cycle"])
def test_vector_add_through_numpy_views(vector_add, mode):
    dpu = dpusim.Dpu(vector_add, mode=mode)
    n = 4096
    a, b, c = (dpu.array(name, "uint32", n) for name in "abc")
    a[:] = numpy.arange(n) * 7
    b[:] = numpy.arange(n) ** 2
    dpu.array("n", "uint32")[0] = n
    assert dpu.run().stop == Stop.DONE
    assert (c == a + b).all()
    assert dpu.array("total", "uint32")[0] == n // 128


def test_cut_run_counts_like_a_whole_one(vector_add):
    whole, cut = dpusim.Dpu(vector_add), dpusim.Dpu(vector_add)
    for dpu in (whole, cut):
        dpu.write("n", (1024).to_bytes(4, "little"))
    instructions = whole.run().instructions
    outcome = cut.run(max_instructions=100)
    assert (outcome.stop, outcome.instructions) == (Stop.LIMIT_INSTRUCTIONS, 100)
    assert cut.resume().instructions == instructions - 100
    assert cut.statistics() == whole.statistics()
    assert cut.save() == whole.save()


def test_limits_end_an_endless_run():
    dpu = dpusim.Dpu(dpusim.build(ENDLESS), mode="cycle")
    assert dpu.run(max_seconds=0.01).stop == Stop.LIMIT_TIME
    dpu.reset()
    assert dpu.run(max_cycles=1000).stop == Stop.LIMIT_CYCLES
    assert 900 <= dpu.cycles <= 1100


def test_globals_survive_a_second_run_and_not_a_reset(dpu):
    dpu.run()
    dpu.run()
    assert dpu.read("count") == b"\2\0\0\0"
    dpu.reset()
    assert dpu.read("count") == b"\0\0\0\0"


def test_run_without_a_program():
    with pytest.raises(dpusim.Error) as caught:
        dpusim.Dpu().run()
    assert caught.value.status == dpusim.Status.NO_PROGRAM


def test_chip_follows_the_program_unless_given():
    program = dpusim.build(ENDLESS, chip="v1B")
    assert dpusim.Dpu(program).chip == "v1B"
    with pytest.raises(dpusim.Error, match="v1"):
        dpusim.Dpu(program, chip="v1A")


def test_breakpoints_and_steps(dpu):
    dpu.add_breakpoint(2)
    outcome = dpu.run()
    assert (outcome.stop, outcome.pc) == (Stop.BREAKPOINT, 2)
    dpu.remove_breakpoint(2)
    assert dpu.step().instructions == 1
    assert dpu.tasklet(0).pc == 3
    assert dpu.resume().stop == Stop.DONE
    with pytest.raises(dpusim.Error, match="tasklet 5"):
        dpu.step(5)


def test_breakpoint_by_name():
    dpu = dpusim.Dpu(dpusim.build(FAULTY))
    dpu.add_breakpoint("broken")
    assert dpu.run().pc == 1


def test_timing_parameters_change_the_time(vector_add):
    slow = dpusim.Dpu(vector_add, mode="cycle", timing={"issue_spacing": 22})
    fast = dpusim.Dpu(vector_add, mode="cycle")
    for dpu in (slow, fast):
        dpu.write("n", (512).to_bytes(4, "little"))
        dpu.run()
    assert slow.cycles > fast.cycles
    assert fast.seconds == fast.cycles / fast.clock_hz


@pytest.mark.parametrize("arguments, kind, words", [
    ({"timing": {"issue_spacin": 1}}, dpusim.Error, "issue_spacing"),
    ({"timing": {"issue_spacing": 1000}}, dpusim.Error, "64"),
    ({"mode": "fast"}, ValueError, "functional"),
    ({"chip": "v2"}, ValueError, "v1A"),
])
def test_bad_configuration_is_explained(arguments, kind, words):
    with pytest.raises(kind, match=words):
        dpusim.Dpu(**arguments)


def test_threads_run_dpus_side_by_side(vector_add):
    dpus = [dpusim.Dpu(vector_add) for _ in range(4)]
    for dpu in dpus:
        dpu.write("n", (8192).to_bytes(4, "little"))
    threads = [threading.Thread(target=dpu.run) for dpu in dpus]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({dpu.save() for dpu in dpus}) == 1


# ---- memories -----------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [
    b"12345678", bytearray(b"12345678"), memoryview(b"12345678"),
    memoryview(bytearray(b"xx12345678"))[2:], array.array("I", [0x34333231, 0x38373635]),
    numpy.frombuffer(b"12345678", numpy.uint16), memoryview(b"xx12345678yy")[2:10],
])
def test_writes_take_any_buffer(dpu, data):
    dpu.write("data", data)
    assert dpu.read("data", 8) == b"12345678"


def test_offsets(dpu):
    dpu.write("source", b"abcd", offset=60)
    assert dpu.read("source", offset=60) == b"abcd"
    assert dpu.mram[60:64].tobytes() == b"abcd"


@pytest.mark.parametrize("where, offset, size", [
    ("data", 13, 4), ("data", -1, 4), ("data", 0, 17), ("one", 0, 2)])
def test_accesses_outside_a_symbol_are_refused(dpu, where, offset, size):
    with pytest.raises(dpusim.Error, match="but the symbol has"):
        dpu.read(where, size, offset)


def test_other_bad_accesses(dpu):
    with pytest.raises(dpusim.Error, match="did you mean data"):
        dpu.read("dat")
    with pytest.raises(dpusim.Error, match="is a number"):
        dpu.read("NR_TASKLETS")
    with pytest.raises(dpusim.Error):
        dpu.read(Memory.WRAM, 8, 65532)
    with pytest.raises(TypeError):
        dpu.write("data", 5)
    with pytest.raises(ValueError, match="not contiguous"):
        dpu.write("data", memoryview(b"12345678")[::2])
    with pytest.raises(dpusim.Error, match="IRAM"):
        dpu.array("__bootstrap")


def test_instructions_can_be_read_and_written(dpu):
    word = dpu.read("__bootstrap", 8)
    dpu.write(Memory.IRAM, word, offset=8)
    assert dpu.read(Memory.IRAM, 8, 8) == word


def test_views_outlive_the_dpu():
    dpu = dpusim.Dpu(dpusim.build(PROGRAM))
    values = dpu.array("data", "uint32")
    del dpu
    gc.collect()
    values[:] = 5
    assert values.tolist() == [5] * 4


def test_views_have_no_copy(dpu):
    dpu.array("step", "int32")[0] = -1
    values = dpu.array("data", "int32")
    dpu.run()
    assert values.tolist() == [-1] * 4


# ---- state --------------------------------------------------------------------------------------


def test_registers_are_set_and_read(dpu):
    dpu.boot()
    dpu.set_tasklet(0, registers=list(range(24)), pc=4, zero_flag=True)
    state = dpu.tasklet(0)
    assert state.registers == list(range(24)) and state.pc == 4
    assert state.zero_flag and not state.carry_flag and state.running
    with pytest.raises(ValueError):
        dpu.set_tasklet(0, registers=[1])
    with pytest.raises(dpusim.Error, match="24"):
        dpu.tasklet(24)
    assert len(dpu.tasklets) == 24 and len(dpu.atomic_bits()) == 256


def test_saved_state_is_restored(dpu):
    dpu.run()
    state = dpu.save()
    dpu.run()
    dpu.restore(state)
    assert dpu.read("count") == b"\1\0\0\0" and dpu.save() == state
    damaged = bytearray(state)
    damaged[len(damaged) // 2] ^= 1
    with pytest.raises(dpusim.Error) as caught:
        dpu.restore(bytes(damaged))
    assert caught.value.status == dpusim.Status.BAD_STATE and dpu.save() == state


def test_a_dpu_cannot_be_pickled(dpu):
    with pytest.raises(TypeError, match="save"):
        pickle.dumps(dpu)


# ---- statistics, log ----------------------------------------------------------------------------


def test_statistics_of_tasklets_add_up(vector_add):
    dpu = dpusim.Dpu(vector_add, mode="cycle", settings={"machine.count_mix": True})
    dpu.write("n", (2048).to_bytes(4, "little"))
    dpu.run()
    total, each = dpu.statistics(), dpu.tasklet_statistics()
    assert each["instructions"].shape == (24,) and each["instructions"].dtype == numpy.uint64
    assert each["instructions"].sum() == total["instructions"]
    assert each["dma_bytes"].sum() == total["dma_bytes"] == 3 * 4 * 2048 + 40  # and the log
    assert {row.name for row in dpusim.statistics()} == set(total) | set(each)


def test_statistics_of_cycle_mode_are_left_out_in_functional_mode(dpu):
    dpu.run()
    assert "slots_drain" not in dpu.statistics()
    assert dpu.statistics()["cycles"] == dpu.statistics()["instructions"]


def test_log_is_decoded():
    dpu = dpusim.Dpu(dpusim.build(PRINTS))
    dpu.run()
    assert dpu.log() == "Hi 5\n"


def test_log_of_a_program_without_one(dpu):
    dpu.run()
    with pytest.raises(dpusim.Error) as caught:
        dpu.log()
    assert caught.value.status == dpusim.Status.LOG_MISSING


# ---- faults, injection, hooks -------------------------------------------------------------------


def test_fault_is_explained():
    dpu = dpusim.Dpu(dpusim.build(FAULTY))
    with pytest.raises(dpusim.FaultError) as caught:
        dpu.run()
    fault = caught.value.fault
    assert (fault.kind, fault.tasklet) == ("breakpoint", 0)
    assert (fault.code, fault.code_name) == (3, "Assert")
    assert fault.pc == 1 and not fault.injected and fault.instructions == 1
    assert fault.frames[0].function == "broken" and fault.frames[0].file.endswith("src0.S")
    assert "fault 3 (Assert)" in str(caught.value)
    dpu.clear_fault()
    assert dpu.fault is None


def test_fault_without_check():
    dpu = dpusim.Dpu(PROGRAMS / "fault_mem.elf")
    assert dpu.run(check=False).stop == Stop.FAULTED
    assert dpu.fault.kind == "memory" and dpu.fault.rule


def test_injected_fault(dpu):
    dpu.inject("dma:dma,nth=2")
    with pytest.raises(dpusim.FaultError) as caught:
        dpu.run()
    assert caught.value.fault.injected and caught.value.fault.kind == "dma"
    dpu.clear_injections()
    assert dpu.run().stop == Stop.DONE


def test_injections_tell_what_came_of_them(dpu):
    dpu.inject("flip1:at=r0,bit=3,total=2,seed=4; skip:launch=99")
    dpu.run(check=False)
    first, second = dpu.injections
    assert first.specification == "flip1:site=register,at=r0,bit=3,total=2,seed=4"
    assert first.happened and first.instructions == 1 and not second.happened
    with pytest.raises(dpusim.Error):
        dpu.inject("skip:total=3;nonsense:total=1")
    assert len(dpu.injections) == 2


@pytest.mark.parametrize("specification", [
    ":", "bkp", "xyz:pc=1", "bkp:pc=nowhere", "bkp:pc=1,nth=0"])
def test_bad_injections_are_refused(dpu, specification):
    with pytest.raises(dpusim.Error) as caught:
        dpu.inject(specification)
    assert str(caught.value)


def test_hook_sees_every_instruction(dpu):
    seen = []
    dpu.set_hook(lambda event: seen.append(event))
    outcome = dpu.run()
    kinds = [event.kind.name for event in seen]
    assert kinds.count("INSN") == outcome.instructions
    assert kinds.count("DMA") == 2 and kinds[-1] == "STOP"
    dpu.set_hook(None)
    before = len(seen)
    dpu.run()
    assert len(seen) == before


def test_hook_ends_the_run(dpu):
    dpu.set_hook(lambda event: event.pc != 3)
    assert dpu.run().stop == Stop.INTERRUPTED


def test_exception_of_a_hook_comes_out(dpu):
    def hook(event):
        raise KeyError("mine")

    dpu.set_hook(hook)
    with pytest.raises(KeyError, match="mine"):
        dpu.run()
    dpu.set_hook(None)
    dpu.reset()
    assert dpu.run().stop == Stop.DONE


# ---- settings, modes, metrics -------------------------------------------------------------------


def test_settings_come_from_files_and_dictionaries(vector_add, tmp_path):
    file = tmp_path / "study.cfg"
    file.write_text("machine.mode = cycle\nmachine.clock_mhz = 400\nstudy.dma_engines = 2\n")
    given = {"machine.clock_mhz": 500}
    dpu = dpusim.Dpu(vector_add, settings=given, config=file)
    assert (dpu.mode, dpu.clock_hz) == ("cycle", 500_000_000)
    assert dpusim.Dpu(vector_add, mode="functional", config=file).mode == "functional"
    shown = dpusim.settings(given, file)
    assert shown["machine.clock_mhz"].origin == "settings"
    assert shown["study.dma_engines"].origin.endswith("study.cfg:3")
    assert shown["timing.wake_latency"] == ("11", "cycles", "default",
                                            shown["timing.wake_latency"].meaning)


@pytest.mark.parametrize("settings, words", [
    ({"study.dma_engine": 2}, "study.dma_engines"),
    ({"study.dma_engines": 17}, "16"),
    ({"study.dma_engines": 2, "study.dram_detailed": True}, "one bank"),
])
def test_bad_settings_are_explained(settings, words):
    for refuse in dpusim.settings, lambda values: dpusim.Dpu(settings=values):
        with pytest.raises(dpusim.Error, match=words):
            refuse(settings)


def test_missing_file_of_settings_is_named(tmp_path):
    with pytest.raises(dpusim.Error, match="nowhere.cfg"):
        dpusim.Dpu(config=tmp_path / "nowhere.cfg")


def test_metrics_follow_from_counters(vector_add):
    dpu = dpusim.Dpu(vector_add, mode="cycle")
    dpu.write("n", (8192).to_bytes(4, "little"))
    dpu.run()
    counters, metrics = dpu.statistics(), dpu.metrics()
    assert metrics["ipc"] == pytest.approx(counters["instructions"] / counters["cycles"])
    assert metrics["seconds"] == pytest.approx(dpu.seconds)
    assert set(metrics) <= {row.name for row in dpusim.metrics()}


def test_mix_counts_every_instruction_once(vector_add):
    dpu = dpusim.Dpu(vector_add, settings={"machine.count_mix": 1})
    outcome = dpu.run()
    mix = dpu.instruction_mix()
    mix.pop("branches")
    assert sum(mix.values()) == outcome.instructions
    with pytest.raises(dpusim.Error, match="machine.count_mix"):
        dpusim.Dpu(vector_add).instruction_mix()
    assert not any(name.startswith("mix_") for name in dpusim.Dpu(vector_add).statistics())


def test_warm_start_covers_the_part_in_cycle_mode(vector_add):
    whole, part = (dpusim.Dpu(vector_add, mode=mode) for mode in ("cycle", "functional"))
    part.warm_start("insn:5000", "insn:9000")
    for dpu in whole, part:
        dpu.write("n", (8192).to_bytes(4, "little"))
        dpu.run()
    assert part.mode == "functional" and part.statistics()["instructions"] == 4000
    assert part.statistics()["instructions_before"] == 5000
    assert 4000 <= part.cycles < whole.cycles
    assert part.read("c") == whole.read("c")
    with pytest.raises(dpusim.Error, match="nowhere"):
        part.warm_start("nowhere")


def test_mode_changes_where_a_run_was_ended(dpu):
    dpu.run(max_instructions=2)
    dpu.mode = "cycle"
    assert dpu.resume().stop == Stop.DONE
    assert dpu.mode == "cycle" and dpu.cycles > dpu.statistics()["instructions"]
    with pytest.raises(ValueError, match="functional"):
        dpu.mode = "fast"


def test_host_seconds():
    parallel = dpusim.host_seconds("push", 64, 1 << 20)
    assert dpusim.host_seconds("broadcast", 64, 1 << 20) < parallel
    assert parallel < dpusim.host_seconds("push", 64, 1 << 20, to_dpu=False)
    assert dpusim.host_seconds("copy", 64, 1 << 20) == pytest.approx(
        64 * dpusim.host_seconds("copy", 1, 1 << 20))
    assert dpusim.host_seconds("push", 64, 256, memory=dpusim.Memory.WRAM) > \
        dpusim.host_seconds("push", 64, 256)
    assert dpusim.host_seconds("launch", settings={"host.launch_us": 50}) == pytest.approx(50e-6)
    with pytest.raises(ValueError, match="push"):
        dpusim.host_seconds("pull")
