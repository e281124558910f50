#!/bin/sh
# SPDX-License-Identifier: MIT
# The checkers on programs made by the compiler and with the device library: correct ones are let
# alone, also the examples with their hosts; of the others each mistake is found, at its line. The
# explorer; the checkers from host programs.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD
build=$(cd "${B:-build}" && pwd)
work=$build/test-check
rm -rf "$work"
mkdir -p "$work"
# shellcheck source=/dev/null
. "$build/env.sh"
kernels=$root/tests/data/check
# shellcheck source=/dev/null
. tests/check_help.sh
unset UPMEM_PROFILE UPMEM_PROFILE_BASE DPUSIM_CHECK DPUSIM_POISON DPUSIM_SET DPUSIM_CONFIG
cd "$work" || exit 2

compile() { # compile OUTPUT SOURCE OPTION...
    output=$1 source=$2
    shift 2
    dpu-upmem-dpurte-clang -g -O2 "$@" -o "$output" "$kernels/$source"
}
# Line of a source that contains a text.
line_of() { grep -n -F -m 1 -- "$2" "$kernels/$1" | cut -d: -f1; }
clean() { # clean PROGRAM OPTION...
    program=$1
    shift
    dpusim run --check=all "$@" "$program" && dpusim run --check=all "$@" --mode=cycle "$program"
}
# The first line of a report and the line of the source, in both modes.
finds() { # finds PROGRAM CHECK TEXT PLACE
    for mode in functional cycle; do
        dpusim run --check="$2" --mode=$mode "$1" > /dev/null 2> found
        if [ $? != 1 ] || ! grep -q "^$3" found || ! grep -q "$4" found; then
            echo "mode $mode, wanted \"$3\" at $4:"
            cat found
            return 1
        fi
    done
}

# ---- races ----

races_correct() {
    for tasklets in 2 11 24; do
        compile races.elf races.c -DNR_TASKLETS=$tasklets -DSTACK_SIZE_DEFAULT=512 || return 1
        clean races.elf --set machine.order_seed=$tasklets || return 1
    done
}
race_without() { # race_without NO_... SYMBOL
    compile race.elf races.c -DNR_TASKLETS=4 "-D$1" &&
        finds race.elf races "race in tasklet .*($2" "at .*races.c:"
}
check "correct synchronisation" races_correct
check "without the mutex" race_without NO_MUTEX by_mutex
check "without the pool" race_without NO_POOL by_pool
check "without the semaphore" race_without NO_SEMAPHORE by_semaphore
check "without the barrier" race_without NO_BARRIER by_barrier
check "without the barrier, MRAM" race_without NO_BARRIER far
check "without the handshake" race_without NO_HANDSHAKE by_handshake

# Each order of order.c: nothing is found, and its race, for the word that it is about.
orders() { # orders CASE RACE
    case $1 in
    6 | 11) input="--set far:u32=1,2,3,4,5,6,7,8" ;;
    *) input= ;;
    esac
    compile order.elf order.c -DNR_TASKLETS=4 "-DCASE=$1" "-DRACE=$2" || return 1
    for seed in 0 5 6; do
        if [ "$2" = 0 ]; then
            # shellcheck disable=SC2086 # words
            clean order.elf --set machine.order_seed=$seed $input || return 1
            continue
        fi
        for mode in functional cycle; do
            # shellcheck disable=SC2086
            dpusim run -q --check=all --mode=$mode --set machine.order_seed=$seed $input order.elf \
                2> found
            if [ $? != 1 ] || ! grep -q "^race in tasklet .*($3" found; then
                echo "$mode, seed $seed:"
                cat found
                return 1
            fi
        done
    done
}
each=1
for name in "nested locks" "published behind a lock" "rounds" "a place passed on" "handshakes" \
    "halves of 8 bytes" "a lock for each element" "virtual locks" "readers and a writer" \
    "read by all" "a buffer"; do
    word=shared
    [ $each != 6 ] || word=far
    check "$name" orders $each 0
    check "$name, with a race" orders $each 1 $word
    each=$((each + 1))
done

