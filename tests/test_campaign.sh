#!/bin/sh
# SPDX-License-Identifier: MIT
# `dpusim campaign`: the same table with any number of threads, after an interruption and in both modes;
# rows that `dpusim run` repeats; outcomes of faults that are certain; intervals computed by hand.
# Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 2
B=$(cd "${B:-build}" && pwd) || exit 2
work=$B/tests/campaign
rm -rf "$work"
mkdir -p "$work"
examples=$PWD/examples
# shellcheck source=/dev/null
. tests/check_help.sh
cd "$work" || exit 2
dpusim=$B/bin/dpusim

has() { grep -qF -- "$1" "$2"; }

"$dpusim" asm "$examples/common/crt0.S" "$examples/common/barrier.S" "$examples/vector_add/vector_add.S" &&
    "$dpusim" link --nr-tasklets=8 -o kernel.elf crt0.o barrier.o vector_add.o || exit 1
campaign() { "$dpusim" campaign --set n=512 -q "$@" kernel.elf; }

# ---- the same bytes ----
for mode in functional cycle; do
    rm -f one.csv four.csv
    campaign -n 120 -j 1 --mode=$mode -o one.csv
    campaign -n 120 -j 4 --mode=$mode -o four.csv
    check "$mode: threads do not show" cmp one.csv four.csv
    check "$mode: a row for each" [ "$(wc -l < one.csv)" = 121 ]
    head -n 40 one.csv > part.csv
    printf '77,"flip1:site=reg' >> part.csv # cut off
    campaign -n 120 -j 2 --mode=$mode -o part.csv
    check "$mode: goes on from a table" cmp one.csv part.csv
done
campaign -n 60 --seed 2 -o other.csv
check "another seed, other injections" sh -c '! cmp -s -n 2000 one.csv other.csv'
campaign -n 60 --seed 3 -o other.csv > log 2>&1
check "a table of another campaign is refused" [ $? = 3 ]

# ---- rows are repeated by dpusim run ----
campaign -n 60 --inject flip1:site=register --inject flip1:site=iram,at=main,len=60 -o mixed.csv
awk -F'"' 'NR > 1 {split($3, c, ","); print c[3], $2}' mixed.csv > wanted
same=0
while read -r outcome spec; do
    "$dpusim" run -q --set n=512 --max-instructions=100000 --inject "$spec" kernel.elf > /dev/null 2> err < /dev/null
    code=$?
    case $outcome,$code in
    masked,0 | corrupt,0 | deadlock,0 | hang,4) same=$((same + 1)) ;;
    fault_*,1) if has "$(echo "$outcome" | sed 's/fault_//; s/illegal/illegal instruction/')" err; then same=$((same + 1)); fi ;;
    esac
done < wanted
check "dpusim run repeats all 60 rows, not $same" [ "$same" = 60 ]

# ---- certain outcomes ----
outcome() { # outcome SPEC WANTED OPTION...
    spec=$1 wanted=$2
    shift 2
    rm -f sure.csv
    campaign -n 3 --inject "$spec" -o sure.csv "$@"
    check "$spec is $wanted" [ "$(grep -c ",$wanted," sure.csv)" = 3 ]
}
outcome mem:pc=main fault_memory
outcome dma:pc=main fault_dma
outcome bkp:code=3,pc=main fault_breakpoint
outcome word:site=iram,at=main,value=0,pc=main fault_illegal
outcome skip:launch=2 missed
outcome flip1:site=mram,at=0x800,bit=1,total=9 masked --result n:u32
outcome flip1:site=mram,at=0x800,bit=1,cycle=3000 corrupt
outcome flip1:at=n,bit=3,cycle=3000 corrupt
check "one element, off by 8" has ",1,8" sure.csv
outcome skip:total=1,launch=2 missed
outcome wake:nth=1 deadlock
outcome flip1:at=n,bit=0,total=1 detected --detected-by n=513
outcome flip1:at=n,bit=3,total=999999 missed
outcome flip1:at=n,bit=0,total=1 detected "--detected-by=log:5 blocks done"

