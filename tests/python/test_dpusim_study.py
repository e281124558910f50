# SPDX-License-Identifier: MIT
"""dpusim: profiles, sweeps, plots."""
import csv
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time

import dpusim
import pytest
from conftest import BUILD, PROGRAM, PROGRAMS, ROOT
from dpusim import plot, sweep
from dpusim.profile import cycles_of

TOOL = str(BUILD / "bin" / "dpusim")


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    """crt0.o+barrier.o+vector_add.o, as users name them."""
    folder = tmp_path_factory.mktemp("objects")
    names = []
    for part in ("common/crt0", "common/barrier", "vector_add/vector_add"):
        names.append(str(folder / (os.path.basename(part) + ".o")))
        subprocess.run([TOOL, "asm", "-g", "-o", names[-1], str(ROOT / "examples" / part) + ".S"],
                       check=True)
    return "+".join(names)


def study(*arguments):
    return sweep.sweep(sweep.parser().parse_args(["-q", *map(str, arguments)]))


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


# ---- profiles -----------------------------------------------------------------------------------


def test_profile_sums_are_the_statistics():
    dpu = dpusim.Dpu(str(PROGRAMS / "vector_add.elf"), mode="cycle")
    profile = dpusim.Profile(dpu)
    dpu.run()
    tasklets = profile.cycles("tasklet")
    assert all(sum(row.values()) == dpu.cycles for row in tasklets.values())
    own = profile.cycles("function")
    issued = sum(row["issued"] + row["spin"] for row in own.values())
    assert issued == dpu.statistics()["instructions"]
    assert sum(row["issued"] for row in profile.cycles("instruction").values()) + \
        sum(row["spin"] for row in own.values()) == issued
    assert set(own["main"]) == set(dpusim.causes())
    with pytest.raises(ValueError, match="tasklet"):
        profile.cycles("colour")
    with pytest.raises(ValueError, match="callgrind"):
        profile.text("xml")
    assert "events: busy issued" in profile.text("callgrind")


def test_profile_needs_a_program():
    with pytest.raises(dpusim.Error, match="no program"):
        dpusim.Profile(dpusim.Dpu())


def test_profile_with_a_window_has_it_as_a_sample():
    dpu = dpusim.Dpu(dpusim.build(PROGRAM), mode="cycle")
    profile = dpusim.Profile(dpu, window=(10, 60))
    dpu.run()
    data = profile.data()
    assert (data["samples"][0]["from"], data["samples"][0]["until"]) == (10, 60)
    assert cycles_of(data, "tasklet")[0]["issued"] == dpu.statistics()["instructions"]


# ---- sweeps -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text, message", [
    ("5..1", "must grow"), ("1..9+0", "must grow"), ("0..9*2", "must grow")])
def test_ranges_must_grow(text, message):
    with pytest.raises(sweep.SweepError, match=message):
        sweep.values_of(text)


