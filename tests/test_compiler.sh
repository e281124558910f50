#!/bin/sh
# SPDX-License-Identifier: MIT
# The C compiler: the quality of its code against golden.tsv, random programs against the host's
# compiler, what the command accepts and how it refuses.
set -u
cd "$(dirname "$0")/.." || exit 2
build=$(cd "${B:-build}" && pwd)
cc=$build/bin/dpu-upmem-dpurte-clang
dpusim=$build/bin/dpusim
data=tests/data/compiler
passed=0 failed=0
if [ ! -x "$cc" ]; then
    echo "the compiler is not built: no LLVM"
    echo "0 passed, 0 failed"
    exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/dpusim-test.XXXXX""X") || exit 2
trap 'rm -rf "$work"' EXIT

good() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    echo "FAIL  $*"
}
check() { # check NAME COMMAND...: the command succeeds
    name=$1
    shift
    if output=$("$@" 2>&1); then
        good
    else
        bad "$name"
        echo "$output" | tail -n 10
    fi
}
refuses() { # refuses NAME TEXT COMMAND...: the command fails with the text in its message
    name=$1 text=$2
    shift 2
    if output=$("$@" 2>&1); then
        bad "$name: not refused"
    elif echo "$output" | grep -qF -e "$text"; then
        good
    else
        bad "$name: says: $(echo "$output" | head -n 3)"
    fi
}
value_of() { # value_of PROGRAM SYMBOL: what the symbol holds after the run
    "$dpusim" run -q --dump="$2:u32" "$1" | sed -n "s/^$2 = *//p"
}

# ---- quality --------------------------------------------------------------------------------------

# Not more than 10 % or one instruction above the vendor's.
within() { [ "$1" -le $(($2 + 1)) ] || [ $(($1 * 10)) -le $(($2 * 11)) ]; }

counts() { # counts PROFILE
    "$cc" -O2 -mprofile="$1" -S -o "$work/$1.s" $data/kernels.c &&
        awk -f tests/compiler/count_instructions.awk "$work/$1.s" > "$work/$1"
}
counts match || bad "kernels.c does not compile"
counts best || bad "kernels.c does not compile in profile best"
while read -r function total loop; do
    case $function in '#'* | function) continue ;; esac
    ours=$(awk -v f="$function" '$1 == f { print $2, $3 }' "$work/match")
    best=$(awk -v f="$function" '$1 == f { print $2, $3 }' "$work/best")
    if within "${ours% *}" "$total"; then good; else bad "$function: $ours, vendor $total $loop"; fi
    if [ "$loop" != - ]; then
        if within "${ours#* }" "$loop"; then good; else bad "$function: loop $ours, vendor $loop"; fi
    fi
    if [ "${best% *}" -le "${ours% *}" ]; then good; else bad "$function: best $best, match $ours"; fi
done < $data/golden.tsv

if scripts/python tests/compiler/check_idioms.py "$cc" $data/idioms.c $data/idioms.tsv \
    > "$work/idioms" 2>&1; then
    passed=$((passed + $(sed -n '$s/ passed.*//p' "$work/idioms")))
else
    bad "idioms"
    cat "$work/idioms"
fi

