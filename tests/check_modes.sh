#!/bin/sh
# SPDX-License-Identifier: MIT
# Every example leaves the same MRAM in every DPU at every launch end, whether it runs in functional
# mode, in cycle mode, or changes from one to the other in its midst. WRAM holds stacks and queues of
# sleepers, which depend on who came first, so it is not compared.
set -u
cd "$(dirname "$0")/.." || exit 2
build=$(cd "${B:-build}" && pwd) || exit 2
work=$build/check-modes
rm -rf "$work"
mkdir -p "$work"
cp -r examples "$work/copy"
# shellcheck source=/dev/null
. "$build/env.sh"
unset MAKEFLAGS MAKELEVEL
passed=0 failed=0

# run FOLDER HOST KERNEL NAME VARIABLE=VALUE...: digests of one run, without what is not compared
run() {
    folder=$1 host=$2 kernel=$3 name=$4
    shift 4
    rm -f "$work/digest"
    (cd "$folder" && env DPUSIM_DIGEST="$work/digest" "$@" timeout 120 "$host" "$kernel" 4) \
        > "$work/log" 2>&1 || return 1
    sed 's/ wram=.*//' "$work/digest" > "$work/$name"
    [ -s "$work/$name" ]
}
same() {
    run "$1" "$2" "$3" functional UPMEM_PROFILE=simMode=functional &&
        run "$1" "$2" "$3" cycle UPMEM_PROFILE=cycleAccurate=true &&
        run "$1" "$2" "$3" warm UPMEM_PROFILE=simCycleFrom=insn:5000,simCycleUntil=insn:20000 &&
        cmp "$work/functional" "$work/cycle" && cmp "$work/functional" "$work/warm"
}
for makefile in "$work"/copy/*/Makefile; do
    folder=$(dirname "$makefile")
    make -C "$folder" CC="${CC:-cc}" > "$work/log" 2>&1 || cat "$work/log"
    sed -n 's/^\t\(\.\/host[a-z_]*\) \([a-z_]*\) .*/\1 \2/p' "$makefile" > "$work/runs"
    while read -r host kernel; do
        if same "$folder" "$host" "$kernel"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAIL  $(basename "$folder"), $kernel"
            tail -n 5 "$work/log"
        fi
    done < "$work/runs"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
