#!/bin/sh
# SPDX-License-Identifier: MIT
# The headers of the device library as kernels include them: each alone and all together, in the
# dialects of C and with the warnings that Makefiles ask for; every built-in; what is refused when the
# kernel is compiled.
set -u
cd "$(dirname "$0")/.." || exit 2
build=$(cd "${B:-build}" && pwd)
cc=$build/bin/dpu-upmem-dpurte-clang
include=$build/share/upmem/include
data=$PWD/tests/data/device
if [ ! -x "$cc" ]; then
    echo "the compiler is not built: no LLVM"
    echo "0 passed, 0 failed"
    exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/dpusim-test.XXXXX""X") || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
passed=0 failed=0

check() { # check NAME COMMAND...: the command succeeds and says nothing
    name=$1
    shift
    if "$@" > log 2>&1 && [ ! -s log ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL  $name"
        head -n 10 log
    fi
}
strict() { # strict STANDARD OPTION...
    standard=$1
    shift
    "$cc" "-std=$standard" -Wall -Wextra -Wundef -Wstrict-prototypes -pedantic -Werror \
        -DNR_TASKLETS=8 "$@"
}

for header in "$include"/stdlib/*.h "$include"/syslib/*.h; do
    name=$(basename "$header")
    printf '#include <%s>\n#include <%s>\nint main(void)\n{\n    return 0;\n}\n' "$name" "$name" > t.c
    for standard in c99 gnu2x; do
        check "$name alone, $standard" strict "$standard" -fsyntax-only t.c
    done
done

# With -std=c11 as the vendor's C, with -std=c99 what only extensions can say, with -O0 as to debug.
prints() { # prints STANDARD OPTION...: one.c and two.c together
    strict "$@" -g -o one "$data/one.c" "$data/two.c" &&
        "$build/bin/dpusim" run -q one > text &&
        printf '8 tasklets, word 11, s c 1.5 0\n' | cmp - text
}
for options in "c99 -O2" "gnu99 -O0" "c11 -O0" "c11 -O2" "gnu11 -O3" "c17 -Os" "gnu2x -O1" "c11 -O2 -mcpu=v1B"; do
    # shellcheck disable=SC2086 # several words
    check "all headers, $options" prints $options
done

# With a semicolon after a macro that has one, and without; what newer front ends than the vendor's
# warn of stops no build.
printf '%s\n' '#include <barrier.h>' '#include <sem.h>' '#include <stdio.h>' \
    'BARRIER_INIT(all, NR_TASKLETS)' 'SEMAPHORE_INIT(one, 1)' 'STDOUT_BUFFER_INIT(64)' \
    'BARRIER_INIT(two, 2);' 'SEMAPHORE_INIT(three, 3);' 'int main()' '{' '    barrier_wait(&all);' \
    '    return 0;' '}' > semicolons.c
check "macros with and without a semicolon" \
    "$cc" -Wall -Wextra -pedantic -Werror -DNR_TASKLETS=8 -o semicolons semicolons.c
check "and what they define" "$build/bin/dpusim" run -q semicolons
printf '%s\n' 'int old(x)' '    int x;' '{' '    return x;' '}' 'int main()' '{' '    int unread;' \
    '    unread = 1;' '    struct { int bit : 1; } s;' '    s.bit = 1;' '    return old(s.bit);' '}' > old.c
# Queues that a kernel makes itself, of the parts that the macros have.
cat > queue.c << 'END'
#include <barrier.h>
#include <defs.h>
#include <wramfifo.h>
__host uint8_t __get_fifo_data_name(in)[WRAM_FIFO_SIZE(2) * 8], __get_fifo_data_name(out)[32];
__dma_aligned uint8_t __get_fifo_tmp_data_name(in)[8], __get_fifo_tmp_data_name(out)[8];
__host struct dpu_input_fifo_t in = {0, 1, __in_data, __in_tmp_data, 2, 8};
__host struct dpu_output_fifo_t out = {0, 0, __out_data, __out_tmp_data, 2, 8, 0};
__host volatile uint64_t active;
BARRIER_INIT(all, NR_TASKLETS)
static void look(uint8_t *input, void *context) { ((int *)context)[me()] += input[0]; }
static void sum_up(uint8_t *input, uint8_t *output, void *context)
{
    output[0] = (uint8_t)(input[0] + ((int *)context)[0] + ((int *)context)[NR_TASKLETS - 1]);
}
int main(void)
{
    static int seen[NR_TASKLETS];
    __in_data[0] = 5;
    process_inputs_all_tasklets(&in, &out, look, sum_up, seen, &all, &active);
    return 0;
}
END
own_queue() {
    "$cc" -O2 -Wall -Wextra -Werror -DNR_TASKLETS=5 -o queue queue.c &&
        "$build/bin/dpusim" run -q --dump '__out_data:u8[1]' queue > text &&
        grep -qx '__out_data = 15' text
}
check "queues of a kernel's own" own_queue
builds() { # builds OPTION...: whatever is said
    "$cc" "$@" > said 2>&1
}
check "warnings that are newer than the vendor's compiler are no errors" \
    builds -Wall -Wextra -pedantic -Werror -o old old.c
stops() { # stops TEXT OPTION...
    text=$1
    shift
    ! "$cc" "$@" > said 2>&1 && grep -q "$text" said
}
check "prototypes are missed on request" stops strict-prototypes -Wstrict-prototypes -Werror -c -o o old.c

own_primitives() { # own_primitives OPTION...
    "$cc" "$@" -Wall -Wextra -Werror -DNR_TASKLETS=3 -o own "$data/primitives.c" &&
        "$build/bin/dpusim" run -q --strict own > text && echo '10 8 4' | cmp - text
}
check "what primitives are made of, -O0" own_primitives -O0
check "what primitives are made of, -O2" own_primitives -O2 -mcpu=v1B

for condition in z nz; do
    awk -v CONDITION=$condition -f "$data/built_in_uses.awk" "$include/syslib/built_ins.h" > t.c
    uses=$(grep -c '^    __builtin_' t.c)
    check "built-ins in use, condition $condition" test "$uses" -gt 500
    for level in 0 2; do
        check "built-ins, condition $condition, -O$level" strict c11 -O$level -c -o t.o t.c
    done
done

refused() { # refused TEXT HEADER LINE...: compilation fails with the text
    text=$1 header=$2
    shift 2
    {
        echo "#include <$header>"
        printf '%s\n' "$@"
    } > t.c
    name="$header: $1"
    if "$cc" -DNR_TASKLETS=2 -O2 -c -o t.o t.c > log 2>&1; then
        echo accepted > log
    fi
    check "$name: refused" sh -c "grep -qF -e '$text' log && : > log || cat log"
}
mram='__mram_noinit uint8_t bytes[4096]; __dma_aligned uint8_t buffer[4096]; int main(void) {'
refused 'transfer of 0 bytes' mram.h "$mram mram_read(bytes, buffer, 0); }"
refused 'more than 2048 bytes' mram.h "$mram mram_read(bytes, buffer, 2056); }"
refused 'not a multiple of 8' mram.h "$mram mram_write(buffer, bytes, 12); }"
refused 'more than 2048 bytes' mram.h "$mram mram_write(buffer, bytes, sizeof buffer); }"
refused '0 to 127' barrier.h 'BARRIER_INIT(b, 128);'
refused '127' sem.h 'SEMAPHORE_INIT(s, -128);'
refused 'power of 2' mutex_pool.h 'MUTEX_POOL_INIT(p, 6);'
refused 'more locks than the chip has' mutex_pool.h 'MUTEX_POOL_INIT(p, 64);'
refused 'multiple of 8' vmutex.h 'VMUTEX_INIT(v, 12, 2);'
refused 'multiple of 8' stdio.h 'STDOUT_BUFFER_INIT(12)'
refused 'log2' wramfifo.h 'INPUT_FIFO_INIT(f, 11, 8);'
refused 'element size' wramfifo.h 'OUTPUT_FIFO_INIT(f, 3, 12);'
refused 'only the chip v1B' perfcounter.h 'int main(void) { perfcounter_get_both(1); }'
refused "'math.h' file not found" math.h 'int main(void) { return 0; }'
printf '#define SEQREAD_CACHE_SIZE 96\n#include <seqread.h>\n' > pages.h
refused '32, 64, 128, 256, 512 or 1024' "../$(basename "$work")/pages.h" ''

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
