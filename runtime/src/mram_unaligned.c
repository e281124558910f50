/* SPDX-License-Identifier: MIT */
/* MRAM by bytes on top of transfers of 8-byte words. Words that are only changed in part are read,
 * modified and written under a virtual mutex chosen by their address. */
#include <dpuruntime.h>
#include <mram_unaligned.h>
#include <stdbool.h>
#include <string.h>
#include <vmutex.h>

#define WORD_BYTES 8u
#define MAX_BYTES  2048u
#define WORD_LOCKS 64u

VMUTEX_INIT(__mram_words, WORD_LOCKS, 8);

static inline unsigned int offset_in_word(const __mram_ptr void *address)
{
    return (uintptr_t)address % WORD_BYTES;
}

static inline __mram_ptr uint8_t *word_of(const __mram_ptr void *address)
{
    return (__mram_ptr uint8_t *)((uintptr_t)address & ~(uintptr_t)(WORD_BYTES - 1));
}

static inline uint16_t lock_of(const __mram_ptr void *address)
{
    return (uint16_t)((uintptr_t)address / WORD_BYTES % WORD_LOCKS);
}

void *mram_read_unaligned(const __mram_ptr void *from, void *buffer, unsigned int size)
{
    const __mram_ptr uint8_t *source = word_of(from);
    uint8_t *to = buffer;
    unsigned int left = __ROUND_UP_TO_8(offset_in_word(from) + size);
    while (left) {
        unsigned int piece = left < MAX_BYTES ? left : MAX_BYTES;
        mram_read(source, to, piece);
        source += piece;
        to += piece;
        left -= piece;
    }
    return (uint8_t *)buffer + offset_in_word(from);
}

/* Change `size` bytes inside one word. */
static void write_in_word(const uint8_t *from, __mram_ptr uint8_t *to, unsigned int size)
{
    __dma_aligned uint8_t word[WORD_BYTES];
    vmutex_lock(&__mram_words, lock_of(to));
    mram_read(word_of(to), word, WORD_BYTES);
    memcpy(word + offset_in_word(to), from, size);
    mram_write(word, word_of(to), WORD_BYTES);
    vmutex_unlock(&__mram_words, lock_of(to));
}

void mram_write_unaligned(const void *from, __mram_ptr void *to, unsigned int size)
{
    const uint8_t *source = from;
    __mram_ptr uint8_t *target = to;
    if (((uintptr_t)from ^ (uintptr_t)to) % WORD_BYTES != 0)
        __fault(__FAULT_MRAM_UNALIGNED__);
    while (size) {
        unsigned int piece = WORD_BYTES - offset_in_word(target);
        if (piece == WORD_BYTES && size >= WORD_BYTES) {
            piece = size < MAX_BYTES ? size & ~(WORD_BYTES - 1) : MAX_BYTES;
            mram_write(source, target, piece);
        } else {
            piece = piece < size ? piece : size;
            write_in_word(source, target, piece);
        }
        source += piece;
        target += piece;
        size -= piece;
    }
}

/* Read the word of `to` under its lock; the result is the place of the byte at `to`. */
static void *open_word(const __mram_ptr void *to, uint8_t *word)
{
    vmutex_lock(&__mram_words, lock_of(to));
    mram_read(word_of(to), word, WORD_BYTES);
    return word + offset_in_word(to);
}

static void close_word(const __mram_ptr void *to, const uint8_t *word)
{
    mram_write(word, word_of(to), WORD_BYTES);
    vmutex_unlock(&__mram_words, lock_of(to));
}

void(mram_update_int_atomic)(__mram_ptr int *to, void (*update)(int *value, void *args), void *args)
{
    __dma_aligned uint8_t word[WORD_BYTES];
    update(open_word(to, word), args);
    close_word(to, word);
}

void(mram_update_byte_atomic)(__mram_ptr uint8_t *to, void (*update)(uint8_t *value, void *args),
                              void *args)
{
    __dma_aligned uint8_t word[WORD_BYTES];
    update(open_word(to, word), args);
    close_word(to, word);
}

void(mram_write_int_atomic)(__mram_ptr int *to, int value)
{
    write_in_word((const uint8_t *)&value, (__mram_ptr uint8_t *)to, sizeof value);
}

void(mram_write_byte_atomic)(__mram_ptr uint8_t *to, uint8_t value)
{
    write_in_word(&value, to, sizeof value);
}
