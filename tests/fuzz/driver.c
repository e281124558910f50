/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over files without libFuzzer, so that `make test` keeps targets and seeds
 * alive: each file whole, cut short, and with single bytes changed. A failing target aborts.
 *
 *   usage: fuzz_NAME FILE...
 *          fuzz_NAME --soak SECONDS FILE...
 *          fuzz_NAME --runs COUNT FILE...
 *
 * --soak and --runs feed random changes of the files for so long, or so many of them, and demand
 * that memory and open files stay what they were after the first fifth. */
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20, CUTS = 24, CHANGES = 96 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The target gets a heap copy of exactly its size, so that sanitizers see a read past the end. */
static void feed(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (copy == NULL)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void feed_variants(uint8_t *data, size_t size)
{
    uint32_t seed = 1;
    feed(data, size);
    for (size_t i = 0; i < CUTS; i++)
        feed(data, size * i / CUTS);
    for (size_t i = 0; i < CHANGES && size > 0; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint8_t *byte = &data[(seed >> 8) % (i < CHANGES / 2 && size > 128 ? 128 : size)];
        uint8_t before = *byte;
        *byte = (uint8_t)(seed >> 24);
        feed(data, size);
        *byte = before;
    }
}

static size_t read_file(uint8_t *data, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    size_t size = fread(data, 1, MOST_BYTES, file);
    fclose(file);
    return size;
}

/* ---- soak ------------------------------------------------------------------------------------ */

enum { MOST_EDITS = 8, MOST_SOAK_BYTES = 1 << 16, MORE_KIB = 16384, WARM_UP = 5, PER_CENT = 10 };

static uint64_t chance(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

/* A byte, a piece left out, or a piece of the file somewhere else in it. */
static size_t edit(uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t at = chance() % size, length = chance() % (size - at) % 64, to = chance() % size;
    switch (chance() % 4) {
    case 0:
        memmove(data + at, data + at + length, size - at - length);
        return size - length;
    case 1:
        if (size + length > MOST_SOAK_BYTES)
            return size;
        memmove(data + at + length, data + at, size - at);
        return size + length;
    case 2:
        memmove(data + to, data + at, length < size - to ? length : size - to);
        return size;
    default:
        data[at] = (uint8_t)chance();
        return size;
    }
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct use {
    long kib, files;
};

static struct use use_now(void)
{
    struct use use = {0, 0};
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
        abort();
    fclose(file);
    use.kib = pages * (sysconf(_SC_PAGESIZE) / 1024);
    DIR *directory = opendir("/proc/self/fd");
    while (directory != NULL && readdir(directory) != NULL)
        use.files++;
    closedir(directory);
    return use;
}

static void feed_random(int n_files, char **files, uint8_t *data)
{
    size_t size = read_file(data, files[chance() % (unsigned)n_files]);
    if (size > MOST_SOAK_BYTES)
        size = MOST_SOAK_BYTES;
    for (uint64_t edits = chance() % MOST_EDITS; edits > 0; edits--)
        size = edit(data, size);
    feed(data, size);
}

/* Until so many seconds, or inputs, have passed since the start. */
struct limit {
    double seconds;
    uint64_t inputs;
};

static int soak(struct limit limit, int n_files, char **files, uint8_t *data)
{
    double start = now_seconds();
    uint64_t inputs = 0;
    for (; inputs < limit.inputs / WARM_UP && now_seconds() - start < limit.seconds / WARM_UP;
         inputs++)
        feed_random(n_files, files, data);
    struct use warm = use_now();
    for (; inputs < limit.inputs && now_seconds() - start < limit.seconds; inputs++)
        feed_random(n_files, files, data);
    struct use end = use_now();
    bool flat = end.kib <= warm.kib + warm.kib * PER_CENT / 100 + MORE_KIB;
    printf("%" PRIu64 " inputs in %.0f s; memory %ld KiB, then %ld KiB; %ld files, then %ld\n",
           inputs, now_seconds() - start, warm.kib, end.kib, warm.files, end.files);
    return !flat || end.files > warm.files;
}

int main(int argc, char **argv)
{
    static uint8_t data[MOST_BYTES];
    mallopt(M_MMAP_THRESHOLD, 1 << 22); /* what is free stays with the process: */
    mallopt(M_TRIM_THRESHOLD, 1 << 26); /* giving it back and forth took most of the time */
    if (argc > 3 && strcmp(argv[1], "--soak") == 0)
        return soak((struct limit){strtod(argv[2], NULL), UINT64_MAX}, argc - 3, argv + 3, data);
    if (argc > 3 && strcmp(argv[1], "--runs") == 0)
        return soak((struct limit){HUGE_VAL, strtoull(argv[2], NULL, 10)}, argc - 3, argv + 3,
                    data);
    for (int i = 1; i < argc; i++)
        feed_variants(data, read_file(data, argv[i]));
    printf("%d passed, 0 failed\n", argc - 1);
    return 0;
}
