#!/bin/sh
# SPDX-License-Identifier: MIT
# The vector files of the instruction set pass whole, and `dpusim conformance` notices a wrong row:
# one digit is changed in each column that is checked.
set -u
cd "$(dirname "$0")/.." || exit 2
dpusim=${B:-build}/bin/dpusim
data=tests/data/vectors
passed=0 failed=0

check() { # check COMMAND...
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL  $*"
        echo "$output" | tail -n 10
    fi
}

rows_of() { gzip -dc "$data/$1-vectors.tsv.gz"; }

conforms() { # conforms FILE ROWS
    result=$(rows_of "$1" | "$dpusim" conformance -)
    status=$?
    echo "$result"
    [ "$status" = 0 ] && [ "$(echo "$result" | tail -n 1)" = "$2 passed, 0 failed" ]
}

# The header and 50 rows, the last of them with another last digit in the column.
with_wrong_row() { # with_wrong_row FILE COLUMN
    rows_of "$1" | awk -F '\t' -v OFS='\t' -v name="$2" '
        /^#/ { next }
        !column { for (i = 1; i <= NF; i++) if ($i == name) column = i; print; next }
        n < 50 && $column ~ /[0-9]/ && !/ILLEGAL/ {
            if (++n == 50) {
                at = match($column, /[0-9][^0-9]*$/)
                digit = (substr($column, at, 1) + 1) % 2
                $column = substr($column, 1, at - 1) digit substr($column, at + 1)
            }
            print
        }'
}

notices() { # notices FILE COLUMN
    result=$(with_wrong_row "$1" "$2" | "$dpusim" conformance -)
    status=$?
    echo "$result"
    [ "$status" = 1 ] && [ "$(echo "$result" | tail -n 1)" = "49 passed, 1 failed" ]
}

refuses() { # refuses TEXT: exit code 3 and a sentence
    printf '%b' "$1" | "$dpusim" conformance -
    [ $? = 3 ]
}

check conforms encoding 4704
check conforms semantics 11096
check conforms memory 912
for column in word text raw; do
    check notices encoding "$column"
done
for column in regs_out cf_out zf_out pc_out; do
    check notices semantics "$column"
done
for column in regs_out mem_out; do
    check notices memory "$column"
done
check refuses ''
check refuses 'one\ttwo\n1\t2\n'
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
