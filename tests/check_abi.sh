#!/bin/sh
# SPDX-License-Identifier: MIT
# The public headers have the SDK's binary interface: what tests/data/c-api.tsv says of every name
# holds in C11 and in C++17 with every compiler at hand. The iteration macros take 2 or 3 arguments.
set -u
cd "$(dirname "$0")/.." || exit 2
build=${B:-build}
work=$build/check-abi
table=tests/data/c-api.tsv
rm -rf "$work"
mkdir -p "$work"
passed=0 failed=0

count() { # count NAME STATUS LOG [HOW-MANY]
    if [ "$2" = 0 ]; then
        passed=$((passed + ${4:-1}))
    else
        failed=$((failed + 1))
        echo "FAIL  $1"
        grep -E 'error|warning|^[<>]' "$3" | head -n 5
    fi
}
compiles() { # compiles COMPILER LANGUAGE STANDARD FILE
    "$1" -x "$2" "-std=$3" -Wall -Wextra -Werror -Wno-unused-parameter -fsyntax-only \
        -iquote tests/abi -Idriver/include "$4"
}
assertions() { # assertions HEADER TABLE FILE
    awk -v header="$1" -f tests/abi/assertions.awk "$2" > "$3"
}
with_every_compiler() { # with_every_compiler FILE NAME CLAIMS
    while read -r compiler language standard; do
        command -v "$compiler" > /dev/null || continue
        compiles "$compiler" "$language" "$standard" "$1" > "$work/log" 2>&1
        count "$2 with $compiler -std=$standard" $? "$work/log" "$3"
    done << 'END'
gcc c c11
g++ c++ c++17
clang c c11
clang++ c++ c++17
END
}

sed 1d "$table" | cut -f3 | sort -u > "$work/headers"
while read -r header; do
    assertions "$header" "$table" "$work/$header.c"
    claims=$(sed -n 's/.*claims: \([0-9]*\).*/\1/p' "$work/$header.c")
    with_every_compiler "$work/$header.c" "$header" "$claims"
done < "$work/headers"

# The assertions can fail: a table with one wrong entry is refused.
refuses() { # refuses HEADER SED-EXPRESSION
    sed "$2" "$table" > "$work/wrong.tsv"
    cmp -s "$table" "$work/wrong.tsv" && { count "no row matches $2" 1 /dev/null; return; }
    assertions "$1" "$work/wrong.tsv" "$work/wrong.c"
    for language in 'gcc c c11' 'g++ c++ c++17'; do
        # shellcheck disable=SC2086
        ! compiles $language "$work/wrong.c" > "$work/log" 2>&1
        count "wrong table is noticed: $2 ($language)" $? /dev/null
    done
}
refuses dpu_types.h '/^struct.dpu_set_t/s/size 24/size 32/'
refuses dpu_types.h '/^field.dpu_symbol_t.size/s/4$/0/'
refuses dpu_types.h '/^field.dpu_set_t.list.nr_ranks/s/uint32_t/int32_t/'
refuses dpu_types.h '/^macro.DPU_MRAM_HEAP/s/used/free/'
refuses dpu_error.h '/^enumerator.DPU_ERR_TIMEOUT/s/27/26/'
refuses dpu_error.h '/^enum.dpu_error_t/s/underlying int/underlying unsigned int/'
refuses dpu.h '/^typedef.dpu_xfer_t/s/_dpu_xfer_t/_dpu_xfer_flags_t/'
refuses dpu.h '/^function.dpu_alloc\t/s/uint32_t nr_dpus/uint64_t nr_dpus/'
refuses dpu.h '/dpu_log_read/s/dpu.h/dpu_log.h/;/dpulog_read_for_dpu\t/s/dpu_log.h/dpu.h/'

# Functions of the table and of the headers are the same ones.
sed -n 's/^function\t\([^\t]*\)\t.*/\1/p' "$table" | LC_ALL=C sort > "$work/listed"
# shellcheck disable=SC2046
scripts/list-exports $(find driver/include -name 'dpu_*.h' -o -name dpu.h) > "$work/declared"
diff "$work/listed" "$work/declared" > "$work/log"
count "the headers declare the functions of the table" $? "$work/log"

# dpu.h brings these headers and leaves out the others.
cat > "$work/expected" << 'END'
dpu.h dpu_api.h dpu_bank_interface_pmc.h dpu_checkpoint.h dpu_error.h dpu_fifo.h dpu_macro_utils.h
dpu_target.h dpu_target_macros.h dpu_transfer_matrix.h dpu_types.h
END
tr ' ' '\n' < "$work/expected" > "$work/expected-lines"
gcc -MM -Idriver/include driver/include/dpu.h | tr ' ' '\n' | sed -n 's,^driver/include/,,p' |
    LC_ALL=C sort > "$work/included"
diff "$work/expected-lines" "$work/included" > "$work/log"
count "dpu.h includes what the SDK's includes" $? "$work/log"

# User code of any dialect; forms of the iteration macros that must not compile.
while read -r compiler language standard; do
    command -v "$compiler" > /dev/null || continue
    "$compiler" -x "$language" "-std=$standard" -Wall -Wextra -Wshadow -Werror -fsyntax-only \
        -Idriver/include tests/abi/user.c > "$work/log" 2>&1
    count "user code with $compiler -std=$standard" $? "$work/log"
done << 'END'
gcc c gnu99
gcc c c99
gcc c gnu11
gcc c gnu17
g++ c++ c++11
g++ c++ gnu++20
clang c gnu99
clang c gnu17
clang++ c++ c++11
clang++ c++ c++20
END
parameters='struct dpu_set_t set, struct dpu_set_t dpu, struct dpu_rank_t *rank, struct dpu_t *one'
while read -r form; do
    printf '#include <dpu.h>\n#include <dpu_management.h>\nvoid f(%s, unsigned i)\n{ %s }\n' \
        "$parameters" "$form" > "$work/form.c"
    for language in 'gcc c gnu11' 'g++ c++ c++17'; do
        # shellcheck disable=SC2086
        compiles $language "$work/form.c" > "$work/log" 2>&1
        status=$?
        case $form in
        */*) count "must compile: $form ($language)" $status "$work/log" ;;
        *) count "must not compile: $form ($language)" $((!status)) /dev/null ;;
        esac
    done
done << 'END'
DPU_FOREACH (set, dpu) { (void)dpu; } /* the frame of the others is right */
STRUCT_DPU_FOREACH (rank, one, i) { (void)one; } /* and here */
DPU_FOREACH () { }
DPU_FOREACH (set) { }
DPU_FOREACH (set, dpu, i, i) { }
DPU_FOREACH (set, dpu, i, i, i) ;
DPU_FOREACH (set, dpu, i, i, i, i, i, i) { }
DPU_FOREACH (rank, dpu) { }
DPU_FOREACH (set, one) { }
DPU_RANK_FOREACH (set) { }
DPU_RANK_FOREACH (set, dpu, i, i) { }
DPU_RANK_FOREACH () ;
STRUCT_DPU_FOREACH (rank) { }
STRUCT_DPU_FOREACH (rank, one, i, i) { }
STRUCT_DPU_FOREACH (set, one) { }
STRUCT_DPU_FOREACH (rank, dpu) { }
DPU_ASSERT() ;
END
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
