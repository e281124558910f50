/* SPDX-License-Identifier: MIT */
/* Reading MRAM from front to back in small pieces, through a cache of two pages in WRAM.
 *
 *   seqreader_t reader;
 *   T *item = seqread_init(seqread_alloc(), items, &reader);
 *   for (...; item = seqread_get(item, sizeof(T), &reader))
 *
 * SEQREAD_CACHE_SIZE (32, 64, 128, 256, 512 or 1024; default 256), defined before this header is
 * included, is the size of a page; an item may be as large as a page. */
#ifndef DPU_SEQREAD_H
#define DPU_SEQREAD_H

#include <attributes.h>
#include <macro_utils.h>
#include <stdint.h>

#ifndef SEQREAD_CACHE_SIZE
#define SEQREAD_CACHE_SIZE 256
#endif

__STATIC_ASSERT(__IS_POWER_OF_TWO(SEQREAD_CACHE_SIZE) && SEQREAD_CACHE_SIZE >= 32 &&
                    SEQREAD_CACHE_SIZE <= 1024,
                "SEQREAD_CACHE_SIZE is 32, 64, 128, 256, 512 or 1024");

typedef uintptr_t seqreader_buffer_t;

typedef struct {
    seqreader_buffer_t wram_cache;
    uintptr_t mram_addr; /* of the first page in the cache */
} seqreader_t;

/* Cache of two pages from the heap, aligned to the size of a page. */
#define seqread_alloc __CONCAT(__CONCAT(seqread, SEQREAD_CACHE_SIZE), _alloc)
/* Start reading at `mram`. Returns the place of that byte in WRAM. */
#define seqread_init __CONCAT(__CONCAT(seqread, SEQREAD_CACHE_SIZE), _init)
/* Go on by `inc` bytes, at most a page. seqreadN_get itself wants less than a page. */
#define seqread_get(ptr, inc, reader)                                                              \
    (__builtin_constant_p(inc) && (inc) < SEQREAD_CACHE_SIZE                                       \
         ? __CONCAT(__CONCAT(seqread, SEQREAD_CACHE_SIZE), _get)(ptr, inc, reader)                 \
         : __CONCAT(__CONCAT(__seqread, SEQREAD_CACHE_SIZE), _get_any)(ptr, inc, reader))
/* Go anywhere. */
#define seqread_seek __CONCAT(__CONCAT(seqread, SEQREAD_CACHE_SIZE), _seek)
/* Address in MRAM of a place that the functions above returned. */
#define seqread_tell __CONCAT(__CONCAT(seqread, SEQREAD_CACHE_SIZE), _tell)

#define __SEQREAD_DECLARE(size)                                                                    \
    seqreader_buffer_t seqread##size##_alloc(void);                                                \
    void *seqread##size##_init(seqreader_buffer_t cache, __mram_ptr void *mram,                    \
                               seqreader_t *reader);                                               \
    void *seqread##size##_get(void *ptr, uint32_t inc, seqreader_t *reader);                       \
    void *__seqread##size##_get_any(void *ptr, uint32_t inc, seqreader_t *reader);                 \
    void *seqread##size##_seek(__mram_ptr void *mram, seqreader_t *reader);                        \
    __mram_ptr void *seqread##size##_tell(void *ptr, seqreader_t *reader)

__SEQREAD_DECLARE(32);
__SEQREAD_DECLARE(64);
__SEQREAD_DECLARE(128);
__SEQREAD_DECLARE(256);
__SEQREAD_DECLARE(512);
__SEQREAD_DECLARE(1024);

#endif
