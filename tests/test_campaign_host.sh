#!/bin/sh
# SPDX-License-Identifier: MIT
# `dpusim campaign -- HOST`: the same table with any number of processes and after an interruption; rows
# that DPUSIM_INJECT repeats; every outcome by an injection that is certain to have it; failures on the
# host's side; what is wrong with a host program. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 2
case ${OPT:-} in
*-fsanitize*) # the library needs the sanitizer's run time in the host program
    echo "host programs are left out of a build with sanitizers"
    echo "0 passed, 0 failed"
    exit 0
    ;;
esac
B=$(cd "${B:-build}" && pwd) || exit 2
work=$B/tests/campaign-host
rm -rf "$work"
mkdir -p "$work"
examples=$PWD/examples source=$PWD/tests/data/campaign/host.c
# shellcheck source=/dev/null
. tests/check_help.sh
cd "$work" || exit 2
dpusim=$B/bin/dpusim
unset DPUSIM_INJECT DPUSIM_OUTCOMES DPUSIM_THREADS UPMEM_PROFILE UPMEM_PROFILE_BASE

# shellcheck disable=SC2086 # several flags
"$dpusim" asm "$examples/common/crt0.S" "$examples/common/barrier.S" "$examples/vector_add/vector_add.S" &&
    "$dpusim" link --nr-tasklets=8 -o kernel.elf crt0.o barrier.o vector_add.o &&
    ${CC:-cc} ${OPT:--O1} -o host "$source" -I "$B/include/dpu" -L "$B/lib" -Wl,-rpath,"$B/lib" -ldpu || exit 1
campaign() { # campaign LETTERS OPTION...
    letters=$1
    shift
    "$dpusim" campaign -q "$@" -- ./host kernel.elf "$letters"
}
rows() { grep -c "$1" "$2"; }

# ---- the same bytes ----
campaign s -n 60 -j 1 -o one.csv
campaign s -n 60 -j 4 -o four.csv
check "processes do not show" cmp one.csv four.csv
check "a row for each" [ "$(wc -l < one.csv)" = 61 ]
head -n 25 one.csv > part.csv
printf '30,"flip1:site=reg' >> part.csv # cut off
campaign s -n 60 -j 2 -o part.csv
check "goes on from a table" cmp one.csv part.csv
campaign s -n 60 --seed 2 -o one.csv > log 2>&1
check "a table of another campaign is refused" [ $? = 3 ]
check "every DPU of both launches" [ "$(sed 's/.*",//; 1d' one.csv | cut -d , -f 10,11 | sort -u | tr '\n' ' ')" = \
    "0,1 0,2 1,1 1,2 2,1 2,2 " ]

# ---- rows are repeated by the environment ----
awk -F'"' 'NR > 1 {split($3, c, ","); print c[3], $2}' one.csv > wanted
./host kernel.elf s > golden
same=0
while read -r outcome spec; do
    UPMEM_PROFILE=simMaxInstructions=200000 DPUSIM_INJECT=$spec ./host kernel.elf s > out 2> err < /dev/null
    code=$?
    case $outcome,$code in
    masked,0) if cmp -s golden out; then same=$((same + 1)); fi ;;
    host_error,3) same=$((same + 1)) ;;
    fault_*,9) if grep -q "$(echo "$outcome" | sed 's/fault_//; s/illegal/illegal instruction/')" err; then same=$((same + 1)); fi ;;
    hang,9) if grep -q 'limit reached' err; then same=$((same + 1)); fi ;;
    deadlock,*) if grep -q 'will not wake up' err; then same=$((same + 1)); fi ;;
    esac
done < wanted
check "DPUSIM_INJECT repeats all 60 rows, not $same" [ "$same" = 60 ]

# ---- certain outcomes ----
outcome() { # outcome LETTERS SPEC WANTED OPTION...
    letters=$1 spec=$2 wanted=$3
    shift 3
    rm -f sure.csv
    campaign "$letters" -n 3 --inject "$spec" -o sure.csv "$@"
    check "$letters: $spec is $wanted" [ "$(grep -c ",$wanted," sure.csv)" = 3 ]
}
outcome r mem:pc=main fault_memory
outcome r dma:pc=main fault_dma
outcome r bkp:code=3,pc=main fault_breakpoint
outcome r word:site=iram,at=main,value=0,pc=main fault_illegal
outcome r skip:pc=main,nth=99 missed
outcome r wake:each deadlock
outcome r flip1:at=n,bit=0,total=5 masked
spoil=flip1:at=n,bit=8,total=5,dpu=1 # no sums at all
outcome '' $spoil,launch=2 corrupt
outcome '' "$spoil" corrupt
check "one word differs in the output" [ "$(grep -c ',corrupt,.*,1,[0-9.e+]*,1,1,[12]$' sure.csv)" = 3 ]
outcome s "$spoil" host_error
outcome s "$spoil" detected --detected-by exit:3
outcome q "$spoil" masked
outcome qc "$spoil" host_error
outcome qe "$spoil" masked
outcome qe "$spoil" detected "--detected-by=log:bad sums"
outcome qe "$spoil" host_error "--host-error=bad sums"
outcome ql "$spoil" hang --timeout 0.5
outcome '' hang:dpu=1,nth=2 hang
check "its site is the host" [ "$(rows ',host,hang,' sure.csv)" = 3 ]
outcome r flip:dpu=2,bit=4,nth=4 corrupt
outcome r mram:dpu=1,at=0x7fffff,bit=1,nth=2 masked
outcome '' xfer:nth=3 host_error
outcome '' alloc:nth=1 host_error
outcome '' call:name=dpu_load,error=DPU_ERR_SYSTEM host_error
outcome t "$spoil" corrupt '--ignore=^process [0-9]+$'
outcome s mem:pc=main fault_memory --mode=cycle