# What check_idioms.py leaves out or profile best does not have: frames, spills of pairs, jumps that
# an operation takes along, the absolute value.
cat > "$work/frames.c" << 'EOF'
long far(long, long);
int absolute(int a) { return a < 0 ? -a : a; }
long spills(long *p)
{
    long a = p[0], b = p[1], c = p[2], d = p[3], e = p[4], f = p[5], g = p[6], h = p[7];
    long s = far(a, b);
    return s + a + (b ^ c) + (d ^ e) + (f ^ g) + h;
}
void tell(unsigned);
unsigned merged(unsigned a, unsigned b)
{
    unsigned x;
    if (a < b) {
        tell(1);
        x = a + b;
    } else {
        tell(2);
        x = a ^ b;
    }
    tell(x);
    return x;
}
EOF
body_of() { # body_of FUNCTION: its instructions, one a line
    awk -v f="$1:" '$0 == f { p = 1 } p && /^\t[a-z]/ { sub(/^\t/, ""); print } /^\.Lfunc_end/ { p = 0 }' \
        "$work/frames.s"
}
frames() {
    "$cc" -O2 -S -o "$work/frames.s" "$work/frames.c" || return 1
    size=$(body_of spills | sed -n '2s/^add r22, r22, //p')
    [ "$size" ] && [ $((size % 8)) = 0 ] &&
        [ "$(body_of spills | head -n 1)" = "sd r22, $((size - 8)), d22" ] &&
        [ "$(body_of spills | tail -n 2 | tr '\n' ';')" = "ld d22, r22, -8;jump r23;" ]
}
pair_spills() { # every store to and load from the frame moves a pair
    body_of spills | grep -q '^sd r22, -[0-9]*, d' && body_of spills | grep -q '^ld d[0-9]*, r22, -' &&
        ! body_of spills | grep -q '^sw r22\|^lw r[0-9]*, r22'
}
absolute() { [ "$(body_of absolute | cut -d' ' -f1 | tr '\n' ' ')" = "asr xor sub jump " ]; }
check "prologue and epilogue" frames
check "spills of pairs" pair_spills
check "operation and jump" grep -q '^	[a-z_]* r[0-9]*, .*, true, \.L' "$work/frames.s"
check "absolute value of profile match" absolute

# ---- results --------------------------------------------------------------------------------------

# Random programs; the host's compiler says what they must print. check-random runs many more.
if scripts/python tests/compiler/check_random.py "$build" 1 15 > "$work/random" 2>&1; then
    passed=$((passed + $(sed -n '$s/ good.*//p' "$work/random")))
else
    bad "random programs"
    cat "$work/random"
fi

# ---- programs with their expected result in a comment ---------------------------------------------

for program in "$data"/run_*.c; do
    for options in -O0 -O2 "-O2 -mprofile=best" -Os; do
        name="$program $options"
        want=$(sed -n 's/^ \* expect: //p' "$program")
        own=$(sed -n 's/^ \* options: //p' "$program")
        # shellcheck disable=SC2086
        if ! "$cc" $options $own -o "$work/p.elf" "$program" 2> "$work/messages"; then
            bad "$name: $(head -n 2 "$work/messages")"
            continue
        fi
        got=$(value_of "$work/p.elf" result)
        if [ "$got" = "$want" ]; then good; else bad "$name: $got, wanted $want"; fi
    done
done

# ---- the command ----------------------------------------------------------------------------------

cat > "$work/one.c" << 'EOF'
__attribute__((used, aligned(8), section(".dpu_host"))) unsigned result;
int twice(int);
int main(void) { result = twice(21) + 100 * NR_TASKLETS; return 0; }
EOF
printf '#include "two.h"\nint twice(int x) { return FACTOR * x; }\n' > "$work/two.c"
printf '#define FACTOR 2\n' > "$work/two.h"

