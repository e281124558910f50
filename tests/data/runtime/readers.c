/* SPDX-License-Identifier: MIT */
/* Sequential readers of every page size, each with steps of its own. */
#include <alloc.h>
#include <mram.h>

#include "check.h"

#define SEQREAD_CACHE_SIZE 64
#include <seqread.h>

enum { WORDS = 2048 };

__mram_noinit uint32_t words[WORDS];

static void prepare(void)
{
    __dma_aligned uint32_t block[32];
    for (uint32_t i = 0; i < WORDS; i += 32) {
        for (uint32_t k = 0; k < 32; k++)
            block[k] = (i + k) * 3;
        mram_write(block, &words[i], sizeof block);
    }
}

/* Item k of a walk in steps of `step` words must be the word there, and tell must say where. */
#define WALK(size, step)                                                                           \
    do {                                                                                           \
        seqreader_t reader;                                                                        \
        seqreader_buffer_t cache = seqread##size##_alloc();                                        \
        CHECK(cache % size == 0);                                                                  \
        uint32_t *item = seqread##size##_init(cache, words, &reader);                              \
        for (uint32_t i = 0; i < WORDS - 1024; i += (step)) {                                      \
            CHECK(*item == i * 3);                                                                 \
            CHECK((uintptr_t)seqread##size##_tell(item, &reader) == (uintptr_t)&words[i]);         \
            item = __seqread##size##_get_any(item, (step) * sizeof *item, &reader);                \
        }                                                                                          \
        item = seqread##size##_seek(&words[777], &reader);                                         \
        CHECK(*item == 777 * 3);                                                                   \
        item = seqread##size##_seek(&words[5], &reader);                                           \
        CHECK(*item == 5 * 3);                                                                     \
    } while (0)

/* The page size as an argument, as kernels with readers of their own call it. */
int __builtin_dpu_seqread_get(int, unsigned int, void *, const unsigned int);

static void check_any_page(uint32_t page, uint32_t step)
{
    seqreader_t reader;
    uint8_t *room = mem_alloc(3 * page);
    reader.wram_cache = ((uintptr_t)room + page - 1) & ~(uintptr_t)(page - 1);
    reader.mram_addr = (uintptr_t)words & ~(uintptr_t)(page - 1);
    mram_read((__mram_ptr void *)reader.mram_addr, (void *)reader.wram_cache, 2 * page);
    uint32_t *item = (uint32_t *)(reader.wram_cache + ((uintptr_t)words - reader.mram_addr));
    for (uint32_t i = 0; i < WORDS - 1024; i += step) {
        CHECK(*item == i * 3);
        item = (uint32_t *)__builtin_dpu_seqread_get((uintptr_t)item, step * sizeof *item, &reader,
                                                     page);
    }
}

int main(void)
{
    if (me() == 0) {
        mem_reset();
        prepare();
        WALK(32, 1);
        WALK(32, 8); /* a whole page at a time */
        WALK(64, 3);
        WALK(128, 7);
        WALK(256, 1);
        WALK(512, 5);
        WALK(1024, 11);
        WALK(1024, 256);
        for (uint32_t page = 32; page <= 1024; page *= 2) {
            check_any_page(page, 1);
            check_any_page(page, page / 4);
        }
        mem_reset();
        seqreader_t reader;
        uint32_t *item = seqread_init(seqread_alloc(), &words[9], &reader);
        CHECK(*item == 27);
        item = seqread_get(item, 4, &reader);
        CHECK(*item == 30 && seqread_tell(item, &reader) == &words[10]);
    }
    return finish();
}
