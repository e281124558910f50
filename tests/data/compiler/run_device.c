/* SPDX-License-Identifier: MIT */
/* What kernels take from the device library and from MRAM, with eight tasklets.
 * options: -DNR_TASKLETS=8 -DSTACK_SIZE_DEFAULT=2048 -Wall -Wextra -Werror
 * expect: 35
 */
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <defs.h>
#include <mram.h>
#include <mram_unaligned.h>
#include <alloc.h>
#include <barrier.h>
#include <mutex.h>
#include <mutex_pool.h>
#include <vmutex.h>
#include <sem.h>
#include <handshake.h>
#include <perfcounter.h>
#include <seqread.h>
#include <profiling.h>
#include <atomic_bit.h>
#include <buddy_alloc.h>
#include <fsb_allocator.h>
#include <built_ins.h>
#include <wramfifo.h>
#include <attributes.h>
#include <dpuconst.h>
#include <sysdef.h>
#include <macro_utils.h>
__host uint32_t result;
#define CHECK(c)                                                                                   \
    do {                                                                                           \
        if (!(c))                                                                                  \
            __asm__ volatile("fault %0" ::"i"(__LINE__));                                          \
        result++;                                                                                  \
    } while (0)
STDOUT_BUFFER_INIT(4096)
BARRIER_INIT(my_barrier, NR_TASKLETS);
MUTEX_INIT(my_mutex);
MUTEX_POOL_INIT(pool, 8);
VMUTEX_INIT(vm, 64, 8);
SEMAPHORE_INIT(sem, 0);
PROFILING_INIT(prof);
ATOMIC_BIT_INIT(bit);
typedef struct {
    uint32_t a, b;
    uint64_t c;
    char name[8];
} rec_t;
__mram rec_t recs[4] = {{1, 2, 3, "abc"}, {4, 5, 6, "def"}};
__mram_noinit uint8_t bulk[1 << 16];
__mram_noinit_keep uint64_t kept[16];
__mram_keep uint32_t kept2 = 7;

