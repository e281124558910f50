/* SPDX-License-Identifier: MIT */
/* Fuzz target: settings as a text, as a file and one by one. What is refused comes with a sentence
 * and changes nothing; what is taken is printed, and taken again, as the same; a configuration that
 * is accepted as a whole runs a DPU. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dpusim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static bool is_same(const struct sim_config *a, const struct sim_config *b)
{
    return a->chip == b->chip && a->follow_program == b->follow_program && a->mode == b->mode &&
           a->order_seed == b->order_seed && a->count_mix == b->count_mix &&
           memcmp(a->timing, b->timing, sizeof a->timing) == 0;
}

static void check_outcome(enum dpusim_status status, const struct isa_diag *diag,
                          const struct sim_config *before, const struct sim_config *after)
{
    demand(status == DPUSIM_OK || status == DPUSIM_BAD_ARGUMENT);
    demand(!status || (diag->text[0] && is_same(before, after)));
}

/* Values within their range, and a text for each that gives it back. The defaults are looked at
 * once. */
static void check_values(const struct sim_config *config, const struct sim_config *defaults)
{
    static bool defaults_seen;
    bool are_defaults = is_same(config, defaults);
    if (are_defaults && defaults_seen)
        return;
    defaults_seen |= are_defaults;
    struct sim_config again;
    char text[128];
    sim_config_init(&again);
    for (unsigned i = 0; i < SIM_TIMING_COUNT; i++) {
        const struct sim_timing_info *info = sim_timing_get((enum sim_timing)i);
        demand(config->timing[i] >= info->lowest && config->timing[i] <= info->highest);
    }
    again.chip = config->chip; /* "program" keeps what is there */
    for (unsigned i = 0; i < SIM_SETTING_COUNT; i++) {
        sim_setting_text(config, i, text, sizeof text);
        demand(sim_config_set(&again, sim_setting_name(i), text, "fuzz", NULL, NULL) == DPUSIM_OK);
    }
    demand(is_same(config, &again));
}

static void try_text(struct sim_config *config, const char *text)
{
    struct sim_config before;
    struct sim_origins origins, origins_before;
    struct isa_diag diag = {""};
    sim_config_init(config);
    sim_origins_init(&origins);
    before = *config;
    origins_before = origins;
    enum dpusim_status status = sim_config_set_all(config, text, "fuzz", &origins, &diag);
    check_outcome(status, &diag, &before, config);
    demand(!status || memcmp(&origins, &origins_before, sizeof origins) == 0);
    check_values(config, &before);
}

static void try_file(const uint8_t *data, size_t size)
{
    struct sim_config before, config;
    struct isa_diag diag = {""};
    char path[64];
    int fd = memfd_create("settings", 0);
    demand(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    sim_config_init(&config);
    before = config;
    enum dpusim_status status = sim_config_read_file(&config, path, NULL, &diag);
    close(fd);
    check_outcome(status, &diag, &before, &config);
    check_values(&config, &before);
}

/* Instructions that transfer and count, in the machine of the settings. */
static void try_machine(struct sim_config *config)
{
    enum { INSNS = 12, MOST = 60 };
    struct isa_diag diag = {""};
    struct sim_dpu *dpu = NULL;
    struct sim_outcome outcome;
    enum dpusim_status status = sim_config_check(config, &diag);
    demand(!status || diag.text[0]);
    demand((sim_dpu_create(&dpu, config, &diag) == DPUSIM_OK) == (status == DPUSIM_OK));
    if (!dpu)
        return;
    for (uint32_t pc = 0; pc < INSNS; pc++) {
        const int64_t transfer[ISA_MAX_OPERANDS] = {24, 0, pc}, add[ISA_MAX_OPERANDS] = {1, 1, 8};
        uint64_t word = pc % 3 ? isa_encode(&isa_form_get(ISA_ADD_RRI)->pattern, add)
                               : isa_encode(&isa_form_get(ISA_LDMA_RRI)->pattern, transfer);
        demand(sim_dpu_write(dpu, ISA_IRAM, pc * ISA_INSN_BYTES, &word, sizeof word, &diag) ==
               DPUSIM_OK);
    }
    for (unsigned i = 0; i < 3; i++)
        (void)!sim_dpu_set_thread(dpu, i, &(struct sim_thread_state){.running = true});
    sim_dpu_run(dpu, &(struct sim_limits){.max_instructions = MOST}, &outcome);
    demand(outcome.instructions <= MOST);
    sim_dpu_destroy(dpu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sim_config config;
    char *text = malloc(size + 1);
    demand(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    try_text(&config, text);
    try_machine(&config);
    try_file(data, size);
    free(text);
    return 0;
}
