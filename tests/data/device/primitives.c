/* SPDX-License-Identifier: MIT */
/* Below the functions of the library, as some kernels go: memory under their own lock, sleep and
 * resume, several bits under a name, instructions with constants. Attributes behind the type. */
#include <alloc.h>
#include <atomic_bit.h>
#include <defs.h>
#include <dpufault.h>
#include <dpuruntime.h>
#include <mutex.h>
#include <stdio.h>

ATOMIC_BIT_EXTERN(__heap_pointer);
ATOMIC_BIT_INIT(many)[4];
MUTEX_INIT(mutex);

struct arguments {
    uint32_t a, b;
};
struct arguments __host host_to_dpu;
uint32_t __mram_noinit_keep input[16];
unsigned int __mram_ptr *const at_60k = (unsigned int __mram_ptr *)0xf000;
static volatile uint32_t asleep;
static uint32_t numbers[] = {
#define NUMBER(n) (n),
    __REPEAT_5(NUMBER)
#undef NUMBER
};

DEPRECATED __NO_RETURN void give_up(void);

static uint32_t shifted(uint32_t value)
{
    __builtin_lsr_rri(value, value, "3");
    return value;
}

static void allocate(void)
{
    ATOMIC_BIT_ACQUIRE(__heap_pointer);
    uint8_t *first = mem_alloc_nolock(5);
    uint32_t next = __HEAP_POINTER;
    uint8_t *second = mem_alloc_nolock(8);
    ATOMIC_BIT_RELEASE(__heap_pointer);
    if (second != first + 8 || next != (uint32_t)first + 5 || mem_alloc(8) != second + 8)
        __fault(__LINE__);
    if ((uintptr_t)first != (uintptr_t)&__INITIAL_HEAP_POINTER)
        __fault(__LINE__);
    printf("%u %u %u\n", shifted(80), (unsigned int)(second - first), numbers[0]);
}

int main(void)
{
    const thread_id_t last = NR_TASKLETS - 1;
    if (me() == 0) {
        mem_reset();
        allocate();
        while (asleep != 3)
            ;
        __resume(1, "0");
        __resume(last, "0");
        __ATOMIC_BIT_ACQUIRE(&ATOMIC_BIT_GET(many)[1], 2);
        __ATOMIC_BIT_RELEASE(&ATOMIC_BIT_GET(many)[1], 2);
    } else {
        mutex_lock(mutex);
        asleep += me();
        mutex_unlock(mutex);
        __stop();
        __acquire(&ATOMIC_BIT_GET(many)[2], "1");
        __release(&ATOMIC_BIT_GET(many)[2], "1", __AT_NEXT_INSTRUCTION);
    }
    if (unlikely(&ATOMIC_BIT_GET(many)[3] - &ATOMIC_BIT_GET(many)[0] != 3 || at_60k == input))
        unreachable();
    return likely(input[0] == 0) ? 0 : (int)host_to_dpu.a + count_population(last);
}
