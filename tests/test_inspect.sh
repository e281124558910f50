#!/bin/sh
# SPDX-License-Identifier: MIT
# Core files as users get them: dpusim run --core and --restart, DPUSIM_CORE, dpusim inspect by the
# types of a program compiled with -g, dpusim diff.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD
build=$(cd "${B:-build}" && pwd)
cc=$build/bin/dpu-upmem-dpurte-clang
dpusim=$build/bin/dpusim
# shellcheck source=/dev/null
. tests/check_help.sh
if [ ! -x "$cc" ]; then
    echo "the compiler is not built: no LLVM"
    echo "0 passed, 0 failed"
    exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/dpusim-test.XXXXX""X") || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

shows() { # shows VALUE TEXT: inspect prints exactly that
    check "inspect $1" [ "$("$dpusim" inspect kernel.core "$1" 2>&1)" = "$1 = $2" ]
}
refuses() { # refuses VALUE TEXT
    check "inspect $1: refused" says 3 "$2" "$dpusim" inspect kernel.core "$1"
}

"$cc" -g -O1 -o kernel.elf "$root/tests/data/inspect/kernel.c" || exit 1
check "core of a fault" says 1 'core file: kernel.core' "$dpusim" run --core kernel.core kernel.elf
shows total '(uint64_t) 7'
shows 'table[1]' "(struct point) {c = 66 'B', x = -1, bits = 1, more = 101, col = NEG, f = {0, 0.5, 0}, {a = 0, b = 1}, list = 0x$("$dpusim" inspect --json kernel.core 'table[1].list' | sed -n 's/.*"table.1..list": \([0-9]*\).*/\1/p' | xargs printf %x) <nodes[1]>, mp = 0x4 <big[1]>}"
shows 'table[2].more' '(unsigned int) 102'
shows 'table[3].b' '(int) 3'
shows 'table[3].col' '(enum color) NEG'
shows 'table[0].list->next->name' '(char[8]) "b"'
shows '*table[3].mp' '(int) 3'
shows 'table[1].mp[998]' '(int) 999'
shows 'nodes[2].next' '(struct node *) 0x0'
shows zeros '(uint32_t[100]) {0 <100 times>}'
shows truth '(_Bool) true'
shows half '(float) 0.5'
shows twice '(double) 2.5'
shows count.calls '(int) 4'
shows 'big+8:i32[3]' '2 3 4'
shows matrix '(short[2][3]) {{0, 1, 2}, {10, 11, 12}}'
refuses 'table[4]' 'table has 4 elements; there is no [4]'
refuses 'table[0].q' 'struct point has no member "q"'
refuses tabel 'did you mean "table"?'
refuses 'nodes[2].next->value' 'nodes[2].next is a null pointer'
refuses 'total.x' 'total is no structure but uint64_t'
refuses 'total[0]' 'total is neither an array nor a pointer'
refuses 'table[' 'an index is a number'
refuses 'table 3' 'does not exist'

check "state: fault" says 0 'memory fault in tasklet 0' "$dpusim" inspect kernel.core
check "state: stack" grep -q 'called by main+[0-9]* at .*kernel.c:[56][0-9]' said
check "state: mutex" grep -q 'atomic bits held: 200 (__atomic_bit_mutex_lock)' said
check "state: heap" grep -q 'WRAM heap: .* 100 bytes allocated' said
check "state: log" grep -q '^before 3$' said
check "json" "$root/scripts/python" -c "
import json, subprocess
said = json.loads(subprocess.check_output(['$dpusim', 'inspect', '--json', 'kernel.core', 'table[1]', 'zeros']))
assert said['fault'] == 'memory' and said['tasklets'][0]['stack'][0]['function'] == 'deep', said
assert said['values']['table[1]']['col'] == 'NEG' and said['values']['table[1]']['f'] == [0, 0.5, 0]
assert said['values']['zeros'] == [0] * 100 and said['log'] == 'before 3\n'"
check "a program is no core" says 3 'is neither a core file' "$dpusim" inspect kernel.elf
check "no such file" says 3 'none.core' "$dpusim" inspect none.core

check "--core-always" says 4 'core file: a.core' "$dpusim" run --core a.core --core-always \
    --max-instructions 5000 kernel.elf
check "--restart" says 1 'fault: 1' "$dpusim" run --restart a.core --core c.core kernel.elf
check "a cut run ends as a whole one" cmp c.core kernel.core
check "--core-always alone" says 2 'needs --core' "$dpusim" run --core-always kernel.elf
check "no core without a fault" says 4 'limit' "$dpusim" run --core none.core \
    --max-instructions 100 kernel.elf
check "no file then" [ ! -e none.core ]
"$cc" -g -O2 -o other.elf "$root/tests/data/inspect/kernel.c"
check "--restart, another program" says 3 'of another program' "$dpusim" run --restart a.core other.elf

"$dpusim" run -q --core b.core --core-always --max-instructions 5100 kernel.elf > log 2>&1
check "diff of cores" says 1 'MRAM big[' "$dpusim" diff a.core b.core
check "diff: counts" grep -q 'bytes differ:.* of big' said
check "diff: registers" says 1 'tasklet 0' "$dpusim" diff -n 100000 b.core kernel.core
check "diff: log" grep -q '^log, line 1: , before 3$' said
check "diff: bits" grep -q '^atomic bit 200 (__atomic_bit_mutex_lock): free, held$' said
check "diff of equals" "$dpusim" diff a.core a.core
head -c 400 /dev/zero > x.bin
{ head -c 44 x.bin; printf '\001'; head -c 355 x.bin; } > y.bin
check "diff of raw files" says 1 'MRAM 0x2c: 0x00000000, 0x00000001' "$dpusim" diff x.bin y.bin
check "diff of raw files, typed" says 1 'MRAM big[11]: 0, 1' "$dpusim" diff --program kernel.elf \
    --at big x.bin y.bin
check "diff, length" says 1 'length: 400 bytes, 44 bytes' sh -c "head -c 44 x.bin > z.bin
    '$dpusim' diff x.bin z.bin"
echo '{"a": {"b": [1, 2.5, 3]}, "c": 4}' > 1.json
echo '{"a": {"b": [1, 2.25, 3]}, "d": 4}' > 2.json
check "diff of JSON" says 1 'a.b[1]: 2.5, 2.25' "$dpusim" diff 1.json 2.json
check "diff of JSON: gone" grep -q '^c: 4, nothing$' said
check "diff of JSON: new" grep -q '^d: nothing, 4$' said
check "diff --json" says 1 '"found": 3' "$dpusim" diff --json 1.json 2.json
check "diff -q" [ -z "$("$dpusim" diff -q 1.json 2.json 2>&1)" ]
check "diff of two kinds" says 2 'compare two of a kind' "$dpusim" diff 1.json a.core

# Host programs: one core file for each DPU that faults.
if PYTHONPATH=$build/python "$root/scripts/python" --need numpy -c 'import dpu' 2> /dev/null; then
    cat > host.py << 'END'
from dpu import DpuSet
with DpuSet(2, binary="kernel.elf") as dpus:
    dpus.exec()
END
    env PYTHONPATH="$build/python" DPUSIM_CORE='host.%d.%l.core' "$root/scripts/python" host.py > log 2>&1
    check "DPUSIM_CORE" [ -e host.0.1.core ]
    check "DPUSIM_CORE: inspect" says 0 'total = (uint64_t) 7' "$dpusim" inspect host.1.1.core total
fi

report
