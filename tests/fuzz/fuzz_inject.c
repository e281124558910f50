/* SPDX-License-Identifier: MIT */
/* Fuzz target: specifications of injections. A text is refused with a sentence, or has a canonical
 * form that says the same and is its own; all of an input armed together let a small program run to
 * some end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dpusim.h"

enum { TEXT_BYTES = 1024, BUDGET = 400 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

/* Counts, stores, transfers, locks and boots, without a program file. */
static const uint64_t code[] = {
    0x000300100000, /* add r0, r0, 1 */
    0x7e6044000000, /* sw zero, 64, r0 */
    0x700400040000, /* ldma r1, r2, 0 */
    0x7df320100000, /* boot id, 1 */
    0x7c6381300005, /* acquire zero, 3, true, 5 */
    0x7c6380300006, /* release zero, 3, nz, 6 */
    0x700400040002, /* sdma r1, r2, 0 */
    0x8c6300000000, /* jump 0 */
};

static struct sim_dpu *dpu_with_code(void)
{
    struct sim_thread_state start = {.running = true};
    struct sim_dpu *dpu;
    demand(sim_dpu_create(&dpu, NULL, NULL) == DPUSIM_OK);
    demand(sim_dpu_write(dpu, ISA_IRAM, 0, code, sizeof code, NULL) == DPUSIM_OK);
    demand(sim_dpu_set_thread(dpu, 0, &start) == DPUSIM_OK);
    return dpu;
}

static void run(struct sim_dpu *dpu, unsigned n_injections)
{
    struct sim_limits limits = {.max_instructions = BUDGET};
    struct sim_outcome outcome;
    struct sim_injected injected;
    sim_dpu_run(dpu, &limits, &outcome);
    demand(outcome.instructions <= BUDGET);
    for (unsigned i = 0; i < n_injections; i++)
        demand(sim_dpu_injected(dpu, i, &injected));
    demand(!sim_dpu_injected(dpu, n_injections, &injected));
}

struct armed {
    struct sim_dpu *dpu; /* created for the first that is accepted */
    unsigned count;
};

static enum dpusim_status take(void *context, const char *spec)
{
    struct isa_diag diag = {""};
    struct sim_injection first, second;
    char text[TEXT_BYTES], again[TEXT_BYTES];
    struct armed *armed = context;
    enum dpusim_status status = sim_injection_parse(&first, spec, NULL, &diag);
    if (status) {
        demand(diag.text[0] != '\0');
        return DPUSIM_OK;
    }
    demand(sim_injection_text(&first, text, sizeof text) < TEXT_BYTES);
    demand(sim_injection_parse(&second, text, NULL, &diag) == DPUSIM_OK);
    sim_injection_text(&second, again, sizeof again);
    demand(strcmp(text, again) == 0);
    if (!armed->dpu)
        armed->dpu = dpu_with_code();
    status = sim_dpu_inject(armed->dpu, &first, &diag);
    demand(status == DPUSIM_OK || (armed->count > 0 && diag.text[0]));
    armed->count += status == DPUSIM_OK;
    return DPUSIM_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    demand(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *at = text; (at = strchr(at, '@'));)
        *at = 'a'; /* no files */
    struct armed armed = {NULL, 0};
    demand(sim_spec_each(text, take, &armed, NULL) != DPUSIM_INTERNAL);
    if (armed.dpu)
        run(armed.dpu, armed.count);
    sim_dpu_destroy(armed.dpu);
    free(text);
    return 0;
}
