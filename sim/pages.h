/* SPDX-License-Identifier: MIT */
/* Pages of MRAM that are not all zero, and digests of bytes. Private to sim/. */
#ifndef SIM_PAGES_H
#define SIM_PAGES_H

#include "state.h"

#define SIM_PAGE_BYTES 4096

/* Where somebody is who goes over the pages; its fields are pages.c's own. */
struct sim_pages {
    const uint8_t *mram;
    uint32_t next, known; /* the page to look at; pages below it are in entries, or were */
    int table;            /* file with the system's page table; -1: none */
    uint64_t entries[512];
};

void sim_pages_open(struct sim_pages *pages, const struct sim_dpu *d);
/* The next page that is not all zero, ascending. False: no more. */
bool sim_pages_next(struct sim_pages *pages, uint32_t *page);
void sim_pages_close(struct sim_pages *pages);

/* Goes on with a digest of earlier bytes, or starts with any number: FNV-1a over 64-bit words, with
 * the upper bits mixed in. A last word that is cut counts as if zeros followed. */
uint64_t sim_digest(uint64_t hash, const void *data, size_t len_bytes);

#endif