held() {
    compile held.elf races.c -DNR_TASKLETS=4 -DNO_BARRIER &&
        dpusim run -q --check=races held.elf 2>&1 | grep -q "holding   no lock$"
}
check "locks held are told" held

# ---- memory ----

memory_correct() {
    compile memory.elf memory.c -DSTACK_SIZE_DEFAULT=2048 && clean memory.elf --set in:u32=1,2,3
}
mistake() { # mistake NUMBER TEXT
    compile mistake.elf memory.c -DMISTAKE="$1" -DSTACK_SIZE_DEFAULT=2048 &&
        finds mistake.elf memory "$2" "at .*memory.c:"
}
check "a correct heap" memory_correct
check "block of the buddy allocator after its end" mistake 1 "use of a heap block that was given back"
check "block of a pool, never written" mistake 2 "read of memory never written"
check "block of a pool after its end" mistake 3 "use of a heap block that was given back"
check "MRAM never written" mistake 4 "read of memory never written.*transfer brought"
check "behind a heap block" mistake 5 "access outside of what was allocated"
check "after mem_reset" mistake 6 "use of a heap block that was given back"
check "a write to constants" mistake 7 "write to read-only data"
unit="a multiple of 8 from 8 to 2048 is possible"
length="length that mram_read and mram_write cannot transfer"
check "a transfer of nothing" mistake 9 "$length.*: 0 bytes are asked for, $unit; 2048 are transferred"
check "a transfer of 12 bytes" mistake 10 "$length.*: 12 bytes are asked for, $unit; 8 are transferred"
check "too large a transfer" mistake 11 "$length.*: 2056 bytes are asked for, $unit; 8 are transferred"
check "an address between" mistake 12 "address of a transfer.*: the MRAM address 0x[0-9a-f]*[4c] is not"
check "a local variable that was not set" mistake 13 "read of memory never written.*in the tasklet's own stack"
check "a local variable of a function that ended" mistake 14 "read of memory never written.*own stack"
check "a block that buddy_realloc moved" mistake 15 "use of a heap block that was given back"
check "a transfer into constants" mistake 16 "write to read-only data"
check "a transfer into the heap of MRAM" mistake 17 "access past the end of an object.*: structs ends"
check "the heap of MRAM, never written" mistake 18 "read of memory never written.*transfer brought"
check "a transfer past a heap block" mistake 19 "access past the end of an object.*: the heap block ends"
check "a transfer past an object" mistake 8 "access past the end of an object.*: in ends"
sizes_right() { # rounded sizes are right, and those that loops compute
    for option in -O0 -O2 -O3 "-O2 -mprofile=best"; do
        # shellcheck disable=SC2086 # two words
        compile sizes.elf sizes.c $option && clean sizes.elf --set n=100 || return 1
    done
}
check "sizes that are right" sizes_right

# ---- stacks ----

