/* SPDX-License-Identifier: MIT */
/* memcpy and kin with MRAM: where both sides are aligned alike whole 8-byte words go by DMA without
 * a detour, everything else goes through a small buffer on the stack. */
#include <memmram_utils.h>
#include <mram.h>
#include <mram_unaligned.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WORD_BYTES   8u
#define MAX_BYTES    2048u
#define BOUNCE_BYTES 64u                             /* content of a buffer */
#define BUFFER_BYTES (BOUNCE_BYTES + 2 * WORD_BYTES) /* with room for its alignment */

static inline size_t at_most(size_t size, size_t limit)
{
    return size < limit ? size : limit;
}

static inline unsigned int misalignment(uintptr_t address)
{
    return address % WORD_BYTES;
}

static inline bool is_aligned_alike(const void *wram, const __mram_ptr void *mram)
{
    return misalignment((uintptr_t)wram ^ (uintptr_t)mram) == 0;
}

/* Bytes of MRAM to anywhere. At most BOUNCE_BYTES. */
static void read_piece(uint8_t *to, const __mram_ptr uint8_t *from, size_t size)
{
    __dma_aligned uint8_t buffer[BUFFER_BYTES];
    memcpy(to, mram_read_unaligned(from, buffer, size), size);
}

void *__memcpy_wm(void *to, const __mram_ptr void *from, size_t size)
{
    uint8_t *target = to;
    const __mram_ptr uint8_t *source = from;
    while (size) {
        size_t piece = at_most(size, BOUNCE_BYTES);
        if (is_aligned_alike(target, source)) {
            unsigned int head = misalignment((uintptr_t)target);
            piece = at_most(size, head ? WORD_BYTES - head : MAX_BYTES);
            if (head == 0 && piece > WORD_BYTES)
                piece &= ~(size_t)(WORD_BYTES - 1);
        }
        if (piece % WORD_BYTES == 0 && misalignment((uintptr_t)target | (uintptr_t)source) == 0)
            mram_read(source, target, piece);
        else
            read_piece(target, source, piece);
        target += piece;
        source += piece;
        size -= piece;
    }
    return to;
}

/* Write from a buffer that is aligned like the target. At most BOUNCE_BYTES. */
static void write_piece(__mram_ptr uint8_t *to, const uint8_t *from, size_t size)
{
    __dma_aligned uint8_t buffer[BUFFER_BYTES];
    uint8_t *place = buffer + misalignment((uintptr_t)to);
    memcpy(place, from, size);
    mram_write_unaligned(place, to, size);
}

__mram_ptr void *__memcpy_mw(__mram_ptr void *to, const void *from, size_t size)
{
    __mram_ptr uint8_t *target = to;
    const uint8_t *source = from;
    if (is_aligned_alike(from, to)) {
        mram_write_unaligned(from, to, size);
        return to;
    }
    while (size) {
        size_t piece = at_most(size, BOUNCE_BYTES);
        write_piece(target, source, piece);
        target += piece;
        source += piece;
        size -= piece;
    }
    return to;
}

/* MRAM to MRAM, at most BOUNCE_BYTES; both ends may overlap. */
static void move_piece(__mram_ptr uint8_t *to, const __mram_ptr uint8_t *from, size_t size)
{
    __dma_aligned uint8_t buffer[BUFFER_BYTES];
    uint8_t *place = mram_read_unaligned(from, buffer, size);
    if (is_aligned_alike(place, to))
        mram_write_unaligned(place, to, size);
    else
        write_piece(to, place, size);
}

__mram_ptr void *__memcpy_mm(__mram_ptr void *to, const __mram_ptr void *from, size_t size)
{
    for (size_t done = 0; done < size; done += BOUNCE_BYTES)
        move_piece((__mram_ptr uint8_t *)to + done, (const __mram_ptr uint8_t *)from + done,
                   at_most(size - done, BOUNCE_BYTES));
    return to;
}

__mram_ptr void *__memmove_mm(__mram_ptr void *to, const __mram_ptr void *from, size_t size)
{
    if ((uintptr_t)to - (uintptr_t)from >= size)
        return __memcpy_mm(to, from, size);
    while (size) { /* the target begins inside the source: backward */
        size_t piece = at_most(size, BOUNCE_BYTES);
        size -= piece;
        move_piece((__mram_ptr uint8_t *)to + size, (const __mram_ptr uint8_t *)from + size, piece);
    }
    return to;
}

__mram_ptr void *__memset_mram(__mram_ptr void *area, int c, size_t size)
{
    __dma_aligned uint8_t buffer[BUFFER_BYTES];
    __mram_ptr uint8_t *target = area;
    memset(buffer, c, sizeof buffer);
    while (size) {
        size_t piece = at_most(size, BOUNCE_BYTES);
        mram_write_unaligned(buffer + misalignment((uintptr_t)target), target, piece);
        target += piece;
        size -= piece;
    }
    return area;
}

__mram_ptr void *__memset_mram_8align(__mram_ptr void *area, int c, size_t size)
{
    return __memset_mram(area, c, size);
}