printf '.section .text.main,"ax",@progbits\n.globl main\nmain: sw r22, 8, r0\njump r23\n' > main.s
"$dpusim" asm -o main.o main.s && "$dpusim" link --nr-tasklets=1 -o stack.elf crt0.o main.o barrier.o || exit 1
"$dpusim" campaign -q -n 2 --set machine.check=stack --inject word:at=r22,value=0x4cc,pc=main -o stack.csv stack.elf
check "a stack overflow is a fault of its own" [ "$(grep -c ,fault_stack, stack.csv)" = 2 ]

# ---- every one ----
every() { # every COUNT OPTION...: so many rows, each another
    count=$1
    shift
    rm -f all.csv
    campaign --enumerate -o all.csv "$@" && [ "$(sed 's/^[0-9]*,//; 1d' all.csv | sort -u | wc -l)" = "$count" ] &&
        [ "$(wc -l < all.csv)" = $((count + 1)) ]
}
main=$("$dpusim" dis kernel.elf | awk '/^main:/ {on = 1} on && /^ *[0-9]+/ {n++} END {print n}')
check "every bit of a register" every 32 --inject flip1:site=register,at=r4,total=1000
check "every bit of a symbol" every 32 --inject flip1:at=n,total=1000
check "every instruction of a function" every "$main" --inject skip:symbol=main
check "pc of each" [ "$(sed 's/.*pc=\([0-9]*\).*/\1/; 1d' all.csv | sort -n | uniq | wc -l)" = "$main" ]
check "every 1000th instruction" every 5 --inject skip --every 1000
check "the first, the 1001st" grep -q 'skip:total=1001"' all.csv
check "places times moments" every $((5 * 32)) --inject flip1:at=r4 --every 1000
check "every 5000th cycle" every 4 --inject skip --every 5000 --mode=cycle
check "in cycles" grep -q 'skip:cycle=5001"' all.csv
check "two specifications" every 33 --inject mem:total=9 --inject flip1:at=r4,total=9
rm -f all.csv
"$dpusim" campaign --set n=512 --enumerate -n 20 --inject flip1:at=r4 -o all.csv kernel.elf > text 2> err
check "a limit is told" grep -q 'injections to enumerate; the first 20 of them are made (--runs=20)' err
check "and in the summary" grep -q '^20 injections .*, the first of those that there are' text
cp all.csv first.csv
campaign --enumerate -n 30 --inject flip1:at=r4 -o all.csv
head -n 21 all.csv > begin.csv
check "a larger limit goes on" cmp begin.csv first.csv
check "and is a larger one" [ "$(wc -l < all.csv)" = 31 ]

# ---- statistics: 10 of 100 ----
campaign -n 100 -o hundred.csv
awk -F'"' 'BEGIN {OFS = "\""} NR > 1 {n = split($3, c, ","); c[3] = NR <= 11 ? "corrupt" : "masked"
    $3 = ""; for (i = 2; i <= n; i++) $3 = $3 "," c[i]} {print}' hundred.csv > counted.csv
"$dpusim" campaign --set n=512 -n 100 -o counted.csv kernel.elf > text 2> /dev/null
check "share of 10 in 100" has "corrupt                  10 of 100       10.00 %   [ 5.52, 17.44]" text
check "share of 90 in 100" has "masked                   90 of 100       90.00 %   [82.56, 94.48]" text
check "AVF of the site" has "register                 10 of 100       10.00 %   [ 5.52, 17.44]" text
check "runs for 1 %" has "For an interval of +-1 % around this AVF: 3458 runs" text
campaign -n 100 --json -o counted.csv > json
check "JSON" sh -c 'grep -q "\"schema\": *\"dpusim-campaign-1\"" json && grep -q "\"runs_for_1_percent\": *3458" json'

# ---- what is wrong ----
for bad in --inject=flop --inject=flip1:at=nowhere --detected-by=n --result=nothing --hang=0 --set=n; do
    "$dpusim" campaign -n 2 -o bad.csv $bad kernel.elf > log 2>&1
    code=$?
    check "$bad is refused" [ "$code" = 2 -o "$code" = 3 ]
done
for told in n=512 log:blocks; do
    check "$told of the golden run" says 2 "$told holds for the golden run already" \
        campaign -n 2 -o bad.csv "--detected-by=$told"
done
report
