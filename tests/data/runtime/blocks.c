/* SPDX-License-Identifier: MIT */
/* The allocators that give memory back. */
#include <alloc.h>
#include <errno.h>
#include <string.h>

#include "check.h"

enum { AREA = 4096, MOST = 24 };

static struct {
    uint8_t *start;
    uint32_t size;
    uint8_t mark;
} blocks[MOST];

static void check_content(int i)
{
    for (uint32_t k = 0; k < blocks[i].size; k++)
        if (blocks[i].start[k] != blocks[i].mark)
            CHECK(0);
    CHECK((uintptr_t)blocks[i].start % 8 == 0);
}

static void fill(int i, uint8_t *start, uint32_t size, uint8_t mark)
{
    blocks[i].start = start;
    blocks[i].size = size;
    blocks[i].mark = mark;
    memset(start, mark, size);
}

/* Random allocations, growths and frees; blocks never overlap and nothing else is written. */
static void check_random(void)
{
    uint32_t state = 1;
    for (int round = 0; round < 400; round++) {
        int i = (int)(next_random(&state) % MOST);
        uint32_t size = 1 + next_random(&state) % (round % 3 ? 60 : 600);
        if (!blocks[i].start) {
            uint8_t *start = buddy_alloc(size);
            if (start)
                fill(i, start, size, (uint8_t)round);
        } else if (next_random(&state) % 2) {
            check_content(i);
            buddy_free(blocks[i].start);
            blocks[i].start = NULL;
        } else {
            uint8_t *start = buddy_realloc(blocks[i].start, size);
            if (start) {
                blocks[i].start = start;
                blocks[i].size = blocks[i].size < size ? blocks[i].size : size;
                check_content(i);
                fill(i, start, size, (uint8_t)round);
            }
        }
    }
    for (int i = 0; i < MOST; i++) {
        if (blocks[i].start)
            check_content(i);
        buddy_free(blocks[i].start);
    }
}

static void check_buddy(void)
{
    errno = 0;
    CHECK(buddy_alloc(16) == NULL && errno == EINVAL);
    buddy_init(AREA);
    buddy_init(64); /* ignored */
    void *all = buddy_alloc(AREA);
    CHECK(all != NULL);
    CHECK(buddy_alloc(1) == NULL && errno == ENOMEM);
    buddy_free(all);
    errno = 0;
    CHECK(buddy_alloc(AREA + 1) == NULL && errno == EINVAL);
    CHECK(buddy_alloc(0) == NULL && errno == EINVAL);
    uint8_t *small = buddy_alloc(1), *next = buddy_alloc(16);
    CHECK(small == all && next == small + 16);
    errno = 0;
    buddy_free(small + 4);
    CHECK(errno == EINVAL);
    buddy_free(NULL);
    buddy_free(small);
    buddy_free(next);
    CHECK(buddy_alloc(AREA) == all); /* halves have merged */
    buddy_free(all);
    check_random();
    CHECK(buddy_alloc(AREA) == all);
    buddy_reset();
    mem_reset();
    buddy_init(64);
    CHECK(buddy_alloc(65) == NULL);
    CHECK(buddy_alloc(64) != NULL);
}

static void check_pool(void)
{
    uint8_t *got[5];
    fsb_allocator_t pool = fsb_alloc(13, 4);
    for (int i = 0; i < 4; i++) {
        got[i] = fsb_get(pool);
        CHECK(got[i] != NULL && (uintptr_t)got[i] % 8 == 0);
        memset(got[i], i, 13);
        for (int k = 0; k < i; k++)
            CHECK(got[i] >= got[k] + 16 || got[k] >= got[i] + 16);
    }
    CHECK(fsb_get(pool) == NULL);
    for (int i = 0; i < 4; i++)
        CHECK(got[i][0] == i && got[i][12] == i);
    fsb_free(pool, got[2]);
    CHECK(fsb_get(pool) == got[2]);
    CHECK(fsb_get(pool) == NULL);
}

int main(void)
{
    if (me() == 0) {
        mem_reset();
        check_buddy();
        check_pool();
    }
    return finish();
}
