/* SPDX-License-Identifier: MIT */
/* The pages of MRAM that hold something, and numbers that stand for the contents of memories. Pages
 * that were never touched are not even read where the system says which they are. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "pages.h"

enum { PAGES = ISA_MRAM_BYTES / SIM_PAGE_BYTES };

void sim_pages_open(struct sim_pages *pages, const struct sim_dpu *d)
{
    pages->mram = d->mram;
    pages->next = pages->known = 0;
    pages->table = -1;
    if (sysconf(_SC_PAGESIZE) == SIM_PAGE_BYTES)
        pages->table = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
}

void sim_pages_close(struct sim_pages *pages)
{
    if (pages->table >= 0)
        close(pages->table);
    pages->table = -1;
}

/* Whether the page was ever touched: it is in memory or in the swap space, as the upper two bits of
 * its entry say. Without a table every page may have been. */
static bool may_hold(struct sim_pages *pages, uint32_t page)
{
    const size_t size = sizeof pages->entries;
    const uint32_t per_read = size / sizeof pages->entries[0];
    if (page >= pages->known && pages->table >= 0) {
        off_t first = (off_t)((uintptr_t)pages->mram / SIM_PAGE_BYTES + page);
        if (pread(pages->table, pages->entries, size, first * 8) != (ssize_t)size)
            sim_pages_close(pages);
        pages->known = page + per_read;
    }
    return pages->table < 0 || pages->entries[page % per_read] >> 62;
}

static bool is_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, SIM_PAGE_BYTES - 1) == 0;
}

bool sim_pages_next(struct sim_pages *pages, uint32_t *page)
{
    while (pages->next < PAGES) {
        *page = pages->next++;
        if (may_hold(pages, *page) && !is_zero(pages->mram + *page * (size_t)SIM_PAGE_BYTES))
            return true;
    }
    return false;
}

size_t sim_dpu_mram_used(const struct sim_dpu *dpu)
{
    struct sim_pages pages;
    size_t end = 0;
    sim_pages_open(&pages, dpu);
    for (uint32_t page; sim_pages_next(&pages, &page);)
        end = (page + 1) * (size_t)SIM_PAGE_BYTES;
    sim_pages_close(&pages);
    return end;
}

/* ---- digests --------------------------------------------------------------------------------- */

uint64_t sim_digest(uint64_t hash, const void *data, size_t len_bytes)
{
    for (size_t at = 0; at < len_bytes; at += 8) {
        uint64_t word = 0;
        memcpy(&word, (const char *)data + at, len_bytes - at < 8 ? len_bytes - at : 8);
        hash = (hash ^ word) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    return hash;
}

static uint64_t digest_mram(const struct sim_dpu *d)
{
    struct sim_pages pages;
    uint64_t hash = 0;
    sim_pages_open(&pages, d);
    for (uint32_t page; sim_pages_next(&pages, &page);) {
        uint64_t number = page;
        hash = sim_digest(hash, &number, sizeof number);
        hash = sim_digest(hash, d->mram + page * (size_t)SIM_PAGE_BYTES, SIM_PAGE_BYTES);
    }
    sim_pages_close(&pages);
    return hash;
}

uint64_t sim_dpu_digest(const struct sim_dpu *dpu, enum isa_memory memory)
{
    switch (memory) {
    case ISA_MRAM:
        return digest_mram(dpu);
    case ISA_WRAM:
        return sim_digest(0, dpu->wram, dpu->wram_units[0]);
    case ISA_IRAM:
        return sim_digest(0, dpu->code->word, sizeof dpu->code->word);
    default:
        return sim_digest(0, dpu->atomic, sizeof dpu->atomic);
    }
}