# ---- files ----
rm -f sure.csv
"$dpusim" campaign -q -n 4 -j 2 --inject "$spoil",launch=2 --file=out-{}.bin:u32 -o sure.csv \
    -- ./host kernel.elf qf out-{}.bin
check "a file is a result" [ "$(rows ',corrupt,.*,256,1000,1,1,2$' sure.csv)" = 4 ]
check "files of runs are removed" sh -c '! ls out-*.bin 2> /dev/null'
rm -f sure.csv
"$dpusim" campaign -n 2 -j 2 --inject "$spoil",launch=2 --file=one.bin -o sure.csv -- ./host kernel.elf qf one.bin \
    > text 2> err
check "one file: one run at a time" grep -q 'one at a time' err
check "and the results are right" [ "$(rows ',corrupt,' sure.csv)" = 2 ]

# ---- failures on the host's side are drawn ----
campaign s -n 40 --inject flip -o flips.csv
check "flipped transfers: DPUs and numbers" [ "$(sed 's/.*,dpu=\([0-9]*\),nth=\([0-9]*\),.*/\1 \2/; 1d' flips.csv |
    sort -u | wc -l)" -gt 12 ]
check "of 8 transfers" [ "$(sed 's/.*,nth=\([0-9]*\),.*/\1/; 1d' flips.csv | sort -n | tail -n 1)" = 8 ]
check "results that arrive wrong are found" [ "$(rows ',host_error,' flips.csv)" -gt 20 ]
check "none is missed" [ "$(rows ',missed,' flips.csv)" = 0 ]
campaign s -n 20 --inject flip1:site=register,dpu=0+2,launch=2 -o scoped.csv
check "a scope is kept to" [ "$(sed 's/.*",//; 1d' scoped.csv | cut -d , -f 10,11 | sort -u | tr '\n' ' ')" = "0,2 2,2 " ]

# ---- every one ----
rm -f all.csv
"$dpusim" campaign --enumerate --inject flip1:at=n,bit=3,total=5 --inject hang --json -o all.csv \
    -- ./host kernel.elf s > json 2> err
check "the number is told first" grep -q 'campaign: 12 injections to enumerate' err
check "each launch of each DPU, twice" [ "$(sed 's/^[0-9]*,//; 1d' all.csv | sort -u | wc -l)" = 12 ]
check "six hang" [ "$(rows ',hang,' all.csv)" = 6 ]
check "JSON" sh -c 'grep -q "\"enumerated_of\": *12" json && grep -q "\"launches\": *6" json &&
    grep -q "\"avf_by_dpu\"" json'

# ---- what is wrong ----
run() { "$dpusim" campaign -n 2 -o bad.csv "$@"; }
check "not there" says 3 'cannot start ./nowhere: No such file' run -- ./nowhere
check "launches nothing" says 2 'launches no DPU of dpusim' run -- ./host kernel.elf n
check "no host of dpusim" says 2 'launches no DPU of dpusim' run -- true
check "crashes by itself" says 1 'was ended by signal 9' run -- ./host kernel.elf k
check "fails by itself" says 1 'ends with exit status 1' run -- ./host kernel.elf x
check "never the same" says 2 'two runs of ./host without a fault differ: "process' run -- ./host kernel.elf t
check "never ends" says 4 'longer than --timeout' run --timeout=0.2 -- sleep 5
check "writes no file" says 3 'the golden run does not write it' run --file=a.bin -- ./host kernel.elf q
touch there.bin
check "file exists" says 2 'there.bin exists' run --file=there.bin -- ./host kernel.elf qf there.bin
check "and stays" test -e there.bin
check "wrong symbol" says 3 'no symbol "nix"' run --inject flip1:at=nix -- ./host kernel.elf
check "no such DPU" says 2 'no such set, DPU or launch' run --inject flip1:at=n,dpu=7 -- ./host kernel.elf
check "expression" says 2 'ignore=[' run --ignore='[' -- ./host kernel.elf
check "chip" says 2 'chip is not for host' run --chip=v1B -- ./host kernel.elf
check "symbols" says 2 'writes symbols' run --set n=4 -- ./host kernel.elf
check "detected" says 2 'exit:STATUS or log:TEXT' run --detected-by n=4 -- ./host kernel.elf
check "detected already" says 2 'log:sum holds for the golden run already' \
    run --detected-by log:sum -- ./host kernel.elf
check "told already" says 2 'sum holds for the golden run already' run --host-error sum -- ./host kernel.elf
check "options of hosts" says 2 'are for host programs' run --file=a kernel.elf
check "two programs" says 2 'stands behind --' run kernel.elf x
check "every without enumerate" says 2 'goes with --enumerate' run --every=5 kernel.elf
check "injected already" says 2 'DPUSIM_INJECT is set' env DPUSIM_INJECT=mem:total=3 "$dpusim" campaign -- ./host kernel.elf
check "a program of the DPU behind dashes" run -q -- kernel.elf
report
