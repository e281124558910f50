// SPDX-License-Identifier: MIT
// The heap used as it should be; with a MISTAKE of 1 and more, one mistake each.
#include <alloc.h>
#include <buddy_alloc.h>
#include <fsb_allocator.h>
#include <mram.h>
#include <stdint.h>
#include <string.h>

#ifndef MISTAKE
#define MISTAKE 0
#endif

struct padded {
    uint8_t letter;
    uint32_t number;
};

__mram_noinit uint32_t in[64];
__mram_noinit struct padded structs[2];
__host uint32_t sum;
volatile uint32_t nothing;
__dma_aligned uint8_t area[2056];
const uint32_t table[4] = {1, 2, 3, 4};

static void add(volatile uint32_t *p)
{
    sum += *p;
}

static uint32_t *heap(void)
{
    uint32_t *a = mem_alloc(64), *b = mem_alloc(20);
    memset(a, 1, 64);
    memset(b, 2, 20);
    for (int i = 0; i < 16; i++)
        add(&a[i]);
    for (int i = 0; i < 5; i++)
        add(&b[i]);
    return b;
}

static void buddy(void)
{
    buddy_init(1024);
    uint32_t *a = buddy_alloc(32), *b = buddy_alloc(64);
    memset(a, 1, 32);
    memset(b, 2, 64);
    a = buddy_realloc(a, 128);
    add(&a[7]);
    add(&b[15]);
    buddy_free(a);
    if (MISTAKE == 1)
        add(&a[0]);
    buddy_free(b);
}

static void pool(void)
{
    fsb_allocator_t blocks = fsb_alloc(16, 4);
    uint32_t *a = fsb_get(blocks);
    a[0] = 3;
    add(&a[0]);
    if (MISTAKE == 2)
        add(&a[1]); // never written
    fsb_free(blocks, a);
    if (MISTAKE == 3)
        add(&a[0]);
}

// Padding moves to MRAM and back and is copied, as part of its structure.
static void padding(void)
{
    __dma_aligned struct padded one[2], other[2];
    one[0].letter = 'a', one[0].number = 1;
    one[1].letter = 'b', one[1].number = 2;
    mram_write(one, structs, sizeof one);
    mram_read(structs, other, sizeof other);
    one[0] = other[1];
    memcpy(&one[1], &other[0], sizeof one[0]);
    sum += one[0].letter + one[0].number + one[1].letter + one[1].number;
}

// What a function leaves behind on the stack is nobody's.
static __attribute__((noinline)) volatile uint32_t *left_behind(void)
{
    volatile uint32_t frame[4] = {1, 2, 3, 4};
    volatile uint32_t *p = frame;
    memset(area, nothing, 3 + nothing); // it calls, so it has a frame
    __asm__ volatile("" : "+r"(p));
    return p;
}

static __attribute__((noinline)) void more(uint32_t mistake, uint32_t *block)
{
    __dma_aligned volatile uint32_t local[4];
    uint32_t *a;
    local[0] = mistake;
    switch (mistake) {
    case 13:
        add(&local[2]); // not set
        break;
    case 14:
        add(left_behind());
        break;
    case 15:
        a = buddy_alloc(32);
        a[0] = 1;
        if (buddy_realloc(a, 256) != a)
            add(&a[0]); // has moved
        break;
    case 16:
        mram_write(area, in, 16);
        mram_read(in, (void *)table, 16);
        break;
    case 17:
        mram_write(area, &structs[1], 64); // goes on into the heap of MRAM
        break;
    case 18:
        mram_read(DPU_MRAM_HEAP_POINTER, area, 16); // the host has not written
        add((volatile uint32_t *)(void *)area);
        break;
    case 19:
        mram_read(DPU_MRAM_HEAP_POINTER, block, 64); // of 24 bytes
        break;
    default:
        mram_write(area, DPU_MRAM_HEAP_POINTER, 64);
        mram_read(DPU_MRAM_HEAP_POINTER, area, 64);
        add((volatile uint32_t *)(void *)area);
    }
}

int main(void)
{
    __dma_aligned uint32_t buffer[8];
    uint32_t *b = heap();
    buddy();
    pool();
    padding();
    if (MISTAKE == 4) {
        mram_read(in, buffer, 32); // the host has not written
        add(&buffer[3]);
    }
    if (MISTAKE == 5)
        add(&b[1000]); // far behind the block
    if (MISTAKE == 6) {
        mem_reset();
        add(&b[0]);
    }
    if (MISTAKE == 7)
        ((volatile uint32_t *)table)[1] = 7;
    if (MISTAKE == 8)
        mram_write(buffer, &in[60], 32);
    if (MISTAKE == 9)
        mram_read(in, area, nothing); // the hardware takes 2048
    if (MISTAKE == 10)
        mram_read(in, area, nothing + 12);
    if (MISTAKE == 11)
        mram_write(area, in, nothing + 2056);
    if (MISTAKE == 12)
        mram_read((__mram_ptr char *)in + nothing + 4, buffer, 8);
    more(MISTAKE, b);
    return 0;
}
