#!/bin/sh
# SPDX-License-Identifier: MIT
# Time of the compiler for kernels of 300 lines at -O2, from C to a program, one JSON line per kernel:
#   seconds     CPU time of the front end, the code generator, assembler and linker, least of a few
#   host_minsn  millions of host instructions of the same, counted by callgrind
# `functions` is what kernels look like; `loops` is one function of a hundred loops in a row.
# Fails when a kernel needs more than the bar.
#   usage: B=build benchmarks/compile.sh
set -u
cd "$(dirname "$0")/.." || exit 2
compiler=${B:-build}/bin/dpu-upmem-dpurte-clang
work=${B:-build}/bench
bar=0.5
if ! [ -x "$compiler" ]; then
    echo "compile.sh: there is no compiler, no time of it" >&2
    exit 0
fi
mkdir -p "$work"

head_of_kernel() {
    cat <<'EOF'
#include <alloc.h>
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <stdint.h>
#define BLOCK_SIZE 1024
BARRIER_INIT(my_barrier, NR_TASKLETS);
__host uint32_t result[NR_TASKLETS];
__host struct { uint32_t n, kind; } args;
__mram_noinit uint32_t input[1 << 20];
EOF
}
main_of_kernel() { # the statements on standard input
    cat <<'EOF'
int main(void)
{
    uint32_t *buffer = mem_alloc(BLOCK_SIZE), sum = me();
    barrier_wait(&my_barrier);
    mram_read(&input[me() * BLOCK_SIZE / 4], buffer, BLOCK_SIZE);
EOF
    cat
    printf '    result[me()] = sum;\n    return 0;\n}\n'
}
functions_kernel() {
    head_of_kernel
    awk 'BEGIN { for (i = 0; i < 21; i++) {
        printf "static uint32_t step%d(uint32_t *buffer, uint32_t n, uint32_t seed)\n{\n", i
        printf "    uint32_t sum = seed;\n    for (uint32_t i = 0; i < n; i++) {\n"
        printf "        uint32_t v = buffer[i] * %d + (sum >> %d);\n", i * 7 + 3, i % 7 + 1
        printf "        if (v & %d)\n            sum += v ^ (seed << %d);\n", 2 ^ (i % 9), i % 5 + 1
        printf "        else\n            sum -= buffer[(i + %d) %% n];\n    }\n", i
        printf "    return sum;\n}\n" } }'
    awk 'BEGIN { for (i = 0; i < 21; i++)
        printf "    sum = step%d(buffer, BLOCK_SIZE / 4, sum);\n", i }' | main_of_kernel
}
loops_kernel() {
    head_of_kernel
    awk 'BEGIN { for (i = 0; i < 94; i++)
        printf "    for (uint32_t i = 0; i < args.n; i++)\n        sum += buffer[i] ^ %d;\n" \
            "    buffer[%d] = sum;\n", i * 37, i }' | main_of_kernel
}

# Seconds of processor time that the children of this shell took so far.
spent() {
    times > "$work/times" # no pipe: `times` in a shell of its own has no children to tell of
    tail -n 1 "$work/times" | awk '{ for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); s += t[1] * 60 + t[2] }
        printf "%.3f\n", s }'
}
compile() { "$@" "$compiler" -DNR_TASKLETS=16 -O2 -o "$work/compiled.elf" "$source"; }
# Least of five. `times` counts the children of a shell: each compilation has a shell of its own.
seconds_of() {
    for _ in 1 2 3 4 5; do
        (
            compile || exit 1
            spent
        ) || return 1
    done | sort -n | head -n 1
}
instructions_of() {
    command -v valgrind > "$work/out" || { echo null && return; }
    compile valgrind --tool=callgrind --trace-children=yes --callgrind-out-file=/dev/null \
        2> "$work/err" || { cat "$work/err" >&2; return 1; }
    awk '/Collected *:/ { sum += $NF } END { printf "%.0f\n", sum / 1e6 }' "$work/err"
}

missed=0
for kernel in functions loops; do
    source=$work/$kernel.c
    case $kernel in
    functions) functions_kernel ;;
    loops) loops_kernel ;;
    esac > "$source"
    seconds=$(seconds_of) && millions=$(instructions_of) || exit 1
    awk -v kernel="$kernel" -v lines="$(wc -l < "$source")" -v seconds="$seconds" -v bar=$bar \
        -v millions="$millions" 'BEGIN {
            printf "{\"compile\":\"%s\",\"lines\":%d,\"level\":\"O2\",\"host_minsn\":%s,", kernel, lines,
                millions
            printf "\"seconds\":%s,\"bar\":%s,\"ok\":%s}\n", seconds, bar,
                seconds <= bar ? "true" : "false"
            exit seconds > bar }' || missed=1
done
exit $missed
