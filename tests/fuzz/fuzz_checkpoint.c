/* SPDX-License-Identifier: MIT */
/* Fuzz target: saved states and core files. What is accepted must run, explain itself, be shown and
 * be saved again. The checksum of a state is made right, else nothing behind it would be reached.
 * The input is an image, and changes of an image of ours as well: pairs of place and value, of the
 * state or of the core file as the last byte says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dpusim.h"
#include "pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SUM_BYTES = 8, PATCH_BYTES = 5, MOST_PATCHES = 64 };

static struct isa_program *program;
static struct isa_bytes saved[2]; /* a state, a core file */

static void make_images(void)
{
    static const char text[] = ".text\n.globl __bootstrap\n__bootstrap: move r0, 0x2000\n"
                               "ldma r0, r0, 1\nadd r1, r1, 1\njltu r1, 100, __bootstrap\n"
                               "fault 3\n.data\n.globl word\nword: .long 1\n.size word, 4\n";
    struct isa_object *object;
    struct isa_bytes bytes, image;
    struct isa_link_options options = {.chip = ISA_CHIP_V1A, .keep_unused = true};
    struct sim_config config;
    struct sim_dpu *dpu;
    struct sim_outcome outcome;
    sim_config_init(&config);
    config.mode = SIM_CYCLE;
    if (isa_assemble(&object, (struct isa_bytes){(const uint8_t *)text, strlen(text)}, "x.s", NULL,
                     NULL) ||
        isa_object_write(object, &bytes, NULL))
        abort();
    struct isa_link_input input = {.name = "x.o", .data = bytes};
    if (isa_link(&image, &input, 1, &options, NULL) ||
        isa_program_read(&program, image, "x", NULL, NULL) || sim_dpu_create(&dpu, &config, NULL) ||
        sim_dpu_load(dpu, program, NULL) || sim_dpu_boot(dpu, NULL))
        abort();
    sim_dpu_run(dpu, &(struct sim_limits){.max_instructions = 200}, &outcome);
    if (sim_dpu_save(dpu, &saved[0], NULL) || sim_dpu_save_core(dpu, &saved[1], NULL))
        abort();
    isa_object_destroy(object);
    free((void *)(uintptr_t)bytes.data);
    free((void *)(uintptr_t)image.data);
    sim_dpu_destroy(dpu);
}

static void make_sum_right(uint8_t *image, size_t len_bytes)
{
    if (len_bytes < SUM_BYTES)
        return;
    uint64_t sum = sim_digest(0, image, len_bytes - SUM_BYTES);
    memcpy(image + len_bytes - SUM_BYTES, &sum, SUM_BYTES);
}

static void look(struct sim_dpu *dpu)
{
    char text[4096];
    struct sim_outcome outcome;
    struct sim_place place;
    struct sim_frame frames[8];
    struct isa_bytes again;
    struct isa_diag diag;
    (void)sim_dpu_explain_fault(dpu, text, sizeof text);
    for (unsigned t = 0; t < ISA_MAX_THREADS; t++)
        (void)sim_dpu_backtrace(dpu, t, frames, 8);
    (void)!sim_dpu_find(dpu, "word", &place, &diag);
    (void)sim_place_name(sim_dpu_program(dpu), ISA_WRAM, 8, &place, text, sizeof text);
    sim_dpu_run(dpu, &(struct sim_limits){.max_instructions = 2000}, &outcome);
    (void)sim_dpu_explain_fault(dpu, text, sizeof text);
    if (sim_dpu_save(dpu, &again, &diag) == DPUSIM_OK)
        free((void *)(uintptr_t)again.data);
}

static void open_image(struct isa_bytes image)
{
    struct isa_diag diag;
    struct sim_dpu *dpu;
    if (sim_dpu_open(&dpu, image, "fuzz", program, &diag) != DPUSIM_OK)
        return;
    look(dpu);
    sim_dpu_destroy(dpu);
}

/* An image of ours with some bytes changed: four bytes of place, one of value, each. */
static void open_patched(struct isa_bytes original, const uint8_t *data, size_t size, bool sum)
{
    uint8_t *copy = malloc(original.len_bytes);
    if (!copy)
        return;
    memcpy(copy, original.data, original.len_bytes);
    for (size_t i = 0; i + PATCH_BYTES <= size && i < MOST_PATCHES * PATCH_BYTES;
         i += PATCH_BYTES) {
        uint32_t at;
        memcpy(&at, data + i, sizeof at);
        copy[at % original.len_bytes] = data[i + PATCH_BYTES - 1];
    }
    if (sum)
        make_sum_right(copy, original.len_bytes);
    open_image((struct isa_bytes){copy, original.len_bytes});
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!program)
        make_images();
    open_image((struct isa_bytes){data, size});
    bool core = size > 0 && data[size - 1] & 1;
    open_patched(saved[core], data, size, !core);
    return 0;
}
