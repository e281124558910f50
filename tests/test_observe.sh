#!/bin/sh
# SPDX-License-Identifier: MIT
# Profiles, traces and reports as users get them: from the command and from a host program that knows
# nothing of them. Their formats are read by other programs where these are there: callgrind_annotate,
# python3, chromium. What could not be checked is said.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD
build=$(cd "${B:-build}" && pwd)
work=$build/test-observe
rm -rf "$work"
mkdir -p "$work"
dpusim=$build/bin/dpusim
export PROGRAMS="$root/tests/data/programs"
kernel=$PROGRAMS/vector_add.elf
# shellcheck source=/dev/null
. tests/check_help.sh
unset UPMEM_PROFILE UPMEM_PROFILE_BASE DPUSIM_PROFILE DPUSIM_TRACE LD_LIBRARY_PATH
cd "$work" || exit 2

python() { "$root/scripts/python" "$@"; }
run() { "$dpusim" "$@" -q "$kernel"; }

# ---- profiles ----

same_cycles() {
    run run --mode=cycle --stats=plain.json && run profile --stats=observed.json -o /dev/null &&
        cmp plain.json observed.json
}
callgrind_reads() {
    run profile --format=callgrind -o callgrind.out.test || return 1
    command -v callgrind_annotate > /dev/null || { echo "callgrind_annotate: skipped" >&3; return 0; }
    callgrind_annotate --threshold=100 callgrind.out.test > annotated &&
        grep -q 'Events recorded: *busy issued spin' annotated && grep -q ':main' annotated &&
        grep -q '100.0%).*PROGRAM TOTALS\|(100.0%)' annotated
}
profile_json() {
    run profile --format=json -o profile.json && run profile --format=stacks -o stacks &&
        python - << 'END'
import json
p = json.load(open("profile.json"))
assert p["schema"] == "dpusim-profile-1" and p["mode"] == "cycle"
busy = [c not in ("stopped", "drain") for c in p["causes"]]
total = [sum(t[i] for t in p["tasklets"].values()) for i in range(len(busy))]
for cycles in p["tasklets"].values():
    assert sum(cycles) == p["cycles"]
code = [sum(i["cycles"][n] for i in p["code"]) + p["outside"][n] for n in range(len(busy))]
assert code == total, (code, total)
nodes = [sum(i["cycles"][n] for i in p["calls"]) for n in range(len(busy))]
assert nodes == total, (nodes, total)
for insn in p["code"]:
    assert [sum(t[n] for t in insn["by_tasklet"].values()) for n in range(len(busy))] \
        == insn["cycles"]
lines = p["timeline"]
assert sum(sum(s["cycles"]) for s in lines["series"]) == sum(total)
stacks = sum(int(line.split()[-1]) for line in open("stacks"))
assert stacks + sum(c for c, b in zip(p["outside"], busy) if b) == sum(
    c for c, b in zip(total, busy) if b)
for sample in p["samples"]:
    for tasklet, cause, pc, start, length in sample["slices"]:
        assert start < sample["until"] and start + length > sample["from"]
END
}
check "an observed run has the same statistics" same_cycles
check "callgrind_annotate reads a profile" callgrind_reads 3>&1
check "the sums of a profile in JSON agree" profile_json
check "an unknown format is refused" says 2 'formats are text' run profile --format=x
check "a profile that cannot be written" says 3 'no/such' run profile -o no/such/file

# ---- traces ----

trace_is_valid() { # trace_is_valid CHECK OPTION...: CHECK sees e, the events with a length
    see=$1
    shift
    run trace -o trace.json "$@" || return 1
    python - "$see" << 'END'
import json, sys
events = json.load(open("trace.json"))["traceEvents"]
e = [x for x in events if x["ph"] == "X"]
threads = {x["tid"]: x["args"]["name"] for x in events if x["name"] == "thread_name"}
stacks = {}
for x in sorted(e, key=lambda x: (x["tid"], x["ts"], -x["dur"])):  # nested, as viewers need it
    stack = stacks.setdefault(x["tid"], [])
    while stack and stack[-1] <= x["ts"] + 1e-9:
        stack.pop()
    assert not stack or x["ts"] + x["dur"] <= stack[-1] + 1e-9, x
    stack.append(x["ts"] + x["dur"])
names = {x["name"] for x in e}
assert eval(sys.argv[1]), (len(e), names)
END
}
check "a trace has functions, waits, transfers" trace_is_valid \
    '{"main", "read", "write", "wait: DMA"} <= names and threads[100] == "DMA engine"'
