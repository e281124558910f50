/* SPDX-License-Identifier: MIT */
/* The step of a sequential reader whose page size is an argument. Kernels with readers of their own
 * declare this function, which the vendor's compiler knows by itself. */
#include <mram.h>
#include <seqread.h>

void *__seqread_get(uint32_t at, uint32_t inc, seqreader_t *reader,
                    uint32_t page) __asm__("__builtin_dpu_seqread_get");

/* page: a power of 2, to which the cache of two pages is aligned; inc <= page. */
void *__seqread_get(uint32_t at, uint32_t inc, seqreader_t *reader, uint32_t page)
{
    uint32_t in_page = (at & (page - 1)) + inc;
    at += inc;
    if (in_page >= page) {
        at -= page;
        reader->mram_addr += page;
        mram_read((__mram_ptr void *)reader->mram_addr, (void *)reader->wram_cache, 2 * page);
    }
    return (void *)at;
}
