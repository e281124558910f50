/* SPDX-License-Identifier: MIT */
/* Host programs as tests: DPU programs from assembly text, sets that hold them, errors with names.
 * Include after check.h; link with libdpu.so. */
#ifndef DRIVER_HELP_H
#define DRIVER_HELP_H

#include <dpu.h>
#include <dpu_config.h>
#include <dpu_debug.h>
#include <dpu_elf.h>
#include <dpu_loader.h>
#include <dpu_management.h>
#include <dpu_memory.h>
#include <dpu_program.h>
#include <dpu_runner.h>
#include <dpu_transfer_matrix.h>
#include <time.h>
#include <unistd.h>

#include "sim_help.h"

enum { TASKLETS = 16, LONGEST_WAIT_S = 60 };

/* ---- programs -------------------------------------------------------------------------------- */

static inline struct isa_bytes image_of(const char *text)
{
    static const char head[] = ".text\n.globl __bootstrap\n__bootstrap:\n";
    struct isa_report report = {fail_on_error, NULL};
    struct isa_link_options options = {.chip = ISA_CHIP_V1A, .keep_unused = true};
    struct isa_bytes object_image, image;
    char *whole = malloc(strlen(text) + sizeof head + 1);
    sprintf(whole, "%s%s\n", head, text);
    struct isa_object *object = assemble(whole, false);
    ck_assert_int_eq(isa_object_write(object, &object_image, NULL), DPUSIM_OK);
    struct isa_link_input input = {.name = "test.o", .data = object_image};
    ck_assert_int_eq(isa_link(&image, &input, 1, &options, &report), DPUSIM_OK);
    isa_object_destroy(object);
    free((void *)(uintptr_t)object_image.data);
    free(whole);
    return image;
}

/* ---- errors ---------------------------------------------------------------------------------- */

#define ck_assert_error(expression, expected)                                                      \
    do {                                                                                           \
        dpu_error_t got_ = (expression), wanted_ = (expected);                                     \
        char *got_text_ = dpu_error_to_string(got_), *wanted_text_ = dpu_error_to_string(wanted_); \
        ck_assert_msg(got_ == wanted_, "%s: %s, wanted %s", #expression, got_text_, wanted_text_); \
        free(got_text_);                                                                           \
        free(wanted_text_);                                                                        \
    } while (0)
#define ck_assert_ok(expression) ck_assert_error(expression, DPU_OK)

/* ---- sets ------------------------------------------------------------------------------------ */

struct host {
    struct dpu_set_t set;
    struct dpu_rank_t *rank; /* the first */
    struct dpu_t *dpus[256]; /* in the order of DPU_FOREACH */
    uint32_t nr_dpus;
};

/* What is provoked need not be told. */
static inline void be_quiet(void)
{
    setenv("UPMEM_VERBOSE", "0", 1);
    setenv("UPMEM_PROFILE", "simReport=false", 1);
}

static inline struct host host_open(uint32_t nr_dpus, const char *profile)
{
    struct host host;
    struct dpu_set_t dpu;
    uint32_t i;
    ck_assert_ok(dpu_alloc(nr_dpus, profile, &host.set));
    host.nr_dpus = nr_dpus;
    DPU_FOREACH (host.set, dpu, i)
        host.dpus[i] = dpu_from_set(dpu);
    host.rank = dpu_get_rank(host.dpus[0]);
    return host;
}

static inline void host_load(const struct host *host, const char *text)
{
    struct isa_bytes image = image_of(text);
    ck_assert_ok(
        dpu_load_from_memory(host->set, (uint8_t *)(uintptr_t)image.data, image.len_bytes, NULL));
    free((void *)(uintptr_t)image.data);
}

static inline struct host host_with(uint32_t nr_dpus, const char *text)
{
    struct host host = host_open(nr_dpus, NULL);
    host_load(&host, text);
    return host;
}

static inline struct dpu_set_t host_dpu(const struct host *host, uint32_t i)
{
    return dpu_set_from_dpu(host->dpus[i]);
}

static inline void host_close(const struct host *host)
{
    ck_assert_ok(dpu_free(host->set));
}

/* ---- words of WRAM by symbol ----------------------------------------------------------------- */

static inline wram_addr_t word_of(const struct host *host, const char *name)
{
    struct dpu_symbol_t symbol;
    struct dpu_program_t *program = dpu_get_program(host->dpus[0]);
    ck_assert_ok(dpu_get_symbol(program, name, &symbol));
    return symbol.address / 4;
}

static inline uint32_t get_word(struct dpu_t *dpu, wram_addr_t at)
{
    uint32_t word;
    ck_assert_ok(dpu_copy_from_wram_for_dpu(dpu, &word, at, 1));
    return word;
}

static inline void set_word(struct dpu_t *dpu, wram_addr_t at, uint32_t word)
{
    ck_assert_ok(dpu_copy_to_wram_for_dpu(dpu, at, &word, 1));
}

/* ---- waiting --------------------------------------------------------------------------------- */

#define WAIT_UNTIL(condition)                                                                      \
    do {                                                                                           \
        time_t end_ = time(NULL) + LONGEST_WAIT_S;                                                 \
        while (!(condition)) {                                                                     \
            ck_assert_msg(time(NULL) < end_, "waited too long for %s", #condition);                \
            usleep(100);                                                                           \
        }                                                                                          \
    } while (0)

static inline bool is_done(struct dpu_rank_t *rank)
{
    bool done = false;
    ck_assert_ok(dpu_poll_rank(rank));
    ck_assert_ok(dpu_status_rank(rank, &done, NULL));
    return done;
}

static inline void wait_done(struct dpu_rank_t *rank)
{
    WAIT_UNTIL(is_done(rank));
}

#endif