several_files() {
    "$cc" -DNR_TASKLETS=3 -O2 -o "$work/a.elf" "$work/one.c" "$work/two.c" &&
        [ "$(value_of "$work/a.elf" result)" = 342 ]
}
separate_steps() {
    "$cc" -O2 -c -o "$work/one.o" "$work/one.c" && "$cc" -O2 -c -o "$work/two.o" "$work/two.c" &&
        ar rcs "$work/libtwo.a" "$work/two.o" &&
        "$cc" "$work/one.o" -L "$work" -ltwo -o "$work/b.elf" &&
        [ "$(value_of "$work/b.elf" result)" = 142 ]
}
assembly_text() {
    "$cc" -O2 -S -o "$work/two.s" "$work/two.c" && "$cc" -O2 -S -o "$work/one.s" "$work/one.c" &&
        "$cc" "$work/one.s" "$work/two.s" -o "$work/c.elf" &&
        [ "$(value_of "$work/c.elf" result)" = 142 ]
}
dependency_file() {
    "$cc" -MMD -c -o "$work/dep.o" "$work/two.c" && grep -q 'dep.o:.*two.c' "$work/dep.d" &&
        grep -q 'two.h' "$work/dep.d" &&
        "$cc" -MMD -o "$work/whole" "$work/one.c" "$work/two.c" &&
        grep -q 'whole:.*two.c' "$work/whole-two.d" && grep -q 'whole:.*one.c' "$work/whole-one.d"
}
saved_temporaries() {
    (cd "$work" && "$cc" -save-temps -O2 -o saved.elf one.c two.c) &&
        [ -s "$work/one.i" ] && [ -s "$work/one.bc" ] && [ -s "$work/one.s" ] && [ -s "$work/one.o" ]
}
preprocessed() { "$cc" -E "$work/two.c" | grep -q 'return 2 \* x'; }
from_standard_input() {
    echo 'int twice(int x) { return 2 * x; }' | "$cc" -x c -c -o "$work/stdin.o" - &&
        "$cc" "$work/one.c" "$work/stdin.o" -o "$work/d.elf" &&
        [ "$(value_of "$work/d.elf" result)" = 142 ]
}
response_file() {
    printf '%s\n' "-DNR_TASKLETS=2 '-DNAME=\"a b\"'" '-c -O1 -o' "\"$work/response.o\"" > "$work/response"
    printf 'const char *f(void) { return NAME; }\n' > "$work/name.c"
    "$cc" "@$work/response" "$work/name.c" && grep -q 'a b' "$work/response.o"
}
options_of_makefiles() { # accepted, whatever they mean elsewhere
    "$cc" -O3 -g -std=gnu11 -Wall -Wextra -Wno-unknown-warning-option -flto -fshort-enums \
        -fno-builtin -ffast-math -ffunction-sections -fdata-sections -funroll-loops -pipe -static \
        -no-pie -m32 -march=v1A -Wl,--gc-sections,-Map="$work/map" -Wl,-z,max-page-size=4096 \
        -Wa,--noexecstack -Xassembler -x -B "$work" -mllvm -foo --param max-inline=3 -pg \
        -DSTACK_SIZE_DEFAULT=2048 -DSTACK_SIZE_TASKLET_0=4096 -DNR_TASKLETS=24 \
        -o "$work/many.elf" "$work/one.c" "$work/two.c" -lm -lc &&
        [ "$(value_of "$work/many.elf" result)" = 2442 ]
}
macros() { "$cc" -dM -E -x c - < /dev/null | grep -q '__DPU__ 1'; }
version_line() { "$cc" --version | head -n 1 | grep -q 'clang version [0-9]'; }
same_with_debug_lines() {
    "$cc" -O2 -S -o "$work/plain.s" $data/kernels.c &&
        "$cc" -O2 -g -S -o "$work/debug.s" $data/kernels.c &&
        grep -v '^	\.file\|^	\.loc' "$work/plain.s" > "$work/plain.txt" &&
        sed '/\.section \.debug_line/,$d' "$work/debug.s" | grep -v '^	\.file\|^	\.loc' \
            > "$work/debug.txt" && cmp "$work/plain.txt" "$work/debug.txt"
}
lines_without_types() { # -g1: the lines are there, types are not
    "$cc" -O2 -g1 -S -o "$work/lines.s" $data/kernels.c && grep -q '\.loc' "$work/lines.s" &&
        ! grep -q debug_info "$work/lines.s" && grep -q debug_info "$work/debug.s"
}
fault_names_the_line() {
    printf 'int main(void)\n{\n    *(volatile int *)0x20001 = 1;\n    return 0;\n}\n' \
        > "$work/fault.c"
    "$cc" -g -O2 -o "$work/fault.elf" "$work/fault.c" && ! "$dpusim" run "$work/fault.elf" \
        > "$work/fault.txt" 2>&1 && grep -q 'fault.c:3' "$work/fault.txt"
}
offset_in_a_pointer() { # left there by the host: a cast makes it a pointer to MRAM, with a warning
    cat > "$work/offset.c" <<'END'
#include <mram.h>
__mram_noinit int data[64];
__host void *a = (void *)64;
__host int result;
int main(void)
{
    __dma_aligned int local[2] = {20, 22};
    mram_write(local, (__mram_ptr void *)(a + 8), sizeof local);
    result = data[18] + data[19];
    return 0;
}
END
    "$cc" -O1 -o "$work/offset.elf" "$work/offset.c" 2> "$work/offset.txt" &&
        grep -q 'offset.c:8:.*warning: a pointer to WRAM becomes one to MRAM' "$work/offset.txt" &&
        [ "$(value_of "$work/offset.elf" result)" = 42 ]
}
kernel_is_quick() { # 0.5 s are promised; a loaded machine gets more
    for i in $(seq 300); do echo "int f$i(int *p, int n) { int s = 0; while (n--) s += p[n] * $i; return s; }"; done > "$work/long.c"
    timeout 10 "$cc" -O2 -c -o "$work/long.o" "$work/long.c"
}

