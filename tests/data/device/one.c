/* SPDX-License-Identifier: MIT */
/* The device library in usual and unusual use: declarations of all kinds, static initialisers,
 * macros as statements and expressions, objects that two.c uses, too. */
#include "uses.h"

STDOUT_BUFFER_INIT(1 << 12)
BARRIER_INIT(shared_barrier, NR_TASKLETS);
BARRIER_INIT(half, NR_TASKLETS / 2);
SEMAPHORE_INIT(shared_sem, 1);
SEMAPHORE_INIT(negative, -1);
MUTEX_INIT(shared_mutex);
MUTEX_INIT(second_mutex);
MUTEX_POOL_INIT(shared_pool, 8);
VMUTEX_INIT(shared_virtual, 64, 4);
ATOMIC_BIT_INIT(shared_bit);
PROFILING_INIT(shared_profile);
INPUT_FIFO_INIT(in, 2, 16);
OUTPUT_FIFO_INIT(out, 2, 16);

__host uint32_t shared_word = 3;
__host uint32_t finished;
__host struct {
    uint32_t a;
    uint64_t b;
} __attribute__((packed)) packed = {1, 2};
__host volatile uint64_t host_array[NR_TASKLETS][2] = {{1, 2}};
__mram_noinit uint8_t shared_bytes[256];
__mram uint32_t shared_init[4] = {1, 2, 3, 4};
static __mram_noinit uint64_t private_words[16];
__mram_noinit static uint32_t private_too[2];
__mram_keep uint32_t kept_in_mram = 9;
__mram_noinit_keep uint32_t kept_without[2];
__mram_ptr void *shared_pointer = (__mram_ptr void *)shared_bytes;
__mram_ptr uint8_t *heap = (__mram_ptr uint8_t *)DPU_MRAM_HEAP_POINTER;
uint32_t heap_address = (uint32_t)DPU_MRAM_HEAP_POINTER;
__mram_ptr uint32_t *const table[] = {shared_init, shared_init + 2, NULL};
static __dma_aligned uint8_t buffers[NR_TASKLETS][64];
struct item {
    __dma_aligned uint8_t bytes[8];
    __mram_ptr struct item *next;
};
__mram_noinit struct item items[4];
barrier_t *const barriers[] = {&shared_barrier, &half};
struct sem_t *semaphores[] = {&shared_sem, &negative};
const struct mutex_pool *pool = &shared_pool;
const struct vmutex *virtual_mutexes[1] = {&shared_virtual};
profiling_t *profiles[] = {&shared_profile};
struct dpu_input_fifo_t *input = &in;
struct dpu_output_fifo_t *output = &out;
__lower_data("near") uint32_t near_word = 1;
__keep uint32_t kept = 2;
__aligned(16) uint8_t wide[16];
__weak uint32_t weak_word = 4;
__section(".data.mine") uint32_t mine = 5;
static const uint32_t sizes[] = {sizeof(barrier_t), sizeof(struct sem_t), sizeof(seqreader_t),
                                 sizeof(perfcounter_t)};
#if __STDC_VERSION__ >= 201112L
alignas(8) static uint8_t aligned_bytes[8];
static_assert(alignof(struct item) == 8 && offsetof(struct item, next) == 8, "layout");
#else
static __aligned(8) uint8_t aligned_bytes[8];
#undef noreturn
#define noreturn __attribute__((noreturn))
#endif
static atomic_int count = ATOMIC_VAR_INIT(0);
static atomic_flag flag = ATOMIC_FLAG_INIT;

static __noinline __used int next_of(int x)
{
    return x + 1;
}

static noreturn void give_up(void)
{
    exit(EXIT_FAILURE);
}

static void use(mutex_id_t mutex)
{
    mutex_lock(mutex);
    mutex_unlock(mutex);
}

static int sum_of(int n, ...)
{
    va_list list, again;
    int sum = 0;
    va_start(list, n);
    va_copy(again, list);
    for (int i = 0; i < n; i++)
        sum += va_arg(list, int) + va_arg(again, int);
    va_end(again);
    va_end(list);
    return sum;
}