stack_correct() {
    compile stack.elf stack.c -DNR_TASKLETS=3 -DSTACK_SIZE_DEFAULT=512 &&
        clean stack.elf && dpusim run --check=stack stack.elf 2>&1 |
            grep -q "^ *1 *512 *[23][0-9][0-9] .*deep+0 at .*stack.c:"
}
stack_overflow() {
    compile overflow.elf stack.c -DNR_TASKLETS=3 -DSTACK_SIZE_DEFAULT=512 -DDEPTH=40 &&
        finds overflow.elf stack \
            "stack overflow in tasklet 1: 512 bytes .* would overwrite the stack of tasklet 2" \
            "in deep+0 at .*stack.c:$(line_of stack.c "uint32_t deep(")"
}
check "stacks that suffice" stack_correct
check "a stack that does not" stack_overflow

# ---- the explorer ----

explore_finds() {
    compile race.elf races.c -DNR_TASKLETS=4 -DNO_MUTEX || return 1
    dpusim explore --runs=60 race.elf > found
    [ $? = 1 ] && grep -q "by_mutex\[0\]: [0-9]* with turns, [0-9]* with this schedule" found || return 1
    again=$(sed -n 's/^again: //p' found)
    $again --dump by_mutex -q > one && $again --dump by_mutex -q > two && cmp one two &&
        grep -q "$(sed -n 's/.*by_mutex.*, \([0-9]*\) with this.*/= \1$/p' found)" one
}
explore_finds_nothing() {
    compile races.elf races.c -DNR_TASKLETS=4 && dpusim explore --runs=40 --result=by_mutex \
        --result=by_barrier --result=sum races.elf | grep -q "^40 schedules, one result (3 objects"
}
cat > said.c << 'END'
#include <defs.h>
#include <mutex.h>
#include <stdio.h>
MUTEX_INIT(guard);
unsigned turn; /* in WRAM, not compared */
int main(void)
{
    mutex_lock(guard);
#ifdef TURNS
    printf("turn %u of %u\n", turn++, me());
#else
    printf("tasklet %u\n", me());
#endif
    mutex_unlock(guard);
    return 0;
}
END
# The first that differs, and the run that it says repeats it: finds the same line of the log.
explore_log() { # explore_log OPTION...
    dpusim explore --runs=40 "$@" said.elf > found
    [ $? = 1 ] && grep -q "line [0-9]* of the log.* with this schedule" found || return 1
    line=$(sed -n 's/.* with turns, \(.*\) with this schedule$/\1/p' found)
    again=$(sed -n 's/^again: //p' found)
    $again -q > one && $again -q > two && cmp one two && grep -q "^$line\$" one
}
explore_logs() {
    dpu-upmem-dpurte-clang -O2 -g -DNR_TASKLETS=4 -o said.elf said.c || return 1
    for mode in functional cycle; do
        dpusim explore --mode=$mode --runs=30 said.elf &&
            explore_log --mode=$mode --log=exact &&
            dpusim explore --mode=$mode --runs=30 --log=sorted said.elf | grep -q "and the log compared" ||
            return 1
    done
    dpu-upmem-dpurte-clang -O2 -g -DTURNS -DNR_TASKLETS=4 -o said.elf said.c &&
        explore_log --log=sorted && explore_log --mode=cycle --log=sorted
}
explore_cycles() { # a race that cycle mode shows, again, and a program without
    compile race.elf races.c -DNR_TASKLETS=4 -DNO_MUTEX || return 1
    dpusim explore --mode=cycle --runs=60 race.elf > found
    [ $? = 1 ] && grep -q "again: dpusim run --mode=cycle --schedule=" found || return 1
    again=$(sed -n 's/^again: //p' found)
    $again --dump by_mutex -q > one && $again --dump by_mutex -q > two && cmp one two &&
        grep -q "$(sed -n 's/.*by_mutex.*, \([0-9]*\) with this.*/= \1$/p' found)" one &&
        compile races.elf races.c -DNR_TASKLETS=4 &&
        dpusim explore --mode=cycle --runs=40 --result=by_mutex --result=by_barrier races.elf |
        grep -q "^40 schedules, one result (2 objects"
}
check "a schedule that gives another result, again" explore_finds
check "a schedule that gives another log, again" explore_logs
check "schedules of cycle mode" explore_cycles
check "no schedule gives another result" explore_finds_nothing

# ---- outputs, environment ----

as_json() {
    dpusim run --check=all --json mistake.elf > found.json 2> /dev/null
    [ $? = 1 ] && "$root/scripts/python" -c '
import json
run = json.load(open("found.json"))
finding = run["findings"][0]
assert finding["check"] == "memory" and finding["kind"] == "past-end", finding
assert finding["site"]["function"] == "main" and finding["site"]["dma"], finding
assert finding["symbol"] == "in" and run["stacks"][0]["used"] > 0, finding'
}
from_environment() {
    ! DPUSIM_CHECK=memory dpusim run -q mistake.elf 2> found && grep -q "past the end" found &&
        DPUSIM_CHECK=memory dpusim run --check=none -q mistake.elf &&
        DPUSIM_POISON=ff dpusim run -q --dump in:x32 memory.elf | grep -q ffffffff
}
wrong_names() {
    dpusim run --check=memry mistake.elf 2> found
    [ $? = 2 ] && grep -q 'no checker "memry"; did you mean "memory"?' found &&
        { dpusim run --poison=x mistake.elf 2> found; [ $? = 2 ]; } &&
        grep -q "zero, ff or random:SEED is wanted" found &&
        { dpusim explore --log=some mistake.elf 2> found; [ $? = 2 ]; } &&
        grep -q "exact or sorted is wanted" found
}
check "findings as JSON" as_json
check "checkers by the environment" from_environment
check "wrong names" wrong_names

# ---- host programs ----

cat > host.c << 'END'
#include <dpu.h>
#include <dpusim.h>
#include <stdio.h>
#include <stdlib.h>

/* Loads a program on two DPUs and runs it twice; with a second argument asks for checkers itself. */
int main(int argc, char **argv)
{
    struct dpu_set_t set;
    uint32_t count = 0;
    char *text = NULL;
    DPU_ASSERT(dpu_alloc(2, argc > 3 ? argv[3] : NULL, &set));
    if (argc > 2)
        DPU_ASSERT(dpusim_check(set, argv[2]));
    DPU_ASSERT(dpu_load(set, argv[1], NULL));
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    DPU_ASSERT(dpu_launch(set, DPU_SYNCHRONOUS));
    DPU_ASSERT(dpusim_findings(set, &count, &text));
    printf("%u findings\n%s", count, text);
    free(text);
    return dpu_free(set) == DPU_OK ? 0 : 1;
}
END
host_program() {
    # shellcheck disable=SC2046 # words
    "${CC:-cc}" -std=c11 -Wall -Werror -o host host.c $(dpu-pkg-config --cflags --libs dpu) &&
        DPUSIM_CHECK=memory ./host mistake.elf > out 2> err &&
        grep -q "^2 findings" out && [ "$(grep -c "in tasklet 0: in ends" err)" = 2 ] &&
        grep -q "^dpusim: DPU 0x0 (index 0 of its set): access past the end" err &&
        ./host mistake.elf memory > out 2> err && grep -q "^2 findings" out &&
        ./host mistake.elf none > out 2> err && grep -q "^0 findings" out && [ ! -s err ]
}
cat > twice.c << 'END'
#include <alloc.h>
#include <barrier.h>
#include <defs.h>
#include <mram.h>
#include <stdio.h>
BARRIER_INIT(all, NR_TASKLETS);
__host uint32_t product = 1, fresh, settled;
uint32_t table[4] = {1, 2, 3, 4};
__dma_aligned uint8_t block[64];
__mram uint8_t data[64] = {1, 2, 3, 4};
int main(void)
{
    barrier_wait(&all);
    if (me() != 0)
        return 0;
    mem_reset();
    fresh = 7;
    mram_read(data, block, sizeof block);
    for (uint32_t i = 1; i <= 5; i++)
        product *= i;
    table[2] += fresh + block[3];
    settled++;
    settled--;
    printf("%u\n", product);
    return 0;
}
END
left_over() {
    dpu-upmem-dpurte-clang -O1 -g -DNR_TASKLETS=4 -o twice.elf twice.c &&
        ./host twice.elf globals > out 2> err && grep -q "^4 findings" out &&
        grep -q "use of a value that an earlier launch left in tasklet 0: product is 0x78 since an" out &&
        grep -q "only a load makes it 0x1 again" out && grep -q "in main.*twice.c:" out &&
        grep -q "table+8 was changed by an earlier launch" out &&
        ./host twice.elf all > out 2> err && grep -q "^0 findings" out
}
by_profile() {
    ./host mistake.elf memory simCheck=none,simPoison=ff > out 2> err && grep -q "^2 findings" out &&
        UPMEM_PROFILE=simCheck=memory ./host mistake.elf > out 2> err && grep -q "^2 findings" out &&
        ! UPMEM_PROFILE=simCheck=memry ./host mistake.elf > out 2> err && grep -q 'did you mean "memory"' err
}
case ${OPT:-} in
*-fsanitize*) echo "host programs are left out of a build with sanitizers" ;;
*)
    check "a host program" host_program
    check "values of an earlier launch" left_over
    check "checkers by the profile" by_profile
    ;;
esac

report