one_message() { # one_message TEXT COMMAND...: the command fails with this text in its only line
    text=$1
    shift
    ! "$@" > "$work/messages" 2>&1 && [ "$(wc -l < "$work/messages")" = 1 ] &&
        grep -qF -e "$text" "$work/messages"
}
refused_with() { # refused_with CODE COMMAND...
    code=$1
    shift
    "$@" > /dev/null 2>&1
    [ $? = "$code" ]
}
llvm_files() {
    "$cc" -O2 -c -emit-llvm -o "$work/one.bc" "$work/one.c" &&
        [ "$(head -c 2 "$work/one.bc")" = BC ] &&
        "$cc" -O2 -S -emit-llvm -o - "$work/one.c" | grep -q 'define.* @main'
}
small_stack() { # frames along calls are more than a stack: a warning, and none when they fit
    cat > "$work/deep.c" << 'END'
__attribute__((noinline)) static int deep(int n)
{
    volatile int some[200];
    some[n] = n;
    return some[n];
}
int main(void)
{
    volatile int more[100];
    more[__builtin_dpu_tid()] = 2;
    return deep(more[__builtin_dpu_tid()]);
}
END
    "$cc" -O2 -o "$work/deep.elf" "$work/deep.c" 2> "$work/messages" &&
        grep -q 'main needs at least 12[0-9][0-9] bytes of stack (main 4[0-9]*, deep 80[0-9]), a tasklet has 1024' \
            "$work/messages" &&
        "$cc" -O2 -DSTACK_SIZE_DEFAULT=1304 -o "$work/deep.elf" "$work/deep.c" 2>&1 | cmp -s - /dev/null
}

check "several files in one call" several_files
check "separate steps and an archive" separate_steps
check "assembly text compiles on" assembly_text
check "dependency file" dependency_file
check "-save-temps" saved_temporaries
check "-E" preprocessed
check "-dM" macros
check "source from standard input" from_standard_input
check "response file" response_file
check "options that Makefiles pass" options_of_makefiles
check "-v alone" "$cc" -v
check "--version" version_line
check "-g changes no instruction" same_with_debug_lines
check "-g1" lines_without_types
check "a fault names file and line" fault_names_the_line
check "an offset in MRAM in a pointer to WRAM" offset_in_a_pointer
check "300 lines" kernel_is_quick

refused() { # refused TEXT SOURCE-LINE
    printf '%s\n' "$2" > "$work/refused.c"
    refuses "$2" "$1" "$cc" -O1 -c -o "$work/refused.o" "$work/refused.c"
}
refused 'refused.c:1:' 'int f(void) { return undeclared; }'
refused 'thread-local' '__thread int x; int f(void) { return x; }'
refused 'refused.c:1:' 'int f(int n) { int a[n]; a[0] = 1; return a[n - 1]; }'
refused 'cannot be converted' 'int f(__attribute__((address_space(255))) int *p) { return *(int *)p; }'
refused 'cannot be converted' 'int x; __attribute__((address_space(255))) int *f(void) {
    return (__attribute__((address_space(255))) int *)&x; }'
