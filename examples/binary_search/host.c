/* SPDX-License-Identifier: MIT */
/* Binary search: every DPU gets all keys and a part of the queries.
 *
 *   usage: host KERNEL [NUMBER OF DPUS [NUMBER OF QUERIES]] */
#include "host.h"

enum { KEYS = 50000 };

/* Distances of 0 to 6: some keys are there twice, some numbers are not there. */
static void fill_keys(uint64_t *keys)
{
    uint32_t state = 1;
    uint64_t key = 100;
    for (uint32_t i = 0; i < KEYS; i++)
        keys[i] = key += random_number(&state) % 7;
}

/* Also below the first key and above the last. */
static void fill_queries(uint64_t *queries, uint32_t count, uint64_t last_key)
{
    uint32_t state = 2;
    for (uint32_t i = 0; i < count; i++)
        queries[i] = random_number(&state) % (last_key + 100);
}

/* Without a search: index i is right if the query is between keys i - 1 and i. */
static bool is_right(const uint64_t *keys, uint64_t query, uint64_t i)
{
    return i <= KEYS && (i == 0 || keys[i - 1] < query) && (i == KEYS || keys[i] >= query);
}

int main(int argc, char **argv)
{
    struct job job = start_job(argc, argv, 20011, "QUERIES");
    uint32_t share = share_of(job.size, job.nr_dpus, 1), n = KEYS, right = 0;
    uint32_t *parts = parts_of(job.size, share, job.nr_dpus);
    uint64_t *keys = allocate(KEYS, sizeof *keys);
    uint64_t *queries = allocate((size_t)share * job.nr_dpus, sizeof *queries);
    uint64_t *found = allocate((size_t)share * job.nr_dpus, sizeof *found);
    fill_keys(keys);
    fill_queries(queries, job.size, keys[KEYS - 1]);

    broadcast(&job, "n", &n, sizeof n);
    broadcast(&job, "keys", keys, KEYS * sizeof *keys);
    scatter(&job, "nr_queries", parts, sizeof *parts);
    scatter(&job, "queries", queries, share * sizeof *queries);
    launch(&job);
    gather(&job, "found", found, share * sizeof *found);

    for (uint32_t i = 0; i < job.size; i++)
        right += is_right(keys, queries[i], found[i]);
    free(parts);
    free(keys);
    free(queries);
    free(found);
    return finish_job(&job, "searches", right, job.size);
}
