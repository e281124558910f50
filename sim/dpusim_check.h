/* SPDX-License-Identifier: MIT */
/* Tests of kernels in C with Check (https://libcheck.github.io/check): a DPU per test, calls of its
 * functions, comparisons that say what the DPU says. Include after check.h; link with libdpusim and
 * check.
 *
 *   START_TEST(sum_adds_all)
 *   {
 *       struct sim_dpu *dpu = dpu_check_open("kernel.elf");
 *       dpu_check_write(dpu, "numbers", (int[]){1, 2, 3}, 12);
 *       ck_assert_int_eq(dpu_check_call(dpu, "sum", 2, (union sim_value[]){
 *           {.p = dpu_check_address(dpu, "numbers")}, {.u = 3}}).i, 6);
 *       sim_dpu_destroy(dpu);
 *   }
 *   END_TEST */
#ifndef DPUSIM_CHECK_H
#define DPUSIM_CHECK_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "dpusim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Instructions after which a function that is called counts as one that does not return. */
#ifndef DPU_CHECK_MAX_INSTRUCTIONS
#define DPU_CHECK_MAX_INSTRUCTIONS 100000000
#endif

/* A DPU with that program loaded. Fails the test when the file is none. */
static inline struct sim_dpu *dpu_check_open(const char *path)
{
    struct sim_dpu *dpu = NULL;
    struct isa_diag diag = {""};
    if (sim_dpu_create(&dpu, NULL, &diag) != DPUSIM_OK ||
        sim_dpu_load_file(dpu, path, &diag) != DPUSIM_OK)
        ck_abort_msg("%s", diag.text);
    return dpu;
}

/* Offset of a symbol, or of what "table[2].x" names, in its memory: what a pointer to it holds. */
static inline struct sim_place dpu_check_place(const struct sim_dpu *dpu, const char *name)
{
    struct sim_place place;
    struct isa_diag diag = {""};
    if (sim_dpu_find(dpu, name, &place, &diag) != DPUSIM_OK)
        ck_abort_msg("%s", diag.text);
    return place;
}

static inline uint32_t dpu_check_address(const struct sim_dpu *dpu, const char *name)
{
    return dpu_check_place(dpu, name).offset_bytes;
}

/* Copy to and from the place of a value. */
static inline void dpu_check_write(struct sim_dpu *dpu, const char *name, const void *data,
                                   size_t len_bytes)
{
    struct sim_place place = dpu_check_place(dpu, name);
    struct isa_diag diag = {""};
    if (sim_dpu_write(dpu, place.memory, place.offset_bytes, data, len_bytes, &diag) != DPUSIM_OK)
        ck_abort_msg("%s: %s", name, diag.text);
}

static inline void dpu_check_read(const struct sim_dpu *dpu, const char *name, void *data,
                                  size_t len_bytes)
{
    struct sim_place place = dpu_check_place(dpu, name);
    struct isa_diag diag = {""};
    if (sim_dpu_read(dpu, place.memory, place.offset_bytes, data, len_bytes, &diag) != DPUSIM_OK)
        ck_abort_msg("%s: %s", name, diag.text);
}

/* Call a function with the types of the program's debug information. A fault fails the test with
 * its explanation. */
static inline union sim_value dpu_check_call(struct sim_dpu *dpu, const char *function,
                                             unsigned n_arguments, const union sim_value *arguments)
{
    struct sim_call call = {function, NULL, arguments, n_arguments, 0, DPU_CHECK_MAX_INSTRUCTIONS};
    union sim_value result;
    struct isa_diag diag = {""};
    char text[4096] = "";
    result.ul = 0;
    if (sim_dpu_call(dpu, &call, &result, &diag) != DPUSIM_OK) {
        sim_dpu_explain_fault(dpu, text, sizeof text);
        ck_abort_msg("%s\n%s", diag.text, text);
    }
    return result;
}

/* Run the whole program. A fault fails the test with its explanation. */
static inline void dpu_check_run(struct sim_dpu *dpu)
{
    struct sim_outcome outcome;
    struct isa_diag diag = {""};
    char text[4096] = "";
    if (sim_dpu_boot(dpu, &diag) != DPUSIM_OK)
        ck_abort_msg("%s", diag.text);
    sim_dpu_run(dpu, NULL, &outcome);
    sim_dpu_explain_fault(dpu, text, sizeof text);
    if (outcome.stop != SIM_DONE)
        ck_abort_msg("the program did not end well\n%s", text);
}

#ifdef __cplusplus
}
#endif

#endif
