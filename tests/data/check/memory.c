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
    return 0;
}