check "a limit leaves a valid trace" trace_is_valid '0 < len(e) < 200' --max-events=50
check "only one tasklet" trace_is_valid '{x["tid"] for x in e} <= {4, 100}' -t 3
check "only a window" trace_is_valid \
    'e and all(x["ts"] >= 2 and x["ts"] + x["dur"] <= 3.0001 for x in e)' --from=2000 --until=3000
check "only inside a function" trace_is_valid \
    '"main" in names and "__bootstrap" not in names' --symbol=main
check "an unknown function" says 3 'no function "mian"; did you mean "main"' run trace --symbol=mian
check "an empty window" says 2 'greater than --from' run trace --from=5 --until=5
text_window() {
    run trace --format=text -t 1 --from=1000 --until=3000 -o trace.txt &&
        grep -q ' 1@0x' trace.txt && ! grep -q ' [02-9]@0x' trace.txt &&
        awk '!/^#/ && ($NF < 1000 || $NF >= 3000) { bad = 1 } END { exit bad }' trace.txt
}
check "text of one tasklet in a window" text_window

# ---- host programs ----

records() {
    UPMEM_PROFILE=cycleAccurate=true DPUSIM_PROFILE=rec DPUSIM_TRACE=rec,dpus=0-1 \
        "$build/examples/vector_add/host" host.elf 3 || return 1
    [ "$(find rec -name 'profile-*.json' | wc -l)" = 3 ] && [ -s rec/callgrind.out-0000-00 ] &&
        python - << 'END'
import json
events = json.load(open("rec/trace.json"))["traceEvents"]
assert {e["pid"] for e in events} == {1, 2}
assert json.load(open("rec/profile-0000-00.json"))["mode"] == "cycle"
END
}
two_programs() {
    PYTHONPATH=$build/python DPUSIM_PROFILE=two DPUSIM_TRACE=two python - << 'END' || return 1
import os
from dpu import driver
programs = os.environ["PROGRAMS"]
dpus = driver.DpuSet(1)
for name in ("crc32", "crc32", "switch_table"):
    dpus.load(os.path.join(programs, name + ".elf"))
    dpus.exec()
    dpus.exec()
END
    [ "$(find two -name 'profile-0000-00*.json' | wc -l)" -ge 2 ] &&
        grep -q switch_table two/profile-0000-00-*.txt && python -c '
import json
assert len(json.load(open("two/trace.json"))["traceEvents"]) > 30'
}
host_kernel() {
    for source in common/crt0 common/barrier vector_add/vector_add; do
        "$dpusim" asm -g -o "$(basename $source).o" "$root/examples/$source.S" || return 1
    done
    "$dpusim" link --nr-tasklets=16 -o host.elf crt0.o barrier.o vector_add.o
}
if [ -x "$build/examples/vector_add/host" ]; then
    check "a kernel for the host program" host_kernel
    check "a host program records when the environment asks" records
    case ${OPT:-} in
    *-fsanitize*) ;; # the interpreter is no instrumented program
    *) check "another program has files of its own, also when nobody frees the set" two_programs ;;
    esac
    check "a wrong option is refused" says 1 'wanted dpus=N-N' \
        env DPUSIM_TRACE=rec,x=1 "$build/examples/vector_add/host" host.elf 1
    check "a report of what was recorded" "$dpusim" report -q -o many.html rec
fi

# ---- the page ----

dom() { # dom PAGE: as it is after its scripts
    timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/browser" \
        --virtual-time-budget=10000 --dump-dom "file://$work/$1" 2> browser.log
}
page_is_drawn() { # page_is_drawn PAGE SECTION...
    dom "$1" > drawn || return 1
    shift
    grep -q 'data-ready="yes"' drawn || return 1
    ! grep -q 'data-error=' drawn || return 1
    for id in "$@"; do
        grep -q "<section id=\"$id\">" drawn || { echo "no section $id"; return 1; }
    done
}
no_network() { # nothing but its own text, the name space of SVG apart
    ! grep -oE '(src|href)="?https?:|https?://[a-z0-9.]*' "$1" | grep -v 'http://www.w3.org' | grep .
}
check "a report is written" run report -o page.html --window=100:400
check "it needs no network" no_network page.html
check "a directory without profiles" says 3 'no file profile' "$dpusim" report -q .
check "a window that is none" says 2 'FROM:UNTIL' run report --window=5
if command -v chromium > /dev/null; then
    check "a browser draws it" page_is_drawn page.html causes timeline pipeline lines functions waits \
        roofline statistics
    check "the picture of the pipeline has issues" grep -q 'cycles 100 to 400' drawn
    if [ -e many.html ]; then
        check "a browser draws many DPUs" page_is_drawn many.html dpus causes roofline
    fi
else
    echo "no chromium: the page was not drawn (sh scripts/packages.sh browser)"
fi
report