def test_study_has_every_combination_in_order(objects, tmp_path):
    path = tmp_path / "t.csv"
    rows = study(objects, "--nr-tasklets=1,4", "--set", "n=1024,2048", "--timing",
                 "dma_alpha_read=77,200", "-o", path, "--jobs=2", "--dump", "total",
                 "--json", tmp_path / "t.json")
    assert [(r["nr_tasklets"], r["dma_alpha_read"], r["n"]) for r in rows] == [
        (t, a, n) for t in "14" for a in ("77", "200") for n in ("1024", "2048")]
    assert all(r["status"] == "done" and r["total"] == str(int(r["n"]) // 128) for r in rows)
    cycles = {(r["nr_tasklets"], r["dma_alpha_read"], r["n"]): int(r["cycles"]) for r in rows}
    assert cycles["1", "77", "1024"] > cycles["4", "77", "1024"]
    assert cycles["1", "200", "2048"] > cycles["1", "77", "2048"]
    assert table(path) == rows == json.loads((tmp_path / "t.json").read_text())


def test_study_runs_only_what_is_missing(objects, tmp_path, monkeypatch):
    path, ran = tmp_path / "t.csv", []
    original = sweep.evaluate
    monkeypatch.setattr(sweep, "evaluate", lambda job: ran.append(job.key) or original(job))
    arguments = [objects, "--nr-tasklets=2", "-o", path, "--jobs=1"]
    whole = study(*arguments, "--set", "n=128,256,512")
    text = path.read_text()
    lines = text.splitlines(True)
    path.write_text("".join(lines[:2]) + lines[2][:20])  # the second row was cut off
    ran.clear()
    assert study(*arguments, "--set", "n=128,256,512") == whole
    assert [key[-1] for key in ran] == ["256", "512"]
    assert path.read_text() == text
    ran.clear()
    more = study(*arguments, "--set", "n=64,128")
    assert [key[-1] for key in ran] == ["64"]
    assert [row["n"] for row in more] == ["64", "128", "256", "512"]
    assert table(path) == more


def test_rows_that_fail_say_why(tmp_path):
    fault = study(PROGRAMS / "fault_mem.elf", "-o", tmp_path / "f.csv")[0]
    assert fault["status"] == "fault" and "memory fault" in fault["message"]
    limit = study(PROGRAMS / "vector_add.elf", "--max-instructions=9", "-o", tmp_path / "l.csv")[0]
    assert limit["status"] == "limit" and limit["instructions"] == "9"
    error = study(PROGRAMS / "vector_add.elf", "--set", "nix=1", "-o", tmp_path / "e.csv")[0]
    assert error["status"] == "error" and "nix" in error["message"]


@pytest.mark.parametrize("arguments, message", [
    (["--nr-tasklets=1,2"], "linked already"), (["--set", "n"], "NAME=VALUES"),
    (["--set", "n=1", "--set", "n=2"], "given twice")])
def test_studies_that_are_impossible(arguments, message, tmp_path):
    with pytest.raises(sweep.SweepError, match=message):
        study(PROGRAMS / "vector_add.elf", *arguments, "-o", tmp_path / "t.csv")


def test_a_table_of_another_study_is_left_alone(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(sweep.SweepError, match="other columns"):
        study(PROGRAMS / "vector_add.elf", "-o", path)
    assert path.read_text() == "a,b\n1,2\n"


def test_dask_gives_the_same_table(objects, tmp_path):
    pytest.importorskip("distributed")
    arguments = [objects, "--nr-tasklets=1,2", "--set", "n=128,256"]
    study(*arguments, "-o", tmp_path / "local.csv")
    study(*arguments, "-o", tmp_path / "dask.csv", "--engine=dask", "--jobs=2")
    assert (tmp_path / "local.csv").read_text() == (tmp_path / "dask.csv").read_text()


# ---- the command --------------------------------------------------------------------------------


def command(*arguments, **options):
    environment = dict(os.environ, PYTHON=sys.executable)
    environment.pop("PYTHONPATH", None)
    return subprocess.run([TOOL, "sweep", *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, env=environment,
                          **options)


def test_command_finds_its_package(tmp_path):
    result = command(PROGRAMS / "vector_add.elf", "-o", tmp_path / "t.csv")
    assert (result.returncode, result.stdout) == (
        0, "dpusim sweep: 1 rows in %s, 1 of them run now, 0 not done\n" % (tmp_path / "t.csv"))
    assert command("--nix", "x").returncode == 2
    missing = command("nix.elf", cwd=tmp_path)
    assert missing.returncode == 3 and "nix.elf" in missing.stdout


def test_both_command_lines_have_the_same_options():
    shown = command("--help").stdout
    known = {word for action in sweep.parser()._actions for word in action.option_strings}
    assert set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", shown, re.MULTILINE)) - {"--help"} == {
        word for word in known if word.startswith("--")} - {"--help"}


def test_progress_is_shown_on_a_terminal(tmp_path):
    leader, follower = pty.openpty()
    subprocess.run([sys.executable, "-m", "dpusim.sweep", str(PROGRAMS / "vector_add.elf"), "-o",
                    str(tmp_path / "t.csv")], stderr=follower, check=True)
    os.close(follower)
    assert b"[####" in os.read(leader, 4096)
    os.close(leader)


def test_an_interrupted_study_goes_on(objects, tmp_path):
    path = tmp_path / "t.csv"
    arguments = [objects, "--nr-tasklets=1", "--set", "n=131072..131272+8", "-o", str(path)]
    process = subprocess.Popen([sys.executable, "-m", "dpusim.sweep", "--jobs=1", *arguments])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None and not (
            path.exists() and path.read_text().count("\n") > 1):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait() in (0, 4)
    done = len(table(path))
    assert 1 <= done <= 26
    assert len(study(*arguments)) == 26


# ---- campaigns ----------------------------------------------------------------------------------


def test_campaign(tmp_path):
    kernel = PROGRAMS / "vector_add.elf"
    table = str(tmp_path / "c.csv")
    first = dpusim.campaign(kernel, runs=40, seed=5, jobs=1)
    again = dpusim.campaign(dpusim.Program.read(kernel), runs=40, seed=5, jobs=3, output=table)
    assert first.rows == again.rows and len(first.rows) == 40
    outcomes = first.summary["outcomes"]
    assert sum(row["count"] for row in outcomes.values()) == 40
    unmasked = sum(row["outcome"] not in ("masked", "missed") for row in first.rows)
    avf = first.summary["avf"]
    assert avf["count"] == unmasked
    assert (avf["low"], avf["high"]) == pytest.approx(plot.wilson(unmasked, avf["runs"]))
    assert list(first.column("run")) == list(range(40))
    dpu = dpusim.Dpu(kernel)
    dpu.inject(first.rows[7]["spec"])
    dpu.run(check=False, max_instructions=10**6)
    assert dpu.injections[0].instructions == first.rows[7]["instructions"]
    with pytest.raises(dpusim.Error, match="did you mean"):
        dpusim.campaign(kernel, inject=["flop1"])
    with pytest.raises(dpusim.Error, match="another campaign"):
        dpusim.campaign(kernel, runs=40, seed=6, output=table)


def test_campaign_of_every_point():
    kernel = PROGRAMS / "vector_add.elf"
    every = dpusim.campaign(kernel, inject=["flip1:at=r4,total=900"], enumerate_all=True)
    assert len(every.rows) == every.summary["enumerated_of"] == 32
    assert {row["instructions"] for row in every.rows} == {899}
    some = dpusim.campaign(kernel, inject=["skip"], enumerate_all=True, every=500, runs=3)
    assert [row["instructions"] for row in some.rows] == [0, 500, 1000]
    assert some.summary["enumerated_of"] > 3


def test_campaign_over_a_host_program(tmp_path):
    host = tmp_path / "host.py"
    host.write_text("""
import sys
import dpu.driver
with dpu.driver.DpuSet(2, binary=sys.argv[1]) as dpus:
    for _ in range(2):
        dpus.exec()
print("ran")
open(sys.argv[2], "w").write("done")
""")
    command = [sys.executable, str(host), str(PROGRAMS / "vector_add.elf"),
               str(tmp_path / "out-{}")]
    path = os.pathsep.join(sys.path)
    result = dpusim.host_campaign(command, inject=["mem:total=50", "hang:dpu=1"], runs=2,
                                  files=[str(tmp_path / "out-{}:u8")],
                                  environment={"PYTHONPATH": path})
    assert [row["outcome"] for row in result.rows] == ["fault_memory", "hang"]
    assert result.summary["launches"] == 4 and set(result.summary["avf_by_dpu"]) <= {"0", "1"}
    with pytest.raises(dpusim.Error, match="cannot start"):
        dpusim.host_campaign([str(tmp_path / "nowhere")])


def test_campaign_plot(tmp_path):
    pytest.importorskip("matplotlib")
    table, picture = str(tmp_path / "c.csv"), tmp_path / "c.svg"
    dpusim.campaign(PROGRAMS / "vector_add.elf", runs=30, output=table)
    for by in ("function", "site", "tasklet"):
        assert plot.main([table, "--by", by, "-o", str(picture)]) == 0
        assert "<svg" in picture.read_text()


# ---- plots --------------------------------------------------------------------------------------


def test_plots(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    path = tmp_path / "t.csv"
    study(PROGRAMS / "vector_add.elf", "--timing", "issue_spacing=1,11", "-o", path)
    picture = tmp_path / "t.svg"
    assert plot.main([str(path), "--x", "issue_spacing", "-o", str(picture)]) == 0
    assert "<svg" in picture.read_text()
    assert plot.main([str(path), "--x", "nix"]) == 3
    assert "there are program" in capsys.readouterr().err
    dpu = dpusim.Dpu(str(PROGRAMS / "vector_add.elf"), mode="cycle")
    profile = dpusim.Profile(dpu)
    dpu.run()
    for by in ("tasklet", "function", "line"):
        assert plot.causes(profile.data(), by).axes
