/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over files without libFuzzer, so that `make test` keeps targets and seeds
 * alive: each file whole, cut short, and with single bytes changed. A failing target aborts. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int main(int argc, char **argv)
{
    static uint8_t data[MOST_BYTES];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        size_t size = fread(data, 1, sizeof data, file);
        fclose(file);
        feed_variants(data, size);
    }
    printf("%d passed, 0 failed\n", argc - 1);
    return 0;
}