static void check_macros(sysname_t tasklet)
{
    if (tasklet == 1)
        ATOMIC_BIT_ACQUIRE(shared_bit);
    else
        ATOMIC_BIT_ACQUIRE(shared_bit);
    ATOMIC_BIT_RELEASE(shared_bit);
    tasklet ? (void)me() : assert(tasklet == 0);
    assert(tasklet < NR_TASKLETS && "x, y"), assert(((void)0, true));
    if (not(tasklet < NR_TASKLETS) or ATOMIC_BIT_INDEX(shared_bit) == 255)
        halt();
    if (!is_input_fifo_empty(input) || is_output_fifo_full(output))
        give_up();
    assert(NULL == (void *)0 && sum_of(3, 1, 2, 3) == 12);
    assert(sizeof(__STR(NR_TASKLETS)) == 2 && __CONCAT(1, 2) == 12);
}

static void check_locks(void)
{
    barrier_wait(barriers[0]);
    sem_take(semaphores[0]), sem_give(semaphores[0]);
    use(shared_mutex);
    use(MUTEX_GET(second_mutex));
    mutex_pool_lock(pool, 3);
    mutex_pool_unlock(pool, 3);
    vmutex_lock(virtual_mutexes[0], 5);
    vmutex_unlock(virtual_mutexes[0], 5);
    while (atomic_flag_test_and_set(&flag))
        ;
    atomic_flag_clear(&flag);
    atomic_fetch_add(&count, 2);
    int expected = -1;
    assert(!atomic_compare_exchange_strong(&count, &expected, 7) && expected > 0);
    profiling_start(profiles[0]);
    profiling_stop(profiles[0]);
}

static void check_memory(sysname_t tasklet)
{
    memset(buffers[tasklet], (int)tasklet + 1, 8);
    mram_write(buffers[tasklet], (__mram_ptr void *)(shared_bytes + 8 * tasklet), sizeof(uint64_t));
    for (uint32_t n = 8; n <= 32; n += 8)
        mram_read(&shared_bytes[8 * tasklet], buffers[tasklet], n);
    assert(buffers[tasklet][7] == tasklet + 1 && shared_bytes[8 * tasklet + 7] == tasklet + 1);
    private_words[tasklet] = private_too[0] + kept + near_word + mine + weak_word + sizes[0];
    items[tasklet % 4].next = &items[1];
    assert(items[tasklet % 4].next == &items[1] && table[1][1] == 4 && kept_in_mram == 9);
    assert((uint32_t)heap == heap_address && heap_address % 8 == 0 && kept_without != table[0]);
    assert((uintptr_t)wide % 16 == 0 && (uintptr_t)aligned_bytes % 8 == 0);
    assert(private_words[tasklet] >= 2 + 1 + 5 + 4 + 4 && packed.b == 2 && host_array[0][1] == 2);
}

static void check_reader(void)
{
    seqreader_t reader;
    seqreader_buffer_t cache = seqread_alloc();
    uint32_t step = 0, sum = 0, *at = seqread_init(cache, shared_init, &reader);
    for (int i = 0; i < 3; i++) {
        sum += *at;
        at = seqread_get(at, i ? sizeof *at : (step += 4), &reader);
    }
    assert(sum == 6 && *at == 4 && step == 4);
    at = seqread_seek(shared_init + 1, &reader);
    assert(*at == 2 && seqread_tell(at, &reader) == shared_init + 1);
}

static void check_instructions(void)
{
    uint32_t ones, equal, x = 0x1200ff03, y = 0x1234ff03;
    int32_t product;
    __builtin_cao_rr(ones, x);
    assert(ones == 12);
    __builtin_cmpb4_rrr(equal, x, y);
    assert(equal == 0x01000101);
    __builtin_mul_sl_ul_rrr(product, x - 0x80, ones);
    assert(product == -125 * 12);
}

int main(void)
{
    const sysname_t tasklet = me();
    int (*next)(int) = next_of;
    void (*wait)(barrier_t *) = barrier_wait;
    if (tasklet == 0)
        mem_reset();
    else
        (void)0;
    perfcounter_config(COUNT_SAME, false);
    wait(&shared_barrier);
    check_macros(tasklet);
    check_locks();
    check_memory(tasklet);
    check_reader();
    check_instructions();
    errno = 0;
    int index = use_again();
    wait(&shared_barrier);
    assert(check_stack() > 0 && atomic_load(&count) == 2 * NR_TASKLETS && next(index) > 0);
    mutex_lock(shared_mutex);
    if (++finished == NR_TASKLETS)
        printf("%" PRIu32 " tasklets, word %u, %s %c %.1f %" PRIu64 "\n", finished, shared_word,
               "s", 'c', 1.5, (uint64_t)(perfcounter_get() >> 60));
    mutex_unlock(shared_mutex);
    return 0;
}
