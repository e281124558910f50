// SPDX-License-Identifier: MIT
// Sequential readers: one set of functions per page size. The cache holds two consecutive pages and
// is aligned to a page, so a pointer leaves the first page when adding to it carries out of the
// bits within a page: the addition itself tests that (condition ncN). Reader: cache, MRAM address
// of the first page.

#include "macros.inc"

// Load both pages: cache r1, MRAM address r3.
        .macro  load_pages size
        ldma    r1, r3, 2 * \size / 8 - 1
        .endm

        .macro  reader size, bits
// seqreader_buffer_t seqreadN_alloc(void): room for the two pages and for aligning them.
        function seqread\size\()_alloc
        enter   8
        move    r0, 3 * \size - 8
        call    r23, mem_alloc
        add     r0, r0, \size - 1
        and     r0, r0, -\size
        leave
        end_function seqread\size\()_alloc

// void *seqreadN_init(seqreader_buffer_t cache, mram, seqreader_t *reader)
        function seqread\size\()_init
        sw      r2, __READER_CACHE, r0
        move    r0, r1
        move    r1, r2
        jump    seqread\size\()_seek
        end_function seqread\size\()_init

// void *__seqreadN_get_any(void *ptr, uint32_t inc, seqreader_t *reader): inc is at most a page
        function __seqread\size\()_get_any
        and     zero, r1, \size, z, seqread\size\()_get
        add     r0, r0, r1, true, __seqread\size\()_next_page
        end_function __seqread\size\()_get_any

// void *seqreadN_get(void *ptr, uint32_t inc, seqreader_t *reader): inc is less than a page
        function seqread\size\()_get
        add     r0, r0, r1, nc\bits, .Lsame_page\size
__seqread\size\()_next_page:
        lw      r3, r2, __READER_MRAM
        lw      r1, r2, __READER_CACHE
        add     r0, r0, -\size
        add     r3, r3, \size
        sw      r2, __READER_MRAM, r3
        load_pages \size
.Lsame_page\size:
        jump    r23
        end_function seqread\size\()_get

// void *seqreadN_seek(mram, seqreader_t *reader)
        function seqread\size\()_seek
        move    r2, r1
        and     r3, r0, -\size
        lw      r1, r2, __READER_CACHE
        sw      r2, __READER_MRAM, r3
        load_pages \size
        sub     r0, r0, r3
        add     r0, r0, r1
        jump    r23
        end_function seqread\size\()_seek

// mram seqreadN_tell(void *ptr, seqreader_t *reader)
        function seqread\size\()_tell
        lw      r2, r1, __READER_CACHE
        lw      r3, r1, __READER_MRAM
        sub     r0, r0, r2
        add     r0, r0, r3
        jump    r23
        end_function seqread\size\()_tell
        .endm

        reader  32, 5
        reader  64, 6
        reader  128, 7
        reader  256, 8
        reader  512, 9
        reader  1024, 10