__mram int8_t sbytes[16] = {-1, -2, -3};
__mram uint16_t halves[8] = {0xffff, 3};
__mram float flt = 2.5f;
__mram double dbl = -1.25;
__mram uint64_t wide = 0x1122334455667788UL;
struct args {
    uint32_t n;
    uint32_t size;
    enum { K1, K2 } kernel;
};
__host struct args DPU_INPUT_ARGUMENTS;
__host struct args arr_args[NR_TASKLETS];
__dma_aligned uint8_t cache[256];
__lower_data("x") uint32_t low = 3;
__host __dma_aligned uint64_t hb[8] = {1, 2, 3};
typedef struct {
    __mram_ptr uint8_t *base;
    uint32_t n;
} view_t;
static __mram_ptr uint32_t *const fixed = (__mram_ptr uint32_t *)0x100000;
struct list {
    __mram_ptr struct list *next;
    uint32_t v;
};
static uint32_t msum(__mram_ptr const uint32_t *p, int n)
{
    uint32_t s = 0;
    for (int i = 0; i < n; i++)
        s += p[i];
    return s;
}
static mutex_id_t get_lock(int i)
{
    (void)i;
    return MUTEX_GET(my_mutex);
}
__host volatile uint32_t shared;
int main(void)
{
    sysname_t t = me();
    if (t == 0) {
        mem_reset();
    }
    barrier_wait(&my_barrier);
    mutex_lock(my_mutex);
    shared++;
    mutex_unlock(my_mutex);
    mutex_pool_lock(&pool, t);
    mutex_pool_unlock(&pool, t);
    vmutex_lock(&vm, t);
    vmutex_unlock(&vm, t);
    barrier_wait(&my_barrier);
    if (t != 0) {
        if (t == 1) {
            sem_give(&sem);
            handshake_notify();
        }
        if (t == 2) {
            recs[3].a = 77;
            recs[3].name[2] = 'z';
        }
        barrier_wait(&my_barrier);
        return 0;
    }
    CHECK(shared == NR_TASKLETS);
    sem_take(&sem);
    handshake_wait_for(1);
    barrier_wait(&my_barrier);
    CHECK(recs[3].a == 77 && recs[3].name[2] == 'z' && recs[1].c == 6 && recs[0].b == 2);
    recs[1].c += 0x100000000UL;
    recs[1].b++;
    rec_t copy = recs[1];
    CHECK(copy.c == 0x100000006UL && copy.b == 6 && copy.name[1] == 'e');
    copy.a = 9;
    recs[2] = copy;
    CHECK(recs[2].a == 9 && recs[2].name[0] == 'd');
    CHECK(sbytes[1] == -2 && halves[0] == 0xffff && flt == 2.5f && dbl == -1.25 &&
          wide == 0x1122334455667788UL);
    sbytes[3] = -5;
    halves[1]++;
    flt *= 2;
    dbl -= 1;
    wide++;
    CHECK(sbytes[3] == -5 && sbytes[2] == -3 && halves[1] == 4 && flt == 5.0f && dbl == -2.25 &&
          (uint32_t)wide == 0x55667789u);
    __mram_ptr uint8_t *heap = DPU_MRAM_HEAP_POINTER;
    uint32_t base = (uint32_t)DPU_MRAM_HEAP_POINTER;
    CHECK((uint32_t)heap == base && base >= (1 << 16));
    mram_read(bulk, cache, 256);
    for (int i = 0; i < 256; i++)
        cache[i] = i;
    mram_write(cache, bulk, 256);
    CHECK(bulk[100] == 100);
    mram_write(cache, (__mram_ptr void *)(base + 1024), sizeof(cache));
    memset(cache, 0, 256);
    mram_read((__mram_ptr void const *)(base + 1024), cache, 256);
    CHECK(cache[255] == 255);
    view_t v = {bulk, 256};
    CHECK(v.base[10] == 10);
    v.base += 5;
    CHECK(*v.base == 5);
    fixed[0] = 11;
    fixed[1] = 22;
    fixed[2] = 33;
    CHECK(msum(fixed, 3) == 66);
    __mram_ptr struct list *l = (__mram_ptr struct list *)0x200000;
    l->next = l + 1;
    l->v = 4;
    l[1].next = 0;
    l[1].v = 5;
    uint32_t s = 0;
    for (__mram_ptr struct list *q = l; q; q = q->next)
        s += q->v;
    CHECK(s == 9);
    CHECK(low == 3 && hb[1] == 2 && kept2 == 7);
    kept[3] = 5;
    CHECK(kept[3] == 5);
    uint32_t *w = mem_alloc(1000);
    CHECK(((uint32_t)w & 7) == 0);
    w[249] = 1;
    seqreader_t sr;
    seqreader_buffer_t sb = seqread_alloc();
    mram_write(cache, bulk + 2048, 256);
    uint8_t *sp = seqread_init(sb, bulk + 2048, &sr);
    s = 0;
    for (int i = 0; i < 1000; i++) {
        s += *sp;
        sp = seqread_get(sp, 1, &sr);
    }
    CHECK(seqread_tell(sp, &sr) == bulk + 2048 + 1000);
    sp = seqread_seek(bulk + 5, &sr);
    CHECK(*sp == 5);
    __dma_aligned uint8_t ub[64];
    uint8_t *up = mram_read_unaligned(bulk + 3, ub, 21);
    CHECK(up[0] == 3 && up[20] == 23);
    mram_write_unaligned(cache + 1, bulk + 1, 13);
    CHECK(bulk[13] == 13 && bulk[14] == 14);
    buddy_init(4096);
    void *bp = buddy_alloc(100);
    CHECK(bp);
    buddy_free(bp);
    fsb_allocator_t fa = fsb_alloc(16, 3);
    void *f1 = fsb_get(fa), *f2 = fsb_get(fa);
    CHECK(f1 && f2 && f1 != f2);
    fsb_get(fa);
    CHECK(fsb_get(fa) == NULL);
    fsb_free(fa, f1);
    CHECK(fsb_get(fa) == f1);
    perfcounter_config(COUNT_CYCLES, true);
    perfcounter_t c0 = perfcounter_get();
    CHECK(perfcounter_get() >= c0);
    perfcounter_config(COUNT_INSTRUCTIONS, false);
    profiling_start(&prof);
    profiling_stop(&prof);
    CHECK(CLOCKS_PER_SEC != 1);
    CHECK(check_stack() > 0);
    ATOMIC_BIT_ACQUIRE(bit);
    ATOMIC_BIT_RELEASE(bit);
    CHECK(mutex_trylock(my_mutex));
    CHECK(!mutex_trylock(get_lock(0)));
    mutex_unlock(get_lock(1));
    int r;
    __builtin_mul_sl_ul_rrr(r, -3, 5);
    CHECK((int8_t)-3 * 5 == r);
    unsigned cb;
    __builtin_cmpb4_rrr(cb, 0x11223344, 0x11003300);
    CHECK(cb == 0x01000100 || cb == 0xff00ff00u || cb);
    __builtin_cao_rr(cb, 0xff0);
    CHECK(cb == 8);
    __builtin_clz_rr(cb, 0xff);
    CHECK(cb == 24);
    DPU_INPUT_ARGUMENTS.kernel = K2;
    arr_args[NR_TASKLETS - 1].size = 4;
    CHECK(arr_args[NR_TASKLETS - 1].size == 4);
    printf("Hi %d %u %x %s %c %ld %lu %f %5.2f %p %%\n", -1, 2u, 255, "str", 'c', -5L, 5UL, 1.5,
           2.25f, (void *)w);
    puts("x");
    putchar('\n');
    uint64_t *dst = (uint64_t *)cache;
    memcpy(dst, hb, 24);
    CHECK(dst[2] == 3);
    memmove(cache + 1, cache, 10);
    return 0;
}
