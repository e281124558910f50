/* SPDX-License-Identifier: MIT */
/* A number that stands for the contents of a memory, to compare runs by. Pages of MRAM that were
 * never written are skipped where the system says which they are; the number does not depend on
 * that, as pages of zeros do not count. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

enum { DIGEST_PAGE_BYTES = 4096, PAGES = ISA_MRAM_BYTES / DIGEST_PAGE_BYTES };

/* FNV-1a over 64-bit steps. */
static uint64_t mix(uint64_t hash, const void *data, size_t len_bytes)
{
    for (size_t at = 0; at + 8 <= len_bytes; at += 8) {
        uint64_t word;
        memcpy(&word, (const char *)data + at, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    return hash;
}

static bool is_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, DIGEST_PAGE_BYTES - 1) == 0;
}

/* Entries of the page table, whose two upper bits say whether a page exists; NULL: not to be had.
 */
static uint64_t *page_table(const uint8_t *mram)
{
    if (sysconf(_SC_PAGESIZE) != DIGEST_PAGE_BYTES)
        return NULL;
    size_t len_bytes = PAGES * sizeof(uint64_t);
    uint64_t *entries = malloc(len_bytes);
    int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    off_t from = (off_t)((uintptr_t)mram / DIGEST_PAGE_BYTES * sizeof(uint64_t));
    bool ok = entries && file >= 0 && pread(file, entries, len_bytes, from) == (ssize_t)len_bytes;
    if (file >= 0)
        close(file);
    if (ok)
        return entries;
    free(entries);
    return NULL;
}

static uint64_t digest_mram(const uint8_t *mram)
{
    uint64_t hash = 0, *entries = page_table(mram);
    for (uint64_t page = 0; page < PAGES; page++) {
        const uint8_t *data = mram + page * DIGEST_PAGE_BYTES;
        if ((entries && entries[page] >> 62 == 0) || is_zero(data))
            continue;
        hash = mix(mix(hash, &page, sizeof page), data, DIGEST_PAGE_BYTES);
    }
    free(entries);
    return hash;
}

uint64_t sim_dpu_digest(const struct sim_dpu *dpu, enum isa_memory memory)
{
    switch (memory) {
    case ISA_MRAM:
        return digest_mram(dpu->mram);
    case ISA_WRAM:
        return mix(0, dpu->wram, dpu->wram_units[0]);
    case ISA_IRAM:
        return mix(0, dpu->code->word, sizeof dpu->code->word);
    default:
        return mix(0, dpu->atomic, sizeof dpu->atomic);
    }
}