refused 'refused.c:1:' 'void f(void) { __asm__ volatile("frobnicate r1"); }'
mram='#include <mram.h>
static __mram_noinit char m[4096]; static char w[4096]; void f(void)'
refused 'transfer of 0 bytes' "$mram { mram_read(m, w, 0); }"
refused 'transfer of more than 2048 bytes' "$mram { mram_write(w, m, 2056); }"
refused 'transfer size is not a multiple of 8' "$mram { mram_read(m, w, 12); }"
refuses "unknown option" "did you mean" "$cc" -mproflie=best -c "$work/one.c"
refuses "no input" "no input files" "$cc" -O2
refuses "missing file" "nowhere.c" "$cc" -c -o "$work/n.o" "$work/nowhere.c"
echo 'int f(int x) { return x; }' > "$work/f.c"
cp "$work/f.c" "$work/f.cpp"
echo 'int main(void) { asm goto("jump %l0" ::::out); return 1; out: return 0; }' > "$work/goto.c"
check "-emit-llvm" llvm_files
check "stack too small" small_stack
analyzes_stack() { # in the words of the SDK's command
    "$cc" -DNR_TASKLETS=3 -O2 -o "$work/one" "$work/one.c" "$work/two.c" &&
        "$build/bin/dpu_stack_analyzer" --objdump /nowhere "$work/one" > "$work/stack" &&
        [ "$(sed -n 's/^Max size: \([0-9]*\)$/\1/p' "$work/stack")" = \
            "$("$dpusim" elf --stack "$work/one" | sed -n 's/^main needs \([0-9]*\) bytes.*/\1/p')" ]
}
check "dpu_stack_analyzer" analyzes_stack
check "dpu_stack_analyzer without a program" refused_with 2 "$build/bin/dpu_stack_analyzer"
check "missing file, one line" one_message "nowhere.c: No such file" "$cc" "$work/nowhere.c"
check "no main" one_message "which source has int main" "$cc" -o "$work/n.elf" "$work/f.c"
cxx() { # cxx OPTION...: 4 * 9 * (0 + ... + 63) and (1) + (1 + 2)
    "$cc" "$@" -Wall -Wextra -Werror -DNR_TASKLETS=4 -o "$work/cxx" $data/cxx.cpp $data/cxx_more.cpp &&
        [ "$("$dpusim" run -q "$work/cxx")" = "72576 4" ]
}
for options in "-O0 -std=c++11" "-O2 -g" "-O3 -std=c++20" "-Os -mcpu=v1B"; do
    # shellcheck disable=SC2086 # several words
    check "C++, $options" cxx $options
done
echo 'struct C { int x; C(int y) : x(y) {} }; int f(); C c(f());' > "$work/ctor.cpp"
warns_of_constructor() {
    "$cc" -O2 -c -o "$work/ctor.o" "$work/ctor.cpp" 2>&1 | grep -q 'before main.*GLOBAL__sub_I_ctor.cpp'
}
check "a constructor that would run before main" warns_of_constructor
check "-shared" "$cc" -DNR_TASKLETS=3 -shared -fPIC -o "$work/shared" "$work/one.c" "$work/two.c"
check "linker script" one_message "linker scripts are not supported" "$cc" -T my.ld "$work/one.c"
check "linker script, of the linker" one_message "linker scripts are not supported" \
    "$cc" -Wl,-T,my.ld "$work/one.c"
check "asm goto" one_message "goto.c:1:18: error: asm goto is not supported" "$cc" -c "$work/goto.c"
check "no expression" one_message "NR_TASKLETS=2*: a number" "$cc" "-DNR_TASKLETS=2*" "$work/one.c"
refuses "undefined symbol" "\"twice\", used by $work/one.c in function main" \
    "$cc" -o "$work/u.elf" "$work/one.c"
refuses "another chip" "v1A and v1B" "$cc" -mcpu=v2 -c "$work/one.c"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
